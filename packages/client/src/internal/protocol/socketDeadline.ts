import type { RequestTimeout } from "effect-http-pool/ConnectionError"
import * as Deadline from "effect-http-pool/Deadline"
import * as Duration from "effect/Duration"
import type { Deadlines } from "./deadlines.js"

/**
 * The deadlines of one WebSocket. The total runs from the start without a pause. Of the other two one counts at a time, and
 * only while this side waits for the service: the first content from the first question on; the pauses between contents once
 * all questions have been sent. Where a protocol has turns, both begin anew with each, and none counts between two.
 *
 * @internal
 */
export class SocketDeadline implements Deadline.Deadline {
  private carrier: Deadline.Expirable | undefined = undefined
  private timers: Deadline.Timers | undefined = undefined
  private timer: Deadline.DeadlineTimer | undefined = undefined
  private cancelTotal: (() => void) | undefined = undefined
  private hasAsked = false
  private hasContent = false
  private hasSentAll = false
  private isWaiting = false
  private waited = 0
  private waitsSince = 0

  constructor(
    private readonly limits: Pick<Deadlines, "content" | "firstContent">,
    private readonly total: Deadline.Limit | undefined
  ) {}

  /** Whether it matters when the reader waits. */
  get countsWaits(): boolean {
    return this.limits.content !== undefined || this.limits.firstContent !== undefined
  }

  attach(timers: Deadline.Timers, carrier: Deadline.Expirable): void {
    const { total } = this
    this.timers = timers
    this.carrier = carrier
    this.timer = new Deadline.DeadlineTimer(timers, () => this.expire())
    if (total !== undefined) {
      this.cancelTotal = timers.schedule(total.remaining, () => carrier.expire(Deadline.timeoutOf(total)))
    }
  }

  detach(): void {
    this.timer?.dispose()
    this.cancelTotal?.()
    this.timer = undefined
    this.cancelTotal = undefined
    this.carrier = undefined
  }

  asked(): void {
    if (this.hasAsked) return
    this.hasAsked = true
    this.restart()
  }

  content(): void {
    this.hasContent = true
    this.restart()
  }

  sentAll(): void {
    this.hasSentAll = true
    this.restart()
  }

  turnBegan(): void {
    this.hasAsked = true
    this.hasContent = false
    this.hasSentAll = true
    this.restart()
  }

  turnEnded(): void {
    this.hasAsked = false
    this.hasContent = false
    this.hasSentAll = false
    this.restart()
  }

  beginWait(): void {
    this.isWaiting = true
    this.waitsSince = this.now
    this.arm()
  }

  endWait(): void {
    this.isWaiting = false
    this.waited += this.now - this.waitsSince
    this.timer?.clear()
  }

  /** Ends what it watches. */
  end(error: RequestTimeout): void {
    this.carrier?.expire(error)
  }

  private get now(): number {
    return this.timers?.now() ?? 0
  }

  private get limit(): Deadline.Limit | undefined {
    const { content, firstContent } = this.limits
    const duration = this.hasContent
      ? this.hasSentAll ? content : undefined
      : this.hasAsked
      ? firstContent
      : undefined
    return duration === undefined ? undefined : {
      phase: this.hasContent ? "content" : "firstContent",
      duration,
      remaining: Duration.toMillis(duration) - this.waited
    }
  }

  private restart(): void {
    this.waited = 0
    if (!this.isWaiting) return
    this.waitsSince = this.now
    this.arm()
  }

  private arm(): void {
    const { limit } = this
    if (limit === undefined) this.timer?.clear()
    else this.timer?.set(this.waitsSince + limit.remaining)
  }

  private expire(): void {
    const { limit } = this
    if (this.isWaiting && limit !== undefined) this.carrier?.expire(Deadline.timeoutOf(limit))
  }
}
