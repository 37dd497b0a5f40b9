/**
 * Realtime sessions against the simulator: what they come to, and what the server counts.
 */
import { assert, describe, it } from "@effect/vitest"
import type { Behavior } from "effect-dashscope-simulator"
import { Simulator } from "effect-dashscope-simulator"
import * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import * as ConnectionPool from "effect-http-pool/ConnectionPool"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as DashScope from "../src/DashScope.js"
import { joined } from "../src/internal/operation/audio.js"
import * as Realtime from "../src/Realtime.js"
import * as Tool from "../src/Tool.js"

const rate = 16_000

/** What the simulator speaks at the rate that it hears, it understands. */
const voice: Realtime.RealtimeParams = {
  model: "qwen3-tts-flash-realtime",
  voice: "Cherry",
  output: { type: "pcm", sampleRate: rate }
}

const asr: Realtime.RealtimeParams = {
  model: "qwen3-asr-flash-realtime",
  turnDetection: { type: "server_vad", silenceDurationMs: 400 }
}

const omni: Realtime.RealtimeParams = {
  model: "qwen3.5-omni-flash-realtime",
  output: { sampleRate: rate },
  turnDetection: { type: "server_vad", silenceDurationMs: 400 }
}

const silence = (millis: number) => new Uint8Array(2 * rate * millis / 1000)

const all = <A, E, R>(stream: Stream.Stream<A, E, R>) => Effect.map(Stream.runCollect(stream), Chunk.toReadonlyArray)

const said = (text: string) => Effect.map(all(Realtime.speak(voice, Stream.make(text))), joined)

const against = <A, E>(
  use: (simulator: Simulator.Service) => Effect.Effect<A, E, DashScope.Services | Scope.Scope>,
  behavior: Behavior.Behavior = {}
) =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make({ behavior })
    const pool = yield* ConnectionPool.make(ConnectionConfig.make({ connectionPoolSize: 3 }))
    const layer = DashScope.layerPool(pool, { apiKey: "sk-test", endpoint: simulator.url, retry: false })
    const result = yield* Effect.scoped(Effect.provide(use(simulator), layer))
    const { active, waiting } = yield* pool.stats
    assert.deepStrictEqual({ active, waiting }, { active: 0, waiting: 0 })
    yield* simulator.waitForSockets(({ open }) => open === 0)
    return result
  })

describe("speaking and listening", () => {
  it.scopedLive("come to what was said", () =>
    against(({ socketStats }) =>
      Effect.gen(function*() {
        const first = yield* said("今天天气怎么样？")
        const second = yield* said("Very well.")
        const audio = joined([first, silence(500), second])
        const sentences = (params: Realtime.RealtimeParams, pieceBytes: number) => {
          const pieces = Array.from(
            { length: Math.ceil(audio.length / pieceBytes) },
            (_, i) => audio.subarray(i * pieceBytes, (i + 1) * pieceBytes)
          )
          return all(Realtime.transcribe(params, Stream.fromIterable(pieces)))
        }
        const heard = yield* sentences(asr, 3200)
        assert.deepStrictEqual(
          heard.filter(({ isFinal }) => isFinal).map(({ text }) => text),
          ["今天天气怎么样？", "Very well."]
        )
        assert.isAbove(heard.filter(({ isFinal, stash }) => !isFinal && stash !== "").length, 1)
        // By hand, and in one piece of any size.
        const whole = yield* sentences({ ...asr, turnDetection: null }, audio.length)
        assert.strictEqual(whole.at(-1)?.text, "今天天气怎么样？Very well.")
        // Each session had a socket of its own.
        const { opened, sessions } = yield* socketStats
        assert.deepStrictEqual({ opened, sessions }, { opened: 4, sessions: 4 })
      })
    ))

  it.scopedLive("of texts that are committed speak one after the other", () =>
    against(({ messages }) =>
      Effect.gen(function*() {
        const texts = Stream.make("一。", "", "二。", "三。")
        const audio = yield* all(Realtime.speak({ ...voice, mode: "commit" }, texts))
        const heard = yield* all(Realtime.transcribe({ ...asr, turnDetection: null }, Stream.make(joined(audio))))
        assert.strictEqual(heard.at(-1)?.text, "一。二。三。")
        const sent = (yield* messages).map(({ text }) => (JSON.parse(String(text)) as { readonly type: string }).type)
        assert.deepStrictEqual(sent.filter((type) => type.startsWith("input_text")), [
          "input_text_buffer.append",
          "input_text_buffer.commit",
          "input_text_buffer.append",
          "input_text_buffer.commit",
          "input_text_buffer.append",
          "input_text_buffer.commit"
        ])
      })
    ))

  it.scopedLive("in two languages have what was said, its translation, and the sound of it", () =>
    against(() =>
      Effect.gen(function*() {
        const audio = yield* said("人工智能。")
        const events = yield* all(Realtime.translate({
          model: "qwen3-livetranslate-flash-realtime",
          inputTranscription: { model: "qwen3-asr-flash-realtime" },
          turnDetection: null,
          translation: { language: "en", phrases: { 人工智能: "Artificial Intelligence" } }
        }, Stream.make(audio)))
        const heard = events.find((event) => event._tag === "Heard" && event.transcript.isFinal)
        assert.strictEqual(heard?._tag === "Heard" && heard.transcript.text, "人工智能。")
        const translations = events.flatMap((event) => event._tag === "Translation" ? [event] : [])
        assert.strictEqual(translations.at(-1)?.text, "[auto → en] Artificial Intelligence。")
        assert.isTrue(translations.at(-1)?.isFinal)
        assert.strictEqual(
          translations.at(-1)?.sourceItemId,
          heard?._tag === "Heard" ? heard.transcript.itemId : undefined
        )
        assert.isAbove(joined(events.flatMap((event) => event._tag === "Audio" ? [event.audio] : [])).length, 0)
      })
    ))

  it.scopedLive("with what the service refuses fail with its error", () =>
    against(() =>
      Effect.gen(function*() {
        const wrong = yield* Effect.flip(all(Realtime.speak({ ...voice, voice: "unknown" }, Stream.make("a"))))
        assert.strictEqual(wrong._tag === "ApiError" ? wrong.reason : wrong._tag, "InvalidRequest")
        const missing = yield* Effect.flip(
          all(Realtime.transcribe({ ...asr, model: "unknown-realtime", family: "asr" }, Stream.empty))
        )
        assert.strictEqual(missing._tag === "ApiError" ? missing.reason : missing._tag, "NotFound")
        const mute = yield* Effect.flip(all(Realtime.speak(asr, Stream.make("a"))))
        assert.strictEqual(mute._tag === "InputRequired" ? mute.field : mute._tag, "model")
        const broken = yield* Effect.flip(
          all(Realtime.transcribe(asr, Stream.concat(Stream.make(silence(10)), Stream.fail("no microphone" as const))))
        )
        assert.strictEqual(broken, "no microphone")
      })
    ))

  it.scopedLive("of a model that breaks off are truncated, and its error where it says one", () =>
    Effect.gen(function*() {
      const failing = (behavior: Behavior.Behavior) =>
        against(() => Effect.flip(all(Realtime.speak(voice, Stream.make("你好。")))), behavior)
      const cut = yield* failing({ socket: { closeAfterEvents: 5 } })
      assert.strictEqual(cut._tag === "ConnectionError" ? cut.reason : cut._tag, "Truncated")
      const failed = yield* failing({
        socket: { failAfterEvents: 5 },
        error: { status: 500, code: "InternalError", message: "It broke." }
      })
      assert.strictEqual(failed._tag === "ApiError" ? failed.description : failed._tag, "It broke.")
    }))

  it.scopedLive("read slowly slow the service", () =>
    against(({ socketStats }) =>
      Effect.gen(function*() {
        const whole = 60_000_000
        const fiber = yield* Realtime.speak(voice, Stream.make("x.")).pipe(
          Stream.runForEachWhile((audio) => Effect.as(Effect.sleep("50 millis"), audio.length < 0 || true)),
          Effect.fork
        )
        yield* Effect.repeat(socketStats, { until: ({ audioBytesSent }) => audioBytesSent > 0 })
        yield* Effect.sleep("300 millis")
        const { audioBytesSent } = yield* socketStats
        assert.isBelow(audioBytesSent, whole / 2)
        yield* Fiber.interrupt(fiber)
      }), { socket: { audioBytes: 60_000_000, frameBytes: 100_000 } }))
})

const getWeather = Tool.make("get_weather", {
  description: "The weather of a city",
  parameters: Schema.Struct({ city: Schema.String }),
  success: Schema.Struct({ sky: Schema.String })
})

describe("a conversation", () => {
  it.scopedLive("hears, answers, and ends with its input", () =>
    against(() =>
      Effect.gen(function*() {
        const question = joined([silence(100), yield* said("1+1?"), silence(500)])
        const { audio, events } = yield* Realtime.conversation(omni, Stream.make(question))
        const [spoken, happened] = yield* Effect.all([all(audio), all(events)], { concurrency: 2 })
        const heard = happened.flatMap((event) => event._tag === "Heard" && event.transcript.isFinal ? [event] : [])
        assert.deepStrictEqual(heard.map(({ transcript }) => transcript.text), ["1+1?"])
        const answers = happened.flatMap((event) => event._tag === "ResponseDone" ? [event.response] : [])
        assert.deepStrictEqual(answers.map(({ status, transcript }) => [status, transcript]), [[
          "completed",
          "1+1 equals 2."
        ]])
        const back = yield* all(Realtime.transcribe({ ...asr, turnDetection: null }, Stream.make(joined(spoken))))
        assert.strictEqual(back.at(-1)?.text, "1+1 equals 2.")
        const says = happened.flatMap((event) => event._tag === "Said" ? [event] : [])
        assert.strictEqual(says.map(({ delta }) => delta).join(""), "1+1 equals 2.")
        assert.strictEqual(says.at(-1)?.text, "1+1 equals 2.")
      })
    ))

  it.scopedLive("by hand takes turns, with text and pictures", () =>
    against(() =>
      Effect.gen(function*() {
        const jpeg = Uint8Array.of(0xff, 0xd8, 0xff)
        const { events } = yield* Realtime.conversation(
          { ...omni, turnDetection: null, modalities: ["text"] },
          Stream.make(
            Realtime.text("1+1?"),
            Realtime.endTurn,
            yield* said("你是谁？"),
            Realtime.image(jpeg)
          )
        )
        const answers = (yield* all(events)).flatMap((event) =>
          event._tag === "ResponseDone" ? [event.response.text] : []
        )
        assert.strictEqual(answers.length, 2)
        assert.strictEqual(answers[0], "1+1 equals 2.")
        assert.match(answers[1] ?? "", /1 张图片。我是通义千问/)
      })
    ))

  it.scopedLive("uses tools", () =>
    against(() =>
      Effect.gen(function*() {
        const handlers = [
          Tool.handler(getWeather, ({ city }) => Effect.succeed({ sky: `rain over ${city}` }))
        ]
        const { events } = yield* Realtime.conversation(
          { ...omni, turnDetection: null, modalities: ["text"] },
          Stream.make(Realtime.text("What is the weather in Paris?")),
          { handlers }
        )
        const happened = yield* all(events)
        const tags = happened.flatMap(({ _tag }) => _tag === "Server" || _tag === "Said" ? [] : [_tag])
        assert.deepStrictEqual(tags, ["ResponseDone", "ToolCallStarted", "ToolCallFinished", "ResponseDone"])
        const last = happened.filter(({ _tag }) => _tag === "ResponseDone").at(-1)
        assert.include(last?._tag === "ResponseDone" ? last.response.text : "", "rain over Paris")
      })
    ))
})
