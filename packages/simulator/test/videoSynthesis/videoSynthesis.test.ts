import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { at } from "../helpers.js"
import { refused } from "../services.js"
import { bytesAt, ended, submission } from "../tasks/submit.js"

const video = (model: string, input: object, parameters: object = {}) =>
  submission("aigc/video-generation/video-synthesis", model, input, parameters)
const frames = (input: object, model = "wan2.2-kf2v-flash") =>
  submission("aigc/image2video/video-synthesis", model, input)
const url = "https://example.com/a.png"

/** The boxes of an MP4 file, to any depth, with where they begin. */
const boxesOf = (bytes: Buffer, from = 0, to = bytes.length): ReadonlyArray<readonly [string, number]> => {
  const boxes: Array<readonly [string, number]> = []
  for (let at = from; at < to;) {
    const size = bytes.readUInt32BE(at)
    const type = bytes.toString("latin1", at + 4, at + 8)
    assert.isTrue(size >= 8 && at + size <= to, `${type} at ${at}`)
    boxes.push([type, at])
    if (["moov", "trak", "mdia", "minf", "dinf", "stbl"].includes(type)) {
      boxes.push(...boxesOf(bytes, at + 8, at + size))
    }
    at += size
  }
  return boxes
}

describe("videos", () => {
  it.scopedLive("are MP4 files of so many seconds", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const done = yield* ended(
        origin,
        video("wan2.5-t2v-preview", { prompt: "a cat" }, { size: "1280*720", duration: 10 })
      )
      assert.deepInclude(at(done, "usage") as object, { output_video_duration: 10, SR: 720, video_count: 1 })
      const { bytes, headers } = yield* bytesAt(at(done, "output", "video_url"))
      assert.strictEqual(headers.get("content-type"), "video/mp4")
      const boxes = new Map(boxesOf(bytes))
      assert.includeMembers([...boxes.keys()], ["ftyp", "mdat", "mvhd", "tkhd", "stsd", "stsz", "stco"])
      const offsets = boxes.get("stco") ?? 0
      assert.strictEqual(bytes.readUInt32BE(offsets + 16), (boxes.get("mdat") ?? 0) + 8)
      assert.strictEqual(bytes.readUInt32BE((boxes.get("stsz") ?? 0) + 16), 10)
      assert.strictEqual(bytes.readUInt32BE((boxes.get("mdat") ?? 0) + 8), 0x89504e47)
    }))

  it.scopedLive("are made of images, by the models that take them", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      for (
        const what of [
          video("wan2.2-i2v-plus", { prompt: "a cat", img_url: url }),
          video("wan2.7-i2v", { media: [{ type: "first_frame", url }, { type: "driving_audio", url }] }),
          video("wan3.0-video", { media: [{ type: "link", url: "https://example.com" }] }, { duration: -1 }),
          video("wanx2.1-vace-plus", { prompt: "a", function: "image_reference", ref_images_url: [url] }),
          frames({ first_frame_url: url, last_frame_url: url })
        ]
      ) {
        assert.strictEqual(at(yield* ended(origin, what), "output", "task_status"), "SUCCEEDED")
      }
    }))

  it.scopedLive("are refused as by the service", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const { headers: _, ...synchronous } = video("wan2.5-t2v-preview", { prompt: "a" })
      const cases = [
        [synchronous, "403 AccessDenied: current user api does not support synchronous calls."],
        [video("wan2.2-kf2v-flash", { first_frame_url: url }), "url error"],
        [video("wan2.2-t2i-flash", { prompt: "a" }), "url error"],
        [frames({ prompt: "a" }, "wan2.5-t2v-preview"), "url error"],
        [frames({ prompt: "a" }), "input.first_frame_url"],
        [video("wan2.5-t2v-preview", {}), "input.prompt"],
        [video("wan2.7-i2v", { prompt: "a", img_url: url }), "input.media"],
        [video("wan2.2-i2v-plus", { prompt: "a" }), "input.img_url"],
        [video("wan2.7-i2v", { media: [{ type: "door", url }] }), "type of media"],
        [
          video("wan2.7-i2v", { media: [{ type: "first_frame", url }, { type: "first_frame", url }] }),
          "one first_frame"
        ],
        [video("wan2.7-i2v", { media: [{ type: "first_frame", url: "a" }] }), "URL"],
        [video("wan2.5-t2v-preview", { prompt: "a" }, { size: "big" }), "width*height"],
        [video("wan2.5-t2v-preview", { prompt: "a" }, { resolution: "8K" }), "resolution"],
        [video("wan2.5-t2v-preview", { prompt: "a" }, { duration: 60 }), "[2, 15]"]
      ] as const
      for (const [what, words] of cases) {
        assert.include(yield* refused(origin, what), words)
      }
    }))
})
