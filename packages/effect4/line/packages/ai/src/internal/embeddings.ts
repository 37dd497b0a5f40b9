/** The core's `EmbeddingModel` over the client's `embedMany`. */
import * as EmbeddingModel from "effect/ai/EmbeddingModel"
import type * as AiError from "effect/ai/AiError"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Errors from "./errors.js"

export interface Embedded {
  /** In the order of the texts. */
  readonly vectors: Array<Array<number>>
  readonly inputTokens: number | undefined
}

export interface Provider {
  readonly embedMany: (
    method: string,
    texts: ReadonlyArray<string>,
    concurrency?: undefined
  ) => Effect.Effect<Embedded, AiError.AiError>
  /** What calls have to agree in to share a request. */
  readonly key: (context: Context.Context<never>) => unknown
  readonly where: (method: string) => Errors.Where
}

export const make = ({ embedMany, key }: Provider): Effect.Effect<EmbeddingModel.EmbeddingModel> =>
  EmbeddingModel.make({
    batchKey: key,
    embedMany: ({ inputs }) =>
      Effect.map(embedMany("embedMany", inputs), ({ inputTokens, vectors }) => ({
        results: vectors,
        usage: { inputTokens }
      }))
  })
