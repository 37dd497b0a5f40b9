/** What our client says in realtime sessions, to be compared with what the official SDKs say in theirs. */
import { DashScope, Realtime } from "effect-dashscope"
import { Simulator } from "effect-dashscope-simulator"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

/** What was said over WebSockets, without the ids that each side makes. */
export const saidTo = (simulator: Simulator.Service) =>
  Effect.map(simulator.messages, (messages) =>
    messages.flatMap(({ text }) => {
      const message: unknown = text === undefined ? undefined : JSON.parse(text)
      if (typeof message !== "object" || message === null) return []
      const { event_id: _, ...rest } = message as Record<string, unknown>
      return [rest]
    }))

const drained = (session: Realtime.Session) => Effect.zipRight(session.finish, Stream.runDrain(session.events))

const omni = Effect.gen(function*() {
  const session = yield* Realtime.open({
    model: "qwen3-omni-flash-realtime",
    modalities: ["text", "audio"],
    voice: "Cherry",
    input: { type: "pcm" },
    output: { type: "pcm" },
    inputTranscription: null,
    turnDetection: null
  })
  yield* session.createItem("1+1?")
  yield* session.createResponse()
  yield* drained(session)
})

const tts = Realtime.speak({
  model: "qwen3-tts-flash-realtime",
  voice: "Cherry",
  mode: "server_commit",
  output: { type: "pcm", sampleRate: 16_000 }
}, Stream.make("今天天气怎么样？"))

const asr = (speech: Uint8Array) =>
  Effect.gen(function*() {
    const session = yield* Realtime.open({
      model: "qwen3-asr-flash-realtime",
      input: { type: "pcm", sampleRate: 16_000 },
      inputTranscription: { language: "zh" },
      turnDetection: null
    })
    yield* session.appendAudio(speech)
    yield* session.commit
    yield* drained(session)
  })

/** Of each session what was said in it; and speech that the simulator understands, in base64. */
export const realtimeJson: Effect.Effect<string> = Effect.gen(function*() {
  const simulator = yield* Simulator.make()
  const said = <A, E, R>(session: Effect.Effect<A, E, R>) =>
    Effect.flatMap(
      Effect.zipRight(simulator.clearRequests, session),
      (result) => Effect.map(saidTo(simulator), (messages) => ({ result, messages }))
    )
  return yield* Effect.gen(function*() {
    const spoken = yield* said(Stream.runCollect(tts))
    const speech = Buffer.concat(Chunk.toReadonlyArray(spoken.result))
    return JSON.stringify({
      tts: spoken.messages,
      omni: (yield* said(omni)).messages,
      asr: (yield* said(asr(speech))).messages,
      speech: speech.toString("base64")
    })
  }).pipe(Effect.provide(DashScope.layer({ apiKey: "interop-key", endpoint: simulator.url, retry: false })))
}).pipe(Effect.scoped, Effect.orDie)
