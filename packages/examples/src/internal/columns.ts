/** Texts side by side, for terminals. */

/** Characters that take two places: Chinese, Japanese, Korean, most emoji. */
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u

const characters = new Intl.Segmenter()

const charactersOf = (text: string) => Array.from(characters.segment(text), ({ segment }) => segment)

/** How many places a text takes. */
export const widthOf = (text: string): number =>
  charactersOf(text).reduce((sum, character) => sum + (wide.test(character) ? 2 : 1), 0)

/** A text's lines, none wider than this (at least 2), broken between words where there are any. */
export const wrap = (text: string, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const paragraph of text.split("\n")) {
    let line = ""
    for (const word of paragraph.split(/(?<= )/)) {
      if (line !== "" && widthOf(line + word.trimEnd()) > width) {
        lines.push(line.trimEnd())
        line = ""
      }
      for (const character of charactersOf(word)) {
        if (widthOf((line + character).trimEnd()) > width) {
          lines.push(line.trimEnd())
          line = ""
        }
        line += character
      }
    }
    lines.push(line.trimEnd())
  }
  return lines
}

/** A text with spaces after it, so that it takes so many places. */
export const pad = (text: string, width: number) => text + " ".repeat(Math.max(0, width - widthOf(text)))

/** So many lines with a column for each text, which shows the end of it. */
export const beside = (texts: ReadonlyArray<string>, size: {
  readonly width: number
  readonly height: number
}): ReadonlyArray<string> => {
  const width = Math.max(2, Math.floor((size.width + 2) / texts.length) - 2)
  const columns = texts.map((text) => wrap(text, width).slice(-size.height))
  return Array.from(
    { length: size.height },
    (_, i) => columns.map((lines) => pad(lines[i] ?? "", width)).join("  ").trimEnd()
  )
}
