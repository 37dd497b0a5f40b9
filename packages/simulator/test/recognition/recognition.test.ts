import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { mp3Of, pcmOf, wavOf } from "../../src/internal/core/audio.js"
import { at } from "../helpers.js"
import type { Client, Task } from "../socketClient.js"
import { failureOf, finish, goOn, lastEvent, open, start } from "../socketClient.js"

const rate = 8000
const silence = (millis: number) => Buffer.alloc(2 * rate * millis / 1000)

const listening = (parameters: object = {}, model = "fun-asr-realtime", input: object = {}): Task => ({
  model,
  input,
  task: "asr",
  function: "recognition",
  parameters: { format: "pcm", sample_rate: rate, ...parameters }
})

const hear = (client: Client, audio: Buffer, size = 1600) =>
  Effect.forEach(
    Array.from({ length: Math.ceil(audio.length / size) }, (_, i) => audio.subarray(i * size, (i + 1) * size)),
    client.send,
    { discard: true }
  )

const ended = (client: Client) =>
  client.until(() => lastEvent(client) === "task-finished" || client.ended() !== undefined)

/** Sends the audio of a whole task. */
const transcribe = (client: Client, audio: Buffer, task: Task = listening(), size?: number) =>
  Effect.gen(function*() {
    yield* start(client, task)
    yield* hear(client, audio, size)
    yield* client.send(finish({}, task.id))
    yield* ended(client)
  })

const sentences = ({ texts }: Client): ReadonlyArray<unknown> =>
  texts.map((text) => at(text, "payload", "output", "sentence")).filter((one) => one !== undefined)

const finals = (client: Client) =>
  sentences(client).filter((one) => at(one, "sentence_end") === true).map((one) => at(one, "text"))

describe("recognition over a WebSocket", () => {
  it.scopedLive("tells sentences while they grow, and where their words are", () =>
    Effect.gen(function*() {
      const { origin, socketStats } = yield* Simulator.make()
      const client = yield* open(origin)
      const audio = Buffer.concat([silence(100), pcmOf("好，我知道了。", rate), pcmOf("Hello world!", rate)])
      yield* transcribe(client, audio)
      assert.deepStrictEqual(finals(client), ["好，我知道了。", "Hello world!"])
      const all = sentences(client)
      const parts = all.filter((one) => at(one, "sentence_id") === 1)
      const texts = parts.map((one) => String(at(one, "text")))
      assert.isAbove(new Set(texts).size, 2)
      assert.isTrue(texts.every((text, i) => i === 0 || text.startsWith(texts[i - 1] ?? "")))
      assert.deepInclude(parts[0] as object, { begin_time: 100, end_time: null, heartbeat: false, sentence_end: false })
      assert.deepStrictEqual(at(client.texts[1], "payload", "usage"), null)
      const last = parts.at(-1)
      assert.deepInclude(last as object, { begin_time: 100, end_time: 520, sentence_end: true })
      assert.deepStrictEqual(at(last, "words", 0), { begin_time: 100, end_time: 160, text: "好", punctuation: "，" })
      assert.deepStrictEqual(at(all.at(-1), "words", 1, "text"), "world")
      const usage = client.texts.map((text) => at(text, "payload", "usage")).filter((one) => one != null)
      assert.deepStrictEqual(usage, [{ duration: 1 }, { duration: 1 }])
      assert.deepStrictEqual(at(client.texts.at(-1), "payload"), { output: {} })
      assert.deepInclude(yield* socketStats, { audioBytesReceived: audio.length, tasksFinished: 1 })
    }))

  it.scopedLive("hears the same however the audio is cut, as PCM, WAV and MP3", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const text = "今天天气怎么样？It is 20 degrees."
      const pcm = pcmOf(text, rate)
      const cases = [
        ["pcm", pcm, 1],
        ["pcm", pcm, 333],
        ["pcm", pcm, 16_384],
        ["wav", wavOf(pcm, rate), 30],
        ["wav", wavOf(pcmOf(text, 16_000), 16_000), 16_000],
        ["mp3", mp3Of(text), 100]
      ] as const
      const client = yield* open(origin)
      for (const [i, [format, audio, size]] of cases.entries()) {
        client.texts.length = 0
        yield* transcribe(client, size === 1 ? audio.subarray(0, 1900) : audio, {
          id: `task ${i}`,
          ...listening({ format })
        }, size)
        assert.strictEqual(
          finals(client).join("|"),
          size === 1 ? "今天" : "今天天气怎么样？|It is 20 degrees.",
          `${format} ${size}`
        )
      }
    }))

  it.scopedLive("ends sentences at silence, hears words in other sounds, and beats in silence", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make({ sockets: { silenceTimeout: 3000 } })
      const client = yield* open(origin)
      const sound = (millis: number) => {
        const pcm = silence(millis)
        for (let i = 0; i < pcm.length; i += 2) {
          pcm.writeInt16LE(Math.round(6000 * Math.sin(i / 7)) & ~3, i)
        }
        return pcm
      }
      const audio = Buffer.concat([pcmOf("你好", rate), silence(900), sound(900), silence(2500)])
      yield* transcribe(client, audio, listening({ max_sentence_silence: 800, heartbeat: true }))
      assert.deepStrictEqual(finals(client), ["你好", "欢迎使"])
      assert.strictEqual(sentences(client).filter((one) => at(one, "heartbeat") === true).length, 2)
      client.texts.length = 0
      const semantic = listening({ semantic_punctuation_enabled: true, language_hints: ["en"] })
      yield* transcribe(client, audio, { id: "two", ...semantic })
      assert.deepStrictEqual(finals(client), ["你好Welcome to Alibaba"])
      const words = { special_word_filter: { filter_with_signed: { word_list: ["你"] } } }
      yield* transcribe(client, pcmOf("你好！", rate), {
        id: "three",
        ...listening({ ...words, punctuation_prediction_enabled: false })
      })
      assert.deepStrictEqual(finals(client).at(-1), "*好")
    }))

  it.scopedLive("fails without speech, and with what it cannot take", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make({ sockets: { silenceTimeout: 1000 } })
      const failing = (audio: Buffer, task: Task, size?: number) =>
        Effect.scoped(Effect.gen(function*() {
          const client = yield* open(origin)
          yield* transcribe(client, audio, task, size)
          return lastEvent(client) === "task-failed" ? failureOf(client) : client.ended()
        }))
      assert.include(yield* failing(silence(500), listening()), "NO_VALID_AUDIO_ERROR")
      assert.include(yield* failing(silence(0), listening()), "NO_INPUT_AUDIO_ERROR")
      assert.include(yield* failing(silence(1200), listening()), "CLIENT_ERROR")
      assert.include(yield* failing(silence(0), listening({ format: "flac" })), "unsupported audio format:flac")
      assert.include(
        yield* failing(silence(0), listening({ sample_rate: 16_000 }, "paraformer-realtime-8k-v2")),
        "unsupported sample rate:16000"
      )
      assert.include(yield* failing(silence(0), listening({}, "paraformer-v2")), "url error")
      assert.deepInclude(yield* failing(silence(2000), listening(), 17_000), { code: 1009 })
      const context = [{ role: "user", content: [{ type: "input_text", text: "x" }] }]
      const client = yield* open(origin)
      yield* start(client, listening({}, "fun-asr-realtime", { context }))
      yield* client.send(goOn({ context }))
      yield* client.send(goOn({ text: "x" }))
      yield* client.until(() => client.ended() !== undefined)
      assert.include(failureOf(client), "continue-task")
    }))
})

describe("Gummy", () => {
  it.scopedLive("tells translations beside what it hears", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const client = yield* open(origin)
      const parameters = {
        source_language: "zh",
        transcription_enabled: true,
        translation_enabled: true,
        translation_target_languages: ["en"]
      }
      yield* transcribe(client, pcmOf("你好。", rate), listening(parameters, "gummy-realtime-v1"))
      const output = client.texts.map((text) => at(text, "payload", "output"))
        .find((one) => at(one, "transcription", "sentence_end") === true)
      assert.deepInclude(at(output, "transcription") as object, {
        sentence_id: 0,
        begin_time: 0,
        end_time: 180,
        text: "你好。",
        vad_pre_end: false
      })
      assert.deepStrictEqual(at(output, "transcription", "words", 1), {
        begin_time: 60,
        end_time: 120,
        text: "好",
        punctuation: "。",
        fixed: true,
        speaker_id: null
      })
      assert.deepInclude(at(output, "translations", 0) as object, {
        text: "[zh → en] 你好。",
        lang: "en",
        sentence_end: true
      })
      assert.deepStrictEqual(at(client.texts.at(-1), "payload"), { output: {}, usage: { duration: 1 } })
    }))

  it.scopedLive("ends by itself after the one sentence of a chat, whatever is still on its way", () =>
    Effect.gen(function*() {
      const { origin, socketStats } = yield* Simulator.make()
      const client = yield* open(origin)
      yield* start(client, listening({}, "gummy-chat-v1"))
      yield* hear(client, Buffer.concat([pcmOf("你好。", rate), silence(1000), pcmOf("还有。", rate)]))
      yield* ended(client)
      yield* client.send(finish())
      yield* transcribe(client, pcmOf("再见。", rate), { id: "two", ...listening({}, "gummy-realtime-v1") })
      assert.deepInclude(yield* socketStats, { tasksFinished: 2, tasksReused: 1 })
      const heard = client.texts.map((text) => at(text, "payload", "output", "transcription"))
      assert.deepStrictEqual(
        heard.filter((one) => at(one, "sentence_end") === true).map((one) => at(one, "text")),
        ["你好。", "再见。"]
      )
    }))
})
