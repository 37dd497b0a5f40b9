// The packed client in other runtimes, which come from npm: what works there, beside the table of the page on runtimes.
import { build } from "esbuild"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { isBuiltin } from "node:module"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { check, readJson, run, start } from "./smoke/process.mjs"
import { install } from "./smoke/projects.mjs"
import { pack } from "./smoke/tarballs.mjs"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const { packageManager } = readJson(root, "package.json")

/** The answer, or the failure that the program was told, on one line. */
const tell = `
  Effect.map((result) => "answer " + Generation.text(result)),
  Effect.catchAllCause((cause) => Effect.succeed(
    Cause.isFailure(cause) && Cause.defects(cause).length === 0
      ? "failure " + Cause.squash(cause).message
      : "defect " + Cause.pretty(cause)
  )),
  Effect.map((text) => text.replaceAll("\\n", " ").trim()),
`
const imports = `
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { DashScope, Generation } from "effect-dashscope"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

const ask = Generation.call({ model: "qwen-plus", prompt: "你是谁？" })
`
const programs = {
  "pool.mjs": `${imports}
ask.pipe(Effect.provide(DashScope.layer()),${tell} Effect.map(console.log), Effect.runPromise)`,
  "fetch.mjs": `${imports}
const Live = Layer.provide(DashScope.layerWithoutHttpClient(), FetchHttpClient.layer)
ask.pipe(Effect.provide(Live),${tell} Effect.map(console.log), Effect.runPromise)`,
  "worker.mjs": `${imports}
export default {
  fetch: (request, { DASHSCOPE_API_KEY: apiKey, DASHSCOPE_HTTP_BASE_URL: endpoint }) => {
    const Live = Layer.provide(DashScope.layerWithoutHttpClient({ apiKey, endpoint }), FetchHttpClient.layer)
    return ask.pipe(Effect.provide(Live),${tell} Effect.map((text) => new Response(text)), Effect.runPromise)
  }
}`
}

const temporary = mkdtempSync(join(tmpdir(), "effect-dashscope-runtimes-"))
process.once("exit", () => rmSync(temporary, { recursive: true, force: true }))
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1))

await run(process.execPath, [join(root, "scripts", "build.mjs")])
const packed = []
for (const name of ["pool", "client", "simulator"]) {
  packed.push(await pack(join(root, "packages", name), packageManager, temporary))
}
const project = await install(temporary, "npm", [
  ...packed.map(({ name }) => name),
  "effect@3",
  "@effect/platform@0",
  "@effect/platform-node@0"
], packed)
for (const [file, text] of Object.entries(programs)) writeFileSync(join(project, file), text)

const simulator = await start(
  process.execPath,
  [join(project, "node_modules", "effect-dashscope-simulator", "dist", "main.js"), "--port", "0"],
  { cwd: project, pattern: /http:\/\/\S+/ }
)
process.once("exit", () => simulator.stop())
const variables = { DASHSCOPE_API_KEY: "sk-runtimes", DASHSCOPE_HTTP_BASE_URL: simulator.found }

/** What a program said, its first word apart. */
const said = async (command, args) => {
  const { code, output } = await run(command, args, { cwd: project, env: variables, mayFail: true })
  const line = output.split("\n").find((text) => /^(?:answer|failure|defect) /.test(text))
  return line === undefined ? { kind: `ended with ${code}`, text: output.trim().slice(-500) } : parse(line)
}
const parse = (line) => ({ kind: line.slice(0, line.indexOf(" ")), text: line.slice(line.indexOf(" ") + 1) })

/** A cell of the table: that it works, that it fails as it should, or what happened instead. */
const cell = ({ kind, text }, name) =>
  kind === "answer" && text.includes("通义千问")
    ? "yes"
    // A Layer has no error for a runtime that it can never run on: it dies.
    : kind !== "answer" && text.includes(`does not run on ${name}`)
    ? "no, and says so"
    : `${kind}: ${text}`

/** A package that is a runtime, and where its program is. */
const fetched = async (words, ...path) => join(await install(temporary, "npm", words), "node_modules", ...path)

const byCommand = async (name, command, flags = []) => ({
  pool: cell(await said(command, [...flags, "pool.mjs"]), name),
  fetch: cell(await said(command, [...flags, "fetch.mjs"]), name)
})

const node = (version) => async () => {
  const runtime = `node-${process.platform}-${process.arch}`
  return byCommand("Node", await fetched([`${runtime}@${version}`], runtime, "bin", "node"))
}

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })

const notes = []

const runtimes = {
  "Node 20": node(20),
  "Node 22": node(22),
  "Node 24": node(24),
  "Deno": async () => {
    const deno = await fetched(["deno"], ".bin", "deno")
    const flags = ["run", "--allow-net", "--allow-read", "--allow-sys"]
    const denied = await said(deno, [...flags, "--no-prompt", "pool.mjs"])
    notes.push({
      what: "Deno without --allow-env fails typed, and says what is missing",
      holds: denied.kind === "failure" && /env/i.test(denied.text),
      seen: `${denied.kind}: ${denied.text}`
    })
    return byCommand("Deno", deno, [...flags, "--allow-env"])
  },
  "Bun": async () => byCommand("Bun", await fetched(["bun"], ".bin", "bun"), ["--no-install"]),
  "Workers": async () => {
    const workerd = await fetched(["workerd"], ".bin", "workerd")
    const { metafile } = await build({
      entryPoints: [join(project, "worker.mjs")],
      outfile: join(project, "bundle.mjs"),
      bundle: true,
      minify: true,
      metafile: true,
      format: "esm",
      target: "es2022",
      conditions: ["workerd", "worker", "browser"],
      external: ["node:*"],
      logLevel: "silent"
    })
    const wanted = Object.values(metafile.inputs).flatMap((input) => input.imports).filter(({ path }) =>
      isBuiltin(path)
    )
    const port = await freePort()
    writeFileSync(
      join(project, "workerd.capnp"),
      `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "bundle.mjs", esModule = embed "bundle.mjs")],
      compatibilityDate = "2025-06-01",
      bindings = [${
        Object.entries(variables).map(([name, text]) => `(name = "${name}", text = "${text}")`).join(", ")
      }],
      globalOutbound = "loopback"
    )),
    (name = "loopback", network = (allow = ["local", "private"]))
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);`
    )
    const server = await start(workerd, ["serve", "workerd.capnp", "--control-fd=1"], {
      cwd: project,
      pattern: /listen/
    })
    try {
      const response = await fetch(`http://127.0.0.1:${port}/`)
      return {
        pool: wanted.length === 0 ? "not in the bundle" : `in the bundle: ${wanted.map(({ path }) => path).join(", ")}`,
        fetch: cell(parse(await response.text()), "Workers")
      }
    } finally {
      server.stop()
    }
  }
}

const table = new Map(
  Array.from(
    readFileSync(join(root, "packages", "site", "docs", "runtimes.md"), "utf8").matchAll(
      /^\| ((?:Node \d+|Deno|Bun|Workers)) \| ([^|]+) \| ([^|]+) \|$/gm
    ),
    ([, name, pool, fetch]) => [name, { pool, fetch }]
  )
)
check(
  JSON.stringify([...table.keys()]) === JSON.stringify(Object.keys(runtimes)),
  `the page's table has the rows ${[...table.keys()].join(", ")}`
)

let differences = 0
console.log("| runtime | the pool | over `fetch` |\n|---|---|---|")
for (const [name, probe] of Object.entries(runtimes)) {
  let row
  try {
    row = await probe()
  } catch (error) {
    console.log(`| ${name} | skipped | skipped |`)
    console.log(`  ${name} was not tried: ${error.message.split("\n").slice(0, 8).join("\n  ")}`)
    continue
  }
  console.log(`| ${name} | ${row.pool} | ${row.fetch} |`)
  const expected = table.get(name)
  if (expected.pool === row.pool && expected.fetch === row.fetch) continue
  differences++
  console.log(`  the page says: | ${name} | ${expected.pool} | ${expected.fetch} |`)
}
for (const { holds, seen, what } of notes) {
  console.log(`${holds ? "holds" : "does not hold"}: ${what}${holds ? "" : ` (${seen})`}`)
  if (!holds) differences++
}
if (differences > 0) {
  console.error(`runtimes: ${differences} differences from what the page says`)
  process.exitCode = 1
}
simulator.stop()
