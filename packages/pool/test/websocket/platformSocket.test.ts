import * as PlatformSocket from "@effect/platform/Socket"
import { assert, describe, it } from "@effect/vitest"
import * as Channel from "effect/Channel"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
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
