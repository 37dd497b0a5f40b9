import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import { ApiErrorReason } from "../../src/DashScopeError.js"
import { classify, retryAfter } from "../../src/internal/protocol/classify.js"

type Row = readonly [status: number, code: string, message: string, reason: ApiErrorReason, isRetryable: boolean]

const freeQuota = "Free allocated quota exceeded."
const allocated = "Allocated quota exceeded, please increase your quota limit."

const table: ReadonlyArray<Row> = [
  // 400
  [400, "InvalidParameter", "url error", "InvalidRequest", false],
  [400, "invalid_parameter_error", "", "InvalidRequest", false],
  [400, "invalid_value", "", "InvalidRequest", false],
  [400, "InternalError.Algo.InvalidParameter", "Range of input length", "InvalidRequest", false],
  [400, "InvalidParameter.DataInspection", "Unable to download", "InvalidRequest", true],
  [400, "InvalidURL", "", "InvalidRequest", false],
  [400, "InvalidURL.ConnectionRefused", "", "InvalidRequest", false],
  [400, "InvalidURL.Timeout", "", "InvalidRequest", true],
  [400, "DataInspectionFailed", "may contain inappropriate content", "ContentFiltered", false],
  [400, "data_inspection_failed", "", "ContentFiltered", false],
  ...[
    "BadRequest.EmptyInput",
    "BadRequest.EmptyParameters",
    "BadRequest.EmptyModel",
    "BadRequest.IllegalInput",
    "BadRequest.InputDownloadFailed",
    "BadRequest.UnsupportedFileFormat",
    "BadRequest.TooLarge",
    "BadRequest.ResourceNotExist",
    "BadRequest.VoiceNotFound",
    "BadRequest.TooMany",
    "UnsupportedOperation",
    "FlowNotPublished",
    "InvalidSchema",
    "InvalidSchemaFormat",
    "InvalidInputLength",
    "FaqRuleBlocked",
    "CustomRoleBlocked",
    "IPInfringementSuspect",
    "InvalidFile.Format",
    "InvalidImage.Resolution",
    "InvalidPerson",
    "InvalidGarment",
    "Audio.DecoderError",
    "ClientDisconnect"
  ].map((code): Row => [400, code, "", "InvalidRequest", false]),
  [400, "Arrearage", "Access denied, good standing", "QuotaExhausted", false],
  [400, "Throttling.AllocationQuota", "too many voices", "QuotaExhausted", false],
  [400, "ServiceUnavailableError", "", "Server", true],
  // 401
  [401, "InvalidApiKey", "Invalid API-key provided.", "Authentication", false],
  [401, "invalid_api_key", "Incorrect API key provided.", "Authentication", false],
  [401, "NOT AUTHORIZED", "", "Authentication", false],
  [401, "", "invalid access token or token expired", "Authentication", false],
  // 403
  [403, "AccessDenied", "Access denied.", "Authentication", false],
  [403, "access_denied", "", "Authentication", false],
  [403, "AccessDenied.Unpurchased", "", "Authentication", false],
  [403, "Model.AccessDenied", "", "Authentication", false],
  [403, "App.AccessDenied", "", "Authentication", false],
  [403, "Workspace.AccessDenied", "", "Authentication", false],
  [403, "Something.AccessDenied", "", "Authentication", false],
  [403, "AllocationQuota.FreeTierOnly", "The free tier of the model has been exhausted", "QuotaExhausted", false],
  [403, "", "", "Authentication", false],
  // 404
  [404, "ModelNotFound", "Model not exist.", "NotFound", false],
  [404, "model_not_found", "", "NotFound", false],
  [404, "model_not_supported", "", "NotFound", false],
  [404, "WorkSpaceNotFound", "", "NotFound", false],
  [404, "NotFound", "", "NotFound", false],
  [404, "", "<html>", "NotFound", false],
  // 429
  [429, "Throttling", "Requests throttling triggered.", "RateLimited", true],
  [429, "Throttling.RateQuota", "", "RateLimited", true],
  [429, "LimitRequests", "", "RateLimited", true],
  [429, "limit_requests", "", "RateLimited", true],
  [429, "Throttling.BurstRate", "", "RateLimited", true],
  [429, "limit_burst_rate", "", "RateLimited", true],
  [429, "limit_something_new", "", "RateLimited", true],
  [429, "Throttling.AllocationQuota", allocated, "RateLimited", true],
  [429, "Throttling.AllocationQuota", "Too many requests. Batch requests are throttled", "RateLimited", true],
  [429, "Throttling.AllocationQuota", freeQuota, "QuotaExhausted", false],
  [429, "Throttling.AllocationQuota", `<429> Throttling.AllocationQuota: ${freeQuota}`, "QuotaExhausted", false],
  [429, "insufficient_quota", "You exceeded your current quota", "RateLimited", true],
  [429, "insufficient_quota", freeQuota, "QuotaExhausted", false],
  [429, "CommodityNotPurchased", "", "QuotaExhausted", false],
  [429, "PrepaidBillOverdue", "", "QuotaExhausted", false],
  [429, "PostpaidBillOverdue", "", "QuotaExhausted", false],
  [429, "SomeNewBillOverdue", "", "QuotaExhausted", false],
  [429, "", "", "RateLimited", true],
  [429, "", freeQuota, "QuotaExhausted", false],
  // 5xx
  [500, "InternalError", "An internal error has occured", "Server", true],
  [500, "internal_error", "", "Server", true],
  [500, "InternalError.Algo", "", "Server", true],
  [500, "InternalError.FileUpload", "", "Server", true],
  [500, "InternalError.Upload", "", "Server", true],
  [500, "InternalError.Timeout", "", "Server", false],
  [500, "SystemError", "", "Server", true],
  [500, "ModelServiceFailed", "", "Server", true],
  [500, "RequestTimeOut", "Request timed out", "Server", true],
  [500, "ResponseTimeout", "Response timeout!", "Server", true],
  [500, "InvokePluginFailed", "", "Server", true],
  [500, "AppProcessFailed", "", "Server", true],
  [500, "RewriteFailed", "", "Server", true],
  [500, "RetrievalFailed", "", "Server", true],
  [500, "ModelServingError", "Too many requests", "Server", true],
  [503, "ModelServingError", "", "Server", true],
  [503, "ServiceUnavailable", "", "Server", true],
  [503, "ModelUnavailable", "", "Server", true],
  // A code goes before the status.
  [500, "InternalError.Algo.InvalidParameter", "", "InvalidRequest", false],
  [200, "InvalidApiKey", "", "Authentication", false],
  [200, "Throttling.RateQuota", "", "RateLimited", true],
  // Families, and what only looks like one.
  [400, "InvalidParameter.Something.New", "", "InvalidRequest", false],
  [503, "InvalidParameterX", "", "Server", true],
  [400, "Throttling.AllocationQuotaX", "", "RateLimited", true],
  // No code that is known: by the status.
  [302, "", "", "UnexpectedResponse", false],
  [400, "SomethingNew", "", "InvalidRequest", false],
  [408, "", "", "Server", true],
  [413, "", "", "InvalidRequest", false],
  [500, "", "", "Server", true],
  [501, "", "", "Server", false],
  [502, "", "<html>", "Server", true],
  [503, "", "", "Server", true],
  [504, "SomethingNew", "", "Server", true],
  [200, "SomethingNew", "", "Server", true],
  [200, "", "", "UnexpectedResponse", false]
]

describe("classify", () => {
  it.each(table)("%i %s (%s) is %s, retryable %s", (status, code, message, reason, isRetryable) => {
    assert.deepStrictEqual(classify({ status, code, message }), { reason, isRetryable })
  })

  it("gives a reason to any error", () => {
    const isReason = Schema.is(ApiErrorReason)
    const known = table.map(([, code]) => code)
    const code = FastCheck.oneof(
      FastCheck.string(),
      FastCheck.constantFrom(...known),
      FastCheck.tuple(FastCheck.constantFrom(...known), FastCheck.string()).map((parts) => parts.join("."))
    )
    FastCheck.assert(
      FastCheck.property(FastCheck.integer(), code, FastCheck.string(), (status, code, message) => {
        const { isRetryable, reason } = classify({ status, code, message })
        assert.isTrue(isReason(reason))
        // What waiting cannot fix is never sent again.
        if (reason === "Authentication" || reason === "QuotaExhausted" || reason === "ContentFiltered") {
          assert.isFalse(isRetryable)
        }
      })
    )
  })

  it("treats a family like its head", () => {
    const heads = table.filter(([, code]) => code !== "" && !code.includes(".") && !code.endsWith("BillOverdue"))
    const tail = FastCheck.stringMatching(/^[A-Z][a-z]{3,8}Zz$/)
    FastCheck.assert(
      FastCheck.property(FastCheck.constantFrom(...heads), tail, ([status, code, message], tail) => {
        // Codes that are known by their whole name or prefix have no families.
        FastCheck.pre(code !== "SomethingNew" && code !== "InvalidParameterX")
        assert.deepStrictEqual(
          classify({ status, code: `${code}.${tail}`, message }),
          classify({ status, code, message })
        )
      })
    )
  })
})

describe("retryAfter", () => {
  const now = Date.UTC(2025, 5, 1, 12, 0, 0)
  const rows: ReadonlyArray<readonly [string | undefined, number | undefined]> = [
    [undefined, undefined],
    ["", undefined],
    ["0", 0],
    ["7", 7000],
    [" 120 ", 120_000],
    ["-1", undefined],
    ["1.5", undefined],
    ["soon", undefined],
    ["1e3", undefined],
    ["Sun, 01 Jun 2025 12:00:30 GMT", 30_000],
    ["Sunday, 01-Jun-25 12:00:30 GMT", 30_000],
    ["Sun, 01 Jun 2025 11:00:00 GMT", 0],
    ["Sun, 99 Foo 2025 12:00:30 GMT", undefined]
  ]

  it.each(rows)("%s is %s ms", (header, millis) => {
    const found = retryAfter(header, now)
    assert.strictEqual(found === undefined ? undefined : Duration.toMillis(found), millis)
  })
})
