import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as RuntimeFlags from "effect/RuntimeFlags"
import type { Status } from "../fiber/fiber.js"

/**
 * `Effect.async` for what is aborted when its fiber is interrupted; `start` returns how, and `status` is that of
 * the fiber at this place. `Effect.async` with a finalizer would do the same at twice the cost, and while it waits it
 * keeps a literal that leads to all there is of a request: see PoolRequest.
 *
 * @internal
 */
export const abortable = <A, E>(
  { runtimeFlags }: Status,
  start: (resume: (result: Effect.Effect<A, E>) => void) => () => void
): Effect.Effect<A, E> => {
  let abort: (() => void) | undefined
  const wait = Effect.async<A, E>((resume) => {
    abort = start(resume)
  })
  if (!RuntimeFlags.interruptible(runtimeFlags)) return wait
  return Effect.uninterruptible(Effect.catchAllCause(Effect.interruptible(wait), (cause) => {
    if (Cause.isInterrupted(cause)) abort?.()
    return Effect.failCause(cause)
  }))
}
