import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as DashScope from "../src/DashScope.js"
import * as Codec from "../src/internal/core/codec.js"
import * as Media from "../src/Media.js"
import * as Transcription from "../src/Transcription.js"
import { jsonResponse, mockHttp, noUploads } from "./util/mock.js"
import { keeping } from "./util/platform.js"
import { serviceContract } from "./util/serviceContract.js"
import { idOf, never, plain, quick, submitted } from "./util/tasks.js"

const url = "https://example.com/hello_world.wav"

serviceContract("Transcription", {
  layer: Layer.provide(Transcription.layer, noUploads),
  samples: [{
    name: "submit",
    run: (options) =>
      plain(Transcription.submit({
        model: "paraformer-v2",
        fileUrls: [url, "https://example.com/b.mp3"],
        channelId: [0, 1],
        diarizationEnabled: true,
        speakerCount: 2,
        disfluencyRemovalEnabled: true,
        timestampAlignmentEnabled: true,
        specialWordFilter: { filter_with_signed: { word_list: ["x"] } },
        audioEventDetectionEnabled: false,
        vocabularyId: "v-1",
        vocabulary: { 张三: 5 },
        languageHints: ["zh", "en"],
        phraseIds: ["p-1"],
        extra: { x: 1 }
      }, options)).pipe(Effect.map(idOf)),
    sends: {
      path: "/api/v1/services/audio/asr/transcription",
      body: {
        model: "paraformer-v2",
        input: { file_urls: [url, "https://example.com/b.mp3"] },
        parameters: {
          channel_id: [0, 1],
          diarization_enabled: true,
          speaker_count: 2,
          disfluency_removal_enabled: true,
          timestamp_alignment_enabled: true,
          special_word_filter: "{\"filter_with_signed\":{\"word_list\":[\"x\"]}}",
          audio_event_detection_enabled: false,
          vocabulary_id: "v-1",
          vocabulary: { 张三: 5 },
          language_hints: ["zh", "en"],
          x: 1
        },
        resources: [{ resource_id: "p-1", resource_type: "asr_phrase" }]
      }
    },
    answer: submitted,
    gives: "t-1",
    isRepeatable: false,
    observed: { operation: "submit_transcription", model: "paraformer-v2" }
  }, {
    name: "submit, of one recording",
    run: (options) =>
      plain(Transcription.submit({
        model: "qwen3-asr-flash-filetrans",
        fileUrl: url,
        channelId: [0],
        language: "zh",
        enableItn: false,
        enableWords: true,
        corpus: { text: "" }
      }, options)).pipe(Effect.map(idOf)),
    sends: {
      path: "/api/v1/services/audio/asr/transcription",
      body: {
        model: "qwen3-asr-flash-filetrans",
        input: { file_url: url },
        parameters: { channel_id: [0], language: "zh", enable_itn: false, enable_words: true, corpus: { text: "" } }
      }
    },
    answer: submitted,
    gives: "t-1",
    observed: { operation: "submit_transcription", model: "qwen3-asr-flash-filetrans" }
  }],
  refuses: [
    ["model", never(Transcription.call({ model: "", fileUrls: [url] }))],
    ["model", never(Transcription.call({ model: "qwen3-asr-flash", fileUrls: [url] }))],
    ["model", never(Transcription.call({ model: "paraformer-realtime-v2", fileUrls: [url] }))],
    ["fileUrls", never(Transcription.call({ model: "paraformer-v2" }))],
    ["fileUrls", never(Transcription.call({ model: "paraformer-v2", fileUrls: [] }))],
    ["fileUrls[1]", never(Transcription.call({ model: "fun-asr", fileUrls: [url, ""] }))],
    ["fileUrl", never(Transcription.call({ model: "fun-asr", fileUrl: url }))],
    ["fileUrl", never(Transcription.call({ model: "qwen3-asr-flash-filetrans" }))],
    ["fileUrls", never(Transcription.call({ model: "qwen3-asr-flash-filetrans", fileUrls: [url] }))],
    ["url", never(Transcription.transcript("oss://bucket/a.json"))],
    ["recording", never(Transcription.transcript({}))]
  ]
})

const roundTrip = <A, I>(schema: Schema.Schema<A, I>, json: unknown): A => {
  const value = Either.getOrThrow(Codec.decoder(schema)(json))
  assert.deepStrictEqual<unknown>(
    Schema.encodeUnknownSync(keeping(schema))(value),
    json
  )
  return value
}

/** As the pages of the service have them. */
const ofMany = {
  request_id: "r",
  output: {
    task_id: "t",
    task_status: "SUCCEEDED",
    submit_time: "2024-09-12 15:11:40.041",
    results: [
      { file_url: "https://a.wav", transcription_url: "https://a.json?Expires=1", subtask_status: "SUCCEEDED" },
      {
        file_url: "https://b.wav",
        code: "InvalidFile.DownloadFailed",
        message: "The audio file cannot be downloaded.",
        subtask_status: "FAILED"
      }
    ],
    task_metrics: { TOTAL: 2, SUCCEEDED: 1, FAILED: 1 }
  },
  usage: { duration: 9 }
}
const ofOne = {
  request_id: "r",
  output: { task_id: "t", task_status: "SUCCEEDED", result: { transcription_url: "http://a.json?Expires=1" } },
  usage: { seconds: 3 }
}

describe("results of transcription", () => {
  it("have two forms, read as one with nothing lost", () => {
    const many = roundTrip(Transcription.TranscriptionResult, ofMany)
    const one = roundTrip(Transcription.TranscriptionResult, ofOne)
    assert.deepStrictEqual(Transcription.recordings(many).map(({ transcriptionUrl }) => transcriptionUrl), [
      "https://a.json?Expires=1",
      undefined
    ])
    assert.deepStrictEqual(Transcription.recordings(one), [{ transcriptionUrl: "http://a.json?Expires=1" }])
    assert.deepStrictEqual(Transcription.recordings({ output: { taskStatus: "SUCCEEDED" } }), [])
  })

  it("say by a typed error why a recording failed, each in its class", () => {
    const [good, bad] = Transcription.recordings(roundTrip(Transcription.TranscriptionResult, ofMany))
    assert.isUndefined(Transcription.errorOf(good ?? {}))
    assert.deepInclude({ ...Transcription.errorOf(bad ?? {}) }, {
      _tag: "ApiError",
      code: "InvalidFile.DownloadFailed",
      reason: "InvalidRequest",
      isRetryable: false
    })
    // What is wrong with the recording, in the codes that the service documents; and what may pass.
    const codes: ReadonlyArray<readonly [code: string, reason: string, isRetryable: boolean]> = [
      ["FILE_403_FORBIDDEN", "InvalidRequest", false],
      ["FILE_404_NOT_FOUND", "InvalidRequest", false],
      ["FILE_CHECK_FAILED", "InvalidRequest", false],
      ["FILE_TOO_LARGE", "InvalidRequest", false],
      ["FILE_NORMALIZE_FAILED", "InvalidRequest", false],
      ["FILE_PARSE_FAILED", "InvalidRequest", false],
      ["MKV_PARSE_FAILED", "InvalidRequest", false],
      ["REQUEST_INVALID_FILE_URL_VALUE", "InvalidRequest", false],
      ["CONTENT_LENGTH_CHECK_FAILED", "InvalidRequest", false],
      ["AUDIO_DURATION_TOO_LONG", "InvalidRequest", false],
      ["DECODE_ERROR", "InvalidRequest", false],
      ["SUCCESS_WITH_NO_VALID_FRAGMENT", "InvalidRequest", false],
      ["ASR_RESPONSE_HAVE_NO_WORDS", "InvalidRequest", false],
      ["FILE_DOWNLOAD_FAILED", "Server", true],
      ["FILE_SERVER_ERROR", "Server", true],
      ["FILE_TRANS_TASK_EXPIRED", "Server", true]
    ]
    for (const [code, reason, isRetryable] of codes) {
      const error = Transcription.errorOf({ fileUrl: url, code, message: "m" })
      assert.deepInclude<object>({ ...error }, { _tag: "ApiError", code, reason, isRetryable }, code)
      assert.include(error?.message, url)
    }
  })

  it("keep the texts of either form, with nothing lost", () => {
    const paraformer = roundTrip(Transcription.Transcript, {
      file_url: "https://a.wav",
      properties: {
        audio_format: "pcm_s16le",
        channels: [0],
        original_sampling_rate: 16000,
        original_duration_in_milliseconds: 3834
      },
      transcripts: [{
        channel_id: 0,
        content_duration_in_milliseconds: 3720,
        text: "Hello world.",
        sentences: [{
          begin_time: 100,
          end_time: 3820,
          text: "Hello world.",
          sentence_id: 1,
          speaker_id: 0,
          words: [
            { begin_time: 100, end_time: 596, text: "Hello ", punctuation: "" },
            { begin_time: 596, end_time: 3820, text: "world", punctuation: "." }
          ],
          x_new: 1
        }]
      }]
    })
    assert.strictEqual(Transcription.toText(paraformer), "Hello world.")
    assert.strictEqual(Transcription.toSrt(paraformer), "1\n00:00:00,100 --> 00:00:03,820\nHello world.\n")
    assert.strictEqual(
      Transcription.toSrt(paraformer, { maxCharacters: 8, speakers: true }),
      "1\n00:00:00,100 --> 00:00:00,596\n[0] Hello\n\n2\n00:00:00,596 --> 00:00:03,820\n[0] world.\n"
    )
    const qwen = roundTrip(Transcription.Transcript, {
      file_url: "https://a.mp3",
      audio_info: { format: "mp3", sample_rate: 22050 },
      transcripts: [{
        channel_id: 0,
        text: "欢迎使用阿里云。",
        sentences: [{
          sentence_id: 0,
          begin_time: 0,
          end_time: 1440,
          language: "zh",
          emotion: "neutral",
          text: "欢迎使用阿里云。",
          words: [{ begin_time: 0, end_time: 160, text: "欢", punctuation: "" }]
        }]
      }]
    })
    // Its words do not make the text, so there is nothing to cut by.
    assert.strictEqual(
      Transcription.toSrt(qwen, { maxCharacters: 2 }),
      "1\n00:00:00,000 --> 00:00:01,440\n欢迎使用阿里云。\n"
    )
  })

  it.effect("are no transcript where the file is another", () =>
    Effect.gen(function*() {
      for (const body of ["<html>", "{}", "[]", "{\"transcripts\":7}", ""]) {
        const http = mockHttp(() => new Response(body))
        const error = yield* Effect.flip(Transcription.transcript("https://example.com/a.json")).pipe(
          Effect.provide(DashScope.layerWithoutHttpClient({ apiKey: "sk-secret-0123" })),
          Effect.provide(http.layer)
        )
        assert.deepInclude({ ...error }, { _tag: "ApiError", reason: "UnexpectedResponse" }, body)
        assert.notProperty(http.requests[0]?.headers, "authorization")
      }
      const http = mockHttp(() => jsonResponse({ transcripts: [] }))
      const error = yield* Effect.flip(
        Transcription.transcript("https://example.com/a.json", { maxBytes: 3 })
      ).pipe(
        Effect.provide(DashScope.layerWithoutHttpClient({ apiKey: "sk-secret-0123" })),
        Effect.provide(http.layer)
      )
      assert.strictEqual(error._tag, "FileTooLarge")
    }))
})

describe("transcription over the simulator", () => {
  it.scopedLive("gives the texts of what could be fetched, and says of the rest why not", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      yield* Effect.gen(function*() {
        const result = yield* Transcription.call({
          model: "paraformer-v2",
          fileUrls: [url, "https://nowhere.invalid/b.wav"],
          languageHints: ["en"],
          diarizationEnabled: true
        }, { poll: quick })
        const [first, second] = Transcription.recordings(result)
        const transcript = yield* Transcription.transcript(first ?? {})
        assert.match(Transcription.toText(transcript), /^Hello world, this is hello_world\.wav\./)
        assert.match(Transcription.toText(transcript, { speakers: true }), /^\[0\] Hello .*\n\[1\] It ends here\.$/)
        assert.match(Transcription.toSrt(transcript), /^1\n00:00:00,100 --> .*\nHello world, .*\n\n2\n/)
        const error = yield* Effect.flip(Transcription.transcript(second ?? {}))
        assert.deepInclude({ ...error }, { _tag: "ApiError", code: "InvalidFile.DownloadFailed" })
        const [download] = yield* simulator.downloads
        assert.isDefined(download)

        const one = yield* Transcription.call({
          model: "qwen3-asr-flash-filetrans",
          fileUrl: url,
          enableWords: true
        }, { poll: quick })
        const [only] = Transcription.recordings(one)
        const words = (yield* Transcription.transcript(only ?? {})).transcripts[0]?.sentences?.[0]?.words
        assert.isAbove(words?.length ?? 0, 2)

        const failed = yield* Effect.flip(Transcription.call({
          model: "qwen3-asr-flash-filetrans",
          fileUrl: "https://forbidden.invalid/b.wav"
        }, { poll: quick }))
        assert.deepInclude({ ...failed }, { _tag: "ApiError", code: "FILE_403_FORBIDDEN", reason: "InvalidRequest" })
      }).pipe(Effect.provide(DashScope.layer({ endpoint: simulator.url, apiKey: "sk-test", retry: false })))
    }))

  it.scopedLive("uploads a recording that is at hand, however small", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      yield* Effect.gen(function*() {
        const media = Media.bytes(new Uint8Array(100), "audio/wav")
        const result = yield* Transcription.call({ model: "fun-asr", fileUrls: [media] }, { poll: quick })
        const [upload] = yield* simulator.uploads
        const [recording] = Transcription.recordings(result)
        assert.strictEqual(recording?.fileUrl, upload?.url)
        assert.isUndefined(Transcription.errorOf(recording ?? {}))
      }).pipe(Effect.provide(DashScope.layer({ endpoint: simulator.url, apiKey: "sk-test", retry: false })))
    }))
})
