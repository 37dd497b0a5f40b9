import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream, TestClock } from "effect"
import { Simulator } from "effect-dashscope-simulator"
import * as Deadline from "../src/Deadline.js"
import { assertAllBack, generation, makePool, poolErrorOf } from "./util/support.js"

const stalls = { fault: { _tag: "StallBeforeHeaders" } } as const

/** A pool under the test's clock, and a server. */
const setUp = Effect.gen(function*() {
  const simulator = yield* Simulator.make()
  const pool = yield* makePool({
    connectionPoolSize: 1,
    acquireTimeout: "1 hour",
    connectTimeout: "1 hour",
    readTimeout: "1 hour",
    writeTimeout: "1 hour"
  })
  return { ...pool, simulator, inFlight: simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 1) }
})

const isDone = (fiber: Fiber.RuntimeFiber<unknown, unknown>) =>
  Effect.map(Effect.zipRight(Effect.yieldNow(), Fiber.poll(fiber)), ({ _tag }) => _tag === "Some")

describe("Deadline.within", () => {
  it.scoped("ends a request at its time, and not before", () =>
    Effect.gen(function*() {
      const { ask, inFlight, simulator, stats } = yield* setUp
      const fiber = yield* Effect.fork(poolErrorOf(Deadline.within(ask(simulator.url, stalls), "10 seconds")))
      yield* inFlight
      yield* TestClock.adjust("9999 millis")
      assert.isFalse(yield* isDone(fiber))
      yield* TestClock.adjust("1 millis")
      const error = yield* Fiber.join(fiber)
      assert.deepInclude({ ...error }, { _tag: "RequestTimeout", phase: "total", requestWritten: true })
      assert.include(error.message, "10s")
      assertAllBack(yield* stats)
    }))

  it.scoped("ends one that waits for a connection, of which nothing is written", () =>
    Effect.gen(function*() {
      const { ask, inFlight, simulator, stats } = yield* setUp
      const holder = yield* Effect.fork(ask(simulator.url, stalls))
      yield* inFlight
      const fiber = yield* Effect.fork(ask(simulator.url).pipe(Deadline.within("1 second"), poolErrorOf))
      yield* Effect.repeat(Effect.zipLeft(stats, Effect.yieldNow()), { until: ({ waiting }) => waiting === 1 })
      yield* TestClock.adjust("1 second")
      assert.deepInclude({ ...(yield* Fiber.join(fiber)) }, { phase: "total", requestWritten: false })
      assert.strictEqual((yield* stats).waiting, 0)
      yield* Fiber.interrupt(holder)
      assertAllBack(yield* stats)
    }))

  it.scoped("leaves one that is in time alone, also long after", () =>
    Effect.gen(function*() {
      const { ask, simulator, stats } = yield* setUp
      for (let i = 0; i < 3; i++) {
        assert.include(yield* Deadline.within(ask(simulator.url), "1 second"), "output")
        yield* TestClock.adjust("1 minute")
      }
      assertAllBack(yield* stats)
      assert.strictEqual((yield* stats).opened, 1)
    }))

  it.scoped("bounds a body too that is read after the effect has ended", () =>
    Effect.gen(function*() {
      const { client, simulator, stats } = yield* setUp
      const behavior = { fault: { _tag: "StallAfterBytes", bytes: 20 } } as const
      const response = yield* Deadline.within(client.execute(generation(simulator.url, behavior)), "1 minute")
      const fiber = yield* Effect.fork(poolErrorOf(Stream.runDrain(response.stream)))
      yield* Effect.yieldNow()
      assert.isFalse(yield* isDone(fiber))
      yield* TestClock.adjust("1 minute")
      assert.deepInclude({ ...(yield* Fiber.join(fiber)) }, { _tag: "RequestTimeout", phase: "total" })
      assertAllBack(yield* stats)
    }))

  it.scoped("is forgotten where the request is interrupted", () =>
    Effect.gen(function*() {
      const { ask, inFlight, simulator, stats } = yield* setUp
      const fiber = yield* Effect.fork(Deadline.within(ask(simulator.url, stalls), "1 second"))
      yield* inFlight
      yield* Fiber.interrupt(fiber)
      assertAllBack(yield* stats)
      yield* TestClock.adjust("1 minute")
      assert.include(yield* ask(simulator.url), "output")
    }))

  for (const [outer, inner] of [["1 second", "1 minute"], ["1 minute", "1 second"]] as const) {
    it.scoped(`within ${outer} and therein ${inner}: the inner one holds`, () =>
      Effect.gen(function*() {
        const { ask, inFlight, simulator, stats } = yield* setUp
        const fiber = yield* ask(simulator.url, stalls).pipe(
          Deadline.within(inner),
          Deadline.within(outer),
          poolErrorOf,
          Effect.fork
        )
        yield* inFlight
        yield* TestClock.adjust("1 second")
        assert.strictEqual(yield* isDone(fiber), inner === "1 second")
        yield* TestClock.adjust("1 minute")
        assert.strictEqual((yield* Fiber.join(fiber))._tag, "RequestTimeout")
        assertAllBack(yield* stats)
      }))
  }
})
