import { assert, describe, it } from "@effect/vitest"
import { FastCheck } from "effect"
import { ResponseBody } from "../../src/internal/exchange/responseBody.js"

const pieces = FastCheck.array(FastCheck.uint8Array({ minLength: 1, maxLength: 5 }), { maxLength: 6 })

describe("ResponseBody", () => {
  it("gives back what was added since the last time, in whole or in its pieces", () => {
    FastCheck.assert(FastCheck.property(pieces, pieces, FastCheck.boolean(), (first, second, inWhole) => {
      const buffer = new ResponseBody()
      for (const added of [first, second]) {
        for (const piece of added) buffer.add(piece)
        const whole = Buffer.concat(added)
        assert.strictEqual(buffer.size, whole.length)
        if (inWhole) assert.isTrue(whole.equals(buffer.takeWhole()))
        else assert.deepStrictEqual(buffer.take(), added)
        assert.strictEqual(buffer.size, 0)
      }
    }))
  })

  it("does not copy a body that came in one piece", () => {
    const buffer = new ResponseBody()
    const piece = new Uint8Array([1])
    buffer.add(piece)
    assert.strictEqual(buffer.takeWhole(), piece)
  })
})
