/** The example of the simulator on the page of testing, under the clock of a test. */
import { assert, describe, it } from "@effect/vitest"
import { DashScope, Generation } from "effect-dashscope"
import { Behavior, Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { readFileSync } from "node:fs"

const Simulated = Layer.unwrapEffect(
  Effect.map(Simulator.Simulator, ({ url }) => DashScope.layer({ endpoint: url, apiKey: "sk-any" }))
).pipe(Layer.provideMerge(Simulator.layer()))

export const program = Effect.gen(function*() {
  const simulator = yield* Simulator.Simulator
  const error = yield* Effect.flip(Generation.call({ model: "qwen-plus", prompt: "你好" }, {
    headers: Behavior.toHeaders({ error: { status: 429 } }),
    retry: false
  }))
  return [error._tag, (yield* simulator.stats).totalConnections]
}).pipe(Effect.provide(Simulated))

describe("the example of the simulator on the page of testing", () => {
  it.effect("runs under it.effect", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* program, ["ApiError", 1])
    }))

  it("is the one above", () => {
    const after = (text: string) => text.slice(text.indexOf("const Simulated"), text.indexOf("provide(Simulated))"))
    const page = readFileSync(new URL("../../site/docs/testing.md", import.meta.url), "utf8")
    const own = after(readFileSync(new URL(import.meta.url), "utf8"))
    assert.include(page, own)
  })
})
