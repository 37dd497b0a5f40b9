/**
 * When a failed call is made again, and how long that waits.
 *
 * Only errors with `isRetryable` are tried again, a stream only before its first event, and never past the call's own
 * deadline. While a retry waits, its call holds neither a permit nor a connection. A request whose body can be read only
 * once is not made again; one with `replay: "unsent"` only where nothing of it had been written.
 *
 * The built-in policy treats three kinds of errors differently:
 *
 * - A rate limit (`RateLimited`) passes by itself. Calls wait for it with growing pauses until `maxRateLimitWait`, or the
 *   call's own deadline, is used up, however many attempts that takes. These are not taken from the budget.
 * - A service that had the request and was silent for `readTimeout` is not asked again: it would begin anew, each question
 *   may be paid for, and the caller would wait several times. To ask again sooner, set `firstContentTimeout`: it holds for
 *   each attempt.
 * - All other errors are tried again `maxRetries` times, within the budget.
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
  /**
   * How often a call is made again at most. With 0 it is never made again, as with `false`. Default: 2, and after a rate
   * limit as often as `maxRateLimitWait` has time for.
   */
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
   * How long a call waits, in all, for a rate limit to pass; a call's `timeout` bounds it too. The limits of the service
   * recover within seconds, those per minute within about a minute: a batch may want `"2 minutes"`. Zero has rate limits
   * retried as all other errors are. Default: 10 seconds, or zero where `maxRetries` is set.
   */
  readonly maxRateLimitWait?: Duration.DurationInput | undefined
  /**
   * The share of all calls that retries may add, over time: in an outage, 0.1 adds at most about 10 % to the load. A
   * reserve of ten retries lets a client with few calls retry too. Both are the client's: calls with a policy of their
   * own earn and spend the same retries. `Infinity` lifts the budget. Default: 0.1.
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
  readonly maxRateLimitWait: Duration.Duration
  readonly budget: number
} => ({
  maxRetries: options.maxRetries ?? 2,
  baseDelay: Duration.decode(options.baseDelay ?? "500 millis"),
  maxDelay: Duration.decode(options.maxDelay ?? "8 seconds"),
  maxRetryAfter: Duration.decode(options.maxRetryAfter ?? "60 seconds"),
  maxRateLimitWait: Duration.decode(
    options.maxRateLimitWait ?? (options.maxRetries === undefined ? "10 seconds" : Duration.zero)
  ),
  budget: options.budget ?? 0.1
})
