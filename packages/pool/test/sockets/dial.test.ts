import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, it } from "@effect/vitest"
import { Certificates } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Net from "node:net"
import * as Tls from "node:tls"
import type { ConnectionConfig } from "../../src/index.js"
import { assertAllBack, makePool, poolErrorOf } from "../util/support.js"

/** A server of TCP or TLS on loopback, which goes with the scope. Its port. */
const listen = (server: Net.Server) =>
  Effect.gen(function*() {
    const sockets = new Set<Net.Socket>()
    server.on("connection", (socket: Net.Socket) => {
      sockets.add(socket)
      socket.on("error", () => {})
    })
    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
      () =>
        Effect.async<void>((resume) => {
          for (const socket of sockets) socket.destroy()
          server.close(() => resume(Effect.void))
        })
    )
    const address = server.address()
    return typeof address === "object" && address !== null ? address.port : 0
  })

const text = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"

const get = (pool: Effect.Effect.Success<ReturnType<typeof makePool>>, url: string) =>
  Effect.flatMap(pool.client.execute(HttpClientRequest.get(url)), (response) => response.text)

describe("an HTTPS proxy before an HTTPS target", () => {
  /** Opens the tunnel, and says no more: the handshake within it never ends. */
  const silentProxy = Effect.gen(function*() {
    const authority = yield* Certificates.make
    const { cert, key } = yield* authority.server
    const port = yield* listen(Tls.createServer({ cert, key }, (socket) => {
      socket.on("error", () => {})
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n")
        socket.resume()
      })
    }))
    return { connectionPoolSize: 1, proxy: `https://127.0.0.1:${port}`, tls: { ca: authority.ca } }
  })

  it.scopedLive("gives its slot back when the handshake takes too long", () =>
    Effect.gen(function*() {
      const pool = yield* makePool({ ...(yield* silentProxy), connectTimeout: "100 millis" })
      // The second could not begin if the first had kept its slot.
      for (let i = 0; i < 2; i++) {
        const error = yield* poolErrorOf(get(pool, "https://127.0.0.1:9/"))
        assert.deepInclude({ ...error }, { _tag: "RequestTimeout", phase: "connect" })
      }
      assertAllBack(yield* pool.stats)
    }))

  it.scopedLive("gives its slot back when it is interrupted", () =>
    Effect.gen(function*() {
      const pool = yield* makePool(yield* silentProxy)
      for (let i = 0; i < 3; i++) {
        const fiber = yield* Effect.fork(get(pool, "https://127.0.0.1:9/"))
        yield* Effect.repeat(Effect.delay(pool.stats, "5 millis"), { until: ({ connecting }) => connecting === 1 })
        yield* Fiber.interrupt(fiber)
        yield* Effect.repeat(Effect.delay(pool.stats, "5 millis"), { until: ({ open }) => open === 0 })
      }
      assertAllBack(yield* pool.stats)
    }))
})

describe("a TLS session that a server does not take", () => {
  /** Whether a ClientHello offers to resume: a pre-shared key (1.3), or a ticket that is not empty (1.2). */
  const offersSession = (hello: Buffer): boolean => {
    let at = 43
    at += 1 + hello.readUInt8(at)
    at += 2 + hello.readUInt16BE(at)
    at += 1 + hello.readUInt8(at)
    at += 2
    while (at + 4 <= hello.length) {
      const type = hello.readUInt16BE(at)
      const length = hello.readUInt16BE(at + 2)
      if (type === 41 || (type === 35 && length > 0)) return true
      at += 4 + length
    }
    return false
  }

  for (const maxVersion of ["TLSv1.3", "TLSv1.2"] as const) {
    it.scopedLive(`is not offered again, and costs no request (${maxVersion})`, () =>
      Effect.gen(function*() {
        const authority = yield* Certificates.make
        const { cert, key } = yield* authority.server
        const back = yield* listen(Tls.createServer({ cert, key, maxVersion }, (socket) => {
          socket.on("error", () => {})
          socket.on("data", () => socket.end(text))
        }))
        let refused = 0
        // Before it stands somebody who answers each offer with an alert.
        const front = yield* listen(Net.createServer((socket) =>
          socket.once("data", (hello) => {
            if (offersSession(hello)) {
              refused++
              socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 40]))
              return
            }
            const behind = Net.connect(back, "127.0.0.1")
            behind.on("error", () => socket.destroy())
            behind.write(hello)
            socket.pipe(behind)
            behind.pipe(socket)
          })
        ))
        const pool = yield* makePool({ tls: { ca: authority.ca } })
        for (let i = 0; i < 4; i++) assert.strictEqual(yield* get(pool, `https://127.0.0.1:${front}/`), "ok")
        assert.isAtLeast(refused, 1)
        assertAllBack(yield* pool.stats)
      }))
  }

  it.scopedLive("is not why a certificate that nobody trusts is asked for twice", () =>
    Effect.gen(function*() {
      const { cert, key } = yield* (yield* Certificates.make).server
      let connections = 0
      const server = Tls.createServer({ cert, key })
      server.on("connection", () => connections++)
      server.on("tlsClientError", () => {})
      const port = yield* listen(server)
      const pool = yield* makePool()
      const error = yield* poolErrorOf(get(pool, `https://127.0.0.1:${port}/`))
      assert.deepInclude({ ...error }, { _tag: "ConnectionError", reason: "Tls" })
      assert.strictEqual(connections, 1)
    }))
})

describe("connecting, broken off at any step", () => {
  const steps: ReadonlyArray<readonly [name: string, config: ConnectionConfig.Input, url: string]> = [
    ["nobody listens", {}, "http://127.0.0.1:1/"],
    ["no proxy listens", { proxy: "http://127.0.0.1:1" }, "https://127.0.0.1:9/"],
    ["a name that nobody has", {}, "http://nobody.invalid/"]
  ]
  for (const [name, config, url] of steps) {
    it.scopedLive(`${name}: a typed error, and all is given back`, () =>
      Effect.gen(function*() {
        const pool = yield* makePool({ connectionPoolSize: 1, ...config })
        for (let i = 0; i < 3; i++) assert.strictEqual((yield* poolErrorOf(get(pool, url)))._tag, "ConnectionError")
        assertAllBack(yield* pool.stats)
      }))
  }

  it.scopedLive("interrupted at any moment: all is given back", () =>
    Effect.gen(function*() {
      const authority = yield* Certificates.make
      const { cert, key } = yield* authority.server
      const port = yield* listen(Tls.createServer({ cert, key }, (socket) => {
        socket.on("error", () => {})
        socket.on("data", () => socket.end(text))
      }))
      const pool = yield* makePool({ connectionPoolSize: 2, tls: { ca: authority.ca } })
      for (let turns = 0; turns < 60; turns++) {
        const fiber = yield* Effect.fork(Effect.exit(get(pool, `https://127.0.0.1:${port}/`)))
        for (let i = 0; i < turns; i++) yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
        yield* Fiber.interrupt(fiber)
      }
      yield* Effect.repeat(Effect.delay(pool.stats, "5 millis"), { until: ({ idle, open }) => open === idle })
      assertAllBack(yield* pool.stats)
    }))
})
