/** CPU profiles, and what can be said about one without a viewer. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { existsSync } from "node:fs"
import { mkdir, readFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { repository } from "./build.js"
import { BenchmarkFailed, messageOf } from "./failure.js"
import { table } from "./report/markdown.js"
import type { Results } from "./results.js"

/** What `.cpuprofile` files have that is used here. */
const Profile = Schema.Struct({
  nodes: Schema.Array(Schema.Struct({
    id: Schema.Number,
    callFrame: Schema.Struct({ functionName: Schema.String, url: Schema.String, lineNumber: Schema.Number })
  })),
  samples: Schema.Array(Schema.Number),
  timeDeltas: Schema.Array(Schema.Number)
})

export type Profile = typeof Profile.Type

const decodeProfile = Schema.decodeUnknownSync(Schema.parseJson(Profile))

/** Where the profile of a client and measure goes. */
export const profileFile = (folder: string, client: string, measure: string): string =>
  join(resolve(repository, folder), `${client}.${measure}.cpuprofile`)

export const prepareProfiles = (folder: string): Effect.Effect<void, BenchmarkFailed> =>
  Effect.tryPromise({
    try: () => mkdir(resolve(repository, folder), { recursive: true }),
    catch: (cause) => new BenchmarkFailed({ message: `cannot make the folder of the profiles: ${messageOf(cause)}` })
  }).pipe(Effect.asVoid)

/** The package that a module belongs to: the last one in its path. */
export const ownerOf = (functionName: string, url: string): string => {
  if (url === "") return functionName.startsWith("(") ? functionName : "(native)"
  if (url.startsWith("node:")) return "node"
  const inPackage = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)
  return inPackage?.[1] ?? "benchmark"
}

interface Share {
  readonly name: string
  readonly owner: string
  readonly place: string
  readonly micros: number
}

/** Self time by function, the most expensive first; idle time is left out. */
export const selfTimes = (profile: Profile): ReadonlyArray<Share> => {
  const frames = new Map(profile.nodes.map(({ callFrame, id }) => [id, callFrame]))
  const shares = new Map<string, Share>()
  profile.samples.forEach((id, i) => {
    const frame = frames.get(id)
    // Before the first sample the profiler itself starts.
    if (i === 0 || frame === undefined || frame.functionName === "(idle)" || frame.functionName === "(program)") return
    const { functionName, lineNumber, url } = frame
    const key = `${functionName} ${url} ${lineNumber}`
    const before = shares.get(key)
    shares.set(key, {
      name: functionName === "" ? "(anonymous)" : functionName,
      owner: ownerOf(functionName, url),
      place: url === "" ? "" : `${url.split("/").slice(-2).join("/")}:${lineNumber + 1}`,
      // A delta is the time before its sample, which is near enough.
      micros: (before?.micros ?? 0) + (profile.timeDeltas[i] ?? 0)
    })
  })
  return [...shares.values()].sort((a, b) => b.micros - a.micros)
}

const percent = (part: number, whole: number): string => `${(100 * part / whole).toFixed(1)} %`

const mostExpensive = 30

/** The most expensive functions of a profile, and how the time falls to packages. */
export const describeProfile = (profile: Profile): string => {
  const shares = selfTimes(profile)
  const whole = shares.reduce((sum, { micros }) => sum + micros, 0)
  const owners = new Map<string, number>()
  for (const { micros, owner } of shares) owners.set(owner, (owners.get(owner) ?? 0) + micros)
  const byOwner = [...owners].sort(([, a], [, b]) => b - a)
  return [
    table(["package", "self"], byOwner.map(([owner, micros]) => [owner, percent(micros, whole)])),
    "",
    table(
      ["function", "package", "place", "self"],
      shares.slice(0, mostExpensive).map((
        { micros, name, owner, place }
      ) => [name, owner, place, percent(micros, whole)]),
      (column) => column === 3
    )
  ].join("\n")
}

/** A text about each profile of a run. */
export const summarizeProfiles = (folder: string, results: Results): Effect.Effect<string, BenchmarkFailed> =>
  Effect.tryPromise({
    try: async () => {
      const texts: Array<string> = []
      for (const { client, measure } of results.samples) {
        const file = profileFile(folder, client, measure)
        if (!existsSync(file)) continue
        texts.push(`\n${file}\n\n${describeProfile(decodeProfile(await readFile(file, "utf8")))}`)
      }
      return texts.join("\n")
    },
    catch: (cause) => new BenchmarkFailed({ message: `cannot read the profiles: ${messageOf(cause)}` })
  })
