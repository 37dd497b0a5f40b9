import { setImmediate } from "node:timers/promises"
import type { Reporter, TestModule, TestSuite } from "vitest/node"

type TestRunEnd = Parameters<NonNullable<Reporter["onTestRunEnd"]>>

/**
 * Closes a test run with one plain line, `N passed, N failed, N skipped`, for those who read logs with a program.
 *
 * A file or suite that fails outside of its tests, and an error that belongs to no test, each count as a failure: such
 * a run must not read as "0 failed".
 */
export default class CountReporter implements Reporter {
  async onTestRunEnd(modules: TestRunEnd[0], unhandledErrors: TestRunEnd[1]): Promise<void> {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 }
    const failsByItself = (suite: TestModule | TestSuite) => suite.errors().length > 0
    for (const module of modules) {
      if (failsByItself(module)) counts.failed++
      for (const suite of module.children.allSuites()) if (failsByItself(suite)) counts.failed++
      for (const test of module.children.allTests()) counts[test.result().state]++
    }
    // The default reporter writes its summary in the same turn, but after this.
    await setImmediate()
    // What is still pending was cut off by an interrupt or a bail-out: it did not run.
    console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped + counts.pending} skipped`)
  }
}
