/** The client's errors as those of the core. */
import * as AiError from "@effect/ai/AiError"
import type { ApiError } from "effect-dashscope/DashScopeError"
import * as Cause from "effect/Cause"
import * as Option from "effect/Option"
import { answerOf, type Original, type Problem, type Where } from "./original.js"

/** Beside the errors, since `HttpResponseError` has no place for a cause. */
const originals = new WeakMap<object, Original>()

/** Inside a span, Effect hands out proxies of errors. */
export const originalOf = (error: AiError.AiError): Original | undefined => originals.get(Cause.originalError(error))

const requestOf = ({ url }: Where): typeof AiError.HttpRequestDetails.Type => ({
  method: "POST",
  url,
  urlParams: [],
  hash: Option.none(),
  headers: {}
})

const ofApi = (error: ApiError, where: Where): AiError.AiError =>
  new AiError.HttpResponseError({
    module: where.module,
    method: where.method,
    request: requestOf(where),
    ...answerOf(error),
    reason: error.reason === "UnexpectedResponse" ? "Decode" : "StatusCode",
    description: error.message
  })

const convert = (error: Original, where: Where): AiError.AiError => {
  const { method, module } = where
  switch (error._tag) {
    case "ApiError":
      return ofApi(error, where)
    case "InputRequired":
    case "NoApiKey":
      return new AiError.MalformedInput({ module, method, description: error.message, cause: error })
    case "InvalidObject":
      return new AiError.MalformedOutput({ module, method, description: error.message, cause: error })
    case "EmbedManyError":
      return convert(error.error, where)
    case "RequestTimeout":
    case "ConnectionError":
    case "PoolExhausted":
    case "RateLimitExceeded":
      return new AiError.HttpRequestError({
        module,
        method,
        request: requestOf(where),
        reason: "Transport",
        description: error.message,
        cause: error
      })
  }
}

export const make = (error: Original, where: Where): AiError.AiError => {
  const made = convert(error, where)
  originals.set(made, error)
  return made
}

/** What cannot be sent. */
export const malformedInput = ({ description }: Problem, { method, module }: Where): AiError.AiError =>
  new AiError.MalformedInput({ module, method, description })

/** Why an answer cannot be used. */
export const malformedOutput = ({ description }: Problem, { method, module }: Where): AiError.AiError =>
  new AiError.MalformedOutput({ module, method, description })
