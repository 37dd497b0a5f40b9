import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Outcomes, runSchedule } from "./chaos.js"

const schedules = 1000

describe("chaos", () => {
  it.live(
    `${schedules} random schedules: typed outcomes, true limits, events in pairs, and nothing left behind`,
    () =>
      Effect.gen(function*() {
        const total = new Outcomes()
        yield* Effect.forEach(
          Array.from({ length: schedules }, (_, seed) => seed),
          (seed) => Effect.map(runSchedule(seed), (outcomes) => total.add(outcomes)),
          { concurrency: 8, discard: true }
        )
        // The schedules must be worth something: all kinds of ends, in numbers, however busy the machine is.
        for (const kind of ["succeeded", "failed", "interrupted", "retries"] as const) {
          assert.isAbove(total[kind], schedules / 2)
        }
        assert.isAbove(total.resent, 10)
        assert.includeMembers(Object.keys(total.errors), [
          "ApiError RateLimited",
          "ApiError Server",
          "ApiError UnexpectedResponse",
          "ConnectionError Closed",
          "ConnectionError Reset",
          "ConnectionError Truncated",
          "PoolExhausted",
          "RequestTimeout acquire",
          "RequestTimeout firstContent",
          "RequestTimeout read",
          "RequestTimeout total"
        ])
      }),
    120_000
  )
})
