/**
 * Asks 500 questions by the Batch API, for half the price, and goes on where it was stopped.
 *
 * What the program knows of its batch is a file: first the file of questions that it uploaded, then the batch. A run that
 * finds it goes on with it; one that was stopped while the batch was made looks at the service whether it is there. So it is paid
 * for once, however often the program is killed. Answers are written as they are read.
 *
 * `npm run example -- batch-api FOLDER` keeps its files there, for the next run; after it may stand how long to wait between
 * questions, such as "1 minute". Without a folder it makes both runs by itself.
 */
import { FileSystem } from "@effect/platform"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Array, Console, Duration, Effect, Either, Option, Schedule, Schema, Stream } from "effect"
import { Batch, DashScope, Generation } from "effect-dashscope"
import * as Service from "./internal/service.js"

const questions = Array.makeBy(500, (n) => ({ id: `question-${n}`, prompt: `What is ${n} times ${n}?` }))

const Saved = Schema.parseJson(Schema.Union(
  Schema.TaggedStruct("Uploaded", { file: Batch.InputFile }),
  Schema.TaggedStruct("Submitted", { batch: Batch.Batch })
))

/** What the last run knew, and how to write it down: beside its place first, so that it is never half there. */
const stateIn = (folder: string) =>
  Effect.map(FileSystem.FileSystem, (fs) => {
    const path = `${folder}/state.json`
    return {
      load: fs.readFileString(path).pipe(Effect.flatMap(Schema.decode(Saved)), Effect.option),
      save: (state: typeof Saved.Type) =>
        Schema.encode(Saved)(state).pipe(
          Effect.flatMap((json) => fs.writeFileString(`${path}.new`, json)),
          Effect.zipRight(fs.rename(`${path}.new`, path))
        )
    }
  })

/** The batch of a file: the one that is there already, or a new one. */
const batchOf = ({ endpoint, id }: Batch.InputFile) =>
  Stream.runHead(Batch.list({ inputFileIds: [id] })).pipe(
    Effect.flatMap(Option.match({
      onNone: () => Batch.create({ inputFileId: id, endpoint, name: "500 questions" }),
      onSome: (batch) => Effect.as(Console.log("It had been made already"), batch)
    })),
    // Its answer was lost: the list tells.
    Effect.retry({ while: ({ _tag }) => _tag === "BatchLost", times: 3 })
  )

const submitted = (folder: string) =>
  Effect.gen(function*() {
    const { load, save } = yield* stateIn(folder)
    const known = Option.getOrUndefined(yield* load)
    if (known?._tag === "Submitted") {
      yield* Console.log(`Going on with a batch that is ${known.batch.status}`)
      return known.batch
    }
    const file = known?.file ?? (yield* Batch.upload(
      questions.map(({ id, prompt }) => Batch.generation(id, { model: "qwen-plus", prompt }))
    ))
    yield* save({ _tag: "Uploaded", file })
    yield* Console.log(`Uploaded ${file.requests} questions, ${file.bytes} bytes`)
    const batch = yield* batchOf(file)
    yield* save({ _tag: "Submitted", batch })
    yield* Console.log(`Submitted a batch that is ${batch.status}`)
    return batch
  })

const run = (folder: string, poll: Duration.Duration) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const batch = yield* submitted(folder)
    const options = { poll: Schedule.spaced(poll) }
    const ended = yield* Batch.watch(batch, options).pipe(
      Stream.tap(({ requestCounts, status }) =>
        Console.log(`  ${status}, ${requestCounts?.completed ?? 0} of ${questions.length} done`)
      ),
      Stream.runLast
    )
    const count = { answers: 0, errors: 0 }
    // From the beginning each time: the results stay at the service.
    yield* Batch.results(Option.getOrElse(ended, () => batch), options).pipe(
      Stream.map(({ answer, customId }) => {
        count[Either.isRight(answer) ? "answers" : "errors"]++
        return JSON.stringify({
          id: customId,
          ...Either.match(answer, {
            onLeft: ({ message }) => ({ error: message }),
            onRight: (result) => ({ answer: Generation.text(result) })
          })
        })
      }),
      Stream.intersperse("\n"),
      Stream.encodeText,
      Stream.run(fs.sink(`${folder}/answers.jsonl`))
    )
    yield* Console.log(`Wrote ${count.answers} answers and ${count.errors} errors`)
  })

const second = Duration.seconds(1)

/** Stops the first run as soon as its batch is on its way, and starts it again. */
const both = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped()
  const { load } = yield* stateIn(folder)
  const isSubmitted = Effect.map(load, Option.exists(({ _tag }) => _tag === "Submitted"))
  yield* Effect.raceFirst(
    run(folder, second),
    Effect.repeat(Effect.delay(isSubmitted, "10 millis"), {
      until: (is) => is
    })
  )
  yield* Console.log("Stopped")
  yield* run(folder, second)
})

const program = Effect.gen(function*() {
  const { name } = yield* Service.Service
  yield* Console.log(`Asking:  ${name}`)
  const [, , folder, pause = "30 seconds"] = process.argv
  const poll = yield* Effect.orDie(Effect.try({
    try: () => Duration.decode(pause as Duration.DurationInput),
    catch: () => `"${pause}" is no duration`
  }))
  yield* folder === undefined ? both : run(folder, poll)
}).pipe(Effect.scoped)

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
