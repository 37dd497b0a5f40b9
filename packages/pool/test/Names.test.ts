import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { nearest } from "../src/Names.js"

const names = ["timeout", "contentTimeout", "apiKey", "topP", "topK", "temperature", "retry"]

describe("the nearest name", () => {
  it.each([
    ["timout", "timeout"],
    ["Timeout", "timeout"],
    ["temprature", "temperature"],
    ["top_p", "topP"],
    ["api_key", "apiKey"],
    ["tiemout", "timeout"],
    ["content_timeout", "contentTimeout"],
    ["banana", undefined],
    ["", undefined],
    ["constructor", undefined],
    ["x".repeat(10_000), undefined]
  ])("of %s is %s", (name, expected) => {
    assert.strictEqual(nearest(name, names), expected)
  })

  it("of a name is itself, and of anything else one of the names or none", () => {
    for (const name of names) assert.strictEqual(nearest(name, names), name)
    FastCheck.assert(FastCheck.property(FastCheck.string(), (name) => {
      const found = nearest(name, names)
      assert.isTrue(found === undefined || names.includes(found))
    }))
  })
})
