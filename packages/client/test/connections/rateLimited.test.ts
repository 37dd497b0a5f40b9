import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import * as Effect from "effect/Effect"
import { isThorough } from "../../../../scripts/thorough.js"
import * as DashScope from "../../src/DashScope.js"
import * as Generation from "../../src/Generation.js"

describe("a batch against a rate limit", () => {
  // A busy machine has to meet the limit too.
  const { concurrency, prompts, requests } = isThorough
    ? { prompts: 600, requests: 100, concurrency: 64 }
    : { prompts: 80, requests: 40, concurrency: 26 }

  it.scopedLive("loses next to nothing with the defaults", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ rateLimit: { requests, perMillis: 1000 } })
      const live = DashScope.layer({
        endpoint: simulator.url,
        apiKey: "sk-test",
        connection: ConnectionConfig.make({ connectionPoolSize: concurrency })
      })
      const outcomes = yield* Effect.forEach(
        Array.from({ length: prompts }, (_, n) => n),
        (n) => Effect.either(Generation.call({ model: "qwen-plus", prompt: `Question ${n}` })),
        { concurrency }
      ).pipe(Effect.provide(live))
      assert.isAtLeast(outcomes.filter(({ _tag }) => _tag === "Right").length, 0.99 * prompts)
      const { totalRequests } = yield* simulator.stats
      // The limit was met, and nobody hammered against it.
      assert.isAbove(totalRequests, prompts)
      assert.isBelow(totalRequests, 6 * prompts)
    }), 120_000)
})
