/** What Effect 3's Cause has and Effect 4's does not, with the signatures of Effect 3. */
import * as Cause from "effect/Cause"
import * as Option from "effect/Option"
import * as Result from "effect/Result"

/** Effect 4 hands errors out as they are. */
export const originalError = <E>(error: E): E => error

export const failureOrCause = <E>(cause: Cause.Cause<E>): Result.Result<Cause.Cause<never>, E> =>
  Option.match(Cause.findErrorOption(cause), {
    // Nothing failed, so there is no error in it.
    onNone: () => Result.succeed(cause as Cause.Cause<never>),
    onSome: Result.fail
  })

export const defects = (cause: Cause.Cause<unknown>): ReadonlyArray<unknown> =>
  cause.reasons.filter(Cause.isDieReason).map(({ defect }) => defect)
