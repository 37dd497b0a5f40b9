import { Effect } from "effect"
import type { Stream } from "effect"
import * as Pull from "../../src/internal/effect/pull.js"

/** Opens a stream, pulls it once, and leaves it. */
export const unread = <A, E, R>(stream: Stream.Stream<A, E, R>): Effect.Effect<void, E, R> =>
  Effect.scoped(Effect.flatMap(Pull.open(stream), Effect.asVoid)).pipe(
    Effect.catchAll((ended) => Pull.match(ended, { onEnd: () => Effect.void, onError: (error) => Effect.fail(error) }))
  )
