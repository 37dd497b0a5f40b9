import { didYouMean } from "effect-http-pool/Names"
import * as Duration from "effect/Duration"
import type * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import type { Options, StreamOptions } from "../../CallOptions.js"
import type { InputRequired } from "../../DashScopeError.js"
import type * as Retry from "../../Retry.js"
import { isRecord } from "../core/record.js"
import { invalid } from "./invalid.js"

/** What is wrong, or nothing. */
type Problem = Either.Either<never, InputRequired> | undefined

type Names = Readonly<Record<string, true>>

/** Without a prototype, so that no name is found that was not written here. */
const namesOf = <A extends object>(names: { readonly [K in keyof Required<A>]: true }): Names =>
  Object.assign(Object.create(null) as Record<string, true>, names)

const ofCall = namesOf<StreamOptions>({
  apiKey: true,
  timeout: true,
  firstContentTimeout: true,
  contentTimeout: true,
  maxEventBytes: true,
  headers: true,
  workspace: true,
  dataInspection: true,
  retry: true,
  waitTimeout: true,
  priority: true,
  isContent: true,
  isComplete: true,
  onEndMark: true
})

const ofLayer = namesOf<Options>({
  apiKey: true,
  apiKeyFile: true,
  endpoint: true,
  timeout: true,
  firstContentTimeout: true,
  contentTimeout: true,
  headers: true,
  workspace: true,
  dataInspection: true,
  retry: true,
  waitTimeout: true,
  rateLimit: true,
  userAgent: true,
  transformClient: true
})

const ofRetry = namesOf<Retry.Options>({
  maxRetries: true,
  baseDelay: true,
  maxDelay: true,
  maxRetryAfter: true,
  maxRateLimitWait: true,
  budget: true
})

/** An option that does not exist would be left out without a word. */
const unknownName = (options: object, names: Names): Problem => {
  for (const name in options) {
    if (!(name in names)) return invalid(name, `there is no such option${didYouMean(name, Object.keys(names))}`)
  }
  return undefined
}

const isCount = (u: unknown): boolean => typeof u === "number" && u >= 0

const isDuration = (u: unknown): boolean =>
  Option.exists(Duration.decodeUnknown(u), (duration) => Duration.toMillis(duration) >= 0)

/** What is wrong with a policy of retries. */
const retryProblem = (policy: unknown): Problem => {
  if (policy === undefined || policy === false || Schedule.isSchedule(policy)) return undefined
  if (!isRecord(policy)) return invalid("retry", "must be options, a Schedule, or false for no retries")
  const unknown = unknownName(policy, ofRetry)
  if (unknown !== undefined) return unknown
  for (const name of ["maxRetries", "budget"]) {
    if (policy[name] !== undefined && !isCount(policy[name])) return invalid(`retry.${name}`, "must be a number from 0")
  }
  for (const name of ["baseDelay", "maxDelay", "maxRetryAfter", "maxRateLimitWait"]) {
    if (policy[name] !== undefined && !isDuration(policy[name])) {
      return invalid(`retry.${name}`, "not a duration: write \"30 seconds\" or Duration.seconds(30)")
    }
  }
  return undefined
}

/** What is wrong with the options that a layer and a call have in common: callers without types may give anything. */
const commonProblem = (options: Readonly<Record<string, unknown>>): Problem => {
  const { apiKey, dataInspection, headers, retry } = options
  if (apiKey !== undefined && apiKey !== null && typeof apiKey !== "string" && !Redacted.isRedacted(apiKey)) {
    return invalid("apiKey", "must be a string or a Redacted")
  }
  if (dataInspection !== undefined && typeof dataInspection !== "boolean") {
    return invalid("dataInspection", "must be true or false")
  }
  if (headers !== undefined && !isRecord(headers)) return invalid("headers", "must be a record of strings by name")
  return retryProblem(retry)
}

/** What is wrong with the options of a call or a stream, or nothing. @internal */
export const callProblem = (options: unknown): Problem => {
  if (!isRecord(options)) return invalid("options", "must be a record of options")
  const unknown = unknownName(options, ofCall)
  if (unknown !== undefined) return unknown
  const { maxEventBytes, priority } = options
  if (priority !== undefined && priority !== "interactive" && priority !== "batch") {
    return invalid("priority", "must be \"interactive\" or \"batch\"")
  }
  if (maxEventBytes !== undefined && !(typeof maxEventBytes === "number" && maxEventBytes > 0)) {
    return invalid("maxEventBytes", "must be a number of bytes above 0")
  }
  for (const name of ["isContent", "isComplete", "onEndMark"]) {
    if (options[name] !== undefined && typeof options[name] !== "function") return invalid(name, "must be a function")
  }
  return commonProblem(options)
}

/** The rest of it is checked where the limiter is made. */
const rateLimitProblem = (u: unknown): Problem =>
  u === undefined || isRecord(u) ? undefined : invalid("rateLimit", "must be options or a limiter")

/** What is wrong with the options of a client, or nothing. @internal */
export const layerProblem = (options: unknown): Problem =>
  isRecord(options)
    ? unknownName(options, ofLayer) ?? rateLimitProblem(options["rateLimit"]) ?? commonProblem(options)
    : invalid("options", "must be a record of options")
