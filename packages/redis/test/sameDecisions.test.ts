import { assert, describe, it } from "@effect/vitest"
import * as RateLimitStore from "effect-dashscope/RateLimitStore"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import { createHash } from "node:crypto"
import { casesOf } from "../../../scripts/thorough.js"
import * as Script from "../src/internal/script.js"
import * as RedisStore from "../src/RedisStore.js"
import { clients } from "./util/clients.js"
import { ready } from "./util/ready.js"
import { hasRedis, make } from "./util/redisServer.js"

/** The script with a clock that the test sets: the rest of it is the same. */
const text = Script.textWith("local now = tonumber(redis.call('GET', 'now'))")
const script: Script.Script = { text, sha: createHash("sha1").update(text).digest("hex") }

const configs = [
  { key: "requests", capacity: 1, interval: 60_000 / 7 },
  { key: "burst", capacity: 3.5, interval: 333.3 },
  { key: "tokens", capacity: 1000, interval: 60_000 / 13_333 }
]

const cost = FastCheck.constantFrom(0, 0.5, 1, 1, 1, 2, 3.7, 17, 999.5, 2500)

/** A step of a program that uses a store. */
type Step =
  | { readonly _tag: "Sleep"; readonly millis: number }
  | {
    readonly _tag: "Reserve"
    readonly buckets: ReadonlyArray<number>
    readonly costs: ReadonlyArray<number>
    readonly slots: boolean
    readonly maxWait: number
    readonly lease: number
  }
  | { readonly _tag: "Redeem"; readonly which: number; readonly costs: ReadonlyArray<number>; readonly inTime: boolean }
  | { readonly _tag: "Adjust"; readonly which: number; readonly costs: ReadonlyArray<number>; readonly sign: number }
  | { readonly _tag: "Pause"; readonly buckets: ReadonlyArray<number>; readonly millis: number }
  | { readonly _tag: "Renew"; readonly which: number; readonly lease: number }

const costs = FastCheck.array(cost, { minLength: 3, maxLength: 3 })
const some = FastCheck.subarray([0, 1, 2], { minLength: 1 })
const which = FastCheck.nat(1000)
const lease = FastCheck.constantFrom(50, 2000, 30_000)

const step: FastCheck.Arbitrary<Step> = FastCheck.oneof(
  {
    weight: 3,
    arbitrary: FastCheck.record({ _tag: FastCheck.constant("Sleep" as const), millis: FastCheck.nat(4000) })
  },
  {
    weight: 6,
    arbitrary: FastCheck.record({
      _tag: FastCheck.constant("Reserve" as const),
      buckets: some,
      costs,
      slots: FastCheck.boolean(),
      maxWait: FastCheck.constantFrom(0, 1500, Infinity),
      lease
    })
  },
  {
    weight: 4,
    arbitrary: FastCheck.record({
      _tag: FastCheck.constant("Redeem" as const),
      which,
      costs,
      inTime: FastCheck.boolean()
    })
  },
  {
    weight: 2,
    arbitrary: FastCheck.record({
      _tag: FastCheck.constant("Adjust" as const),
      which,
      costs,
      sign: FastCheck.constantFrom(-1, 1)
    })
  },
  {
    weight: 1,
    arbitrary: FastCheck.record({
      _tag: FastCheck.constant("Pause" as const),
      buckets: some,
      millis: FastCheck.nat(5000)
    })
  },
  { weight: 1, arbitrary: FastCheck.record({ _tag: FastCheck.constant("Renew" as const), which, lease }) }
)

const asks = (buckets: ReadonlyArray<number>, costs: ReadonlyArray<number>, sign = 1) =>
  buckets.map((i) => ({ ...configs[i]!, cost: sign * costs[i]! }))

/** A book that only the shared store writes into its tickets. */
const plain = (answer: RateLimitStore.Answer) =>
  answer._tag === "Wait"
    ? {
      ...answer,
      ticket: { at: answer.ticket.at, shifts: [...answer.ticket.shifts], paid: [...answer.ticket.paid] }
    }
    : answer

/** A clock that stands still until it is set. What waits for the server waits by the real one. */
const clockAt = (time: { millis: number }): Clock.Clock => {
  const live = Clock.make()
  return {
    ...live,
    unsafeCurrentTimeMillis: () => time.millis,
    unsafeCurrentTimeNanos: () => live.unsafeCurrentTimeNanos(),
    currentTimeMillis: Effect.sync(() => time.millis),
    sleep: (duration) => live.sleep(duration)
  }
}

/** What a store answers to all steps. */
const answers = (
  store: RateLimitStore.Service,
  namespace: string,
  steps: ReadonlyArray<Step>,
  set: (millis: number) => Effect.Effect<unknown>
) => {
  const time = { millis: 1_800_000_000_000 }
  const sleep = (millis: number) =>
    Effect.suspend(() => {
      time.millis += millis
      return set(time.millis)
    })
  return Effect.gen(function*() {
    const seen: Array<ReturnType<typeof plain>> = []
    const open: Array<{ readonly reservation: RateLimitStore.Reservation; readonly answer: RateLimitStore.Answer }> = []
    let number = 0
    yield* sleep(0)
    for (const step of steps) {
      switch (step._tag) {
        case "Sleep":
          yield* sleep(step.millis)
          break
        case "Reserve": {
          const reservation: RateLimitStore.Reservation = {
            namespace,
            buckets: asks(step.buckets, step.costs),
            slots: step.slots ? [{ key: "running", max: 3 }] : [],
            id: `call-${number++}`,
            leaseMillis: step.lease,
            maxWaitMillis: step.maxWait
          }
          const answer = yield* store.reserve(reservation)
          seen.push(plain(answer))
          open.push({ reservation, answer })
          break
        }
        case "Redeem": {
          const waiting = open.filter(({ answer }) => answer._tag === "Wait")
          const found = waiting[step.which % Math.max(1, waiting.length)]
          if (found === undefined || found.answer._tag !== "Wait") break
          if (step.inTime) {
            yield* sleep(Math.ceil(found.answer.millis))
          }
          const reservation = {
            ...found.reservation,
            buckets: found.reservation.buckets.map((bucket, i) => ({ ...bucket, cost: step.costs[i]! })),
            ticket: found.answer.ticket
          }
          const answer = yield* store.reserve(reservation)
          seen.push(plain(answer))
          if (answer._tag !== "Busy") open[open.indexOf(found)] = { reservation, answer }
          break
        }
        case "Adjust": {
          const found = open[step.which % Math.max(1, open.length)]
          if (found === undefined) break
          const { id, slots } = found.reservation
          yield* store.adjust({ namespace, buckets: asks([0, 1, 2], step.costs, step.sign), slots, id })
          break
        }
        case "Pause":
          yield* store.pause({ namespace, buckets: step.buckets.map((i) => configs[i]!), millis: step.millis })
          break
        case "Renew": {
          const found = open[step.which % Math.max(1, open.length)]
          if (found === undefined) break
          const leases = found.reservation.slots.map(({ key }) => ({ key, id: found.reservation.id }))
          yield* store.renew({ namespace, leases, leaseMillis: step.lease })
        }
      }
    }
    return seen
  }).pipe(Effect.withClock(clockAt(time)))
}

describe.skipIf(!hasRedis)("the shared store", () => {
  it.live("decides as the store in memory does, to the last digit", () =>
    Effect.gen(function*() {
      const server = yield* make()
      const client = yield* ready(clients["ioredis 6"](server.url))
      const shared = yield* RedisStore.makeWith(client, { commandTimeout: "20 seconds" }, script)
      const set = (millis: number) =>
        Effect.promise(() => client.eval("return redis.call('SET', KEYS[1], ARGV[1])", ["now"], [String(millis)]))
      let number = 0
      const tags = new Map<string, number>()
      yield* Effect.promise(() =>
        FastCheck.assert(
          FastCheck.asyncProperty(FastCheck.array(step, { minLength: 20, maxLength: 60, size: "max" }), (steps) =>
            Effect.gen(function*() {
              const namespace = `of {schedule} ${number++}`
              const memory = yield* RateLimitStore.makeMemory
              const expected = yield* answers(memory, namespace, steps, () => Effect.void)
              const actual = yield* answers(shared, namespace, steps, set)
              assert.deepStrictEqual(actual, expected)
              for (const { _tag } of expected) tags.set(_tag, (tags.get(_tag) ?? 0) + 1)
            }).pipe(Effect.runPromise)),
          { numRuns: casesOf(1500, 0.02), seed: 17 }
        )
      )
      // All kinds of answers were among them.
      assert.deepStrictEqual([...tags.keys()].sort(), ["Busy", "Granted", "TooLong", "Wait"])
      assert.deepStrictEqual(yield* shared.status, { _tag: "Shared" })
    }).pipe(Effect.scoped), 300_000)
})
