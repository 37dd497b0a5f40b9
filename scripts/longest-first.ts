import { BaseSequencer, type TestSpecification } from "vitest/node"

/** Short files that take long. The others take the longer the larger they are, which is Vitest's own order. */
const long = new RegExp(
  "/(?:awaiting|callDeadlines|chaos|closing|command|deadlines|examples|leak|memory|neutral|observability|plantedKey|" +
    "rateLimited|readme|stale|streamPressure|timers)\\.test\\.ts$"
)

/** No worker is left alone with what takes long while the others have nothing more to do. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    const sorted = await super.sort(files)
    const isLong = ({ moduleId }: TestSpecification) => long.test(moduleId)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}
