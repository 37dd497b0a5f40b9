import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { ask, at, dataOf } from "../helpers.js"
import { answered, refused } from "../services.js"

const paths = ["/api/v1/services/aigc/code-generation/generation", "/api/v1/aigc/code-generation/generation"]
const user = { role: "user", content: "计算给定路径下所有文件的总大小" }
const attachment = (meta: object) => ({ role: "attachment", meta })
const body = (scene: string, message: unknown, parameters: object = { n: 1 }, path = paths[0] ?? "") => ({
  path,
  body: { model: "tongyi-lingma-v1", input: { scene, message }, parameters }
})
const contentOf = (answer: unknown) => String(at(answer, "output", "choices", 0, "content"))

describe("code generation", () => {
  it.scopedLive("answers each scene, on both paths", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      for (const path of paths) {
        const answer = yield* answered(
          origin,
          body("nl2code", [user, attachment({ language: "java" })], { n: 1 }, path)
        )
        assert.match(contentOf(answer), /^```java\n/)
        assert.sameMembers(
          Object.keys(at(answer, "output", "choices", 0) as object),
          ["finish_reason", "frame_timestamp", "index", "content", "frame_id"]
        )
        assert.sameMembers(Object.keys(at(answer, "usage") as object), ["output_tokens", "input_tokens"])
      }
      const code = { code: "x = 1", language: "python" }
      const all: ReadonlyArray<readonly [string, object]> = [
        ["custom", {}],
        ["code2comment", code],
        ["code2explain", code],
        ["commit2msg", { diff_list: [{ diff: "-a", old_file_path: "a", new_file_path: "a" }] }],
        ["unittest", code],
        ["codeqa", {}],
        ["nl2sql", { schema_infos: [] }]
      ]
      for (const [scene, meta] of all) {
        assert.isNotEmpty(contentOf(yield* answered(origin, body(scene, [user, attachment(meta)]))), scene)
      }
    }))

  it.scopedLive("streams what it said so far", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const what = body("codeqa", [user])
      const whole = contentOf(yield* answered(origin, what))
      const events = dataOf((yield* ask(origin, { ...what, stream: true })).text).map((data) =>
        contentOf(JSON.parse(data))
      )
      assert.strictEqual(events[events.length - 1], whole)
      assert.isTrue(events.every((event, i) => i === 0 || event.startsWith(events[i - 1] ?? "")))
    }))

  it.scopedLive("refuses what the service refuses", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      assert.include(yield* refused(origin, body("guess", [user])), "scene")
      assert.include(yield* refused(origin, body("codeqa", [])), "input.message")
      assert.include(yield* refused(origin, body("codeqa", "x")), "input.message")
      assert.include(yield* refused(origin, body("nl2code", [user])), "meta.language")
      assert.include(yield* refused(origin, body("codeqa", [user], { n: 2 })), "n should be [1, 1]")
    }))
})
