/**
 * Text embedding: `/services/embeddings/text-embedding/text-embedding`.
 */
import { fnv } from "../core/hash.js"
import type { JsonObject } from "../core/json.js"
import { asArray, asNumber, asString } from "../core/json.js"
import { isServedAs, kindOf } from "../core/models.js"
import { countTokens, tokenize } from "../core/tokens.js"
import { embed } from "../core/vector.js"
import type { Answer, ApiRequest, Failure } from "../server/answer.js"
import { invalid, isFailure } from "../server/answer.js"
import {
  checkChoice,
  enveloped,
  inputOf,
  modelOf,
  modelRoute,
  parametersOf,
  synchronousOnly,
  urlError
} from "../server/route.js"
import { batchTextEmbedding } from "./batch.js"

interface Limits {
  /** Texts in one request. */
  readonly batch: number
  /** Tokens of one text. */
  readonly tokens: number
  /** The first is the default. */
  readonly dimensions: ReadonlyArray<number>
  /** Where the message about the batch says it went wrong. */
  readonly field: string
}

const old: Limits = { batch: 25, tokens: 2048, dimensions: [1536], field: "payload.input.contents" }
const third: Limits = { batch: 10, tokens: 8192, dimensions: [1024, 768, 512, 256, 128, 64], field: "input.contents" }
const fourth: Limits = { ...third, dimensions: [1024, 2048, 1536, 768, 512, 256, 128, 64] }

/** @internal */
export const limitsOf = (model: string): Limits =>
  model === "text-embedding-v1" || model === "text-embedding-v2" ? old : model === "text-embedding-v3" ? third : fourth

const algorithm = (message: string): Failure => invalid(`<400> InternalError.Algo.InvalidParameter: ${message}`)

const checkTexts = (value: unknown, limits: Limits): ReadonlyArray<string> | Failure => {
  const given = typeof value === "string" ? [value] : asArray(value)
  const texts = given?.filter((text) => typeof text === "string")
  if (given === undefined || texts === undefined || texts.length < given.length || given.length === 0) {
    return algorithm("Value error, contents is neither str nor list of str.: input.contents")
  }
  if (texts.length > limits.batch) {
    return algorithm(
      `Value error, batch size is invalid, it should not be larger than ${limits.batch}.: ${limits.field}`
    )
  }
  return texts.every((text) => text !== "" && countTokens(text) <= limits.tokens)
    ? texts
    : algorithm(`Range of input length should be [1, ${limits.tokens}]`)
}

const sparse = (text: string): ReadonlyArray<JsonObject> => {
  const words = new Map<string, number>()
  for (const token of tokenize(text)) {
    const word = token.trim()
    if (word !== "") {
      words.set(word, (words.get(word) ?? 0) + 1)
    }
  }
  return [...words].map(([token, count]) => ({
    index: fnv(token) % 250_000,
    value: Math.round((0.5 + (fnv(token) % 500) / 1000) * Math.log2(1 + count) * 1e4) / 1e4,
    token
  }))
}

/**
 * The vectors of texts, or why there are none.
 *
 * @internal
 */
export const embedded = (
  model: string,
  given: unknown,
  dimension: unknown
): { readonly texts: ReadonlyArray<string>; readonly vectors: ReadonlyArray<ReadonlyArray<number>> } | Failure => {
  const limits = limitsOf(model)
  const texts = checkTexts(given, limits)
  if (isFailure(texts)) {
    return texts
  }
  const wrong = checkChoice({ dimension }, "dimension", limits.dimensions)
  if (wrong !== undefined) {
    return wrong
  }
  const size = asNumber(dimension) ?? limits.dimensions[0] ?? 1024
  return { texts, vectors: texts.map((text) => embed(text, size)) }
}

/** @internal */
export const textEmbedding = (request: ApiRequest): Answer => {
  const model = modelOf(request)
  if (!isServedAs(model, "text-embedding")) {
    return urlError
  }
  const parameters = parametersOf(request)
  const wrong = checkChoice(parameters, "text_type", ["query", "document"]) ??
    checkChoice(parameters, "output_type", ["dense", "sparse", "dense&sparse"])
  if (wrong !== undefined) {
    return wrong
  }
  const made = embedded(model, inputOf(request).texts, parameters.dimension)
  if (isFailure(made)) {
    return made
  }
  const output = asString(parameters.output_type) ?? "dense"
  return enveloped(
    {
      embeddings: made.texts.map((text, text_index) => ({
        ...(output === "dense" ? {} : { sparse_embedding: sparse(text) }),
        ...(output === "sparse" ? {} : { embedding: made.vectors[text_index] }),
        text_index
      }))
    },
    { total_tokens: made.texts.reduce((sum, text) => sum + countTokens(text), 0) },
    request.requestId
  )
}

/** @internal */
export const textEmbeddingRoutes = [
  modelRoute(
    "/api/v1/services/embeddings/text-embedding/text-embedding",
    (request, incoming) =>
      kindOf(modelOf(request)) === "batch-embedding"
        ? batchTextEmbedding(request, incoming)
        : synchronousOnly(incoming) ?? textEmbedding(request)
  )
]
