/** The client's errors as those of the core. */
import type { ApiError } from "effect-dashscope/DashScopeError"
import * as AiError from "effect/ai/AiError"
import type { ErrorMetadata } from "./augmentation.js"
import { answerOf, type Original, type Problem, type Where } from "./original.js"

/** By the reason, which the core puts into an error of its own where a tool fails with it. */
const originals = new WeakMap<object, Original>()

export const originalOf = (error: AiError.AiError): Original | undefined => originals.get(error.reason)

const ofApi = (error: ApiError): AiError.AiErrorReason => {
  const { code, message, reason, requestId, retryAfter, statusCode } = error
  const dashscope: ErrorMetadata = {
    reason,
    ...(code === "" ? undefined : { code }),
    ...(requestId === undefined ? undefined : { requestId })
  }
  const told = { description: message, metadata: { dashscope }, http: answerOf(error) }
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
      return error.field === "schema"
        ? new AiError.UnsupportedSchemaError({ description: error.description })
        : new AiError.InvalidUserInputError({ description: error.message })
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

/** What cannot be sent. */
export const malformedInput = ({ description, tool }: Problem, where: Where): AiError.AiError =>
  failed(
    tool === undefined
      ? new AiError.InvalidUserInputError({ description })
      : new AiError.ToolConfigurationError({ toolName: tool, description }),
    where
  )

/** Why an answer cannot be used. */
export const malformedOutput = ({ description, tool }: Problem, where: Where): AiError.AiError =>
  failed(
    tool === undefined
      ? new AiError.InvalidOutputError({ description })
      : new AiError.ToolParameterValidationError({ toolName: tool, description }),
    where
  )
