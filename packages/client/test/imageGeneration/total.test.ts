import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { type Element, ImageTotal, type Part } from "../../src/internal/imageGeneration/total.js"

const part: FastCheck.Arbitrary<Part> = FastCheck.oneof(
  FastCheck.record({ type: FastCheck.constant("text"), text: FastCheck.string({ maxLength: 9 }) }),
  FastCheck.record({ type: FastCheck.constant("image"), image: FastCheck.webUrl() })
)
const elements = FastCheck.array(FastCheck.array(part, { maxLength: 4 }), { maxLength: 12 })

const elementOf = (content: ReadonlyArray<Part>, more: object = {}): Element => ({
  output: { choices: [{ finishReason: "null", message: { content } }] },
  ...more
})

const total = (elements: ReadonlyArray<Element>) => {
  const total = new ImageTotal()
  for (const element of elements) total.add(element)
  return total
}

const contentOf = (element: Element | undefined) => element?.output.choices?.[0]?.message?.content ?? []

/** All that is said and shown, in its order. */
const flat = (parts: ReadonlyArray<Part>) => parts.map(({ image, text }) => image ? `<${image}>` : text ?? "").join("")

describe("text and images in turn", () => {
  it.prop("are all there, in their order, with no two texts in a row", [elements], ([all]) => {
    const { get, size } = total(all.map((parts) => elementOf(parts)))
    const parts = contentOf(get())
    assert.strictEqual(flat(parts), flat(all.flat()))
    assert.strictEqual(
      size,
      all.flat().reduce((sum, { image, text }) => sum + (image?.length ?? 0) + (text?.length ?? 0), 0)
    )
    if (all.length < 2) return
    // The first element is as it came.
    for (const [i, { image }] of parts.entries()) {
      const before = parts[i - 1]
      if (i > (all[0]?.length ?? 0)) assert.isTrue(image !== undefined || before?.image !== undefined)
    }
  })

  it("have what came last of the rest", () => {
    const whole = total([
      elementOf([{ text: "a" }], { usage: { image_count: 0 }, x: 1 }),
      elementOf([{ text: "b" }]),
      { output: { choices: [{ finishReason: "stop", message: { content: [] } }] }, usage: { image_count: 1 } },
      { output: {} }
    ]).get()
    assert.deepInclude<object>({ ...whole }, { usage: { image_count: 1 }, x: 1 })
    assert.deepStrictEqual(whole?.output.choices, [{ finishReason: "stop", message: { content: [{ text: "ab" }] } }])
    assert.isUndefined(total([]).get())
  })
})
