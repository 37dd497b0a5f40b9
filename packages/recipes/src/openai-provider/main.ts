/** A question to `@effect/ai-openai` over the pool, with `OPENAI_API_KEY` and `OPENAI_BASE_URL` of your own. */
import { LanguageModel } from "@effect/ai"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { layer } from "./provider.js"

LanguageModel.generateText({ prompt: "Why is the sky blue?" }).pipe(
  Effect.flatMap(({ text }) => Console.log(text)),
  Effect.provide(layer(process.argv[2] ?? "qwen-plus")),
  NodeRuntime.runMain
)
