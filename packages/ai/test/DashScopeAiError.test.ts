import type * as AiError from "@effect/ai/AiError"
import { assert, describe, it } from "@effect/vitest"
import * as DashScopeError from "effect-dashscope/DashScopeError"
import { InvalidObject } from "effect-dashscope/StructuredOutput"
import { EmbedManyError } from "effect-dashscope/TextEmbedding"
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

const reasonOf = (error: AiError.AiError) => "reason" in error ? error.reason : undefined

describe("errors", () => {
  const cases: ReadonlyArray<readonly [Errors.Original, AiError.AiError["_tag"], string?]> = [
    [api(401, "Authentication"), "HttpResponseError", "StatusCode"],
    [api(429, "RateLimited", true), "HttpResponseError", "StatusCode"],
    [api(403, "QuotaExhausted"), "HttpResponseError", "StatusCode"],
    [api(400, "ContentFiltered"), "HttpResponseError", "StatusCode"],
    [api(404, "NotFound"), "HttpResponseError", "StatusCode"],
    [api(500, "Server", true), "HttpResponseError", "StatusCode"],
    [api(200, "UnexpectedResponse"), "HttpResponseError", "Decode"],
    [timeout, "HttpRequestError", "Transport"],
    [new DashScopeError.InputRequired({ field: "messages", description: "empty" }), "MalformedInput"],
    [new DashScopeError.NoApiKey({ lookedIn: ["nowhere"] }), "MalformedInput"],
    [
      new InvalidObject({ reason: "NotJson", description: "no JSON", paths: [], text: "Hm", attempts: 1 }),
      "MalformedOutput"
    ],
    [new EmbedManyError({ error: timeout, texts: [1] }), "HttpRequestError", "Transport"]
  ]

  it("are those of the table, with the original behind them", () => {
    for (const [original, tag, reason] of cases) {
      const error = Errors.make(original, where)
      assert.deepStrictEqual([error._tag, reasonOf(error)], [tag, reason])
      assert.strictEqual(DashScopeAiError.original(error), original)
      assert.strictEqual(DashScopeAiError.isRetryable(error), original.isRetryable)
      assert.deepStrictEqual([error.module, error.method], ["M", "m"])
      if (tag !== "HttpResponseError" && original._tag !== "EmbedManyError" && "cause" in error) {
        assert.strictEqual(error.cause, original)
      }
    }
  })

  it("say of an answer its status, code, request id and when to come again", () => {
    const error = Errors.make(api(429, "RateLimited", true), where)
    if (error._tag !== "HttpResponseError") return assert.fail(error._tag)
    assert.deepStrictEqual(error.response, { status: 429, headers: { "x-request-id": "r-1", "retry-after": "2" } })
    assert.deepStrictEqual(JSON.parse(error.body ?? ""), {
      code: "Some.Code",
      message: "said the service",
      request_id: "r-1"
    })
    assert.match(error.message, /RateLimited.*said the service.*request id r-1/)
    assert.deepStrictEqual(error.request.headers, {})
  })

  it("of others have no original", () => {
    const error = Errors.malformedInput("no", where)
    assert.isUndefined(DashScopeAiError.original(error))
    assert.isFalse(DashScopeAiError.isRetryable(error))
  })
})
