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
 * | `RateLimitExceeded` | a limit of `RateLimit` does not let the call through in time           |
 *
 * @since 0.1.0
 */
import { ConnectionError, PoolExhausted, RequestTimeout } from "effect-http-pool/ConnectionError"
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"

export {
  /**
   * @since 0.1.0
   * @category errors
   */
  ConnectionError,
  /**
   * @since 0.1.0
   * @category models
   */
  ConnectionErrorReason,
  /**
   * @since 0.1.0
   * @category errors
   */
  PoolExhausted,
  /**
   * @since 0.1.0
   * @category models
   */
  PoolNumbers,
  /**
   * @since 0.1.0
   * @category errors
   */
  RequestTimeout,
  /**
   * @since 0.1.0
   * @category models
   */
  TimeoutPhase
} from "effect-http-pool/ConnectionError"

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
    /** The field to fix, by the name the caller used. */
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
  retryAfter: Schema.optional(Schema.Duration),
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
 * Why a call was not let through.
 *
 * - `QueueFull`: `maxWaiting` calls wait already.
 * - `Deadline`: its turn would come after its `timeout`, or after `maxWait`.
 * - `StoreUnavailable`: the store of the limits did not answer, and nothing is to be sent without it.
 *
 * @since 0.1.0
 * @category models
 */
export const RateLimitExceededReason = Schema.Literal("QueueFull", "Deadline", "StoreUnavailable")

/**
 * @since 0.1.0
 * @category models
 */
export type RateLimitExceededReason = typeof RateLimitExceededReason.Type

const rateLimitAdvice: { readonly [reason in RateLimitExceededReason]: string } = {
  QueueFull: "as many calls wait as may (maxWaiting); send less at once or raise it",
  Deadline: "its turn would come too late; give it a longer timeout, send less, or raise the quota",
  StoreUnavailable: "the store of the limits did not answer"
}

/**
 * A limit of `RateLimit` did not let the call through; nothing was sent. A refusal of the service itself is an `ApiError` of
 * reason `RateLimited`.
 *
 * @since 0.1.0
 * @category errors
 */
export class RateLimitExceeded extends Schema.TaggedError<RateLimitExceeded>("effect-dashscope/RateLimitExceeded")(
  "RateLimitExceeded",
  {
    reason: RateLimitExceededReason,
    /** The bucket, such as `qwen-plus`. */
    key: Schema.String,
    /** How many calls of this process wait for it. */
    waiting: Schema.NonNegativeInt,
    /** For `Deadline`: how long the call would wait at least, and how long it may. */
    wait: Schema.optional(Schema.Duration),
    mostWait: Schema.optional(Schema.Duration)
  }
) {
  /** A queue gets shorter; what is too late stays too late. */
  get isRetryable(): boolean {
    return this.reason !== "Deadline"
  }

  override get message(): string {
    const wait = this.wait === undefined || this.mostWait === undefined
      ? ""
      : `; it would wait ${Duration.format(this.wait)}, and may wait ${Duration.format(this.mostWait)}`
    return `The rate limit of ${this.key} did not let the call through (${this.reason}): ` +
      `${rateLimitAdvice[this.reason]}${wait}; ${this.waiting} waiting`
  }
}

/**
 * Every error that a call can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type DashScopeError =
  | NoApiKey
  | InputRequired
  | ApiError
  | RequestTimeout
  | ConnectionError
  | PoolExhausted
  | RateLimitExceeded

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
  typeof PoolExhausted,
  typeof RateLimitExceeded
]> = Schema.Union(
  NoApiKey,
  InputRequired,
  ApiError,
  RequestTimeout,
  ConnectionError,
  PoolExhausted,
  RateLimitExceeded
)

const classes = [NoApiKey, InputRequired, ApiError, RequestTimeout, ConnectionError, PoolExhausted, RateLimitExceeded]

/**
 * Tells whether a value is one of this library's errors.
 *
 * @since 0.1.0
 * @category guards
 */
export const isDashScopeError = (u: unknown): u is DashScopeError => classes.some((error) => u instanceof error)
