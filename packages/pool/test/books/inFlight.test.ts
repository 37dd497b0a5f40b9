import { assert, describe, it } from "@effect/vitest"
import { FastCheck } from "effect"
import { InFlight } from "../../src/internal/books/inFlight.js"

describe("InFlight", () => {
  it("holds what a set would, whatever is added and deleted", () => {
    const step = FastCheck.record({ adds: FastCheck.boolean(), which: FastCheck.nat({ max: 9 }) })
    FastCheck.assert(FastCheck.property(FastCheck.array(step, { maxLength: 60 }), (steps) => {
      const entries = Array.from({ length: 10 }, () => ({ place: -1 }))
      const registry = new InFlight<typeof entries[number]>()
      const expected = new Set<typeof entries[number]>()
      for (const { adds, which } of steps) {
        const entry = entries[which]!
        if (adds) {
          registry.add(entry)
          expected.add(entry)
        } else {
          registry.delete(entry)
          expected.delete(entry)
        }
        const held = [...registry]
        assert.strictEqual(held.length, expected.size)
        assert.isTrue(held.every((entry) => expected.has(entry)))
        assert.isTrue(entries.every((entry) => (entry.place >= 0) === expected.has(entry)))
      }
    }))
  })
})
