/**
 * Answers a list of questions into a file of JSON lines, and goes on where it was stopped.
 *
 * Each answer is a line of its own, written as it comes. A run first reads what is there, and asks only what is missing:
 * questions that failed are missing too. The first run here is stopped in its middle, as by a kill, which leaves half a
 * line behind; the second one finishes the list.
 */
import { FileSystem } from "@effect/platform"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Array, Console, Effect, HashSet, Option, Ref, Schema, Stream } from "effect"
import { ConnectionConfig, ConnectionPool, DashScope, Generation } from "effect-dashscope"
import * as Service from "./internal/service.js"

const Line = Schema.parseJson(Schema.Struct({ id: Schema.Number, answer: Schema.String }))

const questions = Array.makeBy(40, (id) => ({ id, prompt: `What is ${id} times ${id}?` }))

/** The ids of the answers in the file. Half a line is no answer: the question is asked again. */
const answered = (file: string) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const text = (yield* fs.exists(file)) ? yield* fs.readFileString(file) : ""
    const lines = Array.filterMap(text.split("\n"), (line) => Schema.decodeOption(Line)(line))
    // What is appended begins on a line of its own.
    if (text !== "" && !text.endsWith("\n")) yield* fs.writeFileString(file, "\n", { flag: "a" })
    return HashSet.fromIterable(lines.map(({ id }) => id))
  })

const run = (file: string) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const done = yield* answered(file)
    const missing = questions.filter(({ id }) => !HashSet.has(done, id))
    yield* Console.log(`Asking ${missing.length} of ${questions.length}`)
    const failed = yield* Ref.make(0)

    const answers = Stream.fromIterable(missing).pipe(
      Stream.mapEffect(
        ({ id, prompt }) =>
          Generation.call({ model: "qwen-plus", prompt }).pipe(
            Effect.map((result) => Option.some({ id, answer: Generation.text(result) })),
            // One that failed does not stop the others; the next run asks it again.
            Effect.catchAll((error) =>
              Ref.update(failed, (n) => n + 1).pipe(
                Effect.zipRight(Console.error(`${id}: ${error.message}`)),
                Effect.as(Option.none())
              )
            )
          ),
        // The pool lets out as many as it has connections; the list waits in the program, not in the pool.
        { concurrency: 8, unordered: true }
      ),
      Stream.filterMap((answer) => answer),
      Stream.mapEffect((line) => Schema.encode(Line)(line)),
      // One write for each answer: what is paid for is in the file before the next one is asked for.
      Stream.mapEffect((line) => fs.writeFileString(file, `${line}\n`, { flag: "a" }))
    )
    const written = yield* Stream.runCount(answers)
    yield* Console.log(`Answered ${written}, failed ${yield* Ref.get(failed)}`)
  })

const program = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const file = `${yield* fs.makeTempDirectoryScoped()}/answers.jsonl`
  const linesOf = Effect.map(fs.readFileString(file), (text) => text.split("\n").length - 1)

  yield* Effect.raceFirst(
    run(file),
    Effect.repeat(Effect.orElseSucceed(linesOf, () => 0), { until: (lines) => lines >= 10 })
  )
  yield* fs.writeFileString(file, "{\"id\":39,\"answ", { flag: "a" })
  const { inFlight } = yield* ConnectionPool.stats
  yield* Console.log(`Stopped, with ${inFlight} requests in flight`)

  yield* run(file)
  const done = yield* answered(file)
  yield* Console.log(`In the file: ${HashSet.size(done)} answers`)
}).pipe(Effect.scoped)

program.pipe(
  Effect.provide(DashScope.layer({ connection: ConnectionConfig.make({ connectionPoolSize: 8 }) })),
  Effect.provide(Service.layer({ behavior: { latency: 20 } })),
  Effect.provide(NodeContext.layer),
  NodeRuntime.runMain
)
