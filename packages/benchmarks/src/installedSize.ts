import * as Schema from "effect/Schema"
import { existsSync } from "node:fs"
import { lstat, readdir, readFile, realpath } from "node:fs/promises"
import { dirname, join } from "node:path"
import type { Numbers } from "./task.js"

const Dependencies = Schema.optionalWith(Schema.Record({ key: Schema.String, value: Schema.Unknown }), {
  default: () => ({})
})

const decodeManifest = Schema.decodeUnknownSync(Schema.parseJson(Schema.Struct({
  dependencies: Dependencies,
  optionalDependencies: Dependencies,
  peerDependencies: Dependencies,
  peerDependenciesMeta: Schema.optionalWith(
    Schema.Record({ key: Schema.String, value: Schema.Struct({ optional: Schema.optional(Schema.Boolean) }) }),
    { default: () => ({}) }
  )
})))

/** Where a package finds another, as Node looks for it. */
export const findPackage = async (name: string, from: string): Promise<string | undefined> => {
  for (let folder = from;; folder = dirname(folder)) {
    const found = join(folder, "node_modules", name)
    if (existsSync(join(found, "package.json"))) return realpath(found)
    if (folder === dirname(folder)) return undefined
  }
}

const bytesOf = async (folder: string): Promise<number> => {
  let bytes = 0
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    // What is in there is counted as packages of their own.
    if (entry.isDirectory()) bytes += entry.name === "node_modules" ? 0 : await bytesOf(path)
    else if (entry.isFile()) bytes += (await lstat(path)).size
  }
  return bytes
}

/**
 * The bytes of packages, of all that they depend on and of the peers that they need, each counted once. An optional
 * dependency counts if it is there.
 */
export const installedSize = async (names: ReadonlyArray<string>, from: string): Promise<Numbers> => {
  const seen = new Set<string>()
  let bytes = 0
  const visit = async (name: string, from: string, isRequired: boolean): Promise<void> => {
    const folder = await findPackage(name, from)
    if (folder === undefined) {
      if (isRequired) throw new Error(`${name} is not installed (looked from ${from})`)
      return
    }
    if (seen.has(folder)) return
    seen.add(folder)
    bytes += await bytesOf(folder)
    const manifest = decodeManifest(await readFile(join(folder, "package.json"), "utf8"))
    for (const dependency of Object.keys(manifest.dependencies)) {
      await visit(dependency, folder, manifest.optionalDependencies[dependency] === undefined)
    }
    for (const dependency of Object.keys(manifest.optionalDependencies)) await visit(dependency, folder, false)
    for (const peer of Object.keys(manifest.peerDependencies)) {
      if (manifest.peerDependenciesMeta[peer]?.optional !== true) await visit(peer, folder, true)
    }
  }
  for (const name of names) await visit(name, from, true)
  return { bytes, packages: seen.size }
}

/** The version of a package as a folder finds it. */
export const versionOf = async (name: string, from: string): Promise<string | undefined> => {
  const folder = await findPackage(name, from)
  return folder === undefined
    ? undefined
    : decodeVersion(await readFile(join(folder, "package.json"), "utf8")).version
}

const decodeVersion = Schema.decodeUnknownSync(Schema.parseJson(Schema.Struct({ version: Schema.String })))
