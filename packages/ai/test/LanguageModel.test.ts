import * as Chat from "@effect/ai/Chat"
import * as IdGenerator from "@effect/ai/IdGenerator"
import * as LanguageModel from "@effect/ai/LanguageModel"
import type * as Prompt from "@effect/ai/Prompt"
import * as Telemetry from "@effect/ai/Telemetry"
import * as AiTool from "@effect/ai/Tool"
import * as Toolkit from "@effect/ai/Toolkit"
import { assert, describe, it } from "@effect/vitest"
import { Behavior, Simulator } from "effect-dashscope-simulator"
import * as ConnectionPool from "effect-dashscope/ConnectionPool"
import { InputRequired } from "effect-dashscope/DashScopeError"
import * as Generation from "effect-dashscope/Generation"
import * as Message from "effect-dashscope/Message"
import * as MultiModalConversation from "effect-dashscope/MultiModalConversation"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import * as DashScopeAiError from "../src/DashScopeAiError.js"
import * as DashScopeLanguageModel from "../src/DashScopeLanguageModel.js"
import * as DashScopeTool from "../src/DashScopeTool.js"
import * as Core from "./util/core.js"
import { live, sent } from "./util/live.js"

const Qwen = DashScopeLanguageModel.model("qwen-plus")

const GetWeather = AiTool.make("get_weather", {
  description: "The weather of a city, now",
  parameters: { city: Schema.String },
  success: Schema.String
})
const toolkit = Toolkit.make(GetWeather)
const handlers = (handled: Array<string> = []) =>
  toolkit.toLayer({ get_weather: ({ city }) => Effect.sync(() => (handled.push(city), `${city}: sunny`)) })

const question = "How is the weather in Hangzhou?"

/** Settings that make the simulator answer like this. */
const behaving = (behavior: Behavior.Behavior): DashScopeLanguageModel.Settings => ({
  headers: Behavior.toHeaders(behavior)
})

const settings = (settings: DashScopeLanguageModel.Settings) =>
  Stream.provideService(DashScopeLanguageModel.Config, settings)

/** That no permit is held, as the pool counts them, and no request is open, as the server does. */
const nothingHeld = Effect.gen(function*() {
  const simulator = yield* Simulator.Simulator
  yield* simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 0)
  const pool = yield* ConnectionPool.ConnectionPool
  assert.strictEqual((yield* pool.stats).inFlight, 0)
})

const types = (parts: Iterable<{ readonly type: string }>) => Array.from(parts, ({ type }) => type)

/** A model whose answers are these. */
const answering = (...messages: ReadonlyArray<object>) => {
  const results = messages.map(({ finish_reason = "stop", ...message }: { readonly finish_reason?: string }) =>
    Either.getOrThrow(
      Generation.decode({ output: { choices: [{ finish_reason, message: { role: "assistant", ...message } }] } })
    )
  )
  return Layer.provide(
    Qwen,
    Layer.merge(
      Layer.mock(Generation.Generation, {
        call: () => Effect.succeed(Generation.merge(results) ?? assert.fail("no answer")),
        stream: () => Stream.fromIterable(results)
      }),
      Layer.mock(MultiModalConversation.MultiModalConversation, {})
    )
  )
}

describe("generateText and streamText", () => {
  it.live("give text, thinking, usage and metadata", () =>
    Effect.gen(function*() {
      const thinking = { enableThinking: true }
      const whole = yield* LanguageModel.generateText({ prompt: "你是谁？" }).pipe(
        DashScopeLanguageModel.withConfigOverride(thinking)
      )
      const parts = yield* LanguageModel.streamText({ prompt: "你是谁？" }).pipe(settings(thinking), Stream.runCollect)
      const joined = (type: "reasoning-delta" | "text-delta") =>
        Chunk.toReadonlyArray(parts).map((part) => part.type === type ? part.delta : "").join("")

      assert.match(whole.text, /通义千问/)
      assert.strictEqual(joined("text-delta"), whole.text)
      assert.strictEqual(joined("reasoning-delta"), whole.reasoningText)
      const usage = Core.usageOf(whole)
      assert.isAbove(usage.input ?? 0, 0)
      assert.isAbove(usage.reasoning ?? 0, 0)
      assert.isAbove(usage.output ?? 0, usage.reasoning ?? 0)
      assert.strictEqual(whole.finishReason, "stop")
      const [metadata] = whole.content
      if (metadata?.type !== "response-metadata") return assert.fail("no metadata")
      const finish = whole.content.at(-1)
      if (finish?.type !== "finish") return assert.fail("no finish")
      assert.isString(Core.requestIdOf(metadata))
      assert.strictEqual(Core.requestIdOf(metadata), finish.metadata.dashscope?.requestId)
      yield* nothingHeld
    }).pipe(Effect.provide(Qwen), Effect.provide(live())))

  it.live("take their settings from the layer, and those around the call over them", () =>
    Effect.gen(function*() {
      yield* LanguageModel.generateText({ prompt: "Hi" }).pipe(
        DashScopeLanguageModel.withConfigOverride({ temperature: 0.5 }),
        DashScopeLanguageModel.withConfigOverride({ model: "qwen-max", temperature: 0.9, topK: 5 })
      )
      const [request] = yield* sent
      const { seed, temperature, top_k } = request?.body.parameters ?? {}
      assert.deepStrictEqual([request?.body.model, seed, temperature, top_k], ["qwen-max", 7, 0.5, 5])
    }).pipe(
      Effect.provide(DashScopeLanguageModel.layer({ model: "qwen-plus", config: { seed: 7, temperature: 0.1 } })),
      Effect.provide(live())
    ))

  it.live("ask by a stream where the model answers no other way", () =>
    Effect.gen(function*() {
      const { text } = yield* LanguageModel.generateText({ prompt: "你是谁？" })
      const { value } = yield* LanguageModel.generateObject({ prompt: "Hi", schema: Schema.Struct({ n: Schema.Int }) })
      assert.match(text, /通义千问/)
      assert.isNumber(value.n)
      assert.deepStrictEqual((yield* sent).map(({ headers }) => headers["x-dashscope-sse"]), ["enable", "enable"])
    }).pipe(
      Effect.provide(DashScopeLanguageModel.model("qwen-plus", { callByStream: true })),
      Effect.provide(live())
    ))

  it.live("go where the model or the prompt's files are answered", () =>
    Effect.gen(function*() {
      const look = [{
        role: "user" as const,
        content: [
          { type: "file" as const, mediaType: "image/png", data: "https://example.com/cat.png" },
          { type: "text" as const, text: "What is it?" }
        ]
      }]
      const seen = yield* LanguageModel.generateText({ prompt: look }).pipe(
        DashScopeLanguageModel.withConfigOverride({ model: "qwen3-vl-plus" })
      )
      yield* LanguageModel.streamText({ prompt: "Hi" }).pipe(settings({ model: "qwen3.6-plus" }), Stream.runDrain)
      const object = yield* LanguageModel.generateObject({ prompt: look, schema: Schema.Struct({ n: Schema.Int }) })
        .pipe(
          DashScopeLanguageModel.withConfigOverride({ model: "qwen3-vl-plus" })
        )
      yield* LanguageModel.generateText({ prompt: "Hi" })
      assert.notStrictEqual(seen.text, "")
      assert.isNumber(object.value.n)
      assert.deepStrictEqual(
        (yield* sent).map(({ path }) => /(\w+)-generation\/generation$/.exec(path)?.[1]),
        ["multimodal", "multimodal", "multimodal", "text"]
      )
    }).pipe(Effect.provide(Qwen), Effect.provide(live())))

  it.live("search the web where the toolkit has the tool for it", () =>
    Effect.gen(function*() {
      const searching = Toolkit.make(DashScopeTool.WebSearch({}))
      const prompt = "What is new in Hangzhou?"
      const whole = yield* LanguageModel.generateText({ prompt, toolkit: searching })
      const parts = yield* LanguageModel.streamText({ prompt, toolkit: searching }).pipe(Stream.runCollect)
      const sources = (all: Iterable<{ readonly type: string }>) =>
        types(all).filter((type) => type === "source").length
      assert.isAbove(sources(whole.content), 0)
      assert.strictEqual(sources(parts), sources(whole.content))
    }).pipe(Effect.provide(Qwen), Effect.provide(live())))
})

/** The other line of this package sends the same. */
describe("the service is sent", () => {
  const Search = DashScopeTool.WebSearch({ searchStrategy: "max" })
  const history: Prompt.RawInput = [
    { role: "system", content: "Be brief" },
    {
      role: "user",
      content: [{ type: "text", text: "天气？", options: { dashscope: { cacheControl: Message.ephemeral } } }]
    },
    {
      role: "assistant",
      content: [{ type: "tool-call", id: "c", name: "get_weather", params: { city: "杭州" }, providerExecuted: false }]
    },
    {
      role: "tool",
      content: [{
        type: "tool-result",
        id: "c",
        name: "get_weather",
        result: { sky: "sunny" },
        isFailure: false,
        providerExecuted: false
      }]
    },
    { role: "user", content: "And now?" }
  ]

  const bytes = [
    `{"model":"qwen-plus","input":{"messages":[{"role":"system","content":"Be brief"},{"role":"user","content":[{"type":"text",` +
    `"text":"天气？","cache_control":{"type":"ephemeral"}}]},{"role":"assistant","content":"","tool_calls":[{"id":"c","type":` +
    `"function","function":{"name":"get_weather","arguments":"{\\"city\\":\\"杭州\\"}"}}]},{"role":"tool","content":` +
    `"{\\"sky\\":\\"sunny\\"}","tool_call_id":"c","name":"get_weather"},{"role":"user","content":"And now?"}]},"parameters":` +
    `{"temperature":0.3,"seed":7,"enable_search":true,"search_options":{"search_strategy":"max","enable_source":true},"tools":` +
    `[{"type":"function","function":{"name":"get_weather","description":"The weather of a city, now","parameters":{"type":` +
    `"object","required":["city"],"properties":{"city":{"type":"string"}},"additionalProperties":false}}}],"tool_choice":"auto",` +
    `"result_format":"message"}}`,
    `{"model":"qwen-plus","input":{"messages":[{"role":"user","content":"Hi"}]},"parameters":{"temperature":0.3,"seed":7,` +
    `"incremental_output":true,"result_format":"message"}}`,
    `{"model":"qwen-plus","input":{"messages":[{"role":"user","content":"A trip"}]},"parameters":{"temperature":0.3,"seed":7,` +
    `"response_format":{"type":"json_schema","json_schema":{"name":"trip","schema":{"type":"object","required":["city"],` +
    `"properties":{"city":{"type":"string"},"days":{"type":"integer","description":"an integer"}},"additionalProperties":false},` +
    `"strict":true}},"result_format":"message"}}`
  ]

  it.live("these bytes", () =>
    Effect.gen(function*() {
      yield* LanguageModel.generateText({
        prompt: history,
        toolkit: Toolkit.make(GetWeather, Search),
        toolChoice: "auto"
      })
      yield* Stream.runDrain(LanguageModel.streamText({ prompt: "Hi" }))
      yield* LanguageModel.generateObject({
        prompt: "A trip",
        objectName: "trip",
        schema: Schema.Struct({ city: Schema.String, days: Schema.optional(Schema.Int) })
      })
      const requests = yield* (yield* Simulator.Simulator).requests
      assert.deepStrictEqual(requests.map(({ body }) => body), bytes)
    }).pipe(
      Effect.provide(handlers()),
      Effect.provide(DashScopeLanguageModel.model("qwen-plus", { temperature: 0.3, seed: 7 })),
      Effect.provide(live())
    ))
})

describe("without a toolkit", () => {
  /** The spans that end, with what they hold but for times and ids. */
  const tracing = (ended: Array<unknown>) =>
    Layer.setTracer(Tracer.make({
      span: (name, parent, context, links, startTime, kind) => {
        const attributes = new Map<string, unknown>()
        const span: Tracer.Span = {
          _tag: "Span",
          spanId: name,
          traceId: "trace",
          sampled: true,
          name,
          parent,
          context,
          links,
          status: { _tag: "Started", startTime },
          kind,
          attributes,
          attribute: (key, value) => void attributes.set(key, value),
          event: () => {},
          addLinks: () => {},
          end: (_, exit) => {
            if (!name.startsWith("LanguageModel")) return
            ended.push([name, Option.isSome(parent), exit._tag, Object.fromEntries(attributes)])
          }
        }
        return span
      },
      context: (run) => run()
    }))

  const seen = (toolkit: object) => {
    const ended: Array<unknown> = []
    const transformed: Array<unknown> = []
    return Effect.gen(function*() {
      const response = yield* LanguageModel.generateText({ prompt: "Hi", ...toolkit })
      const error = yield* Effect.flip(LanguageModel.generateText({ prompt: "", ...toolkit }))
      const stream = (prompt: string) => Stream.runCollect(LanguageModel.streamText({ prompt, ...toolkit }))
      const parts = Chunk.toReadonlyArray(yield* stream("Hi"))
      const streamError = yield* Effect.flip(stream(""))
      return {
        content: response.content,
        text: response.text,
        parts,
        errors: [error, streamError].map(({ _tag, message }) => [_tag, message]),
        transformed,
        ended
      }
    }).pipe(
      Effect.provideService(Telemetry.CurrentSpanTransformer, ({ response, span: _, ...asked }) => {
        transformed.push({ response, asked: { ...asked, prompt: asked.prompt.content } })
      }),
      Effect.provide(tracing(ended))
    )
  }

  /** What the model answers, whole and in pieces. */
  const wiki = {
    requestId: "r-1",
    usage: { inputTokens: 1, outputTokens: 2 },
    output: {
      searchInfo: { searchResults: [{ url: "https://wiki/", title: "Wiki" }] },
      choices: [{ finishReason: "stop", message: { role: "assistant", content: "Hello", reasoningContent: "Hm" } }]
    }
  } as const

  const refused = new InputRequired({ field: "messages", description: "empty" })

  it.effect("both do what the core does with an empty one", () =>
    Effect.gen(function*() {
      const plain = yield* seen({})
      assert.deepStrictEqual(plain, yield* seen({ toolkit: Toolkit.empty }))
      assert.strictEqual(plain.text, "Hello")
      assert.strictEqual(plain.ended.length, 4)
      // A stream tells its transformer also of what came before it failed, a call does not.
      assert.strictEqual(plain.transformed.length, 3)
      assert.deepStrictEqual(types(plain.parts), [
        "response-metadata",
        "reasoning-start",
        "reasoning-delta",
        "reasoning-end",
        "text-start",
        "text-delta",
        "text-end",
        "source",
        "finish"
      ])
      const sources = plain.content.flatMap((part) => part.type === "source" && part.sourceType === "url" ? [part] : [])
      assert.deepStrictEqual(sources.map(({ id, url }) => [id, url.href]), [["own_source_0", "https://wiki/"]])
    }).pipe(
      Effect.provide(Layer.provide(
        Qwen,
        Layer.mergeAll(
          Layer.succeed(IdGenerator.IdGenerator, { generateId: () => Effect.succeed("own") }),
          Layer.mock(MultiModalConversation.MultiModalConversation, {}),
          Layer.mock(Generation.Generation, {
            call: ({ messages }) => messages?.[0]?.content === "" ? Effect.fail(refused) : Effect.succeed(wiki),
            stream: ({ messages }) => messages?.[0]?.content === "" ? Stream.fail(refused) : Stream.make(wiki)
          })
        )
      ))
    ))
})

describe("without a toolkit, a call", () => {
  it.effect("is refused, as by the core", () =>
    Effect.gen(function*() {
      const errors = (toolkit: object) =>
        Effect.all([
          Effect.flip(LanguageModel.generateText({ prompt: "Hi", ...toolkit })),
          Effect.flip(Stream.runDrain(LanguageModel.streamText({ prompt: "Hi", ...toolkit })))
        ]).pipe(Effect.map((all) => all.map((error) => [Core.kindOf(error), error.message])))
      const plain = yield* errors({})
      assert.deepStrictEqual(plain, yield* errors({ toolkit: Toolkit.empty }))
      assert.deepStrictEqual(plain.map(([tag]) => tag), [Core.kinds.malformedOutput, Core.kinds.malformedOutput])
    }).pipe(Effect.provide(answering({
      tool_calls: [{ id: "c", type: "function", function: { name: "get_weather", arguments: "{}" } }]
    }))))
})

describe("generateObject", () => {
  class Trip extends Schema.Class<Trip>("Trip")({
    city: Schema.String,
    days: Schema.Int,
    from: Schema.optional(Schema.Date),
    price: Schema.NumberFromString
  }) {}
  interface Tree {
    readonly name: string
    readonly children: ReadonlyArray<Tree>
  }
  const Tree = Schema.Struct({
    name: Schema.String,
    children: Schema.Array(Schema.suspend((): Schema.Schema<Tree> => Tree))
  }).annotations({ identifier: "Tree" })

  it.live("decodes what each kind of Schema encodes", () =>
    Effect.gen(function*() {
      const trip = yield* LanguageModel.generateObject({ prompt: "A trip", schema: Trip })
      assert.instanceOf(trip.value, Trip)
      assert.isNumber(trip.value.price)
      const tree = yield* LanguageModel.generateObject({ prompt: "A tree", schema: Tree, objectName: "a tree" })
      assert.isString(tree.value.name)
      assert.deepStrictEqual(types(tree.content), ["response-metadata", "text", "finish"])
      yield* LanguageModel.generateObject({ prompt: "Any", schema: Schema.Struct({ answer: Schema.String }) }).pipe(
        DashScopeLanguageModel.withConfigOverride({ structuredOutput: "json_object" })
      )
      assert.deepStrictEqual(
        (yield* sent).map(({ body }) => body.parameters.response_format?.type),
        ["json_schema", "json_schema", "json_object"]
      )
    }).pipe(Effect.provide(Qwen), Effect.provide(live())))

  it.effect("finds the object in what the model writes around it", () =>
    Effect.gen(function*() {
      const { value } = yield* LanguageModel.generateObject({ prompt: "A trip", schema: Trip })
      assert.deepStrictEqual([value.city, value.days, value.price], ["Hangzhou", 3, 12.5])
    }).pipe(
      Effect.provide(answering({
        content: "Here it is:\n```json\n{\"city\":\"Hangzhou\",\"days\":3,\"from\":null,\"price\":\"12.5\"}\n```"
      }))
    ))

  it.effect("fails with what does not fit, which DashScopeAiError tells", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(LanguageModel.generateObject({ prompt: "A trip", schema: Trip }))
      const original = DashScopeAiError.original(error)
      assert.strictEqual(Core.kindOf(error), Core.kinds.invalidObject)
      assert.deepStrictEqual(original?._tag === "InvalidObject" ? original.paths : [], ["days"])
    }).pipe(
      Effect.provide(answering({ content: "{\"city\":\"Hangzhou\",\"days\":\"three\",\"price\":\"1\"}" }))
    ))

  it.live("says before anything is sent that thinking and JSON do not go together", () =>
    Effect.gen(function*() {
      const error = yield* LanguageModel.generateObject({ prompt: "A trip", schema: Trip }).pipe(
        DashScopeLanguageModel.withConfigOverride({ enableThinking: true }),
        Effect.flip
      )
      assert.strictEqual(Core.kindOf(error), Core.kinds.malformedInput)
      assert.deepStrictEqual(yield* sent, [])
    }).pipe(Effect.provide(Qwen), Effect.provide(live())))
})

describe("tools", () => {
  it.live("are handled after the connection is free: a handler may call the model over a pool of one", () => {
    const asking = toolkit.toLayer(Effect.map(LanguageModel.LanguageModel, (model) => ({
      get_weather: () => Effect.orDie(Effect.map(model.generateText({ prompt: "你是谁？" }), ({ text }) => text))
    })))
    return Effect.gen(function*() {
      const parts = yield* LanguageModel.streamText({ prompt: question, toolkit }).pipe(Stream.runCollect)
      const whole = yield* LanguageModel.generateText({ prompt: question, toolkit })
      assert.deepStrictEqual(types(parts).slice(-3), ["tool-call", "tool-result", "finish"])
      assert.match(String(whole.toolResults[0]?.result), /通义千问/)
      assert.strictEqual(whole.finishReason, "tool-calls")
      assert.strictEqual((yield* (yield* Simulator.Simulator).stats).maxRequestsInFlight, 1)
      yield* nothingHeld
    }).pipe(
      Effect.timeoutFail({ duration: "20 seconds", onTimeout: () => new Error("the handler waits for its own call") }),
      Effect.provide(asking),
      Effect.provide(Qwen),
      Effect.provide(live())
    )
  })

  it.live("are several at once where the settings say so, and none that is not chosen", () => {
    const GetSky = AiTool.make("get_sky", { description: "The weather of the sky", success: Schema.String })
    const both = Toolkit.make(GetWeather, GetSky)
    return Effect.gen(function*() {
      const parallel = yield* LanguageModel.generateText({ prompt: question, toolkit: both }).pipe(
        DashScopeLanguageModel.withConfigOverride({ parallelToolCalls: true })
      )
      assert.deepStrictEqual(parallel.toolResults.map(({ name }) => name), ["get_weather", "get_sky"])
      const chosen = yield* LanguageModel.generateText({
        prompt: question,
        toolkit: both,
        toolChoice: { mode: "required", oneOf: ["get_sky"] }
      })
      assert.deepStrictEqual(chosen.toolCalls.map(({ name, params }) => [name, params]), [["get_sky", {}]])
      const none = yield* LanguageModel.generateText({ prompt: question, toolkit: both, toolChoice: "none" })
      assert.deepStrictEqual(none.toolCalls, [])
    }).pipe(
      Effect.provide(both.toLayer({
        get_weather: ({ city }) => Effect.succeed(`${city}: sunny`),
        get_sky: () => Effect.succeed("blue")
      })),
      Effect.provide(Qwen),
      Effect.provide(live())
    )
  })

  it.effect("are not run for calls that were cut off, or that are no JSON", () => {
    const tool_calls = (args: string) => [{ index: 0, id: "a", function: { name: "get_weather", arguments: args } }]
    const cut = [{ content: "I look.", tool_calls: tool_calls("{\"city\":\"Han") }, {
      content: "",
      finish_reason: "length"
    }]
    const broken = [{ content: "", tool_calls: tool_calls("{'city': 1}") }]
    const cases = [
      [cut, Core.kinds.malformedOutput, /maxTokens/],
      [broken, Core.kinds.badArguments, /not valid JSON/]
    ] as const
    return Effect.forEach(cases, ([answers, kind, problem]) => {
      const handled: Array<string> = []
      return Effect.gen(function*() {
        for (
          const asked of [
            LanguageModel.generateText({ prompt: question, toolkit }),
            Stream.runDrain(LanguageModel.streamText({ prompt: question, toolkit }))
          ]
        ) {
          const error = yield* Effect.flip(asked)
          assert.strictEqual(Core.kindOf(error), kind)
          assert.match(Core.descriptionOf(error) ?? "", problem)
        }
        assert.deepStrictEqual(handled, [])
      }).pipe(Effect.provide(handlers(handled)), Effect.provide(answering(...answers)))
    })
  })

  it.live("of a toolkit go into the client's loop, which tells the model what does not fit", () => {
    const GetRain = AiTool.make("get_weather", {
      description: "The weather of a city, now",
      parameters: { city: Schema.String, at: Schema.optional(Schema.Date) },
      success: Schema.Struct({ on: Schema.Date }),
      failure: Schema.String,
      failureMode: "return"
    })
    const given: Array<string> = []
    const raining = Toolkit.make(GetRain, DashScopeTool.WebSearch({}))
    return Effect.gen(function*() {
      const bridged = DashScopeTool.fromToolkit(yield* raining)
      const run = yield* Generation.runTools({ model: "qwen-plus", prompt: question }, bridged)
      assert.strictEqual(run.rounds, 2)
      assert.deepStrictEqual(given, ["Hangzhou"])
      const told = run.messages.flatMap(({ content, role }) => role === "tool" ? [content] : [])
      assert.deepStrictEqual<unknown>(told, ["{\"on\":\"1970-01-01T00:00:00.000Z\"}"])

      // What the model is told of calls that do not fit, and of failures.
      const prepared = (args: string) =>
        Effect.either(Effect.flatten(
          bridged[0]?.prepare({
            id: "a",
            type: "function",
            function: { name: "get_weather", arguments: args }
          }) ?? assert.fail("no handler")
        ))
      const unfit = yield* prepared("{\"city\":1}")
      assert.strictEqual(Either.isLeft(unfit) && "_tag" in unfit.left ? unfit.left._tag : "", "ToolCallError")
      assert.deepStrictEqual(yield* prepared("{\"city\":\"Nowhere\"}"), Either.right("Error: no such city"))
    }).pipe(
      Effect.provide(raining.toLayer({
        get_weather: ({ city }) =>
          city === "Nowhere"
            ? Effect.fail("no such city")
            : Effect.sync(() => (given.push(city), { on: new Date(0) }))
      })),
      Effect.provide(live())
    )
  })
})

describe("Chat", () => {
  it.live("goes on over turns with tools, and from an exported history", () => {
    const turn = (chat: Chat.Service, prompt: Prompt.RawInput) =>
      chat.streamText({ prompt, toolkit }).pipe(Stream.runDrain)
    const handled: Array<string> = []
    return Effect.gen(function*() {
      const chat = yield* Chat.fromPrompt([{ role: "system", content: "Be brief." }])
      yield* turn(chat, question)
      yield* turn(chat, [])
      const again = yield* Chat.fromJson(yield* chat.exportJson)
      yield* turn(again, "你是谁？")
      const last = yield* again.generateText({ prompt: "And the weather in Beijing?", toolkit })
      yield* turn(again, [])

      const { content } = yield* Ref.get(again.history)
      assert.deepStrictEqual(
        content.map(({ content, role }) => typeof content === "string" ? role : `${role} ${types(content).join()}`),
        [
          "system",
          "user text",
          "assistant tool-call",
          "tool tool-result",
          "assistant text",
          "user text",
          "assistant text",
          "user text",
          "assistant tool-call",
          "tool tool-result",
          "assistant text"
        ]
      )
      assert.strictEqual(last.finishReason, "tool-calls")
      assert.strictEqual(handled.length, 2)
      // What the service is told is complete without the metadata, which the history does not keep.
      const messages = (yield* sent).at(-1)?.body.input.messages ?? []
      const calls = messages.flatMap(({ tool_calls = [] }) => tool_calls.map(({ id }) => id))
      assert.strictEqual(calls.length, 2)
      assert.deepStrictEqual(messages.flatMap(({ role, tool_call_id }) => role === "tool" ? [tool_call_id] : []), calls)
    }).pipe(Effect.provide(handlers(handled)), Effect.provide(Qwen), Effect.provide(live()))
  })
})

describe("failures", () => {
  it.live("fail the call, with the client's error behind, and without the key", () =>
    Effect.gen(function*() {
      const refusal = behaving({ error: { status: 429, code: "Throttling.RateQuota", retryAfter: 60 } })
      const ask = LanguageModel.generateText({ prompt: "Hi" })
      const error = yield* Effect.flip(DashScopeLanguageModel.withConfigOverride(ask, refusal))
      const { headers, status } = Core.answerOf(error).response
      assert.deepStrictEqual([status, headers["retry-after"]], [429, "60"])
      assert.strictEqual(DashScopeAiError.original(error)?._tag, "ApiError")
      assert.notInclude(JSON.stringify(error) + String(error) + Cause.pretty(Cause.fail(error)), "sk-planted")
      yield* nothingHeld
    }).pipe(Effect.provide(Qwen), Effect.provide(live())))

  it.live("fail the stream: an error in it, and an end without a finish", () =>
    Effect.gen(function*() {
      for (
        const [stream, tag] of [
          [{ errorAfterEvents: 2 }, Core.kinds.serverError],
          [{ closeWithoutFinish: true }, Core.kinds.lostConnection],
          [{ resetAfterEvents: 2 }, Core.kinds.lostConnection]
        ] as const
      ) {
        const seen: Array<string> = []
        const asked = LanguageModel.streamText({ prompt: "你是谁？" }).pipe(settings(behaving({ stream })))
        const error = yield* Effect.flip(Stream.runForEach(asked, ({ type }) => Effect.sync(() => seen.push(type))))
        assert.strictEqual(Core.kindOf(error), tag)
        assert.isDefined(DashScopeAiError.original(error))
        assert.include(seen, "text-delta")
        assert.notInclude(seen, "finish")
        assert.notInclude(seen, "error")
        yield* nothingHeld
      }
    }).pipe(Effect.provide(Qwen), Effect.provide(live())))

  it.live("say what in a prompt cannot be sent, before anything is", () =>
    Effect.gen(function*() {
      const file = (data: string) => [{
        role: "user" as const,
        content: [{ type: "file" as const, mediaType: "application/pdf", data }]
      }]
      const error = yield* Effect.flip(LanguageModel.generateText({ prompt: file("AQID") }))
      assert.match(Core.descriptionOf(error) ?? "", /application\/pdf/)
      const empty = yield* Effect.flip(Stream.runDrain(LanguageModel.streamText({ prompt: "" })))
      assert.strictEqual(Core.kindOf(empty), Core.kinds.malformedInput)
      assert.strictEqual(DashScopeAiError.original(empty)?._tag, "InputRequired")
      assert.deepStrictEqual(yield* sent, [])
    }).pipe(Effect.provide(Qwen), Effect.provide(live())))
})

describe("the permit", () => {
  const endless: Behavior.Behavior = { stream: { emptyDeltas: 5 } }

  it.live("is back after Stream.take(1), with a toolkit and without", () =>
    Effect.gen(function*() {
      const slow = settings(behaving({ stream: { events: 1000, eventInterval: 5 } }))
      for (
        const asked of [
          Stream.map(LanguageModel.streamText({ prompt: "Hi" }), ({ type }) => type),
          Stream.map(LanguageModel.streamText({ prompt: "Hi", toolkit }), ({ type }) => type)
        ]
      ) {
        assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Stream.runCollect(Stream.take(slow(asked), 1))), [
          "response-metadata"
        ])
        yield* nothingHeld
      }
    }).pipe(Effect.provide(handlers()), Effect.provide(Qwen), Effect.provide(live())))

  it.live("is back after an interruption", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.Simulator
      for (
        const asked of [
          LanguageModel.generateText({ prompt: "Hi" }).pipe(
            DashScopeLanguageModel.withConfigOverride(behaving({ fault: { _tag: "StallBeforeHeaders" } }))
          ),
          Stream.runDrain(settings(behaving(endless))(LanguageModel.streamText({ prompt: "Hi" }))),
          Stream.runDrain(settings(behaving(endless))(LanguageModel.streamText({ prompt: "Hi", toolkit })))
        ]
      ) {
        const fiber = yield* Effect.fork(asked)
        yield* simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 1)
        yield* Fiber.interrupt(fiber)
        yield* nothingHeld
      }
    }).pipe(Effect.provide(handlers()), Effect.provide(Qwen), Effect.provide(live())))

  it.live("is back after a deadline", () =>
    Effect.gen(function*() {
      const late = { ...behaving(endless), firstContentTimeout: "50 millis" } as const
      const error = yield* Effect.flip(Stream.runDrain(settings(late)(LanguageModel.streamText({ prompt: "Hi" }))))
      assert.strictEqual(DashScopeAiError.original(error)?._tag, "RequestTimeout")
      yield* nothingHeld
      const given = yield* LanguageModel.generateText({ prompt: "Hi" }).pipe(
        DashScopeLanguageModel.withConfigOverride(behaving({ fault: { _tag: "StallBeforeHeaders" } })),
        Effect.timeoutOption("50 millis")
      )
      assert.isTrue(Option.isNone(given))
      yield* nothingHeld
    }).pipe(Effect.provide(Qwen), Effect.provide(live())))

  it.live("is back before a handler works, also where the service leaves the stream open", () =>
    Effect.gen(function*() {
      const started = yield* Deferred.make<void>()
      const open = yield* Deferred.make<void>()
      const waiting = toolkit.toLayer({
        get_weather: () =>
          Deferred.succeed(started, undefined).pipe(Effect.zipRight(Deferred.await(open)), Effect.as("sunny"))
      })
      const fiber = yield* Effect.fork(
        LanguageModel.streamText({ prompt: question, toolkit }).pipe(
          settings(behaving({ fault: { _tag: "OpenEndedBody" } })),
          Stream.runCollect,
          Effect.provide(waiting)
        )
      )
      yield* Deferred.await(started)
      yield* nothingHeld
      yield* LanguageModel.generateText({ prompt: "Hi" })
      yield* Deferred.succeed(open, undefined)
      assert.strictEqual(types(yield* Fiber.join(fiber)).at(-1), "finish")
    }).pipe(Effect.provide(Qwen), Effect.provide(live())))
})
