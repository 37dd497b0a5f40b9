import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FC from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as DashScopeError from "../../src/DashScopeError.js"
import * as Generation from "../../src/Generation.js"
import * as Loop from "../../src/internal/chat/toolLoop.js"
import * as Message from "../../src/Message.js"
import * as Tool from "../../src/Tool.js"
import { asksFor, type Call, says, scripted, total } from "../util/model.js"

class Offline extends Schema.TaggedError<Offline>()("Offline", { city: Schema.String }) {
  override get message() {
    return `no station in ${this.city}`
  }
}

class Busy extends Schema.TaggedError<Busy>()("Busy", {}) {}

class Station extends Context.Tag("Station")<Station, { readonly degrees: number }>() {}

const getWeather = Tool.make("get_weather", {
  description: "The weather",
  parameters: Schema.Struct({ city: Schema.String }),
  success: Schema.Struct({ degrees: Schema.Number })
})

const getTime = Tool.make("get_time")

const weather = Tool.handler(
  getWeather,
  ({ city }) => city === "Atlantis" ? new Offline({ city }) : Effect.map(Station, ({ degrees }) => ({ degrees }))
)

const time = Tool.handler(getTime, () => Effect.succeed("noon"))

const provide = Effect.provideService(Station, { degrees: 18 })

const asksWeather = (city: string, id = "call_w"): Call => ({
  id,
  name: "get_weather",
  arguments: JSON.stringify({ city })
})

const params: Generation.GenerationParams = { model: "qwen-plus", messages: [Message.user("Is it warm?")] }

const offline = new DashScopeError.ConnectionError({
  reason: "Reset",
  origin: "https://dashscope.aliyuncs.com",
  responseStarted: false,
  description: "broke"
})

describe("runTools", () => {
  it.effect("calls, executes, answers, and gives the whole conversation", () =>
    Effect.gen(function*() {
      const { asked, call, nth } = scripted(
        asksFor([asksWeather("Hangzhou")], { usage: [100, 20] }),
        says("It is 18 °C.", { usage: [150, 10] })
      )
      const run = yield* provide(Loop.runTools(call)({ ...params, temperature: 0 }, [weather, time]))
      assert.lengthOf(asked, 2)
      const tools = [Tool.toDefinition(getWeather), Tool.toDefinition(getTime)]
      assert.deepStrictEqual(nth(0), { ...params, temperature: 0, tools })
      const history = [
        Message.user("Is it warm?"),
        Message.assistant("", {
          toolCalls: [Message.toolCall({
            id: "call_w",
            name: "get_weather",
            arguments: "{\"city\":\"Hangzhou\"}",
            index: 0
          })]
        }),
        Message.tool("{\"degrees\":18}", { toolCallId: "call_w", name: "get_weather" })
      ]
      assert.deepStrictEqual<unknown>(nth(1), { ...params, temperature: 0, tools, messages: history })
      assert.deepStrictEqual<unknown>(run, {
        result: says("It is 18 °C.", { usage: [150, 10] }),
        messages: [...history, Message.assistant("It is 18 °C.")],
        rounds: 2,
        usage: { inputTokens: 250, outputTokens: 30, totalTokens: 280 }
      })
    }))

  it.effect("is one call where no tool is asked for", () =>
    Effect.gen(function*() {
      const { call, nth } = scripted(says("Hello."))
      const run = yield* Loop.runTools(call)(params, [])
      assert.strictEqual(run.rounds, 1)
      assert.deepStrictEqual(nth(0), params)
      assert.deepStrictEqual(run.usage, { inputTokens: 0, outputTokens: 0, totalTokens: 0 })
    }))

  it.effect("goes by the calls, not by the finish reason", () =>
    Effect.gen(function*() {
      const { asked, call } = scripted(
        asksFor([{ name: "get_time", arguments: "" }], { finishReason: "stop" }),
        says("Noon.", { finishReason: "tool_calls" })
      )
      const run = yield* Loop.runTools(call)(params, [time])
      assert.lengthOf(asked, 2)
      assert.strictEqual(run.rounds, 2)
    }))

  it.effect("passes its options on to each call", () =>
    Effect.gen(function*() {
      const { call, options } = scripted(asksFor([{ name: "get_time", arguments: "" }]), says("Noon."))
      const given = { timeout: "3 seconds", maxRounds: 3 } as const
      yield* Loop.runTools(call)(params, [time], given)
      assert.deepStrictEqual(options, [{ timeout: "3 seconds" }, { timeout: "3 seconds" }])
    }))

  it.effect("takes a prompt, and the older form of a history, for messages", () =>
    Effect.gen(function*() {
      const { call, nth } = scripted(asksFor([{ name: "get_time", arguments: "" }]), says("Noon."))
      const turns = [{ user: "Hi", bot: "Hello" }]
      yield* Loop.runTools(call)({ model: "m", prompt: "What time?", history: turns }, [time])
      const opening = [Message.user("Hi"), Message.assistant("Hello"), Message.user("What time?")]
      assert.deepStrictEqual<unknown>(nth(0).messages, opening)
      assert.notProperty(nth(0), "prompt")
      assert.notProperty(nth(1), "history")
      assert.deepStrictEqual<unknown>(nth(1).messages?.slice(0, 3), opening)
    }))

  it.effect("forces a tool in the first round only", () =>
    Effect.gen(function*() {
      const { call, nth } = scripted(asksFor([{ name: "get_time", arguments: "" }]), says("Noon."))
      yield* Loop.runTools(call)({ ...params, toolChoice: Tool.choice(getTime) }, [time])
      assert.deepStrictEqual(nth(0).toolChoice, Tool.choice(getTime))
      assert.isUndefined(nth(1).toolChoice)
      const other = scripted(asksFor([{ name: "get_time", arguments: "" }]), says("Noon."))
      yield* Loop.runTools(other.call)({ ...params, toolChoice: "auto" }, [time])
      assert.strictEqual(other.nth(1).toolChoice, "auto")
    }))

  it.effect("keeps the chain of thought only where it is to be preserved", () =>
    Effect.gen(function*() {
      const answers = [
        asksFor([{ name: "get_time", arguments: "" }], { reasoning: "I need a clock", content: "Let me see." }),
        says("Noon.", { reasoning: "So it is noon" })
      ]
      const without = yield* Loop.runTools(scripted(...answers).call)(params, [time])
      assert.notInclude(JSON.stringify(without.messages), "reasoning")
      assert.include(JSON.stringify(without.messages), "Let me see.")
      const kept = yield* Loop.runTools(scripted(...answers).call)({ ...params, preserveThinking: true }, [time])
      assert.deepStrictEqual(
        kept.messages.map((message) => message.role === "assistant" ? message.reasoningContent : message.role),
        ["user", "I need a clock", "tool", "So it is noon"]
      )
    }))

  it.effect("leaves an empty last answer out of the conversation", () =>
    Effect.gen(function*() {
      const run = yield* Loop.runTools(scripted(says(" ")).call)(params, [time])
      assert.deepStrictEqual(run.messages, params.messages)
    }))

  it.effect("gives calls without ids, or with the same, ids of their own", () =>
    Effect.gen(function*() {
      const { call, nth } = scripted(
        asksFor([
          { id: "", name: "get_time", arguments: "" },
          { id: "x", name: "get_time", arguments: "" },
          { id: "x", name: "get_time", arguments: "" }
        ]),
        asksFor([{ id: "", name: "get_time", arguments: "" }]),
        says("Noon.")
      )
      yield* Loop.runTools(call)(params, [time])
      const messages = nth(2).messages ?? []
      const asked = messages.flatMap((message) => message.role === "assistant" ? message.toolCalls ?? [] : [])
      const answered = messages.flatMap((message) => message.role === "tool" ? [message.toolCallId] : [])
      assert.deepStrictEqual(asked.map(({ id }) => id), ["call_1_0", "x", "call_1_2", "call_2_0"])
      assert.deepStrictEqual(answered, ["call_1_0", "x", "call_1_2", "call_2_0"])
    }))

  describe("calls that cannot be followed", () => {
    const bad = [
      { id: "a", name: "get_news", arguments: "{}" },
      { id: "b", name: "get_weather", arguments: "{\"city\": \"Han" },
      { id: "c", name: "get_weather", arguments: "{\"city\": 5}" },
      { id: "d", name: "get_weather", arguments: "[]" },
      asksWeather("Hangzhou", "e")
    ]

    it.effect("are told to the model, and sent back in a form that the service takes", () =>
      Effect.gen(function*() {
        const { call, nth } = scripted(asksFor(bad), says("I am sorry."))
        const run = yield* provide(Loop.runTools(call)(params, [weather]))
        assert.strictEqual(Generation.text(run.result), "I am sorry.")
        const messages = nth(1).messages ?? []
        const echoed = messages.flatMap((message) => message.role === "assistant" ? message.toolCalls ?? [] : [])
        assert.deepStrictEqual(
          echoed.map((call) => call.function.arguments),
          ["{}", "{}", "{\"city\": 5}", "{}", "{\"city\":\"Hangzhou\"}"]
        )
        const answers = messages.flatMap((message) => message.role === "tool" ? [message.content] : [])
        assert.deepStrictEqual(
          answers.map((answer) => typeof answer === "string" ? answer.replace(/\(.*\)/, "(…)") : answer),
          [
            "There is no tool named \"get_news\". The tools are: get_weather.",
            "The arguments for get_weather are not valid JSON (…). They were: {\"city\": \"Han",
            "The arguments for get_weather do not fit: city: Expected string, actual 5",
            "The arguments for get_weather do not fit: city: is missing",
            "{\"degrees\":18}"
          ]
        )
      }))

    it.effect("fail the run where that is asked for, before the next question", () =>
      Effect.gen(function*() {
        const { asked, call } = scripted(asksFor(bad))
        const error = yield* Effect.flip(
          provide(Loop.runTools(call)(params, [weather], { onInvalidCall: "fail" }))
        )
        assert.strictEqual(error._tag === "ToolCallError" && error.reason, "UnknownTool")
        assert.lengthOf(asked, 1)
      }))

    it.effect("do not keep a model from mending them", () =>
      Effect.gen(function*() {
        const { call } = scripted(asksFor([Arr.unsafeGet(bad, 1)]), asksFor([asksWeather("Hangzhou")]), says("18."))
        const run = yield* provide(Loop.runTools(call)(params, [weather]))
        assert.strictEqual(run.rounds, 3)
      }))
  })

  describe("handlers that fail", () => {
    it.effect("fail the run", () =>
      Effect.gen(function*() {
        const { call } = scripted(asksFor([asksWeather("Atlantis")]))
        const error = yield* Effect.flip(provide(Loop.runTools(call)(params, [weather])))
        assert.instanceOf(error, Offline)
        assert.strictEqual(error.city, "Atlantis")
      }))

    it.effect("are told to the model where that is asked for", () =>
      Effect.gen(function*() {
        const busy = Tool.handler(getTime, () => new Busy())
        const { call, nth } = scripted(
          asksFor([asksWeather("Atlantis"), { id: "t", name: "get_time", arguments: "" }]),
          says("There is none.")
        )
        yield* provide(Loop.runTools(call)(params, [weather, busy], { onHandlerFailure: "tell" }))
        assert.deepStrictEqual(nth(1).messages?.slice(-2).map(({ content }) => content), [
          "The tool failed (Offline): no station in Atlantis",
          "The tool failed (Busy)"
        ])
      }))

    it.effect("are told to the model in words of your own, which are never empty", () =>
      Effect.gen(function*() {
        const { call, nth } = scripted(
          asksFor([asksWeather("Atlantis")]),
          asksFor([asksWeather("Atlantis")]),
          says("There is none.")
        )
        const texts = ["Use another city.", " "]
        const seen: Array<string> = []
        yield* provide(
          Loop.runTools(call)(params, [weather], {
            onHandlerFailure: (error, { id }) => {
              seen.push(`${error._tag} ${id}`)
              return texts[seen.length - 1] ?? ""
            }
          })
        )
        assert.deepStrictEqual(seen, ["Offline call_w", "Offline call_w"])
        assert.deepStrictEqual(
          nth(2).messages?.flatMap(({ content, role }) => role === "tool" ? [content] : []),
          ["Use another city.", "The tool failed"]
        )
      }))

    it.effect("end the run by a defect, whatever the options", () =>
      Effect.gen(function*() {
        const broken = Tool.handler(getTime, () => Effect.die(new Error("a bug")))
        const thrown = Tool.handler(getTime, (): Effect.Effect<string> => {
          throw new Error("another bug")
        })
        const unfit = Tool.handler(Tool.make("get_time", { success: Schema.Int }), () => Effect.succeed(1.5))
        for (
          const [handler, message] of [[broken, "a bug"], [thrown, "another bug"], [unfit, "does not fit"]] as const
        ) {
          const { call } = scripted(asksFor([{ name: "get_time", arguments: "" }]))
          const exit = yield* Effect.exit(Loop.runTools(call)(params, [handler], { onHandlerFailure: "tell" }))
          assert.isTrue(Exit.isFailure(exit) && Cause.isDie(exit.cause))
          assert.include(Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "", message)
        }
      }))
  })

  describe("rounds", () => {
    it.effect("are bounded, and what there was is kept", () =>
      Effect.gen(function*() {
        let executed = 0
        const counting = Tool.handler(getTime, () => Effect.sync(() => ++executed))
        const again = asksFor([{ id: "t", name: "get_time", arguments: "" }], { usage: [10, 5] })
        const { asked, call } = scripted(again, again, again)
        const error = yield* Effect.flip(Loop.runTools(call)(params, [counting], { maxRounds: 3 }))
        assert.instanceOf(error, Tool.TooManyRounds)
        assert.lengthOf(asked, 3)
        assert.strictEqual(executed, 2)
        assert.deepStrictEqual(error.messages.map(({ role }) => role), [
          "user",
          "assistant",
          "tool",
          "assistant",
          "tool"
        ])
        assert.deepStrictEqual(error.calls.map((call) => call.function.name), ["get_time"])
        assert.deepStrictEqual(error.usage, { inputTokens: 30, outputTokens: 15, totalTokens: 45 })
        assert.include(error.message, "in each of 3 rounds, the last time for get_time; raise maxRounds")
        const once = yield* Effect.flip(Loop.runTools(scripted(again).call)(params, [counting], { maxRounds: 1 }))
        assert.include(once.message, "in its only round, for get_time; raise maxRounds")
      }))

    it.effect("are eight unless said otherwise, and one is enough for an answer", () =>
      Effect.gen(function*() {
        const again = asksFor([{ name: "get_time", arguments: "" }])
        const { asked, call } = scripted(...Arr.makeBy(8, () => again))
        assert.strictEqual((yield* Effect.flip(Loop.runTools(call)(params, [time])))._tag, "TooManyRounds")
        assert.lengthOf(asked, 8)
        const run = yield* Loop.runTools(scripted(says("Hi")).call)(params, [time], { maxRounds: 1 })
        assert.strictEqual(run.rounds, 1)
      }))

    it.effect("end at the bound whatever the model does", () =>
      Effect.promise(() =>
        FC.assert(
          FC.asyncProperty(
            FC.array(FC.array(FC.string(), { minLength: 1, maxLength: 3 }), { maxLength: 12 }),
            FC.integer({ min: 1, max: 6 }),
            async (rounds, maxRounds) => {
              const answers = rounds.map((args) =>
                asksFor(args.map((json, i) => ({ id: `${i}`, name: "get_time", arguments: json })), { usage: [1, 1] })
              )
              const { asked, call } = scripted(...answers, says("Done.", { usage: [1, 1] }))
              const exit = await Effect.runPromise(
                Effect.either(Loop.runTools(call)(params, [time], { maxRounds }))
              )
              const expected = Math.min(maxRounds, rounds.length + 1)
              assert.lengthOf(asked, expected)
              assert.strictEqual(exit._tag, rounds.length < maxRounds ? "Right" : "Left")
              const usage = exit._tag === "Right" ? exit.right.usage : exit.left._tag === "TooManyRounds" ?
                exit.left.usage :
                undefined
              assert.strictEqual(usage?.totalTokens, 2 * expected)
            }
          )
        )
      ))

    const refused: ReadonlyArray<readonly [why: string, field: string, run: Effect.Effect<unknown, unknown>]> = [
      ["no round", "maxRounds", Loop.runTools(scripted().call)(params, [time], { maxRounds: 0 })],
      ["half a round", "maxRounds", Loop.runTools(scripted().call)(params, [time], { maxRounds: 1.5 })],
      ["two tools of a name", "tools", Loop.runTools(scripted().call)(params, [time, time])],
      [
        "tools without handlers",
        "tools",
        Loop.runTools(scripted().call)({ ...params, tools: [getTime.definition] }, [])
      ]
    ]
    it.effect.each(refused)("refuse %s before any call", ([, field, run]) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(run)
        assert.instanceOf(error, DashScopeError.InputRequired)
        assert.strictEqual(error.field, field)
      }))
  })

  describe("several calls in one answer", () => {
    const waiting = (log: Array<string>) => {
      const tool = Tool.make("wait", { parameters: Schema.Struct({ seconds: Schema.Number, name: Schema.String }) })
      return Tool.handler(tool, ({ name, seconds }) =>
        Effect.gen(function*() {
          log.push(`${name} started at ${yield* Clock.currentTimeMillis}`)
          yield* Effect.sleep(`${seconds} seconds`)
          log.push(`${name} done at ${yield* Clock.currentTimeMillis}`)
          return name
        }).pipe(Effect.onInterrupt(() => Effect.sync(() => log.push(`${name} interrupted`)))))
    }
    const calls = (...seconds: ReadonlyArray<number>) =>
      asksFor(seconds.map((s, i) => ({
        id: `${i}`,
        name: "wait",
        arguments: JSON.stringify({ seconds: s, name: "abc".charAt(i) })
      })))

    it.effect("are worked on one by one, in the model's order", () =>
      Effect.gen(function*() {
        const log: Array<string> = []
        const { call, nth } = scripted(calls(3, 2, 1), says("Done."))
        const fiber = yield* Effect.fork(Loop.runTools(call)(params, [waiting(log)]))
        yield* TestClock.adjust("10 seconds")
        yield* Fiber.join(fiber)
        assert.deepStrictEqual(log, [
          "a started at 0",
          "a done at 3000",
          "b started at 3000",
          "b done at 5000",
          "c started at 5000",
          "c done at 6000"
        ])
        assert.deepStrictEqual(nth(1).messages?.slice(-3).map(({ content }) => content), ["a", "b", "c"])
      }))

    it.effect("are worked on at once where that is asked for, and answered in the model's order", () =>
      Effect.gen(function*() {
        const log: Array<string> = []
        const { call, nth } = scripted(calls(3, 2, 1), says("Done."))
        const fiber = yield* Effect.fork(
          Loop.runTools(call)(params, [waiting(log)], { concurrency: "unbounded" })
        )
        yield* TestClock.adjust("3 seconds")
        yield* Fiber.join(fiber)
        assert.deepStrictEqual(log.slice(3), ["c done at 1000", "b done at 2000", "a done at 3000"])
        assert.deepStrictEqual(nth(1).messages?.slice(-3).map(({ content }) => content), ["a", "b", "c"])
      }))

    it.effect("are worked on so many at once", () =>
      Effect.gen(function*() {
        const log: Array<string> = []
        const { call } = scripted(calls(3, 1, 1), says("Done."))
        const fiber = yield* Effect.fork(Loop.runTools(call)(params, [waiting(log)], { concurrency: 2 }))
        yield* TestClock.adjust("3 seconds")
        yield* Fiber.join(fiber)
        assert.deepStrictEqual(log, [
          "a started at 0",
          "b started at 0",
          "b done at 1000",
          "c started at 1000",
          "c done at 2000",
          "a done at 3000"
        ])
      }))

    it.effect("are all ended when one fails", () =>
      Effect.gen(function*() {
        const log: Array<string> = []
        const failing = Tool.handler(getTime, () => Effect.delay(new Busy(), "1 seconds"))
        const asked = asksFor([
          { id: "0", name: "wait", arguments: "{\"seconds\":60,\"name\":\"a\"}" },
          { id: "1", name: "get_time", arguments: "" }
        ])
        const fiber = yield* Effect.fork(Effect.flip(
          Loop.runTools(scripted(asked).call)(params, [waiting(log), failing], { concurrency: "unbounded" })
        ))
        yield* TestClock.adjust("1 seconds")
        assert.instanceOf(yield* Fiber.join(fiber), Busy)
        assert.deepStrictEqual(log, ["a started at 0", "a interrupted"])
      }))

    it.effect("are all ended by an interruption", () =>
      Effect.gen(function*() {
        const log: Array<string> = []
        const fiber = yield* Effect.fork(
          Loop.runTools(scripted(calls(9, 9)).call)(params, [waiting(log)], { concurrency: "unbounded" })
        )
        yield* TestClock.adjust("1 seconds")
        yield* Fiber.interrupt(fiber)
        assert.sameMembers(log.slice(2), ["a interrupted", "b interrupted"])
      }))
  })

  it.effect("gives the failures of its calls", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Loop.runTools(() => Effect.fail(offline))(params, [time]))
      assert.strictEqual(error, offline)
    }))

  it.effect("takes the work of several tools as one record", () =>
    Effect.gen(function*() {
      const handlers = Tool.handlers([getWeather, getTime], {
        get_weather: ({ city }) => city === "" ? new Busy() : Effect.succeed({ degrees: city.length }),
        get_time: (_, { id }) => Effect.map(Station, ({ degrees }) => `${id} ${degrees}`)
      })
      expectTypeOf(handlers).toEqualTypeOf<ReadonlyArray<Tool.Handler<Busy, Station>>>()
      const { call, nth } = scripted(
        asksFor([asksWeather("Rome"), { id: "t", name: "get_time", arguments: "" }]),
        says("Done.")
      )
      yield* provide(Loop.runTools(call)(params, handlers))
      assert.deepStrictEqual(nth(1).messages?.slice(-2).map(({ content }) => content), ["{\"degrees\":4}", "t 18"])
    }))

  it("has the errors and requirements of the service, the handlers and the options", () => {
    const runTools = Loop.runTools(Generation.call)
    const busy = Tool.handler(getTime, () => new Busy())
    type Base = DashScopeError.DashScopeError | Tool.TooManyRounds
    expectTypeOf(runTools(params, [])).toEqualTypeOf<Effect.Effect<Tool.RunResult, Base, Generation.Generation>>()
    expectTypeOf(runTools(params, [weather, busy])).toEqualTypeOf<
      Effect.Effect<Tool.RunResult, Base | Offline | Busy, Generation.Generation | Station>
    >()
    expectTypeOf(runTools(params, [weather, busy], { onInvalidCall: "fail", timeout: "1 seconds" })).toEqualTypeOf<
      Effect.Effect<Tool.RunResult, Base | Offline | Busy | Tool.ToolCallError, Generation.Generation | Station>
    >()
    expectTypeOf(runTools(params, [weather, busy], { onHandlerFailure: "tell" })).toEqualTypeOf<
      Effect.Effect<Tool.RunResult, Base, Generation.Generation | Station>
    >()
    expectTypeOf(runTools(params, [weather, busy], {
      onHandlerFailure: (error) => {
        expectTypeOf(error).toEqualTypeOf<Offline | Busy>()
        return error._tag
      }
    })).toEqualTypeOf<Effect.Effect<Tool.RunResult, Base, Generation.Generation | Station>>()
    // Options that are not known until they are there may hold either.
    const options: Tool.RunOptions<Offline> = {}
    expectTypeOf(runTools(params, [weather], options)).toEqualTypeOf<
      Effect.Effect<Tool.RunResult, Base | Offline | Tool.ToolCallError, Generation.Generation | Station>
    >()
  })
})

describe("runToolsStream", () => {
  const increment = (content: string): Generation.GenerationResult => says(content, { finishReason: "null" })

  const streaming = (...rounds: ReadonlyArray<ReadonlyArray<Generation.GenerationResult>>) => {
    const asked: Array<Generation.GenerationParams> = []
    const stream = (params: Generation.GenerationParams) =>
      Stream.suspend(() => {
        asked.push(params)
        return Stream.fromIterable(rounds[asked.length - 1] ?? [])
      })
    return { asked, stream }
  }

  const collect = <E, R>(events: Stream.Stream<Tool.RunEvent, E, R>) =>
    Effect.map(Stream.runCollect(events), (chunk) => Chunk.toReadonlyArray(chunk))

  const summary = (events: ReadonlyArray<Tool.RunEvent>): ReadonlyArray<string> =>
    events.map(Tool.RunEvent.$match({
      Increment: ({ result, round }) => `${round} said ${Generation.text(result)}`,
      ToolCallStarted: ({ call, round }) => `${round} started ${call.id}`,
      ToolCallFinished: ({ call, content, outcome, round }) => `${round} finished ${call.id} ${outcome} ${content}`,
      RoundEnded: ({ result, round }) => `${round} ended ${Generation.text(result)}`,
      Finished: ({ rounds, usage }) => `finished ${rounds} ${usage.totalTokens}`
    }))

  it.effect("tells what happens, as it happens", () =>
    Effect.gen(function*() {
      const { asked, stream } = streaming(
        [
          increment("Let "),
          asksFor([asksWeather("Rome"), { id: "n", name: "get_news", arguments: "{}" }], {
            content: "me see.",
            usage: [10, 5]
          })
        ],
        [increment("It is "), says("18.", { usage: [20, 5] })]
      )
      const events = yield* provide(collect(Loop.runToolsStream(stream, total)(params, [weather])))
      assert.deepStrictEqual(summary(events), [
        "1 said Let ",
        "1 said me see.",
        "1 started call_w",
        "1 finished call_w Success {\"degrees\":18}",
        "1 started n",
        "1 finished n InvalidCall There is no tool named \"get_news\". The tools are: get_weather.",
        "1 ended Let me see.",
        "2 said It is ",
        "2 said 18.",
        "2 ended It is 18.",
        "finished 2 40"
      ])
      const last = events.at(-1)
      assert.isTrue(last?._tag === "Finished")
      const messages = last?._tag === "Finished" ? last.messages : []
      assert.deepStrictEqual(messages.map(({ role }) => role), ["user", "assistant", "tool", "tool", "assistant"])
      assert.strictEqual(messages.at(-1)?.content, "It is 18.")
      assert.deepStrictEqual(asked.at(1)?.messages, messages.slice(0, -1))
    }))

  it.effect("comes to what runTools comes to", () =>
    Effect.gen(function*() {
      const answers = [
        asksFor([asksWeather("Rome"), { id: "b", name: "get_weather", arguments: "{" }], { usage: [7, 3] }),
        asksFor([{ id: "", name: "get_weather", arguments: "{\"city\":\"Bonn\"}" }], { usage: [17, 3] }),
        says("Done.", { usage: [27, 3] })
      ]
      const run = yield* provide(Loop.runTools(scripted(...answers).call)(params, [weather]))
      const { stream } = streaming(...answers.map((answer) => [answer]))
      const events = yield* provide(collect(Loop.runToolsStream(stream, total)(params, [weather])))
      const last = events.at(-1)
      assert.isTrue(last?._tag === "Finished")
      assert.deepStrictEqual<unknown>({ ...last }, { _tag: "Finished", ...run })
    }))

  it.effect("gives increments before the answer is whole", () =>
    Effect.gen(function*() {
      const gate = yield* Deferred.make<void>()
      const stream = () =>
        Stream.concat(Stream.succeed(increment("Wa")), Stream.fromEffect(Effect.as(Deferred.await(gate), says("it"))))
      const first = yield* Stream.runHead(Loop.runToolsStream(stream, total)(params, []))
      assert.strictEqual(first._tag === "Some" && first.value._tag, "Increment")
    }))

  it.effect("has ended an answer's stream before its tools are worked on and the next is asked for", () =>
    Effect.gen(function*() {
      const log: Array<string> = []
      const { stream } = streaming([asksFor([{ name: "get_time", arguments: "" }])], [says("Noon.")])
      const scoped = (params: Generation.GenerationParams) =>
        Stream.unwrapScoped(Effect.as(
          Effect.acquireRelease(
            Effect.sync(() => log.push("opened")),
            () => Effect.sync(() => log.push("closed"))
          ),
          stream(params)
        ))
      const logging = Tool.handler(getTime, () => Effect.sync(() => log.push("worked")))
      yield* collect(Loop.runToolsStream(scoped, total)(params, [logging]))
      assert.deepStrictEqual(log, ["opened", "closed", "worked", "opened", "closed"])
    }))

  it.effect("closes the stream and interrupts the handlers when its reader leaves", () =>
    Effect.gen(function*() {
      const log: Array<string> = []
      const hanging = Tool.handler(
        getTime,
        () => Effect.onInterrupt(Effect.never, () => Effect.sync(() => log.push("interrupted")))
      )
      const answer = [asksFor([{ id: "a", name: "get_time", arguments: "" }])]
      const { stream } = streaming(answer, answer)
      const closing = (params: Generation.GenerationParams) =>
        Stream.ensuring(stream(params), Effect.sync(() => log.push("closed")))
      const started = yield* Deferred.make<void>()
      const fiber = yield* Effect.fork(
        Stream.runForEach(Loop.runToolsStream(closing, total)(params, [hanging]), (event) =>
          event._tag === "ToolCallStarted" ? Deferred.succeed(started, undefined) : Effect.void)
      )
      yield* Deferred.await(started)
      yield* TestClock.adjust("1 seconds")
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(log, ["closed", "interrupted"])
      // One who wants no more than the first event asks for nothing else.
      yield* Stream.runDrain(Stream.take(Loop.runToolsStream(closing, total)(params, [hanging]), 1))
      assert.deepStrictEqual(log, ["closed", "interrupted", "closed"])
    }))

  it.effect("works on several calls at once where that is asked for", () =>
    Effect.gen(function*() {
      const tool = Tool.make("wait", { parameters: Schema.Struct({ seconds: Schema.Number }) })
      const waiting = Tool.handler(tool, ({ seconds }) => Effect.as(Effect.sleep(`${seconds} seconds`), seconds))
      const calls = [3, 2, 1].map((seconds) => ({
        id: `${seconds}`,
        name: "wait",
        arguments: `{"seconds":${seconds}}`
      }))
      const { asked, stream } = streaming([asksFor(calls)], [says("Done.")])
      const fiber = yield* Effect.fork(
        collect(Loop.runToolsStream(stream, total)(params, [waiting], { concurrency: 3 }))
      )
      // Until all of them wait.
      yield* Effect.repeatN(Effect.yieldNow(), 100)
      yield* TestClock.adjust("3 seconds")
      const events = yield* Fiber.join(fiber)
      assert.deepStrictEqual(summary(events).filter((line) => line.includes("finished ")).slice(0, 3), [
        "1 finished 1 Success 1",
        "1 finished 2 Success 2",
        "1 finished 3 Success 3"
      ])
      assert.deepStrictEqual(asked.at(1)?.messages?.slice(-3).map(({ content }) => content), ["3", "2", "1"])
    }))

  it.effect("fails as runTools does", () =>
    Effect.gen(function*() {
      const failure = (
        rounds: ReadonlyArray<ReadonlyArray<Generation.GenerationResult>>,
        options: { readonly maxRounds?: number; readonly onInvalidCall?: "fail" } = {}
      ) =>
        Effect.flip(provide(collect(
          Loop.runToolsStream(streaming(...rounds).stream, total)(params, [weather], options)
        )))
      const rome = asksFor([asksWeather("Rome")])
      assert.strictEqual((yield* failure([[rome], [rome]], { maxRounds: 2 }))._tag, "TooManyRounds")
      assert.strictEqual((yield* failure([[rome]], { maxRounds: 0 }))._tag, "InputRequired")
      assert.strictEqual((yield* failure([[asksFor([asksWeather("Atlantis")])]]))._tag, "Offline")
      const bad = asksFor([{ name: "get_weather", arguments: "{" }])
      assert.strictEqual((yield* failure([[bad]], { onInvalidCall: "fail" }))._tag, "ToolCallError")
      const silent = yield* failure([[]])
      assert.strictEqual(silent._tag === "ApiError" && silent.reason, "UnexpectedResponse")
      const broken = Loop.runToolsStream(() => Stream.fail(offline), total)(params, [time])
      assert.strictEqual(yield* Effect.flip(collect(broken)), offline)
    }))

  it.effect("keeps a failure where it belongs: after what was said before", () =>
    Effect.gen(function*() {
      const seen: Array<Tool.RunEvent> = []
      const stream = () => Stream.concat(Stream.succeed(increment("Wa")), Stream.fail(offline))
      const events = Loop.runToolsStream(stream, total)(params, [time])
      const error = yield* Effect.flip(Stream.runForEach(events, (event) => Effect.sync(() => seen.push(event))))
      assert.strictEqual(error, offline)
      assert.deepStrictEqual(summary(seen), ["1 said Wa"])
      assert.deepStrictEqual<unknown>(Generation.partialResult(error), increment("Wa"))
    }))

  it("has the errors and requirements of the service, the handlers and the options", () => {
    const stream = (_: Generation.GenerationParams): Stream.Stream<
      Generation.GenerationResult,
      DashScopeError.DashScopeError,
      Generation.Generation
    > => Stream.empty
    const runToolsStream = Loop.runToolsStream(stream, total)
    type Base = DashScopeError.DashScopeError | Tool.TooManyRounds
    expectTypeOf(runToolsStream(params, [weather])).toEqualTypeOf<
      Stream.Stream<Tool.RunEvent, Base | Offline, Generation.Generation | Station>
    >()
    expectTypeOf(runToolsStream(params, [weather], { onHandlerFailure: "tell", onInvalidCall: "fail" })).toEqualTypeOf<
      Stream.Stream<Tool.RunEvent, Base | Tool.ToolCallError, Generation.Generation | Station>
    >()
  })
})

describe("partialRun", () => {
  const again = asksFor([{ id: "t", name: "get_time", arguments: "{}" }], { usage: [10, 5] })

  /** A service that answers so, and then breaks. */
  const breaking = (error: DashScopeError.DashScopeError, ...answers: ReadonlyArray<Generation.GenerationResult>) => {
    let asked = 0
    return (_: Generation.GenerationParams) =>
      Effect.suspend(() => {
        const answer = answers[asked++]
        return answer === undefined ? Effect.fail(error) : Effect.succeed(answer)
      })
  }

  const broken = () =>
    new DashScopeError.ConnectionError({ reason: "Reset", origin: "o", responseStarted: false, description: "broke" })

  const runs = {
    runTools: (call: ReturnType<typeof breaking>) => Loop.runTools(call),
    runToolsStream:
      (call: ReturnType<typeof breaking>) =>
      <E, R>(params: Generation.GenerationParams, handlers: ReadonlyArray<Tool.Handler<E, R>>) =>
        Stream.runDrain(Loop.runToolsStream((params) => Stream.fromEffect(call(params)), total)(params, handlers))
  }

  for (const [name, run] of Object.entries(runs)) {
    it.effect(`of ${name} has the rounds that were done`, () =>
      Effect.gen(function*() {
        const none = yield* Effect.flip<unknown, unknown, never>(run(breaking(broken()))(params, [time]))
        assert.isUndefined(Generation.partialRun(none))
        const error = yield* Effect.flip<unknown, unknown, never>(
          run(breaking(broken(), again, again))(params, [time]).pipe(Effect.withSpan("outer"))
        )
        const done = Generation.partialRun(error)
        assert.deepStrictEqual(done?.messages.map(({ role }) => role), [
          "user",
          "assistant",
          "tool",
          "assistant",
          "tool"
        ])
        assert.strictEqual(done?.rounds, 2)
        assert.deepStrictEqual(done?.usage, { inputTokens: 20, outputTokens: 10, totalTokens: 30 })
        // What was said is not in what gets into logs.
        assert.notInclude(JSON.stringify(error) + String(error), "noon")
      }))

    it.effect(`of ${name} is there when a handler fails, without the round in which it did`, () =>
      Effect.gen(function*() {
        let worked = 0
        const failing = Tool.handler(getTime, () => ++worked < 3 ? Effect.succeed("noon") : new Busy())
        const error = yield* Effect.flip<unknown, unknown, never>(
          run(breaking(broken(), again, again, again))(params, [failing])
        )
        assert.instanceOf(error, Busy)
        assert.strictEqual(Generation.partialRun(error)?.rounds, 2)
        // What can hold nothing beside it stays what it is.
        const text = Tool.handler(getTime, () => Effect.fail("no"))
        assert.strictEqual(
          yield* Effect.flip<unknown, unknown, never>(run(breaking(broken(), again))(params, [text])),
          "no"
        )
      }))

    it.effect(`of ${name} is of the outermost run, and of the last that failed so`, () =>
      Effect.gen(function*() {
        const error = broken()
        const inner = Tool.handler(getTime, () => Effect.asVoid(run(breaking(error, again, again))(params, [time])))
        const plain = Tool.handler(getTime, () => Effect.succeed("noon"))
        yield* Effect.flip<unknown, unknown, never>(run(breaking(error, again, again))(params, [plain]))
        assert.strictEqual(Generation.partialRun(error)?.rounds, 2)
        yield* Effect.flip<unknown, unknown, never>(run(breaking(error, again))(params, [inner]))
        assert.isUndefined(Generation.partialRun(error))
        yield* Effect.flip<unknown, unknown, never>(run(breaking(error, again))(params, [plain]))
        assert.strictEqual(Generation.partialRun(error)?.rounds, 1)
      }))
  }

  it.effect("of a stream that is run again is of that run", () =>
    Effect.gen(function*() {
      const call = breaking(broken(), again, says("Noon."), again)
      const stream = Loop.runToolsStream((params) => Stream.fromEffect(call(params)), total)(params, [time])
      yield* Stream.runDrain(stream)
      const error = yield* Effect.flip(Stream.runDrain(stream))
      assert.strictEqual(Generation.partialRun(error)?.rounds, 1)
      assert.lengthOf(Generation.partialRun(error)?.messages ?? [], 3)
    }))
})
