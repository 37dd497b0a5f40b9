import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { isThorough } from "../../../../scripts/thorough.js"
import * as Fleet from "./fleet.js"

const minutes = isThorough ? 5 : 1

describe("instances that share a quota of requests and tokens", () => {
  for (const instances of [1, 10, 100, 1000] as const) {
    it.live.skipIf(instances === 1000 && !isThorough)(
      `use it all, fairly, and are not refused: ${instances}`,
      () =>
        Effect.gen(function*() {
          const outcome = yield* Fleet.run(Fleet.fleetOf(instances, "shared", minutes))
          assert.isAtLeast(outcome.goodput, 0.95)
          assert.isAtMost(outcome.refusedShare, 0.01)
          assert.isAtLeast(outcome.leastShare, 0.5)
          // What arrives is never more than the quota, in any minute.
          assert.isAtMost(outcome.busiestRequests, 1)
          assert.isAtMost(outcome.busiestTokens, 1.01)
        }),
      240_000
    )
  }

  it.live("are refused often where each has the quota as if it were alone", () =>
    Effect.gen(function*() {
      const outcome = yield* Fleet.run(Fleet.fleetOf(10, "each its own", 1))
      assert.isAbove(outcome.refusedShare, 0.01)
    }))
})
