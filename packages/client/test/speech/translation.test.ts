import { assert, describe, it } from "@effect/vitest"
import { Behavior, Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as DashScope from "../../src/DashScope.js"
import * as HttpSpeechSynthesizer from "../../src/HttpSpeechSynthesizer.js"
import * as TranslationRecognizer from "../../src/TranslationRecognizer.js"
import { serveScript } from "../util/scriptedSocket.js"

const params: TranslationRecognizer.TranslationRecognizerParams = {
  model: "gummy-realtime-v1",
  format: "wav",
  sampleRate: 16_000,
  sourceLanguage: "zh",
  translationEnabled: true,
  translationTargetLanguages: ["en"]
}

const text = "你好。今天天气怎么样？"

const speak = (text: string) =>
  HttpSpeechSynthesizer.collectAudio({
    model: "cosyvoice-v3-flash",
    voice: "longanyang",
    text,
    format: "wav",
    sampleRate: 16_000
  })

const over = <A, E>(url: string, use: Effect.Effect<A, E, DashScope.Services | Scope.Scope>) =>
  Effect.scoped(Effect.provide(use, DashScope.layer({ apiKey: "sk-test", endpoint: url, retry: false })))

const withSimulator = <A, E>(
  use: (simulator: Simulator.Service) => Effect.Effect<A, E, DashScope.Services | Scope.Scope>
) => Effect.flatMap(Simulator.make(), (simulator) => over(simulator.url, use(simulator)))

describe("recognition with translation", () => {
  it.scopedLive("gives what was said, and the same in another language", () =>
    withSimulator((simulator) =>
      Effect.gen(function*() {
        const audio = yield* speak(text)
        const all = yield* TranslationRecognizer.recognize(params, audio)
        assert.strictEqual(all.text, text)
        assert.lengthOf(all.sentences, 2)
        assert.deepStrictEqual(all.sentences.map(({ sentenceId }) => sentenceId), [0, 1])
        assert.deepStrictEqual(Object.keys(all.translations), ["en"])
        const [first, second] = all.sentences
        assert.strictEqual(all.translations["en"], `${first?.translations[0]?.text}${second?.translations[0]?.text}`)
        assert.notStrictEqual(all.translations["en"], text)
        assert.deepInclude(first?.transcription?.words?.[0] as object, {
          beginTime: 0,
          endTime: 60,
          text: "你",
          fixed: true
        })
        assert.strictEqual(all.usage?.duration, 1)
        assert.isString(all.requestId)

        const results = yield* Stream.runCollect(TranslationRecognizer.stream(params, audio))
        const parts = [...results].flatMap(({ output }) =>
          output.transcription?.sentenceId === 0 ? [output.transcription] : []
        )
        assert.isAbove(parts.length, 2)
        assert.strictEqual(parts.map(TranslationRecognizer.isFinal).indexOf(true), parts.length - 1)
        const sentences = yield* Stream.runCollect(TranslationRecognizer.sentences(params, audio))
        assert.deepStrictEqual([...sentences], all.sentences)

        const onlyTranslated = yield* TranslationRecognizer.recognize({ ...params, transcriptionEnabled: false }, audio)
        assert.deepStrictEqual([onlyTranslated.text, onlyTranslated.translations], ["", all.translations])
        const { opened, tasksFinished } = yield* simulator.socketStats
        assert.deepStrictEqual({ opened, tasksFinished }, { opened: 1, tasksFinished: 4 })
      })
    ))

  it.scopedLive("of one sentence ends by itself, in the midst of the audio", () =>
    withSimulator((simulator) =>
      Effect.gen(function*() {
        let closed = false
        const audio = Stream.make(yield* speak(text)).pipe(
          Stream.concat(Stream.never),
          Stream.ensuring(Effect.sync(() => closed = true))
        )
        const all = yield* TranslationRecognizer.recognize({ ...params, model: "gummy-chat-v1" }, audio)
        assert.strictEqual(all.text, "你好。")
        assert.isTrue(closed)
        yield* Effect.repeat(simulator.socketStats, { until: ({ open }) => open === 0 })
        assert.strictEqual((yield* simulator.socketStats).tasksFinished, 1)
      })
    ))

  it.scopedLive("that breaks off keeps what there was beside its error", () =>
    withSimulator(() =>
      Effect.gen(function*() {
        const headers = Behavior.toHeaders({ socket: { closeAfterEvents: 6 } })
        const error = yield* Effect.flip(TranslationRecognizer.recognize(params, yield* speak(text), { headers }))
        assert.deepInclude<object>({ ...error }, { _tag: "ConnectionError", reason: "Truncated" })
        const partial = TranslationRecognizer.partialResult(error)
        assert.isDefined(partial)
        assert.isTrue(partial.text !== "" && text.startsWith(partial.text), partial.text)
        assert.isString(partial.translations["en"])
      })
    ))

  it.scopedLive("sends the wire's names, and reads each half where it comes, with nothing lost", () =>
    Effect.gen(function*() {
      const half = { sentence_id: 0, begin_time: 0, end_time: 290, sentence_end: true, vad_pre_end: true }
      const outputs = [
        {
          transcription: { ...half, text: "你", sentence_end: false, stash: { sentence_id: 1, text: "今", x: 1 } },
          translations: null
        },
        {
          transcription: { ...half, text: "你好。", pre_end_failed: false, pre_end_start_time: 1, pre_end_end_time: 2 }
        },
        { translations: [{ ...half, text: "Hello.", lang: "en", new_one: 1 }, 7] },
        { transcription: { sentence_id: 1, text: "今天", sentence_end: false, end_time: 500 } }
      ]
      const server = yield* serveScript({
        onMessage: (peer, { action, taskId }) => {
          if (action === "run-task") return peer.event(taskId, "task-started")
          for (const output of outputs) peer.event(taskId, "result-generated", { payload: { output } })
          peer.event(taskId, "task-finished", { payload: { output: {}, usage: { duration: 7 } } })
        }
      })
      yield* over(
        server.url,
        Effect.gen(function*() {
          const results = [
            ...(yield* Stream.runCollect(
              TranslationRecognizer.stream({ ...params, vocabularyId: "v", maxEndSilence: 900 }, new Uint8Array(2))
            ))
          ]
          const [first, second, third] = results
          assert.deepStrictEqual(first?.output.translations, null)
          assert.deepInclude(first?.output.transcription as object, {
            vadPreEnd: true,
            stash: { sentenceId: 1, text: "今", x: 1 }
          })
          assert.deepInclude(second?.output.transcription as object, {
            preEndFailed: false,
            preEndStartTime: 1,
            preEndEndTime: 2
          })
          assert.deepStrictEqual(third?.output.translations?.map(({ text }) => text), ["Hello.", undefined])
          assert.deepInclude(third?.output.translations?.[0] as object, { new_one: 1, lang: "en" })
          assert.deepStrictEqual(results.at(-1), { output: {}, usage: { duration: 7 } })
          const [message] = server.seen.messages
          assert.deepStrictEqual(message?.payload["parameters"], {
            format: "wav",
            sample_rate: 16_000,
            source_language: "zh",
            translation_enabled: true,
            translation_target_languages: ["en"],
            vocabulary_id: "v",
            max_end_silence: 900
          })
          assert.strictEqual(message?.payload["function"], "recognition")

          const all = yield* TranslationRecognizer.recognize(params, new Uint8Array(2))
          assert.deepStrictEqual(
            all.sentences.map(({ sentenceId, transcription, translations }) => ({
              sentenceId,
              said: transcription?.text,
              translated: translations.map(({ text }) => text)
            })),
            [
              { sentenceId: 0, said: "你好。", translated: ["Hello."] },
              { sentenceId: 1, said: "今天", translated: [] }
            ]
          )
          assert.deepStrictEqual([all.text, all.translations], ["你好。今天", { en: "Hello." }])
        })
      )
    }))

  it.scopedLive("is refused before anything is sent where something is missing", () =>
    withSimulator((simulator) =>
      Effect.gen(function*() {
        const audio = new Uint8Array(1)
        for (
          const [field, wrong] of Object.entries<Partial<TranslationRecognizer.TranslationRecognizerParams>>({
            model: { model: "" },
            format: { format: "" },
            sampleRate: { sampleRate: 1.5 },
            translationTargetLanguages: { translationTargetLanguages: [] },
            transcriptionEnabled: { transcriptionEnabled: false, translationEnabled: false }
          })
        ) {
          const error = yield* Effect.flip(TranslationRecognizer.recognize({ ...params, ...wrong }, audio))
          assert.strictEqual(error._tag === "InputRequired" ? error.field : error._tag, field)
        }
        assert.strictEqual((yield* simulator.socketStats).opened, 0)
      })
    ))
})
