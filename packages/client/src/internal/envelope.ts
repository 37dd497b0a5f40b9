import * as ParseResult from "effect/ParseResult"
import * as DashScopeError from "../DashScopeError.js"
import { classify } from "./classify.js"
import * as ErrorBody from "./errorBody.js"

const isRecord = (u: unknown): u is Record<string, unknown> => typeof u === "object" && u !== null && !Array.isArray(u)

const isAbsent = (u: unknown): boolean => u === undefined || u === null

/** @internal What the body of an answer with a status of success turns out to be. */
export type Reading =
  | { readonly _tag: "Answer"; readonly body: Readonly<Record<string, unknown>> }
  | { readonly _tag: "Error"; readonly error: ErrorBody.ErrorBody }

/**
 * Whether an answer without output is an error: one with a code is, whatever its status says.
 *
 * @internal
 */
export const isError = (json: Readonly<Record<string, unknown>>): boolean => {
  const error = ErrorBody.fromJson(json)
  return error !== undefined && (error.code !== "" || !isAbsent(json["error"]))
}

/** @internal */
export const read = (text: string, secrets: ReadonlyArray<string>): Reading => {
  const json = ErrorBody.parseJson(text)
  if (isRecord(json)) {
    if (!isAbsent(json["output"]) || !isError(json)) return { _tag: "Answer", body: json }
  }
  return { _tag: "Error", error: ErrorBody.parse(text, secrets) }
}

/** @internal */
export const requestIdOf = (
  body: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>>
): string | undefined => idOf(body["request_id"]) ?? idOf(body["requestId"]) ?? idOf(headers["x-request-id"])

const idOf = (u: unknown): string | undefined => typeof u === "string" && u !== "" ? u : undefined

/** @internal */
export const apiError = (
  status: number,
  body: ErrorBody.ErrorBody,
  rest: {
    /** Of the header, for a body that has none. */
    readonly requestId: string | undefined
    readonly retryAfter: DashScopeError.ApiError["retryAfter"]
  }
): DashScopeError.ApiError => {
  const { isRetryable, reason } = classify({ status, code: body.code, message: body.message })
  const requestId = body.requestId ?? rest.requestId
  return new DashScopeError.ApiError({
    reason,
    isRetryable,
    statusCode: status,
    code: body.code,
    description: body.message,
    ...(requestId === undefined ? undefined : { requestId }),
    ...(rest.retryAfter === undefined ? undefined : { retryAfter: rest.retryAfter })
  })
}

/**
 * An answer of a shape that the service's Schema does not know. Says where, and none of the values found there.
 *
 * @internal
 */
export const unexpectedShape = (
  error: ParseResult.ParseError,
  envelope: { readonly status: number; readonly requestId: string | undefined }
): DashScopeError.ApiError => {
  const paths = ParseResult.ArrayFormatter.formatErrorSync(error).map(({ path }) => path.join("."))
  return new DashScopeError.ApiError({
    reason: "UnexpectedResponse",
    isRetryable: false,
    statusCode: envelope.status,
    code: "",
    description: `the answer has an unexpected shape at ${
      Array.from(new Set(paths)).slice(0, 5).map((path) => path || "its top").join(", ")
    }`,
    ...(envelope.requestId === undefined ? undefined : { requestId: envelope.requestId })
  })
}
