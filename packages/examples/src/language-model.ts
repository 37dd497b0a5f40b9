/**
 * A program of @effect/ai on models of DashScope: a chat with a tool, which is exported and goes on, an object, and vectors.
 */
import { Chat, LanguageModel, Tool, Toolkit } from "@effect/ai"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Ref, Schema, Stream } from "effect"
import { DashScope } from "effect-dashscope"
import { DashScopeAiError, DashScopeEmbeddingModel, DashScopeLanguageModel } from "effect-dashscope-ai"
import * as Service from "./internal/service.js"
import { vectorsOf } from "./internal/vectors.js"

const GetWeather = Tool.make("get_weather", {
  description: "The weather of a city, now",
  parameters: { city: Schema.String.annotations({ description: "Its name, such as Hangzhou" }) },
  success: Schema.Struct({ sky: Schema.String, degrees: Schema.Number })
})
const toolkit = Toolkit.make(GetWeather)
const Handlers = toolkit.toLayer({ get_weather: () => Effect.succeed({ sky: "cloudy", degrees: 18 }) })

// Asks until the model answers without a tool: the core runs the tools of one answer, and leaves the rounds to the program.
const say = (chat: Chat.Service, text: string) =>
  Effect.gen(function*() {
    yield* Console.log(`  > ${text}`)
    let reason = "tool-calls"
    for (let round = 1; reason === "tool-calls" && round <= 4; round++) {
      yield* chat.streamText({ prompt: round === 1 ? text : [], toolkit }).pipe(
        Stream.runForEach((part) =>
          Effect.sync(() => {
            if (part.type === "text-delta") process.stdout.write(part.delta)
            if (part.type === "text-end") process.stdout.write("\n")
            if (part.type === "tool-result") console.log(`  ${part.name} says ${JSON.stringify(part.result)}`)
            if (part.type === "finish") reason = part.reason
          })
        )
      )
    }
  })

const chatting = Effect.gen(function*() {
  const chat = yield* Chat.fromPrompt([{ role: "system", content: "Be brief." }])
  yield* say(chat, "How is the weather in Hangzhou?")
  const saved = yield* chat.exportJson
  const again = yield* Chat.fromJson(saved)
  yield* say(again, "你是谁？")
  const { content } = yield* Ref.get(again.history)
  yield* Console.log(`  ${content.length} messages, ${saved.length} characters were saved`)
})

const Trip = Schema.Struct({ city: Schema.String, days: Schema.Int }).annotations({ identifier: "Trip" })

const object = LanguageModel.generateObject({ prompt: "Three days in Hangzhou", schema: Trip }).pipe(
  Effect.flatMap(({ value }) => Console.log(`  ${typeof value.city} ${typeof value.days}`))
)

const vectors = vectorsOf(["晴", "雨", "雪"]).pipe(
  Effect.flatMap((vectors) => Console.log(`  ${vectors.length} vectors of ${vectors[0]?.length}`))
)

const failing = LanguageModel.generateText({ prompt: "Hi" }).pipe(
  DashScopeLanguageModel.withConfigOverride({ model: "unknown-model" }),
  Effect.catchAll((error) => {
    const original = DashScopeAiError.original(error)
    return Console.log(`  ${error._tag}, made of ${original?._tag === "ApiError" ? original.reason : "nothing"}`)
  })
)

const program = Effect.gen(function*() {
  const { name } = yield* Service.Service
  yield* Console.log(`Asking: ${name}`)
  yield* Console.log("A chat with a tool:")
  yield* chatting
  yield* Console.log("An object:")
  yield* object
  yield* Console.log("Vectors:")
  yield* vectors
  yield* Console.log("A failure:")
  yield* failing
})

program.pipe(
  Effect.provide(Handlers),
  Effect.provide(DashScopeLanguageModel.model("qwen-plus", { temperature: 0.3, timeout: "1 minute" })),
  Effect.provide(DashScopeEmbeddingModel.model("text-embedding-v4", { dimension: 256 })),
  Effect.provide(DashScope.layer()),
  Effect.provide(Service.layer()),
  NodeRuntime.runMain
)
