/**
 * Makes the packages for Effect 4, installs what they need, and runs a command among them under a Node that Effect 4 wants.
 *
 * `generate` writes them, `check` compiles them, `test` runs their tests (and takes what vitest takes), `build` compiles them into their
 * `dist`, `smoke` packs them and uses them in empty projects, `example` runs an example, `interop` the official SDKs against the
 * simulator, `run` any file. `thorough` runs all cases of the tests that `test` tries a share of, or of those that it is given.
 */
import { spawnSync } from "node:child_process"
import { delimiter, dirname, join } from "node:path"
import { build, generate } from "./generate.js"
import { install, node } from "./installed.js"

const fail = (message: string): never => {
  console.error(`effect4: ${message}`)
  process.exit(1)
}

/** What is run finds that Node and the commands of the packages first. */
const run = (node: string, args: ReadonlyArray<string>) => {
  const path = [dirname(node), join(build, "node_modules", ".bin"), process.env.PATH ?? ""].join(delimiter)
  const { error, status } = spawnSync(node, args, { cwd: build, stdio: "inherit", env: { ...process.env, PATH: path } })
  if (error !== undefined) throw error
  if (status !== 0) process.exit(status ?? 1)
}

/** The Node to run, when all is installed. */
const ready = (): string => {
  try {
    install()
    return node()
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error))
  }
}

const [command = "generate", ...args] = process.argv.slice(2)
generate()
switch (command) {
  case "generate":
    break
  case "check":
    run(ready(), ["node_modules/typescript/bin/tsc", "--noEmit", "-p", args[0] ?? "tsconfig.json"])
    break
  case "test":
    run(ready(), ["node_modules/vitest/vitest.mjs", "run", ...args])
    break
  case "thorough":
    run(ready(), ["scripts/thorough.mjs", ...args])
    break
  case "build":
    run(ready(), ["scripts/build.mjs"])
    break
  case "smoke":
    run(ready(), ["scripts/smoke-packed.mjs"])
    break
  case "example":
    run(ready(), ["--import", "tsx", "scripts/example.ts", ...args])
    break
  case "interop":
    run(ready(), ["--import", "tsx", "packages/interop/src/main.ts", ...args])
    break
  case "run":
    run(ready(), ["--import", "tsx", ...args])
    break
  default:
    fail(`${command} is none of generate, check, test, thorough, build, smoke, example, interop and run`)
}
