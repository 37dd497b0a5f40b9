/** What has to hold of every schedule. */
import { Schedule } from "effect"
import type { RecordedRequest, Stats } from "effect-dashscope-simulator"
import type * as ConnectionPool from "effect-http-pool/ConnectionPool"
import * as assert from "node:assert"
import type * as Generation from "../../src/Generation.js"
import type { CountingClock } from "./counting.js"
import type { Plan } from "./plan.js"
import { isOfPool } from "./plan.js"

/** What is known of one step while it runs. */
export class Progress {
  /** Requests that were begun for it. */
  attempts = 0
  /** As many of those as there were when its first element came. */
  atFirstElement: number | undefined = undefined
  last: Generation.GenerationResult | undefined = undefined

  element(result: Generation.GenerationResult): void {
    this.atFirstElement ??= this.attempts
    this.last = result
  }
}

/** A request says in this header whose it is, to the client and to the server. */
export const stepHeader = "x-step"

export const checkLimits = ({ config, network }: Plan, served: Stats.Stats) => {
  // Through what lies between, the server hears of the end of one later than of the beginning of the next.
  if (network._tag !== "direct") return
  assert.ok(
    served.maxOpenConnections <= config.connectionPoolSize!,
    `more connections than connectionPoolSize: ${served.maxOpenConnections}`
  )
  assert.ok(served.maxRequestsInFlight <= config.maximumAsyncRequests!, "more requests than maximumAsyncRequests")
  for (const host of served.byPort.values()) {
    assert.ok(
      host.maxRequestsInFlight <= config.maximumAsyncRequestsPerHost!,
      "more requests to one host than maximumAsyncRequestsPerHost"
    )
  }
}

/** The clients of a schedule, one for each host, keep within their budgets. */
export const checkRetries = ({ retry, simulator, steps }: Plan, progress: ReadonlyArray<Progress>) => {
  if (retry === false || Schedule.isSchedule(retry) || retry.budget === Infinity) return
  for (let host = 0; host < simulator.hosts!; host++) {
    const calls = progress.filter((_, i) => steps[i]!.host === host && !isOfPool(steps[i]!.how))
    const retries = calls.reduce((sum, { attempts }) => sum + Math.max(0, attempts - 1), 0)
    assert.ok(retries <= 10 + retry.budget! * calls.length, `${retries} retries of ${calls.length} calls`)
  }
}

/** Whatever the server got was asked for: once for each attempt, and once more for what was sent again. */
export const checkServed = (
  progress: ReadonlyArray<Progress>,
  requests: ReadonlyArray<RecordedRequest.RecordedRequest>,
  { resent }: ConnectionPool.Stats
) => {
  const seen = progress.map(() => 0)
  for (const { headers } of requests) seen[Number(headers[stepHeader])]!++
  const beyond = progress.reduce((sum, { attempts }, i) => sum + Math.max(0, seen[i]! - attempts), 0)
  assert.ok(beyond <= resent, `the server got ${beyond} requests that nobody sent`)
}

export const checkNothingLeft = (numbers: ConnectionPool.Stats, clock: CountingClock) => {
  const { inFlight, open, waiting } = numbers
  assert.deepStrictEqual({ open, inFlight, waiting, timers: clock.sleeping }, {
    open: 0,
    inFlight: 0,
    waiting: 0,
    timers: 0
  })
}
