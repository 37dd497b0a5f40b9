import { nowOf } from "effect-http-pool/Beneath"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import type { Attempt, Event, Limiter, Options, Permit, Service } from "../../RateLimitState.js"
import * as RateLimitStore from "../../RateLimitStore.js"
import * as ConfigErrors from "../core/configErrors.js"
import { LimitedGroup } from "./group.js"
import type { InstantLimiter, InstantPermit } from "./instant.js"
import * as Plans from "./plan.js"
import { Listeners, Report } from "./report.js"

/** What a listener may leave untaken before it loses the oldest. */
const mostUntaken = 1000

/** Of what no quota counts. */
const free: InstantPermit = { end: () => Effect.void, endNow: () => {} }
const freely = Effect.succeed(free)

/** A function of the user's may give each of their customers a bucket: of more than so many, those at rest are forgotten. */
const mostGroups = 4096

/** Forgets a group at rest, one of the oldest. What its buckets hold is in the store, and stays there. */
const forgetIdle = (plan: Plans.Plan, groups: Map<Plans.Group, LimitedGroup>): void => {
  if (groups.size < mostGroups) return
  let looked = 0
  for (const [limits, group] of groups) {
    if (group.isAtRest) {
      groups.delete(limits)
      plan.forget(limits)
      return
    }
    // Looked at again only after the others.
    groups.delete(limits)
    groups.set(limits, group)
    if (++looked === 16) return
  }
}

/** The store that is given, or that of the context, or one of its own. */
const storeOf = (options: Options): Effect.Effect<RateLimitStore.Service> =>
  options.store !== undefined
    ? Effect.succeed(options.store)
    : Effect.flatMap(Effect.serviceOption(RateLimitStore.RateLimitStore), (found) =>
      found._tag === "Some" ? Effect.succeed(found.value) : RateLimitStore.makeMemory)

/** @internal */
export const make = (options: Options): Effect.Effect<Service, ConfigError.ConfigError> =>
  Effect.suspend(() => {
    const plan = Plans.make(options)
    return plan instanceof Plans.PlanProblem
      ? Effect.fail(ConfigErrors.invalid(plan.field, plan.description))
      : Effect.flatMap(storeOf(options), (store) =>
        Effect.map(Effect.clock, (clock) => {
          const groups = new Map<Plans.Group, LimitedGroup>()
          const listeners = new Listeners()
          const groupOf = (attempt: Attempt): LimitedGroup | undefined => {
            const limits = plan.groupOf(attempt)
            if (limits === undefined) return undefined
            let group = groups.get(limits)
            if (group === undefined) {
              forgetIdle(plan, groups)
              const report = new Report(limits.key, listeners, () => clock.unsafeCurrentTimeMillis())
              groups.set(limits, group = new LimitedGroup(limits, plan, store, report))
            }
            return group
          }
          const service: Service & InstantLimiter = {
            acquireNow: (attempt, clock) => {
              const group = groupOf(attempt)
              return group === undefined ? free : group.acquireNow(attempt, clock)
            },
            acquire: (attempt, restore) => groupOf(attempt)?.acquire(attempt, restore) ?? freely,
            stats: Effect.clockWith((clock) =>
              Effect.sync(() => ({ groups: Array.from(groups.values(), (group) => group.stats(nowOf(clock))) }))
            ),
            events: eventsOf(listeners)
          }
          return service
        }))
  })

const eventsOf = (listeners: Listeners): Stream.Stream<Event> =>
  Stream.unwrapScoped(Effect.gen(function*() {
    const queue = yield* Effect.acquireRelease(Queue.sliding<Event>(mostUntaken), Queue.shutdown)
    const listener = (event: Event) => Queue.unsafeOffer(queue, event)
    yield* Effect.acquireRelease(
      Effect.sync(() => listeners.all.add(listener)),
      () => Effect.sync(() => listeners.all.delete(listener))
    )
    return Stream.fromQueue(queue)
  }))

/** Whether a limiter is given, or the options of one. @internal */
export const isLimiter = (u: object): u is Limiter => "acquire" in u && typeof u.acquire === "function"

/**
 * All of several limiters, one after the other. An attempt that one of them refuses, or that is interrupted meanwhile, has sent
 * nothing, as far as the others are concerned.
 *
 * @internal
 */
export const all = (limiters: ReadonlyArray<Limiter>): Limiter => ({
  acquire: (attempt, restore) => {
    const acquire = (index: number): ReturnType<Limiter["acquire"]> => {
      const limiter = limiters[index]
      if (limiter === undefined) return freely
      return Effect.flatMap(limiter.acquire(attempt, restore), (permit) =>
        Effect.matchCauseEffect(acquire(index + 1), {
          onFailure: (cause) =>
            Effect.zipRight(
              permit.end({ failure: "Interrupted", isUnsent: true, usage: undefined, latencyMillis: undefined }),
              Effect.failCause(cause)
            ),
          onSuccess: (others) =>
            Effect.succeed<Permit>({
              end: (outcome) => Effect.zipRight(others.end(outcome), permit.end(outcome))
            })
        }))
    }
    return acquire(0)
  }
})
