import type { DashScopeError } from "../../DashScopeError.js"

/** @internal Whether a request may be sent again: always, only where nothing of it was written, or not at all. */
export type Replay = "always" | "unsent" | "never"

/** Failures of other HTTP clients that do not say whether the request had begun to be written. */
const doubtful = new WeakSet<DashScopeError>()

/** @internal Marks an error that may have come after the first byte of the request. */
export const doubt = <E extends DashScopeError>(error: E): E => {
  doubtful.add(error)
  return error
}

/** @internal Whether certainly nothing of the request had been written when it failed. */
export const isUnsent = (error: DashScopeError): boolean => {
  if (doubtful.has(error)) return false
  switch (error._tag) {
    case "NoApiKey":
    case "InputRequired":
    case "PoolExhausted":
      return true
    case "RequestTimeout":
      return error.phase === "acquire" || error.phase === "connect"
    case "ConnectionError":
      return error.reason === "Dns" || error.reason === "Refused" || error.reason === "Proxy"
    case "ApiError":
      return false
  }
}
