import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as CodeGeneration from "../../src/CodeGeneration.js"
import * as DashScopeClient from "../../src/DashScopeClient.js"
import type { DashScopeError } from "../../src/DashScopeError.js"
import * as Generation from "../../src/Generation.js"
import { type Answer, frame, says, serving, stop, timed } from "../util/events.js"
import { makeVirtualClock } from "../util/virtualClock.js"

const params = { model: "qwen-plus", prompt: "你好" }
const ping = ": ping\n\n"
const empty = says("")
const forever = Stream.never

type Options = DashScopeClient.CallOptions

/** Lets time pass, from one thing that waits for it to the next, until the effect is done; tells how long that took. */
const timing = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const { now, run } = makeVirtualClock(0)
    const exit = yield* run(Effect.exit(self), Effect.succeed(false))
    return { exit, seconds: now() / 1000 }
  })

const describeError = (error: DashScopeError) =>
  error._tag === "RequestTimeout" ? `${error.phase} ${Duration.format(error.duration)}` : error._tag

/** The text that came, how it ended, and after how many seconds. */
const outcome = (
  answer: Answer | (() => Answer | Effect.Effect<Answer>),
  options: Options | undefined,
  more: {
    readonly layer?: Omit<DashScopeClient.Options, "apiKey">
    readonly consume?: (text: string) => Effect.Effect<void>
  } = {}
) =>
  Effect.gen(function*() {
    let text = ""
    const run = Stream.runForEach(Generation.stream(params, options), (result) => {
      text += Generation.text(result)
      return more.consume?.(Generation.text(result)) ?? Effect.void
    })
    const { exit, seconds } = yield* timing(Effect.flip(run))
    const end = Exit.isSuccess(exit) ? describeError(exit.value) : "end"
    return `${text} | ${end} | ${seconds}s`
  }).pipe(Effect.provide(serving(answer, more.layer).layer))

describe("firstContentTimeout", () => {
  const options: Options = { firstContentTimeout: "20 seconds" }

  it.effect("bounds the wait for the head", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* outcome(() => Effect.never, options), " | firstContent 20s | 20s")
    }))

  it.effect("bounds the wait for an event, the head's included", () =>
    Effect.gen(function*() {
      const answer = () => Effect.delay(Effect.succeed(forever), "15 seconds")
      assert.strictEqual(yield* outcome(answer, options), " | firstContent 20s | 20s")
    }))

  it.effect("is not met by comments, heartbeats and events without content", () =>
    Effect.gen(function*() {
      const nothings = Stream.repeatEffect(Effect.delay(Effect.succeed(ping), "3 seconds"))
      assert.strictEqual(
        yield* outcome(Stream.encodeText(nothings), options),
        " | firstContent 20s | 20s"
      )
      const deltas = Stream.repeatEffect(Effect.delay(Effect.succeed(empty), "7 seconds"))
      const { exit, seconds } = yield* timing(
        Effect.provide(
          Effect.flip(Stream.runDrain(Generation.stream(params, options))),
          serving(Stream.encodeText(deltas)).layer
        )
      )
      assert.strictEqual(Exit.isSuccess(exit) && describeError(exit.value), "firstContent 20s")
      assert.strictEqual(seconds, 20)
    }))

  it.effect("is met by text, thinking, a tool call, sources or an end", () =>
    Effect.gen(function*() {
      const contents = [
        says("a"),
        says("", "null", { message: { reasoning_content: "r" } }),
        says("", "null", { message: { tool_calls: [{ index: 0, function: { name: "f" } }] } }),
        says("", "stop"),
        frame({ output: { text: "a", finish_reason: null } }),
        frame({ output: { text: "", finish_reason: "stop" } }),
        frame({ output: { choices: [{ message: { content: [{ text: "a" }] } }] } }),
        frame({ output: { choices: [{ message: { content: [{ image: "a" }] } }] } }),
        frame({ output: { choices: [], search_info: { search_results: [{ index: 1 }] } } }),
        frame({ output: { message: { phase: "WebResearch", status: "typing" } } })
      ]
      for (const content of contents) {
        const { exit } = yield* timing(Effect.provide(
          Stream.runDrain(Generation.stream(params, options)),
          serving(timed(["19 seconds", content], ["30 seconds", stop])).layer
        ))
        assert.isTrue(Exit.isSuccess(exit), content)
      }
      const none = [
        frame({ output: { choices: [{ message: { content: [] }, finish_reason: "null" }] } }),
        frame({ output: { choices: [{ message: { content: [{ text: "" }], tool_calls: [] } }] } }),
        frame({ output: { message: { phase: "KeepAlive" } } }),
        frame({ output: { choices: [], search_info: { search_results: [] } } }),
        frame({ output: "odd" }, "ping"),
        frame({ type: "ping" }, "ping")
      ]
      for (const content of none) {
        const { exit } = yield* timing(Effect.provide(
          Effect.exit(Stream.runDrain(Generation.stream(params, options))),
          serving(timed(["19 seconds", content], ["30 seconds", stop])).layer
        ))
        assert.isFalse(Exit.isSuccess(exit) && Exit.isSuccess(exit.value), content)
      }
    }))

  it.effect("bounds nothing afterwards", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* outcome(timed(["19 seconds", says("a")], ["200 seconds", stop]), options),
        "a | end | 219s"
      )
    }))

  it.effect("is, for a call, the wait for the head of its answer", () =>
    Effect.gen(function*() {
      const call = (answer: Answer | (() => Effect.Effect<Answer>), wanted: Options | undefined) =>
        Effect.map(
          timing(Effect.provide(Effect.flip(Generation.call(params, wanted)), serving(answer).layer)),
          ({ exit, seconds }) => `${Exit.isSuccess(exit) ? describeError(exit.value) : "end"} ${seconds}s`
        )
      assert.strictEqual(yield* call(() => Effect.never, options), "firstContent 20s 20s")
      const late = (body: Answer) => () => Effect.delay(Effect.succeed(body), "19 seconds")
      const whole = "{\"output\":{\"text\":\"a\"}}"
      assert.strictEqual(yield* call(late(whole), options), "end 19s")
      assert.strictEqual(yield* call(() => Effect.never, { timeout: "5 seconds", ...options }), "total 5s 5s")
    }))
})

describe("an answer that is complete", () => {
  const usage = frame({ output: { choices: [] }, usage: { input_tokens: 1, output_tokens: 7 } })
  const pings = Stream.encodeText(Stream.repeatEffect(Effect.delay(Effect.succeed(ping), "300 millis")))
  const open: typeof timed = (...steps) => Stream.concat(timed(...steps), forever)

  it.effect("ends its stream a second later, where the service leaves that open", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* outcome(open(says("a"), stop), {}), "a | end | 1s")
      assert.strictEqual(yield* outcome(open(says("a"), stop), { retry: false }), "a | end | 1s")
      assert.strictEqual(yield* outcome(Stream.concat(timed(says("a"), stop), pings), {}), "a | end | 1s")
      assert.strictEqual(yield* outcome(timed(says("a"), stop, ["400 millis", ""]), {}), "a | end | 0.4s")
      const text = frame({ output: { text: "a", finish_reason: "stop" } })
      assert.strictEqual(yield* outcome(open(text), {}), "a | end | 1s")
    }))

  it.effect("waits for the usage that comes after it, and does not begin anew with that", () =>
    Effect.gen(function*() {
      const answer = open(says("a"), stop, ["900 millis", usage])
      assert.strictEqual(yield* outcome(answer, {}), "a | end | 1s")
      const collected = yield* timing(
        Effect.provide(Generation.collect(Generation.stream(params)), serving(answer).layer)
      )
      assert.isTrue(Exit.isSuccess(collected.exit))
      if (Exit.isSuccess(collected.exit)) assert.strictEqual(collected.exit.value.usage?.outputTokens, 7)
    }))

  it.effect("goes on where more is said", () =>
    Effect.gen(function*() {
      const answer = open(says("a", "stop"), ["900 millis", says("b")], ["900 millis", says("c", "stop")])
      assert.strictEqual(yield* outcome(answer, {}), "abc | end | 2.8s")
    }))

  it.effect("is one when all choices have ended", () =>
    Effect.gen(function*() {
      const answer = open(says("a", "stop"), ["40 seconds", says("b", "stop", { index: 1 })])
      const run = Stream.runDrain(Generation.stream({ ...params, n: 2 }))
      const { exit, seconds } = yield* timing(Effect.provide(run, serving(answer).layer))
      assert.isTrue(Exit.isSuccess(exit))
      assert.strictEqual(seconds, 41)
    }))

  it.effect("does not count the time that the consumer takes", () =>
    Effect.gen(function*() {
      const answer = open(says("a"), stop, ["900 millis", usage])
      let last: Generation.GenerationResult | undefined
      const run = Stream.runForEach(Generation.stream(params), (result) => {
        last = result
        return Effect.sleep("30 seconds")
      })
      const { exit, seconds } = yield* timing(Effect.provide(run, serving(answer).layer))
      assert.isTrue(Exit.isSuccess(exit))
      assert.strictEqual(last?.usage?.outputTokens, 7)
      assert.strictEqual(seconds, 91)
    }))

  it.effect("is good whatever deadline passes meanwhile", () =>
    Effect.gen(function*() {
      const options: Options = { timeout: "500 millis", contentTimeout: "200 millis" }
      assert.strictEqual(yield* outcome(open(says("a"), stop), options), "a | end | 0.5s")
    }))

  it.effect("of any service is that of a chat", () =>
    Effect.gen(function*() {
      const answer = open(frame({ output: { choices: [{ message: { content: "a" }, finish_reason: "stop" }] } }))
      const run = Effect.flatMap(CodeGeneration.make, (service) =>
        Stream.runDrain(service.stream({
          model: "tongyi-lingma-v1",
          scene: "custom",
          message: [{ role: "user", content: "a" }]
        })))
      const { exit, seconds } = yield* timing(Effect.provide(run, serving(answer).layer))
      assert.isTrue(Exit.isSuccess(exit), String(exit))
      assert.strictEqual(seconds, 1)
    }))

  it.effect("is for the caller to say of a client's own stream", () =>
    Effect.gen(function*() {
      const drain = (answer: Answer, more: DashScopeClient.StreamOptions) =>
        Effect.gen(function*() {
          let ends = 0
          const run = Effect.flatMap(DashScopeClient.DashScopeClient, (client) =>
            Stream.runCount(client.stream({ path: "/x" }, {
              timeout: "1 minute",
              onEndMark: () => ends++,
              ...more
            })))
          const { exit, seconds } = yield* timing(Effect.provide(run, serving(answer).layer))
          return `${Exit.isSuccess(exit) ? exit.value : "error"} | ${ends} | ${seconds}s`
        })
      const answer = open(frame({ a: 1 }), frame({ a: 2 }))
      assert.strictEqual(yield* drain(answer, {}), "error | 0 | 60s")
      assert.strictEqual(yield* drain(answer, { isComplete: () => true }), "2 | 0 | 1s")
      assert.strictEqual(yield* drain(open(frame({ a: 1 }), "data: [DONE]\n\n"), {}), "1 | 1 | 0s")
      // Before anything was said it ends nothing.
      assert.strictEqual(yield* drain(open("data: [DONE]\n\n"), {}), "error | 0 | 60s")
    }))
})

describe("contentTimeout", () => {
  const options: Options = { contentTimeout: "10 seconds" }

  it.effect("bounds each pause in the content", () =>
    Effect.gen(function*() {
      const answer = timed(["60 seconds", says("a")], ["9 seconds", says("b")], ["9 seconds", says("c")], [
        "11 seconds",
        stop
      ])
      assert.strictEqual(yield* outcome(answer, options), "abc | content 10s | 88s")
    }))

  it.effect("is not put off by comments and events without content", () =>
    Effect.gen(function*() {
      const answer = timed(says("a"), ["4 seconds", ping], ["4 seconds", empty], ["4 seconds", says("b")])
      assert.strictEqual(yield* outcome(answer, options), "a | content 10s | 10s")
    }))

  it.effect("does not count the time that the consumer takes", () =>
    Effect.gen(function*() {
      const answer = timed(says("a"), ["6 seconds", says("b")], ["6 seconds", says("c")], ["6 seconds", stop])
      const consume = () => Effect.sleep("30 seconds")
      assert.strictEqual(yield* outcome(answer, options, { consume }), "abc | end | 138s")
      // Waiting that is spread over several pulls is.
      const slow = timed(says("a"), ["6 seconds", empty], ["6 seconds", says("b")])
      assert.strictEqual(yield* outcome(slow, options, { consume }), "a | content 10s | 70s")
    }))

  it.effect("lets an answer that has ended end", () =>
    Effect.gen(function*() {
      const answer = Stream.concat(timed(says("a"), stop), forever)
      assert.strictEqual(yield* outcome(answer, options), "a | end | 1s")
    }))

  it.effect("bounds any event of a client's own stream, unless that says which", () =>
    Effect.gen(function*() {
      const drain = (isContent: DashScopeClient.StreamOptions["isContent"]) =>
        Effect.flatMap(DashScopeClient.DashScopeClient, (client) =>
          Stream.runDrain(client.stream({ path: "/x" }, { ...options, isContent })))
      const answer = () =>
        timed(frame({ a: 1 }), ["9 seconds", frame({ a: 2 })], ["9 seconds", frame({ a: 3 })])
      const { layer } = serving(answer)
      const all = yield* Effect.provide(timing(drain(undefined)), layer)
      assert.isTrue(Exit.isSuccess(all.exit))
      const first = yield* Effect.provide(timing(Effect.flip(drain(({ body }) => body["a"] === 1))), layer)
      assert.strictEqual(Exit.isSuccess(first.exit) && describeError(first.exit.value), "content 10s")
    }))
})

describe("timeout", () => {
  const options: Options = { timeout: "30 seconds" }

  it.effect("bounds the whole stream, whatever comes", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* outcome(() => Effect.never, options), " | total 30s | 30s")
      const chatty = Stream.encodeText(Stream.repeatEffect(Effect.delay(Effect.succeed(says("a")), "7 seconds")))
      assert.strictEqual(yield* outcome(chatty, options), "aaaa | total 30s | 30s")
    }))

  it.effect("counts the time that the consumer takes, and is noticed when that asks for more", () =>
    Effect.gen(function*() {
      const answer = timed(says("a"), says("b"), stop)
      const consume = () => Effect.sleep("20 seconds")
      assert.strictEqual(yield* outcome(answer, options, { consume }), "ab | total 30s | 40s")
    }))

  it.effect("and the others: the first to pass is the one", () =>
    Effect.gen(function*() {
      const all: Options = { timeout: "30 seconds", firstContentTimeout: "20 seconds", contentTimeout: "10 seconds" }
      assert.strictEqual(yield* outcome(forever, all), " | firstContent 20s | 20s")
      assert.strictEqual(yield* outcome(Stream.concat(timed(says("a")), forever), all), "a | content 10s | 10s")
      const late = Stream.concat(timed(["15 seconds", says("a")], ["9 seconds", says("b")]), forever)
      assert.strictEqual(yield* outcome(late, all), "ab | total 30s | 30s")
    }))
})

describe("deadlines", () => {
  it.effect("are all off unless set", () =>
    Effect.gen(function*() {
      const answer = () =>
        Effect.delay(Effect.succeed(timed(["300 seconds", says("a")], ["400 seconds", stop])), "200 seconds")
      assert.strictEqual(yield* outcome(answer, undefined), "a | end | 900s")
    }))

  it.effect("may be the layer's, and a call's go first", () =>
    Effect.gen(function*() {
      const layer = { timeout: "30 seconds", firstContentTimeout: "20 seconds", contentTimeout: "10 seconds" } as const
      const hanging = Stream.concat(timed(says("a")), forever)
      assert.strictEqual(yield* outcome(hanging, undefined, { layer }), "a | content 10s | 10s")
      assert.strictEqual(yield* outcome(hanging, { contentTimeout: "5 seconds" }, { layer }), "a | content 5s | 5s")
      const lifted = { contentTimeout: Duration.infinity }
      assert.strictEqual(yield* outcome(hanging, lifted, { layer }), "a | total 30s | 30s")
      const none = {
        contentTimeout: Duration.infinity,
        timeout: Duration.infinity,
        firstContentTimeout: Duration.infinity
      }
      assert.strictEqual(yield* outcome(timed(says("a"), ["50 seconds", stop]), none, { layer }), "a | end | 50s")
    }))

  it.effect("of a first content are each attempt's own, and the total is that of all", () =>
    Effect.gen(function*() {
      let requests = 0
      // A head before the deadline, and nothing after it.
      const answer = () =>
        Effect.suspend(() => {
          requests++
          return Effect.delay(Effect.succeed(forever), "15 seconds")
        })
      const layer = { retry: Schedule.intersect(Schedule.spaced("1 seconds"), Schedule.recurs(2)) }
      const run = (options: Options) => outcome(answer, options, { layer })
      assert.strictEqual(yield* run({ firstContentTimeout: "20 seconds" }), " | firstContent 20s | 62s")
      assert.strictEqual(requests, 3)
      const both: Options = { firstContentTimeout: "20 seconds", timeout: "30 seconds" }
      assert.strictEqual(yield* run(both), " | total 30s | 30s")
      assert.strictEqual(requests, 5)
    }))

  it.effect("give what had arrived with their error", () =>
    Effect.gen(function*() {
      const { layer } = serving(Stream.concat(timed(says("a"), says("b")), forever))
      const fiber = yield* Generation.stream(params, { contentTimeout: "10 seconds" }).pipe(
        Generation.collect,
        Effect.flip,
        Effect.provide(layer),
        Effect.fork
      )
      yield* TestClock.adjust("10 seconds")
      const error = yield* Fiber.join(fiber)
      const partial = Generation.partialResult(error)
      assert.strictEqual(partial === undefined ? undefined : Generation.text(partial), "ab")
      assert.notInclude(error.message, "ab")
    }))

  it.effect("stop what they were waiting for", () =>
    Effect.gen(function*() {
      const stopped: Array<string> = []
      const body = Stream.ensuring(forever, Effect.sync(() => stopped.push("body")))
      yield* outcome(body, { firstContentTimeout: "1 seconds" })
      const head = Effect.onInterrupt(Effect.never, () => Effect.sync(() => stopped.push("head")))
      yield* outcome(() => head, { timeout: "1 seconds" })
      assert.deepStrictEqual(stopped, ["body", "head"])
    }))

  it.effect("must have a unit and a length", () =>
    Effect.gen(function*() {
      const { layer, requests } = serving(stop)
      for (const name of ["timeout", "firstContentTimeout", "contentTimeout"] as const) {
        for (const wrong of [10, "soon", "0 seconds"]) {
          const options = JSON.parse(JSON.stringify({ [name]: wrong })) as Options
          const run = Stream.runCollect(Generation.stream(params, options))
          const error = yield* Effect.flip(Effect.provide(run, layer))
          assert.strictEqual(error._tag === "InputRequired" && error.field, name)
          assert.strictEqual(
            (yield* Effect.flip(Effect.provide(Generation.call(params, options), layer)))._tag,
            "InputRequired"
          )
        }
      }
      assert.lengthOf(requests, 0)
      const wrong = yield* Effect.flip(
        Effect.provide(Effect.void, serving(stop, { contentTimeout: "0 seconds" }).layer)
      )
      assert.include(JSON.stringify(wrong), "contentTimeout")
    }))

  it.effect("leave chunks as they come", () =>
    Effect.gen(function*() {
      const { layer } = serving(timed(says("a") + says("b") + says("c"), stop))
      const chunks = yield* Generation.stream(params, { timeout: "1 hour" }).pipe(
        Stream.chunks,
        Stream.map(Chunk.size),
        Stream.runCollect,
        Effect.provide(layer)
      )
      assert.deepStrictEqual(Chunk.toReadonlyArray(chunks), [3, 1])
    }))
})
