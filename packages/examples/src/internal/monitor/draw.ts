/** Boxes, bars and charts, of exactly the size that is asked for. */
import type { Line, Span, Style } from "./text.js"
import { fit, styled, widthOfLine } from "./text.js"

export interface Size {
  readonly columns: number
  readonly rows: number
}

const border = (text: string) => styled("dim", text)

const edge = (from: string, caption: Line, to: string, columns: number): Line => {
  const room = columns - 2
  // Two of the line, and a space on either side.
  const shown = caption.length === 0 || room < 8 ? [] : [" ", ...fitAtMost(caption, room - 4), " "]
  const line = Math.max(0, room - 1 - widthOfLine(shown))
  return fit([border(from + (room > 0 ? "─" : "")), ...shown, border("─".repeat(line) + to)], columns)
}

const fitAtMost = (line: Line, width: number): Line => widthOfLine(line) > width ? fit(line, width) : line

/** A frame around as many of the lines as there is room for. */
export const box = (
  { caption = [], lines, title }: {
    readonly title: string
    readonly caption?: Line
    readonly lines: ReadonlyArray<Line>
  },
  { columns, rows }: Size
): ReadonlyArray<Line> => {
  if (rows < 2 || columns < 4) return Array.from({ length: rows }, () => fit([], columns))
  return [
    edge("╭", [styled("bold", title)], "╮", columns),
    ...Array.from(
      { length: rows - 2 },
      (_, i): Line => [border("│"), " ", ...fit(lines[i] ?? [], columns - 4), " ", border("│")]
    ),
    edge("╰", caption, "╯", columns)
  ]
}

/** What fits into a box of this size. */
export const inside = ({ columns, rows }: Size): Size => ({
  columns: Math.max(0, columns - 4),
  rows: Math.max(0, rows - 2)
})

/** One beside the other. All must have the same number of lines. */
export const beside = (
  left: ReadonlyArray<Line>,
  right: ReadonlyArray<Line>
): ReadonlyArray<Line> => left.map((line, i) => [...line, ...(right[i] ?? [])])

export interface Part {
  readonly count: number
  readonly glyph: string
  readonly style: Style
}

/** The widest that one of a bar's things is drawn. */
const widest = 6

/** A bar of parts, one block for each thing where there is room, else in proportion. */
export const bar = (parts: ReadonlyArray<Part>, limit: number, columns: number): Line => {
  const each = Math.min(widest, Math.floor(columns / limit))
  let counted = 0
  const drawn = parts.map(({ count, glyph, style }): Span => {
    const from = Math.round(counted / limit * columns)
    counted += count
    return styled(
      style,
      each === 0
        ? glyph.repeat(Math.max(0, Math.round(counted / limit * columns) - from))
        : (each < 3 ? glyph.repeat(each) : `${glyph.repeat(each - 1)} `).repeat(count)
    )
  })
  return fit(drawn, columns)
}

/** The last values, one for each place; drawn out over all places where there are more of these. */
export const stretch = (values: ReadonlyArray<number>, width: number): ReadonlyArray<number> => {
  if (width <= values.length) return values.slice(values.length - Math.max(0, width))
  return Array.from({ length: width }, (_, i) => {
    const at = i * (values.length - 1) / (width - 1)
    const before = values[Math.floor(at)] ?? 0
    const after = values[Math.ceil(at)] ?? before
    return before + (after - before) * (at - Math.floor(at))
  })
}

const blocks = " ▁▂▃▄▅▆▇█"

/** Columns up to `most`, as lines from top to bottom. What is more than nothing is seen. */
export const columnsOf = (
  values: ReadonlyArray<number>,
  { columns, most, rows }: Size & { readonly most: number }
): ReadonlyArray<string> => {
  const eighths = stretch(values, columns).map((value) =>
    value <= 0 ? 0 : Math.max(1, Math.min(8 * rows, Math.round(value / most * 8 * rows)))
  )
  return Array.from({ length: rows }, (_, row) => {
    const below = 8 * (rows - 1 - row)
    return eighths.map((height) => blocks[Math.max(0, Math.min(8, height - below))] ?? " ").join("").padStart(columns)
  })
}

/** The next number with a plain look, so that a scale does not change with every value. */
export const roundUp = (value: number): number => {
  if (value <= 1) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 1.5, 2, 3, 4, 5, 6, 8].find((factor) => value <= factor * power) ?? 10) * power
}

/** Columns with a scale beside them. */
export const chart = (
  values: ReadonlyArray<number>,
  { columns, format, rows, style }: Size & {
    readonly style: Style
    readonly format: (value: number) => string
  }
): ReadonlyArray<Line> => {
  const most = roundUp(Math.max(0, ...values))
  const top = format(most)
  return columnsOf(values, { columns: Math.max(0, columns - top.length - 1), rows, most }).map((text, row) => [
    border((row === 0 ? top : row === rows - 1 ? format(0) : "").padStart(top.length)),
    " ",
    styled(style, text)
  ])
}
