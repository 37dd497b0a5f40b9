/** The core's `EmbeddingModel` over the client's `embedMany`. */
import * as EmbeddingModel from "effect/ai/EmbeddingModel"
import type * as AiError from "effect/ai/AiError"
import type * as AiModel from "effect/ai/Model"
import type { TextEmbedding } from "effect-dashscope/TextEmbedding"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
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
    concurrency?: undefined
  ) => Effect.Effect<Embedded, AiError.AiError>
  /** What calls have to agree in to share a request. */
  readonly key: (context: Context.Context<never>) => unknown
  readonly where: (method: string) => Where
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

/** How a `Model` is made: one that is told how long its vectors are tells it on, as the core's `Dimensions`. */
export interface MakeModel<Config> {
  (model: string, config: Config & { readonly dimension: number }): AiModel.Model<
    "dashscope",
    EmbeddingModel.EmbeddingModel | EmbeddingModel.Dimensions,
    TextEmbedding
  >
  (model: string, config?: Config): AiModel.Model<"dashscope", EmbeddingModel.EmbeddingModel, TextEmbedding>
}

export const makeModel = <Config extends { readonly dimension?: number | undefined }>(
  layer: (model: string, config?: Config) => Layer.Layer<EmbeddingModel.EmbeddingModel, never, TextEmbedding>
): MakeModel<Config> =>
  ((model: string, config?: Config) => {
    const made = layer(model, config)
    const dimension = config?.dimension
    return Model.make(
      model,
      dimension === undefined ? made : Layer.merge(made, Layer.succeed(EmbeddingModel.Dimensions, dimension))
    )
  }) as MakeModel<Config>
