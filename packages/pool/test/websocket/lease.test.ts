import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { inspect } from "node:util"
import { casesOf } from "../../../../scripts/thorough.js"
import * as ConnectionPool from "../../src/ConnectionPool.js"
import * as WebSocket from "../../src/WebSocket.js"
import type { WebSocketError } from "../../src/WebSocketError.js"
import { assertAllBack, makePool } from "../util/support.js"
import { echo, serveWebSockets } from "../util/webSocketServer.js"

const key = "sk-0123456789abcdef"
const headers = { authorization: Redacted.make(`Bearer ${key}`) }

const first = (lease: WebSocket.Lease) => Effect.map(lease.take, ([message]) => message)

describe("a lease", () => {
  it.scopedLive("carries texts and bytes both ways, and gives all back with its scope", () =>
    Effect.gen(function*() {
      const server = yield* serveWebSockets()
      const { pool, stats } = yield* makePool({ connectionPoolSize: 2 })
      yield* Effect.scoped(Effect.gen(function*() {
        const lease = yield* WebSocket.openWith(pool, { url: server.url, headers })
        assert.isFalse(lease.isReused)
        assert.strictEqual(lease.headers["upgrade"], "websocket")
        yield* lease.send("你好")
        assert.strictEqual(yield* first(lease), "你好")
        const sent = Uint8Array.of(1, 2, 3)
        yield* lease.send(sent)
        const bytes = yield* first(lease)
        assert.instanceOf(bytes, Uint8Array)
        assert.deepStrictEqual([...bytes as Uint8Array], [1, 2, 3])
        // Masking is not done in what the caller owns.
        assert.deepStrictEqual([...sent], [1, 2, 3])
        yield* lease.send("")
        assert.strictEqual(yield* first(lease), "")
        const now = yield* stats
        assert.deepStrictEqual([now.active, now.inFlight, now.acquired], [1, 1, 1])
        assert.deepStrictEqual(Object.keys(now.hosts), [`ws://127.0.0.1:${server.port}`])
        for (const text of [inspect(lease, { depth: 20, showHidden: true }), inspect(pool, { depth: 20 })]) {
          assert.notInclude(text, key)
        }
      }))
      yield* server.waitFor(({ open }) => open === 0)
      const after = yield* stats
      assertAllBack(after)
      assert.strictEqual(after.closed.ended, 1)
    }))

  it.scopedLive("streams messages in order, and takes the subprotocol that the peer chose", () =>
    Effect.gen(function*() {
      const server = yield* serveWebSockets({
        protocols: () => "v2",
        onOpen: (ws) => {
          for (let i = 0; i < 1000; i++) ws.send(String(i))
        }
      })
      const { pool } = yield* makePool()
      const lease = yield* WebSocket.openWith(pool, { url: server.url, protocols: ["v1", "v2"] })
      assert.strictEqual(lease.protocol, "v2")
      const got = yield* Stream.runCollect(Stream.take(lease.messages, 1000))
      assert.deepStrictEqual([...got], Array.from({ length: 1000 }, (_, i) => String(i)))
    }))

  it.scopedLive("answers pings, idle or not", () =>
    Effect.gen(function*() {
      const pongs: Array<string> = []
      let ping = () => {}
      const server = yield* serveWebSockets({
        onOpen: (ws) => {
          ping = () => ws.ping("sign")
          ws.on("pong", (data) => pongs.push(data.toString()))
          echo(ws)
        }
      })
      const { pool, stats } = yield* makePool()
      const answered = (count: number) =>
        Effect.repeat(Effect.sync(() => pongs.length), {
          until: (seen) => seen === count,
          schedule: Schedule.spaced(2)
        })
      yield* Effect.scoped(Effect.gen(function*() {
        const lease = yield* WebSocket.openWith(pool, { url: server.url, reuse: {} })
        ping()
        yield* answered(1)
        yield* lease.keep
      }))
      ping()
      yield* answered(2)
      assert.strictEqual((yield* stats).idle, 1)
    }))

  it.scopedLive("is not kept where a message was not taken, or where it did not say so", () =>
    Effect.gen(function*() {
      let pongs = 0
      const server = yield* serveWebSockets({
        onOpen: (ws) => {
          ws.on("message", (data) => {
            ws.send(data)
            ws.ping()
          })
          ws.on("pong", () => pongs++)
        }
      })
      const { pool, stats } = yield* makePool()
      yield* Effect.scoped(Effect.gen(function*() {
        const lease = yield* WebSocket.openWith(pool, { url: server.url, reuse: {} })
        yield* lease.send("a")
        // The answer to the ping is behind that to the message.
        yield* Effect.repeat(Effect.sync(() => pongs), { until: (seen) => seen === 1, schedule: Schedule.spaced(2) })
        yield* lease.keep
      }))
      yield* Effect.scoped(WebSocket.openWith(pool, { url: server.url, reuse: {} }))
      const now = yield* stats
      assert.deepStrictEqual([now.idle, now.closed.ended, now.reused], [0, 2, 0])
    }))

  for (const how of ["a message", "a close", "a reset"] as const) {
    it.scopedLive(`an idle one that gets ${how} is dropped`, () =>
      Effect.gen(function*() {
        let act = () => {}
        const server = yield* serveWebSockets({
          onOpen: (ws) => {
            act = () =>
              how === "a message" ? ws.send("late") : how === "a close" ? ws.close(1001) : [...server.sockets].forEach(
                (socket) => socket.resetAndDestroy()
              )
          }
        })
        const { pool, stats } = yield* makePool()
        const leave = Effect.scoped(Effect.gen(function*() {
          const lease = yield* WebSocket.openWith(pool, { url: server.url, reuse: {} })
          yield* lease.keep
          return lease.isReused
        }))
        yield* leave
        act()
        yield* Effect.repeat(stats, { until: ({ open }) => open === 0, schedule: Schedule.spaced("2 millis") })
        assert.strictEqual((yield* stats).closed.peer, 1)
        assert.isFalse(yield* leave)
      }))
  }
})

describe("the end", () => {
  const ends: ReadonlyArray<
    readonly [
      name: string,
      act: (ws: Parameters<typeof echo>[0], reset: () => void) => void,
      (error: WebSocketError) => boolean
    ]
  > = [
    [
      "a close frame",
      (ws) => ws.close(1000, "bye"),
      (error) =>
        error._tag === "WebSocketClosed" && error.code === 1000 && error.reason === "bye" && error.isClean &&
        error.initiator === "peer"
    ],
    [
      "a close frame without a code",
      (ws) => ws.close(),
      (error) => error._tag === "WebSocketClosed" && error.code === 1005
    ],
    [
      "an error's code",
      (ws) => ws.close(1011, "oh"),
      (error) => error._tag === "WebSocketClosed" && error.code === 1011
    ],
    [
      "an end without a close frame",
      (ws) => ws.terminate(),
      (error) => error._tag === "ConnectionError" && error.reason === "Truncated" && error.responseStarted
    ],
    [
      "a reset",
      (_, reset) => reset(),
      (error) => error._tag === "ConnectionError" && error.reason === "Reset" && error.responseStarted
    ]
  ]
  for (const [name, act, isRight] of ends) {
    it.scopedLive(`by ${name}: what had come is taken first, then it fails, for all who wait`, () =>
      Effect.gen(function*() {
        const server = yield* serveWebSockets({
          onOpen: (ws) => {
            ws.send("one")
            ws.send(
              "two",
              () => setTimeout(() => act(ws, () => [...server.sockets].forEach((s) => s.resetAndDestroy())), 5)
            )
          }
        })
        const { pool, stats } = yield* makePool()
        yield* Effect.scoped(Effect.gen(function*() {
          const lease = yield* WebSocket.openWith(pool, { url: server.url })
          const got: Array<WebSocket.Message> = []
          const error = yield* Effect.flip(Stream.runForEach(lease.messages, (one) => Effect.sync(() => got.push(one))))
          assert.deepStrictEqual(got, ["one", "two"])
          assert.isTrue(isRight(error), `${error._tag}: ${error.message}`)
          assert.strictEqual(yield* Effect.flip(lease.send("late")), error)
          // All is back before the scope closes.
          assertAllBack(yield* stats)
        }))
        yield* server.waitFor(({ open }) => open === 0)
        assertAllBack(yield* stats)
      }))
  }

  it.scopedLive("by our own close: both sides know the code, and it waits for the peer's", () =>
    Effect.gen(function*() {
      const codes: Array<string> = []
      const server = yield* serveWebSockets({
        onOpen: (ws) => ws.on("close", (code, reason) => codes.push(`${code} ${reason.toString()}`))
      })
      const { pool, stats } = yield* makePool()
      const lease = yield* WebSocket.openWith(pool, { url: server.url })
      yield* lease.close(4000, "done".repeat(100))
      const error = yield* Effect.flip(lease.take)
      assert.isTrue(
        error._tag === "WebSocketClosed" && error.code === 4000 && error.initiator === "client" && error.isClean
      )
      assert.strictEqual((yield* stats).closed.ended, 1)
      yield* server.waitFor(({ open }) => open === 0)
      assert.deepStrictEqual(codes, [`4000 ${"done".repeat(31).slice(0, 123)}`])
      yield* lease.close()
    }))

  it.scopedLive("by our own close, which the peer does not answer", () =>
    Effect.gen(function*() {
      const server = yield* serveWebSockets({ onOpen: (ws) => ws.pause() })
      const { pool, stats } = yield* makePool()
      const lease = yield* WebSocket.openWith(pool, { url: server.url })
      yield* lease.close()
      const error = yield* Effect.flip(lease.take)
      assert.isTrue(error._tag === "WebSocketClosed" && !error.isClean && error.initiator === "client")
      assertAllBack(yield* stats)
    }))

  const violations: ReadonlyArray<readonly [name: string, frame: Uint8Array, RegExp]> = [
    ["a giant frame", Uint8Array.of(0x82, 127, 0, 0, 0, 0, 0x7f, 0, 0, 0), /[Mm]ax payload/],
    ["a text that is not UTF-8", Uint8Array.of(0x81, 1, 0xff), /UTF-8/],
    ["a frame of no kind", Uint8Array.of(0x83, 0), /opcode/],
    ["a masked frame", Uint8Array.of(0x81, 0x81, 0, 0, 0, 0, 65), /MASK/]
  ]
  for (const [name, frame, words] of violations) {
    it.scopedLive(`by ${name}: the peer is told why, and the socket closed`, () =>
      Effect.gen(function*() {
        const codes: Array<number> = []
        const server = yield* serveWebSockets({
          onOpen: (ws) => {
            ws.on("close", (code) => codes.push(code))
            ws.send("before", () => [...server.sockets].forEach((socket) => socket.write(frame)))
          }
        })
        const { pool, stats } = yield* makePool()
        const lease = yield* WebSocket.openWith(pool, { url: server.url, maxPayload: 1000 })
        assert.strictEqual(yield* first(lease), "before")
        const error = yield* Effect.flip(lease.take)
        assert.isTrue(error._tag === "ConnectionError" && error.reason === "Truncated")
        assert.match(error.message, words)
        yield* server.waitFor(({ open }) => open === 0)
        yield* Effect.repeat(Effect.sync(() => codes.length), {
          until: (seen) => seen === 1,
          schedule: Schedule.spaced("2 millis")
        })
        assert.include([1002, 1007, 1009], codes[0])
        assertAllBack(yield* stats)
      }))
  }
})

describe("a slow reader", () => {
  it.scopedLive("slows the peer, and memory stays flat over many megabytes", () =>
    Effect.gen(function*() {
      const piece = new Uint8Array(16 * 1024)
      const pieces = casesOf(6400, 0.15)
      const progress = { sent: 0, taken: 0 }
      const server = yield* serveWebSockets({
        onOpen: (ws) => {
          const push = () => {
            if (progress.sent++ < pieces) ws.send(piece, push)
            else ws.close()
          }
          push()
        }
      })
      const { pool } = yield* makePool()
      const lease = yield* WebSocket.openWith(pool, { url: server.url })
      // Nobody reads: the peer comes to a stop, where the buffers of both systems are full.
      let before = -1
      yield* Effect.repeat(
        Effect.sync(() => {
          const isStill = progress.sent === before
          before = progress.sent
          return isStill
        }),
        { until: (isStill) => isStill, schedule: Schedule.spaced("100 millis") }
      )
      assert.isBelow(progress.sent, pieces)
      const most = { ahead: 0 }
      const { arrayBuffers } = process.memoryUsage()
      let grown = 0
      yield* Stream.runForEach(lease.messages, (message) =>
        Effect.sync(() => {
          assert.strictEqual(message.length, piece.length)
          progress.taken++
          most.ahead = Math.max(most.ahead, progress.sent - progress.taken)
          if (progress.taken % 200 === 0) grown = Math.max(grown, process.memoryUsage().arrayBuffers - arrayBuffers)
        })).pipe(Effect.flip)
      assert.strictEqual(progress.taken, pieces)
      // What may be under way is what was before anybody read, and what is taken in one go.
      assert.isBelow(most.ahead, before + 200)
      assert.isBelow(grown, 64 * 1024 * 1024)
    }), 60_000)

  it.scopedLive("sending waits while the peer does not read, and goes on when it does", () =>
    Effect.gen(function*() {
      const got = { bytes: 0 }
      let read = () => {}
      const server = yield* serveWebSockets({
        onOpen: (ws) => {
          ws.pause()
          read = () => ws.resume()
          ws.on("message", (data: Buffer) => got.bytes += data.length)
        }
      })
      const { pool } = yield* makePool()
      const lease = yield* WebSocket.openWith(pool, { url: server.url })
      const piece = new Uint8Array(256 * 1024)
      const count = 80
      let sent = 0
      const sender = yield* Effect.fork(
        Effect.repeatN(Effect.tap(lease.send(piece), () => Effect.sync(() => sent++)), count - 1)
      )
      let before = -1
      yield* Effect.repeat(
        Effect.sync(() => {
          const isStill = sent === before
          before = sent
          return isStill
        }),
        { until: (isStill) => isStill, schedule: Schedule.spaced("50 millis") }
      )
      assert.isBelow(sent, count)
      // One who gives up while it waits has sent nothing.
      const given = yield* Effect.fork(lease.send("not sent"))
      yield* Effect.sleep("5 millis")
      yield* Fiber.interrupt(given)
      read()
      yield* Fiber.join(sender)
      yield* Effect.repeat(Effect.sync(() => got.bytes), {
        until: (bytes) => bytes >= count * piece.length,
        schedule: Schedule.spaced("2 millis")
      })
      yield* lease.close()
      assert.strictEqual(got.bytes, count * piece.length)
    }))
})

describe("interruption gives all back, at once", () => {
  const states: ReadonlyArray<
    readonly [name: string, use: (lease: WebSocket.Lease) => Effect.Effect<unknown, unknown>]
  > = [
    ["while it waits for a message", (lease) => lease.take],
    ["while it sends", (lease) => Effect.forever(lease.send(new Uint8Array(1024 * 1024)))],
    ["while it streams", (lease) => Stream.runDrain(lease.messages)],
    ["while it closes", (lease) => lease.close()],
    ["while it does something else", () => Effect.never],
    ["after keep", (lease) => Effect.zipRight(lease.keep, Effect.never)]
  ]
  for (const [name, use] of states) {
    it.scopedLive(name, () =>
      Effect.gen(function*() {
        const server = yield* serveWebSockets({ onOpen: (ws) => ws.pause() })
        const { pool, stats } = yield* makePool()
        const opened = yield* Deferred.make<void>()
        const fiber = yield* Effect.fork(Effect.scoped(Effect.flatMap(
          WebSocket.openWith(pool, { url: server.url }),
          (lease) => Effect.zipRight(Deferred.succeed(opened, undefined), use(lease))
        )))
        yield* Deferred.await(opened)
        yield* Effect.sleep("10 millis")
        yield* Fiber.interrupt(fiber)
        const now = yield* stats
        assertAllBack(now)
        assert.strictEqual(now.idle, 0)
        yield* Effect.repeat(stats, { until: ({ open }) => open === 0, schedule: Schedule.spaced("2 millis") })
        assert.strictEqual([...pool[ConnectionPool.TypeId].exchanges].length, 0)
        for (const socket of server.sockets) socket.resume()
        yield* server.waitFor(({ open }) => open === 0)
      }))
  }

  it.scopedLive("while it waits in the queue, dials, or shakes hands", () =>
    Effect.gen(function*() {
      const server = yield* serveWebSockets({ onUpgrade: () => true })
      const { pool, stats } = yield* makePool({ connectionPoolSize: 1 })
      const one = yield* Effect.fork(Effect.scoped(WebSocket.openWith(pool, { url: server.url })))
      yield* server.waitFor(({ handshakes }) => handshakes === 1)
      const two = yield* Effect.fork(Effect.scoped(WebSocket.openWith(pool, { url: server.url })))
      yield* Effect.repeat(stats, { until: ({ waiting }) => waiting === 1, schedule: Schedule.spaced("2 millis") })
      yield* Fiber.interrupt(two)
      yield* Fiber.interrupt(one)
      assertAllBack(yield* stats)
      // Never in the same state.
      yield* Effect.forEach(
        Array.from({ length: 20 }),
        (_, i) =>
          Effect.gen(function*() {
            const fiber = yield* Effect.fork(Effect.scoped(WebSocket.openWith(pool, { url: server.url })))
            for (let turn = 0; turn < i; turn++) yield* Effect.promise(() => new Promise((done) => setImmediate(done)))
            yield* Fiber.interrupt(fiber)
          }),
        { discard: true }
      )
      yield* Effect.repeat(stats, { until: ({ open }) => open === 0, schedule: Schedule.spaced("2 millis") })
      assertAllBack(yield* stats)
      assert.strictEqual([...pool[ConnectionPool.TypeId].exchanges].length, 0)
    }))
})
