import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import * as ConnectionPool from "effect-http-pool/ConnectionPool"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as DashScope from "../../src/DashScope.js"
import * as DashScopeClient from "../../src/DashScopeClient.js"

const path = "/services/aigc/text-generation/generation"
const body = { model: "qwen-plus", input: { prompt: "你好" } }

describe("a request with replay \"unsent\", over the pool", () => {
  it.scopedLive("is not made again once it was written", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ apiKeys: ["sk-test"] })
      const live = DashScope.layer({
        endpoint: simulator.url,
        apiKey: "sk-test",
        retry: { maxRetries: 2, baseDelay: "1 millis" },
        connection: ConnectionConfig.make({ connectionPoolSize: 2 })
      })
      const counts: Array<number> = []
      const ask = (replay: "always" | "unsent") =>
        Effect.gen(function*() {
          const client = yield* DashScopeClient.DashScopeClient
          const before = (yield* simulator.stats).totalRequests
          yield* Effect.exit(client.execute({ path, body, replay }))
          counts.push((yield* simulator.stats).totalRequests - before)
        })
      yield* Effect.gen(function*() {
        for (const behavior of [{ fault: { _tag: "ResetBeforeHeaders" } }, { error: { status: 503 } }] as const) {
          yield* simulator.setBehavior(behavior)
          yield* ask("always")
          yield* ask("unsent")
        }
      }).pipe(Effect.provide(live))
      assert.deepStrictEqual(counts, [3, 1, 3, 1])
    }), 60_000)

  it.scopedLive(
    "is not sent again by the pool, where the connection was one that the server had given up",
    () =>
      Effect.gen(function*() {
        const simulator = yield* Simulator.make({ apiKeys: ["sk-test"] })
        const counts: Array<number> = []
        const ask = (request: Partial<DashScopeClient.Request>) =>
          Effect.gen(function*() {
            const client = yield* DashScopeClient.DashScopeClient
            yield* simulator.setBehavior({})
            yield* client.execute({ path, body })
            yield* simulator.setBehavior({ fault: { _tag: "ResetBeforeHeaders" } })
            const before = (yield* simulator.stats).totalRequests
            yield* Effect.exit(client.execute({ path, body, ...request }))
            yield* Effect.exit(Stream.runDrain(client.stream({ path, body, ...request })))
            counts.push((yield* simulator.stats).totalRequests - before)
          })
        yield* Effect.gen(function*() {
          yield* ask({})
          yield* ask({ replay: "unsent" })
        }).pipe(Effect.provide(DashScope.layer({ endpoint: simulator.url, apiKey: "sk-test", retry: false })))
        // The second request of each has a new connection anyway.
        assert.deepStrictEqual(counts, [3, 2])
      }),
    60_000
  )

  it.scopedLive("is made again where no connection came about", () =>
    Effect.gen(function*() {
      const decisions: Array<string> = []
      const config = ConnectionConfig.make({ connectionPoolSize: 2 })
      const pool = yield* ConnectionPool.make(config)
      yield* Effect.forkScoped(Stream.runForEach(pool.events, (event) =>
        Effect.sync(() => {
          if (event._tag === "RetryDecided") decisions.push(event.decision)
        })))
      yield* Effect.yieldNow()
      const error = yield* Effect.gen(function*() {
        const client = yield* DashScopeClient.DashScopeClient
        return yield* Effect.flip(client.execute({ path, body, replay: "unsent" }))
      }).pipe(Effect.provide(DashScope.layerPool(pool, {
        endpoint: "http://127.0.0.1:1",
        apiKey: "sk-test",
        retry: { maxRetries: 2, baseDelay: "1 millis" }
      })))
      assert.deepInclude({ ...error }, { _tag: "ConnectionError", reason: "Refused", requestWritten: false })
      yield* Effect.sleep("10 millis").pipe(Effect.repeat({ until: () => decisions.length >= 3, times: 200 }))
      assert.deepStrictEqual(decisions, ["retry", "retry", "attempts"])
    }), 60_000)
})
