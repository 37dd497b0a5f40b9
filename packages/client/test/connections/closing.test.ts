import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber, Layer, Schedule, Scope } from "effect"
import { Behavior, Simulator } from "effect-dashscope-simulator"
import * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import * as ConnectionPool from "effect-http-pool/ConnectionPool"
import * as DashScope from "../../src/DashScope.js"
import * as Generation from "../../src/Generation.js"
import type * as Retry from "../../src/Retry.js"
import { closeMany } from "../util/closing.js"

describe("closing under load", () => {
  it.live("processes end by themselves, within shutdownTimeout and a little", () =>
    Effect.gen(function*() {
      const closed = yield* closeMany(3, 3)
      assert.deepStrictEqual(closed.map(({ shutdownMillis }) => shutdownMillis), [1000, 300, 0])
      // Calls that were in flight had a second for their answers.
      assert.isAbove(closed[0]!.succeeded, 0)
    }))
})

describe("closing while callers sleep before the next attempt", () => {
  const behavior: Behavior.Behavior = { error: { status: 503, retryAfter: 30 } }
  const params = { model: "qwen-plus", prompt: "1+1" }
  const headers = Behavior.toHeaders(behavior)

  const wakes = (name: string, retry: Retry.Policy, isStream: boolean) =>
    it.scopedLive(name, () =>
      Effect.gen(function*() {
        const simulator = yield* Simulator.make()
        const scope = yield* Scope.make()
        const pool = yield* Scope.extend(ConnectionPool.make(ConnectionConfig.make()), scope)
        const context = yield* Layer.build(
          DashScope.layerPool(pool, { apiKey: "sk-test", endpoint: simulator.url, retry })
        )
        const call = isStream
          ? Generation.collect(Generation.stream(params, { headers }))
          : Generation.call(params, { headers })
        const fibers = yield* Effect.forEach(
          Array.from({ length: 3 }),
          () => Effect.fork(Effect.flip(Effect.provide(call, context)))
        )
        yield* simulator.waitFor(({ requestsInFlight, totalRequests }) => totalRequests === 3 && requestsInFlight === 0)
        yield* Effect.sleep("50 millis")
        const [took, errors] = yield* Effect.timed(
          Effect.andThen(Scope.close(scope, Exit.void), Fiber.joinAll(fibers))
        )
        for (const error of errors) {
          assert.strictEqual(error._tag, "ConnectionError")
          assert.strictEqual(error._tag === "ConnectionError" ? error.reason : "", "Closed")
        }
        // Instead of half a minute.
        assert.isBelow(Duration.toMillis(took), 20_000)
        assert.strictEqual((yield* simulator.stats).totalRequests, 3)
      }))

  wakes("wakes them", {}, false)
  wakes("wakes them under a Schedule of their own", Schedule.spaced("30 seconds"), false)
  wakes("wakes those who wait for a stream", {}, true)
})
