/**
 * How a request over the pool can fail, typed. Each error says what happened and what to do about it.
 *
 * They travel as the `cause` of the `RequestError` or `ResponseError` of `@effect/platform`'s `HttpClient`.
 *
 * | tag               | when                                                                     |
 * | ----------------- | ------------------------------------------------------------------------ |
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
export class PoolNumbers extends Schema.Class<PoolNumbers>("effect-http-pool/PoolNumbers")({
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
  connect:
    "DNS, TCP, TLS or a WebSocket's handshake did not finish (connectTimeout); check the endpoint, the network and the proxy",
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
export class RequestTimeout extends Schema.TaggedError<RequestTimeout>("effect-http-pool/RequestTimeout")(
  "RequestTimeout",
  {
    phase: TimeoutPhase,
    /** The deadline that passed. */
    duration: Schema.Duration,
    /** For the phase `acquire`: the pool at that moment. */
    pool: Schema.optional(PoolNumbers),
    /** Whether anything of the request had been written to a socket; absent where it is not known. */
    requestWritten: Schema.optional(Schema.Boolean)
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
 * - `Refused`: no TCP connection (refused, unreachable; or a proxy says so for now, as with 429, 502 and 503).
 * - `Tls`: the handshake failed, or the certificate is not trusted.
 * - `Reset`: an established connection broke.
 * - `Truncated`: the answer ended before it was complete.
 * - `Proxy`: the proxy refused the tunnel, and will again (credentials, a host that it does not allow).
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
export class ConnectionError extends Schema.TaggedError<ConnectionError>("effect-http-pool/ConnectionError")(
  "ConnectionError",
  {
    reason: ConnectionErrorReason,
    /** Scheme, host and port. */
    origin: Schema.String,
    /** Whether any byte of a response had arrived: if so, the service has seen the request. */
    responseStarted: Schema.Boolean,
    /**
     * Whether anything of the request had been written to a socket. While nothing was, the service cannot have seen it;
     * absent where it is not known, as with the `HttpClient` of others.
     */
    requestWritten: Schema.optional(Schema.Boolean),
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
export class PoolExhausted extends Schema.TaggedError<PoolExhausted>("effect-http-pool/PoolExhausted")(
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
 * Every error of the pool.
 *
 * @since 0.1.0
 * @category errors
 */
export type PoolError = RequestTimeout | ConnectionError | PoolExhausted

/**
 * Tells whether a value is an error of the pool.
 *
 * @since 0.1.0
 * @category guards
 */
export const isPoolError = (u: unknown): u is PoolError =>
  u instanceof RequestTimeout || u instanceof ConnectionError || u instanceof PoolExhausted

/**
 * OpenTelemetry's `error.type`: one of few values, and the same for the same cause, such as `timeout.read` or
 * `connection.reset`.
 *
 * @since 0.1.0
 * @category accessors
 */
export const errorType = (error: PoolError): string => {
  switch (error._tag) {
    case "RequestTimeout":
      return `timeout.${error.phase}`
    case "ConnectionError":
      return `connection.${error.reason.toLowerCase()}`
    case "PoolExhausted":
      return error._tag
  }
}
