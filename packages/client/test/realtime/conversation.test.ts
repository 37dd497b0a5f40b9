import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { ApiError, DashScopeError } from "../../src/DashScopeError.js"
import { Outbox } from "../../src/internal/realtime/outbox.js"
import * as Realtime from "../../src/Realtime.js"
import * as Tool from "../../src/Tool.js"
import type { RealtimeScript, Service } from "./support.js"
import { respond, typesOf, withService } from "./support.js"

const omni: Realtime.RealtimeParams = { model: "qwen3.5-omni-flash-realtime" }
const byHand: Realtime.RealtimeParams = { ...omni, turnDetection: null }

const all = <A, E, R>(stream: Stream.Stream<A, E, R>) => Effect.map(Stream.runCollect(stream), Chunk.toReadonlyArray)

/** The first event of a tag, and those before it. */
const until = <E>(conversation: Realtime.Conversation<E>, tag: Realtime.ConversationEvent["_tag"]) =>
  Stream.runCollect(Stream.takeUntil(conversation.events, ({ _tag }) => _tag === tag))

const delta = (service: Service, id: string, ...bytes: ReadonlyArray<number>) =>
  service.say("response.audio.delta", { response_id: id, delta: Buffer.from(bytes).toString("base64") })

/** Begins to answer what it hears; of `script`, what follows. */
const answering = (onEvent: (service: Service, type: string) => void): RealtimeScript => ({
  onEvent: (service, { type }) => {
    if (type === "input_audio_buffer.append") {
      service.say("response.created", { response: { id: "r1" } })
      delta(service, "r1", 1, 2)
      delta(service, "r1", 3, 4)
      service.say("input_audio_buffer.speech_started", { item_id: "i2" })
      delta(service, "r1", 5, 6)
      service.say("response.done", { response: { id: "r1", status: "cancelled" } })
      service.say("response.created", { response: { id: "r2" } })
      delta(service, "r2", 7, 8)
      service.say("response.done", { response: { id: "r2", status: "completed" } })
    }
    onEvent(service, type)
  }
})

describe("an interruption", () => {
  const audioAfter = (params: Realtime.RealtimeParams, options: Realtime.ConversationOptions<never>) =>
    withService(answering(() => {}), ({ events: sent }) =>
      Effect.gen(function*() {
        const conversation = yield* Realtime.conversation(params, Stream.make(Uint8Array.of(0, 0)), options)
        // Nobody takes audio before the session has ended.
        const happened = yield* all(conversation.events)
        const audio = yield* all(conversation.audio)
        return {
          audio: audio.flatMap((piece) => [...piece]),
          interrupted: happened.flatMap((event) => event._tag === "Interrupted" ? [event] : []),
          sent: typesOf(sent)
        }
      }))

  it.scopedLive("drops what was not taken of the response that it interrupts, and says so", () =>
    Effect.gen(function*() {
      const { audio, interrupted, sent } = yield* audioAfter(omni, {})
      assert.deepStrictEqual(audio, [7, 8])
      assert.deepStrictEqual(interrupted, [{ _tag: "Interrupted", responseIds: ["r1"], droppedBytes: 4 }])
      assert.notInclude(sent, "response.cancel")
    }))

  it.scopedLive("asks the service to end the response, where it is told to", () =>
    Effect.gen(function*() {
      const { audio, sent } = yield* audioAfter(omni, { bargeIn: "cancel" })
      assert.deepStrictEqual(audio, [7, 8])
      assert.include(sent, "response.cancel")
    }))

  it.scopedLive("is none where speech does not interrupt", () =>
    Effect.gen(function*() {
      for (
        const [params, options] of [
          [omni, { bargeIn: "ignore" }],
          [{ ...omni, turnDetection: { type: "server_vad", interruptResponse: false } }, {}]
        ] as const
      ) {
        const { audio, interrupted } = yield* audioAfter(params, options)
        assert.deepStrictEqual(audio, [1, 2, 3, 4, 5, 6, 7, 8])
        assert.deepStrictEqual(interrupted, [])
      }
    }))

  it.scopedLive("may be the program's", () =>
    withService({
      onEvent: (service, { type }) => {
        if (type === "response.create") {
          service.say("response.created", { response: { id: "r1" } })
          delta(service, "r1", 1, 2)
          service.say("response.text.delta", { response_id: "r1", delta: "a" })
        }
        if (type === "response.cancel") {
          delta(service, "r1", 3, 4)
          service.say("response.done", { response: { id: "r1", status: "cancelled" } })
        }
      }
    }, () =>
      Effect.gen(function*() {
        const conversation = yield* Realtime.conversation(byHand, Stream.make(Realtime.text("a")))
        const happened = yield* all(Stream.tap(
          conversation.events,
          ({ _tag }) => _tag === "Said" ? conversation.interrupt : Effect.void
        ))
        assert.deepStrictEqual(yield* all(conversation.audio), [])
        assert.deepInclude(happened.find(({ _tag }) => _tag === "Interrupted"), { droppedBytes: 2 })
      })))
})

const add = Tool.make("add", { parameters: Schema.Struct({ a: Schema.Number, b: Schema.Number }) })

const call = (id: string, args: string, name = "add") => ({ call_id: id, name, arguments: args })

describe("tools of a conversation", () => {
  /** Asks for these calls, in rounds, then says that it is done. */
  const asking = (...rounds: ReadonlyArray<ReadonlyArray<ReturnType<typeof call>>>): RealtimeScript => {
    let round = 0
    return {
      onEvent: (service, { type }) => {
        if (type !== "response.create") return
        const calls = rounds[round++]
        respond(service, `r${round}`, calls === undefined ? { transcript: "done" } : { calls })
      }
    }
  }
  const outputs = (events: ReadonlyArray<{ readonly type: string }>) =>
    events.flatMap((event) => {
      const item = "item" in event ? event.item as { type: string; call_id: string; output: string } : undefined
      return item?.type === "function_call_output" ? [[item.call_id, item.output]] : []
    })

  it.scopedLive("are answered in the model's order, and it goes on then", () =>
    withService(
      asking([call("c1", "{\"a\":1,\"b\":2}"), call("c2", "{\"a\":3,\"b\":4}")]),
      ({ events }) =>
        Effect.gen(function*() {
          const handlers = [
            Tool.handler(add, ({ a, b }) => Effect.delay(Effect.succeed(a + b), a === 1 ? "20 millis" : "1 millis"))
          ]
          const conversation = yield* Realtime.conversation(
            byHand,
            Stream.make(Realtime.text("add")),
            { handlers, concurrency: 2 }
          )
          yield* all(conversation.events)
          assert.deepStrictEqual(outputs(events), [["c1", "3"], ["c2", "7"]])
          assert.deepStrictEqual(typesOf(events).slice(-5), [
            "response.create",
            "conversation.item.create",
            "conversation.item.create",
            "response.create",
            "session.finish"
          ])
          const tools = (events[0]?.["session"] as { tools: ReadonlyArray<{ function: { name: string } }> }).tools
          assert.deepStrictEqual(tools.map((tool) => tool.function.name), ["add"])
        })
    ))

  it.scopedLive("are told what was wrong with a call", () =>
    withService(
      asking([call("c1", "{\"a\":\"one\"}"), call("c2", "{}", "other")]),
      ({ events }) =>
        Effect.gen(function*() {
          const handlers = [Tool.handler(add, ({ a, b }) => Effect.succeed(a + b))]
          const conversation = yield* Realtime.conversation(byHand, Stream.make(Realtime.text("add")), { handlers })
          const happened = yield* all(conversation.events)
          assert.deepStrictEqual(
            happened.flatMap((event) => event._tag === "ToolCallFinished" ? [event.outcome] : []),
            ["InvalidCall", "InvalidCall"]
          )
          assert.include(outputs(events)[1]?.[1] ?? "", "There is no tool named \"other\"")
        })
    ))

  it.scopedLive("that fail end the conversation, unless the model is told", () =>
    Effect.gen(function*() {
      const handlers = [Tool.handler(add, () => Effect.fail("out of order" as const))]
      const talk = (onHandlerFailure: "fail" | ((error: "out of order") => string)) =>
        withService(asking([call("c1", "{\"a\":1,\"b\":2}")]), ({ events }) =>
          Effect.gen(function*() {
            const conversation = yield* Realtime.conversation(
              byHand,
              Stream.make(Realtime.text("add")),
              { handlers, onHandlerFailure }
            )
            const audio = yield* Effect.fork(Effect.either(all(conversation.audio)))
            const outcome = yield* Effect.either(all(conversation.events))
            assert.strictEqual((yield* Fiber.join(audio))._tag, outcome._tag)
            return { outcome, outputs: outputs(events) }
          }))
      const failed = yield* talk("fail")
      assert.strictEqual(failed.outcome._tag === "Left" && failed.outcome.left, "out of order")
      const told = yield* talk(() => "try later")
      assert.strictEqual(told.outcome._tag, "Right")
      assert.deepStrictEqual(told.outputs, [["c1", "try later"]])
    }))

  it.scopedLive("are not asked for without end", () => {
    const again = [call("c1", "{\"a\":1,\"b\":2}")]
    return withService(asking(again, again, again, again), () =>
      Effect.gen(function*() {
        const handlers = [Tool.handler(add, ({ a, b }) => Effect.succeed(a + b))]
        const conversation = yield* Realtime.conversation(
          byHand,
          Stream.make(Realtime.text("add")),
          { handlers, maxRounds: 2 }
        )
        const error = yield* Effect.flip(all(conversation.events))
        assert.strictEqual(error._tag, "TooManyRounds")
      }))
  })

  it.scopedLive("have types: what a conversation fails with is said", () =>
    withService({}, () =>
      Effect.gen(function*() {
        const handlers = [Tool.handler(add, () => Effect.fail("out of order" as const))]
        const input = Stream.fail("no microphone" as const)
        const plain = yield* Realtime.conversation(byHand, Stream.make(Realtime.text("a")))
        const told = yield* Realtime.conversation(byHand, input, { handlers, onHandlerFailure: "tell" })
        const typed: {
          readonly plain: Stream.Stream<Uint8Array, DashScopeError | Tool.TooManyRounds>
          readonly told: Stream.Stream<Uint8Array, DashScopeError | Tool.TooManyRounds | "no microphone">
        } = { plain: plain.audio, told: told.audio }
        assert.deepStrictEqual(yield* Effect.flip(Stream.runDrain(typed.told)), "no microphone")
        yield* plain.interrupt
        const wrong = Realtime.conversation({ ...byHand, tools: [Tool.toDefinition(add)] }, input, { handlers })
        const error = yield* Effect.flip(wrong)
        assert.strictEqual(error._tag === "InputRequired" ? error.field : error._tag, "tools")
        const mute = yield* Effect.flip(Realtime.conversation({ model: "qwen3-asr-flash-realtime" }, input))
        assert.strictEqual(mute._tag === "InputRequired" ? mute.field : mute._tag, "model")
      })))
})

describe("the streams of a conversation", () => {
  it.scopedLive("fail with the session, after what had come", () =>
    withService({
      onEvent: (service, { type }) => {
        if (type !== "response.create") return
        service.say("response.created", { response: { id: "r1" } })
        delta(service, "r1", 1, 2)
        service.say("error", { error: { type: "server_error", code: "InternalError", message: "broken" } })
      }
    }, () =>
      Effect.gen(function*() {
        const conversation = yield* Realtime.conversation(
          byHand,
          Stream.concat(
            Stream.make(Realtime.text("a"), Realtime.endTurn),
            Stream.never
          )
        )
        const audio: Array<number> = []
        const error = yield* Effect.flip(
          Stream.runForEach(conversation.audio, (piece) => Effect.sync(() => audio.push(...piece)))
        )
        assert.deepStrictEqual(audio, [1, 2])
        assert.strictEqual((error as ApiError).code, "InternalError")
        assert.strictEqual((yield* Effect.flip(Stream.runDrain(conversation.events)))._tag, "ApiError")
      })))

  it.scopedLive("do not wait for each other", () =>
    withService({
      onEvent: (service, { type }) => {
        if (type !== "response.create") return
        service.say("response.created", { response: { id: "r1" } })
        for (let i = 0; i < 3000; i++) service.say("response.text.delta", { response_id: "r1", delta: "a" })
        delta(service, "r1", 1, 2)
        service.say("response.done", { response: { id: "r1" } })
      }
    }, () =>
      Effect.gen(function*() {
        const conversation = yield* Realtime.conversation(byHand, Stream.make(Realtime.text("a")))
        // Nobody reads the events, until all has come.
        assert.deepStrictEqual(yield* all(conversation.audio), [Uint8Array.of(1, 2)])
        const happened = yield* all(conversation.events)
        assert.strictEqual(happened.length, 1000)
        assert.strictEqual(happened.find(({ _tag }) => _tag === "ResponseDone")?._tag, "ResponseDone")
      })))

  it.scopedLive("end with the scope, and nothing runs on", () =>
    withService({}, ({ server }) =>
      Effect.gen(function*() {
        const reading = yield* Deferred.make<void>()
        const fiber = yield* Effect.fork(Effect.scoped(Effect.gen(function*() {
          const conversation = yield* Realtime.conversation(omni, Stream.never)
          yield* Deferred.succeed(reading, undefined)
          yield* until(conversation, "ResponseDone")
        })))
        yield* Deferred.await(reading)
        yield* Fiber.interrupt(fiber)
        yield* server.waitFor(({ open }) => open === 0)
      })))
})

describe("what waits for its reader", () => {
  const outbox = () => new Outbox<string, string>(3, (text) => text.length)

  it.effect("makes who offers wait while it is full, once somebody reads", () =>
    Effect.gen(function*() {
      const box = outbox()
      const taken = yield* Queue.unbounded<string>()
      const gate = yield* Effect.makeLatch(false)
      const reader = yield* Effect.fork(
        Stream.runForEach(box.stream, (text) => Effect.zipRight(Queue.offer(taken, text), gate.await))
      )
      yield* box.offer("a")
      assert.strictEqual(yield* Queue.take(taken), "a")
      yield* box.offer("bcd")
      const waiting = yield* Effect.fork(box.offer("e"))
      yield* Effect.yieldNow()
      assert.isNull(yield* Fiber.poll(waiting).pipe(Effect.map((exit) => exit._tag === "None" ? null : exit)))
      yield* gate.open
      yield* Fiber.join(waiting)
      yield* box.close("done")
      yield* Fiber.join(reader)
      assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Queue.takeAll(taken)), ["bcd", "e"])
    }))

  it.effect("makes nobody wait for a reader who has gone", () =>
    Effect.gen(function*() {
      const box = outbox()
      const gate = yield* Effect.makeLatch(false)
      yield* box.offer("a")
      const reader = yield* Effect.fork(Stream.runDrain(Stream.take(Stream.tap(box.stream, () => gate.await), 1)))
      yield* Effect.yieldNow()
      yield* box.offer("bcd")
      const waiting = yield* Effect.fork(box.offer("e"))
      yield* gate.open
      yield* Fiber.join(reader)
      yield* Fiber.join(waiting)
      yield* box.offer("f")
      yield* box.offer("g")
      yield* box.close("done")
      assert.deepStrictEqual(yield* all(box.stream), ["e", "f", "g"])
    }))

  it.effect("keeps the newest while nobody reads, and can be dropped", () =>
    Effect.gen(function*() {
      const box = outbox()
      for (const text of ["a", "b", "c", "d", "e"]) yield* box.offer(text)
      yield* box.close("done")
      yield* box.offer("late")
      assert.deepStrictEqual(yield* all(box.stream), ["c", "d", "e"])
      const other = outbox()
      yield* other.offer("ab")
      assert.strictEqual(yield* other.drop(), 2)
      yield* other.offer("c")
      yield* other.close("done")
      assert.deepStrictEqual(yield* all(other.stream), ["c"])
    }))
})
