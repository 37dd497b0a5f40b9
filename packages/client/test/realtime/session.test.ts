import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { inspect } from "node:util"
import * as Realtime from "../../src/Realtime.js"
import { recordSpans } from "../util/recorder.js"
import { apiKey, respond, typesOf, withService } from "./support.js"

const omni: Realtime.RealtimeParams = { model: "qwen3-omni-flash-realtime", turnDetection: null }

const collect = (session: Realtime.Session) =>
  Effect.map(Stream.runCollect(session.events), (events) => Chunk.toReadonlyArray(events))

const jpeg = (length: number) => {
  const image = new Uint8Array(length)
  image.set([0xff, 0xd8])
  return image
}

describe("a realtime session", () => {
  it.scopedLive("is opened with its parameters, and runs to its end", () =>
    withService({
      onEvent: (service, { type }) => {
        if (type === "response.create") respond(service, "r1", { transcript: "Hello", audio: [Uint8Array.of(1, 2, 3)] })
      }
    }, ({ events, server }) =>
      Effect.gen(function*() {
        const session = yield* Realtime.open({ ...omni, voice: "Cherry", inputTranscription: null })
        assert.strictEqual(session.id, "sess_1")
        assert.strictEqual(session.family, "omni")
        assert.strictEqual(session.info.voice, "Cherry")
        yield* session.appendAudio(Uint8Array.of(1, 2))
        yield* session.commit
        const id = yield* session.createResponse({ instructions: "be short" })
        yield* session.finish
        yield* session.finish
        const came = yield* collect(session)
        assert.deepStrictEqual(typesOf(came), [
          "response.created",
          "response.audio.delta",
          "response.audio_transcript.delta",
          "response.audio_transcript.done",
          "response.done",
          "session.finished"
        ])
        const [response] = Realtime.responses(came)
        assert.strictEqual(response?.transcript, "Hello")
        assert.deepStrictEqual(response?.audio, [Uint8Array.of(1, 2, 3)])
        assert.strictEqual(response?.usage?.outputTokens, 5)
        yield* server.waitFor(({ open }) => open === 0)

        const [handshake] = server.seen.handshakes
        assert.strictEqual(handshake?.url, "/api-ws/v1/realtime?model=qwen3-omni-flash-realtime")
        assert.strictEqual(handshake?.headers.authorization, `Bearer ${apiKey}`)
        assert.deepStrictEqual(typesOf(events), [
          "session.update",
          "input_audio_buffer.append",
          "input_audio_buffer.commit",
          "response.create",
          "session.finish"
        ])
        assert.deepStrictEqual(events[0]?.["session"], {
          voice: "Cherry",
          turn_detection: null,
          input_audio_transcription: null
        })
        assert.strictEqual(events[1]?.["audio"], "AQI=")
        assert.deepStrictEqual(events[3], {
          event_id: id,
          type: "response.create",
          response: { instructions: "be short" }
        })
        for (const { event_id } of events) assert.match(String(event_id), /^event_[0-9a-f]{32}$/)
      })))

  it.scopedLive("never shares its connection with another", () =>
    withService({}, ({ server }) =>
      Effect.gen(function*() {
        for (let i = 0; i < 3; i++) {
          yield* Effect.scoped(Effect.gen(function*() {
            const session = yield* Realtime.open(omni)
            yield* session.finish
            yield* Stream.runDrain(session.events)
          }))
        }
        assert.strictEqual(server.seen.handshakes.length, 3)
      })))

  it.scopedLive("keeps events that are not known, and fields", () =>
    withService({
      onEvent: (service, { type }) => {
        if (type !== "session.finish") return
        service.say("something.new", { deep: { is: "kept" } })
        service.say("input_audio_buffer.speech_started", { audio_start_ms: 7, novel: 1 })
      }
    }, () =>
      Effect.gen(function*() {
        const session = yield* Realtime.open(omni)
        yield* session.finish
        const [unknown, started] = yield* collect(session)
        assert.strictEqual(unknown?.type, "unknown")
        if (unknown?.type !== "unknown") return
        assert.strictEqual(unknown.name, "something.new")
        assert.deepStrictEqual(unknown.event["deep"], { is: "kept" })
        assert.strictEqual(started?.type === "input_audio_buffer.speech_started" && started.audioStartMs, 7)
        assert.property(started, "novel")
      })))

  it.scopedLive("cuts long audio at whole samples", () =>
    withService({}, ({ events }) =>
      Effect.gen(function*() {
        const session = yield* Realtime.open(omni)
        const audio = Uint8Array.from({ length: 150_000 }, (_, i) => i % 251)
        yield* session.appendAudio(audio)
        yield* session.appendAudio(new Uint8Array(0))
        yield* session.finish
        yield* Stream.runDrain(session.events)
        const pieces = events.filter(({ type }) => type === "input_audio_buffer.append").map(({ audio }) =>
          Buffer.from(String(audio), "base64")
        )
        assert.isAbove(pieces.length, 1)
        for (const piece of pieces.slice(0, -1)) assert.strictEqual(piece.length % 2, 0)
        assert.deepStrictEqual(new Uint8Array(Buffer.concat(pieces)), audio)
      })))

  it.scopedLive("checks images before it sends them", () =>
    withService({}, ({ events }) =>
      Effect.gen(function*() {
        const session = yield* Realtime.open(omni)
        const problemOf = (image: Uint8Array) =>
          Effect.map(
            Effect.flip(session.appendImage(image)),
            (error) => error._tag === "InputRequired" ? error.description : error._tag
          )
        assert.include(yield* problemOf(jpeg(10)), "send some before")
        yield* session.appendAudio(Uint8Array.of(1, 2))
        assert.include(yield* problemOf(Uint8Array.of(1, 2)), "JPEG")
        assert.include(yield* problemOf(jpeg(197_000)), "base64")
        yield* session.appendImage(jpeg(196_000))
        yield* session.finish
        yield* Stream.runDrain(session.events)
        assert.deepStrictEqual(typesOf(events).filter((type) => type.startsWith("input_")), [
          "input_audio_buffer.append",
          "input_image_buffer.append"
        ])
      })))

  it.scopedLive("says every event under its wire names", () =>
    withService({}, ({ events }) =>
      Effect.gen(function*() {
        const session = yield* Realtime.open({ model: "qwen-audio-3.0-realtime-plus" })
        yield* session.clear
        yield* session.createItem("hello", "item_0")
        yield* session.functionOutput("call_1", "18")
        yield* session.retrieveItem("item_1")
        yield* session.deleteItem("item_2")
        yield* session.cancelResponse
        yield* session.update({ voice: "longanqian", turnDetection: { type: "smart_turn", silenceDurationMs: 400 } })
        yield* session.sendRaw({ type: "future.event", event_id: "mine", value: 1 })
        yield* session.finish
        yield* Stream.runDrain(session.events)
        assert.deepStrictEqual(
          events.map(({ event_id, ...event }) => event_id === "mine" ? { ...event, event_id } : event),
          [
            { type: "input_audio_buffer.clear" },
            {
              type: "conversation.item.create",
              previous_item_id: "item_0",
              item: { type: "message", role: "user", content: [{ type: "input_text", text: "hello" }] }
            },
            {
              type: "conversation.item.create",
              item: { type: "function_call_output", call_id: "call_1", output: "18" }
            },
            { type: "conversation.item.retrieve", item_id: "item_1" },
            { type: "conversation.item.delete", item_id: "item_2" },
            { type: "response.cancel" },
            {
              type: "session.update",
              session: { voice: "longanqian", turn_detection: { type: "smart_turn", silence_duration_ms: 400 } }
            },
            { type: "future.event", value: 1, event_id: "mine" }
          ]
        )
      })))

  it.scopedLive("refuses what its model does not take, before anything is sent", () =>
    withService({}, ({ events }) =>
      Effect.gen(function*() {
        const fieldOf = <A, R>(effect: Effect.Effect<A, { readonly _tag: string }, R>) =>
          Effect.map(Effect.flip(effect), (error) => "field" in error ? error.field : error._tag)
        const session = yield* Realtime.open({ model: "qwen3-tts-flash-realtime", voice: "Cherry" })
        assert.strictEqual(yield* fieldOf(session.appendAudio(Uint8Array.of(1))), "appendAudio")
        assert.strictEqual(yield* fieldOf(session.createResponse()), "createResponse")
        assert.strictEqual(yield* fieldOf(session.createItem("a")), "createItem")
        assert.strictEqual(yield* fieldOf(session.retrieveItem("a")), "retrieveItem")
        assert.strictEqual(yield* fieldOf(session.appendImage(jpeg(9))), "appendImage")
        yield* session.appendText("")
        yield* session.appendText("a")
        yield* session.finish
        yield* Stream.runDrain(session.events)
        assert.deepStrictEqual(typesOf(events), ["session.update", "input_text_buffer.append", "session.finish"])
      })))
})

describe("the opening of a session", () => {
  const open = (params: Realtime.RealtimeParams, options?: Realtime.RealtimeOptions) =>
    Effect.flip(Effect.scoped(Realtime.open(params, options)))

  it.scopedLive("without what it needs sends nothing", () =>
    withService({}, ({ server }) =>
      Effect.gen(function*() {
        const wrong: ReadonlyArray<readonly [string, Realtime.RealtimeParams]> = [
          ["model", { model: "" }],
          ["voice", { model: "qwen3-tts-flash-realtime" }],
          ["temperature", { model: "qwen3-asr-flash-realtime", temperature: 1 }],
          ["turnDetection", { model: "qwen3-tts-flash-realtime", voice: "Cherry", turnDetection: null }],
          ["input.sampleRate", { model: "qwen3-omni-flash-realtime", input: { sampleRate: 8000 } }]
        ]
        for (const [field, params] of wrong) {
          const error = yield* open(params)
          assert.strictEqual(error._tag === "InputRequired" ? error.field : error._tag, field)
        }
        const error = yield* open(omni, { finishTimeout: "0 seconds" })
        assert.strictEqual(error._tag === "InputRequired" ? error.field : error._tag, "finishTimeout")
        assert.strictEqual(server.seen.handshakes.length, 0)
      })))

  it.scopedLive("is the error of the service where that refuses the parameters", () =>
    withService({
      onEvent: (service, { type }) => {
        if (type !== "session.update") return false
        service.say("error", {
          error: {
            type: "invalid_request_error",
            code: "invalid_value",
            message: `Invalid modalities, said ${apiKey}`,
            param: "session.modalities"
          }
        })
        return true
      }
    }, ({ server }) =>
      Effect.gen(function*() {
        const error = yield* open({ ...omni, modalities: ["audio"] })
        assert.strictEqual(error._tag, "ApiError")
        if (error._tag !== "ApiError") return
        assert.strictEqual(error.reason, "InvalidRequest")
        assert.strictEqual(error.code, "invalid_value")
        assert.include(error.description, "session.modalities")
        assert.strictEqual(error.requestId, "sess_1")
        assert.notInclude(inspect(error, { depth: 9 }), apiKey)
        yield* server.waitFor(({ open }) => open === 0)
      })))

  it.scopedLive("of a model that does not exist is NotFound", () =>
    withService({ onOpen: ({ peer }) => peer.ws.close(1007, "Model not found") }, () =>
      Effect.gen(function*() {
        const error = yield* open(omni)
        assert.strictEqual(error._tag === "ApiError" ? error.reason : error._tag, "NotFound")
      })))

  it.scopedLive("is tried again by the policy of retries", () => {
    let tries = 0
    return withService(
      {
        onEvent: (service, { type }) => {
          if (type !== "session.update" || ++tries === 3) return false
          service.peer.ws.terminate()
          return true
        }
      },
      ({ server }) =>
        Effect.gen(function*() {
          const session = yield* Realtime.open(omni)
          yield* session.finish
          yield* Stream.runDrain(session.events)
          assert.strictEqual(server.seen.handshakes.length, 3)
        }),
      { retry: { maxRetries: 2, baseDelay: "1 millis" } }
    )
  })

  it.scopedLive("refused is the ApiError that HTTP would give", () =>
    withService(
      { refuse: { status: 401, body: JSON.stringify({ code: "InvalidApiKey", message: `wrong ${apiKey}` }) } },
      () =>
        Effect.gen(function*() {
          const error = yield* open(omni)
          assert.strictEqual(error._tag === "ApiError" ? error.reason : error._tag, "Authentication")
          assert.notInclude(inspect(error, { depth: 9 }), apiKey)
        })
    ))
})

describe("the end of a session", () => {
  it.scopedLive("by the service before it was finished is Truncated, after what had come", () =>
    withService({
      onEvent: (service, { type }) => {
        if (type !== "response.create") return
        service.say("response.created", { response: { id: "r1" } })
        service.peer.ws.close(1011, "going away")
      }
    }, () =>
      Effect.gen(function*() {
        const session = yield* Realtime.open(omni)
        yield* session.createResponse()
        const came: Array<string> = []
        const error = yield* Effect.flip(
          Stream.runForEach(session.events, ({ type }) => Effect.sync(() => came.push(type)))
        )
        assert.deepStrictEqual(came, ["response.created"])
        assert.strictEqual(error._tag === "ConnectionError" ? error.reason : error._tag, "Truncated")
        assert.include(error.message, "1011")
      })))

  it.scopedLive("is the error of the service, where that said one", () =>
    Effect.forEach([
      // By its type; or told before the service closes.
      { error: { type: "server_error", code: "InternalError", message: "broken" }, closes: false },
      { error: { code: "CLIENT_ERROR", message: "[qwen-tts:]Engine return error code: 411" }, closes: true }
    ], ({ closes, error: said }) =>
      withService({
        onEvent: (service, { type }) => {
          if (type !== "response.create") return
          service.say("response.created", { response: { id: "r1" } })
          service.say("error", { error: said })
          if (closes) service.peer.ws.close(1000)
        }
      }, () =>
        Effect.gen(function*() {
          const session = yield* Realtime.open(omni)
          yield* session.createResponse()
          const error = yield* Effect.flip(Stream.runDrain(session.events))
          assert.strictEqual(error._tag === "ApiError" ? error.code : error._tag, said.code)
        }))))

  it.scopedLive("does not come with an error of ours", () =>
    withService({
      onEvent: (service, { event_id, type }) => {
        if (type === "response.cancel") {
          service.say("error", { error: { type: "invalid_request_error", message: "nothing runs", event_id } })
        }
      }
    }, () =>
      Effect.gen(function*() {
        const session = yield* Realtime.open(omni)
        const id = yield* session.cancelResponse
        yield* session.finish
        const [error, last] = yield* collect(session)
        assert.strictEqual(error?.type === "error" ? error.error.eventId : error?.type, id)
        assert.strictEqual(last?.type, "session.finished")
      })))

  it.scopedLive("takes nothing that is none of the protocol", () =>
    Effect.forEach(
      ["<html>", "{}", Uint8Array.of(1), "{\"type\":\"response.audio.delta\",\"delta\":\"!\"}"],
      (message) =>
        withService({
          onEvent: ({ peer }, { type }) => {
            if (type === "response.create") peer.ws.send(message)
          }
        }, () =>
          Effect.gen(function*() {
            const session = yield* Realtime.open(omni)
            yield* session.createResponse()
            const error = yield* Effect.flip(Stream.runDrain(session.events))
            assert.strictEqual(error._tag === "ApiError" ? error.reason : error._tag, "UnexpectedResponse")
          }))
    ))

  it.scopedLive("of Qwen-Audio comes with what was asked for last", () =>
    withService({
      onEvent: (service, { type }) => {
        if (type === "response.create") setTimeout(() => respond(service, "r1", { transcript: "a" }), 10)
      }
    }, ({ events }) =>
      Effect.gen(function*() {
        const session = yield* Realtime.open({ model: "qwen-audio-3.0-realtime-flash" })
        yield* session.createResponse()
        yield* session.finish
        const came = yield* collect(session)
        assert.strictEqual(came.at(-1)?.type, "response.done")
        // And at once, where nothing was; also for who waits already.
        const idle = yield* Realtime.open({ model: "qwen-audio-3.0-realtime-flash" })
        const reading = yield* Effect.fork(collect(idle))
        yield* Effect.yieldNow()
        yield* idle.finish
        assert.deepStrictEqual(yield* Fiber.join(reading), [])
        assert.notInclude(typesOf(events), "session.finish")
      })))

  it.scopedLive("may be without session.finished where the family does not promise it", () =>
    withService({
      onEvent: ({ peer }, { type }) => {
        if (type !== "session.finish") return false
        peer.ws.close(1000)
        return true
      }
    }, () =>
      Effect.gen(function*() {
        const session = yield* Realtime.open({ model: "qwen3.8-omni-flash-realtime" })
        yield* session.finish
        assert.deepStrictEqual(yield* collect(session), [])
        const other = yield* Realtime.open(omni)
        yield* other.finish
        const error = yield* Effect.flip(collect(other))
        assert.strictEqual(error._tag === "ConnectionError" ? error.reason : error._tag, "Truncated")
      })))

  it.scopedLive("is waited for so long and no longer", () =>
    withService({ onEvent: (_, { type }) => type === "session.finish" }, () =>
      Effect.gen(function*() {
        const options = { finishTimeout: "30 millis" } as const
        const session = yield* Realtime.open(omni, options)
        yield* session.finish
        const error = yield* Effect.flip(collect(session))
        assert.strictEqual(error._tag === "RequestTimeout" ? error.phase : error._tag, "content")
        const other = yield* Realtime.open({ model: "qwen3.8-omni-flash-realtime" }, options)
        yield* other.finish
        assert.deepStrictEqual(yield* collect(other), [])
      })))

  it.scopedLive("comes at once where nobody wants it any more", () =>
    withService({}, ({ server }) =>
      Effect.gen(function*() {
        const fiber = yield* Effect.fork(Effect.scoped(Effect.flatMap(Realtime.open(omni), collect)))
        yield* server.waitFor(({ open }) => open === 1)
        yield* Fiber.interrupt(fiber)
        yield* server.waitFor(({ open }) => open === 0)
      })))
})

describe("the deadlines of a session", () => {
  const long = "100 seconds"
  const phaseOf = (
    options: Realtime.RealtimeOptions,
    answer: Parameters<typeof withService>[0]["onEvent"],
    created: object | undefined = { id: "s" }
  ) =>
    withService({ created, onEvent: answer ?? (() => {}) }, () =>
      Effect.gen(function*() {
        const session = yield* Realtime.open(omni, options)
        yield* session.createResponse()
        yield* Stream.runDrain(session.events)
        return "none"
      }).pipe(
        Effect.scoped,
        Effect.catchAll((error) => Effect.succeed(error._tag === "RequestTimeout" ? error.phase : error._tag))
      ))

  it.scopedLive("each fires alone", () =>
    Effect.gen(function*() {
      const begins: Parameters<typeof withService>[0]["onEvent"] = (service, { type }) => {
        if (type === "response.create") service.say("response.text.delta", { delta: "a" })
      }
      const short = "40 millis"
      const all = { timeout: long, firstContentTimeout: long, contentTimeout: long } as const
      assert.strictEqual(yield* phaseOf({ ...all, timeout: short }, undefined), "total")
      assert.strictEqual(yield* phaseOf({ ...all, firstContentTimeout: short }, undefined), "firstContent")
      assert.strictEqual(yield* phaseOf({ ...all, firstContentTimeout: short }, undefined, undefined), "firstContent")
      assert.strictEqual(yield* phaseOf({ ...all, contentTimeout: short }, begins), "content")
    }))

  it.scopedLive("those of content count in every turn, and not between two", () => {
    let turns = 0
    return withService({
      onEvent: (service, { type }) => {
        // The second question is not answered.
        if (type === "response.create" && ++turns === 1) respond(service, "r1", { transcript: "a" })
      }
    }, () =>
      Effect.gen(function*() {
        const session = yield* Realtime.open(omni, { firstContentTimeout: "600 millis", contentTimeout: "600 millis" })
        yield* session.createResponse()
        const again = Effect.zipRight(Effect.sleep("900 millis"), session.createResponse())
        const came: Array<string> = []
        const error = yield* Effect.flip(Stream.runForEach(session.events, ({ type }) =>
          Effect.suspend(() => {
            came.push(type)
            return type === "response.done" ? Effect.forkScoped(again) : Effect.void
          })))
        assert.strictEqual(error._tag === "RequestTimeout" ? error.phase : error._tag, "firstContent")
        assert.strictEqual(turns, 2)
      }))
  })
})

describe("what a session tells of itself", () => {
  it.scopedLive("is one span, with the tokens of all its responses and the error that ended it", () =>
    withService({
      onEvent: (service, { type }) => {
        if (type === "response.create") respond(service, "r", { transcript: "a" })
        if (type !== "session.finish") return false
        service.say("error", { error: { type: "server_error", code: "InternalError", message: "broken" } })
        return true
      }
    }, () =>
      Effect.gen(function*() {
        const { layer, spans } = recordSpans()
        yield* Effect.gen(function*() {
          const session = yield* Realtime.open(omni)
          yield* session.createResponse()
          yield* session.createResponse()
          yield* session.finish
          yield* Effect.exit(Stream.runDrain(session.events))
        }).pipe(Effect.scoped, Effect.provide(layer))
        const span = spans.find(({ name }) => name === "realtime qwen3-omni-flash-realtime")
        assert.isDefined(span)
        if (span === undefined) return
        assert.strictEqual(span.attributes.get("gen_ai.usage.input_tokens"), 20)
        assert.strictEqual(span.attributes.get("gen_ai.usage.output_tokens"), 10)
        assert.strictEqual(span.attributes.get("gen_ai.response.id"), "sess_1")
        assert.strictEqual(span.attributes.get("error.type"), "InternalError")
        assert.notInclude(inspect(spans, { depth: 9 }), apiKey)
      })))
})
