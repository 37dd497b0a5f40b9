import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Effectable from "effect/Effectable"
import * as RuntimeFlags from "effect/RuntimeFlags"
import * as RuntimeFlagsPatch from "effect/RuntimeFlagsPatch"
import type { Status } from "../fiber/fiber.js"

/** What is waited for, in callbacks. @internal */
export interface Abortable<A, E> {
  start(resume: (result: Effect.Effect<A, E>) => void): void
  abort(cause: Cause.Cause<never>): void
}

/** Leads to the result until the fiber takes it. */
class HandedOver<A, E> extends Effectable.Class<A, E> {
  constructor(private result: Effect.Effect<A, E> | undefined) {
    super()
  }

  commit(): Effect.Effect<A, E> {
    const result = this.result!
    this.result = undefined
    return result
  }
}

/**
 * What a fiber is resumed with, once. Effect keeps that in a literal, of which V8 comes to put all into the old generation in a process
 * that starts thousands of fibers at once; there each would hold the result, its text and its headers until the next full collection.
 *
 * @internal
 */
export const handOver = <A, E>(result: Effect.Effect<A, E>): Effect.Effect<A, E> => new HandedOver(result)

const close = Effect.patchRuntimeFlags(RuntimeFlagsPatch.disable(RuntimeFlags.Interruption))
const open = Effect.patchRuntimeFlags(RuntimeFlagsPatch.enable(RuntimeFlags.Interruption))

const giveOn = <A>(result: A): Effect.Effect<A> => Effect.as(open, result)

/**
 * `Effect.async` for what is aborted when its fiber is interrupted; `status` is that of the fiber at this place.
 *
 * `Effect.async` with a finalizer would do the same at twice the cost, and a region of `Effect.uninterruptible` would be kept
 * with its closures as long as the call waits: there are as many as calls that wait, and each is copied and marked by
 * the collector. So the flag is set here and set back, as such a region would do.
 *
 * @internal
 */
export const abortable = <A, E>({ runtimeFlags }: Status, self: Abortable<A, E>): Effect.Effect<A, E> => {
  const wait = Effect.async<A, E>((resume) => self.start(resume))
  if (!RuntimeFlags.interruptible(runtimeFlags)) return wait
  return Effect.flatMap(close, () =>
    Effect.matchCauseEffect(Effect.interruptible(wait), {
      onFailure: (cause) => {
        if (Cause.isInterrupted(cause)) self.abort(Cause.stripFailures(cause))
        return Effect.zipRight(open, Effect.failCause(cause))
      },
      onSuccess: giveOn
    }))
}
