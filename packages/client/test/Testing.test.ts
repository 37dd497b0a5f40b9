import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import type * as DashScope from "../src/DashScope.js"
import * as Generation from "../src/Generation.js"
import * as Task from "../src/Task.js"
import * as Testing from "../src/Testing.js"
import * as TextEmbedding from "../src/TextEmbedding.js"
import * as TextReRank from "../src/TextReRank.js"

const params = { model: "qwen-plus", prompt: "你好" }

const result: Generation.GenerationResult = {
  output: { choices: [{ message: { role: "assistant", content: "Hello!" } }] }
}

const died = <A, E, R>(program: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(Effect.sandbox(program)), Cause.squash)

describe("a mock", () => {
  it.effect("of all services gives what the test gives", () =>
    Effect.gen(function*() {
      assert.strictEqual(Generation.text(yield* Generation.call(params)), "Hello!")
      assert.strictEqual(yield* Stream.mkString(Generation.streamText(params)), "Hello!Hello!")
      assert.strictEqual((yield* Task.byId("task-1")).baseUrl, "https://mock.invalid/api/v1")
      const unmocked = yield* died(TextReRank.call({ model: "gte-rerank-v2", query: "a", documents: ["b"] }))
      assert.instanceOf(unmocked, Testing.Unmocked)
      assert.strictEqual(
        unmocked.message,
        "TextReRank.call was called, and the test gives nothing for it: add call to the mock of TextReRank"
      )
      // A handler of errors does not hide it.
      const handled = Effect.catchAll(TextEmbedding.call({ model: "m", texts: ["a"] }), () => Effect.succeed(undefined))
      assert.instanceOf(yield* died(handled), Testing.Unmocked)
    }).pipe(Effect.provide(Testing.layer({
      generation: { call: () => Effect.succeed(result), stream: () => Stream.make(result, result) }
    }))))

  it.effect("of one service gives that one", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* Generation.call(params), result)
      const unmocked = yield* died(Stream.runDrain(Generation.stream(params)))
      assert.instanceOf(unmocked, Testing.Unmocked)
      assert.deepStrictEqual([unmocked.service, unmocked.method], ["Generation", "stream"])
    }).pipe(Effect.provide(Testing.mock(Generation.Generation, { call: () => Effect.succeed(result) }))))

  it("has every service that the layer of the package has", () => {
    expectTypeOf<ReturnType<typeof Testing.layer>>().toExtend<Layer.Layer<DashScope.Services>>()
  })
})
