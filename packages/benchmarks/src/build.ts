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
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises"
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

export interface Build {
  readonly folder: string
  /** The compiled library, as a folder that a program can have in its `node_modules`. */
  readonly library: string
  readonly server: string
  readonly worker: string
  readonly importTime: string
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

const compileFile = async (from: string, to: string) => {
  const { diagnostics, outputText } = ts.transpileModule(await readFile(from, "utf8"), {
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

const compileFolder = async (from: string, to: string) => {
  for (const file of await readdir(from, { recursive: true })) {
    if (file.endsWith(".ts") && !file.endsWith(".d.ts")) {
      await compileFile(join(from, file), join(to, file.replace(/\.ts$/, ".js")))
    }
  }
}

/** The packages that a program has when it installs the library. */
const packages = { client: "effect-dashscope", pool: "effect-http-pool", ai: "effect-dashscope-ai" } as const

/** Those that observe. */
const { ai: _, ...observing } = packages

const installPackage = async (source: string, destination: string) => {
  await compileFolder(join(source, "src"), join(destination, "dist"))
  await cp(join(source, "src"), join(destination, "src"), { recursive: true })
  const { publishConfig, ...manifest } = decodeManifest(await readFile(join(source, "package.json"), "utf8"))
  await writeFile(join(destination, "package.json"), JSON.stringify({ ...manifest, ...publishConfig }, undefined, 2))
}

/** As they are published. */
const joinPackage = async (source: string, destination: string) => {
  const ofPackage = groups[source]
  if (ofPackage !== undefined) await joinModules(join(destination, "dist"), ofPackage)
}

const suffix = "-unobserved"

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
    await compileFolder(join(here, "src", "unobserved", source), dist)
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

const compile = async (folder: string): Promise<Build> => {
  const modules = join(folder, "node_modules")
  await rm(folder, { recursive: true, force: true })
  for (const [source, name] of Object.entries(packages)) {
    await installPackage(join(repository, "packages", source), join(modules, name))
  }
  const out = join(folder, "src")
  await compileFolder(join(here, "src", "worker"), join(out, "worker"))
  await installUnobserved(modules, join(out, "worker"))
  for (const [source, name] of Object.entries(packages)) await joinPackage(source, join(modules, name))
  await compileFolder(join(here, "src", "server"), join(out, "server"))
  for (const file of ["answers", "task"]) await compileFile(join(here, "src", `${file}.ts`), join(out, `${file}.js`))
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }))
  return {
    folder,
    library: join(modules, packages.client),
    server: join(out, "server", "main.js"),
    worker: join(out, "worker", "main.js"),
    importTime: join(out, "worker", "importTime.js"),
    modulesLoaded: join(out, "worker", "modulesLoaded.js")
  }
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
