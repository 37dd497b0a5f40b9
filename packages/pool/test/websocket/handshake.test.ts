import { assert, describe, it } from "@effect/vitest"
import { ProxySimulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { createHash } from "node:crypto"
import type { Duplex } from "node:stream"
import { inspect } from "node:util"
import type * as ConnectionConfig from "../../src/ConnectionConfig.js"
import { TypeId } from "../../src/ConnectionPool.js"
import * as WebSocket from "../../src/WebSocket.js"
import { serve } from "../util/rawServer.js"
import { assertAllBack, makePool } from "../util/support.js"
import { answer, serveWebSockets } from "../util/webSocketServer.js"

const key = "sk-0123456789abcdef"
const headers = { authorization: Redacted.make(`Bearer ${key}`), "x-workspace": "w" }

const accept = (request: { readonly headers: Record<string, string | ReadonlyArray<string> | undefined> }) =>
  createHash("sha1").update(`${String(request.headers["sec-websocket-key"])}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest("base64")

describe("a handshake that is refused", () => {
  for (const [status, isRetryable] of [[401, false], [403, false], [429, true], [500, true], [200, false]] as const) {
    it.scopedLive(`${status}: carries what HTTP would, and gives all back`, () =>
      Effect.gen(function*() {
        const body = JSON.stringify({ code: "Some.Code", message: "no", request_id: "r-1" })
        const server = yield* serveWebSockets({
          onUpgrade: (socket) => answer(socket, `${status} Some`, body, "retry-after: 7", "x-request-id: r-1")
        })
        const { pool, stats } = yield* makePool()
        const error = yield* Effect.flip(WebSocket.openWith(pool, { url: server.url, headers }))
        assert.isTrue(error._tag === "HandshakeRefused")
        if (error._tag !== "HandshakeRefused") return
        assert.deepStrictEqual(
          [error.status, error.body, error.headers["retry-after"], error.headers["x-request-id"], error.isRetryable],
          [status, body, "7", "r-1", isRetryable]
        )
        assert.include(error.message, String(status))
        yield* server.waitFor(({ open }) => open === 0)
        assertAllBack(yield* stats)
      }))
  }

  const hostile: ReadonlyArray<readonly [name: string, (socket: Duplex, accept: string) => void, RegExp]> = [
    [
      "the wrong key",
      (socket) =>
        socket.write(
          "HTTP/1.1 101 Yes\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: bm8=\r\n\r\n"
        ),
      /Sec-WebSocket-Accept/
    ],
    [
      "an extension that was not asked for",
      (socket, accept) =>
        socket.write(
          `HTTP/1.1 101 Yes\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n` +
            "sec-websocket-extensions: permessage-deflate\r\n\r\n"
        ),
      /extension/
    ],
    [
      "another protocol",
      (socket) => socket.write("HTTP/1.1 101 Yes\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n"),
      /Upgrade/
    ]
  ]
  for (const [name, act, words] of hostile) {
    it.scopedLive(`101 with ${name}`, () =>
      Effect.gen(function*() {
        const server = yield* serveWebSockets({
          onUpgrade: (socket, request) => {
            act(socket, accept(request))
            return true
          }
        })
        const { pool, stats } = yield* makePool()
        const error = yield* Effect.flip(WebSocket.openWith(pool, { url: server.url }))
        assert.isTrue(error._tag === "HandshakeRefused" && error.status === 101)
        assert.match(error.message, words)
        yield* server.waitFor(({ open }) => open === 0)
        assertAllBack(yield* stats)
      }))
  }

  it.scopedLive("a body without an end is read as far as is reasonable", () =>
    Effect.gen(function*() {
      const server = yield* serveWebSockets({
        onUpgrade: (socket) => {
          socket.on("error", () => {})
          socket.write(`HTTP/1.1 503 Busy\r\ncontent-length: 1000000000\r\n\r\n${"x".repeat(200_000)}`)
          return true
        }
      })
      const { pool } = yield* makePool()
      const error = yield* Effect.flip(WebSocket.openWith(pool, { url: server.url }))
      assert.isTrue(error._tag === "HandshakeRefused" && error.status === 503 && error.body.length === 64 * 1024)
      yield* server.waitFor(({ open }) => open === 0)
    }))

  it.scopedLive("one whose body stalls is told when the time for connecting is over", () =>
    Effect.gen(function*() {
      const server = yield* serveWebSockets({
        onUpgrade: (socket) => {
          socket.on("error", () => {})
          return socket.write("HTTP/1.1 429 Slow\r\ncontent-length: 1000\r\n\r\nhalf") || true
        }
      })
      const { pool } = yield* makePool({ connectTimeout: "500 millis" })
      const error = yield* Effect.flip(WebSocket.openWith(pool, { url: server.url }))
      assert.isTrue(error._tag === "HandshakeRefused" && error.status === 429 && error.body === "half")
      yield* server.waitFor(({ open }) => open === 0)
    }))

  const broken: ReadonlyArray<readonly [name: string, bytes: string | undefined]> = [
    ["an end", ""],
    ["a reset", undefined],
    ["no HTTP", "SSH-2.0-OpenSSH_9.2\r\n"]
  ]
  for (const [name, bytes] of broken) {
    it.scopedLive(`${name} in place of an answer is a lost connection`, () =>
      Effect.gen(function*() {
        const origin = yield* serve((socket) =>
          socket.once("data", () => bytes === undefined ? socket.resetAndDestroy() : socket.end(bytes))
        )
        const { pool, stats } = yield* makePool()
        const error = yield* Effect.flip(WebSocket.openWith(pool, { url: origin.replace("http", "ws"), headers }))
        assert.isTrue(error._tag === "ConnectionError" && error.reason === "Reset" && error.isRetryable)
        assert.notInclude(inspect(error, { depth: 20, showHidden: true }), key)
        assertAllBack(yield* stats)
      }))
  }
})

describe("secrets", () => {
  it.scopedLive("a key that the server repeats is in no error, event or inspection", () =>
    Effect.gen(function*() {
      const said: Array<string> = []
      const server = yield* serveWebSockets({
        onUpgrade: (socket, request) => {
          const given = String(request.headers.authorization)
          if (request.url === "/refuse") {
            return answer(socket, "401 Unauthorized", `bad key: ${given.slice("Bearer ".length)}`, `x-echo: ${given}`)
          }
          return false
        },
        onOpen: (ws, request) => ws.close(4001, String(request.headers.authorization))
      })
      const { pool } = yield* makePool()
      pool[TypeId].observer.listen((event) => said.push(inspect(event, { depth: 20, showHidden: true })))
      const refused = yield* Effect.flip(
        WebSocket.openWith(pool, { url: server.url.replace("speech", "refuse"), headers })
      )
      assert.isTrue(refused._tag === "HandshakeRefused" && refused.body === "bad key: <redacted>")
      const lease = yield* WebSocket.openWith(pool, { url: server.url, headers })
      const closed = yield* Effect.flip(lease.take)
      assert.isTrue(closed._tag === "WebSocketClosed" && closed.reason === "<redacted>" && closed.code === 4001)
      const texts = [refused, closed, lease, pool].flatMap((one) => [
        inspect(one, { depth: 20, showHidden: true }),
        JSON.stringify(one),
        String(one)
      ])
      for (const text of [...texts, ...said]) assert.notInclude(text, key)
      assert.isAbove(said.length, 8)
    }))
})

describe("a handshake that cannot be written", () => {
  const secret = "sk-secret\nvalue"
  const cases: ReadonlyArray<readonly [name: string, options: WebSocket.Options, RegExp]> = [
    ["no URL", { url: "nowhere" }, /no URL/],
    ["another scheme", { url: "https://example.com/" }, /https: is not ws: or wss:/],
    ["credentials in the URL", { url: "ws://me:secret@example.com/" }, /credentials/],
    ["a header of its own", { url: "ws://x/", headers: { "Sec-WebSocket-Key": "x" } }, /sec-websocket-key/],
    ["a header with a line break", { url: "ws://x/", headers: { authorization: secret } }, /authorization/],
    ["a subprotocol that is no token", { url: "ws://x/", protocols: ["a b"] }, /token/],
    ["a subprotocol twice", { url: "ws://x/", protocols: ["a", "a"] }, /twice/],
    ["no limit", { url: "ws://x/", maxPayload: 0 }, /maxPayload/]
  ]
  for (const [name, options, words] of cases) {
    it.scopedLive(name, () =>
      Effect.gen(function*() {
        const { pool, stats } = yield* makePool()
        const error = yield* Effect.flip(WebSocket.openWith(pool, options))
        assert.isTrue(error._tag === "HandshakeInvalid")
        assert.match(error.message, words)
        assert.notInclude(inspect(error), "secret")
        assert.strictEqual((yield* stats).acquired, 0)
      }))
  }
})

describe("ways to the server", () => {
  const talk = (url: string, input: ConnectionConfig.Input) =>
    Effect.gen(function*() {
      const { pool, stats } = yield* makePool(input)
      yield* Effect.scoped(Effect.gen(function*() {
        const lease = yield* WebSocket.openWith(pool, { url, headers })
        yield* lease.send("hello")
        assert.deepStrictEqual(yield* lease.take, ["hello"])
        yield* lease.close()
      }))
      assertAllBack(yield* stats)
    })

  for (const tls of [false, true]) {
    it.scopedLive(`through ${tls ? "an HTTPS" : "an HTTP"} proxy, with its credentials`, () =>
      Effect.gen(function*() {
        const server = yield* serveWebSockets()
        const proxy = yield* ProxySimulator.make({ tls, auth: { username: "u", password: "p" } })
        yield* talk(server.url, {
          proxy: { url: proxy.url, username: "u", password: "p" },
          ...(proxy.ca === undefined ? undefined : { tls: { ca: proxy.ca } })
        })
        assert.deepStrictEqual(yield* proxy.targets, [`127.0.0.1:${server.port}`])
      }))
  }

  it.scopedLive("a proxy that refuses is a ConnectionError of reason Proxy", () =>
    Effect.gen(function*() {
      const server = yield* serveWebSockets()
      const proxy = yield* ProxySimulator.make({ fault: "authenticate" })
      const { pool, stats } = yield* makePool({ proxy: proxy.url })
      const error = yield* Effect.flip(WebSocket.openWith(pool, { url: server.url }))
      assert.isTrue(error._tag === "ConnectionError" && error.reason === "Proxy")
      assertAllBack(yield* stats)
    }))

  it.scopedLive("nobody listens", () =>
    Effect.gen(function*() {
      const { pool, stats } = yield* makePool()
      const error = yield* Effect.flip(WebSocket.openWith(pool, { url: "ws://127.0.0.1:1/" }))
      assert.isTrue(
        error._tag === "ConnectionError" && error.reason === "Refused" && error.origin === "ws://127.0.0.1:1"
      )
      assertAllBack(yield* stats)
    }))
})
