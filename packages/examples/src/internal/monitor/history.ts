/** What a monitor remembers of a pool's events: rates and percentiles of late, and what was out of the ordinary. */
import { Duration } from "effect"
import type { AdaptiveConcurrency, ConnectionEvent, ConnectionPool, DashScopeError } from "effect-dashscope"
import type { Style } from "./text.js"
import { clean } from "./text.js"

/** Seconds that are remembered. */
export const span = 60

/** Seconds that count as "of late". */
export const lately = 10

/** A value for each second. */
class Seconds<A> {
  private readonly values = new Map<number, A>()

  constructor(private readonly none: () => A) {}

  update(at: number, change: (value: A) => A): void {
    const second = Math.floor(at / 1000)
    const before = this.values.get(second)
    this.values.set(second, change(before ?? this.none()))
    if (before !== undefined) return
    for (const old of this.values.keys()) if (old < second - span) this.values.delete(old)
  }

  /** Those of the last seconds that are over, oldest first. */
  last(now: number, count: number): ReadonlyArray<A> {
    const second = Math.floor(now / 1000)
    return Array.from({ length: count }, (_, i) => this.values.get(second - count + i) ?? this.none())
  }
}

/** In milliseconds. */
export interface Percentiles {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
}

/** The least value that so many of the others do not exceed; 0 where there are none. */
const percentilesOf = (values: ReadonlyArray<number>): Percentiles => {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) }
}

/** A line of the log. */
export interface Entry {
  readonly at: number
  readonly kind: string
  readonly style: Style
  /** Empty where it concerns all of the pool. */
  readonly origin: string
  readonly text: string
  /** How often the same has happened in short order. */
  readonly count: number
}

const entriesKept = 100

/** Within so many milliseconds, what happens again is counted and not repeated. */
const shortOrder = 1000

/** The first of a second stand for the rest. */
const valuesKept = 1000

const push = (value: number) => (values: Array<number>) => {
  if (values.length < valuesKept) values.push(value)
  return values
}

export interface Recent {
  /** For each second of the last minute, oldest first: answers, the most that waited, the median use in milliseconds. */
  readonly answers: ReadonlyArray<number>
  readonly waiting: ReadonlyArray<number>
  readonly use: ReadonlyArray<number>
  /** Of the last ten seconds. */
  readonly percentiles: { readonly wait: Percentiles; readonly use: Percentiles }
  /** Every host there has been. */
  readonly origins: ReadonlyArray<string>
  /** Newest first. */
  readonly entries: ReadonlyArray<Entry>
}

export class History {
  private readonly answers = new Seconds(() => 0)
  private readonly waiting = new Seconds(() => 0)
  private readonly waits = new Seconds<Array<number>>(() => [])
  private readonly uses = new Seconds<Array<number>>(() => [])
  private readonly origins = new Set<string>()
  /** Newest first. */
  private readonly entries: Array<Entry> = []

  add(event: ConnectionEvent.ConnectionEvent): void {
    if (event._tag !== "Missed") this.origins.add(event.origin)
    if (event._tag === "ResponseEnded") this.answers.update(event.at, (count) => count + 1)
    if (event._tag === "Acquired") this.waits.update(event.at, push(Duration.toMillis(event.waited)))
    if (event._tag === "Released") this.uses.update(event.at, push(Duration.toMillis(event.used)))
    const described = describe(event)
    if (described === undefined) return
    const [kind, style, text] = described
    this.log({ at: event.at, kind, style, origin: event._tag === "Missed" ? "" : event.origin, text })
  }

  /** What `AdaptiveConcurrency` does: growing is the ordinary course. */
  adapted(event: AdaptiveConcurrency.Event): void {
    const { at } = event
    if (event._tag === "Paused") {
      this.log({ at, kind: "paused", style: "yellow", origin: "", text: `${event.key} for ${format(event.duration)}` })
    } else if (event.reason !== "grown") {
      const why = event.reason === "refused" ? "a 429" : "a slow service"
      this.log({ at, kind: "limit cut", style: "cyan", origin: "", text: `to ${event.to} at once, by ${why}` })
    }
  }

  log(entry: Omit<Entry, "count">): void {
    const text = clean(entry.text)
    const same = this.entries.findIndex((other) =>
      other.kind === entry.kind && other.origin === entry.origin && other.text === text &&
      entry.at - other.at < shortOrder
    )
    const [before] = same < 0 ? [] : this.entries.splice(same, 1)
    this.entries.unshift({ ...entry, text, count: (before?.count ?? 0) + 1 })
    if (this.entries.length > entriesKept) this.entries.pop()
  }

  /** To be called a few times per second: no event says how many wait. */
  sample(now: number, { waiting }: ConnectionPool.Stats): void {
    this.waiting.update(now, (most) => Math.max(most, waiting))
  }

  recent(now: number): Recent {
    const percentiles = (values: Seconds<Array<number>>) => percentilesOf(values.last(now, lately).flat())
    return {
      answers: this.answers.last(now, span),
      waiting: this.waiting.last(now, span),
      use: this.uses.last(now, span).map((values) => percentilesOf(values).p50),
      percentiles: { wait: percentiles(this.waits), use: percentiles(this.uses) },
      origins: [...this.origins].sort(),
      entries: [...this.entries]
    }
  }
}

const format = (duration: Duration.Duration) => `${(Duration.toMillis(duration) / 1000).toFixed(1)} s`

const causeOf = (
  error:
    | DashScopeError.ConnectionError
    | DashScopeError.RequestTimeout
    | DashScopeError.PoolExhausted
    | undefined
): string =>
  error === undefined
    ? "its caller gave it up"
    : error._tag === "ConnectionError"
    ? `${error.reason}: ${error.description}`
    : error._tag === "RequestTimeout"
    ? `no progress for ${format(error.duration)} (${error.phase})`
    : error._tag

/** What is worth a line: not the ordinary course of a request. */
const describe = (event: ConnectionEvent.ConnectionEvent): readonly [string, Style, string] | undefined => {
  switch (event._tag) {
    case "Connected": {
      const took = [event.dns, event.tcp, event.proxy, event.tls].reduce(
        (sum, step) => sum + (step === undefined ? 0 : Duration.toMillis(step)),
        0
      )
      return ["connected", "green", `#${event.connection} in ${took.toFixed(1)} ms`]
    }
    case "ConnectFailed":
      return ["not connected", "red", causeOf(event.error)]
    case "AcquireFailed":
      switch (event.reason) {
        case "timeout":
          return ["timed out", "red", "no connection came free"]
        case "exhausted":
          return ["rejected", "red", "too many wait already"]
        case "interrupted":
          return ["left", "yellow", "its caller would not wait"]
        case "closed":
          return undefined
      }
      break
    case "ResponseStarted":
      return event.status < 400
        ? undefined
        : [`answer ${event.status}`, "yellow", event.status === 429 ? "throttled" : "an error"]
    case "RequestFailed":
      return ["broke off", "red", causeOf(event.error)]
    case "Resent":
      return ["resent", "magenta", "over a fresh connection"]
    case "RetryDecided":
      return event.decision === "retry"
        ? ["retry", "magenta", `in ${format(event.delay)}: ${event.error._tag}`]
        : ["given up", "red", `${event.error._tag}: ${event.decision}`]
    case "Closed": {
      const { connection, lived, reason, requests } = event
      const text = `#${connection} after ${format(lived)} and ${requests} request${requests === 1 ? "" : "s"}`
      return [`closed: ${reason}`, reason === "error" || reason === "peer" ? "yellow" : "blue", text]
    }
    case "Missed":
      return ["missed", "red", `${event.count} events: the monitor was too slow`]
    case "Queued":
    case "Acquired":
    case "Connecting":
    case "RequestStarted":
    case "RequestSent":
    case "ResponseEnded":
    case "Released":
      return undefined
  }
}
