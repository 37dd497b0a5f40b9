import { readdirSync } from "node:fs"
import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"

/** A project for each package, and one for what holds of all of them. */
const projects = [
  ...readdirSync(new URL("packages", import.meta.url)).map((name) => ({ name, root: `packages/${name}` })),
  { name: "workspace", root: "scripts" }
]

export default defineConfig({
  test: {
    projects: projects.map(({ name, root }) => ({
      extends: true,
      test: { name, root, include: ["test/**/*.test.ts"], testTimeout: 60_000 }
    })),
    pool: "forks",
    // The files of a worker share its modules: each file that loads Effect again costs more than most files' tests.
    poolOptions: { forks: { isolate: false } },
    // By default two cores get one worker, and most tests wait for the network half of their time.
    minWorkers: 1,
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: ["default", "./scripts/count-reporter.ts"]
  }
})
