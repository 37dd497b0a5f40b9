/**
 * A request to the API and its answer, under the names of the wire; `DashScopeClient` exports both too.
 *
 * @since 0.1.0
 */
import * as Headers from "@effect/platform/Headers"
import type * as UrlParams from "@effect/platform/UrlParams"

/**
 * The body of a request.
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
  readonly method?: "GET" | "POST" | "DELETE" | undefined
  /** What follows the base URL, such as `/services/aigc/text-generation/generation`. Encode the ids in it. */
  readonly path: string
  readonly urlParams?: UrlParams.Input | undefined
  /** Written as JSON. */
  readonly body?: RequestBody | undefined
  /** What this path of the API needs, such as `X-DashScope-Async`. */
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined
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
  { headers, status = 200 }: { readonly status?: number; readonly headers?: Headers.Input } = {}
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
    header: (name) => fields[name]
  }
}
