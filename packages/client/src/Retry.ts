/**
 * When a failed call is made again, and how long that waits.
 *
 * Only errors with `isRetryable` are tried again, a stream only before its first event, and never past the call's own
 * deadline. While a retry waits, its call holds neither a permit nor a connection.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import type * as Schedule from "effect/Schedule"
import type { DashScopeError } from "./DashScopeError.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** How often a call is made again at most. Default: 2. */
  readonly maxRetries?: number | undefined
  /** The longest wait before the first retry; it doubles for each further one. Default: 500 milliseconds. */
  readonly baseDelay?: Duration.DurationInput | undefined
  /** The longest wait that the doubling leads to. Default: 8 seconds. */
  readonly maxDelay?: Duration.DurationInput | undefined
  /**
   * The longest wait that the service may ask for. One that asks for more (`Retry-After` of days, on a used-up plan) fails
   * the call at once, as `QuotaExhausted`. Default: 60 seconds.
   */
  readonly maxRetryAfter?: Duration.DurationInput | undefined
  /**
   * The share of all calls that retries may add, over time: in an outage, 0.1 adds at most some 10 % to the load. A
   * reserve of ten retries lets a client with few calls retry too. `Infinity` lifts the budget. Default: 0.1.
   */
  readonly budget?: number | undefined
}

/**
 * The options of the built-in policy (exponential backoff with full jitter), a `Schedule` in its place, or `false` for no
 * retries. A schedule decides alone when and how often; it is asked only about errors with `isRetryable`.
 *
 * @since 0.1.0
 * @category models
 */
export type Policy = Options | Schedule.Schedule<unknown, DashScopeError> | false

/**
 * The options with their defaults.
 *
 * @since 0.1.0
 * @category config
 */
export const withDefaults = (options: Options): {
  readonly maxRetries: number
  readonly baseDelay: Duration.Duration
  readonly maxDelay: Duration.Duration
  readonly maxRetryAfter: Duration.Duration
  readonly budget: number
} => ({
  maxRetries: options.maxRetries ?? 2,
  baseDelay: Duration.decode(options.baseDelay ?? "500 millis"),
  maxDelay: Duration.decode(options.maxDelay ?? "8 seconds"),
  maxRetryAfter: Duration.decode(options.maxRetryAfter ?? "60 seconds"),
  budget: options.budget ?? 0.1
})
