import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as PlatformSocket from "effect/socket/Socket"
import * as Stream from "effect/Stream"
import * as ConnectionPool from "../../src/ConnectionPool.js"
import * as WebSocket from "../../src/WebSocket.js"
import { assert, describe, it } from "../util/effect/Vitest.js"
import { assertAllBack, makePool } from "../util/support.js"
import { serveWebSockets } from "../util/webSocketServer.js"

describe("as a Socket of Effect", () => {
  it.scopedLive("reads what comes, sends at once what is written, and ends with the code of the close", () =>
    Effect.gen(function*() {
      const server = yield* serveWebSockets()
      const { pool, stats } = yield* makePool()
      yield* Effect.scoped(Effect.gen(function*() {
        const socket = yield* WebSocket.socket({ url: server.url })
        assert.isTrue(PlatformSocket.isSocket(socket))
        const { write, writeAll } = yield* socket.writer
        yield* writeAll(["a", Uint8Array.of(1)])
        yield* write("c")
        const { pull } = yield* socket.reader
        const got: Array<string | Uint8Array> = []
        while (got.length < 3) {
          for (const message of yield* pull) got.push(typeof message === "string" ? message : Uint8Array.from(message))
        }
        assert.deepStrictEqual(got, ["a", Uint8Array.of(1), "c"])
        yield* write(new PlatformSocket.CloseEvent(1000, "done"))
        const { reason } = yield* Effect.flip(pull)
        assert.isTrue(reason._tag === "SocketCloseError" && reason.code === 1000)
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
      const socket = WebSocket.toSocket(yield* WebSocket.openWith(pool, { url: server.url }))
      const got = yield* Stream.make("one").pipe(
        Stream.concat(Stream.never),
        Stream.pipeThroughChannel(PlatformSocket.toChannelString<never>(socket)),
        Stream.runHead
      )
      assert.isTrue(got._tag === "Some" && got.value === "one")
      const { write } = yield* socket.writer
      yield* write("bye")
      const { reason } = yield* Effect.flip(Effect.flatMap(socket.reader, ({ pull }) => pull))
      assert.isTrue(reason._tag === "SocketCloseError" && reason.code === 4000 && reason.closeReason === "why")
      assert.strictEqual((yield* Effect.flip(write("late"))).reason._tag, "SocketWriteError")
    }))

  it.scopedLive("tells who reads of the network's error, and of the end of its scope", () =>
    Effect.gen(function*() {
      const server = yield* serveWebSockets()
      const { pool } = yield* makePool()
      const socket = WebSocket.toSocket(yield* WebSocket.openWith(pool, { url: server.url }))
      const scope = yield* Scope.make()
      const { pull } = yield* Scope.provide(socket.reader, scope)
      const reading = yield* Effect.forkChild(Effect.flip(pull))
      yield* Effect.yieldNow
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual((yield* Fiber.join(reading)).reason._tag, "SocketCloseError")
      for (const ws of server.sockets) ws.destroy()
      const { reason } = yield* Effect.flip(Effect.flatMap(socket.reader, ({ pull }) => pull))
      assert.strictEqual(reason._tag, "SocketReadError")
    }))
})
