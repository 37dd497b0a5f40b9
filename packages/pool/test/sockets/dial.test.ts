import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, it } from "@effect/vitest"
import { Certificates } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Net from "node:net"
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
