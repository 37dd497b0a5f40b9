import { assert, describe, it } from "@effect/vitest"
import * as DashScopeError from "effect-dashscope/DashScopeError"
import { InvalidObject } from "effect-dashscope/StructuredOutput"
import { EmbedManyError } from "effect-dashscope/TextEmbedding"
import * as Duration from "effect/Duration"
import * as DashScopeAiError from "../src/DashScopeAiError.js"
import * as Errors from "../src/internal/errors.js"
import type { Original, Where } from "../src/internal/original.js"
import * as Core from "./util/core.js"

const where: Where = { module: "M", method: "m", url: "/path" }

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

describe("errors", () => {
  const cases: ReadonlyArray<readonly [keyof typeof Core.sorts, Original]> = [
    ["invalidKey", api(401, "Authentication")],
    ["noPermission", api(403, "Authentication")],
    ["rateLimited", api(429, "RateLimited", true)],
    ["quota", api(403, "QuotaExhausted")],
    ["filtered", api(400, "ContentFiltered")],
    ["invalidRequest", api(400, "InvalidRequest")],
    ["notFound", api(404, "NotFound")],
    ["server", api(500, "Server", true)],
    ["unexpected", api(200, "UnexpectedResponse")],
    ["timeout", timeout],
    ["input", new DashScopeError.InputRequired({ field: "messages", description: "empty" })],
    ["schema", new DashScopeError.InputRequired({ field: "schema", description: "has no JSON Schema" })],
    ["noKey", new DashScopeError.NoApiKey({ lookedIn: ["nowhere"] })],
    ["object", new InvalidObject({ reason: "NotJson", description: "no JSON", paths: [], text: "Hm", attempts: 1 })],
    [
      "limit",
      new DashScopeError.RateLimitExceeded({
        reason: "Deadline",
        key: "qwen-plus",
        waiting: 0,
        wait: Duration.seconds(3)
      })
    ],
    ["timeout", new EmbedManyError({ error: timeout, texts: [1] })]
  ]

  it("are those of the table, with the original behind them", () => {
    for (const [sort, original] of cases) {
      const error = Errors.make(original, where)
      assert.strictEqual(Core.sortOf(error), Core.sorts[sort])
      assert.strictEqual(DashScopeAiError.original(error), original)
      assert.strictEqual(DashScopeAiError.isRetryable(error), original.isRetryable)
      assert.deepStrictEqual([error.module, error.method], ["M", "m"])
    }
  })

  it("say of an answer its status, code, request id and when to come again", () => {
    const { body, response, sentHeaders } = Core.answerOf(Errors.make(api(429, "RateLimited", true), where))
    assert.deepStrictEqual(response, { status: 429, headers: { "x-request-id": "r-1", "retry-after": "2" } })
    assert.deepStrictEqual(JSON.parse(body ?? ""), {
      code: "Some.Code",
      message: "said the service",
      request_id: "r-1"
    })
    assert.deepStrictEqual(sentHeaders, {})
    assert.match(
      Errors.make(api(400, "InvalidRequest"), where).message,
      /InvalidRequest.*said the service.*request id r-1/
    )
  })

  it("of others have no original", () => {
    const error = Errors.malformedInput({ description: "no" }, where)
    assert.isUndefined(DashScopeAiError.original(error))
    assert.isFalse(DashScopeAiError.isRetryable(error))
  })

  it("that are of a tool are of its kind", () => {
    const problem = { description: "is of another provider", tool: "Search" }
    const input = Errors.malformedInput(problem, where)
    const output = Errors.malformedOutput(problem, where)
    assert.deepStrictEqual([input, output].map(Core.kindOf), [Core.kinds.badTool, Core.kinds.badArguments])
    assert.match(input.message, /is of another provider/)
    assert.match(output.message, /is of another provider/)
  })
})
