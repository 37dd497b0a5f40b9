/**
 * The deadlines of a call where the pool watches them: over the pool's own client there is no fiber that races the call.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as PlatformHttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber, Layer, Option, Schedule, Stream, TestClock } from "effect"
import type { Behavior } from "effect-dashscope-simulator"
import { Simulator } from "effect-dashscope-simulator"
import * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import * as ConnectionPool from "effect-http-pool/ConnectionPool"
import * as HttpClient from "effect-http-pool/HttpClient"
import * as ConfigProvider from "effect/ConfigProvider"
import * as TestContext from "effect/TestContext"
import { assertAllBack } from "../../../pool/test/util/support.js"
import * as DashScope from "../../src/DashScope.js"
import type * as DashScopeClient from "../../src/DashScopeClient.js"
import type { DashScopeError } from "../../src/DashScopeError.js"
import * as Generation from "../../src/Generation.js"
import * as Pull from "../../src/internal/effect/pull.js"

const params = { model: "qwen-plus", prompt: "你好" }

const setup = (behavior: Behavior.Behavior, options: Partial<DashScope.Options> = {}) =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make({ behavior })
    const pool = yield* ConnectionPool.make(
      ConnectionConfig.make({ connectionPoolSize: 1, shutdownTimeout: "0 seconds" })
    )
    const layer = DashScope.layerPool(pool, { apiKey: "sk-test", endpoint: simulator.url, retry: false, ...options })
    return { simulator, pool, layer }
  })

const phaseOf = (error: DashScopeError) =>
  error._tag === "RequestTimeout" ? error.phase : `${error._tag} ${error.message}`

const call = (options: DashScopeClient.CallOptions) => Effect.asVoid(Generation.call(params, options))
const stream = (options: DashScopeClient.CallOptions) => Stream.runDrain(Generation.stream(params, options))

/** How it fails, no earlier than it should, and with nothing left of it. */
const outcome = (
  behavior: Behavior.Behavior,
  run: Effect.Effect<void, DashScopeError, Generation.Generation>,
  options: Partial<DashScope.Options> = {}
) =>
  Effect.gen(function*() {
    const { layer, pool, simulator } = yield* setup(behavior, options)
    const [took, error] = yield* Effect.timed(Effect.provide(Effect.flip(run), layer))
    assert.isAtLeast(Duration.toMillis(took), 95)
    assertAllBack(yield* pool.stats)
    yield* Effect.timeout(simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 0), "20 seconds")
    return { phase: phaseOf(error), requests: (yield* simulator.stats).totalRequests }
  })

const stallHead: Behavior.Behavior = { fault: { _tag: "StallBeforeHeaders" } }
const stallBody: Behavior.Behavior = { fault: { _tag: "StallAfterBytes", bytes: 20 } }

describe("the deadlines of a call over the pool", () => {
  for (
    const [name, behavior] of [["no head", stallHead], ["half a body", stallBody]] as const
  ) {
    it.scopedLive(`total: ${name}`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* outcome(behavior, call({ timeout: "100 millis" })), {
          phase: "total",
          requests: 1
        })
        const streamed = yield* outcome(behavior, stream({ timeout: "100 millis" }))
        assert.deepStrictEqual(streamed, { phase: "total", requests: 1 })
      }))
  }

  it.scopedLive("total: an error answer that does not end gives what is known of it", () =>
    Effect.gen(function*() {
      const behavior: Behavior.Behavior = { error: { status: 400, endless: "open", padTo: 2000 } }
      // Long enough for a busy machine to come to what is known of it.
      const { phase } = yield* outcome(behavior, call({ timeout: "1 second" }))
      assert.match(phase, /^ApiError .*400/)
    }))

  it.scopedLive("firstContent: no head", () =>
    Effect.gen(function*() {
      for (const run of [call, stream]) {
        const { phase } = yield* outcome(stallHead, run({ firstContentTimeout: "100 millis", timeout: "10 seconds" }))
        assert.strictEqual(phase, "firstContent")
      }
      const late = yield* outcome(stallBody, call({ firstContentTimeout: "1 seconds", timeout: "1500 millis" }))
      assert.strictEqual(late.phase, "total")
    }))

  it.scopedLive("content: a pause", () =>
    Effect.gen(function*() {
      const pause: Behavior.Behavior = { stream: { stallAfterEvents: 2 } }
      const { phase } = yield* outcome(
        pause,
        stream({ firstContentTimeout: "3 seconds", contentTimeout: "100 millis" })
      )
      assert.strictEqual(phase, "content")
    }))

  it.scopedLive("firstContent is each attempt's own, and the total is that of all, the waits between included", () =>
    Effect.gen(function*() {
      const retry = { baseDelay: "1 millis", maxDelay: "1 millis", maxRetries: 20, budget: Infinity } as const
      for (const run of [call, stream]) {
        const each = yield* outcome(
          stallHead,
          run({ firstContentTimeout: "50 millis", retry: { ...retry, maxRetries: 2 } })
        )
        assert.deepStrictEqual(each, { phase: "firstContent", requests: 3 })
        const all = yield* outcome(stallHead, run({ firstContentTimeout: "40 millis", timeout: "1 seconds", retry }))
        assert.oneOf(all.phase, ["total", "firstContent"])
        assert.isAbove(all.requests, 1)
        // Each took its 40 ms.
        assert.isAtMost(all.requests, 25)
      }
    }))

  it.scopedLive("total: under a Schedule that waits for long", () =>
    Effect.gen(function*() {
      for (const run of [call, stream]) {
        const { phase } = yield* outcome(
          { error: { status: 503 } },
          run({ timeout: "100 millis", retry: Schedule.spaced("10 minutes") })
        )
        assert.strictEqual(phase, "total")
      }
    }))

  it.scopedLive("total: while the key is looked for", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const slow = FileSystem.layerNoop({ readFileString: () => Effect.never })
      for (const run of [call, stream]) {
        const error = yield* Effect.flip(run({ timeout: "100 millis" })).pipe(
          Effect.provide(
            DashScope.layerWithoutHttpClient({ endpoint: simulator.url, apiKeyFile: "key" }).pipe(
              Layer.provide([HttpClient.layer(ConnectionConfig.make({})), slow])
            )
          ),
          Effect.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map())))
        )
        assert.strictEqual(phaseOf(error), "total")
      }
      assert.strictEqual((yield* simulator.stats).totalRequests, 0)
    }))

  it.scopedLive("total: waiting for a permit", () =>
    Effect.gen(function*() {
      const { layer, pool, simulator } = yield* setup(stallHead)
      const holder = yield* Effect.fork(Effect.provide(call({}), layer))
      yield* Effect.repeat(Effect.delay(pool.stats, "2 millis"), { until: ({ inFlight }) => inFlight === 1 })
      yield* simulator.waitFor(({ totalRequests }) => totalRequests === 1)
      const error = yield* Effect.provide(Effect.flip(call({ timeout: "100 millis" })), layer)
      assert.strictEqual(phaseOf(error), "total")
      const stats = yield* pool.stats
      assert.deepStrictEqual([stats.waiting, stats.inFlight], [0, 1])
      yield* Fiber.interrupt(holder)
      yield* Effect.timeout(simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 0), "20 seconds")
      assert.strictEqual((yield* simulator.stats).totalRequests, 1)
    }))

  it.scopedLive("total: beneath a client of the caller's that takes its time", () =>
    Effect.gen(function*() {
      const { phase } = yield* outcome({}, call({ timeout: "100 millis" }), {
        transformClient: PlatformHttpClient.tap(() => Effect.never)
      })
      assert.strictEqual(phase, "total")
    }))

  it.scopedLive("total: while nobody asks for the next element, the connection is given back all the same", () =>
    Effect.gen(function*() {
      const { layer, pool } = yield* setup({ stream: { eventInterval: 5, events: 1000 } })
      const slow = Generation.stream(params, { timeout: "200 millis" }).pipe(
        Stream.runForEach(() =>
          Effect.repeat(Effect.delay(pool.stats, "5 millis"), { until: ({ inFlight }) => inFlight === 0 })
        ),
        Effect.flip,
        Effect.timeout("20 seconds"),
        Effect.provide(layer)
      )
      assert.strictEqual(phaseOf(yield* Effect.orDie(slow)), "total")
    }))

  it.scopedLive("content: a pull that was given up counts only as long as it waited", () =>
    Effect.gen(function*() {
      const { layer } = yield* setup({ stream: { eventInterval: 100, events: 4 } })
      const end = yield* Effect.scoped(Effect.gen(function*() {
        const pull = yield* Pull.open(Generation.stream(params, { contentTimeout: "2 seconds" }))
        yield* pull
        yield* Effect.timeoutOption(pull, "10 millis")
        yield* Effect.sleep("2500 millis")
        return yield* Effect.flip(Effect.forever(pull))
      })).pipe(Effect.provide(layer))
      assert.isTrue(Pull.isEnd(end), `it came to its end: ${JSON.stringify(end)}`)
    }))

  it.scopedLive("longer than Node's timers can be set for are not passed at once", () =>
    Effect.gen(function*() {
      const { layer } = yield* setup({ latency: 30, stream: { eventInterval: 10 } })
      const months = { timeout: "60 days", firstContentTimeout: "60 days", contentTimeout: "60 days" } as const
      yield* Effect.provide(Effect.zip(call(months), stream(months)), layer)
    }))

  it.scopedLive("pass by the caller's clock where that is not the pool's", () =>
    Effect.gen(function*() {
      const { layer } = yield* setup(stallHead)
      const error = yield* Effect.gen(function*() {
        const fiber = yield* Effect.fork(Effect.flip(call({ timeout: "30 seconds" })))
        yield* Effect.yieldNow()
        yield* TestClock.adjust("1 minute")
        return yield* Fiber.join(fiber)
      }).pipe(Effect.provide(layer), Effect.provide(TestContext.TestContext))
      assert.strictEqual(phaseOf(error), "total")
    }))

  it.scopedLive("retries end where the caller cannot be interrupted", () =>
    Effect.gen(function*() {
      const { layer } = yield* setup({ error: { status: 503 } })
      for (const retry of [{ baseDelay: "2 millis", maxRetries: 1 } as const, Schedule.recurs(1)]) {
        const fiber = yield* Effect.forkDaemon(
          Effect.provide(Effect.uninterruptible(Effect.flip(call({ retry }))), layer)
        )
        const exit = yield* Effect.timeoutOption(Fiber.await(fiber), "20 seconds")
        assert.isTrue(Option.isSome(exit))
      }
    }))

  it.scopedLive("that are not reached leave nothing behind", () =>
    Effect.gen(function*() {
      const { layer, pool } = yield* setup({})
      const generous = { timeout: "1 minute", firstContentTimeout: "1 minute", contentTimeout: "1 minute" } as const
      const exits = yield* Effect.forEach(
        Array.from({ length: 40 }, (_, i) => i % 2 === 0 ? call(generous) : stream(generous)),
        Effect.exit,
        { concurrency: 8 }
      ).pipe(Effect.provide(layer))
      assert.isTrue(exits.every(Exit.isSuccess))
      assertAllBack(yield* pool.stats)
    }))
})
