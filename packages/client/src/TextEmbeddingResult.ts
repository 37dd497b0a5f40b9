/**
 * What text embedding answers. `TextEmbedding` exports all of it too.
 *
 * Source: "DashScope embedding".
 *
 * @since 0.1.0
 */
/* eslint-disable @typescript-eslint/no-empty-object-type -- An interface names the type of a Schema, as in Effect. */
import * as Schema from "effect/Schema"
import { nullish, nullishFrom, preserve, requestId } from "./internal/core/fields.js"

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
