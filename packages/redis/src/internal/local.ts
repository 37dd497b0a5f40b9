/** What a process keeps of the limits by itself while the shared store is away: its share of each. */
import * as RateLimitStore from "effect-dashscope/RateLimitStore"
import * as Effect from "effect/Effect"
import * as Words from "./words.js"

/** @internal */
export interface Local {
  readonly reserve: (reservation: RateLimitStore.Reservation) => Effect.Effect<RateLimitStore.Answer>
  readonly adjust: (adjustment: RateLimitStore.Adjustment) => Effect.Effect<void>
  readonly pause: (pause: RateLimitStore.Pause) => Effect.Effect<void>
  readonly renew: (renewal: RateLimitStore.Renewal) => Effect.Effect<void>
  /** What is missing in each bucket now, by namespace: the shared store does not know of it. */
  readonly missing: Effect.Effect<ReadonlyArray<RateLimitStore.Adjustment>>
}

/** Reservations that are remembered, to tell what may be given back here. */
const mostRemembered = 100_000

/** The least pause that is one: a bucket is empty at its end. */
const instant = 1e-3

/** What is known of those that share a namespace. @internal */
export interface Share {
  /** Among how many processes the limits are divided. */
  readonly instances: number
  /** Whether the shared buckets were in use: what is left in those is spent by somebody else, or by nobody. */
  readonly beginsEmpty: boolean
}

/** Under this name, which its turns carry. @internal */
export const make = (name: string, shareOf: (namespace: string) => Share): Effect.Effect<Local> =>
  Effect.map(RateLimitStore.makeMemory, (memory) => {
    const store = {
      reserve: (asked: RateLimitStore.Reservation) => Effect.orDie(memory.reserve(asked)),
      adjust: (asked: RateLimitStore.Adjustment) => Effect.orDie(memory.adjust(asked)),
      pause: (asked: RateLimitStore.Pause) => Effect.orDie(memory.pause(asked))
    }
    const used = new Map<string, Map<string, RateLimitStore.Bucket>>()
    const granted = new Set<string>()

    const share = <B extends RateLimitStore.Bucket>(namespace: string, buckets: ReadonlyArray<B>): ReadonlyArray<B> => {
      const { instances } = shareOf(namespace)
      return buckets.map((bucket) => ({
        ...bucket,
        capacity: bucket.capacity / instances,
        interval: bucket.interval * instances
      }))
    }

    /** Those that are here for the first time. */
    const open = (namespace: string, buckets: ReadonlyArray<RateLimitStore.Bucket>) =>
      Effect.suspend(() => {
        let known = used.get(namespace)
        if (known === undefined) used.set(namespace, known = new Map<string, RateLimitStore.Bucket>())
        const fresh = buckets.filter(({ key }) => known.get(key) === undefined)
        for (const { capacity, interval, key } of fresh) known.set(key, { key, capacity, interval })
        return fresh.length > 0 && shareOf(namespace).beginsEmpty
          ? store.pause({ namespace, buckets: share(namespace, fresh), millis: instant })
          : Effect.void
      })

    const remember = (id: string) => {
      granted.add(id)
      if (granted.size > mostRemembered) { for (const oldest of granted) return granted.delete(oldest) }
      return true
    }

    /** A turn of this store and no other. */
    const own = (ticket: RateLimitStore.Ticket | undefined) =>
      ticket !== undefined && Words.isOf(ticket, name) ? ticket : undefined

    const reserve = (asked: RateLimitStore.Reservation) => {
      const ticket = own(asked.ticket)
      const { instances } = shareOf(asked.namespace)
      const here = {
        ...asked,
        buckets: share(asked.namespace, asked.buckets),
        slots: asked.slots.map(({ key, max }) => ({ key, max: Math.max(1, Math.floor(max / instances)) })),
        ticket,
        // Who has waited already is not told that it is too long.
        maxWaitMillis: asked.ticket !== undefined && ticket === undefined ? Infinity : asked.maxWaitMillis
      }
      return Effect.zipRight(
        open(asked.namespace, asked.buckets),
        Effect.map(store.reserve(here), (answer): RateLimitStore.Answer => {
          if (answer._tag === "Granted" || answer._tag === "Wait") remember(asked.id)
          return answer._tag === "Wait" ? { ...answer, ticket: Words.ticketOf(answer.ticket, name) } : answer
        })
      )
    }

    const adjust = (asked: RateLimitStore.Adjustment) => {
      // What others gave is not for this process to have back.
      const isOwn = granted.delete(asked.id)
      const buckets = asked.buckets.filter(({ cost }) => isOwn || cost > 0)
      return Effect.zipRight(
        open(asked.namespace, buckets),
        store.adjust({ ...asked, buckets: share(asked.namespace, buckets) })
      )
    }

    const missingIn = ([namespace, buckets]: readonly [string, ReadonlyMap<string, RateLimitStore.Bucket>]) =>
      Effect.map(
        Effect.forEach(buckets.values(), (bucket) =>
          Effect.map(
            Effect.forEach(share(namespace, [bucket]), (own) => missingOf(store, namespace, own)),
            ([cost = 0]) => ({ ...bucket, cost })
          )),
        (buckets): RateLimitStore.Adjustment => ({ namespace, buckets, slots: [], id: "" })
      )

    return {
      reserve,
      adjust,
      pause: (asked) =>
        Effect.zipRight(
          open(asked.namespace, asked.buckets),
          store.pause({ ...asked, buckets: share(asked.namespace, asked.buckets) })
        ),
      renew: (asked) => Effect.orDie(memory.renew(asked)),
      missing: Effect.suspend(() => Effect.forEach(Array.from(used), missingIn))
    }
  })

/** How much a bucket lacks: how long somebody would wait for all of it. */
const missingOf = (
  store: Pick<Local, "reserve" | "adjust">,
  namespace: string,
  bucket: RateLimitStore.Bucket
): Effect.Effect<number> => {
  const whole = { namespace, buckets: [{ ...bucket, cost: bucket.capacity }], slots: [], id: "" }
  return Effect.flatMap(
    store.reserve({ ...whole, leaseMillis: 0, maxWaitMillis: 0 }),
    (answer) =>
      answer._tag === "TooLong"
        ? Effect.succeed(answer.millis / bucket.interval)
        : Effect.as(store.adjust({ ...whole, buckets: [{ ...bucket, cost: -bucket.capacity }] }), 0)
  )
}
