import { assert, describe, it } from "@effect/vitest"
import type { Behavior } from "effect-dashscope-simulator"
import { Simulator } from "effect-dashscope-simulator"
import * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import * as ConnectionPool from "effect-http-pool/ConnectionPool"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import type { Options } from "../src/CallOptions.js"
import * as DashScope from "../src/DashScope.js"
import type { DashScopeError } from "../src/DashScopeError.js"
import * as Generation from "../src/Generation.js"
import { joined } from "../src/internal/operation/audio.js"
import * as Wav from "../src/internal/operation/wav.js"
import * as SpeechSynthesizer from "../src/SpeechSynthesizer.js"
import { recordSpans } from "./util/recorder.js"

const params: SpeechSynthesizer.SpeechParams = { model: "cosyvoice-v3-flash", voice: "longanyang", format: "pcm" }

interface Given {
  readonly simulator: Simulator.Service
  readonly pool: ConnectionPool.Service
}

/** Runs against a simulator; in the end nothing is held of the pool. */
const speaking = <A, E>(
  use: (given: Given) => Effect.Effect<A, E, DashScope.Services | Scope.Scope>,
  { behavior, config, ...options }: Options & {
    readonly behavior?: Behavior.Behavior
    readonly config?: ConnectionConfig.Input
  } = {}
) =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make(behavior === undefined ? {} : { behavior })
    const pool = yield* ConnectionPool.make(ConnectionConfig.make({ connectionPoolSize: 4, ...config }))
    const layer = DashScope.layerPool(pool, { apiKey: "sk-test", endpoint: simulator.url, retry: false, ...options })
    const result = yield* Effect.scoped(Effect.provide(use({ simulator, pool }), layer))
    const { active, waiting } = yield* pool.stats
    assert.deepStrictEqual({ active, waiting }, { active: 0, waiting: 0 })
    return result
  })

const tagsOf = (events: Iterable<SpeechSynthesizer.SpeechEvent>) =>
  Array.from(events, ({ _tag }) => _tag).filter((tag, i, all) => tag !== "Audio" || all[i - 1] !== "Audio")

const audioOf = (events: Iterable<SpeechSynthesizer.SpeechEvent>) =>
  joined(Array.from(events).flatMap((event) => event._tag === "Audio" ? [event.bytes] : []))

/** What was sent, without ids. */
const sent = ({ messages }: Simulator.Service) =>
  Effect.map(messages, (all) =>
    all.map((message) => {
      const { header, payload } = JSON.parse(String(message.text)) as {
        readonly header: { readonly action: string; readonly streaming: string }
        readonly payload: { readonly input: object; readonly parameters?: object }
      }
      return {
        action: header.action,
        streaming: header.streaming,
        input: payload.input,
        parameters: payload.parameters
      }
    }))

const textsSent = (simulator: Simulator.Service) =>
  Effect.map(sent(simulator), (all) => all.filter(({ action }) => action === "continue-task").map(({ input }) => input))

describe("SpeechSynthesizer", () => {
  it.scopedLive("speaks texts as they come: sentences, words, audio, and what it cost", () =>
    speaking(({ simulator }) =>
      Effect.gen(function*() {
        const events = yield* Stream.runCollect(SpeechSynthesizer.stream(
          { ...params, sampleRate: 16_000, wordTimestampEnabled: true, hotFix: { replace: [{ 今天: "金天" }] } },
          Stream.make("床前明月光", "，疑是", "", "地上霜。", " ", "低头思故乡")
        ))
        assert.deepStrictEqual(tagsOf(events), [
          "SentenceBegin",
          "Audio",
          "SentenceEnd",
          "SentenceBegin",
          "Audio",
          "SentenceEnd",
          "Finished"
        ])
        const [begin, end] = [
          Chunk.unsafeHead(events),
          Chunk.toReadonlyArray(events).find(({ _tag }) => _tag === "SentenceEnd")
        ]
        assert.deepInclude(begin, { text: "床前明月光，疑是地上霜。", task: 0 })
        assert.strictEqual(end?._tag === "SentenceEnd" && end.sentence.words?.[0]?.text, "床")
        const last = Chunk.unsafeLast(events)
        assert.strictEqual(last._tag, "Finished")
        if (last._tag !== "Finished") return
        assert.deepStrictEqual(last.usage, { characters: 33 })
        assert.match(String(last.requestId), /^[0-9a-f-]{36}$/)
        assert.strictEqual(last.taskIds.length, 1)
        const { audioBytesSent, tasksFinished } = yield* simulator.socketStats
        assert.strictEqual(audioOf(events).length, audioBytesSent)
        assert.strictEqual(tasksFinished, 1)
        const messages = yield* sent(simulator)
        assert.deepStrictEqual(messages[0], {
          action: "run-task",
          streaming: "duplex",
          input: {},
          parameters: {
            text_type: "PlainText",
            voice: "longanyang",
            format: "pcm",
            sample_rate: 16_000,
            word_timestamp_enabled: true,
            hot_fix: { replace: [{ 今天: "金天" }] }
          }
        })
        assert.deepStrictEqual(yield* textsSent(simulator), [
          { text: "床前明月光" },
          { text: "，疑是" },
          { text: "地上霜。" },
          { text: " 低头思故乡" }
        ])
        assert.strictEqual(messages.at(-1)?.action, "finish-task")
      })
    ))

  it.scopedLive("names every parameter as the service does", () =>
    speaking(({ simulator }) =>
      Effect.gen(function*() {
        yield* SpeechSynthesizer.synthesize({
          model: "cosyvoice-v3-flash",
          text: "a",
          voice: "v",
          format: "mp3",
          sampleRate: 22_050,
          volume: 40,
          rate: 1.5,
          pitch: 0.5,
          bitRate: 64,
          enableSsml: false,
          wordTimestampEnabled: false,
          phonemeTimestampEnabled: false,
          seed: 7,
          languageHints: ["zh"],
          instruction: "slowly",
          enableAigcTag: true,
          aigcPropagator: "p",
          aigcPropagateId: "i",
          hotFix: { pronunciation: [{ 天气: "tian1 qi4" }] },
          enableMarkdownFilter: true,
          extra: { style: "x" }
        })
        const [{ parameters } = { parameters: undefined }] = yield* sent(simulator)
        assert.deepStrictEqual(parameters, {
          text_type: "PlainText",
          voice: "v",
          format: "mp3",
          sample_rate: 22_050,
          volume: 40,
          rate: 1.5,
          pitch: 0.5,
          bit_rate: 64,
          enable_ssml: false,
          word_timestamp_enabled: false,
          phoneme_timestamp_enabled: false,
          seed: 7,
          language_hints: ["zh"],
          instruction: "slowly",
          enable_aigc_tag: true,
          aigc_propagator: "p",
          aigc_propagate_id: "i",
          hot_fix: { pronunciation: [{ 天气: "tian1 qi4" }] },
          enable_markdown_filter: true,
          style: "x"
        })
      })
    ))

  it.scopedLive("speaks a text as one file, whose head says how long it is", () =>
    speaking(({ simulator }) =>
      Effect.gen(function*() {
        const text = "你好。How are you?"
        const wav = yield* SpeechSynthesizer.synthesize({ ...params, format: "wav", text })
        const pcm = yield* SpeechSynthesizer.synthesize({ ...params, text })
        assert.deepStrictEqual(wav.audio.subarray(Wav.headBytes), pcm.audio)
        assert.deepStrictEqual(
          wav.audio.subarray(0, Wav.headBytes),
          Wav.head(pcm.audio.length, { ...Wav.usual, sampleRate: 22_050 })
        )
        assert.deepStrictEqual(wav.sentences.map(({ sentence, text }) => [sentence.index, text]), [
          [0, "你好。"],
          [1, "How are you?"]
        ])
        const { opened, tasksReused } = yield* simulator.socketStats
        assert.deepStrictEqual({ opened, tasksReused }, { opened: 1, tasksReused: 1 })
      })
    ))

  it.scopedLive("gives a text to Sambert as a whole, and reads its sentences", () =>
    speaking(({ simulator }) =>
      Effect.gen(function*() {
        const sambert = {
          model: "sambert-zhichu-v1",
          format: "mp3",
          wordTimestampEnabled: true,
          phonemeTimestampEnabled: true
        }
        const texts = Stream.make("一。", SpeechSynthesizer.flush, "二。")
        const speech = yield* SpeechSynthesizer.stream(sambert, texts).pipe(SpeechSynthesizer.collect(sambert))
        assert.deepStrictEqual(
          speech.sentences.map(({ sentence }) => sentence.words?.map(({ text }) => text).join("")),
          [
            "一。",
            "二。"
          ]
        )
        assert.isNumber(speech.sentences[0]?.sentence.words?.[0]?.phonemes?.[0]?.tone)
        assert.strictEqual(speech.usage?.characters, 4)
        assert.deepStrictEqual(yield* sent(simulator), [{
          action: "run-task",
          streaming: "out",
          input: { text: "一。二。" },
          parameters: {
            text_type: "PlainText",
            format: "mp3",
            word_timestamp_enabled: true,
            phoneme_timestamp_enabled: true
          }
        }])
      })
    ))

  it.scopedLive("gives SSML as one text", () =>
    speaking(({ simulator }) =>
      Effect.gen(function*() {
        yield* Stream.runDrain(SpeechSynthesizer.stream(
          { ...params, enableSsml: true },
          Stream.make("<speak>你好", "<break time=\"1s\"/>。", "</speak>")
        ))
        assert.deepStrictEqual(yield* textsSent(simulator), [{ text: "<speak>你好<break time=\"1s\"/>。</speak>" }])
      })
    ))

  it.scopedLive("has what was given spoken at once where it is told so", () =>
    speaking(({ simulator }) =>
      Effect.gen(function*() {
        const goOn = yield* Deferred.make<void>()
        const texts = Stream.concat(
          Stream.make(SpeechSynthesizer.flush, "half a ", SpeechSynthesizer.flush),
          Stream.fromEffect(Effect.as(Deferred.await(goOn), "sentence."))
        )
        const events = yield* SpeechSynthesizer.stream(params, texts).pipe(
          Stream.tap(({ _tag }) => _tag === "SentenceEnd" ? Deferred.succeed(goOn, undefined) : Effect.void),
          Stream.runCollect
        )
        assert.strictEqual(tagsOf(events).filter((tag) => tag === "SentenceEnd").length, 2)
        assert.deepStrictEqual(yield* textsSent(simulator), [
          { text: "half a " },
          { flush: true },
          { text: "sentence." }
        ])
      })
    ))

  it.scopedLive("asks for nothing where there is no text", () =>
    speaking(({ simulator }) =>
      Effect.gen(function*() {
        for (const model of ["cosyvoice-v3-flash", "sambert-zhichu-v1"]) {
          const events = yield* Stream.runCollect(
            SpeechSynthesizer.stream({ ...params, model }, Stream.make("", " ", SpeechSynthesizer.flush, "\n"))
          )
          assert.deepStrictEqual(Chunk.toReadonlyArray(events), [
            { _tag: "Finished", usage: undefined, requestId: undefined, taskIds: [] }
          ])
        }
        assert.strictEqual((yield* simulator.socketStats).opened, 0)
      })
    ))

  it.scopedLive("refuses what cannot be spoken before it is sent", () =>
    speaking(({ simulator }) =>
      Effect.gen(function*() {
        const field = (error: DashScopeError) => error._tag === "InputRequired" ? error.field : error._tag
        const fieldOf = (params: SpeechSynthesizer.SpeechParams, ...texts: ReadonlyArray<string>) =>
          Effect.map(Effect.flip(Stream.runDrain(SpeechSynthesizer.stream(params, Stream.make(...texts)))), field)
        assert.strictEqual(yield* fieldOf({ ...params, model: "" }, "a"), "model")
        assert.strictEqual(yield* fieldOf({ ...params, voice: "" }, "a"), "voice")
        assert.strictEqual(yield* fieldOf({ ...params, rate: NaN }, "a"), "rate")
        assert.strictEqual(yield* fieldOf({ ...params, model: "sambert-zhichu-v1" }, "a".repeat(10_001)), "texts")
        assert.strictEqual(yield* fieldOf({ ...params, enableSsml: true }, "a".repeat(20_001)), "texts")
        // @ts-expect-error it is neither a text nor a flush
        assert.strictEqual(yield* fieldOf(params, 1), "texts")
        const empty = yield* Effect.flip(SpeechSynthesizer.synthesize({ ...params, text: " " }))
        assert.strictEqual(field(empty), "text")
        assert.strictEqual((yield* simulator.socketStats).tasks, 0)
      })
    ))

  it.scopedLive("cuts what a message cannot have, and refuses what a task cannot have", () =>
    speaking(({ simulator }) =>
      Effect.gen(function*() {
        yield* Stream.runDrain(SpeechSynthesizer.stream(params, Stream.make("字".repeat(10_001))))
        assert.deepStrictEqual(
          (yield* textsSent(simulator)).map((input) => "text" in input && String(input.text).length),
          [10_000, 1]
        )
        yield* simulator.clearRequests
        const { tasks } = yield* simulator.socketStats
        // All at once, and piece by piece, so that some of it is sent already.
        const tooMuch = Stream.succeed("字".repeat(9999) + "，").pipe(Stream.forever, Stream.take(11))
        const one = yield* Effect.flip(Stream.runDrain(SpeechSynthesizer.stream(params, tooMuch)))
        const slow = Stream.tap(tooMuch, () => Effect.sleep("1 millis"))
        const other = yield* Effect.flip(Stream.runDrain(SpeechSynthesizer.stream(params, slow)))
        for (const error of [one, other]) {
          assert.strictEqual(error._tag === "InputRequired" ? error.field : error._tag, "texts")
          assert.include(error.message, "200000")
        }
        const last = yield* simulator.socketStats
        assert.strictEqual(last.tasksFailed, 0)
        assert.isAtLeast(last.tasks, tasks)
      }), { behavior: { socket: { audioBytes: 100 } } }))

  it.scopedLive("says an answer before it is complete", () =>
    speaking(({ pool }) =>
      Effect.gen(function*() {
        const order: Array<string> = []
        const heard = yield* Deferred.make<void>()
        const bytes = yield* Generation.streamText({ model: "qwen-plus", prompt: "你是谁？" }).pipe(
          Stream.concat(Stream.fromEffect(Effect.as(Deferred.await(heard), "The end."))),
          Stream.tap((text) => Effect.sync(() => text === "The end." && order.push("last text"))),
          SpeechSynthesizer.sayAnswer(params, { cut: "sentences" }),
          Stream.tap(() => {
            order.push("sound")
            return Deferred.succeed(heard, undefined)
          }),
          Stream.runFold(0, (sum, piece) => sum + piece.length)
        )
        assert.isAbove(bytes, 0)
        assert.strictEqual(order[0], "sound")
        assert.include(order, "last text")
        assert.isAtMost((yield* pool.stats).opened, 2)
      })
    ))

  it.scopedLive("does not keep an answer from its end where all connections are taken", () =>
    speaking(({ simulator }) =>
      Effect.gen(function*() {
        // Each needs two connections, and there is one for each.
        yield* Effect.forEach(
          [1, 2, 3, 4],
          (i) =>
            Generation.streamText({ model: "qwen-plus", prompt: `Count to ${i}` }).pipe(
              SpeechSynthesizer.sayAnswer(params),
              Stream.runDrain
            ),
          { concurrency: "unbounded", discard: true }
        )
        assert.strictEqual((yield* simulator.socketStats).tasksFinished, 4)
        assert.isAtMost((yield* simulator.stats).maxOpenConnections, 4)
      })
    ))

  it.scopedLive("is seen and counted as an operation", () =>
    Effect.gen(function*() {
      const { layer, spans } = recordSpans()
      yield* Effect.provide(speaking(() => SpeechSynthesizer.synthesize({ ...params, text: "你好。" })), layer)
      const span = spans.find(({ name }) => name === "synthesize_speech cosyvoice-v3-flash")
      assert.isDefined(span)
      assert.strictEqual(span?.attributes.get("gen_ai.operation.name"), "synthesize_speech")
      assert.isNumber(span?.attributes.get("gen_ai.response.time_to_first_chunk"))
      assert.match(String(span?.attributes.get("gen_ai.response.id")), /^[0-9a-f-]{36}$/)
    }))
})

describe("a speech that fails", () => {
  const text = "一。二。三。"

  it.scopedLive("is an ApiError with the task's code, and what had come stays beside it", () =>
    speaking(({ simulator }) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(SpeechSynthesizer.synthesize({ ...params, text }))
        assert.strictEqual(error._tag, "ApiError")
        const speech = SpeechSynthesizer.partialSpeech(error)
        assert.isAbove(speech?.audio.length ?? 0, 0)
        assert.strictEqual(speech?.sentences[0]?.text, "一。")
        assert.strictEqual(speech?.audio.length, (yield* simulator.socketStats).audioBytesSent)
        yield* simulator.waitForSockets(({ open }) => open === 0)
      }), {
      behavior: { error: { status: 500, code: "InternalError", message: "no" }, socket: { failAfterEvents: 4 } }
    }))

  it.scopedLive("because the service closed in its midst is truncated, and what had come stays beside it", () =>
    Effect.forEach(["closeAfterEvents", "endAfterEvents"] as const, (fault) =>
      speaking(() =>
        Effect.gen(function*() {
          const heard: Array<Uint8Array> = []
          const error = yield* SpeechSynthesizer.stream({ ...params, format: "wav" }, Stream.make(text)).pipe(
            Stream.runForEach((event) => Effect.sync(() => event._tag === "Audio" && heard.push(event.bytes))),
            Effect.flip
          )
          assert.strictEqual(error._tag === "ConnectionError" ? error.reason : error._tag, "Truncated")
          const samples = joined(heard).subarray(Wav.headBytes)
          assert.deepStrictEqual(SpeechSynthesizer.partialSpeech(error)?.audio.subarray(Wav.headBytes), samples)
        }), { behavior: { socket: { [fault]: 4 } } })))

  it.scopedLive("with a foreign voice has nothing beside its error", () =>
    speaking(() =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(SpeechSynthesizer.synthesize({ ...params, voice: "unknown", text }))
        assert.include(error.message, "418")
        assert.isUndefined(SpeechSynthesizer.partialSpeech(error))
      })
    ))

  it.scopedLive("because its text did fails so", () =>
    speaking(({ simulator }) =>
      Effect.gen(function*() {
        const texts = Stream.concat(Stream.make("一。"), Stream.fail("broken" as const))
        const error = yield* Effect.flip(Stream.runDrain(SpeechSynthesizer.stream(params, texts)))
        assert.strictEqual(error, "broken")
        const defect = yield* Effect.exit(Stream.runDrain(SpeechSynthesizer.stream(params, Stream.die("bug"))))
        assert.deepStrictEqual(defect, Exit.die("bug"))
        yield* simulator.waitForSockets(({ open }) => open === 0)
      })
    ))

  it.scopedLive("because nobody listens any more closes its connection at once", () =>
    speaking(({ simulator }) =>
      Effect.gen(function*() {
        const texts = Stream.concat(Stream.make(text), Stream.never)
        yield* Stream.runDrain(Stream.take(SpeechSynthesizer.stream(params, texts), 2))
        yield* simulator.waitForSockets(({ open, tasksAborted }) => open === 0 && tasksAborted === 1)
        const fiber = yield* Effect.fork(Stream.runDrain(SpeechSynthesizer.stream(params, texts)))
        yield* simulator.waitForSockets(({ tasks, tasksInFlight }) => tasks === 2 && tasksInFlight === 1)
        yield* Fiber.interrupt(fiber)
        yield* simulator.waitForSockets(({ open, tasksAborted }) => open === 0 && tasksAborted === 2)
      })
    ))
})

describe("the deadlines of a speech", () => {
  const text = Stream.make("一。二。三。")
  const far = "100 seconds"

  /** The phase that passes, of all when the other deadlines are far. */
  const phaseOf = (
    options: SpeechSynthesizer.SpeechOptions,
    socket: Behavior.SocketBehavior,
    texts: Stream.Stream<string> = text
  ) =>
    speaking(({ simulator }) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(Stream.runDrain(SpeechSynthesizer.stream(params, texts, options)))
        yield* simulator.waitForSockets(({ open }) => open === 0)
        return error._tag === "RequestTimeout" ? error.phase : error._tag
      }), { behavior: { socket }, timeout: far, firstContentTimeout: far, contentTimeout: far })

  it.scopedLive("each fires alone", () =>
    Effect.gen(function*() {
      // The task is started, and then there is silence; or after its first audio.
      assert.strictEqual(yield* phaseOf({ timeout: "50 millis" }, { stallAfterEvents: 1 }), "total")
      assert.strictEqual(yield* phaseOf({ firstContentTimeout: "50 millis" }, { stallAfterEvents: 1 }), "firstContent")
      assert.strictEqual(yield* phaseOf({ firstContentTimeout: "50 millis" }, { stallAfterEvents: 2 }), "firstContent")
      assert.strictEqual(yield* phaseOf({ contentTimeout: "50 millis" }, { stallAfterEvents: 4 }), "content")
    }))

  it.scopedLive("the whole covers the waits for text", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* phaseOf({ timeout: "50 millis" }, {}, Stream.never), "total")
      assert.strictEqual(
        yield* phaseOf({ timeout: "200 millis" }, {}, Stream.concat(text, Stream.never)),
        "total"
      )
    }))
})

describe("a pause of the text", () => {
  /** Speaks what is put into the queue, under a clock that tests move. */
  const paused = (
    options: SpeechSynthesizer.SpeechOptions & { readonly format?: string },
    use: (
      given: Given & { readonly say: (text: string | null) => Effect.Effect<unknown> }
    ) => Effect.Effect<void>
  ) =>
    speaking((given) =>
      Effect.gen(function*() {
        const { format = "pcm", ...own } = options
        const queue = yield* Queue.unbounded<string | null>()
        const texts = Stream.fromQueue(queue).pipe(
          Stream.takeWhile((text): text is string => text !== null)
        )
        const fiber = yield* Effect.fork(
          Effect.either(SpeechSynthesizer.stream({ ...params, format }, texts, own).pipe(Stream.runCollect))
        )
        yield* use({ ...given, say: (text) => Queue.offer(queue, text) })
        return yield* Fiber.join(fiber)
      })
    )

  const heard = (characters: number) => (stats: { readonly messagesReceived: number }) =>
    stats.messagesReceived >= characters

  it.scoped("has the next text open another task over the same connection, in one file", () =>
    Effect.forEach(["pcm", "wav"], (format) =>
      Effect.gen(function*() {
        const result = yield* paused({ format }, ({ pool, say, simulator }) =>
          Effect.gen(function*() {
            yield* say("一。半")
            yield* simulator.waitForSockets(heard(2))
            yield* TestClock.adjust("19 seconds")
            yield* say("句")
            yield* simulator.waitForSockets(heard(3))
            yield* TestClock.adjust("19 seconds")
            assert.strictEqual((yield* simulator.socketStats).tasksFinished, 0)
            yield* TestClock.adjust("1 seconds")
            yield* simulator.waitForSockets(({ tasksFinished }) => tasksFinished === 1)
            // What waits for text holds nothing.
            yield* Effect.repeat(pool.stats, { until: ({ active }) => active === 0 })
            yield* TestClock.adjust("40 seconds")
            yield* say("二。")
            yield* say(null)
          }))
        assert.strictEqual(result._tag, "Right")
        if (result._tag !== "Right") return
        const events = Chunk.toReadonlyArray(result.right)
        const ends = events.flatMap((event) => event._tag === "SentenceEnd" ? [event] : [])
        assert.deepStrictEqual(ends.map(({ sentence, task, text }) => [task, sentence.index, text]), [
          [0, 0, "一。"],
          [0, 1, "半句"],
          [1, 0, "二。"]
        ])
        const last = events.at(-1)
        assert.strictEqual(last?._tag === "Finished" && last.usage?.characters, 10)
        assert.strictEqual(last?._tag === "Finished" && last.taskIds.length, 2)
        // A second head would be noise.
        const head = format === "wav" ? Wav.headBytes : 0
        const seconds = (audioOf(events).length - head) / 2 / 22_050
        assert.strictEqual(seconds % 0.06 < 1e-9 || 0.06 - seconds % 0.06 < 1e-9, true)
      })))

  it.scoped("fails where it is told so, before the service would", () =>
    Effect.gen(function*() {
      const result = yield* paused({ gaps: "fail" }, ({ say, simulator }) =>
        Effect.gen(function*() {
          yield* say("一。")
          yield* simulator.waitForSockets(heard(2))
          yield* TestClock.adjust("20 seconds")
          yield* simulator.waitForSockets(({ open }) => open === 0)
        }))
      assert.strictEqual(result._tag, "Left")
      if (result._tag !== "Left") return
      assert.strictEqual(result.left._tag === "InputRequired" ? result.left.field : result.left._tag, "texts")
      assert.include(result.left.message, "20 seconds")
    }))
})
