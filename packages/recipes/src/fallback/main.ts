/** An answer from a second region, where the first cannot be reached. */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Stream } from "effect"
import { Simulator } from "effect-dashscope-simulator"
import { ask, planOf, say } from "./fallback.js"

const program = Effect.gen(function*() {
  const broken = yield* Simulator.make({ behavior: { error: { status: 503 } } })
  const sound = yield* Simulator.make()
  const plan = planOf(
    { model: "qwen-max", endpoint: broken.url, apiKey: "sk-beijing" },
    { model: "qwen-plus", endpoint: sound.url, apiKey: "sk-singapore" }
  )
  const { model, text } = yield* Effect.withExecutionPlan(ask("Why is the sky blue?"), plan)
  yield* Console.log(`${model}: ${text}`)
  yield* say("And the sea?").pipe(
    Stream.withExecutionPlan(plan, { preventFallbackOnPartialStream: true }),
    Stream.runForEach((piece) => Effect.sync(() => process.stdout.write(piece)))
  )
  yield* Console.log("")
})

NodeRuntime.runMain(Effect.scoped(program))
