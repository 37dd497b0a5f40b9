import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as CodeGeneration from "../src/CodeGeneration.js"
import * as DashScope from "../src/DashScope.js"
import { serviceContract } from "./util/serviceContract.js"

const params: CodeGeneration.CodeGenerationParams = {
  model: "tongyi-lingma-v1",
  scene: "nl2code",
  message: [{ role: "user", content: "计算给定路径下所有文件的总大小" }, {
    role: "attachment",
    meta: { language: "java" }
  }]
}

const choice = { finish_reason: "stop", frame_timestamp: 1701848421.5, index: 0, content: "1 + 1", frame_id: 25 }

serviceContract("CodeGeneration", {
  layer: CodeGeneration.layer,
  samples: [{
    name: "call",
    run: (options) => CodeGeneration.call(params, options),
    sends: {
      path: "/api/v1/services/aigc/code-generation/generation",
      body: { model: params.model, input: { scene: "nl2code", message: params.message }, parameters: { n: 1 } }
    },
    answer: { output: { choices: [choice] }, usage: { output_tokens: 198, input_tokens: 46 }, request_id: "r" },
    gives: {
      output: {
        choices: [{ finishReason: "stop", frameTimestamp: 1701848421.5, index: 0, content: "1 + 1", frameId: 25 }]
      },
      usage: { outputTokens: 198, inputTokens: 46 },
      requestId: "r"
    },
    schema: CodeGeneration.CodeGenerationResult,
    observed: { operation: "generate_code", model: "tongyi-lingma-v1", input: 46, output: 198 }
  }],
  refuses: [
    ["model", CodeGeneration.call({ ...params, model: "" })],
    ["scene", CodeGeneration.call({ ...params, scene: "" })],
    ["message", CodeGeneration.call({ ...params, message: [] })],
    ["messages", CodeGeneration.call(Object.assign({ messages: [] }, params))],
    ["scene", Stream.runDrain(CodeGeneration.stream({ ...params, scene: "" }))]
  ]
})

describe("CodeGeneration.stream", () => {
  it.scopedLive("gives all so far with each element, to its end", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const run = (options = {}) =>
        Effect.provide(
          Effect.all([CodeGeneration.call(params), Stream.runCollect(CodeGeneration.stream(params, options))]),
          DashScope.layer({ apiKey: "sk-test", endpoint: simulator.url })
        )
      const [whole, elements] = yield* run()
      const texts = Chunk.toReadonlyArray(elements).map(CodeGeneration.text)
      assert.isAbove(texts.length, 3)
      assert.strictEqual(texts.at(-1), CodeGeneration.text(whole))
      for (const [i, text] of texts.entries()) assert.isTrue(i === 0 || text.startsWith(texts[i - 1] ?? ""))

      yield* simulator.setBehavior({ stream: { closeWithoutFinish: true } })
      const error = yield* Effect.flip(run())
      assert.deepInclude<object>({ ...error }, { _tag: "ConnectionError", reason: "Truncated" })
    }))
})
