/**
 * Where the state of rate limits is kept: in memory, or in a place that many processes share. A store knows nothing of models,
 * priorities or queues; it does five things, each in one step that no other comes between, and each costs one round trip.
 *
 * The limits are token buckets of any unit (requests, tokens). A bucket holds at most `capacity` units, and one flows in every
 * `interval`; both have fractions. A limit on what runs at once is a set of leases.
 *
 * How a store is asked, by `RateLimit`:
 *
 * 1. `reserve` takes what a call needs from all limits, or from none. `Granted`: it may go. `Wait`: it has a turn, which is taken
 *    from the limits already, and asks again with its ticket when the time has come. Turns are given out in the order in which
 *    they are asked for, so that a thousand processes with one turn each have equal shares, and none of them polls. `TooLong`
 *    and `Busy`: nothing was taken.
 * 2. `reserve` with a `ticket` answers `Granted`, or `Wait` again where a pause began meanwhile. What is asked for may differ
 *    from what the turn was charged for (another call goes in its place): the difference is taken or given back.
 * 3. `adjust` settles: more units were used than estimated, or fewer, or none. It also gives leases back.
 * 4. `pause` is for a service that said when to come again: nobody is granted anything before.
 * 5. `renew` keeps leases from expiring.
 *
 * What every implementation promises:
 *
 * - **All or none**, also with several limits and leases in one request.
 * - **One clock**: that of the store. Callers are told durations and never compare moments; tickets are opaque to them.
 * - **No growth**: what is known of a bucket is forgotten once it has been full for a while, leases when they expire.
 * - **Never above capacity**: giving back fills a bucket at most.
 * - **Keys**: all that one request names lies under its `namespace`. In a cluster that is the hash tag, so that one script can
 *   see all of it (`{namespace}:key`).
 *
 * The arithmetic of the store in memory is the reference: `makeMemory`.
 *
 * @since 0.1.0
 */
import { nowOf } from "effect-http-pool/Beneath"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Arithmetic from "./internal/rateLimit/bucket.js"
import * as Instants from "./internal/rateLimit/instant.js"
import * as Leases from "./internal/rateLimit/leases.js"

// -----------------------------------------------------------------------------
// models
// -----------------------------------------------------------------------------

/**
 * A token bucket.
 *
 * @since 0.1.0
 * @category models
 */
export interface Bucket {
  /** Within the namespace, such as `qwen-plus/requests/60000`. */
  readonly key: string
  /** The most units that can be taken at once. More than zero, with fractions. */
  readonly capacity: number
  /** The milliseconds in which one unit flows in, with fractions. */
  readonly interval: number
}

/**
 * A token bucket, and how many units are wanted of it.
 *
 * A cost of zero waits only for a bucket that is in debt. A cost above the capacity needs a full bucket, and leaves it in debt.
 *
 * @since 0.1.0
 * @category models
 */
export interface BucketCost extends Bucket {
  readonly cost: number
}

/**
 * How many calls may run at once.
 *
 * @since 0.1.0
 * @category models
 */
export interface Slots {
  /** Within the namespace. */
  readonly key: string
  /** How many leases there may be. */
  readonly max: number
}

/**
 * A turn that was given out. Plain data, which only its store understands; it is worth nothing once it was redeemed or given
 * back, and nobody has to be told where it is lost.
 *
 * @since 0.1.0
 * @category models
 */
export interface Ticket {
  /** When it is, in milliseconds of the store's clock. */
  readonly at: number
  /** For each bucket, how long it had been paused in all when the turn was given out. */
  readonly shifts: ReadonlyArray<number>
  /** For each bucket, how many units it was charged. */
  readonly paid: ReadonlyArray<number>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Reservation {
  /** What shares a quota, such as an account. */
  readonly namespace: string
  /** Always in the same order for the same limits. */
  readonly buckets: ReadonlyArray<BucketCost>
  /** Leases are taken when the reservation is granted, never with a turn. */
  readonly slots: ReadonlyArray<Slots>
  /** Of the leases; unique among all processes. */
  readonly id: string
  /** How long a lease lives that is not renewed, in milliseconds. */
  readonly leaseMillis: number
  /** No turn is taken that is further away, in milliseconds; `Infinity` takes any. */
  readonly maxWaitMillis: number
  /** The turn that is redeemed. */
  readonly ticket?: Ticket | undefined
}

/**
 * - `Granted`: go. Everything is taken.
 * - `Wait`: there is a turn, so far away. The buckets are charged; leases are not taken yet. Ask again with the ticket then.
 * - `TooLong`: a turn would be further away than `maxWaitMillis`. Nothing was taken.
 * - `Busy`: as many calls run as may. Nothing was taken, and a ticket is still good. Ask again after a while.
 *
 * @since 0.1.0
 * @category models
 */
export type Answer =
  | { readonly _tag: "Granted" }
  | { readonly _tag: "Wait"; readonly millis: number; readonly ticket: Ticket }
  | { readonly _tag: "TooLong"; readonly millis: number }
  | { readonly _tag: "Busy" }

/**
 * @since 0.1.0
 * @category models
 */
export interface Adjustment {
  readonly namespace: string
  /** With what is taken in addition; below zero for what is given back. */
  readonly buckets: ReadonlyArray<BucketCost>
  /** Where the lease of this id is given back. */
  readonly slots: ReadonlyArray<Pick<Slots, "key">>
  readonly id: string
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Pause {
  readonly namespace: string
  readonly buckets: ReadonlyArray<Bucket>
  readonly millis: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Renewal {
  readonly namespace: string
  /** Which leases live on from now: those of these ids that have not expired. */
  readonly leases: ReadonlyArray<{ readonly key: string; readonly id: string }>
  readonly leaseMillis: number
}

// -----------------------------------------------------------------------------
// errors
// -----------------------------------------------------------------------------

/**
 * The store did not answer, or not in time. Whether it has done what it was asked is not known.
 *
 * @since 0.1.0
 * @category errors
 */
export class RateLimitStoreError extends Schema.TaggedError<RateLimitStoreError>(
  "effect-dashscope/RateLimitStoreError"
)("RateLimitStoreError", {
  /** Without addresses' credentials. */
  description: Schema.String,
  cause: Schema.optional(Schema.Defect)
}) {
  override get message(): string {
    return `The store of the rate limits failed: ${this.description}`
  }
}

// -----------------------------------------------------------------------------
// service
// -----------------------------------------------------------------------------

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Takes from all limits or from none. Uninterruptible as far as it takes anything, or given back by the store. */
  readonly reserve: (reservation: Reservation) => Effect.Effect<Answer, RateLimitStoreError>
  /** Takes more or gives back, and returns leases. */
  readonly adjust: (adjustment: Adjustment) => Effect.Effect<void, RateLimitStoreError>
  /** Nothing is granted for so long; turns that were given out come later by as much, and the buckets are empty at its end. */
  readonly pause: (pause: Pause) => Effect.Effect<void, RateLimitStoreError>
  readonly renew: (renewal: Renewal) => Effect.Effect<void, RateLimitStoreError>
}

/**
 * Where a layer of the client finds one in its context, it is used in the place of a store in memory.
 *
 * @since 0.1.0
 * @category tags
 */
export class RateLimitStore extends Context.Tag("effect-dashscope/RateLimitStore")<RateLimitStore, Service>() {}

// -----------------------------------------------------------------------------
// in memory
// -----------------------------------------------------------------------------

/** How often it is looked for what can be forgotten, by the number of reservations. */
const sweepEvery = 4096

/** A turn may be redeemed this long after the buckets are full, and still knows of their pauses. */
const remembered = 10 * 60_000

class Memory {
  private readonly buckets = new Map<string, Map<string, Arithmetic.State>>()
  private readonly slots = new Map<string, Map<string, Leases.Leases>>()
  private untilSweep = sweepEvery

  reserve(asked: Reservation, now: number): Answer {
    if (--this.untilSweep <= 0) this.sweep(now)
    if (!this.hasRoom(asked, now)) return { _tag: "Busy" }
    const ofNamespace = within(this.buckets, asked.namespace)
    const states = asked.buckets.map(({ key }) => ofNamespace.get(key))
    const decision = asked.ticket === undefined
      ? Arithmetic.reserve(states, asked.buckets, now, asked.maxWaitMillis)
      : Arithmetic.redeem(states, asked.buckets, asked.ticket, now)
    if (decision._tag === "TooLong") return decision
    for (let i = 0; i < asked.buckets.length; i++) ofNamespace.set(asked.buckets[i]!.key, decision.states[i]!)
    if (decision._tag === "Wait") return { _tag: "Wait", millis: decision.millis, ticket: decision.ticket }
    for (const { key, max } of asked.slots) {
      Leases.take(this.leasesOf(asked.namespace, key), asked.id, max, now + asked.leaseMillis, now)
    }
    return granted
  }

  adjust({ buckets, id, namespace, slots }: Adjustment, now: number): void {
    const ofNamespace = within(this.buckets, namespace)
    for (const bucket of buckets) {
      ofNamespace.set(bucket.key, Arithmetic.adjust(ofNamespace.get(bucket.key), bucket, now))
    }
    for (const { key } of slots) this.leasesOf(namespace, key).delete(id)
  }

  pause({ buckets, millis, namespace }: Pause, now: number): void {
    const ofNamespace = within(this.buckets, namespace)
    for (const bucket of buckets) {
      ofNamespace.set(bucket.key, Arithmetic.pause(ofNamespace.get(bucket.key), bucket, millis, now))
    }
  }

  renew({ leaseMillis, leases, namespace }: Renewal, now: number): void {
    for (const { id, key } of leases) Leases.renew(this.leasesOf(namespace, key), id, now + leaseMillis, now)
  }

  private hasRoom({ id, namespace, slots }: Reservation, now: number): boolean {
    for (const { key, max } of slots) {
      const leases = this.leasesOf(namespace, key)
      if (!leases.has(id) && !Leases.hasRoom(leases, max, now)) return false
    }
    return true
  }

  private leasesOf(namespace: string, key: string): Leases.Leases {
    const ofNamespace = within(this.slots, namespace)
    let leases = ofNamespace.get(key)
    if (leases === undefined) ofNamespace.set(key, leases = new Map<string, number>())
    return leases
  }

  private sweep(now: number): void {
    this.untilSweep = sweepEvery
    for (const [namespace, states] of this.buckets) {
      for (const [key, state] of states) {
        if (Arithmetic.forgettableAt(state) + remembered <= now) states.delete(key)
      }
      if (states.size === 0) this.buckets.delete(namespace)
    }
    for (const [namespace, slots] of this.slots) {
      for (const [key, leases] of slots) {
        Leases.hasRoom(leases, 0, now)
        if (leases.size === 0) slots.delete(key)
      }
      if (slots.size === 0) this.slots.delete(namespace)
    }
  }
}

const granted: Answer = { _tag: "Granted" }

const within = <A>(all: Map<string, Map<string, A>>, namespace: string): Map<string, A> => {
  let found = all.get(namespace)
  if (found === undefined) all.set(namespace, found = new Map<string, A>())
  return found
}

/**
 * A store for what shares this process: all clients that are given the same one share the same quotas. Its clock is Effect's.
 *
 * @since 0.1.0
 * @category constructors
 */
export const makeMemory: Effect.Effect<Service> = Effect.sync(() => {
  const memory = new Memory()
  const at = <A>(run: (now: number) => A) => Effect.clockWith((clock) => Effect.sync(() => run(nowOf(clock))))
  const store: Service = {
    reserve: (reservation) => at((now) => memory.reserve(reservation, now)),
    adjust: (adjustment) => at((now) => memory.adjust(adjustment, now)),
    pause: (pause) => at((now) => memory.pause(pause, now)),
    renew: (renewal) => at((now) => memory.renew(renewal, now))
  }
  Instants.register(store, memory)
  return store
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layerMemory: Layer.Layer<RateLimitStore> = Layer.effect(RateLimitStore, makeMemory)
