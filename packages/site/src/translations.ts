/**
 * Says which page of one language is older than the other. `--mark <page>…` writes down that both say the same now, and
 * `--mark-all` that all do.
 *
 * The front matter of a Chinese page keeps two hashes, of the English text and of its own, as they were then. They need no
 * history, and so no deep clone.
 */
import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

export type State = "same" | "English is newer" | "Chinese is newer" | "both have changed" | "never compared"

const mark = /^translates: ([0-9a-f]+) ([0-9a-f]+)\n/m

const hash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 12)

const textOf = (page: string): string => page.replace(mark, "").replace(/^---\n---\n\n?/, "").trim()

/** How the two stand to each other. */
export const stateOf = (english: string, chinese: string): State => {
  const [, ofEnglish, ofChinese] = mark.exec(chinese) ?? []
  if (ofEnglish === undefined) return "never compared"
  const isEnglish = hash(textOf(english)) === ofEnglish
  const isChinese = hash(textOf(chinese)) === ofChinese
  return isEnglish && isChinese
    ? "same"
    : isChinese
    ? "English is newer"
    : isEnglish
    ? "Chinese is newer"
    : "both have changed"
}

/** The Chinese page with the mark that both say the same. */
export const marked = (english: string, chinese: string): string => {
  const line = `translates: ${hash(textOf(english))} ${hash(textOf(chinese))}\n`
  const page = chinese.replace(mark, "")
  return page.startsWith("---\n") ? page.replace("---\n", `---\n${line}`) : `---\n${line}---\n\n${page}`
}

const docs = fileURLToPath(new URL("../docs/", import.meta.url))
const pagesIn = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".md") && !/^(?:zh|api|public)\//.test(path))
    .map((path) => path.slice(0, -".md".length))
    .sort()

const main = (args: ReadonlyArray<string>): number => {
  const english = pagesIn(docs)
  const chinese = pagesIn(`${docs}zh/`)
  const file = (path: string) => `${docs}${path}.md`
  const read = (path: string) => readFileSync(file(path), "utf8")
  if (args[0]?.startsWith("--mark") === true) {
    for (const path of args[0] === "--mark-all" ? chinese : args.slice(1)) {
      if (!existsSync(file(path)) || !existsSync(file(`zh/${path}`))) {
        console.error(`There is no page ${path} in both languages.`)
        return 1
      }
      writeFileSync(file(`zh/${path}`), marked(read(path), read(`zh/${path}`)))
    }
  }
  const alone = [
    ...english.filter((path) => !chinese.includes(path)).map((path) => `${path}: there is no page in Chinese`),
    ...chinese.filter((path) => !english.includes(path)).map((path) => `${path}: there is no page in English`)
  ]
  const states = english.filter((path) => chinese.includes(path)).map((path) =>
    [path, stateOf(read(path), read(`zh/${path}`))] as const
  )
  const older = states.filter(([, state]) => state !== "same")
  for (const [path, state] of older) console.warn(`${path}: ${state}`)
  for (const line of alone) console.error(line)
  console.log(
    `${states.length} pages in both languages, ${older.length} of which are to be compared, ${alone.length} in one only`
  )
  return alone.length === 0 ? 0 : 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.slice(2))
