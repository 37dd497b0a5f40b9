import type { ConnectionEvent } from "../ConnectionEvent.js"
import { Histogram } from "./histogram.js"
import { HostMetrics } from "./poolMetrics.js"
import type { Origin } from "./proxy.js"

/** @internal What a pool tells of itself. Nothing here costs a request more than a few additions while nobody listens. */
export class Observer {
  /** Whether anybody wants events; ask before making one. */
  listening = false
  readonly wait = new Histogram()
  readonly use = new Histogram()
  private readonly listeners = new Set<(event: ConnectionEvent) => void>()
  private readonly metrics = new Map<string, HostMetrics>()
  private lastNumber = 0

  constructor(
    /** Milliseconds since the epoch. */
    readonly epochMillis: () => number
  ) {}

  /** A number for a request or a connection. */
  nextNumber(): number {
    return ++this.lastNumber
  }

  emit(event: ConnectionEvent): void {
    for (const listener of this.listeners) listener(event)
  }

  listen(listener: (event: ConnectionEvent) => void): () => void {
    this.listeners.add(listener)
    this.listening = true
    return () => {
      this.listeners.delete(listener)
      this.listening = this.listeners.size > 0
    }
  }

  metricsOf(name: string, origin: Origin): HostMetrics {
    let metrics = this.metrics.get(name)
    if (metrics === undefined) {
      metrics = new HostMetrics(origin)
      this.metrics.set(name, metrics)
    }
    return metrics
  }
}
