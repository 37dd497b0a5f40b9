import { nowOf } from "effect-http-pool/Beneath"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as EventQueue from "effect/Queue"
import * as Stream from "effect/Stream"
import type { Event, KeyStats, Service } from "../../AdaptiveConcurrencyState.js"
import type { ApiError } from "../../DashScopeError.js"
import { RateLimitExceeded, RequestTimeout } from "../../DashScopeError.js"
import type { Attempt, Call, Limiter, Outcome, Permit, Priority } from "../../RateLimitState.js"
import * as Telemetry from "../../Telemetry.js"
import type { AnyFiber } from "../effect/fiber.js"
import { type Labels, labelsOf, update } from "../effect/metrics.js"
import * as Aimd from "./aimd.js"
import { Queue } from "./queue.js"

/** Options that were checked. @internal */
export interface Settings extends Aimd.Settings {
  readonly per: (call: Call) => string | undefined
  readonly maxWaiting: number
  readonly pauseMillis: number
  readonly maxPauseMillis: number
}

type Refusal = RateLimitExceeded | RequestTimeout

/** What a listener may leave untaken before it loses the oldest. */
const mostUntaken = 1000

/** What waits costs nothing but its place. */
const noCosts: ReadonlyArray<number> = []

class Waiter {
  permit: OpenPermit | undefined = undefined
  resume: ((permit: Effect.Effect<Permit>) => void) | undefined = undefined
  readonly costs = noCosts
  constructor(readonly priority: Priority) {}
}

class OpenPermit implements Permit {
  constructor(private readonly group: Group, readonly epoch: number) {}

  end(outcome: Outcome): Effect.Effect<void> {
    return this.group.end(this, outcome)
  }
}

const unsent: Outcome = { failure: "Interrupted", isUnsent: true, usage: undefined, latencyMillis: undefined }

/** Whether the service had too much to do. */
const isTooMuch = (failure: Outcome["failure"]): failure is ApiError =>
  typeof failure === "object" && failure._tag === "ApiError" &&
  (failure.reason === "RateLimited" || failure.statusCode === 503)

/** All calls of one key. */
class Group {
  private state: Aimd.State
  private readonly queue = new Queue<Waiter>(0)
  private running = 0
  private granted = 0
  private refused = 0
  private readonly cuts = { refused: 0, slow: 0 }
  private pausedUntil = -Infinity
  private nextPauseMillis: number
  /** From the decision to fork the pauser on: other fibers may run before it does. */
  private isPausing = false
  private isLettingThrough = false
  /** Goes on after a pause, where somebody waits. */
  private pauser: AnyFiber | undefined = undefined
  private readonly labels: Labels

  constructor(
    private readonly key: string,
    private readonly settings: Settings,
    private readonly emit: (event: Event) => void,
    /** In milliseconds since 1970. */
    private readonly wallClock: () => number
  ) {
    this.state = Aimd.start(settings)
    this.nextPauseMillis = settings.pauseMillis
    this.labels = labelsOf({ unit: "{call}", [Telemetry.attributes.rateLimitKey]: key })
    update(Telemetry.adaptiveLimit, this.limit, this.labels)
  }

  private get limit(): number {
    return Math.max(1, Math.floor(this.state.limit))
  }

  get stats(): KeyStats {
    const { cuts, granted, key, limit, queue, refused, running, state } = this
    return {
      key,
      limit,
      running,
      waiting: { interactive: queue.sizeOf("interactive"), batch: queue.sizeOf("batch") },
      granted,
      refused,
      cuts: { ...cuts },
      baselineMillis: state.baseline,
      latencyMillis: state.median
    }
  }

  // ---------------------------------------------------------------------------------------------------------------
  // before an attempt
  // ---------------------------------------------------------------------------------------------------------------

  acquire({ deadline, priority }: Attempt, restore: Parameters<Limiter["acquire"]>[1]): Effect.Effect<Permit, Refusal> {
    return Effect.clockWith((clock): Effect.Effect<Permit, Refusal> => {
      if (this.queue.size === 0 && this.hasRoom(nowOf(clock))) return Effect.succeed(this.grant())
      if (this.queue.size >= this.settings.maxWaiting) {
        return Effect.fail(new RateLimitExceeded({ reason: "QueueFull", key: this.key, waiting: this.queue.size }))
      }
      const left = deadline === Infinity ? Infinity : Math.max(0, deadline - clock.unsafeCurrentTimeMillis())
      const waiter = new Waiter(priority)
      this.queue.add(waiter)
      const turn = Effect.async<Permit>((resume) => {
        if (waiter.permit !== undefined) return resume(Effect.succeed(waiter.permit))
        waiter.resume = resume
      })
      const timed = left === Infinity ? turn : Effect.timeoutFail(turn, {
        duration: Duration.millis(left),
        onTimeout: () => new RequestTimeout({ phase: "total", duration: Duration.millis(left), requestWritten: false })
      })
      return Effect.zipRight(
        this.waitOutPause,
        Effect.matchCauseEffect(restore(timed), {
          onFailure: (cause) => Effect.zipRight(this.leave(waiter), Effect.failCause(cause)),
          onSuccess: Effect.succeed
        })
      )
    })
  }

  private hasRoom(now: number): boolean {
    return this.running < this.limit && now >= this.pausedUntil
  }

  private grant(): OpenPermit {
    this.running++
    this.granted++
    return new OpenPermit(this, this.state.epoch)
  }

  private letThrough(now: number): void {
    // Who is let through may run at once, and may end its call before this goes on: there is room for another then.
    if (this.isLettingThrough) return
    this.isLettingThrough = true
    try {
      for (let next = this.queue.next; next !== undefined && this.hasRoom(now); next = this.queue.next) {
        this.queue.take(next)
        next.permit = this.grant()
        next.resume?.(Effect.succeed(next.permit))
      }
    } finally {
      this.isLettingThrough = false
    }
  }

  /** Lets through who may go now. */
  private readonly drain = Effect.clockWith((clock) => {
    this.letThrough(nowOf(clock))
    return this.waitOutPause
  })

  /** Somebody has to go on after a pause. */
  private readonly waitOutPause: Effect.Effect<void> = Effect.clockWith((clock) => {
    const left = this.pausedUntil - nowOf(clock)
    if (this.isPausing || this.queue.size === 0 || left <= 0) return Effect.void
    this.isPausing = true
    const goOn = Effect.suspend(() => {
      this.pauseEnded()
      return this.drain
    })
    return Effect.asVoid(Effect.forkDaemon(Effect.withFiberRuntime<void>((fiber) => {
      if (this.queue.size === 0) return goOn
      this.pauser = fiber
      return Effect.interruptible(Effect.zipRight(Effect.sleep(Duration.millis(Math.ceil(left))), goOn))
    })))
  })

  private pauseEnded(): void {
    this.pauser = undefined
    this.isPausing = false
  }

  /** It was interrupted, or its time is over. */
  private leave(waiter: Waiter): Effect.Effect<void> {
    return Effect.suspend(() => {
      // It had just been let through.
      if (waiter.permit !== undefined) return this.end(waiter.permit, unsent)
      this.queue.remove(waiter)
      const { pauser } = this
      if (pauser === undefined || this.queue.size > 0) return Effect.void
      this.pauseEnded()
      return Fiber.interrupt(pauser)
    })
  }

  // ---------------------------------------------------------------------------------------------------------------
  // after an attempt
  // ---------------------------------------------------------------------------------------------------------------

  end({ epoch }: OpenPermit, { failure, isUnsent, latencyMillis }: Outcome): Effect.Effect<void> {
    return Effect.clockWith((clock) => {
      const { settings, state } = this
      const ended = { epoch, running: this.running }
      this.running--
      if (isTooMuch(failure)) {
        this.refused++
        this.become(Aimd.refused(state, settings, ended), "refused")
        this.pauseFor(failure, state, epoch, nowOf(clock))
      } else if (failure === undefined) {
        this.nextPauseMillis = settings.pauseMillis
        this.become(Aimd.succeeded(state, settings, { ...ended, latencyMillis }), "slow")
      } else if (!isUnsent && latencyMillis !== undefined) {
        // What failed for another reason tells at most how fast the service answers; a stream that was left has told it.
        this.become(Aimd.succeeded(state, settings, { ...ended, running: 0, latencyMillis }), "slow")
      }
      return this.drain
    })
  }

  private become(next: Aimd.State, why: "refused" | "slow"): void {
    const from = this.limit
    const isCut = next.epoch > this.state.epoch
    this.state = next
    const { key, limit: to } = this
    if (isCut) {
      this.cuts[why]++
      const { adaptiveReason, rateLimitKey } = Telemetry.attributes
      update(Telemetry.adaptiveCuts, 1, labelsOf({ unit: "{cut}", [rateLimitKey]: key, [adaptiveReason]: why }))
    }
    if (from === to) return
    update(Telemetry.adaptiveLimit, to, this.labels)
    this.emit({ _tag: "LimitChanged", at: this.wallClock(), key, reason: isCut ? why : "grown", from, to })
  }

  private pauseFor({ retryAfter }: ApiError, before: Aimd.State, epoch: number, now: number): void {
    const { maxPauseMillis, min, pauseMillis } = this.settings
    let millis: number
    if (retryAfter !== undefined) {
      millis = Math.min(Duration.toMillis(retryAfter), maxPauseMillis)
      this.nextPauseMillis = pauseMillis
    } else {
      // Less at once may do: only where it can be no less, it has to be later. All that were refused together are one refusal.
      if (Math.floor(before.limit) > min || epoch !== before.epoch) return
      millis = this.nextPauseMillis
      this.nextPauseMillis = Math.min(2 * millis, maxPauseMillis)
    }
    if (now + millis <= this.pausedUntil) return
    this.pausedUntil = now + millis
    this.emit({ _tag: "Paused", at: this.wallClock(), key: this.key, duration: Duration.millis(millis) })
  }
}

/** Of what has no limit. */
const free: Permit = { end: () => Effect.void }
const freely = Effect.succeed(free)

/** @internal */
export const make = (settings: Settings): Effect.Effect<Service> =>
  Effect.map(Effect.clock, (clock) => {
    const groups = new Map<string, Group>()
    const listeners = new Set<(event: Event) => void>()
    const emit = (event: Event) => {
      for (const listener of listeners) listener(event)
    }
    const groupOf = (key: string): Group => {
      let group = groups.get(key)
      if (group === undefined) {
        groups.set(key, group = new Group(key, settings, emit, () => clock.unsafeCurrentTimeMillis()))
      }
      return group
    }
    return {
      acquire: (attempt, restore) => {
        const key = settings.per(attempt)
        return key === undefined ? freely : groupOf(key).acquire(attempt, restore)
      },
      stats: Effect.sync(() => ({ keys: Array.from(groups.values(), (group) => group.stats) })),
      events: Stream.unwrapScoped(Effect.gen(function*() {
        const queue = yield* Effect.acquireRelease(EventQueue.sliding<Event>(mostUntaken), EventQueue.shutdown)
        const listener = (event: Event) => EventQueue.unsafeOffer(queue, event)
        yield* Effect.acquireRelease(
          Effect.sync(() => listeners.add(listener)),
          () => Effect.sync(() => listeners.delete(listener))
        )
        return Stream.fromQueue(queue)
      }))
    }
  })
