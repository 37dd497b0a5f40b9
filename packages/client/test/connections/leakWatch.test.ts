import { assert, describe, it } from "@effect/vitest"
import { Chunk, Deferred, Effect, Exit, Fiber, Logger, Schedule, Scope, Stream, TestClock } from "effect"
import { Simulator } from "effect-dashscope-simulator"
import type { ConnectionEvent } from "effect-http-pool/ConnectionEvent"
import { generation, makePool, poolErrorOf } from "../../../pool/test/util/support.js"
import * as DashScope from "../../src/DashScope.js"
import * as Generation from "../../src/Generation.js"
import { requestSpan } from "../util/platform.js"

/** Collects what is logged inside. */
const capturing = () => {
  const lines: Array<string> = []
  return {
    lines,
    layer: Logger.replace(Logger.defaultLogger, Logger.map(Logger.stringLogger, (line) => void lines.push(line)))
  }
}

describe("leak detector", () => {
  it.scopedLive("says who holds a permit too long, and that it came back", () =>
    Effect.gen(function*() {
      const { layer, lines } = capturing()
      yield* Effect.gen(function*() {
        const simulator = yield* Simulator.make()
        const { ask } = yield* makePool({ leakDetectionThreshold: "300 millis" })
        yield* ask(simulator.url)
        // A busy process is given some time more before it is called a leak.
        yield* ask(simulator.url, { latency: 2000 }).pipe(Effect.withSpan("slow-report"))
      }).pipe(Effect.provide(layer))
      assert.strictEqual(lines.length, 2)
      assert.include(lines[0], "held for 300ms by POST http://127.0.0.1:")
      assert.include(lines[0], `spans ${requestSpan("POST")} < slow-report`)
      assert.include(lines[0], "support.ts", "the stack leads to the caller")
      assert.match(lines[1]!, /No leak after all: the permit came back after (?:1s 9\d\dms|[2-9]s)/)
    }))

  it.scopedLive("is silent when it is off", () =>
    Effect.gen(function*() {
      const { layer, lines } = capturing()
      yield* Effect.gen(function*() {
        const simulator = yield* Simulator.make()
        const { ask } = yield* makePool()
        yield* ask(simulator.url, { latency: 100 })
      }).pipe(Effect.provide(layer))
      assert.deepStrictEqual(lines, [])
    }))
})

describe("saturation", () => {
  it.effect("is said once, when requests wait for long, with the limits and the longest holder", () =>
    Effect.gen(function*() {
      const { layer, lines } = capturing()
      yield* Effect.gen(function*() {
        const simulator = yield* Simulator.make({ behavior: { fault: { _tag: "StallBeforeHeaders" } } })
        const { ask, stats } = yield* makePool({ connectionPoolSize: 2 })
        for (let i = 0; i < 20; i++) yield* Effect.fork(ask(simulator.url))
        yield* simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 2)
        yield* Effect.repeat(stats, { until: ({ waiting }) => waiting === 18 })
        assert.deepStrictEqual(lines, [], "a burst is nothing to warn of")
        yield* TestClock.adjust("6 seconds")
        for (let i = 0; i < 3; i++) yield* Effect.fork(ask(simulator.url))
        yield* Effect.repeat(stats, { until: ({ waiting }) => waiting === 21 })
        yield* Effect.yieldNow()
      }).pipe(Effect.scoped, Effect.provide(layer))
      assert.strictEqual(lines.length, 1)
      assert.match(lines[0]!, /The pool is saturated; a request to http:\/\/127\.0\.0\.1:\d+ waits: open 2\/2/)
      assert.match(lines[0]!, /longest in flight: 6000 ms by POST/)
    }))
})

describe("events", () => {
  it.scopedLive("tell a call from the queue to the closing, in order", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ tls: true })
      const { ask, pool } = yield* makePool({ connectionIdleTimeout: "20 millis", tls: { ca: simulator.ca! } })
      const events: Array<ConnectionEvent> = []
      yield* Effect.forkScoped(Stream.runForEach(pool.events, (event) => Effect.sync(() => events.push(event))))
      yield* Effect.sleep("5 millis")
      yield* ask(simulator.url)
      yield* Effect.sleep("80 millis")
      assert.deepStrictEqual(events.map(({ _tag }) => _tag), [
        "Queued",
        "Acquired",
        "Connecting",
        "Connected",
        "RequestStarted",
        "RequestSent",
        "ResponseStarted",
        "ResponseEnded",
        "Released",
        "Closed"
      ])
      const connected = events.find((event) => event._tag === "Connected")
      assert.isDefined(connected?._tag === "Connected" && connected.tls)
      const closed = events.at(-1)
      assert.deepInclude({ ...closed }, { reason: "idle", requests: 1 })
    }))

  it.scopedLive("are dropped, and counted, where the listener is too slow; the pool does not wait", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const { ask, pool } = yield* makePool({ connectionPoolSize: 8 })
      const seen: Array<ConnectionEvent> = []
      const read = yield* Deferred.make<void>()
      const listener = yield* Effect.fork(
        Stream.runForEach(
          pool.events,
          (event) => Effect.suspend(() => seen.push(event) === 1 ? Deferred.await(read) : Effect.void)
        )
      )
      yield* Effect.sleep("5 millis")
      yield* Effect.all(Array.from({ length: 800 }, () => ask(simulator.url)), { concurrency: 32, discard: true })
      yield* Deferred.succeed(read, undefined)
      // It is told with the first event that comes once it reads again.
      let calls = 800
      const missed = () => seen.flatMap((event) => event._tag === "Missed" ? [event.count] : [])
      while (missed().length === 0) {
        yield* Effect.delay(ask(simulator.url), "5 millis")
        calls++
      }
      // Each call has 7 events, and each of 8 connections 2.
      const total = () => seen.length - missed().length + missed().reduce((sum, count) => sum + count)
      yield* Effect.repeat(Effect.sync(total), {
        until: (events) => events >= calls * 7 + 8 * 2,
        schedule: Schedule.spaced("5 millis")
      })
      yield* Fiber.interrupt(listener)
      assert.strictEqual(total(), calls * 7 + 8 * 2)
    }))

  it.scopedLive("tell a call that ran out of its own time in the queue from one that waited for acquireTimeout", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ behavior: { fault: { _tag: "StallBeforeHeaders" } } })
      const { client, pool, stats } = yield* makePool({ connectionPoolSize: 1, acquireTimeout: "200 millis" })
      const reasons: Array<string> = []
      yield* Effect.forkScoped(Stream.runForEach(pool.events, (event) =>
        Effect.sync(() => {
          if (event._tag === "AcquireFailed") reasons.push(event.reason)
        })))
      yield* Effect.sleep("5 millis")
      yield* Effect.fork(client.execute(generation(simulator.url)))
      yield* simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 1)
      const layer = DashScope.layerPool(pool, { apiKey: "sk-test", endpoint: simulator.url, retry: false })
      const expected = [["50 millis", "total", "interrupted"], ["9 seconds", "acquire", "timeout"]] as const
      for (const [timeout, phase, reason] of expected) {
        const error = yield* Generation.call({ model: "qwen-plus", prompt: "你好" }, { timeout }).pipe(
          Effect.flip,
          Effect.provide(layer)
        )
        assert.strictEqual(error._tag === "RequestTimeout" && error.phase, phase)
        yield* Effect.sleep("5 millis")
        assert.strictEqual(reasons.at(-1), reason)
      }
      assert.strictEqual(reasons.length, 2)
      assert.strictEqual((yield* stats).timedOut, 1)
    }))

  it.scopedLive("end with the pool, after the last of them; of a closed pool there are none", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const scope = yield* Scope.make()
      const { ask, pool } = yield* Scope.extend(makePool({ shutdownTimeout: "1 seconds" }), scope)
      const listener = yield* Effect.fork(Stream.runCollect(pool.events))
      const unread = yield* Effect.fork(Stream.runDrain(Stream.take(pool.events, 1)))
      yield* Effect.sleep("5 millis")
      yield* ask(simulator.url)
      yield* Fiber.join(unread)
      const last = yield* Effect.fork(ask(simulator.url, { latency: 50 }))
      yield* simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 1)
      yield* Scope.close(scope, Exit.void)
      yield* Fiber.join(last)
      const events = Chunk.toReadonlyArray(yield* Effect.timeout(Fiber.join(listener), "20 seconds"))
      assert.strictEqual(events.length, 2 * 7 + 3)
      assert.deepStrictEqual(events.slice(-3).map(({ _tag }) => _tag), ["ResponseEnded", "Released", "Closed"])
      assert.deepInclude({ ...events.at(-1) }, { reason: "shutdown", requests: 2 })
      // Nothing is told of what comes too late, and nobody waits for it.
      const late = yield* Effect.fork(Stream.runCollect(pool.events))
      yield* poolErrorOf(ask(simulator.url))
      assert.strictEqual(Chunk.size(yield* Effect.timeout(Fiber.join(late), "20 seconds")), 0)
    }))

  it.scopedLive("say at their end, too, how many were missed", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const scope = yield* Scope.make()
      const { ask, pool } = yield* Scope.extend(makePool({ connectionPoolSize: 8 }), scope)
      const seen: Array<ConnectionEvent> = []
      const closed = yield* Deferred.make<void>()
      const listener = yield* Effect.fork(
        Stream.runForEach(
          pool.events,
          (event) => Effect.suspend(() => seen.push(event) === 1 ? Deferred.await(closed) : Effect.void)
        )
      )
      yield* Effect.sleep("5 millis")
      yield* Effect.all(Array.from({ length: 700 }, () => ask(simulator.url)), { concurrency: 32, discard: true })
      yield* Scope.close(scope, Exit.void)
      yield* Deferred.succeed(closed, undefined)
      yield* Effect.timeout(Fiber.join(listener), "20 seconds")
      const last = seen.at(-1)
      const missed = last?._tag === "Missed" ? last.count : 0
      assert.isAbove(missed, 0)
      // 700 calls with 7 events each over 8 connections with 3.
      assert.strictEqual(seen.length - 1 + missed, 700 * 7 + 8 * 3)
    }))
})
