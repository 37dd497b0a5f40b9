/** `npm run chaos -- <schedules> [first seed]`: as many schedules as wanted, eight at a time. */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { runSchedule } from "./chaos.js"
import { assertWorthwhile, Outcomes } from "./outcomes.js"

const [schedules = 10_000, first = 0] = process.argv.slice(2).map(Number)

const totals = new Outcomes()
let done = 0
const report = Effect.suspend(() => Console.log(JSON.stringify({ done, ...totals })))

NodeRuntime.runMain(
  Effect.forEach(
    Array.from({ length: schedules }, (_, i) => first + i),
    (seed) =>
      Effect.gen(function*() {
        totals.add(yield* runSchedule(seed))
        if (++done % 100 === 0) yield* report
      }),
    { concurrency: 8, discard: true }
  ).pipe(Effect.andThen(report), Effect.andThen(Effect.sync(() => assertWorthwhile(totals, schedules))))
)
