import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type { Status } from "../fiber/fiber.js"

/** What is waited for, in callbacks. @internal */
export interface Abortable<A, E> {
  start(resume: (result: Effect.Effect<A, E>) => void): void
  abort(cause: Cause.Cause<never>): void
}

/** What a fiber is resumed with, which Effect 4 keeps nowhere. @internal */
export const handOver = <A, E>(result: Effect.Effect<A, E>): Effect.Effect<A, E> => result

/**
 * `Effect.callback` for what is aborted when its fiber is interrupted.
 *
 * @internal
 */
export const abortable = <A, E>(_status: Status, self: Abortable<A, E>): Effect.Effect<A, E> =>
  Effect.callback((resume) => {
    self.start(resume)
    return Effect.sync(() => self.abort(Cause.interrupt()))
  })
