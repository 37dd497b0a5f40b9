/** The pages of the site, as the tests read them. */
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

export const root = new URL("../../../", import.meta.url)
export const pathOf = (relative: string): string => fileURLToPath(new URL(relative, root))
export const read = (relative: string): string => readFileSync(pathOf(relative), "utf8")

const docs = "packages/site/docs/"

export interface Page {
  /** Such as `services/generation`, in both languages. */
  readonly path: string
  /** From the root of the repository. */
  readonly file: string
  readonly text: string
}

const isGenerated = (path: string) => /^(?:api|public)\//.test(path)

const pagesIn = (folder: string, isPage: (path: string) => boolean): ReadonlyArray<Page> =>
  readdirSync(pathOf(folder), { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".md") && isPage(path))
    .sort()
    .map((path) => ({ path: path.slice(0, -".md".length), file: folder + path, text: read(folder + path) }))

export const english: ReadonlyArray<Page> = pagesIn(docs, (path) => !path.startsWith("zh/") && !isGenerated(path))
export const chinese: ReadonlyArray<Page> = pagesIn(`${docs}zh/`, () => true)

export const languages = { en: english, zh: chinese } as const

export interface Block {
  /** The page and the line, for messages. */
  readonly place: string
  /** What stands behind the fence, such as `ts run`. */
  readonly info: string
  readonly code: string
}

export const blocksOf = ({ file, text }: Pick<Page, "file" | "text">): ReadonlyArray<Block> =>
  Array.from(text.matchAll(/^```([^\n`]*)\n([^]*?)^```$/gm), (match) => ({
    place: `${file}:${text.slice(0, match.index).split("\n").length + 1}`,
    info: (match[1] ?? "").trim(),
    code: match[2] ?? ""
  }))

/** Of this line: what `effect-4` stands behind is shown, and compiled on the other. */
/** The examples of the docstrings of a file. Prose may follow one, after an empty line. */
export const examplesOf = ({ file, text }: Pick<Page, "file" | "text">): ReadonlyArray<Block> =>
  Array.from(text.matchAll(/^([ \t]*) \* @example\n([^]*?)(?=^\1 \*(?: @|\/))/gm), (match) => ({
    place: `${file}:${text.slice(0, match.index).split("\n").length + 1}`,
    info: "ts",
    code: (match[2] ?? "").replaceAll(/^[ \t]*\* ?/gm, "").split(/\n\n(?=[*A-Z`{][\w`*@]*[:,.]? (?!=))/)[0] ?? ""
  }))

export const isTypeScript = ({ info }: Block): boolean => /^ts\b(?!.*\beffect-4\b)/.test(info)

/** A page without its blocks of code. */
export const prose = (text: string): string => text.replaceAll(/^```[^]*?^```$/gm, "")

/** What stands between backticks in the prose, each once. */
export const quoted = (text: string): ReadonlyArray<string> => [
  ...new Set(Array.from(prose(text).matchAll(/`([^`\n]+)`/g), ([, name = ""]) => name))
]

export interface Table {
  readonly place: string
  readonly name: string
  /** The cells of each row, without the head. */
  readonly rows: ReadonlyArray<ReadonlyArray<string>>
}

/** The tables below a line `<!-- checked: name -->`. */
export const checkedTables = ({ file, text }: Page): ReadonlyArray<Table> =>
  Array.from(text.matchAll(/^<!-- checked: ([\w-]+) -->\n+((?:\|.*\n)+)/gm), ([match, name = "", table = ""]) => ({
    place: `${file}:${text.slice(0, text.indexOf(match)).split("\n").length}`,
    name,
    rows: table.trim().split("\n").slice(2).map((row) =>
      row.replace(/^\|/, "").replace(/\|$/, "").split(/(?<!\\)\|/).map((cell) => cell.trim())
    )
  }))
