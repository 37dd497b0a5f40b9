import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { CallOptions } from "../../CallOptions.js"
import type { InputRequired, NoApiKey } from "../../DashScopeError.js"
import type { Request, RequestBody } from "../../Envelope.js"
import { encodeUtf8 } from "../core/utf8.js"
import { fromEither } from "../effect/either.js"
import type { Key } from "./credential.js"
import { pathProblem } from "./header.js"
import { invalid } from "./invalid.js"
import { merge, noOverlay, type Overlay, overlay, withoutOverlay } from "./options.js"
import type { Replay } from "./replay.js"
import type { State, Template } from "./state.js"

/** A request that may go out, and what its errors must know. @internal */
export class Prepared {
  constructor(
    readonly request: HttpClientRequest.HttpClientRequest,
    /** Makes the body of each attempt anew. */
    readonly makeBody: (() => HttpBody.HttpBody) | undefined,
    readonly replay: Replay,
    readonly key: Key,
    readonly secrets: ReadonlyArray<string>,
    /** Whether headers other than `Authorization` hold secrets. */
    readonly hidesHeaders: boolean
  ) {}
}

const json = "application/json; charset=utf-8"

/** What makes the service answer in events. A request's own headers go above these. @internal */
export const streamHeaders = {
  "accept": "text/event-stream",
  "x-dashscope-sse": "enable",
  // Proxies of the nginx family would otherwise collect the events.
  "x-accel-buffering": "no"
}

/** An answer that is no JSON may be anything. */
const anyHeaders = { accept: "*/*" }

const makeTemplate = (state: State, key: Key): Template => {
  const defaults = { authorization: key.authorization, accept: json, "user-agent": state.userAgent }
  const headers = merge(defaults, state.own.headers)
  return {
    key,
    defaults,
    headers,
    post: HttpClientRequest.post("", { headers }),
    secrets: [key.secret, ...state.own.secrets]
  }
}

const templateOf = (state: State, key: Key, isOfCall: boolean): Template => {
  if (state.lastTemplate?.key === key) return state.lastTemplate
  const template = makeTemplate(state, key)
  if (!isOfCall) state.lastTemplate = template
  return template
}

const baseOf = ({ baseUrl, compatibleUrl = baseUrl }: State, base: Request["base"]): string =>
  base === "compatible" ? compatibleUrl : baseUrl

/** The very string of the request before, where it went there too: whoever looks it up has its hash. */
const urlOf = (state: State, { base, path }: Request): string => {
  const { lastUrl } = state
  if (lastUrl !== undefined && lastUrl.path === path && lastUrl.base === base) return lastUrl.url
  const url = baseOf(state, base) + path
  state.lastUrl = { base, path, url }
  return url
}

const methods: ReadonlySet<string> = new Set<NonNullable<Request["method"]>>(["GET", "POST", "PUT", "PATCH", "DELETE"])

const accepts: ReadonlySet<string> = new Set<NonNullable<Request["accept"]>>(["json", "text", "bytes", "stream"])

/** What is wrong with a request, apart from its headers and its body. */
const problemOf = (
  { compatibleUrl }: State,
  { accept, base, method, path, replay }: Request
): Either.Either<never, InputRequired> | undefined => {
  const problem = pathProblem(path)
  if (problem !== undefined) return invalid("path", problem)
  if (base !== undefined && base !== "native") {
    if (base !== "compatible") return invalid("base", "must be \"native\" or \"compatible\"")
    if (compatibleUrl === undefined) {
      return invalid(
        "base",
        "the compatible base stands beside an endpoint that ends in /api/v1; for another say it in DASHSCOPE_COMPATIBLE_BASE_URL"
      )
    }
  }
  if (method !== undefined && !methods.has(method)) {
    return invalid("method", `must be one of ${[...methods].join(", ")}`)
  }
  if (accept !== undefined && !accepts.has(accept)) {
    return invalid("accept", `must be one of ${[...accepts].join(", ")}`)
  }
  return replay === undefined || replay === "always" || replay === "unsent"
    ? undefined
    : invalid("replay", "must be \"always\" or \"unsent\"")
}

const jsonBody = (body: RequestBody, contentType: string): Either.Either<HttpBody.HttpBody, InputRequired> => {
  try {
    return Either.right(HttpBody.uint8Array(encodeUtf8(JSON.stringify(body)), contentType))
  } catch {
    return invalid("body", "cannot be written as JSON: a BigInt, a cycle, or a toJSON that throws")
  }
}

/** Whether a body is gone once it was read, so that the request cannot be made again. */
const isReadOnce = (body: HttpBody.HttpBody): boolean => {
  switch (body._tag) {
    case "Empty":
    case "Uint8Array":
    case "FormData":
      return false
    case "Stream":
      return true
    case "Raw":
      // What fetch can send and read again; all else (web streams, Node streams, generators) is read once.
      return !(typeof body.body === "string" || body.body instanceof ArrayBuffer || ArrayBuffer.isView(body.body) ||
        body.body instanceof Blob || body.body instanceof URLSearchParams || body.body instanceof FormData)
  }
}

/** @internal */
export const replayOf = ({ body, replay }: Request): Replay =>
  HttpBody.isHttpBody(body) && isReadOnce(body) ? "never" : replay ?? "always"

const build = (
  state: State,
  template: Template,
  request: Request,
  over: Overlay,
  ofRequest: Overlay
): Either.Either<Prepared, InputRequired> => {
  const problem = problemOf(state, request)
  if (problem !== undefined) return problem
  const { body, method = "POST" } = request
  const { own } = state
  const url = urlOf(state, request)
  const isPlain = over === noOverlay && ofRequest === noOverlay
  // What a path of the API needs goes below what the user asks for, here and in the layer.
  const headers = isPlain ?
    template.headers :
    merge(merge(merge(template.defaults, ofRequest.headers), own.headers), over.headers)
  let out = isPlain && method === "POST" ?
    HttpClientRequest.setUrl(template.post, url) :
    HttpClientRequest.make(method)(url, { headers })
  if (request.urlParams !== undefined) out = HttpClientRequest.setUrlParams(out, request.urlParams)
  const makeBody = typeof body === "function" ? body : undefined
  if (HttpBody.isHttpBody(body)) {
    out = HttpClientRequest.setBody(out, body)
  } else if (body !== undefined && typeof body !== "function") {
    const written = jsonBody(body, headers["content-type"] ?? json)
    if (Either.isLeft(written)) return Either.left(written.left)
    out = HttpClientRequest.setBody(out, written.right)
  }
  return Either.right(
    new Prepared(
      out,
      makeBody,
      replayOf(request),
      template.key,
      over.secrets.length === 0 ? template.secrets : [...template.secrets, ...over.secrets],
      own.secrets.length > 0 || over.secrets.length > 0
    )
  )
}

/** The request of one attempt, where each has a body of its own. @internal */
export const withBody = (
  request: HttpClientRequest.HttpClientRequest,
  make: () => unknown
): Either.Either<HttpClientRequest.HttpClientRequest, InputRequired> => {
  try {
    const body = make()
    return HttpBody.isHttpBody(body)
      ? Either.right(HttpClientRequest.setBody(request, body))
      : invalid("body", "the function must give an HttpBody of @effect/platform")
  } catch {
    // Its words are not quoted: they may hold what the body holds.
    return invalid("body", "the function that makes it throws")
  }
}

/** The headers of the kind of answer that is asked for. @internal */
export const headersFor = ({ accept }: Request): Readonly<Record<string, string>> | undefined =>
  accept === undefined || accept === "json" ? undefined : anyHeaders

/**
 * Prepares a request with the key of this moment. `below` are headers that the request's own go above.
 *
 * @internal
 */
export const prepare = (
  state: State,
  request: Request,
  call: CallOptions,
  below: Readonly<Record<string, string>> | undefined
): Effect.Effect<Prepared, NoApiKey | InputRequired> => {
  const over = overlay(call)
  if (Either.isLeft(over)) return Effect.fail(over.left)
  const ofRequest = request.headers === undefined && below === undefined
    ? withoutOverlay
    : overlay({ headers: { ...below, ...request.headers } })
  if (Either.isLeft(ofRequest)) return Effect.fail(ofRequest.left)
  const buildWith = (key: Key) =>
    build(state, templateOf(state, key, call.apiKey !== undefined), request, over.right, ofRequest.right)
  if (call.apiKey !== undefined) {
    return Effect.flatMap(state.credential.ofCall(call.apiKey), (key) => fromEither(buildWith(key)))
  }
  const known = state.credential.known()
  if (known === undefined) return Effect.flatMap(state.credential.current, (key) => fromEither(buildWith(key)))
  const built = buildWith(known)
  return Either.isRight(built) ? Effect.succeed(built.right) : Effect.fail(built.left)
}
