/** The client's errors as those of the core. */
import * as AiError from "@effect/ai/AiError"
import { type ApiError, type DashScopeError } from "effect-dashscope/DashScopeError"
import type { InvalidObject } from "effect-dashscope/StructuredOutput"
import type { EmbedManyError } from "effect-dashscope/TextEmbedding"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"

/** What this package knows the reasons of. */
export type Original = DashScopeError | EmbedManyError | InvalidObject

/** Where it happened. */
export interface Where {
  readonly module: string
  readonly method: string
  /** The path of the request's URL. */
  readonly url: string
}

/** Beside the errors, since `HttpResponseError` has no place for a cause. */
const originals = new WeakMap<object, Original>()

/** Inside a span, Effect hands out proxies of errors. */
export const originalOf = (error: AiError.AiError): Original | undefined => originals.get(Cause.originalError(error))

/** Without headers, so without the key. */
const requestOf = ({ url }: Where): typeof AiError.HttpRequestDetails.Type => ({
  method: "POST",
  url,
  urlParams: [],
  hash: Option.none(),
  headers: {}
})

const ofApi = (error: ApiError, { method, module, ...rest }: Where): AiError.AiError => {
  const { code, description, reason, requestId, retryAfter, statusCode } = error
  return new AiError.HttpResponseError({
    module,
    method,
    request: requestOf({ module, method, ...rest }),
    response: {
      status: statusCode,
      headers: {
        ...(requestId === undefined ? undefined : { "x-request-id": requestId }),
        ...(retryAfter === undefined
          ? undefined
          : { "retry-after": String(Math.ceil(Duration.toSeconds(retryAfter))) })
      }
    },
    reason: reason === "UnexpectedResponse" ? "Decode" : "StatusCode",
    description: error.message,
    body: JSON.stringify({
      code,
      message: description,
      ...(requestId === undefined ? undefined : { request_id: requestId })
    })
  })
}

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

export const malformedInput = (description: string, { method, module }: Where): AiError.AiError =>
  new AiError.MalformedInput({ module, method, description })

export const malformedOutput = (description: string, { method, module }: Where): AiError.AiError =>
  new AiError.MalformedOutput({ module, method, description })
