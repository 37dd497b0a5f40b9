import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import { at } from "../helpers.js"
import { answered } from "../services.js"

const list = (origin: string, query = "") =>
  Effect.map(answered(origin, { method: "GET", path: `/api/v1/models${query}` }), (answer) => at(answer, "output"))
const namesIn = (output: unknown) =>
  (at(output, "models") as ReadonlyArray<{ readonly model: string }>).map(({ model }) => model)

describe("the list of models", () => {
  it.scopedLive("is told page by page", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      const first = yield* list(origin)
      assert.deepInclude(first as object, { page_no: 1, page_size: 10 })
      const total = Number(at(first, "total"))
      const all: Array<string> = []
      for (let page = 1; page <= Math.ceil(total / 7) + 1; page++) {
        all.push(...namesIn(yield* list(origin, `?page_no=${page}&page_size=7`)))
      }
      assert.strictEqual(new Set(all).size, total)
      assert.include(all, "qwen-plus")
      assert.sameMembers(
        Object.keys(at(first, "models", 0) as object),
        ["model", "name", "description", "source", "provider", "opensource", "capabilities"]
      )
    }))

  it.scopedLive("tells one model, or none", () =>
    Effect.gen(function*() {
      const { origin } = yield* Simulator.make()
      assert.deepStrictEqual(namesIn(yield* list(origin, "?model=qwen-plus&page_no=1&page_size=1")), ["qwen-plus"])
      assert.deepStrictEqual(namesIn(yield* list(origin, "?model=qwen-none")), [])
      const own = yield* Simulator.make({ models: ["my-model"] })
      assert.deepStrictEqual(namesIn(yield* list(own.origin)), ["my-model"])
    }))
})
