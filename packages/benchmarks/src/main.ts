/** `npm run bench`. See `--help`. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { BenchmarkFailed } from "./failure.js"
import { help, read } from "./options.js"
import { isComplete, present } from "./present.js"
import { run } from "./run.js"

const program = Effect.gen(function*() {
  const request = yield* Effect.mapError(
    read(process.argv.slice(2)),
    (message) => new BenchmarkFailed({ message: `${message}\nTry --help.` })
  )
  if (request._tag === "Help") return yield* Console.log(help)
  const results = yield* run(request.options)
  yield* present(results, request.options)
  if (!isComplete(results)) {
    yield* Effect.sync(() => {
      process.exitCode = 1
    })
  }
})

program.pipe(
  Effect.scoped,
  Effect.catchTag("BenchmarkFailed", ({ message }) =>
    Console.error(message).pipe(Effect.zipRight(Effect.sync(() => {
      process.exitCode = 2
    })))),
  NodeRuntime.runMain
)
