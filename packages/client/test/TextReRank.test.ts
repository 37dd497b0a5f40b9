import { assert, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as DashScope from "../src/DashScope.js"
import * as Media from "../src/Media.js"
import * as TextReRank from "../src/TextReRank.js"
import { noUploads } from "./util/mock.js"
import { serviceContract } from "./util/serviceContract.js"

const params: TextReRank.TextReRankParams = {
  model: "qwen3-rerank",
  query: "什么是文本排序模型",
  documents: ["文本排序模型广泛用于搜索引擎", "量子计算是计算科学的一个前沿领域"]
}

serviceContract("TextReRank", {
  layer: Layer.provide(TextReRank.layer, noUploads),
  samples: [{
    name: "call",
    run: (options) =>
      TextReRank.call({ ...params, topN: 1, returnDocuments: true, instruct: "Rank", extra: { x: 1 } }, options),
    sends: {
      path: "/api/v1/services/rerank/text-rerank/text-rerank",
      body: {
        model: "qwen3-rerank",
        input: { query: params.query, documents: params.documents },
        parameters: { top_n: 1, return_documents: true, instruct: "Rank", x: 1 }
      }
    },
    answer: {
      output: { results: [{ index: 1, relevance_score: 0.93, document: { text: "文本排序模型广泛用于搜索引擎" } }] },
      usage: { total_tokens: 79 },
      request_id: "r-1"
    },
    gives: {
      output: { results: [{ index: 1, relevanceScore: 0.93, document: { text: "文本排序模型广泛用于搜索引擎" } }] },
      usage: { totalTokens: 79 },
      requestId: "r-1"
    },
    schema: TextReRank.TextReRankResult,
    observed: { operation: "rerank", model: "qwen3-rerank", input: 79 }
  }, {
    name: "call, of images",
    run: (options) =>
      TextReRank.call({
        model: "qwen3-vl-rerank",
        query: { text: "a cat" },
        documents: [{ image: "https://example.com/cat.png" }, "a dog"]
      }, options),
    sends: {
      path: "/api/v1/services/rerank/text-rerank/text-rerank",
      body: {
        model: "qwen3-vl-rerank",
        input: { query: { text: "a cat" }, documents: [{ image: "https://example.com/cat.png" }, "a dog"] },
        parameters: {}
      }
    },
    answer: {
      output: { results: [{ index: 0, relevance_score: 0.5 }] },
      usage: { input_tokens: 9 },
      request_id: "r-2"
    },
    gives: { output: { results: [{ index: 0, relevanceScore: 0.5 }] }, usage: { inputTokens: 9 }, requestId: "r-2" },
    schema: TextReRank.TextReRankResult,
    observed: { operation: "rerank", model: "qwen3-vl-rerank", input: 9 }
  }],
  refuses: [
    ["model", TextReRank.call({ ...params, model: "" })],
    ["query", TextReRank.call({ ...params, query: "" })],
    ["query", TextReRank.call({ ...params, query: {} })],
    ["documents", TextReRank.call({ ...params, documents: [] })],
    ["documents[1]", TextReRank.call({ ...params, documents: ["a", ""] })],
    ["topN", TextReRank.call({ ...params, topN: Infinity })],
    ["topn", TextReRank.call(Object.assign({ topn: 1 }, params))]
  ]
})

it.scopedLive("puts files and bytes where the model finds them", () =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make()
    const large = new Uint8Array(1_200_000).fill(200)
    yield* Effect.gen(function*() {
      const { output } = yield* TextReRank.call({
        model: "qwen3-vl-rerank",
        query: { image: Media.bytes(large.subarray(0, 100), "image/jpeg") },
        documents: [{ image: Media.bytes(large, "image/jpeg") }, "a dog"]
      })
      assert.lengthOf(output.results, 2)
      const [upload] = yield* simulator.uploads
      const asked = (yield* simulator.requests).find(({ path }) => path.endsWith("/text-rerank"))
      assert.include(asked?.body, `[{"image":"${upload?.url}"},"a dog"]`)
      assert.include(asked?.body, `"query":{"image":"data:image/jpeg;base64,`)
    }).pipe(Effect.provide(DashScope.layer({ endpoint: simulator.url, apiKey: "sk-test", retry: false })))
  }))
