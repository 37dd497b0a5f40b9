import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as FileSystem from "@effect/platform/FileSystem"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Simulator } from "effect-dashscope-simulator"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as DashScope from "../src/DashScope.js"
import * as DashScopeClient from "../src/DashScopeClient.js"
import type { DashScopeError } from "../src/DashScopeError.js"
import * as Generation from "../src/Generation.js"
import * as Media from "../src/Media.js"
import * as Message from "../src/Message.js"
import * as MultiModalConversation from "../src/MultiModalConversation.js"
import * as MultiModalMessage from "../src/MultiModalMessage.js"
import type { MultiModalParams } from "../src/MultiModalParams.js"
import * as Tool from "../src/Tool.js"
import * as Upload from "../src/Upload.js"
import { bodyText, env, type Handler, jsonResponse, key, mockHttp, noUploads } from "./util/mock.js"
import { serviceContract } from "./util/serviceContract.js"

const path = "/api/v1/services/aigc/multimodal-generation/generation"
const image = "https://example.com/dog_and_girl.jpeg"

const layer = Layer.provide(MultiModalConversation.layer, noUploads)

const params: MultiModalParams = {
  model: "qwen-vl-max",
  messages: [MultiModalMessage.user([MultiModalMessage.image(image), MultiModalMessage.text("图中描绘的是什么景象?")])]
}

const usage = {
  input_tokens: 1276,
  output_tokens: 59,
  total_tokens: 1335,
  image_tokens: 1249,
  input_tokens_details: { image_tokens: 1249, text_tokens: 27 },
  output_tokens_details: { text_tokens: 59 }
}

const answerOf = (content: unknown, message: object = {}) => ({
  output: { choices: [{ finish_reason: "stop", message: { role: "assistant", content, ...message } }] },
  usage,
  request_id: "r-1"
})

serviceContract("MultiModalConversation", {
  layer,
  samples: [{
    name: "call",
    run: (options) =>
      MultiModalConversation.call({
        ...params,
        topP: 0.8,
        topK: 100,
        seed: 1234,
        stop: "你好",
        vlHighResolutionImages: true,
        ocrOptions: { task: "key_information_extraction", taskConfig: { resultSchema: { date: "YYYY-MM-DD" } } },
        extra: { x: 1 }
      }, options),
    sends: {
      path,
      body: {
        model: "qwen-vl-max",
        input: { messages: [{ role: "user", content: [{ image }, { text: "图中描绘的是什么景象?" }] }] },
        parameters: {
          top_p: 0.8,
          top_k: 100,
          seed: 1234,
          stop: "你好",
          vl_high_resolution_images: true,
          ocr_options: { task: "key_information_extraction", task_config: { result_schema: { date: "YYYY-MM-DD" } } },
          x: 1
        }
      }
    },
    answer: answerOf([{ ocr_result: { kv_result: { date: "2013-06-29" } }, text: "这是一张……" }], {
      annotations: [{ language: "zh", type: "audio_info", emotion: "neutral" }]
    }),
    gives: {
      output: {
        choices: [{
          finishReason: "stop",
          message: {
            role: "assistant",
            content: [{ ocr_result: { kv_result: { date: "2013-06-29" } }, text: "这是一张……" }],
            annotations: [{ language: "zh", type: "audio_info", emotion: "neutral" }]
          }
        }]
      },
      usage: {
        inputTokens: 1276,
        outputTokens: 59,
        totalTokens: 1335,
        imageTokens: 1249,
        inputTokensDetails: { imageTokens: 1249, textTokens: 27 },
        outputTokensDetails: { textTokens: 59 }
      },
      requestId: "r-1"
    },
    schema: MultiModalConversation.MultiModalConversationResult,
    observed: { operation: "chat", model: "qwen-vl-max", input: 1276, output: 59 }
  }, {
    name: "call, of speech",
    run: (options) =>
      MultiModalConversation.call({
        model: "qwen3-tts-flash",
        text: "那我来给大家推荐一款T恤",
        voice: "Cherry",
        languageType: "Chinese"
      }, options),
    sends: {
      path,
      body: {
        model: "qwen3-tts-flash",
        input: { text: "那我来给大家推荐一款T恤", voice: "Cherry", language_type: "Chinese" },
        parameters: {}
      }
    },
    answer: {
      output: {
        audio: { data: "", expires_at: 1758187426, id: "audio_1", url: "http://example.com/a.wav" },
        finish_reason: "stop"
      },
      usage: { characters: 56 },
      request_id: "r-2"
    },
    gives: {
      output: {
        audio: { data: "", expiresAt: 1758187426, id: "audio_1", url: "http://example.com/a.wav" },
        finishReason: "stop",
        choices: [{ finishReason: "stop", message: { role: "assistant" } }]
      },
      usage: { characters: 56 },
      requestId: "r-2"
    },
    schema: MultiModalConversation.MultiModalConversationResult,
    observed: { operation: "chat", model: "qwen3-tts-flash" }
  }],
  refuses: [
    ["model", MultiModalConversation.call({ ...params, model: "" })],
    ["messages", MultiModalConversation.call({ model: "qwen-vl-max" })],
    ["messages.0.content", MultiModalConversation.call({ ...params, messages: [MultiModalMessage.user([])] })],
    ["text", MultiModalConversation.call({ ...params, text: "hm" })],
    ["topp", MultiModalConversation.call(Object.assign({ topp: 1 }, params))],
    ["modalities", MultiModalConversation.call({ ...params, modalities: ["text", "audio"] })],
    ["n", MultiModalConversation.call({ ...params, n: Infinity })]
  ],
  recordings: {
    // A part keeps the names of the wire.
    of: ({ name, path }) => path.endsWith("/multimodal-generation/generation") && !name.includes("-ocr-"),
    schema: MultiModalConversation.MultiModalConversationResult
  }
})

/** Over a mock of the HTTP client, with uploads as given. */
const over = (handler: Handler, uploads: Layer.Layer<Upload.Upload> = noUploads) => {
  const http = mockHttp(handler)
  return {
    requests: http.requests,
    layer: Layer.provide(MultiModalConversation.layer, uploads).pipe(
      Layer.provide(DashScopeClient.layer({ apiKey: key, retry: false })),
      Layer.provide(http.layer),
      Layer.provide(env({}))
    )
  }
}

const live = (url: string) =>
  Layer.merge(DashScope.layer({ endpoint: url, apiKey: key, retry: false }), NodeFileSystem.layer)

const sentOf = (requests: ReadonlyArray<Parameters<typeof bodyText>[0]>, i = 0): unknown =>
  JSON.parse(bodyText(requests[i]))

describe("media", () => {
  const resolveHeader = "x-dashscope-ossresourceresolve"

  it.effect("are resolved once each, for the model, wherever they are in the input", () =>
    Effect.gen(function*() {
      const asked: Array<unknown> = []
      const uploads = Layer.mock(Upload.Upload, {
        resolve: (media, options) =>
          Effect.sync(() => {
            asked.push([media._tag, options.model, options.workspace])
            return media._tag === "MediaUrl" ? media.url : `oss://dashscope-instant/${asked.length}`
          })
      })
      const { layer, requests } = over(() => jsonResponse(answerOf([{ text: "a" }])), uploads)
      const file = Media.file("./photo.jpg")
      yield* Effect.provide(
        MultiModalConversation.call({
          model: "qwen-vl-max",
          messages: [
            MultiModalMessage.user([
              MultiModalMessage.image(file, { minPixels: 3136, maxPixels: "401408", enableRotate: true }),
              MultiModalMessage.video([file, Media.url("https://example.com/2.jpg"), "https://example.com/3.jpg"], {
                fps: 2,
                totalPixels: 1,
                cacheControl: Message.ephemeral
              }),
              MultiModalMessage.audio(Media.bytes(Uint8Array.of(1), "audio/wav")),
              MultiModalMessage.part({ type: "input_audio", input_audio: { data: file } }),
              MultiModalMessage.text("?")
            ])
          ]
        }, { workspace: "ws" }),
        layer
      )
      assert.deepStrictEqual(asked, [
        ["MediaFile", "qwen-vl-max", "ws"],
        ["MediaUrl", "qwen-vl-max", "ws"],
        ["MediaBytes", "qwen-vl-max", "ws"]
      ])
      assert.deepStrictEqual(Generation.field(sentOf(requests), "input"), {
        messages: [{
          role: "user",
          content: [
            { image: "oss://dashscope-instant/1", min_pixels: 3136, max_pixels: "401408", enable_rotate: true },
            {
              video: ["oss://dashscope-instant/1", "https://example.com/2.jpg", "https://example.com/3.jpg"],
              fps: 2,
              total_pixels: 1,
              cache_control: { type: "ephemeral" }
            },
            { audio: "oss://dashscope-instant/3" },
            { type: "input_audio", input_audio: { data: "oss://dashscope-instant/1" } },
            { text: "?" }
          ]
        }]
      })
      assert.strictEqual(requests[0]?.headers[resolveHeader], "enable")
    }))

  it.effect("have the header where one is stored", () =>
    Effect.gen(function*() {
      const { layer, requests } = over(() => jsonResponse(answerOf([{ text: "a" }])))
      const ask = (content: MultiModalMessage.Content) =>
        MultiModalConversation.call({ model: "qwen-vl-max", messages: [MultiModalMessage.user(content)] })
      yield* Effect.provide(
        Effect.all([
          ask([{ image: "oss://a/b.png" }, { text: "?" }]),
          ask([{ image: Media.url("oss://a/b.png") }, { text: "?" }]),
          ask([{ video: [image, image, image, "oss://a/b.png"] }]),
          ask([{ image }, { text: "?" }])
        ]),
        layer
      )
      assert.deepStrictEqual(requests.map(({ headers }) => headers[resolveHeader]), [
        "enable",
        "enable",
        "enable",
        undefined
      ])
    }))

  it.scopedLive("a text that is the path of a file is sent as it is, and the file is not read", () =>
    Effect.gen(function*() {
      const files = yield* FileSystem.FileSystem
      const planted = `${yield* files.makeTempDirectoryScoped()}/secret.png`
      yield* files.writeFileString(planted, "planted-secret")
      const simulator = yield* Simulator.make({ apiKeys: [key] })
      for (const source of [planted, `file://${planted}`]) {
        const error = yield* MultiModalConversation.call({
          model: "qwen-vl-max",
          messages: [MultiModalMessage.user([{ image: source }, { text: source }])]
        }).pipe(Effect.flip, Effect.provide(live(simulator.url)))
        assert.deepInclude<object>({ ...error }, { _tag: "ApiError", statusCode: 400, code: "InvalidParameter" })
      }
      const seen = yield* simulator.requests
      assert.lengthOf(seen, 2)
      for (const { body } of seen) {
        assert.include(body, planted)
        assert.notInclude(body, "planted-secret")
        assert.notInclude(body, btoa("planted-secret"))
      }
      assert.lengthOf(yield* simulator.uploads, 0)
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.scopedLive("go by upload where they are large, and the model finds them", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make({ apiKeys: [key] })
      const bytes = new Uint8Array(2_000_000).fill(200)
      yield* Effect.gen(function*() {
        const result = yield* MultiModalConversation.stream({
          model: "qwen-vl-max",
          messages: [
            MultiModalMessage.user([
              { image: Media.bytes(bytes, "image/jpeg") },
              { image: Media.bytes(bytes.subarray(0, 1000), "image/jpeg") },
              { text: "what is it?" }
            ])
          ]
        }, { timeout: "60 seconds" }).pipe(MultiModalConversation.collect)
        assert.include(MultiModalConversation.text(result), "what is it?")
        const [upload, ...others] = yield* simulator.uploads
        assert.lengthOf(others, 0)
        assert.deepInclude(upload, { size: bytes.length, model: "qwen-vl-max", authorization: false, status: 200 })
        const asked = (yield* simulator.requests).find((request) => request.path === path)
        assert.include(asked?.body, upload?.url)
        assert.include(asked?.body, "data:image/jpeg;base64,")
      }).pipe(Effect.provide(live(simulator.url)))
    }))

  it.effect("count for the call's time, uploads and request together", () =>
    Effect.gen(function*() {
      for (const [seconds, count] of [[2, 1], [10, 0]] as const) {
        const { layer, requests } = over(
          () => Effect.never,
          Layer.mock(Upload.Upload, {
            resolve: () => Effect.delay(Effect.succeed("oss://a"), `${seconds} seconds`)
          })
        )
        for (
          const run of [
            MultiModalConversation.call,
            (...args: Parameters<typeof MultiModalConversation.call>) =>
              Stream.runDrain(MultiModalConversation.stream(...args))
          ]
        ) {
          requests.splice(0)
          const fiber = yield* run({
            model: "qwen-vl-max",
            messages: [MultiModalMessage.user([{ image: Media.file("a.png") }])]
          }, { timeout: "3 seconds" }).pipe(Effect.flip, Effect.provide(layer), Effect.fork)
          yield* TestClock.adjust("2900 millis")
          assert.isNull(fiber.unsafePoll())
          yield* TestClock.adjust("100 millis")
          assert.deepInclude<object>({ ...yield* Fiber.join(fiber) }, { _tag: "RequestTimeout", phase: "total" })
          assert.lengthOf(requests, count)
        }
      }
    }))

  it.effect("that cannot be read cost no request", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(MultiModalConversation.call({
        model: "qwen-vl-max",
        messages: [MultiModalMessage.user([{ image: Media.file("/nowhere/a.png") }])]
      }))
      assert.deepInclude<object>({ ...error }, { _tag: "InputRequired", field: "media" })
    }).pipe(Effect.provide(live("http://127.0.0.1:1"))))
})

describe("messages of text generation", () => {
  it.effect("are sent as parts, the prompt with them", () =>
    Effect.gen(function*() {
      const call = Message.toolCall({ id: "c1", name: "time", arguments: "{}" })
      const { layer, requests } = over(() => jsonResponse(answerOf("plain text")))
      const given: Generation.GenerationParams = {
        model: "qwen3.6-plus",
        resultFormat: "message",
        messages: [
          Message.system("You are a helpful assistant."),
          Message.user([
            Message.text("What time is it?", { cacheControl: Message.ephemeral }),
            Message.imageUrl(image)
          ]),
          Message.assistant("", { toolCalls: [call] }),
          Message.tool("12:00", { toolCallId: "c1" }),
          Message.assistant(null, { toolCalls: [call], reasoningContent: "hm" }),
          Message.tool("12:01", { toolCallId: "c1" })
        ],
        prompt: "And now?",
        enableThinking: true
      }
      const { resultFormat: _, ...same } = given
      const result = yield* Effect.provide(MultiModalConversation.call({ ...same, resultFormat: "message" }), layer)
      // Content that is a text reads as one.
      assert.strictEqual(MultiModalConversation.text(result), "plain text")
      assert.deepStrictEqual(sentOf(requests), {
        model: "qwen3.6-plus",
        input: {
          messages: [
            { role: "system", content: [{ text: "You are a helpful assistant." }] },
            {
              role: "user",
              content: [{ text: "What time is it?", cache_control: { type: "ephemeral" } }, { image }]
            },
            { role: "assistant", content: [], tool_calls: [call] },
            { role: "tool", content: [{ text: "12:00" }], tool_call_id: "c1" },
            { role: "assistant", content: [], tool_calls: [call], reasoning_content: "hm" },
            { role: "tool", content: [{ text: "12:01" }], tool_call_id: "c1" },
            { role: "user", content: [{ text: "And now?" }] }
          ]
        },
        parameters: { result_format: "message", enable_thinking: true }
      })
    }))

  it.scopedLive("a program moves by one name", () =>
    Effect.gen(function*() {
      const { url } = yield* Simulator.make()
      yield* Effect.gen(function*() {
        const messages = [Message.user("1+1?")]
        const before = yield* Generation.call({ model: "qwen-plus", messages })
        const after = yield* MultiModalConversation.call({ model: "qwen3.6-plus", messages })
        assert.strictEqual(MultiModalConversation.text(after), Generation.text(before))
        const texts = yield* Stream.runCollect(MultiModalConversation.streamText({ model: "qwen3.6-plus", messages }))
        assert.strictEqual(Chunk.join(texts, ""), Generation.text(before))
        const refused = yield* Effect.flip(Generation.call({ model: "qwen3.6-plus", messages }))
        assert.include(refused.message, "MultiModalConversation")
        const wrong = yield* Effect.flip(MultiModalConversation.call({ model: "qwen-plus", messages }))
        assert.include(wrong.message, "url error")
      }).pipe(Effect.provide(live(url)))
    }))
})

describe("what is not sent", () => {
  const refused = (content: unknown) =>
    Effect.map(
      Effect.flip(MultiModalConversation.call({
        model: "qwen-vl-max",
        messages: [Object.assign(MultiModalMessage.user(""), { content })]
      })),
      (error: DashScopeError) => error._tag === "InputRequired" ? error.field : error._tag
    )

  it.effect("parts that are none, and media that cannot be", () =>
    Effect.gen(function*() {
      const cases: ReadonlyArray<readonly [unknown, string]> = [
        [[null], "messages.0.content.0"],
        [[{}], "messages.0.content.0"],
        [[{ text: "a" }, { picture: image }], "messages.0.content.1"],
        [[{ image: 7 }], "messages.0.content.0.image"],
        [[{ image: [image] }], "messages.0.content.0.image"],
        [[{ image: " " }], "messages.0.content.0.image"],
        [[{ video: [] }], "messages.0.content.0.video"],
        [[{ video: [image, {}] }], "messages.0.content.0.video.1"],
        [[{ image: `data:image/png;base64,${"A".repeat(10_485_760)}` }], "messages.0.content.0.image"],
        [[Message.docUrl("https://example.com/a.pdf")], "messages.0.content.0"],
        [[{ type: "input_audio", input_audio: {} }], "messages.0.content.0"],
        [7, "messages.0.content"]
      ]
      for (const [content, field] of cases) assert.strictEqual(yield* refused(content), field, field)
    }).pipe(Effect.provide(over(() => jsonResponse({})).layer)))

  it.effect("names that nobody knows, with what was meant", () =>
    Effect.gen(function*() {
      const message = (more: object) =>
        Effect.map(Effect.flip(MultiModalConversation.call(Object.assign({}, params, more))), (error) => error.message)
      assert.match(yield* message({ top_p: 1 }), /did you mean topP\?/)
      assert.match(yield* message({ ocrOptions: { taks: "x" } }), /ocrOptions\.taks.*did you mean task\?/)
      assert.match(
        yield* message({ ocrOptions: { taskConfig: { resultSchem: {} } } }),
        /ocrOptions\.taskConfig\.resultSchem.*did you mean resultSchema\?/
      )
      assert.match(yield* message({ stream: true }), /MultiModalConversation\.stream/)
      assert.match(yield* message({ resultFormat: "text" }), /resultFormat/)
      assert.match(yield* message({ n: 2, tools: [{ type: "function", function: { name: "a" } }] }), /must be 1/)
    }).pipe(Effect.provide(over(() => jsonResponse({})).layer)))
})

describe("chat", () => {
  const weather = Tool.make("weather", {
    description: "The weather of a city",
    parameters: Schema.Struct({ city: Schema.optional(Schema.String) })
  })
  const handlers = [Tool.handler(weather, () => Effect.succeed("sunny, 22 °C"))]
  const asked: MultiModalParams = {
    model: "qwen3.6-plus",
    messages: [MultiModalMessage.user([{ image }, { text: "How is the weather?" }])]
  }

  it.scopedLive("thinks, streams increments and totals, and comes to the same", () =>
    Effect.gen(function*() {
      const { url } = yield* Simulator.make()
      yield* Effect.gen(function*() {
        const thinking: MultiModalParams = { ...asked, enableThinking: true }
        const increments = yield* Stream.runCollect(MultiModalConversation.stream(thinking))
        const merged = MultiModalConversation.merge(increments)
        assert.isAbove(increments.length, 3)
        assert.isNotEmpty(MultiModalConversation.reasoning(merged!))
        const totals = yield* Stream.runCollect(
          MultiModalConversation.stream({ ...thinking, incrementalOutput: false })
        )
        const last = Chunk.unsafeLast(totals)
        assert.strictEqual(MultiModalConversation.text(last), MultiModalConversation.text(merged!))
        assert.strictEqual(MultiModalConversation.reasoning(last), MultiModalConversation.reasoning(merged!))
        assert.strictEqual(MultiModalConversation.header(last, "content-type"), "text/event-stream;charset=UTF-8")
      }).pipe(Effect.provide(live(url)))
    }))

  it.scopedLive("runs tools, whole and streamed, with pictures in the history", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      yield* Effect.gen(function*() {
        const run = yield* MultiModalConversation.runTools(asked, handlers)
        expectTypeOf(run.messages).toEqualTypeOf<ReadonlyArray<MultiModalMessage.MultiModalMessage>>()
        assert.strictEqual(run.rounds, 2)
        assert.include(MultiModalConversation.text(run.result), "sunny, 22 °C")
        assert.deepStrictEqual(run.messages[0], asked.messages?.[0])
        assert.deepStrictEqual(run.messages.map(({ role }) => role), ["user", "assistant", "tool", "assistant"])
        const events = yield* Stream.runCollect(MultiModalConversation.runToolsStream(asked, handlers))
        const last = Chunk.unsafeLast(events)
        assert.strictEqual(last._tag, "Finished")
        assert.deepStrictEqual(last._tag === "Finished" ? last.messages.length : 0, 4)
        const bodies = (yield* simulator.requests).map(({ body }) => JSON.parse(body) as unknown)
        const messages = Generation.field(Generation.field(bodies[1], "input"), "messages") as ReadonlyArray<unknown>
        assert.deepStrictEqual(Generation.field(messages[0], "content"), [{ image }, { text: "How is the weather?" }])
        assert.deepStrictEqual(Generation.field(messages[1], "content"), [])
        assert.deepStrictEqual(Generation.field(messages[2], "content"), [{ text: "sunny, 22 °C" }])
        const error = yield* Effect.flip(MultiModalConversation.runTools(asked, handlers, { maxRounds: 1 }))
        assert.strictEqual(error._tag, "TooManyRounds")
        assert.deepStrictEqual(error._tag === "TooManyRounds" ? error.messages : [], asked.messages)
      }).pipe(Effect.provide(live(simulator.url)))
    }))

  it.scopedLive("answers with an object that fits a Schema", () =>
    Effect.gen(function*() {
      const simulator = yield* Simulator.make()
      const Found = Schema.Struct({ name: Schema.String, count: Schema.Int }).annotations({ identifier: "Found" })
      yield* Effect.gen(function*() {
        const found = yield* MultiModalConversation.callObject(
          { ...asked, messages: [MultiModalMessage.system([{ text: "Look." }]), ...asked.messages ?? []] },
          Found
        )
        assert.isString(found.value.name)
        assert.isNumber(found.value.count)
      }).pipe(Effect.provide(live(simulator.url)))
    }))

  it.effect("tries an object again, and shows a schema beside parts", () =>
    Effect.gen(function*() {
      let count = 0
      const { layer, requests } = over(() => jsonResponse(answerOf([{ text: count++ === 0 ? "{}" : "{\"a\":1}" }])))
      const { attempts, value } = yield* MultiModalConversation.callObject(
        { ...asked, messages: [MultiModalMessage.system([{ text: "Look." }]), ...asked.messages ?? []] },
        Schema.Struct({ a: Schema.Int }),
        { format: "json_object", repair: 1 }
      ).pipe(Effect.provide(layer))
      assert.deepStrictEqual([attempts, value], [2, { a: 1 }])
      const { messages } = (sentOf(requests, 1) as { input: { messages: ReadonlyArray<{ content: unknown }> } }).input
      assert.lengthOf(messages, 4)
      assert.match(JSON.stringify(messages[0]?.content), /^\[\{"text":"Look\."\},\{"text":"Answer with one JSON object/)
      assert.deepStrictEqual(messages[2]?.content, [{ text: "{}" }])
    }))

  it.scopedLive("a stream that breaks off says so, and what had arrived is kept", () =>
    Effect.gen(function*() {
      const { setBehavior, url } = yield* Simulator.make()
      yield* setBehavior({ stream: { closeWithoutFinish: true } })
      yield* Effect.gen(function*() {
        const error = yield* Effect.flip(MultiModalConversation.collect(MultiModalConversation.stream(asked)))
        assert.deepInclude<object>({ ...error }, { _tag: "ConnectionError", reason: "Truncated" })
        const partial = MultiModalConversation.partialResult(error)
        assert.isNotEmpty(MultiModalConversation.text(partial!))
      }).pipe(Effect.provide(live(url)))
    }))

  it.effect("is mocked by a Layer", () =>
    Effect.gen(function*() {
      const result = yield* MultiModalConversation.call(params)
      assert.strictEqual(MultiModalConversation.text(result), "A beach.")
    }).pipe(Effect.provide(Layer.mock(MultiModalConversation.MultiModalConversation, {
      call: () =>
        Effect.succeed({ output: { choices: [{ message: { role: "assistant", content: [{ text: "A beach." }] } }] } })
    }))))
})
