/**
 * Films a sentence, and downloads the video with a progress bar.
 *
 * `npm run example -- film "A cat runs in the moonlight" cat.mp4` films what you say. The task is written down beside the video:
 * where the program is stopped while it waits, the next run goes on with it instead of paying for another.
 */
import { FileSystem } from "@effect/platform"
import { NodeFileSystem, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Option, Schema } from "effect"
import { DashScope, Download, Task, VideoSynthesis } from "effect-dashscope"
import { progressBar } from "./internal/progress.js"
import * as Service from "./internal/service.js"

const prompt = process.argv[2] ?? "一只小猫在月光下奔跑"

const Saved = Schema.parseJson(Task.Task)

/** The task of a run before this one, or a new one. */
const taskOf = (file: string) =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    const before = yield* Effect.option(Effect.flatMap(files.readFileString(file), Schema.decode(Saved)))
    if (Option.isSome(before)) return before.value
    const task = yield* VideoSynthesis.submit({ model: "wan2.5-t2v-preview", prompt, size: "832*480", duration: 5 })
    yield* files.writeFileString(file, yield* Schema.encode(Saved)(task))
    return task
  })

const program = Effect.scoped(Effect.gen(function*() {
  const { name } = yield* Service.Service
  const files = yield* FileSystem.FileSystem
  const path = process.argv[3] ?? `${yield* files.makeTempDirectoryScoped({ prefix: "film-" })}/film.mp4`
  const taskFile = `${path}.task.json`
  yield* Console.log(`Asking: ${name}`)
  yield* Console.log(`Prompt: ${prompt}`)
  const task = yield* taskOf(taskFile)
  yield* Console.log(`Task:   ${task.id}, written to ${taskFile}`)
  const { output, usage } = yield* VideoSynthesis.await(task, { waitTimeout: "30 minutes" })
  yield* Console.log(`Filmed: ${usage?.duration} s`)
  const bar = yield* progressBar(100)
  const { mediaType, size } = yield* Download.toFile(output.videoUrl ?? "", path, {
    maxBytes: 1_000_000_000,
    onProgress: ({ received, total }) =>
      total === undefined ? bar.note(`${received} bytes`) : bar.set(Math.floor(100 * received / total))
  })
  yield* files.remove(taskFile)
  yield* Console.log(`Saved:  ${path}, ${size} bytes of ${mediaType}`)
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
  Effect.provide(Service.layer({ tasks: { pending: 300, running: 1500 } })),
  Effect.provide(NodeFileSystem.layer),
  NodeRuntime.runMain
)
