/**
 * Which service answers, and what is checked before it does. To add a service, add its path and its function.
 */
import type { Answer, Failure, JsonObject, Route } from "./answer.js"
import { asString, failure, isObject } from "./answer.js"
import { generation } from "./generation.js"

/** @internal */
export const base = "/api/v1"

const routes: ReadonlyMap<string, Route> = new Map([
  [`${base}/services/aigc/text-generation/generation`, generation]
])

/** @internal */
export interface Incoming {
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
  readonly text: string
  readonly streamed: boolean
  readonly requestId: string
}

/** @internal */
export interface Gate {
  /** The keys that are let in; all but the empty one when undefined. */
  readonly apiKeys: ReadonlySet<string> | undefined
  /** The models there are; all but those whose name starts with `unknown` when undefined. */
  readonly models: ReadonlySet<string> | undefined
}

const bearer = /^bearer +(\S+) *$/i

const checkKey = (authorization: string | undefined, gate: Gate): Failure | undefined => {
  const key = authorization === undefined ? undefined : bearer.exec(authorization)?.[1]
  return key === undefined || (gate.apiKeys !== undefined && !gate.apiKeys.has(key))
    ? failure(401, "InvalidApiKey", "The API key is not valid.")
    : undefined
}

const parseBody = (text: string): JsonObject | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const checkModel = (model: string | undefined, gate: Gate): Failure | undefined => {
  if (model === undefined || model === "") {
    return failure(400, "BadRequest.EmptyModel", "The request names no model.")
  }
  const exists = gate.models === undefined ? !model.startsWith("unknown") : gate.models.has(model)
  return exists ? undefined : failure(404, "ModelNotFound", `There is no model ${JSON.stringify(model)}.`)
}

/** @internal */
export const answerTo = (incoming: Incoming, gate: Gate): Answer => {
  const refused = checkKey(incoming.authorization, gate)
  if (refused !== undefined) {
    return refused
  }
  const query = incoming.path.indexOf("?")
  const path = query < 0 ? incoming.path : incoming.path.slice(0, query)
  const route = routes.get(path)
  if (route === undefined || incoming.method !== "POST") {
    return failure(404, "NotFound", `There is nothing at ${incoming.method} ${path}.`)
  }
  const body = parseBody(incoming.text)
  if (body === undefined) {
    return failure(400, "InvalidParameter", "The body of the request is not a JSON object.")
  }
  const missing = checkModel(asString(body.model), gate)
  if (missing !== undefined) {
    return missing
  }
  if (!isObject(body.input)) {
    return failure(400, "BadRequest.EmptyInput", "The request has no input.")
  }
  return route({ body, streamed: incoming.streamed, requestId: incoming.requestId })
}
