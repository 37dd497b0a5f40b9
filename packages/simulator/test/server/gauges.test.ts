import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import { Gauges } from "../../src/internal/server/gauges.js"

const settled = (gauges: Gauges) => Effect.async<void>((resume) => gauges.whenSettled(() => resume(Effect.void)))

const noTraffic = () => ({ received: 0, sent: 0 })

const make = () => {
  const gauges = new Gauges()
  gauges.addPort(1)
  gauges.addPort(2)
  return gauges
}

describe("the gauges", () => {
  it.effect("does not count a connection twice whose end is reported after its successor", () =>
    Effect.gen(function*() {
      const gauges = make()
      const first = gauges.connectionOpened(1, noTraffic)
      yield* settled(gauges)
      // The order in which the kernel may report "close the first, open the second".
      gauges.connectionOpened(1, noTraffic)
      first.gone()
      yield* settled(gauges)
      const { all } = gauges.snapshot()
      assert.deepInclude(all, { openConnections: 1, maxOpenConnections: 1, totalConnections: 2 })
    }))

  it.effect("counts what is open together, even for a moment", () =>
    Effect.gen(function*() {
      const gauges = make()
      const requests = [1, 2, 1].map((port) => gauges.requestArrived(port))
      for (const request of requests) {
        request.done(true)
      }
      assert.deepInclude(gauges.snapshot().all, { requestsInFlight: 0, totalRequests: 3 })
      yield* settled(gauges)
      const { all, byPort } = gauges.snapshot()
      assert.deepInclude(all, { maxRequestsInFlight: 3, abortedRequests: 0 })
      assert.strictEqual(byPort.get(1)?.maxRequestsInFlight, 2)
      assert.strictEqual(byPort.get(2)?.maxRequestsInFlight, 1)
    }))

  it.effect("counts a connection that the server closes at once, and not together with its successor", () =>
    Effect.gen(function*() {
      const gauges = make()
      for (let i = 0; i < 3; i++) {
        gauges.connectionOpened(1, noTraffic).closed()
      }
      yield* settled(gauges)
      assert.deepInclude(gauges.snapshot().all, { openConnections: 0, maxOpenConnections: 1, totalConnections: 3 })
    }))

  it.effect("does not count a connection whose client had gone before it was seen", () =>
    Effect.gen(function*() {
      const gauges = make()
      const late = gauges.connectionOpened(1, noTraffic)
      gauges.connectionOpened(2, noTraffic)
      // What was sent is read in one poll, the end behind it in the next.
      yield* Effect.async<void>((resume) => void setImmediate(() => setImmediate(() => resume(Effect.void))))
      late.gone()
      late.closed()
      yield* settled(gauges)
      assert.deepInclude(gauges.snapshot().all, { openConnections: 1, maxOpenConnections: 1 })
    }))

  it.effect("counts requests one after the other as one", () =>
    Effect.gen(function*() {
      const gauges = make()
      for (let i = 0; i < 5; i++) {
        gauges.requestArrived(1).done(true)
      }
      yield* settled(gauges)
      assert.deepInclude(gauges.snapshot().all, { maxRequestsInFlight: 1, totalRequests: 5 })
    }))

  it.effect("adds up bytes of live and closed connections", () =>
    Effect.gen(function*() {
      const gauges = make()
      let sent = 10
      const one = gauges.connectionOpened(1, () => ({ received: 5, sent }))
      const two = gauges.connectionOpened(2, () => ({ received: 1, sent: 1 }))
      two.closed()
      two.closed()
      sent = 20
      assert.deepInclude(gauges.snapshot().all, { bytesReceived: 6, bytesSent: 21 })
      gauges.reset()
      assert.deepInclude(gauges.snapshot().all, { bytesReceived: 0, bytesSent: 0 })
      sent = 25
      one.closed()
      assert.deepInclude(gauges.snapshot().all, { bytesReceived: 0, bytesSent: 5, openConnections: 0 })
      yield* settled(gauges)
      assert.strictEqual(gauges.snapshot().byPort.get(1)?.bytesSent, 5)
    }))

  it.effect.prop("returns to zero, and never counts above what was open", [
    FastCheck.array(FastCheck.constantFrom("arrive", "end", "die", "turn"), { maxLength: 60 })
  ], ([moves]) =>
    Effect.gen(function*() {
      const gauges = make()
      const open: Array<ReturnType<Gauges["requestArrived"]>> = []
      let most = 0
      let died = 0
      for (const move of moves) {
        if (move === "arrive") {
          open.push(gauges.requestArrived(1))
          most = Math.max(most, open.length)
        } else if (move === "turn") {
          yield* Effect.yieldNow()
        } else {
          const request = open.shift()
          request?.done(move === "end")
          request?.done(true)
          died += request !== undefined && move === "die" ? 1 : 0
        }
        assert.strictEqual(gauges.snapshot().all.requestsInFlight, open.length)
      }
      yield* settled(gauges)
      assert.isAtMost(gauges.snapshot().all.maxRequestsInFlight, most)
      if (died === 0) {
        assert.strictEqual(gauges.snapshot().all.maxRequestsInFlight, most)
      }
      for (const request of open) {
        request.done(true)
      }
      yield* settled(gauges)
      gauges.reset()
      assert.deepInclude(gauges.snapshot().all, {
        requestsInFlight: 0,
        maxRequestsInFlight: 0,
        totalRequests: 0,
        abortedRequests: 0
      })
    }))
})
