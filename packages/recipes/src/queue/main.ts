/** Twenty prompts through a queue, five at a time. */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Queue, Stream } from "effect"
import { ConnectionConfig, DashScope } from "effect-dashscope"
import { service } from "../internal/service.js"
import { answers, makeQueue } from "./queue.js"

const program = Effect.gen(function*() {
  const jobs = yield* makeQueue(10)
  yield* Effect.fork(
    Effect.forEach(
      Array.from({ length: 20 }, (_, i) => i),
      (i) => Queue.offer(jobs, { id: `job ${i}`, prompt: `Question ${i}: why is the sky blue?` })
    )
  )
  yield* answers(jobs, 5).pipe(
    Stream.tap((done) =>
      Console.log(done.job.id, done._tag === "Answered" ? done.text.slice(0, 40) : done.error.message)
    ),
    Stream.take(20),
    Stream.runDrain
  )
})

program.pipe(
  Effect.provide(DashScope.layer({ connection: ConnectionConfig.make({ connectionPoolSize: 5 }) })),
  Effect.provide(service),
  NodeRuntime.runMain
)
