import type * as Effect from "effect/Effect"
import type * as Either from "effect/Either"

/** The effect that an Either is in Effect 3; Effect 4 makes one of it. @internal */
export const fromEither = <A, E>(either: Either.Either<A, E>): Effect.Effect<A, E> => either
