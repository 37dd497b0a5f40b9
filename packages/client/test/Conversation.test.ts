import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FC from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { Meter } from "../../pool/test/util/meter.js"
import * as Conversation from "../src/Conversation.js"
import * as Generation from "../src/Generation.js"
import { trim } from "../src/internal/chat/historyTrim.js"
import { estimate } from "../src/internal/chat/tokenEstimate.js"
import * as Loop from "../src/internal/chat/toolLoop.js"
import * as Message from "../src/Message.js"
import * as Tool from "../src/Tool.js"
import { asksFor, says, scripted, total } from "./util/model.js"

const { assistant, system, tool, user } = Message

const calling = (...ids: ReadonlyArray<string>) =>
  assistant("", { toolCalls: ids.map((id) => Message.toolCall({ id, name: "f", arguments: "{}" })) })

const answering = (id: string) => tool("ok", { toolCallId: id })

const roles = (messages: ReadonlyArray<Message.Message>) => messages.map(({ role }) => role.charAt(0)).join("")

describe("trim", () => {
  const none = { messages: Infinity, tokens: Infinity, tokensOf: estimate }
  const atMost = (messages: number) => ({ ...none, messages })

  const long = [
    system("s"),
    user("1"),
    assistant("1"),
    user("2"),
    calling("a", "b"),
    answering("a"),
    answering("b"),
    assistant("2"),
    user("3"),
    calling("c"),
    answering("c"),
    calling("d"),
    answering("d")
  ]

  const cases: ReadonlyArray<readonly [messages: number, left: string]> = [
    [13, "suauattauatat"],
    [12, "suattauatat"],
    [11, "suattauatat"],
    [10, "suatat"],
    [6, "suatat"],
    [5, "suat"],
    [4, "suat"],
    [3, "su"],
    [2, "su"],
    [1, "su"],
    [0, "su"]
  ]
  it.each(cases)("to %i messages leaves %s", (messages, left) => {
    assert.strictEqual(roles(trim(long, atMost(messages))), left)
  })

  it("gives the same array where nothing is to go", () => {
    assert.strictEqual(trim(long, none), long)
    assert.strictEqual(trim([], none).length, 0)
    const systems = [system("a"), system("b")]
    assert.strictEqual(trim(systems, atMost(0)), systems)
  })

  it("drops the answers of tools whose question is gone, whatever the limits", () => {
    assert.strictEqual(roles(trim([system("s"), answering("x"), answering("y"), user("1")], none)), "su")
    assert.strictEqual(roles(trim([answering("x"), assistant("1")], none)), "a")
  })

  it("keeps system messages wherever they are", () => {
    assert.strictEqual(roles(trim([user("1"), system("s"), assistant("1"), user("2")], atMost(1))), "su")
    assert.strictEqual(roles(trim([calling("a"), system("s"), answering("a")], atMost(2))), "s")
  })

  it("goes by steps where no user speaks", () => {
    assert.strictEqual(roles(trim([calling("a"), answering("a"), assistant("x"), assistant("y")], atMost(2))), "aa")
  })

  it("counts tokens as it is told to", () => {
    const limits = { ...none, tokens: 10, tokensOf: ({ content }: Message.Message) => Number(content) }
    assert.deepStrictEqual(
      trim([system("3"), user("2"), assistant("2"), user("4"), assistant("2"), user("1")], limits),
      [system("3"), user("4"), assistant("2"), user("1")]
    )
  })

  /** A well-formed history: turns of steps, of which some call tools; sometimes after what a cut had left over. */
  const Step = FC.oneof(
    FC.string().map((text): ReadonlyArray<Message.Message> => [assistant(text)]),
    FC.integer({ min: 1, max: 3 }).chain((n) =>
      FC.uniqueArray(FC.uuid(), { minLength: n, maxLength: n }).map((ids): ReadonlyArray<Message.Message> => [
        calling(...ids),
        ...ids.map(answering)
      ])
    )
  )
  const Steps = FC.array(Step, { maxLength: 4 }).map((steps) => steps.flat())
  const Turn = FC.tuple(FC.string(), Steps).map(([text, steps]): ReadonlyArray<Message.Message> => [
    user(text),
    ...steps
  ])
  const History = FC.tuple(
    FC.array(FC.string().map((text): Message.Message => system(text)), { maxLength: 2 }),
    FC.array(FC.string().map(answering), { maxLength: 2 }),
    Steps,
    FC.array(Turn, { maxLength: 6 })
  ).map(([systems, orphans, steps, turns]) => ({
    orphans: orphans.length,
    messages: [...systems, ...orphans, ...steps, ...turns.flat()]
  }))
  const Limits = FC.record({
    messages: FC.oneof(FC.nat(30), FC.constant(Infinity)),
    tokens: FC.oneof(FC.nat(300), FC.constant(Infinity))
  }).map((limits) => ({ ...limits, tokensOf: estimate }))

  const total = (messages: ReadonlyArray<Message.Message>) =>
    messages.reduce((sum, message) => sum + estimate(message), 0)

  it("keeps its promises", () => {
    FC.assert(FC.property(History, Limits, ({ messages, orphans }, limits) => {
      const left = trim(messages, limits)
      // Nothing is made up or moved.
      assert.deepStrictEqual(left, messages.filter((message) => left.includes(message)))
      // System messages stay.
      assert.deepStrictEqual(
        left.filter(({ role }) => role === "system"),
        messages.filter(({ role }) => role === "system")
      )
      // So does the user's last.
      const last = messages.filter(({ role }) => role === "user").at(-1)
      assert.isTrue(last === undefined || left.includes(last))
      // An answer of a tool never comes first.
      assert.notStrictEqual(left.find(({ role }) => role !== "system")?.role, "tool")
      // Calls and their answers go together or stay together.
      const asked = left.flatMap((message) => message.role === "assistant" ? message.toolCalls ?? [] : [])
      const answered = left.flatMap((message) => message.role === "tool" ? [message.toolCallId] : [])
      assert.deepStrictEqual(asked.map(({ id }) => id), answered)
      // It keeps to the limits, or only what must stay is left.
      const kept = left.filter((message) => message.role !== "system" && message !== last)
      assert.isTrue(kept.length === 0 || (left.length <= limits.messages && total(left) <= limits.tokens))
      // Nothing goes without need.
      const start = messages.length - orphans
      const whole = messages.filter(({ role }, i) =>
        role !== "tool" || messages.slice(0, i).some((m) => m.role === "assistant")
      )
      if (start <= limits.messages && total(whole) <= limits.tokens) assert.deepStrictEqual(left, whole)
      // What is left is within the limits of what is left.
      assert.deepStrictEqual(trim(left, limits), left)
    }))
  })

  it("drops no more turns than it must", () => {
    FC.assert(FC.property(FC.array(Turn, { minLength: 2, maxLength: 6 }), FC.nat(25), (turns, messages) => {
      const left = trim(turns.flat(), atMost(messages))
      const count = turns.filter((turn) => left.includes(turn[0] ?? user(""))).length
      const oneMore = turns.slice(-count - 1).flat()
      assert.isTrue(count === turns.length || oneMore.length > messages)
    }))
  })

  it("takes a long history in linear time", () => {
    const costOf = (length: number) => {
      const meter = new Meter()
      const many = Array.from({ length }, (_, i) => i % 2 === 0 ? user("你好") : assistant("hello"))
      assert.lengthOf(trim(meter.wrap(many), { ...none, messages: 10, tokens: 1000 }), 10)
      return meter.take()
    }
    assert.isAtMost(costOf(10_000), 10.1 * costOf(1000))
  })
})

describe("estimateTokens", () => {
  const about: ReadonlyArray<readonly [message: Message.Message, least: number, most: number]> = [
    [user(""), 1, 5],
    [user("The quick brown fox jumps over the lazy dog."), 10, 20],
    [user("床前明月光,疑是地上霜。"), 8, 16],
    [user("😀"), 3, 8],
    [user([Message.text("hello"), Message.imageUrl("https://x/y.png")]), 1000, 1100],
    [assistant(null), 1, 5],
    [assistant("", { reasoningContent: "x".repeat(350) }), 100, 110],
    [calling("a"), 5, 15]
  ]
  it.each(about)("of %j is about right", (message, least, most) => {
    assert.isAtLeast(Conversation.estimateTokens(message), least)
    assert.isAtMost(Conversation.estimateTokens(message), most)
  })

  it("grows with the text, in whole numbers", () => {
    FC.assert(FC.property(FC.string(), FC.string(), (a, b) => {
      assert.isAtLeast(estimate(user(a + b)), estimate(user(a)))
      assert.isTrue(Number.isInteger(estimate(user(a))))
    }))
  })
})

describe("Conversation", () => {
  const ask = (call: ReturnType<typeof scripted>["call"]) => (messages: ReadonlyArray<Message.Message>) =>
    call({ model: "qwen-plus", messages })

  it.effect("keeps the turns", () =>
    Effect.gen(function*() {
      const { call, nth } = scripted(says("Hello!"), says("Fine.", { reasoning: "They ask how I am" }))
      const conversation = yield* Conversation.make({ system: "Be brief." })
      const first = yield* conversation.send("Hi", ask(call))
      assert.strictEqual(Generation.text(first), "Hello!")
      yield* conversation.send("How are you?", ask(call))
      const opening = [system("Be brief."), user("Hi"), assistant("Hello!"), user("How are you?")]
      assert.deepStrictEqual<unknown>(nth(1).messages, opening)
      assert.deepStrictEqual<unknown>(yield* conversation.messages, [...opening, assistant("Fine.")])
    }))

  it.effect("goes on from an earlier history", () =>
    Effect.gen(function*() {
      const messages = [user("Hi"), assistant("Hello!")]
      const conversation = yield* Conversation.make({ system: [Message.text("Be brief.")], messages })
      assert.deepStrictEqual<unknown>(yield* conversation.messages, [system([Message.text("Be brief.")]), ...messages])
      yield* conversation.clear
      assert.strictEqual(roles(yield* conversation.messages), "s")
    }))

  it.effect("appends text, messages and answers", () =>
    Effect.gen(function*() {
      const conversation = yield* Conversation.make()
      yield* conversation.append("Hi")
      yield* conversation.append(asksFor([{ id: "a", name: "f", arguments: "{\"x\":" }], { reasoning: "hm" }))
      yield* conversation.append([answering("a"), user("And?")])
      yield* conversation.append(assistant("Done."))
      yield* conversation.append(says("  "))
      assert.deepStrictEqual<unknown>(yield* conversation.messages, [
        user("Hi"),
        // The service would refuse the arguments as they came.
        assistant("", { toolCalls: [Message.toolCall({ id: "a", name: "f", arguments: "{}", index: 0 })] }),
        answering("a"),
        user("And?"),
        assistant("Done.")
      ])
    }))

  it.effect("keeps the chain of thought where that is asked for", () =>
    Effect.gen(function*() {
      const conversation = yield* Conversation.make({ keepReasoning: true })
      yield* conversation.append(says("Fine.", { reasoning: "hm" }))
      assert.deepStrictEqual(yield* conversation.messages, [assistant("Fine.", { reasoningContent: "hm" })])
    }))

  it.effect("keeps the calls of a run with tools", () =>
    Effect.gen(function*() {
      const time = Tool.handler(Tool.make("get_time"), () => Effect.succeed("noon"))
      const { call } = scripted(
        asksFor([{ id: "t", name: "get_time", arguments: "{}" }]),
        says("It is noon."),
        says("You are welcome.")
      )
      const conversation = yield* Conversation.make({ messages: [user("Hi"), assistant("Hello!")] })
      const run = yield* conversation.send("What time is it?", (messages) =>
        // One who adds a system message of the turn's own does not get it into the history.
        Loop.runTools(call)({ model: "m", messages: [system("Now."), ...messages] }, [time]))
      assert.strictEqual(run.rounds, 2)
      yield* conversation.send("Thanks", ask(call))
      assert.strictEqual(roles(yield* conversation.messages), "uauataua")
      assert.deepStrictEqual((yield* conversation.messages).slice(2, 6), run.messages.slice(3))
    }))

  it.effect("keeps the answer of what comes with a result", () =>
    Effect.gen(function*() {
      const conversation = yield* Conversation.make()
      const { value } = yield* conversation.send("Hi", () => Effect.succeed({ value: 42, result: says("{}") }))
      assert.strictEqual(value, 42)
      assert.deepStrictEqual<unknown>(yield* conversation.messages, [user("Hi"), assistant("{}")])
      // And of a run whose messages are not those that were given.
      yield* conversation.send("Again", () => Effect.succeed({ messages: [user("?")], result: says("No.") }))
      assert.deepStrictEqual<unknown>((yield* conversation.messages).slice(2), [user("Again"), assistant("No.")])
    }))

  it.effect("is as it was after a turn that failed, died or was interrupted", () =>
    Effect.gen(function*() {
      const conversation = yield* Conversation.make({ messages: [user("Hi"), assistant("Hello!")], maxMessages: 2 })
      const before = yield* conversation.messages
      assert.strictEqual(yield* Effect.flip(conversation.send("1", () => Effect.fail("no"))), "no")
      yield* Effect.exit(conversation.send("2", () => Effect.dieMessage("no")))
      yield* Effect.exit(conversation.send("3", (): Effect.Effect<Generation.GenerationResult> => {
        throw new Error("no")
      }))
      const fiber = yield* Effect.fork(conversation.send("4", () => Effect.never))
      yield* TestClock.adjust("1 seconds")
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(yield* conversation.messages, before)
      // And it is free for the next turn.
      yield* conversation.send("5", () => Effect.succeed(says("Yes.")))
      assert.deepStrictEqual<unknown>(yield* conversation.messages, [user("5"), assistant("Yes.")])
    }))

  it.effect("takes turns one after another, in their order", () =>
    Effect.gen(function*() {
      const conversation = yield* Conversation.make()
      const seen: Array<string> = []
      const turn = (text: string) =>
        conversation.send(text, (messages) => {
          seen.push(roles(messages))
          return Effect.delay(Effect.succeed(says(`${text}!`)), "1 seconds")
        })
      const fiber = yield* Effect.fork(Effect.all([turn("a"), turn("b"), turn("c")], { concurrency: "unbounded" }))
      yield* TestClock.adjust("1 seconds")
      assert.deepStrictEqual(seen, ["u", "uau"])
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual((yield* conversation.messages).map(({ content }) => content), [
        "a",
        "a!",
        "b",
        "b!",
        "c",
        "c!"
      ])
    }))

  it.effect("gives up its place when a waiting turn is interrupted", () =>
    Effect.gen(function*() {
      const conversation = yield* Conversation.make()
      const gate = yield* Deferred.make<Generation.GenerationResult>()
      const first = yield* Effect.fork(conversation.send("1", () => Deferred.await(gate)))
      yield* TestClock.adjust("1 seconds")
      const second = yield* Effect.fork(conversation.send("2", () => Effect.succeed(says("2!"))))
      const third = yield* Effect.fork(Stream.runDrain(
        conversation.sendStream("3", () => Stream.succeed(says("3!")), (all) => all[0])
      ))
      yield* TestClock.adjust("1 seconds")
      yield* Fiber.interruptAll([second, third])
      yield* Deferred.succeed(gate, says("1!"))
      yield* Fiber.join(first)
      yield* conversation.send("4", () => Effect.succeed(says("4!")))
      assert.deepStrictEqual((yield* conversation.messages).map(({ content }) => content), ["1", "1!", "4", "4!"])
    }))

  it.effect("does not lose what is appended during a turn", () =>
    Effect.gen(function*() {
      const conversation = yield* Conversation.make()
      yield* conversation.send("1", () => Effect.as(conversation.append(user("meanwhile")), says("1!")))
      assert.deepStrictEqual((yield* conversation.messages).map(({ content }) => content), ["meanwhile", "1", "1!"])
    }))

  it.effect("keeps to its budget, in what it sends and in what it keeps", () =>
    Effect.gen(function*() {
      const conversation = yield* Conversation.make({ system: "s", maxMessages: 4 })
      const sent: Array<string> = []
      for (const text of ["1", "2", "3", "4"]) {
        yield* conversation.send(text, (messages) => {
          sent.push(roles(messages))
          return Effect.succeed(says(`${text}!`))
        })
      }
      assert.deepStrictEqual(sent, ["su", "suau", "suau", "suau"])
      assert.deepStrictEqual((yield* conversation.messages).map(({ content }) => content), ["s", "4", "4!"])
    }))

  it.effect("trims on demand", () =>
    Effect.gen(function*() {
      const conversation = yield* Conversation.make({
        messages: [user("1"), assistant("1"), user("2"), assistant("2"), user("3")],
        estimate: () => 10
      })
      yield* conversation.trim({ maxTokens: 35 })
      assert.strictEqual(roles(yield* conversation.messages), "uau")
      yield* conversation.trim({ maxMessages: 1 })
      assert.strictEqual(roles(yield* conversation.messages), "u")
    }))

  it.effect("scales its estimates by what the service counts, where that is asked for", () =>
    Effect.gen(function*() {
      const turns = (calibrate: boolean, counted: number) =>
        Effect.gen(function*() {
          const conversation = yield* Conversation.make({ maxTokens: 60, estimate: () => 10, calibrate })
          for (const text of ["1", "2", "3"]) {
            yield* conversation.send(
              text,
              (messages) => Effect.succeed(says(`${text}!`, { usage: [messages.length * counted, 1] }))
            )
          }
          return (yield* conversation.messages).length
        })
      assert.strictEqual(yield* turns(false, 30), 6)
      assert.strictEqual(yield* turns(true, 10), 6)
      assert.strictEqual(yield* turns(true, 30), 2)
      // Not below half, nor above four times.
      assert.strictEqual(yield* turns(true, 1), 6)
      const lowered = yield* Conversation.make({ maxTokens: 60, estimate: () => 10, calibrate: true })
      yield* lowered.append([user("1")])
      yield* lowered.append(says("1!", { usage: [1, 1] }))
      yield* lowered.append(Array.from({ length: 20 }, (_, i) => user(`${i}`)))
      assert.lengthOf(yield* lowered.messages, 12)
    }))

  describe("sendStream", () => {
    const join = (elements: ReadonlyArray<string>) => elements.length === 0 ? undefined : says(elements.join(""))

    it.effect("gives the elements and keeps their answer", () =>
      Effect.gen(function*() {
        const conversation = yield* Conversation.make()
        const turn = (text: string) =>
          conversation.sendStream(text, (messages) => Stream.make(roles(messages), "!"), join)
        // Of one stream after the other, the first has ended when the second begins.
        const all = yield* Stream.runCollect(Stream.concat(turn("1"), turn("2")))
        assert.deepStrictEqual(Chunk.toReadonlyArray(all), ["u", "!", "uau", "!"])
        assert.deepStrictEqual<unknown>(yield* conversation.messages, [
          user("1"),
          assistant("u!"),
          user("2"),
          assistant("uau!")
        ])
      }))

    it.effect("leaves the history as it was where the stream does not come to its end", () =>
      Effect.gen(function*() {
        const conversation = yield* Conversation.make()
        const turn = <E>(stream: Stream.Stream<string, E>) => conversation.sendStream("Hi", () => stream, join)
        yield* Stream.runDrain(Stream.take(turn(Stream.make("a", "b")), 1))
        assert.strictEqual(
          yield* Effect.flip(Stream.runDrain(turn(Stream.concat(Stream.make("a"), Stream.fail("no"))))),
          "no"
        )
        const fiber = yield* Effect.fork(Stream.runDrain(turn(Stream.concat(Stream.make("a"), Stream.never))))
        yield* TestClock.adjust("1 seconds")
        yield* Fiber.interrupt(fiber)
        yield* Stream.runDrain(turn(Stream.empty))
        assert.deepStrictEqual(yield* conversation.messages, [])
        yield* Stream.runDrain(turn(Stream.make("a", "b")))
        assert.deepStrictEqual<unknown>(yield* conversation.messages, [user("Hi"), assistant("ab")])
      }))

    it.effect("takes its turn when it is run, and each time it is run", () =>
      Effect.gen(function*() {
        const conversation = yield* Conversation.make()
        const turn = conversation.sendStream("Hi", () => Stream.make("a"), join)
        assert.deepStrictEqual(yield* conversation.messages, [])
        yield* Stream.runDrain(turn)
        yield* Stream.runDrain(turn)
        assert.strictEqual(roles(yield* conversation.messages), "uaua")
      }))

    it.effect("keeps the run of a stream with tools", () =>
      Effect.gen(function*() {
        const time = Tool.handler(Tool.make("get_time"), () => Effect.succeed("noon"))
        const { call } = scripted(asksFor([{ id: "t", name: "get_time", arguments: "{}" }]), says("It is noon."))
        const runToolsStream = Loop.runToolsStream(
          (params) => Stream.fromEffect(call(params)),
          total
        )
        const conversation = yield* Conversation.make({ system: "Be brief." })
        yield* Stream.runDrain(conversation.sendStream(
          "What time is it?",
          (messages) => runToolsStream({ model: "m", messages }, [time]),
          (events) => events.find(Tool.RunEvent.$is("Finished"))
        ))
        assert.strictEqual(roles(yield* conversation.messages), "suata")
      }))
  })

  it.effect("passes errors and requirements through", () =>
    Effect.gen(function*() {
      class Busy extends Schema.TaggedError<Busy>()("Busy", {}) {}
      const conversation = yield* Conversation.make()
      const turn = conversation.send("Hi", (messages) =>
        messages.length > 9 ? new Busy() : Effect.as(Generation.Generation, says("Hi!")))
      expectTypeOf(turn).toEqualTypeOf<Effect.Effect<Generation.GenerationResult, Busy, Generation.Generation>>()
      const service = Layer.mock(Generation.Generation, {})
      assert.deepStrictEqual(yield* Effect.provide(turn, service), says("Hi!"))
    }))
})
