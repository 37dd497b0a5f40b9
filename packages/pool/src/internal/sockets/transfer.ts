import type { Socket } from "node:net"
import { DeadlineTimer } from "../time/deadlineTimer.js"
import type { Timers } from "../time/timers.js"

/** Durations in milliseconds. @internal */
export interface TransferLimits {
  readonly readTimeout: number
  readonly writeTimeout: number
}

/**
 * What is waited for: the peer takes the request (`write`), the socket empties what it was given (`flush`), the
 * answer comes (`read`), or the caller begins to read what has come (`unread`).
 *
 * @internal
 */
export type Phase = "write" | "flush" | "read" | "unread"

/** How often a socket that has not yet taken all of a request is looked at, in milliseconds. */
const flushCheckInterval = 25

/**
 * The deadline of the request that a connection carries: of its four phases one after another. There is one for
 * each connection, which serves its requests in turn.
 *
 * @internal
 */
export class Transfer {
  private phase: Phase = "write"
  private since = 0
  private readonly timer: DeadlineTimer

  constructor(
    private readonly socket: Socket,
    private readonly timers: Timers,
    private readonly limits: TransferLimits,
    private readonly onTimeout: (phase: "write" | "read") => void
  ) {
    this.timer = new DeadlineTimer(timers, () => this.judge())
  }

  /** A request begins to be written, all of it at once where it is `brief`: then nothing has to be timed yet. */
  begin(brief: boolean): void {
    if (brief) this.since = this.timers.now()
    else this.enter("write")
  }

  enter(phase: Phase): void {
    const now = this.timers.now()
    // Writing has stalled since its last progress, not since all of it was handed over.
    if (phase !== "flush") this.since = now
    this.phase = phase
    this.timer.set(this.dueAt(now))
  }

  /** A piece of the request was taken. */
  wrote(): void {
    if (this.phase === "write") this.since = this.timers.now()
  }

  /** All of the request was handed over. */
  sent(): void {
    this.enter(this.socket.writableLength === 0 ? "read" : "flush")
  }

  /** Something of the answer has come. */
  progress(): void {
    if (this.phase !== "read") return
    this.since = this.timers.now()
    this.timer.set(this.since + this.limits.readTimeout)
  }

  clear(): void {
    this.timer.clear()
  }

  dispose(): void {
    this.timer.dispose()
  }

  private get isWriting(): boolean {
    return this.phase === "write" || this.phase === "flush"
  }

  private dueAt(now: number): number {
    switch (this.phase) {
      case "write":
        return this.since + this.limits.writeTimeout
      case "flush":
        return Math.min(this.since + this.limits.writeTimeout, now + flushCheckInterval)
      case "read":
      case "unread":
        return this.since + this.limits.readTimeout
    }
  }

  private judge(): void {
    const now = this.timers.now()
    const { isWriting } = this
    if (isWriting && this.socket.writableLength === 0) {
      // Flushed, or the body's own source is slow: the peer owes nothing.
      this.enter(this.phase === "flush" ? "read" : "write")
    } else if (now < this.since + (isWriting ? this.limits.writeTimeout : this.limits.readTimeout)) {
      this.timer.set(this.dueAt(now))
    } else {
      this.onTimeout(isWriting ? "write" : "read")
    }
  }
}
