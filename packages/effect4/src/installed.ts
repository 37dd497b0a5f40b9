/** What the packages for Effect 4 need of the machine: their packages, and a Node that Effect 4 wants. */
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { build } from "./generate.js"

/** Installs what is not installed yet. Throws where it cannot. */
export const install = () => {
  const installed = join(build, "node_modules", ".modules.yaml")
  const lock = join(build, "pnpm-lock.yaml")
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return
  const { packageManager } = JSON.parse(readFileSync(join(build, "package.json"), "utf8")) as { packageManager: string }
  const { error, status } = spawnSync(
    "npx",
    ["--yes", packageManager, "install", "--frozen-lockfile", "--prefer-offline", "--reporter=append-only"],
    { cwd: build, stdio: "inherit" }
  )
  if (error !== undefined) throw error
  if (status !== 0) throw new Error("the packages for Effect 4 could not be installed")
}

/** The Node that runs, or the one that is installed beside the packages where that is older than 22.19. */
export const node = (): string => {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
  if (major > 22 || (major === 22 && minor >= 19)) return process.execPath
  const file = join(build, "node_modules", `node-${process.platform}-${process.arch}`, "bin", "node")
  if (!existsSync(file)) throw new Error("Effect 4 wants Node 22.19 or newer, and npm has none for this machine")
  return file
}
