/** What effect-dashscope is meant to reach, with everything on. */
import { baseline, needed, ours } from "../clients.js"
import { type Measure, measures } from "../measures.js"
import { type Results, type Row, rowsOf } from "../results.js"
import { format, times } from "./format.js"

export interface Goal {
  readonly what: string
  readonly goal: string
  /** Undefined where it was not measured. */
  readonly measured: string | undefined
  readonly isMet: boolean | undefined
}

const rowOf = (results: Results, name: string, client: string, base: string = baseline): Row | undefined => {
  const measure = measures.find((measure: Measure) => measure.name === name)
  return measure === undefined ? undefined : rowsOf(results, measure, base).find((row) => row.client === client)
}

const goal = (
  what: string,
  value: number | undefined,
  limit: number,
  better: "less" | "more",
  show: (value: number) => string
): Goal => ({
  what,
  goal: `${better === "less" ? "≤" : "≥"} ${show(limit)}`,
  measured: value === undefined ? undefined : show(value),
  isMet: value === undefined ? undefined : better === "less" ? value <= limit : value >= limit
})

export const goalsOf = (results: Results): ReadonlyArray<Goal> => {
  const ratio = (name: string, base?: string) => rowOf(results, name, ours, base)?.ratio?.median
  const value = (name: string, column: string) => rowOf(results, name, ours)?.columns.get(column)?.median
  const few = value("waiting-10", "cpu")
  const many = value("waiting-10000", "cpu")
  return [
    goal("CPU per call, 32 in flight, beside raw undici", ratio("in-flight-32"), 2, "less", times),
    goal("share of the limit, 256 in flight, 50 ms each", value("limit", "share"), 80, "more", (n) => `${format(n)} %`),
    goal("CPU per event of a stream of 20,000, beside raw undici", ratio("stream-20000"), 1.5, "less", times),
    goal("heap per call in flight", value("heap-in-flight", "with"), 12, "less", (n) => `${format(n)} KiB`),
    goal(
      "CPU per call with 10,000 waiting, beside 10 waiting",
      few === undefined || many === undefined ? undefined : many / few,
      1.1,
      "less",
      (n) => `${n.toFixed(2)}×`
    ),
    goal(
      "import, beside the modules of others that it loads",
      ratio("import", needed.name),
      1.15,
      "less",
      (n) => `${n.toFixed(2)}×`
    )
  ]
}
