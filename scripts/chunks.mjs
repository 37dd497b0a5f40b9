// A step of the build: what is loaded together becomes one file.
//
// Node spends most of a millisecond on each file that it loads, whatever is in it, and the packages have hundreds.
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { join, posix } from "node:path"
import { rollup } from "rollup"

/** Where the files go; what is in a folder of that name cannot be imported from outside. */
const place = "internal/chunk"

const modulesOf = (dist) =>
  readdirSync(dist, { recursive: true })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".js"))
    .map((file) => file.slice(0, -".js".length))

const isInternal = (module) => /^(?:internal|promise)\//.test(module)

/** A barrel stays what it is: as a part of a chunk, its names would be objects, of which a bundler can drop nothing. */
const isBarrel = (module) => /(?:^|\/)index$/.test(module)

/** What a barrel loads and exports nothing of, which is to be the first that is loaded. */
const leftBeside = (dist, barrel) =>
  Array.from(
    readFileSync(join(dist, `${barrel}.js`), "utf8").matchAll(/^export \{\} from "(\.[^"]+)\.js"/gm),
    ([, path]) => posix.join(posix.dirname(barrel), path)
  )

const entryPrefix = "\0entry:"

/**
 * What a public module's file is made of: a module that exports what it exports, and is in no chunk. Otherwise a chunk with two
 * public modules may become the file of one of them, and export more than that one does.
 *
 * The compiler's source maps lead on to the sources.
 */
const compiledModules = {
  name: "compiled-modules",
  resolveId: (id) => id.startsWith(entryPrefix) ? id : undefined,
  load: (id) => {
    if (id.startsWith(entryPrefix)) return `export * from ${JSON.stringify(id.slice(entryPrefix.length))}`
    const map = `${id}.map`
    return {
      code: readFileSync(id, "utf8").replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n"),
      map: existsSync(map) ? JSON.parse(readFileSync(map, "utf8")) : undefined
    }
  }
}

/** Which group a module is of: the first that one of whose roots loads it, directly or not. */
const grouping = (dist, groups) => {
  let groupOf
  const assign = (getModuleInfo) => {
    groupOf = new Map()
    const visit = (id, group) => {
      const module = getModuleInfo(id)
      if (module === null || module.isExternal || groupOf.has(id)) return
      groupOf.set(id, group)
      for (const imported of module.importedIds) visit(imported, group)
    }
    for (const [group, roots] of Object.entries(groups)) {
      for (const root of roots) visit(join(dist, `${root}.js`), group)
    }
  }
  return (id, { getModuleInfo }) => {
    if (groupOf === undefined) assign(getModuleInfo)
    return groupOf.get(id)
  }
}

/**
 * Joins the compiled modules of a folder. Each public module keeps its file, which exports from a chunk what it exported
 * before; the files of internal modules go. Nothing is minified, and nothing exists twice.
 *
 * `groups` has public modules by the names of chunks: a chunk is what they load and no chunk before it has. What is in
 * none of them stays with the public module that loads it.
 */
export const joinModules = async (dist, groups) => {
  const modules = modulesOf(dist)
  const isPublic = (module) => !isInternal(module) && !isBarrel(module)
  for (const root of Object.values(groups).flat()) {
    if (!modules.includes(root)) throw new Error(`${dist} has no module ${root}`)
  }
  const bundle = await rollup({
    input: Object.fromEntries(
      modules.filter(isPublic).map((module) => [module, entryPrefix + join(dist, `${module}.js`)])
    ),
    external: (id) => !/^[./\0]/.test(id),
    plugins: [compiledModules],
    // The packages say so of themselves.
    treeshake: { moduleSideEffects: false },
    preserveEntrySignatures: "strict",
    onwarn: (warning) => {
      // A module of types only.
      if (warning.code !== "EMPTY_BUNDLE") throw new Error(warning.message)
    }
  })
  try {
    // Before anything is written, since a chunk may have the name of a module.
    const barrels = modules.filter(isBarrel)
    const left = new Set([...barrels, ...barrels.flatMap((barrel) => leftBeside(dist, barrel))])
    for (const module of modules) {
      if (left.has(module)) continue
      for (const end of [".js", ".js.map"]) rmSync(join(dist, module + end), { force: true })
    }
    const { output } = await bundle.write({
      dir: dist,
      format: "es",
      entryFileNames: "[name].js",
      chunkFileNames: `${place}/[name].js`,
      manualChunks: grouping(dist, groups),
      hoistTransitiveImports: false,
      minifyInternalExports: false,
      sourcemap: true,
      sourcemapExcludeSources: true
    })
    return output.filter(({ type }) => type === "chunk").map(({ fileName }) => fileName)
  } finally {
    await bundle.close()
  }
}

/** The groups of each package, by its folder. What its programs load is what stands first. */
export const groups = {
  // The client's modules that run without Node take of the pool what does so too.
  pool: {
    data: ["Beneath", "ConnectionError", "Deadline", "Names", "Replay", "WebSocketError"],
    pool: ["ConnectionConfig", "HttpClient"]
  },
  // A program of one service over another HTTP client does without the others.
  client: {
    core: ["DashScopeClient", "Generation"],
    services: ["neutral/DashScope"]
  }
}
