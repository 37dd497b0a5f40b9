import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"
import { LongestFirst } from "./scripts/longest-first.js"

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
    // By default two cores get one worker, and most tests wait for the network half of their time.
    minWorkers: 1,
    maxWorkers: Math.max(2, availableParallelism() - 1),
    sequence: { sequencer: LongestFirst },
    // A deadline over real sockets can pass for the machine's reasons. A fault of the code fails twice; the report has both.
    retry: process.env["CI"] === "true" ? 1 : 0,
    reporters: ["default", "./scripts/count-reporter.ts"]
  }
})
