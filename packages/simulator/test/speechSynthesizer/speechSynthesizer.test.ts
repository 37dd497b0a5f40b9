import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import type { Ask } from "../helpers.js"
import { ask, at, dataOf } from "../helpers.js"
import { answered, refused } from "../services.js"

const path = "/api/v1/services/audio/tts/SpeechSynthesizer"
const text = "我家的后面有一个很大的花园。 Nice. 对吧？"
const body = (input: object = {}, model = "cosyvoice-v3-flash"): Ask => ({
  path,
  body: { model, input: { text, voice: "longanhuan", ...input } }
})

const fileOf = (answer: unknown) =>
  Effect.promise(async () => {
    const response = await fetch(String(at(answer, "output", "audio", "url")))
    return { type: response.headers.get("content-type"), bytes: Buffer.from(await response.arrayBuffer()) }
  })

const eventsOf = (origin: string, what: Ask) =>
  Effect.map(
    ask(origin, { ...what, stream: true }),
    (reply) => dataOf(reply.text).map((data) => JSON.parse(data) as unknown)
  )

const audioIn = (events: ReadonlyArray<unknown>): Buffer =>
  Buffer.concat(events.map((event) => Buffer.from(String(at(event, "output", "audio", "data")), "base64")))

describe("speech over HTTP", () => {
  it.scopedLive("gives a file of each format", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const answer = yield* answered(origin, body())
      assert.deepStrictEqual(at(answer, "usage"), { characters: text.length })
      assert.strictEqual(at(answer, "output", "finish_reason"), "stop")
      assert.strictEqual(at(answer, "output", "audio", "data"), "")
      const mp3 = yield* fileOf(answer)
      assert.strictEqual(mp3.type, "audio/mpeg")
      assert.strictEqual(mp3.bytes.length % 104, 0)
      for (let at = 0; at < mp3.bytes.length; at += 104) {
        assert.strictEqual(mp3.bytes.readUInt16BE(at), 0xfff3)
      }
      const wav = yield* fileOf(yield* answered(origin, body({ format: "wav", sample_rate: 16_000 })))
      assert.strictEqual(wav.bytes.toString("latin1", 0, 4), "RIFF")
      assert.strictEqual(wav.bytes.readUInt32LE(24), 16_000)
      assert.strictEqual(wav.bytes.readUInt32LE(40), wav.bytes.length - 44)
      const pcm = yield* fileOf(yield* answered(origin, body({ format: "pcm", sample_rate: 16_000 })))
      assert.deepStrictEqual(pcm.bytes, wav.bytes.subarray(44))
    }))

  it.scopedLive("streams sentence by sentence, and the pieces are the file", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      for (const format of ["mp3", "wav", "pcm"]) {
        const events = yield* eventsOf(origin, body({ format }))
        const kinds = events.map((event) => String(at(event, "output", "type")))
        assert.deepStrictEqual(kinds.filter((kind) => kind === "sentence-begin").length, 3)
        assert.deepStrictEqual(kinds.filter((kind) => kind === "sentence-end").length, 3)
        const last = events[events.length - 1]
        assert.strictEqual(at(last, "output", "finish_reason"), "stop")
        assert.deepStrictEqual(audioIn(events), (yield* fileOf(last)).bytes)
        const said = events.filter((event) => at(event, "output", "type") === "sentence-end")
          .map((event) => String(at(event, "output", "original_text"))).join("")
        assert.strictEqual(said, text)
        assert.strictEqual(at(last, "usage", "characters"), text.length)
      }
      const timed = yield* eventsOf(origin, body({ word_timestamp_enabled: true }))
      const words = timed.flatMap((event) => at(event, "output", "sentence", "words") as ReadonlyArray<object> ?? [])
      assert.isAbove(words.length, 10)
      const times = words.map((word) => Number(at(word, "begin_time")))
      assert.deepStrictEqual(times, [...times].sort((a, b) => a - b))
    }))

  it.scopedLive("refuses what the service refuses", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const no = (input: object, model?: string) => refused(origin, body(input, model))
      assert.include(yield* no({ text: "" }), "input.text")
      assert.include(yield* no({ voice: "" }), "input.voice")
      assert.include(yield* no({ voice: "unknown-voice" }), "400 BadRequest.VoiceNotFound")
      assert.include(yield* no({ format: "ogg" }), "format")
      assert.include(yield* no({ sample_rate: 1 }), "sample_rate")
      assert.include(yield* no({ volume: 101 }), "volume")
      assert.include(yield* no({ rate: 3 }), "rate")
      assert.include(yield* no({ pitch: "high" }), "pitch")
      assert.include(yield* no({}, "qwen3-tts-flash"), "url error")
    }))
})
