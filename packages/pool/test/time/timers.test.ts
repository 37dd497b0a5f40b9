import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import * as Clock from "effect/Clock"
import { stat } from "node:fs"
import * as Timers from "../../src/internal/time/timers.js"
import { answerOf, onRequests, serve } from "../util/rawServer.js"
import { makePool } from "../util/support.js"

const live = Effect.map(Effect.runtime(), (runtime) => Timers.fromClock(Clock.make(), runtime))

/** Nothing else of this thread runs for so long; others do. */
const work = (millis: number) => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, millis)
}

describe("timers", () => {
  it.live("run what was at hand before they are due to judge", () =>
    Effect.gen(function*() {
      const timers = yield* live
      const order: Array<string> = []
      yield* Effect.async<void>((resume) => {
        timers.schedule(5, () => {
          order.push("due")
          resume(Effect.void)
        })
        // Done long before the timer, and heard of after it.
        stat("/", () => order.push("heard"))
        work(400)
      })
      assert.deepStrictEqual(order, ["heard", "due"])
    }))

  it.live("excuse the time in which this process heard nobody, once", () =>
    Effect.gen(function*() {
      const timers = yield* live
      const start = performance.now()
      yield* Effect.async<void>((resume) => {
        timers.schedule(100, () => resume(Effect.void))
        work(300)
      })
      const took = performance.now() - start
      assert.isAtLeast(took, 395)
    }))

  it.live("do not run once they are cancelled, however late", () =>
    Effect.gen(function*() {
      const timers = yield* live
      let ran = 0
      const cancels = [0, 1, 100].map((delay) => timers.schedule(delay, () => ran++))
      work(120)
      yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 0)))
      for (const cancel of cancels) cancel()
      const before = ran
      yield* Effect.sleep("150 millis")
      assert.strictEqual(ran, before)
    }))
})

describe("a busy process", () => {
  it.scopedLive("does not take its own silence for the peer's", () =>
    Effect.gen(function*() {
      const origin = yield* serve((socket) => onRequests(socket, () => socket.write(answerOf("in time"))))
      const { client } = yield* makePool({ readTimeout: "100 millis", connectTimeout: "100 millis" })
      const ask = Effect.flatMap(client.get(origin), (response) => response.text)
      const dialling = yield* Effect.fork(ask)
      yield* Effect.yieldNow()
      work(300)
      assert.strictEqual(yield* Fiber.join(dialling), "in time")
    }))
})
