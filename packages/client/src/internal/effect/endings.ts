import type * as Cause from "effect/Cause"
import type * as Effect from "effect/Effect"

/** What an effect goes on with. @internal */
export interface Endings<A, E, B, E2> {
  readonly onFailure: (cause: Cause.Cause<E>) => Effect.Effect<B, E2>
  readonly onSuccess: (value: A) => Effect.Effect<B, E2>
}
