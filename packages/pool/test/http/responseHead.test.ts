import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { createServer } from "node:net"
import type { AddressInfo, Socket } from "node:net"
import { assertAllBack, makePool, poolErrorOf } from "../util/support.js"

/** Node's and undici's. */
const cap = 16 * 1024

/** The most that a client can have been sent before it is seen to hang up: what the kernel keeps on both sides. */
const kernelBuffers = 16 * 1024 * 1024

/** Answers each request with a text, then with another for as long as the client listens. */
const serverOf = (start: string, endless: string) =>
  Effect.gen(function*() {
    const sockets = new Set<Socket>()
    let sent = 0
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on("error", () => {}).on("close", () => sockets.delete(socket)).once("data", () => {
        const goOn = () => {
          if (endless === "") return
          do sent += endless.length
          while (socket.write(endless))
        }
        sent += start.length
        socket.on("drain", goOn).write(start)
        goOn()
      })
    })
    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
      () =>
        Effect.async<void>((resume) => {
          for (const socket of sockets) socket.destroy()
          server.close(() => resume(Effect.void))
        })
    )
    const { port } = server.address() as AddressInfo
    return {
      url: `http://127.0.0.1:${port}/api/v1`,
      sent: () => sent,
      /** Waits until the client has closed its connections. */
      awaitIdle: Effect.repeat(Effect.delay(Effect.sync(() => sockets.size), 5), { until: (open) => open === 0 })
    }
  })

const ok = "HTTP/1.1 200 OK\r\n"
const end = "content-length: 2\r\n\r\n{}"

describe("the head of a response", () => {
  it.scopedLive("may have nearly 16 KiB", () =>
    Effect.gen(function*() {
      const server = yield* serverOf(`${ok}x-a: ${"a".repeat(cap - 100)}\r\n${end}`, "")
      const { ask, stats } = yield* makePool()
      assert.strictEqual(yield* ask(server.url), "{}")
      assertAllBack(yield* stats)
    }))

  const cases: ReadonlyArray<readonly [name: string, start: string, endless: string]> = [
    ["one long header", `${ok}x-a: ${"a".repeat(cap)}\r\n${end}`, ""],
    ["many short headers", `${ok}${"x-a: aaaaaaaaaa\r\n".repeat(cap / 10)}${end}`, ""],
    ["a long name", `${ok}${"x".repeat(cap)}: a\r\n${end}`, ""],
    ["a value without end", `${ok}x-a: `, "a".repeat(1000)],
    ["a name without end", ok, "x".repeat(1000)],
    ["headers without end", ok, "x-a: aaaaaaaaaa\r\n".repeat(50)],
    ["early hints beyond it", `HTTP/1.1 103 Early Hints\r\nlink: ${"a".repeat(cap)}\r\n\r\n${ok}${end}`, ""]
  ]
  for (const [name, start, endless] of cases) {
    it.scopedLive(`is refused beyond that: ${name}`, () =>
      Effect.gen(function*() {
        const server = yield* serverOf(start, endless)
        const { ask, pool, stats } = yield* makePool()
        const error = yield* poolErrorOf(ask(server.url))
        assert.strictEqual(error._tag, "ConnectionError")
        assert.strictEqual(error._tag === "ConnectionError" ? error.reason : "", "Truncated")
        assert.match(error.message, /headers overflow/i)
        assert.isFalse(error.isRetryable)
        assertAllBack(yield* stats)
        yield* server.awaitIdle
        assert.isBelow(server.sent(), kernelBuffers)
        // The place is free for the next.
        assert.strictEqual((yield* poolErrorOf(ask(server.url)))._tag, "ConnectionError")
        assert.strictEqual((yield* pool.stats).opened, 2)
        yield* server.awaitIdle
        assert.strictEqual((yield* stats).open, 0)
      }))
  }

  it.scopedLive("is given up after readTimeout, where its first line never ends", () =>
    Effect.gen(function*() {
      const server = yield* serverOf("HTTP/1.1 200 ", "a".repeat(1000))
      const { ask, stats } = yield* makePool({ readTimeout: "200 millis" })
      const error = yield* poolErrorOf(ask(server.url))
      assert.strictEqual(error._tag, "RequestTimeout")
      yield* server.awaitIdle
      assertAllBack(yield* stats)
      assert.strictEqual((yield* stats).open, 0)
    }))
})
