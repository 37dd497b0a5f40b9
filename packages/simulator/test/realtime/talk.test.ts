import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { pcmOf } from "../../src/internal/core/audio.js"
import { at } from "../helpers.js"
import { append, audioOf, connect, heard, rate, refusedEvent, send, silence, typesOf, update } from "./client.js"

const model = "qwen3.5-omni-flash-realtime"

const responseTypes = (deltas: number) => [
  "response.created",
  "response.output_item.added",
  "conversation.item.created",
  "response.content_part.added",
  ...Array.from({ length: deltas }, () => ["response.audio_transcript.delta", "response.audio.delta"]).flat(),
  "response.audio_transcript.done",
  "response.audio.done",
  "response.content_part.done",
  "response.output_item.done",
  "response.done"
]

describe("a realtime session of an omni model", () => {
  it.scopedLive("hears when somebody speaks, and answers in speech", () =>
    Effect.gen(function*() {
      const { origin, requests, socketStats } = yield* Simulator.make()
      const client = yield* connect(origin, model)
      const created = at(client.texts[0], "session")
      assert.deepInclude(created as object, { object: "realtime.session", model, voice: "Tina" })
      const session = yield* update(client, { turn_detection: { type: "server_vad", silence_duration_ms: 300 } })
      assert.deepInclude(session as object, {
        turn_detection: {
          type: "server_vad",
          threshold: 0.5,
          prefix_padding_ms: 300,
          silence_duration_ms: 300,
          create_response: true,
          interrupt_response: true
        }
      })
      const audio = Buffer.concat([silence(100), pcmOf("1+1?", rate), silence(400)])
      for (let from = 0; from < audio.length; from += 3200) {
        yield* append(client, audio.subarray(from, from + 3200))
      }
      const done = yield* heard(client, "response.done")
      const types = typesOf(client).slice(2)
      assert.deepStrictEqual(types, [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        "conversation.item.created",
        "conversation.item.input_audio_transcription.delta",
        "conversation.item.input_audio_transcription.completed",
        ...responseTypes(6)
      ])
      const item = at(client.texts[2], "item_id")
      assert.strictEqual(at(client.texts[2], "audio_start_ms"), 100)
      assert.strictEqual(at(client.texts[3], "audio_end_ms"), 340)
      assert.deepInclude(client.texts[7] as object, {
        item_id: item,
        content_index: 0,
        language: "en",
        emotion: "neutral",
        transcript: "1+1?"
      })
      const answer = "1+1 equals 2."
      assert.deepStrictEqual(audioOf(client), pcmOf(answer, 24_000))
      assert.deepInclude(at(done, "response") as object, { status: "completed", modalities: ["text", "audio"] })
      assert.deepInclude(at(done, "response", "output", 0) as object, {
        type: "message",
        status: "completed",
        role: "assistant",
        content: [{ type: "audio", transcript: answer }]
      })
      assert.strictEqual(at(done, "response", "usage", "output_tokens_details", "text_tokens"), 6)
      yield* send(client, "session.finish")
      yield* heard(client, "session.finished")
      assert.deepInclude(yield* socketStats, {
        sessions: 1,
        opened: 1,
        audioBytesReceived: audio.length,
        audioBytesSent: audioOf(client).length
      })
      assert.deepStrictEqual((yield* requests).map(({ method, path }) => [method, path]), [
        ["GET", `/api-ws/v1/realtime?model=${model}`]
      ])
      const ids = client.texts.map((text) => at(text, "event_id"))
      assert.strictEqual(new Set(ids).size, ids.length)
    }))

  it.scopedLive("is asked by hand: audio and images, in text only", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const client = yield* connect(origin, model)
      yield* update(client, { turn_detection: null, modalities: ["text"] })
      const image = { image: Buffer.of(0xff, 0xd8, 0xff).toString("base64") }
      const refused = yield* refusedEvent(client, "input_image_buffer.append", image)
      assert.include(String(at(refused, "message")), "after audio")
      assert.include(
        String(at(yield* refusedEvent(client, "input_audio_buffer.commit"), "code")),
        "commit_empty"
      )
      yield* append(client, pcmOf("你是谁？", rate))
      yield* send(client, "input_image_buffer.append", image)
      yield* send(client, "input_audio_buffer.commit")
      yield* send(client, "response.create", { response: { instructions: null, modalities: ["text"] } })
      const done = yield* heard(client, "response.done")
      assert.deepStrictEqual(at(done, "response", "output", 0, "content", 0, "type"), "text")
      assert.match(String(at(done, "response", "output", 0, "content", 0, "text")), /^收到了 1 张图片。我是通义千问/)
      assert.include(typesOf(client), "response.text.delta")
      assert.notInclude(typesOf(client), "response.audio.delta")
      yield* append(client, pcmOf("x", rate))
      yield* send(client, "input_audio_buffer.clear")
      yield* heard(client, "input_audio_buffer.cleared")
    }))

  it.scopedLive("calls tools, and goes on with what they say", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const client = yield* connect(origin, model)
      const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] }
      yield* update(client, {
        turn_detection: null,
        modalities: ["text"],
        tools: [{ type: "function", name: "get_weather", description: "The weather of a city", parameters }]
      })
      const say = (text: string) =>
        send(client, "conversation.item.create", {
          item: { type: "message", role: "user", content: [{ type: "input_text", text }] }
        })
      yield* say("What is the weather in Paris?")
      yield* send(client, "response.create")
      const called = yield* heard(client, "response.function_call_arguments.done")
      assert.deepStrictEqual(at(called, "name"), "get_weather")
      assert.deepStrictEqual(JSON.parse(String(at(called, "arguments"))), { city: "Paris" })
      yield* heard(client, "response.done")
      const call_id = at(called, "call_id")
      const item = { type: "function_call_output", call_id, output: "rain" }
      yield* send(client, "conversation.item.create", { item })
      yield* send(client, "response.create")
      const done = yield* heard(client, "response.done", 2)
      assert.include(String(at(done, "response", "output", 0, "content", 0, "text")), "rain")
      assert.include(
        String(at(
          yield* refusedEvent(client, "conversation.item.create", { item: { ...item, call_id: "other" } }),
          "message"
        )),
        "call_id"
      )
    }))

  it.scopedLive("stops speaking when it is interrupted, or told to", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const client = yield* connect(origin, "qwen-audio-3.0-realtime-plus", { socket: { eventInterval: 3 } })
      yield* append(client, Buffer.concat([pcmOf("你是谁？", rate), silence(900)]))
      yield* heard(client, "response.audio.delta", 2)
      const error = yield* refusedEvent(client, "response.create")
      assert.deepStrictEqual(error, {
        type: "invalid_request_error",
        code: "invalid_value",
        message: "Cannot create response while another response is in progress.",
        param: "response.create",
        event_id: "event_response.create"
      })
      yield* append(client, pcmOf("等一下。", rate))
      const done = yield* heard(client, "response.done")
      assert.deepInclude(at(done, "response") as object, {
        status: "cancelled",
        status_details: { type: "cancelled", reason: "turn_detected" }
      })
      assert.isBelow(typesOf(client).filter((type) => type === "response.audio.delta").length, 20)
      yield* append(client, silence(900))
      yield* heard(client, "response.audio.delta", 6)
      yield* send(client, "response.cancel")
      const second = yield* heard(client, "response.done", 2)
      assert.deepInclude(at(second, "response", "status_details") as object, { reason: "client_cancelled" })
      yield* refusedEvent(client, "response.cancel")
      const item_id = at(second, "response", "output", 0, "id")
      yield* send(client, "conversation.item.retrieve", { item_id })
      assert.strictEqual(at(yield* heard(client, "conversation.item.retrieved"), "item", "id"), item_id)
      yield* send(client, "conversation.item.delete", { item_id })
      yield* heard(client, "conversation.item.deleted")
      yield* refusedEvent(client, "conversation.item.retrieve", { item_id })
      // It has no such event.
      yield* refusedEvent(client, "session.finish")
    }))

  it.scopedLive("says what is wrong, and goes on", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const client = yield* connect(origin, model)
      const wrong = (session: object) =>
        Effect.map(refusedEvent(client, "session.update", { session }), (error) => {
          assert.deepInclude(error as object, { type: "invalid_request_error", event_id: "event_session.update" })
          return `${String(at(error, "param"))}: ${String(at(error, "message"))}`
        })
      assert.strictEqual(
        yield* wrong({ modalities: ["audio"] }),
        "session.modalities: Invalid modalities: ['audio']. Supported combinations are: ['text'] and ['audio', 'text']."
      )
      assert.strictEqual(
        yield* wrong({ voice: "unknown" }),
        "session.voice: The requested voice 'unknown' is not supported."
      )
      assert.include(yield* wrong({ turn_detection: { type: "smart_turn" } }), "session.turn_detection.type")
      assert.include(yield* wrong({ turn_detection: { silence_duration_ms: 1 } }), "between 200 and 6000")
      assert.include(
        yield* wrong({ audio: { input: { format: { sample_rate: 1 } } } }),
        "session.audio.input.format.sample_rate"
      )
      assert.include(yield* wrong({ tools: [{}] }), "session.tools")
      assert.include(String(at(yield* refusedEvent(client, "dance"), "message")), "'dance'")
      assert.include(
        String(at(yield* refusedEvent(client, "input_audio_buffer.append", { audio: "?" }), "message")),
        "base64"
      )
      const count = client.texts.length
      yield* client.send("{")
      yield* client.send(Buffer.of(1))
      yield* client.until(() => client.texts.length === count + 2)
      yield* update(client, { voice: "Cherry", input_audio_format: "pcm16", temperature: 0.5 })
      assert.isUndefined(client.ended())
    }))

  it.scopedLive("is not there for models that are not, and ends as it is told", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      for (const other of ["unknown-realtime", "qwen-plus"]) {
        const client = yield* connect(origin, other)
        yield* client.until(() => client.ended() !== undefined)
        assert.deepStrictEqual(client.ended(), { code: 1007, reason: "Model not found" })
      }
      const none = yield* connect(origin, "")
      yield* none.until(() => none.ended() !== undefined)
      const broken = yield* connect(origin, model, {
        socket: { failAfterEvents: 1 },
        error: { status: 500, code: "server_error", message: "It broke." }
      })
      yield* broken.until(() => broken.ended() !== undefined)
      assert.deepInclude(at(broken.texts[1], "error") as object, { type: "server_error", message: "It broke." })
      assert.deepStrictEqual(broken.ended(), { code: 1011, reason: "It broke." })
    }))
})
