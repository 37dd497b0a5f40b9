import * as Stream from "effect/Stream"
import * as Generation from "../../src/Generation.js"
import * as Message from "../../src/Message.js"
import { serviceContract } from "../util/serviceContract.js"

const messages = [Message.system("简短"), Message.user("1+1 等于几？")]

const params: Generation.GenerationParams = { model: "qwen-plus", messages }

serviceContract("Generation", {
  layer: Generation.layer,
  samples: [{
    name: "call",
    run: (options) => Generation.call({ ...params, seed: 7, topP: 0.5, extra: { new_parameter: 1 } }, options),
    sends: {
      path: "/api/v1/services/aigc/text-generation/generation",
      body: {
        model: "qwen-plus",
        input: { messages: [{ role: "system", content: "简短" }, { role: "user", content: "1+1 等于几？" }] },
        parameters: { seed: 7, top_p: 0.5, result_format: "message", new_parameter: 1 }
      }
    },
    answer: {
      output: { choices: [{ finish_reason: "stop", message: { role: "assistant", content: "2" } }] },
      usage: { input_tokens: 20, output_tokens: 1, total_tokens: 21, prompt_tokens_details: { cached_tokens: 0 } },
      request_id: "r-1"
    },
    gives: {
      output: { choices: [{ finishReason: "stop", message: { role: "assistant", content: "2" } }] },
      usage: { inputTokens: 20, outputTokens: 1, totalTokens: 21, promptTokensDetails: { cachedTokens: 0 } },
      requestId: "r-1"
    },
    schema: Generation.GenerationResult,
    observed: { operation: "chat", model: "qwen-plus", input: 20, output: 1 }
  }],
  refuses: [
    ["model", Generation.call({ ...params, model: "" })],
    ["messages", Generation.call({ model: "qwen-plus" })],
    ["messages", Stream.runDrain(Generation.stream({ model: "qwen-plus" }))],
    ["topp", Generation.call(Object.assign({ topp: 1 }, params))]
  ]
})
