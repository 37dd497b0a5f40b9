import { assert, describe, it } from "@effect/vitest"
import { ProxySimulator, Simulator, TcpServer } from "effect-dashscope-simulator"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Net from "node:net"
import * as Tls from "node:tls"
import { bodyOf, generationPath } from "./helpers.js"

/** The text a proxy, or what is behind it, says to `text`, until `enough` of it or the end. */
const say = (
  connect: () => Net.Socket,
  text: string,
  enough: (said: string) => boolean = () => false
): Effect.Effect<string> =>
  Effect.async<string>((resume) => {
    let said = ""
    const socket = connect()
    socket.setEncoding("latin1")
    socket.on("data", (part: string) => {
      said += part
      if (enough(said)) {
        socket.destroy()
        resume(Effect.succeed(said))
      }
    })
    socket.on("end", () => resume(Effect.succeed(said)))
    socket.on("error", (error: NodeJS.ErrnoException) => resume(Effect.succeed(error.code ?? error.message)))
    socket.write(text)
    return Effect.sync(() => socket.destroy())
  })

const connectTo = (target: string, authorization = "") =>
  `CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n${authorization}\r\n`

const basic = (credentials: string) => `proxy-authorization: Basic ${Buffer.from(credentials).toString("base64")}\r\n`

const body = JSON.stringify(bodyOf("1+1?"))
const call = `POST ${generationPath} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer key\r\n` +
  `content-length: ${body.length}\r\n\r\n${body}`

describe("ProxySimulator", () => {
  it.scopedLive("tunnels, and counts", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      for (const tls of [false, true]) {
        const proxy = yield* ProxySimulator.make({ tls })
        const { ca } = proxy
        const target = `127.0.0.1:${simulator.port}`
        const connect = () =>
          ca === undefined
            ? Net.connect({ host: "127.0.0.1", port: proxy.port })
            : Tls.connect({ host: "127.0.0.1", port: proxy.port, ca })
        const said = yield* say(connect, connectTo(target) + call, (said) => said.includes("request_id"))
        assert.match(said, /^HTTP\/1.1 200 .*\r\n\r\nHTTP\/1.1 200 OK[^]*1\+1 equals 2\./)
        assert.strictEqual(new URL(proxy.url).protocol, tls ? "https:" : "http:")
        const stats = yield* proxy.waitFor(({ openConnections, openTunnels }) =>
          openConnections === 0 && openTunnels === 0
        )
        assert.deepInclude(stats, { totalTunnels: 1, attempts: 1, refused: 0 })
        assert.deepStrictEqual(yield* proxy.targets, [target])
      }
      yield* simulator.awaitIdle
    }))

  it.scopedLive("asks for credentials", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const proxy = yield* ProxySimulator.make({ auth: { username: "user", password: "p@ss" } })
      const connect = () => Net.connect({ host: "127.0.0.1", port: proxy.port })
      const target = `127.0.0.1:${simulator.port}`
      assert.match(yield* say(connect, connectTo(target)), /^HTTP\/1.1 407 [^]*proxy-authenticate: Basic/)
      assert.match(yield* say(connect, connectTo(target, basic("user:other"))), /^HTTP\/1.1 407 /)
      const said = yield* say(connect, connectTo(target, basic("user:p@ss")), (said) => said.includes("\r\n\r\n"))
      assert.match(said, /^HTTP\/1.1 200 /)
      assert.deepInclude(yield* proxy.stats, { attempts: 3, refused: 2, totalTunnels: 1 })
    }))

  it.scopedLive("fails as it is told", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const proxy = yield* ProxySimulator.make({ fault: "badGateway" })
      const connect = () => Net.connect({ host: "127.0.0.1", port: proxy.port })
      const through = say(connect, connectTo(`127.0.0.1:${simulator.port}`))
      assert.match(yield* through, /^HTTP\/1.1 502 /)
      yield* proxy.setFault("authenticate")
      assert.match(yield* through, /^HTTP\/1.1 407 /)
      yield* proxy.setFault("reset")
      assert.strictEqual(yield* through, "ECONNRESET")
      yield* proxy.setFault("stall")
      assert.isTrue((yield* Effect.timeoutOption(through, "60 millis"))._tag === "None")
      yield* proxy.waitFor(({ openConnections }) => openConnections === 0)
      yield* proxy.setFault(undefined)
      const closed = yield* Effect.scoped(Effect.map(Simulator.make(), ({ port }) => port))
      assert.match(yield* say(connect, connectTo(`127.0.0.1:${closed}`)), /^HTTP\/1.1 502 /)
      assert.strictEqual((yield* simulator.stats).totalConnections, 0)
    }))
})

describe("TcpServer", () => {
  it.scopedLive("accepts in silence, and sees clients go", () =>
    Effect.gen(function*() {
      const server = yield* TcpServer.silent
      const connect = () => Net.connect({ host: server.host, port: server.port })
      assert.isTrue((yield* Effect.timeoutOption(say(connect, "hello"), "40 millis"))._tag === "None")
      yield* server.awaitOpen(0)
      assert.strictEqual(yield* server.accepted, 1)
    }))

  it.scopedLive("lets no connection come about", () =>
    Effect.gen(function*() {
      const { host, port } = yield* TcpServer.fullQueue
      const attempt = Effect.async<string>((resume) => {
        const socket = Net.connect({ host, port })
        socket.on("connect", () => resume(Effect.succeed("connected")))
        socket.on("error", (error) => resume(Effect.succeed(error.message)))
        return Effect.sync(() => socket.destroy())
      })
      const [took, outcome] = yield* Effect.timed(Effect.timeoutOption(attempt, "300 millis"))
      assert.strictEqual(outcome._tag, "None")
      assert.isAtLeast(Duration.toMillis(took), 290)
    }))
})
