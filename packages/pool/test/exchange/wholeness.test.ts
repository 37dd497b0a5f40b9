/** When an answer is whole, and when a connection can go on: what undici would judge otherwise. */
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import type * as Net from "node:net"
import { isTried } from "../../../../scripts/thorough.js"
import { isPoolError } from "../../src/ConnectionError.js"
import { answerOf, headOf, onRequests, serve } from "../util/rawServer.js"
import { assertAllBack, makePool, poolErrorOf } from "../util/support.js"

const text = "1,2,3\n4,5,6\n"
const framings: Readonly<Record<string, Buffer>> = {
  "ends with its connection": Buffer.concat([headOf("200 OK", "content-type: text/csv"), Buffer.from(text)]),
  "has a length": Buffer.concat([headOf("200 OK", `content-length: ${text.length}`), Buffer.from(text)]),
  "has a length and closes": Buffer.concat([
    headOf("200 OK", `content-length: ${text.length}`, "connection: close"),
    Buffer.from(text)
  ]),
  "comes in chunks": Buffer.concat([
    headOf("200 OK", "transfer-encoding: chunked"),
    Buffer.from(`${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`)
  ])
}

const ways: Readonly<Record<string, (socket: Net.Socket) => void>> = {
  reset: (socket) => void setTimeout(() => socket.resetAndDestroy(), 3),
  ended: (socket) => void socket.end()
}

describe("an answer that", () => {
  for (const [framing, bytes] of Object.entries(framings)) {
    for (const [way, stop] of Object.entries(ways)) {
      it.scopedLive(`${framing} and is ${way} after any byte is an error, or whole`, () =>
        Effect.gen(function*() {
          const origin = yield* serve((socket) =>
            onRequests(socket, ({ path }) => {
              socket.write(bytes.subarray(0, Number(path.slice(1))))
              stop(socket)
            })
          )
          const { client, stats } = yield* makePool({ connectionPoolSize: 16, resendOnStaleConnection: false })
          const isDelimitedByEnd = framing === "ends with its connection"
          const endOfHead = bytes.indexOf("\r\n\r\n") + 4
          // Of the head some bytes; all of the rest, and of what ends the head.
          const lengths = Array.from({ length: bytes.length }, (_, i) => i + 1)
            .filter((length) => length > endOfHead - 5 || isTried(length, 5))
          yield* Effect.forEach(lengths, (length) =>
            Effect.gen(function*() {
              const outcome = yield* Effect.either(
                Effect.flatMap(client.get(`${origin}/${length}`), (response) => response.text)
              )
              const isWhole = way === "ended" && isDelimitedByEnd ? length >= endOfHead : length === bytes.length
              if (outcome._tag === "Left") {
                const { cause } = outcome.left
                assert.isTrue(isPoolError(cause) && cause._tag === "ConnectionError", `${length}: ${String(cause)}`)
                if (!isPoolError(cause) || cause._tag !== "ConnectionError") return
                assert.include(["Reset", "Truncated"], cause.reason)
                assert.isFalse(cause.isRetryable)
                // A reset overtakes what came before it.
                assert.isTrue(!isWhole || way === "reset", `${length} bytes are whole`)
              } else {
                assert.isTrue(isWhole && !(way === "reset" && isDelimitedByEnd), `${length} bytes: ${outcome.right}`)
                assert.strictEqual(
                  outcome.right,
                  isDelimitedByEnd ? text.slice(0, length - endOfHead) : text
                )
              }
            }), { concurrency: 8, discard: true })
          assertAllBack(yield* stats)
        }), 60_000)
    }
  }
})

describe("an answer whose end is followed by a reset", () => {
  for (const [when, wait] of Object.entries({ "at once": setImmediate, "a moment later": setTimeout })) {
    it.scopedLive(`${when} is whole where it ends with its connection, and else as whole as its length says`, () =>
      Effect.gen(function*() {
        const origin = yield* serve((socket) =>
          onRequests(socket, ({ path }) => {
            socket.write(path === "/length" ? answerOf(text).subarray(0, -1) : framings["ends with its connection"]!)
            socket.end()
            socket.once("finish", () => void wait(() => socket.resetAndDestroy()))
          })
        )
        const { client, stats } = yield* makePool({ connectionPoolSize: 1 })
        for (let i = 0; i < 10; i++) {
          assert.strictEqual(yield* Effect.flatMap(client.get(origin), (response) => response.text), text)
          const error = yield* poolErrorOf(Effect.flatMap(client.get(`${origin}/length`), (response) => response.text))
          assert.deepInclude({ ...error }, { _tag: "ConnectionError", reason: "Truncated" })
        }
        assertAllBack(yield* stats)
      }))
  }
})

describe("informational answers", () => {
  const signs = [
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 102 Processing\r\n\r\n",
    "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n"
  ]
  const timings: Readonly<Record<string, (socket: Net.Socket, sign: string, answer: Buffer) => void>> = {
    "at once": (socket, sign, answer) => void socket.write(Buffer.concat([Buffer.from(sign), answer])),
    "apart": (socket, sign, answer) => {
      socket.write(sign)
      setTimeout(() => socket.write(answer), 10)
    },
    "byte for byte": (socket, sign, answer) => {
      const bytes = Buffer.concat([Buffer.from(sign), answer])
      const next = (i: number) => {
        if (i === bytes.length || socket.destroyed) return
        socket.write(bytes.subarray(i, i + 1))
        setImmediate(() => next(i + 1))
      }
      next(0)
    },
    "three times": (socket, sign, answer) => void socket.write(Buffer.concat([Buffer.from(sign.repeat(3)), answer]))
  }
  for (const [timing, write] of Object.entries(timings)) {
    it.scopedLive(`are passed over: ${timing}`, () =>
      Effect.gen(function*() {
        const origin = yield* serve((socket) =>
          onRequests(socket, ({ path }) => write(socket, signs[Number(path.slice(1))]!, answerOf("ok")))
        )
        const { client, stats } = yield* makePool({ connectionPoolSize: 1 })
        for (let i = 0; i < 2 * signs.length; i++) {
          const request = HttpClientRequest.post(`${origin}/${i % signs.length}`).pipe(HttpClientRequest.bodyText("x"))
          const response = yield* client.execute(request)
          assert.deepStrictEqual([response.status, yield* response.text], [200, "ok"])
        }
        assert.strictEqual((yield* stats).opened, 1)
      }))
  }

  it.scopedLive("are passed over where they come before the request", () =>
    Effect.gen(function*() {
      const origin = yield* serve((socket) => {
        socket.write(signs[0]!)
        onRequests(socket, () => socket.write(answerOf("ok")))
      })
      const { client } = yield* makePool()
      assert.strictEqual(yield* Effect.flatMap(client.get(origin), (response) => response.text), "ok")
    }))

  it.scopedLive("are signs of life, and no answer", () =>
    Effect.gen(function*() {
      const origin = yield* serve((socket) =>
        onRequests(socket, () => {
          socket.write(signs[0]!)
          setTimeout(() => socket.destroy(), 10)
        })
      )
      const { client } = yield* makePool()
      const error = yield* poolErrorOf(client.get(origin))
      assert.deepInclude({ ...error }, { _tag: "ConnectionError", responseStarted: true })
    }))
})

describe("answers that have no body", () => {
  const cases: ReadonlyArray<readonly [status: string, field: string]> = [
    ["204 No Content", "content-length: 5"],
    ["204 No Content", "transfer-encoding: chunked"],
    ["204 No Content", "x: y"],
    ["304 Not Modified", "content-length: 5"],
    ["304 Not Modified", "transfer-encoding: chunked"],
    ["304 Not Modified", "x: y"]
  ]
  for (const [status, field] of cases) {
    it.scopedLive(`end with their head: ${status}, ${field}`, () =>
      Effect.gen(function*() {
        const origin = yield* serve((socket) => onRequests(socket, () => socket.write(headOf(status, field))))
        const { client, stats } = yield* makePool({ connectionPoolSize: 1, readTimeout: "5 seconds" })
        for (let i = 0; i < 3; i++) {
          const response = yield* client.get(origin)
          assert.strictEqual(String(response.status), status.slice(0, 3))
          assert.strictEqual(yield* response.text, "")
          assert.strictEqual(yield* Stream.runCount(yield* Effect.map(client.get(origin), ({ stream }) => stream)), 0)
        }
        assertAllBack(yield* stats)
      }))
  }

  it.scopedLive("leave their connection to the next: HEAD, and requests with a body of any method", () =>
    Effect.gen(function*() {
      const origin = yield* serve((socket) =>
        onRequests(
          socket,
          ({ method }) => socket.write(method === "HEAD" ? headOf("200 OK", "content-length: 5") : answerOf("ok"))
        )
      )
      const { client, stats } = yield* makePool({ connectionPoolSize: 1 })
      for (let i = 0; i < 3; i++) {
        const head = yield* client.head(origin)
        assert.deepStrictEqual([head.headers["content-length"], yield* head.text], ["5", ""])
        yield* Effect.flatMap(
          client.execute(HttpClientRequest.del(origin).pipe(HttpClientRequest.bodyText("x"))),
          (response) => response.text
        )
      }
      assert.strictEqual((yield* stats).opened, 1)
    }))
})
