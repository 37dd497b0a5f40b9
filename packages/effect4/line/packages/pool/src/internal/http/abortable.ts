import * as Effect from "effect/Effect"
import type { Status } from "../fiber/fiber.js"

/**
 * `Effect.callback` for what is aborted when its fiber is interrupted; `start` returns how.
 *
 * @internal
 */
export const abortable = <A, E>(
  _status: Status,
  start: (resume: (result: Effect.Effect<A, E>) => void) => () => void
): Effect.Effect<A, E> => Effect.callback((resume) => Effect.sync(start(resume)))
