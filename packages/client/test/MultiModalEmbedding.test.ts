import { assert, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as DashScope from "../src/DashScope.js"
import * as Media from "../src/Media.js"
import * as MultiModalEmbedding from "../src/MultiModalEmbedding.js"
import { noUploads } from "./util/mock.js"
import { serviceContract } from "./util/serviceContract.js"

const image = "https://example.com/cat.png"

const params: MultiModalEmbedding.MultiModalEmbeddingParams = {
  model: "tongyi-embedding-vision-plus",
  contents: [{ text: "a cat" }, { image }]
}

serviceContract("MultiModalEmbedding", {
  layer: Layer.provide(MultiModalEmbedding.layer, noUploads),
  samples: [{
    name: "call",
    run: (options) =>
      MultiModalEmbedding.call({
        ...params,
        contents: [...params.contents, { text: "cats", multiImages: [image, image] }],
        dimension: 64,
        outputType: "dense",
        instruct: "Find cats",
        fps: 0.5,
        resLevel: 1,
        maxVideoFrames: 8,
        enableFusion: false,
        autoTruncation: true,
        extra: { new_parameter: 1 }
      }, options),
    sends: {
      path: "/api/v1/services/embeddings/multimodal-embedding/multimodal-embedding",
      body: {
        model: "tongyi-embedding-vision-plus",
        input: { contents: [{ text: "a cat" }, { image }, { text: "cats", multi_images: [image, image] }] },
        parameters: {
          dimension: 64,
          output_type: "dense",
          instruct: "Find cats",
          fps: 0.5,
          res_level: 1,
          max_video_frames: 8,
          enable_fusion: false,
          auto_truncation: true,
          new_parameter: 1
        }
      }
    },
    answer: {
      output: {
        embeddings: [{ index: 1, embedding: [0.25], type: "image" }, { index: 0, embedding: [1], type: "text" }]
      },
      usage: { input_tokens: 10, image_tokens: 896, image_count: 1, duration: 0 },
      request_id: "r-1"
    },
    gives: {
      output: {
        embeddings: [{ index: 1, embedding: [0.25], type: "image" }, { index: 0, embedding: [1], type: "text" }]
      },
      usage: { inputTokens: 10, imageTokens: 896, imageCount: 1, duration: 0 },
      requestId: "r-1"
    },
    schema: MultiModalEmbedding.MultiModalEmbeddingResult,
    observed: { operation: "embeddings", model: "tongyi-embedding-vision-plus", input: 10 }
  }],
  refuses: [
    ["model", MultiModalEmbedding.call({ ...params, model: "" })],
    ["contents", MultiModalEmbedding.call({ ...params, contents: [] })],
    ["contents[1]", MultiModalEmbedding.call({ ...params, contents: [{ text: "a" }, { multiImages: [] }] })],
    ["images", MultiModalEmbedding.call(Object.assign({ images: [] }, params))]
  ]
})

it.scopedLive("puts files and bytes where the model finds them, and reads no other", () =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make()
    const large = new Uint8Array(1_200_000).fill(200)
    yield* Effect.gen(function*() {
      const { output } = yield* MultiModalEmbedding.call({
        model: "tongyi-embedding-vision-plus",
        contents: [
          { text: "a" },
          { image: Media.bytes(large, "image/jpeg") },
          { multiImages: [Media.bytes(large.subarray(0, 100), "image/jpeg"), Media.url(image)] }
        ]
      })
      assert.lengthOf(output.embeddings ?? [], 3)
      const [upload, ...others] = yield* simulator.uploads
      assert.lengthOf(others, 0)
      const asked = (yield* simulator.requests).find(({ path }) => path.endsWith("/multimodal-embedding"))
      assert.include(asked?.body, `{"image":"${upload?.url}"}`)
      assert.include(asked?.body, `{"multi_images":["data:image/jpeg;base64,`)
      const error = yield* Effect.flip(
        MultiModalEmbedding.call({ ...params, contents: [{ image: Media.file("/nowhere/cat.png") }] })
      )
      assert.deepInclude<object>({ ...error }, { _tag: "InputRequired", field: "media" })
      const planted = yield* Effect.flip(MultiModalEmbedding.call({ ...params, contents: [{ image: "/etc/hosts" }] }))
      assert.strictEqual(planted._tag, "ApiError")
      assert.include((yield* simulator.requests).at(-1)?.body, `{"image":"/etc/hosts"}`)
    }).pipe(Effect.provide(DashScope.layer({ endpoint: simulator.url, apiKey: "sk-test", retry: false })))
  }))

it("gives its vectors in the order of the contents, whichever form the answer has", () => {
  const { vectors } = MultiModalEmbedding
  assert.deepStrictEqual(
    vectors({ output: { embeddings: [{ index: 1, embedding: [2] }, { index: 0, embedding: [1] }] } }),
    [Float32Array.of(1), Float32Array.of(2)]
  )
  assert.deepStrictEqual(vectors({ output: { embedding: [3] } }), [Float32Array.of(3)])
  assert.deepStrictEqual(vectors({ output: {} }), [])
})
