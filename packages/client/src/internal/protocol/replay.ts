import * as PoolReplay from "effect-http-pool/Replay"
import * as Effect from "effect/Effect"
import type { DashScopeError } from "../../DashScopeError.js"

/** Whether a request may be sent again: always, only where nothing of it was written, or not at all. @internal */
export type Replay = "always" | "unsent" | "never"

/** Tells the pool, where there is one. @internal */
export const locally = <A, E, R>(self: Effect.Effect<A, E, R>, replay: Replay): Effect.Effect<A, E, R> =>
  replay === "unsent" ? Effect.locally(self, PoolReplay.current, "unsent") : self

/** Whether certainly nothing of the request had been written when it failed. @internal */
export const isUnsent = (error: DashScopeError): boolean => {
  switch (error._tag) {
    case "NoApiKey":
    case "InputRequired":
    case "RateLimitExceeded":
      return true
    case "ApiError":
      return false
    default:
      return PoolReplay.isUnsent(error)
  }
}

/** Whether a request may be sent once more after an error. @internal */
export const mayRepeat = (error: DashScopeError, replay: Replay): boolean =>
  replay === "always" || (replay === "unsent" && isUnsent(error))
