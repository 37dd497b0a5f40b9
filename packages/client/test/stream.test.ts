import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Arr from "effect/Array"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Conversation from "../src/Conversation.js"
import * as DashScope from "../src/DashScope.js"
import * as DashScopeClient from "../src/DashScopeClient.js"
import * as DashScopeError from "../src/DashScopeError.js"
import * as Generation from "../src/Generation.js"
import { userAgent } from "../src/internal/protocol/userAgent.js"
import * as Message from "../src/Message.js"
import { type Answer, bytes, frame, says, serving, stop, timed } from "./util/events.js"
import { bodyText, headersOf, key } from "./util/mock.js"
import { responseError, untraced } from "./util/platform.js"

const params: Generation.GenerationParams = { model: "qwen-plus", messages: [Message.user("你好")] }

/** All elements, and the error that ended them if one did. */
const streamed = (
  answer: Parameters<typeof serving>[0],
  given: Partial<Generation.GenerationParams> = {},
  options?: DashScopeClient.CallOptions
) => {
  const served = serving(answer)
  return Effect.suspend(() => {
    const results: Array<Generation.GenerationResult> = []
    return Stream.runForEach(
      Generation.stream({ ...params, ...given }, options),
      (result) => Effect.sync(() => results.push(result))
    ).pipe(
      Effect.match({
        onFailure: (error) => ({ results, error, requests: served.requests }),
        onSuccess: () => ({ results, error: undefined, requests: served.requests })
      }),
      Effect.provide(served.layer)
    )
  })
}

const textsOf = ({ results }: { readonly results: ReadonlyArray<Generation.GenerationResult> }) =>
  results.map(Generation.text)

const truncated = (error: unknown): DashScopeError.ConnectionError => {
  assert.instanceOf(error, DashScopeError.ConnectionError)
  assert.strictEqual(error.reason, "Truncated")
  return error
}

const apiError = (error: unknown): DashScopeError.ApiError => {
  assert.instanceOf(error, DashScopeError.ApiError)
  return error
}

const partialText = (error: unknown) => {
  const partial = Generation.partialResult(error)
  return partial === undefined ? undefined : Generation.text(partial)
}

describe("a streaming request", () => {
  const sent = (given: Partial<Generation.GenerationParams>, options?: DashScopeClient.CallOptions) =>
    Effect.map(untraced(streamed(says("a", "stop"), given, options)), ({ requests }) => {
      const request = Arr.unsafeGet(requests, 0)
      const body = JSON.parse(bodyText(request)) as { readonly parameters: Record<string, unknown> }
      return { headers: headersOf(request), body, parameters: body.parameters }
    })

  it.effect("has exactly these headers and this body", () =>
    Effect.gen(function*() {
      const { body, headers } = yield* sent({ topP: 0.5 })
      const { "content-length": _, ...others } = headers
      assert.deepStrictEqual(others, {
        "accept": "text/event-stream",
        "authorization": `Bearer ${key}`,
        "content-type": "application/json; charset=utf-8",
        "user-agent": `${userAgent(globalThis, undefined)}; incremental_to_full/0`,
        "x-accel-buffering": "no",
        "x-dashscope-sse": "enable"
      })
      assert.deepStrictEqual<unknown>(body, {
        model: "qwen-plus",
        input: { messages: [{ role: "user", content: "你好" }] },
        parameters: { result_format: "message", top_p: 0.5, incremental_output: true }
      })
    }))

  it.effect("asks for increments, and says where totals are made of them", () =>
    Effect.gen(function*() {
      const asked = (given: Partial<Generation.GenerationParams>) =>
        Effect.map(
          sent(given),
          ({ headers, parameters }) =>
            `${String(parameters["incremental_output"])} ${headers["user-agent"]?.split("; ").at(-1)}`
        )
      assert.strictEqual(yield* asked({ incrementalOutput: true }), "true incremental_to_full/0")
      assert.strictEqual(yield* asked({ incrementalOutput: false }), "true incremental_to_full/1")
      for (const model of ["my-TTS-flash", "my-omni-turbo", "Qwen-Deep-Research"]) {
        assert.strictEqual(yield* asked({ model, incrementalOutput: false }), "false incremental_to_full/0")
        assert.strictEqual(yield* asked({ model }), "true incremental_to_full/0")
      }
      const extra = (value: unknown) => ({ extra: { incremental_output: value } })
      assert.strictEqual(yield* asked(extra(false)), "false incremental_to_full/0")
      assert.strictEqual(yield* asked({ ...extra(true), incrementalOutput: false }), "true incremental_to_full/1")
    }))

  it.effect("has the headers of the call and of the plugins", () =>
    Effect.gen(function*() {
      const { headers } = yield* sent({ plugins: { search: {} } }, {
        workspace: "ws",
        headers: { "X-Own": "1", "User-Agent": "app/1", "X-Accel-Buffering": "yes" }
      })
      assert.strictEqual(headers["x-dashscope-plugin"], "{\"search\":{}}")
      assert.strictEqual(headers["x-dashscope-workspace"], "ws")
      assert.strictEqual(headers["x-own"], "1")
      assert.strictEqual(headers["x-accel-buffering"], "yes")
      assert.include(headers["user-agent"], "incremental_to_full/0; app/1")
    }))

  it.effect("is not sent where it contradicts itself", () =>
    Effect.gen(function*() {
      const { error, requests } = yield* streamed(stop, { topLogprobs: 3 })
      assert.strictEqual(error?._tag, "InputRequired")
      const wrong = yield* streamed(stop, {}, { headers: { "x-a": "b\r\nc" } })
      assert.strictEqual(wrong.error?._tag, "InputRequired")
      assert.lengthOf([...requests, ...wrong.requests], 0)
    }))
})

describe("the elements", () => {
  it.effect("are one for each event, with what is new", () =>
    Effect.gen(function*() {
      const { error, results } = yield* streamed(
        says("你", "null", { usage: { output_tokens: 1 } }) + says("好", "null", { usage: { output_tokens: 2 } }) + stop
      )
      assert.isUndefined(error)
      assert.deepStrictEqual<unknown>(results[0], {
        output: { choices: [{ finishReason: "null", message: { role: "assistant", content: "你" } }] },
        usage: { outputTokens: 1 },
        requestId: "r-1"
      })
      assert.deepStrictEqual(results.map(Generation.text), ["你", "好", ""])
      assert.deepStrictEqual(results.map(({ usage }) => usage?.outputTokens ?? usage?.inputTokens), [1, 2, 1])
    }))

  it.effect("come as many at once as the network brings", () =>
    Effect.gen(function*() {
      const sizes = yield* Generation.stream(params).pipe(
        Stream.chunks,
        Stream.map(Chunk.size),
        Stream.runCollect,
        Effect.provide(serving(timed(says("a") + says("b"), says("c").slice(0, 20), says("c").slice(20) + stop)).layer)
      )
      assert.deepStrictEqual(Chunk.toReadonlyArray(sizes), [2, 2])
    }))

  it.effect("hold all so far, if asked", () =>
    Effect.gen(function*() {
      const body = frame({
        output: { choices: [{ message: { content: "" } }], search_info: { search_results: [{ index: 1 }] } },
        usage: {}
      }) + says("a", "null", { message: { reasoning_content: "r" } }) + frame({ output: { choices: [] } }) + says("b") +
        stop
      const found = yield* streamed(body, { incrementalOutput: false })
      assert.isUndefined(found.error)
      assert.deepStrictEqual(textsOf(found), ["", "a", "ab", "ab"])
      assert.deepStrictEqual(found.results.map(Generation.reasoning), ["", "r", "r", "r"])
      assert.deepStrictEqual<unknown>(found.results.map(({ output }) => output.searchInfo?.searchResults?.length), [
        1,
        1,
        1,
        1
      ])
    }))

  it.effect("are the service's own totals where it is left to the model", () =>
    Effect.gen(function*() {
      const body = says("a") + says("ab") + says("ab", "stop")
      const given = { model: "my-omni-turbo", incrementalOutput: false }
      const found = yield* streamed(body, given)
      assert.deepStrictEqual(textsOf(found), ["a", "ab", "ab"])
      const collected = yield* Effect.provide(
        Generation.collect(Generation.stream({ ...params, ...given })),
        serving(body).layer
      )
      assert.strictEqual(Generation.text(collected), "ab")
    }))

  it.effect("keep fields without a name here", () =>
    Effect.gen(function*() {
      const data = { output: { choices: [{ message: { content: "a", x: 1 }, finish_reason: "stop" }], y: 2 } }
      const { results } = yield* streamed(frame(data))
      assert.deepStrictEqual<unknown>(Schema.encodeSync(Generation.GenerationResult)(results[0]!), data)
    }))

  it.effect("leave out events that are no answer", () =>
    Effect.gen(function*() {
      const found = yield* streamed(
        frame({ type: "ping" }, "ping") + says("a") + frame({}, "done") + says("b", "stop") + "data:[DONE]\n\n"
      )
      assert.deepStrictEqual([textsOf(found), found.error], [["a", "b"], undefined])
      // Whatever its name.
      const other = yield* streamed(says("a", "stop").replace("event:result", "event:message"))
      assert.deepStrictEqual([textsOf(other), other.error], [["a"], undefined])
    }))
})

describe("the end", () => {
  const complete = (body: Answer, given: Partial<Generation.GenerationParams> = {}) =>
    Effect.map(streamed(body, given), ({ error }) => error === undefined)

  it.effect("is one only with a finish reason", () =>
    Effect.gen(function*() {
      const { error, results } = yield* streamed(says("secret ") + says("words"))
      const found = truncated(error)
      assert.deepStrictEqual(results.map(Generation.text), ["secret ", "words"])
      assert.strictEqual(found.origin, "https://dashscope.aliyuncs.com")
      assert.isTrue(found.responseStarted)
      assert.isFalse(found.isRetryable)
      assert.notInclude(found.message + JSON.stringify(found), "words")
      assert.strictEqual(partialText(found), "secret words")
    }))

  it.effect("has many forms", () =>
    Effect.gen(function*() {
      for (const reason of ["stop", "length", "tool_calls", "anything"]) {
        assert.isTrue(yield* complete(says("a", reason)), reason)
        assert.isTrue(
          yield* complete(frame({ output: { text: "a", finish_reason: reason } }), { resultFormat: "text" })
        )
      }
      for (const reason of ["null", "", null]) {
        assert.isFalse(yield* complete(says("a", reason)), String(reason))
        assert.isFalse(
          yield* complete(frame({ output: { text: "a", finish_reason: reason } }), { resultFormat: "text" })
        )
      }
      assert.isFalse(yield* complete(frame({ output: { text: "a" } })))
      assert.isTrue(yield* complete(says("a", "stop") + says("", "null")))
    }))

  it.effect("is the end mark of a gateway too, without a reason", () =>
    Effect.gen(function*() {
      for (const mark of ["data: [DONE]\n\n", "event:done\ndata: [DONE]\n\n", "event:done\ndata:{}\n\n"]) {
        for (const reason of ["null", "", null]) {
          const { error, results } = yield* streamed(says("a", reason) + says("b", reason) + mark)
          assert.deepStrictEqual([results.map(Generation.text).join(""), error], ["ab", undefined])
        }
        assert.isFalse(yield* complete(mark))
        assert.isFalse(yield* complete(`${mark}${says("a")}`))
      }
    }))

  it.effect("is that of every choice", () =>
    Effect.gen(function*() {
      const say = (index: number, reason: string) => says("a", reason, { index })
      const both = say(0, "null") + say(1, "stop") + say(0, "length")
      assert.isTrue(yield* complete(both, { n: 2 }))
      assert.isFalse(yield* complete(both, { n: 3 }))
      assert.isFalse(yield* complete(both, { extra: { n: 3 } }))
      assert.isFalse(yield* complete(say(0, "null") + say(1, "stop") + say(1, "stop"), { n: 2 }))
      // What has one choice only, whatever was asked for.
      assert.isTrue(yield* complete(frame({ output: { text: "a", finish_reason: "stop" } }), { n: 3 }))
    }))

  it.effect("of a research is said in its own way", () =>
    Effect.gen(function*() {
      const step = (phase: string, status: string) => frame({ output: { message: { phase, status, content: "a" } } })
      const model = "qwen-deep-research"
      assert.isTrue(yield* complete(step("answer", "typing") + step("answer", "finished"), { model }))
      assert.isFalse(yield* complete(step("answer", "typing"), { model }))
      assert.isFalse(yield* complete(step("KeepAlive", "finished"), { model }))
    }))

  it.effect("of an answer that has ended is good, however the connection ends", () =>
    Effect.gen(function*() {
      const broken = (text: string): Answer =>
        Stream.concat(
          timed(text),
          Stream.fail(
            responseError({
              request: undefined as never,
              response: undefined as never,
              cause: Object.assign(new Error("other side closed"), { code: "UND_ERR_SOCKET" })
            })
          )
        )
      assert.isTrue(yield* complete(broken(says("a", "stop"))))
      const { error } = yield* streamed(broken(says("a")))
      assert.strictEqual(partialText(truncated(error)), "a")
      // What the service says counts.
      const late = yield* streamed(says("a", "stop") + frame({ code: "InternalError", message: "No." }, "error", 500))
      assert.strictEqual(apiError(late.error).code, "InternalError")
    }))

  it.effect("is at once for a service that does not stream", () =>
    Effect.gen(function*() {
      const whole = { output: { choices: [{ message: { content: "a" }, finish_reason: "stop" }] } }
      const answer = { body: JSON.stringify(whole), headers: { "content-type": "application/json" } }
      assert.deepStrictEqual(textsOf(yield* streamed(answer)), ["a"])
      const cutShort = {
        body: JSON.stringify({ output: { choices: [{ message: { content: "a" }, finish_reason: "null" }] } }),
        headers: { "content-type": "application/json", "x-dashscope-partialresponse": "true" }
      }
      const { error, results } = yield* streamed(cutShort)
      assert.isUndefined(error)
      assert.deepStrictEqual(results.map(({ isPartial }) => isPartial), [true])
    }))
})

describe("errors", () => {
  const failure = (answer: Parameters<typeof streamed>[0]) =>
    Effect.map(streamed(answer), (found) => ({ ...found, error: apiError(found.error) }))

  const throttled = { code: "Throttling.RateQuota", message: "Slow down.", request_id: "r-9" }

  it.effect("by status are those of a call", () =>
    Effect.gen(function*() {
      const answer = { body: JSON.stringify(throttled), status: 429, headers: { "retry-after": "3" } }
      const { error, results } = yield* failure(answer)
      const ofCall = yield* Effect.flip(Effect.provide(Generation.call(params), serving(answer).layer))
      assert.deepStrictEqual({ ...error }, { ...ofCall })
      assert.strictEqual(error.reason, "RateLimited")
      assert.lengthOf(results, 0)
      const framed = yield* failure({ body: frame(throttled, "error", 429), status: 429 })
      assert.strictEqual(framed.error.code, throttled.code)
    }))

  it.effect("in the stream have their own status, at any place", () =>
    Effect.gen(function*() {
      for (const before of ["", says("a"), says("a") + says("b")]) {
        const { error, results } = yield* failure(before + frame(throttled, "error", 429) + says("never"))
        assert.deepStrictEqual(
          [error.statusCode, error.code, error.reason, error.requestId, error.isRetryable],
          [429, "Throttling.RateQuota", "RateLimited", "r-9", true]
        )
        assert.strictEqual(results.map(Generation.text).join(""), "ab".slice(0, results.length))
        assert.strictEqual(partialText(error), before === "" ? undefined : "ab".slice(0, results.length))
      }
    }))

  it.effect("are known without an error event", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* failure(says("a") + frame(throttled))).error.code, throttled.code)
      const json = { body: JSON.stringify(throttled), headers: { "content-type": "application/json" } }
      assert.strictEqual((yield* failure(json)).error.code, throttled.code)
      assert.strictEqual((yield* failure("event:error\n\n")).error.statusCode, 500)
    }))

  it.effect("tell of what cannot be read, and lose nothing before it", () =>
    Effect.gen(function*() {
      const { error, results } = yield* failure(
        says("a") + frame(`{"oops": "${key}" ${"x".repeat(1000)}`) + says("b", "stop")
      )
      assert.deepStrictEqual([error.reason, error.statusCode, error.isRetryable], ["UnexpectedResponse", 200, false])
      assert.include(error.description, "{\"oops\": \"<redacted>\" xxx")
      assert.isBelow(error.message.length, 400)
      assert.deepStrictEqual(results.map(Generation.text), ["a"])
      assert.strictEqual(partialText(error), "a")

      const shape = yield* failure(says("a") + frame({ output: { choices: [{ message: { content: 42 } }] } }))
      assert.include(shape.error.description, "unexpected shape at output.choices.0.message.content")
      assert.strictEqual(partialText(shape.error), "a")
      const without = yield* failure(frame({ request_id: "r-2" }))
      assert.include(without.error.description, "unexpected shape at output")
      assert.strictEqual(without.error.requestId, "r-2")
    }))

  it.effect("tell of an event that is too large, and what to do", () =>
    Effect.gen(function*() {
      const { error, results } = yield* streamed(says("a") + says("x".repeat(5000), "stop"), {}, {
        maxEventBytes: 4096
      })
      assert.include(apiError(error).description, "larger than 4 KiB (maxEventBytes)")
      assert.deepStrictEqual(results.map(Generation.text), ["a"])
    }))

  it.effect("tell of an answer without any event", () =>
    Effect.gen(function*() {
      for (const body of ["", ": ping\n\n", "data:[DONE]\n\n"]) {
        const { error } = yield* streamed(body)
        assert.include(truncated(error).description, "before its first event")
        assert.isUndefined(Generation.partialResult(error))
      }
      const { error } = yield* streamed({ body: "<html>Bad gateway</html>", headers: { "content-type": "text/html" } })
      assert.strictEqual(apiError(error).description, "<html>Bad gateway</html>")
    }))

  it.effect("tell of an answer that breaks off inside an event", () =>
    Effect.gen(function*() {
      const { error, results } = yield* streamed(says("a") + says("b", "stop").slice(0, -30))
      assert.include(truncated(error).description, "in the middle of an event")
      assert.deepStrictEqual(results.map(Generation.text), ["a"])
    }))
})

describe("collect", () => {
  it.effect("gives the one answer", () =>
    Effect.gen(function*() {
      const result = yield* Effect.provide(
        Generation.collect(Generation.stream(params)),
        serving(says("a") + says("b") + stop).layer
      )
      assert.deepStrictEqual<unknown>(result, {
        output: { choices: [{ finishReason: "stop", message: { role: "assistant", content: "ab" } }] },
        usage: { inputTokens: 1 },
        requestId: "r-1"
      })
    }))

  it.effect("gives what there is of a stream that was cut short", () =>
    Effect.gen(function*() {
      const { layer } = serving(Stream.concat(timed(says("a"), says("b")), Stream.never))
      const result = yield* Effect.provide(
        Generation.collect(Stream.take(Generation.stream(params), 2)),
        layer
      )
      assert.strictEqual(Generation.text(result), "ab")
      assert.strictEqual(result.output.choices[0].finishReason, "null")
    }))

  it.effect("keeps with any error what had arrived", () =>
    Effect.gen(function*() {
      const element = (text: string): Generation.GenerationResult => ({
        output: { choices: [{ message: { content: text } }] }
      })
      const own = { _tag: "Own" } as const
      const failing = Stream.concat(Stream.make(element("a"), element("b")), Stream.fail(own))
      const error = yield* Effect.flip(Generation.collect(failing))
      assert.strictEqual(error, own)
      assert.strictEqual(partialText(error), "ab")
      assert.isUndefined(Generation.partialResult({ _tag: "Own" }))
      assert.isUndefined(Generation.partialResult("text"))
      assert.isUndefined(Generation.partialResult(undefined))
      const early = yield* Effect.flip(Generation.collect(Stream.fail({ _tag: "Early" })))
      assert.isUndefined(Generation.partialResult(early))
    }))

  it.effect("keeps it inside a span as well, where errors are proxies of themselves", () =>
    Effect.gen(function*() {
      const { layer } = serving(says("a"))
      const error = yield* Generation.stream(params).pipe(
        Generation.collect,
        Effect.withSpan("outer"),
        Effect.flip,
        Effect.provide(layer)
      )
      assert.strictEqual(partialText(error), "a")
      const again = yield* Effect.flip(Effect.withSpan(Effect.fail(error), "again"))
      assert.strictEqual(partialText(again), "a")
    }))

  it.effect("keeps even what is more than a stream remembers", () =>
    Effect.gen(function*() {
      const piece = says("x".repeat(500_000))
      const body = Stream.concat(
        Stream.take(Stream.repeatEffect(Effect.sync(() => bytes(piece))), 10),
        Stream.make(bytes(frame({ code: "InternalError", message: "" }, "error", 500)))
      )
      const { layer } = serving(() => body)
      const drained = yield* Effect.flip(Effect.provide(Stream.runDrain(Generation.stream(params)), layer))
      assert.strictEqual(drained._tag, "ApiError")
      assert.isUndefined(Generation.partialResult(drained))
      const collected = yield* Effect.flip(Effect.provide(Generation.collect(Generation.stream(params)), layer))
      assert.strictEqual(partialText(collected)?.length, 5_000_000)
    }))

  it.effect("fails where nothing came", () =>
    Effect.gen(function*() {
      assert.include(apiError(yield* Effect.flip(Generation.collect(Stream.empty))).description, "without an answer")
    }))
})

describe("merge", () => {
  it.effect("gives what collect gives, at any point", () =>
    Effect.gen(function*() {
      const { layer } = serving(says("a") + says("b") + stop)
      for (const incrementalOutput of [true, false]) {
        const stream = Generation.stream({ ...params, incrementalOutput })
        const elements = Arr.fromIterable(yield* Effect.provide(Stream.runCollect(stream), layer))
        assert.lengthOf(elements, 3)
        const whole = yield* Effect.provide(Generation.collect(stream), layer)
        assert.deepStrictEqual<unknown>(Generation.merge(elements), whole)
        const texts = elements.map((_, i) => Generation.merge(elements.slice(0, i + 1)))
          .map((so) => so === undefined ? undefined : Generation.text(so))
        assert.deepStrictEqual(texts, ["a", "ab", "ab"])
      }
      assert.isUndefined(Generation.merge([]))
    }))

  it.effect("makes the answer of a turn that is a stream", () =>
    Effect.gen(function*() {
      const conversation = yield* Conversation.make()
      const turn = conversation.sendStream(
        "Hi",
        (messages) => Generation.stream({ model: "qwen-plus", messages }),
        Generation.merge
      )
      const elements = yield* Effect.provide(Stream.runCollect(turn), serving(says("a") + says("b") + stop).layer)
      assert.strictEqual(Chunk.size(elements), 3)
      assert.deepStrictEqual<unknown>(yield* conversation.messages, [Message.user("Hi"), Message.assistant("ab")])
    }))
})

describe("streamText", () => {
  it.effect("is the text alone, in increments, of the first choice", () =>
    Effect.gen(function*() {
      const body = says("", "null", { message: { reasoning_content: "hm" } }) + says("a", "null", { index: 0 }) +
        says("other", "stop", { index: 1 }) + says("", "null") + says("b", "stop", { index: 0 })
      for (const incrementalOutput of [undefined, true, false]) {
        const texts = yield* Effect.provide(
          Stream.runCollect(Generation.streamText({ ...params, n: 2, incrementalOutput })),
          serving(body).layer
        )
        assert.deepStrictEqual(Chunk.toReadonlyArray(texts), ["a", "b"])
      }
    }))

  it.effect("fails as the stream does, with what had arrived", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(
        Effect.provide(Stream.runDrain(Generation.streamText(params)), serving(says("a")).layer)
      )
      assert.strictEqual(partialText(truncated(error)), "a")
    }))
})

describe("the connection", () => {
  /** Tells when the body is let go. */
  const watched = (...texts: ReadonlyArray<string>) => {
    let closed = 0
    const body = Stream.ensuring(
      Stream.concat(timed(...texts), Stream.never),
      Effect.sync(() => closed++)
    )
    return { ...serving(() => body), closed: () => closed }
  }

  it.effect("is let go by take, failure, interruption and the end", () =>
    Effect.gen(function*() {
      const { closed, layer } = watched(says("a"), says("b"))
      const stream = Generation.stream(params)
      yield* Effect.provide(Stream.runDrain(Stream.take(stream, 1)), layer)
      assert.strictEqual(closed(), 1)
      yield* Effect.provide(Effect.flip(Stream.runForEach(stream, () => Effect.fail("no"))), layer)
      assert.strictEqual(closed(), 2)
      const fiber = yield* Effect.fork(Effect.provide(Stream.runDrain(stream), layer))
      yield* Effect.yieldNow()
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(closed(), 3)
      const refused = watched(frame({ code: "InternalError", message: "" }, "error", 500))
      yield* Effect.provide(Effect.flip(Stream.runDrain(stream)), refused.layer)
      assert.strictEqual(refused.closed(), 1)
      const done = watched(says("a", "stop"), "data:[DONE]\n\n")
      yield* Effect.provide(Stream.runDrain(stream), done.layer)
      assert.strictEqual(done.closed(), 1)
    }))

  it.effect("is asked only for what is wanted", () =>
    Effect.gen(function*() {
      let pulled = 0
      const body = Stream.mapEffect(Stream.range(1, 1000), (i) =>
        Effect.sync(() => {
          pulled++
          return bytes(says(String(i)))
        }))
      yield* Generation.stream(params).pipe(
        Stream.rechunk(1),
        Stream.take(5),
        Stream.runDrain,
        Effect.provide(serving(body).layer)
      )
      assert.isAtMost(pulled, 6)
    }))

  it.effect("begins with each run anew", () =>
    Effect.gen(function*() {
      const { layer, requests } = serving(() => says("a", "stop"))
      const stream = Generation.streamText(params)
      const twice = yield* Effect.provide(Stream.mkString(Stream.concat(stream, stream)), layer)
      assert.strictEqual(twice, "aa")
      assert.lengthOf(requests, 2)
    }))
})

describe("a client's own stream", () => {
  it.effect("gives every event, of whatever service", () =>
    Effect.gen(function*() {
      const { layer, requests } = serving(
        frame({ id: "t" }, "thread.created") + frame({ output: { a: 1 }, usage: { b: 2 }, request_id: "r" })
      )
      const events = yield* Effect.flatMap(DashScopeClient.DashScopeClient, (client) =>
        Stream.runCollect(client.stream({ path: "/threads", body: { model: "m" }, headers: { accept: "x/y" } }))).pipe(
          Effect.provide(layer)
        )
      assert.deepStrictEqual<unknown>(
        Chunk.toReadonlyArray(events).map(({ headers: _, ...event }) =>
          event
        ),
        [
          {
            event: "thread.created",
            id: "1",
            status: 200,
            body: { id: "t" },
            output: undefined,
            usage: undefined,
            requestId: undefined
          },
          {
            event: "result",
            id: "1",
            status: 200,
            body: { output: { a: 1 }, usage: { b: 2 }, request_id: "r" },
            output: { a: 1 },
            usage: { b: 2 },
            requestId: "r"
          }
        ]
      )
      assert.strictEqual(headersOf(Arr.unsafeGet(requests, 0))["accept"], "x/y")
    }))
})

describe("in a test", () => {
  const element: Generation.GenerationResult = { output: { choices: [{ message: { content: "Hi" } }] } }

  it.effect("each half of the service can be replaced", () =>
    Effect.gen(function*() {
      const Streams = Layer.mock(Generation.Generation, { stream: () => Stream.make(element, element) })
      assert.strictEqual(yield* Effect.provide(Stream.mkString(Generation.streamText(params)), Streams), "HiHi")
      assert.isTrue(Exit.isFailure(yield* Effect.exit(Effect.provide(Generation.call(params), Streams))))
      const Calls = Layer.mock(Generation.Generation, { call: () => Effect.succeed(element) })
      assert.strictEqual(Generation.text(yield* Effect.provide(Generation.call(params), Calls)), "Hi")
      assert.isTrue(
        Exit.isFailure(yield* Effect.exit(Effect.provide(Stream.runDrain(Generation.stream(params)), Calls)))
      )
    }))

  it("the types are those of the design", () => {
    expectTypeOf(Generation.stream).returns.toEqualTypeOf<
      Stream.Stream<Generation.GenerationResult, DashScopeError.DashScopeError, Generation.Generation>
    >()
    expectTypeOf(Generation.streamText).returns.toEqualTypeOf<
      Stream.Stream<string, DashScopeError.DashScopeError, Generation.Generation>
    >()
    expectTypeOf(Generation.collect(Generation.stream(params))).toEqualTypeOf<
      Effect.Effect<Generation.GenerationResult, DashScopeError.DashScopeError, Generation.Generation>
    >()
    expectTypeOf<Stream.Stream.Error<ReturnType<DashScopeClient.Service["stream"]>>>().toEqualTypeOf<
      DashScopeError.DashScopeError
    >()
    assert.isFunction(Generation.stream)
  })
})

// ---------------------------------------------------------------------------------------------------------------------
// Against a service that can do both
// ---------------------------------------------------------------------------------------------------------------------

const simulated = Layer.unwrapEffect(
  Effect.map(Simulator.Simulator, ({ url }) => DashScope.layer({ apiKey: "sk-test", endpoint: url }))
).pipe(Layer.provideMerge(Simulator.layer()))

const weather = (name: string) =>
  ({
    type: "function",
    function: {
      name,
      description: "The weather of a place",
      parameters: { type: "object", properties: { location: { type: "string" } }, required: ["location"] }
    }
  }) as const

const kinds: Readonly<Record<string, Partial<Generation.GenerationParams>>> = {
  "text in choices": {},
  "the text format": { resultFormat: "text" },
  "thinking": { enableThinking: true },
  "two tool calls at once": {
    tools: [weather("get_current_weather"), weather("get_weather_forecast")],
    parallelToolCalls: true,
    messages: [Message.user("What is the weather in 杭州 and Shanghai?")]
  },
  "log probabilities": { logprobs: true, topLogprobs: 2 },
  "three choices": { n: 3 },
  "two choices with thinking and log probabilities": { n: 2, enableThinking: true, logprobs: true },
  "two choices that are cut off": { n: 2, maxTokens: 3 },
  "sources": { enableSearch: true, searchOptions: { enableSource: true } },
  "sources first": { enableSearch: true, searchOptions: { enableSource: true, prependSearchResult: true } },
  "JSON": { responseFormat: { type: "json_object" }, messages: [Message.user("Some json, 请")] }
}

/** Without what a request has of its own, and the number of an only choice, which streams have and calls have not. */
const comparable = (result: Generation.GenerationResult): unknown => {
  const { requestId: _, ...rest } = result
  const text = JSON.stringify(rest).replace(/"id":"call_\w+"/g, "\"id\":\"call\"")
  return JSON.parse(
    result.output.choices.length > 1 ? text : text.replace("\"index\":0,\"finishReason\"", "\"finishReason\"")
  )
}

describe("what call gives, collect gives too:", () => {
  for (const [name, given] of Object.entries(kinds)) {
    it.live(name, () =>
      Effect.gen(function*() {
        const asked = { model: "qwen-plus", messages: [Message.user("你好，世界！How are you today?")], ...given }
        const whole = comparable(yield* Generation.call(asked))
        const increments = yield* Stream.runCollect(Generation.stream(asked))
        assert.isAbove(Chunk.size(increments), 2)
        const collected = yield* Generation.collect(Stream.fromChunk(increments))
        assert.deepStrictEqual(comparable(collected), whole)

        const totals = yield* Stream.runCollect(Generation.stream({ ...asked, incrementalOutput: false }))
        assert.strictEqual(Chunk.size(totals), Chunk.size(increments))
        assert.deepStrictEqual(comparable(Chunk.unsafeLast(totals)), whole)
        assert.deepStrictEqual(comparable(yield* Generation.collect(Stream.fromChunk(totals))), whole)

        const text = yield* Stream.mkString(Generation.streamText(asked))
        assert.strictEqual(text, Generation.text(collected))

        // The service's own totals, where it gives some.
        if (asked.enableThinking !== true) {
          const theirs = Generation.stream({ ...asked, extra: { incremental_output: false } })
          assert.deepStrictEqual(comparable(yield* Generation.collect(theirs)), whole)
        }
      }).pipe(Effect.provide(simulated)))
  }
})
