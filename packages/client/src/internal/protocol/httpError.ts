/**
 * What the failures of an HttpClient say. One of the modules that each line of Effect has its own of.
 *
 * @internal
 */
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"

type Failure = HttpClientError.HttpClientError

/** @internal */
export const isEmptyBody = (error: Failure): boolean => error.reason === "EmptyBody"

/** The answer whose status a client with `filterStatusOk` did not let pass. @internal */
export const refused = (error: Failure): HttpClientResponse.HttpClientResponse | undefined =>
  error._tag === "ResponseError" && error.reason === "StatusCode" ? error.response : undefined

/** Whether an answer had begun. @internal */
export const hasResponse = (error: Failure): boolean => error._tag === "ResponseError"

/** What of a request cannot be sent. @internal */
export const unsendable = (error: Failure): "url" | "body" | undefined =>
  error._tag !== "RequestError" || error.reason === "Transport"
    ? undefined
    : error.reason === "InvalidUrl"
    ? "url"
    : "body"

/** @internal */
export const causeOf = (error: Failure): unknown => error.cause ?? error.description
