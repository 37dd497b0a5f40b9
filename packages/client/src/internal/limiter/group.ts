import { nowOf } from "effect-http-pool/Beneath"
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { RateLimitExceeded, RequestTimeout } from "../../DashScopeError.js"
import type { Attempt, GroupStats, Limiter, Outcome, Permit } from "../../RateLimitState.js"
import type {
  Adjustment,
  Answer,
  BucketCost,
  Pause,
  RateLimitStoreError,
  Reservation,
  Service as Store,
  Ticket
} from "../../RateLimitStore.js"
import type { AnyFiber } from "../effect/fiber.js"
import * as Instants from "../rateLimit/instant.js"
import type { InstantPermit } from "./instant.js"
import { Leases } from "./leases.js"
import type { Group as Limits, Plan } from "./plan.js"
import { Queue } from "./queue.js"
import type { Report } from "./report.js"
import { Learned, totalOf } from "./tokens.js"
import { type Refusal, Waiter as WaiterFor } from "./waiter.js"

type Waits = Required<Pick<RateLimitExceeded, "wait" | "mostWait">>

type Restore = Parameters<Limiter["acquire"]>[1]

/** So many may be asked for at once. Each may come back with a turn, and a process is to have few of those. */
const mostAsks = 8

/** Where all places are taken, it is asked again after this at the latest; it doubles, up to the second. In milliseconds. */
const busyMillis = 25
const longestBusyMillis = 500

/** A turn of the store's that this process has. */
interface Turn {
  readonly ticket: Ticket
  /** By the clock of this process. */
  readonly at: number
}

/** A call that was let through. */
class OpenPermit implements InstantPermit {
  constructor(
    private readonly group: LimitedGroup,
    readonly id: string,
    readonly model: string | undefined,
    readonly costs: ReadonlyArray<number>,
    readonly inputTokens: number,
    readonly grantedAt: number,
    readonly clock: Clock.Clock
  ) {}

  end(outcome: Outcome): Effect.Effect<void> {
    return this.group.end(this, outcome)
  }

  endNow(outcome: Outcome): void {
    this.group.endNow(this, outcome)
  }
}

const unsent: Outcome = { failure: "Interrupted", isUnsent: true, usage: undefined, latencyMillis: undefined }

class Waiter extends WaiterFor<OpenPermit> {}

/**
 * The calls that the same buckets count. One that finds nobody waiting asks the store by itself. The others wait in the queue of
 * this process, for which one fiber takes turns of the store, one at a time; whoever is first when a turn comes has it.
 *
 * @internal
 */
export class LimitedGroup {
  /** Of its leases, unique among all processes. */
  private readonly id = crypto.randomUUID()
  private calls = 0
  private readonly queue: Queue<Waiter>
  private readonly learned = new Map<string | undefined, Learned>()
  private readonly leases: Leases
  private asks = 0
  private turn: Turn | undefined = undefined
  /** From the decision to fork the pump on: other fibers may run before it does. */
  private isPumping = false
  private pump: AnyFiber | undefined = undefined
  /** Ends the wait for a place among those that run at once. */
  private wake: (() => void) | undefined = undefined
  private pausedAt = -Infinity
  private nextPauseMillis: number

  /** Of a store in memory. */
  private readonly instant: Instants.Instant<Reservation, Answer, Adjustment, Pause> | undefined

  constructor(
    private readonly limits: Limits,
    private readonly plan: Plan,
    private readonly store: Store,
    private readonly report: Report
  ) {
    this.instant = Instants.of(store)
    this.queue = new Queue(limits.limits.length)
    this.leases = new Leases(store, plan, limits.slots)
    this.nextPauseMillis = plan.pauseMillis
  }

  /** Whether nothing runs or waits. */
  get isAtRest(): boolean {
    return this.report.running === 0 && this.queue.size === 0 && this.asks === 0 && this.turn === undefined &&
      !this.isPumping && this.pump === undefined
  }

  stats(now: number): GroupStats {
    return this.report.stats(
      { interactive: this.queue.sizeOf("interactive"), batch: this.queue.sizeOf("batch") },
      this.turn === undefined ? undefined : Math.max(0, this.turn.at - now)
    )
  }

  // ---------------------------------------------------------------------------------------------------------------
  // before an attempt
  // ---------------------------------------------------------------------------------------------------------------

  /**
   * Lets an attempt go at once, without an Effect, where the store is in memory and nobody waits. It is nothing where that
   * cannot be: then nothing is taken, and `acquire` is to be asked.
   */
  acquireNow(attempt: Attempt, clock: Clock.Clock): InstantPermit | undefined {
    const { instant } = this
    // Of an attempt that is let through here, an interruption is seen when its fiber ends. A place must be free before: what the
    // fiber cleans up may itself ask for one.
    if (instant === undefined || this.limits.slots.length > 0) return undefined
    if (this.queue.size > 0 || this.turn !== undefined) return undefined
    const now = nowOf(clock)
    const waiter = this.waiterOf(attempt, now, now)
    const answer = instant.reserve(this.reservationOf(waiter, 0, undefined), now)
    if (answer._tag !== "Granted") return undefined
    return this.permitOf(waiter, now, clock)
  }

  acquire(attempt: Attempt, restore: Restore): Effect.Effect<Permit, Refusal> {
    return Effect.clockWith((clock) => {
      const now = nowOf(clock)
      const left = Math.min(
        this.plan.maxWaitMillis,
        attempt.deadline === Infinity ? Infinity : attempt.deadline - clock.unsafeCurrentTimeMillis()
      )
      const waiter = this.waiterOf(attempt, now, now + left)
      if (this.queue.size > 0 || this.turn !== undefined || this.asks >= mostAsks) {
        return this.wait(waiter, clock, now, restore)
      }
      this.asks++
      return Effect.matchEffect(this.ask(waiter, left, undefined), {
        onFailure: (error) => {
          this.asks--
          return this.refuseWith(error, waiter)
        },
        onSuccess: (answer) => {
          this.asks--
          if (answer._tag === "Granted") return this.granted(waiter, now, clock)
          if (answer._tag === "TooLong") return this.tooLong(waiter, answer.millis, left)
          const waiting = Effect.suspend(() => this.wait(waiter, clock, now, restore))
          return answer._tag === "Wait" ? Effect.zipRight(this.keep(answer, undefined, clock), waiting) : waiting
        }
      })
    })
  }

  private waiterOf(attempt: Attempt, now: number, endsAt: number): Waiter {
    const { countsTokens, limits } = this.limits
    const inputTokens = countsTokens ? attempt.inputTokens() : 0
    const tokens = countsTokens ? this.learnedOf(attempt.model).estimate(attempt, inputTokens) : 0
    const costs = limits.map(({ unit }) => unit === "requests" ? 1 : tokens)
    // Only leases are told apart.
    const id = this.limits.slots.length === 0 ? this.id : `${this.id}/${++this.calls}`
    return new Waiter(id, attempt.priority, attempt.model, costs, inputTokens, now, endsAt)
  }

  private reservationOf(waiter: Waiter, maxWaitMillis: number, ticket: Ticket | undefined): Reservation {
    return {
      namespace: this.plan.account,
      buckets: this.costsOf(waiter.costs),
      slots: this.limits.slots,
      id: waiter.id,
      // What is in memory dies with its process.
      leaseMillis: this.instant === undefined ? this.plan.leaseMillis : Infinity,
      maxWaitMillis,
      ticket
    }
  }

  private ask(waiter: Waiter, maxWaitMillis: number, ticket: Ticket | undefined) {
    return this.store.reserve(this.reservationOf(waiter, maxWaitMillis, ticket))
  }

  private costsOf(costs: ReadonlyArray<number>): ReadonlyArray<BucketCost> {
    return this.limits.limits.map(({ capacity, interval, key }, i) => ({ key, capacity, interval, cost: costs[i]! }))
  }

  private learnedOf(model: string | undefined): Learned {
    let learned = this.learned.get(model)
    if (learned === undefined) this.learned.set(model, learned = new Learned(this.plan.outputTokens))
    return learned
  }

  private permitOf(waiter: Waiter, now: number, clock: Clock.Clock): OpenPermit {
    this.report.granted++
    this.report.running++
    return new OpenPermit(this, waiter.id, waiter.model, waiter.costs, waiter.inputTokens, now, clock)
  }

  private granted(waiter: Waiter, now: number, clock: Clock.Clock): Effect.Effect<OpenPermit> {
    const permit = this.permitOf(waiter, now, clock)
    return this.hasLeases ? Effect.as(this.leases.add(permit.id), permit) : Effect.succeed(permit)
  }

  /** Whether there are places that would be lost if they were not renewed. */
  private get hasLeases(): boolean {
    return this.limits.slots.length > 0 && this.instant === undefined
  }

  // ---------------------------------------------------------------------------------------------------------------
  // waiting
  // ---------------------------------------------------------------------------------------------------------------

  /** How long a newcomer waits at least: what those before it want has to flow in first. */
  private leastWait({ costs, priority }: Waiter): number {
    let least = 0
    this.limits.limits.forEach(({ capacity, interval }, i) => {
      const wanted = this.queue.before(priority, i) + Math.min(costs[i]!, capacity)
      least = Math.max(least, (wanted - capacity) * interval)
    })
    return least
  }

  private wait(waiter: Waiter, clock: Clock.Clock, now: number, restore: Restore): Effect.Effect<Permit, Refusal> {
    const { priority } = waiter
    const left = waiter.endsAt - now
    if (this.queue.size >= this.plan.maxWaiting) {
      return Effect.zipRight(this.rest, this.refuse("QueueFull", waiter))
    }
    const least = this.leastWait(waiter)
    if (least > left) return Effect.zipRight(this.rest, this.tooLong(waiter, least, left))
    this.queue.add(waiter)
    this.report.began(priority, waiter.model, this.queue.placeOf(priority))
    const duration = Duration.millis(left)
    const timed = left === Infinity ? waiter.told : Effect.timeoutFail(waiter.told, {
      duration,
      onTimeout: (): Refusal =>
        left === this.plan.maxWaitMillis
          ? this.refusal("Deadline", waiter, { wait: duration, mostWait: duration })
          : new RequestTimeout({ phase: "total", duration, requestWritten: false })
    })
    const start = this.isPumping ? Effect.void : this.startPump(clock)
    return Effect.zipRight(
      start,
      Effect.matchCauseEffect(restore(timed), {
        onFailure: (cause) => Effect.zipRight(this.leave(waiter, clock), Effect.failCause(cause)),
        onSuccess: Effect.succeed
      })
    )
  }

  /** It was interrupted, or its time is over, or it was refused by the pump. */
  private leave(waiter: Waiter, clock: Clock.Clock): Effect.Effect<void> {
    return Effect.suspend(() => {
      // It had just been let through.
      if (waiter.permit !== undefined) return waiter.permit.end(unsent)
      if (!this.queue.remove(waiter)) return Effect.void
      this.report.ended("Left", waiter.priority, waiter.model, nowOf(clock) - waiter.since)
      const { pump } = this
      return this.queue.size === 0 && pump !== undefined ? Fiber.interrupt(pump) : Effect.void
    })
  }

  /**
   * Keeps a turn, which it had in the place of `before`. A process has one: where several were asked for at once, the others go
   * back.
   */
  private keep(
    { millis, ticket }: Extract<Answer, { readonly _tag: "Wait" }>,
    before: Turn | undefined,
    clock: Clock.Clock
  ): Effect.Effect<void> {
    if (this.turn !== before) return this.giveBack(ticket)
    this.turn = { ticket, at: nowOf(clock) + millis }
    return Effect.void
  }

  private giveBack({ paid }: Ticket): Effect.Effect<void> {
    return Effect.map(this.adjust(paid.map((units) => -units), undefined), this.wakeAfter)
  }

  /** A turn that nobody needs goes back. */
  private readonly rest = Effect.suspend(() => {
    const { turn } = this
    if (turn === undefined || this.isPumping) return Effect.void
    this.turn = undefined
    return this.giveBack(turn.ticket)
  })

  private startPump(clock: Clock.Clock): Effect.Effect<void> {
    this.isPumping = true
    const run = Effect.withFiberRuntime<void>((fiber) => {
      this.pump = fiber
      return Effect.interruptible(this.pumpWith(clock))
    })
    return Effect.asVoid(Effect.forkDaemon(Effect.uninterruptible(Effect.onExit(run, () => this.pumpEnded(clock)))))
  }

  /** A turn that nobody needs any more is given back. Where somebody has come meanwhile, another fiber goes on. */
  private pumpEnded(clock: Clock.Clock): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.pump = undefined
      if (this.queue.size > 0) return this.startPump(clock)
      this.isPumping = false
      return this.rest
    })
  }

  /** Takes turns for as long as somebody waits. */
  private pumpWith(clock: Clock.Clock): Effect.Effect<void> {
    let busy = busyMillis
    const step: Effect.Effect<boolean> = Effect.suspend(() => {
      const waiter = this.queue.next
      if (waiter === undefined) return Effect.succeed(false)
      const now = nowOf(clock)
      const { turn } = this
      if (turn !== undefined && turn.at > now) {
        return Effect.as(Effect.sleep(Duration.millis(Math.ceil(turn.at - now))), true)
      }
      const left = waiter.endsAt - now
      return Effect.uninterruptible(Effect.matchEffect(this.ask(waiter, left, turn?.ticket), {
        onFailure: (error) => {
          // Nobody knows whether it was redeemed.
          this.drop(turn)
          this.queue.take(waiter)
          return Effect.flatMap(Effect.exit(this.refuseWith(error, waiter)), (exit) => this.pass(waiter, exit, clock))
        },
        onSuccess: (answer) => {
          switch (answer._tag) {
            case "Granted":
              busy = busyMillis
              this.drop(turn)
              return this.hand(waiter, clock)
            case "Wait":
              return this.keep(answer, turn, clock)
            case "TooLong":
              this.queue.take(waiter)
              return Effect.flatMap(
                Effect.exit(this.tooLong(waiter, answer.millis, left)),
                (exit) => this.pass(waiter, exit, clock)
              )
            case "Busy":
              return Effect.sync(() => {
                busy = Math.min(2 * busy, longestBusyMillis)
              }).pipe(Effect.zipRight(Effect.interruptible(this.untilWoken(busy))))
          }
        }
      })).pipe(Effect.as(true))
    })
    return Effect.repeat(step, { while: (goesOn) => goesOn })
  }

  /** It was redeemed. */
  private drop(turn: Turn | undefined): void {
    if (this.turn === turn) this.turn = undefined
  }

  private untilWoken(millis: number): Effect.Effect<void> {
    const woken = Effect.async<void>((resume) => {
      this.wake = () => resume(Effect.void)
      return Effect.sync(() => {
        this.wake = undefined
      })
    })
    return Effect.raceFirst(Effect.sleep(Duration.millis(millis)), woken)
  }

  /** Lets the waiter go for which was asked, or gives it all back where that one has left. */
  private hand(waiter: Waiter, clock: Clock.Clock): Effect.Effect<void> {
    return Effect.flatMap(this.granted(waiter, nowOf(clock), clock), (permit) => {
      if (!this.queue.has(waiter)) return permit.end(unsent)
      this.queue.take(waiter)
      waiter.permit = permit
      this.report.ended("Granted", waiter.priority, waiter.model, permit.grantedAt - waiter.since)
      waiter.tell(Effect.succeed(permit))
      return Effect.void
    })
  }

  /** Tells a waiter that it is refused. */
  private pass(waiter: Waiter, result: Effect.Effect<never, Refusal>, clock: Clock.Clock): Effect.Effect<void> {
    return Effect.sync(() => {
      this.report.ended("Left", waiter.priority, waiter.model, nowOf(clock) - waiter.since)
      waiter.tell(result)
    })
  }

  // ---------------------------------------------------------------------------------------------------------------
  // refusals
  // ---------------------------------------------------------------------------------------------------------------

  private refusal(reason: RateLimitExceeded["reason"], waiter: Waiter, waits?: Waits): RateLimitExceeded {
    const error = new RateLimitExceeded({ reason, key: this.limits.key, waiting: this.queue.size, ...waits })
    this.report.refused(waiter.priority, waiter.model, error)
    return error
  }

  private refuse(
    reason: RateLimitExceeded["reason"],
    waiter: Waiter,
    waits?: Waits
  ): Effect.Effect<never, RateLimitExceeded> {
    return Effect.suspend(() => Effect.fail(this.refusal(reason, waiter, waits)))
  }

  private tooLong(waiter: Waiter, millis: number, left: number): Effect.Effect<never, RateLimitExceeded> {
    return this.refuse("Deadline", waiter, {
      wait: Duration.millis(Math.ceil(millis)),
      mostWait: Duration.millis(Math.max(0, Math.floor(left)))
    })
  }

  private refuseWith(error: RateLimitStoreError, waiter: Waiter): Effect.Effect<never, RateLimitExceeded> {
    this.report.failed(waiter.model, error)
    return this.refuse("StoreUnavailable", waiter)
  }

  // ---------------------------------------------------------------------------------------------------------------
  // after an attempt
  // ---------------------------------------------------------------------------------------------------------------

  end(permit: OpenPermit, outcome: Outcome): Effect.Effect<void> {
    if (this.instant !== undefined) return Effect.sync(() => this.endNow(permit, outcome))
    return Effect.suspend(() => {
      const { costs, pauseMillis } = this.consequences(permit, outcome)
      const adjusted = this.adjust(costs, permit.id)
      // Whoever is woken may ask at once, so not before the pause.
      const paused = pauseMillis === undefined ? adjusted : Effect.zipLeft(adjusted, this.pauseFor(permit, pauseMillis))
      const done = Effect.map(paused, this.wakeAfter)
      return this.hasLeases ? Effect.zipRight(this.leases.delete(permit.id), done) : done
    })
  }

  /** The same over a store in memory. */
  endNow(permit: OpenPermit, outcome: Outcome): void {
    const { instant } = this
    if (instant === undefined) return
    const now = nowOf(permit.clock)
    const { costs, pauseMillis } = this.consequences(permit, outcome)
    const { slots } = this.limits
    const buckets = this.changesOf(costs)
    const hasChanged = buckets.length > 0 || slots.length > 0
    if (hasChanged) instant.adjust({ namespace: this.plan.account, buckets, slots, id: permit.id }, now)
    if (pauseMillis !== undefined) {
      instant.pause({ namespace: this.plan.account, buckets: this.limits.limits, millis: pauseMillis }, now)
    }
    this.wakeAfter(hasChanged)
  }

  /** What is to be taken in addition or given back for each limit, and for how long the service wants nothing. */
  private consequences(
    permit: OpenPermit,
    outcome: Outcome
  ): { readonly costs: ReadonlyArray<number> | undefined; readonly pauseMillis: number | undefined } {
    const { failure, isUnsent } = outcome
    this.report.running--
    if (isUnsent) {
      this.report.givenBack++
      return { costs: permit.costs.map((cost) => -cost), pauseMillis: undefined }
    }
    if (failure === undefined && permit.grantedAt > this.pausedAt) this.nextPauseMillis = this.plan.pauseMillis
    const { countsTokens, limits } = this.limits
    const change = countsTokens ? this.settle(permit, outcome) : 0
    return {
      costs: change === 0 ? undefined : limits.map(({ unit }) => unit === "tokens" ? change : 0),
      pauseMillis: typeof failure === "object" && failure._tag === "ApiError" && failure.reason === "RateLimited"
        ? this.pauseAfter(permit, failure.retryAfter)
        : undefined
    }
  }

  /** How many more tokens were used than estimated. */
  private settle(permit: OpenPermit, { failure, usage }: Outcome): number {
    const at = this.limits.limits.findIndex(({ unit }) => unit === "tokens")
    const estimated = permit.costs[at] ?? 0
    const used = usage === undefined ? undefined : totalOf(usage)
    if (usage !== undefined && failure === undefined) this.learnedOf(permit.model).add(permit.inputTokens, usage)
    // A request that the service refused costs no tokens; of one that broke off nobody knows.
    const final = used ?? (typeof failure === "object" && failure._tag === "ApiError" ? 0 : estimated)
    this.report.settled(permit.model, estimated, final)
    return final - estimated
  }

  private changesOf(costs: ReadonlyArray<number> | undefined): ReadonlyArray<BucketCost> {
    return costs === undefined ? [] : this.costsOf(costs).filter(({ cost }) => cost !== 0)
  }

  /** Whether the store has changed anything. */
  private adjust(costs: ReadonlyArray<number> | undefined, id: string | undefined): Effect.Effect<boolean> {
    const buckets = this.changesOf(costs)
    const slots = id === undefined ? [] : this.limits.slots
    if (buckets.length === 0 && slots.length === 0) return Effect.succeed(false)
    const adjusted = this.store.adjust({ namespace: this.plan.account, buckets, slots, id: id ?? "" })
    return Effect.match(adjusted, {
      onFailure: (error) => {
        this.report.failed(undefined, error)
        return false
      },
      onSuccess: () => true
    })
  }

  /** There may be room for who waits. */
  private readonly wakeAfter = (hasChanged: boolean): void => {
    if (hasChanged) this.wake?.()
  }

  /**
   * For how long the service wants nothing: as it says, or longer from one time to the next. What had been sent before the last
   * pause began tells nothing new.
   */
  private pauseAfter(permit: OpenPermit, retryAfter: Duration.Duration | undefined): number | undefined {
    if (retryAfter === undefined && permit.grantedAt <= this.pausedAt) return undefined
    const { maxPauseMillis, pauseMillis } = this.plan
    const asked = retryAfter === undefined ? this.nextPauseMillis : Duration.toMillis(retryAfter)
    const millis = Math.min(asked, maxPauseMillis)
    if (millis <= 0) return undefined
    this.nextPauseMillis = retryAfter === undefined ? Math.min(2 * this.nextPauseMillis, maxPauseMillis) : pauseMillis
    this.pausedAt = nowOf(permit.clock)
    this.report.paused(permit.model, millis)
    return millis
  }

  private pauseFor(permit: OpenPermit, millis: number): Effect.Effect<void> {
    return Effect.catchAll(
      this.store.pause({ namespace: this.plan.account, buckets: this.limits.limits, millis }),
      (error) => Effect.sync(() => this.report.failed(permit.model, error))
    )
  }
}
