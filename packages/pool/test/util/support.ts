import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { Effect } from "effect"
import { Behavior } from "effect-dashscope-simulator"
import { globalValue } from "effect/GlobalValue"
import * as assert from "node:assert"
import * as ConnectionConfig from "../../src/ConnectionConfig.js"
import type { PoolError } from "../../src/ConnectionError.js"
import { isPoolError } from "../../src/ConnectionError.js"
import * as ConnectionPool from "../../src/ConnectionPool.js"
import * as HttpClient from "../../src/HttpClient.js"

/** A pool, and what tests do with it. It does not wait for the requests that a test leaves behind. */
export const makePool = (input: ConnectionConfig.Input = {}) =>
  Effect.gen(function*() {
    const pool = yield* ConnectionPool.make(ConnectionConfig.make({ shutdownTimeout: "0 seconds", ...input }))
    const client = HttpClient.fromPool(pool)
    return {
      pool,
      client,
      stats: pool.stats,
      /** A text generation, to its last byte. */
      ask: (url: string, behavior?: Behavior.Behavior, text = "你好") =>
        Effect.flatMap(client.execute(generation(url, behavior, text)), (response) => response.text)
    }
  })

export const generation = (url: string, behavior?: Behavior.Behavior, text = "你好") =>
  HttpClientRequest.post(`${url}/services/aigc/text-generation/generation`).pipe(
    HttpClientRequest.setHeaders({
      authorization: "Bearer sk-test",
      ...(behavior === undefined ? undefined : Behavior.toHeaders(behavior))
    }),
    HttpClientRequest.bodyUnsafeJson({ model: "qwen-plus", input: { messages: [{ role: "user", content: text }] } })
  )

/** The typed error of the pool that a failed request carries. */
export const poolErrorOf = <A>(
  effect: Effect.Effect<A, { readonly cause?: unknown }>
): Effect.Effect<PoolError, A> =>
  Effect.map(Effect.flip(effect), ({ cause }) => {
    assert.ok(isPoolError(cause), `not an error of the pool: ${String(cause)}`)
    return cause
  })

/** Nothing in flight, nobody waiting, nothing half open. */
export const assertAllBack = (stats: ConnectionPool.Stats) => {
  assert.deepStrictEqual(
    { inFlight: stats.inFlight, waiting: stats.waiting, connecting: stats.connecting, active: stats.active },
    { inFlight: 0, waiting: 0, connecting: 0, active: 0 }
  )
}

/** The metrics of a process tell only so many hosts apart, and the test files of a worker share one: makes room for new ones. */
export const forgetHosts = Effect.sync(() =>
  globalValue("effect-http-pool/HostMetrics/hosts", () => new Map<string, unknown>()).clear()
)
