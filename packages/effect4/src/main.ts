/**
 * Makes the packages for Effect 4, installs what they need, and runs a command among them under a Node that Effect 4 wants.
 *
 * `generate` writes them, `check` compiles them, `test` runs their tests (and takes what vitest takes), `build` compiles them into their
 * `dist`, `smoke` packs them and uses them in empty projects, `run` runs any file.
 */
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { build, generate } from "./generate.js"

const fail = (message: string): never => {
  console.error(`effect4: ${message}`)
  process.exit(1)
}

const run = (command: string, args: ReadonlyArray<string>) => {
  const { error, status } = spawnSync(command, args, { cwd: build, stdio: "inherit" })
  if (error !== undefined) throw error
  if (status !== 0) process.exit(status ?? 1)
}

const install = () => {
  const installed = join(build, "node_modules", ".modules.yaml")
  const lock = join(build, "pnpm-lock.yaml")
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return
  const { packageManager } = JSON.parse(readFileSync(join(build, "package.json"), "utf8")) as { packageManager: string }
  run("npx", ["--yes", packageManager, "install", "--frozen-lockfile", "--prefer-offline", "--reporter=append-only"])
}

/** The Node that runs, or the one that is installed beside the packages where that is older than 22.19. */
const node = (): string => {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
  if (major > 22 || (major === 22 && minor >= 19)) return process.execPath
  const file = join(build, "node_modules", `node-${process.platform}-${process.arch}`, "bin", "node")
  return existsSync(file) ? file : fail(`Effect 4 wants Node 22.19 or newer, and npm has none for this machine`)
}

const [command = "generate", ...args] = process.argv.slice(2)
generate()
switch (command) {
  case "generate":
    break
  case "check":
    install()
    run(node(), ["node_modules/typescript/bin/tsc", "--noEmit", "-p", args[0] ?? "tsconfig.json"])
    break
  case "test":
    install()
    run(node(), ["node_modules/vitest/vitest.mjs", "run", ...args])
    break
  case "build":
    install()
    run(node(), ["scripts/build.mjs"])
    break
  case "smoke":
    install()
    run(node(), ["scripts/smoke-packed.mjs"])
    break
  case "run":
    install()
    run(node(), ["--import", "tsx", ...args])
    break
  default:
    fail(`${command} is none of generate, check, test, build, smoke and run`)
}
