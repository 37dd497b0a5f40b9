// Compiles the published packages into their dist folders.
import { spawnSync } from "node:child_process"
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc")

const fail = (message) => {
  console.error(`build: ${message}`)
  process.exit(1)
}

// The simulator is the client's development dependency only: nobody who installs the client has it.
const client = join(root, "packages", "client", "src")
for (const entry of readdirSync(client, { recursive: true })) {
  const file = join(client, entry)
  if (file.endsWith(".ts") && /(?:from|import)\s*\(?\s*"effect-dashscope-simulator/.test(readFileSync(file, "utf8"))) {
    fail(`${relative(root, file)} imports the simulator`)
  }
}

for (const name of ["pool", "client", "simulator"]) {
  const folder = join(root, "packages", name)
  rmSync(join(folder, "dist"), { recursive: true, force: true })

  const { error, status } = spawnSync(process.execPath, [tsc, "-p", join(folder, "tsconfig.build.json")], {
    cwd: root,
    stdio: "inherit"
  })
  if (error !== undefined) throw error
  if (status !== 0) fail(`packages/${name} does not compile`)

  const { publishConfig } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
  for (const bin of Object.values(publishConfig.bin ?? {})) {
    const file = join(folder, bin)
    if (!existsSync(file)) fail(`packages/${name} names the command ${bin}, which the build did not make`)
    if (!readFileSync(file, "utf8").startsWith("#!/usr/bin/env node\n")) fail(`${bin} does not start Node`)
    chmodSync(file, 0o755)
  }
  console.log(`built packages/${name}`)
}
