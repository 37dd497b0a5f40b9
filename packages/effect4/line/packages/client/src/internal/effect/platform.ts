/**
 * Requests and errors of the platform.
 *
 * @internal
 */
import type * as PlatformError from "effect/PlatformError"
import type * as Headers from "effect/http/Headers"
import * as HttpClientRequest from "effect/http/HttpClientRequest"

/** What the system said, such as `NotFound`; nothing where it was not asked. @internal */
export const reasonOf = ({ reason }: PlatformError.PlatformError): string | undefined =>
  reason._tag === "BadArgument" ? undefined : reason._tag

/** The same request with these headers and no others. @internal */
export const withHeaders = (
  { body, hash, method, url, urlParams }: HttpClientRequest.HttpClientRequest,
  headers: Headers.Headers
): HttpClientRequest.HttpClientRequest =>
  HttpClientRequest.makeWith(method, url, urlParams, hash, headers, body)
