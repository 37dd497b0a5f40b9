/** Somebody to watch: a service with two hosts on a bad day, and a crowd of callers that comes and goes. */
import { Clock, Effect, Layer, Random, Schedule } from "effect"
import { DashScope, Generation } from "effect-dashscope"
import type { AdaptiveConcurrency, ConnectionPool, DashScopeError } from "effect-dashscope"
import type { Behavior } from "effect-dashscope-simulator"
import { Simulator } from "effect-dashscope-simulator"
import type { Demand } from "./view.js"

/** Numbers from 0 to 1 that look random, the same for the same `n`. */
const noise = (n: number) => (Math.imul(n, 2654435761) >>> 0) / 2 ** 32

const faultOf = (index: number): Behavior.Behavior["fault"] => {
  if (index % 151 === 0) return { _tag: "StallBeforeHeaders" }
  if (index % 113 === 0) return { _tag: "ResetBeforeHeaders" }
  if (index % 71 === 0) return { _tag: "ConnectionClose" }
  return index % 197 === 0 ? { _tag: "HalfBody" } : undefined
}

/** A host that takes about so many milliseconds for an answer. */
const host = (latency: number) =>
  Simulator.make({
    rateLimit: { requests: 35, perMillis: 1000 },
    connections: { closeIdleRandomly: 0.005 },
    behaviorOf: ({ index }) => {
      const fault = faultOf(index)
      return {
        latency: latency * (0.6 + 2 * noise(index) ** 3),
        stream: { eventInterval: 15 },
        ...(fault === undefined ? undefined : { fault })
      }
    }
  })

/** The most callers there are. */
export const most = 44
const fewest = 4

/** How many call, which rises and falls once in each period. */
export const crowd = (millis: number, period: number): number =>
  Math.round(fewest + (most - fewest) * (1 - Math.cos(2 * Math.PI * millis / period)) / 2)

/** Some read the answer as it is written, and some have no patience. */
const ask = Effect.gen(function*() {
  const kind = yield* Random.next
  const params = { model: "qwen-plus", prompt: "Introduce yourself: who are you?" }
  if (kind < 0.2) return yield* Generation.collect(Generation.stream(params))
  return yield* Generation.call(params, kind < 0.25 ? { timeout: "250 millis" } : {})
})

/** The limit of the calls, and who keeps to it. */
const adaptiveOf = ({ keys }: AdaptiveConcurrency.Stats): NonNullable<Demand["adaptive"]> => ({
  limit: keys.reduce((sum, { limit }) => sum + limit, 0),
  running: keys.reduce((sum, { running }) => sum + running, 0),
  waiting: keys.reduce((sum, { waiting }) => sum + waiting.interactive + waiting.batch, 0)
})

/**
 * Starts hosts and callers, for as long as the scope is open. Each caller comes when the crowd is large enough for it. A limiter,
 * where there is one, is asked before each attempt.
 */
export const start = (pool: ConnectionPool.Service, period: number, limiter?: AdaptiveConcurrency.Service) =>
  Effect.gen(function*() {
    const startedAt = yield* Clock.currentTimeMillis
    const hosts = yield* Effect.all([host(60), host(180)])
    // One pool for all of them.
    const clients = yield* Effect.forEach(
      hosts,
      ({ url }) => Layer.build(DashScope.layerPool(pool, { apiKey: "sk-simulator", endpoint: url, rateLimit: limiter }))
    )
    let answered = 0
    let failed = 0
    const crowdNow = Effect.map(Clock.currentTimeMillis, (now) => crowd(now - startedAt, period))
    const count = Effect.match({
      onFailure: (_: DashScopeError.DashScopeError) => {
        failed++
      },
      onSuccess: () => {
        answered++
      }
    })
    const callOnce = (place: number) =>
      Effect.gen(function*() {
        if (place >= (yield* crowdNow)) return
        const index = yield* Random.nextIntBetween(0, clients.length)
        const client = clients[index]
        if (client !== undefined) yield* ask.pipe(Effect.provide(client), count)
      })
    yield* Effect.forEach(
      Array.from({ length: most }, (_, place) => place),
      (place) => Effect.repeat(callOnce(place), Schedule.jittered(Schedule.spaced("100 millis"))),
      { concurrency: "unbounded", discard: true }
    ).pipe(Effect.forkScoped)
    return Effect.gen(function*() {
      const demand = { callers: yield* crowdNow, answered, failed }
      if (limiter === undefined) return demand
      return { ...demand, adaptive: adaptiveOf(yield* limiter.stats) } satisfies Demand
    })
  })
