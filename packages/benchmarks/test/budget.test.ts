import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { Budget, budgetOf, problemsOf } from "../src/budget/budget.js"

const measured = new Map([["a call: bytes allocated", 50_000], ["a call: timers", 2.02], ["an event: timers", 0]])

const budget = budgetOf("20", measured)

describe("the budget", () => {
  it("holds what it was made of, and a little more", () => {
    assert.deepStrictEqual(problemsOf(budget, measured), [])
    assert.deepStrictEqual(problemsOf(budget, new Map([...measured, ["a call: bytes allocated", 51_500]])), [])
  })

  it("is exceeded row by row, and says by what", () => {
    const more = new Map([...measured, ["a call: bytes allocated", 56_000], ["a call: timers", 3.02]])
    assert.deepStrictEqual(problemsOf(budget, more), [
      "a call: bytes allocated: 56,000, more than 52,500",
      "a call: timers: 3.02, more than 2.15"
    ])
    assert.deepStrictEqual(problemsOf(budget, new Map([...measured, ["an event: timers", 1]])), [
      "an event: timers: 1.00, more than 0.02"
    ])
  })

  it("wants each row measured, and knows each that is", () => {
    assert.deepStrictEqual(problemsOf(budget, new Map([["a call: timers", Number.NaN], ["new", 1]])), [
      "a call: timers: NaN, more than 2.15",
      "new: 1.00, and the budget has no such row",
      "a call: bytes allocated: in the budget, and not measured",
      "an event: timers: in the budget, and not measured"
    ])
  })

  it("that is kept is one", () => {
    const file = fileURLToPath(new URL("../budget.json", import.meta.url))
    const kept = Schema.decodeUnknownSync(Schema.parseJson(Budget))(readFileSync(file, "utf8"))
    assert.isAbove(Object.keys(kept.rows).length, 10)
    assert.isTrue(Object.values(kept.rows).every((limit) => limit > 0))
  })
})
