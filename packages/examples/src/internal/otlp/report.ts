/** Traces as trees and metrics as a table, for terminals. */
import { Order } from "effect"
import * as Columns from "../columns.js"
import type { Received } from "./receiver.js"
import * as Wire from "./wire.js"

const width = 110

const format = (nanos: bigint): string => {
  const millis = Number(nanos) / 1e6
  return `${millis.toFixed(millis < 10 ? 1 : 0)} ms`
}

const show = (value: Wire.Value): string =>
  typeof value === "number" && !Number.isInteger(value)
    ? value.toFixed(3)
    : typeof value === "object"
    ? `[${value.map(show).join(", ")}]`
    : String(value)

const list = (attributes: Wire.Attributes, isShown: (name: string) => boolean): string =>
  attributes.filter(({ key }) => isShown(key)).map(({ key, value }) => `${key}=${show(Wire.valueOf(value))}`).join("  ")

/** Those that are the same everywhere here, or say what the span's name says already. */
const quiet = new Set(["gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model", "gen_ai.response.id"])

const isTold = (name: string) =>
  /^(gen_ai|dashscope|error)\.|^http\.response\.status_code$/.test(name) && !quiet.has(name)

const isError = 2

/** A span or an event. */
interface Entry {
  readonly at: bigint
  readonly lines: ReadonlyArray<string>
}

const oldestFirst = Order.mapInput(Order.bigint, ({ at }: Entry) => at)

/** A title and its attributes: beside it where there is room, else below. */
const linesOf = (title: string, attributes: Wire.Attributes): ReadonlyArray<string> => {
  const text = list(attributes, isTold)
  return text === ""
    ? [title]
    : title.length + text.length + 2 <= width
    ? [`${title}  ${text}`]
    : [title, ...Columns.wrap(text, width).map((line) => `   ${line}`)]
}

const eventOf = ({ attributes, name, timeUnixNano }: Wire.Span["events"][number], since: bigint): Entry => ({
  at: timeUnixNano,
  lines: linesOf(`• after ${format(timeUnixNano - since)}: ${name}`, attributes)
})

/** Draws each span with all that happened in it, spans and events, as its branches. */
export const tree = (spans: Received["spans"]): ReadonlyArray<string> => {
  const ids = new Set(spans.map(({ spanId }) => spanId))
  const isRoot = ({ parentSpanId }: Wire.Span) => parentSpanId === undefined || !ids.has(parentSpanId)

  const entryOf = (span: Wire.Span): Entry => {
    const { endTimeUnixNano: end, startTimeUnixNano: start } = span
    const branches = [
      ...spans.filter(({ parentSpanId }) => parentSpanId === span.spanId).map(entryOf),
      // The exception is what the span's status says, and a stack.
      ...span.events.filter(({ name }) => name !== "exception").map((event) => eventOf(event, start))
    ].sort(oldestFirst)
    const [title = "", ...more] = linesOf(`${span.name}  ${format(end - start)}`, span.attributes)
    const failure = span.status.code === isError ? [`✗ ${span.status.message ?? ""}`] : []
    return {
      at: start,
      lines: [
        title,
        ...[...more, ...failure.flatMap((text) => Columns.wrap(text, width)).map((line) => `   ${line}`)]
          .map((line) => branches.length === 0 ? line : `│${line.slice(1)}`),
        ...branches.flatMap(({ lines }, i) => {
          const [first, others] = i === branches.length - 1 ? ["└─ ", "   "] : ["├─ ", "│  "]
          return lines.map((line, j) => (j === 0 ? first : others) + line)
        })
      ]
    }
  }

  return spans.filter(isRoot).map(entryOf).sort(oldestFirst).flatMap(({ lines }) => lines)
}

/** One set of attributes of a metric, as it was exported last. */
interface Series {
  readonly name: string
  readonly unit: string
  readonly attributes: Wire.Attributes
  readonly value: string
}

const keyOf = (name: string, attributes: Wire.Attributes) => JSON.stringify([name, attributes])

const seriesOf = (exports: Received["metrics"]): ReadonlyArray<Series> => {
  const most = new Map<string, number>()
  for (const { name, sum } of exports.flat()) {
    for (const { asDouble, asInt, attributes } of sum?.dataPoints ?? []) {
      const key = keyOf(name, attributes)
      most.set(key, Math.max(most.get(key) ?? 0, asDouble ?? asInt ?? 0))
    }
  }
  return (exports.at(-1) ?? []).flatMap(({ histogram, name, sum, unit }) => [
    ...(sum?.dataPoints ?? []).map(({ asDouble, asInt, attributes }) => ({
      name,
      unit,
      attributes,
      value: `${asDouble ?? asInt ?? 0}` +
        // Of what goes up and down the last value says little.
        (sum?.isMonotonic === true ? "" : `, at most ${most.get(keyOf(name, attributes)) ?? 0}`)
    })),
    ...(histogram?.dataPoints ?? []).map(({ attributes, count, sum }) => ({
      name,
      unit,
      attributes,
      value: `count ${count}, sum ${show(sum)}`
    }))
  ])
}

/**
 * A line for each set of attributes of each metric, but Effect's own metrics of fibers. Attributes that are the same
 * wherever they occur are named once, at the end.
 */
export const table = (exports: Received["metrics"]): ReadonlyArray<string> => {
  const series = seriesOf(exports).filter(({ name }) => !name.startsWith("effect_"))
  const values = new Map<string, Set<string>>()
  for (const { key, value } of series.flatMap(({ attributes }) => attributes)) {
    values.set(key, (values.get(key) ?? new Set()).add(show(Wire.valueOf(value))))
  }
  // A metric of Effect has its unit as a label, and so it arrives as an attribute too.
  const isShown = (name: string) => name !== "unit" && (values.get(name)?.size ?? 0) > 1
  const rows = series
    .map(({ attributes, name, unit, value }) => [name, unit, list(attributes, isShown), value])
    .sort(Order.mapInput(Order.string, (row: ReadonlyArray<string>) => row.join(" ")))
  const all = [["name", "unit", "attributes", "value"], ...rows]
  const widths = [0, 1, 2].map((i) => Math.max(...all.map((row) => row[i]?.length ?? 0)))
  const same = [...values].filter(([name]) => name !== "unit" && !isShown(name))
  return [
    ...all.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ").trimEnd()),
    ...Columns.wrap(`The same everywhere: ${same.map(([name, [value]]) => `${name}=${value}`).join("  ")}`, width)
  ]
}

/** The log entries. */
export const entries = (logs: Received["logs"]): ReadonlyArray<string> =>
  logs.map(({ body, severityText }) => `${severityText}: ${show(Wire.valueOf(body))}`.trimEnd())
