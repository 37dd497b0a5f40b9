import * as PlatformSocket from "@effect/platform/Socket"
import { assert, describe, it } from "@effect/vitest"
import { Certificates, ProxySimulator } from "effect-dashscope-simulator"
import * as Channel from "effect/Channel"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Esbuild from "esbuild"
import { fileURLToPath } from "node:url"
import * as ConnectionPool from "../../src/ConnectionPool.js"
import * as WebSocket from "../../src/WebSocket.js"
import { assertAllBack, makePool } from "../util/support.js"
import { serveWebSockets } from "../util/webSocketServer.js"

describe("as a Socket of @effect/platform", () => {
  it.scopedLive("runs a handler for each message, one after another, and ends with a normal close", () =>
    Effect.gen(function*() {
      const server = yield* serveWebSockets()
      const { pool, stats } = yield* makePool()
      yield* Effect.scoped(Effect.gen(function*() {
        const socket = yield* WebSocket.socket({ url: server.url })
        assert.isTrue(PlatformSocket.isSocket(socket))
        const write = yield* socket.writer
        const got: Array<string | Uint8Array> = []
        let isBusy = false
        yield* socket.runRaw((message) =>
          Effect.gen(function*() {
            assert.isFalse(isBusy)
            isBusy = true
            yield* Effect.yieldNow()
            isBusy = false
            got.push(typeof message === "string" ? message : Uint8Array.from(message))
            if (got.length === 3) yield* write(new PlatformSocket.CloseEvent(1000, "done"))
          }), {
          onOpen: Effect.forEach(["a", Uint8Array.of(1), "c"], write, { discard: true }).pipe(Effect.orDie)
        })
        assert.deepStrictEqual(got, ["a", Uint8Array.of(1), "c"])
      })).pipe(Effect.provideService(ConnectionPool.ConnectionPool, pool))
      assertAllBack(yield* stats)
    }))

  it.scopedLive("carries a channel, and its errors are the platform's", () =>
    Effect.gen(function*() {
      const server = yield* serveWebSockets({
        onOpen: (ws) =>
          ws.on("message", (data: Buffer) => data.toString() === "bye" ? ws.close(4000, "why") : ws.send(data))
      })
      const { pool } = yield* makePool()
      const lease = yield* WebSocket.openWith(pool, { url: server.url })
      const socket = WebSocket.toSocket(lease)
      const got = yield* Stream.make("one").pipe(
        Stream.concat(Stream.never),
        Stream.pipeThroughChannel(PlatformSocket.toChannelString<never>(socket)),
        Stream.runHead
      )
      assert.isTrue(got._tag === "Some" && got.value === "one")
      const write = yield* socket.writer
      yield* write("bye")
      const error = yield* Effect.flip(socket.run(() => {}))
      assert.isTrue(PlatformSocket.SocketCloseError.is(error) && error.code === 4000 && error.closeReason === "why")
      const late = yield* Effect.flip(write("late"))
      assert.isTrue(late.reason === "Write")
      assert.isTrue(Channel.ChannelTypeId in PlatformSocket.toChannel(socket))
    }))

  it.scopedLive("an error of the handler, and one of the network, are its own", () =>
    Effect.gen(function*() {
      const server = yield* serveWebSockets({ onOpen: (ws) => ws.send("x", () => setTimeout(() => ws.terminate(), 5)) })
      const { pool } = yield* makePool()
      const socket = WebSocket.toSocket(yield* WebSocket.openWith(pool, { url: server.url }))
      assert.strictEqual(yield* Effect.flip(socket.runRaw(() => Effect.fail("mine" as const))), "mine")
      const error = yield* Effect.flip(socket.runRaw(() => {}))
      assert.isTrue(PlatformSocket.isSocketError(error) && error.reason === "Read")
    }))
})

describe("over TLS", () => {
  it.scopedLive("directly and through proxies; one whose certificate is not trusted is refused", () =>
    Effect.gen(function*() {
      const authority = yield* Certificates.make
      const tls = yield* authority.server
      const server = yield* serveWebSockets({ tls })
      const proxy = yield* ProxySimulator.make()
      for (const through of [undefined, proxy.url]) {
        const { pool, stats } = yield* makePool({ tls: { ca: authority.ca }, proxy: through })
        for (let i = 0; i < 3; i++) {
          yield* Effect.scoped(Effect.gen(function*() {
            const lease = yield* WebSocket.openWith(pool, { url: server.url, reuse: {} })
            assert.strictEqual(lease.isReused, i > 0)
            const large = "很".repeat(300_000)
            yield* lease.send(large)
            assert.deepStrictEqual(yield* lease.take, [large])
            yield* lease.keep
          }))
        }
        const now = yield* stats
        assertAllBack(now)
        assert.deepStrictEqual(Object.keys(now.hosts), [`wss://127.0.0.1:${server.port}`])
      }
      const { pool, stats } = yield* makePool()
      const error = yield* Effect.flip(WebSocket.openWith(pool, { url: server.url }))
      assert.isTrue(error._tag === "ConnectionError" && error.reason === "Tls")
      assertAllBack(yield* stats)
    }))
})

describe("the package ws", () => {
  it("is loaded with the first WebSocket, and not before", async () => {
    const { metafile } = await Esbuild.build({
      entryPoints: [fileURLToPath(new URL("../../src/index.ts", import.meta.url))],
      bundle: true,
      splitting: true,
      write: false,
      metafile: true,
      format: "esm",
      platform: "node",
      external: ["@effect/*", "effect", "effect/*", "undici"],
      outdir: "out",
      logLevel: "silent"
    })
    const ofWs = (name: string) => /node_modules\/ws\//.test(name)
    const outputs = Object.values(metafile.outputs)
    const entry = outputs.find(({ entryPoint }) => entryPoint?.endsWith("src/index.ts") === true)
    assert.isDefined(entry)
    const reached = new Set<string>()
    const follow = (output: typeof entry): void => {
      for (const name of Object.keys(output.inputs)) reached.add(name)
      for (const { kind, path } of output.imports) {
        const next = metafile.outputs[path]
        if (kind === "import-statement" && next !== undefined) follow(next)
      }
    }
    follow(entry)
    assert.isTrue([...reached].some((name) => name.endsWith("src/WebSocket.ts")))
    assert.deepStrictEqual([...reached].filter(ofWs), [])
    assert.isTrue(outputs.some(({ inputs }) => Object.keys(inputs).some(ofWs)))
  })
})
