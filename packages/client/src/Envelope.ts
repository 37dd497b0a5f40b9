/**
 * A request to the API and its answer, under the names of the wire; `DashScopeClient` exports both too.
 *
 * @since 0.1.0
 */
import * as Headers from "@effect/platform/Headers"
import type * as HttpBody from "@effect/platform/HttpBody"
import type * as UrlParams from "@effect/platform/UrlParams"
import * as Stream from "effect/Stream"
import type { DashScopeError } from "./DashScopeError.js"
import * as Head from "./internal/core/head.js"

/**
 * The body of a request to the native API; those of other paths have fields of their own.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestBody {
  readonly model?: string | undefined
  readonly input?: unknown
  readonly parameters?: unknown
  readonly resources?: unknown
}

/**
 * A request to the API.
 *
 * @since 0.1.0
 * @category models
 */
export interface Request {
  /** Default: `POST`. */
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | undefined
  /** What follows the base URL, such as `/services/aigc/text-generation/generation`. Encode the ids in it. */
  readonly path: string
  /**
   * What the path is appended to: the native API's base (`…/api/v1`), or that of the OpenAI-compatible mode beside it
   * (`…/compatible-mode/v1`; where the option `endpoint` does not say, `DASHSCOPE_COMPATIBLE_BASE_URL` may say another).
   * Default: `native`.
   */
  readonly base?: "native" | "compatible" | undefined
  readonly urlParams?: UrlParams.Input | undefined
  /**
   * A record is written as JSON. Bytes, a form (`multipart/form-data`) or a stream are an `HttpBody` of
   * `@effect/platform`. A function makes the body of each attempt anew: a stream that is given as it is can be read only
   * once, so a request with one is never made again.
   *
   * @example
   * import { HttpBody } from "@effect/platform"
   * import { DashScopeClient } from "effect-dashscope"
   * import { Effect } from "effect"
   *
   * const form = new FormData()
   * form.append("files", new Blob(["你好"]), "greeting.txt")
   *
   * const upload = Effect.flatMap(
   *   DashScopeClient.DashScopeClient,
   *   (client) => client.execute({ path: "/files", body: HttpBody.formData(form), replay: "unsent" })
   * )
   */
  readonly body?:
    | RequestBody
    | Readonly<Record<string, unknown>>
    | HttpBody.HttpBody
    | (() => HttpBody.HttpBody)
    | undefined
  /** What this path of the API needs, such as `X-DashScope-Async`. */
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined
  /**
   * When the request may be sent again, by retries and by the pool. `always` is right for a question, which costs little
   * to ask twice. `unsent` is for what costs money or makes something (a task, a file): sent again only where certainly
   * nothing of it had been written to a connection, so not after an error that the service answered with. Default:
   * `always`.
   */
  readonly replay?: "always" | "unsent" | undefined
  /**
   * How `execute` reads the body of a good answer. `text`, `bytes` and `stream` take any body as it is, and the envelope
   * has it as its `content`; its `body` is then empty. A `stream` holds its connection until it ends or its reader is
   * gone, and the call's `timeout` bounds it; it can be read once. Errors are read as always. Default: `json`.
   */
  readonly accept?: "json" | "text" | "bytes" | "stream" | undefined
}

/**
 * An answer of the API. Everything that came is in `body`, under its wire names.
 *
 * @since 0.1.0
 * @category models
 */
export interface Envelope {
  readonly status: number
  readonly headers: Headers.Headers
  readonly body: Readonly<Record<string, unknown>>
  /** `body.output` */
  readonly output: unknown
  /** `body.usage` */
  readonly usage: unknown
  /** Of the body, or of the header `X-Request-Id`. */
  readonly requestId: string | undefined
  /** The body that was asked for with `accept`: see {@link text}, {@link bytes} and {@link stream}. */
  readonly content?: string | Uint8Array | Stream.Stream<Uint8Array, DashScopeError> | undefined
  /** One header, by its name in lower case, without parsing the others. */
  readonly header: (name: string) => string | undefined
}

/**
 * An event of a streamed answer.
 *
 * @since 0.1.0
 * @category models
 */
export interface ServerEvent extends Envelope {
  /** Its type: `result`, or another (assistants have their own). Nothing where the service gave none. */
  readonly event: string | undefined
  /** Its number, as the service counts them. */
  readonly id: string | undefined
  /** Its own status, or that of the response. */
  readonly status: number
}

/**
 * An answer made by hand, for a mock of `DashScopeClient`.
 *
 * @example
 * import { Envelope } from "effect-dashscope"
 *
 * const answer = Envelope.make({ output: { text: "Hello!", finish_reason: "stop" }, request_id: "1" })
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  body: Readonly<Record<string, unknown>>,
  { content, headers, status = 200 }: {
    readonly status?: number
    readonly headers?: Headers.Input
    readonly content?: Envelope["content"]
  } = {}
): Envelope => {
  const fields = Headers.fromInput(headers)
  const requestId = body["request_id"] ?? fields["x-request-id"]
  return {
    status,
    headers: fields,
    body,
    output: body["output"],
    usage: body["usage"],
    requestId: typeof requestId === "string" ? requestId : undefined,
    header: (name) => fields[name],
    ...(content === undefined ? undefined : { content })
  }
}

/**
 * The body of an answer that was asked for with `accept: "text"`; bytes are decoded as UTF-8, and what was read as JSON is
 * written as JSON. Empty for a stream.
 *
 * @example
 * import { DashScopeClient, Envelope } from "effect-dashscope"
 * import { Effect } from "effect"
 *
 * const lines = Effect.flatMap(
 *   DashScopeClient.DashScopeClient,
 *   (client) => client.execute({ method: "GET", path: "/files/file-1/content", base: "compatible", accept: "text" })
 * ).pipe(Effect.map((answer) => Envelope.text(answer).split("\n")))
 *
 * @since 0.1.0
 * @category accessors
 */
export const text = ({ body, content }: Envelope): string =>
  content === undefined
    ? JSON.stringify(body)
    : typeof content === "string"
    ? content
    : content instanceof Uint8Array
    ? new TextDecoder().decode(content)
    : ""

/**
 * The body of an answer that was asked for with `accept: "bytes"`; a text is encoded as UTF-8. Empty for a stream.
 *
 * @since 0.1.0
 * @category accessors
 */
export const bytes = (envelope: Envelope): Uint8Array =>
  envelope.content instanceof Uint8Array ? envelope.content : new TextEncoder().encode(text(envelope))

/**
 * The body of an answer that was asked for with `accept: "stream"`, as it arrives; what was read as a whole is one chunk.
 *
 * @since 0.1.0
 * @category accessors
 */
export const stream = (envelope: Envelope): Stream.Stream<Uint8Array, DashScopeError> => {
  const { content } = envelope
  return content === undefined || typeof content === "string" || content instanceof Uint8Array
    ? Stream.succeed(bytes(envelope))
    : content
}

const isEnvelope = (result: object): result is Envelope => "header" in result && typeof result.header === "function"

/**
 * A header of the answer that a result came with, by its name: of an envelope, or of what any service makes of one. Of a
 * stream every element has those of the stream's answer, and so has what a service's `collect` makes of them. Nothing for a
 * result that was made by hand or changed by a copy, or that is put together from several answers.
 *
 * Worth knowing: `x-request-id`, `req-cost-time`.
 *
 * @example
 * import { Envelope, TextReRank } from "effect-dashscope"
 * import { Console, Effect } from "effect"
 *
 * const program = TextReRank.call({ model: "qwen3-rerank", query: "你好", documents: ["您好", "再见"] }).pipe(
 *   Effect.tap((result) => Console.log(Envelope.header(result, "req-cost-time")))
 * )
 *
 * @since 0.1.0
 * @category accessors
 */
export const header = (result: object, name: string): string | undefined =>
  (isEnvelope(result) ? result : Head.of(result))?.header(name.toLowerCase())
