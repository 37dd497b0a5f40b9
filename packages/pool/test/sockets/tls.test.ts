import { assert, describe, it } from "@effect/vitest"
import { Certificates, ProxySimulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import * as Net from "node:net"
import * as Tls from "node:tls"
import { TlsSessions } from "../../src/internal/sockets/tlsSessions.js"
import { answerOf, onRequests } from "../util/rawServer.js"
import { assertAllBack, makePool, poolErrorOf } from "../util/support.js"

/** A server on loopback, which goes with the scope. */
const listen = (server: Net.Server, sockets = new Set<Net.Socket>()) =>
  Effect.gen(function*() {
    server.on("connection", (socket: Net.Socket) => {
      sockets.add(socket)
      socket.on("error", () => {})
      socket.once("close", () => sockets.delete(socket))
    })
    server.on("tlsClientError", () => {})
    server.on("secureConnection", (socket: Tls.TLSSocket) => socket.on("error", () => {}))
    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
      () =>
        Effect.async<void>((resume) => {
          for (const socket of sockets) socket.destroy()
          server.close(() => resume(Effect.void))
        })
    )
    const address = server.address()
    return { sockets, port: typeof address === "object" && address !== null ? address.port : 0 }
  })

/** Making keys is most of the work here, so all tests share them. */
const certified = Effect.runSync(Effect.cached(Effect.flatMap(
  Certificates.make,
  (authority) => Effect.map(authority.server, (server) => ({ ca: authority.ca, ...server }))
)))

const closes = (socket: Tls.TLSSocket) => onRequests(socket, () => socket.end(answerOf("hello", "connection: close")))

/** Whether a ClientHello offers to resume a session: a ticket (35) or a key known already (41). */
const offersSession = (hello: Buffer): boolean => {
  let at = 43
  at += 1 + hello[at]!
  at += 2 + hello.readUInt16BE(at)
  at += 1 + hello[at]! + 2
  while (at + 4 <= hello.length) {
    const type = hello.readUInt16BE(at)
    const length = hello.readUInt16BE(at + 2)
    if (type === 41 || (type === 35 && length > 0)) return true
    at += 4 + length
  }
  return false
}

/** Passes TLS on to a port, but for what it refuses. */
const passing = (port: number, refuse: (hello: Buffer, socket: Net.Socket) => boolean) =>
  Net.createServer((socket) =>
    socket.once("data", (hello) => {
      if (refuse(hello, socket)) return
      const back = Net.connect(port, "127.0.0.1")
      back.on("error", () => socket.destroy())
      socket.on("close", () => back.destroy())
      back.write(hello)
      socket.pipe(back).pipe(socket)
    })
  )

const refusals: ReadonlyArray<readonly [string, (socket: Net.Socket) => void]> = [
  ["an alert", (socket) => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 40]))],
  ["a reset", (socket) => socket.resetAndDestroy()],
  ["an end", (socket) => socket.end()]
]

describe("a TLS session that the server does not take any more", () => {
  for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
    for (const [how, refuse] of refusals) {
      it.scopedLive(`is dropped, and the handshake made again without it: ${how}, ${maxVersion}`, () =>
        Effect.gen(function*() {
          const { ca, cert, key } = yield* certified
          const back = yield* listen(Tls.createServer({ cert, key, maxVersion }, closes))
          let offered = 0
          let restarted = 0
          const front = yield* listen(passing(back.port, (hello, socket) => {
            if (!offersSession(hello)) return false
            offered++
            restarted++
            refuse(socket)
            return true
          }))
          const { client, stats } = yield* makePool({ connectionPoolSize: 1, tls: { ca } })
          for (let i = 0; i < 4; i++) {
            const response = yield* client.get(`https://localhost:${front.port}/`)
            assert.strictEqual(yield* response.text, "hello")
          }
          // It did offer what it had kept.
          assert.isAbove(offered, 0)
          assert.isAtMost(restarted, 3)
          assertAllBack(yield* stats)
          assert.strictEqual((yield* stats).opened, 4)
        }))
    }
  }

  it.scopedLive("does not hide a server that refuses everybody", () =>
    Effect.gen(function*() {
      const { ca, cert, key } = yield* certified
      const back = yield* listen(Tls.createServer({ cert, key }, closes))
      let isWell = true
      const front = yield* listen(passing(back.port, (_, socket) => {
        if (isWell) return false
        socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 40]))
        return true
      }))
      const { client, stats } = yield* makePool({ tls: { ca } })
      yield* Effect.flatMap(client.get(`https://localhost:${front.port}/`), (response) => response.text)
      isWell = false
      const error = yield* poolErrorOf(client.get(`https://localhost:${front.port}/`))
      assert.deepInclude({ ...error }, { _tag: "ConnectionError", reason: "Tls" })
      assert.include(error.message, "refused the TLS handshake: handshake failure (alert 40)")
      assertAllBack(yield* stats)
    }))

  it.scopedLive("is not why a certificate that nobody trusts is asked for twice", () =>
    Effect.gen(function*() {
      const { cert, key } = yield* certified
      let connections = 0
      const server = Tls.createServer({ cert, key })
      server.on("connection", () => connections++)
      const { port } = yield* listen(server)
      const { client } = yield* makePool()
      const error = yield* poolErrorOf(client.get(`https://localhost:${port}/`))
      assert.deepInclude({ ...error }, { _tag: "ConnectionError", reason: "Tls" })
      assert.isFalse(error.isRetryable)
      assert.strictEqual(connections, 1)
    }))

  it.scopedLive("is forgotten where the server refuses it after the handshake", () =>
    Effect.gen(function*() {
      const { ca, cert, key } = yield* certified
      // TLS 1.3 tells of a client's certificate only then.
      const server = yield* listen(
        Tls.createServer({ ca, cert, key, requestCert: true, rejectUnauthorized: true, maxVersion: "TLSv1.3" })
      )
      const { client, stats } = yield* makePool({ connectionPoolSize: 1, tls: { ca } })
      for (let i = 0; i < 2; i++) {
        const error = yield* poolErrorOf(client.get(`https://localhost:${server.port}/`))
        assert.deepInclude({ ...error }, { _tag: "ConnectionError", reason: "Tls" })
        assert.isFalse(error.isRetryable)
        assert.include(error.message, "refused the TLS handshake: certificate required (alert 116)")
      }
      assertAllBack(yield* stats)
    }))

  it("is one of a bounded number, and the oldest goes first", () => {
    const sessions = new TlsSessions(2)
    for (const host of ["a", "b", "a", "c"]) sessions.set(host, Buffer.from(host))
    assert.isUndefined(sessions.get("b"))
    assert.strictEqual(String(sessions.get("a")), "a")
    sessions.forget("a")
    assert.isUndefined(sessions.get("a"))
    assert.strictEqual(String(sessions.get("c")), "c")
  })
})

describe("TLS within TLS: an HTTPS proxy to an HTTPS host", () => {
  const stages: ReadonlyArray<readonly [string, (socket: Tls.TLSSocket) => void]> = [
    ["the tunnel is open, and nothing more is said", (socket) => {
      socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\n\r\n"))
      socket.resume()
    }],
    ["the tunnel is not answered", (socket) => socket.resume()]
  ]

  for (const [name, onSocket] of stages) {
    it.scopedLive(`gives its slot back where ${name}`, () =>
      Effect.gen(function*() {
        const { ca, cert, key } = yield* certified
        const proxy = yield* listen(Tls.createServer({ cert, key }, onSocket))
        const { client, stats } = yield* makePool({
          connectionPoolSize: 1,
          connectTimeout: "100 millis",
          tls: { ca },
          proxy: `https://localhost:${proxy.port}`
        })
        const get = client.get("https://localhost:9/")
        for (let i = 0; i < 2; i++) {
          assert.deepInclude({ ...(yield* poolErrorOf(get)) }, { _tag: "RequestTimeout", phase: "connect" })
        }
        for (let i = 0; i < 2; i++) yield* Effect.timeoutOption(Effect.exit(get), "50 millis")
        while ((yield* stats).open > 0 || proxy.sockets.size > 0) yield* Effect.sleep("5 millis")
        assertAllBack(yield* stats)
      }))
  }

  it.scopedLive("gives its slot back at whatever moment it is interrupted", () =>
    Effect.gen(function*() {
      const { ca, cert, key } = yield* certified
      const target = yield* listen(
        Tls.createServer({ cert, key }, (socket) => onRequests(socket, () => socket.write(answerOf("hello"))))
      )
      const proxy = yield* ProxySimulator.make({ tls: true })
      const { client, stats } = yield* makePool({
        connectionPoolSize: 1,
        tls: { ca: [ca, proxy.ca!] },
        proxy: proxy.url
      })
      const get = Effect.flatMap(client.get(`https://localhost:${target.port}/`), (response) => response.text)
      for (let i = 0; i < 100; i++) {
        yield* Effect.timeoutOption(Effect.exit(get), `${1 + (i % 20)} millis`)
      }
      assert.strictEqual(yield* get, "hello")
      assertAllBack(yield* stats)
      yield* proxy.waitFor(({ openConnections }) => openConnections === 1)
    }))
})
