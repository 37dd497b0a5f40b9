import { assert, describe, it } from "@effect/vitest"
import { Behavior, Simulator } from "effect-dashscope-simulator"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { inspect } from "node:util"
import * as DashScopeError from "../../src/DashScopeError.js"
import {
  ApiError,
  Batch,
  ConnectionError,
  DashScope,
  Generation,
  InputRequired,
  InvalidObject,
  Message,
  MultiModalConversation,
  NoApiKey,
  RequestTimeout,
  Task,
  TaskWaitTimeout,
  TextEmbedding,
  toMillis,
  tool
} from "../../src/Promise.js"
import type * as Types from "../../src/Promise.js"

const key = "sk-promise-0123456789"
const params = { model: "qwen-plus", messages: [{ role: "user", content: "你是谁？" }] } as const

/** A client of a simulator, closed after the program. */
const withClient = <A>(
  use: (client: DashScope, simulator: Simulator.Service) => Promise<A>,
  options: Types.DashScopeOptions = {},
  server: Simulator.Options = {}
): Effect.Effect<A, unknown, Scope.Scope> =>
  Effect.gen(function*() {
    const simulator = yield* Simulator.make({ apiKeys: [key], ...server })
    const client = yield* Effect.acquireRelease(
      Effect.promise(() => DashScope.make({ apiKey: key, endpoint: simulator.url, retry: false, ...options })),
      (client) => Effect.promise(client.close)
    )
    return yield* Effect.tryPromise({ try: () => use(client, simulator), catch: (error) => error })
  })

/** What a Promise is rejected with. */
const rejected = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then((value) => assert.fail(`was resolved with ${inspect(value)}`), (error: unknown) => error)

const behaving = (behavior: Behavior.Behavior) => ({ headers: Behavior.toHeaders(behavior) })

const statsOf = (simulator: Simulator.Service) => Effect.runPromise(simulator.stats)

/** No request is in flight any more. */
const idle = (simulator: Simulator.Service) =>
  Effect.runPromise(simulator.waitFor(({ requestsInFlight }) => requestsInFlight === 0))

const asked = (simulator: Simulator.Service) =>
  Effect.runPromise(simulator.waitFor(({ requestsInFlight }) => requestsInFlight > 0))

describe("a client for programs without Effect", () => {
  it.scopedLive("answers, and gives its elements in order", () =>
    withClient(async (client, simulator) => {
      const result = await client.generation.call(params)
      assert.match(Generation.text(result), /^我是通义千问/)
      const elements: Array<Types.GenerationResult> = []
      for await (const element of client.generation.stream(params)) elements.push(element)
      assert.isAbove(elements.length, 1)
      assert.strictEqual(elements.map(Generation.text).join(""), Generation.text(result))
      let text = ""
      for await (const piece of client.generation.streamText(params)) text += piece
      assert.strictEqual(text, Generation.text(result))
      const collected = await client.generation.collect(client.generation.stream(params))
      assert.strictEqual(Generation.text(collected), text)
      assert.strictEqual((await statsOf(simulator)).totalRequests, 4)
      assert.strictEqual(client.stats().inFlight, 0)
    }))

  it.scopedLive("sends the options of a call, without the signal", () =>
    withClient(async (client, simulator) => {
      await client.generation.call(params, { workspace: "ws-1", signal: new AbortController().signal })
      const [request] = await Effect.runPromise(simulator.requests)
      assert.strictEqual(request?.headers["x-dashscope-workspace"], "ws-1")
      assert.notInclude(request?.body, "signal")
    }))

  it.scopedLive("is rejected with the error itself, of the class that it has elsewhere", () =>
    withClient(async (client) => {
      const error = await rejected(
        client.generation.call(params, behaving({ error: { status: 429, retryAfter: 3 } }))
      )
      assert.instanceOf(error, ApiError)
      assert.instanceOf(error, DashScopeError.ApiError)
      assert.instanceOf(error, Error)
      assert.strictEqual(error.reason, "RateLimited")
      assert.strictEqual(error.code, "Throttling.RateQuota")
      assert.strictEqual(error.statusCode, 429)
      assert.isString(error.requestId)
      assert.strictEqual(error.retryAfter && toMillis(error.retryAfter), 3000)

      const empty = await rejected(client.generation.call({ model: "qwen-plus" }))
      assert.instanceOf(empty, InputRequired)
      const late = await rejected(client.generation.call(params, {
        timeout: "20 millis",
        ...behaving({ fault: { _tag: "StallBeforeHeaders" } })
      }))
      assert.instanceOf(late, RequestTimeout)
      assert.strictEqual(toMillis(late.duration), 20)
    }))

  it.scopedLive("ends a loop with the error that ended the stream, and what had arrived", () =>
    withClient(async (client, simulator) => {
      const texts: Array<string> = []
      const error = await rejected((async () => {
        for await (const element of client.generation.stream(params, behaving({ stream: { resetAfterEvents: 2 } }))) {
          texts.push(Generation.text(element))
        }
      })())
      assert.instanceOf(error, ConnectionError)
      assert.lengthOf(texts, 2)
      const partial = Generation.partialResult(error)
      assert.strictEqual(partial && Generation.text(partial), texts.join(""))
      await idle(simulator)
    }))
})

describe("a loop that is left", () => {
  it.scopedLive("has given its connection back by then", () =>
    withClient(async (client, simulator) => {
      for await (const _ of client.generation.stream(params, behaving({ stream: { stallAfterEvents: 1 } }))) break
      assert.strictEqual(client.stats().inFlight, 0)
      await idle(simulator)
      assert.strictEqual((await statsOf(simulator)).abortedRequests, 1)
    }))

  it.scopedLive("does so for an error of the program too", () =>
    withClient(async (client, simulator) => {
      const mine = new Error("mine")
      const error = await rejected((async () => {
        for await (const _ of client.generation.stream(params, behaving({ stream: { stallAfterEvents: 1 } }))) {
          throw mine
        }
      })())
      assert.strictEqual(error, mine)
      assert.strictEqual(client.stats().inFlight, 0)
      await idle(simulator)
    }))

  it.scopedLive("sends nothing before the first element is asked for, and answers questions in their order", () =>
    withClient(async (client, simulator) => {
      const stream = client.generation.stream(params, behaving({ stream: { events: 3 } }))
      const unread = stream[Symbol.asyncIterator]()
      await unread.return?.()
      assert.strictEqual((await statsOf(simulator)).totalRequests, 0)
      const iterator = stream[Symbol.asyncIterator]()
      const results = await Promise.all(Array.from({ length: 8 }, () => iterator.next()))
      const texts = results.flatMap(({ done, value }) => done === true ? [] : [Generation.text(value)])
      assert.strictEqual(texts.join("").length, 12)
      assert.isTrue(results.at(-1)?.done)
      assert.strictEqual((await statsOf(simulator)).totalRequests, 1)
    }))
})

describe("a signal", () => {
  it.scopedLive("aborts a call, whose Promise is rejected with its reason", () =>
    withClient(async (client, simulator) => {
      const controller = new AbortController()
      const call = rejected(client.generation.call(params, {
        signal: controller.signal,
        ...behaving({ fault: { _tag: "StallBeforeHeaders" } })
      }))
      await asked(simulator)
      const reason = new Error("enough")
      controller.abort(reason)
      assert.strictEqual(await call, reason)
      assert.strictEqual(client.stats().inFlight, 0)
      await idle(simulator)
    }))

  it.scopedLive("that is aborted already sends nothing", () =>
    withClient(async (client, simulator) => {
      const signal = AbortSignal.abort()
      const error = await rejected(client.generation.call(params, { signal }))
      assert.strictEqual(error, signal.reason)
      const ofStream = await rejected(client.generation.stream(params, { signal })[Symbol.asyncIterator]().next())
      assert.strictEqual(ofStream, signal.reason)
      assert.strictEqual((await statsOf(simulator)).totalRequests, 0)
    }))

  it.scopedLive("aborts a loop, be it waiting or not", () =>
    withClient(async (client, simulator) => {
      for (const isWaiting of [true, false]) {
        const controller = new AbortController()
        const { signal } = controller
        const options = { signal, ...behaving({ stream: { stallAfterEvents: 1 } }) }
        const iterator = client.generation.stream(params, options)[Symbol.asyncIterator]()
        await iterator.next()
        const waiting = isWaiting ? rejected(iterator.next()) : undefined
        controller.abort()
        assert.strictEqual(await (waiting ?? rejected(iterator.next())), signal.reason)
        assert.isTrue((await iterator.next()).done)
        await idle(simulator)
      }
      assert.strictEqual((await statsOf(simulator)).abortedRequests, 2)
    }))

  it.scopedLive("leaves no listener behind", () =>
    withClient(async (client) => {
      const { signal } = new AbortController()
      let listeners = 0
      const add = signal.addEventListener.bind(signal)
      const remove = signal.removeEventListener.bind(signal)
      signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args))
      signal.removeEventListener = (...args: Parameters<typeof remove>) => (listeners--, remove(...args))
      await client.generation.call(params, { signal })
      for await (const _ of client.generation.stream(params, { signal })) break
      assert.strictEqual(listeners, 0)
    }))

  it.scopedLive("must be one", () =>
    withClient(async (client, simulator) => {
      const signal = 5 as unknown as AbortSignal
      assert.instanceOf(await rejected(client.generation.call(params, { signal })), InputRequired)
      const poll = "soon" as Types.Duration
      const error = await rejected(client.imageSynthesis.call({ model: "wan2.2-t2i-flash", prompt: "猫" }, { poll }))
      assert.instanceOf(error, InputRequired)
      assert.strictEqual(error.field, "poll")
      assert.strictEqual((await statsOf(simulator)).totalRequests, 0)
    }))
})

describe("closing", () => {
  it.live("closes all connections, and what comes later is rejected", () =>
    Effect.scoped(Effect.gen(function*() {
      const simulator = yield* Simulator.make({ apiKeys: [key] })
      const client = yield* Effect.promise(() =>
        DashScope.make({ apiKey: key, endpoint: simulator.url, connection: { shutdownTimeout: "50 millis" } })
      )
      const inFlight = Effect.promise(() =>
        rejected(client.generation.call(params, behaving({ fault: { _tag: "StallBeforeHeaders" } })))
      )
      const [aborted] = yield* Effect.all([
        inFlight,
        Effect.zipRight(
          simulator.waitFor(({ requestsInFlight }) => requestsInFlight > 0),
          Effect.promise(() => client[Symbol.asyncDispose]())
        )
      ], { concurrency: "unbounded" })
      assert.instanceOf(aborted, ConnectionError)
      yield* simulator.waitFor(({ openConnections }) => openConnections === 0)
      const later = yield* Effect.promise(() => rejected(client.generation.call(params)))
      assert.instanceOf(later, ConnectionError)
      assert.strictEqual(later.reason, "Closed")
      yield* Effect.promise(client.close)
    })))

  it.live("is not needed for a client that cannot be made", () =>
    Effect.promise(async () => {
      const error = await rejected(DashScope.make({ endpoint: "ftp://nowhere" }))
      assert.instanceOf(error, InputRequired)
      assert.include(error.message, "endpoint")
      const knob = await rejected(DashScope.make({ connection: { connectionPoolSize: 0 } }))
      assert.instanceOf(knob, InputRequired)
      assert.strictEqual(knob.field, "connection")
    }))
})

describe("a key", () => {
  it.scopedLive("is seen in no client and in no error", () =>
    withClient(async (client, simulator) => {
      const temporary = await client.tokens.create()
      assert.match(temporary.token, /^st-/)
      await client.generation.call(params)
      const error = await rejected(client.generation.call(params, { apiKey: "sk-wrong-9876543210" }))
      assert.instanceOf(error, ApiError)
      assert.strictEqual(error.reason, "Authentication")
      for (const shown of [client, error, temporary]) {
        const text = inspect(shown, { depth: Infinity, showHidden: shown !== temporary }) + JSON.stringify(shown)
        for (const secret of [key, "sk-wrong-9876543210", temporary.token]) assert.notInclude(text, secret)
      }
      assert.strictEqual((await statsOf(simulator)).totalRequests, 3)
    }))

  it.scopedLive("that is not there rejects the call", () =>
    withClient(
      async (client) => {
        assert.instanceOf(await rejected(client.generation.call(params)), NoApiKey)
      },
      { apiKey: undefined, apiKeyFile: "/nowhere/key" }
    ))
})

const City = Schema.standardSchemaV1(Schema.Struct({ city: Schema.String }))
const cityFormat = { type: "object", properties: { city: { type: "string" } }, required: ["city"] }

describe("tools", () => {
  const question = { model: "qwen-plus", prompt: "What is the weather in Hangzhou?" }
  const weather = (execute: (city: string, context: Types.ToolContext) => unknown) =>
    tool({
      name: "get_weather",
      description: "The weather of a city",
      parameters: cityFormat,
      validate: City,
      execute: ({ city }, context) => execute(city, context)
    })

  it.scopedLive("are run with arguments that fit, and the model is told what they give", () =>
    withClient(async (client, simulator) => {
      const cities: Array<string> = []
      const { messages, result, rounds } = await client.generation.runTools(question, [
        weather((city) => {
          cities.push(city)
          return { degrees: 22 }
        })
      ])
      assert.lengthOf(cities, 1)
      assert.strictEqual(rounds, 2)
      assert.include(Generation.text(result), "22")
      assert.deepStrictEqual(messages.map(({ role }) => role), ["user", "assistant", "tool", "assistant"])
      const [first] = await Effect.runPromise(simulator.requests)
      const { parameters } = JSON.parse(first?.body ?? "") as { readonly parameters: { readonly tools: unknown } }
      assert.deepStrictEqual(parameters.tools, [{
        type: "function",
        function: { name: "get_weather", description: "The weather of a city", parameters: cityFormat }
      }])
      const events: Array<string> = []
      for await (const event of client.generation.runToolsStream(question, [weather(() => "sunny")])) {
        if (event._tag !== "Increment") events.push(event._tag)
      }
      assert.deepStrictEqual(events, [
        "ToolCallStarted",
        "ToolCallFinished",
        "RoundEnded",
        "RoundEnded",
        "Finished"
      ])
    }))

  it.scopedLive("reject with what they throw, unless the model is to be told", () =>
    withClient(async (client) => {
      const mine = new Error("no weather today")
      const fails = weather(() => {
        throw mine
      })
      assert.strictEqual(await rejected(client.generation.runTools(question, [fails])), mine)
      const { result } = await client.generation.runTools(question, [fails], { onHandlerFailure: "tell" })
      assert.include(Generation.text(result), "no weather today")
      const unnamed = tool({ name: "search", execute: () => "" })
      assert.instanceOf(await rejected(client.generation.runTools(question, [unnamed])), InputRequired)
    }))

  it.scopedLive("are told of arguments that do not fit, and of the end of their run", () =>
    withClient(async (client) => {
      const picky = tool({
        name: "get_weather",
        parameters: cityFormat,
        validate: () => {
          throw new Error("no such city")
        },
        execute: () => "never"
      })
      const { messages } = await client.generation.runTools(question, [picky])
      assert.include(JSON.stringify(messages), "no such city")
      const controller = new AbortController()
      let signalOfTool: AbortSignal | undefined
      const error = await rejected(client.generation.runTools(question, [
        weather((_, { signal }) => {
          signalOfTool = signal
          controller.abort()
          return new Promise(() => {})
        })
      ], { signal: controller.signal }))
      assert.strictEqual(error, controller.signal.reason)
      assert.isTrue(signalOfTool?.aborted)
    }))
})

describe("objects", () => {
  const asking = { model: "qwen-plus", prompt: "The largest city of Zhejiang, as JSON" }

  it.scopedLive("are checked by a validator, of a library or of one's own", () =>
    withClient(async (client) => {
      const object = { jsonSchema: cityFormat, validate: City }
      const { value } = await client.generation.callObject(asking, object)
      assert.isString(value.city)
      const length = await client.generation.callObject(asking, {
        jsonSchema: cityFormat,
        validate: (value) => JSON.stringify(value).length
      })
      assert.isAbove(length.value, 2)
      const plain = await client.generation.callObject(asking, { jsonSchema: cityFormat })
      assert.isObject(plain.value)
    }))

  it.scopedLive("that do not fit are rejected, saying where", () =>
    withClient(async (client) => {
      const Other = Schema.standardSchemaV1(Schema.Struct({ city: Schema.Number }))
      const error = await rejected(client.generation.callObject(asking, { jsonSchema: cityFormat, validate: Other }, {
        repair: 1
      }))
      assert.instanceOf(error, InvalidObject)
      assert.strictEqual(error.reason, "DoesNotFit")
      assert.deepStrictEqual(error.paths, ["city"])
      assert.strictEqual(error.attempts, 2)
    }))
})

describe("tasks", () => {
  const drawing = { model: "wan2.2-t2i-flash", prompt: "一只奔跑的猫", n: 1 }

  it.scopedLive("are submitted, watched, waited for and cancelled", () =>
    withClient(
      async (client) => {
        const task = await client.imageSynthesis.submit(drawing)
        const states: Array<string> = []
        for await (const { output } of client.tasks.watch(task, { poll: "1 millis" })) states.push(output.taskStatus)
        assert.strictEqual(states.at(-1), "SUCCEEDED")
        const { output } = await client.imageSynthesis.await(JSON.parse(JSON.stringify(task)) as Task)
        assert.lengthOf(output.results ?? [], 1)
        const patient = await rejected(client.imageSynthesis.call(drawing, {
          poll: "1 millis",
          waitTimeout: "20 millis",
          ...behaving({ task: { pending: 1e9 } })
        }))
        assert.instanceOf(patient, TaskWaitTimeout)
        assert.strictEqual(Task.ofError(patient)?.id, patient.task.id)
      },
      {},
      { tasks: { perSecond: Infinity } }
    ))

  it.scopedLive("are cancelled by an abort that says so", () =>
    withClient(async (client, simulator) => {
      const controller = new AbortController()
      const call = rejected(client.imageSynthesis.call(drawing, {
        signal: controller.signal,
        cancelOnInterrupt: true,
        ...behaving({ task: { pending: 1e9 } })
      }))
      await Effect.runPromise(simulator.waitFor(({ totalRequests }) => totalRequests >= 2))
      controller.abort()
      assert.strictEqual(await call, controller.signal.reason)
      const [task] = await Effect.runPromise(simulator.tasks)
      assert.strictEqual(task?.status, "CANCELED")
    }))
})

describe("the other services", () => {
  it.scopedLive("embed, rank, list, upload and talk with pictures", () =>
    withClient(async (client) => {
      const { output } = await client.textEmbedding.call({ model: "text-embedding-v4", texts: ["你好", "再见"] })
      const [first, second] = output.embeddings.map(TextEmbedding.vector)
      assert.isBelow(TextEmbedding.similarity(first ?? [], second ?? []), 1)
      const many = await client.textEmbedding.embedMany({ model: "text-embedding-v4", texts: ["a", "b", "c"] }, {
        batchSize: 2
      })
      assert.lengthOf(many.embeddings, 3)
      const ranked = await client.textReRank.call({ model: "gte-rerank-v2", query: "cat", documents: ["cat", "dog"] })
      assert.lengthOf(ranked.output.results, 2)
      assert.strictEqual((await client.models.get("qwen-plus"))?.model, "qwen-plus")
      assert.isUndefined(await client.models.get("no-such-model"))
      const seen = await client.multiModalConversation.call({
        model: "qwen3-vl-plus",
        messages: [{ role: "user", content: [{ image: "https://example.com/cat.png" }, { text: "What is this?" }] }]
      })
      assert.isNotEmpty(MultiModalConversation.text(seen))
      const session = client.application.session({ appId: "app-1" })
      await session.call("你好")
      assert.isString(session.id)
    }))

  it.scopedLive("speak texts as they come, and recognise speech", () =>
    withClient(async (client, simulator) => {
      const texts = async function*() {
        yield await Promise.resolve("Hello. ")
        yield "It is a fine day."
      }
      const params = { model: "cosyvoice-v3-flash", voice: "longanyang" }
      let bytes = 0
      for await (const piece of client.speechSynthesizer.streamAudio(params, texts())) bytes += piece.length
      assert.isAbove(bytes, 1000)
      const speech = await client.speechSynthesizer.synthesize({
        ...params,
        text: "Hello.",
        format: "pcm",
        sampleRate: 16000
      })
      const { sentences } = await client.recognition.recognize(
        { model: "paraformer-realtime-v2", format: "pcm", sampleRate: 16000 },
        speech.audio
      )
      assert.isNotEmpty(sentences)
      // Left in the middle, the WebSocket goes.
      for await (const _ of client.speechSynthesizer.stream(params, texts())) break
      assert.strictEqual(client.stats().inFlight, 0)
      await idle(simulator)
    }))

  it.scopedLive("work off batches of what an async iterable gives", () =>
    withClient(async (client) => {
      const requests = async function*() {
        for (const id of ["a", "b"]) {
          await Promise.resolve()
          yield Batch.generation(id, { model: "qwen-plus", messages: [Message.user("你好")] })
        }
      }
      const batch = await client.batches.submit(requests(), { name: "two" })
      const answers = new Map<string, string>()
      for await (const { answer, customId } of client.batches.results(batch, { poll: "1 millis" })) {
        answers.set(customId, answer.error === undefined ? Generation.text(answer.value) : answer.error.message)
      }
      assert.deepStrictEqual([...answers.keys()].sort(), ["a", "b"])
      assert.notInclude([...answers.values()].join(), "Error")
    }))
})
