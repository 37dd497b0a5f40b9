/**
 * Has a model describe a picture from the disk, and shows the description while it is written.
 *
 * `npm run example -- describe-image photo.jpg "What is in it?"` shows it a picture of yours. The file is read because the
 * program says so with `Media.file`; a large one becomes a temporary upload by itself.
 */
import { FileSystem } from "@effect/platform"
import { NodeFileSystem, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Stream } from "effect"
import { DashScope, Media, MultiModalConversation, MultiModalMessage } from "effect-dashscope"
import * as Picture from "./internal/picture.js"
import * as Service from "./internal/service.js"

const question = process.argv[3] ?? "What is in this picture?"

/** The picture that was named, or one that is drawn here. */
const picture = Effect.gen(function*() {
  const given = process.argv[2]
  if (given !== undefined) return given
  const files = yield* FileSystem.FileSystem
  const path = `${yield* files.makeTempDirectoryScoped()}/flag.png`
  yield* files.writeFile(path, Picture.flag(160, 120))
  return path
})

const program = Effect.scoped(Effect.gen(function*() {
  const { name } = yield* Service.Service
  const path = yield* picture
  yield* Console.log(`Asking:   ${name}`)
  yield* Console.log(`Picture:  ${path}`)
  yield* Console.log(`Question: ${question}`)
  const result = yield* MultiModalConversation.stream({
    model: "qwen3-vl-plus",
    messages: [
      MultiModalMessage.user([
        MultiModalMessage.image(Media.file(path), { maxPixels: 1_003_520 }),
        MultiModalMessage.text(question)
      ])
    ]
  }).pipe(
    Stream.tap((increment) => Effect.sync(() => process.stdout.write(MultiModalConversation.text(increment)))),
    MultiModalConversation.collect
  )
  const { imageTokens, inputTokens, outputTokens } = result.usage ?? {}
  yield* Console.log(
    `\nUsage:    ${inputTokens} tokens in, ${imageTokens} of them for the picture; ${outputTokens} out`
  )
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
