import { describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { runSchedule } from "./chaos.js"
import { assertWorthwhile, Outcomes } from "./outcomes.js"

/** `npm run chaos` runs as many as wanted, and `.ci/run` a thousand. These few have all that is asked for. */
const seeds = Array.from({ length: 25 }, (_, i) => i < 10 ? i : 15 + i)

describe("chaos", () => {
  it.live(
    `${seeds.length} random schedules: typed outcomes, true limits, events in pairs, and nothing left behind`,
    () =>
      Effect.gen(function*() {
        const total = new Outcomes()
        yield* Effect.forEach(
          seeds,
          (seed) => Effect.map(runSchedule(seed), (outcomes) => total.add(outcomes)),
          { concurrency: 8, discard: true }
        )
        assertWorthwhile(total, seeds.length)
      }),
    120_000
  )
})
