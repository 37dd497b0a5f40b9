import { errorType } from "effect-http-pool/ConnectionError"
import * as Cause from "effect/Cause"
import { isDashScopeError } from "../../DashScopeError.js"
import type { DashScopeError } from "../../DashScopeError.js"

/** OpenTelemetry's `error.type` where the caller went away. @internal */
export const interrupted = "interrupted"

/** What the service calls its errors; what a proxy says in its place may be anything, and a name has to be one of few. */
const isName = (code: string) => /^[A-Za-z][\w.-]{0,63}$/.test(code)

/** OpenTelemetry's `error.type`: few values, and the same for the same cause. @internal */
export const of = (error: DashScopeError): string => {
  switch (error._tag) {
    case "ApiError":
      return isName(error.code) ? error.code : String(error.statusCode)
    case "NoApiKey":
    case "InputRequired":
    case "RateLimitExceeded":
      return error._tag
    default:
      return errorType(error)
  }
}

/** The same for any failure; a defect has no name of its own. @internal */
export const ofCause = (cause: Cause.Cause<unknown>): string => {
  const failure = Cause.failureOption(cause)
  // A stream may end by its reader's own error, which can be anything.
  if (failure._tag === "Some") return isDashScopeError(failure.value) ? of(failure.value) : interrupted
  return Cause.isInterruptedOnly(cause) ? interrupted : "_OTHER"
}
