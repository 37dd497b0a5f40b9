/**
 * Streams that are operations.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as Channel from "effect/Channel"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Pull from "effect/Pull"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

/**
 * As `Channel.fromTransformBracket`, whose scope is closed as soon as the channel has ended. A single pull that is interrupted is
 * no end: who gave it up may pull again.
 *
 * @internal
 */
export const bracket = <A, E, Done, E2, R2, R>(
  f: (upstream: Pull.Pull<unknown, unknown, unknown>, scope: Scope.Scope) => Effect.Effect<
    Pull.Pull<A, E, Done, R>,
    E2,
    R2
  >
): Channel.Channel<A, Pull.ExcludeDone<E> | E2, Done, unknown, unknown, unknown, R | R2> =>
  Channel.fromTransform((upstream: Pull.Pull<unknown, unknown, unknown>, outer) =>
    Effect.suspend(() => {
      const scope = Scope.forkUnsafe(outer)
      const close = (cause: Cause.Cause<unknown>) => Scope.close(scope, Pull.doneExitFromCause(cause))
      return Effect.map(
        Effect.onError(f(upstream, scope), close),
        Effect.onError((cause) => Cause.hasInterruptsOnly(cause) ? Effect.void : close(cause))
      )
    })
  )

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
