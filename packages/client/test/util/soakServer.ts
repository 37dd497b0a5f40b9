/**
 * The server of the soak, in a process of its own so that the soak's numbers are the client's. It sends its base URLs
 * once it listens and its counters whenever it is sent anything, and ends with its parent.
 */
import { Effect } from "effect"
import { Simulator } from "effect-dashscope-simulator"

const simulator = Simulator.make({
  hosts: 2,
  record: 0,
  seed: Number(process.argv[2]),
  connections: { closeIdleRandomly: 0.02, closeIdleAfter: 300, resetOnAccept: 0.02, stallHandshake: 0.01 }
})

const program = Effect.gen(function*() {
  const { stats, urls } = yield* simulator
  process.send?.({ urls })
  process.on("message", () => {
    void Effect.runPromise(stats).then(({ maxOpenConnections, openConnections, totalRequests }) => {
      process.send?.({ maxOpenConnections, openConnections, totalRequests })
    })
  })
  return yield* Effect.never
})

process.once("disconnect", () => process.exit())
await Effect.runPromise(Effect.scoped(program))
