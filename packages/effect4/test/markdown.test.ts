import { describe, expect, it } from "@effect/vitest"
import { transformMarkdown } from "../src/markdown.js"

describe("transformMarkdown", () => {
  it("transforms the TypeScript of a page, and nothing else", () => {
    const page = (effect: string) =>
      `# Title\n\nEffect.fork is text.\n\n\`\`\`ts run\nimport * as Effect from "effect/Effect"\n${effect}\n\`\`\`\n\n` +
      "```sh\nEffect.fork\n```\n"
    expect(transformMarkdown(page("Effect.fork(a)"))).toBe(page("Effect.forkChild(a)"))
  })

  it("transforms a block within a list", () => {
    const page = (effect: string) =>
      `- first\n\n  \`\`\`ts\n  import * as Effect from "effect/Effect"\n  ${effect}\n  \`\`\`\n`
    expect(transformMarkdown(page("Effect.fork(a)"))).toBe(page("Effect.forkChild(a)"))
  })

  it("speaks of the modules of Effect 4, but for what is written for it alone", () => {
    const page =
      "`@effect/platform`'s\n<!-- effect 3 -->\n<!-- effect 4\nnot `@effect/ai`\n-->\n`@effect/platform-node`, `@effect/ai`.\n"
    expect(transformMarkdown(page)).toBe(
      "`effect/http`'s\nnot `@effect/ai`\n`@effect/platform-node`, `effect/ai`.\n"
    )
  })

  it("says what is said of Effect 4", () => {
    expect(transformMarkdown("a\n<!-- effect 3 -->\nthree\n<!-- effect 4\nfour\n-->\nb\n")).toBe("a\nfour\nb\n")
  })
})
