/**
 * Two calls over one connection, and both ways to close it.
 *
 * It is the documentation's Python sample for synchronous calls: first with `Effect.scoped`, which is `with`; then with
 * a scope that is opened and closed by hand, which is `try` and `finally`.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Scope } from "effect"
import { ConnectionConfig, ConnectionPool, DashScope, Generation } from "effect-dashscope"
import * as Service from "./internal/service.js"

const config = ConnectionConfig.make()

const ask = (prompt: string) =>
  Effect.map(Generation.call({ model: "qwen-plus", prompt }), (result) => `  ${prompt}\n    ${Generation.text(result)}`)

/** One after the other, over the pool that is given. */
const twoCalls = (pool: ConnectionPool.Service) =>
  Effect.gen(function*() {
    yield* Console.log(yield* ask("你好"))
    yield* Console.log(yield* ask("介绍一下你自己"))
    const { acquired, opened, reused } = yield* pool.stats
    yield* Console.log(`  connections opened: ${opened}, requests sent: ${acquired}, over a used connection: ${reused}`)
  }).pipe(Effect.provide(DashScope.layerPool(pool)))

// with requests.Session() as session:
const closedByScoped = Effect.scoped(Effect.flatMap(ConnectionPool.make(config), twoCalls))

// session = requests.Session()
// try: ... finally: session.close()
const closedByHand = Effect.gen(function*() {
  const session = yield* Scope.make()
  const pool = yield* Scope.extend(ConnectionPool.make(config), session)
  yield* twoCalls(pool).pipe(Effect.onExit((exit) => Scope.close(session, exit)))
})

const program = Effect.gen(function*() {
  const { name, simulator } = yield* Service.Service
  const server = simulator === undefined ?
    Effect.void :
    Effect.flatMap(simulator.stats, (seen) =>
      Console.log(
        `  the server saw: ${seen.totalConnections} connection, ${seen.totalRequests} requests; ` +
          `${seen.openConnections} open now`
      ).pipe(Effect.zipRight(simulator.resetStats)))

  yield* Console.log(`Asking: ${name}`)
  yield* Console.log("Closed by Effect.scoped:")
  yield* closedByScoped
  yield* server
  yield* Console.log("Closed by hand:")
  yield* closedByHand
  yield* server
})

program.pipe(
  Effect.provide(Service.layer()),
  NodeRuntime.runMain
)
