/** Lines of a terminal, made of coloured pieces and measured in places. */
import * as Columns from "../columns.js"

const codes = {
  bold: "1",
  dim: "2",
  red: "31",
  green: "32",
  yellow: "33",
  blue: "34",
  magenta: "35",
  cyan: "36"
} as const

export type Style = keyof typeof codes

export interface Span {
  readonly text: string
  readonly style: Style
}

export type Line = ReadonlyArray<string | Span>

export const styled = (style: Style, text: string): Span => ({ text, style })

const textOf = (piece: string | Span) => typeof piece === "string" ? piece : piece.text

/** Anything but what surely takes one place: Latin letters, punctuation, box drawing, blocks. */
const maybeWide = /[^\u0020-\u02ff\u2010-\u2027\u2500-\u259f]/

/** How many places a text takes. Most need no look at each character. */
export const widthOf = (text: string): number => maybeWide.test(text) ? Columns.widthOf(text) : text.length

export const widthOfLine = (line: Line): number => line.reduce((sum, piece) => sum + widthOf(textOf(piece)), 0)

const characters = new Intl.Segmenter()

const take = (text: string, width: number): string => {
  let taken = ""
  let left = width
  for (const { segment } of characters.segment(text)) {
    left -= widthOf(segment)
    if (left < 0) break
    taken += segment
  }
  return taken
}

/** Exactly so wide: filled with spaces, or cut with a mark that says so. */
export const fit = (line: Line, width: number): Line => {
  const missing = width - widthOfLine(line)
  if (missing === 0) return line
  if (missing > 0) return [...line, " ".repeat(missing)]
  if (width <= 0) return []
  const kept: Array<string | Span> = []
  let left = width - 1
  for (const piece of line) {
    const text = take(textOf(piece), left)
    kept.push(typeof piece === "string" ? text : { ...piece, text })
    left -= widthOf(text)
    if (text !== textOf(piece)) break
  }
  // Half of a wide character is left over where that did not fit.
  kept.push("…", " ".repeat(left))
  return kept
}

/** One to the left, one to the right; the left one is cut where there is not the room for both. */
export const ends = (left: Line, right: Line, width: number): Line => {
  const room = width - widthOfLine(right)
  return room < 8 ? fit(left, width) : [...fit(left, room), ...right]
}

// What others wrote must not move the cursor, or turn the writing around.

const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g

/** A text of any origin, on one line and without control characters. */
export const clean = (text: string): string => text.replaceAll(unprintable, " ")

const drawn = "╭╮╰╯─│·…×▒░▚▁▂▃▄▅▆▇█"
const ascii = "++++-|.~x=-%..::++##"

export interface Look {
  readonly color: boolean
  /** Box drawing and blocks as ASCII, for terminals that have none or take them for wide. */
  readonly ascii: boolean
}

/** The line as a terminal takes it. */
export const paint = (line: Line, look: Look): string =>
  line.map((piece) => {
    const text = look.ascii
      ? textOf(piece).replaceAll(/[·×…\u2500-\u259f]/g, (character) => ascii[drawn.indexOf(character)] ?? "?")
      : textOf(piece)
    return typeof piece === "string" || !look.color || text === ""
      ? text
      : `\u001b[${codes[piece.style]}m${text}\u001b[0m`
  }).join("")

/** Whether to write in colours, by the conventions of `FORCE_COLOR` and `NO_COLOR`. */
export const wantsColor = (
  environment: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean
): boolean => {
  const { FORCE_COLOR: force, NO_COLOR: no, TERM: terminal } = environment
  if (force !== undefined) return force !== "0" && force !== "false"
  return isTerminal && (no === undefined || no === "") && terminal !== "dumb"
}
