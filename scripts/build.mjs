// Compiles the published packages into their dist folders.
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"
import { annotatePure } from "./annotate-pure.mjs"
import { groups, joinModules } from "./chunks.mjs"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")

const fail = (message) => {
  console.error(`build: ${message}`)
  process.exit(1)
}

const compile = (name, folder) => {
  const refuse = (diagnostics) => {
    if (diagnostics.length === 0) return
    console.error(ts.formatDiagnostics(diagnostics, {
      getCanonicalFileName: (file) => file,
      getCurrentDirectory: () => root,
      getNewLine: () => "\n"
    }))
    fail(`packages/${name} does not compile`)
  }
  const { errors, fileNames, options } = ts.getParsedCommandLineOfConfigFile(join(folder, "tsconfig.build.json"), {}, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (diagnostic) => refuse([diagnostic])
  })
  refuse(errors)
  const program = ts.createProgram(fileNames, options)
  refuse(ts.getPreEmitDiagnostics(program))

  for (const file of fileNames) {
    // What is internal in a public module is stripped from its declarations. What is in a folder of that name cannot be
    // imported anyway, and public declarations may name it. The compiler reads the option anew for each file.
    options.stripInternal = !relative(folder, file).includes("internal")
    refuse(
      program.emit(program.getSourceFile(file), undefined, undefined, false, { after: [annotatePure] }).diagnostics
    )
  }
}

// The simulator is the client's development dependency only: nobody who installs the client has it.
const client = join(root, "packages", "client", "src")
for (const entry of readdirSync(client, { recursive: true })) {
  const file = join(client, entry)
  if (file.endsWith(".ts") && /(?:from|import)\s*\(?\s*"effect-dashscope-simulator/.test(readFileSync(file, "utf8"))) {
    fail(`${relative(root, file)} imports the simulator`)
  }
}

for (const name of ["pool", "client", "simulator", "ai", "redis", "bulk"]) {
  const folder = join(root, "packages", name)
  // The line of Effect 4 has not all of them.
  if (!existsSync(folder)) continue
  rmSync(join(folder, "dist"), { recursive: true, force: true })

  compile(name, folder)
  if (groups[name] !== undefined) await joinModules(join(folder, "dist"), groups[name])

  const { publishConfig } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
  for (const bin of Object.values(publishConfig.bin ?? {})) {
    const file = join(folder, bin)
    if (!existsSync(file)) fail(`packages/${name} names the command ${bin}, which the build did not make`)
    if (!readFileSync(file, "utf8").startsWith("#!/usr/bin/env node\n")) fail(`${bin} does not start Node`)
    chmodSync(file, 0o755)
  }
  console.log(`built packages/${name}`)
}
