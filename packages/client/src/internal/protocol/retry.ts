import type { RetryDecision } from "effect-http-pool/ConnectionEvent"
import type * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import type { DashScopeError } from "../../DashScopeError.js"
import { ApiError } from "../../DashScopeError.js"
import * as Retry from "../../Retry.js"
import * as Telemetry from "../../Telemetry.js"
import { labelsOf, updateIn } from "../effect/metrics.js"
import * as Pull from "../effect/pull.js"
import * as ErrorType from "./errorType.js"
import { mayRepeat, type Replay } from "./replay.js"

const attributes = Telemetry.attributes

type Settings = ReturnType<typeof Retry.withDefaults>

/** What a client that makes few calls may spend at once. */
const reserve = 10

/** Retries that may still be made: calls earn them, retries spend them. One for all calls of a client. @internal */
export class Budget {
  private tokens = reserve

  /** A call is made, whose policy lets retries add this share to all calls. */
  earn(share: number): void {
    if (share !== Infinity) this.tokens = Math.min(reserve, this.tokens + share)
  }

  spend(share: number): boolean {
    if (share === Infinity) return true
    if (this.tokens < 1) return false
    this.tokens--
    return true
  }
}

/** How a call has failed so far. @internal */
export interface Failures {
  /** Attempts that failed for another reason than a rate limit. */
  readonly others: number
  /** Attempts that a rate limit refused. */
  readonly limited: number
  /** How long the call has waited for rate limits, in milliseconds. */
  readonly limitedMillis: number
}

/** @internal */
export const noFailures: Failures = { others: 0, limited: 0, limitedMillis: 0 }

/** @internal */
export type Decision =
  | { readonly _tag: "Retry"; readonly delayMillis: number; readonly failures: Failures }
  | { readonly _tag: "Stop"; readonly why: StopReason; readonly error: DashScopeError }

/** Why an error is final. */
type StopReason = Exclude<RetryDecision, "retry">

/**
 * Whether the service had the question and was silent for as long as it may be. Asked again, it starts anew: each question
 * may be paid for, and the caller would wait for several times `readTimeout`.
 */
const isSilence = (error: DashScopeError): boolean => error._tag === "RequestTimeout" && error.phase === "read"

/** Where the pauses are set to next to nothing, the time alone would allow for any number. */
const mostLimited = 100

/** What to do about the error of an attempt. `random` is from 0 to 1. @internal */
export const decide = (
  error: DashScopeError,
  failures: Failures,
  settings: Settings,
  budget: Budget,
  remainingMillis: number,
  random: number
): Decision => {
  const stop = (why: StopReason): Decision => ({ _tag: "Stop", why, error })
  if (!error.isRetryable || isSilence(error)) return stop("notRetryable")
  const asked = error._tag === "ApiError" && error.retryAfter !== undefined ? Duration.toMillis(error.retryAfter) : 0
  if (error._tag === "ApiError" && asked > Duration.toMillis(settings.maxRetryAfter)) {
    // Nobody waits that long for an answer: so regardless of the code the quota is used up.
    const exhausted = new ApiError({ ...error, reason: "QuotaExhausted", isRetryable: false })
    return { _tag: "Stop", why: "retryAfter", error: exhausted }
  }
  if (settings.maxRetries < 1) return stop("attempts")
  const longest = Duration.toMillis(settings.maxDelay)
  const first = Duration.toMillis(settings.baseDelay)
  const patience = Duration.toMillis(settings.maxRateLimitWait)
  // A rate limit passes by itself, and a request that it refused has cost the service next to nothing: it is waited for
  // by the clock, and neither by the number of attempts nor by the budget, which is against outages.
  if (error._tag === "ApiError" && error.reason === "RateLimited" && patience > 0) {
    if (failures.limitedMillis >= patience || failures.limited >= mostLimited) return stop("attempts")
    const left = remainingMillis - asked
    // The last moments of a call are too short for another attempt.
    if (left <= first) return stop("deadline")
    const delayMillis = Math.round(asked + random * Math.min(longest, first * 2 ** failures.limited, left))
    const { limited, limitedMillis, others } = failures
    return {
      _tag: "Retry",
      delayMillis,
      failures: { others, limited: limited + 1, limitedMillis: limitedMillis + delayMillis }
    }
  }
  if (failures.others >= settings.maxRetries) return stop("attempts")
  // The service's own wait is the least; the jitter on top keeps those it told the same from coming back together.
  const delayMillis = Math.round(asked + random * Math.min(longest, first * 2 ** failures.others))
  if (delayMillis >= remainingMillis) return stop("deadline")
  if (!budget.spend(settings.budget)) return stop("budget")
  return { _tag: "Retry", delayMillis, failures: { ...failures, others: failures.others + 1 } }
}

/** What was decided about a failed attempt. */
interface Decided {
  readonly error: DashScopeError
  /** The first is 0. */
  readonly attempt: number
  readonly decision: RetryDecision
  readonly delayMillis: number
}

/** The pool beneath, where there is one. @internal */
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
      return updateIn(
        Telemetry.retries,
        1,
        labelsOf({ unit: "{attempt}", [attributes.retryDecision]: decision, [attributes.errorType]: errorType })
      )
    }))

const isSchedule = (policy: Retry.Policy): policy is Schedule.Schedule<unknown, DashScopeError> =>
  Schedule.isSchedule(policy)

/** What is done about the error of an attempt: it fails for good, or there is another. @internal */
export type OnError<A, R = never> = (error: DashScopeError) => Effect.Effect<A, DashScopeError, R>

/**
 * Makes one attempt, and gives its error to `onError`. It is called again for each: what catches errors where they come from
 * needs no step around the attempt, which every call that waits would keep.
 *
 * @internal
 */
export type Attempting<A, R = never> = (onError: OnError<A, R>) => Effect.Effect<A, DashScopeError, R>

/** @internal */
export const caught = <A, R>(attempt: Effect.Effect<A, DashScopeError, R>): Attempting<A, R> => (onError) =>
  Effect.catchAll(attempt, onError)

/** Makes calls again as a client's policy has it; the budget is the client's. @internal */
export interface Retrier {
  /** Whether it never waits past a call's deadline. */
  readonly respectsDeadline: boolean
  /** What is done about the error of a first attempt that is made now, by somebody else. Nothing where a step comes before that. */
  readonly afterFirst:
    | (<A, R>(attempt: Attempting<A, R>, deadline: number, replay: Replay) => OnError<A, R>)
    | undefined
  readonly retry: <A, R>(
    attempt: Attempting<A, R>,
    /** When the call has to be over, in milliseconds since the epoch; Infinity for never. */
    deadline: number,
    replay: Replay
  ) => Effect.Effect<A, DashScopeError, R>
  /** An attempt lasts to the stream's first elements; after those there is no second. */
  readonly retryPull: <A>(
    open: Pull.Opening<A, DashScopeError>,
    deadline: number,
    replay: Replay
  ) => Pull.Opening<A, DashScopeError>
}

/**
 * Once the pool beneath begins to close, no wait is worth it: the next attempt is made at once, and fails
 * because the pool is closed.
 *
 * @internal
 */
export const make = (policy: Retry.Policy, budget: Budget, beneath?: Beneath): Retrier => {
  if (policy === false) {
    return {
      respectsDeadline: true,
      afterFirst: () => Effect.fail,
      retry: (attempt) => attempt(Effect.fail),
      retryPull: (open) => open
    }
  }
  if (isSchedule(policy)) return retrierOf(undefined, bySchedule(policy, beneath))
  const afterFirst = byBackoff(policy, budget, beneath)
  return retrierOf(
    afterFirst,
    (attempt, deadline, replay) => Effect.suspend(() => attempt(afterFirst(attempt, deadline, replay)))
  )
}

const retrierOf = (afterFirst: Retrier["afterFirst"], retry: Retrier["retry"]): Retrier => ({
  respectsDeadline: afterFirst !== undefined,
  afterFirst,
  retry,
  retryPull: (open, deadline, replay) => retry(caught(untilFirst(open)), deadline, replay)
})

const orClosing = <A, E>(wait: Effect.Effect<A, E>, beneath: Beneath | undefined): Effect.Effect<unknown, E> =>
  // Where the caller cannot be interrupted, the loser still must be.
  beneath === undefined ? wait : Effect.raceFirst(Effect.interruptible(wait), Effect.interruptible(beneath.closing))

const bySchedule = (
  schedule: Schedule.Schedule<unknown, DashScopeError>,
  beneath: Beneath | undefined
): Retrier["retry"] =>
<A, R>(attempt: Attempting<A, R>, _deadline: number, replay: Replay) =>
  Effect.flatMap(Schedule.driver(schedule), (driver) => {
    const stop = (error: DashScopeError, number: number, decision: RetryDecision) =>
      Effect.zipRight(report({ error, attempt: number, decision, delayMillis: 0 }, beneath), Effect.fail(error))
    const attempts = (number: number): Effect.Effect<A, DashScopeError, R> =>
      attempt((error) => {
        if (!error.isRetryable || !mayRepeat(error, replay)) return stop(error, number, "notRetryable")
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

const byBackoff = (
  policy: Retry.Options,
  budget: Budget,
  beneath: Beneath | undefined
): NonNullable<Retrier["afterFirst"]> => {
  const settings = Retry.withDefaults(policy)
  return <A, R>(attempt: Attempting<A, R>, deadline: number, replay: Replay) => {
    const after = (failures: Failures): OnError<A, R> => (error) =>
      Effect.gen(function*() {
        const number = failures.others + failures.limited
        const remaining = deadline === Infinity ? Infinity : deadline - (yield* Clock.currentTimeMillis)
        const decision: Decision = mayRepeat(error, replay)
          ? decide(error, failures, settings, budget, remaining, yield* Random.next)
          : { _tag: "Stop", why: "notRetryable", error }
        if (decision._tag === "Stop") {
          yield* report({ error, attempt: number, decision: decision.why, delayMillis: 0 }, beneath)
          return yield* decision.error
        }
        const { delayMillis } = decision
        yield* report({ error, attempt: number, decision: "retry", delayMillis }, beneath)
        yield* orClosing(Effect.sleep(Duration.millis(delayMillis)), beneath)
        return yield* attempt(after(decision.failures))
      })
    budget.earn(settings.budget)
    return after(noFailures)
  }
}

/** Runs in a scope of its own within the one around, which a failure closes at once. @internal */
export const inOwnScope = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R | Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      const scope = yield* Scope.fork(yield* Effect.scope, ExecutionStrategy.sequential)
      return yield* restore(Scope.extend(self, scope)).pipe(
        Effect.onExit((exit) => Exit.isFailure(exit) ? Scope.close(scope, exit) : Effect.void)
      )
    })
  )

/** Opens a stream and waits for its first elements. */
const untilFirst = <A>(open: Pull.Opening<A, DashScopeError>): Pull.Opening<A, DashScopeError> =>
  inOwnScope(Effect.flatMap(open, (pull) =>
    Effect.matchEffect(pull, {
      onFailure: (ended) =>
        Pull.match(ended, {
          onEnd: () => Effect.succeed(Pull.end),
          onError: (error) => Effect.fail(error)
        }),
      onSuccess: (first) => Effect.succeed(startingWith(first, pull))
    })))

const startingWith = <A, E>(first: Chunk.Chunk<A>, pull: Pull.Pull<A, E>): Pull.Pull<A, E> => {
  let pending: Chunk.Chunk<A> | undefined = first
  return Effect.suspend(() => {
    if (pending === undefined) return pull
    const chunk = pending
    pending = undefined
    return Effect.succeed(chunk)
  })
}
