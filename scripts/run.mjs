// Runs a script of the root package.json under the pinned pnpm, on a machine that has only Node and npm.
// The first run (and each run after the lock file changed) installs the dependencies.
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync, statSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = join(dirname(fileURLToPath(import.meta.url)), "..")
const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))

const run = (args) => {
  const { error, status } = spawnSync("npx", ["--yes", packageManager, ...args], {
    cwd: root,
    stdio: "inherit",
    shell: process.platform === "win32"
  })
  if (error !== undefined) throw error
  if (status !== 0) process.exit(status ?? 1)
}

const installed = join(root, "node_modules", ".modules.yaml")
const lock = join(root, "pnpm-lock.yaml")
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) {
  run(["install", "--frozen-lockfile", "--reporter=append-only"])
}

const [script, ...args] = process.argv.slice(2)
run(["--silent", "run", script, ...args])
