import type * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import type * as DashScopeClient from "../src/DashScopeClient.js"
import * as DashScopeError from "../src/DashScopeError.js"
import * as Generation from "../src/Generation.js"
import * as Message from "../src/Message.js"
import { answer, bodyText, jsonResponse, services } from "./util/mock.js"

const params: Generation.GenerationParams = { model: "qwen-plus", messages: [Message.user("Good morning")] }

const decode = (wire: unknown): Generation.GenerationResult => Either.getOrThrow(Generation.decode(wire))

describe("Generation.call", () => {
  it.effect("sends the parameters and gives the answer in our names", () =>
    Effect.gen(function*() {
      const { layer, requests } = services(() => jsonResponse(answer))
      const result = yield* Effect.provide(Generation.call({ ...params, topP: 0.5 }), layer)
      const sent = Arr.unsafeGet(requests, 0)
      assert.strictEqual(
        sent.url,
        "https://dashscope.aliyuncs.com/api/v1/services/aigc/text-generation/generation"
      )
      assert.deepStrictEqual(JSON.parse(bodyText(sent)), {
        model: "qwen-plus",
        input: { messages: [{ role: "user", content: "Good morning" }] },
        parameters: { result_format: "message", top_p: 0.5 }
      })
      assert.deepStrictEqual<unknown>(result, {
        output: { choices: [{ finishReason: "stop", message: { role: "assistant", content: "Good morning!" } }] },
        usage: { inputTokens: 9, outputTokens: 3, totalTokens: 12 },
        requestId: answer.request_id
      })
      // As the documentation's example reads it.
      assert.strictEqual(result.output.choices[0].message.content, "Good morning!")
    }))

  it.effect("passes the options of the call and the plugins on", () =>
    Effect.gen(function*() {
      const { layer, requests } = services(() => jsonResponse(answer))
      yield* Effect.provide(
        Generation.call({ ...params, plugins: { search: {} } }, { apiKey: "sk-other", workspace: "ws-1" }),
        layer
      )
      const { headers } = Arr.unsafeGet(requests, 0)
      assert.strictEqual(headers["authorization"], "Bearer sk-other")
      assert.strictEqual(headers["x-dashscope-workspace"], "ws-1")
      assert.strictEqual(headers["x-dashscope-plugin"], "{\"search\":{}}")
    }))

  it.effect("refuses contradictions before any I/O", () =>
    Effect.gen(function*() {
      const { layer, requests } = services(() => jsonResponse(answer))
      const error = yield* Effect.flip(Effect.provide(Generation.call({ model: "qwen-plus" }), layer))
      assert.instanceOf(error, DashScopeError.InputRequired)
      assert.lengthOf(requests, 0)
    }))

  it.effect("fails on an answer of another shape, saying where but not what", () =>
    Effect.gen(function*() {
      const wire = { ...answer, output: { choices: [{ message: { content: 42, secret: "hunter22" } }] } }
      const { layer } = services(() => jsonResponse(wire))
      const error = yield* Effect.flip(Effect.provide(Generation.call(params), layer))
      assert.instanceOf(error, DashScopeError.ApiError)
      assert.strictEqual(error.reason, "UnexpectedResponse")
      assert.include(error.description, "output.choices.0.message.content")
      assert.strictEqual(error.requestId, answer.request_id)
      assert.notInclude(error.message, "hunter22")
    }))

  it.effect("fails on an answer without output", () =>
    Effect.gen(function*() {
      const { layer } = services(() => jsonResponse({ request_id: "r" }))
      const error = yield* Effect.flip(Effect.provide(Generation.call(params), layer))
      assert.include(error.message, "unexpected shape at output")
    }))

  it.effect("tells when the service had to cut the answer short, and takes its id from the header", () =>
    Effect.gen(function*() {
      const { layer } = services(() =>
        jsonResponse({ output: answer.output }, {
          headers: { "x-dashscope-partialresponse": "true", "x-request-id": "r-9" }
        })
      )
      const result = yield* Effect.provide(Generation.call(params), layer)
      assert.isTrue(result.isPartial)
      assert.strictEqual(result.requestId, "r-9")
      assert.strictEqual(Generation.text(result), "Good morning!")
    }))

  it.effect("ends after its timeout", () =>
    Effect.gen(function*() {
      const { layer } = services(() => Effect.never)
      const call = Effect.flip(Effect.provide(Generation.call(params, { timeout: "10 seconds" }), layer))
      const fiber = yield* Effect.fork(call)
      yield* TestClock.adjust("10 seconds")
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(error._tag === "RequestTimeout" && error.phase, "total")
    }))

  it.effect("can be replaced in a test", () =>
    Effect.gen(function*() {
      const result = decode(answer)
      const Mock = Layer.mock(Generation.Generation, { call: () => Effect.succeed(result) })
      const found = yield* Effect.provide(Generation.call(params), Mock)
      assert.strictEqual(found, result)
      // As a user writes one, without the wire.
      const ByHand = Layer.mock(Generation.Generation, {
        call: ({ model }) => Effect.succeed({ output: { choices: [{ message: { content: model } }] } })
      })
      assert.strictEqual(Generation.text(yield* Effect.provide(Generation.call(params), ByHand)), "qwen-plus")
    }))

  it("has exactly the error and requirement types of its design", () => {
    expectTypeOf(Generation.call).returns.toEqualTypeOf<
      Effect.Effect<Generation.GenerationResult, DashScopeError.DashScopeError, Generation.Generation>
    >()
    expectTypeOf(Generation.layer).toEqualTypeOf<
      Layer.Layer<Generation.Generation, never, DashScopeClient.DashScopeClient>
    >()
    expectTypeOf<Effect.Effect.Error<ReturnType<typeof Generation.call>>["_tag"]>().toEqualTypeOf<
      | "NoApiKey"
      | "InputRequired"
      | "ApiError"
      | "RequestTimeout"
      | "ConnectionError"
      | "PoolExhausted"
      | "RateLimitExceeded"
    >()
    expectTypeOf<Generation.GenerationResult["output"]["choices"][0]["message"]["content"]>().toEqualTypeOf<
      string | ReadonlyArray<unknown> | null | undefined
    >()
    expectTypeOf(Generation.call).parameter(0).toHaveProperty("model").toEqualTypeOf<string>()
    // @ts-expect-error a model is required
    const withoutModel: Generation.GenerationParams = { prompt: "Hello" }
    // @ts-expect-error and names are checked
    const misspelt: Generation.GenerationParams = { model: "qwen-plus", temprature: 1 }
    assert.isObject({ withoutModel, misspelt })
  })

  it.effect("needs nothing but an HttpClient", () =>
    Effect.gen(function*() {
      const { layer } = services(() => jsonResponse(answer))
      expectTypeOf(layer).toExtend<Layer.Layer<Generation.Generation, unknown>>()
      assert.isTrue(yield* Effect.provide(Effect.isSuccess(Generation.call(params)), layer))
      expectTypeOf<HttpClient.HttpClient>().not.toBeAny()
    }))
})

describe("a result", () => {
  const text = { output: { text: "Hello!", finish_reason: "stop" }, request_id: "r" }

  it("of the text format has a choice as well", () => {
    const result = decode(text)
    assert.deepStrictEqual<unknown>(result, {
      output: {
        text: "Hello!",
        finishReason: "stop",
        choices: [{ finishReason: "stop", message: { role: "assistant", content: "Hello!" } }]
      },
      requestId: "r"
    })
    assert.strictEqual(Generation.text(result), "Hello!")
  })

  it("without any answer is empty, not a trap", () => {
    for (const output of [{}, { choices: [] }, { choices: null, text: null }]) {
      const result = decode({ output })
      assert.strictEqual(Generation.text(result), "")
      assert.strictEqual(Generation.reasoning(result), "")
      assert.deepStrictEqual(Generation.toolCalls(result), [])
    }
  })

  it("keeps fields that have no name here, at every level", () => {
    const result = decode({
      output: { choices: [{ message: { content: "a", audio: 1 }, x: 2 }], x: 3 },
      usage: { plugins: { search: { count: 1, x: 4 } }, x: 5 },
      x: 6
    })
    const [choice] = result.output.choices
    const found = [choice.message, choice, result.output, result.usage?.plugins?.search, result.usage, result]
      .map((part) => Generation.field(part, "x"))
    assert.deepStrictEqual(found, [undefined, 2, 3, 4, 5, 6])
    assert.strictEqual(Generation.field(choice.message, "audio"), 1)
    assert.isUndefined(Generation.field(undefined, "x"))
    assert.isUndefined(Generation.field(result, "toString"))
  })

  it("gives its tool calls without holes, and itself as the next message", () => {
    const result = decode({
      output: {
        choices: [{
          finish_reason: "stop",
          message: {
            role: "assistant",
            content: "",
            reasoning_content: "I need the weather.",
            tool_calls: [
              { index: 0, id: "call_1", type: "function", function: { name: "weather", arguments: "{\"a\":1}" } },
              { function: { name: "weather" } },
              {}
            ]
          }
        }]
      }
    })
    const calls = [
      { id: "call_1", type: "function", index: 0, function: { name: "weather", arguments: "{\"a\":1}" } },
      { id: "", type: "function", function: { name: "weather", arguments: "" } },
      { id: "", type: "function", function: { name: "", arguments: "" } }
    ]
    assert.deepStrictEqual<unknown>(Generation.toolCalls(result), calls)
    assert.strictEqual(Generation.reasoning(result), "I need the weather.")
    assert.deepStrictEqual<unknown>(Generation.assistantMessage(result), {
      role: "assistant",
      content: "",
      toolCalls: calls
    })
    assert.deepStrictEqual<unknown>(Generation.assistantMessage(decode(text)), { role: "assistant", content: "Hello!" })
  })

  it("that answers in parts is read as one text", () => {
    const result = decode({
      output: { choices: [{ message: { content: [{ text: "a" }, { image: "b" }, { text: "c" }] } }] }
    })
    assert.strictEqual(Generation.text(result), "ac")
  })

  it("is recognised", () => {
    assert.isTrue(Generation.isGenerationResult(decode(text)))
    assert.isFalse(Generation.isGenerationResult({ output: { choices: [] } }))
    assert.isFalse(Generation.isGenerationResult(text))
  })
})
