/**
 * Draws pictures by a task, shows how many are there, and saves them.
 *
 * `npm run example -- draw "A cat in the rain" pictures` draws what you say, into a folder of yours.
 */
import { FileSystem } from "@effect/platform"
import { NodeFileSystem, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Stream } from "effect"
import { DashScope, Download, ImageSynthesis, Task } from "effect-dashscope"
import { progressBar } from "./internal/progress.js"
import * as Service from "./internal/service.js"

const prompt = process.argv[2] ?? "一间有着精致窗户的花店，漂亮的木质门，摆放着花朵"
const n = 4

/** The folder that was named, or one that is gone with the program. */
const folder = Effect.gen(function*() {
  const files = yield* FileSystem.FileSystem
  const given = process.argv[3]
  if (given === undefined) return yield* files.makeTempDirectoryScoped({ prefix: "draw-" })
  yield* files.makeDirectory(given, { recursive: true })
  return given
})

/** Each state once: waiting, at work with so many pictures done, ended. */
const watch = (task: Task.Task) =>
  Effect.scoped(Effect.gen(function*() {
    const bar = yield* progressBar(n)
    yield* Task.watch(task, { waitTimeout: "5 minutes" }).pipe(
      Stream.runForEach(({ output: { taskMetrics, taskStatus } }) =>
        Effect.zipRight(bar.set(taskMetrics?.succeeded ?? 0), bar.note(taskStatus))
      )
    )
  }))

const program = Effect.scoped(Effect.gen(function*() {
  const { name } = yield* Service.Service
  const into = yield* folder
  yield* Console.log(`Asking: ${name}`)
  yield* Console.log(`Prompt: ${prompt}`)
  const task = yield* ImageSynthesis.submit({ model: "wan2.2-t2i-flash", prompt, n, size: "512*512" })
  yield* Console.log(`Task:   ${task.id}, which goes on by itself from here`)
  yield* watch(task)
  // It has ended, so this is one question: for the result with names, or the task's error.
  const { output, usage } = yield* ImageSynthesis.await(task)
  for (const [i, { code, message, url }] of (output.results ?? []).entries()) {
    if (url) {
      const { path, size } = yield* Download.toFile(url, `${into}/${i + 1}.png`)
      yield* Console.log(`Saved:  ${path}, ${size} bytes`)
    } else {
      yield* Console.log(`Failed: ${code}: ${message}`)
    }
  }
  yield* Console.log(`Paid:   ${usage?.imageCount} images`)
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
  Effect.provide(Service.layer({ tasks: { pending: 500, running: 2000 } })),
  Effect.provide(NodeFileSystem.layer),
  NodeRuntime.runMain
)
