/** How the steps of schedules ended, and whether there was enough of everything. */
import type * as PoolError from "effect-http-pool/ConnectionError"
import * as assert from "node:assert"
import type { DashScopeError } from "../../src/DashScopeError.js"
import { flights, RelayCounts } from "./relay.js"

const counted = ["succeeded", "failed", "interrupted", "retries", "resent", "brokenBodies", "tunnels"] as const

/** By kind, and what it took. */
export class Outcomes {
  succeeded = 0
  failed = 0
  interrupted = 0
  retries = 0
  resent = 0
  /** Requests that failed with their own body. */
  brokenBodies = 0
  /** Tunnels opened by an HTTPS proxy to an HTTPS host. */
  tunnels = 0
  readonly relayed = new RelayCounts()
  /** By tag and reason. */
  readonly errors: Record<string, number> = {}

  fail(error: DashScopeError | PoolError.PoolError): void {
    this.failed++
    const kind = error._tag === "ConnectionError" || error._tag === "ApiError"
      ? `${error._tag} ${error.reason}`
      : error._tag === "RequestTimeout"
      ? `${error._tag} ${error.phase}`
      : error._tag
    this.errors[kind] = (this.errors[kind] ?? 0) + 1
  }

  add(other: Outcomes): void {
    for (const kind of counted) this[kind] += other[kind]
    for (const [kind, count] of Object.entries(other.errors)) this.errors[kind] = (this.errors[kind] ?? 0) + count
    this.relayed.add(other.relayed)
  }
}

/** Of so many schedules, all kinds of ends, in numbers, however busy the machine is: else they were worth little. */
export const assertWorthwhile = (total: Outcomes, schedules: number): void => {
  const least = {
    succeeded: schedules / 2,
    failed: schedules / 2,
    interrupted: schedules / 2,
    retries: schedules / 2,
    // Those of planOf's schedules that are made for it have each at least one.
    resent: schedules / 10,
    brokenBodies: schedules / 20,
    tunnels: schedules / 20
  }
  for (const kind of counted) assert.ok(total[kind] > least[kind], `${kind}: ${total[kind]}`)
  const { refusedSessions, resets } = total.relayed
  assert.ok(refusedSessions > schedules / 50, `TLS sessions refused: ${refusedSessions}`)
  for (let flight = 0; flight < flights; flight++) {
    assert.ok(resets[flight]! > schedules / 50, `resets in flight ${flight + 1}: ${resets[flight]}`)
  }
  const often = ["ApiError Server", "ConnectionError Reset", "PoolExhausted", "RequestTimeout total"]
  const seldom = [
    "ApiError RateLimited",
    "ApiError UnexpectedResponse",
    "ConnectionError Closed",
    "ConnectionError Truncated",
    "RequestTimeout acquire",
    "RequestTimeout firstContent",
    "RequestTimeout read"
  ]
  const expected = schedules < 1000 ? often : [...often, ...seldom]
  assert.deepStrictEqual(expected.filter((kind) => total.errors[kind] === undefined), [], JSON.stringify(total.errors))
}
