import { availableParallelism } from "node:os"
import { configDefaults, defineConfig } from "vitest/config"
import { LongestFirst } from "./scripts/longest-first.js"

// As vitest.config.ts and vitest.workspace.ts of the Effect 3 line, in the words of Vitest 5.
export default defineConfig({
  test: {
    // The other tests of scripts are of the source and its pages, which are those of the Effect 3 line.
    include: ["packages/*/test/**/*.test.ts", "scripts/test/has-address.test.ts"],
    exclude: configDefaults.exclude,
    pool: "forks",
    isolate: false,
    execArgv: ["--max-semi-space-size=64", "--always-sparkplug", "--no-lazy-feedback-allocation"],
    maxWorkers: Math.max(4, availableParallelism()),
    testTimeout: 60_000,
    hookTimeout: 60_000,
    sequence: { sequencer: LongestFirst },
    reporters: ["default", "./scripts/count-reporter.ts"]
  }
})
