import type { Timers } from "../../src/internal/time/timers.js"

/** Timers that stand still until they are moved. */
export class FakeTimers implements Timers {
  private time = 0
  private readonly tasks = new Set<{ readonly at: number; readonly task: () => void }>()

  readonly now = () => this.time

  readonly schedule = (delay: number, task: () => void) => {
    const entry = { at: this.time + delay, task }
    this.tasks.add(entry)
    return () => {
      this.tasks.delete(entry)
    }
  }

  readonly isOf = () => true

  get pending(): number {
    return this.tasks.size
  }

  advance(millis: number): void {
    const end = this.time + millis
    for (;;) {
      const due = [...this.tasks].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (due === undefined) break
      this.tasks.delete(due)
      this.time = Math.max(this.time, due.at)
      due.task()
    }
    this.time = end
  }
}
