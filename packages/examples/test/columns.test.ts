import { assert, describe, it } from "@effect/vitest"
import { FastCheck } from "effect"
import { beside, widthOf, wrap } from "../src/internal/columns.js"

const texts = FastCheck.stringMatching(/^[a-z 你好，🙂\n]{0,60}$/u)
const widths = FastCheck.integer({ min: 2, max: 20 })

describe("columns", () => {
  it("counts two places for Chinese and emoji", () => {
    assert.deepStrictEqual(["", "abc", "你好", "好🙂!"].map(widthOf), [0, 3, 4, 5])
  })

  it("breaks between words, and within those that are too long", () => {
    assert.deepStrictEqual(wrap("one two three\n你好吗 abcdefgh", 7), ["one two", "three", "你好吗", "abcdefg", "h"])
  })

  it.prop("keeps all but spaces, in lines that are not too wide", [texts, widths], ([text, width]) => {
    const lines = wrap(text, width)
    for (const line of lines) assert.isAtMost(widthOf(line), width)
    assert.strictEqual(lines.join("").replaceAll(" ", ""), text.replaceAll(/[ \n]/g, ""))
  })

  it("shows the end of each text, in columns of one width", () => {
    assert.deepStrictEqual(beside(["one two three", "你好"], { width: 12, height: 2 }), ["two    你好", "three"])
  })
})
