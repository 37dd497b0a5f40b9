/**
 * The same question to several models at once, their answers side by side as they are written, and what they took.
 *
 * `npm run example -- compare-models qwen-turbo qwen-max` names the models. Where standard output is no terminal, it has
 * plain lines in place of columns.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Array, Clock, Console, Effect, Schedule, Stream } from "effect"
import { ConnectionConfig, ConnectionPool, DashScope, Generation } from "effect-dashscope"
import * as Columns from "./internal/columns.js"
import * as Service from "./internal/service.js"

const question = "Introduce yourself: who are you?"

const named = process.argv.slice(2)
const models = Array.isNonEmptyArray(named) ? named : ["qwen-turbo", "qwen-plus", "qwen-max"]

const connection = ConnectionConfig.make({ connectionPoolSize: models.length })

/** What is on the screen. */
class Answer {
  text = ""
  constructor(readonly model: string) {}
}

/** Asks one model, and measures. */
const ask = (answer: Answer, onFirst: (millis: number) => Effect.Effect<void>) =>
  Effect.gen(function*() {
    const start = yield* Clock.currentTimeMillis
    let first: number | undefined
    const { usage } = yield* Generation.stream(
      { model: answer.model, prompt: question },
      { firstContentTimeout: "30 seconds", contentTimeout: "30 seconds" }
    ).pipe(
      Stream.tap((result) => {
        const text = Generation.text(result)
        answer.text += text
        if (first !== undefined || text === "") return Effect.void
        return Effect.flatMap(Clock.currentTimeMillis, (now) => {
          first = now
          return onFirst(now - start)
        })
      }),
      Generation.collect
    )
    const end = yield* Clock.currentTimeMillis
    const tokens = usage?.outputTokens ?? 0
    return [
      first === undefined ? "-" : `${first - start} ms`,
      first === undefined || first === end ? "-" : (tokens * 1000 / (end - first)).toFixed(1),
      `${usage?.inputTokens ?? "-"}`,
      `${usage?.outputTokens ?? "-"}`,
      `${usage?.totalTokens ?? "-"}`
    ]
  }).pipe(
    // One that fails does not end the others.
    Effect.catchAll((error) =>
      Effect.sync(() => {
        answer.text += `${answer.text === "" ? "" : "\n"}${error._tag}: ${error.message}`
        return ["failed", "-", "-", "-", "-"]
      })
    )
  )

const answers = models.map((model) => new Answer(model))

const askAll = (onFirst: (model: string, millis: number) => Effect.Effect<void>) =>
  Effect.forEach(answers, (answer) => ask(answer, (millis) => onFirst(answer.model, millis)), {
    concurrency: "unbounded"
  })

const height = 8

/** Draws over what it drew before. */
const draw = (up: number) =>
  Effect.sync(() => {
    const width = process.stdout.columns
    const lines = [
      ...Columns.beside(models, { width, height: 1 }),
      ...Columns.beside(answers.map(({ text }) => text), { width, height })
    ]
    const back = up === 0 ? "" : `\u001b[${up}A`
    process.stdout.write(back + lines.map((line) => `\u001b[2K${line}\n`).join(""))
  })

const drawAgain = draw(height + 1)

const inColumns = Effect.gen(function*() {
  yield* draw(0)
  yield* Effect.forkScoped(Effect.repeat(drawAgain, Schedule.spaced("50 millis")))
  return yield* askAll(() => Effect.void)
}).pipe(Effect.scoped, Effect.ensuring(drawAgain))

const inLines = Effect.gen(function*() {
  const rows = yield* askAll((model, millis) => Console.log(`${model}: first token after ${millis} ms`))
  for (const { model, text } of answers) yield* Console.log(`${model}: ${text}`)
  return rows
})

const table = (rows: ReadonlyArray<ReadonlyArray<string>>) => {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => (row[i] ?? "").length))) ?? []
  return rows.map((row) =>
    row.map((cell, i) => i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)).join("  ")
  ).join("\n")
}

const program = Effect.gen(function*() {
  const { name } = yield* Service.Service
  yield* Console.log(`Asking:   ${name}`)
  yield* Console.log(`Question: ${question}\n`)
  const rows = yield* process.stdout.isTTY ? inColumns : inLines
  yield* Console.log(`\n${
    table([
      ["model", "first token", "tokens/s", "in", "out", "total"],
      ...rows.map((row, i) => [models[i] ?? "", ...row])
    ])
  }`)
  yield* Console.log(`\nPool: ${(yield* ConnectionPool.stats).toString()}`)
})

// What a simulator knows of models: the larger, the slower.
const intervals = [["turbo", 10], ["plus", 25], ["max", 50]] as const

program.pipe(
  Effect.provide(DashScope.layer({ connection })),
  Effect.provide(Service.layer({
    behaviorOf: ({ body }) => {
      const model = /"model":"([^"]*)"/.exec(body)?.[1] ?? ""
      const interval = intervals.find(([size]) => model.endsWith(size))?.[1] ?? 15
      return { latency: 5 * interval, stream: { eventInterval: interval } }
    }
  })),
  NodeRuntime.runMain
)
