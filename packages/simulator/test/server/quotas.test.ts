import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Quota from "../../src/Quota.js"
import * as Simulator from "../../src/Simulator.js"

const ask = (url: string, model: string) =>
  Effect.promise(async () => {
    const response = await fetch(`${url}/services/aigc/text-generation/generation`, {
      method: "POST",
      headers: { "authorization": "Bearer sk-test", "content-type": "application/json" },
      body: JSON.stringify({ model, input: { messages: [{ role: "user", content: "Hello" }] } })
    })
    const { code, usage } = await response.json() as { code?: string; usage?: { total_tokens: number } }
    return { status: response.status, code, retryAfter: response.headers.get("retry-after"), usage }
  })

/** A clock that stands still until it is moved. */
const standing = () => {
  let now = 1_000_000
  const clock: Clock.Clock = { ...Clock.make(), unsafeCurrentTimeMillis: () => now }
  return { clock, move: (millis: number) => (now += millis) }
}

describe("the quotas of a simulator", () => {
  it.prop("hold in any window, and what arrives is counted too", [
    FastCheck.array(FastCheck.tuple(FastCheck.nat(300), FastCheck.nat(60)), { maxLength: 60 }),
    FastCheck.integer({ min: 1, max: 10 }),
    FastCheck.integer({ min: 1, max: 200 })
  ], ([arrivals, requests, tokens]) => {
    const perMillis = 1000
    const counter = new Quota.Counter({ requests, tokens, perMillis })
    const all: Array<readonly [number, number, boolean]> = []
    let now = 0
    for (const [gap, cost] of arrivals) {
      now += gap
      const refusal = counter.admit(now, cost)
      all.push([now, cost, refusal === undefined])
      if (refusal !== undefined && cost <= tokens) {
        // It says when there is room again for what was short.
        assert.isAbove(refusal.waitMillis, 0)
        now += refusal.waitMillis
        assert.notStrictEqual(counter.refusal(now, cost)?._tag, refusal._tag)
      }
    }
    const windows = all.map(([begin]) => all.filter(([at]) => at >= begin && at < begin + perMillis))
    for (const window of windows) {
      const accepted = window.filter(([, , isAccepted]) => isAccepted)
      assert.isAtMost(accepted.length, requests)
      assert.isAtMost(accepted.reduce((sum, [, cost]) => sum + cost, 0), tokens)
    }
    const { mostRequests, mostTokens } = counter.stats("")
    assert.strictEqual(mostRequests, Math.max(0, ...windows.map((window) => window.length)))
    assert.strictEqual(
      mostTokens,
      Math.max(0, ...windows.map((window) => window.reduce((sum, [, cost]) => sum + cost, 0)))
    )
  }, { fastCheck: { numRuns: 50 } })

  it.scopedLive("refuse by model, and let in again when the window has passed", () =>
    Effect.gen(function*() {
      const { clock, move } = standing()
      const simulator = yield* Simulator.make({
        clock,
        quotas: [
          { requests: 2, perMillis: 60_000, retryAfter: true },
          { tokens: 1000, perMillis: 60_000 },
          { requests: 4, perMillis: 1000, per: "all" }
        ]
      })
      const statuses = Effect.map(
        Effect.forEach(["a", "a", "a", "b", "b"], (model) => ask(simulator.url, model)),
        (answers) => answers.map(({ status }) => status)
      )
      assert.deepStrictEqual(yield* statuses, [200, 200, 429, 200, 200])
      move(30_000)
      const refused = yield* ask(simulator.url, "a")
      assert.deepStrictEqual([refused.code, refused.retryAfter], ["Throttling.RateQuota", "30"])
      move(30_000)
      assert.deepStrictEqual(yield* statuses, [200, 200, 429, 200, 200])
      const stats = yield* simulator.quotas
      assert.deepStrictEqual(
        stats.map(({ accepted, model, mostRequests, quota, refused }) => [
          quota.perMillis,
          model,
          accepted,
          refused,
          mostRequests
        ]),
        [[60_000, "a", 4, 3, 4], [60_000, "b", 4, 0, 2], [60_000, "a", 4, 3, 4], [60_000, "b", 4, 0, 2], [
          1000,
          "",
          8,
          3,
          5
        ]]
      )
    }))

  it.scopedLive("refuse by the tokens that an answer takes", () =>
    Effect.gen(function*() {
      const { clock } = standing()
      const free = yield* Simulator.make()
      const { usage } = yield* ask(free.url, "a")
      const simulator = yield* Simulator.make({
        clock,
        quotas: [{ tokens: (usage?.total_tokens ?? 0) * 2, perMillis: 1000 }]
      })
      const codes = yield* Effect.forEach([1, 2, 3], () => Effect.map(ask(simulator.url, "a"), ({ code }) => code))
      assert.deepStrictEqual(codes, [undefined, undefined, "Throttling.AllocationQuota"])
    }))
})
