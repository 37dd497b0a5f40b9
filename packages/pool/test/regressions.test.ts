/** What went wrong once, against servers that speak TCP and do what no proper HTTP server does. */
import * as PlatformHttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type { HttpClientResponse } from "@effect/platform/HttpClientResponse"
import { assert, describe, it } from "@effect/vitest"
import { Chunk, Deferred, Duration, Effect, Exit, Fiber, Schedule, Scope, Stream } from "effect"
import { Simulator } from "effect-dashscope-simulator"
import * as Net from "node:net"
import { gzipSync } from "node:zlib"
import { assertAllBack, makePool, poolErrorOf } from "./util/support.js"

/** A server of your own: what it does with each of its sockets. */
const serve = (onSocket: (socket: Net.Socket) => void) =>
  Effect.gen(function*() {
    const sockets = new Set<Net.Socket>()
    const server = Net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      sockets.add(socket)
      socket.on("error", () => {})
      socket.once("close", () => sockets.delete(socket))
      onSocket(socket)
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
    return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`
  })

/** Answers each request head with this, whatever of a body comes behind it. */
const answering = (answer: (socket: Net.Socket) => void) =>
  serve((socket) => {
    socket.on("data", (data) => {
      if (data.includes("\r\n\r\n")) answer(socket)
    })
    socket.on("end", () => socket.end())
  })

const head = (status: string, ...fields: ReadonlyArray<string>) =>
  [`HTTP/1.1 ${status}`, ...fields].join("\r\n") + "\r\n\r\n"

const pause = (socket: Net.Socket, millis: number, then: () => void) => {
  const cancel = () => clearTimeout(timer)
  const timer = setTimeout(() => {
    socket.off("close", cancel)
    then()
  }, millis)
  socket.once("close", cancel)
}

const until = <E>(condition: Effect.Effect<boolean, E>) =>
  Effect.repeat(Effect.delay(condition, "2 millis"), { until: (met) => met }).pipe(Effect.timeout("20 seconds"))

describe("an answer whose reader is slow", () => {
  /** Reads one piece, waits until the peer has done its worst, and reads on. */
  const readSlowly = (response: HttpClientResponse) => {
    let bytes = 0
    return Effect.exit(Stream.runForEach(response.stream, (chunk) => {
      bytes += chunk.byteLength
      return bytes === chunk.byteLength ? Effect.sleep("80 millis") : Effect.void
    })).pipe(Effect.map((exit) => ({ bytes, exit })))
  }

  const endings = {
    "ends where it should, by its length": {
      fields: (size: number) => [`content-length: ${size}`],
      end: (socket: Net.Socket) => void socket.end(),
      isWhole: true
    },
    "ends where it should, by the connection's end": {
      fields: () => ["connection: close"],
      end: (socket: Net.Socket) => void socket.end(),
      isWhole: true
    },
    "is cut off by a FIN": {
      fields: (size: number) => [`content-length: ${size + 1}`],
      end: (socket: Net.Socket) => void socket.end(),
      isWhole: false
    },
    "is cut off by a RST": {
      fields: (size: number) => [`content-length: ${size + 1}`],
      end: (socket: Net.Socket) => void socket.resetAndDestroy(),
      isWhole: false
    }
  }

  for (const [name, { end, fields, isWhole }] of Object.entries(endings)) {
    // Around the buffer's size, where the reading stops with nothing left to read, and beyond what a socket holds.
    for (const size of [65_535, 65_536, 65_537, 131_072, 400_000]) {
      it.scopedLive(`and which ${name} meanwhile: ${size} bytes`, () =>
        Effect.gen(function*() {
          const origin = yield* answering((socket) => {
            socket.write(head("200 OK", ...fields(size)))
            socket.write(Buffer.alloc(size, "x"), () => pause(socket, 30, () => end(socket)))
          })
          const { client, stats } = yield* makePool({ connectionPoolSize: 1 })
          const { bytes, exit } = yield* Effect.flatMap(client.get(origin), readSlowly)
          if (isWhole) {
            assert.isTrue(Exit.isSuccess(exit))
            assert.strictEqual(bytes, size)
          } else {
            const error = yield* poolErrorOf(exit)
            assert.match(error._tag === "ConnectionError" ? error.reason : error._tag, /Truncated|Reset/)
            assert.isFalse(error.isRetryable)
            assert.isAbove(bytes, 0)
          }
          assertAllBack(yield* stats)
          yield* until(Effect.map(stats, ({ open }) => open === 0))
        }))
    }
  }
})

describe("a request's body that comes as a stream", () => {
  const post = (origin: string, body: Stream.Stream<Uint8Array, unknown>) =>
    HttpClientRequest.bodyStream(HttpClientRequest.post(origin), body)

  const endless = Stream.repeatEffectWithSchedule(
    Effect.succeed(new Uint8Array(10_000)),
    Schedule.spaced("5 millis")
  )

  it.scopedLive("and fails when the answer has begun, ends the answer", () =>
    Effect.gen(function*() {
      const origin = yield* answering((socket) => socket.write(head("200 OK", "content-length: 10") + "half "))
      const { client, stats } = yield* makePool({ connectionPoolSize: 1 })
      const answered = yield* Deferred.make<void>()
      const body = Stream.concat(
        Stream.succeed(new Uint8Array(10)),
        Stream.fromEffect(Effect.zipRight(Deferred.await(answered), Effect.fail(new Error("no more of this"))))
      )
      const response = yield* client.execute(post(origin, body))
      const reading = yield* Effect.fork(poolErrorOf(response.text))
      yield* Deferred.succeed(answered, undefined)
      const error = yield* Effect.timeout(Fiber.join(reading), "20 seconds")
      assert.deepInclude({ ...error }, { _tag: "ConnectionError", reason: "Truncated", responseStarted: true })
      assert.include(error.message, "the request's own body failed")
      assertAllBack(yield* stats)
      yield* until(Effect.map(stats, ({ open }) => open === 0))
    }))

  for (const closes of [false, true]) {
    it.scopedLive(`is given up when the answer comes before it ends${closes ? ", and the connection too" : ""}`, () =>
      Effect.gen(function*() {
        const origin = yield* answering((socket) => {
          const fields = ["content-length: 9", ...(closes ? ["connection: close"] : [])]
          socket.write(head("413 Content Too Large", ...fields) + "too large")
          if (closes) socket.end()
        })
        const { client, stats } = yield* makePool({ connectionPoolSize: 1 })
        let isStopped = false
        const response = yield* client.execute(
          post(origin, Stream.ensuring(endless, Effect.sync(() => isStopped = true)))
        )
        assert.strictEqual(response.status, 413)
        assert.strictEqual(yield* Effect.timeout(response.text, "20 seconds"), "too large")
        yield* until(Effect.sync(() => isStopped))
        yield* until(Effect.map(stats, ({ inFlight }) => inFlight === 0))
        // The next does not get the rest of that body before its own.
        const next = yield* client.execute(post(origin, endless))
        assert.strictEqual(yield* Effect.timeout(next.text, "20 seconds"), "too large")
        assert.strictEqual((yield* stats).opened, 2)
      }))
  }

  it.scopedLive("goes on after interim answers, by the deadline of writing", () =>
    Effect.gen(function*() {
      const origin = yield* serve((socket) => {
        let received = ""
        socket.on("data", (data) => {
          if (received === "") socket.write(head("103 Early Hints", "link: </>; rel=preload"))
          received += data.toString("latin1")
          // The last chunk of the body.
          if (received.endsWith("0\r\n\r\n")) socket.write(head("200 OK", "content-length: 4") + "done")
        })
      })
      const { client, stats } = yield* makePool({ connectionPoolSize: 1, readTimeout: "100 millis" })
      const body = Stream.take(Stream.schedule(endless, Schedule.spaced("30 millis")), 10)
      const [took, text] = yield* Effect.timed(
        Effect.flatMap(client.execute(post(origin, body)), (response) => response.text)
      )
      assert.strictEqual(text, "done")
      assert.isAbove(Duration.toMillis(took), 200)
      assertAllBack(yield* stats)
    }))

  it.scopedLive("which the server stops reading after an interim answer, ends by the deadline of writing", () =>
    Effect.gen(function*() {
      const origin = yield* serve((socket) =>
        socket.once("data", () => {
          socket.pause()
          socket.write(head("103 Early Hints"))
        })
      )
      const { client, stats } = yield* makePool({ connectionPoolSize: 1, writeTimeout: "150 millis" })
      const body = Stream.repeat(Stream.succeed(new Uint8Array(1_000_000)), Schedule.recurs(40))
      const error = yield* Effect.timeout(poolErrorOf(client.execute(post(origin, body))), "20 seconds")
      assert.deepInclude({ ...error }, { _tag: "RequestTimeout", phase: "write" })
      assertAllBack(yield* stats)
    }))

  it.scopedLive("may have elements that take longer to send than writeTimeout, as long as they get on", () =>
    Effect.gen(function*() {
      const size = 45_000_000
      let received = 0
      const origin = yield* serve((socket) =>
        socket.on("data", (data) => {
          received += data.byteLength
          if (received >= size) return void socket.write(head("200 OK", "content-length: 4") + "done")
          socket.pause()
          pause(socket, 2, () => socket.resume())
        })
      )
      const { client } = yield* makePool({ connectionPoolSize: 1, writeTimeout: "1 second" })
      const [took, text] = yield* Effect.timed(
        Effect.flatMap(
          client.execute(post(origin, Stream.succeed(new Uint8Array(size)))),
          (response) => response.text
        )
      )
      assert.strictEqual(text, "done")
      assert.isAbove(Duration.toMillis(took), 1000)
    }))
})

describe("a content encoding", () => {
  it.scopedLive("may be applied twice", () =>
    Effect.gen(function*() {
      const body = gzipSync(gzipSync("压缩".repeat(1000)))
      const origin = yield* answering((socket) => {
        socket.write(head("200 OK", "content-encoding: gzip, gzip", `content-length: ${body.byteLength}`))
        socket.write(body)
      })
      const { client, stats } = yield* makePool({ connectionPoolSize: 1 })
      const whole = yield* Effect.flatMap(client.get(origin), ({ text }) => text)
      const streamed = yield* Effect.flatMap(
        client.get(origin),
        ({ stream }) => Stream.mkString(Stream.decodeText(stream))
      )
      assert.deepStrictEqual([whole, streamed], ["压缩".repeat(1000), "压缩".repeat(1000)])
      assert.strictEqual((yield* stats).opened, 1)
    }))

  it.scopedLive("that a HEAD names is one of no body", () =>
    Effect.gen(function*() {
      const origin = yield* answering((socket) =>
        socket.write(head("200 OK", "content-encoding: gzip", "content-length: 1000"))
      )
      const { client, stats } = yield* makePool({ connectionPoolSize: 1 })
      assert.strictEqual(yield* Effect.flatMap(client.head(origin), ({ text }) => text), "")
      const streamed = yield* Effect.flatMap(client.head(origin), ({ stream }) => Stream.runCollect(stream))
      assert.strictEqual(Chunk.reduce(streamed, 0, (sum, { byteLength }) => sum + byteLength), 0)
      assertAllBack(yield* stats)
    }))
})

describe("withScope", () => {
  it.scopedLive("gives back the connection of a small answer that nobody read", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const { ask, client, stats } = yield* makePool({ connectionPoolSize: 1 })
      const scope = yield* Scope.make()
      yield* Scope.extend(client.pipe(PlatformHttpClient.withScope).get(simulator.origin), scope)
      yield* Scope.close(scope, Exit.void)
      yield* until(Effect.map(stats, ({ inFlight }) => inFlight === 0))
      yield* ask(simulator.url)
      assertAllBack(yield* stats)
    }))

  it.scopedLive("ends a request that waits for its answer, or for a connection", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ behavior: { fault: { _tag: "StallBeforeHeaders" } } })
      const { client, stats } = yield* makePool({ connectionPoolSize: 1 })
      const scope = yield* Scope.make()
      const fibers = yield* Effect.forEach([1, 2], () =>
        Effect.fork(
          Effect.exit(
            Scope.extend(client.pipe(PlatformHttpClient.withScope).post(`${simulator.url}/services/x`), scope)
          )
        ))
      yield* simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 1)
      yield* Scope.close(scope, Exit.void)
      const exits = yield* Effect.timeout(Effect.forEach(fibers, Fiber.join), "20 seconds")
      assert.isTrue(exits.every(Exit.isFailure))
      assertAllBack(yield* stats)
      yield* simulator.awaitIdle
    }))
})

describe("HTTP_PROXY", () => {
  const withVariable = (value: string) =>
    Effect.acquireRelease(
      Effect.sync(() => {
        const { HTTP_PROXY, http_proxy } = process.env
        delete process.env["http_proxy"]
        process.env["HTTP_PROXY"] = value
        return { HTTP_PROXY, http_proxy }
      }),
      (before) =>
        Effect.sync(() => {
          for (const [name, value] of Object.entries(before)) {
            if (value === undefined) delete process.env[name]
            else process.env[name] = value
          }
        })
    )

  for (const value of ["socks5://127.0.0.1:1080", "http://", "not a url"]) {
    it.scopedLive(`of ${JSON.stringify(value)} fails requests, and is not gone around`, () =>
      Effect.gen(function*() {
        yield* withVariable(value)
        const simulator = yield* Simulator.make()
        const { ask, stats } = yield* makePool({ proxy: "environment" })
        const error = yield* poolErrorOf(ask(simulator.url))
        assert.deepInclude({ ...error }, { _tag: "ConnectionError", reason: "Proxy" })
        assert.include(error.message, "HTTP_PROXY")
        assert.isFalse(error.isRetryable)
        assert.strictEqual((yield* simulator.stats).totalConnections, 0)
        assertAllBack(yield* stats)
        yield* until(Effect.map(stats, ({ open }) => open === 0))
      }))
  }
})

describe("maximumPendingRequests of zero", () => {
  it.scopedLive("does not refuse who waits only for a socket to be closed", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ hosts: 2 })
      const { ask, stats } = yield* makePool({ connectionPoolSize: 1, maximumPendingRequests: 0 })
      const [first, second] = simulator.urls
      // Each needs the place of the one before: an idle connection of another host, or one that is being closed.
      yield* ask(first!, { fault: { _tag: "ConnectionClose" } })
      yield* ask(first!)
      yield* ask(second!)
      yield* ask(first!)
      const busy = yield* Effect.fork(ask(first!, { latency: 200 }))
      yield* simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 1)
      assert.strictEqual((yield* poolErrorOf(ask(first!)))._tag, "PoolExhausted")
      yield* Fiber.join(busy)
      assert.strictEqual((yield* stats).rejected, 1)
      assert.strictEqual((yield* simulator.stats).maxOpenConnections, 1)
    }))
})
