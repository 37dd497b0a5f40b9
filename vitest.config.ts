import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"
import { LongestFirst } from "./scripts/longest-first.js"

// Two cores have time for a third: most tests wait for the network half of their time.
const workers = Math.max(3, availableParallelism())

export default defineConfig({
  test: {
    pool: "forks",
    // The files of a worker share its modules: each file that loads Effect again costs more than most files' tests.
    poolOptions: {
      forks: {
        isolate: false,
        // Most of what tests make is garbage at once: with more room for it, less of it is copied.
        execArgv: ["--max-semi-space-size=64"]
      }
    },
    // As many at least as at most: a pool that may shrink ends idle workers twice while others work, and the run with it.
    minWorkers: workers,
    maxWorkers: workers,
    // Some bundle programs.
    hookTimeout: 60_000,
    sequence: { sequencer: LongestFirst },
    reporters: ["default", "./scripts/count-reporter.ts"]
  }
})
