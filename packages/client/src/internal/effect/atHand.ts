import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"

/** Whether an effect has succeeded already: one that is an exit is the exit of itself. @internal */
export const isAtHand = <A, E, R>(effect: Effect.Effect<A, E, R>): effect is Exit.Success<A, never> =>
  Exit.isExit(effect) && Exit.isSuccess(effect)

/** As `Effect.flatMap`, where what is at hand is spared the steps. What `f` throws is for whoever calls this. @internal */
export const flatMap = <A, E, R, B, E2, R2>(
  self: Effect.Effect<A, E, R>,
  f: (value: A) => Effect.Effect<B, E2, R2>
): Effect.Effect<B, E | E2, R | R2> => isAtHand(self) ? f(self.value) : Effect.flatMap(self, f)

/** The same of `Effect.matchEffect`. @internal */
export const matchEffect = <A, E, R, B, E2, R2, C, E3, R3>(
  self: Effect.Effect<A, E, R>,
  { onFailure, onSuccess }: {
    readonly onFailure: (error: E) => Effect.Effect<B, E2, R2>
    readonly onSuccess: (value: A) => Effect.Effect<C, E3, R3>
  }
): Effect.Effect<B | C, E2 | E3, R | R2 | R3> =>
  isAtHand(self) ? onSuccess(self.value) : Effect.matchEffect(self, { onFailure, onSuccess })
