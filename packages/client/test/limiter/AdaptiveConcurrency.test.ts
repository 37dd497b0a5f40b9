import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { casesOf, isThorough } from "../../../../scripts/thorough.js"
import * as AdaptiveConcurrency from "../../src/AdaptiveConcurrency.js"
import * as DashScope from "../../src/DashScope.js"
import { ApiError } from "../../src/DashScopeError.js"
import * as Generation from "../../src/Generation.js"
import type * as RateLimit from "../../src/RateLimit.js"
import * as Telemetry from "../../src/Telemetry.js"
import { makeVirtualClock } from "../util/virtualClock.js"

/** Numbers that look random, and are the same each time. */
const randomOf = (seed: number) => () => {
  seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
  return seed / 2 ** 31
}

const refusal = (retryAfter?: Duration.Duration) =>
  new ApiError({
    statusCode: 429,
    code: "Throttling.RateQuota",
    description: "Requests rate limit exceeded",
    reason: "RateLimited",
    isRetryable: true,
    ...(retryAfter === undefined ? undefined : { retryAfter })
  })

/** A service that bears so much at once, which it does not say. */
class Service {
  inFlight = 0
  answered = 0
  refused = 0
  private readonly random = randomOf(7)
  constructor(
    public capacity: number,
    /** Whether it keeps what is too much waiting, instead of refusing it. */
    private readonly queues = false
  ) {}

  readonly call: Effect.Effect<void, ApiError> = Effect.suspend(() => {
    if (this.inFlight >= this.capacity && !this.queues) {
      this.refused++
      return Effect.zipRight(Effect.sleep("20 millis"), Effect.fail(refusal()))
    }
    this.inFlight++
    const slowness = this.queues ? Math.max(1, this.inFlight / this.capacity) : 1
    return Effect.sleep(Duration.millis(Math.round((250 + 500 * this.random()) * slowness))).pipe(
      Effect.tap(Effect.sync(() => this.answered++)),
      Effect.ensuring(Effect.sync(() => this.inFlight--))
    )
  })
}

const attempt = (model: string | undefined = "qwen-plus"): RateLimit.Attempt => ({
  model,
  workspace: undefined,
  path: "/",
  priority: "interactive",
  inputTokens: () => 0,
  maxTokens: undefined,
  deadline: Infinity
})

/** As a client has it: asks before each attempt, tells the outcome, tries again after a refusal. */
const caller = (
  limiter: RateLimit.Limiter,
  call: Effect.Effect<void, ApiError>,
  now: () => number,
  asked = attempt()
): Effect.Effect<void> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.orDie(limiter.acquire(asked, restore)), (permit) => {
      const startedAt = now()
      return Effect.matchCauseEffect(restore(call), {
        onFailure: (cause) => {
          const failure = Option.getOrElse(Cause.failureOption(cause), () => "Interrupted" as const)
          return Effect.as(
            permit.end({ failure, isUnsent: false, usage: undefined, latencyMillis: undefined }),
            failure !== "Interrupted"
          )
        },
        onSuccess: () =>
          Effect.as(
            permit.end({ failure: undefined, isUnsent: false, usage: undefined, latencyMillis: now() - startedAt }),
            false
          )
      })
    })
  ).pipe(
    Effect.flatMap((again) =>
      again ? Effect.zipRight(Effect.sleep("200 millis"), caller(limiter, call, now, asked)) : Effect.void
    )
  )

/** A crowd that always wants more, through several phases; how many answers came in the second half of each. */
const crowd = (
  options: AdaptiveConcurrency.Options,
  service: Service,
  phases: ReadonlyArray<{ readonly capacity: number; readonly seconds: number }>,
  callers = 100
) =>
  Effect.gen(function*() {
    const { now, run } = makeVirtualClock()
    const simulated = Effect.gen(function*() {
      const limiter = yield* AdaptiveConcurrency.make(options)
      const fibers = yield* Effect.forEach(
        Array.from({ length: callers }),
        () => Effect.fork(Effect.forever(caller(limiter, service.call, now)))
      )
      const found: Array<{ rate: number; refusedShare: number; early: number; limit: number }> = []
      for (const { capacity, seconds } of phases) {
        service.capacity = capacity
        yield* Effect.sleep(Duration.seconds(seconds / 4))
        const early = (yield* limiter.stats).keys[0]!.limit
        yield* Effect.sleep(Duration.seconds(seconds / 4))
        const { answered, refused } = service
        yield* Effect.sleep(Duration.seconds(seconds / 2))
        const answers = service.answered - answered
        found.push({
          rate: answers / (seconds / 2),
          early,
          refusedShare: (service.refused - refused) / answers,
          limit: (yield* limiter.stats).keys[0]!.limit
        })
      }
      yield* Fiber.interruptAll(fibers)
      return { found, stats: (yield* limiter.stats).keys[0]! }
    })
    return yield* run(simulated, Effect.succeed(false))
  })

/** How many answers there are in a second with a limit that was set right: each takes half a second. */
const rightRate = (capacity: number) =>
  isThorough
    ? Effect.map(
      crowd({ min: capacity, max: capacity, initial: capacity }, new Service(capacity), [{ capacity, seconds: 20 }]),
      ({ found }) => found[0]!.rate
    )
    : Effect.succeed(capacity / 0.5)

const simulated = <A, E, R>(
  program: (now: () => number) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> => {
  const { now, run } = makeVirtualClock()
  return run(program(now), Effect.succeed(false))
}

const ended = (over: Partial<RateLimit.Outcome> = {}): RateLimit.Outcome => ({
  failure: undefined,
  isUnsent: false,
  usage: undefined,
  latencyMillis: undefined,
  ...over
})

/** Not to be interrupted, so that a permit gets lost nowhere. */
const acquire = (limiter: RateLimit.Limiter, over: Partial<RateLimit.Attempt> = {}) =>
  Effect.uninterruptibleMask((restore) => limiter.acquire({ ...attempt(), ...over }, restore))

describe("adaptive concurrency", () => {
  it.live("finds what a service bears within seconds, and follows where that halves and doubles", () =>
    Effect.gen(function*() {
      const phases = [40, 20, 40, 80].map((capacity) => ({ capacity, seconds: 20 }))
      const { found, stats } = yield* crowd({ max: 200 }, new Service(40), phases)
      for (const [i, { capacity }] of phases.entries()) {
        const { limit, rate, refusedShare } = found[i]!
        assert.isAtLeast(rate / (yield* rightRate(capacity)), 0.9, `phase ${i}`)
        assert.isAtMost(refusedShare, 0.02, `phase ${i}`)
        assert.isBelow(Math.abs(limit / capacity - 1), 0.2, `phase ${i}`)
      }
      // At the start, and where it halves, five seconds are enough.
      for (const i of [0, 1]) assert.isBelow(Math.abs(found[i]!.early / phases[i]!.capacity - 1), 0.2, `phase ${i}`)
      // All permits are back, and nobody waits.
      assert.deepInclude(stats, { running: 0, waiting: { interactive: 0, batch: 0 } })
      assert.isAbove(stats.cuts.refused, 0)
    }))

  it.live("does not fill a service that lets what is too much wait", () =>
    Effect.gen(function*() {
      const phases = [40, 20].map((capacity) => ({ capacity, seconds: 20 }))
      const { found, stats } = yield* crowd({ max: 200 }, new Service(40, true), phases)
      for (const [i, { capacity }] of phases.entries()) {
        assert.isAtLeast(found[i]!.rate / (yield* rightRate(capacity)), 0.9, `phase ${i}`)
        // Twice the latency is the most that is tolerated; the baseline is not quite that of an idle service.
        assert.isBelow(found[i]!.limit / capacity, 3, `phase ${i}`)
      }
      assert.isAbove(stats.cuts.slow, 0)
      assert.strictEqual(stats.cuts.refused, 0)
    }))

  it.live("lets a crowd through whose calls end at once, however many there are", () =>
    Effect.gen(function*() {
      const callers = 5_000
      const limiter = yield* AdaptiveConcurrency.make({ min: 1, initial: 1, max: 1, maxWaiting: callers })
      const first = yield* acquire(limiter)
      const order: Array<number> = []
      const fibers = yield* Effect.forEach(
        Array.from({ length: callers }, (_, i) => i),
        (i) =>
          Effect.fork(Effect.flatMap(acquire(limiter), (permit) => {
            order.push(i)
            return permit.end(ended())
          }))
      )
      yield* Effect.repeat(Effect.yieldNow(), {
        until: () => Effect.map(limiter.stats, ({ keys }) => keys[0]!.waiting.interactive === callers)
      })
      yield* first.end(ended())
      yield* Fiber.joinAll(fibers)
      assert.deepStrictEqual(order, Array.from({ length: callers }, (_, i) => i))
      assert.deepInclude((yield* limiter.stats).keys[0]!, { running: 0 })
    }))

  it.live("loses no permit, whoever is interrupted and whenever", () =>
    simulated((now) =>
      Effect.gen(function*() {
        const random = randomOf(3)
        const service = new Service(6)
        const limiter = yield* AdaptiveConcurrency.make({ max: 50 })
        const models = ["qwen-plus", "qwen-max", undefined]
        yield* Effect.forEach(
          Array.from({ length: casesOf(4000) }),
          () =>
            Effect.gen(function*() {
              const call = caller(limiter, service.call, now, {
                ...attempt(models[Math.floor(3 * random())]),
                priority: random() < 0.5 ? "interactive" : "batch"
              })
              const fiber = yield* Effect.fork(call)
              const wait = Math.round(random() * 1500)
              yield* Effect.sleep(wait)
              yield* Fiber.interrupt(fiber)
            }),
          { concurrency: 60, discard: true }
        )
        const { keys } = yield* limiter.stats
        assert.deepStrictEqual(keys.map(({ key }) => key).sort(), ["qwen-max", "qwen-plus"])
        for (const stats of keys) {
          assert.deepInclude(stats, { running: 0, waiting: { interactive: 0, batch: 0 } })
          // The next goes at once.
          yield* acquire(limiter, { model: stats.key })
        }
      })
    ))

  it.live("pauses for as long as the service says, and where it can be no less", () =>
    simulated((now) =>
      Effect.gen(function*() {
        const limiter = yield* AdaptiveConcurrency.make({ initial: 2, pause: "2 seconds" })
        const events = yield* Effect.fork(Stream.runCollect(Stream.take(limiter.events, 4)))
        yield* Effect.yieldNow()
        const [first, second] = [yield* acquire(limiter), yield* acquire(limiter)]
        const startedAt = now()
        const next = yield* Effect.fork(Effect.as(acquire(limiter), undefined).pipe(Effect.zipRight(Effect.sync(now))))
        yield* second.end(ended({ failure: refusal(Duration.seconds(7)) }))
        yield* first.end(ended())
        assert.strictEqual((yield* Fiber.join(next)) - startedAt, 7000)
        // It is one now, and nobody else runs: each 429 makes it wait for longer.
        const permits = yield* AdaptiveConcurrency.make({ initial: 1, pause: "2 seconds" })
        const waits: Array<number> = []
        for (let i = 0; i < 3; i++) {
          const permit = yield* acquire(permits)
          const refusedAt = now()
          yield* permit.end(ended({ failure: refusal() }))
          const again = yield* acquire(permits)
          waits.push(now() - refusedAt)
          yield* again.end(ended({ failure: i === 1 ? undefined : "Interrupted" }))
        }
        assert.deepStrictEqual(waits, [2000, 4000, 2000])
        yield* Fiber.interrupt(events)
      })
    ))

  it.live("tells what happens, and refuses who waits in vain", () =>
    simulated(() =>
      Effect.gen(function*() {
        const limiter = yield* AdaptiveConcurrency.make({ initial: 1, max: 4, maxWaiting: 1 })
        const events = yield* Effect.fork(Stream.runCollect(Stream.take(limiter.events, 3)))
        yield* Effect.yieldNow()
        const permit = yield* acquire(limiter)
        const late = yield* Effect.fork(Effect.flip(acquire(limiter, { deadline: Date.parse("2026-01-01T00:00:01Z") })))
        yield* Effect.yieldNow()
        assert.deepStrictEqual((yield* limiter.stats).keys[0]!.waiting, { interactive: 1, batch: 0 })
        const full = yield* Effect.flip(acquire(limiter))
        assert.deepInclude(full, { _tag: "RateLimitExceeded", reason: "QueueFull", key: "qwen-plus", waiting: 1 })
        assert.deepInclude(yield* Fiber.join(late), { _tag: "RequestTimeout", phase: "total", requestWritten: false })
        yield* permit.end(ended())
        const both = [yield* acquire(limiter), yield* acquire(limiter)]
        yield* both[0]!.end(ended({ failure: refusal(Duration.seconds(1)) }))
        yield* both[1]!.end(ended())
        const heard = Chunk.toReadonlyArray(yield* Fiber.join(events)).map(({ at: _, ...event }) => event)
        assert.deepStrictEqual(heard, [
          { _tag: "LimitChanged", key: "qwen-plus", reason: "grown", from: 1, to: 2 },
          { _tag: "LimitChanged", key: "qwen-plus", reason: "refused", from: 2, to: 1 },
          { _tag: "Paused", key: "qwen-plus", duration: Duration.seconds(1) }
        ])
        assert.deepInclude((yield* limiter.stats).keys[0]!, { limit: 1, granted: 3, refused: 1 })
      })
    ))

  it.live("follows the answers of a client, and shows its limit as a metric", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ rateLimit: { requests: 3, perMillis: 60_000 } })
      const limiter = yield* AdaptiveConcurrency.make({ initial: 8, per: () => "all of it" })
      const live = DashScope.layer({
        apiKey: "sk-test",
        endpoint: simulator.url,
        rateLimit: limiter,
        retry: false
      })
      const ask = Effect.either(Generation.call({ model: "qwen-plus", prompt: "你好" }))
      yield* Effect.provide(Effect.all(Array.from({ length: 8 }, () => ask), { concurrency: 8 }), live)
      const stats = (yield* limiter.stats).keys[0]!
      assert.isAbove(stats.refused, 0)
      assert.isBelow(stats.limit, 8)
      const gauge = Telemetry.adaptiveLimit.pipe(
        Metric.tagged("unit", "{call}"),
        Metric.tagged(Telemetry.attributes.rateLimitKey, "all of it")
      )
      assert.strictEqual((yield* Metric.value(gauge)).value, stats.limit)
    }).pipe(Effect.scoped))

  it.effect("refuses options that cannot be used", () =>
    Effect.gen(function*() {
      const wrong = (options: object) => Effect.map(Effect.flip(AdaptiveConcurrency.make(options)), String)
      for (
        const [name, value] of Object.entries({
          max: 0,
          min: 33,
          initial: 1.5,
          latencyTolerance: 1,
          maxWaiting: -1,
          per: "model",
          pause: 5,
          maxPause: "0 seconds",
          maximum: 3
        })
      ) {
        assert.include(yield* wrong({ [name]: value }), name)
      }
    }))
})
