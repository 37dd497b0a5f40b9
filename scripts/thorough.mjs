// Runs the test files that try only a share of their cases in `npm test` (they import thorough.ts) with all cases.
import { spawnSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"

const files = readdirSync("packages").flatMap((name) =>
  readdirSync(`packages/${name}/test`, { recursive: true }).map((file) => `packages/${name}/test/${file}`)
).filter((file) => file.endsWith(".test.ts") && readFileSync(file, "utf8").includes("scripts/thorough.js\""))

const { status } = spawnSync("vitest", ["run", ...files], {
  stdio: "inherit",
  env: { ...process.env, THOROUGH: "true" }
})
process.exitCode = status ?? 1
