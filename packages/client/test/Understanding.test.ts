import * as Understanding from "../src/Understanding.js"
import { serviceContract } from "./util/serviceContract.js"

const params = { model: "opennlu-v1", sentence: "老师今天表扬我了", labels: ["积极", "消极"] }

serviceContract("Understanding", {
  layer: Understanding.layer,
  samples: [{
    name: "call",
    run: (options) => Understanding.call({ ...params, task: "classification" }, options),
    sends: {
      path: "/api/v1/services/nlp/nlu/understanding",
      body: {
        model: "opennlu-v1",
        input: { sentence: "老师今天表扬我了", labels: "积极，消极", task: "classification" },
        parameters: {}
      }
    },
    answer: {
      output: { rt: 0.079, text: "积极;" },
      usage: { total_tokens: 22, output_tokens: 2, input_tokens: 20 },
      request_id: "r"
    },
    gives: {
      output: { rt: 0.079, text: "积极;" },
      usage: { totalTokens: 22, outputTokens: 2, inputTokens: 20 },
      requestId: "r"
    },
    schema: Understanding.UnderstandingResult,
    observed: { operation: "understand", model: "opennlu-v1", input: 20, output: 2 }
  }],
  refuses: [
    ["model", Understanding.call({ ...params, model: "" })],
    ["sentence", Understanding.call({ ...params, sentence: "" })],
    ["labels", Understanding.call({ ...params, labels: [] })],
    ["labels", Understanding.call({ ...params, labels: " " })],
    ["label", Understanding.call(Object.assign({ label: "a" }, params))]
  ]
})
