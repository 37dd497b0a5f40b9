import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import * as ConnectionPool from "effect-http-pool/ConnectionPool"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as DashScope from "../../src/DashScope.js"
import * as DashScopeClient from "../../src/DashScopeClient.js"
import * as Generation from "../../src/Generation.js"
import * as ImageSynthesis from "../../src/ImageSynthesis.js"
import * as RateLimit from "../../src/RateLimit.js"
import * as RateLimitStore from "../../src/RateLimitStore.js"
import * as SpeechSynthesizer from "../../src/SpeechSynthesizer.js"
import { answer, env, type Handler, jsonResponse, key, mockHttp } from "../util/mock.js"

const path = "/services/aigc/text-generation/generation"
const request: DashScopeClient.Request = {
  path,
  body: { model: "qwen-plus", input: { prompt: "a".repeat(35) }, parameters: { max_tokens: 90 } }
}

const setup = (handler: Handler, options: DashScopeClient.Options) =>
  Effect.gen(function*() {
    const http = mockHttp(handler)
    const client = yield* DashScopeClient.make({ apiKey: key, ...options }).pipe(
      Effect.provide(http.layer),
      Effect.provide(env({}))
    )
    return { ...http, client }
  })

const groupOf = (limiter: RateLimit.Service, key = "qwen-plus") =>
  Effect.map(limiter.stats, ({ groups }) => groups.find((group) => group.key === key) ?? assert.fail("no such group"))

const events = [
  { output: { text: "a", finish_reason: "null" }, usage: { input_tokens: 10, output_tokens: 1, total_tokens: 11 } },
  { output: { text: "b", finish_reason: "stop" }, usage: { input_tokens: 10, output_tokens: 7, total_tokens: 17 } }
]

const eventStream = () =>
  new Response(events.map((event) => `event:result\ndata:${JSON.stringify(event)}\n\n`).join(""), {
    headers: { "content-type": "text/event-stream" }
  })

describe("the option rateLimit", () => {
  it.effect("holds for calls, and settles what they used", () =>
    Effect.gen(function*() {
      const limiter = yield* RateLimit.make({
        quotas: [{ requestsPerSecond: 10, tokensPerMinute: 1e6, headroom: 0 }]
      })
      const { client, requests } = yield* setup(() => jsonResponse(answer), { rateLimit: limiter })
      assert.strictEqual(client.rateLimit, limiter)
      const calls = yield* Effect.fork(
        Effect.forEach([1, 2, 3], () => client.execute(request), { concurrency: "unbounded" })
      )
      yield* TestClock.adjust(1)
      assert.strictEqual(requests.length, 1)
      yield* TestClock.adjust(199)
      assert.strictEqual(requests.length, 3)
      yield* Fiber.join(calls)
      const { estimatedTokens, granted, running, usedTokens } = yield* groupOf(limiter)
      // 35 letters are 10 tokens; nothing had been learned when the three came.
      assert.deepStrictEqual({ estimatedTokens, granted, running, usedTokens }, {
        estimatedTokens: 3 * (10 + 90),
        granted: 3,
        running: 0,
        usedTokens: 36
      })
      // What has no model is not counted.
      yield* client.execute({ path: "/tasks/1", method: "GET" })
      assert.strictEqual((yield* groupOf(limiter)).granted, 3)
    }))

  it.effect("holds for streams until they end, and takes the usage of their last event", () =>
    Effect.gen(function*() {
      const limiter = yield* RateLimit.make({ quotas: [{ tokensPerMinute: 1e6, concurrency: 1 }] })
      const { client } = yield* setup(eventStream, { rateLimit: limiter })
      yield* Stream.runForEach(client.stream(request), () =>
        Effect.map(groupOf(limiter), ({ running }) => assert.strictEqual(running, 1)))
      const whole = yield* groupOf(limiter)
      assert.deepStrictEqual([whole.running, whole.usedTokens], [0, 17])
      // One whose reader leaves has used what was seen.
      yield* Stream.runDrain(Stream.take(client.stream(request, { timeout: "1 minute" }), 1))
      const left = yield* groupOf(limiter)
      assert.strictEqual(left.running, 0)
      assert.isAbove(left.usedTokens, 17)
    }))

  it.effect("has retries reserve again, and a 429 pause all", () =>
    Effect.gen(function*() {
      let asked = 0
      const limiter = yield* RateLimit.make({ quotas: [{ requestsPerSecond: 100 }] })
      const { client } = yield* setup(
        () =>
          ++asked === 1
            ? jsonResponse({ code: "Throttling.RateQuota", message: "Requests rate limit exceeded" }, {
              status: 429,
              headers: { "retry-after": "3" }
            })
            : jsonResponse(answer),
        { rateLimit: limiter }
      )
      const call = yield* Effect.fork(client.execute(request))
      yield* TestClock.adjust("100 millis")
      const other = yield* Effect.fork(client.execute(request))
      yield* TestClock.adjust("2800 millis")
      assert.strictEqual(asked, 1)
      assert.strictEqual((yield* groupOf(limiter)).waiting.interactive, 1)
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(other)
      yield* Fiber.join(call)
      const { granted, pauses } = yield* groupOf(limiter)
      assert.deepStrictEqual({ granted, pauses }, { granted: 3, pauses: 1 })
    }))

  it.effect("has the place of an interrupted call free for what its fiber does then", () =>
    Effect.gen(function*() {
      let asked = 0
      const { client } = yield* setup(() => ++asked === 1 ? Effect.never : jsonResponse(answer), {
        rateLimit: { quotas: [{ concurrency: 1 }] }
      })
      const call = yield* Effect.fork(
        Effect.onInterrupt(client.execute(request), () => Effect.orDie(client.execute(request)))
      )
      yield* TestClock.adjust(1)
      yield* Fiber.interrupt(call)
      assert.strictEqual(asked, 2)
    }))

  it.effect("takes no amount of tokens that is none", () =>
    Effect.gen(function*() {
      const limiter = yield* RateLimit.make({ quotas: [{ tokensPerMinute: 6e6 }] })
      const endless = JSON.stringify({ ...answer, usage: { total_tokens: 0 } }).replace(
        "\"total_tokens\":0",
        "\"total_tokens\":1e999"
      )
      const { client } = yield* setup(
        () => new Response(endless, { headers: { "content-type": "application/json" } }),
        { rateLimit: limiter }
      )
      yield* client.execute(request)
      assert.isAbove((yield* groupOf(limiter)).usedTokens, 0)
      yield* client.execute(request)
      assert.strictEqual((yield* groupOf(limiter)).granted, 2)
    }))

  it.effect("fails a call at once whose turn would come after its timeout, and sends nothing", () =>
    Effect.gen(function*() {
      const { client, requests } = yield* setup(() => jsonResponse(answer), {
        rateLimit: { quotas: [{ requestsPerMinute: 1 }] }
      })
      yield* client.execute(request)
      const error = yield* Effect.flip(client.execute(request, { timeout: "10 seconds" }))
      assert.strictEqual(error._tag === "RateLimitExceeded" ? error.reason : error._tag, "Deadline")
      const ofStream = yield* Effect.flip(Stream.runDrain(client.stream(request, { timeout: "10 seconds" })))
      assert.strictEqual(ofStream._tag, "RateLimitExceeded")
      assert.strictEqual(requests.length, 1)
    }))

  it.effect("takes the priority of the call, or of what is around it", () =>
    Effect.gen(function*() {
      const limiter = yield* RateLimit.make({ quotas: [{ requestsPerMinute: 1 }] })
      const { client } = yield* setup(() => jsonResponse(answer), { rateLimit: limiter })
      yield* client.execute(request)
      const fibers = yield* Effect.forEach([
        client.execute(request),
        client.execute(request, { priority: "batch" }),
        RateLimit.withPriority(client.execute(request), "batch"),
        Stream.runDrain(client.stream(request, { priority: "interactive" })).pipe(RateLimit.withPriority("batch"))
      ], (call) => Effect.fork(call))
      yield* Effect.repeatN(Effect.yieldNow(), 50)
      assert.deepStrictEqual((yield* groupOf(limiter)).waiting, { interactive: 2, batch: 2 })
      yield* Fiber.interruptAll(fibers)
      assert.deepStrictEqual((yield* groupOf(limiter)).waiting, { interactive: 0, batch: 0 })
    }))

  it.effect("takes the store of the layer's context", () =>
    Effect.gen(function*() {
      let asked = 0
      const memory = yield* RateLimitStore.makeMemory
      const store: RateLimitStore.Service = {
        ...memory,
        reserve: (reservation) => Effect.zipRight(Effect.sync(() => asked++), memory.reserve(reservation))
      }
      const layer = DashScopeClient.layer({ apiKey: key, rateLimit: { quotas: [{ requestsPerMinute: 60 }] } }).pipe(
        Layer.provide(mockHttp(() => jsonResponse(answer)).layer),
        Layer.provide(Layer.succeed(RateLimitStore.RateLimitStore, store))
      )
      yield* Effect.provide(Effect.flatMap(DashScopeClient.DashScopeClient, (client) => client.execute(request)), layer)
      assert.strictEqual(asked, 1)
    }))

  it.effect("is refused when the layer is built where it cannot be used", () =>
    Effect.gen(function*() {
      for (const rateLimit of [{ quotas: [{ requestsPerMinute: -1 }] }, "much" as never]) {
        const exit = yield* Effect.exit(setup(() => jsonResponse(answer), { rateLimit }))
        assert.include(Exit.isFailure(exit) ? String(exit.cause) : "", "rateLimit")
      }
      const { client } = yield* setup(() => jsonResponse(answer), {})
      const error = yield* Effect.flip(client.execute(request, { priority: "urgent" as never }))
      assert.include(error.message, "priority")
    }))
})

describe("over the pool", () => {
  /** Services over one connection, with a limiter. */
  const over = <A, E>(
    use: (
      given: {
        readonly simulator: Simulator.Service
        readonly pool: ConnectionPool.Service
        readonly limiter: RateLimit.Service
      }
    ) => Effect.Effect<A, E, DashScope.Services>,
    options: Simulator.Options = {}
  ) =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make(options)
      const pool = yield* ConnectionPool.make(ConnectionConfig.make({ connectionPoolSize: 1 }))
      const limiter = yield* RateLimit.make({ quotas: [{ requestsPerMinute: 6000, tokensPerMinute: 1e7 }] })
      return yield* Effect.provide(
        use({ simulator, pool, limiter }),
        DashScope.layerPool(pool, { apiKey: "sk-test", endpoint: simulator.url, rateLimit: limiter })
      )
    })

  const ask = Generation.call({ model: "qwen-plus", prompt: "你好" })

  it.scopedLive("gives back what is interrupted while it waits for a connection, and not what was sent", () =>
    over(({ limiter, pool, simulator }) =>
      Effect.gen(function*() {
        const first = yield* Effect.fork(ask)
        yield* until(simulator.stats, ({ requestsInFlight }) => requestsInFlight === 1)
        const second = yield* Effect.fork(ask)
        const third = yield* Effect.fork(Stream.runDrain(Generation.stream({ model: "qwen-plus", prompt: "你好" })))
        yield* until(pool.stats, ({ waiting }) => waiting === 2)
        yield* Fiber.interruptAll([second, third])
        assert.strictEqual((yield* groupOf(limiter)).givenBack, 2)
        yield* Fiber.interrupt(first)
        const { givenBack, granted, running } = yield* groupOf(limiter)
        assert.deepStrictEqual({ givenBack, granted, running }, { givenBack: 2, granted: 3, running: 0 })
      }), { behavior: { fault: { _tag: "StallBeforeHeaders" } } }))

  it.scopedLive("pauses by a 429 that a WebSocket's handshake has for an answer", () =>
    over(({ limiter }) =>
      Effect.gen(function*() {
        const spoken = SpeechSynthesizer.stream(
          { model: "cosyvoice-v3-flash", voice: "longanyang" },
          Stream.make("你好"),
          {
            retry: false
          }
        )
        yield* Effect.flip(Stream.runDrain(spoken))
        const { givenBack, pauses, running } = yield* groupOf(limiter, "cosyvoice-v3-flash")
        assert.deepStrictEqual({ givenBack, pauses, running }, { givenBack: 0, pauses: 1, running: 0 })
      }), { behavior: { error: { status: 429 } } }))

  it.scopedLive("counts streams, submissions of tasks and tasks over WebSockets", () =>
    over(({ limiter }) =>
      Effect.gen(function*() {
        yield* Stream.runDrain(Generation.stream({ model: "qwen-plus", prompt: "你好" }))
        yield* ImageSynthesis.submit({ model: "wanx-v1", prompt: "a cat" })
        yield* Stream.runDrain(
          SpeechSynthesizer.stream({ model: "cosyvoice-v3-flash", voice: "longanyang" }, Stream.make("你好"))
        )
        const { groups } = yield* limiter.stats
        assert.deepStrictEqual(groups.map(({ granted, key, running }) => [key, granted, running]), [
          ["qwen-plus", 1, 0],
          ["wanx-v1", 1, 0],
          ["cosyvoice-v3-flash", 1, 0]
        ])
        assert.isAbove(groups[0]!.usedTokens, 0)
      })
    ))
})

const until = <A, E, R>(self: Effect.Effect<A, E, R>, isSo: (a: A) => boolean) =>
  Effect.repeat(self, { until: isSo, schedule: Schedule.spaced("5 millis") })
