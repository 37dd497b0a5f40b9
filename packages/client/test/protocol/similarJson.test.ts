import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { vi } from "vitest"
import { casesOf } from "../../../../scripts/thorough.js"
import { parseJson } from "../../src/internal/protocol/errorBody.js"
import { SimilarJson } from "../../src/internal/protocol/similarJson.js"

/** How many of the texts were read without `JSON.parse`, none of which was read wrongly. */
const recognized = (texts: Iterable<string>): number => {
  const reader = new SimilarJson()
  let count = 0
  for (const text of texts) {
    const expected = parseJson(text)
    const parse = vi.spyOn(JSON, "parse")
    const value = reader.parse(text)
    if (parse.mock.calls.every(([parsed]) => parsed !== text)) count++
    parse.mockRestore()
    assert.deepStrictEqual(value, expected)
    // The order of the keys too.
    assert.strictEqual(JSON.stringify(value), JSON.stringify(expected))
    assert.deepStrictEqual(prototypesOf(value), prototypesOf(expected))
  }
  return count
}

const prototypesOf = (value: unknown): unknown =>
  typeof value !== "object" || value === null
    ? undefined
    : [Object.getPrototypeOf(value), ...Object.values(value).map(prototypesOf)]

const event = (i: number, content: string, more: object = {}) => ({
  output: { choices: [{ message: { content, role: "assistant", ...more }, finish_reason: "null" }] },
  usage: { total_tokens: 48 + i, input_tokens: 47, output_tokens: i + 1 },
  request_id: "5f2c9d7a"
})

const events = (count: number, make: (i: number) => unknown): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, i) => JSON.stringify(make(i)))

describe("SimilarJson", () => {
  it("reads what differs in a few values, once it has seen which they are", () => {
    const words = ["The ", "长", "城", "", " \"was\"\n", "years, and another one since then; 分段 ", "\\"]
    assert.strictEqual(recognized(events(200, (i) => event(i, words[i % words.length]!))), 191)
  })

  it("learns a second form when the first ends", () => {
    const texts = [
      ...events(50, (i) => event(i, "", { reasoning_content: `so ${i}` })),
      ...events(50, (i) => event(50 + i, `word ${i}`, { reasoning_content: "" }))
    ]
    assert.isAbove(recognized(texts), 85)
  })

  it("keeps no part of a text as a part of it, where it is long", () => {
    const reader = new SimilarJson()
    for (let i = 0; i < 20; i++) reader.parse(`{"a":"${i}"}`)
    const parse = vi.spyOn(JSON, "parse")
    assert.deepStrictEqual(reader.parse("{\"a\":\"0123456789ABCDEF\"}"), { a: "0123456789ABCDEF" })
    // JSON.parse copies.
    assert.deepStrictEqual(parse.mock.calls, [["\"0123456789ABCDEF\""]])
    parse.mockRestore()
  })

  it("parses what is long at once", () => {
    const reader = new SimilarJson()
    for (let i = 0; i < 20; i++) reader.parse(`{"a":"${i}"}`)
    const long = `{"a":"${"x".repeat(3000)}"}`
    const parse = vi.spyOn(JSON, "parse")
    assert.deepStrictEqual(reader.parse(long), { a: "x".repeat(3000) })
    assert.deepStrictEqual(parse.mock.calls, [[long]])
    parse.mockRestore()
  })

  it("makes each value anew", () => {
    const reader = new SimilarJson()
    const values = events(30, (i) => ({ i, list: [{ same: true }] })).map((text) =>
      reader.parse(text) as {
        readonly list: Array<object>
      }
    )
    values[20]!.list.push({})
    assert.deepStrictEqual(values[29]?.list, [{ same: true }])
    assert.strictEqual(new Set(values.map(({ list }) => list[0])).size, 30)
  })

  it("gives up where each text has a form of its own", () => {
    const texts = events(200, (i) => ({ [`key${i}`]: i }))
    const stringify = vi.spyOn(JSON, "stringify")
    const reader = new SimilarJson()
    for (const text of texts) reader.parse(text)
    const whole = stringify.mock.calls.filter(([value]) => typeof value === "object").length
    stringify.mockRestore()
    assert.strictEqual(whole, 31)
  })

  it("parses what looks like its form and is not", () => {
    const begin = events(20, (i) => ({ a: `w${i}`, n: i }))
    const others = [
      "{\"a\":\"x\",\"n\":1}",
      "{\"a\":\"x\",\"n\":01}",
      "{\"a\":\"x\",\"n\":0}",
      "{\"a\":\"x\",\"n\":-1}",
      "{\"a\":\"x\",\"n\":1.5}",
      "{\"a\":\"x\",\"n\":1e3}",
      "{\"a\":\"x\",\"n\":12345678901234567890}",
      "{\"a\":\"x\",\"n\":999999999999999}",
      "{\"a\":\"x\",\"n\":}",
      "{\"a\":\"x\",\"n\":1",
      "{\"a\":\"x\",\"n\":1}}",
      "{\"a\":\"x\",\"n\":1} ",
      "{\"a\":\"x",
      "{\"a\":\"x\\",
      "{\"a\":\"x\\\"",
      "{\"a\":\"tab\there\",\"n\":1}",
      "{\"a\":\"bad \\x escape\",\"n\":1}",
      "{\"a\":\"\\u957f\\ud83d\",\"n\":1}",
      "{\"a\":null,\"n\":1}",
      "{\"a\":\"x\",\"n\":\"1\"}",
      "{\"n\":1,\"a\":\"x\"}",
      "{\"a\":\"x\",\"a\":\"y\",\"n\":1}",
      "{\"a\":\"x\",\"n\":1,\"__proto__\":{\"b\":1}}",
      "{\"a\":\"x\",\"n\":1,\"__proto__\":{\"b\":2}}",
      "[1]",
      "",
      "null"
    ]
    recognized([...begin, ...others, ...begin, ...others])
    for (const other of others) recognized([...begin, other, other])
  })

  it("reads keys that are numbers, empty arrays and objects, and values that come and go", () => {
    recognized(events(60, (i) => ({ b: i, 2: "x", 1: [], empty: {}, ...(i % 7 === 0 ? { now: i } : undefined) })))
    recognized(events(60, (i) => ({ list: Array.from({ length: i % 3 }, (_, j) => i + j) })))
    recognized(
      events(60, (i) => ({ kinds: [i % 2 === 0 ? i : `${i}`, i % 3 === 0 ? null : "x", i / 2, -i, i % 2 === 0] }))
    )
  })

  it("reads as JSON.parse does, whatever comes", () => {
    const leaf = FastCheck.oneof(
      FastCheck.string({ unit: "binary" }),
      FastCheck.nat(),
      FastCheck.double(),
      FastCheck.constantFrom(null, true, false, 0, "", "__proto__")
    )
    const patch = FastCheck.record({ at: FastCheck.nat(), value: FastCheck.oneof(leaf, FastCheck.jsonValue()) })
    FastCheck.assert(
      FastCheck.property(
        FastCheck.dictionary(FastCheck.string(), FastCheck.oneof(leaf, FastCheck.jsonValue()), {
          minKeys: 1,
          maxKeys: 5
        }),
        FastCheck.array(patch, { minLength: 12, maxLength: 30 }),
        FastCheck.constantFrom(0, 0, 1),
        (first, patches, indent) => {
          const keys = Object.keys(first)
          let value: Record<string, unknown> = first
          recognized(patches.map(({ at, value: next }) => {
            value = { ...value, [keys[at % keys.length]!]: next }
            return JSON.stringify(value, undefined, indent)
          }))
        }
      ),
      { numRuns: casesOf(1000) }
    )
  })
})
