/**
 * Talks with a model that hears and speaks.
 *
 * `npm run example -- voice-chat answers.wav question.wav` asks what a recording of yours says, of one channel and 16 kHz;
 * `--microphone` in the place of a recording listens for ten seconds, by `arecord`. Without either, two questions are spoken first.
 */
import type { Error as PlatformError } from "@effect/platform"
import { FileSystem } from "@effect/platform"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Schema, Stream } from "effect"
import { DashScope, type DashScopeError, Realtime, SpeechSynthesizer, Tool } from "effect-dashscope"
import { microphone, type Recorder } from "./internal/microphone.js"
import { sampleRate } from "./internal/recording.js"
import * as Service from "./internal/service.js"
import { wavOf } from "./internal/wav.js"

const [answers, question] = process.argv.slice(2)
const listens = question === "--microphone"

const recorded = (path: string) =>
  Stream.fromEffect(Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    return (yield* files.readFile(path)).subarray(44)
  }))

const spoken = (text: string) =>
  SpeechSynthesizer.streamAudio(
    { model: "cosyvoice-v3-flash", voice: "longanyang", format: "pcm", sampleRate },
    Stream.make(text)
  )

/** Ends where the audio does. */
const turn = <E, R>(audio: Stream.Stream<Uint8Array, E, R>) => Stream.concat(audio, Stream.make(Realtime.endTurn))

const input: Stream.Stream<
  Realtime.ConversationInput,
  DashScopeError.DashScopeError | PlatformError.PlatformError,
  FileSystem.FileSystem | Recorder | SpeechSynthesizer.SpeechSynthesizer
> = listens
  ? microphone({ sampleRate, seconds: 10 })
  : question === undefined
  ? Stream.concat(turn(spoken("Who are you?")), turn(spoken("What is the weather in Paris?")))
  : turn(recorded(question))

const getWeather = Tool.make("get_weather", {
  description: "The weather of a city, now",
  parameters: Schema.Struct({ city: Schema.String }),
  success: Schema.Struct({ sky: Schema.String, degrees: Schema.Number })
})

const outputRate = 24_000

const file = Effect.gen(function*() {
  if (answers !== undefined) return answers
  const files = yield* FileSystem.FileSystem
  return `${yield* files.makeTempDirectoryScoped()}/answers.wav`
})

const show = (event: Realtime.ConversationEvent) => {
  switch (event._tag) {
    case "Heard":
      return event.transcript.isFinal ? Console.log(`You:   ${event.transcript.text}`) : Effect.void
    case "ToolCallFinished":
      return Console.log(`Tool:  ${event.call.function.name}(${event.call.function.arguments}) = ${event.content}`)
    case "ResponseDone":
      return event.response.transcript === "" ? Effect.void : Console.log(`Model: ${event.response.transcript}`)
    case "Interrupted":
      return Console.log("       (interrupted)")
    default:
      return Effect.void
  }
}

const program = Effect.scoped(Effect.gen(function*() {
  const { name } = yield* Service.Service
  const files = yield* FileSystem.FileSystem
  const path = yield* file
  yield* Console.log(`Asking: ${name}`)
  // With a microphone, the service hears when a turn ends, and when the user speaks while the model does.
  const { audio, events } = yield* Realtime.conversation(
    {
      model: "qwen3.5-omni-flash-realtime",
      voice: "Tina",
      instructions: "Answer in one or two sentences.",
      input: { type: "pcm", sampleRate },
      output: { type: "pcm", sampleRate: outputRate },
      turnDetection: listens ? { type: "semantic_vad" } : null
    },
    input,
    { handlers: [Tool.handler(getWeather, () => Effect.succeed({ sky: "rain", degrees: 12 }))] }
  )
  const [pieces] = yield* Effect.all([Stream.runCollect(audio), Stream.runForEach(events, show)], { concurrency: 2 })
  const samples = Buffer.concat(Array.from(pieces))
  yield* files.writeFile(path, wavOf(samples, outputRate))
  yield* Console.log(`Saved: ${path}, ${(samples.length / 2 / outputRate).toFixed(1)} s of speech`)
}))

program.pipe(
  Effect.catchAll((error) =>
    Effect.zipRight(
      Console.error(`${error._tag}: ${error.message}`),
      Effect.sync(() => {
        process.exitCode = 1
      })
    )
  ),
  Effect.provide(DashScope.layer()),
  Effect.provide(Service.layer()),
  Effect.provide(NodeContext.layer),
  NodeRuntime.runMain
)
