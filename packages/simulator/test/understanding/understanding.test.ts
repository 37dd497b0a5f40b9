import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { at } from "../helpers.js"
import { answered, refused } from "../services.js"

const paths = ["/api/v1/services/nlp/nlu/understanding", "/api/v1/nlp/nlu/understanding"]
const body = (input: object, path = paths[0] ?? "", model = "opennlu-v1") => ({
  path,
  body: { model, input, parameters: {} }
})

describe("understanding", () => {
  it.scopedLive("classifies and extracts, on both paths", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      for (const path of paths) {
        const input = { sentence: "老师今天积极表扬我了", labels: "积极，消极", task: "classification" }
        const answer = yield* answered(origin, body(input, path))
        assert.strictEqual(at(answer, "output", "text"), "积极;")
        assert.isNumber(at(answer, "output", "rt"))
        assert.sameMembers(Object.keys(at(answer, "usage") as object), [
          "total_tokens",
          "output_tokens",
          "input_tokens"
        ])
      }
      const extracted = yield* answered(origin, body({ sentence: "我住在杭州", labels: "地点,人名" }))
      assert.match(String(at(extracted, "output", "text")), /^地点: .+;人名: .+;$/)
    }))

  it.scopedLive("refuses what the service refuses", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      assert.include(yield* refused(origin, body({ labels: "a" })), "input.sentence")
      assert.include(yield* refused(origin, body({ sentence: "x", labels: "，" })), "input.labels")
      assert.include(yield* refused(origin, body({ sentence: "x", labels: "a", task: "guess" })), "task")
      assert.include(yield* refused(origin, body({ sentence: "x", labels: "a" }, paths[0], "qwen-plus")), "url error")
    }))
})
