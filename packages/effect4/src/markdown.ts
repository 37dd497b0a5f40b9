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
 */
import { type Counterparts, transform } from "./transform.js"

const fence = /^([ \t]*)(`{3,})(ts|typescript)\b([^\n]*)\n([\s\S]*?)^\1\2[ \t]*$/gm

const choice = /^<!-- effect 3 -->\n([\s\S]*?)^<!-- effect 4\n([\s\S]*?)^-->\n/gm

/** Each part that differs, as `choose` writes it. */
export const choices = (text: string, choose: (three: string, four: string) => string): string =>
  text.replaceAll(choice, (_, three: string, four: string) => choose(three, four))

/** Each block of TypeScript, as `write` writes it with its code for Effect 4; the same object for both where they are equal. */
export const blocks = (
  text: string,
  counterparts: Counterparts,
  write: (
    block: {
      readonly whole: string
      readonly three: string
      readonly four: string
      readonly around: (code: string) => string
    }
  ) => string
): string =>
  text.replaceAll(fence, (whole, indent: string, ticks: string, language: string, info: string, three: string) => {
    const bare = three.replaceAll(new RegExp(`^${indent}`, "gm"), "")
    const made = transform(bare, "block.ts", counterparts)
    const four = made === bare ? three : made.replaceAll(/^(?=.)/gm, indent)
    return write({
      whole,
      three,
      four,
      around: (code) => `${indent}${ticks}${language}${info}\n${code}${indent}${ticks}`
    })
  })

/** The page for Effect 4. */
export const transformMarkdown = (text: string, counterparts: Counterparts): string =>
  blocks(choices(text, (_, four) => four), counterparts, ({ around, four }) => around(four))
