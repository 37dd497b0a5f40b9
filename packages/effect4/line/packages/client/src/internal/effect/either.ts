import * as Effect from "effect/Effect"
import type * as Result from "effect/Result"

/** The effect of a Result. @internal */
export const fromEither: <A, E>(result: Result.Result<A, E>) => Effect.Effect<A, E> = Effect.fromResult
