import type { Timers } from "./timers.js"

/**
 * A deadline that moves often: moving it is an assignment, and the one timer behind it is set again only when
 * it has fired too early or would fire too late.
 *
 * @internal
 */
export class DeadlineTimer {
  private due = Infinity
  private armedFor = Infinity
  private cancel: (() => void) | undefined = undefined

  constructor(
    private readonly timers: Timers,
    private readonly onDue: () => void
  ) {}

  set(due: number): void {
    this.due = due
    if (due < this.armedFor) this.arm(due)
  }

  clear(): void {
    this.due = Infinity
  }

  dispose(): void {
    this.due = Infinity
    this.armedFor = Infinity
    this.cancel?.()
    this.cancel = undefined
  }

  private arm(due: number): void {
    this.cancel?.()
    this.armedFor = due
    this.cancel = this.timers.schedule(Math.max(0, due - this.timers.now()), this.fire)
  }

  private readonly fire = (): void => {
    this.armedFor = Infinity
    this.cancel = undefined
    if (this.due === Infinity) return
    if (this.due > this.timers.now()) {
      this.arm(this.due)
    } else {
      this.due = Infinity
      this.onDue()
    }
  }
}
