import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { at } from "../helpers.js"
import { answered, refused } from "../services.js"

const path = "/api/v1/services/rerank/text-rerank/text-rerank"
const body = (query: unknown, documents: unknown, parameters: object = {}, model = "gte-rerank-v2") => ({
  path,
  body: { model, input: { query, documents }, parameters }
})

const documents = ["量子计算是一种计算", "文本排序模型广泛用于搜索", "排序算法"]

interface Result {
  readonly index: number
  readonly relevance_score: number
  readonly document?: unknown
}

const resultsOf = (answer: unknown) => at(answer, "output", "results") as ReadonlyArray<Result>

describe("rerank", () => {
  it.scopedLive("sorts documents by their likeness to the query", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const answer = yield* answered(origin, body("什么是文本排序模型", documents))
      const results = resultsOf(answer)
      assert.deepStrictEqual(results.map(({ index }) => index), [1, 2, 0])
      const scores = results.map(({ relevance_score }) => relevance_score)
      assert.deepStrictEqual(scores, [...scores].sort((a, b) => b - a))
      assert.isTrue(scores.every((score) => score > 0 && score < 1))
      assert.isTrue(results.every((result) => !("document" in result)))
      assert.isAbove(Number(at(answer, "usage", "total_tokens")), 0)
    }))

  it.scopedLive("returns the best, with their documents where asked", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const [first, ...rest] = resultsOf(
        yield* answered(origin, body("什么是文本排序模型", documents, { top_n: 1, return_documents: true }))
      )
      assert.deepStrictEqual(first?.document, { text: documents[1] })
      assert.isEmpty(rest)
      assert.strictEqual(resultsOf(yield* answered(origin, body("x", documents, { top_n: 99 }))).length, 3)
    }))

  it.scopedLive("takes images with a model that sees", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const image = { image: "https://example.com/cat.png" }
      const [first] = resultsOf(
        yield* answered(
          origin,
          body({ text: "cat" }, [{ text: "dogs" }, image], { return_documents: true }, "qwen3-vl-rerank")
        )
      )
      assert.deepStrictEqual(first?.document, image)
      assert.include(yield* refused(origin, body("cat", [image])), "input.documents")
    }))

  it.scopedLive("refuses what the service refuses", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      for (const query of [undefined, "", 5, {}]) {
        assert.include(yield* refused(origin, body(query, documents)), "400 InvalidParameter: The query")
      }
      for (const wrong of [undefined, [], "text", Array.from({ length: 501 }, () => "x"), [""], [5]]) {
        assert.include(yield* refused(origin, body("x", wrong)), "input.documents")
      }
      for (const top_n of [0, 1.5, "2"]) {
        assert.include(yield* refused(origin, body("x", documents, { top_n })), "top_n")
      }
      assert.include(yield* refused(origin, body("x", documents, { return_documents: "yes" })), "return_documents")
      assert.include(yield* refused(origin, body("x", ["字".repeat(4001)])), "[1, 4000]")
      assert.include(yield* refused(origin, body("x", documents, {}, "text-embedding-v4")), "url error")
    }))
})
