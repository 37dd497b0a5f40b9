/**
 * Lets a model talk: shows its text while it is written, and keeps its speech as a WAV file.
 *
 * `npm run example -- talk "Tell me a joke" joke.wav` asks a question of yours. Without a file's name, the file is removed at
 * the end.
 */
import { FileSystem } from "@effect/platform"
import { NodeFileSystem, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Stream } from "effect"
import { DashScope, MultiModalConversation } from "effect-dashscope"
import * as Service from "./internal/service.js"

const question = process.argv[2] ?? "Who are you?"

const file = Effect.gen(function*() {
  const given = process.argv[3]
  if (given !== undefined) return given
  const files = yield* FileSystem.FileSystem
  return `${yield* files.makeTempDirectoryScoped()}/talk.wav`
})

const seconds = (length: number) => `${length.toFixed(1)} s`

const program = Effect.scoped(Effect.gen(function*() {
  const { name } = yield* Service.Service
  const path = yield* file
  yield* Console.log(`Asking:   ${name}`)
  yield* Console.log(`Question: ${question}`)

  // Text and speech come in one stream. The file is written while it comes.
  const talked = yield* MultiModalConversation.stream({
    model: "qwen3-omni-flash",
    prompt: question,
    modalities: ["text", "audio"],
    audio: { voice: "Cherry" }
  }).pipe(
    Stream.tap((increment) => Effect.sync(() => process.stdout.write(MultiModalConversation.text(increment)))),
    MultiModalConversation.saveAudio(path)
  )
  yield* Console.log(`\nTalked:   ${seconds(talked.seconds)} of speech in ${talked.path}`)

  // A text of the program's own, spoken by a speech model.
  const pieces = yield* MultiModalConversation.stream({
    model: "qwen3-tts-flash",
    text: "That is all for today.",
    voice: "Ethan",
    languageType: "English"
  }).pipe(
    MultiModalConversation.audioOf,
    Stream.runFold({ count: 0, bytes: 0 }, ({ bytes, count }, piece) => ({
      count: count + 1,
      bytes: bytes + piece.length
    }))
  )
  yield* Console.log(`Spoken:   ${seconds(pieces.bytes / 48_000)} of samples, in ${pieces.count} pieces`)
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
  Effect.provide(NodeFileSystem.layer),
  NodeRuntime.runMain
)
