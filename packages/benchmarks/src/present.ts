import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { mkdir, writeFile } from "node:fs/promises"
import { join, relative, resolve } from "node:path"
import { repository } from "./build.js"
import { BenchmarkFailed, messageOf } from "./failure.js"
import type { Options } from "./options.js"
import { summarizeProfiles } from "./profiles.js"
import { chart } from "./report/chart.js"
import { markdown, summary } from "./report/markdown.js"
import type { Results } from "./results.js"

/** Whether everything that could be measured was. */
export const isComplete = (results: Results): boolean => results.missing.every(({ isSkipped }) => isSkipped)

/** Writes the report, its chart, and what both are made of. */
export const write = (results: Results, folder: string): Effect.Effect<void, BenchmarkFailed> =>
  Effect.tryPromise({
    try: async () => {
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, "README.md"), markdown(results, "chart.svg"))
      await writeFile(join(folder, "chart.svg"), chart(results))
      await writeFile(join(folder, "results.json"), JSON.stringify(results, undefined, 1) + "\n")
    },
    catch: (cause) => new BenchmarkFailed({ message: `cannot write the report: ${messageOf(cause)}` })
  })

/** Prints what was measured, and writes the report where one was asked for. */
export const present = (results: Results, options: Options): Effect.Effect<void, BenchmarkFailed> =>
  Effect.gen(function*() {
    yield* Console.log(summary(results))
    for (const { client, isSkipped, measure, reason } of results.missing) {
      if (!isSkipped) yield* Console.error(`\n${client}, ${measure ?? ""}: ${reason}`)
    }
    if (options.profile !== undefined) {
      yield* Console.log(yield* summarizeProfiles(options.profile, results))
    }
    if (options.out !== undefined) {
      const folder = resolve(repository, options.out)
      yield* write(results, folder)
      yield* Console.log(`\nWritten to ${relative(process.cwd(), folder)}: README.md, chart.svg, results.json`)
    }
  })
