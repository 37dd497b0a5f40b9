/** The vectors of texts, by the model of the context. */
import { Effect } from "effect"
import { EmbeddingModel } from "effect/ai"

export const vectorsOf = (texts: ReadonlyArray<string>) =>
  Effect.flatMap(EmbeddingModel.EmbeddingModel, (model) => model.embedMany(texts)).pipe(
    Effect.map(({ embeddings }) => embeddings.map(({ vector }) => vector))
  )
