/**
 * Speaks the answer of a model while it is written, and keeps it as a WAV file.
 *
 * `npm run example -- speak "Tell me a joke" joke.wav` asks a question of yours. Without a file's name, the file is removed at
 * the end.
 */
import { FileSystem } from "@effect/platform"
import { NodeFileSystem, NodeRuntime } from "@effect/platform-node"
import { Clock, Console, Effect, Stream } from "effect"
import { ConnectionPool, DashScope, Generation, SpeechSynthesizer } from "effect-dashscope"
import * as Service from "./internal/service.js"

const question = process.argv[2] ?? "Who are you?"

const voice = {
  model: "cosyvoice-v3-flash",
  voice: "longanyang",
  format: "wav",
  sampleRate: 24_000
} satisfies SpeechSynthesizer.SpeechParams

const file = Effect.gen(function*() {
  const given = process.argv[3]
  if (given !== undefined) return given
  const files = yield* FileSystem.FileSystem
  return `${yield* files.makeTempDirectoryScoped()}/speak.wav`
})

const program = Effect.scoped(Effect.gen(function*() {
  const { name } = yield* Service.Service
  const files = yield* FileSystem.FileSystem
  const path = yield* file
  yield* Console.log(`Asking:      ${name}`)
  yield* Console.log(`Question:    ${question}`)

  const askedAt = yield* Clock.currentTimeMillis
  let firstSound: number | undefined
  // One stream: the texts of the answer go in, and what is spoken comes out.
  const speech = yield* SpeechSynthesizer.stream(
    voice,
    Generation.streamText({ model: "qwen-plus", prompt: question }).pipe(
      Stream.tap((text) => Effect.sync(() => process.stdout.write(text)))
    ),
    { firstContentTimeout: "20 seconds" }
  ).pipe(
    Stream.tap((event) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        if (event._tag === "Audio") firstSound ??= now - askedAt
      })
    ),
    SpeechSynthesizer.collect(voice)
  )
  yield* files.writeFile(path, speech.audio)

  const { audio, sentences, usage } = speech
  const seconds = (audio.length - 44) / 2 / voice.sampleRate
  yield* Console.log(`\nFirst sound: ${firstSound ?? 0} ms after the question`)
  yield* Console.log(
    `Spoken:      ${seconds.toFixed(1)} s, ${sentences.length} sentences, ${usage?.characters ?? 0} characters`
  )
  yield* Console.log(`Saved:       ${path}, ${audio.length} bytes`)
  const { acquired, opened } = yield* (yield* ConnectionPool.ConnectionPool).stats
  yield* Console.log(`Pool:        ${opened} connections opened for ${acquired} requests`)
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
  Effect.provide(Service.layer({ behavior: { stream: { eventInterval: 25 } } })),
  Effect.provide(NodeFileSystem.layer),
  NodeRuntime.runMain
)
