/** `npm run closing -- [processes]`: so many child processes, 100 by default, that close their pools under load. */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { availableParallelism } from "node:os"
import { closeMany } from "../util/closing.js"

const count = Number(process.argv[2] ?? 100)
if (!Number.isInteger(count) || count < 1) {
  console.error("npm run closing -- [processes, default 100]")
  process.exit(2)
}

let done = 0
const told = Effect.suspend(() => ++done % 10 === 0 ? Console.log(`${done} of ${count}`) : Effect.void)

const program = Effect.gen(function*() {
  const closed = yield* closeMany(count, availableParallelism(), () => told)
  const late = closed.map(({ exitMillis, shutdownMillis }) => exitMillis - shutdownMillis).sort((a, b) => a - b)
  const sum = (of: "succeeded" | "failed") => closed.reduce((total, one) => total + one[of], 0)
  yield* Console.log(
    `${count} processes ended by themselves, ${late[count >> 1]?.toFixed(0)} ms after shutdownTimeout in the median, ` +
      `${late.at(-1)?.toFixed(0)} ms at most; ${sum("succeeded")} calls succeeded, ${sum("failed")} failed typed`
  )
})

NodeRuntime.runMain(program)
