import { describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { casesOf } from "../../../../scripts/thorough.js"
import { assertSpeechWorthwhile, runSpeech, sounds, SpeechOutcomes } from "./speech.js"

/** `npm run chaos:speech` runs as many as wanted. */
const schedules = casesOf(100)

describe("chaos over WebSockets", () => {
  it.live(
    `${schedules} random schedules of speech: typed outcomes, no foreign audio, and nothing left behind`,
    () =>
      Effect.gen(function*() {
        const expected = yield* sounds
        const total = new SpeechOutcomes()
        yield* Effect.forEach(
          Array.from({ length: schedules }, (_, seed) => seed),
          (seed) => Effect.map(runSpeech(seed, expected), (outcomes) => total.add(outcomes)),
          { concurrency: 8, discard: true }
        )
        assertSpeechWorthwhile(total, schedules)
      }),
    120_000
  )
})
