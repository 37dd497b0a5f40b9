/** What the core of Effect 4 has and that of Effect 3 does not. */
import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import { InputRequired, RequestTimeout } from "effect-dashscope/DashScopeError"
import * as DashScopeError from "effect-dashscope/DashScopeError"
import * as Generation from "effect-dashscope/Generation"
import * as MultiModalConversation from "effect-dashscope/MultiModalConversation"
import * as AiError from "effect/ai/AiError"
import * as Chat from "effect/ai/Chat"
import * as EmbeddingModel from "effect/ai/EmbeddingModel"
import * as LanguageModel from "effect/ai/LanguageModel"
import * as Model from "effect/ai/Model"
import * as Prompt from "effect/ai/Prompt"
import * as AiTool from "effect/ai/Tool"
import * as Toolkit from "effect/ai/Toolkit"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as DashScopeAiError from "../src/DashScopeAiError.js"
import * as DashScopeEmbeddingModel from "../src/DashScopeEmbeddingModel.js"
import * as DashScopeLanguageModel from "../src/DashScopeLanguageModel.js"
import * as DashScopeTool from "../src/DashScopeTool.js"
import * as Errors from "../src/internal/errors.js"
import type { Where } from "../src/internal/original.js"
import { live, sent } from "./util/live.js"

const Qwen = DashScopeLanguageModel.model("qwen-plus")

const question = "How is the weather in Hangzhou?"

const weather = {
  description: "The weather of a city, now",
  parameters: Schema.Struct({ city: Schema.String }),
  success: Schema.String
}

/** A model that answers so to what it is asked, one after the other. */
const answering = (asked: Array<Generation.GenerationParams>, ...messages: ReadonlyArray<object>) => {
  const next = (params: Generation.GenerationParams) => {
    asked.push(params)
    const message = { role: "assistant", ...messages[asked.length - 1] }
    return Result.getOrThrow(Generation.decode({ output: { choices: [{ finish_reason: "stop", message }] } }))
  }
  return Layer.provide(
    Qwen,
    Layer.merge(
      Layer.mock(Generation.Generation, {
        call: (params) => Effect.sync(() => next(params)),
        stream: (params) => Stream.sync(() => next(params))
      }),
      Layer.mock(MultiModalConversation.MultiModalConversation, {})
    )
  )
}

const call = (args: string, name = "get_weather") => ({
  content: "",
  tool_calls: [{ id: "c-1", type: "function", function: { name, arguments: args } }]
})

describe("errors", () => {
  const where: Where = { module: "M", method: "m", url: "/path" }
  const limited = new DashScopeError.ApiError({
    reason: "RateLimited",
    statusCode: 429,
    code: "Some.Code",
    description: "said the service",
    requestId: "r-1",
    retryAfter: Duration.millis(1500),
    isRetryable: true
  })

  it("say when to come again, and the service's own words", () => {
    const error = Errors.make(limited, where)
    assert.isTrue(AiError.isAiError(error))
    assert.deepStrictEqual([error.isRetryable, error.retryAfter], [true, Duration.millis(1500)])
    assert.deepStrictEqual<unknown>("metadata" in error.reason && error.reason.metadata, {
      dashscope: { reason: "RateLimited", code: "Some.Code", requestId: "r-1" }
    })
    const own = new DashScopeError.RateLimitExceeded({
      reason: "Deadline",
      key: "qwen-plus",
      waiting: 0,
      wait: Duration.seconds(3)
    })
    assert.deepStrictEqual(Errors.make(own, where).retryAfter, Duration.seconds(3))
  })

  it("keep the original where a tool fails with the reason alone", () => {
    const timeout = new RequestTimeout({ phase: "total", duration: Duration.seconds(1) })
    const { reason } = Errors.make(timeout, where)
    assert.strictEqual(DashScopeAiError.original(AiError.make({ module: "Toolkit", method: "m", reason })), timeout)
  })

  it.effect("are caught by their reason", () =>
    Effect.gen(function*() {
      const foreign = AiTool.providerDefined({
        id: "openai.web_search",
        customName: "Search",
        providerName: "s",
        args: Schema.Struct({})
      })
      const caught = yield* LanguageModel.generateText({ prompt: "Hi", toolkit: Toolkit.make(foreign({})) }).pipe(
        Effect.catchReason("AiError", "ToolConfigurationError", ({ toolName }) => Effect.succeed(toolName))
      )
      assert.strictEqual(caught, "Search")
    }).pipe(Effect.provide(answering([]))))

  it.effect("tell a Schema that the service cannot be told of", () =>
    Effect.gen(function*() {
      const schema = Schema.Struct({ size: Schema.BigInt })
      const caught = yield* LanguageModel.generateObject({ prompt: "Hi", schema }).pipe(
        Effect.catchReason("AiError", "UnsupportedSchemaError", ({ description }) => Effect.succeed(description))
      )
      assert.isString(caught)
    }).pipe(Effect.provide(answering([]))))
})

describe("approvals", () => {
  const Book = AiTool.make("get_weather", { ...weather, needsApproval: true })
  const toolkit = Toolkit.make(Book)

  const asks = (streamed: boolean) => (approved: boolean) => {
    const handled: Array<string> = []
    const handlers = toolkit.toLayer({ get_weather: ({ city }) => Effect.sync(() => (handled.push(city), "sunny")) })
    return Effect.gen(function*() {
      const chat = yield* Chat.empty
      const say = (prompt: Prompt.RawInput) =>
        streamed
          ? Effect.asVoid(Stream.runDrain(chat.streamText({ prompt, toolkit })))
          : Effect.asVoid(chat.generateText({ prompt, toolkit }))
      yield* say(question)
      assert.deepStrictEqual(handled, [])
      const { content } = yield* chat.export.pipe(Effect.map((history) => Prompt.make((history as Prompt.Prompt).content)))
      const request = content.flatMap((message) =>
        typeof message.content === "string" ? [] : message.content.filter(({ type }) => type === "tool-approval-request")
      )[0]
      if (request?.type !== "tool-approval-request") return assert.fail("nobody was asked")
      const { approvalId } = request
      yield* say([{ role: "tool", content: [{ type: "tool-approval-response", approvalId, approved }] }])
      const requests = yield* sent
      return { handled, messages: requests.at(-1)?.body.input.messages ?? [] }
    }).pipe(Effect.provide(handlers), Effect.provide(Qwen), Effect.provide(live()))
  }

  for (const streamed of [false, true]) {
    const how = streamed ? "streamed" : "whole"
    it.live(`run a tool when it is approved, and send its result (${how})`, () =>
      Effect.gen(function*() {
        const { handled, messages } = yield* asks(streamed)(true)
        assert.strictEqual(handled.length, 1)
        assert.deepStrictEqual(messages.map(({ role }) => role), ["user", "assistant", "tool"])
      }))

    it.live(`tell the model that it was not (${how})`, () =>
      Effect.gen(function*() {
        const { handled, messages } = yield* asks(streamed)(false)
        assert.deepStrictEqual(handled, [])
        assert.match(JSON.stringify(messages.at(-1)), /Error.*execution-denied/)
      }))
  }

  it.effect("are not passed over by the client's loop", () =>
    Effect.gen(function*() {
      const withHandlers = yield* toolkit
      const made = Result.try({
        try: () => DashScopeTool.fromToolkit(withHandlers),
        catch: (error) => error
      })
      assert.isTrue(Result.isFailure(made) && made.failure instanceof InputRequired)
    }).pipe(Effect.provide(toolkit.toLayer({ get_weather: () => Effect.succeed("sunny") }))))
})

describe("tools", () => {
  it.effect("of a JSON Schema are described by it", () => {
    const asked: Array<Generation.GenerationParams> = []
    const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] } as const
    const toolkit = Toolkit.make(AiTool.dynamic("get_weather", { description: "The weather", parameters }))
    return Effect.gen(function*() {
      yield* LanguageModel.generateText({ prompt: "Hi", toolkit, disableToolCallResolution: true })
      assert.deepStrictEqual<unknown>(asked[0]?.tools, [
        { type: "function", function: { name: "get_weather", description: "The weather", parameters } }
      ])
    }).pipe(Effect.provide(answering(asked, { content: "Hi" })))
  })

  it.effect("that return their failures tell the model of arguments that do not fit", () => {
    const asked: Array<Generation.GenerationParams> = []
    const toolkit = Toolkit.make(AiTool.make("get_weather", { ...weather, failureMode: "return" }))
    return Effect.gen(function*() {
      const { toolResults } = yield* LanguageModel.generateText({ prompt: question, toolkit })
      assert.deepStrictEqual(toolResults.map(({ isFailure }) => isFailure), [true])
    }).pipe(
      Effect.provide(toolkit.toLayer({ get_weather: () => Effect.succeed("sunny") })),
      Effect.provide(answering(asked, call("{\"city\":7}")))
    )
  })

  it.effect("show the model what they make for it of a result", () => {
    const asked: Array<Generation.GenerationParams> = []
    const toolkit = Toolkit.make(AiTool.make("get_weather", {
      ...weather,
      toModelOutput: (sky) => [Prompt.makePart("text", { text: `The sky is ${sky}` })]
    }))
    return Effect.gen(function*() {
      const chat = yield* Chat.empty
      const { toolResults } = yield* chat.generateText({ prompt: question, toolkit })
      assert.deepStrictEqual(toolResults.map(({ result }) => result), ["sunny"])
      yield* chat.generateText({ prompt: "Go on", toolkit })
      const messages = asked[1]?.messages ?? []
      assert.deepStrictEqual(messages.filter(({ role }) => role === "tool").map(({ content }) => content), [
        "The sky is sunny"
      ])
    }).pipe(
      Effect.provide(toolkit.toLayer({ get_weather: () => Effect.succeed("sunny") })),
      Effect.provide(answering(asked, call("{\"city\":\"Hangzhou\"}"), { content: "Well" }))
    )
  })

  it.effect("that nobody declared come as the model called them, where the program validates calls itself", () =>
    Effect.gen(function*() {
      const options = { prompt: "Hi", disableToolCallResolution: true, toolCallValidation: "deferred" } as const
      const { toolCalls } = yield* LanguageModel.generateText(options)
      const parts = yield* Stream.runCollect(LanguageModel.streamText(options))
      const calls = [...toolCalls, ...parts.filter((part) => part.type === "tool-call")]
      assert.deepStrictEqual(calls.map(({ name, params }) => [name, params]), [
        ["get_sky", { city: 7 }],
        ["get_sky", { city: 7 }]
      ])
    }).pipe(Effect.provide(answering([], call("{\"city\":7}", "get_sky"), call("{\"city\":7}", "get_sky")))))
})

describe("embeddings", () => {
  it.live("that are asked for at once share a request, where their settings are the same", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.Simulator
      const { embed } = yield* EmbeddingModel.EmbeddingModel
      const questions = DashScopeEmbeddingModel.withConfigOverride({ textType: "query" })
      const all = Effect.forEach(["a", "b", "c"], (text) => embed(text), { concurrency: "unbounded" })
      const vectors = yield* Effect.all([all, Effect.map(questions(embed("d")), (one) => [one])], {
        concurrency: "unbounded"
      })
      assert.isTrue(vectors.flat().every(({ vector }) => vector.length === 64))
      assert.strictEqual((yield* simulator.stats).totalRequests, 2)
    }).pipe(
      Effect.provide(DashScopeEmbeddingModel.model("text-embedding-v4", { dimension: 64 })),
      Effect.provide(live())
    ))

  it.effect("say how long they are, and what they cost", () =>
    Effect.gen(function*() {
      const model = yield* EmbeddingModel.EmbeddingModel
      assert.strictEqual(yield* EmbeddingModel.Dimensions, 64)
      assert.strictEqual(yield* Model.ModelName, "text-embedding-v4")
      const { usage } = yield* model.embedMany(["a"])
      assert.isAbove(usage.inputTokens ?? 0, 0)
    }).pipe(
      Effect.provide(DashScopeEmbeddingModel.model("text-embedding-v4", { dimension: 64 })),
      Effect.provide(live())
    ))
})
