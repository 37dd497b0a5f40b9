/** Our client's requests beside those of the official SDKs. */
import { DashScope, Generation } from "effect-dashscope"
import type { RecordedRequest } from "effect-dashscope-simulator"
import { Simulator } from "effect-dashscope-simulator"
import * as Cause from "effect/Cause"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Case } from "./cases.js"
import { cases, keyOf } from "./cases.js"
import type { Check } from "./checks.js"
import { failed, passed } from "./checks.js"
import type { Difference, Listed } from "./differences.js"
import { differences, find } from "./differences.js"

/** Requests by the name of their case. */
export type Requests = ReadonlyMap<string, RecordedRequest.RecordedRequest>

/** Those of the cases among all that a program sent. */
export const requestsOf = (recorded: ReadonlyArray<RecordedRequest.RecordedRequest>): Requests => {
  const names = new Map(cases.map((one) => [`Bearer ${keyOf(one)}`, one.name]))
  return new Map(recorded.flatMap((request) => {
    const { authorization } = request.headers
    const name = typeof authorization === "string" ? names.get(authorization) : undefined
    return name === undefined ? [] : [[name, request] as const]
  }))
}

const send = (one: Case, url: string) => {
  const options = { ...one.options, apiKey: keyOf(one) }
  const sent = one.stream
    ? Stream.runDrain(Generation.stream(one.params, options))
    : Generation.call(one.params, options)
  return sent.pipe(
    Effect.as(passed(`request ${one.name}: accepted`)),
    Effect.provide(DashScope.layer({ endpoint: url + (one.endpoint ?? "") })),
    // Defects too, so that one does not take the rest with it.
    Effect.catchAllCause((cause) => Effect.succeed(failed(`request ${one.name}: accepted`, Cause.pretty(cause))))
  )
}

/** Our client's requests, each with a client of its own as a user makes it. */
export const ours = Effect.gen(function*() {
  const simulator = yield* Simulator.make()
  const checks = yield* Effect.forEach(cases, (one) => send(one, simulator.url))
  return { checks, requests: requestsOf(yield* simulator.requests) }
}).pipe(
  // What the environment says, the programs in the other languages do not see it either.
  Effect.withConfigProvider(ConfigProvider.fromMap(new Map())),
  Effect.scoped
)

/** A difference that was found, where it was found, and the row that allows it. */
export interface Found extends Difference {
  readonly sdk: string
  readonly case: string
  readonly listed: Listed | undefined
}

export interface Comparison {
  readonly checks: ReadonlyArray<Check>
  readonly found: ReadonlyArray<Found>
}

const shown = (text: string | undefined): string => text ?? "nothing"

/** Each case is a check: all its differences are listed. */
export const compare = (
  sdk: string,
  ours: Requests,
  theirs: Requests,
  rows: ReadonlyArray<Listed>
): Comparison => {
  const found: Array<Found> = []
  const checks = cases.map((one): Check => {
    const [left, right] = [ours.get(one.name), theirs.get(one.name)]
    if (left === undefined || right === undefined) {
      return failed(one.name, `${left === undefined ? "ours" : "the SDK's"} did not arrive`)
    }
    const here = differences(left, right).map((difference) => ({
      ...difference,
      sdk,
      case: one.name,
      listed: find(rows, difference, { sdk, case: one.name, stream: one.stream })
    }))
    found.push(...here)
    const unlisted = here.filter(({ listed }) => listed === undefined)
    return unlisted.length === 0
      ? passed(one.name)
      : failed(
        one.name,
        unlisted.map(({ ours, theirs, where }) => `${where}: ours ${shown(ours)}, theirs ${shown(theirs)}`).join("; ")
      )
  })
  return { checks, found }
}

const groups: ReadonlySet<string> = new Set(["all", "calls", "streams"])

/** Each listed difference is a check: it is still there, with every SDK and in every case that it names. */
export const checkListed = (
  rows: ReadonlyArray<Listed>,
  found: ReadonlyArray<Found>,
  sdks: ReadonlyArray<string>
): ReadonlyArray<Check> =>
  rows.flatMap((row): ReadonlyArray<Check> => {
    const compared = row.sdks.includes("all") ? sdks : row.sdks.filter((sdk) => sdks.includes(sdk))
    if (compared.length === 0) return []
    const of = found.filter(({ listed }) => listed === row)
    const missing = [
      ...compared.filter((sdk) => !of.some((one) => one.sdk === sdk)),
      ...row.cases.filter((name) => !groups.has(name) && !of.some((one) => one.case === name))
    ]
    const name = `${row.where}, ours ${shown(row.ours)}, theirs ${shown(row.theirs)}`
    return [missing.length === 0 ? passed(name) : failed(name, `listed, but not seen: ${missing.join(", ")}`)]
  })
