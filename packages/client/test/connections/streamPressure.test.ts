import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as PlatformHttpClient from "@effect/platform/HttpClient"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { Chunk, Deferred, Effect, Exit, Fiber, Layer, Schema, Stream } from "effect"
import { Behavior, Simulator } from "effect-dashscope-simulator"
import * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import * as ConnectionPool from "effect-http-pool/ConnectionPool"
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { bundle } from "../../../../scripts/bundle.js"
import { assertAllBack } from "../../../pool/test/util/support.js"
import * as DashScope from "../../src/DashScope.js"
import * as Generation from "../../src/Generation.js"

const params = { model: "qwen-plus", prompt: "你好" }

const setup = (connectionPoolSize: number, behavior: Behavior.Behavior) =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make({ behavior })
    const pool = yield* ConnectionPool.make(
      ConnectionConfig.make({ connectionPoolSize, shutdownTimeout: "0 seconds" })
    )
    return {
      simulator,
      pool,
      layer: DashScope.layerPool(pool, { apiKey: "sk-test", endpoint: simulator.url }),
      /** Until the pool is as asked. */
      until: (predicate: (stats: ConnectionPool.Stats) => boolean) =>
        Effect.repeat(Effect.delay(pool.stats, "2 millis"), { until: predicate }).pipe(Effect.timeout("20 seconds"))
    }
  })

const endless = { stream: { eventInterval: 5, events: 100_000 } }

const programs = await bundle(new URL("../fixtures/slowConsumer.ts", import.meta.url))
afterAll(programs.remove)

describe("a slow consumer", () => {
  const Line = Schema.parseJson(Schema.Union(
    Schema.Struct({ holding: Schema.Literal(true) }),
    Schema.Struct({ elements: Schema.Number, grewBy: Schema.Number })
  ))

  it.scopedLive("slows the server, and holds little of a stream of 100 MB", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const child = yield* Effect.acquireRelease(
        Effect.sync(() =>
          spawn(
            process.execPath,
            [
              "--expose-gc",
              programs.path("slowConsumer"),
              simulator.url
            ],
            { stdio: ["pipe", "pipe", "inherit"] }
          )
        ),
        (child) => Effect.sync(() => child.kill())
      )
      const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
      const line = Effect.promise(() => lines.next()).pipe(
        Effect.flatMap(({ value }) => Schema.decodeUnknown(Line)(value)),
        Effect.timeout("50 seconds")
      )

      assert.deepStrictEqual(yield* line, { holding: true })
      // Once what the kernels hold between the two is full, nothing moves.
      const held = yield* simulator.stats.pipe(
        Effect.flatMap((before) =>
          Effect.map(Effect.delay(simulator.stats, "300 millis"), (after) => ({ before, after }))
        ),
        Effect.repeat({ until: ({ after, before }) => after.bytesSent === before.bytesSent }),
        Effect.map(({ after }) => after),
        Effect.timeout("40 seconds")
      )
      assert.isBelow(held.bytesSent, 20_000_000)
      assert.strictEqual(held.requestsInFlight, 1)

      child.stdin.write("go on\n")
      const report = yield* line
      assert.isTrue("elements" in report && report.elements >= 140)
      assert.isBelow("grewBy" in report ? report.grewBy : Infinity, 8_000_000)
      // It took what it wanted, and that was the end of it.
      yield* Effect.timeout(simulator.awaitIdle, "20 seconds")
      assert.isBelow((yield* simulator.stats).bytesSent, 30_000_000)
    }), 70_000)
})

describe("streams over a small pool", () => {
  it.scopedLive("run as many at a time as it has connections, and all to their end", () =>
    Effect.gen(function*() {
      const { layer, pool, simulator } = yield* setup(4, { stream: { eventInterval: 3, events: 8 } })
      const counts = yield* Effect.forEach(
        Array.from({ length: 32 }, (_, i) => i),
        () => Stream.runCount(Generation.stream(params)),
        { concurrency: "unbounded" }
      ).pipe(Effect.provide(layer))
      assert.deepStrictEqual(counts, Array.from({ length: 32 }, () => 9))
      const served = yield* simulator.stats
      assert.strictEqual(served.totalRequests, 32)
      assert.strictEqual(served.maxRequestsInFlight, 4)
      // Streams that were read to their end leave their connections to the next.
      assert.strictEqual(served.totalConnections, 4)
      assert.strictEqual(served.abortedRequests, 0)
      assertAllBack(yield* pool.stats)
    }))

  it.scopedLive("give their place to the next at once when they are cancelled", () =>
    Effect.gen(function*() {
      const { layer, pool, simulator, until } = yield* setup(4, endless)
      const started: Array<number> = []
      const run = (i: number) =>
        Stream.runForEach(Generation.stream(params), () =>
          Effect.sync(() => {
            if (!started.includes(i)) started.push(i)
          })).pipe(Effect.provide(layer))
      const fibers = yield* Effect.forEach([0, 1, 2, 3], (i) => Effect.fork(run(i)))
      yield* Effect.iterate(0, { while: () => started.length < 4, body: () => Effect.as(Effect.sleep("2 millis"), 0) })
      const waiting = yield* Effect.fork(run(4))
      yield* until((stats) => stats.waiting === 1)
      assert.notInclude(started, 4)

      yield* Fiber.interrupt(fibers[1]!)
      yield* until((stats) => stats.waiting === 0)
      yield* Effect.iterate(0, { while: () => started.length < 5, body: () => Effect.as(Effect.sleep("2 millis"), 0) })
        .pipe(Effect.timeout("20 seconds"))

      // One that waits goes without a trace.
      const another = yield* Effect.fork(run(5))
      yield* until((stats) => stats.waiting === 1)
      yield* Fiber.interrupt(another)
      assert.strictEqual((yield* pool.stats).waiting, 0)

      yield* Fiber.interruptAll([...fibers, waiting])
      assertAllBack(yield* pool.stats)
      yield* Effect.timeout(simulator.awaitIdle, "20 seconds")
      const served = yield* simulator.stats
      assert.strictEqual(served.maxRequestsInFlight, 4)
      assert.strictEqual(served.totalRequests, 5)
    }))

  it.scopedLive("give their place back at once after take, a failure, and an end without reading", () =>
    Effect.gen(function*() {
      const { layer, pool, simulator } = yield* setup(1, endless)
      const stream = Generation.stream(params)
      const taken = yield* Effect.provide(Stream.runCollect(Stream.take(stream, 3)), layer)
      assert.strictEqual(Chunk.size(taken), 3)
      assertAllBack(yield* pool.stats)
      const failed = yield* Effect.provide(Effect.exit(Stream.runForEach(stream, () => Effect.fail("no"))), layer)
      assert.isTrue(Exit.isFailure(failed))
      assertAllBack(yield* pool.stats)
      yield* Effect.scoped(Effect.flatMap(Stream.toPull(stream), (pull) => pull)).pipe(Effect.provide(layer))
      assertAllBack(yield* pool.stats)
      const first = yield* Effect.provide(Stream.runHead(Generation.streamText(params)), layer)
      assert.strictEqual(first._tag, "Some")
      assertAllBack(yield* pool.stats)
      const enough = yield* Deferred.make<void>()
      const halted = yield* Stream.tap(stream, () => Deferred.succeed(enough, undefined)).pipe(
        Stream.interruptWhen(Deferred.await(enough)),
        Stream.runCollect,
        Effect.timeout("20 seconds"),
        Effect.provide(layer)
      )
      assert.isBelow(Chunk.size(halted), 1000)
      assertAllBack(yield* pool.stats)
      yield* Effect.timeout(simulator.awaitIdle, "20 seconds")
      assert.strictEqual((yield* simulator.stats).abortedRequests, 5)
    }))

  it.scopedLive("give their place back where nobody has come to read them yet", () =>
    Effect.gen(function*() {
      const { pool, simulator } = yield* setup(1, endless)
      const layer = DashScope.layerPool(pool, {
        apiKey: "sk-test",
        endpoint: simulator.url,
        transformClient: PlatformHttpClient.tap(() => Effect.never)
      })
      const error = yield* Generation.stream(params, { timeout: "200 millis" }).pipe(
        Stream.runDrain,
        Effect.flip,
        Effect.provide(layer)
      )
      assert.strictEqual(error._tag === "RequestTimeout" && error.phase, "total")
      assertAllBack(yield* pool.stats)
      yield* Effect.timeout(simulator.awaitIdle, "20 seconds")
    }))

  it.scopedLive("of which many are interrupted at any moment leave nothing behind", () =>
    Effect.gen(function*() {
      const { layer, pool, simulator } = yield* setup(4, { latency: 3, stream: { eventInterval: 2, events: 6 } })
      yield* Effect.forEach(
        Array.from({ length: 120 }, (_, i) => i),
        (i) =>
          Stream.runDrain(Generation.stream(params, i % 2 === 0 ? undefined : { timeout: "20 seconds" })).pipe(
            // At a different moment each: in the queue, dialling, before the head, between events.
            Effect.timeoutOption(`${i % 40} millis`)
          ),
        { concurrency: 16 }
      ).pipe(Effect.provide(layer))
      assertAllBack(yield* pool.stats)
      yield* Effect.timeout(simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 0), "20 seconds")
      const whole = yield* Effect.provide(Stream.runCount(Generation.stream(params)), layer)
      assert.strictEqual(whole, 7)
    }))
})

describe("over the runtime's fetch", () => {
  const overFetch = (url: string) =>
    DashScope.layerWithoutHttpClient({ apiKey: "sk-test", endpoint: url, retry: false }).pipe(
      Layer.provide(FetchHttpClient.layer)
    )

  it.scopedLive("streams are the same", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const { pool: _, layer } = yield* setup(1, {})
      const ours = yield* Effect.provide(Generation.collect(Generation.stream(params)), layer)
      const theirs = yield* Effect.provide(Generation.collect(Generation.stream(params)), overFetch(simulator.url))
      assert.deepStrictEqual(theirs, ours)
    }))

  it.scopedLive("streams let go of their connection, and fail with the same errors", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const run = (behavior: Behavior.Behavior, timeouts: Parameters<typeof Generation.stream>[1] = {}) =>
        Generation.stream(params, { ...timeouts, headers: Behavior.toHeaders(behavior) })
      const failure = (behavior: Behavior.Behavior, timeouts?: Parameters<typeof Generation.stream>[1]) =>
        Effect.map(Effect.flip(Stream.runDrain(run(behavior, timeouts))), (error) =>
          error._tag === "ConnectionError" ?
            error.reason :
            error._tag === "RequestTimeout" ?
            error.phase :
            error._tag)
      yield* Effect.gen(function*() {
        yield* Stream.runDrain(Stream.take(run(endless), 3))
        yield* Effect.timeout(simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 0), "20 seconds")
        assert.strictEqual(yield* failure({ stream: { closeWithoutFinish: true } }), "Truncated")
        assert.strictEqual(yield* failure({ fault: { _tag: "HalfBody" } }), "Truncated")
        assert.strictEqual(yield* failure({ stream: { errorAfterEvents: 2 } }), "ApiError")
        const stalled = { stream: { stallAfterEvents: 2 } }
        assert.strictEqual(yield* failure(stalled, { contentTimeout: "200 millis" }), "content")
        yield* Effect.timeout(simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 0), "20 seconds")
      }).pipe(Effect.provide(overFetch(simulator.url)))
    }))
})
