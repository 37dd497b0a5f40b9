/**
 * A thousand calls at once, bounded by the pool, with a progress bar.
 *
 * All calls are started together, and nothing here counts or queues them: the pool lets out as many as it is told to,
 * and the others wait their turn (it warns that they do, which here is as it should be). What failed is counted by its
 * tag. Ctrl-C stops the calls and gives everything back.
 *
 * `npm run example -- many-calls 200` makes it 200 calls. Where the real service is asked, the default is 20.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Array, Console, Data, Duration, Effect, Schedule } from "effect"
import { ConnectionConfig, ConnectionPool, DashScope, Generation } from "effect-dashscope"
import { progressBar } from "./internal/progress.js"
import * as Service from "./internal/service.js"

const connection = ConnectionConfig.make({
  connectionPoolSize: 32, // so there are no more than 32 requests in flight either
  acquireTimeout: "2 minutes" // how long a call waits for its turn
})

const ask = (i: number) => Generation.call({ model: "qwen-plus", prompt: `What is ${i} times ${i}?` })

/** Starts all calls, and returns the errors and the answers. */
const askAll = (count: number) =>
  Effect.gen(function*() {
    const progress = yield* progressBar(count)
    const showPool = Effect.flatMap(
      ConnectionPool.stats,
      ({ inFlight, open, waiting }) => progress.note(`${open} open, ${inFlight} in flight, ${waiting} waiting`)
    )
    yield* Effect.forkScoped(Effect.repeat(showPool, Schedule.spaced("100 millis")))

    const outcomes = yield* Effect.forEach(
      Array.range(1, count),
      (i) => Effect.either(Effect.ensuring(ask(i), progress.increment)),
      { concurrency: "unbounded" }
    )
    yield* showPool
    return { errors: Array.getLefts(outcomes), answers: Array.getRights(outcomes) }
  }).pipe(Effect.scoped)

class NotANumber extends Data.TaggedError("NotANumber")<{ readonly message: string }> {}

const countOr = (standard: number) => {
  const argument = process.argv[2]
  if (argument === undefined) return Effect.succeed(standard)
  return /^[1-9]\d{0,5}$/.test(argument)
    ? Effect.succeed(Number(argument))
    : new NotANumber({ message: `how many calls? "${argument}" is not a number from 1 to 999999` })
}

const program = Effect.gen(function*() {
  const { name, simulator } = yield* Service.Service
  const count = yield* countOr(simulator === undefined ? 20 : 1000)
  yield* Console.log(`Asking:  ${name}, ${count} times`)

  const [took, { answers, errors }] = yield* Effect.timed(askAll(count))

  const perSecond = Math.round(count / Duration.toSeconds(took))
  yield* Console.log(
    `Took:    ${Duration.format(Duration.millis(Math.round(Duration.toMillis(took))))}, ` +
      `${perSecond} calls per second`
  )
  yield* Console.log(`Answers: ${answers.length}`)
  yield* Console.log(`Errors:  ${errors.length}`)
  for (const [tag, [first, ...others]] of Object.entries(Array.groupBy(errors, (error) => error._tag))) {
    yield* Console.log(`  ${tag}: ${others.length + 1}, such as: ${first.message}`)
  }
  yield* Console.log(`Pool:    ${(yield* ConnectionPool.stats).toString()}`)
  if (simulator !== undefined) {
    const seen = yield* simulator.stats
    yield* Console.log(
      `Server:  saw ${seen.totalRequests} requests, at most ${seen.maxRequestsInFlight} at once; ` +
        `${seen.totalConnections} connections, at most ${seen.maxOpenConnections} at once`
    )
  }
}).pipe(
  Effect.onInterrupt(() =>
    Effect.flatMap(ConnectionPool.stats, (stats) => Console.log(`Stopped. Pool: ${stats.toString()}`))
  )
)

program.pipe(
  // Each call is made once, so that there are errors to count.
  Effect.provide(DashScope.layer({ connection, retry: false })),
  Effect.provide(Service.layer({
    // A service on a bad day: one in a hundred calls ends in an error, one in 250 in the middle of its answer.
    behaviorOf: ({ index }) =>
      index % 100 === 0
        ? { error: { status: 503, code: "ModelUnavailable", message: "Model is unavailable, please try again later." } }
        : { latency: 50, ...(index % 250 === 1 ? { fault: { _tag: "HalfBody" } } : undefined) }
  })),
  NodeRuntime.runMain
)
