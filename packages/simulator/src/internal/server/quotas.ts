import type { Quota, QuotaStats, Refusal } from "../../Quota.js"
import { Counter } from "../../Quota.js"
import type { Answer, Failure } from "./answer.js"
import { failure } from "./answer.js"

const numberOf = (u: unknown): number => typeof u === "number" ? u : 0

/** The tokens of an answer, as it says itself. */
const tokensOf = (answer: Answer): number => {
  if (answer._tag !== "Success") return 0
  const { usage } = answer.whole()
  if (typeof usage !== "object" || usage === null) return 0
  const { input_tokens, output_tokens, total_tokens } = usage as Readonly<Record<string, unknown>>
  return total_tokens === undefined ? numberOf(input_tokens) + numberOf(output_tokens) : numberOf(total_tokens)
}

const modelOf = (body: string): string | undefined => {
  if (!body.startsWith("{")) return undefined
  try {
    const { model } = JSON.parse(body) as { readonly model?: unknown }
    return typeof model === "string" ? model : undefined
  } catch {
    return undefined
  }
}

/** An answer 429, with the seconds to wait where it tells them. @internal */
export interface Refused {
  readonly answer: Failure
  readonly retryAfter: number | undefined
}

const answers: { readonly [tag in Refusal["_tag"]]: Failure } = {
  requests: failure(429, "Throttling.RateQuota", "Requests rate limit exceeded, please try again later."),
  tokens: failure(
    429,
    "Throttling.AllocationQuota",
    "Allocated quota exceeded, please increase your quota limit."
  )
}

/**
 * All quotas of a simulator. What has no model is not counted.
 *
 * @internal
 */
export class Quotas {
  private readonly counters: ReadonlyArray<{ readonly quota: Quota; readonly byModel: Map<string, Counter> }>

  constructor(
    quotas: ReadonlyArray<Quota>,
    private readonly now: () => number
  ) {
    this.counters = quotas.map((quota) => ({ quota, byModel: new Map<string, Counter>() }))
  }

  /** Lets an answer out, or refuses the request: all quotas must have room for it. */
  refuse(body: string, answer: Answer): Refused | undefined {
    const model = this.counters.length === 0 ? undefined : modelOf(body)
    if (model === undefined) return undefined
    const now = this.now()
    const tokens = tokensOf(answer)
    const counters = this.counters.map(({ byModel, quota }) => {
      const key = quota.per === "all" ? "" : model
      let counter = byModel.get(key)
      if (counter === undefined) byModel.set(key, counter = new Counter(quota))
      return counter
    })
    const refusals = counters.flatMap((counter) => {
      const refusal = counter.refusal(now, tokens)
      return refusal === undefined ? [] : [{ ...refusal, retryAfter: counter.quota.retryAfter === true }]
    })
    for (const counter of counters) counter.note(now, tokens, refusals.length === 0)
    const [first] = refusals
    if (first === undefined) return undefined
    const wait = Math.max(...refusals.map(({ waitMillis }) => waitMillis))
    return {
      answer: answers[first._tag],
      retryAfter: first.retryAfter ? Math.max(1, Math.ceil(wait / 1000)) : undefined
    }
  }

  get stats(): ReadonlyArray<QuotaStats> {
    return this.counters.flatMap(({ byModel }) => Array.from(byModel, ([model, counter]) => counter.stats(model)))
  }
}
