import { assert, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import * as DashScope from "../src/DashScope.js"
import * as VoiceEnrollment from "../src/VoiceEnrollment.js"
import { serviceContract } from "./util/serviceContract.js"

const path = "/api/v1/services/audio/tts/customization"
const schema = VoiceEnrollment.VoiceResult
const url = "https://example.com/recording.wav"
const cloned = { targetModel: "qwen3-tts-vc", preferredName: "mine", audio: url }
const designed = { targetModel: "qwen3-tts-vd", voicePrompt: "A calm old man", previewText: "Hello" }

const sends = (model: string, input: object, more: object = {}) => ({ path, body: { model, input, ...more } })
const empty = { output: {}, request_id: "r" }
const nothing = { output: {}, requestId: "r" }

serviceContract("VoiceEnrollment", {
  layer: VoiceEnrollment.layer,
  samples: [{
    name: "create",
    run: (options) =>
      VoiceEnrollment.create({
        targetModel: "cosyvoice-v3.5-plus",
        prefix: "myvoice",
        url,
        languageHints: ["zh"],
        maxPromptAudioLength: 20,
        enablePreprocess: true,
        extraInput: { enable_volume_normalization: "false" }
      }, options),
    sends: sends("voice-enrollment", {
      action: "create_voice",
      target_model: "cosyvoice-v3.5-plus",
      prefix: "myvoice",
      url,
      language_hints: ["zh"],
      max_prompt_audio_length: 20,
      enable_preprocess: true,
      enable_volume_normalization: "false"
    }),
    answer: { output: { voice_id: "v-1" }, usage: { count: 1 }, request_id: "r" },
    gives: { output: { voiceId: "v-1" }, usage: { count: 1 }, requestId: "r" },
    schema,
    isRepeatable: false,
    observed: { operation: "create_voice" }
  }, {
    name: "clone",
    run: (options) => VoiceEnrollment.clone({ ...cloned, text: "said", language: "zh" }, options),
    sends: sends("qwen-voice-enrollment", {
      action: "create",
      target_model: "qwen3-tts-vc",
      preferred_name: "mine",
      audio: { data: url },
      text: "said",
      language: "zh"
    }),
    answer: { output: { voice: "v", target_model: "m", fallback_reason: "none" }, request_id: "r" },
    gives: { output: { voice: "v", targetModel: "m", fallbackReason: "none" }, requestId: "r" },
    schema,
    isRepeatable: false,
    observed: { operation: "clone_voice" }
  }, {
    name: "design",
    run: (options) => VoiceEnrollment.design({ ...designed, sampleRate: 24000, responseFormat: "wav" }, options),
    sends: sends("qwen-voice-design", {
      action: "create",
      target_model: "qwen3-tts-vd",
      voice_prompt: "A calm old man",
      preview_text: "Hello"
    }, { parameters: { sample_rate: 24000, response_format: "wav" } }),
    answer: {
      output: { voice: "v", preview_audio: { data: "UklGRg==", sample_rate: 24000, response_format: "wav" } },
      request_id: "r"
    },
    gives: {
      output: { voice: "v", previewAudio: { data: "UklGRg==", sampleRate: 24000, responseFormat: "wav" } },
      requestId: "r"
    },
    schema,
    isRepeatable: false,
    observed: { operation: "design_voice" }
  }, {
    name: "list",
    run: (options) => VoiceEnrollment.list({ prefix: "my" }, options),
    sends: sends("voice-enrollment", { action: "list_voice", prefix: "my", page_index: 0, page_size: 10 }),
    answer: { output: { voice_list: [{ voice_id: "v", gmt_create: "c", status: "OK" }] }, request_id: "r" },
    gives: { output: { voiceList: [{ voiceId: "v", gmtCreate: "c", status: "OK" }] }, requestId: "r" },
    schema,
    observed: { operation: "list_voice" }
  }, {
    name: "get",
    run: (options) => VoiceEnrollment.get({ voiceId: "v" }, options),
    sends: sends("voice-enrollment", { action: "query_voice", voice_id: "v" }),
    answer: { output: { resource_link: url, target_model: "m", status: "DEPLOYING" }, request_id: "r" },
    gives: { output: { resourceLink: url, targetModel: "m", status: "DEPLOYING" }, requestId: "r" },
    schema,
    observed: { operation: "query_voice" }
  }, {
    name: "get, of a designed voice",
    run: (options) => VoiceEnrollment.get({ voiceId: "v", maker: "qwen-voice-design" }, options),
    sends: sends("qwen-voice-design", { action: "query", voice: "v" }),
    answer: { output: { voice: "v", voice_prompt: "p", preview_text: "t", language: "zh" }, request_id: "r" },
    gives: { output: { voice: "v", voicePrompt: "p", previewText: "t", language: "zh" }, requestId: "r" },
    schema,
    observed: { operation: "query_voice" }
  }, {
    name: "update",
    run: (options) => VoiceEnrollment.update({ voiceId: "v", url }, options),
    sends: sends("voice-enrollment", { action: "update_voice", voice_id: "v", url }),
    answer: empty,
    gives: nothing,
    schema,
    observed: { operation: "update_voice" }
  }, {
    name: "remove, of a cloned voice",
    run: (options) => VoiceEnrollment.remove({ voiceId: "v", maker: "qwen-voice-enrollment" }, options),
    sends: sends("qwen-voice-enrollment", { action: "delete", voice: "v" }),
    answer: empty,
    gives: nothing,
    schema,
    observed: { operation: "delete_voice" }
  }],
  refuses: [
    ["url", VoiceEnrollment.create({ targetModel: "m", prefix: "p", url: "" })],
    ["audio", VoiceEnrollment.clone({ ...cloned, audio: "" })],
    ["voicePrompt", VoiceEnrollment.design({ ...designed, voicePrompt: "" })],
    ["voiceId", VoiceEnrollment.get({ voiceId: "" })]
  ]
})

const over = <A, E>(run: Effect.Effect<A, E, DashScope.Services>) =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make()
    return yield* Effect.provide(run, DashScope.layer({ apiKey: "sk-test", endpoint: simulator.url }))
  }).pipe(Effect.scoped)

it.live("lives from its design to its end", () =>
  over(Effect.gen(function*() {
    const maker = "qwen-voice-design"
    const { output } = yield* VoiceEnrollment.design({ ...designed, preferredName: "calm" })
    const voiceId = output?.voice ?? ""
    assert.isAbove(output?.previewAudio?.data?.length ?? 0, 100)
    assert.strictEqual((yield* VoiceEnrollment.get({ voiceId, maker })).output?.voicePrompt, "A calm old man")
    assert.lengthOf((yield* VoiceEnrollment.list({ maker })).output?.voiceList ?? [], 1)
    yield* VoiceEnrollment.remove({ voiceId, maker })
    assert.lengthOf((yield* VoiceEnrollment.list({ maker })).output?.voiceList ?? [], 0)
  })))
