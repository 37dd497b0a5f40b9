// Packs what would be published and uses it as a stranger would: by the install lines and first programs of the READMEs,
// with our tarballs in place of our names, under npm and pnpm, in empty projects.
import { build, transform } from "esbuild"
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createRequire, isBuiltin } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Line from "./smoke/line.mjs"
import { check, readJson, run, start } from "./smoke/process.mjs"
import * as Programs from "./smoke/programs.mjs"
import { install, managers } from "./smoke/projects.mjs"
import { instructions } from "./smoke/readme.mjs"
import * as Tarballs from "./smoke/tarballs.mjs"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc")
const { packageManager } = readJson(root, "package.json")
const folderOf = (name) => join(root, "packages", name)
const folders = ["pool", "client", "simulator", "ai", "redis", "bulk"].map(folderOf).filter((folder) =>
  existsSync(folder)
)

const started = performance.now()
const say = (text) => console.log(`${String(Math.round((performance.now() - started) / 1000)).padStart(3)} s  ${text}`)

/** Runs a page's first program as it stands there; also as CommonJS, where Node can require ESM. */
const runFirst = async (folder, { page, program }, variables) => {
  const answers = []
  for (
    const [format, extension] of process.features.require_module
      ? [["esm", "mjs"], ["cjs", "cjs"]]
      : [["esm", "mjs"]]
  ) {
    const { code } = await transform(program, { loader: "ts", format })
    writeFileSync(join(folder, `first.${extension}`), code)
    const { stdout } = await run(process.execPath, [`first.${extension}`], { cwd: folder, env: variables })
    check(stdout.trim() !== "", `the first program of ${page} printed nothing`)
    answers.push(stdout.trim())
  }
  return answers[0]
}

const compilerOptions = {
  target: "ES2022",
  lib: ["ES2022", "DOM", "DOM.AsyncIterable"],
  types: ["node"],
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  noEmit: true
}

const resolutions = {
  "NodeNext": { module: "NodeNext", moduleResolution: "NodeNext" },
  "Bundler": { module: "ESNext", moduleResolution: "Bundler" },
  "Bundler for Workers": { module: "ESNext", moduleResolution: "Bundler", customConditions: ["workerd", "browser"] }
}

/** Compiles the programs and our own declarations; what is wrong in others' declarations is not ours to fix. */
const typeCheck = async (project, resolution, include) => {
  const config = join(project, "tsconfig.json")
  writeFileSync(
    config,
    JSON.stringify({ compilerOptions: { ...compilerOptions, ...resolutions[resolution] }, include })
  )
  const { stdout } = await run(process.execPath, [tsc, "-p", config, "--pretty", "false"], {
    cwd: project,
    mayFail: true
  })
  const diagnostics = stdout.split(/\n(?! )/).filter((text) => text.trim() !== "")
  const ours = diagnostics.filter((text) => !/^node_modules\/(?!effect-(?:dashscope|http-pool))/.test(text))
  check(ours.length === 0, `the packages do not compile under ${resolution}:\n${ours.join("\n")}`)
  const foreign = diagnostics.length
  say(`compiles under ${resolution}` + (foreign === 0 ? "" : ` (${foreign} errors in others' declarations)`))
}

/** Bundles a program of one service for Workers: neither modules of Node nor other services come with it. */
const bundleOneService = async (project) => {
  const { metafile, outputFiles: [output] } = await build({
    stdin: { contents: Programs.oneService, resolveDir: project },
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    format: "esm",
    target: "es2022",
    platform: "neutral",
    conditions: ["workerd", "worker", "browser"],
    external: ["node:*"],
    logLevel: "silent"
  })
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports.map(({ path }) => path))
  const builtins = imports.filter((path) => isBuiltin(path))
  check(builtins.length === 0, `a bundle for Workers asks for ${builtins.join(", ")}`)
  check(output.text.includes("effect-dashscope/Generation"), "a bundle of one service has not got it")
  check(!output.text.includes("effect-dashscope/VoiceEnrollment"), "a bundle of one service has others too")
  say(`bundled for Workers, one service has ${Math.round(output.contents.length / 1000)} kB with Effect, and no other`)
}

const temporary = mkdtempSync(join(tmpdir(), "effect-dashscope-smoke-"))
let simulator
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1))
process.once("exit", () => {
  simulator?.stop()
  rmSync(temporary, { recursive: true, force: true })
})

try {
  await run(process.execPath, [join(root, "scripts", "build.mjs")])
  say("built")
  const packed = []
  for (const folder of folders) {
    const each = await Tarballs.pack(folder, packageManager, temporary)
    Tarballs.checkContents(each)
    await Tarballs.checkRefusal(each)
    await Tarballs.checkManifest(each, root)
    packed.push(each)
    say(`${each.name}: ${each.files.length} files, ${each.modules.length} modules; publint and attw find no fault`)
  }
  const pages = instructions(root)
  const [pool, client, server, ai] = packed

  // The newest of everything, and each page's words.
  const peers = [...Tarballs.peersOf(folders)]
  const everything = packed.map(({ name }) => name)
  const nodeTypes = `@types/node@${readJson(root, "node_modules", "@types", "node", "package.json").version}`
  const newest = await install(temporary, "npm", [
    ...everything,
    ...peers.map(Line.newest),
    nodeTypes
  ], packed)
  for (const each of packed) Tarballs.checkReferences(each, join(newest, "node_modules", each.name))

  simulator = await start(process.execPath, [
    join(
      newest,
      "node_modules",
      server.name,
      readJson(newest, "node_modules", server.name, "package.json").bin["dashscope-simulator"]
    ),
    "--port",
    "0"
  ], { cwd: newest, pattern: /http:\/\/\S+/ })
  const variables = { DASHSCOPE_API_KEY: "sk-smoke", DASHSCOPE_HTTP_BASE_URL: simulator.found }
  say(`the simulator's command listens on ${simulator.found}`)

  // Pages that say the same share the projects.
  const lines = new Set(pages.flatMap(({ installs }) => installs.map((words) => words.join(" "))))
  for (const line of lines) {
    const saying = pages.filter(({ installs }) => installs.some((words) => words.join(" ") === line))
    await Promise.all(
      Object.keys(managers).map(async (manager) => {
        const folder = await install(temporary, manager, line.split(" "), packed)
        for (const page of saying) {
          if (page.program !== undefined) await runFirst(folder, page, variables)
          say(
            `${page.page}, ${manager}: "${line}" installs` +
              (page.program === undefined ? "" : ", and its program runs")
          )
        }
      })
    )
  }

  const first = pages.find(({ page }) => page === "README.md")
  check(first?.program !== undefined, "README.md has no first program")
  writeFileSync(join(newest, "imports.mjs"), Programs.imports(packed))
  await run(process.execPath, ["imports.mjs"], { cwd: newest })
  if (process.features.require_module) {
    writeFileSync(join(newest, "requires.cjs"), Programs.requires(packed))
    await run(process.execPath, ["requires.cjs"], { cwd: newest })
  }
  say(
    "every public module can be imported" + (process.features.require_module ? " and required" : "") +
      ", nothing internal can"
  )

  await bundleOneService(newest)

  writeFileSync(join(newest, "first.mjs"), (await transform(first.program, { loader: "ts" })).code)
  const withoutKey = await run(process.execPath, ["first.mjs"], {
    cwd: newest,
    env: { DASHSCOPE_API_KEY: "", DASHSCOPE_API_KEY_FILE_PATH: "", HOME: temporary, USERPROFILE: temporary },
    mayFail: true
  })
  const [told = "", ...more] = withoutKey.output.trim().split("\n")
  check(more.length === 0 && /No DashScope API key/.test(told), `without a key:\n${withoutKey.output}`)
  say(`without a key the first program prints one line: ${told.slice(0, 60)}…`)

  writeFileSync(join(newest, "call.mts"), first.program)
  writeFileSync(join(newest, "modules.mts"), Programs.declarations(packed))
  writeFileSync(join(newest, "worker.mts"), Programs.worker)
  await typeCheck(newest, "NodeNext", ["call.mts", "modules.mts"])
  await typeCheck(newest, "Bundler", ["call.mts", "modules.mts"])
  await typeCheck(newest, "Bundler for Workers", ["worker.mts"])

  // What the ranges of the peers promise: those of the provider begin later.
  for (
    const [some, oldestPeers, page] of [
      [[pool, client, server], Tarballs.oldestPeers([pool, client, server].map((each) => each.folder)), first],
      [
        // The engine of bulk jobs asks for newer ones.
        packed.filter(({ name }) => name !== "effect-dashscope-bulk"),
        new Map([
          ...Tarballs.oldestPeers([ai.folder]),
          ...Line.oldestBeside
        ]),
        pages.find(({ page }) => page === "packages/ai/README.md")
      ]
    ]
  ) {
    const words = Array.from(oldestPeers, ([peer, version]) => `${peer}@${version}`)
    const oldest = await install(temporary, "npm", [...some.map(({ name }) => name), ...words, nodeTypes], packed)
    writeFileSync(join(oldest, "imports.mjs"), Programs.imports(some))
    await run(process.execPath, ["imports.mjs"], { cwd: oldest })
    const answer = await runFirst(oldest, page, variables)
    writeFileSync(join(oldest, "call.mts"), page.program)
    writeFileSync(join(oldest, "modules.mts"), Programs.declarations(some))
    await typeCheck(oldest, "NodeNext", ["call.mts", "modules.mts"])
    say(`with ${words.join(", ")}: ${answer}`)
  }
} catch (error) {
  console.error(`smoke: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
} finally {
  simulator?.stop()
}
