import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import { casesOf } from "../../../../scripts/thorough.js"
import * as Generation from "../../src/Generation.js"
import * as Plain from "../../src/internal/chat/fastDecode.js"
import { keeping } from "../util/platform.js"

const bySchema = Schema.decodeUnknownEither(keeping(Generation.GenerationResult))

const event = {
  output: { choices: [{ message: { content: "你好", role: "assistant" }, finish_reason: "null" }] },
  usage: {
    total_tokens: 3,
    input_tokens: 1,
    output_tokens: 2,
    prompt_tokens_details: { cached_tokens: 0 },
    output_tokens_details: { reasoning_tokens: 1, text_tokens: 1 }
  },
  request_id: "r"
}

type Json = Record<string, unknown>

const optional = (fields: Record<string, FastCheck.Arbitrary<unknown>>) =>
  FastCheck.record(fields, { requiredKeys: [] })

const text = FastCheck.string({ maxLength: 5 })
const count = FastCheck.nat()

/** All that the short way knows. */
const usual: FastCheck.Arbitrary<Json> = FastCheck.record({
  output: FastCheck.record({
    choices: FastCheck.record(
      {
        message: optional({ content: text, role: text, reasoning_content: text }),
        finish_reason: text,
        index: count
      },
      { requiredKeys: ["message"] }
    ).map((choice) => [choice])
  }),
  usage: optional({
    input_tokens: count,
    output_tokens: count,
    total_tokens: count,
    prompt_tokens_details: optional({ cached_tokens: count }),
    output_tokens_details: optional({ reasoning_tokens: count, text_tokens: count })
  }),
  request_id: text
}, { requiredKeys: ["output"] })

/** Every object in there. */
const objects = (u: unknown): ReadonlyArray<Json> =>
  typeof u !== "object" || u === null ?
    [] :
    [...(Array.isArray(u) ? [] : [u as Json]), ...Object.values(u).flatMap(objects)]

/** The same with one thing changed: a field gone, of another value, or added. */
const unusual: FastCheck.Arbitrary<unknown> = FastCheck.tuple(
  usual,
  FastCheck.nat(),
  FastCheck.nat(),
  FastCheck.oneof(
    FastCheck.constant(undefined),
    FastCheck.constantFrom(null, 1, "a", true, [], {}, [1], { x: 1 }, [{}, {}], [{ message: {} }, { message: {} }])
  ),
  FastCheck.boolean()
).map(([json, place, field, value, adds]) => {
  const copy = structuredClone(json)
  const all = objects(copy)
  const changed = all[place % all.length]!
  const keys = Object.keys(changed)
  const key = adds || keys.length === 0 ? "other" : keys[field % keys.length]!
  if (value === undefined && key !== "other") delete changed[key]
  else changed[key] = value ?? null
  return copy
})

describe("the short way of reading an event", () => {
  it("reads the usual one", () => {
    assert.deepStrictEqual<unknown>(Plain.decode(event), {
      output: { choices: [{ message: { content: "你好", role: "assistant" }, finishReason: "null" }] },
      usage: {
        totalTokens: 3,
        inputTokens: 1,
        outputTokens: 2,
        promptTokensDetails: { cachedTokens: 0 },
        outputTokensDetails: { reasoningTokens: 1, textTokens: 1 }
      },
      requestId: "r"
    })
    const thinking = { output: { choices: [{ message: { content: "", reasoning_content: "嗯" }, index: 0 }] } }
    assert.deepStrictEqual<unknown>(Plain.decode(thinking), Either.getOrThrow(bySchema(thinking)))
  })

  it.prop("reads all that it knows, as the Schema does", [usual], ([json]) => {
    assert.deepStrictEqual(Plain.decode(json), Either.getOrThrow(bySchema(json)))
  }, { fastCheck: { numRuns: casesOf(500, 0.3) } })

  it.prop("leaves what it does not know to the Schema", [unusual], ([json]) => {
    const found = Plain.decode(json)
    if (found !== undefined) assert.deepStrictEqual(found, Either.getOrThrow(bySchema(json)))
    assert.deepStrictEqual(Either.getRight(Generation.decode(json)), Either.getRight(bySchema(json)))
  }, { fastCheck: { numRuns: casesOf(2000) } })

  it("takes nothing that is no event", () => {
    for (const json of [undefined, null, 1, "a", [], [event], {}, { output: [] }, { output: { choices: [] } }]) {
      assert.isUndefined(Plain.decode(json))
    }
  })
})
