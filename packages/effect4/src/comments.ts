/** Docstrings: their examples are programs, and their prose speaks of modules. */
import { words } from "./words.js"

const docstring = /^([ \t]*)\/\*\*\n[^]*?^\1 \*\/$/gm

/** The lines of an example, up to the next tag or the end. */
const example = /^([ \t]*) \* @example\n([^]*?)(?=^\1 \*(?: @|\/))/gm

/** A file whose docstrings are of Effect 4. */
export const transformComments = (text: string, transform: (code: string) => string): string =>
  text.replaceAll(docstring, (comment: string) => {
    if (!comment.includes("@effect/") && !comment.includes("@example")) return comment
    const transformed = comment.replaceAll(example, (_, indent: string, lines: string) => {
      const start = `${indent} *`
      const code = lines.split("\n").map((line) => line.slice(start.length).replace(/^ /, "")).join("\n")
      const made = transform(code).replace(/\n$/, "").split("\n").map((line) =>
        line === "" ? start : `${start} ${line}`
      )
      return `${start} @example\n${made.join("\n")}\n`
    })
    return words(transformed)
  })
