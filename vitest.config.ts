import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"
import projects from "./vitest.workspace.js"

export default defineConfig({
  test: {
    projects,
    // By default two cores get one worker, and most tests wait for the network half of their time.
    minWorkers: 1,
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: ["default", "./scripts/count-reporter.ts"]
  }
})
