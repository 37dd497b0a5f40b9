import type { Stats as ServerStats } from "effect-dashscope-simulator"
import * as assert from "node:assert"
import type { ConnectionEvent } from "../../src/ConnectionEvent.js"
import type { Stats as PoolStats } from "../../src/ConnectionPool.js"

type Tag = ConnectionEvent["_tag"]

/** What may follow what, for one request and for one connection: the contract of `ConnectionEvent`. */
const afterOfRequest: Readonly<Record<string, ReadonlyArray<Tag | undefined>>> = {
  Queued: [undefined],
  Acquired: ["Queued"],
  AcquireFailed: ["Queued"],
  RequestStarted: ["Acquired", "Resent"],
  RequestSent: ["RequestStarted"],
  ResponseStarted: ["RequestStarted", "RequestSent"],
  ResponseEnded: ["ResponseStarted"],
  RequestFailed: ["RequestStarted", "RequestSent", "ResponseStarted"],
  Resent: ["RequestFailed"],
  Released: ["Acquired", "ResponseEnded", "RequestFailed", "Resent"]
}

const afterOfConnection: Readonly<Record<string, ReadonlyArray<Tag | undefined>>> = {
  Connecting: [undefined],
  Connected: ["Connecting"],
  ConnectFailed: ["Connecting"],
  Closed: ["Connected"]
}

const ends: ReadonlySet<Tag> = new Set<Tag>(["AcquireFailed", "Released", "ConnectFailed", "Closed"])

/** Follows the events of a pool and holds them to their contract. */
export class Ledger {
  private readonly requests = new Map<number, Tag>()
  private readonly connections = new Map<number, Tag>()
  private readonly counts = new Map<Tag, number>()
  private readonly refused = { timeout: 0, exhausted: 0, closed: 0, interrupted: 0 }
  private readonly closed = { idle: 0, lifetime: 0, peer: 0, error: 0, aborted: 0, shutdown: 0, evicted: 0, ended: 0 }
  retriesDecided = 0
  private reused = 0
  /** Requests that were carried, as the connections say. */
  private carried = 0

  add(event: ConnectionEvent): void {
    this.counts.set(event._tag, this.count(event._tag) + 1)
    if (event._tag === "RetryDecided") {
      // Of the client above, and of no request.
      if (event.decision === "retry") this.retriesDecided++
      return
    }
    if (event._tag === "Missed") return assert.fail(`missed ${event.count} events`)
    const isOfConnection = event._tag in afterOfConnection
    const last = isOfConnection ? this.connections : this.requests
    const subject = isOfConnection
      ? (event as { connection: number }).connection
      : (event as { request: number }).request
    const before = last.get(subject)
    const allowed = (isOfConnection ? afterOfConnection : afterOfRequest)[event._tag]
    assert.ok(allowed?.includes(before), `${event._tag} of ${subject} after ${before}`)
    last.set(subject, event._tag)
    if (event._tag === "Acquired" && event.reused) this.reused++
    if (event._tag === "AcquireFailed") this.refused[event.reason]++
    if (event._tag === "Closed") {
      this.closed[event.reason]++
      this.carried += event.requests
    }
  }

  count(tag: Tag): number {
    return this.counts.get(tag) ?? 0
  }

  /** Once the pool is closed: every start has its end, and the sums are those of the pool and of its server. */
  check(stats: PoolStats, served: ServerStats.Stats): void {
    for (const [subject, tag] of [...this.requests, ...this.connections]) {
      assert.ok(ends.has(tag), `${subject} ended with ${tag}`)
    }
    assert.deepStrictEqual(
      {
        acquired: this.count("Acquired"),
        released: this.count("Released"),
        reused: this.reused,
        opened: this.count("Connected"),
        closed: this.closed,
        resent: this.count("Resent"),
        timedOut: this.refused.timeout,
        rejected: this.refused.exhausted,
        queued: this.count("Queued"),
        started: this.count("RequestStarted"),
        carried: this.carried,
        connecting: this.count("Connecting")
      },
      {
        acquired: stats.acquired,
        released: stats.acquired,
        reused: stats.reused,
        opened: stats.opened,
        closed: { ...stats.closed },
        resent: stats.resent,
        timedOut: stats.timedOut,
        rejected: stats.rejected,
        queued: this.count("Acquired") + this.count("AcquireFailed"),
        // A connection begins with a request, and each further one reuses it.
        started: stats.opened + stats.reused,
        carried: this.count("ResponseEnded") + this.count("RequestFailed"),
        connecting: this.count("Connected") + this.count("ConnectFailed")
      }
    )
    // The server cannot see what was lost on its way, and sees handshakes that did not end.
    const { abortedRequests, totalConnections, totalRequests } = served
    inOrder({ "connections established": stats.opened, accepted: totalConnections, begun: this.count("Connecting") })
    inOrder({
      "answers begun": this.count("ResponseStarted"),
      "requests the server saw": totalRequests,
      "requests begun": this.count("RequestStarted")
    })
    inOrder({ "answers read": this.count("ResponseEnded"), "answers given": totalRequests - abortedRequests })
  }
}

/** Each is at most the next. */
const inOrder = (numbers: Readonly<Record<string, number>>): void => {
  const values = Object.values(numbers)
  assert.ok(values.every((value, i) => i === 0 || values[i - 1]! <= value), JSON.stringify(numbers))
}
