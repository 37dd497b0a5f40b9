/**
 * Asking again and again how something at the service stands, until it has ended or the time for it is up.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type { DashScopeError, InputRequired } from "../../DashScopeError.js"
import { inputRequired } from "../protocol/invalid.js"
import * as States from "./taskState.js"

/** The limit of all the waiting, or what is wrong with the options. @internal */
export const limitOf = (
  { poll, waitTimeout }: { readonly poll?: unknown; readonly waitTimeout?: unknown }
): Either.Either<Duration.Duration | undefined, InputRequired> => {
  if (poll !== undefined && !Schedule.isSchedule(poll)) {
    return Either.left(inputRequired("poll", "must be a Schedule"))
  }
  if (waitTimeout === undefined) return Either.right(undefined)
  const duration = Duration.decodeUnknown(waitTimeout)
  return typeof waitTimeout === "number" || typeof waitTimeout === "bigint" || Option.isNone(duration)
    ? Either.left(inputRequired("waitTimeout", "must be a duration with a unit, such as \"5 minutes\""))
    : Either.right(Duration.isFinite(duration.value) ? duration.value : undefined)
}

/** For ever, with this pause in milliseconds after the n-th question, from 0. @internal */
export const pauses = (millisOf: (n: number) => number): Schedule.Schedule<unknown, unknown> =>
  Schedule.addDelay(Schedule.forever, (n) => Duration.millis(millisOf(n)))

/** @internal */
export interface Polling<A, S, E> {
  readonly ask: Effect.Effect<A, DashScopeError>
  /** The pauses between questions; it is given what was seen last. Where it ends, so does the waiting. */
  readonly poll: Schedule.Schedule<unknown, S | undefined>
  readonly stateOf: (answer: A) => S
  readonly limit: Duration.Duration | undefined
  /** The time is up. */
  readonly timeout: (waited: Duration.Duration, last: S | undefined) => E
}

/** Each run is one question that was answered, the first at once. @internal */
export const questions = <A, S, E>(
  { ask, limit, poll, stateOf, timeout }: Polling<A, S, E>
): Effect.Effect<Effect.Effect<A, DashScopeError | E>> =>
  Effect.gen(function*() {
    const driver = yield* Schedule.driver(poll)
    const startedAt = yield* Clock.currentTimeMillis
    let last: S | undefined
    const elapsed = Effect.map(Clock.currentTimeMillis, (now) => Duration.millis(now - startedAt))
    const pause = Effect.suspend(() =>
      Effect.catchAll(
        driver.next(last),
        () => Effect.flatMap(elapsed, (waited) => Effect.fail(timeout(waited, last)))
      )
    )
    const attempt: Effect.Effect<A, DashScopeError | E> = Effect.suspend(() =>
      Effect.catchAll(ask, (error): Effect.Effect<A, DashScopeError | E> =>
        // What is asked about is where it was, whatever became of a question.
        States.isTransient(error) ? Effect.zipRight(pause, attempt) : Effect.fail(error))
    )
    const next = Effect.suspend(() => last === undefined ? attempt : Effect.zipRight(pause, attempt)).pipe(
      Effect.tap((answer) =>
        Effect.sync(() => {
          last = stateOf(answer)
        })
      )
    )
    if (limit === undefined) return next
    return Effect.flatMap(elapsed, (waited) =>
      Effect.timeoutFail(next, {
        duration: Duration.subtract(limit, waited),
        onTimeout: () => timeout(limit, last)
      }))
  })
