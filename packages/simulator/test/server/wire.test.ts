import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { assert, describe, it } from "@effect/vitest"
import type { Behavior } from "effect-dashscope-simulator"
import { Simulator } from "effect-dashscope-simulator"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as Https from "node:https"
import { gunzipSync } from "node:zlib"
import { ask, at, bodyOf, bodyText, connect, dataOf, generationPath } from "../helpers.js"

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

describe("the service", () => {
  it.scopedLive("answers as DashScope does", () =>
    Effect.gen(function*() {
      const { origin, url } = yield* Simulator.make()
      assert.strictEqual(url, `${origin}/api/v1`)
      const reply = yield* ask(origin, { body: bodyOf("1+1?") })
      assert.strictEqual(reply.status, 200)
      assert.strictEqual(at(reply.json, "output", "choices", 0, "message", "content"), "1+1 equals 2.")
      assert.match(String(at(reply.json, "request_id")), uuid)
      assert.strictEqual(reply.headers.get("x-request-id"), at(reply.json, "request_id"))
      assert.strictEqual(reply.headers.get("content-type"), "application/json")
      assert.strictEqual(reply.headers.get("x-dashscope-call-gateway"), "true")
      assert.match(String(reply.headers.get("req-cost-time")), /^\d+$/)
      const again = yield* ask(origin, { body: bodyOf("1+1?") })
      assert.deepStrictEqual(again.json, reply.json)
    }))

  it.scopedLive("refuses as DashScope does", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make({ apiKeys: ["key"], models: ["qwen-plus"] })
      const refused = (one: Parameters<typeof ask>[1]) =>
        Effect.map(ask(origin, one), ({ json, status }) => `${status} ${String(at(json, "code"))}`)
      assert.strictEqual(yield* refused({ headers: { authorization: "Bearer other" } }), "401 InvalidApiKey")
      assert.strictEqual(yield* refused({ headers: { authorization: "" } }), "401 InvalidApiKey")
      assert.strictEqual((yield* ask(origin, { headers: { authorization: "bearer key" } })).status, 200)
      assert.strictEqual(yield* refused({ path: "/api/v1/nothing" }), "404 NotFound")
      assert.strictEqual(yield* refused({ path: "/" }), "404 NotFound")
      assert.strictEqual(yield* refused({ method: "GET" }), "400 InvalidParameter")
      assert.strictEqual(yield* refused({ body: { ...bodyOf("x"), model: "qwen-max" } }), "404 ModelNotFound")
      assert.strictEqual(yield* refused({ body: { input: {} } }), "400 BadRequest.EmptyModel")
      assert.strictEqual(yield* refused({ body: { model: "qwen-plus" } }), "400 BadRequest.EmptyInput")
      assert.strictEqual(yield* refused({ body: { model: "qwen-plus", input: {} } }), "400 InvalidParameter")
      assert.strictEqual(yield* refused({ body: "{\"model\":" }), "400 InvalidParameter")
      assert.strictEqual(
        yield* refused({ headers: { "x-simulator-behavior": "{\"latencie\":1}" } }),
        "400 SimulatorBehavior"
      )
      const any = yield* Simulator.make()
      assert.strictEqual((yield* ask(any.origin, { body: { ...bodyOf("x"), model: "unknown-1" } })).status, 404)
      const unauthorized = yield* ask(any.origin, { headers: { authorization: "" } })
      assert.strictEqual(unauthorized.status, 401)
      assert.strictEqual(unauthorized.headers.get("content-type"), "application/json")
      const untyped = yield* ask(any.origin, { behavior: { error: { status: 401, contentType: "" } } })
      assert.isNull(untyped.headers.get("content-type"))
    }))

  it.scopedLive("streams", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const reply = yield* ask(origin, { stream: true, body: bodyOf("1+1?", { incremental_output: true }) })
      assert.strictEqual(reply.status, 200)
      assert.strictEqual(reply.headers.get("content-type"), "text/event-stream;charset=UTF-8")
      const contents = dataOf(reply.text).map((data) =>
        String(at(JSON.parse(data), "output", "choices", 0, "message", "content"))
      )
      assert.strictEqual(contents.join(""), "1+1 equals 2.")
      const refused = yield* ask(origin, { stream: true, body: bodyOf("") })
      assert.strictEqual(refused.status, 200)
      assert.match(refused.text, /^id:1\nevent:error\n:HTTP_STATUS\/400\ndata:\{"code":"InvalidParameter"/)
    }))

  it.scopedLive("gives repeated requests ids of their own if so asked", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make({ uniqueRequestIds: true })
      const [one, two] = yield* Effect.all([ask(origin), ask(origin)])
      assert.notStrictEqual(at(one.json, "request_id"), at(two.json, "request_id"))
    }))

  it.scopedLive("listens on several ports, and records what arrives", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ hosts: 3, record: 4 })
      assert.strictEqual(new Set(simulator.ports).size, 3)
      for (const url of simulator.urls) {
        yield* ask(new URL(url).origin, { body: bodyOf("你好"), headers: { "x-mine": url } })
      }
      const raw = yield* connect(simulator.port)
      yield* raw.send({ body: "first" })
      yield* raw.until(({ text }) => text().includes("request_id"))
      yield* raw.send({ body: "second", path: `${generationPath}?a=b` })
      yield* raw.until(({ text }) => text().split("request_id").length === 3)
      const requests = yield* simulator.requests
      assert.deepStrictEqual(requests.map(({ index }) => index), [2, 3, 4, 5])
      assert.deepStrictEqual(requests.slice(0, 2).map(({ port }) => port), simulator.ports.slice(1))
      assert.strictEqual(requests[0]?.headers["x-mine"], simulator.urls[1])
      assert.deepStrictEqual(JSON.parse(requests[0]?.body ?? ""), bodyOf("你好"))
      assert.deepInclude(requests[3], {
        method: "POST",
        path: `${generationPath}?a=b`,
        body: "second",
        connection: 4,
        ordinal: 2
      })
      const stats = yield* simulator.stats
      assert.strictEqual(stats.totalRequests, 5)
      assert.deepStrictEqual(simulator.ports.map((port) => stats.byPort.get(port)?.totalRequests), [3, 1, 1])
      yield* simulator.clearRequests
      assert.deepStrictEqual(yield* simulator.requests, [])
    }))

  it.scopedLive("leaves other paths to an app of your own", () =>
    Effect.gen(function*() {
      const { origin, stats } = yield* Simulator.make({ app: Effect.succeed(HttpServerResponse.text("mine")) })
      assert.strictEqual((yield* ask(origin, { path: "/other", method: "GET" })).text, "mine")
      assert.strictEqual((yield* ask(origin)).status, 200)
      assert.strictEqual((yield* stats).totalRequests, 2)
    }))

  it.scopedLive("limits the rate", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make({ rateLimit: { requests: 2, perMillis: 600_000, retryAfter: true } })
      const replies = yield* Effect.all([ask(origin), ask(origin), ask(origin)])
      assert.deepStrictEqual(replies.map(({ status }) => status), [200, 200, 429])
      const refused = yield* ask(origin)
      assert.strictEqual(at(refused.json, "code"), "Throttling.RateQuota")
      const seconds = Number(refused.headers.get("retry-after"))
      assert.isTrue(Number.isInteger(seconds) && seconds > 0 && seconds <= 600, String(seconds))
    }))

  it.scopedLive("limits the rate without a word about when to come back, as the service does", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make({ rateLimit: { requests: 1, perMillis: 600_000 } })
      assert.strictEqual((yield* ask(origin)).status, 200)
      for (const stream of [false, true]) {
        const refused = yield* ask(origin, { stream })
        assert.strictEqual(refused.status, 429)
        assert.strictEqual(at(refused.json, "code"), "Throttling.RateQuota")
        assert.isNull(refused.headers.get("retry-after"))
      }
    }))

  it.scopedLive("behaves by request, by function and by server, in this order", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        behavior: { error: { status: 500 } },
        behaviorOf: ({ ordinal }) => ordinal === 2 ? { error: { status: 503 } } : undefined
      })
      const raw = yield* connect(simulator.port)
      const statuses = () => [...raw.text().matchAll(/HTTP\/1.1 (\d+)/g)].map(([, status]) => status)
      for (const [i, behavior] of [undefined, undefined, {}, { error: { status: 429 } }].entries()) {
        yield* raw.send({ behavior })
        yield* raw.until(({ text }) => text().split("x-request-id").length === i + 2)
      }
      assert.deepStrictEqual(statuses(), ["500", "503", "200", "429"])
      yield* simulator.setBehavior({})
      yield* raw.send()
      yield* raw.until(() => statuses().length === 5)
      assert.strictEqual(statuses()[4], "200")
    }))
})

describe("faults, as the client sees them", () => {
  const total = (text: string) => Number(/content-length: (\d+)/i.exec(text)?.[1])

  const exchange = (behavior: Behavior.Behavior, stream = false) =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const raw = yield* connect(simulator.port)
      yield* raw.send({ behavior, stream })
      return { raw, simulator }
    })

  it.scopedLive("before the head", () =>
    Effect.gen(function*() {
      for (
        const [fault, end] of [
          [{ _tag: "CloseBeforeHeaders" }, "fin"],
          [{ _tag: "ResetBeforeHeaders" }, "ECONNRESET"]
        ] as const
      ) {
        const { raw, simulator } = yield* exchange({ fault })
        yield* raw.until(({ ended }) => ended() !== undefined)
        assert.deepStrictEqual([raw.ended(), raw.text()], [end, ""])
        const stats = yield* simulator.waitFor(({ openConnections }) => openConnections === 0)
        assert.deepInclude(stats, { totalRequests: 1, abortedRequests: 1, requestsInFlight: 0 })
      }
    }))

  it.scopedLive("after the head and inside the body", () =>
    Effect.gen(function*() {
      const reset = yield* exchange({ fault: { _tag: "ResetAfterHeaders" } })
      yield* reset.raw.until(({ ended }) => ended() !== undefined)
      assert.strictEqual(reset.raw.ended(), "ECONNRESET")
      assert.strictEqual(bodyText(reset.raw.text()), "")
      assert.isAbove(total(reset.raw.text()), 100)

      const later = yield* exchange({ fault: { _tag: "ResetAfterBytes", bytes: 40 } })
      yield* later.raw.until(({ ended }) => ended() !== undefined)
      assert.strictEqual(later.raw.ended(), "ECONNRESET")
      assert.strictEqual(bodyText(later.raw.text()).length, 40)

      const half = yield* exchange({ fault: { _tag: "HalfBody" } })
      yield* half.raw.until(({ ended }) => ended() !== undefined)
      assert.strictEqual(half.raw.ended(), "fin")
      assert.strictEqual(bodyText(half.raw.text()).length, total(half.raw.text()) >> 1)
    }))

  it.scopedLive("silence, until the client gives up", () =>
    Effect.gen(function*() {
      const stalls: ReadonlyArray<readonly [Behavior.Behavior, string]> = [
        [{ fault: { _tag: "StallBeforeHeaders" } }, ""],
        [{ fault: { _tag: "StallAfterHeaders" } }, "\r\n\r\n"],
        [{ fault: { _tag: "StallAfterBytes", bytes: 12 } }, "{\"output\":{\""],
        [{ fault: { _tag: "OpenEndedBody" } }, "request_id"],
        [{ error: { endless: "open" } }, "request_id"]
      ]
      for (const [behavior, expected] of stalls) {
        const { raw, simulator } = yield* exchange(behavior)
        yield* raw.until(({ text }) => text().includes(expected))
        yield* Effect.sleep("30 millis")
        assert.isUndefined(raw.ended())
        assert.isTrue(expected === "" ? raw.text() === "" : raw.text().includes(expected))
        assert.strictEqual((yield* simulator.stats).requestsInFlight, 1)
        raw.socket.destroy()
        yield* simulator.awaitIdle
        assert.strictEqual((yield* simulator.stats).abortedRequests, 1)
      }
    }))

  it.scopedLive("a request that is not read", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const raw = yield* connect(simulator.port)
      const body = "x".repeat(24_000_000)
      yield* raw.send({ body, behavior: { fault: { _tag: "NeverReadRequest", resumeAfter: 300 } } })
      yield* Effect.sleep("150 millis")
      // Whatever the kernel takes is gone; the rest waits.
      assert.isAbove(raw.socket.writableLength, 1_000_000)
      const before = yield* simulator.stats
      assert.isBelow(before.bytesReceived, 1_000_000)
      assert.strictEqual(before.requestsInFlight, 1)
      raw.socket.destroy()
      yield* simulator.awaitIdle
    }))

  it.scopedLive("latencies, an early hint and connection: close", () =>
    Effect.gen(function*() {
      const start = performance.now()
      const { raw } = yield* exchange({ latency: 500, bodyLatency: 60, fault: { _tag: "Informational" } })
      yield* raw.until(({ text }) => text().startsWith("HTTP/1.1 103 "))
      assert.notInclude(raw.text(), "HTTP/1.1 200 ")
      yield* raw.until(({ text }) => text().includes("HTTP/1.1 200 "))
      assert.isAtLeast(performance.now() - start, 495)
      yield* raw.until(({ text }) => text().includes("request_id"))
      assert.isAtLeast(performance.now() - start, 550)
      const closing = yield* exchange({ fault: { _tag: "ConnectionClose" } })
      yield* closing.raw.until(({ ended }) => ended() === "fin")
      assert.match(closing.raw.text(), /\r\nconnection: close\r\n/)
      assert.isTrue(closing.raw.text().endsWith("}"))
    }))

  it.scopedLive("gzip", () =>
    Effect.gen(function*() {
      for (const stream of [false, true]) {
        const { raw } = yield* exchange({ gzip: true, fault: { _tag: "ConnectionClose" } }, stream)
        yield* raw.until(({ ended }) => ended() === "fin")
        const text = gunzipSync(Buffer.from(bodyText(raw.text()), "latin1")).toString()
        assert.include(text, "\"content\":\"You said")
      }
    }))

  it.scopedLive("streams that stall, reset, break off or drip", () =>
    Effect.gen(function*() {
      const stalled = yield* exchange({ stream: { stallAfterEvents: 2 } }, true)
      yield* stalled.raw.until(({ text }) => text().includes("id:2"))
      yield* Effect.sleep("20 millis")
      assert.strictEqual(dataOf(bodyText(stalled.raw.text())).length, 2)
      assert.isUndefined(stalled.raw.ended())

      const reset = yield* exchange({ stream: { resetAfterEvents: 1 } }, true)
      yield* reset.raw.until(({ ended }) => ended() !== undefined)
      assert.strictEqual(reset.raw.ended(), "ECONNRESET")
      assert.strictEqual(dataOf(bodyText(reset.raw.text())).length, 1)

      const half = yield* exchange({ stream: { halfFrame: 1 } }, true)
      yield* half.raw.until(({ text }) => text().endsWith("0\r\n\r\n"))
      const body = bodyText(half.raw.text())
      assert.isFalse(body.endsWith("\n\n"))
      assert.strictEqual(body.split("id:").length, 3)

      const cut = yield* exchange({ fault: { _tag: "HalfBody" } }, true)
      yield* cut.raw.until(({ ended }) => ended() === "fin")
      assert.isFalse(cut.raw.text().endsWith("0\r\n\r\n"))

      const drip = yield* exchange({ stream: { heartbeatsOnly: 5 } }, true)
      yield* drip.raw.until(({ text }) => text().split(":heartbeat").length > 4)
      drip.raw.socket.destroy()
      yield* drip.simulator.awaitIdle
    }))

  it.scopedLive("bytes in pieces of their own", () =>
    Effect.gen(function*() {
      const { raw } = yield* exchange({ stream: { chunking: 5 } }, true)
      yield* raw.until(({ text }) => text().endsWith("0\r\n\r\n"))
      const sizes = [...raw.text().matchAll(/(?:^|\r\n)([0-9a-f]+)\r\n/g)].map(([, size]) => size)
      assert.isAbove(sizes.length, 100)
      assert.isTrue(sizes.slice(0, -2).every((size) => size === "5"))
    }))

  it.scopedLive("back-pressure: the server waits for a client that does not read", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const raw = yield* connect(simulator.port)
      raw.socket.pause()
      yield* raw.send({
        stream: true,
        body: bodyOf("x", { incremental_output: true }),
        behavior: { stream: { events: 1000, eventBytes: 100_000 } }
      })
      yield* simulator.waitFor(({ bytesSent }) => bytesSent > 200_000)
      yield* Effect.sleep("200 millis")
      const { bytesSent } = yield* simulator.stats
      yield* Effect.sleep("100 millis")
      assert.strictEqual((yield* simulator.stats).bytesSent, bytesSent)
      assert.isBelow(bytesSent, 40_000_000)
    }))
})

describe("connections", () => {
  it.scopedLive("are refused, and welcome again", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const old = yield* connect(simulator.port)
      yield* simulator.waitFor(({ openConnections }) => openConnections === 1)
      yield* simulator.setConnections({ refuse: true })
      const refused = yield* connect(simulator.port)
      assert.strictEqual(refused.ended(), "ECONNREFUSED")
      yield* old.send()
      yield* old.until(({ text }) => text().includes("request_id"))
      yield* simulator.setConnections({})
      const welcome = yield* connect(simulator.port)
      yield* welcome.send()
      yield* welcome.until(({ text }) => text().includes("request_id"))
      const closed = yield* Simulator.make({ connections: { refuse: true } })
      assert.strictEqual((yield* connect(closed.port)).ended(), "ECONNREFUSED")
    }))

  it.scopedLive("are reset or ignored by chance, the same chance for the same seed", () =>
    Effect.gen(function*() {
      const pattern = (seed: number) =>
        Effect.gen(function*() {
          const simulator = yield* Simulator.make({ seed, connections: { resetOnAccept: 0.5 } })
          const ends: Array<string> = []
          for (let i = 0; i < 12; i++) {
            const raw = yield* connect(simulator.port)
            yield* raw.send()
            yield* raw.until(({ ended, text }) => ended() !== undefined || text() !== "")
            ends.push(raw.ended() ?? "answer")
          }
          return ends
        })
      const first = yield* pattern(7)
      assert.deepStrictEqual(new Set(first), new Set(["ECONNRESET", "answer"]))
      assert.deepStrictEqual(yield* pattern(7), first)
      assert.notDeepEqual(yield* pattern(8), first)

      for (const tls of [false, true]) {
        const ignored = yield* Simulator.make({ tls, connections: { stallHandshake: 1 } })
        const raw = yield* connect(ignored.port)
        yield* raw.send()
        yield* Effect.sleep("30 millis")
        assert.deepStrictEqual([raw.text(), raw.ended()], ["", undefined])
        assert.deepInclude(yield* ignored.stats, { openConnections: 1, totalRequests: 0 })
        raw.socket.destroy()
        yield* ignored.awaitIdle
      }
    }))

  it.scopedLive("are closed when they are idle, but not while they work", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ connections: { closeIdleAfter: 60 } })
      const unused = yield* connect(simulator.port)
      const used = yield* connect(simulator.port)
      yield* used.send({ behavior: { latency: 120 } })
      yield* unused.until(({ ended }) => ended() === "fin")
      assert.strictEqual(used.text(), "")
      yield* used.until(({ ended }) => ended() === "fin")
      assert.include(used.text(), "request_id")
      const random = yield* Simulator.make({ connections: { closeIdleRandomly: 1 } })
      const raw = yield* connect(random.port)
      yield* raw.send()
      yield* raw.until(({ ended }) => ended() === "fin")
      assert.notMatch(raw.text(), /connection: close/i)
      assert.isTrue(raw.text().endsWith("}"))
    }))

  it.scopedLive("are closed on demand", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const idle = yield* connect(simulator.port)
      const busy = yield* connect(simulator.port)
      yield* busy.send({ behavior: { fault: { _tag: "StallBeforeHeaders" } } })
      yield* simulator.waitFor((stats) => stats.openConnections === 2 && stats.requestsInFlight === 1)
      yield* simulator.closeIdleConnections
      yield* idle.until(({ ended }) => ended() === "fin")
      assert.isUndefined(busy.ended())
      yield* simulator.closeConnections
      yield* busy.until(({ ended }) => ended() !== undefined)
      yield* simulator.awaitIdle
    }))
})

describe("counters", () => {
  it.scopedLive("see requests in flight, their maximum, and the client's going", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ behavior: { latency: 40 } })
      const fibers = yield* Effect.forEach([1, 2, 3], () => Effect.fork(ask(simulator.origin)))
      const busy = yield* simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 3)
      assert.strictEqual(busy.maxRequestsInFlight, 3)
      yield* Fiber.joinAll(fibers)
      const done = yield* simulator.stats
      assert.deepInclude(done, { requestsInFlight: 0, totalRequests: 3, maxRequestsInFlight: 3, abortedRequests: 0 })
      assert.isAbove(done.bytesReceived, 300)
      assert.isAbove(done.bytesSent, 300)
      const gone = yield* Effect.fork(ask(simulator.origin, { behavior: { latency: 5000 } }))
      yield* simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 1)
      yield* Fiber.interrupt(gone)
      yield* simulator.waitFor(({ abortedRequests, requestsInFlight }) =>
        abortedRequests === 1 && requestsInFlight === 0
      )
      yield* simulator.resetStats
      const { byPort: _, ...reset } = yield* simulator.stats
      assert.deepInclude(reset, { totalRequests: 0, totalConnections: 0, maxRequestsInFlight: 0, abortedRequests: 0 })
      assert.deepStrictEqual([reset.bytesReceived, reset.bytesSent], [0, 0])
      assert.strictEqual(reset.maxOpenConnections, reset.openConnections)
    }))

  it.scopedLive("never see more connections than a client holds that closes one before it opens another", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ hosts: 2 })
      const worker = (port: number) =>
        Effect.gen(function*() {
          const raw = yield* connect(port)
          yield* raw.send()
          yield* raw.until(({ text }) => text().includes("request_id"))
        }).pipe(Effect.scoped, Effect.repeatN(39))
      yield* Effect.all(simulator.ports.flatMap((port) => [worker(port), worker(port)]), {
        concurrency: "unbounded",
        discard: true
      })
      yield* simulator.awaitIdle
      const stats = yield* simulator.stats
      assert.strictEqual(stats.totalConnections, 160)
      assert.isAtMost(stats.maxOpenConnections, 4)
      assert.isAtMost(stats.maxRequestsInFlight, 4)
      for (const port of simulator.ports) {
        assert.isAtMost(stats.byPort.get(port)?.maxOpenConnections ?? 99, 2)
      }
    }))
})

describe("TLS", () => {
  const call = (url: string, options: Https.RequestOptions): Effect.Effect<string> =>
    Effect.async<string>((resume) => {
      const request = Https.request(url, { method: "POST", headers: { authorization: "Bearer key" }, ...options })
      request.on("error", (error: NodeJS.ErrnoException) => resume(Effect.succeed(error.code ?? error.message)))
      request.on("response", (response) => {
        let text = ""
        response.setEncoding("utf8")
        response.on("data", (part: string) => text += part)
        response.on("error", (error: NodeJS.ErrnoException) => resume(Effect.succeed(error.code ?? error.message)))
        response.on("end", () => resume(Effect.succeed(text)))
      })
      request.end(JSON.stringify(bodyOf("1+1?")))
      return Effect.sync(() => request.destroy())
    })

  it.scopedLive("has a certificate for loopback, of its own authority", () =>
    Effect.gen(function*() {
      const { ca, origin, port, stats } = yield* Simulator.make({ tls: true })
      const trusting = ca === undefined ? {} : { ca }
      assert.include(yield* call(`${origin}${generationPath}`, trusting), "1+1 equals 2.")
      assert.include(yield* call(`https://localhost:${port}${generationPath}`, trusting), "1+1 equals 2.")
      assert.match(yield* call(`${origin}${generationPath}`, {}), /UNABLE_TO|SELF_SIGNED|unable to/i)
      assert.isAbove((yield* stats).bytesSent, 300)
    }))

  it.scopedLive("asks for client certificates", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ tls: { requireClientCertificate: true } })
      const url = `${simulator.origin}${generationPath}`
      const trusting = simulator.ca === undefined ? {} : { ca: simulator.ca }
      const { cert, key } = yield* simulator.clientCertificate("tester")
      assert.include(yield* call(url, { ...trusting, cert, key }), "1+1 equals 2.")
      assert.match(yield* call(url, trusting), /CERTIFICATE_REQUIRED|ECONNRESET/)
    }))

  it.scopedLive("fails as plain HTTP does", () =>
    Effect.gen(function*() {
      for (const fault of [{ _tag: "ResetBeforeHeaders" }, { _tag: "ResetAfterBytes", bytes: 9 }] as const) {
        const { ca, origin, waitFor } = yield* Simulator.make({ tls: true, behavior: { fault } })
        const trusting = ca === undefined ? {} : { ca }
        assert.strictEqual(yield* call(`${origin}${generationPath}`, trusting), "ECONNRESET")
        yield* waitFor((stats) => stats.openConnections === 0 && stats.abortedRequests === 1)
      }
    }))
})

describe("the end of the scope", () => {
  it.live("ends everything at once", () =>
    Effect.gen(function*() {
      for (const connections of [{}, { refuse: true }]) {
        const scope = yield* Scope.make()
        const simulator = yield* Scope.extend(Simulator.make({ hosts: 2 }), scope)
        const client = yield* Scope.make()
        const raws = yield* Effect.forEach([...simulator.ports, ...simulator.ports], (port) =>
          Scope.extend(connect(port), client))
        const behaviors = [{ latency: 60_000 }, { stream: { heartbeatsOnly: 1 } }, {
          fault: { _tag: "StallAfterHeaders" }
        }] as const
        for (const [i, behavior] of behaviors.entries()) {
          yield* raws[i]?.send({ behavior, stream: true }) ?? Effect.void
        }
        yield* simulator.waitFor((stats) =>
          stats.openConnections === 4 && stats.requestsInFlight === 3
        )
        yield* simulator.setConnections(connections)
        const [took] = yield* Effect.timed(Scope.close(scope, Exit.void))
        assert.isBelow(Duration.toMillis(took), 10_000)
        for (const raw of raws) {
          yield* raw.until(({ ended }) => ended() !== undefined)
        }
        assert.strictEqual((yield* Scope.extend(connect(simulator.port), client)).ended(), "ECONNREFUSED")
        assert.deepInclude(yield* simulator.stats, { openConnections: 0, requestsInFlight: 0 })
        yield* Scope.close(client, Exit.void)
      }
    }))

  it.effect("does not need the test's clock to move", () =>
    Effect.gen(function*() {
      const answered = yield* Deferred.make<number>()
      yield* Effect.gen(function*() {
        const simulator = yield* Simulator.Simulator
        const reply = yield* ask(simulator.origin, { behavior: { latency: 20 } })
        yield* Deferred.succeed(answered, reply.status)
      }).pipe(Effect.provide(Simulator.layer()))
      assert.strictEqual(yield* Deferred.await(answered), 200)
    }))
})
