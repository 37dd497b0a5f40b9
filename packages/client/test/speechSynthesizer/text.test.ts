import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { isBlank, lastEnd, Pieces, split, weigh, weighSsml } from "../../src/internal/speechSynthesizer/text.js"

const unit = FastCheck.constantFrom("a", "字", "。", ".", " ", "\n", "!", "😀", "𠮷", "é")
const text = FastCheck.array(unit, { maxLength: 80 }).map((units) => units.join(""))
const most = FastCheck.integer({ min: 2, max: 12 })

const isWellFormed = (text: string): boolean => !/^[\udc00-\udfff]|[\ud800-\udbff]$/.test(text)

describe("the weight of a text", () => {
  it("is what the service counts", () => {
    assert.strictEqual(weigh("床前明月光，"), 11)
    assert.strictEqual(weigh("Hello, 世界"), 11)
    assert.strictEqual(weigh("かなカナ한글"), 6)
    assert.strictEqual(weigh("𠮷"), 2)
    assert.strictEqual(weighSsml("<speak>你好<break time=\"1s\"/>a</speak>"), 5)
  })
})

describe("a text that is too large", () => {
  it("is cut at sentences, else at words, else at signs", () => {
    assert.deepStrictEqual(split("一。二。三", 7), ["一。二。", "三"])
    assert.deepStrictEqual(split("Go. Now we wait", 9), ["Go. ", "Now we ", "wait"])
    assert.deepStrictEqual(split("3.1415", 4), ["3.14", "15"])
    assert.deepStrictEqual(split("字字字", 2), ["字", "字", "字"])
    assert.deepStrictEqual(split("", 5), [])
  })

  it("is the same in pieces, none of which is too large or has half a sign", () => {
    FastCheck.assert(FastCheck.property(text, most, (text, most) => {
      const pieces = split(text, most)
      assert.strictEqual(pieces.join(""), text)
      for (const [index, piece] of pieces.entries()) {
        assert.isAtMost(weigh(piece), most)
        assert.isNotEmpty(piece)
        assert.isTrue(isWellFormed(piece))
        const isLast = index === pieces.length - 1
        // Where a sentence was complete, that is where the cut is.
        const end = lastEnd(piece)
        if (!isLast && end > 0 && end < piece.length) assert.isTrue(/^\s$/.test(piece.slice(end)))
        // No cut that is not needed.
        if (!isLast && lastEnd(piece) === 0 && !/\s/.test(piece)) {
          assert.isAbove(weigh(piece) + weigh([...pieces[index + 1]!][0]!), most)
        }
      }
    }))
  })
})

describe("texts that come in any pieces", () => {
  const given = (text: string, cuts: ReadonlyArray<number>): ReadonlyArray<string> => {
    const at = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b)
    return [0, ...at].map((start, i) => text.slice(start, at[i] ?? text.length))
  }
  const cuts = FastCheck.array(FastCheck.nat(), { maxLength: 20 })

  it("are sent without loss but for what is blank, and without half signs", () => {
    FastCheck.assert(FastCheck.property(text, cuts, FastCheck.boolean(), (text, cuts, whole) => {
      const pieces = new Pieces(20_000, whole)
      const sent = [...given(text, cuts).flatMap((one) => pieces.add(one)), ...pieces.end()]
      assert.strictEqual(sent.join("").trimEnd(), text.trimEnd())
      for (const one of sent) {
        assert.isFalse(isBlank(one))
        assert.isTrue(isWellFormed(one))
      }
      if (whole) { for (const one of sent.slice(0, -1)) assert.strictEqual(lastEnd(one), one.length) }
    }))
  })

  it("are sent as they come, or in whole sentences", () => {
    const sent = (whole: boolean) => {
      const pieces = new Pieces(20_000, whole)
      return [...["今天", "", "晴。", "\n", "Yes. It", " is", "!  "].flatMap((one) => pieces.add(one)), ...pieces.end()]
    }
    assert.deepStrictEqual(sent(false), ["今天", "晴。", "\nYes. It", " is", "!  "])
    assert.deepStrictEqual(sent(true), ["今天晴。", "\nYes. ", "It is!"])
  })

  it("keep half a sign until the other half comes", () => {
    const pieces = new Pieces(20_000, false)
    assert.deepStrictEqual(pieces.add("a\ud83d"), ["a"])
    assert.deepStrictEqual(pieces.add("\ude00b"), ["😀b"])
  })
})
