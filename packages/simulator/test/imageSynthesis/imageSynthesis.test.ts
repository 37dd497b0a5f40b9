import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { imageSize } from "../../src/internal/core/media.js"
import { capturesWhere, differences, fieldsOf, present } from "../captures.js"
import { ask, at } from "../helpers.js"
import { answered, refused } from "../services.js"
import { bytesAt, ended, stateOf, submission, submit } from "../tasks/submit.js"

const text = (parameters: object = { n: 2 }, model = "wan2.2-t2i-flash", input: object = { prompt: "a cat" }) =>
  submission("aigc/text2image/image-synthesis", model, input, parameters)
const image = "https://example.com/a.png"
const edit = (input: object, model = "wanx2.1-imageedit") =>
  submission("aigc/image2image/image-synthesis", model, { prompt: "bluer", ...input }, { n: 1 })

describe("images from a prompt", () => {
  it.scopedLive("are PNGs of the size asked for, one for each sub-task", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const { output, usage } = (yield* ended(origin, text({ n: 2, size: "512*768" }))) as {
        readonly output: { readonly results: ReadonlyArray<{ readonly url: string }>; readonly task_metrics: unknown }
        readonly usage: unknown
      }
      assert.lengthOf(output.results, 2)
      assert.deepStrictEqual(output.task_metrics, { TOTAL: 2, SUCCEEDED: 2, FAILED: 0 })
      assert.deepStrictEqual(usage, { image_count: 2 })
      for (const { url } of output.results) {
        const { bytes, headers, status } = yield* bytesAt(url)
        assert.deepStrictEqual([status, headers.get("content-type")], [200, "image/png"])
        assert.deepStrictEqual(imageSize(bytes), { width: 512, height: 768 })
      }
      const four = yield* ended(origin, text({}, "wan2.5-t2i-preview"))
      assert.strictEqual(at(four, "usage", "image_count"), 4)
      const qwen = yield* ended(origin, text({}, "qwen-image-plus"))
      assert.strictEqual(at(qwen, "usage", "image_count"), 1)
    }))

  it.scopedLive("are made of images too", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      for (
        const what of [
          edit({ function: "description_edit", base_image_url: image }),
          edit({ images: [image] }, "wan2.5-i2i-preview")
        ]
      ) {
        assert.strictEqual(at(yield* ended(origin, what), "output", "task_status"), "SUCCEEDED")
      }
      const translated = yield* ended(origin, edit({ image_url: image, target_lang: "en" }, "qwen-mt-image"))
      assert.strictEqual((yield* bytesAt(at(translated, "output", "image_url"))).status, 200)
    }))

  it.scopedLive("fail together or one by one", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const wrong = at(yield* ended(origin, text({ n: 4, size: "100*100" })), "output")
      assert.deepInclude(wrong as object, {
        task_status: "FAILED",
        code: "InvalidParameter",
        message: "The size is not match 100*100",
        task_metrics: { TOTAL: 4, SUCCEEDED: 0, FAILED: 4 }
      })
      const some = yield* ended(origin, { ...text({ n: 3 }), behavior: { task: { failures: 1 } } })
      assert.deepStrictEqual(at(some, "output", "task_metrics"), { TOTAL: 3, SUCCEEDED: 2, FAILED: 1 })
      assert.strictEqual(at(some, "output", "results", 0, "code"), "DataInspectionFailed")
      assert.isString(at(some, "output", "results", 1, "url"))
      assert.strictEqual(at(some, "usage", "image_count"), 2)
      const all = yield* ended(origin, { ...text({ n: 2 }), behavior: { task: { failures: 2 } } })
      assert.deepInclude(at(all, "output") as object, { task_status: "FAILED", code: "DataInspectionFailed" })
    }))

  it.scopedLive("are refused as by the service", () =>
    Effect.gen(function*() {
      const { origin, taskStats } = yield* Simulator.make()
      const { headers: _, ...synchronous } = text()
      const cases = [
        [synchronous, "403 AccessDenied: current user api does not support synchronous calls."],
        [text({}, "wan2.6-t2i"), "400 InvalidParameter: url error, please check url!"],
        [text({}, "wanx2.1-imageedit"), "url error"],
        [edit({ images: [image] }, "wan2.2-t2i-flash"), "url error"],
        [text({}, "wanx-v1", {}), "input.prompt"],
        [text({ size: "1024x1024" }), "width*height"],
        [text({ n: 5 }), "[1, 4]"],
        [text({ seed: -1 }), "seed"],
        [edit({ base_image_url: image }), "input.function"],
        [edit({ function: "description_edit" }), "input.base_image_url"],
        [edit({ function: "description_edit_with_mask", base_image_url: image }), "input.mask_image_url"],
        [edit({ function: "fly", base_image_url: image }), "function"],
        [edit({}, "wan2.5-i2i-preview"), "input.images"],
        [edit({ function: "expand", base_image_url: "ftp://a" }), "URL"]
      ] as const
      for (const [what, words] of cases) {
        assert.include(yield* refused(origin, what), words)
      }
      assert.deepInclude(yield* taskStats, { submissions: cases.length - 1, made: 0 })
    }))

  it.runIf(present)("have the recorded fields", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const what = submission("aigc/text2image/image-synthesis", "wanx-v1", { prompt: "一只奔跑的猫" }, {
        style: "<sketch>",
        size: "1024*1024",
        n: 4,
        seed: 42
      })
      const submitted = yield* ask(origin, what)
      const id = yield* submit(origin, what)
      yield* stateOf(origin, id)
      const running = yield* stateOf(origin, id)
      const style = submission("aigc/image-generation/generation", "wanx-style-repaint-v1", {
        image_url: image,
        style_index: 3
      })
      const answers = new Map<string, unknown>([
        ["image-synthesis-nosse.json", submitted.json],
        ["get-task-running-nosse.json", running],
        ["get-task-image-synthesis-success-nosse.json", yield* ended(origin, what)],
        ["image-generation-nosse.json", yield* answered(origin, style)],
        ["get-task-image-generation-success-nosse.json", yield* ended(origin, style)]
      ])
      const captures = capturesWhere(({ name }) => answers.has(name))
      assert.strictEqual(captures.length, answers.size)
      for (const { answer, name } of captures) {
        assert.deepStrictEqual(
          differences(fieldsOf(JSON.stringify(answers.get(name)), false), fieldsOf(answer, false)),
          { unknown: [], missing: [] },
          name
        )
      }
    }).pipe(Effect.scoped, Effect.runPromise))
})
