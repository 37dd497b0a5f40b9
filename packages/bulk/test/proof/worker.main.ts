/**
 * A process of the proof: runs the job to its end, and says on its standard output which calls it starts. Told by its environment
 * what to do.
 */
import { NodeContext } from "@effect/platform-node"
import { MysqlClient } from "@effect/sql-mysql2"
import { PgClient } from "@effect/sql-pg"
import { Config, Effect, Layer, Redacted, Schema, Stream } from "effect"
import { DashScope, Generation } from "effect-dashscope"
import { Bulk, BulkEngine, Results } from "effect-dashscope-bulk"
import { writeSync } from "node:fs"

const settings = Config.all({
  count: Config.integer("BULK_COUNT"),
  concurrency: Config.integer("BULK_CONCURRENCY"),
  file: Config.option(Config.string("BULK_FILE")),
  database: Config.option(Config.redacted("BULK_DATABASE")),
  results: Config.string("BULK_RESULTS"),
  machine: Config.withDefault(Config.string("BULK_MACHINE"), "alone"),
  takeOverAfter: Config.withDefault(Config.duration("BULK_TAKE_OVER_AFTER"), "10 seconds" as const)
})

/** At once, and not when the event loop has time for it: what a killed process had started is to be known. */
const say = (text: string) => Effect.sync(() => writeSync(1, `${text}\n`))

const Ask = Bulk.make({
  name: "ask",
  input: Schema.Struct({ id: Schema.Int, prompt: Schema.String }),
  output: Schema.Struct({ answer: Schema.String, tokens: Schema.Number }),
  key: ({ id }) => String(id),
  run: ({ id, prompt }) =>
    Effect.zipRight(
      say(`start ${id}`),
      Effect.map(Generation.call({ model: "qwen-plus", prompt }), (result) => ({
        answer: Generation.text(result),
        tokens: result.usage?.totalTokens ?? 0
      }))
    ),
  tokens: ({ tokens }) => tokens
})

const sqlOf = (url: Redacted.Redacted) =>
  Redacted.value(url).startsWith("mysql:") ? MysqlClient.layer({ url }) : PgClient.layer({ url })

const main = Effect.gen(function*() {
  const { concurrency, count, database, file, machine, results, takeOverAfter } = yield* settings
  const inputs = Stream.map(Stream.range(1, count), (id) => ({ id, prompt: `What is ${id} times ${id}?` }))
  const options = { concurrency, total: count }
  const client = DashScope.layer()
  if (file._tag === "Some") {
    return yield* Bulk.run(Ask, inputs, { ...options, results: Results.jsonl(results) }).pipe(
      Effect.provide(
        Bulk.layer(Ask).pipe(
          Layer.provideMerge(BulkEngine.layerEmbedded({ filename: file.value })),
          Layer.provide(client)
        )
      )
    )
  }
  if (database._tag === "None") return yield* Effect.dieMessage("neither a file nor a database")
  const shared = Bulk.shared("proof", Bulk.run(Ask, inputs, { ...options, results: Results.sql(results) }))
  return yield* shared.run.pipe(
    Effect.provide(
      Layer.merge(Bulk.layer(Ask), shared.layer).pipe(
        Layer.provideMerge(BulkEngine.layerCluster({ machine, takeOverAfter })),
        Layer.provide(sqlOf(database.value)),
        Layer.provide(client)
      )
    )
  )
})

void main.pipe(
  Effect.flatMap((summary) => say(`end ${JSON.stringify(summary)}`)),
  Effect.provide(NodeContext.layer),
  Effect.runPromise
)
