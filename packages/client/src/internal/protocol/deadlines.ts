import type { RequestTimeout } from "effect-http-pool/ConnectionError"
import * as Deadline from "effect-http-pool/Deadline"
import type * as Chunk from "effect/Chunk"
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import type * as Stream from "effect/Stream"
import * as Pull from "../effect/pull.js"

/** The deadlines of a call, those that are off left out. @internal */
export interface Deadlines {
  readonly total: Duration.Duration | undefined
  readonly firstContent: Duration.Duration | undefined
  readonly content: Duration.Duration | undefined
}

/**
 * How long the service may take to end a stream whose answer is complete: for the usage, where that comes in an event of
 * its own, and for the end of the body, without which the connection cannot be used again.
 */
const closing = Duration.seconds(1)

/**
 * The deadlines of one stream. The total runs from the start without a pause; the other two count only the time in
 * which this side waits, so that a slow consumer is not taken for a slow service. So does the time that the service has to
 * end the stream once the answer is complete, which replaces them.
 *
 * @internal
 */
export class Watch implements Deadline.Deadline {
  private readonly startedAt: number
  /** Whether there is more to bound than the end. */
  private readonly isTimed: boolean
  /** Whether this side waits for the service just now. */
  isWaiting = false
  /** The answer was complete, and the service left the stream open. */
  isOver = false
  private isClosing = false
  private hasContent = false
  private waited = 0
  private waitsSince = 0
  /** What is waited for now. */
  private limit: Deadline.Limit | undefined = undefined
  /** Watched by the exchange, while there is one. */
  private timer: Deadline.DeadlineTimer | undefined = undefined
  private timers: Deadline.Timers | undefined = undefined

  constructor(
    private readonly clock: Clock.Clock,
    private readonly deadlines: Deadlines,
    /** Whether the pool watches over the request with this; or each wait is raced here. */
    readonly isCarried: boolean,
    private readonly isComplete: (() => boolean) | undefined
  ) {
    this.startedAt = clock.unsafeCurrentTimeMillis()
    const { content, firstContent, total } = deadlines
    this.isTimed = content !== undefined || firstContent !== undefined || total !== undefined
  }

  /** Whether it matters that content comes. */
  get countsContent(): boolean {
    const { content, firstContent } = this.deadlines
    return this.isClosing || content !== undefined || firstContent !== undefined
  }

  /** Content has come. */
  content(): void {
    this.hasContent = true
    this.waited = 0
  }

  /** A request begins, the first or another after that: the wait for content is its own. */
  attempt<A, E, R>(open: Effect.Effect<A, E, R>): Effect.Effect<A, E | RequestTimeout, R> {
    return Effect.suspend(() => {
      this.hasContent = false
      this.waited = 0
      return this.bound(open)
    })
  }

  /** What comes before the request, and is bounded by the total alone. */
  inTotal<A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | RequestTimeout, R> {
    return Effect.suspend(() => {
      const limit = this.restOfTotal(this.clock.unsafeCurrentTimeMillis())
      if (limit === undefined) return self
      if (limit.remaining <= 0) return Effect.fail(Deadline.timeoutOf(limit))
      return Effect.timeoutFail(self, {
        duration: Duration.millis(limit.remaining),
        onTimeout: () => Deadline.timeoutOf(limit)
      })
    })
  }

  /** The reader is about to wait for more, where the pool watches. Why it need not, where time is up already. */
  beginWait(): RequestTimeout | undefined {
    if (!this.isTimed && !this.isClosing && this.isComplete?.() !== true) return undefined
    this.waitsSince = this.clock.unsafeCurrentTimeMillis()
    const limit = this.next(this.waitsSince)
    this.limit = limit
    if (limit !== undefined && limit.remaining <= 0) return this.passed(limit)
    this.arm()
    return undefined
  }

  /** More has come. */
  endWait(): void {
    if (this.limit === undefined) return
    const now = this.clock.unsafeCurrentTimeMillis()
    this.waited += now - this.waitsSince
    this.rest(now)
  }

  /** Only the total goes on while nobody waits. */
  private rest(now: number): void {
    this.limit = this.restOfTotal(now)
    if (this.limit === undefined) this.timer?.clear()
    else this.arm()
  }

  /** Runs what waits for the service. */
  private bound<A, E, R>(wait: Effect.Effect<A, E, R>): Effect.Effect<A, E | RequestTimeout, R> {
    return this.run<A, E | RequestTimeout, R>(wait, identity)
  }

  /** A pull each of which is a wait. */
  boundPull<A, E, R>(pull: Pull.Pull<A, E, R>): Pull.Pull<A, E | RequestTimeout, R> {
    return this.run<Chunk.Chunk<A>, Pull.Ended<E | RequestTimeout>, R>(pull, Pull.ended)
  }

  /** A stream each of whose pulls is a wait. */
  boundStream<A, E, R>(self: Stream.Stream<A, E, R>): Stream.Stream<A, E | RequestTimeout, R> {
    return Pull.transform(self, (pull) => this.boundPull(pull))
  }

  attach(timers: Deadline.Timers, carrier: Deadline.Expirable): void {
    this.timers = timers
    this.timer = new Deadline.DeadlineTimer(timers, () => {
      if (this.limit !== undefined) carrier.expire(this.passed(this.limit))
    })
    this.arm()
  }

  detach(): void {
    this.timer?.dispose()
    this.timer = undefined
  }

  private arm(): void {
    if (this.limit !== undefined && this.timers !== undefined) {
      this.timer?.set(this.timers.now() + this.limit.remaining)
    }
  }

  private run<A, E, R>(wait: Effect.Effect<A, E, R>, fail: (timeout: RequestTimeout) => E): Effect.Effect<A, E, R> {
    return Effect.suspend(() => {
      const now = this.clock.unsafeCurrentTimeMillis()
      const next = this.next(now)
      if (next === undefined) return wait
      const onTimeout = () => fail(this.passed(next))
      if (next.remaining <= 0) return Effect.fail(onTimeout())
      if (!this.isCarried) {
        this.isWaiting = true
        return Effect.ensuring(
          Effect.timeoutFail(wait, { duration: Duration.millis(next.remaining), onTimeout }),
          Effect.sync(() => {
            this.isWaiting = false
            this.waitedSince(now)
          })
        )
      }
      this.limit = next
      this.arm()
      return Effect.onExit(wait, () =>
        Effect.sync(() => {
          this.waitedSince(now)
          this.rest(this.clock.unsafeCurrentTimeMillis())
        }))
    })
  }

  private waitedSince(start: number): void {
    this.waited += this.clock.unsafeCurrentTimeMillis() - start
  }

  private restOfTotal(now: number): Deadline.Limit | undefined {
    const { total } = this.deadlines
    return total === undefined ? undefined : {
      phase: "total",
      duration: total,
      remaining: Duration.toMillis(total) - (now - this.startedAt)
    }
  }

  private passed(limit: Deadline.Limit): RequestTimeout {
    this.isOver = limit.duration === closing
    return Deadline.timeoutOf(limit)
  }

  private get silence(): Duration.Duration | undefined {
    if (this.isClosing) return closing
    if (this.isComplete?.() === true) {
      this.isClosing = true
      this.waited = 0
      return closing
    }
    return this.hasContent ? this.deadlines.content : this.deadlines.firstContent
  }

  private next(now: number): Deadline.Limit | undefined {
    const inTotal = this.restOfTotal(now)
    const { silence } = this
    if (silence === undefined) return inTotal
    const remaining = Duration.toMillis(silence) - this.waited
    return inTotal !== undefined && inTotal.remaining <= remaining
      ? inTotal
      : { phase: this.hasContent ? "content" : "firstContent", duration: silence, remaining }
  }
}
