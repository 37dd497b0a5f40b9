/**
 * Text embedding: texts as vectors, so that texts of like meaning are near each other.
 *
 * @example
 * import { DashScope, TextEmbedding } from "effect-dashscope"
 * import { Console, Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const result = yield* TextEmbedding.call({ model: "text-embedding-v4", texts: ["风急天高猿啸哀", "渚清沙白鸟飞回"] })
 *   for (const embedding of result.output.embeddings) {
 *     yield* Console.log(embedding.textIndex, TextEmbedding.vector(embedding).length)
 *   }
 * })
 *
 * export const main = program.pipe(Effect.provide(DashScope.layer()))
 *
 * Fields of an answer that have no name here are kept, at their place, under their wire names.
 *
 * Source: "DashScope embedding".
 *
 * @since 0.1.0
 */
/* eslint-disable @typescript-eslint/no-empty-object-type -- An interface names the type of a Schema, as in Effect. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type { CallOptions } from "./CallOptions.js"
import * as DashScopeClient from "./DashScopeClient.js"
import type { DashScopeError, InputRequired } from "./DashScopeError.js"
import * as Codec from "./internal/core/codec.js"
import { nullish, nullishFrom, preserve, requestId } from "./internal/core/fields.js"
import * as Endpoint from "./internal/operation/endpoint.js"
import * as Params from "./internal/operation/params.js"
import { attributes } from "./Telemetry.js"

// -----------------------------------------------------------------------------
// parameters
// -----------------------------------------------------------------------------

/**
 * How texts become vectors. What is left out is the service's default.
 *
 * @since 0.1.0
 * @category models
 */
export interface TextEmbeddingParameters {
  /** What the texts are for: a question to search with, or what is searched. Default: `document`. */
  readonly textType?: "query" | "document" | undefined
  /**
   * The length of the vectors. text-embedding-v4: 2048, 1536, 1024, 768, 512, 256, 128 or 64; v3: 1024 or less of these.
   * Default: 1024.
   */
  readonly dimension?: number | undefined
  /** Default: `dense`. */
  readonly outputType?: "dense" | "sparse" | "dense&sparse" | undefined
  /** What the search is for, in English; for questions, from text-embedding-v4 on. */
  readonly instruct?: string | undefined
  /** Parameters that have no name here, under their wire names. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface TextEmbeddingParams extends TextEmbeddingParameters {
  /** Such as `text-embedding-v4`. */
  readonly model: string
  /**
   * The texts; none of them empty. text-embedding-v3 and later take 10 in one request, v1 and v2 take 25; the service refuses
   * more.
   */
  readonly texts: ReadonlyArray<string>
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: Readonly<Record<string, unknown>> | undefined
}

const fields: Params.Fields<TextEmbeddingParams> = {
  model: Params.top("model"),
  texts: Params.input("texts"),
  textType: Params.parameter("text_type"),
  dimension: Params.parameter("dimension"),
  outputType: Params.parameter("output_type"),
  instruct: Params.parameter("instruct")
}

const problem = ({ extraInput, model, texts }: TextEmbeddingParams): InputRequired | undefined => {
  const noModel = Params.modelRequired(model, "text-embedding-v4")
  if (noModel !== undefined || (texts === undefined && extraInput !== undefined)) return noModel
  if (!Array.isArray(texts) || texts.length === 0) {
    return Params.invalid("texts", "nothing to send: give at least one text")
  }
  const bad = texts.findIndex((text) => typeof text !== "string" || text === "")
  return bad < 0 ? undefined : Params.invalid(`texts[${bad}]`, "must be a text that is not empty")
}

// -----------------------------------------------------------------------------
// results
// -----------------------------------------------------------------------------

/**
 * A word's weight in a sparse vector.
 *
 * @since 0.1.0
 * @category models
 */
export interface SparseValue extends Schema.Schema.Type<typeof SparseValue> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const SparseValue = Schema.Struct({
  /** Of the word, in the model's vocabulary. */
  index: Schema.Number,
  value: Schema.Number,
  token: nullish(Schema.String)
}).annotations({ identifier: "SparseValue", ...preserve })

/**
 * The vector of one text, in either form or both.
 *
 * @since 0.1.0
 * @category models
 */
export interface Embedding extends Schema.Schema.Type<typeof Embedding> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const Embedding = Schema.Struct({
  /** Which of the request's texts it is of. Go by this and not by the order of the answer. */
  textIndex: Schema.Number.pipe(Schema.propertySignature, Schema.fromKey("text_index")),
  /** The dense vector. */
  embedding: nullish(Schema.Array(Schema.Number)),
  /** The sparse vector: the words that count, with `outputType: "sparse"` or `"dense&sparse"`. */
  sparseEmbedding: nullishFrom("sparse_embedding", Schema.Array(SparseValue))
}).annotations({ identifier: "Embedding", ...preserve })

/**
 * @since 0.1.0
 * @category models
 */
export interface TextEmbeddingUsage extends Schema.Schema.Type<typeof TextEmbeddingUsage> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const TextEmbeddingUsage = Schema.Struct({
  inputTokens: nullishFrom("input_tokens", Schema.Number),
  totalTokens: nullishFrom("total_tokens", Schema.Number)
}).annotations({ identifier: "TextEmbeddingUsage", ...preserve })

/**
 * An answer.
 *
 * @since 0.1.0
 * @category models
 */
export interface TextEmbeddingResult extends Schema.Schema.Type<typeof TextEmbeddingResult> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const TextEmbeddingResult = Schema.Struct({
  output: Schema.Struct({ embeddings: Schema.Array(Embedding) }).annotations(preserve),
  usage: nullish(TextEmbeddingUsage),
  /** Quote this to Alibaba Cloud's support. */
  requestId
}).annotations({ identifier: "TextEmbeddingResult", ...preserve })

/** @internal */
export const endpoint: Endpoint.Endpoint<TextEmbeddingParams, TextEmbeddingResult> = {
  operation: "embeddings",
  modelOf: ({ model }) => model,
  encode: (params) => {
    const wrong = problem(params)
    return wrong === undefined
      ? Either.map(Params.encode(params, fields), (body) => ({
        path: "/services/embeddings/text-embedding/text-embedding",
        body
      }))
      : Either.left(wrong)
  },
  decode: Codec.decoder(TextEmbeddingResult),
  usageOf: ({ usage }) => usage && { inputTokens: usage.inputTokens ?? usage.totalTokens },
  requestAttributes: ({ dimension }) => ({ [attributes.embeddingsDimensionCount]: dimension })
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
  readonly call: (
    params: TextEmbeddingParams,
    options?: CallOptions
  ) => Effect.Effect<TextEmbeddingResult, DashScopeError>
}

/**
 * @example
 * import { TextEmbedding } from "effect-dashscope"
 * import { Effect, Layer } from "effect"
 *
 * // For a test of code that embeds texts.
 * export const Mock = Layer.mock(TextEmbedding.TextEmbedding, {
 *   call: ({ texts }) =>
 *     Effect.succeed({ output: { embeddings: texts.map((_, textIndex) => ({ textIndex, embedding: [1, 0] })) } })
 * })
 *
 * @since 0.1.0
 * @category tags
 */
export class TextEmbedding extends Context.Tag("effect-dashscope/TextEmbedding")<TextEmbedding, Service>() {}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, DashScopeClient.DashScopeClient> = Effect.map(
  DashScopeClient.DashScopeClient,
  (client): Service => ({ call: Endpoint.call(client, endpoint) })
)

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<TextEmbedding, never, DashScopeClient.DashScopeClient> = Layer.effect(
  TextEmbedding,
  make
)

/**
 * The vectors of a few texts, by one request.
 *
 * Fails with `InputRequired` before anything is sent where there is no text, or an empty one, and with the other errors of
 * `DashScopeError` as they say.
 *
 * @example
 * import { TextEmbedding } from "effect-dashscope"
 *
 * export const question = TextEmbedding.call({
 *   model: "text-embedding-v4",
 *   texts: ["Which text is about the weather?"],
 *   textType: "query",
 *   dimension: 256
 * })
 *
 * @since 0.1.0
 * @category accessors
 */
export const call = (
  params: TextEmbeddingParams,
  options?: CallOptions
): Effect.Effect<TextEmbeddingResult, DashScopeError, TextEmbedding> =>
  Effect.flatMap(TextEmbedding, (service) => service.call(params, options))

// -----------------------------------------------------------------------------
// reading results
// -----------------------------------------------------------------------------

/**
 * The dense vector of an embedding, in a quarter of the memory; empty where there is none.
 *
 * @since 0.1.0
 * @category accessors
 */
export const vector = (embedding: Embedding): Float32Array => Float32Array.from(embedding.embedding ?? [])

/**
 * How near two vectors are: the cosine of the angle between them, from -1 to 1; 0 where one of them has no length. The
 * shorter one counts as far as it goes.
 *
 * @since 0.1.0
 * @category accessors
 */
export const similarity = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let dot = 0
  let ofA = 0
  let ofB = 0
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const x = a[i] ?? 0
    const y = b[i] ?? 0
    dot += x * y
    ofA += x * x
    ofB += y * y
  }
  return ofA === 0 || ofB === 0 ? 0 : dot / Math.sqrt(ofA * ofB)
}
