/**
 * A route, and what routes have in common in reading a request.
 */
import type { JsonObject } from "../core/json.js"
import { asObject, asString, isObject, parseObject } from "../core/json.js"
import type { Answer, ApiRequest, Failure } from "./answer.js"
import { failure, invalid, whole } from "./answer.js"
import type { Incoming, Settings } from "./incoming.js"

/** @internal */
export type Method = "GET" | "POST" | "PUT" | "DELETE"

/** @internal */
export interface Route {
  readonly method: Method
  /** A whole path; `{name}` stands for one segment of any text. */
  readonly pattern: string
  readonly serve: (incoming: Incoming) => Answer
  /** Answers without a key, as storage hosts do. Default false. */
  readonly open?: boolean | undefined
}

/** @internal */
export const jsonOf = (incoming: Incoming): JsonObject | undefined => parseObject(incoming.body.text)

/** @internal */
export const notJson = failure(
  400,
  "InvalidParameter",
  "Required body invalid, please check the request body format."
)

/** @internal */
export const checkModel = (model: unknown, settings: Settings): Failure | undefined => {
  if (model === undefined || model === null || model === "") {
    return failure(400, "BadRequest.EmptyModel", "The request names no model.")
  }
  if (typeof model !== "string") {
    return failure(400, "InvalidParameter", "The model has to be a string.")
  }
  const exists = settings.models === undefined ? !model.startsWith("unknown") : settings.models.has(model)
  return exists ? undefined : failure(404, "ModelNotFound", `Model not exist: ${JSON.stringify(model)}.`)
}

/**
 * The route of a model: its body is checked for what all models need.
 *
 * @internal
 */
export const modelRoute = (
  pattern: string,
  serve: (request: ApiRequest, incoming: Incoming) => Answer
): Route => ({
  method: "POST",
  pattern,
  serve: (incoming) => {
    const body = jsonOf(incoming)
    if (body === undefined) {
      return notJson
    }
    const missing = checkModel(body.model, incoming.settings)
    if (missing !== undefined) {
      return missing
    }
    if (!isObject(body.input)) {
      return failure(400, "BadRequest.EmptyInput", "The request has no input.")
    }
    if (body.parameters !== undefined && body.parameters !== null && !isObject(body.parameters)) {
      return failure(400, "InvalidParameter", "The parameters have to be an object.")
    }
    return serve({ body, streamed: incoming.streamed, requestId: incoming.requestId }, incoming)
  }
})

/**
 * The usual envelope around an output.
 *
 * @internal
 */
export const enveloped = (output: JsonObject, usage: JsonObject | undefined, requestId: string): Answer =>
  whole({ output, ...(usage === undefined ? {} : { usage }), request_id: requestId })

/** @internal */
export const modelOf = (request: ApiRequest): string => asString(request.body.model) ?? ""

/** @internal */
export const inputOf = (request: ApiRequest): JsonObject => asObject(request.body.input) ?? {}

/** @internal */
export const parametersOf = (request: ApiRequest): JsonObject => asObject(request.body.parameters) ?? {}

/**
 * The answer to a model on a path that is not its own.
 *
 * @internal
 */
export const urlError = invalid("url error, please check url!")

/**
 * Refuses an asynchronous task where there is none.
 *
 * @internal
 */
export const synchronousOnly = (incoming: Incoming): Failure | undefined =>
  incoming.header("x-dashscope-async") === "enable"
    ? failure(403, "AccessDenied", "current user api does not support asynchronous calls.")
    : undefined

/**
 * Refuses a parameter that is not one of a list; without one, it may be left out.
 *
 * @internal
 */
export const checkChoice = (
  given: JsonObject,
  name: string,
  choices: ReadonlyArray<string | number>
): Failure | undefined => {
  const value = given[name]
  return value === undefined || value === null || choices.some((choice) => choice === value)
    ? undefined
    : invalid(`The parameter ${name} should be one of ${choices.join(", ")}, and not ${JSON.stringify(value)}.`)
}
