import { assert, beforeEach, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import type * as ConnectionEvent from "effect-http-pool/ConnectionEvent"
import * as ConnectionPool from "effect-http-pool/ConnectionPool"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { forgetHosts } from "../../pool/test/util/support.js"
import * as DashScope from "../src/DashScope.js"
import * as Generation from "../src/Generation.js"
import * as Content from "../src/internal/chat/genAiMessages.js"
import * as Message from "../src/Message.js"
import type * as Retry from "../src/Retry.js"
import * as Telemetry from "../src/Telemetry.js"
import * as Tool from "../src/Tool.js"
import { type Answer, frame, says, serving, stop, timed } from "./util/events.js"
import { requestSpan } from "./util/platform.js"
import { metricsOf, type RecordedMetric, type RecordedSpan, recordSpans } from "./util/recorder.js"

const seconds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, Infinity]
const tokens = [...Array.from({ length: 14 }, (_, i) => 4 ** i), Infinity]

/** Names, units, instruments and boundaries, as the conventions have them. */
const conventions: Readonly<Record<string, readonly [unit: string, kind: string, boundaries: ReadonlyArray<number>]>> =
  {
    "gen_ai.client.operation.duration": ["s", "histogram", seconds],
    "gen_ai.client.token.usage": ["{token}", "histogram", tokens],
    "gen_ai.client.operation.time_to_first_chunk": ["s", "histogram", seconds],
    "gen_ai.client.operation.time_per_output_chunk": ["s", "histogram", seconds]
  }

const ofServer = {
  "gen_ai.operation.name": "chat",
  "gen_ai.provider.name": "dashscope",
  "server.address": "dashscope.aliyuncs.com",
  "server.port": "443"
}

/** Each model of these tests is used once, so that its metrics are those of one call. */
let models = 0
const newModel = () => `qwen-telemetry-${++models}`

/** A metric in one line: what differs from call to call. */
const line = ({ count, labels, name, sum }: RecordedMetric) => {
  const { "error.type": errorType, "gen_ai.token.type": type } = labels
  return [name.replace("gen_ai.client.", ""), type, errorType, `${count}x`, sum].filter((part) => part !== undefined)
    .join(" ")
}

/** Runs a call or stream over scripted answers on the test clock, with everything that it tells. */
const observed = <A, E>(
  answer: Answer | (() => Effect.Effect<Answer>),
  run: (params: Generation.GenerationParams) => Effect.Effect<A, E, Generation.Generation>,
  params: Partial<Generation.GenerationParams> = {}
) =>
  Effect.gen(function*() {
    const model = newModel()
    const { layer, spans } = recordSpans()
    const fiber = yield* run({ model, ...(params.messages === undefined ? { prompt: "你好" } : undefined), ...params })
      .pipe(
        Effect.provide(Layer.merge(serving(answer).layer, layer)),
        Effect.fork
      )
    yield* TestClock.adjust("100 seconds")
    const exit = yield* Fiber.await(fiber)
    const metrics = yield* metricsOf("gen_ai.request.model", model)
    for (const { boundaries, kind, labels, name } of metrics) {
      assert.deepStrictEqual([labels["unit"] ?? "", kind, boundaries], [...conventions[name] ?? []], name)
      const { "error.type": _, "gen_ai.token.type": __, unit: ___, ...common } = labels
      assert.deepStrictEqual(common, { ...ofServer, "gen_ai.request.model": model })
    }
    const [span, ...others] = spans.filter(({ name }) => name === `chat ${model}`)
    assert.isDefined(span)
    assert.lengthOf(others, 0)
    assert.strictEqual(span.kind, "client")
    assert.lengthOf(span.ends, 1)
    const { "gen_ai.request.model": spanModel, ...attributes } = Object.fromEntries(span.attributes)
    assert.strictEqual(spanModel, model)
    for (const [name, value] of Object.entries({ ...ofServer, "server.port": 443 })) {
      assert.strictEqual(attributes[name], value)
      delete attributes[name]
    }
    return { exit, attributes, span, spans, lines: metrics.map(line) }
  })

const tookSeconds = ({ ends, startTime }: RecordedSpan) => Number(ends[0]!.at - startTime) / 1e9

const answerOf = (usage: object, more: object = {}) =>
  JSON.stringify({
    output: { choices: [{ finish_reason: "stop", message: { role: "assistant", content: "你好！" } }], ...more },
    usage,
    request_id: "r-1"
  })

const json = (body: string, status = 200): Answer => ({ body, status, headers: { "content-type": "application/json" } })

const after = (wait: Duration.DurationInput, answer: Answer) => () => Effect.delay(Effect.succeed(answer), wait)

const textStream = (params: Generation.GenerationParams) => Stream.runDrain(Generation.stream(params))

describe("spans and metrics", () => {
  it.effect("of a call", () =>
    Effect.gen(function*() {
      const usage = {
        input_tokens: 20,
        output_tokens: 30,
        prompt_tokens_details: { cached_tokens: 10, cache_creation_input_tokens: 5 },
        output_tokens_details: { reasoning_tokens: 25 },
        image_tokens: 3
      }
      const { attributes, exit, lines, span } = yield* observed(
        after("2 seconds", json(answerOf(usage, { model_name: "qwen-plus-2026" }))),
        Generation.call,
        {
          temperature: 0.5,
          topP: 0.8,
          topK: 20,
          maxTokens: 100,
          seed: 7,
          presencePenalty: 1,
          repetitionPenalty: 1.1,
          stop: ["a", "b"],
          enableThinking: false,
          enableSearch: true,
          responseFormat: { type: "json_object" }
        }
      )
      assert.isTrue(Exit.isSuccess(exit))
      assert.deepStrictEqual(attributes, {
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.top_p": 0.8,
        "gen_ai.request.top_k": 20,
        "gen_ai.request.max_tokens": 100,
        "gen_ai.request.seed": 7,
        "gen_ai.request.presence_penalty": 1,
        "gen_ai.request.stop_sequences": ["a", "b"],
        "dashscope.request.repetition_penalty": 1.1,
        "dashscope.request.enable_search": true,
        "dashscope.request.enable_thinking": false,
        "gen_ai.output.type": "json",
        "gen_ai.response.id": "r-1",
        "gen_ai.response.model": "qwen-plus-2026",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": 20,
        "gen_ai.usage.output_tokens": 30,
        "gen_ai.usage.cache_read.input_tokens": 10,
        "gen_ai.usage.cache_creation.input_tokens": 5,
        "gen_ai.usage.image.input_tokens": 3,
        "gen_ai.usage.reasoning.output_tokens": 25
      })
      assert.deepStrictEqual(lines, ["operation.duration 1x 2", "token.usage input 1x 20", "token.usage output 1x 30"])
      assert.strictEqual(tookSeconds(span), 2)
      assert.isTrue(Exit.isSuccess(span.ends[0]!.exit))
    }))

  it.effect("of a stream end with it, and time its events", () =>
    Effect.gen(function*() {
      const { attributes, lines, span } = yield* observed(
        timed(
          ["3 seconds", says("你")],
          // Two at once.
          ["1 seconds", says("好") + says("！")],
          ["2 seconds", says("", "stop", { usage: { input_tokens: 4, output_tokens: 5 } })]
        ),
        textStream
      )
      assert.deepStrictEqual(attributes, {
        "gen_ai.request.stream": true,
        "gen_ai.response.id": "r-1",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.response.time_to_first_chunk": 3,
        "gen_ai.usage.input_tokens": 4,
        "gen_ai.usage.output_tokens": 5
      })
      assert.deepStrictEqual(lines, [
        "operation.duration 1x 6",
        "operation.time_per_output_chunk 3x 3",
        "operation.time_to_first_chunk 1x 3",
        "token.usage input 1x 4",
        "token.usage output 1x 5"
      ])
      assert.strictEqual(tookSeconds(span), 6)
      assert.deepStrictEqual(
        span.events.map(({ at, name }) => [name, Number(at - span.startTime) / 1e9]),
        [["dashscope.first_chunk", 3]]
      )
    }))

  it.effect("of events that come at once, at the start of time", () =>
    Effect.gen(function*() {
      const { lines } = yield* observed(timed(says("a"), says("b"), stop), textStream)
      assert.include(lines, "operation.time_to_first_chunk 1x 0")
      assert.include(lines, "operation.time_per_output_chunk 2x 0")
    }))

  it.effect("of several choices", () =>
    Effect.gen(function*() {
      const { attributes } = yield* observed(
        timed(says("a", "length", { index: 1 }), says("b", "stop", { index: 0 })),
        textStream,
        { n: 2 }
      )
      assert.strictEqual(attributes["gen_ai.request.choice.count"], 2)
      assert.deepStrictEqual(attributes["gen_ai.response.finish_reasons"], ["stop", "length"])
    }))

  it.effect("of an error of the service", () =>
    Effect.gen(function*() {
      const error = JSON.stringify({ code: "DataInspectionFailed", message: "no", request_id: "r-2" })
      const { attributes, exit, lines, span } = yield* observed(
        after("1 seconds", json(error, 400)),
        Generation.call
      )
      assert.isTrue(Exit.isFailure(exit))
      assert.deepStrictEqual(attributes, { "error.type": "DataInspectionFailed" })
      assert.deepStrictEqual(lines, ["operation.duration DataInspectionFailed 1x 1"])
      assert.isTrue(Exit.isFailure(span.ends[0]!.exit))
    }))

  it.effect("of a page in a service's place have its status for a type", () =>
    Effect.gen(function*() {
      const page = JSON.stringify({ code: "any <b>text</b>", message: "" })
      const { attributes } = yield* observed(json(page, 502), Generation.call)
      assert.deepStrictEqual(attributes, { "error.type": "502" })
    }))

  it.effect("of a timeout", () =>
    Effect.gen(function*() {
      const { attributes, lines } = yield* observed(
        () => Effect.never,
        (params) => Generation.call(params, { timeout: "5 seconds" })
      )
      assert.deepStrictEqual(attributes, { "error.type": "timeout.total" })
      assert.deepStrictEqual(lines, ["operation.duration timeout.total 1x 5"])
    }))

  it.effect("of an interruption, of a call and of a stream", () =>
    Effect.gen(function*() {
      const call = yield* observed(
        () => Effect.never,
        (params) => Effect.timeoutOption(Generation.call(params), "4 seconds")
      )
      assert.deepStrictEqual(call.attributes, { "error.type": "interrupted" })
      assert.deepStrictEqual(call.lines, ["operation.duration interrupted 1x 4"])
      const exit = call.span.ends[0]!.exit
      assert.isTrue(Exit.isFailure(exit) && Cause.isInterruptedOnly(exit.cause))

      const stream = yield* observed(
        Stream.concat(timed(says("a")), Stream.never),
        (params) => Effect.timeoutOption(textStream(params), "4 seconds")
      )
      assert.strictEqual(stream.attributes["error.type"], "interrupted")
      assert.include(stream.lines, "operation.duration interrupted 1x 4")
    }))

  it.effect("are the same of calls that nobody traces", () =>
    Effect.gen(function*() {
      const unseen = <A, E>(
        answer: Answer | (() => Effect.Effect<Answer>),
        run: (params: Generation.GenerationParams) => Effect.Effect<A, E, Generation.Generation>
      ) =>
        Effect.gen(function*() {
          const model = newModel()
          const fiber = yield* Effect.fork(Effect.provide(run({ model, prompt: "你好" }), serving(answer).layer))
          yield* TestClock.adjust("100 seconds")
          const exit = yield* Fiber.await(fiber)
          return { exit, lines: (yield* metricsOf("gen_ai.request.model", model)).map(line) }
        })
      const never = () => Effect.never

      const well = yield* unseen(
        after("2 seconds", json(answerOf({ input_tokens: 20, output_tokens: 30 }))),
        Generation.call
      )
      assert.deepStrictEqual(well.lines, [
        "operation.duration 1x 2",
        "token.usage input 1x 20",
        "token.usage output 1x 30"
      ])
      const error = yield* unseen(json(JSON.stringify({ code: "InvalidApiKey", message: "no" }), 401), Generation.call)
      assert.deepStrictEqual(error.lines, ["operation.duration InvalidApiKey 1x 0"])
      const late = yield* unseen(never, (params) => Generation.call(params, { timeout: "5 seconds" }))
      assert.deepStrictEqual(late.lines, ["operation.duration timeout.total 1x 5"])
      const left = yield* unseen(never, (params) => Effect.timeoutOption(Generation.call(params), "4 seconds"))
      assert.deepStrictEqual(left.lines, ["operation.duration interrupted 1x 4"])

      // The fiber that was interrupted has more to do, and does it well.
      const goesOn = yield* unseen(never, (params) =>
        Effect.gen(function*() {
          const fiber = yield* Effect.fork(
            Effect.uninterruptibleMask((restore) =>
              Effect.zipRight(Effect.exit(restore(Generation.call(params))), Effect.sleep("2 seconds"))
            )
          )
          yield* Effect.sleep("1 seconds")
          return yield* Fiber.interrupt(fiber)
        }))
      assert.isTrue(Exit.isSuccess(goesOn.exit))
      assert.deepStrictEqual(goesOn.lines, ["operation.duration interrupted 1x 3"])
    }))

  it.effect("of a stream of which no more is wanted are those of one that went well", () =>
    Effect.gen(function*() {
      const { attributes, lines } = yield* observed(
        Stream.concat(timed(says("a"), says("b")), Stream.never),
        (params) => Stream.runDrain(Stream.take(Generation.stream(params), 1))
      )
      assert.notProperty(attributes, "error.type")
      assert.include(lines, "operation.duration 1x 0")
    }))

  it.effect("of a stream whose reader fails, with whatever, are those of one that its caller left", () =>
    Effect.gen(function*() {
      for (
        const failure of ["mine", undefined, { _tag: "ConnectionError" }, { _tag: "User:alice" }, new Error("mine")]
      ) {
        const { attributes, lines } = yield* observed(
          timed(says("a"), stop),
          (params) => Stream.runForEach(Generation.stream(params), () => Effect.fail(failure))
        )
        assert.strictEqual(attributes["error.type"], "interrupted")
        assert.include(lines, "operation.duration interrupted 1x 0")
      }
    }))

  it.effect("of a failure in the midst of a stream, with what had come", () =>
    Effect.gen(function*() {
      const { attributes, lines } = yield* observed(
        timed(
          ["1 seconds", says("a", "null", { usage: { input_tokens: 9, output_tokens: 1 } })],
          ["1 seconds", frame({ code: "InternalError", message: "oops", request_id: "r-1" }, "error", 500)]
        ),
        textStream
      )
      assert.strictEqual(attributes["error.type"], "InternalError")
      assert.strictEqual(attributes["gen_ai.usage.input_tokens"], 9)
      assert.strictEqual(attributes["gen_ai.response.time_to_first_chunk"], 1)
      assert.notProperty(attributes, "gen_ai.response.finish_reasons")
      assert.include(lines, "operation.duration InternalError 1x 2")
      assert.include(lines, "token.usage input 1x 9")

      const cut = yield* observed(timed(says("a")), textStream)
      assert.strictEqual(cut.attributes["error.type"], "connection.truncated")
      assert.include(cut.lines, "operation.duration connection.truncated 1x 0")
    }))

  it.effect("lie around those of the requests", () =>
    Effect.gen(function*() {
      const both = [yield* observed(json(answerOf({})), Generation.call), yield* observed(timed(stop), textStream)]
      for (const { span, spans } of both) {
        const request = spans.find(({ name }) => name === requestSpan("POST"))
        assert.strictEqual(request?.parent._tag === "Some" && request.parent.value.spanId, span.spanId)
      }
    }))

  it.effect("lie within a span of the caller's", () =>
    Effect.gen(function*() {
      const { span } = yield* observed(timed(stop), (params) => Effect.withSpan(textStream(params), "mine"))
      assert.strictEqual(
        span.parent._tag === "Some" && span.parent.value._tag === "Span" && span.parent.value.name,
        "mine"
      )
    }))

  it.effect("are not made where nobody can see them", () =>
    Effect.gen(function*() {
      const { layer, spans } = recordSpans()
      const run = Effect.zipRight(
        Generation.call({ model: "qwen-plus", prompt: "a" }),
        Effect.option(Effect.currentSpan)
      )
      const current = yield* run.pipe(
        Effect.withTracerEnabled(false),
        Effect.provide(Layer.merge(serving(json(answerOf({}))).layer, layer))
      )
      assert.strictEqual(current._tag, "None")
      assert.lengthOf(spans, 0)
    }))
})

describe("what is said", () => {
  const messages = [
    Message.system("Be brief."),
    Message.user([Message.text("What is this?"), Message.imageUrl("https://example.com/a.png")]),
    Message.assistant("", { toolCalls: [Message.toolCall({ id: "c-1", name: "look", arguments: "{\"x\":1}" })] }),
    Message.tool("a cat", { toolCallId: "c-1" })
  ]

  const parsed = (text: unknown): unknown => JSON.parse(String(text))

  it.effect("is nowhere unless it is asked for", () =>
    Effect.gen(function*() {
      const { attributes, spans } = yield* observed(timed(says("secret"), stop), textStream, { messages })
      assert.notProperty(attributes, "gen_ai.input.messages")
      assert.notInclude(
        JSON.stringify(spans.map(({ attributes, events }) => [[...attributes], events.length])),
        "secret"
      )
    }))

  it.effect("is on the span where it is", () =>
    Effect.gen(function*() {
      const stream = yield* observed(
        timed(says("A c", "null", { message: { reasoning_content: "Hm." } }), says("at."), stop),
        (params) => Telemetry.withContent(textStream(params)),
        { messages }
      )
      assert.deepStrictEqual(parsed(stream.attributes["gen_ai.input.messages"]), [
        { role: "system", parts: [{ type: "text", content: "Be brief." }] },
        {
          role: "user",
          parts: [
            { type: "text", content: "What is this?" },
            { type: "uri", modality: "image", uri: "https://example.com/a.png" }
          ]
        },
        { role: "assistant", parts: [{ type: "tool_call", id: "c-1", name: "look", arguments: "{\"x\":1}" }] },
        { role: "tool", parts: [{ type: "tool_call_response", id: "c-1", response: "a cat" }] }
      ])
      const answer = [{
        role: "assistant",
        parts: [{ type: "reasoning", content: "Hm." }, { type: "text", content: "A cat." }],
        finish_reason: "stop"
      }]
      assert.deepStrictEqual(parsed(stream.attributes["gen_ai.output.messages"]), answer)

      const call = yield* observed(
        json(answerOf({})),
        (params) => Effect.provide(Generation.call(params), Telemetry.layerContent())
      )
      assert.deepStrictEqual(parsed(call.attributes["gen_ai.output.messages"]), [
        { role: "assistant", parts: [{ type: "text", content: "你好！" }], finish_reason: "stop" }
      ])
    }))

  it.effect("is cut to its limit", () =>
    Effect.gen(function*() {
      const many = Array.from({ length: 50 }, (_, i) => Message.user(`${i}${"x".repeat(100)}`))
      const { attributes } = yield* observed(
        timed(...Array.from({ length: 100 }, () => says("好".repeat(50))), stop),
        (params) => Telemetry.withContent(textStream(params), { limit: 250 }),
        { messages: many }
      )
      const input = String(attributes["gen_ai.input.messages"])
      assert.isBelow(input.length, 600)
      // The newest are there.
      assert.include(input, "\"49x")
      assert.notInclude(input, "\"40x")
      assert.isBelow(String(attributes["gen_ai.output.messages"]).length, 400)
      assert.include(String(attributes["gen_ai.output.messages"]), "\"finish_reason\":\"stop\"")
    }))

  it.effect("is not on the spans after those that were to have it", () =>
    Effect.gen(function*() {
      const { layer, spans } = recordSpans()
      const ask = Generation.call({ model: newModel(), prompt: "a" })
      const served = serving(json(answerOf({}))).layer
      yield* Effect.gen(function*() {
        yield* Effect.provide(ask, Layer.mergeAll(served, Telemetry.layerContent()))
        yield* Effect.provide(ask, served)
        yield* Effect.provide(Telemetry.withContent(ask), served)
        yield* Effect.provide(ask, served)
      }).pipe(Effect.provide(layer))
      const chats = spans.filter(({ name }) => name.startsWith("chat"))
      assert.deepStrictEqual(chats.map(({ attributes }) => attributes.has("gen_ai.input.messages")), [
        true,
        false,
        true,
        false
      ])
    }))

  it("never fails for what it is given", () => {
    const wire = [{ role: "user", content: [{ type: "image_url", image_url: { url: "https://example.com" } }] }]
    // As a caller without types may have it.
    assert.isUndefined(Content.inputMessages(wire as unknown as ReadonlyArray<Message.Message>, 100))
  })

  it("is cut within a message of many parts too", () => {
    const parts = Array.from({ length: 1000 }, () => Message.text("text"))
    assert.isBelow(Content.inputMessages([Message.user(parts)], 10)?.length ?? Infinity, 300)
  })

  it("is valid JSON wherever it is cut, and never longer than its limit and the frame around it", () => {
    for (let limit = 1; limit < 80; limit++) {
      const input = parsed(Content.inputMessages(messages, limit)) as ReadonlyArray<{ readonly parts: unknown }>
      assert.isAtLeast(input.length, 1)
      const said = JSON.stringify(input).replace(
        /"(role|parts|type|content|modality|id|name|uri|arguments|response)":/g,
        ""
      )
      assert.isBelow(said.length, limit + 230)
    }
  })
})

describe("a tool", () => {
  it.effect("has a span of its own beside those of the model's calls, which says how it failed", () =>
    Effect.gen(function*() {
      const { layer, spans } = recordSpans()
      const asks = JSON.stringify({
        output: {
          choices: [{
            finish_reason: "tool_calls",
            message: {
              role: "assistant",
              content: "",
              tool_calls: [{ id: "c-1", function: { name: "look", arguments: "{}" } }]
            }
          }]
        }
      })
      const Look = Tool.make("look", { description: "Looks.", parameters: Schema.Struct({}) })
      const run = (handler: Effect.Effect<string, string>) =>
        Generation.runTools({ model: newModel(), prompt: "a" }, Tool.handlers([Look], { look: () => handler })).pipe(
          Effect.withSpan("mine"),
          Effect.exit,
          Effect.provide(
            Layer.merge(
              serving((request) => json(request.body.toString().includes("c-1") ? answerOf({}) : asks)).layer,
              layer
            )
          )
        )
      yield* run(Effect.fail("no"))
      const [tool] = spans.filter(({ name }) => name === "execute_tool look")
      assert.deepStrictEqual(Object.fromEntries(tool!.attributes), {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "look",
        "gen_ai.tool.type": "function",
        "gen_ai.tool.call.id": "c-1",
        "error.type": "_OTHER"
      })
      assert.strictEqual(tool!.kind, "internal")
      assert.isTrue(Exit.isFailure(tool!.ends[0]!.exit))
      assert.strictEqual(
        tool!.parent._tag === "Some" && tool!.parent.value.spanId,
        spans.find(({ name }) => name === "mine")?.spanId
      )
    }))
})

describe("over the pool", () => {
  beforeEach(() => Effect.runSync(forgetHosts))

  it.scopedLive("each decision about a retry is an event of the pool and a metric, whatever the policy", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ behavior: { error: { status: 503, code: "OfThisTestOnly" } } })
      const pool = yield* ConnectionPool.make(ConnectionConfig.make({ shutdownTimeout: "0 seconds" }))
      const events: Array<ConnectionEvent.ConnectionEvent> = []
      yield* Effect.forkScoped(Stream.runForEach(pool.events, (event) => Effect.sync(() => events.push(event))))
      yield* Effect.sleep("5 millis")
      const decisions = (retry: Retry.Policy) =>
        Effect.gen(function*() {
          events.length = 0
          const error = yield* Effect.flip(Generation.call({ model: "m", prompt: "a" })).pipe(
            Effect.withRandom(Random.fixed([0.9])),
            Effect.provide(DashScope.layerPool(pool, { apiKey: "sk-test", endpoint: simulator.url, retry }))
          )
          yield* Effect.sleep("5 millis")
          return events.flatMap((event) => {
            if (event._tag !== "RetryDecided") return []
            assert.strictEqual(event.origin, simulator.url.replace("/api/v1", ""))
            assert.deepStrictEqual(event.error._tag, error._tag)
            return [[event.attempt, event.decision, Duration.toMillis(event.delay) > 0]]
          })
        })
      const thrice = [[0, "retry", true], [1, "retry", true], [2, "attempts", false]]
      assert.deepStrictEqual(yield* decisions({ baseDelay: "5 millis", maxRetries: 2, budget: Infinity }), thrice)
      assert.deepStrictEqual(
        yield* decisions(Schedule.intersect(Schedule.spaced("2 millis"), Schedule.recurs(2))),
        thrice
      )
      assert.deepStrictEqual(yield* decisions(false), [])
      const metrics = yield* metricsOf("error.type", "OfThisTestOnly")
      assert.deepStrictEqual(
        metrics.filter(({ name }) => name === "dashscope.client.retries").map(({ count, labels }) => [
          labels["dashscope.retry.decision"],
          labels["unit"],
          count
        ]),
        [["attempts", "{attempt}", 2], ["retry", "{attempt}", 4]]
      )
    }))

  it.scopedLive("a stream that its caller leaves is none that the network broke", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ behavior: { stream: { eventInterval: 5, events: 1000 } } })
      yield* Stream.runDrain(Stream.take(Generation.stream({ model: "m", prompt: "a" }), 2)).pipe(
        Effect.provide(DashScope.layer({ apiKey: "sk-test", endpoint: simulator.url }))
      )
      const metrics = yield* metricsOf("server.port", new URL(simulator.url).port)
      const ended = metrics.filter(({ name }) => name === "http.client.request.duration")
      assert.deepStrictEqual(ended.map(({ labels }) => labels["error.type"]), ["interrupted"])
    }))

  it.scopedLive("one trace and one set of metrics tell of a call that was made again", () =>
    Effect.gen(function*() {
      let requests = 0
      const simulator = yield* Simulator.make({
        behaviorOf: () => ++requests === 1 ? { error: { status: 503, code: "ServiceUnavailable" } } : {}
      })
      const { layer, spans } = recordSpans()
      const model = newModel()
      yield* Generation.call({ model, prompt: "你好" }).pipe(
        Effect.provide(DashScope.layer({
          apiKey: "sk-test",
          endpoint: simulator.url,
          retry: { baseDelay: "5 millis" },
          connection: ConnectionConfig.make({})
        })),
        Effect.provide(layer)
      )
      const call = spans.find(({ name }) => name === `chat ${model}`)
      assert.isDefined(call)
      assert.lengthOf(spans.filter(({ name }) => name === requestSpan("POST")), 2)
      assert.deepStrictEqual(
        call.events.map(({ attributes, name }) => [
          name,
          attributes["dashscope.retry.decision"],
          attributes["dashscope.retry.attempt"],
          attributes["error.type"]
        ]),
        [["dashscope.retry", "retry", 0, "ServiceUnavailable"]]
      )

      const { port } = new URL(simulator.url)
      const metrics = yield* metricsOf("server.port", port)
      const table = metrics.map(({ count, labels, name }) => {
        const { "server.address": address, "server.port": _, unit, ...others } = labels
        assert.strictEqual(address, "127.0.0.1")
        return [name, unit, count, others]
      })
      const chat = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "dashscope",
        "gen_ai.request.model": model
      }
      const http = { "url.scheme": "http" }
      const ofStatus = (status: string) => ({
        "http.request.method": "POST",
        "http.response.status_code": status,
        ...(status === "503" ? { "error.type": "503" } : undefined)
      })
      const expected = [
        ["gen_ai.client.operation.duration", "s", 1, chat],
        ["gen_ai.client.token.usage", "{token}", 1, { ...chat, "gen_ai.token.type": "input" }],
        ["gen_ai.client.token.usage", "{token}", 1, { ...chat, "gen_ai.token.type": "output" }],
        ["http.client.active_requests", "{request}", 0, http],
        ["http.client.connection.duration", "s", 1, http],
        ["http.client.open_connections", "{connection}", 0, { ...http, "http.connection.state": "active" }],
        ["http.client.open_connections", "{connection}", 0, { ...http, "http.connection.state": "idle" }],
        ["http.client.pool.wait.duration", "s", 2, http],
        ["http.client.request.duration", "s", 1, { ...http, ...ofStatus("200") }],
        ["http.client.request.duration", "s", 1, { ...http, ...ofStatus("503") }]
      ]
      assert.deepStrictEqual(
        table.sort((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1),
        expected
      )
    }))
})
