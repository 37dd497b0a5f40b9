/**
 * Answers from your own texts: embedded once into a table with a vector column, found by nearness, and given to the model with the
 * question. The database is SQLite in the form of libSQL, by `@effect/sql`; with Postgres and pgvector the two queries differ.
 */
import { SqlClient, SqlSchema } from "@effect/sql"
import { Effect, Schema } from "effect"
import { Generation, Message, TextEmbedding } from "effect-dashscope"

const model = "text-embedding-v4"
const dimension = 256

/** Creates the table, and an index that finds near vectors without comparing all. */
export const prepare = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE passage (id INTEGER PRIMARY KEY, text TEXT NOT NULL, vector ${
    sql.literal(`F32_BLOB(${dimension})`)
  })`
  yield* sql`CREATE INDEX passage_by_vector ON passage (libsql_vector_idx(vector))`
})

/** What the database takes for a vector. */
const written = (embedding: TextEmbedding.Embedding): string =>
  JSON.stringify(Array.from(TextEmbedding.vector(embedding) ?? []))

/** Embeds the passages, in as few requests as the model allows and several of them at once, and stores them. */
export const add = Effect.fn("add")(function*(passages: ReadonlyArray<string>) {
  const sql = yield* SqlClient.SqlClient
  const { embeddings, usage } = yield* TextEmbedding.embedMany({
    model,
    dimension,
    texts: passages,
    textType: "document"
  })
  yield* sql.withTransaction(
    Effect.forEach(
      embeddings,
      (embedding) =>
        sql`INSERT INTO passage (text, vector) VALUES (${passages[embedding.textIndex]}, vector32(${
          written(embedding)
        }))`
    )
  )
  return usage
})

const find = Effect.fn("find")(function*(question: string, count: number) {
  const sql = yield* SqlClient.SqlClient
  const embedding = yield* TextEmbedding.embedMany({ model, dimension, texts: [question], textType: "query" })
  const near = SqlSchema.findAll({
    Request: Schema.String,
    Result: Schema.Struct({ text: Schema.String }),
    execute: (vector) =>
      sql`SELECT passage.text FROM vector_top_k('passage_by_vector', vector32(${vector}), CAST(${count} AS INTEGER)) AS near JOIN passage ON passage.id = near.id`
  })
  return (yield* near(written(embedding.embeddings[0]!))).map(({ text }) => text)
})

/** The answer, and what it was made of. */
export const answer = Effect.fn("answer")(function*(question: string) {
  const sources = yield* find(question, 3)
  const result = yield* Generation.call({
    model: "qwen-plus",
    messages: [
      Message.system(`Answer from these passages only:\n${sources.map((text, i) => `[${i + 1}] ${text}`).join("\n")}`),
      Message.user(question)
    ]
  })
  return { sources, text: Generation.text(result) }
})
