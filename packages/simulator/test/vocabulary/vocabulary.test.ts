import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { at } from "../helpers.js"
import { answered, refused } from "../services.js"

const to = (action: string, input: object = {}, model = "speech-biasing") => ({
  path: "/api/v1/services/audio/asr/customization",
  body: { model, input: { action, ...input } }
})
const words = [{ text: "吴贻弓", weight: 4, lang: "zh" }]
const input = { target_model: "paraformer-realtime-v2", prefix: "nuomai", vocabulary: words }

describe("hot words", () => {
  it.scopedLive("are made, listed, told, changed and deleted", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const made = yield* answered(origin, to("create_vocabulary", input))
      const vocabulary_id = String(at(made, "output", "vocabulary_id"))
      assert.match(vocabulary_id, /^vocab-nuomai-/)
      const listed = yield* answered(origin, to("list_vocabulary", { prefix: "nuo", page_index: 0, page_size: 10 }))
      assert.deepInclude(at(listed, "output", "vocabulary_list", 0) as object, { vocabulary_id, status: "OK" })
      const told = at(yield* answered(origin, to("query_vocabulary", { vocabulary_id })), "output")
      assert.deepInclude(told as object, { vocabulary: words, target_model: input.target_model, status: "OK" })
      yield* answered(origin, to("update_vocabulary", { vocabulary_id, vocabulary: [{ text: "new" }] }))
      assert.deepStrictEqual(
        at(yield* answered(origin, to("query_vocabulary", { vocabulary_id })), "output", "vocabulary"),
        [{ text: "new", weight: 4 }]
      )
      yield* answered(origin, to("delete_vocabulary", { vocabulary_id }))
      assert.include(
        yield* refused(origin, to("query_vocabulary", { vocabulary_id })),
        "400 BadRequest.ResourceNotExist"
      )
    }))

  it.scopedLive("are refused as the service refuses, and are ten lists at most", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const no = (wrong: object) => refused(origin, to("create_vocabulary", { ...input, ...wrong }))
      assert.include(yield* no({ target_model: undefined }), "input.target_model")
      assert.include(yield* no({ prefix: "Upper" }), "input.prefix")
      assert.include(yield* no({ vocabulary: [] }), "Range of vocabulary")
      assert.include(yield* no({ vocabulary: [{ text: "x", weight: 6 }] }), "weight")
      assert.include(yield* refused(origin, to("sing")), "action")
      assert.include(yield* refused(origin, to("list_vocabulary", {}, "qwen-plus")), "url error")
      yield* Effect.forEach(Array.from({ length: 10 }), () => answered(origin, to("create_vocabulary", input)))
      assert.include(yield* no({}), "400 Throttling.AllocationQuota: Free allocated quota exceeded.")
    }))
})
