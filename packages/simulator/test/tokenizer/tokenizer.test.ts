import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { capturesWhere, differences, fieldsOf, present } from "../captures.js"
import { ask, at } from "../helpers.js"
import { answered, refused } from "../services.js"

const path = "/api/v1/tokenizer"
const body = (input: object) => ({ path, body: { model: "qwen-plus", input, parameters: {} } })

describe("the tokenizer", () => {
  it.scopedLive("tells the tokens of messages or a prompt, which join to their text", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const answer = yield* answered(origin, body({ messages: [{ role: "user", content: "hello world 世界" }] }))
      const tokens = at(answer, "output", "tokens") as ReadonlyArray<string>
      assert.strictEqual(tokens.join(""), "hello world 世界")
      assert.strictEqual((at(answer, "output", "token_ids") as ReadonlyArray<number>).length, tokens.length)
      assert.deepStrictEqual(at(answer, "usage"), { input_tokens: tokens.length })
      const prompt = yield* answered(origin, body({ prompt: "hello world 世界" }))
      assert.deepStrictEqual(at(prompt, "output"), at(answer, "output"))
      assert.include(yield* refused(origin, body({})), "400 InvalidParameter")
      assert.include(yield* refused(origin, { path, body: { input: { prompt: "x" } } }), "400 BadRequest.EmptyModel")
    }))

  it.runIf(present)("has the recorded fields", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const captures = capturesWhere((capture) => capture.path === path)
      assert.isNotEmpty(captures)
      for (const { answer, body } of captures) {
        const { text } = yield* ask(origin, { path, body })
        assert.deepStrictEqual(differences(fieldsOf(text, false), fieldsOf(answer, false)), {
          unknown: [],
          missing: []
        })
      }
    }).pipe(Effect.scoped, Effect.runPromise))
})
