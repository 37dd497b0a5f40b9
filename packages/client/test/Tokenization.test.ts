import * as Message from "../src/Message.js"
import * as Tokenization from "../src/Tokenization.js"
import { serviceContract } from "./util/serviceContract.js"

const answer = {
  output: { token_ids: [46100, 101933], tokens: ["代码", "改变"] },
  usage: { input_tokens: 2 },
  request_id: "r"
}
const gives = {
  output: { tokenIds: [46100, 101933], tokens: ["代码", "改变"] },
  usage: { inputTokens: 2 },
  requestId: "r"
}
const schema = Tokenization.TokenizationResult
const observed = { operation: "tokenize", model: "qwen-plus" }

serviceContract("Tokenization", {
  layer: Tokenization.layer,
  samples: [{
    name: "call",
    run: (options) =>
      Tokenization.call({ model: "qwen-plus", messages: [Message.system("简短")], prompt: "代码改变" }, options),
    sends: {
      path: "/api/v1/tokenizer",
      body: {
        model: "qwen-plus",
        input: { messages: [{ role: "system", content: "简短" }, { role: "user", content: "代码改变" }] },
        parameters: {}
      }
    },
    answer,
    gives,
    schema,
    observed
  }, {
    name: "call, of a prompt",
    run: (options) => Tokenization.call({ model: "qwen-plus", prompt: "代码改变", extra: { seed: 1 } }, options),
    sends: {
      path: "/api/v1/tokenizer",
      body: { model: "qwen-plus", input: { prompt: "代码改变" }, parameters: { seed: 1 } }
    },
    answer,
    gives,
    schema,
    observed
  }],
  refuses: [
    ["model", Tokenization.call({ model: "", prompt: "a" })],
    ["messages", Tokenization.call({ model: "qwen-plus" })],
    ["messages", Tokenization.call(Object.assign({ model: "qwen-plus" }, { messages: [{ role: "nobody" }] as never }))],
    ["seed", Tokenization.call(Object.assign({ seed: 1 }, { model: "qwen-plus", prompt: "a" }))]
  ],
  recordings: { of: ({ name }) => name.startsWith("tokenization"), schema }
})
