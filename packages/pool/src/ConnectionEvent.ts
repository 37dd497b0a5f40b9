/**
 * What happens inside a connection pool, step by step: the elements of `ConnectionPool.events`.
 *
 * Every event names its request or its connection by a number that is unique in its pool, so that the steps of one can be
 * followed. They come in pairs of a start and exactly one end:
 *
 * | start           | then                                                                                | end                                        |
 * | --------------- | ----------------------------------------------------------------------------------- | ------------------------------------------ |
 * | `Queued`        |                                                                                     | `Acquired`, `AcquireFailed`                |
 * | `Acquired`      | zero or more attempts: `Connecting` … and `RequestStarted` …                        | `Released`                                 |
 * | `Connecting`    |                                                                                     | `Connected`, `ConnectFailed`               |
 * | `Connected`     | requests, one after another                                                         | `Closed`                                   |
 * | `RequestStarted`| `RequestSent` and `ResponseStarted`, at most once each; the first may be missing    | `ResponseEnded`, `RequestFailed`           |
 *
 * `RetryDecided` stands by itself. `Resent` stands between a `RequestFailed` and the next attempt of the same request. A listener that comes late sees
 * ends without their start; one that is too slow is told with `Missed` how many events it lost.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import type { ConnectionError, PoolExhausted, RequestTimeout } from "./ConnectionError.js"

interface OfRequest {
  /** Milliseconds since the epoch, by the Clock of the pool. */
  readonly at: number
  /** Scheme, host and port. */
  readonly origin: string
  /** The request's number. */
  readonly request: number
}

interface OfConnection {
  readonly at: number
  readonly origin: string
  /** The connection's number. */
  readonly connection: number
}

/**
 * A request came to the pool.
 *
 * @since 0.1.0
 * @category models
 */
export interface Queued extends OfRequest {
  readonly _tag: "Queued"
}

/**
 * It has its permit, and an idle connection (`reused`) or the place for a new one.
 *
 * @since 0.1.0
 * @category models
 */
export interface Acquired extends OfRequest {
  readonly _tag: "Acquired"
  readonly waited: Duration.Duration
  readonly reused: boolean
}

/**
 * It left without: after `acquireTimeout`, beyond `maximumPendingRequests`, because the pool closed, or because it was
 * interrupted (without an error).
 *
 * @since 0.1.0
 * @category models
 */
export interface AcquireFailed extends OfRequest {
  readonly _tag: "AcquireFailed"
  readonly waited: Duration.Duration
  readonly reason: "timeout" | "exhausted" | "closed" | "interrupted"
}

/**
 * A connection is being made for a request.
 *
 * @since 0.1.0
 * @category models
 */
export interface Connecting extends OfConnection {
  readonly _tag: "Connecting"
  readonly request: number
}

/**
 * The connection is there. The times of its steps are absent where there was no such step.
 *
 * @since 0.1.0
 * @category models
 */
export interface Connected extends OfConnection {
  readonly _tag: "Connected"
  readonly dns: Duration.Duration | undefined
  readonly tcp: Duration.Duration | undefined
  readonly proxy: Duration.Duration | undefined
  readonly tls: Duration.Duration | undefined
}

/**
 * The connection could not be made; without an error if its request was interrupted meanwhile.
 *
 * @since 0.1.0
 * @category models
 */
export interface ConnectFailed extends OfConnection {
  readonly _tag: "ConnectFailed"
  readonly error: ConnectionError | RequestTimeout | undefined
}

/**
 * A request is given to a connection.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestStarted extends OfRequest {
  readonly _tag: "RequestStarted"
  readonly connection: number
}

/**
 * All of the request has been handed to the socket.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestSent extends OfRequest {
  readonly _tag: "RequestSent"
}

/**
 * The head of the response has arrived.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResponseStarted extends OfRequest {
  readonly _tag: "ResponseStarted"
  readonly status: number
}

/**
 * The response has arrived to its end.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResponseEnded extends OfRequest {
  readonly _tag: "ResponseEnded"
  /** Of the body, as it came. */
  readonly bytes: number
}

/**
 * The exchange broke off; without an error if it was interrupted, or its own body failed.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestFailed extends OfRequest {
  readonly _tag: "RequestFailed"
  readonly error: ConnectionError | RequestTimeout | PoolExhausted | undefined
}

/**
 * A request that died on a reused connection is sent once more, on a fresh one.
 *
 * @since 0.1.0
 * @category models
 */
export interface Resent extends OfRequest {
  readonly _tag: "Resent"
}

/**
 * The request's permit is back.
 *
 * @since 0.1.0
 * @category models
 */
export interface Released extends OfRequest {
  readonly _tag: "Released"
  /** Since it was acquired. */
  readonly used: Duration.Duration
}

/**
 * The connection's socket is closed.
 *
 * @since 0.1.0
 * @category models
 */
export interface Closed extends OfConnection {
  readonly _tag: "Closed"
  readonly reason: CloseReason
  /** How long the connection was open. */
  readonly lived: Duration.Duration
  /** How many requests it carried. */
  readonly requests: number
}

/**
 * The error of a client above the pool, of any kind.
 *
 * @since 0.1.0
 * @category models
 */
export interface FailedAttempt {
  readonly _tag: string
  readonly message: string
}

/**
 * A call failed, and was to be made again after the delay, or not. (A `Schedule` decides and waits in one, so there the
 * event comes when the wait is over.) It is the decision of a client above the pool (`effect-dashscope`), so it is seen
 * where that stands on the pool's own `HttpClient`, and belongs to no request or connection of the pool.
 *
 * @since 0.1.0
 * @category models
 */
export interface RetryDecided {
  readonly _tag: "RetryDecided"
  readonly at: number
  readonly origin: string
  /** Which attempt failed; the first is 0. */
  readonly attempt: number
  readonly decision: RetryDecision
  /** Until the next attempt; zero where there is none. */
  readonly delay: Duration.Duration
  readonly error: FailedAttempt
}

/**
 * The listener was too slow, and so many events were dropped before the next one.
 *
 * @since 0.1.0
 * @category models
 */
export interface Missed {
  readonly _tag: "Missed"
  readonly at: number
  readonly count: number
}

/**
 * Why a connection was closed.
 *
 * - `idle`: unused for `connectionIdleTimeout`; `lifetime`: older than `connectionMaxLifetime`
 * - `peer`: closed by the server; `error`: its request failed; `aborted`: its request was given up by the caller
 * - `evicted`: idle, and another host needed the place; `shutdown`: the pool's scope closed
 * - `ended`: the WebSocket lease that it carried is over, and it was not to be kept
 *
 * @since 0.1.0
 * @category models
 */
export type CloseReason = "idle" | "lifetime" | "peer" | "error" | "aborted" | "shutdown" | "evicted" | "ended"

/**
 * What is done about an error: `retry`, or why it is final.
 *
 * - `notRetryable`: the same call would fail again; `attempts`: there were as many as there may be
 * - `retryAfter`: the service asks for a longer wait than `maxRetryAfter`; `deadline`: the call would be over by then
 * - `budget`: the client has made its share of retries, as in an outage
 *
 * @since 0.1.0
 * @category models
 */
export type RetryDecision = "retry" | "notRetryable" | "attempts" | "retryAfter" | "deadline" | "budget"

/**
 * @since 0.1.0
 * @category models
 */
export type ConnectionEvent =
  | Queued
  | Acquired
  | AcquireFailed
  | Connecting
  | Connected
  | ConnectFailed
  | RequestStarted
  | RequestSent
  | ResponseStarted
  | ResponseEnded
  | RequestFailed
  | Resent
  | Released
  | Closed
  | RetryDecided
  | Missed
