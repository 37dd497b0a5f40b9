import { assert, describe, it } from "@effect/vitest"
import { isSettled } from "../src/worker/settled.js"

describe("a warm-up", () => {
  it("has settled when four batches did not become cheaper", () => {
    assert.isFalse(isSettled([]))
    assert.isFalse(isSettled([10, 10, 10, 10]))
    assert.isTrue(isSettled([10, 10, 10, 10, 10]))
  })

  it("goes on while the cost falls", () => {
    assert.isFalse(isSettled([10, 9.9, 9.8, 9.7, 9.6]))
    assert.isTrue(isSettled([10, 9.9, 9.8, 9.7, 9.6, 9.6, 9.6, 9.6]))
  })

  it("is not put off by batches that cost more", () => {
    assert.isTrue(isSettled([10, 14, 10, 17, 12]))
  })
})
