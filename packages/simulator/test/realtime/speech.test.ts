import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { pcmOf } from "../../src/internal/core/audio.js"
import { at } from "../helpers.js"
import { append, audioOf, connect, heard, rate, refusedEvent, send, silence, typesOf, update } from "./client.js"

describe("realtime recognition", () => {
  const model = "qwen3-asr-flash-realtime"

  it.scopedLive("tells each sentence while it is spoken, and the last one when the session ends", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const client = yield* connect(origin, model)
      assert.deepStrictEqual(at(client.texts[0], "session", "turn_detection"), {
        type: "server_vad",
        threshold: 0.2,
        silence_duration_ms: 800
      })
      const wrong = yield* refusedEvent(client, "session.update", { session: { input_audio_format: "pcm16" } })
      assert.deepInclude(wrong as object, {
        message: "Invalid value: 'pcm16'. Supported values are: 'pcm', 'opus'.",
        param: "session.input_audio_format"
      })
      yield* update(client, {
        input_audio_transcription: { language: "zh" },
        turn_detection: { type: "server_vad", silence_duration_ms: 400 }
      })
      const audio = Buffer.concat([pcmOf("今天天气怎么样？", rate), silence(500), pcmOf("很好。", rate)])
      for (let from = 0; from < audio.length; from += 3200) {
        yield* append(client, audio.subarray(from, from + 3200))
      }
      yield* refusedEvent(client, "input_audio_buffer.commit")
      yield* refusedEvent(client, "response.create")
      assert.include(
        String(at(yield* refusedEvent(client, "session.update", { session: {} }), "message")),
        "Session update error"
      )
      yield* send(client, "session.finish")
      yield* heard(client, "session.finished")
      const completed = client.texts.filter((text) =>
        at(text, "type") === "conversation.item.input_audio_transcription.completed"
      )
      assert.deepStrictEqual(completed.map((event) => at(event, "transcript")), ["今天天气怎么样？", "很好。"])
      const growing = client.texts.filter((text) =>
        at(text, "type") === "conversation.item.input_audio_transcription.text" &&
        at(text, "item_id") === at(completed[0], "item_id")
      )
      assert.isAbove(growing.length, 2)
      assert.strictEqual(
        at(client.texts.filter((text) => at(text, "type") === "input_audio_buffer.committed")[1], "previous_item_id"),
        at(completed[0], "item_id")
      )
    }))

  it.scopedLive("writes down what is committed, and ends at once without speech", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const client = yield* connect(origin, model)
      yield* update(client, { turn_detection: null })
      yield* append(client, pcmOf("Hello world.", rate))
      yield* send(client, "input_audio_buffer.commit")
      yield* append(client, pcmOf("lost", rate))
      yield* send(client, "session.finish")
      yield* heard(client, "session.finished")
      assert.deepStrictEqual(typesOf(client).slice(2), [
        "input_audio_buffer.committed",
        "conversation.item.created",
        "conversation.item.input_audio_transcription.text",
        "conversation.item.input_audio_transcription.completed",
        "session.finished"
      ])
      const idle = yield* connect(origin, model)
      yield* send(idle, "session.finish")
      yield* heard(idle, "session.finished")
      assert.strictEqual(idle.texts.length, 2)
    }))
})

describe("realtime speech", () => {
  const model = "qwen3-tts-flash-realtime"

  it.scopedLive("speaks what is complete, and the rest at the end, in one response", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const client = yield* connect(origin, model)
      yield* update(client, { voice: "Cherry", response_format: "pcm", sample_rate: 16_000 })
      yield* send(client, "input_text_buffer.append", { text: "你好。再" })
      yield* heard(client, "response.audio.delta")
      assert.include(
        String(at(yield* refusedEvent(client, "input_text_buffer.clear"), "message")),
        "only client commit mode supports clear operation"
      )
      assert.include(
        String(at(yield* refusedEvent(client, "session.update", { session: { voice: "Ethan" } }), "message")),
        "session already started"
      )
      yield* send(client, "input_text_buffer.commit")
      assert.strictEqual(at(yield* heard(client, "input_text_buffer.committed"), "item_id"), "")
      yield* send(client, "input_text_buffer.append", { text: "见" })
      yield* send(client, "session.finish")
      yield* heard(client, "session.finished")
      const done = at(yield* heard(client, "response.done"), "response")
      assert.deepInclude(done as object, { conversation_id: "", status: "completed", usage: { characters: 9 } })
      assert.deepStrictEqual(audioOf(client), pcmOf("你好。再见", 16_000))
      assert.strictEqual(typesOf(client).filter((type) => type === "response.created").length, 1)
      assert.deepStrictEqual(typesOf(client).slice(-2), ["response.done", "session.finished"])
    }))

  it.scopedLive("speaks what is committed, one response each", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const client = yield* connect(origin, "qwen-tts-realtime")
      yield* update(client, { mode: "commit", voice: "Cherry" })
      const wrong = yield* refusedEvent(client, "session.update", { session: { response_format: "mp3" } })
      assert.strictEqual(at(wrong, "param"), "session.response_format")
      yield* send(client, "input_text_buffer.append", { text: "lost" })
      yield* send(client, "input_text_buffer.clear")
      yield* heard(client, "input_text_buffer.cleared")
      for (const [i, text] of ["一。二", "三"].entries()) {
        yield* send(client, "input_text_buffer.append", { text })
        yield* send(client, "input_text_buffer.commit")
        const done = at(yield* heard(client, "response.done", i + 1), "response")
        assert.isDefined(at(done, "usage", "output_tokens_details", "audio_tokens"))
      }
      yield* refusedEvent(client, "input_text_buffer.commit")
      assert.deepStrictEqual(audioOf(client), pcmOf("一。二三", 24_000))
      yield* send(client, "session.finish")
      yield* heard(client, "session.finished")
    }))

  it.scopedLive("stops when it is cancelled, and fails without the voice that a model needs", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const client = yield* connect(origin, model, { socket: { audioBytes: 400_000_000, frameBytes: 100_000 } })
      yield* send(client, "input_text_buffer.append", { text: "x." })
      yield* heard(client, "response.audio.delta", 3)
      yield* send(client, "response.cancel")
      const done = at(yield* heard(client, "response.done"), "response")
      assert.strictEqual(at(done, "status"), "cancelled")
      assert.isBelow(audioOf(client).length, 400_000_000)
      yield* refusedEvent(client, "response.cancel")
      const other = yield* connect(origin, "qwen3-tts-vc-realtime-2025-11-27")
      yield* send(other, "input_text_buffer.append", { text: "x." })
      yield* other.until(() => other.ended() !== undefined)
      assert.deepInclude(at(other.texts[1], "error") as object, {
        code: "CLIENT_ERROR",
        message: "[qwen-tts:]Engine return error code: 411"
      })
    }))
})

describe("live translation", () => {
  it.scopedLive("says again what it hears, in another language", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const client = yield* connect(origin, "qwen3-livetranslate-flash-realtime")
      const phrases = { 人工智能: "Artificial Intelligence" }
      yield* update(client, { translation: { language: "en", corpus: { phrases } }, turn_detection: null })
      yield* append(client, pcmOf("人工智能。", rate))
      yield* send(client, "input_audio_buffer.commit")
      const done = at(yield* heard(client, "response.done"), "response")
      const text = "[auto → en] Artificial Intelligence。"
      assert.strictEqual(at(done, "output", 0, "content", 0, "transcript"), text)
      assert.deepStrictEqual(audioOf(client), pcmOf(text, 24_000))
      const grown = client.texts.filter((one) => at(one, "type") === "response.audio_transcript.text")
      assert.strictEqual(at(grown.at(-1), "text"), text)
      const [source, said] = client.texts.filter((one) => at(one, "type") === "conversation.item.created")
      assert.strictEqual(at(said, "previous_item_id"), at(source, "item", "id"))
      yield* send(client, "session.finish")
      yield* heard(client, "session.finished")
    }))

  it.scopedLive("with the settings of its newest models in one object", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const client = yield* connect(origin, "qwen3.8-livetranslate-flash-realtime")
      assert.strictEqual(
        at(client.texts[0], "session", "audio", "input", "turn_detection", "type"),
        "speaker_detection"
      )
      const off = yield* refusedEvent(client, "session.update", { session: { input_audio_transcription: null } })
      assert.strictEqual(at(off, "param"), "session.input_audio_transcription")
      const wrong = yield* refusedEvent(client, "session.update", {
        session: { audio: { output: { voice: "unknown" } } }
      })
      assert.strictEqual(at(wrong, "param"), "session.audio.output.voice")
      const session = yield* update(client, {
        output_modalities: ["text"],
        audio: { input: { format: { sample_rate: 8000 }, turn_detection: null } }
      })
      assert.deepStrictEqual(at(session, "audio"), {
        input: { format: { type: "pcm", sample_rate: 8000 }, turn_detection: null },
        output: { format: { type: "pcm", sample_rate: 24_000 }, voice: "Tina" }
      })
      yield* append(client, pcmOf("你好。", 8000))
      yield* send(client, "input_audio_buffer.commit")
      const done = at(yield* heard(client, "response.done"), "response")
      assert.deepInclude(done as object, { voice: "Tina", modalities: ["text"] })
      assert.strictEqual(at(done, "output", 0, "content", 0, "text"), "[auto → en] 你好。")
    }))
})
