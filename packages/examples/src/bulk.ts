/**
 * Asks 200 questions as a bulk job, with a bar, and goes on where it was killed.
 *
 * Each question has one answer in the end, in a file of JSON lines, whatever happens in between: the job is kept in a SQLite file. The
 * question that the service refuses is set aside with its error.
 *
 * `npm run example -- bulk FOLDER` keeps both files there: kill it, and run it again. Without a folder it is interrupted by itself once,
 * and run a second time.
 */
import { FileSystem } from "@effect/platform"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Console, Deferred, Effect, Layer, Schema, Stream } from "effect"
import { DashScope, Generation } from "effect-dashscope"
import { Bulk, BulkEngine, Progress, Results } from "effect-dashscope-bulk"
import { progressBar } from "./internal/progress.js"
import * as Service from "./internal/service.js"

const count = 200

const Ask = Bulk.make({
  name: "ask",
  input: Schema.Struct({ id: Schema.Int, prompt: Schema.String }),
  output: Schema.Struct({ answer: Schema.String, tokens: Schema.Number }),
  key: ({ id }) => String(id),
  run: ({ prompt }) =>
    Effect.map(Generation.call({ model: "qwen-plus", prompt }), (result) => ({
      answer: Generation.text(result),
      tokens: result.usage?.totalTokens ?? 0
    })),
  tokens: ({ tokens }) => tokens
})

const questions = Stream.map(Stream.range(1, count), (id) => ({
  id,
  prompt: id === 13 ? "Something that may not be asked" : `What is ${id} times ${id}?`
}))

/** One run, with an engine of its own as in a process of its own. */
const run = (folder: string, onAnswer: (progress: Progress.Progress) => Effect.Effect<void> = () => Effect.void) =>
  Effect.gen(function*() {
    const bar = yield* progressBar(count)
    return yield* Bulk.run(Ask, questions, {
      concurrency: 16,
      total: count,
      results: Results.jsonl(`${folder}/answers.jsonl`),
      onProgress: (progress) =>
        Effect.all([
          bar.set(Progress.settled(progress)),
          bar.note(`${progress.failed} aside, ${progress.tokens} tokens, ${Progress.perSecond(progress).toFixed(1)}/s`),
          onAnswer(progress)
        ], { discard: true })
    })
  }).pipe(
    Effect.scoped,
    Effect.tap((summary) => Console.log(Progress.line(summary))),
    Effect.provide(Bulk.layer(Ask).pipe(Layer.provideMerge(BulkEngine.layerEmbedded({ filename: `${folder}/ask.db` }))))
  )

const both = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped()

  const half = yield* Deferred.make<void>()
  const untilHalf = (progress: Progress.Progress) =>
    progress.done >= count / 2 ? Deferred.succeed(half, undefined) : Effect.void
  yield* Effect.raceFirst(run(folder, untilHalf), Deferred.await(half))
  yield* Console.log("Interrupted")

  yield* run(folder)
  const lines = yield* fs.readFileString(`${folder}/answers.jsonl`)
  yield* Console.log(`Answers: ${lines.split("\n").length - 1}`)
  yield* Console.log(`Aside:   ${(yield* fs.readFileString(`${folder}/answers.failed.jsonl`)).trim()}`)

  const { simulator } = yield* Service.Service
  if (simulator !== undefined) yield* Console.log(`Server:  ${(yield* simulator.stats).totalRequests} requests`)
}).pipe(Effect.scoped)

const [folder] = process.argv.slice(2)

Effect.asVoid(folder === undefined ? both : run(folder)).pipe(
  Effect.provide(DashScope.layer()),
  Effect.provide(Service.layer({
    behaviorOf: ({ body }) => ({
      latency: 20,
      ...(body.includes("may not be asked")
        ? {
          error: { status: 400, code: "DataInspectionFailed", message: "Input data may contain inappropriate content." }
        }
        : undefined)
    })
  })),
  Effect.provide(NodeContext.layer),
  NodeRuntime.runMain
)
