import type { Destination } from "../config/destination.js"
import { keepDestination, knownDestination, toDestination } from "../config/destination.js"
import type { FetchBody } from "./requestBody.js"
import { bodyOf, noBody, streamBody, wholeBody } from "./requestBody.js"

/** What a fetch was asked for. @internal */
export interface FetchRequest {
  readonly destination: Destination
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: FetchBody
  readonly signal: AbortSignal | undefined
  /** What a signal that follows another needs to be kept, or it follows no more. */
  readonly kept: unknown
  readonly redirect: "follow" | "manual" | "error"
}

/** Those that tell of the connection are the pool's, and the host is the URL's. */
const withheld: ReadonlySet<string> = new Set([
  "connection",
  "expect",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade"
])

const normalizedMethods = new Set(["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"])
const forbiddenMethods = new Set(["CONNECT", "TRACE", "TRACK"])

const token = /^[!#$%&'*+\-.^`|~\w]+$/

const methodOf = (method: string): string => {
  if (!token.test(method)) throw new TypeError(`${JSON.stringify(method)} is no method`)
  const upper = method.toUpperCase()
  if (forbiddenMethods.has(upper)) throw new TypeError(`${upper} cannot be fetched`)
  return normalizedMethods.has(upper) ? upper : method
}

/** @internal */
export const parseUrl = (text: string, base?: URL): Destination => {
  const known = base === undefined ? knownDestination(text) : undefined
  if (known !== undefined) return known
  const url = new URL(text, base)
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new TypeError(`${url.protocol} is not http: or https:`)
  }
  if (url.username !== "" || url.password !== "") {
    throw new TypeError("a URL must not have a user name or a password; send an authorization header")
  }
  const destination = toDestination(url)
  if (base === undefined) keepDestination(text, destination)
  return destination
}

const headersOf = (given: Headers, body: FetchBody): Record<string, string> => {
  const headers: Record<string, string> = {}
  given.forEach((value, name) => {
    if (!withheld.has(name)) headers[name] = value
  })
  headers["accept"] ??= "*/*"
  headers["user-agent"] ??= "node"
  if (body.contentType !== undefined) headers["content-type"] ??= body.contentType
  // What the caller says of the length of a stream counts; what is here is measured.
  if (body.content === undefined) delete headers["content-length"]
  else if (body.length !== undefined) headers["content-length"] = String(body.length)
  return headers
}

const redirectOf = (redirect: string | undefined): FetchRequest["redirect"] => {
  if (redirect === undefined || redirect === "follow" || redirect === "manual" || redirect === "error") {
    return redirect ?? "follow"
  }
  throw new TypeError(`the option redirect is follow, manual or error, and not ${JSON.stringify(redirect)}`)
}

const isRequest = (input: string | URL | Request): input is Request => typeof input === "object" && !("href" in input)

/** Throws a TypeError where it cannot be asked for. @internal */
export const readRequest = (
  input: string | URL | Request,
  init: RequestInit | undefined
): FetchRequest | Promise<FetchRequest> => {
  if (isRequest(input)) return readObject(init === undefined ? input : new Request(input, init), input)
  const method = methodOf(init?.method ?? "GET")
  const body = bodyOf(init?.body, init === undefined ? undefined : Reflect.get(init, "duplex"))
  if (body !== noBody && (method === "GET" || method === "HEAD")) {
    throw new TypeError(`a request with ${method} has no body`)
  }
  return {
    destination: parseUrl(typeof input === "string" ? input : input.href),
    method,
    headers: headersOf(new Headers(init?.headers), body),
    body,
    signal: init?.signal ?? undefined,
    kept: undefined,
    redirect: redirectOf(init?.redirect)
  }
}

const readObject = async (request: Request, given: Request): Promise<FetchRequest> => {
  if (request.bodyUsed) throw new TypeError("the body of this Request has been used already")
  const body = request.body === null ? noBody : await bodyOfStream(request.body)
  return {
    destination: parseUrl(request.url),
    method: methodOf(request.method),
    headers: headersOf(request.headers, body),
    body,
    signal: request.signal,
    kept: [request, given],
    redirect: redirectOf(request.redirect)
  }
}

type Read = ReadableStreamReadResult<Uint8Array>

/** What the promise comes to before anybody else gets a turn. */
const atOnce = (read: Promise<Read>): Promise<Read | undefined> =>
  Promise.race([read, new Promise<undefined>((resolve) => setImmediate(resolve, undefined))])

/**
 * The body of a Request is always a stream. Where it was made of a text or of bytes, all of it comes at once: then it is sent
 * with its length.
 */
const bodyOfStream = async (stream: ReadableStream<Uint8Array>): Promise<FetchBody> => {
  const reader = stream.getReader()
  const reads = [reader.read(), reader.read()]
  for (const read of reads) read.catch(() => {})
  const [first, second] = await Promise.all(reads.map((read) => atOnce(read).catch(() => undefined)))
  if (first?.done === true) return noBody
  if (first !== undefined && second?.done === true) return wholeBody(first.value)
  return streamBody(restOf(reader, reads))
}

async function* restOf(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  begun: ReadonlyArray<Promise<Read>>
): AsyncGenerator<Uint8Array> {
  try {
    for (let i = 0;; i++) {
      const read = await (begun[i] ?? reader.read())
      if (read.done) return
      yield read.value
    }
  } finally {
    void reader.cancel().catch(() => {})
  }
}
