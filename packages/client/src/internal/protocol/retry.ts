import type { RetryDecision } from "effect-http-pool/ConnectionEvent"
import type * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { DashScopeError } from "../../DashScopeError.js"
import { ApiError } from "../../DashScopeError.js"
import * as Retry from "../../Retry.js"
import * as Telemetry from "../../Telemetry.js"
import * as ErrorType from "./errorType.js"

const { attributes } = Telemetry

type Settings = ReturnType<typeof Retry.withDefaults>

/** What a client that makes few calls may spend at once. */
const reserve = 10

/** @internal Retries that may still be made: calls earn them, retries spend them. */
export class Budget {
  private tokens = reserve

  constructor(private readonly share: number) {}

  earn(): void {
    this.tokens = Math.min(reserve, this.tokens + this.share)
  }

  spend(): boolean {
    if (this.share === Infinity) return true
    if (this.tokens < 1) return false
    this.tokens--
    return true
  }
}

/** @internal */
export type Decision =
  | { readonly _tag: "Retry"; readonly delayMillis: number }
  | { readonly _tag: "Stop"; readonly why: StopReason; readonly error: DashScopeError }

/** Why an error is final. */
type StopReason = Exclude<RetryDecision, "retry">

/** @internal What to do about the error of an attempt, the first being number 0. `random` is from 0 to 1. */
export const decide = (
  error: DashScopeError,
  attempt: number,
  settings: Settings,
  budget: Budget,
  remainingMillis: number,
  random: number
): Decision => {
  const stop = (why: StopReason): Decision => ({ _tag: "Stop", why, error })
  if (!error.isRetryable) return stop("notRetryable")
  const asked = error._tag === "ApiError" && error.retryAfter !== undefined ? Duration.toMillis(error.retryAfter) : 0
  if (error._tag === "ApiError" && asked > Duration.toMillis(settings.maxRetryAfter)) {
    // Nobody waits that long for an answer: whatever the code says, the quota is used up.
    const exhausted = new ApiError({ ...error, reason: "QuotaExhausted", isRetryable: false })
    return { _tag: "Stop", why: "retryAfter", error: exhausted }
  }
  if (attempt >= settings.maxRetries) return stop("attempts")
  const backoff = Math.min(Duration.toMillis(settings.maxDelay), Duration.toMillis(settings.baseDelay) * 2 ** attempt)
  // The service's own wait is the least; the jitter on top keeps those it told the same from coming back together.
  const delayMillis = Math.round(asked + random * backoff)
  if (delayMillis >= remainingMillis) return stop("deadline")
  if (!budget.spend()) return stop("budget")
  return { _tag: "Retry", delayMillis }
}

/** What was decided about a failed attempt. */
interface Decided {
  readonly error: DashScopeError
  /** The first is 0. */
  readonly attempt: number
  readonly decision: RetryDecision
  readonly delayMillis: number
}

/** @internal The pool beneath, where there is one. */
export interface Beneath {
  /** Ends when the pool begins to close. */
  readonly closing: Effect.Effect<void>
  readonly decided: (decided: Decided) => void
}

/** Says what was decided: a metric, an event on the span around the call, and one of the pool. */
const report = (decided: Decided, beneath: Beneath | undefined) =>
  Effect.flatMap(Effect.option(Effect.currentSpan), (span) =>
    Effect.flatMap(Clock.currentTimeNanos, (now) => {
      const { attempt, decision, delayMillis, error } = decided
      const errorType = ErrorType.of(error)
      beneath?.decided(decided)
      if (Option.isSome(span)) {
        span.value.event("dashscope.retry", now, {
          [attributes.retryDecision]: decision,
          [attributes.retryAttempt]: attempt,
          [attributes.retryDelay]: delayMillis / 1000,
          [attributes.errorType]: errorType
        })
      }
      return Telemetry.retries.pipe(
        Metric.tagged("unit", "{attempt}"),
        Metric.tagged(attributes.retryDecision, decision),
        Metric.tagged(attributes.errorType, errorType),
        Metric.update(1)
      )
    }))

const isSchedule = (policy: Retry.Policy): policy is Schedule.Schedule<unknown, DashScopeError> =>
  Schedule.isSchedule(policy)

/** @internal Makes calls again as a client's policy has it; the budget is the client's. */
export interface Retrier {
  /** Whether it never waits past a call's deadline. */
  readonly heedsDeadline: boolean
  readonly retry: <A, R>(
    attempt: Effect.Effect<A, DashScopeError, R>,
    /** When the call has to be over, in milliseconds since the epoch; Infinity for never. */
    deadline: number
  ) => Effect.Effect<A, DashScopeError, R>
  /** An attempt lasts to the stream's first elements; after those there is no second. */
  readonly retryStream: <A, R>(
    open: Effect.Effect<Stream.Stream<A, DashScopeError>, DashScopeError, R>,
    deadline: number
  ) => Effect.Effect<Stream.Stream<A, DashScopeError>, DashScopeError, R | Scope.Scope>
}

/**
 * @internal Once the pool beneath begins to close, no wait is worth it: the next attempt is made at once, and fails
 * because the pool is closed.
 */
export const make = (policy: Retry.Policy, beneath?: Beneath): Retrier => {
  if (policy === false) return { heedsDeadline: true, retry: (attempt) => attempt, retryStream: (open) => open }
  const retry = isSchedule(policy) ? bySchedule(policy, beneath) : byBackoff(policy, beneath)
  return {
    heedsDeadline: !isSchedule(policy),
    retry,
    retryStream: (open, deadline) => retry(untilFirst(open), deadline)
  }
}

const orClosing = <A, E>(wait: Effect.Effect<A, E>, beneath: Beneath | undefined): Effect.Effect<unknown, E> =>
  // Where the caller cannot be interrupted, the loser still must be.
  beneath === undefined ? wait : Effect.raceFirst(Effect.interruptible(wait), Effect.interruptible(beneath.closing))

const bySchedule = (
  schedule: Schedule.Schedule<unknown, DashScopeError>,
  beneath: Beneath | undefined
): Retrier["retry"] =>
<A, R>(attempt: Effect.Effect<A, DashScopeError, R>) =>
  Effect.flatMap(Schedule.driver(schedule), (driver) => {
    const stop = (error: DashScopeError, number: number, decision: RetryDecision) =>
      Effect.zipRight(report({ error, attempt: number, decision, delayMillis: 0 }, beneath), Effect.fail(error))
    const attempts = (number: number): Effect.Effect<A, DashScopeError, R> =>
      Effect.catchAll(attempt, (error) => {
        if (!error.isRetryable) return stop(error, number, "notRetryable")
        // The driver decides and waits in one, so its delay is known afterwards.
        return Effect.matchEffect(Effect.timed(orClosing(driver.next(error), beneath)), {
          onFailure: () => stop(error, number, "attempts"),
          onSuccess: ([waited]) =>
            Effect.zipRight(
              report({ error, attempt: number, decision: "retry", delayMillis: Duration.toMillis(waited) }, beneath),
              attempts(number + 1)
            )
        })
      })
    return attempts(0)
  })

const byBackoff = (policy: Retry.Options, beneath: Beneath | undefined): Retrier["retry"] => {
  const settings = Retry.withDefaults(policy)
  const budget = new Budget(settings.budget)
  const attempts = <A, R>(
    attempt: Effect.Effect<A, DashScopeError, R>,
    deadline: number,
    number: number
  ): Effect.Effect<A, DashScopeError, R> =>
    Effect.catchAll(attempt, (error) =>
      Effect.gen(function*() {
        const remaining = deadline === Infinity ? Infinity : deadline - (yield* Clock.currentTimeMillis)
        const decision = decide(error, number, settings, budget, remaining, yield* Random.next)
        if (decision._tag === "Stop") {
          yield* report({ error, attempt: number, decision: decision.why, delayMillis: 0 }, beneath)
          return yield* decision.error
        }
        const { delayMillis } = decision
        yield* report({ error, attempt: number, decision: "retry", delayMillis }, beneath)
        yield* orClosing(Effect.sleep(Duration.millis(delayMillis)), beneath)
        return yield* attempts(attempt, deadline, number + 1)
      }))
  return (attempt, deadline) =>
    Effect.suspend(() => {
      budget.earn()
      return attempts(attempt, deadline, 0)
    })
}

/** Opens a stream in a scope of its own, which a failure before its first elements closes at once. */
const untilFirst = <A, R>(
  open: Effect.Effect<Stream.Stream<A, DashScopeError>, DashScopeError, R>
): Effect.Effect<Stream.Stream<A, DashScopeError>, DashScopeError, R | Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      const scope = yield* Scope.fork(yield* Effect.scope, ExecutionStrategy.sequential)
      const opened = Effect.flatMap(open, (stream) =>
        Effect.flatMap(Stream.toPull(stream), (pull) =>
          Effect.matchEffect(pull, {
            onFailure: Option.match({
              onNone: () =>
                Effect.succeed(Stream.empty),
              onSome: (error) => Effect.fail(error)
            }),
            onSuccess: (first) => Effect.succeed(startingWith(first, pull))
          })))
      return yield* restore(Scope.extend(opened, scope)).pipe(
        Effect.onExit((exit) =>
          Exit.isFailure(exit) ? Scope.close(scope, exit) : Effect.void
        )
      )
    })
  )

const startingWith = <A, E>(
  first: Chunk.Chunk<A>,
  pull: Effect.Effect<Chunk.Chunk<A>, Option.Option<E>>
): Stream.Stream<A, E> => {
  let pending: Chunk.Chunk<A> | undefined = first
  return Stream.repeatEffectChunkOption(Effect.suspend(() => {
    if (pending === undefined) return pull
    const chunk = pending
    pending = undefined
    return Effect.succeed(chunk)
  }))
}
