import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import { casesOf } from "../../../../scripts/thorough.js"
import * as Generation from "../../src/Generation.js"
import { isFinish } from "../../src/internal/chat/finishReason.js"
import * as Total from "../../src/internal/chat/total.js"
import { codePoint } from "../util/codePoints.js"
import { assertSame } from "../util/same.js"

const decode = (json: unknown) => Either.getOrThrow(Generation.decode(json))

/** An increment, or a whole answer, as it would come. */
const result = (
  choices: ReadonlyArray<Record<string, unknown>>,
  rest: { readonly output?: object; readonly usage?: object; readonly top?: object } = {}
) =>
  decode({
    output: { choices: choices.map((choice) => ({ message: {}, ...choice })), ...rest.output },
    ...(rest.usage === undefined ? undefined : { usage: rest.usage }),
    ...rest.top
  })

const says = (content: unknown, reason: unknown = "null", message: object = {}) =>
  result([{ finish_reason: reason, message: { content, ...message } }])

const message = (...increments: ReadonlyArray<Generation.GenerationResult>) =>
  Total.fold(increments).output.choices[0].message

const plain = (u: unknown): unknown => JSON.parse(JSON.stringify(u))

// ---------------------------------------------------------------------------------------------------------------------
// A whole answer, and any way of giving it bit by bit
// ---------------------------------------------------------------------------------------------------------------------

interface Said {
  readonly content: string
  readonly reasoning: string | undefined
  readonly calls: ReadonlyArray<{ readonly id: string; readonly name: string; readonly arguments: string }>
  readonly tokens: ReadonlyArray<string>
  readonly reason: string
}

const said: FastCheck.Arbitrary<Said> = FastCheck.record({
  content: FastCheck.string({ unit: codePoint, maxLength: 40 }),
  reasoning: FastCheck.option(FastCheck.string({ unit: "grapheme", maxLength: 20 }), { nil: undefined }),
  calls: FastCheck.array(
    FastCheck.record({
      id: FastCheck.string({ minLength: 1, maxLength: 8 }),
      // One that is said again is the same, and no more of it.
      name: FastCheck.uniqueArray(FastCheck.string({ minLength: 1, maxLength: 1 }), { minLength: 1, maxLength: 8 }).map(
        (characters) => characters.join("")
      ),
      arguments: FastCheck.json({ maxDepth: 2 })
    }),
    { maxLength: 3 }
  ),
  tokens: FastCheck.array(FastCheck.string({ maxLength: 3 }), { maxLength: 6 }),
  reason: FastCheck.constantFrom("stop", "stop", "length", "tool_calls")
})

const usageOf = (outputTokens: number) => ({
  input_tokens: 7,
  output_tokens: outputTokens,
  total_tokens: 7 + outputTokens,
  output_tokens_details: { reasoning_tokens: outputTokens % 5 }
})

const sources = { search_results: [{ index: 1, title: "t" }] }

/** What a call without streaming gives. */
const wholeOf = (choices: ReadonlyArray<Said>, hasSources: boolean): Generation.GenerationResult => {
  const outputTokens = choices.reduce((sum, _, i) => sum + 10 + i, 0)
  return result(
    choices.map(({ calls, content, reason, reasoning, tokens }, index) => ({
      ...(choices.length > 1 ? { index } : undefined),
      finish_reason: reason,
      message: {
        role: "assistant",
        content,
        ...(reasoning === undefined ? undefined : { reasoning_content: reasoning }),
        ...(calls.length === 0 ? undefined : {
          tool_calls: calls.map(({ id, ...called }, at) => ({ index: at, id, type: "function", function: called }))
        })
      },
      ...(tokens.length === 0 ? undefined : { logprobs: { content: tokens.map((token) => ({ token, logprob: -1 })) } })
    })),
    {
      output: hasSources ? { search_info: sources } : {},
      usage: {
        ...usageOf(outputTokens),
        output_tokens_details: { reasoning_tokens: choices.reduce((sum, _, i) => sum + (10 + i) % 5, 0) }
      },
      top: { request_id: "r" }
    }
  )
}

/** Draws numbers from what fast-check gave, so that a failing split can be shrunk. */
const drawer = (seeds: ReadonlyArray<number>) => {
  let at = 0
  return (most: number) => seeds.length === 0 ? 0 : seeds[at++ % seeds.length]! % (most + 1)
}

const cutText = (text: string, draw: (most: number) => number): Array<string> => {
  const pieces: Array<string> = []
  for (let from = 0; from < text.length;) {
    const length = draw(6)
    pieces.push(text.slice(from, from + length))
    from += length
    if (pieces.length > 30) {
      pieces.push(text.slice(from))
      break
    }
  }
  return pieces
}

type Delta = { readonly message?: object; readonly logprobs?: object }

/** What one choice says, event by event; the last is the one that ends it. */
const deltasOf = ({ calls, content, reasoning, tokens }: Said, draw: (most: number) => number): Array<Delta> => {
  const deltas: Array<Delta> = []
  for (const piece of reasoning === undefined ? [] : ["", ...cutText(reasoning, draw)]) {
    deltas.push({ message: { content: "", reasoning_content: piece } })
  }
  const rest = [...tokens]
  for (const piece of ["", ...cutText(content, draw)]) {
    const some = rest.splice(0, draw(2)).map((token) => ({ token, logprob: -1 }))
    deltas.push({
      message: { content: piece },
      ...(some.length === 0 ? undefined : { logprobs: { content: some } })
    })
  }
  if (rest.length > 0) deltas.push({ logprobs: { content: rest.map((token) => ({ token, logprob: -1 })) } })
  for (const [index, { arguments: args, id, name }] of calls.entries()) {
    const half = draw(name.length)
    const opening = { index, id, type: "function", function: { name: name.slice(0, half), arguments: "" } }
    deltas.push({ message: { tool_calls: [opening] } })
    const more = { index, id: "", type: "function", function: { name: name.slice(half) } }
    deltas.push({ message: { content: "", tool_calls: [more] } })
    for (const piece of cutText(args, draw)) {
      deltas.push({ message: { tool_calls: [{ index, id: "", type: "", function: { arguments: piece } }] } })
    }
  }
  return deltas
}

const incrementsOf = (
  choices: ReadonlyArray<Said>,
  hasSources: boolean,
  draw: (most: number) => number
): Array<Generation.GenerationResult> => {
  const running = choices.map((choice, index) => ({ index, reason: choice.reason, deltas: deltasOf(choice, draw) }))
  const increments: Array<Generation.GenerationResult> = []
  let left = hasSources
  while (running.length > 0) {
    const place = draw(running.length - 1)
    const { deltas, index, reason } = running[place]!
    const { logprobs, message = {} } = deltas.shift()!
    const isLast = deltas.length === 0
    if (isLast) running.splice(place, 1)
    increments.push(result([{
      ...(choices.length > 1 ? { index } : undefined),
      finish_reason: isLast ? reason : draw(1) === 0 ? "null" : null,
      message: { ...message, ...(draw(1) === 0 || increments.length < choices.length ? { role: "assistant" } : {}) },
      ...(logprobs === undefined ? undefined : { logprobs })
    }], {
      output: left ? { search_info: sources } : {},
      usage: left && !isLast ? {} : usageOf(isLast ? 10 + index : draw(9)),
      top: { request_id: "r" }
    }))
    left = false
  }
  return increments
}

const answers = FastCheck.array(said, { minLength: 1, maxLength: 3 })
const seeds = FastCheck.array(FastCheck.nat(1000), { minLength: 1, maxLength: 40 })

/** Every choice is given its role somewhere. */
const withRoles = (increments: Array<Generation.GenerationResult>, n: number) =>
  [...Array(n).keys()].every((index) =>
    increments.some(({ output: { choices: [choice] } }) =>
      (choice.index ?? 0) === index && choice.message.role === "assistant"
    )
  )

describe("increments", () => {
  it.prop(
    "come to the whole answer, however it was cut",
    [answers, FastCheck.boolean(), seeds],
    ([choices, hasSources, seeds]) => {
      const increments = incrementsOf(choices, hasSources, drawer(seeds))
      FastCheck.pre(withRoles(increments, choices.length))
      assertSame(plain(Total.fold(increments)), plain(wholeOf(choices, hasSources)))
    },
    { fastCheck: { numRuns: casesOf(300, 0.15) } }
  )

  it.prop(
    "as totals hold all so far, and end with the whole answer",
    [answers, FastCheck.boolean(), seeds],
    ([choices, hasSources, seeds]) => {
      const n = choices.length
      const increments = incrementsOf(choices, hasSources, drawer(seeds))
      FastCheck.pre(withRoles(increments, n))
      const total = new Total.Total()
      const totals: Array<Generation.GenerationResult> = []
      const asGiven: Array<unknown> = []
      for (const increment of increments) {
        total.add(increment)
        const given = total.totalOf(increment, n)
        if (given === undefined) continue
        totals.push(given)
        asGiven.push(plain(given))
      }
      const whole = plain(wholeOf(choices, hasSources))
      assertSame(plain(totals.at(-1)), whole)
      assertSame(plain(Total.fold(totals)), whole)

      // None of them was changed by what came after.
      assertSame(totals.map(plain), asGiven)
      // One for each event, of its choice.
      assert.lengthOf(totals, increments.length)
      const texts = new Map<number, string>()
      increments.forEach((increment, i) => {
        const { index, message: { content } } = increment.output.choices[0]
        const text = (texts.get(index ?? 0) ?? "") + (typeof content === "string" ? content : "")
        texts.set(index ?? 0, text)
        const given = totals[i]!.output.choices.find((choice) => choice.index === index)
        assert.strictEqual(given?.message.content ?? "", text)
        if (i < increments.length - 1 && n > 1) assert.lengthOf(totals[i]!.output.choices, 1)
        if (hasSources) {
          assertSame(
            plain(totals[i]!.output.searchInfo),
            plain({ searchResults: [{ index: 1, title: "t" }] })
          )
        }
      })
    },
    { fastCheck: { numRuns: casesOf(300, 0.15) } }
  )

  it.prop(
    "of the text format come to the whole text",
    [FastCheck.string({ unit: codePoint }), seeds],
    ([text, seeds]) => {
      const increments = ["", ...cutText(text, drawer(seeds))].map((text) =>
        decode({ output: { text, finish_reason: "null" }, usage: usageOf(1) })
      )
      increments.push(decode({ output: { text: "", finish_reason: "stop" }, usage: usageOf(2) }))
      const whole = { output: { text, finish_reason: "stop" }, usage: usageOf(2) }
      const merged = Total.fold(increments)
      assert.deepStrictEqual<unknown>(merged, decode(whole))
      // The choice that was made of the text is not written.
      assert.deepStrictEqual<unknown>(Schema.encodeSync(Generation.GenerationResult)(merged), whole)
      const total = new Total.Total()
      let so = ""
      for (const increment of increments) {
        total.add(increment)
        so += Generation.text(increment)
        const given = total.totalOf(increment, 1)
        assert.strictEqual(given === undefined ? undefined : Generation.text(given), so)
      }
    }
  )
})

describe("each field has its rule", () => {
  it("texts join, and an increment without one changes nothing", () => {
    assert.deepStrictEqual<unknown>(message(says("a"), says(null), says("b"), says("")), { content: "ab" })
    assert.deepStrictEqual<unknown>(message(says(null), says(null)), { content: null })
    assert.deepStrictEqual<unknown>(message(result([{}]), result([{}])), {})
    assert.deepStrictEqual<unknown>(
      message(says("", "null", { reasoning_content: "1" }), says("a", "null", { reasoning_content: "" }), says("b")),
      { content: "ab", reasoningContent: "1" }
    )
  })

  it("many texts join as few do", () => {
    const pieces = Array.from({ length: 1000 }, (_, i) => `${i},`)
    assert.strictEqual(message(...pieces.map((piece) => says(piece))).content, pieces.join(""))
  })

  it("parts join place by place: texts joined, other keys as the newest event has them", () => {
    const content = message(
      says([], "null", { reasoning_content: "r" }),
      says([{ text: "a" }]),
      says([{ text: "b", x: 1 }, { text: "1" }]),
      says([]),
      says([{ text: "c", x: 2 }, { text: "2" }, { image: "https://example.com/a.png" }]),
      says("d"),
      says([{ ocr_result: { kv_result: {} }, text: "" }]),
      says([])
    ).content
    assert.deepStrictEqual<unknown>(content, [
      { text: "abcd", x: 2, ocr_result: { kv_result: {} } },
      { text: "12" },
      { image: "https://example.com/a.png" }
    ])
  })

  it("a part of another type, or with another picture, is not lost in the one before it", () => {
    const [a, b] = [{ type: "image", image: "a.png" }, { type: "image", image: "b.png" }]
    const content = message(
      says([{ type: "text", text: "1" }]),
      says([{ type: "text", text: "2" }]),
      says([a]),
      says([a]),
      says([b]),
      says([{ type: "text", text: "3" }]),
      says([{ type: "text", text: "4" }])
    ).content
    assert.deepStrictEqual<unknown>(content, [{ type: "text", text: "12" }, a, b, { type: "text", text: "34" }])
  })

  it("text before parts stays, and what is no object is kept", () => {
    assert.deepStrictEqual<unknown>(message(says("a"), says([{ text: "b" }]), says([{ text: "c" }, 7])).content, [
      { text: "abc" },
      7
    ])
  })

  it("audio joins as bytes, whatever its pieces are cut at, and the rest of it as the last has it", () => {
    const bytes = Uint8Array.from({ length: 100 }, (_, i) => i * 7 % 256)
    for (const length of [3, 7, 10, 30]) {
      const pieces = Array.from(
        { length: Math.ceil(bytes.length / length) },
        (_, i) => Encoding.encodeBase64(bytes.subarray(i * length, (i + 1) * length))
      )
      const results = [...pieces, ""].map((data, i): Generation.GenerationResult => ({
        output: {
          audio: { data, id: "a", ...(data === "" ? { url: "u" } : { expiresAt: i }) },
          choices: [{ message: {} }]
        }
      }))
      const { audio } = Total.fold(results).output
      assert.deepStrictEqual<unknown>(audio, {
        data: Encoding.encodeBase64(bytes),
        id: "a",
        url: "u",
        expiresAt: pieces.length - 1
      })
    }
  })

  it("a role that came once stays", () => {
    assert.strictEqual(
      message(says("a", "null", { role: "assistant" }), says("b", "null", { role: "" })).role,
      "assistant"
    )
    assert.strictEqual(message(says("a"), says("b", "null", { role: "assistant" })).role, "assistant")
  })

  it("fragments of tool calls join by index", () => {
    const call = (fields: object) => says("", "null", { tool_calls: [fields] })
    const merged = message(
      says("", "null", { tool_calls: null }),
      call({ index: 1, id: "b", type: "function", function: { name: "g", arguments: "" } }),
      call({ index: 0, id: "a", type: "function", function: { name: "f" } }),
      says("", "null", {
        tool_calls: [
          { index: 0, id: "", type: "", function: { arguments: "{\"x\":" } },
          { index: 1, id: "", function: { name: null, arguments: "{}" } }
        ]
      }),
      call({ index: 0, id: null, function: { arguments: "1}" } }),
      call({ index: 0, function: null, extra: 1 })
    )
    assert.deepStrictEqual<unknown>(merged.toolCalls, [
      { index: 0, id: "a", type: "function", function: { name: "f", arguments: "{\"x\":1}" }, extra: 1 },
      { index: 1, id: "b", type: "function", function: { name: "g", arguments: "{}" } }
    ])
  })

  it("tool calls without an index have the place where they stand", () => {
    const merged = message(
      says("", "null", { tool_calls: [{ id: "a", function: { name: "f", arguments: "{" } }, { id: "b" }] }),
      says("", "null", { tool_calls: [{ function: { arguments: "}" } }] })
    )
    assert.deepStrictEqual<unknown>(merged.toolCalls, [
      { id: "a", function: { name: "f", arguments: "{}" } },
      { id: "b" }
    ])
  })

  it("a finish reason that has come stays", () => {
    const reasons = (...of: ReadonlyArray<unknown>) =>
      Total.fold(of.map((reason) => says("", reason))).output.choices[0].finishReason
    assert.strictEqual(reasons("null", "stop", "null", null), "stop")
    assert.strictEqual(reasons("null", null), "null")
    assert.strictEqual(reasons("null", "length"), "length")
    assert.deepStrictEqual(["stop", "length", "tool_calls", "null", "", null, undefined].map(isFinish), [
      true,
      true,
      true,
      false,
      false,
      false,
      false
    ])
  })

  it("the last usage holds, and an empty one is none", () => {
    const usages = (...of: ReadonlyArray<object | undefined>) =>
      Total.fold(of.map((usage) => result([{}], usage === undefined ? {} : { usage }))).usage
    assert.deepStrictEqual<unknown>(usages({}, { output_tokens: 1 }, { output_tokens: 3 }, {}, undefined), {
      outputTokens: 3
    })
    assert.deepStrictEqual<unknown>(usages({}, {}), {})
    assert.isUndefined(usages(undefined))
  })

  it("usages of several choices are summed, unless one came for all", () => {
    const of = (index: number, output: number) =>
      result([{ index }], { usage: { input_tokens: 5, output_tokens: output, total_tokens: 5 + output } })
    assert.deepStrictEqual<unknown>(Total.fold([of(0, 1), of(1, 2), of(0, 3)]).usage, {
      inputTokens: 5,
      outputTokens: 5,
      totalTokens: 10
    })
    const all = result([{ index: 0 }, { index: 1 }], { usage: { input_tokens: 5, output_tokens: 9, total_tokens: 14 } })
    assert.deepStrictEqual<unknown>(Total.fold([of(0, 1), of(1, 2), all]).usage?.outputTokens, 9)
    // Tokens are not all that is counted.
    const partly = [
      result([{ index: 0 }], { usage: { output_tokens: 1 } }),
      result([{ index: 1 }], { usage: { x: 1 } })
    ]
    assert.deepStrictEqual<unknown>(Total.fold(partly).usage, { outputTokens: 1, x: 1 })
  })

  it("of everything else the last holds, at every level, whatever its name", () => {
    const json = (x: unknown) =>
      JSON.parse(
        JSON.stringify({
          output: {
            choices: [{
              message: { content: "", x, tool_calls: [{ x, function: { x } }] },
              x,
              logprobs: { content: [], x }
            }],
            x,
            tool_info: [{ type: "code_interpreter", code_interpreter: { code: String(x) } }]
          },
          x
        }).replaceAll("\"x\"", "\"__proto__\"")
      ) as unknown
    const merged = Total.fold([decode(json(1)), decode(json(2)), decode(json(null))])
    assert.lengthOf(JSON.stringify(merged).match(/"__proto__":2/g) ?? [], 7)
    assert.deepStrictEqual<unknown>(merged.output.toolInfo, [
      { type: "code_interpreter", codeInterpreter: { code: "null" } }
    ])
    assert.strictEqual(Object.getPrototypeOf(merged), Object.prototype)
  })

  it("log probabilities append", () => {
    const tokens = (...of: ReadonlyArray<string>) => result([{ logprobs: { content: of.map((token) => ({ token })) } }])
    const none = [result([{ logprobs: null }]), result([{ logprobs: { content: null } }])]
    assert.deepStrictEqual<unknown>(
      Total.fold([...none, tokens("a"), tokens("b", "c"), ...none]).output.choices[0].logprobs,
      { content: [{ token: "a" }, { token: "b" }, { token: "c" }] }
    )
    assert.isNull(Total.fold([none[0]!]).output.choices[0].logprobs)
    assert.deepStrictEqual<unknown>(Total.fold(none).output.choices[0].logprobs, { content: null })
  })

  it("nothing comes to an empty answer", () => {
    assert.deepStrictEqual<unknown>(Total.fold([]), { output: { choices: [{ message: { role: "assistant" } }] } })
    assert.isTrue(new Total.Total().isEmpty)
  })
})

describe("totals", () => {
  it("are not given for events without choices", () => {
    const total = new Total.Total()
    const empty = decode({ output: { choices: [] }, usage: { output_tokens: 1 } })
    total.add(empty)
    assert.isUndefined(total.totalOf(empty, 1))
    assert.strictEqual(total.get().usage?.outputTokens, 1)
  })

  it("of several choices hide a stop until all have ended", () => {
    const total = new Total.Total()
    const reasons = (index: number, reason: string) => {
      const increment = result([{ index, finish_reason: reason, message: { content: String(index) } }])
      total.add(increment)
      return total.totalOf(increment, 3)?.output.choices.map((choice) => `${choice.index} ${choice.finishReason}`)
    }
    assert.deepStrictEqual(reasons(0, "null"), ["0 null"])
    assert.deepStrictEqual(reasons(2, "stop"), ["2 null"])
    assert.deepStrictEqual(reasons(0, "length"), ["0 length"])
    assert.deepStrictEqual(reasons(1, "null"), ["1 null"])
    assert.deepStrictEqual(reasons(1, "stop"), ["0 length", "1 stop", "2 stop"])
  })

  it("tell about how much they hold", () => {
    const total = new Total.Total()
    for (let i = 0; i < 100; i++) total.add(says("x".repeat(1000)))
    assert.isAtLeast(total.size, 100_000)
    assert.isAtMost(total.size, 400_000)
  })
})
