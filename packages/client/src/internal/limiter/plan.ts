import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type { Call, Options, Quota } from "../../RateLimitState.js"
import type { Bucket, Slots } from "../../RateLimitStore.js"

/** A bucket, and what it counts. @internal */
export interface Limit extends Bucket {
  readonly unit: "requests" | "tokens"
}

/** What all calls have in common that are counted by the same buckets. @internal */
export interface Group {
  readonly key: string
  readonly limits: ReadonlyArray<Limit>
  readonly slots: ReadonlyArray<Slots>
  readonly countsTokens: boolean
  /** Unique in its plan. */
  readonly id: string
}

/** The options with their defaults, and what counts which call. @internal */
export interface Plan {
  readonly account: string
  readonly maxWaiting: number
  readonly maxWaitMillis: number
  readonly outputTokens: number
  readonly pauseMillis: number
  readonly maxPauseMillis: number
  readonly leaseMillis: number
  /** Nothing for a call that no quota counts. */
  readonly groupOf: (call: Call) => Group | undefined
  /** The next call that belongs to it begins it anew. */
  readonly forget: (group: Group) => void
}

/** An option that cannot be used. @internal */
export class PlanProblem {
  constructor(readonly field: string, readonly description: string) {}
}

const second = 1000
const minute = 60_000

/**
 * A bucket that lets through at most `most` in any window, of which it keeps `headroom` back: it holds what flows in within
 * `burst`, and the rest of the limit flows in over the window. Requests are whole, so that the last one of a window falls
 * outside of it.
 */
const bucketOf = (
  key: string,
  unit: Limit["unit"],
  most: number,
  window: number,
  burst: number,
  headroom: number
): Limit => {
  const capacity = Math.max(1, (most * Math.min(burst, window === second ? second / 60 : burst)) / window)
  const flow = unit === "requests" ? most + 1 - capacity : Math.max(most - capacity, most / 2)
  return { key: `${key}/${unit}/${window}`, unit, capacity, interval: window / (flow * (1 - headroom)) }
}

const rates = [
  ["requestsPerSecond", "requests", second],
  ["requestsPerMinute", "requests", minute],
  ["tokensPerSecond", "tokens", second],
  ["tokensPerMinute", "tokens", minute]
] as const

const limitsOf = (quota: Quota, key: string, burst: number): ReadonlyArray<Limit> =>
  rates.flatMap(([name, unit, window]) => {
    const most = quota[name]
    return most === undefined ? [] : [bucketOf(key, unit, most, window, burst, quota.headroom ?? 0.01)]
  })

const matcherOf = (models: Quota["models"]): (model: string) => boolean => {
  if (models === undefined) return () => true
  const patterns = typeof models === "string" ? [models] : models
  const names = new Set(patterns.filter((pattern) => !pattern.endsWith("*")))
  const beginnings = patterns.filter((pattern) => pattern.endsWith("*")).map((pattern) => pattern.slice(0, -1))
  return (model) => names.has(model) || beginnings.some((beginning) => model.startsWith(beginning))
}

/** Which bucket of a quota counts a call. */
const keyOf = (quota: Quota, matches: (model: string) => boolean): (call: Call) => string | undefined => {
  const { per = "model", workspace } = quota
  const isCounted = (call: Call): boolean => {
    if (workspace !== undefined && call.workspace !== workspace) return false
    if (call.model === undefined) return typeof per === "function" && quota.models === undefined
    return matches(call.model)
  }
  return (call) => {
    if (!isCounted(call)) return undefined
    if (typeof per === "function") return per(call)
    return per === "model" ? call.model : per === "workspace" ? `workspace ${call.workspace ?? ""}` : "account"
  }
}

const isAmount = (u: unknown): boolean => typeof u === "number" && u > 0 && u < Infinity

const millisOf = (u: unknown): number | undefined => {
  if (typeof u === "number") return undefined
  const millis = Option.map(Duration.decodeUnknown(u), Duration.toMillis)
  return Option.isSome(millis) && millis.value > 0 ? millis.value : undefined
}

const quotaNames: { readonly [K in keyof Required<Quota>]: true } = {
  models: true,
  workspace: true,
  per: true,
  requestsPerSecond: true,
  requestsPerMinute: true,
  tokensPerSecond: true,
  tokensPerMinute: true,
  concurrency: true,
  burst: true,
  headroom: true
}

const optionNames: { readonly [K in keyof Required<Options>]: true } = {
  quotas: true,
  account: true,
  store: true,
  maxWaiting: true,
  maxWait: true,
  outputTokens: true,
  pause: true,
  maxPause: true,
  lease: true
}

const notDuration = "not a duration above zero: write \"30 seconds\" or Duration.seconds(30)"

const unknownOf = (given: object, names: object, field: string): PlanProblem | undefined => {
  const name = Object.keys(given).find((name) => !(name in names))
  return name === undefined ? undefined : new PlanProblem(`${field}${name}`, "there is no such option")
}

const quotaProblem = (quota: Quota, field: string): PlanProblem | undefined => {
  const unknown = unknownOf(quota, quotaNames, `${field}.`)
  if (unknown !== undefined) return unknown
  const amounts = [...rates.map(([name]) => name), "concurrency"] as const
  for (const name of amounts) {
    if (quota[name] !== undefined && !isAmount(quota[name])) {
      return new PlanProblem(`${field}.${name}`, "must be a number above 0")
    }
  }
  if (amounts.every((name) => quota[name] === undefined)) {
    return new PlanProblem(field, `has no limit: say one of ${amounts.join(", ")}`)
  }
  if (quota.concurrency !== undefined && !Number.isInteger(quota.concurrency)) {
    return new PlanProblem(`${field}.concurrency`, "must be a whole number")
  }
  const burst = quota.burst === undefined ? second : millisOf(quota.burst)
  if (burst === undefined || burst > minute / 2) {
    return new PlanProblem(`${field}.burst`, "must be a duration of at most 30 seconds")
  }
  const { headroom = 0, per } = quota
  if (!(headroom >= 0 && headroom < 1)) return new PlanProblem(`${field}.headroom`, "must be from 0 to below 1")
  return per === undefined || typeof per === "function" || per === "model" || per === "workspace" || per === "account"
    ? undefined
    : new PlanProblem(`${field}.per`, "must be \"model\", \"workspace\", \"account\" or a function")
}

const durations = ["maxWait", "pause", "maxPause", "lease"] as const

const optionsProblem = (options: Options): PlanProblem | undefined => {
  const unknown = unknownOf(options, optionNames, "rateLimit.")
  if (unknown !== undefined) return unknown
  const given: unknown = options.quotas
  if (!Array.isArray(given) || given.length === 0) {
    return new PlanProblem("rateLimit.quotas", "must be a list of at least one quota")
  }
  for (const [index, quota] of options.quotas.entries()) {
    const problem = quotaProblem(quota, `rateLimit.quotas[${index}]`)
    if (problem !== undefined) return problem
  }
  for (const name of durations) {
    if (options[name] !== undefined && millisOf(options[name]) === undefined) {
      return new PlanProblem(`rateLimit.${name}`, notDuration)
    }
  }
  const { maxWaiting = 0, outputTokens = 0 } = options
  if (!(Number.isInteger(maxWaiting) && maxWaiting >= 0)) {
    return new PlanProblem("rateLimit.maxWaiting", "must be a whole number from 0")
  }
  return outputTokens >= 0 ? undefined : new PlanProblem("rateLimit.outputTokens", "must be a number from 0")
}

/** @internal */
export const make = (options: Options): Plan | PlanProblem => {
  const problem = optionsProblem(options)
  if (problem !== undefined) return problem
  const quotas = options.quotas.map((quota, index) => ({
    quota,
    index,
    burst: millisOf(quota.burst) ?? second,
    keyOf: keyOf(quota, matcherOf(quota.models))
  }))
  const groups = new Map<string, Group>()
  const find = (call: Call): Group | undefined => {
    const counting: Array<{ readonly at: number; readonly key: string }> = []
    for (let at = 0; at < quotas.length; at++) {
      const key = quotas[at]!.keyOf(call)
      if (key !== undefined) counting.push({ at, key })
    }
    if (counting.length === 0) return undefined
    const id = counting.map(({ at, key }) => `${at}/${key}`).join(" ")
    const known = groups.get(id)
    if (known !== undefined) return known
    const limits = counting.flatMap(({ at, key }) => limitsOf(quotas[at]!.quota, `${at}/${key}`, quotas[at]!.burst))
    const group: Group = {
      id,
      key: counting.map(({ key }) => key).join(" + "),
      limits,
      slots: counting.flatMap(({ at, key }) => {
        const { concurrency } = quotas[at]!.quota
        return concurrency === undefined ? [] : [{ key: `${at}/${key}/concurrency`, max: concurrency }]
      }),
      countsTokens: limits.some(({ unit }) => unit === "tokens")
    }
    groups.set(id, group)
    return group
  }
  // What a call belongs to follows from its model and workspace, where no function decides.
  const known = quotas.some(({ quota }) => typeof quota.per === "function")
    ? undefined
    : new Map<string | undefined, Map<string | undefined, Group | undefined>>()
  const groupOf = (call: Call): Group | undefined => {
    if (known === undefined) return find(call)
    let ofModel = known.get(call.model)
    if (ofModel === undefined) known.set(call.model, ofModel = new Map<string | undefined, Group | undefined>())
    const found = ofModel.get(call.workspace)
    if (found !== undefined || ofModel.has(call.workspace)) return found
    const group = find(call)
    ofModel.set(call.workspace, group)
    return group
  }
  return {
    account: options.account ?? "default",
    maxWaiting: options.maxWaiting ?? 10_000,
    maxWaitMillis: millisOf(options.maxWait) ?? Infinity,
    outputTokens: options.outputTokens ?? 500,
    pauseMillis: millisOf(options.pause) ?? second,
    maxPauseMillis: millisOf(options.maxPause) ?? minute,
    leaseMillis: millisOf(options.lease) ?? minute,
    groupOf,
    forget: ({ id }) => groups.delete(id)
  }
}
