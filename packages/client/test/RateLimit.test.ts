import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as DashScopeError from "../src/DashScopeError.js"
import * as RateLimit from "../src/RateLimit.js"
import * as RateLimitStore from "../src/RateLimitStore.js"
import { yielding } from "./util/platform.js"

const attempt = (over: Partial<RateLimit.Attempt> = {}): RateLimit.Attempt => ({
  model: "qwen-plus",
  workspace: undefined,
  path: "/services/aigc/text-generation/generation",
  priority: "interactive",
  inputTokens: () => 10,
  maxTokens: undefined,
  deadline: Infinity,
  ...over
})

const ended = (over: Partial<RateLimit.Outcome> = {}): RateLimit.Outcome => ({
  failure: undefined,
  isUnsent: false,
  usage: undefined,
  latencyMillis: 5,
  ...over
})

const acquire = (limiter: RateLimit.Limiter, over?: Partial<RateLimit.Attempt>) =>
  Effect.uninterruptibleMask((restore) => limiter.acquire(attempt(over), restore))

/** One call, and when it was let through. */
const go = (limiter: RateLimit.Limiter, over?: Partial<RateLimit.Attempt>, outcome?: Partial<RateLimit.Outcome>) =>
  Effect.flatMap(acquire(limiter, over), (permit) =>
    Effect.zipRight(
      permit.end(ended(outcome)),
      Clock.currentTimeMillis
    ))

const limited = (retryAfter?: Duration.Duration) =>
  new DashScopeError.ApiError({
    reason: "RateLimited",
    statusCode: 429,
    code: "Throttling.RateQuota",
    description: "Requests rate limit exceeded, please try again later.",
    isRetryable: true,
    ...(retryAfter === undefined ? undefined : { retryAfter })
  })

/** 10 requests each second, of which one may go at once. */
const tenPerSecond: RateLimit.Quota = { requestsPerSecond: 10, headroom: 0 }

/** Lets all fibers go on that can. */
const settle = Effect.repeatN(Effect.yieldNow(), 30)

/** Has fibers yield anywhere, as they do by themselves after some thousand steps. */
const unsteady = (seed: number) => {
  let state = seed
  return yielding(() => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state < 2 ** 32 / 50
  })
}

/** Counts who sleeps; `TestClock.sleeps` keeps those that were interrupted. */
const countingClock = Effect.clockWith((clock) => {
  let sleepers = 0
  const counting: Clock.Clock = {
    ...Clock.make(),
    currentTimeMillis: clock.currentTimeMillis,
    currentTimeNanos: clock.currentTimeNanos,
    unsafeCurrentTimeMillis: () => clock.unsafeCurrentTimeMillis(),
    unsafeCurrentTimeNanos: () => clock.unsafeCurrentTimeNanos(),
    sleep: (duration) =>
      Effect.acquireUseRelease(
        Effect.sync(() => sleepers++),
        () => clock.sleep(duration),
        () => Effect.sync(() => sleepers--)
      )
  }
  return Effect.succeed({ clock: counting, sleepers: () => sleepers })
})

const statsOf = (limiter: RateLimit.Service) =>
  Effect.map(limiter.stats, ({ groups }) => groups[0] ?? assert.fail("no numbers"))

describe("a limiter", () => {
  it.effect("forgets customers at rest where they are many, and not what they have used", () =>
    Effect.gen(function*() {
      const limiter = yield* RateLimit.make({
        quotas: [{ requestsPerMinute: 1, per: ({ path }) => path }]
      })
      const first = { path: "/customer-0" }
      // One that runs is not forgotten, however old.
      const running = yield* acquire(limiter, { path: "/customer-running" })
      yield* go(limiter, first)
      for (let i = 1; i <= 5000; i++) yield* go(limiter, { path: `/customer-${i}` })
      const { groups } = yield* limiter.stats
      assert.strictEqual(groups.length, 4096)
      assert.strictEqual(groups.reduce((sum, group) => sum + group.running, 0), 1)
      assert.isUndefined(groups.find(({ key }) => key === first.path))
      yield* running.end(ended())
      const again = yield* Effect.fork(go(limiter, first))
      yield* TestClock.adjust("59 seconds")
      assert.isTrue(Option.isNone(yield* Fiber.poll(again)))
      yield* TestClock.adjust("2 seconds")
      assert.isAbove(yield* Fiber.join(again), 59_000)
    }))

  it.effect("lets calls through as their turns come, in their order", () =>
    Effect.gen(function*() {
      const limiter = yield* RateLimit.make({ quotas: [tenPerSecond] })
      const fibers = yield* Effect.forEach([1, 2, 3, 4], () => Effect.fork(go(limiter)))
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* Effect.forEach(fibers, Fiber.join), [0, 100, 200, 300])
      const { granted, running, waited, waiting } = yield* statsOf(limiter)
      assert.deepStrictEqual({ granted, running, waited, waiting }, {
        granted: 4,
        running: 0,
        waited: 3,
        waiting: { interactive: 0, batch: 0 }
      })
    }))

  it.effect("spends a minute evenly, with a burst of a second", () =>
    Effect.gen(function*() {
      const limiter = yield* RateLimit.make({ quotas: [{ requestsPerMinute: 60, burst: "6 seconds", headroom: 0 }] })
      const fiber = yield* Effect.fork(
        Effect.forEach(Array.from({ length: 70 }), () => go(limiter), { concurrency: "unbounded" })
      )
      yield* TestClock.adjust("2 minutes")
      const times = yield* Fiber.join(fiber)
      assert.strictEqual(times.filter((time) => time === 0).length, 6)
      assert.isBelow(times[59]!, 60_000)
      for (const begin of times) {
        assert.isAtMost(times.filter((time) => time >= begin && time < begin + 60_000).length, 60)
      }
    }))

  it.effect("counts each model by itself, and an account as a whole", () =>
    Effect.gen(function*() {
      const limiter = yield* RateLimit.make({
        quotas: [
          { models: "qwen-*", requestsPerSecond: 10 },
          { models: ["qwen-plus", "wan"], requestsPerSecond: 5, per: "account" },
          { per: ({ workspace }) => workspace, requestsPerSecond: 1 },
          { workspace: "ws", per: "workspace", concurrency: 3 }
        ]
      })
      for (const over of [{}, { model: "qwen-max" }, { model: "other" }, { model: "wan", workspace: "ws" }, {}]) {
        yield* Effect.fork(go(limiter, over))
      }
      yield* Effect.fork(go(limiter, { model: undefined, workspace: "ws" }))
      yield* settle
      const { groups } = yield* limiter.stats
      assert.deepStrictEqual(groups.map(({ key, waiting }) => [key, waiting.interactive]), [
        ["qwen-plus + account", 1],
        ["qwen-max", 0],
        ["account + ws + workspace ws", 1],
        ["ws", 1]
      ])
    }))

  it.effect("lets interactive calls go first, and every tenth turn is a batch's", () =>
    Effect.gen(function*() {
      const limiter = yield* RateLimit.make({ quotas: [tenPerSecond] })
      yield* go(limiter)
      const order: Array<string> = []
      const ask = (priority: RateLimit.Priority) =>
        Effect.fork(Effect.tap(go(limiter, { priority }), () => Effect.sync(() => order.push(priority))))
      yield* Effect.forEach([1, 2, 3], () => ask("batch"))
      yield* Effect.forEach(Array.from({ length: 20 }), () => ask("interactive"))
      yield* TestClock.adjust("3 seconds")
      assert.deepStrictEqual(
        order.map((priority) => priority === "batch" ? "b" : "i").join(""),
        "iiiiiiiiibiiiiiiiiibiib"
      )
    }))

  it.effect("refuses a call at once where too many wait, or its turn comes too late", () =>
    Effect.gen(function*() {
      const limiter = yield* RateLimit.make({ quotas: [tenPerSecond], maxWaiting: 5, maxWait: "1 minute" })
      yield* Effect.forEach([1, 2, 3, 4], () => Effect.fork(go(limiter)))
      yield* settle
      const late = yield* Effect.flip(go(limiter, { deadline: 250 }))
      assert.instanceOf(late, DashScopeError.RateLimitExceeded)
      assert.strictEqual(late.reason, "Deadline")
      assert.deepStrictEqual(late.mostWait, Duration.millis(250))
      assert.isFalse(late.isRetryable)
      assert.include(late.message, "its turn would come too late")
      yield* Effect.fork(go(limiter, { deadline: 450 }))
      yield* Effect.fork(go(limiter))
      yield* settle
      const full = yield* Effect.flip(go(limiter))
      assert.instanceOf(full, DashScopeError.RateLimitExceeded)
      assert.strictEqual(full.reason, "QueueFull")
      assert.strictEqual(full.waiting, 5)
      assert.isTrue(full.isRetryable)
      assert.strictEqual((yield* statsOf(limiter)).rejected, 2)
      yield* TestClock.adjust("1 second")
      // Where nobody is in the queue, the store says it.
      const atOnce = yield* RateLimit.make({ quotas: [tenPerSecond], maxWait: "50 millis" })
      yield* go(atOnce)
      assert.strictEqual((yield* Effect.flip(go(atOnce)))._tag, "RateLimitExceeded")
    }))

  it.effect("ends a wait with the call's deadline, where others went first", () =>
    Effect.gen(function*() {
      const limiter = yield* RateLimit.make({ quotas: [tenPerSecond] })
      yield* go(limiter)
      const batch = yield* Effect.fork(Effect.flip(go(limiter, { priority: "batch", deadline: 150 })))
      yield* Effect.forEach([1, 2, 3], () => Effect.fork(go(limiter)))
      yield* TestClock.adjust("150 millis")
      const error = yield* Fiber.join(batch)
      assert.strictEqual(error._tag === "RequestTimeout" ? error.phase : error._tag, "total")
      assert.strictEqual((yield* statsOf(limiter)).waiting.batch, 0)
    }))

  it.effect("keeps nothing of a call that is interrupted while it waits", () =>
    Effect.gen(function*() {
      const { clock, sleepers } = yield* countingClock
      const limiter = yield* RateLimit.make({ quotas: [tenPerSecond] })
      yield* go(limiter)
      const fibers = yield* Effect.forEach([1, 2, 3], () => Effect.fork(Effect.withClock(go(limiter), clock)))
      yield* settle
      assert.strictEqual(sleepers(), 1)
      yield* Fiber.interruptAll(fibers)
      assert.deepStrictEqual((yield* statsOf(limiter)).waiting, { interactive: 0, batch: 0 })
      assert.strictEqual((yield* statsOf(limiter)).nextTurnMillis, undefined)
      assert.strictEqual(sleepers(), 0)
      // The turn that had been taken is back.
      const next = yield* Effect.fork(go(limiter))
      yield* TestClock.adjust("100 millis")
      assert.strictEqual(yield* Fiber.join(next), 100)
    }))

  it.effect("holds no turn for calls that may not wait", () =>
    Effect.gen(function*() {
      const limiter = yield* RateLimit.make({ quotas: [tenPerSecond], maxWaiting: 0 })
      yield* go(limiter)
      const error = yield* Effect.flip(go(limiter))
      assert.strictEqual(error._tag === "RateLimitExceeded" ? error.reason : error._tag, "QueueFull")
      yield* TestClock.adjust(100)
      assert.strictEqual(yield* go(limiter), 100)
    }))

  it.effect("has one turn, where several asked a store at once that takes its time", () =>
    Effect.gen(function*() {
      const memory = yield* RateLimitStore.makeMemory
      const store: RateLimitStore.Service = {
        ...memory,
        reserve: (asked) => Effect.zipRight(Effect.sleep("2 millis"), memory.reserve(asked))
      }
      const limiter = yield* RateLimit.make({ quotas: [tenPerSecond], store })
      const fibers = yield* Effect.forEach(Array.from({ length: 12 }), () => Effect.fork(go(limiter)))
      yield* TestClock.adjust("1 minute")
      const times = yield* Effect.forEach(fibers, Fiber.join)
      // 12 calls take 11 intervals, and none is lost to turns that nobody takes.
      assert.isBelow(Math.max(...times), 1200)
    }))

  it.effect("says that it is the limiter's longest wait that is over", () =>
    Effect.gen(function*() {
      const limiter = yield* RateLimit.make({ quotas: [tenPerSecond], maxWait: "2 seconds" })
      const permit = yield* acquire(limiter)
      const waiting = yield* Effect.fork(Effect.flip(go(limiter)))
      yield* TestClock.adjust(10)
      yield* permit.end(ended({ failure: limited(Duration.seconds(30)) }))
      yield* TestClock.adjust("2 seconds")
      const error = yield* Fiber.join(waiting)
      assert.strictEqual(error._tag === "RateLimitExceeded" ? error.reason : error._tag, "Deadline")
      assert.strictEqual((yield* statsOf(limiter)).rejected, 1)
    }))

  it.live("leaves nobody behind, wherever other fibers run between", () =>
    Effect.gen(function*() {
      const memory = yield* RateLimitStore.makeMemory
      let renewals = 0
      const store: RateLimitStore.Service = {
        ...memory,
        renew: () =>
          Effect.sync(() => {
            renewals++
          })
      }
      const run = (seed: number) =>
        Effect.gen(function*() {
          const limiter = yield* RateLimit.make({
            account: String(seed),
            quotas: [{ requestsPerSecond: 2000, headroom: 0, concurrency: 3 }],
            lease: "30 millis",
            store
          })
          const call = (index: number) =>
            Effect.uninterruptibleMask((restore) =>
              Effect.flatMap(
                limiter.acquire(attempt(), restore),
                (permit) => Effect.ensuring(restore(Effect.sleep(index % 2)), permit.end(ended()))
              )
            ).pipe(index % 3 === 0 ? Effect.timeoutOption(10 * index) : identity)
          yield* Effect.forEach(
            Array.from({ length: 12 }, (_, index) => index),
            (index) => unsteady(12 * seed + index)(call(index)),
            { concurrency: "unbounded" }
          )
          return yield* statsOf(limiter)
        })
      const seeds = Array.from({ length: 40 }, (_, seed) => seed)
      const all = yield* Effect.forEach(seeds, run, { concurrency: "unbounded" })
      const before = renewals
      yield* Effect.sleep("50 millis")
      assert.deepStrictEqual(all.map(({ running, waiting }) => running + waiting.interactive), seeds.map(() => 0))
      assert.strictEqual(renewals, before)
    }))

  it.effect("gives back what was not sent", () =>
    Effect.gen(function*() {
      const limiter = yield* RateLimit.make({ quotas: [tenPerSecond] })
      yield* go(limiter, {}, { failure: "Interrupted", isUnsent: true })
      assert.strictEqual(yield* go(limiter), 0)
      const { givenBack, granted } = yield* statsOf(limiter)
      assert.deepStrictEqual([givenBack, granted], [1, 2])
    }))

  it.effect("pauses all who share the limit, for as long as the service asks", () =>
    Effect.gen(function*() {
      const store = yield* RateLimitStore.makeMemory
      const [one, other] = yield* Effect.all([1, 2].map(() => RateLimit.make({ quotas: [tenPerSecond], store })))
      const waiting = yield* Effect.fork(
        go(one!).pipe(
          Effect.zipRight(go(other!, {}, { failure: limited(Duration.seconds(5)) })),
          Effect.zipRight(Effect.all([go(one!), go(other!)], { concurrency: "unbounded" }))
        )
      )
      yield* TestClock.adjust("1 minute")
      // Paused at 100, until 5100; then it is empty.
      assert.deepStrictEqual(yield* Fiber.join(waiting), [5200, 5300])
      assert.strictEqual((yield* statsOf(other!)).pauses, 1)
    }))

  it.effect("pauses longer from one 429 to the next, until a call goes well", () =>
    Effect.gen(function*() {
      const limiter = yield* RateLimit.make({
        quotas: [{ requestsPerSecond: 1000, headroom: 0 }],
        maxPause: "3 seconds"
      })
      const refused = { failure: limited() }
      const times = yield* Effect.fork(Effect.forEach(
        [refused, refused, refused, refused, {}, refused, {}],
        (outcome) => go(limiter, {}, outcome)
      ))
      yield* TestClock.adjust("1 minute")
      const gaps = (yield* Fiber.join(times)).map((time, i, all) => Math.floor((time - (all[i - 1] ?? 0)) / 1000))
      assert.deepStrictEqual(gaps, [0, 1, 2, 3, 3, 0, 1])
    }))

  it.effect("pauses those too who wait for the place of the call that was refused", () =>
    Effect.gen(function*() {
      const memory = yield* RateLimitStore.makeMemory
      for (const store of [memory, { ...memory }]) {
        const limiter = yield* RateLimit.make({ quotas: [{ ...tenPerSecond, concurrency: 1 }], store })
        const first = yield* acquire(limiter)
        // Its turn comes, and the place is taken.
        const second = yield* Effect.fork(go(limiter))
        yield* TestClock.adjust("1 second")
        const now = yield* Clock.currentTimeMillis
        yield* first.end(ended({ failure: limited(Duration.seconds(5)) }))
        yield* settle
        assert.isTrue(Option.isNone(yield* Fiber.poll(second)))
        yield* TestClock.adjust("10 seconds")
        assert.isAtLeast((yield* Fiber.join(second)) - now, 5000)
      }
    }))

  it.effect("does not pause again for what was sent before the pause", () =>
    Effect.gen(function*() {
      const limiter = yield* RateLimit.make({ quotas: [{ requestsPerMinute: 6000 }] })
      const permits = yield* Effect.forEach([1, 2, 3], () => acquire(limiter))
      yield* TestClock.adjust(1)
      for (const permit of permits) yield* permit.end(ended({ failure: limited() }))
      assert.strictEqual((yield* statsOf(limiter)).pauses, 1)
    }))

  it.effect("settles the tokens, and learns what answers take", () =>
    Effect.gen(function*() {
      const limiter = yield* RateLimit.make({ quotas: [{ tokensPerMinute: 600_000, headroom: 0 }], outputTokens: 400 })
      const usage = { inputTokens: 20, outputTokens: 80, totalTokens: undefined }
      yield* go(limiter, {}, { usage })
      yield* go(limiter, {}, { usage })
      yield* go(limiter, { maxTokens: 30 }, { usage: { ...usage, outputTokens: 30 } })
      const { estimatedTokens, usedTokens } = yield* statsOf(limiter)
      assert.strictEqual(estimatedTokens, (10 + 400) + (20 + 80) + (20 + 30))
      assert.strictEqual(usedTokens, 100 + 100 + 50)
      // Refused: none used. Broken off: nobody knows.
      yield* go(limiter, { model: "b", maxTokens: 90 }, { failure: limited() })
      yield* go(limiter, { model: "c", maxTokens: 90 }, { failure: "Interrupted" })
      const { groups } = yield* limiter.stats
      assert.deepStrictEqual(groups.slice(1).map(({ estimatedTokens, usedTokens }) => [estimatedTokens, usedTokens]), [
        [100, 0],
        [100, 100]
      ])
    }))

  it.effect("takes what was used beyond the estimate as debt", () =>
    Effect.gen(function*() {
      const limiter = yield* RateLimit.make({ quotas: [{ tokensPerMinute: 60_000, headroom: 0 }], outputTokens: 10 })
      yield* go(limiter, {}, { usage: { inputTokens: 10, outputTokens: 1990, totalTokens: 2000 } })
      const next = yield* Effect.fork(go(limiter, { maxTokens: 1 }))
      yield* TestClock.adjust("1 minute")
      // Of 1000 that go at once 1000 are missing, and 983 flow in each second.
      assert.approximately(yield* Fiber.join(next), (1000 + 12) / (59 / 60), 20)
    }))

  it.effect("bounds how many run at once, whoever asks", () =>
    Effect.gen(function*() {
      const { clock, sleepers } = yield* countingClock
      const store = yield* RateLimitStore.makeMemory
      const limiters = yield* Effect.all([1, 2].map(() => RateLimit.make({ quotas: [{ concurrency: 2 }], store })))
      let running = 0
      let most = 0
      const run = (limiter: RateLimit.Limiter) =>
        Effect.acquireUseRelease(
          acquire(limiter),
          () =>
            Effect.suspend(() => {
              most = Math.max(most, ++running)
              return Effect.sleep("1 second")
            }),
          (permit) => {
            running--
            return permit.end(ended())
          }
        )
      const all = Effect.forEach(Array.from({ length: 6 }, (_, i) => limiters[i % 2]!), run, {
        concurrency: "unbounded",
        discard: true
      })
      const fiber = yield* Effect.fork(Effect.withClock(all, clock))
      yield* TestClock.adjust("6 seconds")
      yield* Fiber.join(fiber)
      assert.strictEqual(most, 2)
      assert.strictEqual(sleepers(), 0)
    }))

  it.effect("renews the places of calls that run long, and not of processes that are gone", () =>
    Effect.gen(function*() {
      const store = yield* RateLimitStore.makeMemory
      const options = { quotas: [{ concurrency: 1 }], store, lease: "30 seconds" } as const
      const limiter = yield* RateLimit.make(options)
      const permit = yield* acquire(limiter)
      yield* TestClock.adjust("45 seconds")
      const other = yield* Effect.fork(go(yield* RateLimit.make(options)))
      yield* TestClock.adjust("1 minute")
      assert.isTrue(Option.isNone(yield* Fiber.poll(other)))
      yield* permit.end(ended())
      yield* TestClock.adjust("1 second")
      assert.isTrue(Option.isSome(yield* Fiber.poll(other)))

      // One that is never told of its end, as after a crash.
      const reservation = {
        namespace: "n",
        buckets: [],
        slots: [{ key: "k", max: 1 }],
        leaseMillis: 1000,
        maxWaitMillis: Infinity
      }
      assert.strictEqual((yield* store.reserve({ ...reservation, id: "a" }))._tag, "Granted")
      assert.strictEqual((yield* store.reserve({ ...reservation, id: "b" }))._tag, "Busy")
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* store.reserve({ ...reservation, id: "b" }))._tag, "Granted")
    }))

  it.effect("fails where the store does, and says so", () =>
    Effect.gen(function*() {
      const error = new RateLimitStore.RateLimitStoreError({ description: "no connection" })
      const store: RateLimitStore.Service = {
        reserve: () => Effect.fail(error),
        adjust: () => Effect.fail(error),
        pause: () => Effect.fail(error),
        renew: () => Effect.fail(error)
      }
      const limiter = yield* RateLimit.make({ quotas: [tenPerSecond], store })
      const listening = yield* Effect.fork(Stream.runCollect(Stream.take(limiter.events, 2)))
      yield* settle
      const refused = yield* Effect.flip(go(limiter))
      assert.strictEqual(refused._tag === "RateLimitExceeded" ? refused.reason : refused._tag, "StoreUnavailable")
      const events = yield* Fiber.join(listening)
      assert.deepStrictEqual(Chunk.toReadonlyArray(events).map(({ _tag }) => _tag), ["StoreFailed", "Rejected"])
    }))

  it.effect("tells what happens", () =>
    Effect.gen(function*() {
      const limiter = yield* RateLimit.make({ quotas: [{ requestsPerSecond: 10, tokensPerMinute: 1e6 }] })
      const events: Array<string> = []
      const listening = yield* Effect.fork(Stream.runForEach(limiter.events, (event) =>
        Effect.sync(() =>
          events.push(event._tag === "Waiting" ? `${event._tag} ${event.place}` : event._tag)
        )))
      yield* settle
      yield* Effect.forEach([1, 2, 3], () =>
        Effect.fork(go(limiter)))
      const leaving = yield* Effect.fork(go(limiter))
      yield* settle
      yield* Fiber.interrupt(leaving)
      yield* TestClock.adjust("1 second")
      yield* Effect.fork(go(limiter, {}, { failure: limited() }))
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(events, [
        "Settled",
        "Waiting 1",
        "Waiting 2",
        "Waiting 3",
        "Left",
        "Granted",
        "Settled",
        "Granted",
        "Settled",
        "Settled",
        "Paused"
      ])
      yield* Fiber.interrupt(listening)
    }))

  it.effect("passes by what no quota counts", () =>
    Effect.gen(function*() {
      const limiter = yield* RateLimit.make({ quotas: [{ models: "qwen-plus", requestsPerMinute: 1 }] })
      for (const model of ["qwen-max", undefined, "qwen-plus-latest"]) yield* go(limiter, { model })
      assert.deepStrictEqual((yield* limiter.stats).groups, [])
    }))

  it.effect("refuses quotas that say nothing, or nonsense", () =>
    Effect.gen(function*() {
      const problems: ReadonlyArray<readonly [object, string]> = [
        [{ quotas: [] }, "rateLimit.quotas"],
        [{ quotas: [{}] }, "rateLimit.quotas[0]"],
        [{ quotas: [{ requestsPerMinute: 0 }] }, "rateLimit.quotas[0].requestsPerMinute"],
        [{ quotas: [{ rpm: 1 }] }, "rateLimit.quotas[0].rpm"],
        [{ quotas: [{ concurrency: 1.5 }] }, "rateLimit.quotas[0].concurrency"],
        [{ quotas: [{ requestsPerMinute: 1, burst: "1 minute" }] }, "rateLimit.quotas[0].burst"],
        [{ quotas: [{ requestsPerMinute: 1, headroom: 1 }] }, "rateLimit.quotas[0].headroom"],
        [{ quotas: [{ requestsPerMinute: 1, per: "key" }] }, "rateLimit.quotas[0].per"],
        [{ quotas: [tenPerSecond], maxWait: 5 }, "rateLimit.maxWait"],
        [{ quotas: [tenPerSecond], maxWaiting: -1 }, "rateLimit.maxWaiting"],
        [{ quotas: [tenPerSecond], outputTokens: -1 }, "rateLimit.outputTokens"],
        [{ quotas: [tenPerSecond], limit: 1 }, "rateLimit.limit"]
      ]
      for (const [options, field] of problems) {
        const exit = yield* Effect.exit(RateLimit.make(options as RateLimit.Options))
        assert.include(Exit.isFailure(exit) ? String(exit.cause) : "", field)
      }
    }))

  it.effect("asks several, and gives back what the first let through where the second does not", () =>
    Effect.gen(function*() {
      const first = yield* RateLimit.make({ quotas: [tenPerSecond] })
      const second = yield* RateLimit.make({ quotas: [{ requestsPerSecond: 1, headroom: 0 }], maxWait: "1 millis" })
      const both = RateLimit.all([first, second])
      assert.strictEqual(yield* go(both), 0)
      yield* TestClock.adjust("100 millis")
      assert.strictEqual((yield* Effect.flip(go(both)))._tag, "RateLimitExceeded")
      assert.strictEqual((yield* statsOf(first)).givenBack, 1)
      assert.strictEqual((yield* statsOf(first)).running, 0)
      assert.strictEqual(yield* first.acquire(attempt(), identity).pipe(Effect.as("at once")), "at once")
    }))
})
