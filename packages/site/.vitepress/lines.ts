/**
 * Both lines on every page: code that differs between Effect 3 and Effect 4 is written once, for Effect 3, and rendered for both.
 * A switch in the navigation bar shows one of them.
 */
import * as Predicate from "effect/Predicate"
import type { MarkdownRenderer } from "vitepress"
import { choices, transformBlock } from "../../effect4/src/markdown.js"

const section = (line: 3 | 4, content: string) => `<div class="effect-${line}">\n${content}\n</div>\n`

/** Is this code of both lines, by the words after the backticks? What `effect-3` or `effect-4` stands behind is of one line and shown on both. */
const isOfBoth = (info: string) => /^(?:ts|typescript)\b(?!.*\beffect-[34]\b)/.test(info.trim())

const isReference = (env: unknown): boolean =>
  Predicate.hasProperty(env, "relativePath") && String(env.relativePath).startsWith("api/")

export const bothLines = (md: MarkdownRenderer): void => {
  md.core.ruler.before("normalize", "effect-lines", (state) => {
    state.src = choices(state.src, (three, four) => `${section(3, `\n${three}`)}\n${section(4, `\n${four}`)}`)
  })

  const { fence } = md.renderer.rules
  if (fence === undefined) return
  md.renderer.rules.fence = (tokens, index, options, env, self) => {
    const token = tokens[index]
    const three = fence(tokens, index, options, env, self)
    // The reference is made of the sources, which are those of Effect 3.
    if (token === undefined || !isOfBoth(token.info) || isReference(env)) return three
    const code = token.content
    const made = transformBlock(code)
    if (made === code) return three
    token.content = made
    const four = fence(tokens, index, options, env, self)
    token.content = code
    return section(3, three) + section(4, four)
  }
}

/** Runs before the page is drawn, so that it is drawn once. */
export const chosenLine = `
const line = localStorage.getItem("effect-line")
if (line === "4") document.documentElement.dataset.effectLine = "4"
`
