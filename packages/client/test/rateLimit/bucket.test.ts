import { describe, expect, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { casesOf } from "../../../../scripts/thorough.js"
import * as Bucket from "../../src/internal/rateLimit/bucket.js"

const numRuns = casesOf(1000)

const limits = FastCheck.record({
  capacity: FastCheck.double({ min: 1, max: 50, noNaN: true }),
  interval: FastCheck.double({ min: 0.01, max: 1000, noNaN: true })
})

type Limits = Omit<Bucket.Ask, "cost">

/** Fractions of milliseconds get lost in the sums. */
const slack = 1e-6

/** What is nearer than this is granted at once. */
const instant = 0.01

interface Served {
  readonly at: number
  readonly costs: ReadonlyArray<number>
}

/** Lets arrivals take turns, and redeems each when its time has come. */
const serve = (buckets: ReadonlyArray<Limits>, arrivals: ReadonlyArray<readonly [number, ReadonlyArray<number>]>) => {
  let states: ReadonlyArray<Bucket.State | undefined> = buckets.map(() => undefined)
  let now = 0
  const served: Array<Served> = []
  for (const [gap, costs] of arrivals) {
    now += gap
    const asks = buckets.map((bucket, i) => ({ ...bucket, cost: costs[i]! }))
    const decision = Bucket.reserve(states, asks, now, Infinity)
    if (decision._tag === "TooLong") throw new Error("no wait is too long")
    states = decision.states
    served.push({ at: decision._tag === "Wait" ? decision.ticket.at : now, costs })
  }
  return served
}

/** The largest sum of what was served within half-open windows that begin with a service. */
const busiest = (served: ReadonlyArray<Served>, index: number, width: number): number => {
  let most = 0
  for (const { at } of served) {
    let sum = 0
    for (const other of served) if (other.at >= at && other.at < at + width) sum += other.costs[index]!
    most = Math.max(most, sum)
  }
  return most
}

describe("a bucket", () => {
  it("gives no more than it holds and what flows in, in any window of any schedule", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.array(limits, { minLength: 1, maxLength: 3 }),
        FastCheck.array(
          FastCheck.tuple(
            FastCheck.double({ min: 0, max: 500, noNaN: true }),
            FastCheck.array(FastCheck.double({ min: 0, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 })
          ),
          { maxLength: 40 }
        ),
        FastCheck.double({ min: 0, max: 5000, noNaN: true }),
        (buckets, arrivals, width) => {
          const served = serve(
            buckets,
            arrivals.map(([gap, shares]) => [gap, buckets.map(({ capacity }, i) => shares[i]! * capacity)])
          )
          buckets.forEach(({ capacity, interval }, i) => {
            expect(busiest(served, i, width)).toBeLessThanOrEqual(capacity + (width + instant) / interval + slack)
          })
        }
      ),
      { numRuns }
    )
  })

  it("is over by no more than one that is larger than it", () => {
    FastCheck.assert(
      FastCheck.property(
        limits,
        FastCheck.array(FastCheck.tuple(FastCheck.nat(2000), FastCheck.nat(200)), { maxLength: 40 }),
        FastCheck.nat(5000),
        (bucket, arrivals, width) => {
          const served = serve([bucket], arrivals.map(([gap, cost]) => [gap, [cost]]))
          const largest = arrivals.reduce((most, [, cost]) => Math.max(most, cost), bucket.capacity)
          expect(busiest(served, 0, width)).toBeLessThanOrEqual(largest + (width + instant) / bucket.interval + slack)
        }
      ),
      { numRuns }
    )
  })

  it("gives out turns in the order in which they are asked for", () => {
    FastCheck.assert(
      FastCheck.property(
        limits,
        FastCheck.array(FastCheck.tuple(FastCheck.nat(500), FastCheck.nat(100)), { maxLength: 40 }),
        (bucket, arrivals) => {
          const served = serve([bucket], arrivals.map(([gap, cost]) => [gap, [cost]]))
          served.reduce((before, { at }) => {
            expect(at).toBeGreaterThanOrEqual(before - instant)
            return at
          }, 0)
        }
      ),
      { numRuns }
    )
  })

  it("has nobody wait while all limits have room", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.array(limits, { minLength: 1, maxLength: 3 }),
        FastCheck.array(FastCheck.array(FastCheck.nat(100), { minLength: 3, maxLength: 3 }), { maxLength: 20 }),
        (buckets, costs) => {
          let states: ReadonlyArray<Bucket.State | undefined> = buckets.map(() => undefined)
          for (const [index, each] of costs.entries()) {
            const asks = buckets.map((bucket, i) => ({ ...bucket, cost: each[i]! }))
            const decision = Bucket.reserve(states, asks, index, Infinity)
            if (decision._tag === "TooLong") throw new Error("no wait is too long")
            if (decision._tag === "Wait") {
              const before = decision.ticket.at - 0.01
              const short = asks.filter((ask, i) =>
                Bucket.level(states[i], ask, before) < Math.min(ask.cost, ask.capacity) - slack
              )
              expect(short).not.toEqual([])
            }
            states = decision.states
          }
        }
      ),
      { numRuns }
    )
  })

  it("takes from all limits or from none", () => {
    FastCheck.assert(
      FastCheck.property(
        FastCheck.array(limits, { minLength: 2, maxLength: 4 }),
        FastCheck.array(FastCheck.nat(100), { minLength: 4, maxLength: 4 }),
        FastCheck.double({ min: 0, max: 1000, noNaN: true }),
        (buckets, costs, maxWait) => {
          const asks = buckets.map((bucket, i) => ({ ...bucket, cost: costs[i]! }))
          const first = Bucket.reserve(buckets.map(() => undefined), asks, 0, Infinity)
          if (first._tag === "TooLong") throw new Error("no wait is too long")
          const second = Bucket.reserve(first.states, asks, 0, maxWait)
          if (second._tag === "TooLong") {
            expect(second.millis).toBeGreaterThan(maxWait)
            expect(second).not.toHaveProperty("states")
            return
          }
          const at = second._tag === "Wait" ? second.ticket.at : 0
          second.states.forEach((state, i) => {
            const { cost, interval } = asks[i]!
            const before = Math.max(first.states[i]!.fullAt, at)
            expect(state.fullAt).toBe(cost === 0 ? first.states[i]!.fullAt : before + cost * interval)
          })
        }
      ),
      { numRuns }
    )
  })

  it("never holds more than its capacity, however much is given back", () => {
    const step = FastCheck.oneof(
      FastCheck.record({ kind: FastCheck.constant("take" as const), cost: FastCheck.nat(100) }),
      FastCheck.record({
        kind: FastCheck.constant("adjust" as const),
        cost: FastCheck.integer({ min: -300, max: 100 })
      }),
      FastCheck.record({ kind: FastCheck.constant("pause" as const), cost: FastCheck.nat(500) })
    )
    FastCheck.assert(
      FastCheck.property(
        limits,
        FastCheck.array(FastCheck.tuple(FastCheck.nat(200), step), { maxLength: 50 }),
        (bucket, steps) => {
          let state: Bucket.State | undefined
          let now = 0
          for (const [gap, { cost, kind }] of steps) {
            now += gap
            if (kind === "take") {
              const decision = Bucket.reserve([state], [{ ...bucket, cost }], now, Infinity)
              if (decision._tag !== "TooLong") state = decision.states[0]
            } else if (kind === "adjust") state = Bucket.adjust(state, { ...bucket, cost }, now)
            else state = Bucket.pause(state, bucket, cost, now)
            expect(Bucket.level(state, bucket, now)).toBeLessThanOrEqual(bucket.capacity)
            if (state !== undefined && state.pausedUntil > now) {
              expect(Bucket.level(state, bucket, state.pausedUntil)).toBeLessThanOrEqual(bucket.capacity)
            }
          }
        }
      ),
      { numRuns }
    )
  })

  const bucket = { capacity: 2, interval: 100 }

  const ask = (cost: number) => [{ ...bucket, cost }]

  it("gives back what was not used, for the next one", () => {
    const { states } = taken(Bucket.reserve([undefined], ask(2), 0, 0))
    expect(Bucket.reserve(states, ask(1), 0, 0)).toEqual({ _tag: "TooLong", millis: 100 })
    const back = Bucket.adjust(states[0], { ...bucket, cost: -1.5 }, 0)
    expect(Bucket.level(back, bucket, 0)).toBe(1.5)
    expect(Bucket.reserve([back], ask(1), 0, 0)._tag).toBe("Granted")
  })

  it("lets one that is larger through alone when it is full, as debt", () => {
    const { states } = taken(Bucket.reserve([undefined], ask(5), 0, 0))
    expect(Bucket.level(states[0], bucket, 0)).toBe(-3)
    expect(Bucket.reserve(states, ask(0), 0, 0)).toEqual({ _tag: "TooLong", millis: 300 })
    expect(Bucket.reserve(states, ask(2), 0, 0)).toEqual({ _tag: "TooLong", millis: 500 })
    expect(Bucket.reserve(states, ask(5), 0, 0)).toEqual({ _tag: "TooLong", millis: 500 })
  })

  it("takes more than estimated as debt", () => {
    const state = Bucket.adjust(undefined, { ...bucket, cost: 3 }, 0)
    expect(Bucket.level(state, bucket, 0)).toBe(-1)
  })

  it("moves the turns that were given out by a pause, and is empty at its end", () => {
    const first = taken(Bucket.reserve([undefined], ask(2), 0, 0))
    const second = Bucket.reserve(first.states, ask(1), 0, Infinity)
    if (second._tag !== "Wait") throw new Error("a turn")
    expect(second.ticket.at).toBe(100)
    const paused = Bucket.pause(second.states[0], bucket, 1000, 50)
    expect(Bucket.redeem([paused], ask(1), second.ticket, 100)).toMatchObject({ _tag: "Wait", millis: 1000 })
    expect(Bucket.redeem([paused], ask(1), second.ticket, 1100)._tag).toBe("Granted")
    expect(Bucket.reserve([paused], ask(1), 60, 0)).toEqual({ _tag: "TooLong", millis: 1140 })
    expect(Bucket.level(Bucket.pause(undefined, bucket, 1000, 50), bucket, 1050)).toBe(0)
    // One within another changes nothing.
    expect(Bucket.pause(paused, bucket, 100, 60)).toBe(paused)
  })

  it("redeems a turn for another cost than it was charged for", () => {
    const first = taken(Bucket.reserve([undefined], ask(2), 0, 0))
    const second = Bucket.reserve(first.states, ask(2), 0, Infinity)
    if (second._tag !== "Wait") throw new Error("a turn")
    const redeemed = Bucket.redeem(second.states, ask(1), second.ticket, 200)
    if (redeemed._tag !== "Granted") throw new Error("its time has come")
    expect(Bucket.level(redeemed.states[0], bucket, 200)).toBe(1)
  })
})

const taken = (decision: Bucket.Decision) => {
  if (decision._tag !== "Granted") throw new Error(`not granted: ${decision._tag}`)
  return decision
}
