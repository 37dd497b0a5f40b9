import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import { casesOf } from "../../../../scripts/thorough.js"
import * as Generation from "../../src/Generation.js"
import { fold } from "../../src/internal/chat/total.js"
import { JsonEnd } from "../../src/internal/core/jsonEnd.js"
import { assertSame } from "../util/same.js"

interface Call {
  readonly id: string
  readonly name: string
  readonly arguments: string
}

interface Piece {
  readonly id?: string
  readonly name?: string
  readonly args?: string | null
  readonly index?: number | null
}

const wire = ({ args, id, index, name }: Piece) => ({
  ...(index === undefined ? undefined : { index }),
  ...(id === undefined ? undefined : { id }),
  type: "function",
  function: {
    ...(name === undefined ? undefined : { name }),
    ...(args === undefined ? undefined : { arguments: args })
  }
})

/** One event for each list of pieces. */
const joined = (events: ReadonlyArray<ReadonlyArray<Piece>>) => {
  const results = events.map((pieces) =>
    Either.getOrThrow(Generation.decode({
      output: {
        choices: [{ finish_reason: "null", message: { role: "assistant", content: "", tool_calls: pieces.map(wire) } }]
      }
    }))
  )
  return Generation.toolCalls(fold(results))
}

const shown = (events: ReadonlyArray<ReadonlyArray<Piece>>) =>
  joined(events).map(({ function: called, id }) => `${id}:${called.name}(${called.arguments})`)

// ---------------------------------------------------------------------------------------------------------------------
// Any calls, however they are told
// ---------------------------------------------------------------------------------------------------------------------

interface Telling {
  /** The index of a piece: its call's, the same for all, or none. */
  readonly index: "own" | "zero" | "none"
  readonly ids: "each" | "first" | "never"
  readonly names: "each" | "first"
  /** Whether the pieces of several calls alternate. */
  readonly isMixed: boolean
  /** Whether what comes together stands in one event. */
  readonly isTogether: boolean
}

const telling: FastCheck.Arbitrary<Telling> = FastCheck.record<Telling>({
  index: FastCheck.constantFrom("own", "zero", "none"),
  ids: FastCheck.constantFrom("each", "first", "never"),
  names: FastCheck.constantFrom("each", "first"),
  isMixed: FastCheck.boolean(),
  isTogether: FastCheck.boolean()
}).filter(({ ids, index, isMixed, isTogether }) =>
  index === "own" || ((!isMixed || ids === "each") && (!isTogether || ids === "each"))
)

const calls: FastCheck.Arbitrary<ReadonlyArray<Call>> = FastCheck.uniqueArray(
  FastCheck.record({
    id: FastCheck.string({ minLength: 1, maxLength: 6 }),
    name: FastCheck.constantFrom("weather", "time", "get_weather"),
    arguments: FastCheck.dictionary(FastCheck.string({ maxLength: 4 }), FastCheck.jsonValue({ maxDepth: 1 }), {
      maxKeys: 3
    }).map((args) => JSON.stringify(args))
  }),
  { minLength: 1, maxLength: 4, selector: ({ id }) => id }
)

const draws = FastCheck.array(FastCheck.nat(1000), { minLength: 1, maxLength: 30 })

/** Numbers from what fast-check gave, so that a failing case can be shrunk. */
const drawer = (seeds: ReadonlyArray<number>) => {
  let at = 0
  return (most: number) => seeds[at++ % seeds.length]! % (most + 1)
}

const piecesOf = (call: Call, place: number, how: Telling, draw: (most: number) => number): Array<Piece> => {
  const cuts: Array<string | null> = draw(1) === 0 ? [] : [draw(1) === 0 ? "" : null]
  for (let from = 0; from < call.arguments.length;) {
    const length = Math.max(1, draw(call.arguments.length))
    cuts.push(call.arguments.slice(from, from + length))
    from += length
  }
  if (draw(3) === 0) cuts.push("")
  return cuts.map((args, i) => ({
    args,
    ...(how.index === "none" ? undefined : { index: how.index === "zero" ? 0 : place }),
    ...(how.ids === "each" || (how.ids === "first" && i === 0) ? { id: call.id } : draw(1) === 0 ? { id: "" } : {}),
    ...(how.names === "each" || i === 0 ? { name: call.name } : draw(1) === 0 ? { name: "" } : {})
  }))
}

const eventsOf = (calls: ReadonlyArray<Call>, how: Telling, seeds: ReadonlyArray<number>): Array<Array<Piece>> => {
  const draw = drawer(seeds)
  const told = calls.map((call, place) => piecesOf(call, place, how, draw))
  const pieces: Array<Piece> = []
  // The calls begin in their order.
  if (how.isMixed) { for (const one of told) pieces.push(one.shift()!) }
  while (told.some((one) => one.length > 0)) {
    const left = told.filter((one) => one.length > 0)
    pieces.push(left[how.isMixed ? draw(left.length - 1) : 0]!.shift()!)
  }
  const events: Array<Array<Piece>> = []
  while (pieces.length > 0) events.push(pieces.splice(0, how.isTogether ? 1 + draw(3) : 1))
  return events
}

describe("tool calls over several events", () => {
  it.prop(
    "come to the same calls, however they are cut, numbered and named",
    [calls, telling, draws],
    ([calls, how, seeds]) => {
      assertSame(
        joined(eventsOf(calls, how, seeds)).map(({ function: called, id }) => ({ id, ...called })),
        calls.map(({ id, ...called }) => ({ id: how.ids === "never" ? "" : id, ...called }))
      )
    },
    { fastCheck: { numRuns: casesOf(2000) } }
  )

  it.each<[string, ReadonlyArray<ReadonlyArray<Piece>>, ReadonlyArray<string>]>([
    [
      "an id that comes late",
      [[{ name: "f", args: "" }], [{ id: "a", args: "{" }], [{ id: "a", args: "}" }]],
      ["a:f({})"]
    ],
    [
      "an id that is another for each piece",
      [[{ id: "a", name: "f", args: "", index: 0 }], [{ id: "b", args: "{\"x\":", index: 0 }], [
        { id: "c", args: "1}", index: 0 }
      ]],
      ["a:f({\"x\":1})"]
    ],
    [
      "a name in pieces",
      [[{ id: "a", name: "get_", args: "", index: 0 }], [{ id: "", name: "weather", index: 0 }], [
        { args: "{}", index: 0 }
      ]],
      ["a:get_weather({})"]
    ],
    [
      "the name of the function for the id of each of its calls",
      [[{ id: "f", name: "f", args: "{\"x\":1}", index: 0 }], [{ id: "f", name: "f", args: "{\"x\":2}", index: 0 }]],
      ["f:f({\"x\":1})", "f:f({\"x\":2})"]
    ],
    [
      "all of it once more at the end",
      [[{ id: "a", name: "f", args: "{\"x\"", index: 0 }], [{ id: "a", args: ":1}", index: 0 }], [
        { id: "a", name: "f", args: "{\"x\":1}", index: 0 }
      ]],
      ["a:f({\"x\":1})"]
    ],
    [
      "the same function twice, told apart by nothing but its name said again",
      [[{ name: "f", args: "" }], [{ args: "{\"x\":1}" }], [{ name: "f", args: "" }], [{ args: "{\"x\":" }], [
        { args: "2}" }
      ]],
      [":f({\"x\":1})", ":f({\"x\":2})"]
    ],
    [
      "the name again after the arguments, which begins nothing",
      [[{ id: "a", name: "f", args: "{}", index: 0 }], [{ id: "a", name: "f", args: "", index: 0 }], [
        { id: "", name: "f", index: 0 }
      ]],
      ["a:f({})"]
    ],
    [
      "pieces of two functions, told apart by their names",
      [[{ name: "f", args: "{\"x\"", index: 0 }], [{ name: "g", args: "{\"y\"", index: 0 }], [
        { name: "f", args: ":1}", index: 0 },
        { name: "g", args: ":2}", index: 0 }
      ]],
      [":f({\"x\":1})", ":g({\"y\":2})"]
    ],
    [
      "an index in the first piece alone",
      [[{ id: "a", name: "f", args: "{", index: 0 }], [{ id: "b", name: "g", args: "{", index: 1 }], [
        { id: "a", args: "}" }
      ], [{ id: "b", args: "}" }]],
      ["a:f({})", "b:g({})"]
    ],
    [
      "the same ids at several indexes",
      [[{ id: "a", name: "f", args: "{", index: 0 }, { id: "a", name: "f", args: "{", index: 1 }], [
        { id: "a", args: "}", index: 0 }
      ], [{ id: "a", args: "}", index: 1 }]],
      ["a:f({})", "a:f({})"]
    ],
    [
      "a whole call and the start of another, then the rest of that",
      [[{ id: "a", name: "f", args: "{}" }, { id: "b", name: "g", args: "{" }], [{ args: "}" }]],
      ["a:f({})", "b:g({})"]
    ],
    [
      "an id and nothing else beside a call",
      [[{ id: "a", name: "f", args: "{}", index: 0 }], [{ id: "b", name: "", args: "", index: 0 }]],
      ["a:f({})"]
    ],
    [
      "arguments once more as a text",
      [[{ name: "f", args: "\"{\\\"x\\\":", index: 0 }], [{ args: "\\\"}\\\"}\"", index: 0 }], [
        { name: "g", args: "{}", index: 0 }
      ]],
      [":f(\"{\\\"x\\\":\\\"}\\\"}\")", ":g({})"]
    ]
  ])("%s", (_, events, expected) => {
    assert.deepStrictEqual(shown(events), expected)
  })

  it("that share an index have one of their own afterwards", () => {
    const [first, second] = joined([[{ id: "a", name: "f", args: "{}", index: 0 }], [
      { id: "b", name: "f", args: "{}", index: 0 }
    ]])
    assert.deepStrictEqual([first?.index, second?.index], [0, 1])
  })

  it("cost no more than their number, be they ever so many", () => {
    const many = 2000
    const pieces = Array.from({ length: many }, (_, i) => ({ id: `c${i}`, name: "f", args: "{" }))
    assert.lengthOf(joined([pieces, ...pieces.map((piece) => [{ ...piece, id: `${piece.id}+` }])]), 2 * many)
  })
})

describe("JsonEnd", () => {
  it.prop(
    "is over with the last character of a value, wherever it is cut",
    [FastCheck.oneof(FastCheck.object(), FastCheck.array(FastCheck.jsonValue()), FastCheck.string()), draws],
    ([value, seeds]) => {
      const draw = drawer(seeds)
      const text = JSON.stringify(value)
      const end = new JsonEnd()
      for (let from = 0; from < text.length;) {
        assert.isFalse(end.isOver)
        const to = from + 1 + draw(3)
        end.add(text.slice(from, to))
        from = to
      }
      assert.isTrue(end.isOver)
    },
    { fastCheck: { numRuns: casesOf(300) } }
  )
})
