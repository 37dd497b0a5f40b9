import * as Duration from "effect/Duration"
import type { RateLimitExceeded } from "../../DashScopeError.js"
import type { Event, GroupStats, Priority } from "../../RateLimitState.js"
import type { RateLimitStoreError } from "../../RateLimitStore.js"
import * as Telemetry from "../../Telemetry.js"
import { type Labels, labelsOf, update } from "../effect/metrics.js"

const attributes = Telemetry.attributes

/** Who listens to a limiter. @internal */
export class Listeners {
  readonly all = new Set<(event: Event) => void>()

  emit(event: () => Event): void {
    if (this.all.size === 0) return
    const made = event()
    for (const listener of this.all) listener(made)
  }
}

/**
 * The numbers, events and metrics of the calls that are counted together. Metrics are updated where a call waits, is refused, or
 * meets a pause: one that goes at once costs none.
 *
 * @internal
 */
export class Report {
  running = 0
  granted = 0
  waited = 0
  rejected = 0
  givenBack = 0
  pauses = 0
  estimatedTokens = 0
  usedTokens = 0
  private readonly calls: { readonly [priority in Priority]: Labels }
  private readonly seconds: { readonly [priority in Priority]: Labels }
  private readonly pausing: Labels

  constructor(
    private readonly key: string,
    private readonly listeners: Listeners,
    /** In milliseconds since 1970. */
    private readonly now: () => number
  ) {
    const of = (unit: string, priority: Priority): Labels => labelsOf(this.labels(unit, priority))
    this.calls = { interactive: of("{call}", "interactive"), batch: of("{call}", "batch") }
    this.seconds = { interactive: of("s", "interactive"), batch: of("s", "batch") }
    this.pausing = labelsOf({ unit: "{pause}", [attributes.rateLimitKey]: key })
  }

  began(priority: Priority, model: string | undefined, place: number): void {
    update(Telemetry.rateLimitWaiting, 1, this.calls[priority])
    this.listeners.emit(() => ({ _tag: "Waiting", ...this.at(model), priority, place }))
  }

  /** It waits no more: it may go, or has left. */
  ended(tag: "Granted" | "Left", priority: Priority, model: string | undefined, waitedMillis: number): void {
    update(Telemetry.rateLimitWaiting, -1, this.calls[priority])
    if (tag === "Granted") {
      this.waited++
      update(Telemetry.rateLimitWait, waitedMillis / 1000, this.seconds[priority])
    }
    this.listeners.emit(() => ({
      _tag: tag,
      ...this.at(model),
      priority,
      waited: Duration.millis(waitedMillis)
    }))
  }

  refused(priority: Priority, model: string | undefined, error: RateLimitExceeded): void {
    this.rejected++
    const labels = { ...this.labels("{call}", priority), [attributes.errorType]: error.reason }
    update(Telemetry.rateLimitRejections, 1, labelsOf(labels))
    this.listeners.emit(() => ({ _tag: "Rejected", ...this.at(model), priority, error }))
  }

  settled(model: string | undefined, estimatedTokens: number, usedTokens: number): void {
    this.estimatedTokens += estimatedTokens
    this.usedTokens += usedTokens
    this.listeners.emit(() => ({ _tag: "Settled", ...this.at(model), estimatedTokens, usedTokens }))
  }

  paused(model: string | undefined, millis: number): void {
    this.pauses++
    update(Telemetry.rateLimitPauses, 1, this.pausing)
    this.listeners.emit(() => ({ _tag: "Paused", ...this.at(model), duration: Duration.millis(millis) }))
  }

  failed(model: string | undefined, error: RateLimitStoreError): void {
    this.listeners.emit(() => ({ _tag: "StoreFailed", ...this.at(model), error }))
  }

  stats(waiting: GroupStats["waiting"], nextTurnMillis: number | undefined): GroupStats {
    const { estimatedTokens, givenBack, granted, key, pauses, rejected, running, usedTokens, waited } = this
    return {
      key,
      waiting,
      nextTurnMillis,
      running,
      granted,
      waited,
      rejected,
      givenBack,
      pauses,
      estimatedTokens,
      usedTokens
    }
  }

  private labels(unit: string, priority: Priority): Readonly<Record<string, string>> {
    return { unit, [attributes.rateLimitKey]: this.key, [attributes.rateLimitPriority]: priority }
  }

  private at(model: string | undefined) {
    return { at: this.now(), key: this.key, model }
  }
}
