/**
 * Reranking: documents by how well they answer a query.
 *
 * @example
 * import { DashScope, TextReRank } from "effect-dashscope"
 * import { Console, Effect } from "effect"
 *
 * const documents = ["文本排序模型广泛用于搜索引擎", "量子计算是计算科学的一个前沿领域"]
 *
 * const program = Effect.gen(function*() {
 *   const result = yield* TextReRank.call({ model: "qwen3-rerank", query: "什么是文本排序模型", documents })
 *   for (const { index, relevanceScore } of result.output.results) {
 *     yield* Console.log(relevanceScore, documents[index])
 *   }
 * })
 *
 * export const main = program.pipe(Effect.provide(DashScope.layer()))
 *
 * Fields of an answer that have no name here are kept, at their place, under their wire names.
 *
 * Source: "DashScope reranking".
 *
 * @since 0.1.0
 */
/* eslint-disable @typescript-eslint/no-empty-object-type -- An interface names the type of a Schema, as in Effect. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type { CallOptions } from "./CallOptions.js"
import * as DashScopeClient from "./DashScopeClient.js"
import type { DashScopeError, InputRequired } from "./DashScopeError.js"
import * as Codec from "./internal/core/codec.js"
import { nullish, nullishFrom, preserve, requestId } from "./internal/core/fields.js"
import * as Endpoint from "./internal/operation/endpoint.js"
import * as Params from "./internal/operation/params.js"
import { resolved } from "./internal/upload/resolve.js"
import type * as Media from "./Media.js"
import * as Upload from "./Upload.js"

// -----------------------------------------------------------------------------
// parameters
// -----------------------------------------------------------------------------

/**
 * A text; for models that see (`qwen3-vl-rerank`) also an image or a video: a URL, or a file or bytes by `Media`.
 *
 * @since 0.1.0
 * @category models
 */
export type Content = string | {
  readonly text?: string | undefined
  readonly image?: string | Media.Media | undefined
  readonly video?: string | Media.Media | undefined
}

/**
 * A parameter that is left out is the service's default.
 *
 * @since 0.1.0
 * @category models
 */
export interface TextReRankParams {
  /** Such as `qwen3-rerank`. */
  readonly model: string
  readonly query: Content
  /** At least one; qwen3-rerank takes 500. */
  readonly documents: ReadonlyArray<Content>
  /** How many results to give, the best. Default: all. */
  readonly topN?: number | undefined
  /** Whether each result has its document. Default: false. */
  readonly returnDocuments?: boolean | undefined
  /** What the documents are to be ranked for, in English. */
  readonly instruct?: string | undefined
  /** Parameters that have no name here, under their wire names. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: Readonly<Record<string, unknown>> | undefined
}

const fields: Params.Fields<TextReRankParams> = {
  model: Params.top("model"),
  query: Params.input("query"),
  documents: Params.input("documents"),
  topN: Params.parameter("top_n"),
  returnDocuments: Params.parameter("return_documents"),
  instruct: Params.parameter("instruct")
}

const isBlank = (content: Content | undefined | null): boolean =>
  typeof content === "object" && content !== null
    ? Object.values(content).every((value) => value === undefined || value === "")
    : typeof content !== "string" || content === ""

const problem = ({ documents, extraInput, model, query }: TextReRankParams): InputRequired | undefined => {
  const noModel = Params.modelRequired(model, "qwen3-rerank")
  if (noModel !== undefined) return noModel
  if (isBlank(query) && extraInput?.["query"] === undefined) {
    return Params.invalid("query", "a query that is not empty is required")
  }
  if (extraInput?.["documents"] !== undefined) return undefined
  if (!Array.isArray(documents) || documents.length === 0) {
    return Params.invalid("documents", "nothing to rank: give at least one document")
  }
  const bad = documents.findIndex(isBlank)
  return bad < 0 ? undefined : Params.invalid(`documents[${bad}]`, "must not be empty")
}

// -----------------------------------------------------------------------------
// results
// -----------------------------------------------------------------------------

/**
 * A document's score.
 *
 * @since 0.1.0
 * @category models
 */
export interface Ranked extends Schema.Schema.Type<typeof Ranked> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const Ranked = Schema.Struct({
  /** Which of the request's documents. */
  index: Schema.Number,
  /** From 0 to 1. */
  relevanceScore: Schema.Number.pipe(Schema.propertySignature, Schema.fromKey("relevance_score")),
  /** With `returnDocuments`. */
  document: nullish(
    Schema.Struct({ text: nullish(Schema.String), image: nullish(Schema.String), video: nullish(Schema.String) })
      .annotations(preserve)
  )
}).annotations({ identifier: "Ranked", ...preserve })

/**
 * @since 0.1.0
 * @category models
 */
export interface TextReRankUsage extends Schema.Schema.Type<typeof TextReRankUsage> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const TextReRankUsage = Schema.Struct({
  inputTokens: nullishFrom("input_tokens", Schema.Number),
  totalTokens: nullishFrom("total_tokens", Schema.Number)
}).annotations({ identifier: "TextReRankUsage", ...preserve })

/**
 * An answer.
 *
 * @since 0.1.0
 * @category models
 */
export interface TextReRankResult extends Schema.Schema.Type<typeof TextReRankResult> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const TextReRankResult = Schema.Struct({
  output: Schema.Struct({
    /** The best first. */
    results: Schema.Array(Ranked)
  }).annotations(preserve),
  usage: nullish(TextReRankUsage),
  /** Quote this to Alibaba Cloud's support. */
  requestId
}).annotations({ identifier: "TextReRankResult", ...preserve })

const endpoint: Endpoint.Endpoint<TextReRankParams, TextReRankResult> = {
  operation: "rerank",
  modelOf: ({ model }) => model,
  encode: Endpoint.post("/services/rerank/text-rerank/text-rerank", fields, problem),
  decode: Codec.decoder(TextReRankResult),
  usageOf: ({ usage }) => usage && { inputTokens: usage.inputTokens ?? usage.totalTokens }
}

// -----------------------------------------------------------------------------
// service
// -----------------------------------------------------------------------------

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** See the accessor of the same name. */
  readonly call: (params: TextReRankParams, options?: CallOptions) => Effect.Effect<TextReRankResult, DashScopeError>
}

/**
 * @example
 * import { TextReRank } from "effect-dashscope"
 * import { Effect, Layer } from "effect"
 *
 * // For a test of code that ranks documents: they are all as good, in their order.
 * export const Mock = Layer.mock(TextReRank.TextReRank, {
 *   call: ({ documents }) =>
 *     Effect.succeed({ output: { results: documents.map((_, index) => ({ index, relevanceScore: 0.5 })) } })
 * })
 *
 * @since 0.1.0
 * @category tags
 */
export class TextReRank extends Context.Tag("effect-dashscope/TextReRank")<TextReRank, Service>() {}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, DashScopeClient.DashScopeClient | Upload.Upload> = Effect.map(
  Effect.all([DashScopeClient.DashScopeClient, Upload.Upload]),
  ([client, { resolve }]): Service => ({
    call: Endpoint.call(client, endpoint, ({ model }, prepared) => resolved(prepared, model, resolve))
  })
)

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<TextReRank, never, DashScopeClient.DashScopeClient | Upload.Upload> = Layer.effect(
  TextReRank,
  make
)

/**
 * Ranks documents, the best first.
 *
 * Fails with `InputRequired` before anything is sent where the query or the documents are empty, and with the other errors of
 * `DashScopeError` as they say.
 *
 * @example
 * import { TextReRank } from "effect-dashscope"
 * import { Effect } from "effect"
 *
 * export const best = (query: string, documents: ReadonlyArray<string>) =>
 *   TextReRank.call({ model: "qwen3-rerank", query, documents, topN: 3 }).pipe(
 *     Effect.map((result) => result.output.results.map(({ index }) => documents[index]))
 *   )
 *
 * @since 0.1.0
 * @category accessors
 */
export const call = (
  params: TextReRankParams,
  options?: CallOptions
): Effect.Effect<TextReRankResult, DashScopeError, TextReRank> =>
  Effect.flatMap(TextReRank, (service) => service.call(params, options))
