import { assert, describe, it } from "@effect/vitest"
import { Behavior, Simulator } from "effect-dashscope-simulator"
import * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import * as ConnectionPool from "effect-http-pool/ConnectionPool"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { isThorough } from "../../../../scripts/thorough.js"
import * as DashScope from "../../src/DashScope.js"
import type { DashScopeError } from "../../src/DashScopeError.js"
import * as HttpSpeechSynthesizer from "../../src/HttpSpeechSynthesizer.js"
import * as Recognition from "../../src/Recognition.js"
import { metricsOf, recordSpans } from "../util/recorder.js"
import { type Script, serveScript } from "../util/scriptedSocket.js"

const params: Recognition.RecognitionParams = { model: "fun-asr-realtime", format: "pcm", sampleRate: 16_000 }

const text = "好，我知道了。今天天气怎么样？It is 20 degrees."

const pieces = (bytes: Uint8Array, size: number): Stream.Stream<Uint8Array> =>
  Stream.fromIterable(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
  )

const behaving = (socket: Behavior.SocketBehavior) => ({ headers: Behavior.toHeaders({ socket }) })

const withSimulator = <A, E>(
  use: (simulator: Simulator.Service, pool: ConnectionPool.Service) => Effect.Effect<
    A,
    E,
    DashScope.Services | Scope.Scope
  >
) =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make()
    const pool = yield* ConnectionPool.make(ConnectionConfig.make({ connectionPoolSize: 2 }))
    const layer = DashScope.layerPool(pool, { apiKey: "sk-0123456789abcdef", endpoint: simulator.url, retry: false })
    const result = yield* Effect.scoped(Effect.provide(use(simulator, pool), layer))
    const { active, waiting } = yield* pool.stats
    assert.deepStrictEqual({ active, waiting }, { active: 0, waiting: 0 })
    return result
  })

const speak = (text: string, format = "pcm") =>
  HttpSpeechSynthesizer.collectAudio({
    model: "cosyvoice-v3-flash",
    voice: "longanyang",
    text,
    format,
    sampleRate: 16_000
  })

describe("recognition over the simulator", () => {
  it.scopedLive("gives back what was spoken: its text, its sentences as they grow, and what it cost", () =>
    withSimulator((simulator) =>
      Effect.gen(function*() {
        const audio = yield* speak(text)
        const all = yield* Recognition.recognize(params, audio)
        assert.strictEqual(all.text, text)
        assert.deepStrictEqual(all.sentences.map(({ text }) => text), [
          "好，我知道了。",
          "今天天气怎么样？",
          "It is 20 degrees."
        ])
        assert.isTrue(all.sentences.every(Recognition.isFinal))
        assert.deepStrictEqual(all.usage, { duration: Math.ceil(audio.length / 32_000) })
        assert.isString(all.requestId)
        const [first] = all.sentences
        assert.deepStrictEqual(first?.words?.[0], { beginTime: 0, endTime: 60, text: "好", punctuation: "，" })
        assert.include(Recognition.toSrt(all.sentences), "1\n00:00:00,000 --> 00:00:00,420\n好，我知道了。\n")

        const results = yield* Stream.runCollect(Recognition.stream(params, pieces(audio, 320)))
        const parts = [...results].flatMap(({ output: { sentence } }) => sentence?.sentenceId === 1 ? [sentence] : [])
        assert.isAbove(parts.length, 2)
        assert.deepStrictEqual(parts.map(Recognition.isFinal).lastIndexOf(false), parts.length - 2)

        const sentences = yield* Stream.runCollect(Recognition.sentences(params, pieces(audio, 320)))
        assert.deepStrictEqual([...sentences], all.sentences)
        const { open, opened, tasksFinished, tasksReused } = yield* simulator.socketStats
        assert.deepStrictEqual({ open, opened, tasksFinished, tasksReused }, {
          open: 1,
          opened: 1,
          tasksFinished: 3,
          tasksReused: 2
        })
      })
    ))

  it.scopedLive("takes audio however it is cut, in every format, and sends frames of a tenth of a second", () =>
    withSimulator((simulator) =>
      Effect.gen(function*() {
        const sizes = isThorough ? [1, 2, 7, 320, 1023, 3200, 8191, 16_384, 1_000_000] : [7, 3200, 1_000_000]
        const formats = { pcm: sizes, wav: [1000], mp3: [100, 1_000_000] }
        for (const [format, sizes] of Object.entries(formats)) {
          const audio = yield* speak(text, format)
          for (const size of sizes) {
            yield* simulator.clearRequests
            const { text: heard } = yield* Recognition.recognize({ ...params, format }, pieces(audio, size))
            assert.strictEqual(heard, text, `${format} in ${size}`)
            const frames = (yield* simulator.messages).flatMap(({ bytes, text }) => text === undefined ? [bytes] : [])
            assert.strictEqual(frames.reduce((sum, bytes) => sum + bytes, 0), audio.length)
            for (const bytes of frames.slice(0, -1)) {
              if (format === "pcm" || format === "wav") assert.isTrue(bytes >= 2400 && bytes <= 4800, `${bytes}`)
              else assert.isTrue(bytes >= 1024 && bytes <= 6144, `${bytes}`)
            }
          }
        }
      })
    ))

  it.scopedLive("drops heartbeats, and follows its parameters", () =>
    withSimulator(() =>
      Effect.gen(function*() {
        const audio = yield* speak("你好，世界。")
        const silent = new Uint8Array(4 * 32_000)
        const results = yield* Stream.runCollect(
          Recognition.stream({ ...params, heartbeat: true }, Stream.make(silent, audio))
        )
        assert.isFalse([...results].some(({ output: { sentence } }) => sentence?.heartbeat === true))
        const filtered = yield* Recognition.recognize({
          ...params,
          specialWordFilter: { filter_with_signed: { word_list: ["世界"] } }
        }, audio)
        assert.strictEqual(filtered.text, "你好，**。")
      })
    ))

  it.scopedLive("without speech is an error that is not tried again", () =>
    withSimulator((simulator) =>
      Effect.gen(function*() {
        const silent = Recognition.recognize(params, new Uint8Array(9600), { retry: { maxRetries: 2 } })
        const error = yield* Effect.flip(silent)
        assert.deepInclude<object>({ ...error }, {
          _tag: "ApiError",
          code: "NO_VALID_AUDIO_ERROR",
          reason: "InvalidRequest",
          isRetryable: false
        })
        assert.isUndefined(Recognition.partialResult(error))
        assert.strictEqual((yield* simulator.socketStats).tasks, 1)
      })
    ))

  it.scopedLive("that breaks off keeps what was recognised beside its error", () =>
    withSimulator((simulator) =>
      Effect.gen(function*() {
        const audio = yield* speak(text)
        const faults: ReadonlyArray<readonly [Behavior.SocketBehavior, string]> = [
          [{ closeAfterEvents: 10, closeCode: 1011 }, "Truncated"],
          [{ endAfterEvents: 10 }, "Truncated"],
          [{ resetAfterEvents: 10 }, "Reset"],
          [{ failAfterEvents: 10 }, "Server"]
        ]
        for (const [fault, reason] of faults) {
          const error = yield* Effect.flip(Recognition.recognize(params, pieces(audio, 3200), behaving(fault)))
          assert.strictEqual("reason" in error ? error.reason : error._tag, reason, JSON.stringify(fault))
          const partial = Recognition.partialResult(error)
          assert.isDefined(partial)
          assert.isAbove(partial.text.length, 3)
          assert.isTrue(text.startsWith(partial.text.replace(/\s+$/, "")), partial.text)
        }
        assert.strictEqual((yield* simulator.socketStats).open, 0)
      })
    ))

  it.scopedLive("keeps the deadlines of its call, alone each", () =>
    withSimulator(() =>
      Effect.gen(function*() {
        const audio = yield* speak("你好。")
        const long = "100 seconds"
        const cases = [
          [{ timeout: "60 millis", firstContentTimeout: long, contentTimeout: long }, 2, "total"],
          [{ timeout: long, firstContentTimeout: "60 millis", contentTimeout: long }, 1, "firstContent"],
          [{ timeout: long, firstContentTimeout: long, contentTimeout: "60 millis" }, 2, "content"]
        ] as const
        for (const [options, stallAfterEvents, phase] of cases) {
          const stalled = Recognition.recognize(params, audio, { ...options, ...behaving({ stallAfterEvents }) })
          const error = yield* Effect.flip(stalled)
          assert.strictEqual(error._tag === "RequestTimeout" ? error.phase : error._tag, phase)
        }
      })
    ))

  it.scopedLive("that nobody wants any more frees its connection at once, and its audio's resources", () =>
    withSimulator((simulator) =>
      Effect.gen(function*() {
        let closed = 0
        const live = pieces(yield* speak(text), 3200).pipe(
          Stream.concat(Stream.never),
          Stream.ensuring(Effect.sync(() => closed++))
        )
        const first = yield* Stream.runHead(Recognition.sentences(params, live))
        assert.strictEqual(Option.getOrThrow(first).text, "好，我知道了。")
        const { audioBytesReceived } = yield* simulator.socketStats
        const fiber = yield* Effect.fork(Recognition.recognize(params, live))
        yield* Effect.repeat(simulator.socketStats, { until: (now) => now.audioBytesReceived > audioBytesReceived })
        yield* Fiber.interrupt(fiber)
        yield* Effect.repeat(simulator.socketStats, { until: ({ open }) => open === 0 })
        assert.strictEqual(closed, 2)
        assert.strictEqual((yield* simulator.socketStats).tasksAborted, 2)
      })
    ))

  it.scopedLive("fails as its audio fails", () =>
    withSimulator(() =>
      Effect.gen(function*() {
        const audio = Stream.concat(Stream.make(yield* speak("你好。")), Stream.fail("the microphone is gone" as const))
        assert.strictEqual(yield* Effect.flip(Recognition.recognize(params, audio)), "the microphone is gone")
      })
    ))

  it.scopedLive("is seen and counted as an operation", () =>
    withSimulator((simulator) =>
      Effect.gen(function*() {
        const { spans, layer } = recordSpans()
        const port = new URL(simulator.url).port
        const audio = yield* speak("你好。")
        const { requestId } = yield* Effect.provide(Recognition.recognize(params, audio), layer)
        const [span] = spans.filter(({ name }) => name === "recognize_speech fun-asr-realtime")
        assert.isDefined(span)
        assert.deepInclude(Object.fromEntries(span.attributes), {
          "gen_ai.operation.name": "recognize_speech",
          "gen_ai.request.stream": true,
          "gen_ai.response.id": requestId
        })
        assert.isTrue(span.attributes.has("gen_ai.response.time_to_first_chunk"))
        const names = (yield* metricsOf("server.port", port)).flatMap(({ labels, name }) =>
          labels["gen_ai.operation.name"] === "recognize_speech" ? [name] : []
        )
        assert.includeMembers(names, [
          "gen_ai.client.operation.duration",
          "gen_ai.client.operation.time_to_first_chunk",
          "gen_ai.client.operation.time_per_output_chunk"
        ])
      })
    ))
})

/** Hears everything, and says at the end how much. */
const ears = (heard: Array<Buffer>, more?: Script["onMessage"]): Script => ({
  onAudio: (_, bytes) => void heard.push(bytes),
  onMessage: (peer, message) => {
    const { action, taskId } = message
    more?.(peer, message)
    if (action === "run-task") peer.event(taskId, "task-started")
    if (action !== "finish-task") return
    const sentence = { text: `${heard.reduce((sum, { length }) => sum + length, 0)}`, sentence_end: true }
    peer.event(taskId, "result-generated", { payload: { output: { sentence } } })
    peer.event(taskId, "task-finished", { payload: { output: {} } })
  }
})

const withScript = <A, E>(
  script: Script,
  use: (server: Effect.Effect.Success<ReturnType<typeof serveScript>>) => Effect.Effect<
    A,
    E,
    DashScope.Services | Scope.Scope
  >
) =>
  Effect.gen(function*() {
    const server = yield* serveScript(script)
    const layer = DashScope.layer({ apiKey: "sk-test", endpoint: server.url, retry: false })
    return yield* Effect.scoped(Effect.provide(use(server), layer))
  })

describe("what recognition sends", () => {
  it.scopedLive("has the wire's names, and context where it is put among the audio", () => {
    const heard: Array<Buffer> = []
    return withScript(ears(heard), (server) =>
      Effect.gen(function*() {
        const order: Array<number> = []
        const audio = Stream.make(
          new Uint8Array(100).fill(1),
          Recognition.context([{ role: "user", text: "pools" }]),
          new Uint8Array(200).fill(2)
        ).pipe(Stream.tap(() => Effect.sync(() => order.push(heard.length))))
        const { text } = yield* Recognition.recognize({
          ...params,
          vocabularyId: "vocab-1",
          vocabulary: { 张三: 5 },
          languageHints: ["zh"],
          semanticPunctuationEnabled: false,
          maxSentenceSilence: 800,
          multiThresholdModeEnabled: true,
          punctuationPredictionEnabled: true,
          inverseTextNormalizationEnabled: false,
          disfluencyRemovalEnabled: true,
          heartbeat: false,
          speechNoiseThreshold: -0.5,
          specialWordFilter: { system_reserved_filter: true },
          context: [{ role: "user", text: "a" }, { role: "assistant", text: "b" }],
          resources: [{ resource_id: "r", resource_type: "asr_phrase" }],
          extra: { new_one: 1 },
          extraInput: { more: 2 }
        }, audio)
        assert.strictEqual(text, "300")
        assert.deepStrictEqual(heard.map(({ length }) => length), [100, 200])
        const { messages } = server.seen
        assert.deepStrictEqual(messages.map(({ action }) => action), ["run-task", "continue-task", "finish-task"])
        assert.deepStrictEqual(messages[0]?.payload, {
          task_group: "audio",
          task: "asr",
          function: "recognition",
          model: "fun-asr-realtime",
          parameters: {
            format: "pcm",
            sample_rate: 16_000,
            vocabulary_id: "vocab-1",
            vocabulary: { 张三: 5 },
            language_hints: ["zh"],
            semantic_punctuation_enabled: false,
            max_sentence_silence: 800,
            multi_threshold_mode_enabled: true,
            punctuation_prediction_enabled: true,
            inverse_text_normalization_enabled: false,
            disfluency_removal_enabled: true,
            heartbeat: false,
            speech_noise_threshold: -0.5,
            special_word_filter: { system_reserved_filter: true },
            new_one: 1
          },
          input: {
            context: [
              { role: "user", content: [{ type: "input_text", text: "a" }] },
              { role: "assistant", content: [{ type: "text", text: "b" }] }
            ],
            more: 2
          },
          resources: [{ resource_id: "r", resource_type: "asr_phrase" }]
        })
        assert.deepStrictEqual(messages[1]?.payload, {
          input: { context: [{ role: "user", content: [{ type: "input_text", text: "pools" }] }] }
        })
        assert.deepStrictEqual(messages[2]?.payload, { input: {} })
      }))
  })

  it.scopedLive("is refused before anything is sent where something is missing", () =>
    withScript(ears([]), (server) =>
      Effect.gen(function*() {
        const wrong: ReadonlyArray<readonly [string, Effect.Effect<unknown, DashScopeError, Recognition.Recognition>]> =
          [
            ["model", Recognition.recognize({ ...params, model: "" }, new Uint8Array(1))],
            ["format", Recognition.recognize({ ...params, format: "" }, new Uint8Array(1))],
            ["sampleRate", Recognition.recognize({ ...params, sampleRate: 0 }, new Uint8Array(1))],
            ["audio", Recognition.recognize(params, new Uint8Array(0))],
            ["pace", Recognition.recognize(params, new Uint8Array(1), { pace: "fast" } as object)],
            ["gaps", Recognition.recognize(params, new Uint8Array(1), { gaps: "none" } as object)],
            ["speed", Recognition.recognize(Object.assign({ speed: 1 }, params), new Uint8Array(1))]
          ]
        for (const [field, run] of wrong) {
          const error = yield* Effect.flip(run)
          assert.strictEqual(error._tag === "InputRequired" ? error.field : error._tag, field)
        }
        assert.strictEqual(server.seen.handshakes.length, 0)
      })))

  it.scopedLive("is answered with nothing lost, be it known or not", () =>
    withScript({
      onMessage: (peer, { action, taskId }) => {
        if (action === "run-task") return peer.event(taskId, "task-started")
        if (action !== "finish-task") return
        const sentences = [
          { begin_time: 1, end_time: null, text: "a", words: [{ text: "a", x: 1 }], emo_tag: "happy" },
          { begin_time: 1, end_time: 2, text: "ab", sentence_id: "one", words: 7 },
          null
        ]
        for (const sentence of sentences) {
          peer.event(taskId, "result-generated", {
            payload: { output: { sentence, other: 1 }, usage: { duration: 1 } }
          })
        }
        peer.event(taskId, "task-finished", { payload: { output: {}, usage: { duration: 3, more: 1 } } })
      }
    }, () =>
      Effect.gen(function*() {
        const usage = { duration: 1 }
        const results = yield* Stream.runCollect(Recognition.stream(params, new Uint8Array(1)))
        assert.deepStrictEqual<unknown>([...results], [
          {
            output: {
              sentence: {
                beginTime: 1,
                endTime: null,
                text: "a",
                words: [{ text: "a", x: 1 }],
                emo_tag: "happy"
              },
              other: 1
            },
            usage
          },
          {
            output: {
              sentence: { beginTime: 1, endTime: 2, text: "ab", sentenceId: null, words: null },
              other: 1
            },
            usage
          },
          { output: { sentence: null, other: 1 }, usage },
          { output: {}, usage: { duration: 3, more: 1 } }
        ])
        const { sentences, usage: whole } = yield* Recognition.recognize(params, new Uint8Array(1))
        assert.deepStrictEqual(sentences.map(({ text }) => text), ["ab"])
        assert.strictEqual(whole?.duration, 3)
      })))
})
