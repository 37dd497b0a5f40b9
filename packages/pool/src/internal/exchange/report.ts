import * as Duration from "effect/Duration"
import type { PoolError } from "../../ConnectionError.js"
import { errorType } from "../../ConnectionError.js"
import type { Host } from "../books/host.js"
import type { HostMetrics } from "../observe/hostMetrics.js"
import { metricsOf } from "../observe/hostMetrics.js"
import type { PooledConnection } from "../sockets/pooledConnection.js"
import { interrupted, refusalOf } from "./failures.js"
import type { Owner, PoolRequest } from "./request.js"
import type { Pending, Shared } from "./shared.js"

/** A burst may queue for a while; when requests have waited this long, in milliseconds, the log says so. */
const saturationWait = 5000

/**
 * What is told of one request: numbers for the statistics and metrics, events, and texts for the log. Base of
 * the exchange, since an object of its own for each request would cost more than what it tells.
 *
 * @internal
 */
export abstract class Report implements Pending {
  place = -1
  readonly host: Host<PooledConnection>
  /** For events: the same for a request that is sent again. */
  number: number
  protected readonly metrics: HostMetrics
  protected arrivedAt = 0
  protected acquiredAt = 0
  protected sentAt = 0
  /** Undefined once the listener was told: what it leads to, the fiber and its result, must not be held by a response. */
  protected owner: Owner | undefined
  private ownerName: string | undefined = undefined
  /** Ends the leak detector's watch. */
  private cameBack: (() => void) | undefined = undefined

  constructor(
    protected readonly shared: Shared,
    protected readonly request: PoolRequest,
    owner: Owner | undefined
  ) {
    this.owner = owner
    this.host = shared.ledger.host(request.origin)
    this.metrics = metricsOf(request.origin, () => request.target)
    this.number = shared.observer.nextNumber()
  }

  abstract shutDown(): void
  abstract readonly heldSince: number | undefined

  describeOwner(): string {
    return this.owner?.describe(this.request) ?? this.ownerName ?? ""
  }

  /** It came to the pool. */
  protected arrived(): void {
    const { observer, timers } = this.shared
    this.arrivedAt = timers.now()
    if (observer.listening) observer.emit({ _tag: "Queued", ...this.subject() })
  }

  /** It has to wait. */
  protected queued(): void {
    const { ledger, watch } = this.shared
    if (this.arrivedAt - ledger.oldestWait() >= saturationWait) watch.saturated(() => this.describeSaturation())
  }

  /** The permit is here. */
  protected acquired(reused: boolean): void {
    const { observer, timers, watch } = this.shared
    this.acquiredAt = timers.now()
    const waited = this.acquiredAt - this.arrivedAt
    observer.wait.record(waited)
    if (watch.findsLeaks) this.cameBack = watch.held(() => this.describeOwner())
    this.metrics.acquired(waited)
    if (observer.listening) {
      observer.emit({ _tag: "Acquired", ...this.subject(), waited: Duration.millis(waited), reused })
    }
  }

  /** It left the queue without. */
  protected acquireFailed(failure: PoolError | undefined): void {
    const { observer, timers } = this.shared
    const reason = refusalOf(failure)
    if (reason !== "interrupted") this.metrics.rejected(reason)
    if (observer.listening) {
      observer.emit({
        _tag: "AcquireFailed",
        ...this.subject(),
        waited: Duration.millis(timers.now() - this.arrivedAt),
        reason
      })
    }
  }

  protected started(connection: number): void {
    const { observer, timers } = this.shared
    this.sentAt = timers.now()
    if (observer.listening) observer.emit({ _tag: "RequestStarted", ...this.subject(), connection })
  }

  protected requestSent(): void {
    const { observer } = this.shared
    if (observer.listening) observer.emit({ _tag: "RequestSent", ...this.subject() })
  }

  protected responded(status: number): void {
    const { observer } = this.shared
    if (observer.listening) observer.emit({ _tag: "ResponseStarted", ...this.subject(), status })
  }

  protected resentAgain(): void {
    const { ledger, observer } = this.shared
    ledger.totals.resent++
    if (observer.listening) observer.emit({ _tag: "Resent", ...this.subject() })
  }

  /** The exchange with the server is over, one way or the other; `status` is 0 where no answer came. */
  protected requestEnded(status: number, bytes: number, isComplete: boolean, failure: PoolError | undefined): void {
    const { observer, timers } = this.shared
    this.metrics.requestEnded(
      this.request.method,
      status,
      isComplete
        ? (status < 400 ? undefined : String(status))
        : failure === undefined
        ? interrupted
        : errorType(failure),
      timers.now() - this.sentAt
    )
    if (!observer.listening) return
    if (isComplete) observer.emit({ _tag: "ResponseEnded", ...this.subject(), bytes })
    else observer.emit({ _tag: "RequestFailed", ...this.subject(), error: failure })
  }

  /** The permit is back. */
  protected released(): void {
    const { observer, timers } = this.shared
    const used = timers.now() - this.acquiredAt
    observer.use.record(used)
    this.cameBack?.()
    this.cameBack = undefined
    if (observer.listening) observer.emit({ _tag: "Released", ...this.subject(), used: Duration.millis(used) })
  }

  /** The same request goes on as another attempt. */
  protected goOnFrom(earlier: Report): void {
    this.number = earlier.number
    this.acquiredAt = earlier.acquiredAt
    this.cameBack = earlier.cameBack
  }

  /** Forgets the fiber; its name is kept where the permit is still held. */
  protected forgetOwner(keepsName: boolean): void {
    if (keepsName) this.ownerName = this.describeOwner()
    this.owner = undefined
  }

  private subject() {
    return { at: this.shared.observer.epochMillis(), origin: this.request.origin, request: this.number }
  }

  private describeSaturation(): string {
    const { exchanges, numbers, timers } = this.shared
    let oldest: Pending | undefined
    let since = Infinity
    for (const exchange of exchanges) {
      if (exchange.heldSince !== undefined && exchange.heldSince < since) {
        oldest = exchange
        since = exchange.heldSince
      }
    }
    const holder = oldest === undefined
      ? ""
      : `; longest in flight: ${Math.round(timers.now() - since)} ms ${oldest.describeOwner()}`
    return `The pool is saturated; a request to ${this.request.origin} waits: ${numbers().toString()}${holder}`
  }
}
