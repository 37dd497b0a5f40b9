import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FC from "effect/FastCheck"
import * as Schema from "effect/Schema"
import * as DashScopeError from "../../src/DashScopeError.js"
import * as Generation from "../../src/Generation.js"
import * as Structured from "../../src/internal/chat/structured.js"
import * as WrittenJson from "../../src/internal/core/writtenJson.js"
import * as Message from "../../src/Message.js"
import * as StructuredOutput from "../../src/StructuredOutput.js"
import { asksFor, says, scripted } from "../util/model.js"

const Person = Schema.Struct({
  name: Schema.String.annotations({ description: "The full name" }),
  age: Schema.NumberFromString
}).annotations({ identifier: "app/Person", description: "A person" })

const personJson = {
  type: "object",
  required: ["name", "age"],
  properties: {
    name: { type: "string", description: "The full name" },
    age: { type: "string", description: "a string to be decoded into a number" }
  },
  additionalProperties: false,
  description: "A person"
}

const params: Generation.GenerationParams = { model: "qwen-plus", messages: [Message.user("Li Lei is 25.")] }

const good = "{\"name\":\"李雷\",\"age\":\"25\"}"

const brief = "Answer with one JSON object and nothing else."

describe("callObject", () => {
  it.effect("asks by the JSON Schema and gives the value", () =>
    Effect.gen(function*() {
      const { call, nth, options } = scripted(says(good, { usage: [30, 9] }))
      const given = { timeout: "5 seconds" } as const
      const object = yield* Structured.callObject(call)({ ...params, temperature: 0 }, Person, given)
      assert.deepStrictEqual<unknown>(object, {
        value: { name: "李雷", age: 25 },
        result: says(good, { usage: [30, 9] }),
        attempts: 1,
        usage: { inputTokens: 30, outputTokens: 9, totalTokens: 39 }
      })
      assert.deepStrictEqual<unknown>(nth(0), {
        ...params,
        temperature: 0,
        responseFormat: {
          type: "json_schema",
          jsonSchema: { name: "Person", description: "A person", schema: personJson, strict: true }
        }
      })
      assert.deepStrictEqual(options, [given])
    }))

  it.effect("calls the object what it is told to", () =>
    Effect.gen(function*() {
      const { call, nth } = scripted(says(good))
      yield* Structured.callObject(call)(params, Person, { name: "who", description: "Who it is" })
      const format = nth(0).responseFormat
      assert.deepStrictEqual(
        format?.type === "json_schema" && [format.jsonSchema.name, format.jsonSchema.description],
        [
          "who",
          "Who it is"
        ]
      )
    }))

  class Klass extends Schema.Class<Klass>("lib/models/Klass")({ a: Schema.String }) {}
  const names: ReadonlyArray<readonly [name: string, schema: Schema.Schema.Any]> = [
    ["answer", Schema.Struct({ a: Schema.String })],
    ["Weather_report", Schema.Struct({ a: Schema.String }).annotations({ title: "Weather report" })],
    ["Klass", Klass],
    ["answer", Schema.Struct({ a: Schema.String }).annotations({ title: "天气" })],
    ["a".repeat(64), Schema.Struct({ a: Schema.String }).annotations({ identifier: "a".repeat(80) })]
  ]
  it.each(names)("finds the name %s", (name, schema) => {
    assert.strictEqual(Structured.nameOf(schema.ast), name)
  })

  it.effect("gives instances of a class", () =>
    Effect.gen(function*() {
      const { value } = yield* Structured.callObject(scripted(says("{\"a\":\"x\"}")).call)(params, Klass)
      assert.instanceOf(value, Klass)
    }))

  describe("with json_object", () => {
    it.effect("shows the JSON Schema in a system message", () =>
      Effect.gen(function*() {
        const { call, nth } = scripted(says(good))
        yield* Structured.callObject(call)({ model: "m", prompt: "Li Lei is 25." }, Person, { format: "json_object" })
        assert.deepStrictEqual<unknown>(nth(0), {
          model: "m",
          messages: [
            Message.system(`${brief} It must fit this JSON Schema:\n${JSON.stringify(personJson)}`),
            Message.user("Li Lei is 25.")
          ],
          responseFormat: { type: "json_object" }
        })
      }))

    it.effect("adds to the system message that there is", () =>
      Effect.gen(function*() {
        const { call, nth } = scripted(says(good), says(good))
        const text = Message.text("Be brief.", { cacheControl: Message.ephemeral })
        const callObject = Structured.callObject(call)
        const options = { format: "json_object", describe: false } as const
        yield* callObject({ ...params, messages: [Message.system("Be brief."), Message.user("Hi")] }, Person, options)
        yield* callObject({ ...params, messages: [Message.system([text]), Message.user("Hi")] }, Person, options)
        assert.deepStrictEqual(nth(0).messages?.[0], Message.system(`Be brief.\n\n${brief}`))
        assert.deepStrictEqual(nth(1).messages?.[0], Message.system([text, Message.text(brief)]))
      }))

    it.effect("leaves messages alone that have the word, where no Schema is to be shown", () =>
      Effect.gen(function*() {
        const options = { format: "json_object", describe: false } as const
        for (
          const messages of [
            [Message.user("As Json, please")],
            [Message.system("用JSON回答"), Message.user("Hi")],
            [Message.user([Message.text("as json")])]
          ]
        ) {
          const { call, nth } = scripted(says(good))
          yield* Structured.callObject(call)({ ...params, messages }, Person, options)
          assert.deepStrictEqual(nth(0).messages, messages)
        }
        // What the assistant said does not count.
        const { call, nth } = scripted(says(good))
        const messages = [Message.user("Hi"), Message.assistant("json?"), Message.user("Yes")]
        yield* Structured.callObject(call)({ ...params, messages }, Person, options)
        assert.deepStrictEqual(nth(0).messages, [Message.system(brief), ...messages])
      }))

    it.effect("shows the Schema with json_schema only where that is asked for", () =>
      Effect.gen(function*() {
        const { call, nth } = scripted(says(good))
        yield* Structured.callObject(call)(params, Person, { describe: true })
        assert.strictEqual(nth(0).messages?.[0]?.role, "system")
        assert.strictEqual(nth(0).responseFormat?.type, "json_schema")
      }))
  })

  it.effect("leaves it to the call to refuse that nothing is said", () =>
    Effect.gen(function*() {
      const { call, nth } = scripted(says(good))
      yield* Structured.callObject(call)({ model: "m" }, Person, { format: "json_object" })
      assert.isUndefined(nth(0).messages)
    }))

  const texts: ReadonlyArray<string> = [
    good,
    `  ${good}\n`,
    `\`\`\`json\n${good}\n\`\`\``,
    `\n\`\`\`JSON\r\n${good}\r\n\`\`\`  \n`,
    `\`\`\`\n${good}\n\`\`\``,
    `\`\`\`json ${good}\`\`\``,
    `Here you are: ${good}`,
    `${good}${good}`,
    `\`\`\`json\n${good}\n\`\`\`\nAnything else?`,
    `\`\`\`json\n${good}`,
    `<think>{maybe}</think>${good}`,
    `<think>\n\n</think>\n\n${good}`,
    `hm {"name":1}\n</think>\nSo: ${good} and {that} is all`,
    JSON.stringify(good),
    "{\n  \"age\": \"25\",\n  \"name\": \"李雷\", \"more\": null }"
  ]
  it.effect.each(texts)("takes %j", (text) =>
    Effect.gen(function*() {
      const { value } = yield* Structured.callObject(scripted(says(text)).call)(params, Person)
      assert.deepStrictEqual(value, { name: "李雷", age: 25 })
    }))

  const faults: ReadonlyArray<
    readonly [
      text: string,
      finishReason: string,
      reason: StructuredOutput.InvalidObjectReason,
      paths: ReadonlyArray<string>,
      says: RegExp
    ]
  > = [
    ["", "stop", "Empty", [], /no text/],
    [" \n", "stop", "Empty", [], /no text/],
    ["```json\n```", "stop", "Empty", [], /no text/],
    ["", "length", "Truncated", [], /no text/],
    ["{\"name\":\"Li", "length", "Truncated", [], /JSON/],
    [`${good} {"name":"Li`, "length", "Truncated", [], /JSON/],
    ["{\"name\":\"Li", "stop", "NotJson", [], /JSON/],
    ["[".repeat(501), "stop", "NotJson", [], /nested more than 500 levels deep/],
    ["{\"name\":\"Li\"}", "stop", "DoesNotFit", ["age"], /^age: is missing$/],
    ["{\"name\":\"Li\"}", "length", "DoesNotFit", ["age"], /^age: is missing$/],
    ["{\"name\":1,\"age\":\"old\"}", "stop", "DoesNotFit", ["name", "age"], /name: Expected string, actual 1; age: /],
    ["[]", "stop", "DoesNotFit", [""], /Expected/],
    ["null", "stop", "DoesNotFit", [""], /Expected/],
    ["\"x\"", "stop", "DoesNotFit", [""], /Expected/]
  ]
  it.effect.each(faults)(
    "fails on %j that ended by %s",
    ([text, finishReason, reason, paths, pattern]) =>
      Effect.gen(function*() {
        const { call } = scripted(says(text, { finishReason }))
        const error = yield* Effect.flip(Structured.callObject(call)(params, Person))
        assert.instanceOf(error, StructuredOutput.InvalidObject)
        assert.strictEqual(error.reason, reason)
        assert.deepStrictEqual([...new Set(error.paths)], paths)
        assert.match(error.description, pattern)
        assert.strictEqual(error.text, text)
        assert.strictEqual(error.finishReason, finishReason)
        assert.strictEqual(error.requestId, "r-1")
        assert.strictEqual(error.attempts, 1)
        assert.include(error.message, reason)
      })
  )

  it.effect("tells that the service's time was up", () =>
    Effect.gen(function*() {
      const { call } = scripted({ ...says("{\"name\":"), isPartial: true })
      const error = yield* Effect.flip(Structured.callObject(call)(params, Person))
      assert.strictEqual(error._tag === "InvalidObject" && error.reason, "Truncated")
      assert.include(error.message, "raise maxTokens")
    }))

  it.effect("tells that the model asked for a tool instead", () =>
    Effect.gen(function*() {
      const { call } = scripted(asksFor([{ name: "get_time", arguments: "{}" }]))
      const error = yield* Effect.flip(Structured.callObject(call)(params, Person))
      assert.strictEqual(error._tag === "InvalidObject" && error.finishReason, "tool_calls")
    }))

  it.effect("keeps the text, cut, and keeps it out of its message", () =>
    Effect.gen(function*() {
      const text = JSON.stringify({ name: "secret".repeat(2000), age: "secret" })
      const error = yield* Effect.flip(Structured.callObject(scripted(says(text)).call)(params, Person))
      assert.instanceOf(error, StructuredOutput.InvalidObject)
      assert.strictEqual(error.text, `${text.slice(0, 4000)}…`)
      assert.include(error.description, "secret")
      assert.notInclude(error.message, "secret")
      assert.strictEqual(error.message, "The answer is not the object that was asked for (DoesNotFit at age)")
      const emoji = yield* Effect.flip(
        Structured.callObject(scripted(says(`${"x".repeat(3999)}😀`)).call)(params, Person)
      )
      assert.strictEqual(emoji._tag === "InvalidObject" && emoji.text, `${"x".repeat(3999)}…`)
    }))

  describe("repair", () => {
    it.effect("shows the model its answer and what is wrong with it", () =>
      Effect.gen(function*() {
        const { call, nth } = scripted(
          says("{\"name\":5}", { usage: [10, 5] }),
          says("Sorry!", { usage: [20, 5] }),
          says(good, { usage: [30, 5] })
        )
        const object = yield* Structured.callObject(call)(params, Person, { repair: 2 })
        assert.strictEqual(object.value.age, 25)
        assert.strictEqual(object.attempts, 3)
        assert.strictEqual(object.result.usage?.inputTokens, 30)
        assert.deepStrictEqual(object.usage, { inputTokens: 60, outputTokens: 15, totalTokens: 75 })
        const messages = nth(2).messages ?? []
        assert.deepStrictEqual(messages.map(({ role }) => role), ["user", "assistant", "user", "assistant", "user"])
        assert.deepStrictEqual(messages[1], Message.assistant("{\"name\":5}"))
        assert.include(
          JSON.stringify(messages[2]),
          "That is not the object that was asked for: name: Expected string, actual 5; age: is missing."
        )
        assert.deepStrictEqual(messages[3], Message.assistant("Sorry!"))
        assert.deepStrictEqual(nth(1).messages, messages.slice(0, 3))
        assert.deepStrictEqual(nth(2).responseFormat, nth(0).responseFormat)
      }))

    it.effect("does not send an empty answer back", () =>
      Effect.gen(function*() {
        const { call, nth } = scripted(says(""), says(good))
        yield* Structured.callObject(call)(params, Person, { repair: 1 })
        assert.deepStrictEqual(nth(1).messages?.map(({ role }) => role), ["user", "user"])
      }))

    it.effect("ends after so many attempts, with the last fault", () =>
      Effect.gen(function*() {
        const { asked, call } = scripted(says("{}"), says("{\"name\":\"Li\"}"), says("no"))
        const error = yield* Effect.flip(Structured.callObject(call)(params, Person, { repair: 2 }))
        assert.lengthOf(asked, 3)
        assert.instanceOf(error, StructuredOutput.InvalidObject)
        assert.strictEqual(error.attempts, 3)
        assert.strictEqual(error.text, "no")
        assert.include(error.message, "after 3 attempts")
      }))

    it.effect("does not try again what was cut short", () =>
      Effect.gen(function*() {
        const { asked, call } = scripted(says("{\"na", { finishReason: "length" }))
        const error = yield* Effect.flip(Structured.callObject(call)(params, Person, { repair: 3 }))
        assert.strictEqual(error._tag === "InvalidObject" && error.reason, "Truncated")
        assert.lengthOf(asked, 1)
      }))
  })

  const refused: ReadonlyArray<readonly [field: string, run: Effect.Effect<unknown, unknown>]> = [
    ["repair", Structured.callObject(scripted().call)(params, Person, { repair: -1 })],
    ["repair", Structured.callObject(scripted().call)(params, Person, { repair: 0.5 })],
    ["name", Structured.callObject(scripted().call)(params, Person, { name: "a b" })],
    ["n", Structured.callObject(scripted().call)({ ...params, n: 2 }, Person)],
    ["schema", Structured.callObject(scripted().call)(params, Schema.Array(Person))],
    ["schema", Structured.callObject(scripted().call)(params, Schema.String)],
    ["schema", Structured.callObject(scripted().call)(params, Schema.Struct({ at: Schema.DateFromSelf }))]
  ]
  it.effect.each(refused)("refuses a bad %s before any call", ([field, run]) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(run)
      assert.instanceOf(error, DashScopeError.InputRequired)
      assert.strictEqual(error.field, field)
    }))

  it.effect("takes one of several objects", () =>
    Effect.gen(function*() {
      const Shape = Schema.Union(
        Schema.TaggedStruct("Circle", { radius: Schema.Number }),
        Schema.TaggedStruct("Square", { side: Schema.Number })
      )
      const { call } = scripted(says("{\"_tag\":\"Square\",\"side\":2}"))
      const { value } = yield* Structured.callObject(call)(params, Shape)
      assert.deepStrictEqual(value, { _tag: "Square", side: 2 })
    }))

  it.effect("gives back whatever the model was to say", () =>
    Effect.promise(() =>
      FC.assert(
        FC.asyncProperty(
          FC.string(),
          FC.integer(),
          FC.constantFrom((json: string) => json, (json: string) => ` \n\`\`\`json\n${json}\n\`\`\`\n`),
          async (name, age, wrap) => {
            const json = JSON.stringify(Schema.encodeSync(Person)({ name, age }))
            const { value } = await Effect.runPromise(
              Structured.callObject(scripted(says(wrap(json))).call)(params, Person)
            )
            assert.deepStrictEqual(value, { name, age })
          }
        )
      )
    ))

  it.effect("fails with its own error, whatever the model says", () =>
    Effect.promise(() =>
      FC.assert(
        FC.asyncProperty(FC.oneof(FC.string(), FC.json()), async (text) => {
          const exit = await Effect.runPromise(
            Effect.either(Structured.callObject(scripted(says(text)).call)(params, Person))
          )
          assert.strictEqual(exit._tag === "Left" && exit.left._tag, "InvalidObject")
        })
      )
    ))

  it("unfences in linear time", () => {
    const text = `${"``` ".repeat(100_000)}x`
    const start = performance.now()
    assert.isTrue(WrittenJson.unfence(text).endsWith("x"))
    // Where each fence is looked for from all the others, minutes.
    assert.isBelow(performance.now() - start, 20_000)
  })

  it("has the value of the Schema, and its requirements", () => {
    class Db extends Context.Tag("Db")<Db, string>() {}
    const Ref = Schema.transformOrFail(Schema.String, Schema.Number, {
      strict: true,
      decode: (key) => Effect.map(Db, (db) => db.length + key.length),
      encode: (value) => Effect.succeed(String(value))
    })
    const callObject = Structured.callObject(Generation.call)
    expectTypeOf(callObject(params, Schema.Struct({ ref: Ref }))).toEqualTypeOf<
      Effect.Effect<
        StructuredOutput.ObjectResult<{ readonly ref: number }>,
        DashScopeError.DashScopeError | StructuredOutput.InvalidObject,
        Generation.Generation | Db
      >
    >()
  })
})
