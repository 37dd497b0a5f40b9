/**
 * Streams that are operations.
 *
 * @internal
 */
import * as Channel from "effect/Channel"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { bracket } from "./bracket.js"

/** A stream that is used while something is held, which is let go as soon as it has ended. @internal */
export const acquireUseRelease = <A, B, E, R>(
  acquire: Effect.Effect<A>,
  use: (a: A) => Stream.Stream<B, E, R>,
  release: (a: A, exit: Exit.Exit<unknown, unknown>) => Effect.Effect<void>
): Stream.Stream<B, E, R> =>
  // What the stream itself holds is let go before: both are of the same scope, in this order.
  Stream.fromChannel(bracket((upstream, scope) =>
    Effect.flatMap(
      Effect.uninterruptible(
        Effect.tap(acquire, (a) => Scope.addFinalizerExit(scope, (exit) => release(a, exit)))
      ),
      (a) => Channel.toTransform(Stream.toChannel(use(a)))(upstream, scope)
    )
  ))
