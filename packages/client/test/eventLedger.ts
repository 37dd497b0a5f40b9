import * as assert from "node:assert"
import type { ConnectionEvent } from "../src/ConnectionEvent.js"
import type { Stats } from "../src/ConnectionPool.js"

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

  add(event: ConnectionEvent): void {
    this.counts.set(event._tag, this.count(event._tag) + 1)
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
  }

  count(tag: Tag): number {
    return this.counts.get(tag) ?? 0
  }

  /** Once the pool is closed: every start has its end, and the sums are those of the pool. */
  check(stats: Stats): void {
    for (const [subject, tag] of [...this.requests, ...this.connections]) {
      assert.ok(ends.has(tag), `${subject} ended with ${tag}`)
    }
    assert.deepStrictEqual(
      {
        acquired: this.count("Acquired"),
        released: this.count("Released"),
        opened: this.count("Connected"),
        closed: this.count("Closed"),
        resent: this.count("Resent"),
        queued: this.count("Queued")
      },
      {
        acquired: stats.acquired,
        released: stats.acquired,
        opened: stats.opened,
        closed: Object.values(stats.closed).reduce((sum, n) => sum + n, 0),
        resent: stats.resent,
        queued: this.count("Acquired") + this.count("AcquireFailed")
      }
    )
  }
}
