/**
 * Draws what instances get of a quota that they share, and of one that they do not share, and writes the numbers beside the plot:
 * `npx tsx packages/client/test/rateLimit/fleet.main.ts`.
 */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { Line, Panel } from "../util/plot.js"
import { toSvg } from "../util/plot.js"
import * as Fleet from "./fleet.js"

const minutes = 5
const docs = (file: string) => fileURLToPath(new URL(`../../../../docs/${file}`, import.meta.url))

const percent = (share: number) => `${(100 * share).toFixed(1)} %`

const bins = minutes * 60_000 / Fleet.binMillis
const times = Array.from({ length: bins }, (_, i) => i * Fleet.binMillis / 1000)

const panelOf = (instances: number, quota: number, shared: Fleet.Outcome, alone: Fleet.Outcome): Panel => {
  const perSecond = (of: Fleet.Outcome, what: "accepted" | "refused") =>
    times.map((_, i) => (of.series[i]?.[what] ?? 0) / (Fleet.binMillis / 1000))
  const lines: ReadonlyArray<Line> = [
    { name: "answered, shared", color: "blue", values: perSecond(shared, "accepted") },
    { name: "answered, not shared", color: "green", values: perSecond(alone, "accepted") },
    { name: "429, not shared", color: "red", values: perSecond(alone, "refused") },
    { name: "quota", color: "orange", values: times.map(() => quota), isDashed: true }
  ]
  return {
    title: `${instances} instance${instances === 1 ? "" : "s"}, per second`,
    note: `429: ${percent(shared.refusedShare)} shared, ${percent(alone.refusedShare)} not`,
    lines
  }
}

const program = Effect.gen(function*() {
  const rows: Array<object> = []
  const panels: Array<Panel> = []
  for (const instances of [1, 10, 100, 1000] as const) {
    const outcomes: Partial<Record<Fleet.Sharing, Fleet.Outcome>> = {}
    for (const sharing of ["shared", "each its own", "none"] as const) {
      const fleet = Fleet.fleetOf(instances, sharing, minutes)
      const outcome = yield* Fleet.run(fleet)
      const { series: _, ...numbers } = outcome
      outcomes[sharing] = outcome
      rows.push({ instances, sharing, ...fleet.limits, ...numbers })
      yield* Console.log(
        `${instances} instances, ${sharing}: ${percent(numbers.goodput)} of the quota, 429s ${
          percent(numbers.refusedShare)
        }, ` +
          `shares ${percent(numbers.leastShare)} to ${percent(numbers.mostShare)}`
      )
    }
    const { shared, ["each its own"]: alone } = outcomes
    // Nine requests of ten that the quota of requests allows use up that of tokens.
    const quota = Fleet.fleets[instances].requestsPerMinute * 0.9 / 60
    if (shared !== undefined && alone !== undefined) panels.push(panelOf(instances, quota, shared, alone))
  }
  writeFileSync(docs("quotas.json"), `${JSON.stringify({ minutes, runs: rows }, null, 2)}\n`)
  writeFileSync(
    docs("quotas.svg"),
    toSvg({
      title: "One quota, many instances",
      subtitle:
        "Simulated: each instance has more calls than its share. The service counts requests and tokens in any minute.",
      times,
      panels
    })
  )
})

void Effect.runPromise(program)
