import type { Socket } from "node:net"
import { DeadlineTimer } from "../time/deadlineTimer.js"
import type { Timers } from "../time/timers.js"

/** Durations in milliseconds. @internal */
export interface FrameLimits {
  /** The longest silence. */
  readonly readTimeout: number
  /** The longest time in which the socket takes nothing of what it was given. */
  readonly writeTimeout: number
}

/** How often a socket that still holds what it was given is looked at once the peer has been silent for long. */
const flushCheckInterval = 25

const none: FrameLimits = { readTimeout: Infinity, writeTimeout: Infinity }

/**
 * The two deadlines of an open WebSocket, which run at once: what is sent has to be taken, and the peer must not be silent.
 * While it owes us to take something, or we do not listen, its silence does not count.
 *
 * @internal
 */
export class FrameDeadline {
  private limits = none
  private isPaused = false
  /** When something came, or all was taken, last. */
  private silentSince = 0
  /** Since when the socket has taken nothing, while it holds something. */
  private stalledSince = 0
  /** What it held when it was looked at last, in bytes. */
  private held = 0
  private readonly timer: DeadlineTimer

  constructor(
    private readonly socket: Socket,
    private readonly timers: Timers,
    private readonly onTimeout: (phase: "write" | "read") => void
  ) {
    this.timer = new DeadlineTimer(timers, () => this.judge())
  }

  begin(limits: FrameLimits): void {
    this.limits = limits
    this.isPaused = false
    this.silentSince = this.stalledSince = this.timers.now()
    this.held = this.socket.writableLength
    this.set(this.silentSince)
  }

  /** Something has come, be it a part of a frame or a ping. */
  heard(): void {
    this.set(this.silentSince = this.timers.now())
  }

  /** Before something is given to the socket. */
  sends(): void {
    const { writableLength } = this.socket
    if (writableLength === 0 || writableLength < this.held) this.stalledSince = this.timers.now()
  }

  /** After that. */
  sent(): void {
    this.held = this.socket.writableLength
    this.set(this.silentSince = this.timers.now())
  }

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
    this.heard()
  }

  clear(): void {
    this.limits = none
    this.timer.clear()
  }

  dispose(): void {
    this.limits = none
    this.timer.dispose()
  }

  private set(since: number): void {
    const { readTimeout, writeTimeout } = this.limits
    const due = since + Math.min(readTimeout, writeTimeout)
    if (due !== Infinity) this.timer.set(due)
  }

  private judge(): void {
    const { readTimeout, writeTimeout } = this.limits
    const now = this.timers.now()
    const { writableLength } = this.socket
    if (writableLength > 0) {
      if (writableLength < this.held) this.stalledSince = now
      this.held = writableLength
      this.silentSince = now
      const due = this.stalledSince + writeTimeout
      if (due <= now) this.onTimeout("write")
      else this.timer.set(Math.min(due, now + flushCheckInterval))
    } else if (!this.isPaused) {
      const due = this.silentSince + readTimeout
      if (due <= now) this.onTimeout("read")
      else if (due !== Infinity) this.timer.set(due)
    }
  }
}
