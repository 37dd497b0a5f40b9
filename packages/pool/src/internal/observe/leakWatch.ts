import * as Duration from "effect/Duration"
import type { Timers } from "../time/timers.js"

/** How long a warning of the same kind is not repeated, in milliseconds. */
const quietFor = 60_000

/** What is worth a word in the log without anybody asking: leaks, and a queue that grows. @internal */
export class LeakWatch {
  private warnedAt = -Infinity

  constructor(
    private readonly timers: Timers,
    private readonly log: (message: string) => void,
    /** After how many milliseconds a permit counts as leaked; Infinity turns it off. */
    private readonly leakThreshold: number
  ) {}

  get findsLeaks(): boolean {
    return this.leakThreshold !== Infinity
  }

  /** Speaks up if the returned function is not called in time, and again once it is. */
  held(describe: () => string): () => void {
    const since = this.timers.now()
    let warned = false
    const cancel = this.timers.schedule(this.leakThreshold, () => {
      warned = true
      this.log(`Possible leak: a permit has been held for ${format(this.leakThreshold)} ${describe()}`)
    })
    return () => {
      cancel()
      if (warned) this.log(`No leak after all: the permit came back after ${format(this.timers.now() - since)}`)
    }
  }

  /** Speaks up about a queue that does not move, once in a while. */
  saturated(describe: () => string): void {
    const now = this.timers.now()
    if (now - this.warnedAt < quietFor) return
    this.warnedAt = now
    this.log(describe())
  }
}

const format = (millis: number) => Duration.format(Duration.millis(Math.round(millis)))
