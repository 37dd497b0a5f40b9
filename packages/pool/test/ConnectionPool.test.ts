import * as PlatformHttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Either, Exit, Fiber, Schedule, Scope, TestClock } from "effect"
import { Simulator } from "effect-dashscope-simulator"
import { casesOf } from "../../../scripts/thorough.js"
import * as ConnectionConfig from "../src/ConnectionConfig.js"
import * as ConnectionPool from "../src/ConnectionPool.js"
import * as HttpClient from "../src/HttpClient.js"
import { assertAllBack, generation, makePool, poolErrorOf } from "./util/support.js"

const waitUntil = <E>(condition: Effect.Effect<boolean, E>) =>
  condition.pipe(
    Effect.filterOrFail((met) => met, () => "not yet" as const),
    Effect.retry(Schedule.spaced("5 millis")),
    Effect.timeoutFail({ duration: "20 seconds", onTimeout: () => "never" as const })
  )

describe("limits, as the server counts them", () => {
  const calls = casesOf(1000, 0.3)
  it.scopedLive(`${calls} calls at once over one host and 8 connections`, () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ behavior: { latency: 10 } })
      const { ask, stats } = yield* makePool({ connectionPoolSize: 8 })
      yield* Effect.all(Array.from({ length: calls }, () => ask(simulator.url)), { concurrency: "unbounded" })
      const seen = yield* simulator.stats
      assert.strictEqual(seen.totalRequests, calls)
      assert.strictEqual(seen.totalConnections, 8)
      assert.strictEqual(seen.maxOpenConnections, 8)
      assert.strictEqual(seen.maxRequestsInFlight, 8)
      const numbers = yield* stats
      assertAllBack(numbers)
      assert.strictEqual(numbers.reused, calls - 8)
    }))

  it.scopedLive("4 hosts, 8 connections in all, 4 per host", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ hosts: 4, behavior: { latency: 5 } })
      const { ask, stats } = yield* makePool({ connectionPoolSize: 8, maximumAsyncRequestsPerHost: 4 })
      yield* Effect.forEach(
        Array.from({ length: casesOf(400, 0.4) }, (_, i) => simulator.urls[i % 4]!),
        (url) => ask(url),
        { concurrency: "unbounded" }
      )
      const seen = yield* simulator.stats
      assert.strictEqual(seen.totalRequests, casesOf(400, 0.4))
      assert.isAtMost(seen.maxOpenConnections, 8)
      assert.strictEqual(seen.maxRequestsInFlight, 8)
      for (const host of seen.byPort.values()) {
        assert.isAtMost(host.maxOpenConnections, 8)
        assert.isAtMost(host.maxRequestsInFlight, 4)
      }
      assertAllBack(yield* stats)
    }))

  it.scopedLive("fewer requests than connections", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ behavior: { latency: 2 } })
      const { ask } = yield* makePool({ connectionPoolSize: 8, maximumAsyncRequests: 3 })
      yield* Effect.all(Array.from({ length: 100 }, () => ask(simulator.url)), { concurrency: "unbounded" })
      assert.strictEqual((yield* simulator.stats).maxRequestsInFlight, 3)
      assert.strictEqual((yield* simulator.stats).totalConnections, 3)
    }))

  it.scopedLive("the cap holds while handshakes are reset and stall, and nothing is lost", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({
        hosts: 2,
        connections: { resetOnAccept: 0.3, stallHandshake: 0.2, closeIdleRandomly: 0.3 },
        seed: 7
      })
      const { ask, stats } = yield* makePool({
        connectionPoolSize: 4,
        connectTimeout: "250 millis",
        readTimeout: "250 millis"
      })
      const attempts = casesOf(300, 0.4)
      const outcomes = yield* Effect.forEach(
        Array.from({ length: attempts }, (_, i) => simulator.urls[i % 2]!),
        (url) => Effect.either(ask(url)),
        { concurrency: 20 }
      )
      const failures = outcomes.filter(Either.isLeft)
      assert.isAbove(failures.length, 0)
      assert.isBelow(failures.length, attempts)
      assert.isAtMost((yield* simulator.stats).maxOpenConnections, 4)
      assertAllBack(yield* stats)
      // The capacity is whole: four at once still go through.
      yield* simulator.setConnections({})
      yield* simulator.resetStats
      yield* Effect.all(Array.from({ length: 40 }, () => ask(simulator.url, { latency: 5 })), {
        concurrency: "unbounded"
      })
      assert.strictEqual((yield* simulator.stats).maxRequestsInFlight, 4)
    }))

  it.scopedLive("refused connections give their places back", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ connections: { refuse: true } })
      const { ask, stats } = yield* makePool({ connectionPoolSize: 2 })
      const errors = yield* Effect.forEach(
        Array.from({ length: 50 }),
        () => poolErrorOf(ask(simulator.url)),
        { concurrency: "unbounded" }
      )
      for (const error of errors) {
        assert.strictEqual(error._tag, "ConnectionError")
        assert.strictEqual(error._tag === "ConnectionError" && error.reason, "Refused")
        assert.isTrue(error.isRetryable)
      }
      yield* waitUntil(Effect.map(stats, ({ open }) => open === 0))
      assertAllBack(yield* stats)
    }))
})

describe("waiting", () => {
  it.scopedLive("acquireTimeout fires with the pool's numbers, and the place in the queue is free", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const { ask, stats } = yield* makePool({ connectionPoolSize: 1, acquireTimeout: "50 millis" })
      const running = yield* Effect.fork(ask(simulator.url, { latency: 400 }))
      yield* simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 1)
      const error = yield* poolErrorOf(ask(simulator.url))
      assert.strictEqual(error._tag, "RequestTimeout")
      if (error._tag !== "RequestTimeout") return
      assert.strictEqual(error.phase, "acquire")
      assert.deepInclude({ ...error.pool }, { open: 1, active: 1, connectionPoolSize: 1 })
      assert.include(error.message, "open 1/1")
      assert.strictEqual((yield* stats).waiting, 0)
      yield* Fiber.join(running)
      assert.strictEqual((yield* simulator.stats).totalRequests, 1)
    }))

  it.scopedLive("maximumPendingRequests refuses at once", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const { ask, stats } = yield* makePool({ connectionPoolSize: 1, maximumPendingRequests: 2 })
      const fibers = yield* Effect.forEach([1, 2, 3], () => Effect.fork(ask(simulator.url, { latency: 100 })))
      yield* waitUntil(Effect.map(stats, ({ waiting }) => waiting === 2))
      const error = yield* poolErrorOf(ask(simulator.url))
      assert.strictEqual(error._tag, "PoolExhausted")
      assert.include(error.message, "waiting 2")
      yield* Fiber.joinAll(fibers)
      assertAllBack(yield* stats)
    }))

  it.scopedLive("interrupting 1,000 queued calls frees the queue at once", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const { ask, stats } = yield* makePool({ connectionPoolSize: 1 })
      const running = yield* Effect.fork(ask(simulator.url, { latency: 300 }))
      const queued = yield* Effect.forEach(Array.from({ length: 1000 }), () => Effect.fork(ask(simulator.url)))
      yield* waitUntil(Effect.map(stats, ({ waiting }) => waiting === 1000))
      yield* Fiber.interruptAll(queued)
      assert.strictEqual((yield* stats).waiting, 0)
      yield* Fiber.join(running)
      yield* ask(simulator.url)
      assert.strictEqual((yield* simulator.stats).totalRequests, 2)
    }))

  it.scopedLive("a stuck host does not starve another", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ hosts: 2 })
      const { ask } = yield* makePool({ connectionPoolSize: 4, maximumAsyncRequestsPerHost: 2 })
      const [stuck, healthy] = simulator.urls
      for (let i = 0; i < 50; i++) yield* Effect.fork(ask(stuck!, { fault: { _tag: "StallBeforeHeaders" } }))
      yield* simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 2)
      const answers = yield* Effect.all(Array.from({ length: 20 }, () => ask(healthy!)), { concurrency: "unbounded" })
      assert.strictEqual(answers.length, 20)
    }))
})

describe("interruption", () => {
  it.scopedLive("closes the socket of a running call at once and returns its permit", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const { ask, stats } = yield* makePool({ connectionPoolSize: 1 })
      for (
        const fault of [
          { _tag: "StallBeforeHeaders" },
          { _tag: "StallAfterHeaders" },
          { _tag: "StallAfterBytes", bytes: 10 }
        ] as const
      ) {
        const fiber = yield* Effect.fork(ask(simulator.url, { fault }))
        yield* simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 1)
        yield* Fiber.interrupt(fiber)
        yield* simulator.awaitIdle
        yield* waitUntil(Effect.map(stats, ({ open }) => open === 0))
        assertAllBack(yield* stats)
      }
      assert.strictEqual((yield* stats).closed.aborted, 3)
    }))

  it.scopedLive("destroys a half-open handshake at once", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ tls: true, connections: { stallHandshake: 1 } })
      const { ask, stats } = yield* makePool({ connectionPoolSize: 1 })
      const fiber = yield* Effect.fork(ask(simulator.url))
      yield* simulator.waitFor(({ openConnections }) => openConnections === 1)
      assert.strictEqual((yield* stats).connecting, 1)
      yield* Fiber.interrupt(fiber)
      assertAllBack(yield* stats)
      yield* simulator.awaitIdle
      yield* waitUntil(Effect.map(stats, ({ open }) => open === 0))
    }))

  it.scopedLive("while a host name is being resolved, too", () =>
    Effect.gen(function*() {
      const { ask, stats } = yield* makePool({ connectionPoolSize: 1 })
      const fiber = yield* Effect.fork(ask("http://resolves-to-nothing.invalid/api/v1"))
      // Without a pause: that nobody has the name may be known soon.
      while ((yield* stats).connecting === 0) yield* Effect.yieldNow()
      yield* Fiber.interrupt(fiber)
      assertAllBack(yield* stats)
      yield* waitUntil(Effect.map(stats, ({ open }) => open === 0))
    }))
})

describe("connections", () => {
  it.scoped("close after connectionIdleTimeout", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const { ask, stats } = yield* makePool({ connectionIdleTimeout: "60 seconds" })
      yield* ask(simulator.url)
      yield* TestClock.adjust("59 seconds")
      assert.strictEqual((yield* stats).idle, 1)
      yield* TestClock.adjust("1 seconds")
      yield* simulator.awaitIdle
      assert.strictEqual((yield* stats).closed.idle, 1)
    }))

  it.scopedLive("are replaced after connectionMaxLifetime, never during a request", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const { ask, stats } = yield* makePool({ connectionPoolSize: 1, connectionMaxLifetime: "100 millis" })
      yield* ask(simulator.url, { latency: 200 })
      yield* ask(simulator.url)
      assert.strictEqual((yield* simulator.stats).totalConnections, 2)
      assert.strictEqual((yield* stats).closed.lifetime, 1)
    }))

  it.scopedLive("closed by the server while idle are dropped", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const { ask, stats } = yield* makePool()
      yield* ask(simulator.url)
      yield* simulator.closeIdleConnections
      yield* waitUntil(Effect.map(stats, ({ open }) => open === 0))
      assert.strictEqual((yield* stats).closed.peer, 1)
      yield* ask(simulator.url)
      assert.strictEqual((yield* simulator.stats).totalConnections, 2)
    }))

  it.scopedLive("are not reused after connection: close", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ behavior: { fault: { _tag: "ConnectionClose" } } })
      const { ask } = yield* makePool({ connectionPoolSize: 1 })
      for (let i = 0; i < 5; i++) yield* ask(simulator.url)
      assert.strictEqual((yield* simulator.stats).totalConnections, 5)
      assert.strictEqual((yield* simulator.stats).maxOpenConnections, 1)
    }))

  it.scopedLive("are not kept beyond the server's own Keep-Alive hint", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ behavior: { keepAliveHint: 1 } })
      const { ask } = yield* makePool()
      yield* ask(simulator.url)
      yield* ask(simulator.url)
      assert.strictEqual((yield* simulator.stats).totalConnections, 2)
    }))

  it.scopedLive("of another host make room at the cap", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ hosts: 3 })
      const { ask, stats } = yield* makePool({ connectionPoolSize: 2 })
      for (const url of [...simulator.urls, ...simulator.urls]) yield* ask(url)
      assert.strictEqual((yield* simulator.stats).maxOpenConnections, 2)
      assert.strictEqual((yield* stats).closed.evicted, 4)
    }))
})

describe("bodies that nobody reads", () => {
  const errorOf = (padTo: number) => ({ error: { status: 500, padTo } })

  for (
    const [name, behavior] of [
      ["200 B", errorOf(200)],
      ["70 kB", errorOf(70_000)],
      ["an endless drip", { error: { status: 500, padTo: 2_000_000, endless: "drip" } }]
    ] as const
  ) {
    it.scopedLive(`an error answer of ${name} does not hold the only connection`, () =>
      Effect.gen(function*() {
        const simulator = yield* Simulator.make()
        const { ask, client, stats } = yield* makePool({ connectionPoolSize: 1, readTimeout: "40 seconds" })
        const response = yield* client.execute(generation(simulator.url, behavior))
        assert.strictEqual(response.status, 500)
        yield* Effect.timeout(ask(simulator.url), "20 seconds")
        assertAllBack(yield* stats)
      }))
  }

  it.scopedLive("a silent, open error answer ends with the read timeout", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const { ask, client, stats } = yield* makePool({ connectionPoolSize: 1, readTimeout: "100 millis" })
      yield* client.execute(generation(simulator.url, { error: { status: 500, endless: "open" } }))
      yield* Effect.timeout(ask(simulator.url), "20 seconds")
      assertAllBack(yield* stats)
    }))

  it.scopedLive("a large answer that was never begun is given up after the read timeout", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const { ask, client, stats } = yield* makePool({ connectionPoolSize: 1, readTimeout: "1 seconds" })
      const response = yield* client.execute(generation(simulator.url, { padAnswerTo: 2_000_000 }))
      yield* Effect.timeout(ask(simulator.url), "20 seconds")
      assertAllBack(yield* stats)
      const error = yield* poolErrorOf(response.text)
      assert.strictEqual(error._tag, "RequestTimeout")
    }))
})

describe("stale connections", () => {
  it.scopedLive("a request lost on a reused connection is sent once more on a fresh one", () =>
    Effect.gen(function*() {
      let resets = 1
      const simulator = yield* Simulator.make({
        behaviorOf: ({ ordinal }) => ordinal > 1 && resets-- > 0 ? { fault: { _tag: "ResetBeforeHeaders" } } : undefined
      })
      const { ask, stats } = yield* makePool({ connectionPoolSize: 1 })
      yield* ask(simulator.url)
      yield* ask(simulator.url)
      const seen = yield* simulator.stats
      assert.strictEqual(seen.totalRequests, 3)
      assert.strictEqual(seen.totalConnections, 2)
      assert.strictEqual(seen.maxOpenConnections, 1)
      assertAllBack(yield* stats)
    }))

  it.scopedLive("but not twice, not on a fresh connection, and not after a byte of the answer", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const { ask, stats } = yield* makePool({ connectionPoolSize: 1 })
      const fresh = yield* poolErrorOf(ask(simulator.url, { fault: { _tag: "ResetBeforeHeaders" } }))
      assert.deepInclude({ ...fresh }, { _tag: "ConnectionError", reason: "Reset", responseStarted: false })
      assert.strictEqual((yield* simulator.stats).totalRequests, 1)
      yield* ask(simulator.url)
      yield* poolErrorOf(ask(simulator.url, { fault: { _tag: "ResetBeforeHeaders" } }))
      assert.strictEqual((yield* simulator.stats).totalRequests, 4)
      yield* ask(simulator.url)
      const begun = yield* poolErrorOf(ask(simulator.url, { fault: { _tag: "ResetAfterHeaders" } }))
      assert.deepInclude({ ...begun }, { _tag: "ConnectionError", responseStarted: true })
      assert.strictEqual((yield* simulator.stats).totalRequests, 6)
      assertAllBack(yield* stats)
    }))

  it.scopedLive("and not at all when it is switched off", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const { ask } = yield* makePool({ connectionPoolSize: 1, resendOnStaleConnection: false })
      yield* ask(simulator.url)
      const error = yield* poolErrorOf(ask(simulator.url, { fault: { _tag: "ResetBeforeHeaders" } }))
      assert.strictEqual(error._tag, "ConnectionError")
      assert.strictEqual((yield* simulator.stats).totalRequests, 2)
    }))
})

describe("closing", () => {
  const open = (input: ConnectionConfig.Input) =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const pool = yield* Scope.extend(makePool(input), scope)
      return { ...pool, close: Scope.close(scope, Exit.void) }
    })

  it.scopedLive("lets requests in flight end, refuses those that wait, and leaves nothing", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ behavior: { latency: 200 } })
      const { ask, close, stats } = yield* open({ connectionPoolSize: 2, shutdownTimeout: "5 seconds" })
      const fibers = yield* Effect.forEach(
        Array.from({ length: 6 }),
        () => Effect.fork(Effect.either(ask(simulator.url)))
      )
      yield* simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 2)
      yield* close
      assert.strictEqual((yield* stats).open, 0)
      const outcomes = yield* Fiber.joinAll(fibers)
      assert.strictEqual(outcomes.filter(Either.isRight).length, 2)
      for (const outcome of outcomes.filter(Either.isLeft)) {
        const error = yield* poolErrorOf(Effect.fail(outcome.left))
        assert.deepInclude({ ...error }, { _tag: "ConnectionError", reason: "Closed" })
        assert.isFalse(error.isRetryable)
      }
      const late = yield* poolErrorOf(ask(simulator.url))
      assert.deepInclude({ ...late }, { reason: "Closed" })
      assert.strictEqual((yield* simulator.stats).totalRequests, 2)
      yield* simulator.awaitIdle
      yield* close
    }))

  it.scopedLive("aborts after shutdownTimeout what does not end", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ behavior: { fault: { _tag: "StallBeforeHeaders" } } })
      const { ask, close, stats } = yield* open({ connectionPoolSize: 2, shutdownTimeout: "100 millis" })
      const fiber = yield* Effect.fork(Effect.flip(ask(simulator.url)))
      yield* simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 1)
      const [took] = yield* Effect.timed(close)
      assert.isAtLeast(Duration.toMillis(took), 95)
      const error = yield* Fiber.join(fiber)
      assert.deepInclude({ ...(error.cause as object) }, { _tag: "ConnectionError", reason: "Closed" })
      assert.deepInclude({ ...(yield* stats) }, { open: 0, inFlight: 0, waiting: 0 })
      yield* simulator.awaitIdle
    }))

  it.scopedLive("does not wait for handshakes beyond shutdownTimeout either", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ tls: true, connections: { stallHandshake: 1 } })
      const { ask, close, stats } = yield* open({ connectionPoolSize: 2, shutdownTimeout: "50 millis" })
      const fiber = yield* Effect.fork(Effect.flip(ask(simulator.url)))
      yield* simulator.waitFor(({ openConnections }) => openConnections === 1)
      yield* close
      yield* Fiber.join(fiber)
      assert.strictEqual((yield* stats).open, 0)
      yield* simulator.awaitIdle
    }))

  it.scopedLive("a closed pool is no transient failure to retryTransient", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const { client, close } = yield* open({})
      yield* close
      let attempts = 0
      const retrying = client.pipe(
        PlatformHttpClient.tapRequest(() => Effect.sync(() => attempts++)),
        PlatformHttpClient.retryTransient({ times: 5 })
      )
      yield* Effect.flip(retrying.get(simulator.origin))
      assert.strictEqual(attempts, 1)
    }))
})

describe("the pool as a value", () => {
  it.scopedLive("prints its numbers", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ hosts: 2 })
      const { ask, pool, stats } = yield* makePool({ connectionPoolSize: 4 })
      for (const url of simulator.urls) yield* ask(url)
      assert.include(pool.toString(), "open 2 (connecting 0, active 0, idle 2, closing 0), in flight 0, waiting 0")
      const numbers = yield* stats
      assert.deepStrictEqual(Object.keys(numbers.hosts).sort(), simulator.urls.map((url) => new URL(url).origin).sort())
      assert.include(numbers.toString(), simulator.origin)
    }))

  it.effect("keeps its deadlines by the Clock of the environment", () =>
    Effect.scoped(Effect.gen(function*() {
      const simulator = yield* Simulator.make({ behavior: { fault: { _tag: "StallBeforeHeaders" } } })
      const { ask } = yield* makePool({ readTimeout: "5 minutes" })
      const fiber = yield* Effect.fork(poolErrorOf(ask(simulator.url)))
      yield* simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 1)
      yield* TestClock.adjust("299 seconds")
      const early = yield* Fiber.poll(fiber)
      assert.strictEqual(early._tag, "None")
      yield* TestClock.adjust("1 seconds")
      const error = yield* Fiber.join(fiber)
      assert.deepInclude({ ...error }, { _tag: "RequestTimeout", phase: "read" })
    })))

  it.effect("is released when the layer is", () =>
    Effect.gen(function*() {
      const seen = yield* Deferred.make<ConnectionPool.Service>()
      yield* Effect.flatMap(ConnectionPool.ConnectionPool, (pool) => Deferred.succeed(seen, pool)).pipe(
        Effect.provide(ConnectionPool.layer(ConnectionConfig.make()))
      )
      const error = yield* poolErrorOf(HttpClient.fromPool(yield* Deferred.await(seen)).get("http://127.0.0.1:1/"))
      assert.deepInclude({ ...error }, { _tag: "ConnectionError", reason: "Closed" })
    }))
})
