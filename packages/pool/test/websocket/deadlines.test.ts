import { assert, describe, it } from "@effect/vitest"
import { ProxySimulator } from "effect-dashscope-simulator"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import type * as ConnectionConfig from "../../src/ConnectionConfig.js"
import type { TimeoutPhase } from "../../src/ConnectionError.js"
import * as Deadline from "../../src/Deadline.js"
import * as WebSocket from "../../src/WebSocket.js"
import type { OpenError } from "../../src/WebSocketError.js"
import { serve } from "../util/rawServer.js"
import { assertAllBack, makePool } from "../util/support.js"
import { serveWebSockets } from "../util/webSocketServer.js"

/** One at 60 ms, all others far away: the one and no other must fire. */
const short = 60

type Knob = "acquireTimeout" | "connectTimeout" | "writeTimeout" | "readTimeout"

const knobs = (knob: Knob): ConnectionConfig.Input => ({
  connectionPoolSize: 1,
  acquireTimeout: "20 seconds",
  connectTimeout: "20 seconds",
  writeTimeout: "20 seconds",
  readTimeout: "20 seconds",
  [knob]: Duration.millis(short)
})

const assertTimeout = (error: OpenError, phase: TimeoutPhase) => {
  assert.strictEqual(error._tag, "RequestTimeout")
  if (error._tag !== "RequestTimeout") return
  assert.deepStrictEqual([error.phase, Duration.toMillis(error.duration)], [phase, short])
}

const megabyte = new Uint8Array(1024 * 1024)

/** Sends until it cannot. */
const flood = (lease: WebSocket.Lease) => Effect.forever(lease.send(megabyte))

describe("each deadline fires alone", () => {
  it.scopedLive("acquire", () =>
    Effect.gen(function*() {
      const server = yield* serveWebSockets()
      const { pool } = yield* makePool(knobs("acquireTimeout"))
      yield* WebSocket.openWith(pool, { url: server.url })
      assertTimeout(yield* Effect.flip(WebSocket.openWith(pool, { url: server.url })), "acquire")
    }))

  it.scopedLive("connect, while the handshake is not answered", () =>
    Effect.gen(function*() {
      const server = yield* serveWebSockets({ onUpgrade: () => true })
      const { pool, stats } = yield* makePool(knobs("connectTimeout"))
      assertTimeout(yield* Effect.flip(WebSocket.openWith(pool, { url: server.url })), "connect")
      assert.strictEqual(server.counts.handshakes, 1)
      yield* server.waitFor(({ open }) => open === 0)
      assertAllBack(yield* stats)
    }))

  it.scopedLive("connect, while TLS is not answered", () =>
    Effect.gen(function*() {
      const silent = yield* serve(() => {})
      const { pool, stats } = yield* makePool(knobs("connectTimeout"))
      const url = silent.replace("http", "wss")
      assertTimeout(yield* Effect.flip(WebSocket.openWith(pool, { url })), "connect")
      assertAllBack(yield* stats)
    }))

  it.scopedLive("connect, while a proxy does not answer", () =>
    Effect.gen(function*() {
      const proxy = yield* ProxySimulator.make({ fault: "stall" })
      const { pool, stats } = yield* makePool({ ...knobs("connectTimeout"), proxy: proxy.url })
      assertTimeout(yield* Effect.flip(WebSocket.openWith(pool, { url: "ws://127.0.0.1:9/" })), "connect")
      assertAllBack(yield* stats)
    }))

  it.scopedLive("write, where the peer takes nothing", () =>
    Effect.gen(function*() {
      const server = yield* serveWebSockets({ onOpen: (ws) => ws.pause() })
      const { pool, stats } = yield* makePool(knobs("writeTimeout"))
      const lease = yield* WebSocket.openWith(pool, { url: server.url })
      assertTimeout(yield* Effect.flip(flood(lease)), "write")
      assertTimeout(yield* Effect.flip(lease.take), "write")
      assertAllBack(yield* stats)
    }))

  it.scopedLive("write, for one who sends once and then listens", () =>
    Effect.gen(function*() {
      const server = yield* serveWebSockets({ onOpen: (ws) => ws.pause() })
      const { pool } = yield* makePool({ ...knobs("writeTimeout"), readTimeout: "100 millis" })
      const lease = yield* WebSocket.openWith(pool, { url: server.url })
      yield* lease.send(new Uint8Array(16 * 1024 * 1024))
      assertTimeout(yield* Effect.flip(lease.take), "write")
    }))

  it.scopedLive("read, where the peer is silent; the lease's own value before the pool's", () =>
    Effect.gen(function*() {
      const server = yield* serveWebSockets({ onOpen: () => {} })
      for (const own of [false, true]) {
        const { pool, stats } = yield* makePool(knobs(own ? "acquireTimeout" : "readTimeout"))
        const lease = yield* WebSocket.openWith(pool, {
          url: server.url,
          readTimeout: own ? Duration.millis(short) : undefined
        })
        yield* lease.send("anybody there?")
        assertTimeout(yield* Effect.flip(lease.take), "read")
        assertAllBack(yield* stats)
      }
    }))

  it.scopedLive("the call's own, through the whole lease", () =>
    Effect.gen(function*() {
      const server = yield* serveWebSockets({ onOpen: () => {} })
      const { pool, stats } = yield* makePool(knobs("acquireTimeout"))
      const opened = Deadline.within(WebSocket.openWith(pool, { url: server.url }), Duration.millis(short))
      assertTimeout(yield* Effect.flip(Effect.flatMap(opened, (lease) => lease.take)), "total")
      assertAllBack(yield* stats)
    }))
})

describe("silence", () => {
  it.scoped("is broken by a ping, a part of a message, and what is sent, by the pool's clock", () =>
    Effect.gen(function*() {
      const signs: Array<() => void> = []
      const server = yield* serveWebSockets({
        onOpen: (ws) => {
          signs.push(() => ws.ping(), () => ws.pong(), () => ws.send("half", { fin: false }))
        }
      })
      const { pool } = yield* makePool({ readTimeout: "10 seconds" })
      const lease = yield* WebSocket.openWith(pool, { url: server.url })
      const inbox = yield* Effect.fork(Effect.flip(lease.take))
      const [socket] = server.sockets
      let seen = socket!.bytesWritten
      for (const sign of signs) {
        yield* TestClock.adjust("9 seconds")
        sign()
        // It has come when this process has read it, which no clock says.
        yield* arrives
        assert.isAbove(socket!.bytesWritten, seen)
        seen = socket!.bytesWritten
      }
      yield* TestClock.adjust("9 seconds")
      yield* lease.send("I am here")
      yield* TestClock.adjust("9 seconds")
      assert.isNull(Option.getOrNull(yield* Fiber.poll(inbox)))
      yield* TestClock.adjust("1 seconds")
      const error = yield* Fiber.join(inbox)
      assert.isTrue(error._tag === "RequestTimeout" && error.phase === "read")
    }))

  it.scoped("does not count while the reader has enough", () =>
    Effect.gen(function*() {
      const server = yield* serveWebSockets({
        onOpen: (ws) => {
          for (let i = 0; i < 12; i++) ws.send(megabyte)
        }
      })
      const { pool } = yield* makePool({ readTimeout: "10 seconds" })
      const lease = yield* WebSocket.openWith(pool, { url: server.url })
      yield* arrives
      yield* TestClock.adjust("1 hour")
      let size = 0
      while (size < 12 * megabyte.length) {
        for (const message of yield* lease.take) size += message.length
      }
      assert.strictEqual(size, 12 * megabyte.length)
    }))

  it.scoped("an idle WebSocket goes after its own time, or the pool's", () =>
    Effect.gen(function*() {
      const server = yield* serveWebSockets()
      const { pool, stats } = yield* makePool({ connectionIdleTimeout: "30 seconds" })
      const leave = (longestIdle: "10 seconds" | "2 minutes") =>
        Effect.scoped(Effect.gen(function*() {
          const lease = yield* WebSocket.openWith(pool, { url: server.url, reuse: { key: longestIdle, longestIdle } })
          yield* lease.keep
          return lease.isReused
        }))
      yield* leave("10 seconds")
      yield* leave("2 minutes")
      yield* TestClock.adjust("9 seconds")
      assert.strictEqual((yield* stats).idle, 2)
      yield* TestClock.adjust("1 seconds")
      assert.strictEqual((yield* stats).idle, 1)
      yield* TestClock.adjust("20 seconds")
      const now = yield* stats
      assert.deepStrictEqual([now.idle, now.closed.idle], [0, 2])
      yield* server.waitFor(({ open }) => open === 0)
    }))

  it.scoped("one older than connectionMaxLifetime is not kept", () =>
    Effect.gen(function*() {
      const server = yield* serveWebSockets()
      const { pool, stats } = yield* makePool({ connectionMaxLifetime: "10 seconds" })
      yield* Effect.scoped(Effect.gen(function*() {
        const lease = yield* WebSocket.openWith(pool, { url: server.url, reuse: {} })
        yield* TestClock.adjust("10 seconds")
        yield* lease.keep
      }))
      assert.strictEqual((yield* stats).closed.lifetime, 1)
    }))
})

/** Until what was sent has come: a good many turns of the event loop. */
const arrives = Effect.async<void>((resume) => {
  const turn = (left: number) => left === 0 ? resume(Effect.void) : setImmediate(() => turn(left - 1))
  setTimeout(() => turn(20), 20)
})
