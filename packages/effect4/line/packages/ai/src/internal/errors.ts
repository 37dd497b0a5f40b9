/** The client's errors as those of the core. */
import type { ApiError, DashScopeError } from "effect-dashscope/DashScopeError"
import type { InvalidObject } from "effect-dashscope/StructuredOutput"
import type { EmbedManyError } from "effect-dashscope/TextEmbedding"
import * as AiError from "effect/ai/AiError"
import * as Duration from "effect/Duration"
import type { ErrorMetadata } from "./augmentation.js"

/** What this package knows the reasons of. */
export type Original = DashScopeError | EmbedManyError | InvalidObject

/** Where it happened. */
export interface Where {
  readonly module: string
  readonly method: string
  /** The path of the request's URL. */
  readonly url: string
}

/** By the reason, which the core puts into an error of its own where a tool fails with it. */
const originals = new WeakMap<object, Original>()

export const originalOf = (error: AiError.AiError): Original | undefined => originals.get(error.reason)

/** Without headers of the request, so without the key. */
const httpOf = ({ code, description, requestId, retryAfter, statusCode }: ApiError): typeof AiError.HttpContext.Type => ({
  response: {
    status: statusCode,
    headers: {
      ...(requestId === undefined ? undefined : { "x-request-id": requestId }),
      ...(retryAfter === undefined ? undefined : { "retry-after": String(Math.ceil(Duration.toSeconds(retryAfter))) })
    }
  },
  body: JSON.stringify({
    code,
    message: description,
    ...(requestId === undefined ? undefined : { request_id: requestId })
  })
})

const ofApi = (error: ApiError): AiError.AiErrorReason => {
  const { code, message, reason, requestId, retryAfter, statusCode } = error
  const dashscope: ErrorMetadata = {
    reason,
    ...(code === "" ? undefined : { code }),
    ...(requestId === undefined ? undefined : { requestId })
  }
  const told = { description: message, metadata: { dashscope }, http: httpOf(error) }
  switch (reason) {
    case "Authentication":
      return new AiError.AuthenticationError({
        ...told,
        kind: statusCode === 403 ? "InsufficientPermissions" : "InvalidKey"
      })
    case "RateLimited":
      return new AiError.RateLimitError({ ...told, ...(retryAfter === undefined ? undefined : { retryAfter }) })
    case "QuotaExhausted":
      return new AiError.QuotaExhaustedError(told)
    case "ContentFiltered":
      return new AiError.ContentPolicyError(told)
    case "InvalidRequest":
    case "NotFound":
      return new AiError.InvalidRequestError(told)
    case "Server":
      return new AiError.InternalProviderError(told)
    case "UnexpectedResponse":
      return new AiError.InvalidResponseError(told)
  }
}

const convert = (error: Original, where: Where): AiError.AiErrorReason => {
  switch (error._tag) {
    case "ApiError":
      return ofApi(error)
    case "InputRequired":
      return new AiError.InvalidUserInputError({ description: error.message })
    case "NoApiKey":
      return new AiError.AuthenticationError({ kind: "MissingKey", description: error.message })
    case "InvalidObject":
      return new AiError.StructuredOutputError({ description: error.message, responseText: error.text })
    case "EmbedManyError":
      return convert(error.error, where)
    case "RateLimitExceeded":
      return new AiError.RateLimitError({
        ...(error.wait === undefined ? undefined : { retryAfter: error.wait }),
        metadata: { dashscope: { reason: error.reason } }
      })
    case "RequestTimeout":
    case "ConnectionError":
    case "PoolExhausted":
      return new AiError.NetworkError({
        reason: "TransportError",
        method: "POST",
        url: where.url,
        description: error.message,
        cause: error
      })
  }
}

const failed = (reason: AiError.AiErrorReason, { method, module }: Where): AiError.AiError =>
  AiError.make({ module, method, reason })

export const make = (error: Original, where: Where): AiError.AiError => {
  const reason = convert(error, where)
  originals.set(reason, error)
  return failed(reason, where)
}

/** What of a prompt or a toolkit cannot be sent. */
export const malformedInput = (description: string, where: Where): AiError.AiError =>
  failed(new AiError.InvalidUserInputError({ description }), where)

/** Why an answer cannot be used. */
export const malformedOutput = (description: string, where: Where): AiError.AiError =>
  failed(new AiError.InvalidOutputError({ description }), where)
