/** `npm run budget`: whether the library spends no more than budget.json says. With `--write`, what it spends becomes the budget. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { packageFolder } from "../build.js"
import { BenchmarkFailed, messageOf } from "../failure.js"
import { table } from "../report/markdown.js"
import { Budget, budgetOf, problemsOf, show } from "./budget.js"
import { measureAll } from "./rows.js"

const file = join(packageFolder, "budget.json")
const major = process.versions.node.split(".")[0] ?? ""

const failing = (cause: unknown) => new BenchmarkFailed({ message: messageOf(cause) })

const read = Effect.tryPromise({ try: () => readFile(file, "utf8"), catch: failing }).pipe(
  Effect.flatMap((text) => Effect.mapError(Schema.decodeUnknown(Schema.parseJson(Budget))(text), failing))
)

const program = Effect.gen(function*() {
  const measured = yield* measureAll
  if (process.argv.includes("--write")) {
    const budget = JSON.stringify(budgetOf(major, measured), undefined, 2)
    yield* Effect.tryPromise({ try: () => writeFile(file, `${budget}\n`), catch: failing })
    return yield* Console.log(`Written to ${file}`)
  }
  const budget = yield* read
  yield* Console.log(table(
    ["", "counted", "at most"],
    [...measured].map(([row, value]) => [row, show(value), show(budget.rows[row] ?? Number.NaN)])
  ))
  if (budget.node !== major) {
    return yield* Console.log(`\nNot compared: the budget is of Node ${budget.node}, and this is Node ${major}.`)
  }
  const problems = problemsOf(budget, measured)
  if (problems.length > 0) {
    return yield* new BenchmarkFailed({
      message: `\nOver the budget:\n${problems.map((line) => `- ${line}`).join("\n")}`
    })
  }
})

program.pipe(
  Effect.scoped,
  Effect.catchAll(({ message }) =>
    Console.error(message).pipe(Effect.zipRight(Effect.sync(() => {
      process.exitCode = 1
    })))
  ),
  NodeRuntime.runMain
)
