/**
 * Searches a small corpus: embeds its texts once, finds those nearest to a question, and has the best of them reranked.
 *
 * `npm run example -- search "What does a cat like?"` asks a question of yours.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { ConnectionPool, DashScope, TextEmbedding, TextReRank } from "effect-dashscope"
import * as Columns from "./internal/columns.js"
import * as Service from "./internal/service.js"

const corpus = [
  "A cat likes warm places and sleeps most of the day",
  "A dog likes long walks in the park",
  "The connection pool closes idle connections after five minutes",
  "A request waits for a free connection, first come, first served",
  "Fresh bread smells best in the morning",
  "A cat does not like water, and does like fish",
  "A stream ends with its scope, and gives its connection back",
  "The train to Hangzhou leaves at seven in the morning"
]

const question = process.argv[2] ?? "What does a cat like?"

const model = "text-embedding-v4"
const dimension = 256

/** How many of the nearest are reranked. */
const nearest = 4

const table = (rows: ReadonlyArray<readonly [similarity: string, score: string, text: string]>) => {
  const widths = [0, 1].map((i) => Math.max(...rows.map((row) => Columns.widthOf(row[i] ?? ""))))
  return rows.map((row) => row.map((cell, i) => Columns.pad(cell, widths[i] ?? 0)).join("  ").trimEnd()).join("\n")
}

const program = Effect.gen(function*() {
  const { name } = yield* Service.Service
  yield* Console.log(`Asking:   ${name}`)
  yield* Console.log(`Question: ${question}`)

  const { embeddings, usage } = yield* TextEmbedding.embedMany({
    model,
    texts: corpus,
    dimension,
    textType: "document"
  })
  const vectors = embeddings.map(TextEmbedding.vector)
  yield* Console.log(`Embedded: ${vectors.length} texts, ${usage.totalTokens} tokens`)

  const asked = TextEmbedding.vector(
    yield* TextEmbedding.embed({ model, text: question, dimension, textType: "query" })
  )
  const found = vectors
    .map((vector, i) => ({ text: corpus[i] ?? "", similarity: TextEmbedding.similarity(asked, vector) }))
    .sort((a, b) => b.similarity - a.similarity)
    .slice(0, nearest)

  const { output } = yield* TextReRank.call({
    model: "qwen3-rerank",
    query: question,
    documents: found.map(({ text }) => text)
  })
  yield* Console.log(table([
    ["similarity", "relevance", "text"],
    ...output.results.map(({ index, relevanceScore }) =>
      [(found[index]?.similarity ?? 0).toFixed(3), relevanceScore.toFixed(3), found[index]?.text ?? ""] as const
    )
  ]))
  yield* Console.log(`Pool: ${(yield* ConnectionPool.stats).toString()}`)
})

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
  NodeRuntime.runMain
)
