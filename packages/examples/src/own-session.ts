/**
 * A connection pool of your own, with its own limits and certificate authority, handed to a call.
 *
 * It is the documentation's Python sample for asynchronous calls: the pool here is the session there, `Effect.scoped` is
 * `async with`, and the pool is closed by the program that made it, never by the call.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { ConnectionConfig, ConnectionPool, DashScope, Generation } from "effect-dashscope"
import { rootCertificates } from "node:tls"
import * as Service from "./internal/service.js"

const ask = Generation.call({ model: "qwen-plus", prompt: "你好，请介绍一下你自己" })

const program = Effect.gen(function*() {
  const { name, simulator } = yield* Service.Service
  yield* Console.log(`Asking: ${name}`)

  const config = ConnectionConfig.make({
    connectionPoolSize: 100, // limit
    maximumAsyncRequestsPerHost: 30, // limit_per_host
    // The simulator has an authority of its own. Node's list is Mozilla's, as certifi's is, and the default.
    tls: { ca: simulator?.ca ?? rootCertificates }
  })

  // The session lives as long as this scope.
  const closed = yield* Effect.scoped(Effect.gen(function*() {
    const pool = yield* ConnectionPool.make(config)

    const result = yield* Effect.provide(ask, DashScope.layerPool(pool))

    yield* Console.log(`Answer: ${Generation.text(result)}`)
    yield* Console.log(`Open:   ${(yield* pool.stats).toString()}`)
    return pool
  }))

  // Here it has been closed, and stays so.
  yield* Console.log(`Closed: ${(yield* closed.stats).toString()}`)
  if (simulator !== undefined) {
    const seen = yield* simulator.stats
    yield* Console.log(`Server: ${seen.openConnections} connections open, ${seen.totalConnections} in all, over TLS`)
  }
  const refusal = yield* Effect.flip(Effect.provide(ask, DashScope.layerPool(closed)))
  yield* Console.log(`One more call: ${refusal._tag}: ${refusal.message}`)
})

program.pipe(
  Effect.provide(Service.layer({ tls: true })),
  NodeRuntime.runMain
)
