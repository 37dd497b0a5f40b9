/** What a package of the Effect 4 line says of itself: versions, peers, engines. */
import { words } from "./words.js"

/** Packages of Effect 3 that are modules of `effect` in Effect 4, and one of ours that the line does not have. */
const gone = new Set([
  "@effect/ai",
  "@effect/cluster",
  "@effect/experimental",
  "@effect/platform",
  "@effect/rpc",
  "@effect/sql",
  "@effect/workflow",
  "effect-dashscope-bulk"
])

/** What else the line has in another version. */
const versions: Record<string, string> = {
  "@effect/vitest": "4.0.5",
  "@types/node": "^22.20.5",
  "vitest": "^5.1.1"
}

const peer: Record<string, string> = {
  "effect": ">=4.1.0 <5",
  "@effect/platform-node": ">=4.1.0 <5"
}

export const node = ">=22.19.0"

type Versions = Record<string, string>

const dependencies = (kind: string, given: Versions): Versions => {
  const kept = Object.entries(given).filter(([name]) => !gone.has(name))
  return Object.fromEntries(kept.map(([name, version]) => [
    name,
    kind === "peerDependencies" ? peer[name] ?? version : versions[name] ?? version
  ]))
}

const kinds = new Set(["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"])

/** 0.1.0 and 1.0.0 are of one source, 0.2.0 and 1.1.0, and so on. */
export const version = (three: string): string =>
  three.replace(/^0\.(\d+)\./, (_, minor: string) => `1.${Number(minor) - 1}.`)

/** The line's releases are npm's `latest`. */
const published = ({ tag: _, ...config }: Readonly<Record<string, unknown>>) => config

/** The manifest of a package of the Effect 3 line, for Effect 4. */
export const manifest = (text: string): string => {
  const given = JSON.parse(text) as Record<string, unknown>
  const changed = Object.fromEntries(
    Object.entries(given).map(([key, value]) => {
      if (kinds.has(key)) return [key, dependencies(key, value as Versions)]
      if (key === "version" && given.private !== true) return [key, version(String(value))]
      if (key === "engines") return [key, { node }]
      if (key === "description" && typeof value === "string") return [key, words(value)]
      if (key === "publishConfig") return [key, published(value as Readonly<Record<string, unknown>>)]
      return [key, value]
    })
  )
  return `${JSON.stringify(changed, null, 2)}\n`
}

/** The notes of its releases, under the versions of the line. */
export const changelog = (text: string): string =>
  words(text.replaceAll(/^(##+ )(0\.\S+)$/gm, (_, mark: string, three: string) => mark + version(three)))
