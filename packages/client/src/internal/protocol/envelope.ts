import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Beneath from "effect-http-pool/Beneath"
import * as ParseResult from "effect/ParseResult"
import * as DashScopeError from "../../DashScopeError.js"
import type { Envelope } from "../../Envelope.js"
import type * as Head from "../core/head.js"
import { lean } from "../core/lean.js"
import { isRecord } from "../core/record.js"
import { classify } from "./classify.js"
import * as ErrorBody from "./errorBody.js"

const isAbsent = (u: unknown): boolean => u === undefined || u === null

/** @internal What the body of an answer with a status of success turns out to be. */
export type Reading =
  | { readonly _tag: "Answer"; readonly body: Readonly<Record<string, unknown>> }
  | { readonly _tag: "Error"; readonly error: ErrorBody.ErrorBody }

/**
 * Whether an answer without output is an error: one with a code is, also with a good status.
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
  header: (name: string) => string | undefined
): string | undefined => idOf(body["request_id"]) ?? idOf(body["requestId"]) ?? idOf(header("x-request-id"))

const source = Symbol.for("effect-dashscope/Envelope/source")

interface WithSource {
  readonly [source]: Beneath.HeaderSource
}

/**
 * One for all answers: with a getter of its own each would have a hidden class of its own too, which costs more than the
 * rest of it, and holds what the getter leads to until the next full garbage collection.
 */
const headersOfSource: PropertyDescriptor & ThisType<WithSource> = {
  enumerable: true,
  configurable: true,
  get() {
    return this[source].headers
  }
}

function header(this: WithSource, name: string): string | undefined {
  return this[source].header(name)
}

/**
 * A good answer. Its headers are parsed once somebody asks for them, since hardly anybody does. It may be kept: nothing in
 * it leads to the request.
 *
 * @internal
 */
export const make = (
  response: HttpClientResponse.HttpClientResponse,
  body: Readonly<Record<string, unknown>>
): Envelope => {
  const headers = Beneath.headersOf(response)
  const withoutHeaders: Omit<Envelope, "headers"> & WithSource = {
    status: response.status,
    body,
    output: body["output"],
    usage: body["usage"],
    requestId: requestIdOf(body, (name) => headers.header(name)),
    header,
    [source]: headers
  }
  return Object.defineProperty(withoutHeaders, "headers", headersOfSource) as Envelope & WithSource
}

/** @internal Where the headers of an answer are, apart from the rest of it. */
export const headOf = (envelope: Envelope & Partial<WithSource>): Head.Head =>
  envelope[source] ?? new HeadOf(envelope.headers)

class HeadOf implements Head.Head {
  constructor(private readonly headers: Envelope["headers"]) {}

  header(name: string): string | undefined {
    return this.headers[name]
  }
}

/** @internal A good answer that is no JSON, read as it was asked for. */
export const makeOther = (
  response: HttpClientResponse.HttpClientResponse,
  content: NonNullable<Envelope["content"]>
): Envelope => Object.assign(make(response, noBody), { content })

const noBody = {}

const idOf = (u: unknown): string | undefined => typeof u === "string" && u !== "" ? u : undefined

/** The service's words for a model that is not served at the path which was asked. */
const isWrongPath = ({ code, message }: ErrorBody.ErrorBody): boolean =>
  code.startsWith("InvalidParameter") && /\burl error\b/i.test(message)

const otherPath = "this model is served at another path: call one that sees or hears, and qwen3.5 and newer, with " +
  "MultiModalConversation, or use DashScopeClient.execute with the path that its documentation names"

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
  return lean(() =>
    new DashScopeError.ApiError({
      reason,
      isRetryable,
      statusCode: status,
      code: body.code,
      description: isWrongPath(body) ? `${body.message} (${otherPath})` : body.message,
      ...(requestId === undefined ? undefined : { requestId }),
      ...(rest.retryAfter === undefined ? undefined : { retryAfter: rest.retryAfter })
    })
  )
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
