import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Batches from "../../src/internal/embedding/batches.js"

describe("batches", () => {
  it("have each text once, in order, and know all its places", () => {
    FastCheck.assert(FastCheck.property(
      FastCheck.array(FastCheck.string({ maxLength: 2 })),
      FastCheck.integer({ min: 1, max: 12 }),
      (texts, size) => {
        const batches = Batches.cut(texts, size)
        const asked = batches.flatMap(({ texts }) => texts)
        assert.deepStrictEqual(asked, [...new Set(texts)])
        for (const [i, batch] of batches.entries()) {
          if (i < batches.length - 1) assert.lengthOf(batch.texts, size)
          assert.isAtMost(batch.texts.length, size)
        }
        const back = new Array<string>(texts.length)
        for (const { places, texts } of batches) {
          for (const [i, text] of texts.entries()) for (const place of places[i] ?? []) back[place] = text
        }
        assert.deepStrictEqual(back, texts)
      }
    ))
  })

  it("are as large as the model takes", () => {
    assert.deepStrictEqual(
      ["text-embedding-v1", "text-embedding-v2", "text-embedding-v3", "text-embedding-v4", "qwen3.7-text-embedding"]
        .map(Batches.batchSizeOf),
      [25, 25, 10, 10, 10]
    )
  })

  it("are matched by index, and refused where one is missing, twice there, or beyond", () => {
    const of = (...indices: ReadonlyArray<number>) =>
      Either.isRight(Batches.matched(indices.map((textIndex) => ({ textIndex })), 3, "r"))
    assert.deepStrictEqual(
      [of(2, 0, 1), of(0, 1), of(0, 1, 1), of(0, 1, 3), of(0, 1, 2, 3), of(0, 1, 2, 2)],
      [true, false, false, false, false, false]
    )
  })

  it("are named in few words", () => {
    assert.deepStrictEqual(
      [[7], [3, 17], [20, 21, 22], [1, 5, 9, 11, 13]].map(Batches.named),
      ["7", "3, 17", "20 to 22", "1, 5, 9 and 2 more"]
    )
  })
})
