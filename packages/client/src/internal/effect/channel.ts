/**
 * Streams that are operations. One of the modules that each line of Effect has its own of.
 *
 * @internal
 */
import * as Channel from "effect/Channel"
import type * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"

/** A stream that is used while something is held, which is let go as soon as it has ended. @internal */
export const acquireUseRelease = <A, B, E, R>(
  acquire: Effect.Effect<A>,
  use: (a: A) => Stream.Stream<B, E, R>,
  release: (a: A, exit: Exit.Exit<unknown, unknown>) => Effect.Effect<void>
): Stream.Stream<B, E, R> =>
  Stream.fromChannel(Channel.acquireUseRelease(acquire, (a) => Stream.toChannel(use(a)), release))
