import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Ref, Schedule, TestClock } from "effect"
import type { DashScopeError } from "../../src/DashScopeError.js"
import { ApiError, ConnectionError, NoApiKey, RequestTimeout } from "../../src/DashScopeError.js"
import { classify } from "../../src/internal/protocol/classify.js"
import {
  Budget,
  caught,
  decide,
  type Failures,
  make as makeWith,
  noFailures
} from "../../src/internal/protocol/retry.js"
import * as Retry from "../../src/Retry.js"

const apiError = (status: number, code: string, message = "", retryAfter?: Duration.DurationInput) => {
  const { isRetryable, reason } = classify({ status, code, message })
  return new ApiError({
    reason,
    isRetryable,
    statusCode: status,
    code,
    description: message,
    ...(retryAfter === undefined ? undefined : { retryAfter: Duration.decode(retryAfter) })
  })
}

const reset = (responseStarted: boolean) =>
  new ConnectionError({ reason: "Reset", origin: "https://example.com", responseStarted, description: "gone" })

const settings = Retry.withDefaults({})

const refusedConnection = new ConnectionError({
  reason: "Refused",
  origin: "https://example.com",
  responseStarted: false,
  requestWritten: false,
  description: "nobody listens"
})

const after = (others: number, limited = 0, limitedMillis = 0): Failures => ({ others, limited, limitedMillis })

const make = (policy: Retry.Policy) => {
  const { retry } = makeWith(policy, new Budget())
  return {
    retry: <A>(
      attempt: Effect.Effect<A, DashScopeError>,
      deadline: number,
      replay: "always" | "unsent" | "never" = "always"
    ) => retry(caught(attempt), deadline, replay)
  }
}

const decideFirst = (error: DashScopeError, remaining = Infinity) =>
  decide(error, noFailures, settings, new Budget(), remaining, 1)

describe("what is made again", () => {
  it.each<[string, DashScopeError, number | "no"]>([
    ["Throttling", apiError(429, "Throttling"), 500],
    ["Throttling.RateQuota", apiError(429, "Throttling.RateQuota"), 500],
    ["Throttling.BurstRate", apiError(429, "Throttling.BurstRate"), 500],
    ["Throttling.AllocationQuota, tokens per minute", apiError(429, "Throttling.AllocationQuota"), 500],
    [
      "Throttling.AllocationQuota, free quota gone",
      apiError(429, "Throttling.AllocationQuota", "Free allocated quota exceeded."),
      "no"
    ],
    ["Throttling.AllocationQuota of created resources", apiError(400, "Throttling.AllocationQuota"), "no"],
    ["insufficient_quota", apiError(429, "insufficient_quota"), 500],
    ["limit_requests", apiError(429, "limit_requests"), 500],
    ["AllocationQuota.FreeTierOnly", apiError(403, "AllocationQuota.FreeTierOnly"), "no"],
    ["Arrearage", apiError(400, "Arrearage"), "no"],
    ["PostpaidBillOverdue", apiError(429, "PostpaidBillOverdue"), "no"],
    ["InvalidApiKey", apiError(401, "InvalidApiKey"), "no"],
    ["Model.AccessDenied", apiError(403, "Model.AccessDenied"), "no"],
    ["ModelNotFound", apiError(404, "ModelNotFound"), "no"],
    ["DataInspectionFailed", apiError(400, "DataInspectionFailed"), "no"],
    ["InvalidParameter", apiError(400, "InvalidParameter"), "no"],
    ["InternalError.Algo.InvalidParameter", apiError(400, "InternalError.Algo.InvalidParameter"), "no"],
    ["InternalError", apiError(500, "InternalError"), 500],
    ["InternalError.Timeout", apiError(500, "InternalError.Timeout"), "no"],
    ["SystemError", apiError(500, "SystemError"), 500],
    ["ModelServiceFailed", apiError(500, "ModelServiceFailed"), 500],
    ["ModelServingError", apiError(503, "ModelServingError"), 500],
    ["ModelUnavailable", apiError(503, "ModelUnavailable"), 500],
    ["RequestTimeOut", apiError(500, "RequestTimeOut"), 500],
    ["a gateway's 502", apiError(502, ""), 500],
    ["no key", new NoApiKey({ lookedIn: [] }), "no"],
    ["a reset before any answer", reset(false), 500],
    ["a reset inside the answer", reset(true), "no"],
    ["connect timeout", new RequestTimeout({ phase: "connect", duration: Duration.seconds(1) }), 500],
    ["read timeout", new RequestTimeout({ phase: "read", duration: Duration.seconds(1) }), "no"],
    ["write timeout", new RequestTimeout({ phase: "write", duration: Duration.seconds(1) }), 500],
    ["no first content in time", new RequestTimeout({ phase: "firstContent", duration: Duration.seconds(1) }), 500],
    ["the call's own deadline", new RequestTimeout({ phase: "total", duration: Duration.seconds(1) }), "no"],
    ["Retry-After of 7 seconds", apiError(429, "Throttling", "", "7 seconds"), 7500],
    ["Retry-After of three weeks", apiError(429, "Throttling.AllocationQuota", "", "1849295 seconds"), "no"]
  ])("%s", (_, error, expected) => {
    const decision = decideFirst(error)
    assert.strictEqual(decision._tag === "Retry" ? decision.delayMillis : "no", expected)
  })

  it("a wait that nobody can sit out is a used-up quota", () => {
    const decision = decideFirst(apiError(429, "Throttling", "", "2 days"))
    assert.deepInclude(decision, { _tag: "Stop", why: "retryAfter" })
    if (decision._tag === "Stop") {
      assert.deepInclude({ ...decision.error }, { reason: "QuotaExhausted", isRetryable: false })
    }
  })

  it("doubles up to the longest delay, drawn from zero up", () => {
    const delays = (random: number) =>
      [0, 1, 2, 3, 4, 5].map((attempt) => {
        const decision = decide(
          reset(false),
          after(attempt),
          { ...settings, maxRetries: 10, budget: Infinity },
          new Budget(),
          Infinity,
          random
        )
        return decision._tag === "Retry" ? decision.delayMillis : "no"
      })
    assert.deepStrictEqual(delays(1), [500, 1000, 2000, 4000, 8000, 8000])
    assert.deepStrictEqual(delays(0), [0, 0, 0, 0, 0, 0])
    assert.deepStrictEqual(delays(0.5), [250, 500, 1000, 2000, 4000, 4000])
  })

  describe("a rate limit", () => {
    const limited = apiError(429, "Throttling.RateQuota")

    const wait = (failures: Failures, remaining = Infinity, random = 1, error: DashScopeError = limited) => {
      const decision = decide(error, failures, settings, new Budget(), remaining, random)
      return decision._tag === "Retry" ? decision.delayMillis : decision.why
    }

    it("is waited for longer and longer, however many attempts that takes", () => {
      assert.deepStrictEqual([0, 1, 2, 3, 4, 5, 30].map((n) => wait(after(0, n))), [
        500,
        1000,
        2000,
        4000,
        8000,
        8000,
        8000
      ])
    })

    it("ends the call when the time for it is used up, or after a hundred attempts", () => {
      assert.strictEqual(wait(after(0, 20, 9_999)), 8000)
      assert.strictEqual(wait(after(0, 20, 10_000)), "attempts")
      assert.strictEqual(wait(after(0, 99)), 8000)
      assert.strictEqual(wait(after(0, 100)), "attempts")
    })

    it("has the last attempt come before the call's deadline", () => {
      assert.strictEqual(wait(after(0, 6), 3000, 0.9), 2700)
      assert.strictEqual(wait(after(0, 6), 500, 0.9), "deadline")
    })

    it("is waited for as long as the service asks, and jitter on top", () => {
      const asking = apiError(429, "Throttling", "", "7 seconds")
      assert.strictEqual(wait(after(0, 1), Infinity, 0.5, asking), 7500)
      assert.strictEqual(wait(after(0, 1), 7500, 0.5, asking), "deadline")
    })

    it("neither counts as one of the retries nor takes from the budget", () => {
      const budget = new Budget()
      for (let i = 0; i < 90; i++) decide(limited, after(2, i), settings, budget, Infinity, 0)
      assert.strictEqual(decide(limited, after(2), settings, budget, Infinity, 1)._tag, "Retry")
      for (let i = 0; i < 10; i++) assert.isTrue(budget.spend(0.1))
      assert.isFalse(budget.spend(0.1))
    })

    it("is like every other error where nobody wants to wait for it, and final where nothing is made again", () => {
      const impatient = Retry.withDefaults({ maxRateLimitWait: 0 })
      const why = (settings: ReturnType<typeof Retry.withDefaults>, failures: Failures) => {
        const decision = decide(limited, failures, settings, new Budget(), Infinity, 1)
        return decision._tag === "Retry" ? decision.failures : decision.why
      }
      assert.deepStrictEqual(why(impatient, after(1)), after(2))
      assert.strictEqual(why(impatient, after(2)), "attempts")
      assert.strictEqual(why(Retry.withDefaults({ maxRetries: 0 }), noFailures), "attempts")
    })
  })

  it("stops where the wait would outlast the call", () => {
    assert.deepInclude(decideFirst(reset(false), 500), { _tag: "Stop", why: "deadline" })
    assert.deepInclude(decideFirst(reset(false), 501), { _tag: "Retry" })
  })

  it("spends no more than its budget: in an outage a tenth of the load", () => {
    const budget = new Budget()
    const error = reset(false)
    let retries = 0
    for (let call = 0; call < 10_000; call++) {
      budget.earn(0.1)
      for (let attempt = 0; attempt < 3; attempt++) {
        if (decide(error, after(attempt), settings, budget, Infinity, 0)._tag === "Retry") retries++
      }
    }
    assert.isAtMost(retries, 10_000 * 0.1 + 10)
    assert.isAtLeast(retries, 10_000 * 0.1 - 10)
  })
})

describe("the loop", () => {
  const failing = (errors: ReadonlyArray<DashScopeError>) =>
    Effect.gen(function*() {
      const attempts = yield* Ref.make(0)
      const call = Effect.flatMap(Ref.getAndUpdate(attempts, (n) => n + 1), (n) =>
        n < errors.length ? Effect.fail(errors[n]!) : Effect.succeed(n + 1))
      return { attempts, call }
    })

  it.effect("waits by the Clock and then tries again", () =>
    Effect.gen(function*() {
      const { attempts, call } = yield* failing([apiError(429, "Throttling", "", "7 seconds")])
      const fiber = yield* Effect.fork(make({}).retry(call, Infinity))
      yield* TestClock.adjust("6999 millis")
      assert.strictEqual(yield* Ref.get(attempts), 1)
      yield* TestClock.adjust("501 millis")
      assert.strictEqual(yield* Fiber.join(fiber), 2)
    }))

  it.effect("shares the budget between policies", () =>
    Effect.gen(function*() {
      const budget = new Budget()
      const attempts = yield* Ref.make(0)
      const call = Effect.zipRight(Ref.update(attempts, (n) => n + 1), Effect.fail(reset(false)))
      const fiber = yield* Effect.fork(
        Effect.forEach(
          Array.from({ length: 200 }),
          () => Effect.ignore(makeWith({ maxRetries: 2 }, budget).retry(caught(call), Infinity, "always"))
        )
      )
      yield* TestClock.adjust("10 minutes")
      yield* Fiber.join(fiber)
      // Ten in reserve, and a tenth of a retry for each call.
      assert.strictEqual(yield* Ref.get(attempts), 229)
    }))

  it.effect("waits for a rate limit until it passes", () =>
    Effect.gen(function*() {
      const { attempts, call } = yield* failing(Array.from({ length: 15 }, () => apiError(429, "Throttling")))
      const fiber = yield* Effect.fork(make({ maxRateLimitWait: "5 minutes" }).retry(call, Infinity))
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual(yield* Fiber.join(fiber), 16)
      assert.strictEqual(yield* Ref.get(attempts), 16)
    }))

  it.effect("gives up on a rate limit that does not pass", () =>
    Effect.gen(function*() {
      const { attempts, call } = yield* failing(Array.from({ length: 500 }, () => apiError(429, "Throttling")))
      const fiber = yield* Effect.fork(Effect.flip(make({}).retry(call, Infinity)))
      yield* TestClock.adjust("29 seconds")
      yield* Fiber.join(fiber)
      const count = yield* Ref.get(attempts)
      assert.isAtLeast(count, 5)
      assert.isAtMost(count, 101)
    }))

  it.effect.each<[string, DashScopeError, "always" | "unsent" | "never", number]>([
    ["always: a reset", reset(false), "always", 2],
    ["unsent: a reset", reset(false), "unsent", 1],
    ["unsent: an answer", apiError(503, "ModelUnavailable"), "unsent", 1],
    ["unsent: a rate limit", apiError(429, "Throttling"), "unsent", 1],
    ["unsent: a refused connection", refusedConnection, "unsent", 2],
    [
      "unsent: no connection in time",
      new RequestTimeout({ phase: "connect", duration: Duration.seconds(1), requestWritten: false }),
      "unsent",
      2
    ],
    [
      "unsent: no place in time",
      new RequestTimeout({ phase: "acquire", duration: Duration.seconds(1), requestWritten: false }),
      "unsent",
      2
    ],
    ["unsent: a stalled write", new RequestTimeout({ phase: "write", duration: Duration.seconds(1) }), "unsent", 1],
    ["never: a refused connection", refusedConnection, "never", 1]
  ])("sends a request again only where it may: %s", ([_, error, replay, expected]) =>
    Effect.gen(function*() {
      for (const policy of [{}, Schedule.spaced("1 second")]) {
        const { attempts, call } = yield* failing([error])
        const fiber = yield* Effect.fork(Effect.exit(make(policy).retry(call, Infinity, replay)))
        yield* TestClock.adjust("1 minute")
        yield* Fiber.join(fiber)
        assert.strictEqual(yield* Ref.get(attempts), expected)
      }
    }))

  it.effect("gives up after maxRetries with the last error", () =>
    Effect.gen(function*() {
      const last = apiError(500, "SystemError")
      const { attempts, call } = yield* failing([reset(false), reset(false), last, last, last])
      const fiber = yield* Effect.fork(Effect.flip(make({}).retry(call, Infinity)))
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* Fiber.join(fiber), last)
      assert.strictEqual(yield* Ref.get(attempts), 3)
    }))

  it.effect("does nothing when it is off, or the error is final", () =>
    Effect.gen(function*() {
      for (
        const [policy, error] of [[false, reset(false)], [{}, reset(true)], [{ maxRetries: 0 }, reset(false)]] as const
      ) {
        const { attempts, call } = yield* failing([error])
        assert.strictEqual(yield* Effect.flip(make(policy).retry(call, Infinity)), error)
        assert.strictEqual(yield* Ref.get(attempts), 1)
      }
    }))

  it.effect("leaves it to a Schedule, but for final errors", () =>
    Effect.gen(function*() {
      const retrier = make(Schedule.recurs(5))
      const transient = yield* failing([reset(false), reset(false), reset(false), reset(false)])
      assert.strictEqual(yield* retrier.retry(transient.call, Infinity), 5)
      const final = yield* failing([reset(false), reset(true)])
      yield* Effect.flip(retrier.retry(final.call, Infinity))
      assert.strictEqual(yield* Ref.get(final.attempts), 2)
    }))
})
