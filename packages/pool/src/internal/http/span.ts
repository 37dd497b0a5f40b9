/** What a span of a request holds: attribute for attribute what `HttpClient.make` of the platform says. */
import * as Headers from "@effect/platform/Headers"
import type * as Tracer from "effect/Tracer"

/** The names of headers whose values are not written, as of `Headers.currentRedactedNames`. @internal */
export type Redacted = Parameters<typeof Headers.redact>[1]

const annotate = (
  span: Tracer.Span,
  side: "request" | "response",
  headers: Headers.Headers,
  redacted: Redacted
): void => {
  for (const [name, value] of Object.entries(Headers.redact(headers, redacted))) {
    span.attribute(`http.${side}.header.${name}`, typeof value === "string" ? value : "<redacted>")
  }
}

/** @internal */
export const request = (
  span: Tracer.Span,
  { headers, method, url }: { readonly method: string; readonly url: URL; readonly headers: Headers.Headers },
  redacted: Redacted
): void => {
  span.attribute("http.request.method", method)
  span.attribute("server.address", url.origin)
  if (url.port !== "") span.attribute("server.port", Number(url.port))
  span.attribute("url.full", url.toString())
  span.attribute("url.path", url.pathname)
  span.attribute("url.scheme", url.protocol.slice(0, -1))
  if (url.search !== "") span.attribute("url.query", url.search.slice(1))
  annotate(span, "request", headers, redacted)
}

/** @internal */
export const response = (
  span: Tracer.Span,
  { headers, status }: { readonly status: number; readonly headers: Headers.Headers },
  redacted: Redacted
): void => {
  span.attribute("http.response.status_code", status)
  annotate(span, "response", headers, redacted)
}
