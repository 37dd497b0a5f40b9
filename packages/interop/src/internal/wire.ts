/** Our client's requests beside those of the official SDKs. */
import type { RecordedRequest } from "effect-dashscope-simulator"
import { Simulator } from "effect-dashscope-simulator"
import * as Cause from "effect/Cause"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import type { Check } from "./checks.js"
import { failed, passed } from "./checks.js"
import type { Compared } from "./compared.js"
import { compared, nameOf } from "./compared.js"
import type { Difference, Listed } from "./differences.js"
import { differences, find, isOfSdk, matches } from "./differences.js"
import { withMessages } from "./messages.js"

/** Requests by the name of their case, in the order in which they were sent. */
export type Requests = ReadonlyMap<string, ReadonlyArray<RecordedRequest.RecordedRequest>>

/** Those of the cases among all that a program sent. */
export const requestsOf = (recorded: ReadonlyArray<RecordedRequest.RecordedRequest>): Requests => {
  const requests = new Map<string, Array<RecordedRequest.RecordedRequest>>()
  for (const request of recorded) {
    const name = nameOf(request.headers.authorization, request.body)
    if (name === undefined) continue
    const before = requests.get(name)
    if (before === undefined) requests.set(name, [request])
    else before.push(request)
  }
  return requests
}

const send = (one: Compared, url: string, folder: string) =>
  Effect.suspend(() => one.send(url, folder)).pipe(
    Effect.as(passed(`request ${one.name}: accepted`)),
    // Defects too, so that one does not take the rest with it.
    Effect.catchAllCause((cause) => Effect.succeed(failed(`request ${one.name}: accepted`, Cause.pretty(cause))))
  )

/** Our client's requests, each with a client of its own as a user makes it. */
export const ours = (folder: string) =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make()
    const checks = yield* Effect.forEach(compared, (one) => send(one, simulator.url, folder))
    return { checks, requests: requestsOf(withMessages(yield* simulator.requests, yield* simulator.messages)) }
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

/** Each case that the SDK has is a check: all differences of its requests are listed. */
export const compare = (
  sdk: string,
  ours: Requests,
  theirs: Requests,
  rows: ReadonlyArray<Listed>
): Comparison => {
  const found: Array<Found> = []
  const checks = compared.filter(({ sdks }) => sdks.has(sdk)).map((one): Check => {
    const [left = [], right = []] = [ours.get(one.name), theirs.get(one.name)]
    if (left.length === 0 || left.length !== right.length) {
      return failed(one.name, `${left.length} of ours arrived, and ${right.length} of the SDK's`)
    }
    const here = left.flatMap((request, i) => {
      const other = right[i]
      return other === undefined ? [] : differences(request, other)
    }).map((difference) => ({
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
    const compared = sdks.filter((sdk) => isOfSdk(row, sdk))
    if (compared.length === 0) return []
    const of = found.filter(({ listed }) => listed === row)
    const missing = [
      ...compared.filter((sdk) => !of.some((one) => one.sdk === sdk)),
      ...row.cases.filter((pattern) => !groups.has(pattern) && !of.some((one) => matches(pattern, one.case)))
    ]
    const name = `${row.where}, ours ${shown(row.ours)}, theirs ${shown(row.theirs)}`
    return [missing.length === 0 ? passed(name) : failed(name, `listed, but not seen: ${missing.join(", ")}`)]
  })
