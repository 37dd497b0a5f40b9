import { LanguageModel } from "@effect/ai"
import { HttpServerResponse } from "@effect/platform"
import { assert, it } from "@effect/vitest"
import { ConfigProvider, Effect } from "effect"
import { Simulator } from "effect-dashscope-simulator"
import { layer } from "../src/openai-provider/provider.js"

/** An answer of OpenAI's Responses API, as far as the provider reads it. */
const response = {
  id: "resp_1",
  object: "response",
  created_at: 1_700_000_000,
  status: "completed",
  error: null,
  incomplete_details: null,
  instructions: null,
  max_output_tokens: null,
  model: "qwen-plus",
  output: [{
    id: "msg_1",
    type: "message",
    status: "completed",
    role: "assistant",
    content: [{ type: "output_text", text: "Light is scattered.", annotations: [], logprobs: [] }]
  }],
  parallel_tool_calls: true,
  previous_response_id: null,
  store: true,
  temperature: 1,
  text: { format: { type: "text" } },
  tool_choice: "auto",
  tools: [],
  top_p: 1,
  truncation: "disabled",
  usage: {
    input_tokens: 5,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 4,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 9
  },
  metadata: {}
}

it.scopedLive("@effect/ai-openai over the pool: 24 questions at once use its four connections", () =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make({
      app: Effect.delay(HttpServerResponse.unsafeJson(response), "20 millis")
    })
    const answers = yield* Effect.forEach(
      Array.from({ length: 24 }),
      () => LanguageModel.generateText({ prompt: "Why is the sky blue?" }),
      { concurrency: "unbounded" }
    ).pipe(
      Effect.provide(layer("qwen-plus", { connectionPoolSize: 4 })),
      Effect.withConfigProvider(ConfigProvider.fromMap(
        new Map([["OPENAI_API_KEY", "sk-test"], ["OPENAI_BASE_URL", `${simulator.origin}/v1`]])
      ))
    )
    assert.deepStrictEqual(new Set(answers.map(({ text }) => text)), new Set(["Light is scattered."]))
    const { maxOpenConnections, totalRequests } = yield* simulator.stats
    assert.deepStrictEqual({ maxOpenConnections, totalRequests }, { maxOpenConnections: 4, totalRequests: 24 })
  }))
