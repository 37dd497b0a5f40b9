/** The vectors of texts, by the model of the context. */
import { EmbeddingModel } from "@effect/ai"
import { Effect } from "effect"

export const vectorsOf = (texts: ReadonlyArray<string>) =>
  Effect.flatMap(EmbeddingModel.EmbeddingModel, (model) => model.embedMany(texts))
