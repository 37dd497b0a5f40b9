import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FC from "effect/FastCheck"
import * as Schema from "effect/Schema"
import * as DashScopeError from "../src/DashScopeError.js"
import * as Generation from "../src/Generation.js"
import type { JsonSchema } from "../src/internal/core/jsonSchema.js"
import * as Json from "../src/internal/core/jsonSchema.js"
import * as Message from "../src/Message.js"
import * as Tool from "../src/Tool.js"
import { asksFor, says } from "./util/model.js"

const Place = Schema.Struct({
  city: Schema.String.annotations({ description: "Its name" }),
  country: Schema.optional(Schema.NonEmptyString)
}).annotations({ identifier: "Place", description: "A place on Earth" })

const getWeather = Tool.make("get_weather", {
  description: "The weather of a city",
  parameters: Schema.Struct({
    place: Place,
    days: Schema.NumberFromString.annotations({ description: "How many, as text" }),
    unit: Schema.optionalWith(Schema.Literal("celsius", "fahrenheit"), { default: () => "celsius" as const })
  }),
  success: Schema.Struct({ degrees: Schema.Number })
})

const getTime = Tool.make("get_time", { success: Schema.String })

const call = (name: string, args: string) => Message.toolCall({ id: "call_1", name, arguments: args })

const jsonSchemaOf = (schema: Schema.Schema.Any): JsonSchema => Either.getOrThrow(Json.make(schema))

describe("Tool.make", () => {
  it("gives the wire's function definition", () => {
    assert.deepStrictEqual<unknown>(Tool.toDefinition(getWeather), {
      type: "function",
      function: {
        name: "get_weather",
        description: "The weather of a city",
        parameters: {
          type: "object",
          required: ["place", "days"],
          properties: {
            place: {
              type: "object",
              description: "A place on Earth",
              required: ["city"],
              properties: {
                city: { type: "string", description: "Its name" },
                country: { type: "string", description: "a non empty string", minLength: 1 }
              },
              additionalProperties: false
            },
            days: { type: "string", description: "How many, as text" },
            unit: { type: "string", enum: ["celsius", "fahrenheit"] }
          },
          additionalProperties: false
        }
      }
    })
  })

  it("needs no description and no parameters", () => {
    assert.deepStrictEqual<unknown>(Tool.toDefinition(Tool.make("ping")), {
      type: "function",
      function: { name: "ping", parameters: { type: "object", properties: {}, additionalProperties: false } }
    })
  })

  it("takes a class as well as a struct", () => {
    class Order extends Schema.Class<Order>("app/Order")({ item: Schema.String }) {}
    const tool = Tool.make("order", { parameters: Order })
    assert.deepStrictEqual<unknown>(tool.definition.function.parameters, {
      type: "object",
      required: ["item"],
      properties: { item: { type: "string" } },
      additionalProperties: false
    })
    const decoded = Effect.runSync(Tool.decodeCall(tool, call("order", "{\"item\":\"tea\"}")))
    assert.instanceOf(decoded.arguments, Order)
    assert.strictEqual(decoded.arguments.item, "tea")
  })

  const refused: ReadonlyArray<readonly [name: string, because: RegExp]> = [
    ["", /1 to 64/],
    ["a".repeat(65), /1 to 64/],
    ["get weather", /"get weather" must be/],
    ["天气", /A-Z a-z 0-9 _ -/],
    ["get.weather", /A-Z a-z 0-9 _ -/],
    ["name\n", /A-Z a-z 0-9 _ -/],
    ["search", /reserves the name "search"/]
  ]
  it.each(refused)("refuses the name %j", (name, because) => {
    let thrown: unknown
    try {
      Tool.make(name)
    } catch (error) {
      thrown = error
    }
    assert.instanceOf(thrown, DashScopeError.InputRequired)
    assert.match(thrown.message, because)
  })

  it("accepts names up to the limit, and those that only contain the reserved one", () => {
    assert.strictEqual(Tool.make("a".repeat(64)).name.length, 64)
    assert.strictEqual(Tool.make("web-search_2").name, "web-search_2")
  })

  it("refuses parameters that are no object, or that JSON cannot hold", () => {
    assert.throws(() => Tool.make("t", { parameters: Schema.Array(Schema.String) }), /a JSON array, no object/)
    assert.throws(() => Tool.make("t", { parameters: Schema.String }), /a JSON string, no object/)
    assert.throws(
      () => Tool.make("t", { parameters: Schema.Struct({ at: Schema.DateFromSelf }) }),
      /the parameters of t: Missing annotation, at path: \["at"\]/
    )
  })

  it("makes the choice of itself", () => {
    assert.deepStrictEqual(Tool.choice(getTime), { type: "function", function: { name: "get_time" } })
  })

  it("is told from other values", () => {
    assert.isTrue(Tool.isTool(getTime))
    assert.isFalse(Tool.isTool(getTime.definition))
  })
})

describe("JSON Schema", () => {
  it("has no clutter", () => {
    enum Size {
      Small,
      Large
    }
    assert.deepStrictEqual<unknown>(
      jsonSchemaOf(Schema.Struct({
        title: Schema.String.annotations({ title: "A title" }),
        count: Schema.Int.pipe(Schema.between(1, 10)),
        any: Schema.Unknown,
        none: Schema.Struct({}),
        size: Schema.Enums(Size),
        by: Schema.Record({ key: Schema.String, value: Schema.Positive }),
        $id: Schema.optional(Schema.NullOr(Schema.Literal("x", "y")))
      })),
      {
        type: "object",
        required: ["title", "count", "any", "none", "size", "by"],
        properties: {
          title: { type: "string" },
          count: { type: "integer", description: "a number between 1 and 10", minimum: 1, maximum: 10 },
          any: {},
          none: { type: "object", properties: {}, additionalProperties: false },
          size: {
            anyOf: [{ type: "number", title: "Small", enum: [0] }, { type: "number", title: "Large", enum: [1] }]
          },
          by: {
            type: "object",
            properties: {},
            additionalProperties: { type: "number", description: "a positive number", exclusiveMinimum: 0 }
          },
          $id: { anyOf: [{ type: "string", enum: ["x", "y"] }, { type: "null" }] }
        },
        additionalProperties: false
      }
    )
  })

  it("writes references out, at any depth, with the description of the place", () => {
    const made = jsonSchemaOf(Schema.Struct({
      from: Place.annotations({ description: "Where from" }),
      to: Schema.propertySignature(Place).annotations({ description: "Where to" }),
      via: Schema.Array(Place)
    }))
    assert.notInclude(JSON.stringify(made), "$ref")
    assert.notInclude(JSON.stringify(made), "$defs")
    assert.notInclude(JSON.stringify(made), "allOf")
    const city = { type: "string", description: "Its name" }
    const country = { type: "string", description: "a non empty string", minLength: 1 }
    const place = (description: string) => ({
      type: "object",
      description,
      required: ["city"],
      properties: { city, country },
      additionalProperties: false
    })
    assert.deepStrictEqual<unknown>(made["properties"], {
      from: place("Where from"),
      to: place("Where to"),
      via: { type: "array", items: place("A place on Earth") }
    })
  })

  it("keeps $defs for what contains itself, and only for that", () => {
    interface Tree {
      readonly place: typeof Place.Type
      readonly children: ReadonlyArray<Tree>
    }
    const Tree = Schema.Struct({
      place: Place,
      children: Schema.Array(Schema.suspend((): Schema.Schema<Tree> => Tree))
    }).annotations({ identifier: "app/Tree" })
    const place = jsonSchemaOf(Place)
    const tree = {
      type: "object",
      required: ["place", "children"],
      properties: { place, children: { type: "array", items: { $ref: "#/$defs/app~1Tree" } } },
      additionalProperties: false
    }
    assert.deepStrictEqual<unknown>(jsonSchemaOf(Tree), { ...tree, $defs: { "app/Tree": tree } })
    assert.deepStrictEqual<unknown>(jsonSchemaOf(Schema.Struct({ root: Tree })), {
      type: "object",
      required: ["root"],
      properties: { root: { $ref: "#/$defs/app~1Tree" } },
      additionalProperties: false,
      $defs: { "app/Tree": tree }
    })
  })

  it("keeps conditions on top of conditions apart", () => {
    const made = jsonSchemaOf(Schema.Struct({
      few: Schema.Positive.pipe(Schema.greaterThan(-5)),
      code: Schema.String.pipe(Schema.pattern(/^a/), Schema.pattern(/z$/))
    }))
    assert.deepStrictEqual<unknown>(made["properties"], {
      few: {
        description: "a number greater than -5",
        exclusiveMinimum: -5,
        allOf: [{ type: "number", description: "a positive number", exclusiveMinimum: 0 }]
      },
      code: {
        type: "string",
        description: "a string matching the pattern z$",
        pattern: "z$",
        allOf: [{ pattern: "^a" }]
      }
    })
  })

  it("is made once for a Schema", () => {
    assert.strictEqual(jsonSchemaOf(Place), jsonSchemaOf(Place))
  })
})

describe("Tool.decodeCall", () => {
  it.effect("decodes the arguments", () =>
    Effect.gen(function*() {
      const asked = call("get_weather", "{\"place\":{\"city\":\"杭州\"},\"days\":\"3\",\"more\":1}")
      const decoded = yield* Tool.decodeCall([getTime, getWeather], asked)
      assert.deepStrictEqual<unknown>(decoded, {
        name: "get_weather",
        arguments: { place: { city: "杭州" }, days: 3, unit: "celsius" },
        call: asked
      })
    }))

  it.effect("takes nothing at all for no arguments", () =>
    Effect.gen(function*() {
      for (const args of ["", "  ", "{}"]) {
        const decoded = yield* Tool.decodeCall(getTime, call("get_time", args))
        assert.deepStrictEqual(decoded.arguments, {})
      }
    }))

  it("reads arguments as JSON, before any Schema does", () => {
    for (const [args, read] of [["", {}], ["[]", {}], ["```json\n{\"a\":1}\n```", { a: 1 }]] as const) {
      assert.deepStrictEqual(Tool.parseArguments(call("get_time", args)), Either.right(read))
    }
    const refused = Tool.parseArguments(call("get_time", "[1]"))
    assert.strictEqual(Either.isLeft(refused) ? refused.left.reason : undefined, "InvalidArguments")
  })

  const malformed: ReadonlyArray<
    readonly [args: string, reason: Tool.ToolCallErrorReason, paths: ReadonlyArray<string>, says: RegExp]
  > = [
    ["{\"place\": {\"city\": \"Han", "InvalidJson", [], /not valid JSON .* They were: \{"place": \{"city": "Han$/],
    ["{\"place\":{}}}", "InvalidJson", [], /not valid JSON/],
    ["get_weather(city='Paris')", "InvalidJson", [], /They were: get_weather\(city='Paris'\)$/],
    ["{'place': 1}", "InvalidJson", [], /not valid JSON/],
    ["NaN", "InvalidJson", [], /not valid JSON/],
    ["[1]", "InvalidArguments", [], /do not fit: Expected a JSON object\. They were: \[1\]$/],
    ["\"{}\"", "InvalidArguments", ["place", "days"], /place: is missing; days: is missing$/],
    ["null", "InvalidArguments", ["place", "days"], /place: is missing; days: is missing$/],
    ["42", "InvalidArguments", [], /do not fit: Expected a JSON object\. They were: 42$/],
    ["", "InvalidArguments", ["place", "days"], /place: is missing; days: is missing$/],
    ["{\"days\":\"1\"}", "InvalidArguments", ["place"], /do not fit: place: is missing$/],
    [
      "{\"place\":{\"city\":5},\"days\":\"1\"}",
      "InvalidArguments",
      ["place.city"],
      /place\.city: Expected string, actual 5$/
    ],
    ["{\"place\":{\"city\":\"x\"},\"days\":\"many\"}", "InvalidArguments", ["days"], /days: .*"many"/],
    [
      "{\"place\":{\"city\":\"x\"},\"days\":\"1\",\"unit\":\"kelvin\"}",
      "InvalidArguments",
      ["unit"],
      /unit: Expected "celsius".*, actual "kelvin"/
    ]
  ]
  it.effect.each(malformed)("tells what is wrong with %s", ([args, reason, paths, says]) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Tool.decodeCall(getWeather, call("get_weather", args)))
      assert.instanceOf(error, Tool.ToolCallError)
      assert.strictEqual(error.reason, reason)
      assert.strictEqual(error.tool, "get_weather")
      assert.strictEqual(error.callId, "call_1")
      assert.deepStrictEqual([...new Set(error.paths.filter((path) => path !== ""))], paths)
      assert.match(error.description, says)
    }))

  it.effect("refuses what is nested beyond reason, and no brackets in texts", () =>
    Effect.gen(function*() {
      const deep = `{"place":${"[".repeat(1e5)}${"]".repeat(1e5)}}`
      const error = yield* Effect.flip(Tool.decodeCall(getWeather, call("get_weather", deep)))
      assert.strictEqual(error.reason, "InvalidJson")
      assert.include(error.description, "nested more than 500 levels deep")
      assert.isBelow(error.description.length, 400)
      const tool = Tool.make("t", { parameters: Schema.Struct({ a: Schema.Unknown, b: Schema.String }) })
      const b = "\\\"[".repeat(1000)
      const decoded = yield* Tool.decodeCall(
        tool,
        call("t", `{"a":${"[".repeat(400)}${"]".repeat(400)},"b":${JSON.stringify(b)}}`)
      )
      assert.strictEqual(decoded.arguments.b, b)
    }))

  it.effect("tells which tools there are", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Tool.decodeCall([getWeather, getTime], call("get_news", "{}")))
      assert.strictEqual(error.reason, "UnknownTool")
      assert.strictEqual(
        error.description,
        "There is no tool named \"get_news\". The tools are: get_weather, get_time."
      )
      const none = yield* Effect.flip(Tool.decodeCall([], call("x".repeat(500), "{}")))
      assert.isBelow(none.description.length, 120)
    }))

  it.effect("stays short, and keeps what the model wrote out of its own message", () =>
    Effect.gen(function*() {
      const tool = Tool.make("many", { parameters: Schema.Struct({ list: Schema.Array(Schema.Int) }) })
      const list = Array.from({ length: 50 }, () => "secret".repeat(200))
      const error = yield* Effect.flip(Tool.decodeCall(tool, call("many", JSON.stringify({ list }))))
      assert.isBelow(error.description.length, 2200)
      assert.include(error.description, "list[0]: Expected number, actual \"secretsecret")
      assert.match(error.description, /and 42 more$/)
      assert.notInclude(error.message, "secret")
      assert.include(error.message, "\"many\"")
      assert.include(error.message, "list[0]")
    }))

  it.effect("has an answer for any text, and never a defect", () =>
    Effect.promise(() =>
      FC.assert(
        FC.asyncProperty(
          FC.oneof(FC.string(), FC.json(), FC.object().map((value) => JSON.stringify(value))),
          async (args) => {
            const exit = await Effect.runPromiseExit(
              Effect.either(Tool.decodeCall(getWeather, call("get_weather", args)))
            )
            assert.strictEqual(exit._tag, "Success")
          }
        )
      )
    ))

  it.effect("gives back what was encoded", () =>
    Effect.promise(() =>
      FC.assert(
        FC.asyncProperty(FC.string(), FC.integer(), async (city, days) => {
          const args = { place: { city }, days, unit: "fahrenheit" as const }
          const json = JSON.stringify(Schema.encodeSync(getWeather.parameters)(args))
          const decoded = await Effect.runPromise(Tool.decodeCall(getWeather, call("get_weather", json)))
          assert.deepStrictEqual(decoded.arguments, args)
        })
      )
    ))

  it("knows the types of the tools", () => {
    const one = Tool.decodeCall([getWeather, getTime], call("get_time", "{}"))
    expectTypeOf(one).toEqualTypeOf<
      Effect.Effect<
        | {
          readonly name: "get_weather"
          readonly arguments: typeof getWeather.parameters.Type
          readonly call: Message.ToolCall
        }
        | {
          readonly name: "get_time"
          // eslint-disable-next-line @typescript-eslint/no-empty-object-type
          readonly arguments: {}
          readonly call: Message.ToolCall
        },
        Tool.ToolCallError
      >
    >()
    expectTypeOf<Tool.Success<typeof getWeather>>().toEqualTypeOf<{ readonly degrees: number }>()
    expectTypeOf<Tool.Success<ReturnType<typeof Tool.make<"x">>>>().toEqualTypeOf<unknown>()
  })

  it.effect("asks for what the Schema needs", () =>
    Effect.gen(function*() {
      class Tables extends Context.Tag("Tables")<Tables, ReadonlyMap<string, number>>() {}
      const Row = Schema.transformOrFail(Schema.String, Schema.Number, {
        strict: true,
        decode: (key) => Effect.map(Tables, (tables) => tables.get(key) ?? 0),
        encode: (value) => Effect.succeed(String(value))
      })
      const tool = Tool.make("row", { parameters: Schema.Struct({ row: Row }) })
      const decoded = Tool.decodeCall(tool, call("row", "{\"row\":\"a\"}"))
      expectTypeOf(decoded).toEqualTypeOf<
        Effect.Effect<
          { readonly name: "row"; readonly arguments: { readonly row: number }; readonly call: Message.ToolCall },
          Tool.ToolCallError,
          Tables
        >
      >()
      const { arguments: args } = yield* Effect.provideService(decoded, Tables, new Map([["a", 7]]))
      assert.strictEqual(args.row, 7)
    }))
})

describe("answers", () => {
  it("are read as Generation reads them", () => {
    const parts = says("")
    const [choice] = parts.output.choices
    for (
      const result of [
        says("hello"),
        asksFor([{ id: "a", name: "f", arguments: "{" }]),
        { output: { choices: [{ message: {} }] } },
        { output: { choices: [{ message: { content: null, toolCalls: [{}, { function: { name: "f" } }] } }] } },
        {
          output: {
            choices: [{ ...choice, message: { content: [{ text: "a" }, { image: "b" }, null, { text: "c" }] } }]
          }
        }
      ] satisfies ReadonlyArray<Generation.GenerationResult>
    ) {
      assert.strictEqual(Generation.text(result), Generation.text(result))
      assert.deepStrictEqual(Generation.toolCalls(result), Generation.toolCalls(result))
    }
  })
})

describe("Tool.decodeCalls", () => {
  it.effect("decodes each call on its own, in the model's order", () =>
    Effect.gen(function*() {
      const result = asksFor([
        { id: "a", name: "get_time", arguments: "{}" },
        { id: "b", name: "get_weather", arguments: "{" },
        { id: "c", name: "get_time", arguments: "" }
      ])
      const decoded = yield* Tool.decodeCalls([getWeather, getTime], result)
      assert.deepStrictEqual(
        decoded.map(Either.match({ onLeft: (error) => error.reason, onRight: ({ call }) => call.id })),
        ["a", "InvalidJson", "c"]
      )
      const failed = Either.all(yield* Tool.decodeCalls([getWeather, getTime], result))
      assert.strictEqual(Either.isLeft(failed) && failed.left.callId, "b")
    }))

  it.effect("gives nothing where nothing is asked for", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* Tool.decodeCalls(getTime, says("hello")), [])
    }))
})

describe("Tool.encodeResult", () => {
  const plain = Tool.make("plain")
  const texts: ReadonlyArray<readonly [value: unknown, text: string]> = [
    ["18 °C", "18 °C"],
    ["", "\"\""],
    [" ", "\" \""],
    [undefined, "null"],
    [null, "null"],
    [3, "3"],
    [{ a: [1, "二"] }, "{\"a\":[1,\"二\"]}"]
  ]
  it.effect.each(texts)("writes %j as %s", ([value, text]) =>
    Effect.gen(function*() {
      assert.strictEqual(yield* Tool.encodeResult(plain, value), text)
    }))

  it.effect("encodes by the Schema", () =>
    Effect.gen(function*() {
      const tool = Tool.make("t", { success: Schema.Struct({ at: Schema.Date }) })
      const text = yield* Tool.encodeResult(tool, { at: new Date(0) })
      assert.strictEqual(text, "{\"at\":\"1970-01-01T00:00:00.000Z\"}")
    }))

  it.effect("fails with what JSON cannot hold", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Tool.encodeResult(plain, { n: 1n }))
      assert.strictEqual(error._tag, "ParseError")
    }))
})
