import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import { pcmOf } from "../../src/internal/core/audio.js"
import { completeSentence } from "../../src/internal/speechSynthesizer/sentences.js"
import { at } from "../helpers.js"
import { answered } from "../services.js"
import { eventsOf, failureOf, finish, goOn, lastEvent, open, run, say, start } from "../socketClient.js"

const started = ["task-started"]
const spoken = (frames: number) => [
  "sentence-begin",
  ...Array.from({ length: frames }, () => "sentence-synthesis"),
  "sentence-end"
]

const saying = (parameters: object = {}) => ({
  parameters: { text_type: "PlainText", voice: "longanyang", format: "pcm", sample_rate: 16_000, ...parameters }
})

describe("speech over a WebSocket", () => {
  it.scopedLive("speaks each sentence as soon as it is complete, and the rest at the end", () =>
    Effect.gen(function*() {
      const { origin, socketStats } = yield* Simulator.make()
      const client = yield* open(origin)
      yield* start(client)
      yield* client.send(goOn({ text: "床前明月光，疑是" }))
      yield* client.send(goOn({ text: "地上霜。举头" }))
      yield* client.until(() => client.texts.length === 6)
      assert.deepStrictEqual(eventsOf(client), [...started, ...spoken(3)])
      yield* client.send(finish())
      yield* client.until(() => lastEvent(client) === "task-finished")
      assert.deepStrictEqual(eventsOf(client), [...started, ...spoken(3), ...spoken(1), "task-finished"])
      // One frame of audio behind each `sentence-synthesis`.
      const texts = eventsOf(client)
      let seen = 0
      for (const [i, kind] of client.order.entries()) {
        if (kind === "text") seen++
        assert.strictEqual(
          client.order[i + 1] === "binary",
          kind === "text" && texts[seen - 1] === "sentence-synthesis"
        )
      }
      assert.deepStrictEqual(
        Buffer.concat(client.audio),
        Buffer.concat(["床前明月光，疑是地上霜。", "举头"].map((text) => pcmOf(text, 16_000)))
      )
      assert.deepStrictEqual(client.texts[0], {
        header: { task_id: "one", event: "task-started", attributes: {} },
        payload: {}
      })
      assert.deepStrictEqual(at(client.texts[1], "payload"), {
        output: {
          type: "sentence-begin",
          original_text: "床前明月光，疑是地上霜。",
          sentence: { index: 0, words: [] }
        }
      })
      // A Chinese character counts twice, and the count goes on.
      assert.deepStrictEqual(at(client.texts[5], "payload", "usage"), { characters: 22 })
      assert.deepStrictEqual(at(client.texts[9], "payload"), {
        output: { sentence: { words: [] } },
        usage: { characters: 26 }
      })
      assert.deepInclude(yield* socketStats, {
        opened: 1,
        tasks: 1,
        tasksFinished: 1,
        tasksInFlight: 0,
        tasksReused: 0,
        messagesReceived: 4,
        messagesSent: 14,
        audioBytesSent: Buffer.concat(client.audio).length
      })
    }))

  it.scopedLive("says where the words are, flushes, and keeps silent after a cancellation", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const client = yield* open(origin, { behavior: { socket: { eventInterval: 3 } } })
      yield* start(client, saying({ word_timestamp_enabled: true }))
      yield* client.send(goOn({ text: "你好 world" }))
      yield* client.send(goOn({ flush: true }))
      yield* client.until(() => eventsOf(client).includes("sentence-end"))
      assert.deepStrictEqual(at(client.texts.at(-1), "payload", "output", "sentence", "words"), [
        { text: "你", begin_index: 0, end_index: 1, begin_time: 0, end_time: 60 },
        { text: "好", begin_index: 1, end_index: 2, begin_time: 60, end_time: 120 },
        { text: " world", begin_index: 2, end_index: 8, begin_time: 120, end_time: 180 }
      ])
      const before = client.texts.length
      yield* client.send(goOn({ text: "一。二。三。四。" }))
      yield* client.until(() => client.texts.length > before)
      yield* client.send(finish({ directive: "cancel" }))
      yield* client.until(() => lastEvent(client) === "task-finished")
      assert.notInclude(client.texts.map((text) => at(text, "payload", "output", "original_text")), "四。")
      assert.isUndefined(client.ended())
    }))

  it.scopedLive("has no types of its first generation", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const client = yield* open(origin)
      yield* say(client, ["你好。"], { model: "cosyvoice-v1", ...saying({ word_timestamp_enabled: true }) })
      const outputs = client.texts.slice(1, -1).map((text) => at(text, "payload", "output"))
      assert.deepStrictEqual(outputs[0], { sentence: { words: [] } })
      assert.strictEqual(at(outputs.at(-1), "sentence", "words", 1, "text"), "好")
      assert.deepStrictEqual(Buffer.concat(client.audio), pcmOf("你好。", 16_000))
    }))

  it.scopedLive("comes as WAV, MP3 and Opus, one file each", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const client = yield* open(origin)
      const heads = ["pcm", "wav", "mp3", "opus"].map((format, i) =>
        Effect.gen(function*() {
          client.audio.length = 0
          yield* say(client, ["一。二。"], { id: `task ${i}`, ...saying({ format }) })
          return Buffer.concat(client.audio)
        })
      )
      const [pcm, wav, mp3, opus] = yield* Effect.all(heads)
      assert.strictEqual(wav?.toString("latin1", 0, 4), "RIFF")
      assert.deepStrictEqual(wav?.subarray(44), pcm)
      assert.deepStrictEqual([mp3?.[0], mp3?.[1]], [0xff, 0xf3])
      // The packets of the second sentence go on in the same stream.
      const pages = opus?.toString("latin1").split("OggS").slice(1) ?? []
      assert.include(pages[0], "OpusHead")
      assert.deepStrictEqual(pages.map((page) => page.charCodeAt(14)), pages.map((_, i) => i))
    }))

  it.scopedLive("refuses what the service refuses, and closes", () =>
    Effect.gen(function*() {
      const { origin, waitForSockets } = yield* Simulator.make()
      const model = "voice-enrollment"
      const made = yield* answered(origin, {
        path: "/api/v1/services/audio/tts/customization",
        body: {
          model,
          input: {
            action: "create_voice",
            target_model: "cosyvoice-v3-plus",
            prefix: "mine",
            url: "https://example.com/me.wav"
          }
        }
      })
      const mine = String(at(made, "output", "voice_id"))
      const refusal = (messages: ReadonlyArray<object>, parameters: object = {}, model = "cosyvoice-v3-flash") =>
        Effect.scoped(Effect.gen(function*() {
          const client = yield* open(origin)
          yield* start(client, { model, ...saying(parameters) })
          for (const message of messages) {
            yield* client.send(message)
          }
          yield* client.until(() => client.ended() !== undefined)
          assert.strictEqual(lastEvent(client), "task-failed")
          return failureOf(client)
        }))
      assert.strictEqual(yield* refusal([], { voice: "" }), "InvalidParameter: Request voice is invalid!")
      const foreign = "InvalidParameter: [tts:]Engine return error code: 418"
      assert.strictEqual(yield* refusal([], { voice: mine }), foreign)
      assert.strictEqual(yield* refusal([], { voice: "unknown" }), foreign)
      assert.include(yield* refusal([], { format: "flac" }), "format")
      assert.include(yield* refusal([], { sample_rate: 1 }), "sample_rate")
      assert.include(yield* refusal([], { volume: 101 }), "volume")
      assert.include(yield* refusal([], {}, "unknown-voice"), "ModelNotFound")
      assert.include(yield* refusal([], {}, "qwen-plus"), "url error")
      assert.include(yield* refusal([goOn({ sound: "x" })]), "Please ensure input text is valid.")
      assert.include(yield* refusal([goOn({ text: "我".repeat(10_001) })]), "20000")
      assert.include(yield* refusal([goOn({ text: "<speak>x</speak>" })]), "SSML text is not supported")
      assert.strictEqual(
        yield* refusal([goOn({ text: "<speak>x</speak>" }), goOn({ text: "y" })], { enable_ssml: true }),
        "InvalidParameter: Text request limit violated, expected 1."
      )
      const stats = yield* waitForSockets(({ open }) => open === 0)
      assert.deepInclude(stats, { tasksFailed: 12, tasksFinished: 0, tasksInFlight: 0 })
    }))

  it.scopedLive("speaks SSML, and Sambert", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const client = yield* open(origin)
      yield* say(client, ["<speak>你<break time=\"1s\"/>好</speak>"], saying({ enable_ssml: true }))
      assert.deepStrictEqual(at(client.texts.at(-1), "payload", "usage"), { characters: 4 })
      assert.deepStrictEqual(Buffer.concat(client.audio), pcmOf("你好", 16_000))
      client.texts.length = 0
      client.audio.length = 0
      yield* client.send(run({
        id: "two",
        model: "sambert-zhichu-v1",
        streaming: "out",
        input: { text: "床前明月光，" },
        parameters: {
          format: "pcm",
          sample_rate: 16_000,
          word_timestamp_enabled: true,
          phoneme_timestamp_enabled: true
        }
      }))
      yield* client.until(() => lastEvent(client) === "task-finished")
      assert.deepStrictEqual(Buffer.concat(client.audio), pcmOf("床前明月光，", 16_000))
      const sentence = at(client.texts[1], "payload", "output", "sentence")
      assert.deepInclude(sentence as object, { begin_time: 0, end_time: 360 })
      assert.deepInclude(at(sentence, "words", 1) as object, { text: "前", begin_time: 60, end_time: 120 })
      assert.isDefined(at(sentence, "words", 1, "phonemes", 0, "tone"))
      assert.deepStrictEqual(at(client.texts.at(-1), "payload"), { output: null, usage: { characters: 6 } })
    }))
})

describe("the sentences of a text that goes on", () => {
  it("are those of the whole text, and nothing is lost", () => {
    const text = FastCheck.array(FastCheck.constantFrom("你", "a", " ", "。", "！", "?", "\n", "，"), { maxLength: 30 })
    FastCheck.assert(FastCheck.property(text, (signs) => {
      const all = signs.join("")
      let rest = all
      let said = ""
      for (let next = completeSentence(rest); next !== undefined; next = completeSentence(rest)) {
        assert.match(next, /[^。！？.!?\s][^。！？.!?]*[。！？.!?\n]+$/)
        said += next
        rest = rest.slice(next.length)
      }
      assert.strictEqual(said + rest, all)
    }))
  })
})
