/**
 * Many instances of a program that share one quota of the service, on a clock of their own: who gets how much of it, and how often
 * the service refuses.
 */
import { Quota } from "effect-dashscope-simulator"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { ApiError } from "../../src/DashScopeError.js"
import * as RateLimit from "../../src/RateLimit.js"
import * as RateLimitStore from "../../src/RateLimitStore.js"

// ---------------------------------------------------------------------------------------------------------------------
// time
// ---------------------------------------------------------------------------------------------------------------------

interface Sleeper {
  readonly at: number
  readonly order: number
  wake: (() => void) | undefined
}

/** A clock that goes on to the next sleeper once all fibers wait. */
export const makeTime = () => {
  let now = 0
  let order = 0
  const heap: Array<Sleeper> = []
  const isBefore = (a: Sleeper, b: Sleeper) => a.at < b.at || (a.at === b.at && a.order < b.order)
  const push = (sleeper: Sleeper) => {
    let i = heap.push(sleeper) - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!isBefore(sleeper, heap[parent]!)) break
      heap[i] = heap[parent]!
      i = parent
    }
    heap[i] = sleeper
  }
  const pop = (): Sleeper | undefined => {
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++
      if (!isBefore(heap[child]!, last)) break
      heap[i] = heap[child]!
      i = child
    }
    heap[i] = last
    return first
  }
  const clock: Clock.Clock = {
    ...Clock.make(),
    unsafeCurrentTimeMillis: () => now,
    unsafeCurrentTimeNanos: () => BigInt(Math.round(now * 1e6)),
    currentTimeMillis: Effect.sync(() => now),
    currentTimeNanos: Effect.sync(() => BigInt(Math.round(now * 1e6))),
    sleep: (duration) =>
      Effect.async<void>((resume) => {
        const sleeper: Sleeper = {
          at: now + Duration.toMillis(duration),
          order: order++,
          wake: () => resume(Effect.void)
        }
        push(sleeper)
        return Effect.sync(() => {
          sleeper.wake = undefined
        })
      })
  }
  const quiet = Effect.async<void>((resume) => {
    setImmediate(() => resume(Effect.void))
  })
  /** Runs until a time. */
  const run = <A, E, R>(self: Effect.Effect<A, E, R>, until: number): Effect.Effect<void, never, R> =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(Effect.withClock(self, clock))
      yield* quiet
      while (fiber.unsafePoll() === null && (heap[0]?.at ?? Infinity) <= until) {
        now = heap[0]!.at
        while (heap.length > 0 && heap[0]!.at <= now) pop()?.wake?.()
        yield* quiet
      }
      yield* Fiber.interrupt(fiber)
    })
  return { clock, now: () => now, run }
}

// ---------------------------------------------------------------------------------------------------------------------
// the service
// ---------------------------------------------------------------------------------------------------------------------

/** A generator of numbers from 0 to 1: always the same. */
export const randomOf = (seed: number) => {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296
    return state / 4_294_967_296
  }
}

export interface Limits {
  readonly requestsPerMinute: number
  readonly tokensPerMinute: number
}

const minute = 60_000

/** So long is one value of a series. */
export const binMillis = 5000

export class Service {
  /** In each span of five seconds. */
  readonly series: Array<{ accepted: number; refused: number }> = []
  readonly requests: Quota.Counter
  readonly tokens: Quota.Counter
  private readonly random = randomOf(7)

  constructor({ requestsPerMinute, tokensPerMinute }: Limits, private readonly now: () => number) {
    this.requests = new Quota.Counter({ requests: requestsPerMinute, perMillis: minute })
    this.tokens = new Quota.Counter({ tokens: tokensPerMinute, perMillis: minute })
  }

  /** Answers within a second, with an answer of any length up to twice the mean. */
  call(meanTokens: number): Effect.Effect<RateLimit.Usage, ApiError> {
    const { random } = this
    return Effect.gen(this, function*() {
      // On its way.
      yield* Effect.sleep(Duration.millis(5 + 20 * random()))
      const inputTokens = Math.round(meanTokens / 2 * (0.5 + random()))
      const outputTokens = Math.round(meanTokens * random())
      const total = inputTokens + outputTokens
      const now = this.now()
      const refusal = this.requests.refusal(now, 1) ?? this.tokens.refusal(now, total)
      this.requests.note(now, 1, refusal === undefined)
      this.tokens.note(now, total, refusal === undefined)
      this.binOf(now)[refusal === undefined ? "accepted" : "refused"]++
      if (refusal !== undefined) {
        return yield* new ApiError({
          reason: "RateLimited",
          statusCode: 429,
          code: refusal._tag === "requests" ? "Throttling.RateQuota" : "Throttling.AllocationQuota",
          description: "too much",
          isRetryable: true
        })
      }
      yield* Effect.sleep(Duration.millis(200 + 800 * random()))
      return { inputTokens, outputTokens, totalTokens: total }
    })
  }

  private binOf(now: number) {
    const at = Math.floor(now / binMillis)
    while (this.series.length <= at) this.series.push({ accepted: 0, refused: 0 })
    return this.series[at]!
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// the instances
// ---------------------------------------------------------------------------------------------------------------------

export interface Fleet {
  readonly instances: number
  readonly limits: Limits
  readonly meanTokens: number
  /** How many calls an instance has ready at any time. */
  readonly calls: number
  readonly minutes: number
  readonly sharing: Sharing
}

export interface Outcome {
  /** The better used of the two quotas, from the first minute on: 1 is all of it. */
  readonly goodput: number
  /** Of all that arrived. */
  readonly refusedShare: number
  /** What the instance with the least got, of its fair share. */
  readonly leastShare: number
  readonly mostShare: number
  /** In any minute, of the quota. */
  readonly busiestRequests: number
  readonly busiestTokens: number
  readonly accepted: number
  readonly series: Service["series"]
}

const attempt: RateLimit.Attempt = {
  model: "qwen-plus",
  workspace: undefined,
  path: "/services/aigc/text-generation/generation",
  priority: "interactive",
  inputTokens: () => 100,
  maxTokens: undefined,
  deadline: Infinity
}

/** One attempt, as the client makes them. */
const attemptOf = (
  limiter: RateLimit.Limiter,
  call: Effect.Effect<RateLimit.Usage, ApiError>
): Effect.Effect<boolean> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.orDie(limiter.acquire(attempt, restore)), (permit) => {
      const end = (failure: RateLimit.Outcome["failure"], usage: RateLimit.Usage | undefined) =>
        permit.end({ failure, usage, isUnsent: false, latencyMillis: undefined })
      return Effect.matchCauseEffect(restore(call), {
        onFailure: (cause) =>
          Option.match(Cause.failureOption(cause), {
            onNone: () => Effect.zipRight(end("Interrupted", undefined), Effect.interrupt),
            onSome: (error) => Effect.as(end(error, undefined), false)
          }),
        onSuccess: (usage) => Effect.as(end(undefined, usage), true)
      })
    })
  )

/** How the instances keep the quota: all together, each as if it had it alone, or not at all. */
export type Sharing = "shared" | "each its own" | "none"

const limiterFor = (
  limits: Limits,
  sharing: Sharing,
  store: RateLimitStore.Service
): Effect.Effect<RateLimit.Limiter> => {
  if (sharing === "none") return Effect.succeed({ acquire: () => Effect.succeed({ end: () => Effect.void }) })
  const quotas = [{ requestsPerMinute: limits.requestsPerMinute, tokensPerMinute: limits.tokensPerMinute }]
  return Effect.orDie(RateLimit.make({ quotas, ...(sharing === "shared" ? { store } : undefined) }))
}

/** The fleets of the tests and of the plot: two calls of three that a quota of requests would let through use up the tokens. */
export const fleets = {
  1: { requestsPerMinute: 600, calls: 20 },
  10: { requestsPerMinute: 600, calls: 4 },
  100: { requestsPerMinute: 1200, calls: 3 },
  1000: { requestsPerMinute: 6000, calls: 3 }
} as const

export const fleetOf = (instances: keyof typeof fleets, sharing: Sharing, minutes: number): Fleet => {
  const { calls, requestsPerMinute } = fleets[instances]
  const meanTokens = 1000
  return {
    instances,
    sharing,
    limits: { requestsPerMinute, tokensPerMinute: requestsPerMinute * meanTokens * 0.9 },
    meanTokens,
    calls,
    minutes
  }
}

/** Each instance makes its calls again and again; one that is refused comes back after a while, as the client's retries do. */
export const run = ({ calls, instances, limits, meanTokens, minutes, sharing }: Fleet): Effect.Effect<Outcome> =>
  Effect.gen(function*() {
    const time = makeTime()
    const store = yield* RateLimitStore.makeMemory
    const service = new Service(limits, time.now)
    const served = Array.from({ length: instances }, () => 0)
    const random = randomOf(3)
    const loop = (limiter: RateLimit.Limiter, index: number) =>
      Effect.gen(function*() {
        let failures = 0
        for (;;) {
          if (yield* attemptOf(limiter, service.call(meanTokens))) {
            failures = 0
            served[index]!++
          } else {
            yield* Effect.sleep(Duration.millis(random() * Math.min(8000, 500 * 2 ** failures++)))
          }
        }
      })
    const all = Effect.forEach(
      Array.from({ length: instances }, (_, index) => index),
      (index) =>
        Effect.flatMap(
          Effect.withClock(limiterFor(limits, sharing, store), time.clock),
          (limiter) =>
            Effect.forEach(Array.from({ length: calls }), () => loop(limiter, index), {
              concurrency: "unbounded",
              discard: true
            })
        ),
      { concurrency: "unbounded", discard: true }
    )
    yield* time.run(all, minutes * minute)
    const requests = service.requests.stats("")
    const tokens = service.tokens.stats("")
    const fair = requests.accepted / instances
    return {
      goodput: Math.max(
        requests.accepted / (limits.requestsPerMinute * minutes),
        tokens.tokens / (limits.tokensPerMinute * minutes)
      ),
      refusedShare: requests.refused / (requests.accepted + requests.refused),
      leastShare: Math.min(...served) / fair,
      mostShare: Math.max(...served) / fair,
      busiestRequests: requests.mostRequests / limits.requestsPerMinute,
      busiestTokens: tokens.mostTokens / limits.tokensPerMinute,
      accepted: requests.accepted,
      series: service.series
    }
  })
