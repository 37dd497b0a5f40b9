/**
 * `EmbeddingModel` of `@effect/ai` by the embedding models of DashScope.
 *
 * @example
 * import { EmbeddingModel } from "@effect/ai"
 * import { DashScope } from "effect-dashscope"
 * import { DashScopeEmbeddingModel } from "effect-dashscope-ai"
 * import { Console, Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const model = yield* EmbeddingModel.EmbeddingModel
 *   yield* Console.log(yield* model.embedMany(["风急天高猿啸哀", "渚清沙白鸟飞回"]))
 * })
 *
 * export const main = program.pipe(
 *   Effect.provide(DashScopeEmbeddingModel.model("text-embedding-v4", { dimension: 256 })),
 *   Effect.provide(DashScope.layer())
 * )
 *
 * `embedMany` is the client's: cut into the requests that the model takes, several of them at once, in order, equal texts asked
 * once, counted, and ended by an interruption or a timeout.
 *
 * @since 0.1.0
 */
import * as EmbeddingModel from "@effect/ai/EmbeddingModel"
import type { CallOptions } from "effect-dashscope/CallOptions"
import * as TextEmbedding from "effect-dashscope/TextEmbedding"
import type { TextEmbeddingParameters } from "effect-dashscope/TextEmbeddingParams"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Types from "effect/Types"
import * as Embeddings from "./internal/embeddings.js"
import * as Errors from "./internal/errors.js"
import type { Where } from "./internal/original.js"

/**
 * What a model may be told: the parameters of an embedding, the options of each of its calls, and how many there are at once.
 *
 * @since 0.1.0
 * @category models
 */
export interface Settings extends Omit<TextEmbeddingParameters, "outputType">, CallOptions {
  /** Such as `text-embedding-v4`. */
  readonly model?: string | undefined
  /** How many requests `embedMany` may have under way at once, where it is not told. Default: 8. */
  readonly concurrency?: number | undefined
  /** How many texts go into one request. Default: as many as the model takes, 10 (25 for text-embedding-v1 and v2). */
  readonly batchSize?: number | undefined
}

/**
 * The settings that hold for the calls of a part of a program. They win over those of the layer.
 *
 * @since 0.1.0
 * @category tags
 */
export class Config extends Context.Tag("effect-dashscope-ai/DashScopeEmbeddingModel/Config")<Config, Settings>() {}

/**
 * Gives the calls in an Effect other settings, on top of those that hold there: for questions, say.
 *
 * @example
 * import { EmbeddingModel } from "@effect/ai"
 * import { DashScopeEmbeddingModel } from "effect-dashscope-ai"
 * import { Effect } from "effect"
 *
 * export const question = (text: string) =>
 *   Effect.flatMap(EmbeddingModel.EmbeddingModel, (model) => model.embed(text)).pipe(
 *     DashScopeEmbeddingModel.withConfigOverride({ textType: "query" })
 *   )
 *
 * @since 0.1.0
 * @category configuration
 */
export const withConfigOverride: {
  (overrides: Settings): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, overrides: Settings): Effect.Effect<A, E, R>
} = dual(
  2,
  <A, E, R>(self: Effect.Effect<A, E, R>, overrides: Settings): Effect.Effect<A, E, R> =>
    Effect.flatMap(current, (config) => Effect.provideService(self, Config, { ...config, ...overrides }))
)

const current: Effect.Effect<Settings> = Effect.map(
  Effect.serviceOption(Config),
  Option.getOrElse((): Settings => ({}))
)

const whereOf = (method: string): Where => ({
  module: "DashScopeEmbeddingModel",
  method,
  url: "/services/embeddings/text-embedding/text-embedding"
})

const settingsOf = (
  { batchSize, concurrency, dimension, extra, instruct, model, textType, ...options }: Settings
) => ({
  model,
  batchSize,
  concurrency,
  options,
  parameters: { textType, dimension, instruct, extra }
})

const positive = (concurrency: Types.Concurrency | undefined, texts: number): number | undefined =>
  typeof concurrency === "number" ? concurrency : concurrency === "unbounded" ? Math.max(1, texts) : undefined

/**
 * The service by a model of this name, with these settings.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = ({ config: own = {}, model }: {
  /** Such as `text-embedding-v4`. */
  readonly model: string
  readonly config?: Omit<Settings, "model"> | undefined
}): Effect.Effect<EmbeddingModel.Service, never, TextEmbedding.TextEmbedding> =>
  Effect.flatMap(TextEmbedding.TextEmbedding, (service) =>
    Embeddings.make({
      where: whereOf,
      key: (context) => Option.getOrUndefined(Context.getOption(context, Config)),
      embedMany: (method, texts, concurrency) =>
        Effect.flatMap(current, (override) => {
          const settings = settingsOf({ model, ...own, ...override })
          return TextEmbedding.embedMany(
            { ...settings.parameters, model: settings.model ?? model, texts },
            {
              ...settings.options,
              batchSize: settings.batchSize,
              concurrency: positive(concurrency, texts.length) ?? settings.concurrency
            }
          )
        }).pipe(
          Effect.provideService(TextEmbedding.TextEmbedding, service),
          Effect.mapError((error) => Errors.make(error, whereOf(method))),
          Effect.flatMap(({ embeddings, usage }) => {
            const vectors: Array<Array<number>> = []
            for (const { embedding } of embeddings) {
              if (!embedding) {
                const description = "The answer has no dense vectors"
                return Effect.fail(Errors.malformedOutput({ description }, whereOf(method)))
              }
              // Equal texts share theirs, and the core's type is of arrays that may be changed.
              vectors.push(Array.from(embedding))
            }
            return Effect.succeed({ vectors, inputTokens: usage.totalTokens })
          })
        )
    }))

/**
 * The same as a Layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: {
  /** Such as `text-embedding-v4`. */
  readonly model: string
  readonly config?: Omit<Settings, "model"> | undefined
}): Layer.Layer<EmbeddingModel.EmbeddingModel, never, TextEmbedding.TextEmbedding> =>
  Layer.effect(EmbeddingModel.EmbeddingModel, make(options))

/**
 * The same as a `Model`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const model: Embeddings.MakeModel<Omit<Settings, "model">> = Embeddings.makeModel((model, config) =>
  layer({ model, config })
)
