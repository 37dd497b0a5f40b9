/** What effect-dashscope is meant to reach, with everything on. */
import { baseline, needed, ours } from "../clients.js"
import { type Measure, measures } from "../measures.js"
import { type Results, type Row, rowsOf } from "../results.js"
import { format } from "./format.js"

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

const timesExactly = (n: number): string => `${n.toFixed(2)}×`
const kibibytes = (n: number): string => `${format(n)} KiB`

export const goalsOf = (results: Results): ReadonlyArray<Goal> => {
  const ratio = (name: string, client = ours, base?: string) => rowOf(results, name, client, base)?.ratio?.median
  const value = (name: string, column: string) => rowOf(results, name, ours)?.columns.get(column)?.median
  const few = value("waiting-10", "cpu")
  const many = value("waiting-10000", "cpu")
  const beside = (what: string, name: string, limit: number, client?: string) =>
    goal(`${what}, beside raw undici`, ratio(name, client), limit, "less", timesExactly)
  const deadlines = "effect-dashscope-deadlines"
  const traced = "effect-dashscope-traced"
  return [
    beside("CPU per call, 32 in flight", "in-flight-32", 1.15),
    beside("the same in a process that also streams, and has headers and deadlines of calls", "mixed-32", 1.4),
    beside("CPU per call with all three deadlines", "in-flight-32", 1.4, deadlines),
    beside("the same in such a process", "mixed-32", 1.4, deadlines),
    beside("CPU per call inside a span", "in-flight-32", 2.5, traced),
    beside("CPU of the first 1,000 calls of a process", "cold", 2),
    goal("share of the limit, 256 in flight, 50 ms each", value("limit", "share"), 80, "more", (n) => `${format(n)} %`),
    beside("CPU per event of a stream of 20,000", "stream-20000", 1.25),
    beside("CPU per event, each sent alone", "stream-paced", 1.5),
    goal("heap per call in flight, with its connection", value("heap-in-flight", "with"), 12, "less", kibibytes),
    goal(
      "CPU per call with 10,000 waiting, beside 10 waiting",
      few === undefined || many === undefined ? undefined : many / few,
      1.3,
      "less",
      timesExactly
    ),
    beside("CPU per call over TLS", "tls-32", 1.15),
    beside("CPU per event of a stream over TLS", "tls-stream", 1.15),
    goal(
      "import with all services, beside the modules of others that it loads",
      ratio("import", ours, needed.name),
      1.1,
      "less",
      timesExactly
    ),
    goal("the layer built, without a call", value("layer", "wall"), 5, "less", (n) => `${format(n)} ms`)
  ]
}
