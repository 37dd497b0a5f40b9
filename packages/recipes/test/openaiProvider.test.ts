import { LanguageModel, Tool, Toolkit } from "@effect/ai"
import { assert, it } from "@effect/vitest"
import { ConfigProvider, Effect, Schema, Stream } from "effect"
import { Simulator } from "effect-dashscope-simulator"
import { layer } from "../src/openai-provider/provider.js"

const Weather = Tool.make("weather", { parameters: { city: Schema.String }, success: Schema.String })

const toolkit = Toolkit.make(Weather)

it.scopedLive("@effect/ai-openai over the pool: 24 questions at once use its four connections; it streams, calls tools, makes objects", () =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make({ behavior: { latency: 20 } })
    const program = Effect.gen(function*() {
      const answers = yield* Effect.forEach(
        Array.from({ length: 24 }),
        () => LanguageModel.generateText({ prompt: "1+1?" }),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(new Set(answers.map(({ text }) => text)), new Set(["1+1 equals 2."]))
      const { maxOpenConnections, totalRequests } = yield* simulator.stats
      assert.deepStrictEqual({ maxOpenConnections, totalRequests }, { maxOpenConnections: 4, totalRequests: 24 })

      const streamed = yield* LanguageModel.streamText({ prompt: "1+1?" }).pipe(
        Stream.runFold("", (text, part) => part.type === "text-delta" ? text + part.delta : text)
      )
      assert.strictEqual(streamed, "1+1 equals 2.")

      const called = yield* LanguageModel.generateText({ prompt: "How is the weather in Hangzhou?", toolkit })
      assert.deepStrictEqual(called.toolResults.map(({ result }) => result), ["sunny"])

      const { value } = yield* LanguageModel.generateObject({
        prompt: "1+1?",
        schema: Schema.Struct({ n: Schema.Int })
      })
      assert.strictEqual(value.n, 2)
    })
    yield* program.pipe(
      Effect.provide(toolkit.toLayer({ weather: () => Effect.succeed("sunny") })),
      Effect.provide(layer("qwen-plus", { connectionPoolSize: 4 })),
      Effect.withConfigProvider(ConfigProvider.fromMap(
        new Map([["OPENAI_API_KEY", "sk-test"], ["OPENAI_BASE_URL", `${simulator.origin}/compatible-mode/v1`]])
      ))
    )
  }))
