import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as DashScope from "../src/DashScope.js"
import * as Download from "../src/Download.js"
import * as ImageGeneration from "../src/ImageGeneration.js"
import * as Codec from "../src/internal/core/codec.js"
import * as Media from "../src/Media.js"
import * as MultiModalConversation from "../src/MultiModalConversation.js"
import * as MultiModalMessage from "../src/MultiModalMessage.js"
import { bodyText, mockHttp, noUploads } from "./util/mock.js"
import { keeping } from "./util/platform.js"
import { serviceContract } from "./util/serviceContract.js"
import { idOf, never, plain, quick, submitted } from "./util/tasks.js"

const car = "https://example.com/car.webp"

const shop = {
  model: "wan2.7-image-pro",
  prompt: "Spray the graffiti onto the car",
  images: [car],
  n: 1,
  size: "2K",
  negativePrompt: "rain",
  seed: 7,
  promptExtend: true,
  watermark: false,
  thinkingMode: true,
  enableSequential: false,
  bboxList: [[[989, 515, 1138, 681]]],
  colorPalette: [{ hex: "#C2D1E6", ratio: "25.00%" }],
  extra: { x: 1 }
}

const body = {
  model: "wan2.7-image-pro",
  input: { messages: [{ role: "user", content: [{ image: car }, { text: shop.prompt }] }] },
  parameters: {
    n: 1,
    size: "2K",
    negative_prompt: "rain",
    seed: 7,
    prompt_extend: true,
    watermark: false,
    thinking_mode: true,
    enable_sequential: false,
    bbox_list: [[[989, 515, 1138, 681]]],
    color_palette: [{ hex: "#C2D1E6", ratio: "25.00%" }],
    x: 1
  }
}

const answer = {
  output: {
    choices: [{
      finish_reason: "stop",
      message: { content: [{ image: "https://example.com/1.png", type: "image" }], role: "assistant" }
    }],
    finished: true
  },
  usage: { image_count: 1, input_tokens: 18790, output_tokens: 2, size: "2985*1405", total_tokens: 18792 },
  request_id: "r-1"
}

serviceContract("ImageGeneration", {
  layer: Layer.provide(ImageGeneration.layer, noUploads),
  samples: [{
    name: "call",
    run: (options) => ImageGeneration.call(shop, options),
    sends: { path: "/api/v1/services/aigc/multimodal-generation/generation", body },
    answer,
    gives: {
      output: {
        choices: [{
          finishReason: "stop",
          message: { content: [{ image: "https://example.com/1.png", type: "image" }], role: "assistant" }
        }],
        finished: true
      },
      usage: { imageCount: 1, inputTokens: 18790, outputTokens: 2, size: "2985*1405", totalTokens: 18792 },
      requestId: "r-1"
    },
    schema: ImageGeneration.ImageGenerationResult,
    observed: { operation: "image_generation", model: "wan2.7-image-pro", input: 18790, output: 2 }
  }, {
    name: "submit",
    run: (options) => Effect.map(plain(ImageGeneration.submit(shop, options)), idOf),
    sends: { path: "/api/v1/services/aigc/image-generation/generation", body },
    answer: submitted,
    gives: "t-1",
    isRepeatable: false,
    observed: { operation: "submit_image_generation", model: "wan2.7-image-pro" }
  }],
  refuses: [
    ["model", ImageGeneration.call({ model: "", prompt: "a" })],
    ["model", ImageGeneration.call({ model: "wanx-v1", prompt: "a" })],
    ["prompt", ImageGeneration.call({ model: "wan2.6-t2i", prompt: "" })],
    ["images[1]", ImageGeneration.call({ model: "wan2.6-image", prompt: "a", images: [car, ""] })],
    ["enableInterleave", ImageGeneration.call({ model: "wan2.6-image", prompt: "a", enableInterleave: true })],
    ["model", Stream.runDrain(ImageGeneration.stream({ model: "wan2.2-t2i-flash", prompt: "a" }))],
    ["model", never(ImageGeneration.submit({ model: "z-image-turbo", prompt: "a" }))],
    ["model", never(ImageGeneration.submit({ model: "qwen-image-2.0", prompt: "a" }))]
  ]
})

const text = (result: ImageGeneration.ImageGenerationResult) =>
  (result.output.choices?.[0]?.message?.content ?? []).map(({ text, type }) => text ?? type)

const interleaved = { model: "wan2.6-image", prompt: "Dumplings", enableInterleave: true }

const data = (content: ReadonlyArray<object>, finished: boolean) =>
  `event:result\ndata:${
    JSON.stringify({
      output: { choices: [{ finish_reason: finished ? "stop" : "null", message: { content } }], finished },
      usage: { image_count: 1 }
    })
  }\n\n`

const sse = (events: string) => new Response(events, { headers: { "content-type": "text/event-stream" } })

const mocked = (events: string) => {
  const http = mockHttp(() => sse(events))
  return {
    ...http,
    layer: Layer.provide(DashScope.layerWithoutHttpClient({ apiKey: "sk-test-0123", retry: false }), http.layer)
  }
}

describe("images from messages", () => {
  it.scopedLive("come at once, in a stream with text, and by a task; from files at hand", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      yield* Effect.gen(function*() {
        const whole = yield* ImageGeneration.call({ model: "wan2.6-t2i", prompt: "A shop", n: 2, size: "1280*1280" })
        const [url = "", ...others] = ImageGeneration.images(whole)
        assert.lengthOf(others, 1)
        const png = Buffer.concat(Chunk.toReadonlyArray(yield* Stream.runCollect(Download.stream(url))))
        assert.strictEqual(png.subarray(1, 4).toString(), "PNG")

        const elements = Chunk.toReadonlyArray(yield* Stream.runCollect(ImageGeneration.stream(interleaved)))
        assert.deepStrictEqual(elements.map(({ output }) => output.finished), [false, false, false, false, true])
        const collected = yield* ImageGeneration.collect(Stream.fromIterable(elements))
        assert.deepStrictEqual(text(collected), ["Step 1 of: Dumplings", "image", "Step 2 of: Dumplings", "image"])
        assert.lengthOf(ImageGeneration.images(collected), 2)
        assert.strictEqual(collected.usage?.imageCount, 2)

        const photo = Media.bytes(yield* Effect.succeed(Uint8Array.from(png)), "image/png")
        const task = yield* ImageGeneration.submit({ model: "wan2.6-image", prompt: "Bluer", images: [photo], n: 3 })
        const result = yield* ImageGeneration.await(task, { poll: quick })
        assert.lengthOf(ImageGeneration.images(result), 3)
        assert.strictEqual(result.output.taskStatus, "SUCCEEDED")
        const mixed = yield* Effect.flatMap(
          ImageGeneration.submit(interleaved),
          (task) => ImageGeneration.await(task, { poll: quick })
        )
        assert.lengthOf(text(mixed), 4)
      }).pipe(Effect.provide(DashScope.layer({ endpoint: simulator.url, apiKey: "sk-test", retry: false })))
    }))

  it.effect("say in a stream that they are asked for as one, in the head and in the body", () =>
    Effect.gen(function*() {
      const http = mocked(data([{ type: "text", text: "Ste" }], false) + data([{ type: "text", text: "p 1" }], true))
      const result = yield* ImageGeneration.collect(
        ImageGeneration.stream({ ...interleaved, images: [Media.bytes(Uint8Array.of(1), "image/png")] })
      ).pipe(Effect.provide(http.layer))
      assert.deepStrictEqual(text(result), ["Step 1"])
      const [sent] = http.requests
      assert.strictEqual(sent?.headers["x-dashscope-sse"], "enable")
      assert.deepStrictEqual(JSON.parse(bodyText(sent)), {
        model: "wan2.6-image",
        input: {
          messages: [{ role: "user", content: [{ image: "data:image/png;base64,AQ==" }, { text: "Dumplings" }] }]
        },
        parameters: { enable_interleave: true, stream: true }
      })
    }))

  it.effect("that break off are truncated, and what had arrived is kept", () =>
    Effect.gen(function*() {
      const http = mocked(data([{ type: "text", text: "Step 1" }], false) + data([{ image: "https://a.png" }], false))
      const error = yield* Effect.flip(Stream.runDrain(ImageGeneration.stream(interleaved))).pipe(
        Effect.provide(http.layer)
      )
      assert.deepInclude({ ...error }, { _tag: "ConnectionError", reason: "Truncated" })
      assert.deepStrictEqual(ImageGeneration.images(ImageGeneration.partialResult(error) ?? { output: {} }), [
        "https://a.png"
      ])
      const none = yield* Effect.flip(ImageGeneration.collect(Stream.empty))
      assert.strictEqual(none.reason, "UnexpectedResponse")
    }))

  it("keep every field of the answers of other models, and of tasks", () => {
    const roundTrip = <A, I>(schema: Schema.Schema<A, I>, json: unknown) => {
      const value = Either.getOrThrow(Codec.decoder(schema)(json))
      assert.deepStrictEqual<unknown>(
        Schema.encodeUnknownSync(keeping(schema))(value),
        json
      )
      assert.notInclude(JSON.stringify(value), "_count")
      return value
    }
    roundTrip(ImageGeneration.ImageGenerationResult, {
      output: { choices: [{ message: { content: [{ image: "https://a.png" }] } }], rewrite_status: "ok" },
      usage: {
        output_width: 2048,
        output_height: 2048,
        input_image_count: 1,
        input_image_type: "2K",
        output_image_count: 1
      }
    })
    roundTrip(ImageGeneration.ImageGenerationResult, {
      output: { choices: [], task_metric: { TOTAL: 1, SUCCEEDED: 1, FAILED: 0 } },
      usage: { width: 1664, height: 928, image_count: 1 }
    })
    roundTrip(ImageGeneration.ImageGenerationTaskResult, {
      request_id: "r",
      output: {
        task_id: "t",
        task_status: "SUCCEEDED",
        submit_time: "2026-03-31 19:57:58.840",
        scheduled_time: "2026-03-31 19:57:58.877",
        end_time: "2026-03-31 19:58:11.563",
        finished: true,
        choices: answer.output.choices
      },
      usage: { image_count: 1, size: "2985*1405" }
    })
  })

  it.effect("are refused where the model has them by tasks only, and told where", () =>
    Effect.gen(function*() {
      const http = mocked("")
      const error = yield* Effect.flip(MultiModalConversation.call({
        model: "wanx-v1",
        messages: [MultiModalMessage.user([MultiModalMessage.text("a cat")])]
      })).pipe(Effect.provide(http.layer))
      assert.match(error.message, /use ImageSynthesis\.submit/)
      assert.lengthOf(http.requests, 0)
    }))
})
