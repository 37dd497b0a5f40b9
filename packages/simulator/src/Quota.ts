/**
 * Quotas as the service keeps them: so many requests and tokens in any window of a length, by model. `Options.quotas` gives a
 * simulator some; a `Counter` alone is the same for simulations without a network.
 *
 * @since 0.1.0
 */

/**
 * At most so many requests, and tokens of input and output together, in any span of `perMillis` milliseconds. One more is
 * answered 429: `Throttling.RateQuota` for requests, `Throttling.AllocationQuota` for tokens.
 *
 * @since 0.1.0
 * @category models
 */
export interface Quota {
  readonly requests?: number | undefined
  readonly tokens?: number | undefined
  readonly perMillis: number
  /** `model`: each model has it for itself, as with the service. `all`: all models together. Default: `model`. */
  readonly per?: "model" | "all" | undefined
  /** Whether the answer has a `Retry-After` in whole seconds. Default: false, as the service. */
  readonly retryAfter?: boolean | undefined
}

/**
 * A refusal.
 *
 * @since 0.1.0
 * @category models
 */
export interface Refusal {
  readonly _tag: "requests" | "tokens"
  /** Until the window has room for it. */
  readonly waitMillis: number
}

/**
 * What one quota has counted, of one model.
 *
 * @since 0.1.0
 * @category models
 */
export interface QuotaStats {
  readonly quota: Quota
  /** Empty for a quota of all models. */
  readonly model: string
  readonly accepted: number
  readonly refused: number
  /** Of what was accepted. */
  readonly tokens: number
  /** The most requests that arrived in any window, those that were refused included. */
  readonly mostRequests: number
  /** The most tokens that were asked for in any window, likewise. */
  readonly mostTokens: number
}

/** What happened within the last so many milliseconds, and how much of it. */
class Log {
  count = 0
  sum = 0
  private readonly times: Array<number> = []
  private readonly amounts: Array<number> = []
  private first = 0

  constructor(private readonly perMillis: number) {}

  forget(now: number): void {
    const { amounts, times } = this
    while (this.first < times.length && now - times[this.first]! >= this.perMillis) {
      this.count--
      this.sum -= amounts[this.first]!
      this.first++
    }
    if (this.first > 1000 && this.first > times.length / 2) {
      times.splice(0, this.first)
      amounts.splice(0, this.first)
      this.first = 0
    }
  }

  add(now: number, amount: number): void {
    this.count++
    this.sum += amount
    this.times.push(now)
    this.amounts.push(amount)
  }

  /** How long until at most so many are left, and so much. */
  untilLeft(now: number, count: number, sum: number): number {
    let restCount = this.count
    let restSum = this.sum
    for (let i = this.first; i < this.times.length; i++) {
      if (restCount <= count && restSum <= sum) return Math.max(0, (this.times[i - 1] ?? now) + this.perMillis - now)
      restCount--
      restSum -= this.amounts[i]!
    }
    return this.perMillis
  }
}

/**
 * Counts the requests to one model against one quota.
 *
 * @since 0.1.0
 * @category models
 */
export class Counter {
  private readonly accepted: Log
  private readonly arrived: Log
  private readonly totals = { accepted: 0, refused: 0, tokens: 0, mostRequests: 0, mostTokens: 0 }

  constructor(readonly quota: Quota) {
    this.accepted = new Log(quota.perMillis)
    this.arrived = new Log(quota.perMillis)
  }

  /** Lets a request in that uses so many tokens, or says why not. `now` is in milliseconds. */
  admit(now: number, tokens = 0): Refusal | undefined {
    const refusal = this.refusal(now, tokens)
    this.note(now, tokens, refusal === undefined)
    return refusal
  }

  /** What would become of a request. */
  refusal(now: number, tokens = 0): Refusal | undefined {
    const { accepted, quota: { requests = Infinity, tokens: most = Infinity } } = this
    accepted.forget(now)
    if (accepted.count + 1 > requests) {
      return { _tag: "requests", waitMillis: accepted.untilLeft(now, requests - 1, Infinity) }
    }
    if (accepted.sum + tokens > most) {
      return { _tag: "tokens", waitMillis: accepted.untilLeft(now, Infinity, most - tokens) }
    }
    return undefined
  }

  /** A request has arrived, which was accepted or not. */
  note(now: number, tokens: number, isAccepted: boolean): void {
    const { arrived, totals } = this
    arrived.forget(now)
    arrived.add(now, tokens)
    totals.mostRequests = Math.max(totals.mostRequests, arrived.count)
    totals.mostTokens = Math.max(totals.mostTokens, arrived.sum)
    if (!isAccepted) {
      totals.refused++
      return
    }
    this.accepted.add(now, tokens)
    totals.accepted++
    totals.tokens += tokens
  }

  stats(model: string): QuotaStats {
    return { quota: this.quota, model, ...this.totals }
  }
}
