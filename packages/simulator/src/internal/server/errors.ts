/**
 * Error bodies in the shapes of the wire.
 */
import type { ErrorAnswer, ErrorShape } from "../../Behavior.js"
import type { JsonObject } from "../core/json.js"
import type { Dialect, Failure } from "./answer.js"
import { failure } from "./answer.js"

/** @internal */
export interface ErrorBody {
  /** Absent: none is sent. */
  readonly contentType: string | undefined
  readonly text: string
}

const json = "application/json"

const usual: ReadonlyMap<number, Failure> = new Map(
  [
    failure(400, "InvalidParameter", "A parameter of the request is not valid."),
    failure(401, "InvalidApiKey", "The API key is not valid."),
    failure(403, "AccessDenied", "Access to this resource is denied."),
    failure(404, "ModelNotFound", "There is no such model."),
    failure(429, "Throttling.RateQuota", "Too many requests, try again later."),
    failure(500, "InternalError", "Something broke inside the service, try again later."),
    failure(503, "ModelUnavailable", "The model is unavailable, try again later.")
  ].map((one) => [one.status, one])
)

/**
 * The failure that a behaviour asks for.
 *
 * @internal
 */
export const failureOf = (error: ErrorAnswer): Failure => {
  const status = error.status ?? 500
  const known = usual.get(status)
  return failure(
    status,
    error.code ?? known?.code ?? (status < 500 ? "InvalidParameter" : "InternalError"),
    error.message ?? known?.message ?? `The request failed with status ${status}.`
  )
}

const nativeError = (error: Failure, requestId: string) => ({
  code: error.code,
  message: error.message,
  request_id: requestId
})

/** @internal */
export const openAiError = (error: Failure) => ({
  error: {
    message: error.message,
    type: openAiType(error.status),
    param: error.param ?? null,
    code: error.code === "" ? null : error.code
  }
})

const anthropicTypes: ReadonlyMap<number, string> = new Map([
  [401, "authentication_error"],
  [403, "permission_error"],
  [404, "not_found_error"],
  [429, "rate_limit_error"],
  [503, "overloaded_error"]
])

const anthropicError = ({ message, status }: Failure, requestId: string) => ({
  type: "error",
  error: {
    type: anthropicTypes.get(status) ?? (status < 500 ? "invalid_request_error" : "api_error"),
    message
  },
  request_id: requestId
})

/**
 * The data of an error event in the midst of a stream.
 *
 * @internal
 */
export const errorEvent = (dialect: Dialect, error: Failure, requestId: string, place: number): JsonObject => {
  switch (dialect) {
    case "native":
      return nativeError(error, requestId)
    case "openai":
      return openAiError(error)
    case "responses":
      return {
        type: "error",
        sequence_number: place,
        code: error.code,
        message: error.message,
        param: error.param ?? null
      }
    case "anthropic":
      return anthropicError(error, requestId)
  }
}

/** @internal */
export const shapeOf = (dialect: Dialect): ErrorShape => dialect === "responses" ? "openai" : dialect

const compatibleCodes: ReadonlyMap<string, string> = new Map([
  ["InvalidParameter", "invalid_parameter_error"],
  ["InvalidApiKey", "invalid_api_key"],
  ["AccessDenied", "access_denied"],
  ["ModelNotFound", "model_not_found"],
  ["BadRequest.EmptyModel", "invalid_parameter_error"],
  ["Throttling.RateQuota", "limit_requests"],
  ["Throttling.AllocationQuota", "insufficient_quota"],
  ["InternalError", "internal_error"]
])

/**
 * The same failure with the code that the compatible mode has for it.
 *
 * @internal
 */
export const inDialect = (error: Failure, dialect: Dialect | undefined): Failure =>
  (dialect === "openai" || dialect === "responses") && error.shape === undefined
    ? { ...error, code: compatibleCodes.get(error.code) ?? error.code }
    : error

const render = (shape: ErrorShape, error: Failure, requestId: string): ErrorBody => {
  switch (shape) {
    case "native":
      return { contentType: json, text: JSON.stringify(nativeError(error, requestId)) }
    case "nested":
      return {
        contentType: json,
        text: JSON.stringify({ requestId, error: { code: error.code, message: error.message } })
      }
    case "openai":
      return {
        contentType: json,
        text: JSON.stringify(openAiError(error))
      }
    case "anthropic":
      return { contentType: json, text: JSON.stringify(anthropicError(error, requestId)) }
    case "numeric":
      return {
        contentType: json,
        text: JSON.stringify({ code: error.status, msg: error.message, request_id: requestId })
      }
    case "sse":
      return {
        contentType: "text/event-stream;charset=UTF-8",
        text: `id:1\nevent:error\n:HTTP_STATUS/${error.status}\n` +
          `data:${JSON.stringify(nativeError(error, requestId))}\n\n`
      }
    case "html":
      return {
        contentType: "text/html",
        text: `<html>\r\n<head><title>${error.status}</title></head>\r\n<body>\r\n<h1>${error.status}</h1>\r\n` +
          `<p>${error.message}</p>\r\n</body>\r\n</html>\r\n`
      }
    case "empty":
      return { contentType: undefined, text: "" }
  }
}

const openAiType = (status: number): string =>
  status === 429 ? "rate_limit_error" : status < 500 ? "invalid_request_error" : "server_error"

const filler = "This sentence only makes the message longer. "

const fillTo = (length: number): string => filler.repeat(Math.ceil(length / filler.length)).slice(0, length)

/** @internal */
export const errorBody = (
  shape: ErrorShape,
  error: Failure,
  requestId: string,
  padTo?: number
): ErrorBody => {
  const body = render(shape, error, requestId)
  const missing = padTo === undefined ? 0 : padTo - Buffer.byteLength(body.text)
  return missing <= 0
    ? body
    : shape === "empty"
    ? { ...body, text: fillTo(missing) }
    : render(shape, { ...error, message: error.message + fillTo(missing) }, requestId)
}
