import { assert, describe, it } from "@effect/vitest"
import * as DashScopeError from "effect-dashscope/DashScopeError"
import { InvalidObject } from "effect-dashscope/StructuredOutput"
import { EmbedManyError } from "effect-dashscope/TextEmbedding"
import * as AiError from "effect/ai/AiError"
import * as Duration from "effect/Duration"
import * as DashScopeAiError from "../src/DashScopeAiError.js"
import * as Errors from "../src/internal/errors.js"

const where: Errors.Where = { module: "M", method: "m", url: "/path" }

const api = (statusCode: number, reason: DashScopeError.ApiErrorReason, isRetryable = false) =>
  new DashScopeError.ApiError({
    reason,
    statusCode,
    code: "Some.Code",
    description: "said the service",
    requestId: "r-1",
    retryAfter: Duration.millis(1500),
    isRetryable
  })

const timeout = new DashScopeError.RequestTimeout({ phase: "total", duration: Duration.seconds(1) })

const kindOf = (reason: AiError.AiErrorReason) => "kind" in reason ? reason.kind : undefined

describe("errors", () => {
  const cases: ReadonlyArray<readonly [Errors.Original, AiError.AiErrorReason["_tag"], string?]> = [
    [api(401, "Authentication"), "AuthenticationError", "InvalidKey"],
    [api(403, "Authentication"), "AuthenticationError", "InsufficientPermissions"],
    [api(429, "RateLimited", true), "RateLimitError"],
    [api(403, "QuotaExhausted"), "QuotaExhaustedError"],
    [api(400, "ContentFiltered"), "ContentPolicyError"],
    [api(400, "InvalidRequest"), "InvalidRequestError"],
    [api(404, "NotFound"), "InvalidRequestError"],
    [api(500, "Server", true), "InternalProviderError"],
    [api(200, "UnexpectedResponse"), "InvalidResponseError"],
    [timeout, "NetworkError"],
    [new DashScopeError.InputRequired({ field: "messages", description: "empty" }), "InvalidUserInputError"],
    [new DashScopeError.NoApiKey({ lookedIn: ["nowhere"] }), "AuthenticationError", "MissingKey"],
    [
      new InvalidObject({ reason: "NotJson", description: "no JSON", paths: [], text: "Hm", attempts: 1 }),
      "StructuredOutputError"
    ],
    [
      new DashScopeError.RateLimitExceeded({ reason: "Deadline", key: "qwen-plus", waiting: 0, wait: Duration.seconds(3) }),
      "RateLimitError"
    ],
    [new EmbedManyError({ error: timeout, texts: [1] }), "NetworkError"]
  ]

  it("are those of the table, with the original behind them", () => {
    for (const [original, tag, kind] of cases) {
      const error = Errors.make(original, where)
      assert.isTrue(AiError.isAiError(error))
      assert.deepStrictEqual([error.reason._tag, kindOf(error.reason)], [tag, kind])
      assert.strictEqual(DashScopeAiError.original(error), original)
      assert.strictEqual(DashScopeAiError.isRetryable(error), original.isRetryable)
      assert.deepStrictEqual([error.module, error.method], ["M", "m"])
    }
  })

  it("say of an answer its status, code, request id and when to come again", () => {
    const { reason, retryAfter } = Errors.make(api(429, "RateLimited", true), where)
    if (reason._tag !== "RateLimitError") return assert.fail(reason._tag)
    assert.deepStrictEqual(reason.http?.response, { status: 429, headers: { "x-request-id": "r-1", "retry-after": "2" } })
    assert.deepStrictEqual(JSON.parse(reason.http?.body ?? ""), {
      code: "Some.Code",
      message: "said the service",
      request_id: "r-1"
    })
    assert.deepStrictEqual(retryAfter, Duration.millis(1500))
    assert.deepStrictEqual(reason.metadata, {
      dashscope: { reason: "RateLimited", code: "Some.Code", requestId: "r-1" }
    })
    assert.match(Errors.make(api(400, "InvalidRequest"), where).message, /InvalidRequest.*said the service.*request id r-1/)
  })

  it("keep the original where a tool fails with the reason alone", () => {
    const { reason } = Errors.make(timeout, where)
    assert.strictEqual(DashScopeAiError.original(AiError.make({ module: "Toolkit", method: "m", reason })), timeout)
  })

  it("of others have no original", () => {
    const error = Errors.malformedInput("no", where)
    assert.isUndefined(DashScopeAiError.original(error))
    assert.isFalse(DashScopeAiError.isRetryable(error))
  })
})
