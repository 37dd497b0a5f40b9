/** What the site says of both lines is what the transformation makes. */
import { assert, describe, it } from "@effect/vitest"
import { blocksOf, languages } from "../../site/test/pages.js"
import { transformBlock } from "../src/markdown.js"

const compact = (code: string) => code.replaceAll(/\s+/g, " ").trim()

/** Rows such as `` | `Effect.either` | `Effect.result` | ``: members of Effect's modules and what they are called. */
const row = /^\| ((?:`[A-Z]\w+\.\w+`(?:, )?)+) \| ((?:`[A-Z]\w+\.\w+`(?:, )?)+) \|$/gm

const namesOf = (cell: string) => cell.split(", ").map((name) => name.slice(1, -1))

const moduleOf = (name: string) => name.slice(0, name.indexOf("."))

for (const [language, pages] of Object.entries(languages)) {
  describe(`in ${language}`, () => {
    const page = pages.find(({ path }) => path === "from-effect-3")

    it("a program on Effect 3 is the one that follows on Effect 4", () => {
      const blocks = pages.flatMap(blocksOf)
      const threes = blocks.filter(({ info }) => info.includes("effect-3"))
      assert.isAbove(threes.length, 0)
      for (const three of threes) {
        const four = blocks[blocks.indexOf(three) + 1]
        assert.include(four?.info, "effect-4", three.place)
        assert.strictEqual(compact(four?.code ?? ""), compact(transformBlock(three.code)), three.place)
      }
    })

    it("names of Effect 3 are called what the table says", () => {
      const pairs = Array.from(page?.text.matchAll(row) ?? []).flatMap(([, threes = "", fours = ""]) => {
        const names = namesOf(fours)
        return namesOf(threes).map((three, i) => [three, names[i] ?? ""] as const)
      })
      assert.isAbove(pairs.length, 20)
      for (const [three, four] of pairs) {
        const barrel = moduleOf(three) === "NodeContext" ? "@effect/platform-node" : "effect"
        const made = transformBlock(`import { ${moduleOf(three)} } from "${barrel}"\n${three}(f)\n`)
        assert.include(made, `${four}(f)`, three)
      }
    })
  })
}
