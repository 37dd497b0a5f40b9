import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { makeLimit } from "../../src/internal/server/rateLimit.js"

describe("the rate limit", () => {
  it("lets requests in again once the oldest is out of the span", () => {
    let now = 0
    const limit = makeLimit({ requests: 2, perMillis: 1500, retryAfter: true }, () => now)
    assert.isUndefined(limit())
    now = 1000
    assert.isUndefined(limit())
    assert.deepStrictEqual(limit(), { retryAfter: 1 })
    now = 1499
    assert.deepStrictEqual(limit(), { retryAfter: 1 })
    now = 1500
    assert.isUndefined(limit())
    assert.deepStrictEqual(limit(), { retryAfter: 1 })
    now = 2500
    assert.isUndefined(limit())
    assert.deepStrictEqual(makeLimit({ requests: 0, perMillis: 5000 }, () => now)(), { retryAfter: undefined })
  })

  it.prop("lets no more in within any span, and no fewer than it may", [
    FastCheck.array(FastCheck.integer({ min: 0, max: 40 }), { maxLength: 200 }),
    FastCheck.integer({ min: 1, max: 5 })
  ], ([waits, requests]) => {
    let now = 0
    const perMillis = 100
    const limit = makeLimit({ requests, perMillis }, () => now)
    const passed: Array<number> = []
    for (const wait of waits) {
      now += wait
      const within = passed.filter((time) => now - time < perMillis).length
      if (limit() === undefined) {
        assert.isBelow(within, requests)
        passed.push(now)
      } else {
        assert.strictEqual(within, requests)
      }
    }
  })
})
