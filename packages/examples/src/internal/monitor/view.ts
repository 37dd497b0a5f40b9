/** The monitor's picture: what is known of a pool, laid out for a terminal of any size. Nothing here does anything. */
import { Duration } from "effect"
import type { ConnectionPool } from "effect-dashscope"
import * as Draw from "./draw.js"
import type { Percentiles, Recent } from "./history.js"
import { lately, span } from "./history.js"
import type { Line, Span, Style } from "./text.js"
import { ends, fit, styled, widthOf, widthOfLine } from "./text.js"

export interface Limits {
  readonly connectionPoolSize: number
  readonly maximumAsyncRequests: number
  readonly maximumAsyncRequestsPerHost: number
}

/** What the pool is asked to do. */
export interface Demand {
  readonly callers: number
  readonly answered: number
  readonly failed: number
  /** How many calls may run at once, run and wait, where `AdaptiveConcurrency` says so. */
  readonly adaptive?: { readonly limit: number; readonly running: number; readonly waiting: number }
}

export interface Model {
  readonly now: number
  readonly startedAt: number
  readonly limits: Limits
  readonly stats: ConnectionPool.Stats
  readonly recent: Recent
  readonly demand: Demand
}

// ---------------------------------------------------------------------------------------------------------------------
// numbers
// ---------------------------------------------------------------------------------------------------------------------

/** At most five places, up to some hours. */
export const millis = (value: number): string =>
  value < 0.05
    ? "0ms"
    : value < 9.95
    ? `${value.toFixed(1)}ms`
    : value < 999.5
    ? `${Math.round(value)}ms`
    : value < 9995
    ? `${(value / 1000).toFixed(2)}s`
    : value < 99_950
    ? `${(value / 1000).toFixed(1)}s`
    : `${Math.round(value / 1000)}s`

const two = (n: number) => String(n).padStart(2, "0")

const timeOfDay = (at: number): string => {
  const date = new Date(at)
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

const elapsed = ({ now, startedAt }: Model): string => {
  const seconds = Math.floor((now - startedAt) / 1000)
  return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`
}

const hostOf = (origin: string) => origin.replace(/^https?:\/\//, "")

const percentilesOf = (percentiles: ConnectionPool.Stats["wait"]): Percentiles => ({
  p50: Duration.toMillis(percentiles.p50),
  p90: Duration.toMillis(percentiles.p90),
  p99: Duration.toMillis(percentiles.p99),
  max: Duration.toMillis(percentiles.max)
})

// ---------------------------------------------------------------------------------------------------------------------
// connections
// ---------------------------------------------------------------------------------------------------------------------

const states = [
  ["active", "█", "green"],
  ["idle", "▒", "cyan"],
  ["connecting", "░", "yellow"],
  ["closing", "▚", "magenta"]
] as const

interface Share {
  readonly name: string
  readonly counts: Pick<ConnectionPool.HostStats, (typeof states)[number][0] | "open" | "inFlight" | "waiting">
  readonly free: number
  readonly mayBeInFlight: number
}

const none: Share["counts"] = { open: 0, active: 0, idle: 0, connecting: 0, closing: 0, inFlight: 0, waiting: 0 }

/** The pool, and each host. A host that is not in use is not in the numbers, but keeps its place here. */
const sharesOf = ({ limits, recent, stats }: Model): ReadonlyArray<Share> => [
  {
    name: "all hosts",
    counts: stats,
    free: Math.max(0, limits.connectionPoolSize - stats.open),
    mayBeInFlight: limits.maximumAsyncRequests
  },
  ...recent.origins.map((origin) => ({
    name: hostOf(origin),
    counts: stats.hosts[origin] ?? none,
    free: 0,
    mayBeInFlight: limits.maximumAsyncRequestsPerHost
  }))
]

const barOf = ({ counts, free }: Share, { connectionPoolSize }: Limits, columns: number): Line =>
  Draw.bar(
    [
      ...states.map(([state, glyph, style]): Draw.Part => ({ count: counts[state], glyph, style })),
      { count: free, glyph: "·", style: "dim" }
    ],
    connectionPoolSize,
    columns
  )

const waitingSpan = (waiting: number, text: string): Span | string => waiting > 0 ? styled("red", text) : text

/** How many places names may take. */
const nameWidth = (shares: ReadonlyArray<Share>, columns: number) =>
  Math.min(Math.floor(columns / 3), Math.max(...shares.map(({ name }) => widthOf(name))))

const connectionTable = (model: Model, columns: number): ReadonlyArray<Line> => {
  const { limits } = model
  const shares = sharesOf(model)
  const names = nameWidth(shares, columns)
  const headings = ["open", "in flight", "waiting"] as const
  const room = columns - names - headings.reduce((sum, heading) => sum + 2 + heading.length, 0) - 2
  const bars = Math.max(0, room)
  return [
    [styled("dim", [" ".repeat(names + 2 + bars), ...headings].join("  "))],
    ...shares.map((share): Line => [
      ...fit([share.name], names),
      "  ",
      ...barOf(share, limits, bars),
      `  ${String(share.counts.open).padStart(4)}`,
      `  ${`${share.counts.inFlight}/${share.mayBeInFlight}`.padStart(9)}  `,
      waitingSpan(share.counts.waiting, String(share.counts.waiting).padStart(7))
    ])
  ]
}

const legend = ({ limits, stats }: Model): Line => [
  ...states.flatMap(([state, glyph, style]) => [styled(style, glyph), ` ${stats[state]} ${state}  `]),
  `· ${Math.max(0, limits.connectionPoolSize - stats.open)} of ${limits.connectionPoolSize} free`
]

const connections = (model: Model, size: Draw.Size) =>
  Draw.box({
    title: "connections",
    caption: legend(model),
    lines: connectionTable(model, Draw.inside(size).columns)
  }, size)

/** All hosts up to this height; beyond it the last ones are not shown. */
const connectionRows = (model: Model, most: number) => Math.min(most, model.recent.origins.length + 4)

// ---------------------------------------------------------------------------------------------------------------------
// charts
// ---------------------------------------------------------------------------------------------------------------------

interface Series {
  /** Where there is no room for the title. */
  readonly name: string
  readonly title: string
  readonly values: ReadonlyArray<number>
  readonly style: Style
  readonly format: (value: number) => string
  readonly unit: string
}

const whole = (value: number) => String(Math.round(value))

const answers = ({ recent }: Model): Series => ({
  name: "answers",
  title: "answers per second",
  values: recent.answers,
  style: "green",
  format: whole,
  unit: "/s"
})

const waiting = ({ recent }: Model): Series => ({
  name: "waiting",
  title: "requests waiting",
  values: recent.waiting,
  style: "red",
  format: whole,
  unit: ""
})

const use = ({ recent }: Model): Series => ({
  name: "use",
  title: "use of a connection, median",
  values: recent.use,
  style: "blue",
  format: millis,
  unit: ""
})

const chartBox = ({ format, style, title, unit, values }: Series, size: Draw.Size) =>
  Draw.box({
    title,
    caption: [
      `now ${format(values.at(-1) ?? 0)}${unit} · at most ${format(Math.max(0, ...values))}${unit}`,
      styled("dim", ` · ${span} s`)
    ],
    lines: Draw.chart(values, { ...Draw.inside(size), style, format })
  }, size)

// ---------------------------------------------------------------------------------------------------------------------
// times and totals
// ---------------------------------------------------------------------------------------------------------------------

const measures = ["p50", "p90", "p99", "max"] as const

const latencyRow = (name: string, when: string, percentiles: Percentiles): Line => [
  name.padEnd(4),
  styled("dim", when.padStart(6)),
  ...measures.map((measure) => millis(percentiles[measure]).padStart(6))
]

const latencyTable = ({ recent, stats }: Model): ReadonlyArray<Line> => [
  [styled("dim", " ".repeat(10) + measures.map((measure) => measure.padStart(6)).join(""))],
  latencyRow("wait", `${lately} s`, recent.percentiles.wait),
  latencyRow("", "all", percentilesOf(stats.wait)),
  latencyRow("use", `${lately} s`, recent.percentiles.use),
  latencyRow("", "all", percentilesOf(stats.use))
]

const latency = (model: Model, size: Draw.Size) => Draw.box({ title: "latency", lines: latencyTable(model) }, size)

const share = (part: number, whole: number) => whole === 0 ? "0 %" : `${Math.floor(100 * part / whole)} %`

/** Worth a colour as soon as there is one. */
const bad = (
  label: string,
  count: number
): Line => [count > 0 ? styled("red", `${label} ${count}`) : `${label} ${count}`]

/** By group; `shutdown` is left out, since nobody looks any more by then. */
const totals = ({ stats }: Model): ReadonlyArray<ReadonlyArray<Line>> => {
  const { shutdown: _, ...closed } = stats.closed
  const sum = Object.values(closed).reduce((sum, count) => sum + count, 0)
  return [
    [
      [`opened ${stats.opened}`],
      [`acquired ${stats.acquired}`],
      [`reused ${share(stats.reused, stats.acquired)}`],
      [`waited ${stats.waited}`],
      bad("timed out", stats.timedOut),
      bad("rejected", stats.rejected),
      [`resent ${stats.resent}`]
    ],
    [
      [styled("bold", `closed ${sum}`)],
      ...Object.entries(closed).map(([reason, count]): Line => [`${reason} ${count}`])
    ]
  ]
}

/** As words of a text: so many in a line as fit. */
const flow = (items: ReadonlyArray<Line>, columns: number): ReadonlyArray<Line> => {
  const lines: Array<Line> = []
  let line: Line = []
  for (const item of items) {
    const longer = line.length === 0 ? item : [...line, "  ", ...item]
    if (line.length > 0 && widthOfLine(longer) > columns) {
      lines.push(line)
      line = item
    } else {
      line = longer
    }
  }
  return line.length === 0 ? lines : [...lines, line]
}

const totalLines = (model: Model, columns: number) => totals(model).flatMap((items) => flow(items, columns))

const totalBox = (model: Model, size: Draw.Size) =>
  Draw.box({ title: "since the start", lines: totalLines(model, Draw.inside(size).columns) }, size)

// ---------------------------------------------------------------------------------------------------------------------
// events
// ---------------------------------------------------------------------------------------------------------------------

const kindWidth = "closed: lifetime".length

const eventLines = ({ recent }: Model, columns: number): ReadonlyArray<Line> =>
  recent.entries.map(({ at, count, kind, origin, style, text }) => [
    styled("dim", `${timeOfDay(at)}  `),
    ...(columns < 60 ? [styled(style, kind)] : fit([styled(style, kind)], kindWidth)),
    origin === "" || columns < 60 ? "  " : `  ${hostOf(origin)}  `,
    count > 1 ? styled("bold", `${count}× `) : "",
    text
  ])

const events = (model: Model, size: Draw.Size) =>
  Draw.box({ title: "events", lines: eventLines(model, Draw.inside(size).columns) }, size)

// ---------------------------------------------------------------------------------------------------------------------
// layouts
// ---------------------------------------------------------------------------------------------------------------------

const adaptiveText = ({ limit, running, waiting }: NonNullable<Demand["adaptive"]>): string =>
  `, ${running} of ${limit} at once, ${waiting} held back`

const header = (model: Model, columns: number): Line => {
  const { adaptive, answered, callers, failed } = model.demand
  return ends(
    [
      styled("bold", " pool monitor"),
      `  ${elapsed(model)}  ${callers} callers, ${answered} answered, `,
      failed > 0 ? styled("yellow", `${failed} failed`) : "0 failed",
      ...(adaptive === undefined ? [] : [styled("cyan", adaptiveText(adaptive))])
    ],
    [styled("dim", "q quits ")],
    columns
  )
}

/** Boxes below each other, for a terminal of usual size. */
const stacked = (model: Model, { columns, rows }: Draw.Size): ReadonlyArray<Line> => {
  const left = Math.floor(columns / 2)
  const [a, b] = [left, columns - left] as const
  const first = connectionRows(model, Math.floor(rows / 3))
  const times = 2 + latencyTable(model).length
  const numbers = 2 + totalLines(model, Draw.inside({ columns: b, rows }).columns).length
  // All of the totals only where that leaves something for charts and events.
  const third = Math.max(times, Math.min(numbers, rows - 1 - first - 9))
  const rest = rows - 1 - first - third
  const second = Math.max(4, Math.min(10, Math.floor(rest / 2)))
  return [
    header(model, columns),
    ...connections(model, { columns, rows: first }),
    ...Draw.beside(
      chartBox(answers(model), { columns: a, rows: second }),
      chartBox(waiting(model), { columns: b, rows: second })
    ),
    ...Draw.beside(latency(model, { columns: a, rows: third }), totalBox(model, { columns: b, rows: third })),
    ...events(model, { columns, rows: rest - second })
  ]
}

/** Two columns of boxes, for a wide one. */
const wide = (model: Model, { columns, rows }: Draw.Size): ReadonlyArray<Line> => {
  const left = Math.floor(columns / 2)
  const [a, b] = [left, columns - left] as const
  const first = connectionRows(model, Math.floor(rows / 3))
  const charts = [answers(model), waiting(model), use(model)]
  const rest = rows - 1 - first
  const each = Math.floor(rest / charts.length)
  const second = 2 + latencyTable(model).length
  const third = 2 + totalLines(model, Draw.inside({ columns: b, rows }).columns).length
  return [
    header(model, columns),
    ...Draw.beside(
      [
        ...connections(model, { columns: a, rows: first }),
        ...charts.flatMap((series, i) =>
          chartBox(series, { columns: a, rows: i === 0 ? rest - each * (charts.length - 1) : each })
        )
      ],
      [
        ...latency(model, { columns: b, rows: second }),
        ...totalBox(model, { columns: b, rows: third }),
        ...events(model, { columns: b, rows: rows - 1 - second - third })
      ]
    )
  ]
}

const sparkline = ({ format, name, style, unit, values }: Series, columns: number): Line => {
  const end = `${format(values.at(-1) ?? 0)}${unit}`.padStart(7)
  const [blocks = ""] = Draw.columnsOf(values, {
    columns: Math.max(0, Math.min(span, columns - 8 - end.length)),
    rows: 1,
    most: Draw.roundUp(Math.max(0, ...values))
  })
  return [name.padEnd(8), styled(style, blocks), end]
}

const latencyLine = (name: string, { max, p50, p99 }: Percentiles): Line => [
  name.padEnd(8),
  styled("dim", "p50 "),
  millis(p50),
  styled("dim", "  p99 "),
  millis(p99),
  styled("dim", "  max "),
  millis(max)
]

/** Lines without boxes, the most telling first, for a small one. */
const compact = (model: Model, { columns, rows }: Draw.Size): ReadonlyArray<Line> => {
  const { limits, recent } = model
  const shares = sharesOf(model)
  const names = nameWidth(shares, columns)
  return [
    header(model, columns),
    ...shares.slice(0, Math.max(1, Math.floor(rows / 3))).map((share): Line => {
      const end = `${share.counts.open}/${limits.connectionPoolSize}`.padStart(6)
      return [
        ...fit([share.name], names),
        " ",
        ...barOf(share, limits, Math.max(0, columns - names - 1 - end.length)),
        end
      ]
    }),
    sparkline(waiting(model), columns),
    sparkline(answers(model), columns),
    latencyLine("wait", recent.percentiles.wait),
    latencyLine("use", recent.percentiles.use),
    ...totalLines(model, columns).slice(0, Math.max(1, rows - 12)),
    ...eventLines(model, columns)
  ]
}

/** Below this there is no room for boxes, and from that on for two columns of them. */
const boxed = { columns: 76, rows: 22 }
const twoColumns = 132

/** The whole screen: so many lines, each exactly so wide. */
export const view = (model: Model, size: Draw.Size): ReadonlyArray<Line> => {
  const lines = size.columns < boxed.columns || size.rows < boxed.rows
    ? compact(model, size)
    : size.columns < twoColumns
    ? stacked(model, size)
    : wide(model, size)
  return Array.from({ length: size.rows }, (_, i) => fit(lines[i] ?? [], size.columns))
}

/** The same in one line, as long as it gets. */
export const line = ({ demand: { adaptive }, limits, now, recent, stats }: Model): Line => [
  styled("dim", timeOfDay(now)),
  `  open ${stats.open}/${limits.connectionPoolSize} (`,
  ...states.flatMap(([state, , style], i) => [i === 0 ? "" : ", ", styled(style, `${stats[state]} ${state}`)]),
  "), ",
  waitingSpan(stats.waiting, `${stats.waiting} waiting`),
  `, ${recent.answers.at(-1) ?? 0} answers/s; wait p50 ${millis(recent.percentiles.wait.p50)}`,
  ` p99 ${millis(recent.percentiles.wait.p99)}; use p50 ${millis(recent.percentiles.use.p50)}`,
  ` p99 ${millis(recent.percentiles.use.p99)}`,
  ...(adaptive === undefined ? [] : [styled("cyan", adaptiveText(adaptive))])
]
