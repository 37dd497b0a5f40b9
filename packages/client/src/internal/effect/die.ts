import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"

/** Dies, be it run as an Effect or as a Stream: in Effect 3 an Effect is both. @internal */
export const dieEitherWay = (defect: unknown): Effect.Effect<never> & Stream.Stream<never> => Effect.die(defect)
