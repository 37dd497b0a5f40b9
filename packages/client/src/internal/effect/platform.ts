/**
 * Requests and errors of the platform. One of the modules that each line of Effect has its own of.
 *
 * @internal
 */
import type * as PlatformError from "@effect/platform/Error"
import type * as Headers from "@effect/platform/Headers"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"

/** What the system said, such as `NotFound`; nothing where it was not asked. @internal */
export const reasonOf = (error: PlatformError.PlatformError): string | undefined =>
  error._tag === "SystemError" ? error.reason : undefined

/** The same request with these headers and no others. @internal */
export const withHeaders = (
  { body, method, url, urlParams }: HttpClientRequest.HttpClientRequest,
  headers: Headers.Headers
): HttpClientRequest.HttpClientRequest =>
  HttpClientRequest.make(method)(url, { headers }).pipe(
    HttpClientRequest.setUrlParams(urlParams),
    HttpClientRequest.setBody(body)
  )
