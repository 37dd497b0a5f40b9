/**
 * Compiles the client and the workers into plain JavaScript, and lays the client out as npm would install it.
 *
 * What is measured has to be what users run: a loader that compiles on the fly takes part in every import, and wraps every
 * named function. It also makes one run measure one state of the sources, also where somebody edits them meanwhile.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { existsSync } from "node:fs"
import { cp, mkdir, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"
import { annotatePure } from "../../../scripts/annotate-pure.mjs"
import { groups, joinModules } from "../../../scripts/chunks.mjs"
import { BenchmarkFailed, messageOf } from "./failure.js"

const here = join(dirname(fileURLToPath(import.meta.url)), "..")

/** The package of the benchmarks, and what is made in it and kept by nobody. */
export const packageFolder = here
export const repository = join(here, "..", "..")
export const scratchFolder = join(here, "dist")

/** A compiled client, and the workers that use it. */
export interface Programs {
  readonly folder: string
  /** The compiled library, as a folder that a program can have in its `node_modules`. */
  readonly library: string
  readonly worker: string
  readonly importTime: string
}

export interface Build extends Programs {
  readonly server: string
  readonly modulesLoaded: string
}

const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
  isolatedModules: true
}

const AnyRecord = Schema.Record({ key: Schema.String, value: Schema.Unknown })
const decodeManifest = Schema.decodeUnknownSync(
  Schema.parseJson(Schema.Struct({ publishConfig: AnyRecord }, AnyRecord))
)

/** What a file's text is made before it is compiled. */
type Change = (text: string, file: string) => string

const compileFile = async (from: string, to: string, change: Change) => {
  const { diagnostics, outputText } = ts.transpileModule(change(await readFile(from, "utf8"), from), {
    compilerOptions,
    fileName: from,
    reportDiagnostics: true,
    transformers: { after: [annotatePure] }
  })
  const [first] = diagnostics ?? []
  if (first !== undefined) throw new Error(`${from}: ${ts.flattenDiagnosticMessageText(first.messageText, "\n")}`)
  await mkdir(dirname(to), { recursive: true })
  await writeFile(to, outputText)
}

const asItIs: Change = (text) => text

const compileFolder = async (from: string, to: string, change = asItIs) => {
  for (const file of await readdir(from, { recursive: true })) {
    if (file.endsWith(".ts") && !file.endsWith(".d.ts")) {
      await compileFile(join(from, file), join(to, file.replace(/\.ts$/, ".js")), change)
    }
  }
}

/** The packages that a program has when it installs the library. */
const packages = { client: "effect-dashscope", pool: "effect-http-pool", ai: "effect-dashscope-ai" } as const

/** Those that observe, and that a program of the client has. */
const { ai: _, ...observing } = packages

const installPackage = async (source: string, destination: string) => {
  await compileFolder(join(source, "src"), join(destination, "dist"))
  await cp(join(source, "src"), join(destination, "src"), { recursive: true })
  const { publishConfig, ...manifest } = decodeManifest(await readFile(join(source, "package.json"), "utf8"))
  await writeFile(join(destination, "package.json"), JSON.stringify({ ...manifest, ...publishConfig }, undefined, 2))
}

/** As it is published. */
const joinPackage = async (source: string, destination: string) => {
  const ofPackage = groups[source]
  if (ofPackage !== undefined) await joinModules(join(destination, "dist"), ofPackage)
}

const programsOf = (folder: string): Programs => ({
  folder,
  library: join(folder, "node_modules", packages.client),
  worker: join(folder, "src", "worker", "main.js"),
  importTime: join(folder, "src", "worker", "importTime.js")
})

/** What a folder of installed packages has and another lacks. */
const linkInstalled = async (from: string, to: string): Promise<void> => {
  for (const name of await readdir(from)) {
    if (name.startsWith(".") || existsSync(join(to, name))) continue
    if (name.startsWith("@")) {
      await mkdir(join(to, name))
      await linkInstalled(join(from, name), join(to, name))
    } else await symlink(await realpath(join(from, name)), join(to, name))
  }
}

const suffix = "-unobserved"

/** What takes the place of a module imports others from the source, and then from where it stands. */
const inItsPlace = (source: string): Change => (text) =>
  text.replaceAll(new RegExp(`"(?:\\.\\./){4}((?:\\.\\./)*)${source}/src/`, "g"), "\"$1")

const renameImports = async (file: string, to = file) =>
  writeFile(to, (await readFile(file, "utf8")).replaceAll(/"(effect-dashscope|effect-http-pool)\//g, `"$1${suffix}/`))

/**
 * Second copies of the packages from which all observation has been taken out, and their worker: what observing costs while
 * nobody looks is the difference.
 */
const installUnobserved = async (modules: string, workers: string) => {
  for (const [source, name] of Object.entries(observing)) {
    const dist = join(modules, name + suffix, "dist")
    await cp(join(modules, name), join(modules, name + suffix), { recursive: true })
    await compileFolder(join(here, "src", "unobserved", source), dist, inItsPlace(source))
    for (const file of await readdir(dist, { recursive: true })) {
      if (file.endsWith(".js")) await renameImports(join(dist, file))
    }
    await joinPackage(source, join(modules, name + suffix))
  }
  await renameImports(
    join(workers, "clients", "effectDashscope.js"),
    join(workers, "clients", "effectDashscopeUnobserved.js")
  )
}

const compileWorkers = async (out: string, change = asItIs) => {
  await compileFolder(join(here, "src", "worker"), join(out, "worker"), change)
  for (const file of ["answers", "task"]) {
    await compileFile(join(here, "src", `${file}.ts`), join(out, `${file}.js`), change)
  }
}

const compile = async (folder: string): Promise<Build> => {
  const modules = join(folder, "node_modules")
  await rm(folder, { recursive: true, force: true })
  for (const [source, name] of Object.entries(packages)) {
    await installPackage(join(repository, "packages", source), join(modules, name))
  }
  const out = join(folder, "src")
  await compileWorkers(out)
  await installUnobserved(modules, join(out, "worker"))
  for (const [source, name] of Object.entries(packages)) await joinPackage(source, join(modules, name))
  await compileFolder(join(here, "src", "server"), join(out, "server"))
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }))
  return {
    ...programsOf(folder),
    server: join(out, "server", "main.js"),
    modulesLoaded: join(out, "worker", "modulesLoaded.js")
  }
}

/**
 * Compiles the client from another tree of its packages, with the workers that use it, into a folder that finds what that tree
 * has installed.
 */
export const compileFrom = async (tree: string, folder: string, change: Change): Promise<Programs> => {
  const modules = join(folder, "node_modules")
  for (const [source, name] of Object.entries(observing)) {
    await installPackage(join(tree, "packages", source), join(modules, name))
    await joinPackage(source, join(modules, name))
  }
  // After them, since they are among what is installed for each other.
  for (const source of Object.keys(observing)) {
    await linkInstalled(join(tree, "packages", source, "node_modules"), modules)
  }
  await compileWorkers(join(folder, "src"), change)
  return programsOf(folder)
}

/** Compiles into a folder of its own, which goes with the scope. */
export const build = (keep: boolean): Effect.Effect<Build, BenchmarkFailed, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.tryPromise({
      try: () => compile(join(scratchFolder, keep ? "kept" : `run-${process.pid}`)),
      catch: (cause) => new BenchmarkFailed({ message: `cannot compile: ${messageOf(cause)}` })
    }),
    ({ folder }) => keep ? Effect.void : Effect.promise(() => rm(folder, { recursive: true, force: true }))
  )

/**
 * The modules of other packages that a module of the compiled library loads, through whichever of its own: what a
 * program without the library would have to load to do the same.
 */
export const foreignImports = async (library: string, entries: ReadonlyArray<string>): Promise<Array<string>> => {
  const foreign = new Set<string>()
  const seen = new Set<string>()
  const visit = async (file: string): Promise<void> => {
    if (seen.has(file) || !existsSync(file)) return
    seen.add(file)
    // What is imported for its types only is gone from compiled code.
    const text = await readFile(file, "utf8")
    for (const { fileName, pos } of ts.preProcessFile(text).importedFiles) {
      // Loaded when it is used.
      if (/\bimport\(\s*$/.test(text.slice(Math.max(0, pos - 20), pos))) continue
      const [name, module] = fileName.split("/")
      if (fileName.startsWith(".")) await visit(join(dirname(file), fileName))
      else if (name === packages.pool) await visit(join(library, "..", packages.pool, "dist", `${module}.js`))
      else if (!fileName.startsWith("node:")) foreign.add(fileName)
    }
  }
  for (const entry of entries) await visit(join(library, "dist", `${entry}.js`))
  return [...foreign].sort()
}
