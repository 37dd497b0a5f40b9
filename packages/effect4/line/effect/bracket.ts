import * as Cause from "effect/Cause"
import * as Channel from "effect/Channel"
import * as Effect from "effect/Effect"
import * as Pull from "effect/Pull"
import * as Scope from "effect/Scope"

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
