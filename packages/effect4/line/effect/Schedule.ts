/** What Effect 3's Schedule has and Effect 4's does not, with the signatures of Effect 3. */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"

export const addDelay = <Out, In, R>(
  self: Schedule.Schedule<Out, In, never, R>,
  f: (out: Out) => Duration.Input
): Schedule.Schedule<Out, In, never, R> => Schedule.addDelay(self, ({ output }) => Effect.sync(() => f(output)))

/** Decides and waits in one; fails with nothing at the end. */
export interface Driver<out Out, in In, out R = never> {
  readonly next: (input: In) => Effect.Effect<Out, Option.None<never>, R>
}

export const driver = <Out, In, R>(
  self: Schedule.Schedule<Out, In, never, R>
): Effect.Effect<Driver<Out, In, R>, never, R> =>
  Effect.map(Schedule.toStepWithSleep(self), (step) => ({
    next: (input) => Effect.mapError(step(input), () => Option.none() as Option.None<never>)
  }))

/** Answers with the longer of the two waits, where that of Effect 3 answers with both answers. */
export const intersect = <Out, In, R, Out2, In2, R2>(
  self: Schedule.Schedule<Out, In, never, R>,
  that: Schedule.Schedule<Out2, In2, never, R2>
): Schedule.Schedule<Duration.Duration, In & In2, never, R | R2> =>
  Schedule.max([self, that]) as Schedule.Schedule<Duration.Duration, In & In2, never, R | R2>
