import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import * as Effect from "effect/Effect"
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

  it.scopedLive("is made again where no connection came about", () =>
    Effect.gen(function*() {
      const client = yield* DashScopeClient.DashScopeClient
      const error = yield* Effect.flip(client.execute({ path, body, replay: "unsent" }))
      assert.deepInclude({ ...error }, { _tag: "ConnectionError", reason: "Refused", requestWritten: false })
    }).pipe(Effect.provide(DashScope.layer({
      endpoint: "http://127.0.0.1:1",
      apiKey: "sk-test",
      retry: false
    }))), 60_000)
})
