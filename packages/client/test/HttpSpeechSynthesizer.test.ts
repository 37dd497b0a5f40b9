import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as DashScope from "../src/DashScope.js"
import * as HttpSpeechSynthesizer from "../src/HttpSpeechSynthesizer.js"
import { serviceContract } from "./util/serviceContract.js"

const params: HttpSpeechSynthesizer.HttpSpeechSynthesizerParams = {
  model: "qwen-audio-3.0-tts-flash",
  text: "我家的后面有一个很大的花园。花园里有树。",
  voice: "longanhuan_v3.6"
}

const audio = { data: "", url: "http://example.com/a.wav", id: "audio_1" }

serviceContract("HttpSpeechSynthesizer", {
  layer: HttpSpeechSynthesizer.layer,
  samples: [{
    name: "call",
    run: (options) =>
      HttpSpeechSynthesizer.call({ ...params, format: "wav", sampleRate: 24000, languageHints: ["zh"] }, options),
    sends: {
      path: "/api/v1/services/audio/tts/SpeechSynthesizer",
      body: {
        model: params.model,
        input: {
          text: params.text,
          voice: params.voice,
          format: "wav",
          sample_rate: 24000,
          language_hints: ["zh"]
        }
      }
    },
    answer: {
      output: { finish_reason: "stop", audio: { ...audio, expires_at: 1772697707 } },
      usage: { characters: 15 },
      request_id: "r"
    },
    gives: {
      output: { finishReason: "stop", audio: { ...audio, expiresAt: 1772697707 } },
      usage: { characters: 15 },
      requestId: "r"
    },
    schema: HttpSpeechSynthesizer.SpeechResult,
    observed: { operation: "synthesize_speech", model: params.model }
  }],
  refuses: [
    ["model", HttpSpeechSynthesizer.call({ ...params, model: "" })],
    ["text", HttpSpeechSynthesizer.call({ ...params, text: "" })],
    ["speed", HttpSpeechSynthesizer.call(Object.assign({ speed: 1 }, params))],
    ["text", HttpSpeechSynthesizer.collectAudio({ ...params, text: "" })]
  ]
})

describe("HttpSpeechSynthesizer", () => {
  it.scopedLive("streams the audio whose URL a call gives", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      yield* Effect.gen(function*() {
        const wav = { ...params, format: "wav", sampleRate: 16000, wordTimestampEnabled: true }
        const whole = yield* HttpSpeechSynthesizer.call(wav)
        const file = yield* Effect.promise(() =>
          fetch(whole.output.audio?.url ?? "").then((response) => response.arrayBuffer())
        )
        const bytes = yield* HttpSpeechSynthesizer.collectAudio(wav)
        assert.isAbove(bytes.length, 1000)
        assert.deepStrictEqual(bytes, new Uint8Array(file))
        assert.strictEqual(new TextDecoder().decode(bytes.subarray(0, 4)), "RIFF")
        const pieces = yield* Stream.runCollect(HttpSpeechSynthesizer.streamAudio(wav))
        assert.isAbove(pieces.length, 1)
        const events = yield* Stream.runCollect(HttpSpeechSynthesizer.stream(wav))
        const words = [...events].flatMap(({ output }) => output.sentence?.words ?? [])
        assert.strictEqual(words.map(({ text }) => text).join(""), params.text)

        yield* simulator.setBehavior({ stream: { closeWithoutFinish: true } })
        const error = yield* Effect.flip(HttpSpeechSynthesizer.collectAudio(wav))
        assert.deepInclude<object>({ ...error }, { _tag: "ConnectionError", reason: "Truncated" })
      }).pipe(Effect.provide(DashScope.layer({ apiKey: "sk-test", endpoint: simulator.url })))
    }))

  it.effect("fails for audio that is none", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(HttpSpeechSynthesizer.collectAudio(params))
      assert.include(error.message, "not base64")
    }).pipe(Effect.provide(Layer.mock(HttpSpeechSynthesizer.HttpSpeechSynthesizer, {
      stream: () => Stream.make({ output: { audio: { data: "?" } } })
    }))))
})
