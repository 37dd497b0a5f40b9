/**
 * What a span of a request holds: attribute for attribute what `HttpClient.make` of the platform says, which Effect's major
 * versions do not say the same way.
 */
import * as Headers from "@effect/platform/Headers"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberRef from "effect/FiberRef"
import type * as Tracer from "effect/Tracer"

/** What a span says of an answer. */
interface Head {
  readonly status: number
  /** By their names in lower case. */
  readonly eachHeader: (f: (name: string, value: string) => void) => void
}

/** The names of headers whose values are not written. */
type Redacted = Parameters<typeof Headers.redact>[1]

/** What a fiber lets be seen. @internal */
export class Shown {
  readonly redacted: Redacted
  private readonly clock: Clock.Clock
  private readonly isTimed: boolean

  constructor(fiber: Fiber.RuntimeFiber<unknown, unknown>) {
    this.redacted = fiber.getFiberRef(Headers.currentRedactedNames)
    this.clock = Context.get(fiber.currentDefaultServices, Clock.Clock)
    this.isTimed = fiber.getFiberRef(FiberRef.currentTracerTimingEnabled)
  }

  /** The time that spans end at, in nanoseconds. */
  now(): bigint {
    return this.isTimed ? this.clock.unsafeCurrentTimeNanos() : 0n
  }
}

/** The names of a header's attributes, and whether its value is hidden. */
class AttributeName {
  readonly request: string
  readonly response: string

  constructor(header: string, readonly hidden: boolean) {
    this.request = `http.request.header.${header}`
    this.response = `http.response.header.${header}`
  }
}

/** More header names than a program and its servers have; what else a server makes up is not kept. */
const namesKept = 256

/** The same few headers are asked for at every request. */
class AttributeNames {
  private readonly known = new Map<string, AttributeName>()
  private readonly hidden: ReadonlyArray<string | RegExp>

  constructor(redacted: Redacted) {
    this.hidden = typeof redacted === "string" || redacted instanceof RegExp ? [redacted] : redacted
  }

  of(header: string): AttributeName {
    let name = this.known.get(header)
    if (name === undefined) {
      name = new AttributeName(
        header,
        this.hidden.some((hidden) => typeof hidden === "string" ? hidden.toLowerCase() === header : hidden.test(header))
      )
      if (this.known.size < namesKept) this.known.set(header, name)
    }
    return name
  }
}

const attributeNames = new WeakMap<object, AttributeNames>()

const namesUnder = (redacted: Redacted): AttributeNames => {
  if (typeof redacted === "string") return new AttributeNames(redacted)
  let names = attributeNames.get(redacted)
  if (names === undefined) attributeNames.set(redacted, names = new AttributeNames(redacted))
  return names
}

type Attributes = ReadonlyArray<readonly [name: string, value: string | number]>

/** What spans say of a URL. The same few are asked for again and again, and asking a URL takes its time. */
const urlAttributes = new WeakMap<URL, Attributes>()

const attributesOf = (url: URL): Attributes => {
  const known = urlAttributes.get(url)
  if (known !== undefined) return known
  const attributes: Attributes = [
    ["server.address", url.origin],
    ...(url.port === "" ? [] : [["server.port", Number(url.port)] as const]),
    ["url.full", url.toString()],
    ["url.path", url.pathname],
    ["url.scheme", url.protocol.slice(0, -1)],
    ...(url.search === "" ? [] : [["url.query", url.search.slice(1)] as const])
  ]
  urlAttributes.set(url, attributes)
  return attributes
}

/** The URL is nobody else's, and does not change. @internal */
export const request = (
  span: Tracer.Span,
  { headers, method, url }: { readonly method: string; readonly url: URL; readonly headers: Headers.Headers },
  { redacted }: Shown
): void => {
  span.attribute("http.request.method", method)
  for (const [name, value] of attributesOf(url)) span.attribute(name, value)
  const names = namesUnder(redacted)
  for (const header in headers) {
    const { hidden, request } = names.of(header)
    span.attribute(request, hidden ? "<redacted>" : headers[header])
  }
}

/** @internal */
export const response = (span: Tracer.Span, head: Head, { redacted }: Shown): void => {
  span.attribute("http.response.status_code", head.status)
  const names = namesUnder(redacted)
  head.eachHeader((header, value) => {
    const { hidden, response } = names.of(header)
    span.attribute(response, hidden ? "<redacted>" : value)
  })
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
