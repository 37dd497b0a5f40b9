/**
 * How a task goes on: on the clock, or one state further each time it is asked for, so that a test needs no clock.
 */

/** @internal */
export type TaskStatus = "PENDING" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELED" | "UNKNOWN"

/**
 * How far a task is. Times are milliseconds since the epoch.
 *
 * @internal
 */
export interface Stage {
  readonly status: TaskStatus
  /** The part of its work that is done, from 0 to 1. */
  readonly done: number
  readonly scheduledAt?: number | undefined
  readonly endedAt?: number | undefined
}

/** @internal */
export interface Life {
  /** As it is. */
  readonly peek: (now: number) => Stage
  /** As it is, where somebody asks for it. */
  readonly look: (now: number) => Stage
}

/** The service's clock is China's. */
const chinaMillis = 8 * 3_600_000

/**
 * As `2024-11-25 13:55:46.536`.
 *
 * @internal
 */
export const chinaTime = (millis: number): string =>
  new Date(millis + chinaMillis).toISOString().slice(0, 23).replace("T", " ")

const stage = (status: TaskStatus, done: number, scheduledAt?: number, endedAt?: number): Stage => ({
  status,
  done,
  scheduledAt,
  endedAt
})

/** @internal */
export const onClock = (submitted: number, pending: number, running: number, end: TaskStatus): Life => {
  const scheduled = submitted + pending
  const ended = scheduled + running
  const peek = (now: number): Stage =>
    now < scheduled
      ? stage("PENDING", 0)
      : now < ended
      ? stage("RUNNING", (now - scheduled) / running, scheduled)
      : stage(end, 1, scheduled, ended)
  return { peek, look: peek }
}

/**
 * @param looks how often it is seen at work.
 *
 * @internal
 */
export const byLooks = (looks: number, end: TaskStatus): Life => {
  const times: Array<number> = []
  const peek = (): Stage => {
    const [scheduled] = times
    return times.length === 0
      ? stage("PENDING", 0)
      : times.length <= looks
      ? stage("RUNNING", (times.length - 1) / looks, scheduled)
      : stage(end, 1, scheduled, times[looks])
  }
  return {
    peek,
    look: (now) => {
      const seen = peek()
      if (times.length <= looks) {
        times.push(now)
      }
      return seen
    }
  }
}
