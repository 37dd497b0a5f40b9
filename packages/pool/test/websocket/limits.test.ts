import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import type { ConnectionEvent } from "../../src/ConnectionEvent.js"
import type * as ConnectionPool from "../../src/ConnectionPool.js"
import { TypeId } from "../../src/ConnectionPool.js"
import * as WebSocket from "../../src/WebSocket.js"
import { Ledger } from "../util/eventLedger.js"
import { assertAllBack, makePool } from "../util/support.js"
import { serveWebSockets } from "../util/webSocketServer.js"

const until = (stats: Effect.Effect<ConnectionPool.Stats>, condition: (stats: ConnectionPool.Stats) => boolean) =>
  Effect.repeat(stats, { until: condition, schedule: Schedule.spaced("2 millis") })

describe("leases and requests share one pool", () => {
  it.scopedLive("of 8: the server never sees more sockets, and each event has its end", () =>
    Effect.gen(function*() {
      const server = yield* serveWebSockets()
      const other = yield* serveWebSockets()
      const scope = yield* Scope.make()
      const { client, pool, stats } = yield* Scope.extend(makePool({ connectionPoolSize: 8 }), scope)
      const events = new Ledger()
      const carried = { leases: 0 }
      pool[TypeId].observer.listen((event: ConnectionEvent) => events.add(event))
      const speak = (i: number) =>
        Effect.scoped(Effect.gen(function*() {
          const lease = yield* WebSocket.openWith(pool, {
            url: (i % 5 === 0 ? other : server).url,
            reuse: i % 3 === 0 ? undefined : {}
          })
          for (let n = 0; n < 3; n++) {
            yield* lease.send(`${i}.${n}`)
            // Nothing of another lease.
            assert.deepStrictEqual(yield* lease.take, [`${i}.${n}`])
          }
          if (i % 3 === 1) yield* lease.keep
          if (i % 3 === 2) yield* lease.close()
          carried.leases++
        }))
      const ask = Effect.flatMap(client.execute(HttpClientRequest.get(server.http)), (response) => response.text).pipe(
        Effect.asVoid,
        Effect.orDie
      )
      yield* Effect.forEach(Array.from({ length: 90 }), (_, i) => i % 2 === 0 ? speak(i) : ask, {
        concurrency: "unbounded",
        discard: true
      })
      assert.strictEqual(carried.leases, 45)
      assert.isAtMost(server.counts.most + other.counts.most, 16)
      assert.isAtMost(server.counts.most, 8)
      const now = yield* stats
      assertAllBack(now)
      assert.isAtMost(now.open, 8)
      assert.strictEqual(now.acquired, 90)
      assert.isAbove(now.reused, 0)
      yield* Scope.close(scope, Exit.void)
      const after = yield* stats
      assert.strictEqual(after.open, 0)
      assert.strictEqual(events.count("Acquired"), 90)
      assert.strictEqual(events.count("Released"), 90)
      assert.strictEqual(events.count("Connected"), events.count("Closed"))
      assert.strictEqual(events.count("RequestStarted"), events.count("ResponseEnded"))
      yield* server.waitFor(({ open }) => open === 0)
      yield* other.waitFor(({ open }) => open === 0)
    }))

  it.scopedLive("200 leases one after another use one socket, of the one used last", () =>
    Effect.gen(function*() {
      const server = yield* serveWebSockets()
      const { pool, stats } = yield* makePool({ connectionPoolSize: 4 })
      for (let i = 0; i < 200; i++) {
        yield* Effect.scoped(Effect.gen(function*() {
          const lease = yield* WebSocket.openWith(pool, { url: server.url, reuse: {} })
          assert.strictEqual(lease.isReused, i > 0)
          yield* lease.send(String(i))
          assert.deepStrictEqual(yield* lease.take, [String(i)])
          yield* lease.keep
        }))
      }
      assert.deepStrictEqual([server.counts.total, server.counts.handshakes], [1, 1])
      const now = yield* stats
      assert.deepStrictEqual([now.opened, now.reused, now.acquired, now.idle], [1, 199, 200, 1])
    }))

  it.scopedLive("limits of permits hold, also of each host; and those who wait are refused as requests are", () =>
    Effect.gen(function*() {
      const server = yield* serveWebSockets()
      const { pool, stats } = yield* makePool({
        connectionPoolSize: 4,
        maximumAsyncRequests: 3,
        maximumAsyncRequestsPerHost: 2,
        maximumPendingRequests: 1,
        acquireTimeout: "500 millis"
      })
      const open = WebSocket.openWith(pool, { url: server.url })
      yield* open
      yield* open
      const third = yield* Effect.fork(Effect.flip(Effect.scoped(open)))
      yield* until(stats, ({ waiting }) => waiting === 1)
      const fourth = yield* Effect.flip(open)
      assert.strictEqual(fourth._tag, "PoolExhausted")
      const late = yield* Fiber.join(third)
      assert.isTrue(late._tag === "RequestTimeout" && late.phase === "acquire")
      assert.strictEqual(server.counts.total, 2)
      const now = yield* stats
      assert.deepStrictEqual([now.timedOut, now.rejected, now.waiting], [1, 1, 0])
    }))

  it.scopedLive("idle WebSockets make room for others, and leases of another key get a socket of their own", () =>
    Effect.gen(function*() {
      const server = yield* serveWebSockets()
      const { client, pool, stats } = yield* makePool({ connectionPoolSize: 1 })
      const leave = (key: string) =>
        Effect.scoped(Effect.gen(function*() {
          const lease = yield* WebSocket.openWith(pool, { url: server.url, reuse: { key } })
          yield* lease.keep
          return lease.isReused
        }))
      assert.isFalse(yield* leave("a"))
      assert.isTrue(yield* leave("a"))
      assert.isFalse(yield* leave("b"))
      assert.isFalse(yield* leave("a"))
      assert.strictEqual((yield* stats).closed.evicted, 2)
      yield* Effect.flatMap(client.execute(HttpClientRequest.get(server.http)), (response) => response.text)
      assert.strictEqual((yield* stats).closed.evicted, 3)
      // And the other way round.
      assert.isFalse(yield* leave("a"))
      assert.strictEqual(server.counts.most, 1)
    }))

  it.scopedLive("what differs in URL, subprotocol, headers or limit is never mixed", () =>
    Effect.gen(function*() {
      const server = yield* serveWebSockets({ protocols: (offered) => [...offered][0] ?? false })
      const { pool, stats } = yield* makePool({ connectionPoolSize: 8 })
      const leave = (options: Partial<WebSocket.Options>) =>
        Effect.scoped(Effect.gen(function*() {
          const lease = yield* WebSocket.openWith(pool, { url: server.url, reuse: {}, ...options })
          yield* lease.keep
          return lease.isReused
        }))
      const kinds: ReadonlyArray<Partial<WebSocket.Options>> = [
        {},
        { url: `${server.url}?model=a` },
        { protocols: ["v1"] },
        { headers: { authorization: "Bearer sk-one" } },
        { headers: { authorization: "Bearer sk-two" } },
        { maxPayload: 1000 },
        { reuse: { key: "mine" } }
      ]
      for (const kind of kinds) assert.isFalse(yield* leave(kind))
      for (const kind of kinds) assert.isTrue(yield* leave(kind))
      // Only the first says that it may be used again.
      assert.isFalse(yield* leave({ reuse: undefined }))
      assert.strictEqual((yield* stats).idle, kinds.length)
    }))
})

describe("closing the pool", () => {
  it.scopedLive("gives leases its patience, then aborts them; idle ones go at once", () =>
    Effect.gen(function*() {
      const server = yield* serveWebSockets()
      const scope = yield* Scope.make()
      const { pool, stats } = yield* Scope.extend(makePool({ shutdownTimeout: "40 millis" }), scope)
      yield* Effect.scoped(Effect.flatMap(
        WebSocket.openWith(pool, { url: server.url, reuse: {} }),
        (lease) => lease.keep
      ))
      const opened = yield* Deferred.make<void>()
      const held = yield* Effect.fork(Effect.scoped(Effect.gen(function*() {
        const lease = yield* WebSocket.openWith(pool, { url: server.url })
        yield* Deferred.succeed(opened, undefined)
        return yield* Effect.flip(lease.take)
      })))
      yield* Deferred.await(opened)
      yield* Scope.close(scope, Exit.void)
      const error = yield* Fiber.join(held)
      assert.isTrue(error._tag === "ConnectionError" && error.reason === "Closed")
      const after = yield* stats
      assert.deepStrictEqual([after.open, after.inFlight, after.closed.shutdown], [0, 0, 2])
      const late = yield* Effect.flip(WebSocket.openWith(pool, { url: server.url }))
      assert.isTrue(late._tag === "ConnectionError" && late.reason === "Closed")
      yield* server.waitFor(({ open }) => open === 0)
    }))
})
