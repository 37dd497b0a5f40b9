/** `npm run chaos -- <schedules> [first seed]`: as many schedules as wanted, eight at a time. */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { runSchedule } from "./chaos.js"

const [schedules = 10_000, first = 0] = process.argv.slice(2).map(Number)

const totals = { done: 0, succeeded: 0, failed: 0, interrupted: 0 }

NodeRuntime.runMain(
  Effect.forEach(
    Array.from({ length: schedules }, (_, i) => first + i),
    (seed) =>
      Effect.gen(function*() {
        const outcomes = yield* runSchedule(seed)
        totals.done++
        for (const kind of ["succeeded", "failed", "interrupted"] as const) totals[kind] += outcomes[kind]
        if (totals.done % 100 === 0) yield* Console.log(JSON.stringify(totals))
      }),
    { concurrency: 8, discard: true }
  ).pipe(Effect.andThen(Effect.suspend(() => Console.log(JSON.stringify(totals)))))
)
