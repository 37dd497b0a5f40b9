import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import * as Effect from "effect/Effect"
import { casesOf } from "../../../../scripts/thorough.js"
import * as DashScope from "../../src/DashScope.js"
import * as Generation from "../../src/Generation.js"

describe("a batch against a rate limit", () => {
  const prompts = casesOf(600, 1 / 3)

  it.scopedLive("loses next to nothing with the defaults", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ rateLimit: { requests: 100, perMillis: 1000 } })
      const live = DashScope.layer({
        endpoint: simulator.url,
        apiKey: "sk-test",
        connection: ConnectionConfig.make({ connectionPoolSize: 64 })
      })
      const outcomes = yield* Effect.forEach(
        Array.from({ length: prompts }, (_, n) => n),
        (n) => Effect.either(Generation.call({ model: "qwen-plus", prompt: `Question ${n}` })),
        { concurrency: 64 }
      ).pipe(Effect.provide(live))
      assert.isAtLeast(outcomes.filter(({ _tag }) => _tag === "Right").length, 0.99 * prompts)
      const { totalRequests } = yield* simulator.stats
      // The limit was met, and nobody hammered against it.
      assert.isAbove(totalRequests, prompts)
      assert.isBelow(totalRequests, 6 * prompts)
    }), 120_000)
})
