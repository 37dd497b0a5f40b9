/** What goes in or comes out as sound or pictures. */
import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { imageSize } from "../../src/internal/core/media.js"
import type { Ask } from "../helpers.js"
import { ask, at, dataOf } from "../helpers.js"
import { answered, refused } from "../services.js"

const path = "/api/v1/services/aigc/multimodal-generation/generation"
const eventsOf = (origin: string, what: Ask) =>
  Effect.map(
    ask(origin, { ...what, stream: true }),
    ({ text }) => dataOf(text).map((data) => JSON.parse(data) as unknown)
  )
const bytesAt = (url: unknown, headers: Record<string, string> = {}) =>
  Effect.promise(async () => {
    const response = await fetch(String(url), { headers })
    return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) }
  })

describe("qwen-tts", () => {
  const tts = (input: object, model = "qwen3-tts-flash"): Ask => ({ path, body: { model, input, parameters: {} } })
  const input = { text: "那我来给大家推荐一款T恤", voice: "Cherry", language_type: "Chinese" }

  it.scopedLive("gives a file", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const answer = yield* answered(origin, tts(input))
      assert.deepStrictEqual(at(answer, "usage"), { characters: 23 })
      assert.strictEqual(at(answer, "output", "finish_reason"), "stop")
      assert.sameMembers(Object.keys(at(answer, "output", "audio") as object), ["data", "expires_at", "id", "url"])
      assert.isAbove(Number(at(answer, "output", "audio", "expires_at")), Date.now() / 1000 + 86_000)
      const { bytes, headers } = yield* bytesAt(at(answer, "output", "audio", "url"))
      assert.strictEqual(headers.get("content-type"), "audio/wav")
      assert.strictEqual(bytes.toString("latin1", 0, 4), "RIFF")
      assert.strictEqual(bytes.readUInt32LE(40), bytes.length - 44)
      assert.strictEqual(bytes.readUInt32LE(24), 24_000)
      assert.isTrue(bytes.subarray(44).some((byte) => byte !== 0))
      assert.deepStrictEqual(yield* answered(origin, tts(input)), answer)
    }))

  it.scopedLive("gives the file in parts, and says where there is none", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const url = at(yield* answered(origin, tts(input)), "output", "audio", "url")
      const { bytes } = yield* bytesAt(url)
      const part = yield* bytesAt(url, { range: "bytes=100-199" })
      assert.strictEqual(part.status, 206)
      assert.strictEqual(part.headers.get("content-range"), `bytes 100-199/${bytes.length}`)
      assert.deepStrictEqual(part.bytes, bytes.subarray(100, 200))
      assert.deepStrictEqual((yield* bytesAt(url, { range: "bytes=-10" })).bytes, bytes.subarray(-10))
      assert.deepStrictEqual((yield* bytesAt(url, { range: "bytes=1000-" })).bytes, bytes.subarray(1000))
      assert.strictEqual((yield* bytesAt(url, { range: `bytes=${bytes.length}-` })).status, 416)
      assert.strictEqual((yield* bytesAt(`${String(url)}x`)).status, 403)
    }))

  it.scopedLive("streams PCM, or WAV in the first generation, and tells the file last", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      for (const model of ["qwen3-tts-flash", "qwen-tts"]) {
        const events = yield* eventsOf(origin, tts(input, model))
        const audio = Buffer.concat(
          events.map((event) => Buffer.from(String(at(event, "output", "audio", "data")), "base64"))
        )
        const last = events[events.length - 1]
        assert.deepStrictEqual(
          events.map((event) => at(event, "output", "finish_reason")),
          [...Array.from({ length: events.length - 1 }, () => "null"), "stop"]
        )
        const { bytes } = yield* bytesAt(at(last, "output", "audio", "url"))
        assert.deepStrictEqual(model === "qwen-tts" ? audio : Buffer.concat([bytes.subarray(0, 44), audio]), bytes)
      }
      const usage = at(yield* answered(origin, tts(input, "qwen-tts")), "usage")
      assert.strictEqual(at(usage, "output_tokens_details", "audio_tokens"), at(usage, "output_tokens"))
    }))

  it.scopedLive("refuses what the service refuses", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      assert.include(yield* refused(origin, tts({ ...input, text: "" })), "input.text")
      assert.include(yield* refused(origin, tts({ text: "x" })), "input.voice")
      assert.include(yield* refused(origin, tts({ ...input, voice: "Nobody" })), "Input should be 'Cherry', 'Serena'")
      assert.include(yield* refused(origin, tts({ ...input, language_type: "Latin" })), "language_type")
      assert.include(yield* refused(origin, tts(input, "qwen3-tts-vc-2026-01-22")), "400 BadRequest.VoiceNotFound")
    }))
})

describe("speech recognition in one call", () => {
  const asr = (content: unknown, parameters: object = {}, model = "qwen3-asr-flash"): Ask => ({
    path,
    body: {
      model,
      input: { messages: [{ role: "system", content: [{ text: "" }] }, { role: "user", content }] },
      parameters
    }
  })
  const audio = { audio: "https://example.com/welcome.mp3" }

  it.scopedLive("tells the text, the language and the feeling", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const answer = yield* answered(origin, asr([audio], { asr_options: { language: "zh", enable_itn: false } }))
      const message = at(answer, "output", "choices", 0, "message")
      assert.deepStrictEqual(at(message, "content"), [{ text: "欢迎使用阿里云，welcome.mp3 这样说。" }])
      assert.deepInclude(at(message, "annotations", 0) as object, { language: "zh", type: "audio_info" })
      assert.sameMembers(Object.keys(at(answer, "usage") as object), [
        "input_tokens_details",
        "output_tokens_details",
        "seconds"
      ])
      const events = yield* eventsOf(origin, asr([audio], { incremental_output: true }))
      assert.isTrue(
        events.every((event) => at(event, "output", "choices", 0, "message", "annotations", 0) !== undefined)
      )
      const inline = yield* answered(origin, asr([{ audio: "data:audio/wav;base64,UklGRg==" }]))
      assert.strictEqual(at(inline, "output", "choices", 0, "message", "content", 0, "text"), "欢迎使用阿里云。")
    }))

  it.scopedLive("takes typed parts with the models that want them, and only with those", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const typed = { type: "input_audio", input_audio: { data: "https://example.com/a.wav" } }
      for (const model of ["qwen-audio-3.0-asr-flash", "fun-asr-flash"]) {
        const answer = yield* answered(origin, asr([typed], { format: "wav", sample_rate: "16000" }, model))
        assert.match(String(at(answer, "output", "choices", 0, "message", "content", 0, "text")), /a\.wav/)
        assert.include(yield* refused(origin, asr([audio], {}, model)), "input_audio")
      }
      assert.include(yield* refused(origin, asr([typed])), "a certain modal")
      assert.include(yield* refused(origin, asr([{ text: "x" }])), "The audio is empty")
      assert.include(yield* refused(origin, asr([audio, audio])), "exactly one audio")
    }))
})

describe("image models", () => {
  const draw = (content: unknown, parameters: object = {}, model = "qwen-image"): Ask => ({
    path,
    body: { model, input: { messages: [{ role: "user", content }] }, parameters }
  })
  const text = { text: "a flower shop" }
  const image = { image: "https://example.com/a.png" }

  it.scopedLive("draw pictures of the size asked for", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const answer = yield* answered(origin, draw([text]))
      assert.deepStrictEqual(at(answer, "usage"), { height: 928, image_count: 1, width: 1664 })
      assert.deepStrictEqual(at(answer, "output", "task_metric"), { FAILED: 0, SUCCEEDED: 1, TOTAL: 1 })
      const { bytes, headers } = yield* bytesAt(
        at(answer, "output", "choices", 0, "message", "content", 0, "image")
      )
      assert.strictEqual(headers.get("content-type"), "image/png")
      assert.deepStrictEqual(imageSize(bytes), { width: 1664, height: 928 })
      const wan = yield* answered(origin, draw([text], { n: 2, size: "1K" }, "wan2.6-t2i"))
      assert.strictEqual((at(wan, "output", "choices") as ReadonlyArray<unknown>).length, 2)
      assert.strictEqual(at(wan, "output", "choices", 1, "message", "content", 0, "type"), "image")
      assert.strictEqual(at(wan, "output", "finished"), true)
      const edited = yield* answered(origin, draw([image, text], { n: 2 }, "qwen-image-edit-plus"))
      assert.strictEqual((at(edited, "output", "choices", 0, "message", "content") as ReadonlyArray<unknown>).length, 2)
    }))

  it.scopedLive("refuse what the service refuses", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      assert.include(yield* refused(origin, draw([text], { n: 2 })), "num_images_per_prompt must be 1.")
      assert.include(yield* refused(origin, draw([text], { n: 5 }, "wan2.6-t2i")), "[1, 4]")
      assert.include(yield* refused(origin, draw([text], { size: "large" })), "size")
      assert.include(yield* refused(origin, draw([image], {}, "qwen-image-edit")), "lack of image or text")
      assert.include(yield* refused(origin, draw([text], {}, "qwen-image-edit")), "lack of image or text")
      assert.include(yield* refused(origin, draw([image, text])), "content length only supports 1")
      const two = { role: "user", content: [text] }
      assert.include(
        yield* refused(origin, { path, body: { model: "qwen-image", input: { messages: [two, two] } } }),
        "messages length only supports 1"
      )
    }))
})
