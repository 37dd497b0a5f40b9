/**
 * Timers on the simulator's clock.
 */

/**
 * Calls back after so many milliseconds, unless what it returns is called before.
 *
 * @internal
 */
export type Timer = (millis: number, callback: () => void) => () => void

/** @internal */
export const realTimer: Timer = (millis, callback) => {
  const timer = setTimeout(callback, millis)
  return () => clearTimeout(timer)
}

/**
 * Waits for something that keeps being put off: one timer at a time, however often that happens.
 *
 * @internal
 */
export class Deadline {
  private due = 0
  private cancel: (() => void) | undefined

  constructor(
    private readonly timer: Timer,
    private readonly now: () => number,
    private readonly millis: number,
    private readonly onDue: () => void
  ) {}

  /** Starts it, or puts it off. */
  restart(): void {
    this.due = this.now() + this.millis
    if (this.cancel === undefined) {
      this.wait(this.millis)
    }
  }

  stop(): void {
    this.cancel?.()
    this.cancel = undefined
  }

  private wait(millis: number): void {
    this.cancel = this.timer(millis, () => {
      this.cancel = undefined
      const left = this.due - this.now()
      if (left > 0) {
        this.wait(left)
      } else {
        this.onDue()
      }
    })
  }
}
