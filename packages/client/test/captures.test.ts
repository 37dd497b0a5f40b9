import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as DashScopeError from "../src/DashScopeError.js"
import * as Generation from "../src/Generation.js"
import * as Codec from "../src/internal/core/codec.js"
import * as MultiModalWire from "../src/internal/multimodal/wire.js"
import * as ErrorBody from "../src/internal/protocol/errorBody.js"
import * as Message from "../src/Message.js"
import type { MultiModalParams } from "../src/MultiModalParams.js"
import { exchanges, hasCaptures } from "./util/captures.js"
import { services } from "./util/mock.js"

// Recorded exchanges that are no part of this repository.
if (!hasCaptures) console.warn("Skipped: the recorded exchanges are not on this machine.")

const generations = exchanges.filter(({ request }) => request.path.endsWith("/text-generation/generation"))
// Of the first the path was not kept.
const multiModal = exchanges.filter(({ name }) => name.startsWith("multimodal-generation-"))
const answers = generations.filter(({ response }) => response.status === 200)

/** The JSON values of an answer: one, or one for each event of a stream. */
const jsonOf = (body: string): ReadonlyArray<unknown> =>
  body.includes("\ndata:") ?
    Array.from(body.matchAll(/^data:(.*)$/gm), ([, data]): unknown => JSON.parse(data ?? "")) :
    [JSON.parse(body)]

const keysOf = (json: unknown): ReadonlyArray<string> =>
  typeof json === "object" && json !== null ?
    Object.entries(json).flatMap(([key, value]) => [...(Array.isArray(json) ? [] : [key]), ...keysOf(value)]) :
    []

const encodeResult = Schema.encodeSync(Generation.GenerationResult)

const isError = (json: unknown) => Generation.field(json, "code") !== undefined

describe.runIf(hasCaptures)("recorded exchanges", () => {
  it("are found", () => {
    assert.isAtLeast(answers.length, 8)
  })

  it.each(answers)("$name decodes with no field lost", ({ response }) => {
    const results = jsonOf(response.body).filter((json) => !isError(json))
    for (const wire of results) {
      const result = Either.getOrThrow(Generation.decode(wire))
      assert.deepStrictEqual<unknown>(encodeResult(result), wire)
      assert.isString(Generation.text(result))
      assert.match(result.requestId ?? "", /^[0-9a-f-]{36}$/)
      assert.isNumber(result.usage?.inputTokens)
      // Every field has a name of ours: none is left under its wire name.
      assert.include(keysOf(wire), "request_id")
      assert.deepStrictEqual(keysOf(result).filter((key) => key.includes("_")), [])
    }
    assert.isTrue(results.length > 0 || response.body.includes("event:error"))
  })

  it.each(multiModal)("$name decodes with no field lost", ({ response }) => {
    for (const wire of jsonOf(response.body)) {
      const result = Either.getOrThrow(Generation.decode(wire))
      assert.deepStrictEqual<unknown>(encodeResult(result), wire)
      assert.isNumber(result.usage?.inputTokens)
      assert.deepStrictEqual(
        keysOf(result).filter((key) => key.includes("_") && key !== "ocr_result" && key !== "kv_result"),
        []
      )
    }
  })

  it.each(multiModal)("$name has a request that is written alike", ({ request }) => {
    const { input, model, parameters } = request.body as {
      readonly model: string
      readonly input: { readonly messages: unknown }
      readonly parameters: Record<string, unknown>
    }
    // Parts keep fields that have no name here, so the wire's own can be given.
    const messages = JSON.parse(
      JSON.stringify(input.messages).replaceAll("\"tool_calls\"", "\"toolCalls\"").replaceAll(
        "\"tool_call_id\"",
        "\"toolCallId\""
      )
    ) as MultiModalParams["messages"]
    const params: MultiModalParams = { model, messages, extra: parameters }
    const body = Either.getOrThrow(MultiModalWire.encode(params))
    assert.deepStrictEqual<unknown>(body, { model, input, parameters })
  })

  it.each(multiModal.filter(({ response }) => response.body.includes("\ndata:")))(
    "$name comes to the same, whole and wherever it is cut",
    ({ response }) => {
      const results = jsonOf(response.body).map((json) => Either.getOrThrow(Generation.decode(json)))
      const whole = Generation.merge(results)
      assert.isDefined(whole)
      assert.strictEqual(Generation.text(whole), results.map(Generation.text).join(""))
      assert.strictEqual(Generation.reasoning(whole), results.map(Generation.reasoning).join(""))
      assert.lengthOf(whole.output.choices[0].message.content ?? "", 1)
      assert.deepStrictEqual(whole.usage, results.at(-1)?.usage)
      for (let at = 1; at < results.length; at++) {
        const [first, second] = [Generation.merge(results.slice(0, at)), Generation.merge(results.slice(at))]
        assert.deepStrictEqual(Generation.merge([first!, second!]), whole, `cut at ${at}`)
      }
    }
  )

  const asked = generations.flatMap(({ name, request }) => {
    const messages = Generation.field(Generation.field(request.body, "input"), "messages")
    return messages === undefined ? [] : [{ name, messages }]
  })

  it.each(asked)("$name has messages that this library reads and writes alike", ({ messages }) => {
    const schema = Schema.Array(Message.Message)
    const decoded = Either.getOrThrow(Codec.decoder(schema)(messages))
    assert.deepStrictEqual<unknown>(Either.getOrThrow(Codec.encoder(schema)(decoded)), messages)
  })

  const refusals = exchanges.filter(({ response }) => response.status >= 400)

  it("has refusals", () => {
    assert.isAtLeast(refusals.length, 3)
  })

  it.each(refusals)("$name is a typed error with no field lost", ({ response }) => {
    const json: unknown = JSON.parse(response.body)
    const error = Generation.field(json, "error") ?? json
    const parsed = ErrorBody.parse(response.body, [])
    assert.strictEqual(parsed.message, Generation.field(error, "message"))
    assert.strictEqual(parsed.code, Generation.field(error, "code") ?? Generation.field(error, "type"))
    assert.strictEqual(parsed.requestId, Generation.field(json, "request_id"))
  })

  it.effect.each(refusals)("$name fails a call", ({ response }) =>
    Effect.gen(function*() {
      const { layer } = services(() =>
        new Response(response.body, { status: response.status, headers: response.headers })
      )
      const error = yield* Effect.flip(Effect.provide(Generation.call({ model: "qwen-max", prompt: "1+1" }), layer))
      assert.instanceOf(error, DashScopeError.ApiError)
      assert.strictEqual(error.statusCode, response.status)
      assert.strictEqual(error.reason, response.status === 401 ? "Authentication" : "InvalidRequest")
      assert.isFalse(error.isRetryable)
    }))

  it.effect.each(answers.filter(({ name }) => name.endsWith("-nosse")))(
    "$name answers a call",
    ({ response }) =>
      Effect.gen(function*() {
        const { layer } = services(() => new Response(response.body, { headers: response.headers }))
        const result = yield* Effect.provide(Generation.call({ model: "qwen-max", prompt: "1+1" }), layer)
        assert.deepStrictEqual<unknown>(encodeResult(result), JSON.parse(response.body))
        assert.isTrue(Generation.text(result) !== "" || Generation.toolCalls(result).length > 0)
      })
  )

  it("has an error event in a stream of status 200", () => {
    const [stream] = exchanges.filter(({ response }) => response.body.includes("event:error"))
    const parsed = ErrorBody.parse(stream?.response.body ?? "", [])
    assert.strictEqual(parsed.code, "InvalidParameter")
    assert.match(parsed.requestId ?? "", /^[0-9a-f-]{36}$/)
  })
})
