import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as JSONSchema from "effect/JSONSchema"
import * as Schema from "effect/Schema"
import type { JsonObject } from "../../src/internal/core/json.js"
import { jsonInstance } from "../../src/internal/core/jsonInstance.js"
import { countTokens, tokenize } from "../../src/internal/core/tokens.js"
import { generation } from "../../src/internal/generation/service.js"
import type { Answer, Chunk } from "../../src/internal/server/answer.js"
import { chunksOf, refusalOf, wholeOf } from "../answers.js"
import { at, bodyOf } from "../helpers.js"

const requestId = "00000000-0000-9000-9000-000000000000"

const answer = (body: JsonObject, streamed = false): Answer => generation({ body, streamed, requestId })

const whole = (body: JsonObject): JsonObject => wholeOf(answer(body))
const chunks = (body: JsonObject): ReadonlyArray<Chunk> => chunksOf(answer(body, true))
const refusal = (body: JsonObject, streamed = false): string => refusalOf(answer(body, streamed))

const contentOf = (result: JsonObject): unknown => at(result, "output", "choices", 0, "message", "content")

const weather = {
  type: "function",
  function: {
    name: "get_current_weather",
    description: "获取现在的天气 (weather now)",
    parameters: { type: "object", properties: { location: { type: "string" } }, required: ["location"] }
  }
}
const trains = {
  type: "function",
  function: {
    name: "list_trains",
    description: "查询火车班次 (trains between cities)",
    parameters: {
      type: "object",
      properties: {
        from: { type: "string" },
        class: { enum: ["first", "second"] },
        seats: { type: "integer", minimum: 2 }
      },
      required: ["from", "class", "seats"]
    }
  }
}

describe("tokens", () => {
  it.prop(
    "join to their text, and are counted alike",
    [FastCheck.string({ unit: "binary", maxLength: 60 })],
    ([text]) => {
      const tokens = tokenize(text)
      assert.strictEqual(tokens.join(""), text)
      assert.strictEqual(countTokens(text), tokens.length)
    }
  )

  it("are characters of Chinese, words and signs", () => {
    assert.deepStrictEqual(tokenize("你好, big  world_1!\n"), ["你", "好", ",", " big", "  world_1", "!\n"])
    assert.deepStrictEqual(tokenize("👍🏽é"), ["👍", "🏽", "é"])
    assert.strictEqual(countTokens(""), 0)
    assert.strictEqual(countTokens(" "), 1)
  })
})

describe("answers", () => {
  it("say who answers, in the language of the question", () => {
    assert.match(String(contentOf(whole(bodyOf("你是谁？")))), /通义千问.*阿里云/)
    assert.match(String(contentOf(whole(bodyOf("Who are you?")))), /Qwen.*Alibaba/)
  })

  it("do sums", () => {
    const sums: ReadonlyArray<readonly [string, string]> = [
      ["请问 1+1 是多少？", "1+1 等于 2。"],
      ["What is 7 * 6?", "7*6 equals 42."],
      ["0.1 + 0.2", "0.1+0.2 equals 0.3."],
      ["9 ÷ 2 = ?", "9÷2 equals 4.5."],
      ["3 - -4", "3--4 equals 7."],
      ["1/0?", "1/0 has no result."]
    ]
    for (const [question, expected] of sums) {
      assert.strictEqual(contentOf(whole(bodyOf(question))), expected)
    }
    assert.include(String(contentOf(whole(bodyOf("Today is 2024-01-02")))), "2024-01-02")
  })

  it("quote anything else", () => {
    assert.include(String(contentOf(whole(bodyOf("Tell me about ducks")))), "\"Tell me about ducks\"")
    assert.include(String(contentOf(whole(bodyOf("说说鸭子")))), "“说说鸭子”")
    const long = `${"a".repeat(159)}😀${"b".repeat(100)}`
    assert.include(String(contentOf(whole(bodyOf(long)))), `"${"a".repeat(159)}…"`)
  })

  it("are the same for the same request, and vary with the seed", () => {
    assert.deepStrictEqual(whole(bodyOf("ducks")), whole(bodyOf("ducks")))
    const varied = new Set([1, 2, 3, 4, 5].map((seed) => contentOf(whole(bodyOf("ducks", { seed })))))
    assert.isAbove(varied.size, 1)
  })

  it("take a prompt, a prompt with history, and messages with parts", () => {
    const model = "qwen-plus"
    const prompt = whole({ model, input: { prompt: "1+2" } })
    assert.deepStrictEqual(prompt, {
      output: { finish_reason: "stop", text: "1+2 equals 3." },
      usage: { total_tokens: 9, output_tokens: 6, input_tokens: 3, prompt_tokens_details: { cached_tokens: 0 } },
      request_id: requestId
    })
    const history = whole({ model, input: { prompt: "1+2", history: [{ user: "hello", bot: "good day" }] } })
    assert.strictEqual(at(history, "usage", "input_tokens"), 6)
    const parts = whole({
      model,
      input: { messages: [{ role: "user", content: [{ type: "text", text: "1+" }, { type: "text", text: "2" }] }] },
      parameters: { result_format: "message" }
    })
    assert.strictEqual(contentOf(parts), "1+2 equals 3.")
  })

  it("use the message format by default for the newest models only", () => {
    const input = { messages: [{ role: "user", content: "hello" }] }
    assert.isDefined(at(whole({ model: "qwen3-max", input }), "output", "choices"))
    assert.isUndefined(at(whole({ model: "qwen-plus", input }), "output", "choices"))
  })

  it("stop at max_tokens and at stop sequences", () => {
    const cut = whole(bodyOf("ducks", { max_tokens: 2 }))
    assert.strictEqual(contentOf(cut), "You said")
    assert.strictEqual(at(cut, "output", "choices", 0, "finish_reason"), "length")
    assert.strictEqual(at(cut, "usage", "output_tokens"), 2)
    const stopped = whole(bodyOf("ducks", { stop: ["answers", "simulator"] }))
    assert.strictEqual(contentOf(stopped), "You said: \"ducks\". A ")
    assert.strictEqual(at(stopped, "output", "choices", 0, "finish_reason"), "stop")
  })

  it("give several choices that differ, and sum their tokens", () => {
    const result = whole(bodyOf("ducks", { n: 3 }))
    const choices = at(result, "output", "choices")
    assert.strictEqual(Array.isArray(choices) ? choices.length : 0, 3)
    const contents = [0, 1, 2].map((i) => String(at(choices, i, "message", "content")))
    assert.strictEqual(new Set(contents).size, 3)
    assert.deepStrictEqual([0, 1, 2].map((i) => at(choices, i, "index")), [0, 1, 2])
    assert.strictEqual(
      at(result, "usage", "output_tokens"),
      contents.reduce((sum, content) => sum + countTokens(content), 0)
    )
  })

  it("think first, within their budget", () => {
    const result = whole(bodyOf("ducks", { enable_thinking: true, thinking_budget: 5 }))
    const reasoning = String(at(result, "output", "choices", 0, "message", "reasoning_content"))
    assert.strictEqual(countTokens(reasoning), 5)
    assert.strictEqual(at(result, "usage", "output_tokens_details", "reasoning_tokens"), 5)
    const all = whole(bodyOf("ducks", { enable_thinking: true, max_completion_tokens: 6, thinking_budget: 4 }))
    assert.strictEqual(contentOf(all), "You said")
    assert.strictEqual(at(all, "usage", "output_tokens"), 6)
  })

  it("carry log probabilities for each token", () => {
    const result = whole(bodyOf("1+1", { logprobs: true, top_logprobs: 3 }))
    const logprobs = at(result, "output", "choices", 0, "logprobs", "content")
    const entries = Array.isArray(logprobs) ? logprobs : []
    assert.strictEqual(entries.map((entry) => String(at(entry, "token"))).join(""), contentOf(result))
    for (const entry of entries) {
      const top = at(entry, "top_logprobs")
      assert.strictEqual(Array.isArray(top) ? top.length : 0, 3)
      assert.deepStrictEqual(at(top, 0, "token"), at(entry, "token"))
      assert.deepStrictEqual(at(entry, "bytes"), [...Buffer.from(String(at(entry, "token")))])
    }
  })

  it("search, and say where", () => {
    const silent = whole(bodyOf("ducks", { enable_search: true }))
    assert.deepStrictEqual(at(silent, "usage", "plugins"), { search: { count: 1, strategy: "turbo" } })
    assert.isUndefined(at(silent, "output", "search_info"))
    const search_options = {
      enable_source: true,
      enable_citation: true,
      citation_format: "[ref_<number>]",
      search_strategy: "max"
    }
    const cited = whole(bodyOf("ducks", { enable_search: true, search_options }))
    assert.strictEqual(at(cited, "usage", "plugins", "search", "strategy"), "max")
    assert.deepStrictEqual(
      Object.keys(at(cited, "output", "search_info", "search_results", 1) as object).sort(),
      ["icon", "index", "site_name", "title", "url"]
    )
    assert.match(String(contentOf(cited)), /\[ref_1\]\[ref_2\]$/)
  })

  it("translate by the terms and the memory", () => {
    const translation_options = {
      source_lang: "Chinese",
      target_lang: "English",
      terms: [{ source: "鸭子", target: "duck" }],
      tm_list: [{ source: "你好", target: "Hello" }]
    }
    assert.strictEqual(contentOf(whole(bodyOf("一只鸭子", { translation_options }))), "[Chinese → English] 一只duck")
    assert.strictEqual(contentOf(whole(bodyOf("你好", { translation_options }))), "Hello")
  })

  it("go on from a partial message", () => {
    const messages = [{ role: "user", content: "Write" }, { role: "assistant", content: "Ducks swim", partial: true }]
    const result = whole({ model: "qwen-plus", input: { messages }, parameters: { result_format: "message" } })
    assert.match(String(contentOf(result)), /^ and so on/)
  })

  it("speak JSON where they are asked to", () => {
    const object = whole(bodyOf("1+1 as JSON", { response_format: { type: "json_object" } }))
    assert.deepStrictEqual(JSON.parse(String(contentOf(object))), { answer: "1+1 equals 2.", result: 2 })
    const json_schema = {
      name: "sum",
      schema: { type: "object", properties: { value: { type: "number" }, why: { type: "string" } } }
    }
    const typed = whole(bodyOf("3+4", { response_format: { type: "json_schema", json_schema } }))
    assert.deepStrictEqual(JSON.parse(String(contentOf(typed))), { value: 7, why: "3+4 equals 7." })
  })
})

describe("tools", () => {
  const tools = [weather, trains]
  const callsIn = (result: JsonObject): ReadonlyArray<unknown> => {
    const calls = at(result, "output", "choices", 0, "message", "tool_calls")
    return Array.isArray(calls) ? calls : []
  }
  const names = (result: JsonObject) => callsIn(result).map((call) => at(call, "function", "name"))

  it("are called where their name or description meets the question", () => {
    const result = whole(bodyOf("杭州现在的天气如何？", { tools }))
    assert.deepStrictEqual(names(result), ["get_current_weather"])
    assert.deepStrictEqual(at(callsIn(result)[0], "function", "arguments"), "{\"location\":\"杭州\"}")
    assert.strictEqual(at(result, "output", "choices", 0, "finish_reason"), "tool_calls")
    assert.strictEqual(contentOf(result), "")
    const english = whole(bodyOf("Show second class trains from \"Berlin\" for 3 people", { tools }))
    assert.deepStrictEqual(JSON.parse(String(at(callsIn(english)[0], "function", "arguments"))), {
      from: "Berlin",
      class: "second",
      seats: 3
    })
    assert.deepStrictEqual(names(whole(bodyOf("ducks", { tools }))), [])
  })

  it("are called together only where that is allowed", () => {
    const question = "What is the weather, and which trains are there?"
    assert.deepStrictEqual(names(whole(bodyOf(question, { tools }))), ["get_current_weather"])
    const both = whole(bodyOf(question, { tools, parallel_tool_calls: true }))
    assert.deepStrictEqual(names(both), ["get_current_weather", "list_trains"])
    assert.strictEqual(new Set(callsIn(both).map((call) => at(call, "id"))).size, 2)
  })

  it("are called or not as tool_choice says", () => {
    assert.deepStrictEqual(names(whole(bodyOf("weather", { tools, tool_choice: "none" }))), [])
    const tool_choice = { type: "function", function: { name: "list_trains" } }
    assert.deepStrictEqual(names(whole(bodyOf("ducks", { tools, tool_choice }))), ["list_trains"])
  })

  it("are answered from", () => {
    const messages = [
      { role: "user", content: "weather?" },
      { role: "assistant", content: "", tool_calls: [{ id: "call_1", type: "function", function: { name: "w" } }] },
      { role: "tool", content: "rain", tool_call_id: "call_1" },
      { role: "tool", content: "wind", tool_call_id: "call_2" }
    ]
    const result = whole({ model: "qwen-plus", input: { messages }, parameters: { result_format: "message", tools } })
    assert.strictEqual(contentOf(result), "The tools say: rain; wind.")
  })
})

describe("refusals", () => {
  const ask = (content: string, parameters: object, streamed = false) => refusal(bodyOf(content, parameters), streamed)
  const said = (...messages: ReadonlyArray<object>) =>
    refusal({ model: "qwen-plus", input: { messages }, parameters: { result_format: "message" } })

  it("name invalid parameters", () => {
    const wrong: ReadonlyArray<object> = [
      { temperature: 2 },
      { top_p: 0 },
      { n: 5 },
      { max_tokens: 0 },
      { seed: -1 },
      { top_logprobs: 2 },
      { n: "2" },
      { result_format: "xml" },
      { tools: [weather], n: 2 },
      { tools: [weather], result_format: "text" },
      { tools: [weather], tool_choice: "required" },
      { tools: [weather], tool_choice: { type: "function", function: { name: "other" } } },
      { tools: [{ type: "function", function: { name: "search" } }] },
      { enable_thinking: true, response_format: { type: "json_object" } },
      { enable_thinking: true, result_format: "text" },
      { response_format: { type: "json_object" } },
      { response_format: { type: "yaml" } }
    ]
    for (const parameters of wrong) {
      assert.strictEqual(ask("ducks", parameters), "400 InvalidParameter", JSON.stringify(parameters))
    }
    assert.strictEqual(ask("ducks", { enable_thinking: true }, true), "400 InvalidParameter")
  })

  it("name invalid messages", () => {
    assert.strictEqual(refusal({ model: "m", input: {} }), "400 InvalidParameter")
    assert.strictEqual(refusal({ model: "m", input: { prompt: "x", messages: [] } }), "400 InvalidParameter")
    assert.strictEqual(said({ role: "user", content: "" }), "400 InvalidParameter")
    assert.strictEqual(said({ role: "queen", content: "x" }), "400 InvalidParameter")
    assert.strictEqual(said({ role: "user", content: "x" }, { role: "tool", content: "y" }), "400 InvalidParameter")
    assert.strictEqual(
      said({ role: "user", content: "x" }, { role: "assistant", content: "y" }),
      "400 InvalidParameter"
    )
  })
})

const textOf = (value: unknown): string => typeof value === "string" ? value : ""

/** What a client makes of increments, by the merge rules of the protocol. */
const merged = (events: ReadonlyArray<Chunk>) => {
  const choices = new Map<number, { content: string; reasoning: string; calls: Array<string>; finish: unknown }>()
  for (const { value } of events) {
    const choice = at(value, "output", "choices", 0) ?? at(value, "output")
    const index = Number(at(choice, "index") ?? 0)
    const before = choices.get(index) ?? { content: "", reasoning: "", calls: [], finish: "null" }
    const message = at(choice, "message")
    const calls = at(message, "tool_calls")
    for (const call of Array.isArray(calls) ? calls : []) {
      const i = Number(at(call, "index"))
      const name = at(call, "function", "name")
      before.calls[i] = (before.calls[i] ?? "") +
        (name === undefined ? "" : `${textOf(name)} ${String(at(call, "id"))} `) +
        String(at(call, "function", "arguments"))
    }
    choices.set(index, {
      content: before.content + textOf(at(message, "content") ?? at(choice, "text")),
      reasoning: before.reasoning + textOf(at(message, "reasoning_content")),
      calls: before.calls,
      finish: at(choice, "finish_reason")
    })
  }
  return [...choices.entries()].sort(([a], [b]) => a - b).map(([, choice]) => choice)
}

const choicesOf = (result: JsonObject) => {
  const choices = at(result, "output", "choices")
  return (Array.isArray(choices) ? choices : [at(result, "output")]).map((choice: unknown) => {
    const calls = at(choice, "message", "tool_calls")
    return {
      content: at(choice, "message", "content") ?? at(choice, "text"),
      reasoning: at(choice, "message", "reasoning_content") ?? "",
      calls: (Array.isArray(calls) ? calls : []).map((call) =>
        `${String(at(call, "function", "name"))} ${String(at(call, "id"))} ${String(at(call, "function", "arguments"))}`
      ),
      finish: at(choice, "finish_reason")
    }
  })
}

const questions = FastCheck.oneof(
  FastCheck.string({ unit: "binary", minLength: 1, maxLength: 40 }),
  FastCheck.constantFrom("你是谁？", "weather in Paris and trains", "杭州的天气和火车", "1+1?")
)
const parameterSets = FastCheck.record({
  result_format: FastCheck.constantFrom("message", "text"),
  n: FastCheck.integer({ min: 1, max: 4 }),
  enable_thinking: FastCheck.boolean(),
  max_tokens: FastCheck.integer({ min: 1, max: 60 }),
  seed: FastCheck.nat(),
  tools: FastCheck.constant([weather, trains]),
  parallel_tool_calls: FastCheck.boolean(),
  logprobs: FastCheck.boolean()
}, { requiredKeys: ["result_format"] })

/** Takes away what the service refuses in combination. */
const allowed = (parameters: { readonly [name: string]: unknown }): Record<string, unknown> => {
  const { enable_thinking: _, tools, ...rest } = parameters
  return parameters.result_format === "text"
    ? { ...rest, n: 1 }
    : tools === undefined
    ? parameters
    : { ...parameters, n: 1 }
}

describe("streams", () => {
  it.prop("join to the answer in one piece", [questions, parameterSets], ([question, parameters]) => {
    const body = bodyOf(question, { ...allowed(parameters), incremental_output: true })
    const result = whole(body)
    const events = chunks(body)
    assert.deepStrictEqual(merged(events), choicesOf(result))
    const last = events[events.length - 1]
    if (choicesOf(result).length === 1) {
      assert.deepStrictEqual(at(last?.value, "usage"), at(result, "usage"))
    }
    for (const { finishes, value } of events) {
      const reason = at(value, "output", "choices", 0, "finish_reason") ?? at(value, "output", "finish_reason")
      assert.strictEqual(finishes, reason !== "null")
    }
  })

  it.prop("repeat everything so far without increments", [questions, parameterSets], ([question, parameters]) => {
    const { enable_thinking: _, ...rest } = allowed(parameters)
    const body = bodyOf(question, rest)
    const result = whole(body)
    const perChoice = new Map<number, Chunk>()
    for (const event of chunks(body)) {
      perChoice.set(Number(at(event.value, "output", "choices", 0, "index") ?? 0), event)
    }
    const last = [...perChoice.entries()].sort(([a], [b]) => a - b).flatMap(([, { value }]) => choicesOf(value))
    assert.deepStrictEqual(last, choicesOf(result))
  })

  it("open the second call in the event that closes the first, and finish with the last fragment", () => {
    const events = chunks(bodyOf("weather and trains", {
      tools: [weather, trains],
      parallel_tool_calls: true,
      incremental_output: true
    }))
    const deltas = events.map(({ value }) => at(value, "output", "choices", 0, "message", "tool_calls"))
    const both = deltas.filter((calls) => Array.isArray(calls) && calls.length === 2)
    assert.strictEqual(both.length, 1)
    assert.deepStrictEqual([at(both[0], 0, "id"), at(both[0], 0, "index"), at(both[0], 1, "index")], ["", 0, 1])
    const last = events[events.length - 1]?.value
    assert.strictEqual(at(last, "output", "choices", 0, "finish_reason"), "tool_calls")
    assert.isNotEmpty(at(last, "output", "choices", 0, "message", "tool_calls", 0, "function", "arguments"))
  })

  it("think before they speak", () => {
    const events = chunks(bodyOf("ducks", { enable_thinking: true, incremental_output: true }))
    const kinds = events.map(({ value }) => {
      const message = at(value, "output", "choices", 0, "message")
      return at(message, "reasoning_content") !== "" ? "r" : at(message, "content") !== "" ? "c" : "-"
    }).join("")
    assert.match(kinds, /^r+c+-$/)
  })

  it("put the sources first where they are asked to", () => {
    const search_options = { enable_source: true, prepend_search_result: true }
    const parameters = { enable_search: true, search_options, incremental_output: true }
    const [first, second] = chunks(bodyOf("ducks", parameters))
    assert.deepStrictEqual(at(first?.value, "usage"), {})
    assert.isDefined(at(first?.value, "output", "search_info", "search_results", 0))
    assert.isUndefined(at(second?.value, "output", "search_info"))
    const [only] = chunks(bodyOf("ducks", { ...parameters, search_options: { enable_source: true } }))
    assert.isDefined(at(only?.value, "output", "search_info"))
    assert.strictEqual(at(only?.value, "usage", "output_tokens"), 1)
  })
})

class Tree extends Schema.Class<Tree>("Tree")({
  value: Schema.Number,
  children: Schema.Array(Schema.suspend((): Schema.Schema<Tree, TreeEncoded> => Tree))
}) {}

interface TreeEncoded {
  readonly value: number
  readonly children: ReadonlyArray<TreeEncoded>
}

describe("instances of JSON Schemas", () => {
  const hints = { strings: ["some text", "more"], numbers: [3.5], text: "some text with green in it" }
  const roundTrip = (schema: Schema.Schema.AnyNoContext) => {
    const instance = jsonInstance(JSONSchema.make(schema), hints)
    const result = Schema.decodeUnknownEither(schema)(instance)
    assert.strictEqual(result._tag, "Right", JSON.stringify(instance))
  }

  it("fit the schemas that Effect makes", () => {
    const schemas: ReadonlyArray<Schema.Schema.AnyNoContext> = [
      Schema.Struct({ a: Schema.String, b: Schema.optional(Schema.Int), c: Schema.NullOr(Schema.Boolean) }),
      Schema.Struct({ colour: Schema.Literal("red", "green"), size: Schema.Int.pipe(Schema.between(5, 9)) }),
      Schema.Struct({
        list: Schema.NonEmptyArray(Schema.NonEmptyString),
        pair: Schema.Tuple(Schema.String, Schema.Number)
      }),
      Schema.Struct({ long: Schema.String.pipe(Schema.minLength(9)), short: Schema.String.pipe(Schema.maxLength(3)) }),
      Schema.Struct({ code: Schema.String.pipe(Schema.pattern(/^[A-Z]{3}-\d{4}$/)), trimmed: Schema.Trimmed }),
      Schema.Struct({ n: Schema.Int.pipe(Schema.greaterThan(10), Schema.lessThan(12)) }),
      Schema.Struct({ even: Schema.Int.pipe(Schema.multipleOf(6), Schema.greaterThan(20)) }),
      Schema.Struct({ id: Schema.UUID, negative: Schema.Int.pipe(Schema.lessThanOrEqualTo(-2)) }),
      Schema.Union(
        Schema.Struct({ kind: Schema.Literal("a"), x: Schema.Number }),
        Schema.Struct({ kind: Schema.Literal("b") })
      ),
      Schema.Record({ key: Schema.String, value: Schema.Number }),
      Tree
    ]
    for (const schema of schemas) {
      roundTrip(schema)
    }
  })

  it("are what a description asks for", () => {
    const date = jsonInstance({ type: "string", description: "a string to be decoded into a Date" }, hints)
    assert.isFalse(Number.isNaN(Date.parse(String(date))))
  })

  it("lie between the bounds", () => {
    assert.strictEqual(jsonInstance({ type: "number", exclusiveMinimum: 10, exclusiveMaximum: 11 }, hints), 10.5)
    assert.strictEqual(jsonInstance({ type: "number", maximum: -2 }, hints), -3)
  })

  it("are as long as they must be", () => {
    assert.strictEqual(jsonInstance({ type: "string", minLength: 30 }, hints), "some text".padEnd(30, "."))
    assert.strictEqual(jsonInstance({ type: "string", maxLength: 3 }, hints), "som")
  })

  it("prefer what the text names, and end where a schema contains itself", () => {
    assert.strictEqual(jsonInstance({ enum: ["red", "green"] }, hints), "green")
    const self = { type: "object", properties: { again: { $ref: "#" }, leaf: { type: "null" } }, required: ["leaf"] }
    assert.isBelow(JSON.stringify(jsonInstance(self, hints)).length, 500)
    const required = { type: "object", properties: { again: { $ref: "#" } }, required: ["again"] }
    assert.isBelow(JSON.stringify(jsonInstance(required, hints)).length, 2000)
    assert.deepStrictEqual(
      jsonInstance({
        allOf: [{ properties: { a: { const: 1 } } }, { properties: { b: { default: 2, type: "integer" } } }]
      }, hints),
      { a: 1, b: 1 }
    )
  })
})
