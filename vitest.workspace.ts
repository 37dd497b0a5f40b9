import { configDefaults, defineWorkspace } from "vitest/config"
import { isThorough } from "./scripts/thorough.js"

/** All packages are one project: the files of a worker share its modules, and each project would load them once more. */
export default defineWorkspace([{
  extends: "./vitest.config.ts",
  test: {
    name: "packages",
    include: ["packages/*/test/**/*.test.ts", "scripts/test/**/*.test.ts"],
    // The recipes load what nothing else here does: databases, frameworks, a browser. `npm run recipes` tries them.
    // So do bulk jobs, with their engine and databases: `npm run bulk`.
    // The built site is tried by `npm run site:test`.
    exclude: isThorough
      ? configDefaults.exclude
      : [...configDefaults.exclude, "packages/recipes/**", "packages/bulk/**", "packages/site/test/built/**"],
    testTimeout: 60_000
  }
}])
