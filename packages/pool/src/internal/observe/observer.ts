import type { ConnectionEvent } from "../../ConnectionEvent.js"
import { Histogram } from "../books/histogram.js"

/** What a pool tells of itself. Nothing here costs a request more than a few additions while nobody listens. @internal */
export class Observer {
  /** Whether anybody wants events; ask before making one. */
  listening = false
  readonly wait = new Histogram()
  readonly use = new Histogram()
  private readonly listeners = new Map<(event: ConnectionEvent) => void, () => void>()
  private lastNumber = 0
  private ended = false

  constructor(
    /** Milliseconds since the epoch. */
    readonly epochMillis: () => number
  ) {}

  /** A number for a request or a connection. */
  nextNumber(): number {
    return ++this.lastNumber
  }

  emit(event: ConnectionEvent): void {
    for (const listener of this.listeners.keys()) {
      try {
        listener(event)
      } catch {
        // Nothing that listens may break what it listens to.
      }
    }
  }

  /** Tells of each event until the returned function is called, or the pool is closed: then of that, once. */
  listen(listener: (event: ConnectionEvent) => void, onEnd: () => void = () => {}): () => void {
    if (this.ended) {
      onEnd()
      return () => {}
    }
    this.listeners.set(listener, onEnd)
    this.listening = true
    return () => {
      this.listeners.delete(listener)
      this.listening = this.listeners.size > 0
    }
  }

  /** The pool is closed, and nothing of it is left to tell of. */
  end(): void {
    this.ended = true
    this.listening = false
    const ends = [...this.listeners.values()]
    this.listeners.clear()
    for (const onEnd of ends) onEnd()
  }
}
