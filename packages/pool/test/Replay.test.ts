/** Which requests are sent again over a fresh connection, counted by the server. */
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import type * as Net from "node:net"
import { isPoolError } from "../src/ConnectionError.js"
import * as Replay from "../src/Replay.js"
import { answerOf, onRequests, serve } from "./util/rawServer.js"
import { assertAllBack, makePool, poolErrorOf } from "./util/support.js"

type Kind = "none" | "bytes" | "large" | "stream"

const bodies: { readonly [kind in Kind]: (request: HttpClientRequest.HttpClientRequest) => typeof request } = {
  none: (request) => request,
  bytes: HttpClientRequest.bodyText("x"),
  large: HttpClientRequest.bodyText("x".repeat(200_000)),
  stream: HttpClientRequest.bodyStream(Stream.make(new Uint8Array(10), new Uint8Array(10)))
}

/** Answers the first request of each connection, and closes the connection upon the second where it is told to. */
const server = (closesSecond: boolean) =>
  Effect.gen(function*() {
    const seen: Array<string> = []
    const sockets: Array<Net.Socket> = []
    const origin = yield* serve((socket) => {
      sockets.push(socket)
      let requests = 0
      onRequests(socket, ({ path }) => {
        seen.push(path)
        if (++requests === 2 && closesSecond) socket.destroy()
        else socket.write(answerOf("ok"))
      })
    })
    return { origin, seen, sockets }
  })

describe("a request that had begun to be written when its reused connection died", () => {
  const cases: ReadonlyArray<readonly [kind: Kind, resendOnStaleConnection: boolean, replay: Replay.Replay, boolean]> =
    [
      ["none", true, "always", true],
      ["bytes", true, "always", true],
      ["large", true, "always", true],
      ["stream", true, "always", false],
      ["bytes", false, "always", false],
      ["none", true, "unsent", false],
      ["bytes", true, "unsent", false],
      ["large", true, "unsent", false],
      ["stream", true, "unsent", false]
    ]
  for (const [kind, resendOnStaleConnection, replay, isResent] of cases) {
    it.scopedLive(`${kind}, ${replay}, resending ${resendOnStaleConnection}: sent ${isResent ? "again" : "once"}`, () =>
      Effect.gen(function*() {
        const { origin, seen } = yield* server(true)
        const { client, stats } = yield* makePool({ connectionPoolSize: 1, resendOnStaleConnection })
        const ask = (path: string) =>
          Effect.flatMap(
            client.execute(bodies[kind](HttpClientRequest.post(`${origin}${path}`))),
            (response) => response.text
          ).pipe(replay === "unsent" ? Replay.onlyUnsent : (self) => self)
        yield* ask("/first")
        const exit = yield* Effect.either(ask("/second"))
        assert.deepStrictEqual(seen, isResent ? ["/first", "/second", "/second"] : ["/first", "/second"])
        assert.strictEqual(exit._tag, isResent ? "Right" : "Left")
        if (exit._tag === "Left") {
          const { cause } = exit.left
          assert.isTrue(isPoolError(cause))
          if (!isPoolError(cause)) return
          assert.deepInclude({ ...cause }, { _tag: "ConnectionError", reason: "Reset", requestWritten: true })
          assert.isFalse(Replay.isUnsent(cause))
        }
        assertAllBack(yield* stats)
      }))
  }
})

describe("a request of which nothing was written when its reused connection died", () => {
  for (const kind of ["none", "bytes", "large", "stream"] as const) {
    for (const [resendOnStaleConnection, replay] of [[true, "unsent"], [false, "always"], [false, "unsent"]] as const) {
      it.scopedLive(`${kind}, ${replay}, resending ${resendOnStaleConnection}: is sent over another one`, () =>
        Effect.gen(function*() {
          const { origin, seen, sockets } = yield* server(false)
          const { client, stats } = yield* makePool({ connectionPoolSize: 4, resendOnStaleConnection })
          const ask = (path: string) =>
            Effect.flatMap(
              client.execute(bodies[kind](HttpClientRequest.post(`${origin}${path}`))),
              (response) => response.text
            ).pipe(replay === "unsent" ? Replay.onlyUnsent : (self) => self)
          yield* ask("/0")
          let resent = 0
          for (let round = 1; resent === 0 && round <= 300; round++) {
            // The end of the connection and the request meet, and may do so a moment too late.
            sockets.at(-1)?.destroy()
            for (let turn = 0; turn < round % 4; turn++) yield* Effect.promise(() => new Promise(setImmediate))
            const outcome = yield* Effect.either(ask(`/${round}`))
            if (outcome._tag === "Left") assert.deepInclude(outcome.left.cause, { requestWritten: true })
            resent = (yield* stats).resent
          }
          assert.isAbove(resent, 0)
          assert.strictEqual(new Set(seen).size, seen.length, "none came twice")
          assertAllBack(yield* stats)
        }))
    }
  }
})

describe("a failure before anything was sent", () => {
  it.scopedLive("says so", () =>
    Effect.gen(function*() {
      const refused = yield* makePool()
      const error = yield* poolErrorOf(refused.client.post("http://127.0.0.1:1/"))
      assert.deepInclude({ ...error }, { _tag: "ConnectionError", reason: "Refused", requestWritten: false })
      assert.isTrue(Replay.isUnsent(error))

      const silent = yield* serve((socket) => void socket.resume())
      const busy = yield* makePool({ connectionPoolSize: 1, acquireTimeout: "20 millis", readTimeout: "500 millis" })
      const first = yield* Effect.fork(poolErrorOf(busy.client.post(silent)))
      yield* Effect.sleep("10 millis")
      const late = yield* poolErrorOf(busy.client.post(silent))
      assert.deepInclude({ ...late }, { phase: "acquire", requestWritten: false })
      const unanswered = yield* Fiber.join(first)
      assert.deepInclude({ ...unanswered }, { phase: "read", requestWritten: true })
      assert.isFalse(Replay.isUnsent(unanswered))
    }))
})
