/**
 * The core's `EmbeddingModel` over the client's `embedMany`.
 *
 * Not by `EmbeddingModel.make`, whose batches would run one after another, and outlive a timeout.
 */
import type * as AiError from "@effect/ai/AiError"
import * as EmbeddingModel from "@effect/ai/EmbeddingModel"
import type * as AiModel from "@effect/ai/Model"
import type { TextEmbedding } from "effect-dashscope/TextEmbedding"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Types from "effect/Types"
import * as Errors from "./errors.js"
import * as Model from "./model.js"
import type { Where } from "./original.js"

export interface Embedded {
  /** In the order of the texts. */
  readonly vectors: Array<Array<number>>
  readonly inputTokens: number | undefined
}

export interface Provider {
  readonly embedMany: (
    method: string,
    texts: ReadonlyArray<string>,
    concurrency?: Types.Concurrency
  ) => Effect.Effect<Embedded, AiError.AiError>
  /** What calls have to agree in to share a request. */
  readonly key: (context: Context.Context<never>) => unknown
  readonly where: (method: string) => Where
}

export const make = ({ embedMany, where }: Provider): Effect.Effect<EmbeddingModel.Service> =>
  Effect.succeed(EmbeddingModel.EmbeddingModel.of({
    embed: (text) =>
      Effect.flatMap(embedMany("embed", [text]), ({ vectors: [vector] }) =>
        vector === undefined
          ? Effect.fail(Errors.malformedOutput({ description: "The answer has no embedding" }, where("embed")))
          : Effect.succeed(vector)).pipe(Effect.withSpan("EmbeddingModel.embed", { captureStackTrace: false })),
    embedMany: (texts, options) =>
      Effect.map(embedMany("embedMany", texts, options?.concurrency), ({ vectors }) => vectors).pipe(
        Effect.withSpan("EmbeddingModel.embedMany", { captureStackTrace: false })
      )
  }))

/** How a `Model` is made. */
export interface MakeModel<Config> {
  (model: string, config?: Config): AiModel.Model<"dashscope", EmbeddingModel.EmbeddingModel, TextEmbedding>
}

export const makeModel = <Config>(
  layer: (model: string, config?: Config) => Layer.Layer<EmbeddingModel.EmbeddingModel, never, TextEmbedding>
): MakeModel<Config> =>
(model, config) => Model.make(model, layer(model, config))
