import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { ask, at, dataOf } from "../helpers.js"
import { answered, refused } from "../services.js"
import { bytesAt, ended, submission } from "../tasks/submit.js"

const message = (content: ReadonlyArray<object>) => ({ messages: [{ role: "user", content }] })
const cat = message([{ text: "a cat" }])
const path = "aigc/image-generation/generation"
const image = { image: "https://example.com/a.png" }

describe("images from messages", () => {
  it.scopedLive("come as a task", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const done = yield* ended(origin, submission(path, "wan2.6-t2i", cat, { n: 2, size: "1280*1280" }))
      assert.deepInclude(at(done, "output") as object, { task_status: "SUCCEEDED", finished: true })
      assert.deepStrictEqual(at(done, "usage"), { image_count: 2, size: "1280*1280" })
      for (const i of [0, 1]) {
        const part = at(done, "output", "choices", i, "message", "content", 0)
        assert.strictEqual(at(part, "type"), "image")
        assert.strictEqual((yield* bytesAt(at(part, "image"))).status, 200)
      }
      const many = yield* ended(origin, submission(path, "wan2.7-image-pro", cat, { enable_sequential: true }))
      assert.strictEqual(at(many, "usage", "image_count"), 12)
      const mixed = yield* ended(origin, submission(path, "wan2.6-image", cat, { enable_interleave: true }))
      const parts = at(mixed, "output", "choices", 0, "message", "content") as ReadonlyArray<unknown>
      assert.deepStrictEqual(parts.map((part) => at(part, "type")), ["text", "image", "text", "image"])
    }))

  it.scopedLive("come with text in a stream", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const interleaved = {
        path: "/api/v1/services/aigc/multimodal-generation/generation",
        body: { model: "wan2.6-image", input: cat, parameters: { enable_interleave: true, stream: true, n: 1 } }
      }
      const events = dataOf((yield* ask(origin, { ...interleaved, stream: true })).text)
        .map((data) => JSON.parse(data) as unknown)
      assert.deepStrictEqual(
        events.map((event) => [
          at(event, "output", "finished"),
          at(event, "output", "choices", 0, "finish_reason"),
          at(event, "output", "choices", 0, "message", "content", 0, "type")
        ]),
        [
          [false, "null", "text"],
          [false, "null", "image"],
          [false, "null", "text"],
          [false, "null", "image"],
          [true, "stop", undefined]
        ]
      )
      assert.include(yield* refused(origin, interleaved), "stream")
      const whole = yield* answered(origin, { ...interleaved, body: { model: "z-image-turbo", input: cat } })
      assert.isString(at(whole, "output", "choices", 0, "message", "content", 0, "image"))
    }))

  it.scopedLive("are refused as by the service", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const { headers: _, ...synchronous } = submission(path, "wan2.6-t2i", cat)
      const cases = [
        [synchronous, "403 AccessDenied: current user api does not support synchronous calls."],
        [submission(path, "wanx-v1", cat), "url error"],
        [submission(path, "qwen-plus", cat), "url error"],
        [submission(path, "wan2.6-image", cat), "lack of image or text"],
        [submission(path, "wan2.6-t2i", message([image])), "lack of image or text"],
        [submission(path, "wan2.6-t2i", message([image, { text: "a" }])), "content length only supports"],
        [submission(path, "wan2.6-image", cat, { enable_interleave: true, n: 2 }), "num_images_per_prompt must be 1."],
        [submission(path, "wan2.6-t2i", { messages: [...cat.messages, ...cat.messages] }), "messages length only"],
        [
          submission(path, "wanx-style-repaint-v1", { image_url: "https://a.invalid/a.png", style_index: 0 }),
          "download"
        ],
        [submission(path, "wanx-style-repaint-v1", { image_url: "https://a.test/a.png" }), "style_index"]
      ] as const
      for (const [what, words] of cases) {
        assert.include(yield* refused(origin, what), words)
      }
    }))
})
