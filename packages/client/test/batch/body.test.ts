import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import { casesOf } from "../../../../scripts/thorough.js"
import type { GenerationParams } from "../../src/GenerationParams.js"
import * as Body from "../../src/internal/batch/body.js"
import * as GenerationWire from "../../src/internal/generation/wire.js"
import * as Media from "../../src/Media.js"
import * as Message from "../../src/Message.js"
import * as MultiModalMessage from "../../src/MultiModalMessage.js"
import type { MultiModalParams } from "../../src/MultiModalParams.js"

const model = "qwen-plus"
const messages = [Message.user("你好")]

const given = <A, E>(either: Either.Either<A, E>) => Either.getOrThrowWith(either, (error) => error)

const refused = (either: Either.Either<unknown, { readonly field: string; readonly description: string }>) =>
  Either.getOrThrow(Either.flip(either))

describe("a chat in the compatible mode", () => {
  it("has parameters at the top, under the wire's names", () => {
    assert.deepStrictEqual<unknown>(
      given(Body.ofGeneration({
        model,
        messages: [
          Message.system("Be brief."),
          Message.user([Message.text("What is it?"), Message.imageUrl("https://a.test/cat.png", { detail: "low" })]),
          Message.assistant(null, {
            toolCalls: [Message.toolCall({ id: "c1", name: "f", arguments: "{}" })],
            reasoningContent: "hm"
          }),
          Message.tool("18 °C", { toolCallId: "c1", name: "f" })
        ],
        resultFormat: "message",
        incrementalOutput: true,
        topP: 0.5,
        topK: null,
        maxTokens: 7,
        stop: [],
        enableThinking: false,
        enableSearch: true,
        searchOptions: { forcedSearch: true },
        responseFormat: { type: "json_schema", jsonSchema: { name: "n", schema: {} } },
        tools: [{ type: "function", function: { name: "f" } }],
        extra: { new_one: 1, max_tokens: 8 }
      })),
      {
        model,
        messages: [
          { role: "system", content: "Be brief." },
          {
            role: "user",
            content: [
              { type: "text", text: "What is it?" },
              { type: "image_url", image_url: { url: "https://a.test/cat.png", detail: "low" } }
            ]
          },
          {
            role: "assistant",
            content: null,
            tool_calls: [{ id: "c1", type: "function", function: { name: "f", arguments: "{}" } }],
            reasoning_content: "hm"
          },
          { role: "tool", content: "18 °C", tool_call_id: "c1", name: "f" }
        ],
        top_p: 0.5,
        top_k: null,
        max_tokens: 8,
        enable_thinking: false,
        enable_search: true,
        search_options: { forced_search: true },
        response_format: { type: "json_schema", json_schema: { name: "n", schema: {} } },
        tools: [{ type: "function", function: { name: "f" } }],
        new_one: 1
      }
    )
  })

  it("has media as parts with a type", () => {
    const bytes = Media.bytes(Uint8Array.of(1, 2, 3), "audio/wav")
    const { messages } = given(Body.ofConversation({
      model: "qwen3-omni-flash",
      messages: [MultiModalMessage.user([
        MultiModalMessage.image(Media.url("https://a.test/a.png"), { maxPixels: 9, cacheControl: Message.ephemeral }),
        MultiModalMessage.video("https://a.test/a.mp4", { fps: 2 }),
        MultiModalMessage.video(["https://a.test/1.jpg", "https://a.test/2.jpg"]),
        MultiModalMessage.audio("https://a.test/a.mp3?x=1"),
        MultiModalMessage.audio(bytes),
        MultiModalMessage.part({ type: "input_audio", input_audio: { data: bytes } }),
        MultiModalMessage.text("What do you hear?")
      ])],
      asrOptions: { enableItn: true },
      modalities: ["text"]
    }))
    assert.deepStrictEqual<unknown>(messages, [{
      role: "user",
      content: [
        {
          type: "image_url",
          image_url: { url: "https://a.test/a.png" },
          max_pixels: 9,
          cache_control: { type: "ephemeral" }
        },
        { type: "video_url", video_url: { url: "https://a.test/a.mp4" }, fps: 2 },
        { type: "video", video: ["https://a.test/1.jpg", "https://a.test/2.jpg"] },
        { type: "input_audio", input_audio: { data: "https://a.test/a.mp3?x=1", format: "mp3" } },
        { type: "input_audio", input_audio: { data: "data:audio/wav;base64,AQID", format: "wav" } },
        { type: "input_audio", input_audio: { data: "data:audio/wav;base64,AQID" } },
        { type: "text", text: "What do you hear?" }
      ]
    }])
  })

  it("has a prompt and turns of the older form as messages", () => {
    const { messages } = given(Body.ofGeneration({ model, history: [{ user: "a", bot: "b" }], prompt: "c" }))
    assert.deepStrictEqual<unknown>(messages, [
      { role: "user", content: "a" },
      { role: "assistant", content: "b" },
      { role: "user", content: "c" }
    ])
  })

  const generations: ReadonlyArray<readonly [field: string, params: Partial<GenerationParams>]> = [
    ["model", { model: " " }],
    ["messages", { messages: [] }],
    ["messages.0.content", { messages: [Message.system(""), Message.user("a")] }],
    ["messages.0.role", { messages: [Message.other("bot", "a"), Message.user("a")] }],
    ["messages.0.content.0", { messages: [Message.user([Message.docUrl("https://a.test/a.pdf")])] }],
    ["messages.0.content.0.imageUrl.url", { messages: [Message.user([Message.imageUrl("oss://a/b.png")])] }],
    ["resultFormat", { resultFormat: "text" }],
    ["extraInput", { extraInput: { a: 1 } }],
    ["customizedModelId", { customizedModelId: "m" }],
    ["plugins", { plugins: "{}" }],
    ["maxLength", { maxLength: 1 }],
    ["outputFormat", { outputFormat: "model_summary_report" }],
    ["searchOptions.enableSource", { searchOptions: { enableSource: true } }],
    ["extra.stream", { extra: { stream: true } }],
    ["extra.incremental_output", { extra: { incremental_output: true } }],
    ["temperature", { temperature: NaN }],
    ["topLogprobs", { topLogprobs: 1 }],
    ["temprature", { ["temprature" as "temperature"]: 1 }]
  ]

  it.each(generations)("is refused for what it cannot say: %s", (field, params) => {
    assert.strictEqual(refused(Body.ofGeneration({ model, messages, ...params })).field, field)
  })

  const one = (part: MultiModalMessage.Part) => [MultiModalMessage.user([part])]
  const conversations: ReadonlyArray<readonly [field: string, params: Partial<MultiModalParams>]> = [
    ["text", { text: "Speak" }],
    ["ocrOptions", { ocrOptions: { task: "text_recognition" } }],
    ["modalities", { modalities: ["text", "audio"] }],
    ["size", { size: "1024*1024" }],
    ["messages.0.content.0.image", { messages: one({ image: Media.file("a.png") }) }],
    ["messages.0.content.0.image", { messages: one({ image: " " }) }],
    ["messages.0.content.0.video", { messages: one({ video: [] }) }],
    ["messages.0.content.0.video.1", { messages: one({ video: ["https://a.test/1.jpg", Media.url("oss://a")] }) }],
    ["messages.0.content.0.enableRotate", { messages: one({ image: "https://a.test/1.jpg", enableRotate: true }) }],
    [
      "messages.0.content.0.part.input_audio.data",
      { messages: one(MultiModalMessage.part({ type: "input_audio", input_audio: { data: Media.file("a.wav") } })) }
    ]
  ]

  it.each(conversations)("is refused for what it cannot show: %s", (field, params) => {
    assert.strictEqual(refused(Body.ofConversation({ model, messages, ...params })).field, field)
  })

  it("says the same as a call, parameter by parameter", () => {
    const some = <A>(arbitrary: FastCheck.Arbitrary<A>) => FastCheck.option(arbitrary, { nil: undefined })
    const number = FastCheck.double({ noNaN: true, noDefaultInfinity: true })
    const params = FastCheck.record({
      model: FastCheck.constant(model),
      messages: FastCheck.array(
        FastCheck.string({ minLength: 1 }).map((text) => Message.user(text)),
        { minLength: 1, maxLength: 3 }
      ),
      temperature: some(number),
      topP: some(number),
      seed: some(FastCheck.nat()),
      maxTokens: some(FastCheck.nat()),
      stop: some(FastCheck.array(FastCheck.string())),
      enableSearch: some(FastCheck.boolean()),
      repetitionPenalty: some(number),
      presencePenalty: some(number),
      thinkingBudget: some(FastCheck.nat()),
      extra: some(FastCheck.dictionary(FastCheck.constantFrom("x_new", "top_p", "seed"), FastCheck.nat()))
    })
    FastCheck.assert(
      FastCheck.property(params, (params) => {
        const { input, parameters } = given(GenerationWire.encodeCall(params))
        const { result_format: _, ...rest } = parameters
        assert.deepStrictEqual<unknown>(given(Body.ofGeneration(params)), {
          model,
          messages: input["messages"],
          ...rest
        })
      }),
      { numRuns: casesOf(1000) }
    )
  })
})

describe("an embedding in the compatible mode", () => {
  it("has other names", () => {
    assert.deepStrictEqual<unknown>(
      given(Body.ofEmbedding({
        model: "text-embedding-v4",
        texts: ["a", "b"],
        dimension: 256,
        textType: "document",
        outputType: "dense",
        extra: { user: "u" }
      })),
      { model: "text-embedding-v4", input: ["a", "b"], dimensions: 256, encoding_format: "float", user: "u" }
    )
  })

  it.each([
    ["model", { model: "" }],
    ["texts", { texts: [] }],
    ["texts[1]", { texts: ["a", ""] }],
    ["textType", { textType: "query" as const }],
    ["outputType", { outputType: "sparse" as const }],
    ["instruct", { instruct: "i" }],
    ["extraInput", { extraInput: {} }],
    ["dimension", { dimension: Infinity }],
    ["dimensions", { dimensions: 1 }]
  ])("is refused for what it cannot say: %s", (field, params) => {
    assert.strictEqual(refused(Body.ofEmbedding({ model: "text-embedding-v4", texts: ["a"], ...params })).field, field)
  })
})
