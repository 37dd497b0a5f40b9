/**
 * Every error that the service is known to give, through a whole call and a whole stream, under the test clock: whether it
 * is made again, and after how long. Source: the error-code tables of Model Studio.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { isTried } from "../../../../scripts/thorough.js"
import type * as DashScopeError from "../../src/DashScopeError.js"
import * as Generation from "../../src/Generation.js"
import type * as Retry from "../../src/Retry.js"
import { type Answer, frame, serving } from "../util/events.js"

type Reason = DashScopeError.ApiErrorReason

type Row = readonly [status: number, codes: ReadonlyArray<string>, reason: Reason, waits: string, message?: string]

/** Half of 0 to 500 ms, and half of 0 to 1 s. */
const backoff = "250 750"

const never = ""

const table: ReadonlyArray<Row> = [
  [400, ["InvalidParameter", "invalid_parameter_error", "invalid_value"], "InvalidRequest", never],
  [400, ["InternalError.Algo.InvalidParameter"], "InvalidRequest", never],
  [400, ["InvalidURL", "InvalidURL.ConnectionRefused"], "InvalidRequest", never],
  // A file that could not be fetched in time may be there a second later.
  [400, ["InvalidParameter.DataInspection", "InvalidURL.Timeout"], "InvalidRequest", backoff],
  [400, ["ServiceUnavailableError"], "Server", backoff],
  [400, ["ClientDisconnect"], "InvalidRequest", never],
  [400, ["DataInspectionFailed", "data_inspection_failed"], "ContentFiltered", never],
  [
    400,
    [
      "BadRequest.EmptyInput",
      "BadRequest.EmptyParameters",
      "BadRequest.EmptyModel",
      "BadRequest.IllegalInput",
      "BadRequest.InputDownloadFailed",
      "BadRequest.UnsupportedFileFormat",
      "BadRequest.TooLarge",
      "BadRequest.ResourceNotExist",
      "BadRequest.VoiceNotFound"
    ],
    "InvalidRequest",
    never
  ],
  [400, ["Arrearage"], "QuotaExhausted", never],
  [400, ["Throttling.AllocationQuota"], "QuotaExhausted", never],
  [400, ["UnsupportedOperation"], "InvalidRequest", never],
  [
    400,
    [
      "FlowNotPublished",
      "InvalidSchema",
      "InvalidSchemaFormat",
      "InvalidInputLength",
      "FaqRuleBlocked",
      "CustomRoleBlocked",
      "InvalidFile.Size",
      "InvalidImage.Resolution",
      "InvalidPerson",
      "InvalidGarment",
      "Audio.DecoderError"
    ],
    "InvalidRequest",
    never
  ],
  [401, ["InvalidApiKey", "invalid_api_key", "NOT AUTHORIZED", ""], "Authentication", never],
  [
    403,
    [
      "AccessDenied",
      "access_denied",
      "AccessDenied.Unpurchased",
      "Model.AccessDenied",
      "App.AccessDenied",
      "Workspace.AccessDenied"
    ],
    "Authentication",
    never
  ],
  [403, ["AllocationQuota.FreeTierOnly"], "QuotaExhausted", never],
  [
    404,
    ["ModelNotFound", "model_not_found", "model_not_supported", "WorkSpaceNotFound", "NotFound"],
    "NotFound",
    never
  ],
  [
    429,
    [
      "Throttling",
      "Throttling.RateQuota",
      "LimitRequests",
      "limit_requests",
      "Throttling.BurstRate",
      "limit_burst_rate"
    ],
    "RateLimited",
    backoff
  ],
  [
    429,
    ["Throttling.AllocationQuota", "insufficient_quota"],
    "RateLimited",
    backoff,
    "Allocated quota exceeded, please increase your quota limit."
  ],
  [
    429,
    ["Throttling.AllocationQuota", "insufficient_quota"],
    "QuotaExhausted",
    never,
    "Free allocated quota exceeded."
  ],
  [429, ["CommodityNotPurchased", "PrepaidBillOverdue", "PostpaidBillOverdue"], "QuotaExhausted", never],
  [
    500,
    [
      "InternalError",
      "internal_error",
      "InternalError.Algo",
      "InternalError.FileUpload",
      "InternalError.Upload",
      "SystemError",
      "ModelServiceFailed",
      "RequestTimeOut",
      "ResponseTimeout",
      "InvokePluginFailed",
      "AppProcessFailed",
      "RewriteFailed",
      "RetrievalFailed",
      "ModelServingError",
      "ServiceUnavailable"
    ],
    "Server",
    backoff
  ],
  [500, ["InternalError.Timeout"], "Server", never],
  [503, ["ModelServingError", "ServiceUnavailable", "ModelUnavailable", ""], "Server", backoff],
  [502, [""], "Server", backoff],
  [504, [""], "Server", backoff]
]

const params = { model: "qwen-plus", prompt: "你好" }

const failing = <A, R>(run: Effect.Effect<A, DashScopeError.DashScopeError, R>) =>
  Effect.orDieWith(Effect.flip(run), () => new Error("it succeeded"))

const runs = {
  call: failing(Generation.call(params)),
  stream: failing(Stream.runDrain(Generation.stream(params)))
}

const errorOf = (status: number, code: string, message: string, headers: Record<string, string> = {}): Answer => ({
  status,
  body: JSON.stringify({ code, message, request_id: "r" }),
  headers: { "content-type": "application/json", ...headers }
})

/** The error, and at which times it was asked again. */
const outcome = (
  answer: Answer,
  run: Effect.Effect<DashScopeError.DashScopeError, never, Generation.Generation>,
  retry: Retry.Policy = { maxRetries: 2 }
) =>
  Effect.gen(function*() {
    const start = yield* Clock.currentTimeMillis
    const times: Array<number> = []
    const served = serving(() =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        times.push(now - start)
        return answer
      }), { retry })
    const fiber = yield* run.pipe(Effect.withRandom(Random.fixed([0.5])), Effect.provide(served.layer), Effect.fork)
    yield* TestClock.adjust("5 minutes")
    const error = yield* Fiber.join(fiber)
    assert.strictEqual(error._tag, "ApiError")
    return { error: error as DashScopeError.ApiError, waits: times.slice(1).join(" ") }
  })

describe.each(["call", "stream"] as const)("of a %s", (kind) => {
  for (const [status, codes, reason, waits, message = "what it says"] of table) {
    for (const [i, code] of codes.entries()) {
      it.effect.runIf(isTried(i, 6))(
        `${status} ${code || "without a code"}${message === "what it says" ? "" : `: ${message}`}`,
        () =>
          Effect.gen(function*() {
            const { error, waits: waited } = yield* outcome(errorOf(status, code, message), runs[kind])
            assert.deepStrictEqual([error.reason, error.isRetryable, waited], [reason, waits !== never, waits])
          })
      )
    }
  }

  it.effect("waits for Retry-After in seconds, with the backoff on top", () =>
    Effect.gen(function*() {
      const { waits } = yield* outcome(errorOf(429, "Throttling", "", { "retry-after": "7" }), runs[kind])
      assert.strictEqual(waits, "7250 14750")
    }))

  it.effect("waits for a Retry-After that is a date", () =>
    Effect.gen(function*() {
      const start = yield* Clock.currentTimeMillis
      // A date has no milliseconds.
      const at = Math.ceil(start / 1000) * 1000 + 9000
      const date = new Date(at).toUTCString()
      const { waits } = yield* outcome(errorOf(503, "ModelUnavailable", "", { "retry-after": date }), runs[kind])
      // The second answer still names it; it has passed by then.
      assert.strictEqual(waits, `${at - start + 250} ${at - start + 750}`)
    }))

  it.effect("waits for a rate limit by the clock, unless the number of retries is set", () =>
    Effect.gen(function*() {
      const limited = errorOf(429, "Throttling.RateQuota", "")
      // Half of what doubles from 500 ms to 8 s, until 10 s have been waited.
      const patience = "250 750 1750 3750 7750 11750"
      assert.strictEqual((yield* outcome(limited, runs[kind], {})).waits, patience)
      const longer = yield* outcome(limited, runs[kind], { maxRetries: 1, maxRateLimitWait: "5 seconds" })
      assert.strictEqual(longer.waits, "250 750 1750 3750 7750")
      assert.strictEqual((yield* outcome(limited, runs[kind], { maxRetries: 1 })).waits, "250")
      // The service's own failures are not waited for like that.
      assert.strictEqual((yield* outcome(errorOf(503, "ModelUnavailable", ""), runs[kind], {})).waits, backoff)
    }))

  it.effect("does not wait for days", () =>
    Effect.gen(function*() {
      const { error, waits } = yield* outcome(errorOf(429, "Throttling", "", { "retry-after": "864000" }), runs[kind])
      assert.deepStrictEqual([error.reason, error.isRetryable, waits], ["QuotaExhausted", false, ""])
      assert.strictEqual(error.retryAfter && Duration.toDays(error.retryAfter), 10)
    }))
})

describe("of a stream", () => {
  it.effect("an error event is made again before the first result, and not after it", () =>
    Effect.gen(function*() {
      const event = frame({ code: "Throttling.RateQuota", message: "m", request_id: "r" }, "error", 429)
      assert.strictEqual((yield* outcome(event, runs.stream)).waits, backoff)
      const result = frame({ output: { choices: [{ message: { content: "a" }, finish_reason: "null" }] }, usage: {} })
      assert.strictEqual((yield* outcome(result + event, runs.stream)).waits, never)
    }))
})
