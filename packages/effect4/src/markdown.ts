/**
 * Pages of the Effect 4 line: their TypeScript is transformed, and where the lines say different things, the page has both:
 *
 * ```md
 * <!-- effect 3 -->
 * What is said of Effect 3.
 * <!-- effect 4
 * What is said of Effect 4.
 * -->
 * ```
 *
 * A block ```` ```ts effect-3 ```` or ```` ```ts effect-4 ```` is code of one line that the pages of both show.
 */
import { transform } from "./transform.js"
import { words } from "./words.js"

const fence = /^([ \t]*)(```(?:ts|typescript)\b[^\n]*)\n([\s\S]*?)^\1```[ \t]*$/gm

const choice = /^<!-- effect 3 -->\n([\s\S]*?)^<!-- effect 4\n([\s\S]*?)^-->\n/gm

/** Each part that differs, as `choose` writes it. */
export const choices = (text: string, choose: (three: string, four: string) => string): string =>
  text.replaceAll(choice, (_, three: string, four: string) => choose(three, four))

/** A page with each block of TypeScript that `write` makes of its code. */
const withBlocks = (text: string, write: (code: string) => string): string =>
  text.replaceAll(fence, (whole: string, indent: string, opening: string, code: string) => {
    if (/\beffect-3\b/.test(opening)) return whole.replace(opening, "```text")
    if (/\beffect-4\b/.test(opening)) return whole.replace(opening, "```ts")
    const bare = code.replaceAll(new RegExp(`^${indent}`, "gm"), "")
    return `${indent}${opening}
${write(bare).replaceAll(/^(?=.)/gm, indent)}${indent}\`\`\``
  })

/** A user's code for Effect 4. */
export const transformBlock = (code: string): string => transform(code, "block.ts", undefined)

/** The page for Effect 4. What both lines say is in its words; what only this one says is as it is written. */
export const transformMarkdown = (text: string): string =>
  withBlocks(text, transformBlock)
    .split(choice)
    .map((part, i) => i % 3 === 0 ? words(part) : i % 3 === 1 ? "" : part)
    .join("")
