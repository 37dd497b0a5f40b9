import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as DashScopeClient from "../src/DashScopeClient.js"
import * as TextEmbedding from "../src/TextEmbedding.js"
import { serviceContract } from "./util/serviceContract.js"

const params: TextEmbedding.TextEmbeddingParams = {
  model: "text-embedding-v4",
  texts: ["风急天高猿啸哀", "渚清沙白鸟飞回"]
}

serviceContract("TextEmbedding", {
  layer: TextEmbedding.layer,
  samples: [{
    name: "call",
    run: (options) =>
      TextEmbedding.call({
        ...params,
        textType: "query",
        dimension: 64,
        outputType: "dense&sparse",
        instruct: "Find poems",
        extra: { new_parameter: 1 },
        extraInput: { new_field: true }
      }, options),
    sends: {
      path: "/api/v1/services/embeddings/text-embedding/text-embedding",
      body: {
        model: "text-embedding-v4",
        input: { texts: params.texts, new_field: true },
        parameters: {
          text_type: "query",
          dimension: 64,
          output_type: "dense&sparse",
          instruct: "Find poems",
          new_parameter: 1
        }
      }
    },
    answer: {
      output: {
        embeddings: [
          { text_index: 1, embedding: [0.5, -0.25], sparse_embedding: [{ index: 7149, value: 0.829, token: "风" }] },
          { text_index: 0, embedding: [1, 0], sparse_embedding: [] }
        ]
      },
      usage: { total_tokens: 27 },
      request_id: "r-1"
    },
    gives: {
      output: {
        embeddings: [
          { textIndex: 1, embedding: [0.5, -0.25], sparseEmbedding: [{ index: 7149, value: 0.829, token: "风" }] },
          { textIndex: 0, embedding: [1, 0], sparseEmbedding: [] }
        ]
      },
      usage: { totalTokens: 27 },
      requestId: "r-1"
    },
    schema: TextEmbedding.TextEmbeddingResult,
    observed: { operation: "embeddings", model: "text-embedding-v4", input: 27 }
  }],
  refuses: [
    ["model", TextEmbedding.call({ model: " ", texts: ["a"] })],
    ["texts", TextEmbedding.call({ model: "text-embedding-v4", texts: [] })],
    ["texts[1]", TextEmbedding.call({ model: "text-embedding-v4", texts: ["a", ""] })],
    ["dimension", TextEmbedding.call({ ...params, dimension: NaN })],
    // What a program without types may write.
    ["dimensions", TextEmbedding.call(Object.assign({ dimensions: 64 }, params))],
    ["text_type", TextEmbedding.call(Object.assign({ text_type: "query" }, params))]
  ],
  recordings: {
    of: ({ name }) => name.startsWith("text-embedding"),
    schema: TextEmbedding.TextEmbeddingResult
  }
})

describe("TextEmbedding", () => {
  it.effect("is replaced by a Layer", () =>
    Effect.gen(function*() {
      const result = yield* TextEmbedding.call(params)
      assert.deepStrictEqual(result.output.embeddings.map(TextEmbedding.vector), [Float32Array.of(1, 0)])
    }).pipe(Effect.provide(Layer.mock(TextEmbedding.TextEmbedding, {
      call: () => Effect.succeed({ output: { embeddings: [{ textIndex: 0, embedding: [1, 0] }] } })
    }))))

  it.effect("says which parameter was meant", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(TextEmbedding.call(Object.assign({ text_type: "query" }, params)))
      assert.include(error.message, "did you mean \"textType\"?")
    }).pipe(
      Effect.provide(TextEmbedding.layer),
      Effect.provide(Layer.mock(DashScopeClient.DashScopeClient, {
        baseUrl: "https://example.com/api/v1",
        timeoutOf: () => Either.right(undefined)
      }))
    ))

  it("tells how near vectors are", () => {
    assert.strictEqual(TextEmbedding.similarity([1, 0], Float32Array.of(2, 0)), 1)
    assert.strictEqual(TextEmbedding.similarity([1, 0], [0, 3]), 0)
    assert.strictEqual(TextEmbedding.similarity([1, 0], [-1, 0]), -1)
    assert.strictEqual(TextEmbedding.similarity([], [1]), 0)
  })
})
