import type * as Clock from "effect/Clock"
import type { Attempt, Limiter, Outcome, Permit } from "../../RateLimitState.js"

/** A permit that ends without an Effect. @internal */
export interface InstantPermit extends Permit {
  readonly endNow: (outcome: Outcome) => void
}

/** A limiter that can say without an Effect that an attempt may go at once. @internal */
export interface InstantLimiter extends Limiter {
  /** Nothing where it cannot: then nothing is taken, and `acquire` is to be asked. */
  readonly acquireNow: (attempt: Attempt, clock: Clock.Clock) => InstantPermit | undefined
}

/** @internal */
export const isInstant = (limiter: Limiter): limiter is InstantLimiter => "acquireNow" in limiter
