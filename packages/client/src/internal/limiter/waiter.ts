import * as Effect from "effect/Effect"
import type { RateLimitExceeded, RequestTimeout } from "../../DashScopeError.js"
import type { Permit, Priority } from "../../RateLimitState.js"

/** @internal */
export type Refusal = RateLimitExceeded | RequestTimeout

/** A call that waits. @internal */
export class Waiter<P extends Permit> {
  /** Once it has its turn. */
  permit: P | undefined = undefined
  /** What it is told, which may be before it listens. */
  private result: Effect.Effect<P, Refusal> | undefined = undefined
  private resume: ((result: Effect.Effect<P, Refusal>) => void) | undefined = undefined

  constructor(
    readonly id: string,
    readonly priority: Priority,
    readonly model: string | undefined,
    readonly costs: ReadonlyArray<number>,
    readonly inputTokens: number,
    readonly since: number,
    /** By the same clock. */
    readonly endsAt: number
  ) {}

  get told(): Effect.Effect<P, Refusal> {
    return Effect.async((resume) => {
      if (this.result !== undefined) return resume(this.result)
      this.resume = resume
    })
  }

  tell(result: Effect.Effect<P, Refusal>): void {
    this.result = result
    this.resume?.(result)
  }
}
