import { assert, describe, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { inspect } from "node:util"
import { ConnectionError, Conversation, DashScope, Generation, InputRequired, Realtime } from "../../src/Promise.js"
import type * as Types from "../../src/Promise.js"

const withClient = (
  use: (client: DashScope, simulator: Simulator.Service) => Promise<void>
): Effect.Effect<void, unknown, Scope.Scope> =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make()
    const client = yield* Effect.acquireRelease(
      Effect.promise(() => DashScope.make({ apiKey: "sk-test", endpoint: simulator.url, retry: false })),
      (client) => Effect.promise(client.close)
    )
    yield* Effect.tryPromise({ try: () => use(client, simulator), catch: (error) => error })
  })

const rejected = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then((value) => assert.fail(`was resolved with ${inspect(value)}`), (error: unknown) => error)

const all = async <A>(elements: AsyncIterable<A>): Promise<ReadonlyArray<A>> => {
  const seen: Array<A> = []
  for await (const element of elements) seen.push(element)
  return seen
}

/** No WebSocket is open any more, and no permit is taken. */
const free = async (client: DashScope, simulator: Simulator.Service) => {
  assert.strictEqual(client.stats().inFlight, 0)
  return await Effect.runPromise(simulator.waitForSockets(({ open }) => open === 0))
}

/** Gives what it has, and then waits for ever. */
const endless = async function*<A>(...elements: ReadonlyArray<A>) {
  yield* elements
  await new Promise(() => {})
}

const asr = { model: "qwen3-asr-flash-realtime", turnDetection: null } as const
const omni = { model: "qwen3.5-omni-flash-realtime", modalities: ["text"], turnDetection: null }
const tts = {
  model: "qwen3-tts-flash-realtime",
  voice: "Cherry",
  output: { type: "pcm", sampleRate: 16_000 }
}
const recognizing: Types.DuplexTaskRequest = {
  model: "paraformer-realtime-v2",
  taskGroup: "audio",
  task: "asr",
  function: "recognition",
  parameters: { format: "pcm", sample_rate: 16_000 },
  input: {}
}

const spoken = async (client: DashScope, text: string) => Buffer.concat(await all(client.realtime.speak(tts, text)))

describe("realtime without Effect", () => {
  it.scopedLive("speaks texts as they come, and hears and interprets what it spoke", () =>
    withClient(async (client, simulator) => {
      const audio = await spoken(client, "1+1?")
      assert.isAbove(audio.length, 1000)
      const heard = await all(client.realtime.transcribe(asr, [audio.subarray(0, 1000), audio.subarray(1000)]))
      assert.deepInclude(heard.at(-1), { text: "1+1?", isFinal: true })
      const interpreted = await all(client.realtime.translate(
        { model: "qwen3-livetranslate-flash-realtime", modalities: ["text"], translation: { language: "zh" } },
        audio
      ))
      assert.isTrue(interpreted.some((event) => event._tag === "Translation" && event.isFinal))
      assert.strictEqual((await free(client, simulator)).opened, 3)
    }))

  it.scopedLive("is left although its input waits for more", () =>
    withClient(async (client, simulator) => {
      for await (const _ of client.realtime.speak(tts, endless("Hello. ", "It is a fine day."))) break
      await free(client, simulator)
    }))

  it.scopedLive("refuses a model that does not hear before it connects", () =>
    withClient(async (client, simulator) => {
      assert.instanceOf(await rejected(all(client.realtime.transcribe(tts, endless()))), InputRequired)
      assert.instanceOf(await rejected(client.realtime.open({ model: "" })), InputRequired)
      const signal = 5 as unknown as AbortSignal
      assert.instanceOf(await rejected(client.realtime.open(omni, { signal })), InputRequired)
      assert.strictEqual((await free(client, simulator)).opened, 0)
    }))
})

describe("an open session without Effect", () => {
  it.scopedLive("is asked and answers, a loop going on where the one before was left", () =>
    withClient(async (client, simulator) => {
      const session = await client.realtime.open(omni)
      assert.match(session.id, /./)
      assert.strictEqual(session.family, "omni")
      assert.deepStrictEqual(session.info.modalities, ["text"])
      await session.createItem("你是谁？")
      assert.match(await session.createResponse(), /^event_/)
      await session.finish()
      const events: Array<Types.ServerEvent> = []
      for await (const event of session.events) {
        events.push(event)
        if (event.type === "response.text.delta") break
      }
      for await (const event of session.events) events.push(event)
      assert.strictEqual(events.at(-1)?.type, "session.finished")
      const [response] = Realtime.responses(events)
      assert.strictEqual(response?.status, "completed")
      const deltas = events.flatMap((event) => event.type === "response.text.delta" ? [event.delta ?? ""] : [])
      assert.isAbove(deltas.length, 1)
      assert.strictEqual(response?.text, deltas.join(""))
      await session.close()
      await free(client, simulator)
    }))

  it.scopedLive("is closed with its socket, which ends a loop that waits; what is sent later is rejected", () =>
    withClient(async (client, simulator) => {
      const session = await client.realtime.open(omni)
      const waiting = all(session.events)
      await session[Symbol.asyncDispose]()
      assert.deepStrictEqual(await waiting, [])
      await free(client, simulator)
      assert.instanceOf(await rejected(session.createItem("你好")), ConnectionError)
      assert.deepStrictEqual(await all(session.events), [])
      await session.close()
    }))

  it.scopedLive("ends with its signal, and tells who reads and who sends the reason", () =>
    withClient(async (client, simulator) => {
      const controller = new AbortController()
      const session = await client.realtime.open(omni, { signal: controller.signal })
      const waiting = rejected(all(session.events))
      const reason = new Error("enough")
      controller.abort(reason)
      assert.strictEqual(await waiting, reason)
      assert.strictEqual(await rejected(session.createResponse()), reason)
      await Effect.runPromise(simulator.waitForSockets(({ open }) => open === 0))
      await session.close()
      await free(client, simulator)
      assert.strictEqual(await rejected(client.realtime.open(omni, { signal: controller.signal })), reason)
      assert.strictEqual((await free(client, simulator)).opened, 1)

      const early = new AbortController()
      const opening = rejected(client.realtime.open(omni, { signal: early.signal }))
      early.abort(reason)
      assert.strictEqual(await opening, reason)
      await free(client, simulator)
    }))
})

describe("a conversation in realtime without Effect", () => {
  it.scopedLive("is asked in writing, runs tools, answers, and ends with its input", () =>
    withClient(async (client, simulator) => {
      const cities: Array<unknown> = []
      const conversation = await client.realtime.conversation(
        omni,
        [Realtime.text("What is the weather in Hangzhou?"), Realtime.endTurn],
        {
          tools: [{
            name: "get_weather",
            description: "The weather of a city",
            parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
            execute: (args) => {
              cities.push(args)
              return "sunny"
            }
          }]
        }
      )
      const events = await all(conversation.events)
      assert.lengthOf(cities, 1)
      assert.deepStrictEqual(
        events.flatMap(({ _tag }) => _tag.startsWith("ToolCall") || _tag === "ResponseDone" ? [_tag] : []),
        ["ResponseDone", "ToolCallStarted", "ToolCallFinished", "ResponseDone"]
      )
      assert.deepStrictEqual(await all(conversation.audio), [])
      await conversation.close()
      await free(client, simulator)
    }))

  it.scopedLive("is closed while both sides wait", () =>
    withClient(async (client, simulator) => {
      const conversation = await client.realtime.conversation(omni, endless(Realtime.text("你好")))
      const loops = Promise.all([all(conversation.audio), all(conversation.events)])
      await conversation.interrupt()
      await conversation.close()
      await loops
      await free(client, simulator)
    }))
})

describe("a task of any kind without Effect", () => {
  it.scopedLive("is fed and answers, and is left although its input waits for more", () =>
    withClient(async (client, simulator) => {
      const audio = await spoken(client, "1+1?")
      const events = await all(client.duplexTask.run(recognizing, [audio.subarray(0, 8000), audio.subarray(8000)]))
      assert.strictEqual(events.at(-1)?._tag, "Finished")
      assert.include(JSON.stringify(events), "1+1")
      for await (const _ of client.duplexTask.run(recognizing, endless(audio))) break
      assert.strictEqual(client.stats().inFlight, 0)
      await Effect.runPromise(simulator.waitForSockets(({ tasksInFlight }) => tasksInFlight === 0))
    }))

  it.scopedLive("is opened, fed by hand, and closed", () =>
    withClient(async (client, simulator) => {
      const audio = await spoken(client, "1+1?")
      const task = await client.duplexTask.open(recognizing)
      assert.match(task.id, /^[0-9a-f]{32}$/)
      await task.send(audio)
      await task.finish()
      assert.strictEqual((await all(task.events)).at(-1)?._tag, "Finished")
      await task.close()
      const other = await client.duplexTask.open(recognizing)
      const waiting = all(other.events)
      await other[Symbol.asyncDispose]()
      await waiting
      await free(client, simulator)
    }))
})

describe("a history without Effect", () => {
  it.scopedLive("grows with turns that succeed, and is kept within its budget", () =>
    withClient(async (client) => {
      const conversation = Conversation.make({ system: "Answer briefly.", maxMessages: 5 })
      const rolesOf = () => conversation.messages.map(({ role }) => role)
      const ask = (messages: ReadonlyArray<Types.Message>) => client.generation.call({ model: "qwen-plus", messages })
      const answer = await conversation.send("你是谁？", ask)
      assert.deepStrictEqual(conversation.messages.map(({ content }) => content), [
        "Answer briefly.",
        "你是谁？",
        Generation.text(answer)
      ])
      const mine = new Error("mine")
      assert.strictEqual(await rejected(conversation.send("?", () => Promise.reject(mine))), mine)
      assert.strictEqual(
        await rejected(conversation.send("?", () => {
          throw mine
        })),
        mine
      )
      assert.lengthOf(conversation.messages, 3)

      const turn = conversation.sendStream(
        "再见",
        (messages) => client.generation.stream({ model: "qwen-plus", messages }),
        Generation.merge
      )
      for await (const _ of turn) break
      assert.lengthOf(conversation.messages, 3)
      await all(turn)
      assert.deepStrictEqual(rolesOf(), ["system", "user", "assistant", "user", "assistant"])
      conversation.append("再问")
      assert.deepStrictEqual(rolesOf(), ["system", "user", "assistant", "user"])
      conversation.trim({ maxMessages: 2 })
      assert.deepStrictEqual(rolesOf(), ["system", "user"])
      conversation.clear()
      assert.deepStrictEqual(rolesOf(), ["system"])
      assert.isAbove(Conversation.estimateTokens({ role: "user", content: "你好" }), 0)
    }))
})
