import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"
import { LongestFirst } from "./scripts/longest-first.js"

// Most tests wait for the network half of their time: two cores have time for four.
const workers = Math.max(4, availableParallelism())

export default defineConfig({
  test: {
    pool: "forks",
    // The files of a worker share its modules: each file that loads Effect again costs more than most files' tests.
    poolOptions: {
      forks: {
        isolate: false,
        execArgv: [
          // Most of what tests make is garbage at once: with more room for it, less of it is copied.
          "--max-semi-space-size=64",
          // Most of what tests run is run a few times: that is faster compiled at once, simply, than interpreted until
          // it proves worth optimizing.
          "--always-sparkplug",
          "--no-lazy-feedback-allocation"
        ]
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
