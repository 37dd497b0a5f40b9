// Runs the test files that try only a share of their cases in `npm test` with all cases: those that import thorough.ts,
// themselves or by the contract of services. Those that have a command or a step of their own are named as arguments.
import { spawnSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync } from "node:fs"

const named = process.argv.slice(2)
const withCommand = ["bulk", "examples", "recipes", "redis"]
const tested = readdirSync("packages").filter((name) =>
  !withCommand.includes(name) && existsSync(`packages/${name}/test`)
)
const shared = () =>
  tested.flatMap((name) =>
    readdirSync(`packages/${name}/test`, { recursive: true }).map((file) => `packages/${name}/test/${file}`)
  ).filter((file) =>
    file.endsWith(".test.ts") && /\/(?:thorough|serviceContract)\.js"/.test(readFileSync(file, "utf8"))
  )
const files = named.length > 0 ? named : shared()

const { status } = spawnSync("vitest", ["run", ...files], {
  stdio: "inherit",
  env: { ...process.env, THOROUGH: "true" }
})
process.exitCode = status ?? 1
