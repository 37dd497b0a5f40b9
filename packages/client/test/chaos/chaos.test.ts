import { describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { runSchedule } from "./chaos.js"
import { assertWorthwhile, Outcomes } from "./outcomes.js"

/** `npm run chaos` runs as many as wanted, and `.ci/run` a thousand. */
const schedules = 40

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
        assertWorthwhile(total, schedules)
      }),
    120_000
  )
})
