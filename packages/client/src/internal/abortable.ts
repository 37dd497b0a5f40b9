import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"

/**
 * @internal `Effect.async` for what is aborted when its fiber is interrupted; `start` returns how. `Effect.async` with a
 * finalizer would do the same at twice the cost, and while it waits it keeps a literal that leads to all there is of a
 * request: see PoolRequest.
 */
export const abortable = <A, E>(
  start: (resume: (result: Effect.Effect<A, E>) => void) => () => void
): Effect.Effect<A, E> =>
  Effect.uninterruptibleMask((restore) => {
    let abort: () => void
    const wait = Effect.async<A, E>((resume) => {
      abort = start(resume)
    })
    return Effect.catchAllCause(restore(wait), (cause) => {
      // Interrupted before it began, there is nothing to abort.
      if (Cause.isInterrupted(cause)) abort?.()
      return Effect.failCause(cause)
    })
  })
