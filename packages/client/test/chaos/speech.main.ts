/** `npm run chaos:speech -- <schedules> [first seed]`: as many schedules of speech as wanted, eight at a time. */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { assertSpeechWorthwhile, runSpeech, sounds, SpeechOutcomes } from "./speech.js"

const [schedules = 1000, first = 0] = process.argv.slice(2).map(Number)

const totals = new SpeechOutcomes()
let done = 0
const report = Effect.suspend(() => Console.log(JSON.stringify({ done, ...totals })))

NodeRuntime.runMain(
  Effect.flatMap(sounds, (sounds) =>
    Effect.forEach(
      Array.from({ length: schedules }, (_, i) => first + i),
      (seed) =>
        Effect.gen(function*() {
          totals.add(yield* runSpeech(seed, sounds))
          if (++done % 100 === 0) yield* report
        }),
      { concurrency: 8, discard: true }
    )).pipe(Effect.andThen(report), Effect.andThen(Effect.sync(() => assertSpeechWorthwhile(totals, schedules))))
)
