/**
 * Embeddings, reranking and the list of models in the form of OpenAI.
 */
import type { JsonObject } from "../core/json.js"
import { asString } from "../core/json.js"
import { isServedAs } from "../core/models.js"
import { countTokens } from "../core/tokens.js"
import { modelNames } from "../modelList/service.js"
import type { Answer } from "../server/answer.js"
import { failure, invalid, isFailure, whole } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import type { Route } from "../server/route.js"
import { checkModel, jsonOf, notJson } from "../server/route.js"
import { embedded } from "../textEmbedding/service.js"
import { rank } from "../textReRank/service.js"
import { compatibleChatRoutes } from "./chat.js"

const withModel = (incoming: Incoming, serve: (body: JsonObject, model: string) => Answer): Answer => {
  const body = jsonOf(incoming)
  if (body === undefined) {
    return notJson
  }
  return checkModel(body.model, incoming.settings) ?? serve(body, asString(body.model) ?? "")
}

const notSupported = (model: string): Answer =>
  failure(404, "model_not_supported", `Unsupported model ${JSON.stringify(model)} for OpenAI compatibility mode.`)

/** Little-endian floats of 32 bits. The client of OpenAI for Node asks for them where a program does not say. */
const base64Of = (vector: ReadonlyArray<number>): string => {
  const bytes = Buffer.alloc(4 * vector.length)
  for (const [i, value] of vector.entries()) {
    bytes.writeFloatLE(value, 4 * i)
  }
  return bytes.toString("base64")
}

/** @internal */
export const embedTexts = (incoming: Incoming): Answer =>
  withModel(incoming, (body, model) => {
    if (!isServedAs(model, "text-embedding")) {
      return notSupported(model)
    }
    const format = body.encoding_format ?? "float"
    if (format !== "float" && format !== "base64") {
      return invalid("The encoding_format should be float or base64.")
    }
    const made = embedded(model, body.input, body.dimensions)
    if (isFailure(made)) {
      return made
    }
    const tokens = made.texts.reduce((sum, text) => sum + countTokens(text), 0)
    return whole({
      data: made.vectors.map((vector, index) => ({
        embedding: format === "base64" ? base64Of(vector) : vector,
        index,
        object: "embedding"
      })),
      model,
      object: "list",
      usage: { prompt_tokens: tokens, total_tokens: tokens },
      id: incoming.requestId
    })
  })

const reranks = (incoming: Incoming): Answer =>
  withModel(incoming, (body, model) => {
    if (!isServedAs(model, "rerank")) {
      return notSupported(model)
    }
    const made = rank(model, body.query, body.documents, body.top_n)
    return isFailure(made) ? made : whole({
      object: "list",
      results: made.ranked.map(({ index, score }) => ({ index, relevance_score: score })),
      model,
      usage: { total_tokens: made.tokens },
      id: incoming.requestId
    })
  })

/** Seconds since the epoch. */
const modelsCreated = 1_700_000_000

const models = (incoming: Incoming): Answer =>
  whole({
    object: "list",
    data: modelNames(incoming).map((id) => ({ id, object: "model", created: modelsCreated, owned_by: "system" }))
  })

/** @internal */
export const compatibleRoutes: ReadonlyArray<Route> = [
  ...compatibleChatRoutes,
  { method: "POST", pattern: "/compatible-mode/v1/embeddings", serve: embedTexts },
  { method: "POST", pattern: "/compatible-api/v1/reranks", serve: reranks },
  { method: "GET", pattern: "/compatible-mode/v1/models", serve: models }
]
