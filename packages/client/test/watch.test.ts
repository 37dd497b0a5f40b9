import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Logger, Stream, TestClock } from "effect"
import { Simulator } from "effect-dashscope-simulator"
import type { ConnectionEvent } from "../src/ConnectionEvent.js"
import { makePool } from "./support.js"

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
        const { ask } = yield* makePool({ leakDetectionThreshold: "50 millis" })
        yield* ask(simulator.url)
        yield* ask(simulator.url, { latency: 120 }).pipe(Effect.withSpan("slow-report"))
      }).pipe(Effect.provide(layer))
      assert.strictEqual(lines.length, 2)
      assert.include(lines[0], "held for 50ms by POST http://127.0.0.1:")
      assert.include(lines[0], "spans http.client POST < slow-report")
      assert.include(lines[0], "support.ts", "the stack leads to the caller")
      assert.match(lines[1]!, /No leak after all: the permit came back after 1\d\dms/)
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
      const listener = yield* Effect.fork(
        Stream.runForEach(
          pool.events,
          (event) => Effect.suspend(() => seen.push(event) === 1 ? Effect.sleep("2 seconds") : Effect.void)
        )
      )
      yield* Effect.sleep("5 millis")
      yield* Effect.all(Array.from({ length: 3000 }, () => ask(simulator.url)), { concurrency: 32, discard: true })
      yield* Effect.sleep("2 seconds")
      yield* ask(simulator.url)
      yield* Effect.sleep("50 millis")
      yield* Fiber.interrupt(listener)
      const missed = seen.filter((event) => event._tag === "Missed")
      assert.strictEqual(missed.length, 1)
      // 3,001 calls with 7 events each over 8 connections with 2.
      const total = seen.length - 1 + (missed[0]?._tag === "Missed" ? missed[0].count : 0)
      assert.strictEqual(total, 3001 * 7 + 8 * 2)
    }))
})
