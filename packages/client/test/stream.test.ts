import { assert, describe, it } from "@effect/vitest"
import { Chunk, Effect, Layer, Stream } from "effect"
import { Simulator } from "effect-dashscope-simulator"
import * as DashScope from "../src/DashScope.js"
import * as Generation from "../src/Generation.js"
import * as Message from "../src/Message.js"

const live = Layer.unwrapEffect(Effect.map(Simulator.Simulator, ({ url }) =>
  DashScope.layer({ apiKey: "sk-test", endpoint: url }))).pipe(Layer.provideMerge(Simulator.layer()))

const weather = {
  type: "function",
  function: {
    name: "get_current_weather",
    description: "weather of a place",
    parameters: { type: "object", properties: { location: { type: "string" } }, required: ["location"] }
  }
} as const

const kinds: Record<string, Partial<Generation.GenerationParams>> = {
  plain: {},
  text: { resultFormat: "text" },
  thinking: { enableThinking: true },
  tools: { tools: [weather, { ...weather, function: { ...weather.function, name: "get_weather_too" } }], parallelToolCalls: true, messages: [Message.user("weather of Hangzhou and Shanghai?")] },
  logprobs: { logprobs: true, topLogprobs: 2 },
  n: { n: 3 },
  nLogprobs: { n: 2, logprobs: true, enableThinking: true },
  length: { maxTokens: 3 },
  nLength: { n: 2, maxTokens: 3 },
  search: { enableSearch: true, searchOptions: { enableSource: true } },
  prepend: { enableSearch: true, searchOptions: { enableSource: true, prependSearchResult: true } },
  json: { responseFormat: { type: "json_object" }, messages: [Message.user("json please")] }
}

describe("smoke", () => {
  for (const [name, given] of Object.entries(kinds)) {
    it.effect(name, () =>
      Effect.gen(function*() {
        const params: Generation.GenerationParams = { model: "qwen-plus", messages: [Message.user("你好，世界 and the rest of it?")], ...given }
        const whole = yield* Generation.call(params)
        const strip = ({ requestId: _, ...rest }: Generation.GenerationResult) => rest
        const collected = yield* Generation.collect(Generation.stream(params))
        assert.deepStrictEqual(strip(collected), strip(whole))
        const totals = yield* Stream.runCollect(Generation.stream({ ...params, incrementalOutput: false }))
        assert.deepStrictEqual(strip(Chunk.unsafeLast(totals)), strip(whole))
        const collectedTotals = yield* Generation.collect(Generation.stream({ ...params, incrementalOutput: false }))
        assert.deepStrictEqual(strip(collectedTotals), strip(whole))
        const text = yield* Stream.mkString(Generation.streamText(params))
        assert.strictEqual(text, Generation.text(whole))
      }).pipe(Effect.provide(live)))
  }
})
