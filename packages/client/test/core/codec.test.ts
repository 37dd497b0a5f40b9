import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import { casesOf } from "../../../../scripts/thorough.js"
import * as Generation from "../../src/Generation.js"
import * as Codec from "../../src/internal/core/codec.js"
import * as Shape from "../../src/internal/core/shape.js"
import * as Message from "../../src/Message.js"

const Inner = Schema.Struct({
  siteName: Schema.optional(Schema.NullOr(Schema.String)).pipe(Schema.fromKey("site_name")),
  count: Schema.Number
})
const Outer = Schema.Struct({
  requestId: Schema.propertySignature(Schema.String).pipe(Schema.fromKey("request_id")),
  kind: Schema.Union(Schema.Literal("a", 1), Schema.Boolean, Schema.Array(Inner)),
  inner: Schema.optional(Inner),
  // Has no compiled form.
  small: Schema.optional(Schema.Int.pipe(Schema.lessThan(10))),
  table: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.Number })),
  anything: Schema.optional(Schema.Unknown)
})

const decode = Codec.decoder(Outer)
const encode = Codec.encoder(Outer)
const decodeBySchema = Shape.explaining.decode(Outer)
const encodeBySchema = Shape.explaining.encode(Outer)

const unknownFields = FastCheck.dictionary(
  FastCheck.stringMatching(/^x_[a-z_]{1,8}$/),
  FastCheck.jsonValue(),
  { maxKeys: 3 }
)

/** Legal inner values, with fields that nobody knows. */
const inner = FastCheck.tuple(
  FastCheck.record(
    { site_name: FastCheck.option(FastCheck.string()), count: FastCheck.integer() },
    { requiredKeys: ["count"] }
  ),
  unknownFields
).map(([known, unknown]) => ({ ...known, ...unknown }))

const outer = FastCheck.tuple(
  FastCheck.record({
    request_id: FastCheck.string(),
    kind: FastCheck.oneof(FastCheck.constantFrom("a", 1), FastCheck.boolean(), FastCheck.array(inner)),
    inner,
    small: FastCheck.integer({ max: 9 }),
    table: FastCheck.dictionary(FastCheck.string().filter((key) => key !== "__proto__"), FastCheck.integer()),
    anything: FastCheck.jsonValue()
  }, { requiredKeys: ["request_id", "kind"] }),
  unknownFields
).map(([known, unknown]) => ({ ...known, ...unknown }))

/** Anything, often nearly legal: one field of a legal value replaced or taken away. */
const nearly = FastCheck.tuple(
  outer,
  FastCheck.constantFrom("request_id", "kind", "inner", "small", "table", "requestId"),
  FastCheck.option(FastCheck.oneof(FastCheck.jsonValue(), inner, FastCheck.array(inner)), { nil: undefined })
).map(([value, key, replacement]): Record<string, unknown> => {
  const { [key]: _, ...rest }: Record<string, unknown> = value
  return replacement === undefined ? rest : { ...rest, [key]: replacement }
})

describe("a compiled codec", () => {
  it("decodes as its Schema does, keeping unknown fields at every level", () => {
    FastCheck.assert(
      FastCheck.property(outer, (value) => {
        const found = decode(value)
        assert.isTrue(Either.isRight(found))
        assert.deepStrictEqual(found, decodeBySchema(value))
      })
    )
  })

  it("accepts and refuses what its Schema does", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.oneof(nearly, FastCheck.jsonValue()), (value) => {
        const found = decode(value)
        const expected = decodeBySchema(value)
        assert.strictEqual(found._tag, expected._tag)
        if (Either.isRight(found)) assert.deepStrictEqual(found, expected)
        else assert.strictEqual(String(found.left), String(Either.flip(expected).pipe(Either.getOrThrow)))
      }),
      { numRuns: casesOf(500, 0.3) }
    )
  })

  it("encodes back what it decoded, as its Schema does", () => {
    FastCheck.assert(
      FastCheck.property(outer, (value) => {
        const decoded = Either.getOrThrow(decode(value))
        assert.deepStrictEqual(encode(decoded), encodeBySchema(decoded))
        assert.deepStrictEqual<unknown>(Either.getOrThrow(encode(decoded)), value)
      })
    )
  })

  it("does not let a key change the prototype", () => {
    const value: unknown = JSON.parse("{\"request_id\":\"a\",\"kind\":1,\"__proto__\":{\"polluted\":true}}")
    const decoded = Either.getOrThrow(decode(value))
    assert.strictEqual(Object.getPrototypeOf(decoded), Object.prototype)
    assert.isFalse("polluted" in decoded)
    assert.strictEqual(JSON.stringify(Either.getOrThrow(encode(decoded))), JSON.stringify(value))
  })
})

const nullish = <A>(arbitrary: FastCheck.Arbitrary<A>) => FastCheck.option(arbitrary)

const tokenFields = {
  token: nullish(FastCheck.string()),
  bytes: nullish(FastCheck.array(FastCheck.nat(255))),
  logprob: nullish(FastCheck.double({ noNaN: true }))
}

const message = FastCheck.record({
  role: nullish(FastCheck.string()),
  content: nullish(
    FastCheck.oneof(FastCheck.string(), FastCheck.array(FastCheck.record({ text: FastCheck.string() })))
  ),
  reasoning_content: nullish(FastCheck.string()),
  tool_calls: nullish(FastCheck.array(FastCheck.record({
    id: nullish(FastCheck.string()),
    type: nullish(FastCheck.string()),
    index: nullish(FastCheck.nat()),
    function: FastCheck.record({ name: FastCheck.string(), arguments: FastCheck.json() }, { requiredKeys: [] }),
    x_new: FastCheck.jsonValue()
  }, { requiredKeys: [] }))),
  x_new: FastCheck.jsonValue()
}, { requiredKeys: [] })

const wireResult = FastCheck.record({
  output: FastCheck.record({
    text: nullish(FastCheck.string()),
    finish_reason: nullish(FastCheck.constantFrom("stop", "null", "length")),
    choices: nullish(FastCheck.array(
      FastCheck.record({
        index: FastCheck.nat(),
        finish_reason: nullish(FastCheck.constantFrom("stop", "null", "tool_calls")),
        message,
        logprobs: nullish(FastCheck.record({
          content: nullish(FastCheck.array(FastCheck.record({
            ...tokenFields,
            top_logprobs: nullish(FastCheck.array(FastCheck.record(tokenFields)))
          })))
        }))
      }, { requiredKeys: ["message"] }),
      { maxLength: 3 }
    )),
    search_info: nullish(FastCheck.record({
      search_results: nullish(
        FastCheck.array(FastCheck.record({ site_name: FastCheck.string(), index: FastCheck.nat() }))
      ),
      extra_tool_info: nullish(FastCheck.array(FastCheck.jsonValue()))
    }, { requiredKeys: [] })),
    model_name: FastCheck.string(),
    tool_info: FastCheck.array(FastCheck.record({
      type: FastCheck.string(),
      code_interpreter: FastCheck.record({ code: FastCheck.string() })
    })),
    x_new: FastCheck.jsonValue()
  }, { requiredKeys: [] }),
  usage: nullish(FastCheck.record({
    input_tokens: FastCheck.nat(),
    output_tokens: nullish(FastCheck.nat()),
    prompt_tokens_details: FastCheck.record({
      cached_tokens: FastCheck.nat(),
      cache_creation: FastCheck.record({ ephemeral_5m_input_tokens: FastCheck.nat() })
    }, { requiredKeys: [] }),
    plugins: FastCheck.record({ search: FastCheck.record({ count: FastCheck.nat() }), x_new: FastCheck.jsonValue() }),
    x_new: FastCheck.jsonValue()
  }, { requiredKeys: [] })),
  request_id: nullish(FastCheck.uuid()),
  x_new: FastCheck.jsonValue()
}, { requiredKeys: ["output"] })

describe("GenerationResult", () => {
  const decodeResult = Schema.decodeUnknownEither(Generation.GenerationResult)
  const encodeResult = Schema.encodeSync(Generation.GenerationResult)

  it("decodes by the fast way as by the Schema, and encodes back to the same JSON", () => {
    FastCheck.assert(
      FastCheck.property(wireResult, (wire) => {
        const result = Either.getOrThrow(Generation.decode(wire))
        assert.deepStrictEqual(result, Either.getOrThrow(decodeResult(wire)))
        assert.deepStrictEqual<unknown>(encodeResult(result), wire)
        // There is always something to read.
        assert.isString(Generation.text(result))
        assert.isArray(Generation.toolCalls(result))
      })
    )
  })
})

describe("Message", () => {
  it("round-trips between camelCase and snake_case, whatever the message", () => {
    const schema = Schema.Array(Message.Message)
    const encodeFast = Codec.encoder(schema)
    const decodeFast = Codec.decoder(schema)
    const text = FastCheck.string()
    const cacheControl = FastCheck.constantFrom(Message.ephemeral, { type: "ephemeral", ttl: "5m" } as const, undefined)
    const part = FastCheck.oneof(
      FastCheck.tuple(text, cacheControl).map(([text, cacheControl]) => Message.text(text, { cacheControl })),
      FastCheck.tuple(text, cacheControl).map(([url, cacheControl]) =>
        Message.imageUrl(url, { detail: "low", cacheControl })
      ),
      FastCheck.array(text).map((urls) => Message.docUrl(urls, { fileParsingStrategy: "auto" })),
      FastCheck.tuple(text, FastCheck.jsonValue()).map(([name, value]) => Message.part({ type: `x_${name}`, value }))
    )
    const content = FastCheck.oneof(text, FastCheck.array(part))
    const toolCall = FastCheck.record({ id: text, name: text, arguments: FastCheck.json() }).map(Message.toolCall)
    const message = FastCheck.oneof(
      content.map(Message.system),
      content.map((content) => Message.user(content, { name: "ada" })),
      FastCheck.tuple(content, FastCheck.array(toolCall)).map(([content, toolCalls]) =>
        Message.assistant(content, { toolCalls, reasoningContent: "hm", partial: false })
      ),
      content.map((content) => Message.tool(content, { toolCallId: "call_1" })),
      content.map((content) => Message.other("bot", content)),
      content.map((content) => Message.withFields(Message.user(content), { x_new: [1] }))
    )
    FastCheck.assert(
      FastCheck.property(FastCheck.array(message), (messages) => {
        const wire = Either.getOrThrow(encodeFast(messages))
        assert.deepStrictEqual(wire, Either.getOrThrow(Shape.explaining.encode(schema)(messages)))
        // Through JSON, where fields that are undefined are gone.
        const sent: unknown = JSON.parse(JSON.stringify(wire))
        assert.notMatch(JSON.stringify(sent), /cacheControl|imageUrl|docUrl|toolCall|fileParsing|reasoningContent/)
        assert.deepStrictEqual<unknown>(Either.getOrThrow(decodeFast(sent)), JSON.parse(JSON.stringify(messages)))
      })
    )
  })
})
