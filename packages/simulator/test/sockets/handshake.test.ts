import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { bodyOf, connect, generationPath } from "../helpers.js"
import { lastEvent, open, refused, say } from "../socketClient.js"

describe("the handshake of a WebSocket", () => {
  it.scopedLive("is refused as HTTP refuses a request", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ apiKeys: ["key"] })
      const { origin } = simulator
      const told = (status: number, code: string) => ({ status, code })
      const refusal = (dial: Parameters<typeof refused>[1]) =>
        Effect.map(refused(origin, dial), ({ body, headers, status }) => {
          const { code, request_id } = JSON.parse(body) as { readonly code: string; readonly request_id: string }
          assert.strictEqual(headers["x-request-id"], request_id)
          return told(status, code)
        })
      assert.deepStrictEqual(yield* refusal({ headers: { authorization: "Bearer no" } }), told(401, "InvalidApiKey"))
      assert.deepStrictEqual(yield* refusal({ headers: { authorization: "" } }), told(401, "InvalidApiKey"))
      assert.deepStrictEqual(yield* refusal({ path: "/api-ws/v1/other" }), told(404, "NotFound"))
      const error = { status: 403, code: "AccessDenied.Unpurchased" }
      assert.deepStrictEqual(yield* refusal({ behavior: { error } }), told(403, "AccessDenied.Unpurchased"))
      const shaped = yield* refused(origin, {
        behavior: { latency: 1, error: { status: 429, shape: "html", retryAfter: 3 } }
      })
      assert.deepInclude(shaped, { status: 429 })
      assert.strictEqual(shaped.headers["retry-after"], "3")
      assert.include(shaped.body, "<h1>429</h1>")
      yield* simulator.awaitIdle
      assert.deepInclude(yield* simulator.socketStats, { refused: 5, opened: 0 })
      assert.deepInclude(yield* simulator.stats, { totalRequests: 5, requestsInFlight: 0, abortedRequests: 0 })
    }))

  it.scopedLive("is limited, decided by what is recorded of it, and breaks off as it is told", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        rateLimit: { requests: 4, perMillis: 3_600_000 },
        behaviorOf: ({ method, path }) =>
          method === "GET" && path.includes("slow") ? { latency: 5, error: { status: 503 } } : undefined
      })
      const { origin } = simulator
      assert.strictEqual((yield* refused(origin, { path: "/api-ws/v1/inference?slow" })).status, 503)
      const broken = (_tag: "CloseBeforeHeaders" | "ResetBeforeHeaders") =>
        Effect.map(refused(origin, { behavior: { fault: { _tag } } }), ({ body, status }) => [status, body])
      assert.deepStrictEqual(yield* broken("CloseBeforeHeaders"), [0, "socket hang up"])
      assert.deepStrictEqual(yield* broken("ResetBeforeHeaders"), [0, "read ECONNRESET"])
      assert.isTrue(
        (yield* Effect.timeoutOption(
          refused(origin, { behavior: { fault: { _tag: "StallBeforeHeaders" } } }),
          "40 millis"
        ))._tag === "None"
      )
      assert.strictEqual((yield* refused(origin)).status, 429)
      yield* simulator.closeConnections
      yield* simulator.awaitIdle
    }))

  it.scopedLive("may be over TLS, with a slash, and breaks off after it", () =>
    Effect.gen(function*() {
      const { ca = "", origin } = yield* Simulator.make({ tls: true })
      const client = yield* open(origin, { ca, path: "/api-ws/v1/inference/", behavior: { latency: 2 } })
      yield* say(client, ["x"])
      assert.strictEqual(lastEvent(client), "task-finished")
      const reset = yield* open(origin, { ca, behavior: { fault: { _tag: "ResetAfterHeaders" } } })
      yield* reset.until(() => reset.ended()?.code === 1006)
      const silent = yield* open(origin, { ca, behavior: { fault: { _tag: "StallAfterHeaders" } } })
      yield* Effect.timeoutOption(say(silent, ["x"]), "30 millis")
      assert.deepStrictEqual(silent.texts, [])
    }))

  it.scopedLive("that offers another protocol is a request like others", () =>
    Effect.gen(function*() {
      const { port } = yield* Simulator.make()
      const raw = yield* connect(port)
      const body = JSON.stringify(bodyOf("1+1?"))
      raw.socket.write(
        `POST ${generationPath} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer key\r\n` +
          `connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\ncontent-length: ${body.length}\r\n\r\n${body}`
      )
      yield* raw.until(() => raw.text().includes("1+1 equals 2."))
      assert.match(raw.text(), /^HTTP\/1.1 200 /)
    }))
})
