/**
 * What the failures of an HttpClient say.
 *
 * @internal
 */
import type * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"

type Failure = HttpClientError.HttpClientError

/** @internal */
export const isEmptyBody = ({ reason }: Failure): boolean => reason._tag === "EmptyBodyError"

/** The answer whose status a client with `filterStatusOk` did not let pass. @internal */
export const refused = ({ reason }: Failure): HttpClientResponse.HttpClientResponse | undefined =>
  reason._tag === "StatusCodeError" ? reason.response : undefined

/** Whether an answer had begun. @internal */
export const hasResponse = ({ reason }: Failure): boolean => "response" in reason

/** What of a request cannot be sent. @internal */
export const unsendable = ({ reason }: Failure): "url" | "body" | undefined => {
  switch (reason._tag) {
    case "InvalidUrlError":
      return "url"
    case "EncodeError":
      return "body"
    default:
      return undefined
  }
}

/** @internal */
export const causeOf = ({ reason }: Failure): unknown => reason.cause ?? reason.description
