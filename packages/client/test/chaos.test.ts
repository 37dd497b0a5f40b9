import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { runSchedule } from "./chaos.js"

const schedules = 1000

describe("chaos", () => {
  it.live(
    `${schedules} random schedules: typed outcomes, true limits, events in pairs, and nothing left behind`,
    () =>
      Effect.gen(function*() {
        const outcomes = yield* Effect.forEach(
          Array.from({ length: schedules }, (_, seed) => seed),
          runSchedule,
          { concurrency: 8 }
        )
        const sum = (kind: "succeeded" | "failed" | "interrupted") =>
          outcomes.reduce((total, of) => total + of[kind], 0)
        // The schedules must be worth something: all kinds of ends, in numbers.
        for (const kind of ["succeeded", "failed", "interrupted"] as const) assert.isAbove(sum(kind), schedules)
      }),
    120_000
  )
})
