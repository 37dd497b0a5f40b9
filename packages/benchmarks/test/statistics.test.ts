import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { median, ratios, rotate, summarize } from "../src/statistics.js"

const number = FastCheck.double({ noNaN: true, min: -1e9, max: 1e9 })
const numbers = FastCheck.array(number, { minLength: 1 })

describe("median", () => {
  it("is the middle one, or lies between the two in the middle", () => {
    assert.strictEqual(median([3, 1, 2]), 2)
    assert.strictEqual(median([4, 1, 2, 3]), 2.5)
    assert.isNaN(median([]))
  })

  it.prop("has as many values below it as above", [numbers], ([values]) => {
    const middle = median(values)
    const below = values.filter((value) => value < middle).length
    const above = values.filter((value) => value > middle).length
    assert.isAtMost(below, values.length / 2)
    assert.isAtMost(above, values.length / 2)
  })
})

describe("summarize", () => {
  it("has nothing to say about nothing", () => {
    assert.isUndefined(summarize([]))
  })

  it.prop("holds the median between least and most", [numbers], ([values]) => {
    const summary = summarize(values)
    assert.isDefined(summary)
    assert.isAtLeast(summary.median, summary.min)
    assert.isAtMost(summary.median, summary.max)
    assert.strictEqual(summary.count, values.length)
  })
})

describe("ratios", () => {
  it("compares values of the same round, and leaves out rounds that one of them lacks", () => {
    const values = new Map([[0, 10], [1, 30], [2, 8]])
    const baseline = new Map([[1, 10], [0, 5], [3, 1]])
    assert.deepStrictEqual(ratios(values, baseline), [2, 3])
  })

  it.prop(
    "do not notice a machine that is slower in some rounds",
    [FastCheck.array(FastCheck.tuple(FastCheck.integer({ min: 1, max: 16 }), FastCheck.integer({ min: 1, max: 999 })))],
    ([rounds]) => {
      const values = new Map(rounds.map(([slowness, value], round) => [round, value * 4 * slowness]))
      const baseline = new Map(rounds.map(([slowness, value], round) => [round, value * slowness]))
      assert.deepStrictEqual(ratios(values, baseline), rounds.map(() => 4))
    }
  )
})

describe("rotate", () => {
  it.prop("keeps all, and puts each first in some round", [FastCheck.uniqueArray(FastCheck.integer())], ([items]) => {
    const firsts = items.map((_, round) => rotate(items, round)[0])
    assert.sameMembers(firsts, items)
    for (let round = 0; round < 3; round++) assert.sameMembers([...rotate(items, round)], items)
  })
})
