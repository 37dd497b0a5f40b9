import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { capturesWhere, differences, fieldsOf, present } from "../captures.js"
import { ask, at } from "../helpers.js"
import { answered, refused } from "../services.js"

const path = "/api/v1/services/embeddings/text-embedding/text-embedding"
const body = (texts: unknown, parameters: object = {}, model = "text-embedding-v4") => ({
  path,
  body: { model, input: { texts }, parameters }
})

const vectorsOf = (answer: unknown): ReadonlyArray<ReadonlyArray<number>> =>
  (at(answer, "output", "embeddings") as ReadonlyArray<{ readonly embedding: ReadonlyArray<number> }>)
    .map(({ embedding }) => embedding)

const product = (one: ReadonlyArray<number> = [], other: ReadonlyArray<number> = []): number =>
  one.reduce((sum, x, i) => sum + x * (other[i] ?? 0), 0)

describe("text embedding", () => {
  it.scopedLive("gives each text a vector of length 1, near those of like texts", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const answer = yield* answered(origin, body(["a red fox", "a red bird", "stock prices"], { dimension: 256 }))
      const [fox, bird, stock] = vectorsOf(answer)
      assert.strictEqual(fox?.length, 256)
      assert.closeTo(product(fox, fox), 1, 1e-6)
      assert.isAbove(product(fox, bird), product(fox, stock) + 0.2)
      assert.deepStrictEqual(
        [0, 1, 2].map((i) => at(answer, "output", "embeddings", i, "text_index")),
        [0, 1, 2]
      )
      assert.deepStrictEqual(at(answer, "usage"), { total_tokens: 8 })
      assert.deepStrictEqual(vectorsOf(yield* answered(origin, body(["a red fox"], { dimension: 256 }))), [fox ?? []])
      assert.strictEqual(vectorsOf(yield* answered(origin, body("one")))[0]?.length, 1024)
    }))

  it.scopedLive("gives sparse vectors, and both", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const sparse = at(
        yield* answered(origin, body(["风急天高"], { output_type: "sparse" })),
        "output",
        "embeddings",
        0
      )
      assert.isUndefined(at(sparse, "embedding"))
      assert.deepStrictEqual(Object.keys(at(sparse, "sparse_embedding", 0) as object), ["index", "value", "token"])
      assert.strictEqual(at(sparse, "sparse_embedding", 0, "token"), "风")
      const both = at(yield* answered(origin, body(["风"], { output_type: "dense&sparse" })), "output", "embeddings", 0)
      assert.sameMembers(Object.keys(both as object), ["embedding", "sparse_embedding", "text_index"])
    }))

  it.scopedLive("refuses what the service refuses", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const texts = (count: number) => Array.from({ length: count }, (_, i) => `text ${i}`)
      assert.strictEqual(
        yield* refused(origin, body(texts(11))),
        "400 InvalidParameter: <400> InternalError.Algo.InvalidParameter: Value error, batch size is invalid, it should not be larger than 10.: input.contents"
      )
      assert.include(yield* refused(origin, body(texts(11), {}, "text-embedding-v3")), "larger than 10.")
      assert.include(yield* refused(origin, body(texts(26), {}, "text-embedding-v2")), "larger than 25.")
      assert.strictEqual((yield* ask(origin, body(texts(25), {}, "text-embedding-v2"))).status, 200)
      for (const wrong of [undefined, [], [1], {}, ["a", null]]) {
        assert.include(yield* refused(origin, body(wrong)), "neither str nor list of str")
      }
      assert.include(yield* refused(origin, body([""])), "Range of input length should be [1, 8192]")
      assert.include(yield* refused(origin, body(["风".repeat(8193)])), "Range of input length")
      assert.include(yield* refused(origin, body(["a"], { dimension: 100 })), "dimension")
      assert.include(yield* refused(origin, body(["a"], { dimension: 2048 }, "text-embedding-v3")), "dimension")
      assert.include(yield* refused(origin, body(["a"], { text_type: "title" })), "text_type")
      assert.include(yield* refused(origin, body(["a"], { output_type: "both" })), "output_type")
      assert.include(yield* refused(origin, body(["a"], {}, "qwen-plus")), "url error")
      assert.include(
        yield* refused(origin, { path, body: { model: "text-embedding-v4" } }),
        "400 BadRequest.EmptyInput"
      )
      assert.include(yield* refused(origin, body(["a"], {}, "unknown-1")), "404 ModelNotFound")
      assert.include(
        yield* refused(origin, { ...body(["a"]), headers: { "x-dashscope-async": "enable" } }),
        "403 AccessDenied"
      )
    }))

  it.scopedLive("answers in one piece where a stream is asked for", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const reply = yield* ask(origin, { ...body(["a"]), stream: true })
      assert.strictEqual(reply.headers.get("content-type"), "application/json")
      assert.strictEqual(vectorsOf(reply.json).length, 1)
    }))

  it.runIf(present)("has the recorded fields", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const captures = capturesWhere((capture) => capture.path === path && !capture.name.startsWith("batch"))
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
