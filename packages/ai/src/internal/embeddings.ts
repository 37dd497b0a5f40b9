/**
 * The core's `EmbeddingModel` over the client's `embedMany`.
 *
 * Not by `EmbeddingModel.make`, whose batches would run one after another, and outlive a timeout.
 */
import type * as AiError from "@effect/ai/AiError"
import * as EmbeddingModel from "@effect/ai/EmbeddingModel"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Types from "effect/Types"
import * as Errors from "./errors.js"

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
  readonly where: (method: string) => Errors.Where
}

export const make = ({ embedMany, where }: Provider): Effect.Effect<EmbeddingModel.Service> =>
  Effect.succeed(EmbeddingModel.EmbeddingModel.of({
    embed: (text) =>
      Effect.flatMap(embedMany("embed", [text]), ({ vectors: [vector] }) =>
        vector === undefined
          ? Effect.fail(Errors.malformedOutput("The answer has no embedding", where("embed")))
          : Effect.succeed(vector)).pipe(Effect.withSpan("EmbeddingModel.embed", { captureStackTrace: false })),
    embedMany: (texts, options) =>
      Effect.map(embedMany("embedMany", texts, options?.concurrency), ({ vectors }) => vectors).pipe(
        Effect.withSpan("EmbeddingModel.embedMany", { captureStackTrace: false })
      )
  }))
