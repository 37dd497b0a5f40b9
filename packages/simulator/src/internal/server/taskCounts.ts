/**
 * Counts what is asked about tasks, whatever became of the answers.
 */
import type { TaskStats } from "../../Task.js"
import type { Arrived } from "./serve.js"
import type { State } from "./state.js"
import { part } from "./state.js"

const second = 1000

/**
 * How often something happened, and how often at most in any second.
 *
 * @internal
 */
export class Rate {
  total = 0
  most = 0
  /** The times of the last second. */
  private times: Array<number> = []

  add(now: number): void {
    this.total++
    this.times = [...this.times.filter((time) => now - time < second), now]
    this.most = Math.max(this.most, this.times.length)
  }

  reset(): void {
    this.total = 0
    this.most = 0
    this.times = []
  }
}

class Counts {
  submissions = 0
  made = 0
  readonly queries = new Rate()
  readonly lists = new Rate()
  readonly cancels = new Rate()
  throttled = 0
}

/** @internal */
export const countsOf: (state: State) => Counts = part(() => new Counts())

/**
 * Counts a request that submits a task, once it has arrived as a whole.
 *
 * @internal
 */
export const noteSubmission = (state: State, { headers, method }: Arrived): void => {
  if (method === "POST" && headers["x-dashscope-async"] === "enable") {
    countsOf(state).submissions++
  }
}

/** @internal */
export const taskStatsOf = (state: State): TaskStats => {
  const { cancels, lists, made, queries, submissions, throttled } = countsOf(state)
  return {
    submissions,
    made,
    queries: queries.total,
    maxQueriesInSecond: queries.most,
    lists: lists.total,
    cancels: cancels.total,
    throttled
  }
}

/** @internal */
export const resetTaskStats = (state: State): void => {
  const counts = countsOf(state)
  counts.submissions = 0
  counts.made = 0
  counts.throttled = 0
  counts.queries.reset()
  counts.lists.reset()
  counts.cancels.reset()
}
