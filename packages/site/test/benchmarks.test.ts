import { assert, describe, it } from "@effect/vitest"
import { measures } from "../../benchmarks/src/measures.js"
import { goalsOf } from "../../benchmarks/src/report/goals.js"
import type { Results } from "../../benchmarks/src/results.js"
import { words } from "../src/benchmarkWords.js"
import { read } from "./pages.js"

describe("the Chinese page of benchmarks", () => {
  it("has words for every measure and goal", () => {
    const results = JSON.parse(read("docs/benchmarks/results.json")) as Results
    const titles = [
      ...measures.flatMap((
        { columns, group, title, unit }
      ) => [group, title, unit, ...columns.map(({ title }) => title)]),
      ...goalsOf(results).map(({ what }) => what)
    ]
    assert.deepStrictEqual(titles.filter((title) => words[title] === undefined), [])
  })
})
