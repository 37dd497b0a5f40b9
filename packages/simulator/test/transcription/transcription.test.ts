import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { at } from "../helpers.js"
import { refused } from "../services.js"
import { bytesAt, ended, submission } from "../tasks/submit.js"

const recordings = (file_urls: unknown, parameters: object = {}, model = "paraformer-v2") =>
  submission("audio/asr/transcription", model, { file_urls }, parameters)
const recording = (file_url: unknown, parameters: object = {}) =>
  submission("audio/asr/transcription", "qwen3-asr-flash-filetrans", { file_url }, parameters)
const url = "https://example.com/hello.wav"

const jsonAt = (where: unknown) => Effect.map(bytesAt(where), ({ bytes }) => JSON.parse(bytes.toString()) as unknown)

describe("transcription", () => {
  it.scopedLive("writes each file for itself, and says which failed", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const gone = "https://gone.invalid/a.wav"
      const done = yield* ended(
        origin,
        recordings([url, gone], { channel_id: [0, 1], diarization_enabled: true, language_hints: ["en"] })
      )
      assert.deepInclude(at(done, "output", "task_metrics") as object, { TOTAL: 2, SUCCEEDED: 1, FAILED: 1 })
      assert.deepInclude(at(done, "output", "results", 1) as object, {
        file_url: gone,
        code: "InvalidFile.DownloadFailed",
        subtask_status: "FAILED"
      })
      const text = yield* jsonAt(at(done, "output", "results", 0, "transcription_url"))
      assert.deepStrictEqual(at(text, "properties", "channels"), [0, 1])
      const sentences = at(text, "transcripts", 1, "sentences") as ReadonlyArray<unknown>
      assert.deepStrictEqual(sentences.map((sentence) => at(sentence, "sentence_id")), [1, 2])
      assert.deepStrictEqual(sentences.map((sentence) => at(sentence, "speaker_id")), [0, 1])
      assert.strictEqual(at(text, "transcripts", 0, "text"), "Hello world, this is hello.wav.It ends here.")
      for (const sentence of sentences) {
        const words = at(sentence, "words") as ReadonlyArray<unknown>
        assert.strictEqual(at(words[0], "begin_time"), at(sentence, "begin_time"))
        assert.strictEqual(at(words.at(-1), "end_time"), at(sentence, "end_time"))
        assert.strictEqual(
          words.map((word) => `${String(at(word, "text"))}${String(at(word, "punctuation"))}`).join("").trim()
            .replace(/\s/g, ""),
          String(at(sentence, "text")).replace(/\s/g, "")
        )
      }
      const none = at(yield* ended(origin, recordings([gone])), "output")
      assert.deepInclude(none as object, { task_status: "FAILED", code: "InvalidFile.DownloadFailed" })
    }))

  it.scopedLive("of qwen3-asr takes one file, and has another form", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const done = yield* ended(origin, recording(url, { enable_words: true, language: "zh" }))
      assert.isAbove(Number(at(done, "usage", "seconds")), 0)
      assert.isUndefined(at(done, "output", "task_metrics"))
      const text = yield* jsonAt(at(done, "output", "result", "transcription_url"))
      assert.deepStrictEqual(at(text, "audio_info"), { format: "wav", sample_rate: 22_050 })
      assert.deepInclude(at(text, "transcripts", 0, "sentences", 0) as object, { sentence_id: 0, language: "zh" })
      assert.isArray(at(text, "transcripts", 0, "sentences", 0, "words"))
      const failed = at(yield* ended(origin, recording("https://forbidden.invalid/a.wav")), "output")
      assert.deepInclude(failed as object, { task_status: "FAILED", code: "FILE_403_FORBIDDEN" })
    }))

  it.scopedLive("is refused as by the service", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const { headers: _, ...synchronous } = recordings([url])
      const cases = [
        [synchronous, "403 AccessDenied: current user api does not support synchronous calls."],
        [recordings([url], {}, "qwen-plus"), "url error"],
        [recordings([url], {}, "qwen3-asr-flash-filetrans"), "input must contain file_url"],
        [recordings(url), "input must contain file_urls"],
        [recordings(Array.from({ length: 101 }, () => url)), "100"],
        [recordings([url], { speaker_count: 1 }), "speaker_count"],
        [recordings([url], { special_word_filter: {} }), "JSON string"],
        [recordings([url], { channel_id: 0 }), "channel_id"]
      ] as const
      for (const [what, words] of cases) {
        assert.include(yield* refused(origin, what), words)
      }
    }))
})
