import * as Duration from "effect/Duration"
import type { ApiErrorReason } from "../../DashScopeError.js"

/** @internal */
export interface Classification {
  readonly reason: ApiErrorReason
  readonly isRetryable: boolean
}

const is = (reason: ApiErrorReason, isRetryable = false): Classification => ({ reason, isRetryable })

const authentication = is("Authentication")
const rateLimited = is("RateLimited", true)
const quotaExhausted = is("QuotaExhausted")
const contentFiltered = is("ContentFiltered")
const invalidRequest = is("InvalidRequest")
const notFound = is("NotFound")
const server = is("Server", true)
const serverForGood = is("Server")

/**
 * The error codes that the service documents ("Error messages"), native and compatible. An entry stands for its whole
 * dotted family unless a longer one is here too.
 */
const families: ReadonlyMap<string, Classification> = new Map([
  ["InvalidParameter", invalidRequest],
  // The service could not fetch a media URL in time: it may another time.
  ["InvalidParameter.DataInspection", is("InvalidRequest", true)],
  ["invalid_parameter_error", invalidRequest],
  ["invalid_value", invalidRequest],
  ["InternalError.Algo.InvalidParameter", invalidRequest],
  ["InvalidURL", invalidRequest],
  ["InvalidURL.Timeout", is("InvalidRequest", true)],
  ["BadRequest", invalidRequest],
  ["UnsupportedOperation", invalidRequest],
  ["FlowNotPublished", invalidRequest],
  ["InvalidSchema", invalidRequest],
  ["InvalidSchemaFormat", invalidRequest],
  ["InvalidInputLength", invalidRequest],
  ["FaqRuleBlocked", invalidRequest],
  ["CustomRoleBlocked", invalidRequest],
  ["IPInfringementSuspect", invalidRequest],
  ["InvalidFile", invalidRequest],
  ["InvalidImage", invalidRequest],
  // What is wrong with a recording that is to be transcribed.
  ["FILE_403_FORBIDDEN", invalidRequest],
  ["FILE_404_NOT_FOUND", invalidRequest],
  ["FILE_CHECK_FAILED", invalidRequest],
  ["FILE_TOO_LARGE", invalidRequest],
  ["FILE_NORMALIZE_FAILED", invalidRequest],
  ["FILE_PARSE_FAILED", invalidRequest],
  ["MKV_PARSE_FAILED", invalidRequest],
  ["REQUEST_INVALID_FILE_URL_VALUE", invalidRequest],
  ["CONTENT_LENGTH_CHECK_FAILED", invalidRequest],
  ["AUDIO_DURATION_TOO_LONG", invalidRequest],
  ["DECODE_ERROR", invalidRequest],
  ["SUCCESS_WITH_NO_VALID_FRAGMENT", invalidRequest],
  ["ASR_RESPONSE_HAVE_NO_WORDS", invalidRequest],
  ["InvalidPerson", invalidRequest],
  ["InvalidGarment", invalidRequest],
  ["Audio", invalidRequest],
  ["ClientDisconnect", invalidRequest],
  // Of tasks over WebSockets: nothing was sent for too long, or nothing can be heard in it.
  ["CLIENT_ERROR", invalidRequest],
  ["NO_VALID_AUDIO_ERROR", invalidRequest],
  ["NO_INPUT_AUDIO_ERROR", invalidRequest],

  ["DataInspectionFailed", contentFiltered],
  ["data_inspection_failed", contentFiltered],

  ["Arrearage", quotaExhausted],
  ["PrepaidBillOverdue", quotaExhausted],
  ["PostpaidBillOverdue", quotaExhausted],
  ["CommodityNotPurchased", quotaExhausted],
  ["AllocationQuota", quotaExhausted],

  ["InvalidApiKey", authentication],
  ["invalid_api_key", authentication],
  ["NOT AUTHORIZED", authentication],
  ["AccessDenied", authentication],
  ["access_denied", authentication],
  ["Model.AccessDenied", authentication],
  ["App.AccessDenied", authentication],
  ["Workspace.AccessDenied", authentication],

  ["ModelNotFound", notFound],
  ["model_not_found", notFound],
  ["model_not_supported", notFound],
  ["WorkSpaceNotFound", notFound],
  ["NotFound", notFound],

  ["Throttling", rateLimited],
  ["LimitRequests", rateLimited],
  ["limit_requests", rateLimited],
  ["limit_burst_rate", rateLimited],
  ["insufficient_quota", rateLimited],

  ["InternalError", server],
  ["internal_error", server],
  // A task that ran too long does so again.
  ["InternalError.Timeout", serverForGood],
  ["SystemError", server],
  ["ModelServiceFailed", server],
  ["ModelServingError", server],
  ["ModelUnavailable", server],
  ["RequestTimeOut", server],
  ["ResponseTimeout", server],
  ["InvokePluginFailed", server],
  ["AppProcessFailed", server],
  ["RewriteFailed", server],
  ["RetrievalFailed", server],
  ["ServiceUnavailable", server],
  ["ServiceUnavailableError", server]
])

// The service sends this sentence with the codes of a rate limit; no waiting brings a free quota back.
const freeQuotaGone = /^(?:<\d+>\s*[\w.]+:\s*)?free allocated quota exceeded/i

const byCode = (status: number, code: string, message: string): Classification | undefined => {
  for (let family = code; family !== "";) {
    const found = families.get(family)
    if (found !== undefined) {
      if (found !== rateLimited) return found
      // At 400 this code is about created things (voices, vocabularies), not about tokens per minute.
      const isResourceQuota = status === 400 && family === "Throttling" &&
        /^Throttling\.AllocationQuota(?:\.|$)/.test(code)
      return isResourceQuota || freeQuotaGone.test(message) ? quotaExhausted : rateLimited
    }
    const dot = family.lastIndexOf(".")
    family = dot === -1 ? "" : family.slice(0, dot)
  }
  if (code.endsWith(".AccessDenied")) return authentication
  if (code.endsWith("BillOverdue")) return quotaExhausted
  return code.startsWith("limit_") ? rateLimited : undefined
}

const byStatus = (status: number, code: string, message: string): Classification => {
  switch (status) {
    case 401:
    case 403:
      return authentication
    case 404:
      return notFound
    case 408:
    // Not acted upon: another connection, or another moment, will do.
    case 421:
    case 425:
      return server
    case 429:
      return freeQuotaGone.test(message) ? quotaExhausted : rateLimited
    case 501:
    case 505:
      return serverForGood
  }
  if (status >= 500) return server
  if (status >= 400) return invalidRequest
  // An error inside an answer that claims success: with a code it is the service that speaks, else somebody else.
  return code === "" ? is("UnexpectedResponse") : server
}

/**
 * What kind of error it is and whether the same request may succeed later: by the code, then by the status, and by the
 * message only where one code has two meanings.
 *
 * @internal
 */
export const classify = (error: {
  readonly status: number
  readonly code: string
  readonly message: string
}): Classification =>
  byCode(error.status, error.code, error.message) ?? byStatus(error.status, error.code, error.message)

const statuses: { readonly [reason in ApiErrorReason]: number } = {
  Authentication: 401,
  RateLimited: 429,
  QuotaExhausted: 403,
  ContentFiltered: 400,
  InvalidRequest: 400,
  NotFound: 404,
  Server: 500,
  UnexpectedResponse: 500
}

/**
 * The status that an error with this code has, for an error that comes without: 500 where the code tells nothing.
 *
 * @internal
 */
export const statusOf = (code: string): number =>
  /AccessDenied|access_denied/.test(code) ? 403 : statuses[classify({ status: 500, code, message: "" }).reason]

const seconds = /^\d+$/
const httpDate = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .*\d{2}:\d{2}:\d{2}/

/**
 * `Retry-After`: whole seconds, or an HTTP date.
 *
 * @internal
 */
export const retryAfter = (header: string | undefined, nowMillis: number): Duration.Duration | undefined => {
  const value = header?.trim()
  if (value === undefined) return undefined
  if (seconds.test(value)) return Duration.seconds(Number(value))
  const at = httpDate.test(value) ? Date.parse(value) : NaN
  return Number.isNaN(at) ? undefined : Duration.millis(Math.max(0, at - nowMillis))
}
