import { defineWorkspace } from "vitest/config"

/** All packages are one project: the files of a worker share its modules, and each project would load them once more. */
export default defineWorkspace([{
  extends: "./vitest.config.ts",
  test: {
    name: "packages",
    include: ["packages/*/test/**/*.test.ts", "scripts/test/**/*.test.ts"],
    testTimeout: 60_000
  }
}])
