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
