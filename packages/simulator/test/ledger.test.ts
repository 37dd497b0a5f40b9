import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import { Ledger } from "../src/internal/ledger.js"

const settled = (ledger: Ledger) => Effect.async<void>((resume) => ledger.whenSettled(() => resume(Effect.void)))

const noTraffic = () => ({ received: 0, sent: 0 })

const make = () => {
  const ledger = new Ledger()
  ledger.addPort(1)
  ledger.addPort(2)
  return ledger
}

describe("the ledger", () => {
  it.effect("does not count a connection twice whose end is reported after its successor", () =>
    Effect.gen(function*() {
      const ledger = make()
      const first = ledger.connectionOpened(1, noTraffic)
      yield* settled(ledger)
      // The order in which the kernel may report "close the first, open the second".
      ledger.connectionOpened(1, noTraffic)
      first.gone()
      yield* settled(ledger)
      const { all } = ledger.snapshot()
      assert.deepInclude(all, { openConnections: 1, maxOpenConnections: 1, totalConnections: 2 })
    }))

  it.effect("counts what is open together, even for a moment", () =>
    Effect.gen(function*() {
      const ledger = make()
      const requests = [1, 2, 1].map((port) => ledger.requestArrived(port))
      for (const request of requests) {
        request.done(true)
      }
      assert.deepInclude(ledger.snapshot().all, { requestsInFlight: 0, totalRequests: 3 })
      yield* settled(ledger)
      const { all, byPort } = ledger.snapshot()
      assert.deepInclude(all, { maxRequestsInFlight: 3, abortedRequests: 0 })
      assert.strictEqual(byPort.get(1)?.maxRequestsInFlight, 2)
      assert.strictEqual(byPort.get(2)?.maxRequestsInFlight, 1)
    }))

  it.effect("counts a connection that the server closes at once, and not together with its successor", () =>
    Effect.gen(function*() {
      const ledger = make()
      for (let i = 0; i < 3; i++) {
        ledger.connectionOpened(1, noTraffic).closed()
      }
      yield* settled(ledger)
      assert.deepInclude(ledger.snapshot().all, { openConnections: 0, maxOpenConnections: 1, totalConnections: 3 })
    }))

  it.effect("does not count a connection whose client had gone before it was seen", () =>
    Effect.gen(function*() {
      const ledger = make()
      const late = ledger.connectionOpened(1, noTraffic)
      ledger.connectionOpened(2, noTraffic)
      // What was sent is read in one poll, the end behind it in the next.
      yield* Effect.async<void>((resume) => void setImmediate(() => setImmediate(() => resume(Effect.void))))
      late.gone()
      late.closed()
      yield* settled(ledger)
      assert.deepInclude(ledger.snapshot().all, { openConnections: 1, maxOpenConnections: 1 })
    }))

  it.effect("counts requests one after the other as one", () =>
    Effect.gen(function*() {
      const ledger = make()
      for (let i = 0; i < 5; i++) {
        ledger.requestArrived(1).done(true)
      }
      yield* settled(ledger)
      assert.deepInclude(ledger.snapshot().all, { maxRequestsInFlight: 1, totalRequests: 5 })
    }))

  it.effect("adds up bytes of live and closed connections", () =>
    Effect.gen(function*() {
      const ledger = make()
      let sent = 10
      const one = ledger.connectionOpened(1, () => ({ received: 5, sent }))
      const two = ledger.connectionOpened(2, () => ({ received: 1, sent: 1 }))
      two.closed()
      two.closed()
      sent = 20
      assert.deepInclude(ledger.snapshot().all, { bytesReceived: 6, bytesSent: 21 })
      ledger.reset()
      assert.deepInclude(ledger.snapshot().all, { bytesReceived: 0, bytesSent: 0 })
      sent = 25
      one.closed()
      assert.deepInclude(ledger.snapshot().all, { bytesReceived: 0, bytesSent: 5, openConnections: 0 })
      yield* settled(ledger)
      assert.strictEqual(ledger.snapshot().byPort.get(1)?.bytesSent, 5)
    }))

  it.effect.prop("returns to zero, and never counts above what was open", [
    FastCheck.array(FastCheck.constantFrom("arrive", "end", "die", "turn"), { maxLength: 60 })
  ], ([moves]) =>
    Effect.gen(function*() {
      const ledger = make()
      const open: Array<ReturnType<Ledger["requestArrived"]>> = []
      let most = 0
      let died = 0
      for (const move of moves) {
        if (move === "arrive") {
          open.push(ledger.requestArrived(1))
          most = Math.max(most, open.length)
        } else if (move === "turn") {
          yield* Effect.yieldNow()
        } else {
          const request = open.shift()
          request?.done(move === "end")
          request?.done(true)
          died += request !== undefined && move === "die" ? 1 : 0
        }
        assert.strictEqual(ledger.snapshot().all.requestsInFlight, open.length)
      }
      yield* settled(ledger)
      assert.isAtMost(ledger.snapshot().all.maxRequestsInFlight, most)
      if (died === 0) {
        assert.strictEqual(ledger.snapshot().all.maxRequestsInFlight, most)
      }
      for (const request of open) {
        request.done(true)
      }
      yield* settled(ledger)
      ledger.reset()
      assert.deepInclude(ledger.snapshot().all, {
        requestsInFlight: 0,
        maxRequestsInFlight: 0,
        totalRequests: 0,
        abortedRequests: 0
      })
    }))
})
