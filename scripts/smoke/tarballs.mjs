// The tarballs that would be published: how they are made, and what they hold.
import { readdirSync, readFileSync } from "node:fs"
import { basename, join, posix } from "node:path"
import { groups } from "../chunks.mjs"
import { check, readJson, run } from "./process.mjs"

// Capitalised files are the public modules; the others beside them are barrels and commands.
const isModule = (source) => /^[A-Z]\w*\.ts$/.test(source)

export const pack = async (folder, pnpm, destination) => {
  const files = readdirSync(join(folder, "src"), { recursive: true })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts"))
  const isDeclaration = (file) => file.endsWith(".d.ts")
  const sources = files.filter((file) => !isDeclaration(file))
  const { stdout } = await run("npx", ["--yes", pnpm, "pack", "--json", "--pack-destination", destination], {
    cwd: folder
  })
  // Before it come the lines of the package's own scripts.
  const packed = JSON.parse(stdout.slice(stdout.indexOf("\n{") + 1))
  return {
    folder,
    sources,
    declarations: files.filter(isDeclaration),
    name: packed.name,
    tarball: packed.filename,
    files: packed.files.map(({ path }) => path),
    modules: sources.filter(isModule).map((source) => source.slice(0, -".ts".length)).sort()
  }
}

/** Another client would pack a manifest that cannot be installed. */
export const checkRefusal = async ({ folder, name }) => {
  const { code, output } = await run("npm", ["pack", "--dry-run"], { cwd: folder, mayFail: true })
  check(
    code !== 0 && output.includes(`${name} can only be packed and published with pnpm`),
    `${name}: npm pack ended with ${code}\n${output}`
  )
}

/** The code of a package whose modules were joined: its public modules, what its barrel loads first, and the chunks. */
const isJoined = (folder, source) =>
  groups[basename(folder)] !== undefined && /^(?:internal|promise)\//.test(source) &&
  !readFileSync(join(folder, "src", "index.ts"), "utf8").includes(
    `export {} from "./${source.replace(/\.ts$/, ".js")}"`
  )

/** Code, types and maps of every source, the sources for the maps, and the pages; and nothing else. */
export const checkContents = ({ declarations, files, folder, name, sources }) => {
  const expected = ["package.json", "README.md", "AGENTS.md", "CHANGELOG.md", "LICENSE"]
  expected.push(...declarations.map((file) => `src/${file}`))
  const code = Object.keys(groups[basename(folder)] ?? {}).map((group) => `dist/internal/chunk/${group}`)
  for (const source of sources) {
    const compiled = `dist/${source.slice(0, -".ts".length)}`
    expected.push(`src/${source}`, `${compiled}.d.ts`, `${compiled}.d.ts.map`)
    if (!isJoined(folder, source)) code.push(compiled)
  }
  for (const file of code) expected.push(`${file}.js`, `${file}.js.map`)
  const missing = expected.filter((file) => !files.includes(file))
  const surplus = files.filter((file) => !expected.includes(file))
  check(missing.length === 0, `${name}: the tarball lacks ${missing.join(", ")}`)
  check(surplus.length === 0, `${name}: the tarball should not hold ${surplus.join(", ")}`)
  const tests = files.filter((file) => /\btests?\b/i.test(file))
  check(tests.length === 0, `${name}: tests are not for users: ${tests.join(", ")}`)
}

const targetsOf = (exported) =>
  typeof exported === "string" ? [exported] : Object.values(exported ?? {}).flatMap(targetsOf)

/** What the manifest and the maps name is in the package, and no range is left that only the workspace knows. */
export const checkReferences = ({ files, name }, folder) => {
  const manifest = readJson(folder, "package.json")
  for (const [dependency, range] of Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies })) {
    check(!/^(?:workspace|catalog|link|file):/.test(range), `${name}: it depends on ${dependency} "${range}"`)
  }
  check(manifest.scripts?.prepack === undefined, `${name}: a script of the repository is in the manifest`)
  for (const target of [...targetsOf(manifest.exports), ...targetsOf(manifest.bin)]) {
    if (target.includes("*")) continue
    check(files.includes(posix.normalize(target)), `${name}: the manifest names ${target}, which is not there`)
  }
  for (const map of files.filter((file) => file.endsWith(".map"))) {
    for (const source of readJson(folder, map).sources) {
      const target = posix.join(posix.dirname(map), source)
      check(files.includes(target), `${name}: ${map} leads to ${target}, which is not there`)
    }
  }
}

/** What publint and "Are the types wrong?" find; CommonJS gets at the package where Node can require ESM. */
export const checkManifest = async ({ name, tarball }, root) => {
  const bin = (command) => join(root, "node_modules", ".bin", command)
  const publint = await run(bin("publint"), ["run", tarball, "--strict"], { mayFail: true })
  check(publint.code === 0, `${name}: publint\n${publint.output}`)
  const attw = await run(bin("attw"), [tarball, "--profile", "esm-only", "--format", "ascii"], { mayFail: true })
  check(attw.code === 0, `${name}: attw\n${attw.output}`)
}

/** The peers that are not ours, with their ranges; of those that are optional a user takes one, by the page. */
const foreignPeers = (folder) => {
  const { peerDependencies, peerDependenciesMeta = {} } = readJson(folder, "package.json")
  return Object.entries(peerDependencies).filter(([peer, range]) =>
    !range.startsWith("workspace:") && peerDependenciesMeta[peer]?.optional !== true
  )
}

export const peersOf = (folders) => new Set(folders.flatMap(foreignPeers).map(([peer]) => peer))

/** The lowest version of each peer's range: what the range promises. */
export const oldestPeers = (folders) => {
  const oldest = new Map()
  for (const folder of folders) {
    for (const [peer, range] of foreignPeers(folder)) {
      const lowest = /^(?:>=|\^)(\d+\.\d+\.\d+)\b/.exec(range)?.[1]
      check(lowest !== undefined, `the range of the peer ${peer} does not begin with its lowest version: ${range}`)
      check((oldest.get(peer) ?? lowest) === lowest, `the packages begin at different versions of ${peer}`)
      oldest.set(peer, lowest)
    }
  }
  return oldest
}
