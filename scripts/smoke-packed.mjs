// Packs what would be published and uses it as a stranger would: from tarballs, in an empty npm project.
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join, posix } from "node:path"
import { fileURLToPath } from "node:url"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc")
const readJson = (...path) => JSON.parse(readFileSync(join(...path), "utf8"))

const { packageManager } = readJson(root, "package.json")
const packages = ["client", "simulator"].map((name) => join(root, "packages", name))

const check = (condition, message) => {
  if (!condition) throw new Error(message)
}

const run = (command, args, { cwd = root, mayFail = false } = {}) => {
  const { error, status, stderr, stdout } = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 64 * 1024 * 1024,
    timeout: 300_000,
    // npm and npx are scripts there.
    shell: process.platform === "win32" && command !== process.execPath
  })
  if (error !== undefined) throw error
  check(status === 0 || mayFail, `${command} ${args.join(" ")} ended with ${status}\n${stdout}${stderr}`)
  return stdout
}

// Capitalised files are the public modules; the others beside them are the barrel and commands.
const isModule = (source) => /^[A-Z]\w*\.ts$/.test(source)

const pack = (folder, destination) => {
  const sources = readdirSync(join(folder, "src"), { recursive: true })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts"))
  const packed = JSON.parse(
    run("npx", ["--yes", packageManager, "pack", "--json", "--pack-destination", destination], { cwd: folder })
  )
  return {
    folder,
    sources,
    name: packed.name,
    tarball: packed.filename,
    files: packed.files.map(({ path }) => path),
    modules: sources.filter(isModule).map((source) => source.slice(0, -".ts".length)).sort()
  }
}

/** Code, types and maps of every source, the sources for the maps, a README and a LICENSE; and nothing else. */
const checkContents = ({ files, name, sources }) => {
  const expected = ["package.json", "README.md", "LICENSE"]
  for (const source of sources) {
    const compiled = `dist/${source.slice(0, -".ts".length)}`
    expected.push(`src/${source}`, `${compiled}.js`, `${compiled}.js.map`, `${compiled}.d.ts`, `${compiled}.d.ts.map`)
  }
  const missing = expected.filter((file) => !files.includes(file))
  const surplus = files.filter((file) => !expected.includes(file))
  check(missing.length === 0, `${name}: the tarball lacks ${missing.join(", ")}`)
  check(surplus.length === 0, `${name}: the tarball should not hold ${surplus.join(", ")}`)
  const tests = files.filter((file) => /\btests?\b/i.test(file))
  check(tests.length === 0, `${name}: tests are not for users: ${tests.join(", ")}`)
}

/** What the manifest and the maps name is in the package, and no range is left that only the workspace knows. */
const checkReferences = ({ files, name }, folder) => {
  const manifest = readJson(folder, "package.json")
  for (const [dependency, range] of Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies })) {
    check(!/^(?:workspace|catalog|link|file):/.test(range), `${name}: it depends on ${dependency} "${range}"`)
  }
  for (const target of [...Object.values(manifest.exports["."]), ...Object.values(manifest.bin ?? {})]) {
    check(files.includes(posix.normalize(target)), `${name}: the manifest names ${target}, which is not there`)
  }
  for (const map of files.filter((file) => file.endsWith(".map"))) {
    for (const source of readJson(folder, map).sources) {
      const target = posix.join(posix.dirname(map), source)
      check(files.includes(target), `${name}: ${map} leads to ${target}, which is not there`)
    }
  }
}

const importProgram = (packed) =>
  `import assert from "node:assert/strict"

for (const { name, modules } of ${JSON.stringify(packed.map(({ modules, name }) => ({ name, modules })))}) {
  const barrel = await import(name)
  assert.deepEqual(Object.keys(barrel).sort(), modules, \`the barrel of \${name} and its modules differ\`)
  for (const module of modules) {
    const imported = await import(\`\${name}/\${module}\`)
    assert.equal(imported, barrel[module])
    assert.ok(!("default" in imported), \`\${name}/\${module} has a default export\`)
  }
  const hidden = ${JSON.stringify(packed[0].sources.filter((source) => source.startsWith("internal/")))}
  for (const path of [...hidden.map((file) => file.slice(0, -".ts".length)), "internal/x"]) {
    await assert.rejects(import(\`\${name}/\${path}\`), { code: "ERR_PACKAGE_PATH_NOT_EXPORTED" }, path)
  }
}
`

// Each module's declarations are asked for, so that all of them are checked.
const modulesProgram = (packed) =>
  packed.flatMap(({ modules, name }, i) =>
    modules.map((module) => `export * as ${module}${i} from "${name}/${module}"\n`)
  ).join("")

// The README's first program, against the simulator. Compiled as a user would, then run.
const callProgram = `import { ConnectionConfig, DashScope, Generation, Message } from "effect-dashscope"
import { Simulator } from "effect-dashscope-simulator"
import { Console, Effect, Layer } from "effect"

const program = Effect.gen(function*() {
  const result = yield* Generation.call({
    model: "qwen-plus",
    messages: [Message.system("You are a helpful assistant."), Message.user("你是谁？")],
    resultFormat: "message"
  })
  yield* Console.log(Generation.text(result))
})

const Live = Layer.unwrapEffect(Effect.map(Simulator.Simulator, ({ url }) =>
  DashScope.layer({
    apiKey: "sk-smoke",
    endpoint: url,
    connection: ConnectionConfig.make({ connectTimeout: "10 seconds", connectionPoolSize: 4 })
  })
))

program.pipe(
  Effect.provide(Live),
  Effect.provide(Simulator.layer()),
  Effect.timeout("30 seconds"),
  Effect.runPromise
)
`

const compilerOptions = {
  target: "ES2022",
  lib: ["ES2022", "DOM", "DOM.AsyncIterable"],
  types: ["node"],
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  outDir: "out"
}

const resolutions = {
  "NodeNext": { module: "NodeNext", moduleResolution: "NodeNext" },
  "Bundler": { module: "ESNext", moduleResolution: "Bundler", noEmit: true }
}

/** Compiles the programs and our own declarations; what is wrong in others' declarations is not ours to mend. */
const typeCheck = (project, resolution) => {
  const config = join(project, `tsconfig.${resolution}.json`)
  writeFileSync(
    config,
    JSON.stringify({ compilerOptions: { ...compilerOptions, ...resolutions[resolution] }, include: ["*.ts"] })
  )
  const output = run(process.execPath, [tsc, "-p", config, "--pretty", "false"], { cwd: project, mayFail: true })
  const diagnostics = output.split(/\n(?! )/).filter((text) => text.trim() !== "")
  const ours = diagnostics.filter((text) => !/^node_modules\/(?!effect-dashscope)/.test(text))
  check(ours.length === 0, `the packages do not compile under ${resolution}:\n${ours.join("\n")}`)
  return diagnostics.length
}

const temporary = mkdtempSync(join(tmpdir(), "effect-dashscope-smoke-"))
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1))
process.once("exit", () => rmSync(temporary, { recursive: true, force: true }))
try {
  run(process.execPath, [join(root, "scripts", "build.mjs")])
  const packed = packages.map((folder) => pack(folder, temporary))
  for (const each of packed) {
    checkContents(each)
    console.log(`${each.name}: ${each.files.length} files, ${each.modules.length} modules`)
  }

  const project = join(temporary, "project")
  mkdirSync(project)
  const version = (dependency) => readJson(packages[0], "node_modules", dependency, "package.json").version
  const dependencies = Object.fromEntries([
    ...packed.map(({ name, tarball }) => [name, `file:${tarball}`]),
    // Those of the lock file, so that a release elsewhere does not decide whether this passes.
    ...["effect", "@effect/platform", "@effect/platform-node"].map((peer) => [peer, version(peer)]),
    ["@types/node", readJson(root, "node_modules", "@types", "node", "package.json").version]
  ])
  writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, type: "module", dependencies }))
  run("npm", ["install", "--no-audit", "--no-fund", "--no-save", "--prefer-offline"], { cwd: project })
  for (const each of packed) checkReferences(each, join(project, "node_modules", each.name))
  console.log("installed")

  writeFileSync(join(project, "imports.mjs"), importProgram(packed))
  run(process.execPath, ["imports.mjs"], { cwd: project })
  console.log("every public module can be imported, nothing internal can")

  writeFileSync(join(project, "call.ts"), callProgram)
  writeFileSync(join(project, "modules.ts"), modulesProgram(packed))
  for (const resolution of Object.keys(resolutions)) {
    const foreign = typeCheck(project, resolution)
    console.log(`compiles under ${resolution}` + (foreign === 0 ? "" : ` (${foreign} errors in others' declarations)`))
  }
  const answer = run(process.execPath, ["out/call.js"], { cwd: project })
  check(answer.trim() !== "", "the call printed no answer")
  console.log(`a call to the simulator: ${answer.trim()}`)

  run("npx", ["--no-install", "dashscope-simulator", "--help"], { cwd: project })
  console.log("the simulator's command starts")
} catch (error) {
  console.error(`smoke: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
