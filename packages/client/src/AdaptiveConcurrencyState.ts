/**
 * How many calls may run at once where nobody knows the quota, as data: options, numbers and events. `AdaptiveConcurrency` exports
 * all of it too.
 *
 * @since 0.1.0
 */
import type { DurationWithUnit } from "effect-http-pool/ConnectionConfig"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { Call, Limiter, Priority } from "./RateLimitState.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * The most calls that may run at once for each key, 1 at least. Give it what the pool has room for
   * (`maximumAsyncRequestsPerHost`): what is let through beyond that waits for the pool instead. Default: 32, as
   * `connectionPoolSize`.
   */
  readonly max?: number | undefined
  /** The fewest, from 1 to `max`. Default: 1. */
  readonly min?: number | undefined
  /** How many at the start. Default: 4, within `min` and `max`. */
  readonly initial?: number | undefined
  /**
   * How many times its baseline the latency may be, above 1; what is more counts as too much. `Infinity` looks at 429s only.
   * Latencies are those of the answer's head, of a stream its first event; of a call that is not streamed that is how long the
   * model wrote, so where lengths of answers change a lot, take more. Default: 2.
   */
  readonly latencyTolerance?: number | undefined
  /**
   * What has a limit of its own; `undefined` for calls that have none. Default: the model, and nothing for a request without one
   * (files, questions about tasks).
   */
  readonly per?: ((call: Call) => string | undefined) | undefined
  /** How many calls may wait for each key; one more fails at once with `RateLimitExceeded`. Default: 10,000. */
  readonly maxWaiting?: number | undefined
  /**
   * How long nothing is sent after a 429 at the least limit that does not say; it doubles from one to the next. A 429 with
   * `Retry-After` pauses for as long as that says, at any limit. Default: 1 second.
   */
  readonly pause?: DurationWithUnit | undefined
  /** The longest pause. Default: 1 minute. */
  readonly maxPause?: DurationWithUnit | undefined
}

/**
 * The numbers of one key.
 *
 * @since 0.1.0
 * @category models
 */
export interface KeyStats {
  /** Such as `qwen-plus`. */
  readonly key: string
  /** How many calls may run at once now. */
  readonly limit: number
  readonly running: number
  /** Calls that wait for their turn. */
  readonly waiting: { readonly [priority in Priority]: number }
  /** Calls that have been let through. */
  readonly granted: number
  /** Calls that the service refused with a 429. */
  readonly refused: number
  /** How often the limit was cut for a 429, and for the latency. */
  readonly cuts: { readonly refused: number; readonly slow: number }
  /** The least that the median latency has been, and what it was last, in milliseconds; nothing until there are some. */
  readonly baselineMillis: number | undefined
  readonly latencyMillis: number | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Stats {
  /** In the order in which they were first used. */
  readonly keys: ReadonlyArray<KeyStats>
}

interface OfKey {
  /** In milliseconds since 1970. */
  readonly at: number
  readonly key: string
}

/**
 * What happens to the limits.
 *
 * - `LimitChanged`: another whole number may run at once, because calls went well (`grown`), the service refused one
 *   (`refused`), or its latency rose (`slow`).
 * - `Paused`: nothing is sent for so long.
 *
 * @since 0.1.0
 * @category models
 */
export type Event =
  | OfKey & {
    readonly _tag: "LimitChanged"
    readonly reason: "grown" | "refused" | "slow"
    readonly from: number
    readonly to: number
  }
  | OfKey & { readonly _tag: "Paused"; readonly duration: Duration.Duration }

/**
 * @since 0.1.0
 * @category models
 */
export interface Service extends Limiter {
  readonly stats: Effect.Effect<Stats>
  /** What happens from now on. A listener that is too slow loses the oldest of what it has not taken, beyond 1,000. */
  readonly events: Stream.Stream<Event>
}
