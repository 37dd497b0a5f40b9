/**
 * Everything that can go wrong, typed. Each error says what happened and what to do about it; none ever holds an API
 * key.
 *
 * | tag               | when                                                                     |
 * | ----------------- | ------------------------------------------------------------------------ |
 * | `NoApiKey`        | no key was found when the call was made                                  |
 * | `InputRequired`   | the input is empty or contradicts itself; nothing was sent               |
 * | `ApiError`        | the service answered with an error                                       |
 * | `RequestTimeout`  | a deadline passed                                                        |
 * | `ConnectionError` | the network, or the pool's closing, ended the request                    |
 * | `PoolExhausted`   | `maximumPendingRequests` requests are waiting for a connection already   |
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"

/**
 * A pool's numbers at the moment of a failure.
 *
 * @since 0.1.0
 * @category models
 */
export class PoolNumbers extends Schema.Class<PoolNumbers>("effect-dashscope/PoolNumbers")({
  /** Connections open in all: connecting, active, idle and closing. */
  open: Schema.NonNegativeInt,
  connecting: Schema.NonNegativeInt,
  active: Schema.NonNegativeInt,
  idle: Schema.NonNegativeInt,
  closing: Schema.NonNegativeInt,
  /** Requests waiting for a permit or a connection. */
  waiting: Schema.NonNegativeInt,
  connectionPoolSize: Schema.NonNegativeInt,
  maximumAsyncRequests: Schema.NonNegativeInt,
  maximumAsyncRequestsPerHost: Schema.NonNegativeInt
}) {
  /** `open 8/8 (connecting 0, active 8, idle 0, closing 0), waiting 12`. */
  override toString(): string {
    return `open ${this.open}/${this.connectionPoolSize} (connecting ${this.connecting}, active ${this.active}, ` +
      `idle ${this.idle}, closing ${this.closing}), waiting ${this.waiting}`
  }
}

/**
 * No API key was found. Fails a call before anything is sent.
 *
 * @since 0.1.0
 * @category errors
 */
export class NoApiKey extends Schema.TaggedError<NoApiKey>("effect-dashscope/NoApiKey")("NoApiKey", {
  /** The places that were searched, in order, each with why it had none. */
  lookedIn: Schema.Array(Schema.String)
}) {
  readonly isRetryable = false

  override get message(): string {
    return `No DashScope API key found. Looked in: ${this.lookedIn.join("; ")}. ` +
      "Set DASHSCOPE_API_KEY, or pass apiKey to the layer or to the call."
  }
}

/**
 * The input is empty, not sendable, or contradicts itself. Checked before any I/O.
 *
 * @since 0.1.0
 * @category errors
 */
export class InputRequired extends Schema.TaggedError<InputRequired>("effect-dashscope/InputRequired")(
  "InputRequired",
  {
    /** The field to mend, by the name the caller used. */
    field: Schema.String,
    description: Schema.String
  }
) {
  readonly isRetryable = false

  override get message(): string {
    return `Invalid input (${this.field}): ${this.description}`
  }
}

/**
 * What kind of refusal an `ApiError` is.
 *
 * - `Authentication`: the key is wrong, of another region, or may not use this model or workspace.
 * - `RateLimited`: too many requests or tokens in a short time; waiting helps.
 * - `QuotaExhausted`: a quota or the account's standing; waiting does not help.
 * - `ContentFiltered`: input or output was refused by content inspection.
 * - `InvalidRequest`: the request cannot succeed as it is.
 * - `NotFound`: no such model, task, file or path.
 * - `Server`: the service failed; it may succeed another time.
 * - `UnexpectedResponse`: an answer that is not DashScope's wire (a proxy's page, undecodable JSON).
 *
 * @since 0.1.0
 * @category models
 */
export const ApiErrorReason = Schema.Literal(
  "Authentication",
  "RateLimited",
  "QuotaExhausted",
  "ContentFiltered",
  "InvalidRequest",
  "NotFound",
  "Server",
  "UnexpectedResponse"
)

/**
 * @since 0.1.0
 * @category models
 */
export type ApiErrorReason = typeof ApiErrorReason.Type

/**
 * The service said no: by HTTP status, by an `event:error` in a stream, or with a body that cannot be understood.
 *
 * @since 0.1.0
 * @category errors
 */
export class ApiError extends Schema.TaggedError<ApiError>("effect-dashscope/ApiError")("ApiError", {
  reason: ApiErrorReason,
  /** Of the response, or of the error event inside a 200 stream. */
  statusCode: Schema.Int,
  /** The service's code, such as `InvalidApiKey` or `Throttling.RateQuota`; empty where it gave none. */
  code: Schema.String,
  /** The service's own words, or the start of a body that could not be understood. */
  description: Schema.String,
  /** Quote this to Alibaba Cloud's support. */
  requestId: Schema.optional(Schema.String),
  /** How long the service asked to wait. */
  retryAfter: Schema.optional(Schema.DurationFromSelf),
  /** Whether the same request may succeed if it is sent again later. */
  isRetryable: Schema.Boolean
}) {
  override get message(): string {
    const retryAfter = this.retryAfter === undefined ? "" : `; retry after ${Duration.format(this.retryAfter)}`
    const requestId = this.requestId === undefined ? "" : `; request id ${this.requestId}`
    const code = this.code === "" ? "" : ` ${this.code}`
    return `DashScope answered ${this.statusCode}${code} (${this.reason}): ${this.description}${retryAfter}${requestId}`
  }
}

/**
 * The deadlines a request runs under, in the order in which they can pass.
 *
 * @since 0.1.0
 * @category models
 */
export const TimeoutPhase = Schema.Literal(
  "acquire",
  "connect",
  "write",
  "read",
  "firstContent",
  "content",
  "total"
)

/**
 * @since 0.1.0
 * @category models
 */
export type TimeoutPhase = typeof TimeoutPhase.Type

const timeoutExplanations: { readonly [phase in TimeoutPhase]: string } = {
  acquire: "no connection of the pool came free (acquireTimeout); raise the pool's limits or send less at once",
  connect: "DNS, TCP and TLS did not finish (connectTimeout); check the endpoint, the network and the proxy",
  write: "the server stopped reading the request (writeTimeout)",
  read: "the server sent nothing (readTimeout); stream long answers, or raise it",
  firstContent: "no content arrived (firstContentTimeout); heartbeats and comments do not count",
  content: "the content paused (contentTimeout); heartbeats and comments do not count",
  total: "the call did not finish in the time it was given (timeout)"
}

/**
 * A deadline passed. The request's connection is closed and its permit given back.
 *
 * @since 0.1.0
 * @category errors
 */
export class RequestTimeout extends Schema.TaggedError<RequestTimeout>("effect-dashscope/RequestTimeout")(
  "RequestTimeout",
  {
    phase: TimeoutPhase,
    /** The deadline that passed. */
    duration: Schema.DurationFromSelf,
    /** For the phase `acquire`: the pool at that moment. */
    pool: Schema.optional(PoolNumbers)
  }
) {
  /** Time may cure all but the caller's own budget for the whole call. */
  get isRetryable(): boolean {
    return this.phase !== "total"
  }

  override get message(): string {
    const pool = this.pool === undefined ? "" : `; pool: ${this.pool.toString()}`
    return `Timed out after ${Duration.format(this.duration)}: ${timeoutExplanations[this.phase]}${pool}`
  }
}

/**
 * How the network failed.
 *
 * - `Dns`: the host name could not be resolved.
 * - `Refused`: no TCP connection (refused, unreachable).
 * - `Tls`: the handshake failed, or the certificate is not trusted.
 * - `Reset`: an established connection broke.
 * - `Truncated`: the answer ended before it was complete.
 * - `Proxy`: the proxy refused the tunnel.
 * - `Closed`: the pool's scope is closed or closing.
 *
 * @since 0.1.0
 * @category models
 */
export const ConnectionErrorReason = Schema.Literal("Dns", "Refused", "Tls", "Reset", "Truncated", "Proxy", "Closed")

/**
 * @since 0.1.0
 * @category models
 */
export type ConnectionErrorReason = typeof ConnectionErrorReason.Type

/**
 * The connection could not be made, broke, or was closed with its pool.
 *
 * @since 0.1.0
 * @category errors
 */
export class ConnectionError extends Schema.TaggedError<ConnectionError>("effect-dashscope/ConnectionError")(
  "ConnectionError",
  {
    reason: ConnectionErrorReason,
    /** Scheme, host and port. */
    origin: Schema.String,
    /** Whether any byte of a response had arrived: if so, the service has seen the request. */
    responseStarted: Schema.Boolean,
    description: Schema.String,
    cause: Schema.optional(Schema.Defect)
  }
) {
  /**
   * False where asking again meets the same answer (a closed pool, a certificate that is not trusted, a proxy that
   * refuses), and where an answer has begun: that one cannot be asked for again unseen.
   */
  get isRetryable(): boolean {
    return this.reason !== "Closed" && this.reason !== "Tls" && this.reason !== "Proxy" && !this.responseStarted
  }

  override get message(): string {
    return `Connection to ${this.origin} failed (${this.reason}): ${this.description}`
  }
}

/**
 * `maximumPendingRequests` requests are waiting already; this one was refused at once.
 *
 * @since 0.1.0
 * @category errors
 */
export class PoolExhausted extends Schema.TaggedError<PoolExhausted>("effect-dashscope/PoolExhausted")(
  "PoolExhausted",
  {
    maximumPendingRequests: Schema.NonNegativeInt,
    pool: PoolNumbers
  }
) {
  readonly isRetryable = true

  override get message(): string {
    const queue = this.maximumPendingRequests === 0
      ? "No connection is free, and none may be waited for (maximumPendingRequests is 0)"
      : `${this.maximumPendingRequests} requests are waiting for a connection already (maximumPendingRequests)`
    return `${queue}; ` +
      `send less at once or raise the pool's limits; pool: ${this.pool.toString()}`
  }
}

/**
 * Every error that a call can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type DashScopeError = NoApiKey | InputRequired | ApiError | RequestTimeout | ConnectionError | PoolExhausted

/**
 * The same as a Schema, to send errors over the wire or to a log.
 *
 * @since 0.1.0
 * @category schemas
 */
export const DashScopeError: Schema.Union<[
  typeof NoApiKey,
  typeof InputRequired,
  typeof ApiError,
  typeof RequestTimeout,
  typeof ConnectionError,
  typeof PoolExhausted
]> = Schema.Union(NoApiKey, InputRequired, ApiError, RequestTimeout, ConnectionError, PoolExhausted)

const classes = [NoApiKey, InputRequired, ApiError, RequestTimeout, ConnectionError, PoolExhausted]

/**
 * Tells whether a value is one of this library's errors.
 *
 * @since 0.1.0
 * @category guards
 */
export const isDashScopeError = (u: unknown): u is DashScopeError => classes.some((error) => u instanceof error)
