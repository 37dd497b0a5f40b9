import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Stream, TestClock } from "effect"
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

describe("RequestDeadline", () => {
  const limit = (phase: Deadline.Limit["phase"], millis: number): Deadline.Limit => ({
    phase,
    duration: Duration.millis(millis),
    remaining: millis
  })

  /** What a deadline over a timer of the test's does, and how many timers it takes. */
  const watched = (deadline: Deadline.RequestDeadline) => {
    let now = 0
    let scheduled = 0
    const tasks = new Map<() => void, number>()
    const expired: Array<string> = []
    deadline.attach({
      now: () => now,
      schedule: (delay, task) => {
        scheduled++
        tasks.set(task, now + delay)
        return () => void tasks.delete(task)
      },
      isOf: () => true
    }, { expire: ({ phase }) => expired.push(phase) })
    const advance = (millis: number) => {
      now += millis
      for (const [task, due] of [...tasks]) {
        if (due <= now && tasks.delete(task)) task()
      }
    }
    return { advance, expired, scheduled: () => scheduled, pending: () => tasks.size }
  }

  it("takes one timer for a request that is in time", () => {
    const deadline = new Deadline.RequestDeadline(limit("firstContent", 10), limit("total", 30))
    const { advance, expired, pending, scheduled } = watched(deadline)
    advance(5)
    deadline.responded()
    advance(1)
    deadline.detach()
    assert.deepStrictEqual([scheduled(), pending(), expired], [1, 0, []])
  })

  it("expires at the first of both, and after the head at the other", () => {
    const late = watched(new Deadline.RequestDeadline(limit("firstContent", 10), limit("total", 30)))
    late.advance(9)
    assert.deepStrictEqual(late.expired, [])
    late.advance(1)
    assert.deepStrictEqual(late.expired, ["firstContent"])

    const deadline = new Deadline.RequestDeadline(limit("firstContent", 10), limit("total", 30))
    const slow = watched(deadline)
    slow.advance(5)
    deadline.responded()
    slow.advance(24)
    assert.deepStrictEqual(slow.expired, [])
    slow.advance(1)
    assert.deepStrictEqual(slow.expired, ["total"])

    const short = watched(new Deadline.RequestDeadline(limit("firstContent", 30), limit("total", 10)))
    short.advance(10)
    assert.deepStrictEqual(short.expired, ["total"])
  })

  it.scoped("watches over the very request that it was given, and no copy of it", () =>
    Effect.gen(function*() {
      const { client, inFlight, simulator, stats } = yield* setUp
      const request = generation(simulator.url, stalls)
      Deadline.watch(request, new Deadline.RequestDeadline(undefined, limit("total", 1000)))
      assert.isUndefined(Deadline.watching(HttpClientRequest.setHeader(request, "x-copy", "1")))
      const fiber = yield* Effect.fork(poolErrorOf(client.execute(request)))
      yield* inFlight
      yield* TestClock.adjust("1 second")
      assert.deepInclude({ ...(yield* Fiber.join(fiber)) }, { _tag: "RequestTimeout", phase: "total" })
      assertAllBack(yield* stats)
    }))
})
