import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { at } from "../helpers.js"
import { answered, refused } from "../services.js"

const path = "/api/v1/services/embeddings/multimodal-embedding/multimodal-embedding"
const body = (contents: unknown, parameters: object = {}, model = "tongyi-embedding-vision-plus") => ({
  path,
  body: { model, input: { contents }, parameters }
})
const text = { text: "a cat" }
const image = { image: "https://example.com/cat.png" }
const video = { video: "https://example.com/cat.mp4" }

const typesOf = (answer: unknown) =>
  (at(answer, "output", "embeddings") as ReadonlyArray<{ readonly type: string; readonly embedding: Array<number> }>)
    .map(({ embedding, type }) => `${type} ${embedding.length}`)

describe("multimodal embedding", () => {
  it.scopedLive("gives each content a vector", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const answer = yield* answered(origin, body([text, image, video]))
      assert.deepStrictEqual(typesOf(answer), ["text 1152", "image 1152", "video 1152"])
      assert.deepStrictEqual([0, 1, 2].map((i) => at(answer, "output", "embeddings", i, "index")), [0, 1, 2])
      const usage = at(answer, "usage")
      assert.deepInclude(usage as object, { input_tokens: 2, image_tokens: 896, image_count: 1 })
      assert.isAbove(Number(at(usage, "duration")), 0)
      assert.deepStrictEqual(yield* answered(origin, body([text, image, video])), answer)
    }))

  it.scopedLive("fuses what is in one content, or all of them", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      assert.deepStrictEqual(typesOf(yield* answered(origin, body([{ ...text, ...image, ...video }]))), ["fusion 1152"])
      const fused = yield* answered(
        origin,
        body([text, image], { enable_fusion: true, dimension: 512 }, "qwen3-vl-embedding")
      )
      assert.deepStrictEqual(typesOf(fused), ["fusion 512"])
      const several = yield* answered(origin, body([{ multi_images: [image.image, image.image] }]))
      assert.deepStrictEqual(typesOf(several), ["multi_images 1152"])
      assert.strictEqual(at(several, "usage", "image_count"), 2)
      const old = yield* answered(origin, body([text], {}, "multimodal-embedding-one-peace-v1"))
      assert.strictEqual((at(old, "output", "embedding") as ReadonlyArray<number>).length, 1536)
    }))

  it.scopedLive("refuses what the service refuses", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const no = (contents: unknown, parameters = {}, model?: string) =>
        refused(origin, body(contents, parameters, model))
      for (const wrong of [undefined, [], "text"]) {
        assert.include(yield* no(wrong), "400 InvalidParameter: The contents are missing")
      }
      for (const wrong of [{}, "text", { factor: 1 }]) {
        assert.include(yield* no([wrong]), "400 InvalidParameter: Each of the contents")
      }
      assert.include(yield* no([{ text: "" }]), "should not be empty")
      assert.include(yield* no([{ image: 5 }]), "should be a URL")
      assert.include(yield* no([{ image: "cat.png" }]), "400 InvalidParameter: The provided URL")
      assert.include(
        yield* no([{ image: "https://gone.invalid/cat.png" }]),
        "500 InternalError.Algo: Embedding_pipeline_Error"
      )
      assert.include(yield* no([{ multi_images: Array.from({ length: 9 }, () => image.image) }]), "[1, 8]")
      assert.include(yield* no([text], { dimension: 100 }), "dimension")
      assert.include(yield* no([text], { fps: 2 }), "fps")
      assert.include(yield* no([text], { res_level: 4 }), "res_level")
      assert.include(yield* no([text], { max_video_frames: 65 }), "max_video_frames")
      assert.include(yield* no([text], {}, "text-embedding-v4"), "url error")
    }))
})
