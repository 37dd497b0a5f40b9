import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as DashScope from "../src/DashScope.js"
import * as DashScopeClient from "../src/DashScopeClient.js"
import * as ImageSynthesis from "../src/ImageSynthesis.js"
import * as Codec from "../src/internal/core/codec.js"
import * as Media from "../src/Media.js"
import * as Upload from "../src/Upload.js"
import * as VideoSynthesis from "../src/VideoSynthesis.js"
import { exchanges, hasCaptures } from "./util/captures.js"
import { bodyText, env, jsonResponse, key, mockHttp } from "./util/mock.js"
import { keeping } from "./util/platform.js"
import { serviceContract } from "./util/serviceContract.js"
import { idOf, never, plain, quick, submitted } from "./util/tasks.js"

const uploads = Layer.mock(Upload.Upload, {
  resolve: (media) => Effect.succeed(media._tag === "MediaUrl" ? media.url : "oss://bucket/file")
})

serviceContract("ImageSynthesis", {
  layer: Layer.provide(ImageSynthesis.layer, uploads),
  samples: [{
    name: "submit",
    run: (options) =>
      plain(ImageSynthesis.submit({
        model: "wanx-v1",
        prompt: "一只奔跑的猫",
        style: "<sketch>",
        size: "1024*1024",
        n: 4,
        seed: 42,
        extra: { x: 1 }
      }, options)).pipe(Effect.map(idOf)),
    sends: {
      path: "/api/v1/services/aigc/text2image/image-synthesis",
      body: {
        model: "wanx-v1",
        input: { prompt: "一只奔跑的猫" },
        parameters: { style: "<sketch>", size: "1024*1024", n: 4, seed: 42, x: 1 }
      }
    },
    answer: submitted,
    gives: "t-1",
    isRepeatable: false,
    observed: { operation: "submit_image_synthesis", model: "wanx-v1" }
  }],
  refuses: [
    ["model", never(ImageSynthesis.call({ model: "", prompt: "a cat" }))],
    ["model", never(ImageSynthesis.call({ model: "wan2.6-t2i", prompt: "a cat" }))],
    ["model", never(ImageSynthesis.call({ model: "wan2.5-t2v-preview", prompt: "a cat" }))],
    ["prompt", never(ImageSynthesis.call({ model: "wanx-v1", prompt: " " }))]
  ]
})

serviceContract("VideoSynthesis", {
  layer: Layer.provide(VideoSynthesis.layer, uploads),
  samples: [{
    name: "submit",
    run: (options) =>
      plain(VideoSynthesis.submit({
        model: "wan2.7-i2v",
        prompt: "a rap",
        media: [{
          type: "first_frame",
          url: "https://example.com/rap.png",
          referenceVoice: "https://example.com/a.mp3"
        }],
        resolution: "720P",
        duration: 10,
        promptExtend: true
      }, options)).pipe(Effect.map(idOf)),
    sends: {
      path: "/api/v1/services/aigc/video-generation/video-synthesis",
      body: {
        model: "wan2.7-i2v",
        input: {
          prompt: "a rap",
          media: [{
            type: "first_frame",
            url: "https://example.com/rap.png",
            reference_voice: "https://example.com/a.mp3"
          }]
        },
        parameters: { resolution: "720P", duration: 10, prompt_extend: true }
      }
    },
    answer: submitted,
    gives: "t-1",
    isRepeatable: false,
    observed: { operation: "submit_video_synthesis", model: "wan2.7-i2v" }
  }],
  refuses: [
    ["model", never(VideoSynthesis.call({ model: "wanx2.1-imageedit", prompt: "a cat" }))],
    ["prompt", never(VideoSynthesis.call({ model: "wan2.5-t2v-preview" }))],
    ["media", never(VideoSynthesis.call({ model: "wan2.7-i2v", prompt: "a cat" }))],
    ["media[0]", never(VideoSynthesis.call({ model: "wan2.7-i2v", media: [{ type: "first_frame", url: "" }] }))]
  ]
})

describe("services of tasks", () => {
  it.scopedLive("keep the images that are there, and say of the others why not", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      yield* simulator.setBehavior({ task: { failures: 1 } })
      const { output } = yield* ImageSynthesis.call({ model: "wanx-v1", prompt: "a cat", n: 2 }, { poll: quick }).pipe(
        Effect.provide(DashScope.layer({ endpoint: simulator.url, apiKey: key, retry: false }))
      )
      const errors = (output.results ?? []).map(ImageSynthesis.errorOf)
      assert.lengthOf(errors, 2)
      assert.lengthOf(errors.filter((error) => error?.reason === "ContentFiltered"), 1)
      assert.deepStrictEqual(output.taskMetrics, { total: 2, succeeded: 1, failed: 1 })
    }))

  it.effect("submit edits and key frames at their own paths, with their media uploaded", () =>
    Effect.gen(function*() {
      const http = mockHttp(() => jsonResponse(submitted))
      yield* Effect.gen(function*() {
        const baseImageUrl = Media.file("./cat.png")
        yield* ImageSynthesis.submit({ model: "wanx2.1-imageedit", prompt: "bluer", baseImageUrl })
        yield* VideoSynthesis.submit({ model: "wan2.2-kf2v-flash", firstFrameUrl: baseImageUrl })
      }).pipe(Effect.provide(
        Layer.mergeAll(ImageSynthesis.layer, VideoSynthesis.layer).pipe(
          Layer.provide(uploads),
          Layer.provide(DashScopeClient.layer({ apiKey: key })),
          Layer.provide(http.layer),
          Layer.provide(env({}))
        )
      ))
      assert.deepStrictEqual(http.requests.map(({ url }) => url.replace(/^.*services/, "")), [
        "/aigc/image2image/image-synthesis",
        "/aigc/image2video/video-synthesis"
      ])
      for (const request of http.requests) {
        assert.include(bodyText(request), "oss://bucket/file")
        assert.strictEqual(request.headers["x-dashscope-ossresourceresolve"], "enable")
        assert.strictEqual(request.headers["x-dashscope-async"], "enable")
      }
    }))

  it.runIf(hasCaptures)("read recorded images with nothing lost", () => {
    const recorded = exchanges.filter(({ name }) => /^get-task-image-.*success/.test(name))
    assert.lengthOf(recorded, 2)
    for (const { response } of recorded) {
      const json: unknown = JSON.parse(response.body)
      const result = Either.getOrThrow(Codec.decoder(ImageSynthesis.ImageSynthesisResult)(json))
      assert.match(result.output.results?.[0]?.url ?? "", /^https:/)
      assert.deepStrictEqual<unknown>(
        Schema.encodeUnknownSync(keeping(ImageSynthesis.ImageSynthesisResult))(result),
        json
      )
    }
  })
})
