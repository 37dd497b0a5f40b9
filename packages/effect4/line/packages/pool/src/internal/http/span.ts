/** What a span of a request holds: attribute for attribute what `HttpClient.make` of the platform says in Effect 4. */
import * as Clock from "effect/Clock"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import { constFalse } from "effect/Function"
import * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import * as UrlParams from "effect/http/UrlParams"
import * as References from "effect/References"
import type * as Tracer from "effect/Tracer"

type Side = "request" | "response"

type Names = ReadonlyArray<string | RegExp>

/** What a fiber lets be seen. @internal */
export class Shown {
  readonly redacted: Names
  readonly redactedParams: Names
  readonly filter: (header: string, side: Side) => boolean
  private readonly clock: Clock.Clock
  private readonly isTimed: boolean

  constructor(fiber: Fiber.Fiber<unknown, unknown>) {
    this.redacted = fiber.getRef(Headers.CurrentRedactedNames)
    this.redactedParams = fiber.getRef(UrlParams.CurrentRedactedNames)
    this.filter = fiber.getRef(HttpClient.TracerHeaderFilter)
    this.clock = fiber.getRef(Clock.Clock)
    this.isTimed = fiber.getRef(References.TracerTimingEnabled)
  }

  /** The time that spans end at, in nanoseconds. */
  now(): bigint {
    return this.isTimed ? this.clock.currentTimeNanosUnsafe() : 0n
  }
}

/** What a span says of an answer. */
interface Head {
  readonly status: number
  /** By their names in lower case. */
  readonly eachHeader: (f: (name: string, value: string) => void) => void
}

const annotate = (span: Tracer.Span, side: Side, head: Pick<Head, "eachHeader">, shown: Shown): void => {
  const { filter, redacted } = shown
  // No header is to be seen unless somebody says so.
  if (filter === constFalse) return
  head.eachHeader((name, value) => {
    if (!filter(name, side)) return
    const isHidden = Headers.isRedactedName(name, redacted)
    span.attribute(`http.${side}.header.${name}`, isHidden ? "<redacted>" : value)
  })
}

type Attributes = ReadonlyArray<readonly [name: string, value: string | number]>

interface UrlAttributes {
  readonly redactedParams: Names
  readonly attributes: Attributes
}

/** What spans say of a URL. The same few are asked for again and again, and asking a URL takes its time. */
const urlAttributes = new WeakMap<URL, UrlAttributes>()

const portOf = ({ port, protocol }: URL): number => port === "" ? (protocol === "https:" ? 443 : 80) : Number(port)

const attributesOf = (url: URL, redactedParams: Names): Attributes => {
  const known = urlAttributes.get(url)
  if (known?.redactedParams === redactedParams) return known.attributes
  const query = UrlParams.redactUrl(url.search, redactedParams).slice(1)
  const attributes: Attributes = [
    ["url.full", UrlParams.redactUrl(url.href, redactedParams)],
    ["url.path", url.pathname],
    ...(query === "" ? [] : [["url.query", query] as const]),
    ["url.scheme", url.protocol.slice(0, -1)],
    ["server.address", url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname],
    ["server.port", portOf(url)]
  ]
  urlAttributes.set(url, { redactedParams, attributes })
  return attributes
}

/** The URL is nobody else's, and does not change. @internal */
export const request = (
  span: Tracer.Span,
  { headers, method, url }: { readonly method: string; readonly url: URL; readonly headers: Headers.Headers },
  shown: Shown
): void => {
  span.attribute("http.request.method", method)
  for (const [name, value] of attributesOf(url, shown.redactedParams)) span.attribute(name, value)
  const eachHeader: Head["eachHeader"] = (f) => {
    for (const name in headers) f(name, headers[name]!)
  }
  annotate(span, "request", { eachHeader }, shown)
}

/** The answer says that the request failed, which is no failure of the fiber. */
class StatusFailure extends Error {
  constructor(status: number) {
    super(`the status of the answer is ${status}`)
  }
}

/** As OpenTelemetry marks the spans of clients; who ends the span after that is not heard. @internal */
export const response = (
  span: Tracer.Span,
  answer: Head,
  shown: Shown
): void => {
  const { status } = answer
  span.attribute("http.response.status_code", status)
  annotate(span, "response", answer, shown)
  if (status < 400 || status > 599) return
  span.attribute("error.type", String(status))
  span.end(shown.now(), Exit.fail(new StatusFailure(status)))
}

/**
 * Unless it has ended already. A span may be kept, by who exports it: that it ended well must not keep the response, with its body
 * and the buffers of its connection.
 *
 * @internal
 */
export const end = (span: Tracer.Span, exit: Exit.Exit<unknown, unknown>, shown: Shown): void => {
  if (span.status._tag !== "Ended") span.end(shown.now(), Exit.isSuccess(exit) ? Exit.void : exit)
}
