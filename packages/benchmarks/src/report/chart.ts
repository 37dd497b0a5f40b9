/** The main measures on one page. */
import { baseline, needed, ours } from "../clients.js"
import { type Measure, measures, waiterCounts } from "../measures.js"
import { type Results, type Row, rowsOf } from "../results.js"
import type { Summary } from "../statistics.js"
import { format, times } from "./format.js"
import { titleOf } from "./markdown.js"
import { element, line, linear, linearTicks, logarithmic, logTicks, text } from "./svg.js"

const colors = {
  page: "#ffffff",
  text: "#1f2937",
  muted: "#6b7280",
  grid: "#e5e7eb",
  baseline: "#374151",
  ours: "#c2410c",
  variant: "#ea9a6b",
  others: "#8294ab",
  range: "#0b0f19"
}

const panelWidth = 490
const gap = 32
const margin = 28
const rowHeight = 22
const headHeight = 52
const axisHeight = 30
const nameWidth = 214
/** For the value beside the longest mark. */
const valueWidth = 52

const plain = (title: string): string => title.replaceAll(/[`*]/g, "")

const colorOf = (client: string): string =>
  client === ours
    ? colors.ours
    : client === baseline || client === needed.name
    ? colors.baseline
    : client.startsWith(ours)
    ? colors.variant
    : colors.others

interface Bar {
  readonly client: string
  readonly summary: Summary
}

interface Panel {
  readonly height: number
  readonly draw: (x: number, y: number) => string
}

const heading = (title: string, subtitle: string): ReadonlyArray<string> => [
  text(0, 16, title, { "font-size": 15, "font-weight": 600, fill: colors.text }),
  text(0, 34, subtitle, { "font-size": 12, fill: colors.muted })
]

const place = (x: number, y: number, children: ReadonlyArray<string>): string =>
  element("g", { transform: `translate(${x},${y})` }, children)

const plotLeft = nameWidth
const plotRight = panelWidth - valueWidth

const ruler = (
  ticks: ReadonlyArray<number>,
  scale: (value: number) => number,
  show: (value: number) => string,
  bottom: number
): ReadonlyArray<string> =>
  ticks.flatMap((tick) => [
    line(scale(tick), headHeight - 4, scale(tick), bottom, { stroke: colors.grid, "stroke-width": 1 }),
    text(scale(tick), bottom + 16, show(tick), { "font-size": 11, "text-anchor": "middle", fill: colors.muted })
  ])

const name = (client: string, y: number): string =>
  text(nameWidth - 12, y + 4, plain(titleOf(client)), {
    "font-size": 12,
    "text-anchor": "end",
    "font-weight": client === ours ? 700 : 400,
    fill: client === ours ? colors.ours : colors.text
  })

const value = (client: string, x: number, y: number, content: string): string =>
  text(x, y + 4, content, {
    "font-size": 12,
    "font-weight": client === ours ? 700 : 400,
    fill: client === ours ? colors.ours : colors.text
  })

/** At most so many numbers fit below the axis. */
const thinned = (ticks: ReadonlyArray<number>): ReadonlyArray<number> =>
  ticks.length <= 7 ? ticks : ticks.filter((tick) => /^1/.test(tick.toExponential()))

/** A dot for the median and a line from the least to the most, where differences are in factors. */
const dots = (title: string, subtitle: string, bars: ReadonlyArray<Bar>): Panel => {
  const bottom = headHeight + bars.length * rowHeight
  const ticks = logTicks(
    Math.min(1, ...bars.map(({ summary }) => summary.min)),
    Math.max(2, ...bars.map(({ summary }) => summary.max))
  )
  const scale = logarithmic([ticks[0] ?? 1, ticks[ticks.length - 1] ?? 10], [plotLeft, plotRight])
  const rows = bars.map(({ client, summary }, i) => {
    const y = headHeight + (i + 0.5) * rowHeight
    const color = colorOf(client)
    return [
      name(client, y),
      line(scale(summary.min), y, scale(summary.max), y, { stroke: color, "stroke-width": 3, "stroke-opacity": 0.35 }),
      element("circle", { cx: scale(summary.median), cy: y, r: 5, fill: color }),
      // Not across the line of the baseline.
      value(client, Math.max(scale(summary.max), summary.min < 1 ? scale(1) : 0) + 10, y, times(summary.median))
    ].join("")
  })
  return {
    height: bottom + axisHeight,
    draw: (x, y) =>
      place(x, y, [
        ...heading(title, subtitle),
        ...ruler(thinned(ticks), scale, (tick) => `${format(tick)}×`, bottom),
        line(scale(1), headHeight - 4, scale(1), bottom, { stroke: colors.baseline, "stroke-width": 1.5 }),
        ...rows
      ])
  }
}

/** Bars from zero. */
const bars = (
  title: string,
  subtitle: string,
  items: ReadonlyArray<Bar>,
  show: (value: number) => string,
  limit?: number
): Panel => {
  const bottom = headHeight + items.length * rowHeight
  const ticks = linearTicks(limit ?? Math.max(...items.map(({ summary }) => summary.max)))
  const scale = linear([0, ticks[ticks.length - 1] ?? 1], [plotLeft, plotRight])
  const rows = items.map(({ client, summary }, i) => {
    const y = headHeight + (i + 0.5) * rowHeight
    const end = scale(Math.max(0, summary.median))
    return [
      name(client, y),
      element("rect", {
        x: plotLeft,
        y: y - 7,
        width: Math.max(1, end - plotLeft),
        height: 14,
        rx: 2,
        fill: colorOf(client)
      }),
      summary.count > 1
        ? line(scale(Math.max(0, summary.min)), y, scale(Math.max(0, summary.max)), y, {
          stroke: colors.range,
          "stroke-width": 1.5
        })
        : "",
      value(client, Math.max(end, scale(summary.max)) + 8, y, show(summary.median))
    ].join("")
  })
  return {
    height: bottom + axisHeight,
    draw: (x, y) => place(x, y, [...heading(title, subtitle), ...ruler(ticks, scale, format, bottom), ...rows])
  }
}

interface Line {
  readonly client: string
  readonly points: ReadonlyArray<readonly [x: number, summary: Summary]>
}

const lines = (title: string, subtitle: string, series: ReadonlyArray<Line>): Panel => {
  const height = 210
  const bottom = headHeight + height
  const left = 48
  const right = panelWidth - 112
  const all = series.flatMap(({ points }) => points.map(([, summary]) => summary))
  const ticks = logTicks(Math.min(...all.map(({ min }) => min)), Math.max(...all.map(({ max }) => max)))
  const x = logarithmic([waiterCounts[0] ?? 1, waiterCounts[waiterCounts.length - 1] ?? 10], [left, right])
  const y = logarithmic([ticks[0] ?? 1, ticks[ticks.length - 1] ?? 10], [bottom, headHeight + 6])
  const grid = [
    ...ticks.flatMap((tick) => [
      line(left, y(tick), right, y(tick), { stroke: colors.grid, "stroke-width": 1 }),
      text(left - 8, y(tick) + 4, format(tick), { "font-size": 11, "text-anchor": "end", fill: colors.muted })
    ]),
    ...waiterCounts.map((count) =>
      text(x(count), bottom + 18, count.toLocaleString("en"), {
        "font-size": 11,
        "text-anchor": "middle",
        fill: colors.muted
      })
    )
  ]
  // Names beside the last points, moved apart where these are close.
  const ends = series.flatMap(({ client, points }) => {
    const last = points[points.length - 1]
    return last === undefined ? [] : [{ client, x: x(last[0]), y: y(last[1].median) }]
  }).sort((a, b) => a.y - b.y)
  let above = -Infinity
  const names = ends.map((end) => {
    const labelY = Math.max(end.y, above + 15)
    above = labelY
    return text(end.x + 10, labelY + 4, plain(titleOf(end.client)), {
      "font-size": 12,
      "font-weight": end.client === ours ? 700 : 400,
      fill: colorOf(end.client)
    })
  })
  const drawn = series.map(({ client, points }) => {
    const stroke = colorOf(client)
    return [
      element("polyline", {
        points: points.map(([count, { median }]) => `${x(count).toFixed(1)},${y(median).toFixed(1)}`).join(" "),
        fill: "none",
        stroke,
        "stroke-width": 2
      }),
      ...points.flatMap(([count, summary]) => [
        line(x(count), y(summary.min), x(count), y(summary.max), { stroke, "stroke-width": 3, "stroke-opacity": 0.35 }),
        element("circle", { cx: x(count), cy: y(summary.median), r: 4, fill: stroke })
      ])
    ].join("")
  })
  return {
    height: bottom + axisHeight,
    draw: (left, top) => place(left, top, [...heading(title, subtitle), ...grid, ...drawn, ...names])
  }
}

const find = (results: Results, names: ReadonlyArray<string>): Measure | undefined =>
  names.flatMap((name) => results.measures.includes(name) ? measures.filter((measure) => measure.name === name) : [])[0]

const barsOf = (rows: ReadonlyArray<Row>, of: (row: Row) => Summary | undefined): ReadonlyArray<Bar> =>
  rows.flatMap((row) => {
    const summary = of(row)
    return summary === undefined ? [] : [{ client: row.client, summary }]
  })

const ratioPanel = (results: Results, names: ReadonlyArray<string>, what: string): ReadonlyArray<Panel> => {
  const measure = find(results, names)
  if (measure === undefined) return []
  const items = barsOf(rowsOf(results, measure, baseline), ({ ratio }) => ratio)
  return items.length === 0 ? [] : [dots(measure.title, `${what}, times raw undici's; logarithmic`, items)]
}

const barPanel = (
  results: Results,
  name: string,
  subtitle: string,
  show: (value: number) => string,
  limit?: number
): ReadonlyArray<Panel> => {
  const measure = find(results, [name])
  const key = measure?.columns[0].key
  if (measure === undefined || key === undefined) return []
  const items = barsOf(rowsOf(results, measure, baseline), ({ columns }) => columns.get(key))
  return items.length === 0 ? [] : [bars(measure.title, subtitle, items, show, limit)]
}

const waitingPanel = (results: Results): ReadonlyArray<Panel> => {
  const points = new Map<string, Array<readonly [number, Summary]>>()
  for (const count of waiterCounts) {
    const measure = find(results, [`waiting-${count}`])
    for (
      const { client, summary } of measure === undefined ? [] : barsOf(
        rowsOf(results, measure, baseline),
        ({ columns }) => columns.get("cpu")
      )
    ) {
      points.set(client, [...points.get(client) ?? [], [count, summary]])
    }
  }
  const series = [...points].map(([client, points]) => ({ client, points }))
  return series.length === 0
    ? []
    : [lines("A call while others wait", "CPU µs per call by the number of waiting calls; logarithmic", series)]
}

const footer = (results: Results): string =>
  [
    results.mode === "full" ? "" : `${results.mode} run, not for quoting. `,
    `Node ${results.machine.node}, ${results.machine.processor}, ${results.machine.cores} cores; `,
    `medians of ${results.rounds} rounds, lines from the least to the most; ${results.startedAt.slice(0, 10)}`
  ].join("")

export const chart = (results: Results): string => {
  const panels = [
    ...ratioPanel(results, ["in-flight-32", "in-flight-256", "sequential"], "CPU per call"),
    ...ratioPanel(results, ["stream-20000", "stream-2000"], "CPU per event"),
    ...barPanel(results, "limit", "% of what the server could answer; more is better", format, 100),
    ...barPanel(results, "heap-in-flight", "KiB of used heap, connection included", format),
    ...barPanel(results, "import", "ms, without Node's own start", format),
    ...waitingPanel(results)
  ]
  const top = 74
  const width = 2 * margin + 2 * panelWidth + gap
  const drawn: Array<string> = []
  let y = top
  for (let i = 0; i < panels.length; i += 2) {
    const pair = panels.slice(i, i + 2)
    pair.forEach((panel, column) => drawn.push(panel.draw(margin + column * (panelWidth + gap), y)))
    y += Math.max(...pair.map(({ height }) => height)) + gap
  }
  const height = y + margin - 8
  return element("svg", {
    xmlns: "http://www.w3.org/2000/svg",
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    role: "img",
    "font-family": "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', sans-serif"
  }, [
    element("title", {}, ["What a call costs, by client"]),
    element("rect", { width, height, fill: colors.page }),
    text(margin, 40, "What a call costs", { "font-size": 22, "font-weight": 700, fill: colors.text }),
    ...drawn,
    text(margin, height - 18, footer(results), { "font-size": 11, fill: colors.muted })
  ]) + "\n"
}
