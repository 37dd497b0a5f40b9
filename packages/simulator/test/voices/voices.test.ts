import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { ask, at } from "../helpers.js"
import { answered, refused } from "../services.js"

const path = "/api/v1/services/audio/tts/customization"
const to = (model: string, action: string, input: object = {}, parameters: object = {}) => ({
  path,
  body: { model, input: { action, ...input }, parameters }
})

describe("voices of recordings", () => {
  const model = "voice-enrollment"
  const input = { target_model: "cosyvoice-v3-plus", prefix: "myvoice", url: "https://example.com/me.wav" }

  it.scopedLive("are made, listed, told, changed and deleted, and speak with their own model", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const made = yield* answered(origin, to(model, "create_voice", input))
      const voice_id = String(at(made, "output", "voice_id"))
      assert.match(voice_id, /^cosyvoice-v3-plus-myvoice-[0-9a-f]{12}$/)
      assert.deepStrictEqual(at(made, "usage"), { count: 1 })
      yield* answered(origin, to(model, "create_voice", { ...input, prefix: "other" }))
      const listed = yield* answered(origin, to(model, "list_voice", { prefix: "my", page_index: 0, page_size: 10 }))
      assert.strictEqual(at(listed, "output", "voice_list", 0, "voice_id"), voice_id)
      assert.isUndefined(at(listed, "output", "voice_list", 1))
      const told = at(yield* answered(origin, to(model, "query_voice", { voice_id })), "output")
      assert.deepInclude(told as object, { target_model: "cosyvoice-v3-plus", resource_link: input.url, status: "OK" })
      yield* answered(origin, to(model, "update_voice", { voice_id, url: "https://example.com/new.wav" }))
      assert.strictEqual(
        at(yield* answered(origin, to(model, "query_voice", { voice_id })), "output", "resource_link"),
        "https://example.com/new.wav"
      )
      const speak = (speaker: string) => ({
        path: "/api/v1/services/audio/tts/SpeechSynthesizer",
        body: { model: speaker, input: { text: "x", voice: voice_id } }
      })
      assert.strictEqual((yield* ask(origin, speak("cosyvoice-v3-plus"))).status, 200)
      assert.include(yield* refused(origin, speak("cosyvoice-v3-flash")), "400 BadRequest.VoiceNotFound")
      yield* answered(origin, to(model, "delete_voice", { voice_id }))
      assert.include(yield* refused(origin, to(model, "query_voice", { voice_id })), "400 BadRequest.ResourceNotExist")
    }))

  it.scopedLive("refuse what the service refuses", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const no = (wrong: object) => refused(origin, to(model, "create_voice", { ...input, ...wrong }))
      assert.include(yield* no({ target_model: "" }), "input.target_model")
      assert.include(yield* no({ prefix: "far-too-long" }), "input.prefix")
      assert.include(yield* no({ url: undefined }), "input.url")
      assert.include(yield* no({ url: "me.wav" }), "The provided URL")
      assert.include(yield* no({ url: "https://example.com/silent.wav" }), "430 Audio.AudioSilentError")
      assert.include(yield* no({ url: "https://example.com/undecodable.wav" }), "430 Audio.DecoderError")
      assert.include(yield* refused(origin, to(model, "sing")), "action")
      assert.include(yield* refused(origin, to(model, "delete_voice")), "input.voice_id")
      assert.include(yield* refused(origin, to("qwen-plus", "list_voice")), "url error")
    }))
})

describe("voices of qwen-tts", () => {
  it.scopedLive("are cloned, and speak with their own model", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const model = "qwen-voice-enrollment"
      const target_model = "qwen3-tts-vc-2026-01-22"
      const input = { target_model, preferred_name: "me", audio: { data: "data:audio/wav;base64,UklGRg==" } }
      const made = yield* answered(origin, to(model, "create", input))
      const voice = String(at(made, "output", "voice"))
      assert.strictEqual(at(made, "output", "target_model"), target_model)
      const speak = {
        path: "/api/v1/services/aigc/multimodal-generation/generation",
        body: { model: target_model, input: { text: "x", voice } }
      }
      assert.strictEqual((yield* ask(origin, speak)).status, 200)
      assert.strictEqual(
        at(
          yield* answered(origin, to(model, "list", { page_index: 0, page_size: 5 })),
          "output",
          "voice_list",
          0,
          "voice"
        ),
        voice
      )
      yield* answered(origin, to(model, "delete", { voice }))
      assert.include(yield* refused(origin, speak), "400 BadRequest.VoiceNotFound")
      assert.include(
        yield* refused(origin, to(model, "create", { ...input, audio: { data: "https://example.com/silent.wav" } })),
        "400 Audio.AudioSilentError"
      )
      assert.include(yield* refused(origin, to(model, "create", { ...input, preferred_name: "a b" })), "preferred_name")
    }))

  it.scopedLive("are designed, with something to listen to", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const model = "qwen-voice-design"
      const input = {
        target_model: "qwen3-tts-vd-2026-01-26",
        voice_prompt: "a calm voice",
        preview_text: "hello",
        preferred_name: "calm"
      }
      const made = yield* answered(origin, to(model, "create", input, { sample_rate: 24_000, response_format: "wav" }))
      const preview = at(made, "output", "preview_audio")
      assert.deepInclude(preview as object, { sample_rate: 24_000, response_format: "wav" })
      assert.strictEqual(Buffer.from(String(at(preview, "data")), "base64").toString("latin1", 0, 4), "RIFF")
      const voice = at(made, "output", "voice")
      const told = yield* answered(origin, to(model, "query", { voice }))
      assert.deepInclude(at(told, "output") as object, { voice, voice_prompt: "a calm voice", preview_text: "hello" })
      assert.deepStrictEqual(at(told, "usage"), { count: 0 })
      assert.include(yield* refused(origin, to(model, "create", { ...input, voice_prompt: "" })), "voice_prompt")
      yield* answered(origin, to(model, "delete", { voice }))
      assert.include(yield* refused(origin, to(model, "query", { voice })), "400 BadRequest.VoiceNotFound")
    }))
})
