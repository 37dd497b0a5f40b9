import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

/** Dies, be it run as an Effect or as a Stream. @internal */
export const dieEitherWay = (defect: unknown): Effect.Effect<never> & Stream.Stream<never> =>
  // A stream is what has a channel and says so.
  Object.assign(Effect.die(defect), {
    [Stream.TypeId]: Stream.die(defect)[Stream.TypeId],
    channel: Stream.die(defect).channel
  }) as unknown as Effect.Effect<never> & Stream.Stream<never>
