import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { baseline, needed, ours } from "../src/clients.js"
import { measures, modes, waiterCounts } from "../src/measures.js"
import { chart } from "../src/report/chart.js"
import { format, times } from "../src/report/format.js"
import { goalsOf } from "../src/report/goals.js"
import { pairsOf } from "../src/report/lines.js"
import { markdown, summary, table } from "../src/report/markdown.js"
import { linear, linearTicks, logarithmic, logTicks } from "../src/report/svg.js"
import { type Results, rowsOf, type Sample } from "../src/results.js"

const clients = [baseline, "openai", "effect-platform", ours]

const seen = { serverBusy: 12.5, connections: 32, peakConnections: 32, othersBusy: 1, requestBytes: 600 }

/** Client number n costs n + 1 times what the first does, and each round is twice as slow as the one before. */
const samplesOf = (measure: string, of: ReadonlyArray<string> = clients): ReadonlyArray<Sample> => {
  const columns = measures.find(({ name }) => name === measure)?.columns ?? []
  return [0, 1].flatMap((round) =>
    [...of, ...(measure === "import" ? [needed.name] : [])].map((client, n) => ({
      measure,
      client,
      round,
      values: Object.fromEntries(columns.map(({ key }) => [key, 10 * (n + 1) * 2 ** round])),
      seen
    }))
  )
}

const results = (names: ReadonlyArray<string>, more: Partial<Results> = {}): Results => ({
  mode: "full",
  startedAt: "2026-01-02T03:04:05.678Z",
  seconds: 61,
  machine: { node: "v20.0.0", platform: "linux x64", processor: "A <fast> one & more", cores: 2, memoryGiB: 8 },
  pinning: "client pinned to core 0, server to core 1",
  versions: { undici: "7.0.0" },
  clients: [...clients, needed.name],
  measures: names,
  rounds: 2,
  samples: names.flatMap((name) => samplesOf(name)),
  missing: [],
  ...more
})

const everything = results(measures.map(({ name }) => name))

describe("format", () => {
  it("keeps the digits that mean something", () => {
    assert.deepStrictEqual(
      [0.3149, 2, 1.96, 3.7421, 28.43, 674.6, 12345.6, Number.NaN].map(format),
      ["0.31", "2", "2.0", "3.7", "28", "675", "12,346", "–"]
    )
    assert.deepStrictEqual([0.984, 1, 7.44, 182.3].map(times), ["0.98×", "1.0×", "7.4×", "182×"])
  })
})

describe("table", () => {
  it.prop("has lines of one width, whatever is in its cells", [
    FastCheck.array(FastCheck.tuple(FastCheck.string(), FastCheck.string()))
  ], ([rows]) => {
    const oneLine = rows.map((row) => row.map((cell) => cell.replaceAll(/\s/g, " ")))
    const lines = table(["name", "value"], oneLine).split("\n")
    assert.strictEqual(lines.length, rows.length + 2)
    assert.strictEqual(new Set(lines.map((line) => [...line].length)).size, 1)
    // A cell cannot open another one.
    for (const line of lines) assert.strictEqual(line.replaceAll("\\|", "").split("|").length, 4)
  })
})

describe("rows", () => {
  it("compare with the baseline of the same round", () => {
    const measure = measures.find(({ name }) => name === "in-flight-32")
    assert.isDefined(measure)
    const rows = rowsOf(everything, measure, baseline)
    assert.deepStrictEqual(rows.map(({ client, ratio }) => [client, ratio?.min, ratio?.max]), [
      [baseline, 1, 1],
      ["openai", 2, 2],
      ["effect-platform", 3, 3],
      [ours, 4, 4]
    ])
    assert.deepStrictEqual(rows[0]?.columns.get("cpu"), { median: 15, min: 10, max: 20, count: 2 })
  })
})

describe("the Markdown report", () => {
  it("has every measure and client, what was compared, and how the server did", () => {
    const text = markdown(everything, "chart.svg")
    for (const { title } of measures) assert.include(text, `### ${title}\n`)
    for (const expected of ["4.0×", "10 – 20", "12.5 %", "undici 7.0.0", "client pinned to core 0", "](chart.svg)"]) {
      assert.include(text, expected)
    }
    assert.notInclude(text, "NaN")
    assert.notInclude(text, "undefined")
    assert.notInclude(text, "†")
  })

  it("says what the numbers are not", () => {
    const [first, ...others] = samplesOf("in-flight-32")
    assert.isDefined(first)
    const text = markdown(
      results(["in-flight-32"], {
        mode: "quick",
        samples: [
          { ...first, isSettled: false, seen: { ...seen, othersBusy: 60 } },
          ...others.map((sample) => ({
            ...sample,
            seen: { ...seen, othersBusy: 50 }
          }))
        ],
        missing: [
          { client: "python", reason: "no python3", isSkipped: true },
          { client: "openai", measure: "in-flight-32", reason: "it broke\nin many lines", isSkipped: false }
        ]
      }),
      "chart.svg"
    )
    assert.include(text, "A quick look: short windows")
    assert.include(text, "undici `Pool.request` †")
    assert.include(text, "The machine was not quiet: other programs took 50 % of it")
    assert.include(text, "- Python dashscope: no python3\n")
    assert.include(text, "- openai failed: it broke\n")
  })

  it("is printed without its head", () => {
    assert.match(summary(everything), /^### One call after another\n/)
  })
})

describe("goals", () => {
  it("are met, missed or not measured", () => {
    const goals = goalsOf(results(["in-flight-32", "import", "waiting-10", "waiting-10000"]))
    assert.deepStrictEqual(
      goals.filter(({ isMet }) => isMet !== undefined).map(({ isMet, measured }) => [measured, isMet]),
      [
        ["4.00×", false],
        ["1.00×", true],
        ["0.80×", true]
      ]
    )
    assert.isAbove(goals.filter(({ measured }) => measured === undefined).length, 0)
  })
})

describe("both lines", () => {
  const names = [ours, `${ours}-4`]
  const measured = (measure: string) => results([measure], { clients: names, samples: samplesOf(measure, names) })

  it("are compared round by round, also where nothing else is", () => {
    for (const measure of ["in-flight-32", "layer"]) {
      assert.deepStrictEqual(
        pairsOf(measured(measure)).map(({ client, on3, on4, ratio }) => [client, on3, on4, ratio]),
        [[ours, 15, 30, { median: 2, min: 2, max: 2, count: 2 }]]
      )
    }
  })

  it("are a section of the report of a run that has both", () => {
    assert.include(markdown(measured("in-flight-32"), "chart.svg"), "## Both lines\n")
    assert.include(summary(measured("in-flight-32")), "2.00×")
    assert.deepStrictEqual(pairsOf(everything), [])
    assert.notInclude(markdown(everything, "chart.svg"), "## Both lines")
  })
})

describe("scales and ticks", () => {
  const positive = FastCheck.double({ noNaN: true, min: 1e-3, max: 1e6 })

  it.prop("hold all values between the first tick and the last", [positive, positive], ([a, b]) => {
    const [min, max] = [Math.min(a, b), Math.max(a, b)]
    const ticks = logTicks(min, max)
    assert.isAtMost(ticks[0] ?? Infinity, min)
    assert.isAtLeast(ticks[ticks.length - 1] ?? -Infinity, max)
    const even = linearTicks(max)
    assert.strictEqual(even[0], 0)
    assert.isAtLeast((even[even.length - 1] ?? -Infinity) * (1 + 1e-9), max)
    assert.isAtMost(even.length, 8)
  })

  it.prop("keep the order", [positive, positive], ([a, b]) => {
    const [low, high] = [Math.min(a, b), Math.max(a, b)]
    for (const scale of [linear([0, 1e6], [100, 500]), logarithmic([1e-3, 1e6], [100, 500])]) {
      assert.isAtMost(scale(low), scale(high))
      assert.isAtLeast(scale(low), 100 - 1e-6)
      assert.isAtMost(scale(high), 500 + 1e-6)
    }
  })
})

/** Fails where elements are not closed in order. */
const checkNesting = (xml: string): void => {
  const open: Array<string> = []
  for (const [, end, name, rest] of xml.matchAll(/<(\/?)([a-z]+)((?:"[^"]*"|[^">])*)>/g)) {
    if (end === "/") assert.strictEqual(open.pop(), name)
    else if (rest?.endsWith("/") !== true) open.push(name ?? "")
  }
  assert.deepStrictEqual(open, [])
}

const numbersOf = (svg: string, element: string, attribute: string): ReadonlyArray<number> =>
  Array.from(svg.matchAll(new RegExp(`<${element} [^>]*?\\b${attribute}="([^"]*)"`, "g")), ([, value]) => Number(value))

describe("the chart", () => {
  it("is well-formed, with everything at a place", () => {
    const svg = chart(everything)
    checkNesting(svg)
    assert.notMatch(svg, /NaN|Infinity|undefined/)
    assert.include(svg, "A &lt;fast&gt; one &amp; more")
    assert.notInclude(svg, "<fast>")
  })

  it("puts more expensive clients further right", () => {
    const dots = numbersOf(chart(results(["in-flight-32"])), "circle", "cx")
    assert.strictEqual(dots.length, clients.length)
    assert.deepStrictEqual(dots, [...dots].sort((a, b) => a - b))
    assert.strictEqual(new Set(dots).size, clients.length)
  })

  it("has a point for each number of waiting calls and client", () => {
    const svg = chart(results(waiterCounts.map((count) => `waiting-${count}`)))
    assert.strictEqual(numbersOf(svg, "circle", "cx").length, waiterCounts.length * clients.length)
  })

  it("is empty where nothing was measured", () => {
    const svg = chart(results([], { mode: modes.tiny.name }))
    checkNesting(svg)
    assert.strictEqual(numbersOf(svg, "circle", "cx").length, 0)
    assert.include(svg, "not for quoting")
  })
})
