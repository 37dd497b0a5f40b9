/**
 * Reranking: `/services/rerank/text-rerank/text-rerank`.
 */
import type { JsonObject } from "../core/json.js"
import { asArray, asNumber, asObject, asString } from "../core/json.js"
import { isServedAs } from "../core/models.js"
import { countTokens } from "../core/tokens.js"
import { likeness } from "../core/vector.js"
import type { Answer, ApiRequest, Failure } from "../server/answer.js"
import { invalid, isFailure } from "../server/answer.js"
import { enveloped, inputOf, modelOf, modelRoute, parametersOf, synchronousOnly, urlError } from "../server/route.js"

const mostDocuments = 500
const mostTokens = 4000

/** @internal */
export interface Ranked {
  readonly index: number
  readonly score: number
  readonly document: JsonObject
}

/** Of a text, or of an object with a text, an image or a video, where the model sees. */
const readable = (value: unknown, sees: boolean): JsonObject | undefined => {
  if (typeof value === "string") {
    return value === "" ? undefined : { text: value }
  }
  const object = sees ? asObject(value) : undefined
  return [object?.text, object?.image, object?.video].some((one) => typeof one === "string" && one !== "")
    ? object
    : undefined
}

const textOf = (value: JsonObject): string => [value.text, value.image, value.video].filter(asString).join(" ")

/**
 * The documents by their likeness to the query, the best first.
 *
 * @internal
 */
export const rank = (
  model: string,
  query: unknown,
  documents: unknown,
  top: unknown
): { readonly ranked: ReadonlyArray<Ranked>; readonly tokens: number } | Failure => {
  const sees = model.includes("-vl-")
  const asked = readable(query, sees)
  if (asked === undefined) {
    return invalid("The query is missing: input.query should be a text that is not empty.")
  }
  const given = asArray(documents) ?? []
  if (given.length === 0 || given.length > mostDocuments) {
    return invalid(`Range of documents should be [1, ${mostDocuments}]: input.documents`)
  }
  const readables = given.map((document) => readable(document, sees))
  if (!readables.every((document) => document !== undefined)) {
    return invalid("Each of the documents should be a text that is not empty: input.documents")
  }
  const most = top === undefined || top === null ? given.length : asNumber(top)
  if (most === undefined || !Number.isInteger(most) || most < 1) {
    return invalid("The parameter top_n should be an integer from 1.")
  }
  const texts = [asked, ...readables].map(textOf)
  if (texts.some((text) => countTokens(text) > mostTokens)) {
    return invalid(`Range of input length should be [1, ${mostTokens}]`)
  }
  const [question = "", ...others] = texts
  const ranked = readables.map((document, index) => ({
    index,
    score: scoreOf(question, others[index] ?? ""),
    document
  }))
  ranked.sort((a, b) => b.score - a.score || a.index - b.index)
  return {
    ranked: ranked.slice(0, most),
    tokens: others.reduce((sum, text) => sum + countTokens(text) + countTokens(question), 0)
  }
}

/** Between 0 and 1, and never either. */
const scoreOf = (query: string, document: string): number =>
  Math.round(1e10 / (1 + Math.exp(4 - 9 * likeness(query, document)))) / 1e10

/** @internal */
export const textReRank = (request: ApiRequest): Answer => {
  const model = modelOf(request)
  if (!isServedAs(model, "rerank")) {
    return urlError
  }
  const { documents, query } = inputOf(request)
  const { return_documents, top_n } = parametersOf(request)
  if (return_documents !== undefined && return_documents !== null && typeof return_documents !== "boolean") {
    return invalid("The parameter return_documents has to be a boolean.")
  }
  const made = rank(model, query, documents, top_n)
  return isFailure(made) ? made : enveloped(
    {
      results: made.ranked.map(({ document, index, score }) => ({
        ...(return_documents === true ? { document } : {}),
        index,
        relevance_score: score
      }))
    },
    { total_tokens: made.tokens },
    request.requestId
  )
}

/** @internal */
export const textReRankRoutes = [
  modelRoute(
    "/api/v1/services/rerank/text-rerank/text-rerank",
    (request, incoming) => synchronousOnly(incoming) ?? textReRank(request)
  )
]
