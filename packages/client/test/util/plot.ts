/** Values over time as SVG: a grid of small panels with one axis of time, in the colours that the reader's system has. */

/** Of the palette below, which has two forms: for light and for dark. */
export type Color = "blue" | "orange" | "green" | "red" | "purple"

export interface Line {
  readonly name: string
  readonly color: Color
  /** One for each time; NaN where there is none. */
  readonly values: ReadonlyArray<number>
  /** A limit or a fit, and not a measurement. */
  readonly isDashed?: boolean | undefined
}

export interface Panel {
  /** With its unit. */
  readonly title: string
  /** What it comes to, in a few words. */
  readonly note: string
  readonly lines: ReadonlyArray<Line>
}

export interface Plot {
  readonly title: string
  readonly subtitle: string
  /** Seconds, of all values. */
  readonly times: ReadonlyArray<number>
  readonly panels: ReadonlyArray<Panel>
}

const columns = 2
const margin = 24
const gap = 40
const axis = 36
const chart = { width: 400, height: 110 }
const top = 84
const head = 50
const foot = 30
const cell = { width: axis + chart.width, height: head + chart.height + foot }
const width = 2 * margin + columns * cell.width + (columns - 1) * gap

interface Theme extends Readonly<Record<Color, string>> {
  readonly page: string
  readonly ink: string
  readonly muted: string
  readonly grid: string
}

const light: Theme = {
  page: "#fff",
  ink: "#1f2328",
  muted: "#59636e",
  grid: "#e4e8ec",
  blue: "#0969da",
  orange: "#bc4c00",
  green: "#1a7f37",
  red: "#cf222e",
  purple: "#8250df"
}

const dark: Theme = {
  page: "#0d1117",
  ink: "#e6edf3",
  muted: "#9198a1",
  grid: "#262c34",
  blue: "#4493f8",
  orange: "#f0883e",
  green: "#3fb950",
  red: "#f85149",
  purple: "#ab7df8"
}

const rulesOf = ({ grid, ink, muted, page, ...colors }: Theme): string =>
  `.page{fill:${page}} text{fill:${muted}} .title,.name{fill:${ink}} .grid{stroke:${grid}} ` +
  Object.entries(colors).map(([name, color]) => `.${name}{stroke:${color}}`).join(" ")

const style = `
text{font:11px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
.title{font-size:18px;font-weight:600} .name{font-size:13px;font-weight:600}
.end{text-anchor:end} .middle{text-anchor:middle}
.line{fill:none;stroke-width:1.5;stroke-linejoin:round} .dashed{stroke-dasharray:4 4;stroke-width:1}
${rulesOf(light)}
@media (prefers-color-scheme:dark){${rulesOf(dark)}}
`

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" }
const escape = (text: string): string => text.replace(/[&<>]/g, (c) => escapes[c] ?? c)

const round = (n: number): string => String(Math.round(n * 10) / 10)
const label = (tick: number): string => tick.toLocaleString("en-US", { maximumFractionDigits: 2 })

const text = (x: number, y: number, kind: string, content: string): string =>
  `<text x="${round(x)}" y="${round(y)}" class="${kind}">${escape(content)}</text>`

/** Round numbers from 0 to at least the largest, some `count` of them. */
const ticksOf = (largest: number, count: number): ReadonlyArray<number> => {
  const rough = Math.max(largest, 1e-9) / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10)
  return Array.from({ length: Math.ceil(largest / step - 1e-9) + 1 }, (_, i) => Number((i * step).toPrecision(12)))
}

const paint = ({ color, isDashed }: Line): string => `class="line ${color}${isDashed === true ? " dashed" : ""}"`

const panelOf = (panel: Panel, times: ReadonlyArray<number>, left: number, from: number): string => {
  const bottom = from + head + chart.height
  const right = left + axis + chart.width
  const ticks = ticksOf(Math.max(...panel.lines.flatMap(({ values }) => values.filter((n) => !Number.isNaN(n)))), 4)
  const last = times.at(-1) ?? 1
  const x = (seconds: number) => left + axis + seconds / last * chart.width
  const y = (value: number) => bottom - value / (ticks.at(-1) ?? 1) * chart.height
  const out = [
    text(left, from + 14, "name", panel.title),
    text(right, from + 14, "end", panel.note),
    ...ticks.map((tick) =>
      `<line class="grid" x1="${left + axis}" x2="${right}" y1="${round(y(tick))}" y2="${round(y(tick))}"/>` +
      text(left + axis - 6, y(tick) + 4, "end", label(tick))
    ),
    ...ticksOf(last, 8).filter((tick) => tick <= last).map((tick) =>
      text(x(tick), bottom + 16, "middle", tick === 0 ? "0 s" : label(tick))
    )
  ]
  let at = left
  for (const line of panel.lines) {
    out.push(
      `<line x1="${round(at)}" x2="${round(at + 16)}" y1="${from + 30}" y2="${from + 30}" ${paint(line)}/>` +
        text(at + 21, from + 34, "", line.name)
    )
    // A letter of the font is about so wide.
    at += 36 + line.name.length * 5.6
    const points = times.flatMap((time, i) => {
      const value = line.values[i] ?? Number.NaN
      return Number.isNaN(value) ? [] : [`${round(x(time))},${round(y(value))}`]
    })
    out.push(`<polyline points="${points.join(" ")}" ${paint(line)}/>`)
  }
  return out.join("\n")
}

export const toSvg = ({ panels, subtitle, times, title }: Plot): string => {
  const height = top + Math.ceil(panels.length / columns) * cell.height
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${escape(title)}</title>`,
    `<style>${style}</style>`,
    `<rect width="${width}" height="${height}" rx="8" class="page"/>`,
    text(margin, 38, "title", title),
    text(margin, 60, "", subtitle),
    ...panels.map((panel, i) =>
      panelOf(
        panel,
        times,
        margin + (i % columns) * (cell.width + gap),
        top + Math.floor(i / columns) * cell.height
      )
    ),
    "</svg>",
    ""
  ].join("\n")
}
