import * as Prompt from "@effect/ai/Prompt"
import * as Tokenizer from "@effect/ai/Tokenizer"
import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Tokenization from "effect-dashscope/Tokenization"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as DashScopeTokenizer from "../src/DashScopeTokenizer.js"
import { wordsOf } from "../src/internal/words.js"
import { kindOf, kinds } from "./util/core.js"
import { live } from "./util/live.js"

const Tokens = DashScopeTokenizer.layer({ model: "qwen-plus" })

describe("Tokenizer", () => {
  it.live("has the tokens of the service, and asks nothing of what has no words", () =>
    Effect.gen(function*() {
      const tokenizer = yield* Tokenizer.Tokenizer
      const tokens = yield* tokenizer.tokenize("风急天高猿啸哀")
      assert.strictEqual(tokens.length, 7)
      assert.deepStrictEqual(yield* tokenizer.tokenize([]), [])
      assert.strictEqual((yield* (yield* Simulator.Simulator).stats).totalRequests, 1)
    }).pipe(Effect.provide(Tokens), Effect.provide(live())))

  it.live("keeps the last messages that there is room for", () =>
    Effect.gen(function*() {
      const tokenizer = yield* Tokenizer.Tokenizer
      const prompt = Prompt.make([
        { role: "user", content: "风急天高猿啸哀" },
        { role: "assistant", content: "渚清沙白鸟飞回" },
        { role: "user", content: "无边落木萧萧下" }
      ])
      const truncated = yield* tokenizer.truncate(prompt, 20)
      assert.deepStrictEqual(truncated.content, prompt.content.slice(1))
    }).pipe(Effect.provide(Tokens), Effect.provide(live())))

  it.effect("fails where the answer has no tokens", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip((yield* Tokenizer.Tokenizer).tokenize("Hi"))
      assert.strictEqual(kindOf(error), kinds.malformedOutput)
    }).pipe(
      Effect.provide(Tokens),
      Effect.provide(Layer.mock(Tokenization.Tokenization, { call: () => Effect.succeed({ output: {} }) }))
    ))

  it("counts the words of messages, calls and results, and nothing else", () => {
    const call = { type: "tool-call" as const, id: "1", name: "get_weather", params: { city: "Hangzhou" } }
    const result = {
      type: "tool-result" as const,
      id: "1",
      name: "get_weather",
      isFailure: false,
      providerExecuted: false
    }
    const words = wordsOf(Prompt.make([
      { role: "system", content: "Be brief." },
      { role: "user", content: [{ type: "text", text: "Hi" }, { type: "file", mediaType: "image/png", data: "AQID" }] },
      { role: "assistant", content: [{ type: "reasoning", text: "Hm" }, call, { ...call, providerExecuted: true }] },
      { role: "tool", content: [{ ...result, result: { degrees: 18 } }] }
    ]))
    assert.strictEqual(words, "Be brief.\nHi\nget_weather {\"city\":\"Hangzhou\"}\n{\"degrees\":18}")
  })
})
