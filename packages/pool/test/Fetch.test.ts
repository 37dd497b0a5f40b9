import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Logger, ManagedRuntime, Schedule, Scope } from "effect"
import { Behavior, ProxySimulator, Simulator } from "effect-dashscope-simulator"
import { execFile } from "node:child_process"
import { getEventListeners } from "node:events"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { bundleSource } from "../../../scripts/bundle.js"
import { casesOf, isThorough } from "../../../scripts/thorough.js"
import * as ConnectionConfig from "../src/ConnectionConfig.js"
import { ConnectionError, PoolExhausted, RequestTimeout } from "../src/ConnectionError.js"
import * as ConnectionPool from "../src/ConnectionPool.js"
import * as Fetch from "../src/Fetch.js"
import * as Replay from "../src/Replay.js"
import { httpServer } from "./util/httpServer.js"
import { answerOf, headOf, onRequests, serve } from "./util/rawServer.js"
import { assertAllBack, makePool } from "./util/support.js"

const path = "/services/aigc/text-generation/generation"
const body = JSON.stringify({ model: "qwen-plus", input: { messages: [{ role: "user", content: "你好" }] } })

const init = (behavior: Behavior.Behavior = {}, more: RequestInit = {}): RequestInit => ({
  method: "POST",
  headers: { authorization: "Bearer sk-test", "content-type": "application/json", ...Behavior.toHeaders(behavior) },
  body,
  ...more
})

const start = (config: ConnectionConfig.Input = {}, options: Simulator.Options = {}) =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make(options)
    const { pool, stats } = yield* makePool(config)
    const fetch = yield* Fetch.makeWith(pool)
    const ask = (behavior?: Behavior.Behavior, more?: RequestInit) => fetch(simulator.url + path, init(behavior, more))
    return { ask, fetch, pool, simulator, stats }
  })

/** What a promise is rejected with. */
const rejection = (run: () => Promise<unknown>): Effect.Effect<unknown> =>
  Effect.flip(Effect.tryPromise({ try: run, catch: (reason) => reason })).pipe(Effect.orDie)

/** What of a failure its caller looks at. */
const seen = (error: unknown) => {
  assert.instanceOf(error, TypeError)
  const { cause, message } = error
  return { message, cause, code: cause instanceof Error ? Reflect.get(cause, "code") as unknown : undefined }
}

const controlled = () => {
  const controller = new AbortController()
  return { abort: () => controller.abort(), signal: controller.signal }
}

/** Waits for what comes in the end, however busy the machine is. */
const eventually = (isSo: Effect.Effect<boolean>) =>
  Effect.repeat(isSo, { until: (so) => so, schedule: Schedule.spaced("5 millis") }).pipe(
    Effect.timeout("20 seconds"),
    Effect.asVoid
  )

const endless = httpServer((_, response) => {
  const goOn = () => {
    while (response.write(Buffer.alloc(65_536)));
  }
  response.on("drain", goOn)
  goOn()
})

describe("fetch over the pool", () => {
  it.scopedLive("takes a permit and a connection for each call, and gives both back, however many there are", () =>
    Effect.gen(function*() {
      const { ask, simulator, stats } = yield* start({ connectionPoolSize: 8 })
      const { signal } = new AbortController()
      const count = casesOf(500, 0.2)
      const texts = yield* Effect.promise(() =>
        Promise.all(
          Array.from({ length: count }, () => ask({}, { signal }).then((response) => response.text()))
        )
      )
      assert.isTrue(texts.every((text) => text.includes("\"output\"")))
      const { abortedRequests, maxOpenConnections, maxRequestsInFlight, totalConnections, totalRequests } =
        yield* simulator.stats
      assert.isAtMost(maxRequestsInFlight, 8)
      assert.deepStrictEqual(
        { abortedRequests, maxOpenConnections, totalConnections, totalRequests },
        { abortedRequests: 0, maxOpenConnections: 8, totalConnections: 8, totalRequests: count }
      )
      assertAllBack(yield* stats)
      assert.lengthOf(getEventListeners(signal, "abort"), 0)
    }))

  it.scopedLive("gives a stream as it comes, and the connection back with its last byte", () =>
    Effect.gen(function*() {
      const { ask, simulator, stats } = yield* start({ connectionPoolSize: 1 })
      const stream = { events: 20, eventInterval: 2 }
      const response = yield* Effect.promise(() =>
        ask({}, {
          headers: { authorization: "Bearer sk-test", "x-dashscope-sse": "enable", ...Behavior.toHeaders({ stream }) }
        })
      )
      const chunks = yield* Effect.promise(async () => {
        let chunks = 0
        for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
          chunks += Math.sign(chunk.length)
        }
        return chunks
      })
      assert.isAbove(chunks, 1)
      assertAllBack(yield* stats)
      assert.strictEqual((yield* stats).idle, 1)
      assert.strictEqual((yield* simulator.stats).abortedRequests, 0)
    }))

  it.scopedLive("reads no further than its reader", () =>
    Effect.gen(function*() {
      const origin = yield* endless
      const { pool, stats } = yield* makePool()
      const fetch = yield* Fetch.makeWith(pool)
      const { body } = yield* Effect.promise(() => fetch(origin))
      const reader = body!.getReader()
      yield* Effect.promise(() => reader.read())
      // Nobody reads: what came fills its 64 KiB, and no more comes.
      yield* Effect.sleep("50 millis")
      const { value } = yield* Effect.promise(() => reader.read())
      assert.isAtMost((value as Uint8Array).byteLength, 256 * 1024)
      yield* Effect.promise(() => reader.cancel())
      assertAllBack(yield* stats)
    }))

  it.scopedLive("closes the connection of a body that is canceled, and frees its place for the next", () =>
    Effect.gen(function*() {
      const { ask, simulator, stats } = yield* start({ connectionPoolSize: 1 })
      const response = yield* Effect.promise(() => ask({ fault: { _tag: "StallAfterBytes", bytes: 100 } }))
      const waiting = ask()
      assert.strictEqual((yield* stats).waiting, 1)
      yield* Effect.promise(() => response.body!.cancel())
      assert.strictEqual((yield* Effect.promise(() => waiting)).status, 200)
      const { abortedRequests, maxOpenConnections } = yield* simulator.waitFor(({ abortedRequests }) =>
        abortedRequests === 1
      )
      assert.deepStrictEqual({ abortedRequests, maxOpenConnections }, { abortedRequests: 1, maxOpenConnections: 1 })
    }))

  it.scopedLive("is made from layers, also for a program without Effect", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const runtime = ManagedRuntime.make(Fetch.layer(ConnectionConfig.make({ connectionPoolSize: 2 })))
      yield* Effect.promise(async () => {
        const fetch = await runtime.runPromise(Fetch.Fetch)
        const answers = await Promise.all([1, 2, 3].map(() => fetch(simulator.url + path, init())))
        for (const answer of answers) assert.strictEqual(answer.status, 200)
        assert.strictEqual((await runtime.runPromise(ConnectionPool.stats)).opened, 2)
        await runtime.dispose()
      })
      yield* simulator.awaitIdle
    }))
})

describe("a signal", () => {
  const cases: ReadonlyArray<readonly [when: string, behavior: Behavior.Behavior]> = [
    ["before the head of the answer", { fault: { _tag: "StallBeforeHeaders" } }],
    ["before the body", { fault: { _tag: "StallAfterHeaders" } }],
    ["in the body", { fault: { _tag: "StallAfterBytes", bytes: 100 } }],
    ["in a compressed body", { gzip: true, fault: { _tag: "StallAfterBytes", bytes: 40 } }]
  ]
  for (const [when, behavior] of cases) {
    it.scopedLive(`${when}: rejects with its reason, and frees the socket at once`, () =>
      Effect.gen(function*() {
        const { ask, simulator, stats } = yield* start({ connectionPoolSize: 1 })
        const controller = new AbortController()
        const { signal } = controller
        const reading = ask(behavior, { signal }).then((response) => response.text())
        yield* simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 1)
        if (!when.includes("head")) yield* Effect.sleep("20 millis")
        const reason = new Error("no longer wanted")
        controller.abort(reason)
        assertAllBack(yield* stats)
        assert.strictEqual(yield* rejection(() => reading), reason)
        assert.lengthOf(getEventListeners(signal, "abort"), 0)
        yield* simulator.waitFor(({ abortedRequests, openConnections }) =>
          abortedRequests === 1 && openConnections === 0
        )
      }))
  }

  it.scopedLive("that is aborted already sends nothing", () =>
    Effect.gen(function*() {
      const { ask, simulator, stats } = yield* start()
      const error = yield* rejection(() => ask({}, { signal: AbortSignal.abort() }))
      assert.strictEqual((error as Error).name, "AbortError")
      assert.deepStrictEqual([(yield* simulator.stats).totalConnections, (yield* stats).acquired], [0, 0])
    }))

  it.scopedLive("frees the place of a call that waits, and those behind it go on", () =>
    Effect.gen(function*() {
      const { ask, fetch, simulator, stats } = yield* start({ connectionPoolSize: 1 })
      const controllers = Array.from({ length: 4 }, () => new AbortController())
      const calls = controllers.map(({ signal }, i) =>
        i === 3
          // A Request has a signal that follows.
          ? fetch(new Request(simulator.url + path, init({}, { signal })))
          : ask(i === 0 ? { fault: { _tag: "StallAfterHeaders" } } : {}, { signal })
      )
      const outcomes = Promise.allSettled(calls)
      yield* simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 1)
      yield* eventually(Effect.map(stats, ({ waiting }) => waiting === 3))
      controllers[1]!.abort()
      controllers[3]!.abort()
      assert.strictEqual((yield* stats).waiting, 1)
      yield* Effect.promise(() => calls[0]!)
      controllers[0]!.abort()
      const [first, second, third, fourth] = yield* Effect.promise(() => outcomes)
      assert.deepStrictEqual(
        [first!.status, second!.status, third!.status, fourth!.status],
        ["fulfilled", "rejected", "fulfilled", "rejected"]
      )
      assert.strictEqual((yield* simulator.stats).totalRequests, 2)
    }))

  it.scopedLive("of a Request that only fetch knows ends its call too, in the head and in the body", () =>
    Effect.gen(function*() {
      const { fetch, simulator, stats } = yield* start()
      for (const fault of [{ _tag: "StallBeforeHeaders" }, { _tag: "StallAfterHeaders" }] as const) {
        const { abort, reading } = yield* Effect.sync(() => {
          const controller = new AbortController()
          const request = new Request(simulator.url + path, init({ fault }, { signal: controller.signal }))
          const given = fault._tag === "StallBeforeHeaders" ? undefined : { headers: { ...init({ fault }).headers } }
          const reading = fetch(request, given).then((response) => response.text())
          return { abort: () => controller.abort("gone"), reading }
        })
        yield* simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 1)
        yield* Effect.delay(Effect.sync(collectGarbage), "10 millis")
        yield* Effect.sleep("10 millis")
        abort()
        assert.strictEqual(yield* rejection(() => reading), "gone")
        assertAllBack(yield* stats)
        yield* simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 0)
      }
    }))

  it.scopedLive("stops the reading of the request's own body", () =>
    Effect.gen(function*() {
      const { ask, simulator, stats } = yield* start()
      const controller = new AbortController()
      let isCanceled = false
      const source = new ReadableStream({
        pull: (stream) => {
          stream.enqueue(new Uint8Array(1000))
          return new Promise((resolve) => setTimeout(resolve, 1))
        },
        cancel: () => {
          isCanceled = true
        }
      })
      const sending = ask({}, Object.assign({ body: source, signal: controller.signal }, { duplex: "half" }))
      yield* simulator.waitFor(({ bytesReceived }) => bytesReceived > 2000)
      controller.abort("enough")
      assert.strictEqual(yield* rejection(() => sending), "enough")
      yield* eventually(Effect.sync(() => isCanceled))
      assertAllBack(yield* stats)
    }))
})

describe("a failure has the code that Node or undici has for it, and the pool's error", () => {
  it.scopedLive("of the server's making", () =>
    Effect.gen(function*() {
      const { ask, simulator } = yield* start()
      const { pool } = yield* makePool({ readTimeout: "50 millis" })
      const impatient = yield* Fetch.makeWith(pool)
      const cases: ReadonlyArray<readonly [behavior: Behavior.Behavior, message: string, code: string, of: string]> = [
        [{ fault: { _tag: "ResetBeforeHeaders" } }, "fetch failed", "ECONNRESET", "Reset"],
        [{ fault: { _tag: "CloseBeforeHeaders" } }, "fetch failed", "UND_ERR_SOCKET", "Reset"],
        [{ fault: { _tag: "StallBeforeHeaders" } }, "fetch failed", "UND_ERR_HEADERS_TIMEOUT", "read"],
        [{ fault: { _tag: "StallAfterHeaders" } }, "terminated", "UND_ERR_BODY_TIMEOUT", "read"],
        [{ fault: { _tag: "ResetAfterBytes", bytes: 50 } }, "terminated", "ECONNRESET", "Reset"],
        [{ fault: { _tag: "HalfBody" } }, "terminated", "UND_ERR_SOCKET", "Truncated"],
        [{ gzip: true, fault: { _tag: "HalfBody" } }, "terminated", "UND_ERR_SOCKET", "Truncated"]
      ]
      for (const [behavior, message, code, of] of cases) {
        const call = () => of === "read" ? impatient(simulator.url + path, init(behavior)) : ask(behavior)
        const error = seen(yield* rejection(() => call().then((response) => response.text())))
        assert.deepInclude(error, { message, code }, JSON.stringify(behavior))
        const { cause } = error
        const detail: unknown = cause instanceof ConnectionError
          ? cause.reason
          : cause instanceof RequestTimeout && cause.phase
        assert.strictEqual(detail, of)
      }
      // None was tried again.
      assert.strictEqual((yield* simulator.stats).totalRequests, cases.length)
    }))

  it.scopedLive("of the network's and the pool's", () =>
    Effect.gen(function*() {
      const proxy = yield* ProxySimulator.make({ auth: { username: "user", password: "word" } })
      const { simulator } = yield* start()
      const failure = (url: string, config: ConnectionConfig.Input) =>
        Effect.gen(function*() {
          const { pool } = yield* makePool(config)
          const fetch = yield* Fetch.makeWith(pool)
          const { abort, signal } = controlled()
          const stalled = () => fetch(url, init({ fault: { _tag: "StallBeforeHeaders" } }, { signal }))
          const first = Promise.allSettled([stalled()])
          const second = yield* rejection(stalled)
          abort()
          yield* Effect.promise(() => first)
          return seen(second)
        })
      const url = simulator.url + path
      const one = { connectionPoolSize: 1 } as const
      const refused = yield* failure("http://127.0.0.1:1/", {})
      const proxied = yield* failure("https://127.0.0.1:1/", { proxy: { url: proxy.url } })
      const exhausted = yield* failure(url, { ...one, maximumPendingRequests: 0 })
      const late = yield* failure(url, { ...one, acquireTimeout: "5 millis" })
      const causeOf = ({ cause, code, message }: typeof refused) => [
        message,
        code,
        cause instanceof ConnectionError ? cause.reason : cause instanceof RequestTimeout ? cause.phase : undefined
      ]
      assert.deepStrictEqual(causeOf(refused), ["fetch failed", "ECONNREFUSED", "Refused"])
      assert.deepStrictEqual(causeOf(proxied), ["fetch failed", "UND_ERR_ABORTED", "Proxy"])
      assert.instanceOf(exhausted.cause, PoolExhausted)
      assert.strictEqual(exhausted.code, "EAGAIN")
      assert.deepStrictEqual(causeOf(late), ["fetch failed", "UND_ERR_CONNECT_TIMEOUT", "acquire"])
    }))

  it.scopedLive("of the request's own body", () =>
    Effect.gen(function*() {
      const { ask, stats } = yield* start()
      const reason = new Error("no more of it")
      const source = new ReadableStream({ pull: (stream) => stream.error(reason) })
      const error = seen(yield* rejection(() => ask({}, Object.assign({ body: source }, { duplex: "half" }))))
      assert.deepStrictEqual([error.message, error.cause], ["fetch failed", reason])
      assertAllBack(yield* stats)
    }))

  it.scopedLive("and no status is one", () =>
    Effect.gen(function*() {
      const { ask } = yield* start()
      const response = yield* Effect.promise(() => ask({ error: { status: 429, retryAfter: 3 } }))
      assert.deepStrictEqual([response.status, response.ok, response.headers.get("retry-after")], [429, false, "3"])
      assert.property(yield* Effect.promise(() => response.json()), "code")
    }))
})

describe("redirects", () => {
  const hops = (target: string) =>
    Effect.gen(function*() {
      const requests: Array<string> = []
      const origin = yield* serve((socket) =>
        onRequests(socket, ({ body, head, method, path }) => {
          requests.push(`${method} ${path} ${/authorization: (.*)/i.exec(head)?.[1]?.trim() ?? "-"} ${body.toString()}`)
          if (path === "/end") socket.write(answerOf("the end"))
          else {
            const [, status = "", to = ""] = path.split("/", 3)
            const location = to === "away" ? target : to === "" ? "/end" : `/${status}`
            socket.write(`${headOf(`${status} Moved`, "content-length: 5", `location: ${location}`).toString()}moved`)
          }
        })
      )
      return { origin, requests }
    })

  it.scopedLive("of GET are followed over the same connection, with credentials only to the same origin", () =>
    Effect.gen(function*() {
      const away = yield* hops("")
      const near = yield* hops(`${away.origin}/end`)
      const { pool, stats } = yield* makePool({ connectionPoolSize: 2 })
      const fetch = yield* Fetch.makeWith(pool)
      const get = (path: string) =>
        Effect.promise(async () => {
          const response = await fetch(near.origin + path, { headers: { authorization: "Bearer sk", cookie: "a=1" } })
          return [await response.text(), response.redirected, response.url]
        })
      assert.deepStrictEqual(yield* get("/301/again"), ["the end", true, `${near.origin}/end`])
      assert.deepStrictEqual(yield* get("/307/away"), ["the end", true, `${away.origin}/end`])
      assert.deepStrictEqual(near.requests.map((line) => line.trim()), [
        "GET /301/again Bearer sk",
        "GET /301 Bearer sk",
        "GET /end Bearer sk",
        "GET /307/away Bearer sk"
      ])
      assert.deepStrictEqual(away.requests.map((line) => line.trim()), ["GET /end -"])
      assert.strictEqual((yield* stats).opened, 2)
      assertAllBack(yield* stats)
    }))

  it.scopedLive("of POST are the response: nothing is sent to another address", () =>
    Effect.gen(function*() {
      const { origin, requests } = yield* hops("")
      const { pool } = yield* makePool()
      const fetch = yield* Fetch.makeWith(pool)
      for (const status of [301, 302, 303, 307, 308]) {
        const response = yield* Effect.promise(() => fetch(`${origin}/${status}`, { method: "POST", body: "paid" }))
        assert.deepStrictEqual(
          [response.status, response.ok, response.redirected, response.headers.get("location")],
          [status, false, false, "/end"]
        )
        assert.strictEqual(yield* Effect.promise(() => response.text()), "moved")
      }
      assert.lengthOf(requests, 5)
    }))
})

describe("what is resent", () => {
  it.scopedLive("is what the pool resends, and with Replay.onlyUnsent nothing that was written", () =>
    Effect.gen(function*() {
      const requests: Array<string> = []
      const origin = yield* serve((socket) => {
        let count = 0
        onRequests(socket, ({ path }) => {
          requests.push(path)
          if (++count === 2) socket.destroy()
          else socket.write(answerOf("ok"))
        })
      })
      const { pool } = yield* makePool({ connectionPoolSize: 1 })
      const post = (fetch: Fetch.Service, path: string) => () =>
        fetch(origin + path, { method: "POST", body: "x" }).then((response) => response.text())
      const usual = yield* Fetch.makeWith(pool)
      const careful = yield* Replay.onlyUnsent(Fetch.makeWith(pool))
      yield* Effect.promise(post(usual, "/a"))
      yield* Effect.promise(post(usual, "/b"))
      assert.deepStrictEqual(requests, ["/a", "/b", "/b"])
      assert.strictEqual(seen(yield* rejection(post(careful, "/c"))).code, "UND_ERR_SOCKET")
      assert.deepStrictEqual(requests.slice(3), ["/c"])
    }))
})

describe("the scope", () => {
  const closing = (config: ConnectionConfig.Input, ofPool: boolean) =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const scope = yield* Scope.make()
      const poolScope = ofPool ? scope : yield* Effect.scope
      const { pool, stats } = yield* Scope.extend(makePool({ connectionPoolSize: 2, ...config }), poolScope)
      const fetch = yield* Scope.extend(Fetch.makeWith(pool), scope)
      const ask = (behavior?: Behavior.Behavior) => fetch(simulator.url + path, init(behavior))
      return { ask, close: Scope.close(scope, Exit.void), simulator, stats }
    })

  const isClosed = (error: unknown, message: string) => {
    const { cause, code, ...rest } = seen(error)
    assert.deepStrictEqual({ ...rest, code }, { message, code: "UND_ERR_CLOSED" })
    assert.instanceOf(cause, ConnectionError)
    assert.deepInclude(cause, { reason: "Closed" })
  }

  for (const ofPool of [true, false]) {
    it.scopedLive(`when it closes, ${ofPool ? "with its pool" : "before its pool"}, waiting and new calls reject`, () =>
      Effect.gen(function*() {
        const { ask, close, simulator, stats } = yield* closing({ shutdownTimeout: "60 seconds" }, ofPool)
        const running = ask({ latency: 250 }).then((response) => response.text())
        const other = ask({ latency: 250 }).then((response) => response.text())
        const waiting = yield* Effect.fork(rejection(() => ask()))
        yield* simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 2)
        yield* close
        isClosed(yield* Fiber.join(waiting), "fetch failed")
        isClosed(yield* rejection(() => ask()), "fetch failed")
        for (const text of yield* Effect.promise(() => Promise.all([running, other]))) {
          assert.include(text, "\"output\"")
        }
        assert.strictEqual((yield* simulator.stats).totalRequests, 2)
        assertAllBack(yield* stats)
      }))
  }

  it.scopedLive("ends what is still in flight after shutdownTimeout", () =>
    Effect.gen(function*() {
      const { ask, close, simulator, stats } = yield* closing({ shutdownTimeout: "30 millis" }, false)
      const head = rejection(() => ask({ fault: { _tag: "StallBeforeHeaders" } }))
      const response = yield* Effect.promise(() => ask({ fault: { _tag: "StallAfterBytes", bytes: 10 } }))
      const [inHead, inBody] = yield* Effect.all([
        head,
        rejection(() => response.text()),
        Effect.delay(close, "20 millis")
      ], {
        concurrency: "unbounded"
      })
      isClosed(inHead, "fetch failed")
      isClosed(inBody, "terminated")
      assertAllBack(yield* stats)
      yield* simulator.waitFor(({ openConnections }) => openConnections === 0)
    }))
})

setFlagsFromString("--expose-gc")
const collectGarbage = runInNewContext("gc") as () => void

describe("what nobody reads", () => {
  it.scopedLive("gives its permit back once it is garbage, whoever holds the signal", () =>
    Effect.gen(function*() {
      const { ask, simulator, stats } = yield* start({ connectionPoolSize: 8 })
      const { signal } = new AbortController()
      const fault = { _tag: "StallAfterBytes", bytes: 100 } as const
      yield* Effect.promise(async () => {
        const kinds = [{ fault }, { gzip: true, fault }, {}]
        for (const kind of kinds) for (const given of [{}, { signal }]) await ask(kind, given)
        const begun = (await ask({ fault }, { signal })).body!.getReader()
        await begun.read()
      })
      assert.strictEqual((yield* stats).acquired, 7)
      yield* eventually(Effect.zipRight(
        Effect.sync(collectGarbage),
        Effect.map(stats, ({ inFlight }) => inFlight === 0)
      ))
      yield* simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 0)
      assert.lengthOf(getEventListeners(signal, "abort"), 0)
    }))

  it.scopedLive("is kept as long as its body is, and read when its reader comes", () =>
    Effect.gen(function*() {
      const { ask } = yield* start()
      const { body } = yield* Effect.promise(() => ask({ padAnswerTo: 400_000 }))
      for (let i = 0; i < 2; i++) yield* Effect.delay(Effect.sync(collectGarbage), "5 millis")
      const text = yield* Effect.promise(() => new Response(body).text())
      assert.strictEqual(text.length > 300_000, true)
    }))

  it.scopedLive("is told of by leakDetectionThreshold, with the place of its call", () =>
    Effect.gen(function*() {
      const messages: Array<string> = []
      const logger = Logger.make(({ message }) => void messages.push(String(message)))
      yield* Effect.gen(function*() {
        const { ask } = yield* start({ leakDetectionThreshold: "10 millis" })
        const response = yield* Effect.promise(() => ask({ fault: { _tag: "StallAfterBytes", bytes: 100 } }))
        yield* eventually(Effect.sync(() => messages.length > 0))
        yield* Effect.promise(() => response.body!.cancel())
      }).pipe(Effect.scoped, Effect.provide(Logger.replace(Logger.defaultLogger, logger)))
      assert.match(messages[0]!, /^Possible leak: a permit .* by POST http:\S+\/generation, made\n.*Fetch\.test\.ts/)
      assert.notMatch(messages[0]!, /fetch\/calls|src\/Fetch/)
    }))
})

describe("the process", () => {
  const program = `
    import * as ConnectionConfig from "./src/ConnectionConfig.js"
    import * as Fetch from "./src/Fetch.js"
    import * as ManagedRuntime from "effect/ManagedRuntime"
    const runtime = ManagedRuntime.make(Fetch.layer(ConnectionConfig.make()))
    const fetch = await runtime.runPromise(Fetch.Fetch)
    process.stdout.write(await (await fetch(process.env["URL_TO_ASK"])).text())
  `

  // To bundle Effect takes seconds.
  it.runIf(isThorough)("is kept alive by a call, and not by the pool after it", () =>
    Effect.gen(function*() {
      const origin = yield* httpServer((_, response) => void setTimeout(() => response.end("answered"), 50))
      const code = yield* Effect.promise(() => bundleSource(program, new URL("..", import.meta.url)))
      const printed = yield* Effect.async<string, Error>((resume) => {
        const child = execFile(
          process.execPath,
          ["--input-type=module"],
          { env: { URL_TO_ASK: origin }, timeout: 60_000 },
          (error, stdout) => resume(error === null ? Effect.succeed(stdout) : Effect.fail(error))
        )
        child.stdin?.end(code)
      })
      assert.strictEqual(printed, "answered")
    }).pipe(Effect.scoped, Effect.runPromise), 60_000)
})
