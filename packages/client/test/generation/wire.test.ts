import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Generation from "../../src/Generation.js"
import type { GenerationParams } from "../../src/GenerationParams.js"
import { encodeHeaders } from "../../src/internal/chat/parameters.js"
import { encode } from "../../src/internal/generation/wire.js"
import * as Message from "../../src/Message.js"

const model = "qwen-plus"
const hello = [Message.user("Hello")]

const sent = (params: GenerationParams): unknown => JSON.parse(JSON.stringify(Either.getOrThrow(encode(params))))

const weather = {
  type: "function",
  function: {
    name: "get_current_weather",
    description: "The weather of a place.",
    parameters: { type: "object", properties: { location: { type: "string" } }, required: ["location"] }
  }
} as const

describe("the body of a text generation", () => {
  it("of a conversation", () => {
    assert.deepStrictEqual(
      sent({
        model,
        messages: [Message.system("You are a helpful assistant."), Message.user("你是谁？")],
        resultFormat: "message",
        temperature: 0.7,
        incrementalOutput: true
      }),
      {
        model,
        input: {
          messages: [
            { role: "system", content: "You are a helpful assistant." },
            { role: "user", content: "你是谁？" }
          ]
        },
        parameters: { result_format: "message", temperature: 0.7, incremental_output: true }
      }
    )
  })

  it("of a prompt", () => {
    assert.deepStrictEqual(sent({ model, prompt: "Hello", resultFormat: "text" }), {
      model,
      input: { prompt: "Hello" },
      parameters: { result_format: "text" }
    })
  })

  it("of a prompt with a history", () => {
    const history = [{ user: "Hi", bot: "Hello!" }]
    assert.deepStrictEqual(sent({ model, prompt: "And now?", history }), {
      model,
      input: { prompt: "And now?", history },
      parameters: { result_format: "message" }
    })
  })

  it("appends a prompt to messages", () => {
    assert.deepStrictEqual(sent({ model, prompt: "And now?", messages: [Message.system("Be brief.")] }), {
      model,
      input: { messages: [{ role: "system", content: "Be brief." }, { role: "user", content: "And now?" }] },
      parameters: { result_format: "message" }
    })
  })

  it("of every role and part", () => {
    const cached = Message.text("A long text", { cacheControl: Message.ephemeral })
    const messages = [
      Message.system([cached]),
      Message.user([
        Message.imageUrl("https://a.test/1.png", { detail: "high" }),
        Message.docUrl(["https://a.test/1.pdf"], { fileParsingStrategy: "auto" }),
        Message.docUrl("https://a.test/2.pdf"),
        Message.part({ type: "input_audio", input_audio: { data: "https://a.test/3.wav" } })
      ], { name: "ada" }),
      Message.assistant("", {
        reasoningContent: "hm",
        toolCalls: [Message.toolCall({ id: "call_1", name: "f", arguments: "{}", index: 0 })]
      }),
      Message.tool("18 °C", { toolCallId: "call_1", name: "f" }),
      Message.withFields(Message.other("attachment", "a file"), { x_new: 1 }),
      Message.assistant("Spring has", { partial: true })
    ]
    assert.deepStrictEqual(sent({ model, messages }), {
      model,
      input: {
        messages: [
          {
            role: "system",
            content: [{ type: "text", text: "A long text", cache_control: { type: "ephemeral" } }]
          },
          {
            role: "user",
            name: "ada",
            content: [
              { type: "image_url", image_url: { url: "https://a.test/1.png", detail: "high" } },
              { type: "doc_url", doc_url: ["https://a.test/1.pdf"], file_parsing_strategy: "auto" },
              { type: "doc_url", doc_url: ["https://a.test/2.pdf"] },
              { type: "input_audio", input_audio: { data: "https://a.test/3.wav" } }
            ]
          },
          {
            role: "assistant",
            content: "",
            reasoning_content: "hm",
            tool_calls: [{ id: "call_1", type: "function", index: 0, function: { name: "f", arguments: "{}" } }]
          },
          { role: "tool", content: "18 °C", tool_call_id: "call_1", name: "f" },
          { role: "attachment", content: "a file", x_new: 1 },
          { role: "assistant", content: "Spring has", partial: true }
        ]
      },
      parameters: { result_format: "message" }
    })
  })

  it("of every parameter", () => {
    const parameters: Omit<Required<GenerationParams>, "model" | "messages" | "plugins" | "prompt" | "history"> = {
      customizedModelId: "custom-1",
      extraInput: { x_input: true },
      resultFormat: "message",
      temperature: 0.5,
      topP: 0.8,
      topK: null,
      seed: 1234,
      maxTokens: 100,
      maxCompletionTokens: 200,
      maxLength: 300,
      stop: [[37763, 367]],
      repetitionPenalty: 1.1,
      presencePenalty: -0.5,
      n: 1,
      incrementalOutput: false,
      enableThinking: false,
      thinkingBudget: 50,
      preserveThinking: true,
      reasoningEffort: "high",
      clearThinking: false,
      enableSearch: true,
      searchOptions: {
        forcedSearch: true,
        searchStrategy: "max",
        enableSource: true,
        enableCitation: true,
        citationFormat: "[ref_<number>]",
        prependSearchResult: false,
        enableSearchExtension: true,
        freshness: 7,
        assignedSiteList: ["a.test"],
        intentionOptions: { prompt_intervene: "x" },
        promptIntervene: "y"
      },
      tools: [weather],
      toolChoice: { type: "function", function: { name: "get_current_weather" } },
      parallelToolCalls: true,
      toolStream: true,
      responseFormat: { type: "json_schema", jsonSchema: { name: "answer", schema: { type: "object" }, strict: true } },
      logprobs: true,
      topLogprobs: 2,
      enableCodeInterpreter: true,
      translationOptions: {
        sourceLang: "auto",
        targetLang: "English",
        domains: "IT",
        terms: [{ source: "传感器", target: "sensor" }],
        tmList: [{ source: "你好", target: "hello" }]
      },
      vlHighResolutionImages: true,
      vlEnableImageHwOutput: true,
      enableTextImageMixed: true,
      outputFormat: "model_summary_report",
      extra: { x_parameter: [1], top_p: 0.9 }
    }
    assert.deepStrictEqual(sent({ model, messages: hello, ...parameters }), {
      model,
      input: { messages: [{ role: "user", content: "Hello" }], customized_model_id: "custom-1", x_input: true },
      parameters: {
        result_format: "message",
        temperature: 0.5,
        // What is in `extra` wins.
        top_p: 0.9,
        top_k: null,
        seed: 1234,
        max_tokens: 100,
        max_completion_tokens: 200,
        max_length: 300,
        stop: [[37763, 367]],
        repetition_penalty: 1.1,
        presence_penalty: -0.5,
        n: 1,
        incremental_output: false,
        enable_thinking: false,
        thinking_budget: 50,
        preserve_thinking: true,
        reasoning_effort: "high",
        clear_thinking: false,
        enable_search: true,
        search_options: {
          forced_search: true,
          search_strategy: "max",
          enable_source: true,
          enable_citation: true,
          citation_format: "[ref_<number>]",
          prepend_search_result: false,
          enable_search_extension: true,
          freshness: 7,
          assigned_site_list: ["a.test"],
          intention_options: { prompt_intervene: "x" },
          prompt_intervene: "y"
        },
        tools: [weather],
        tool_choice: { type: "function", function: { name: "get_current_weather" } },
        parallel_tool_calls: true,
        tool_stream: true,
        response_format: {
          type: "json_schema",
          json_schema: { name: "answer", schema: { type: "object" }, strict: true }
        },
        logprobs: true,
        top_logprobs: 2,
        enable_code_interpreter: true,
        translation_options: {
          source_lang: "auto",
          target_lang: "English",
          domains: "IT",
          terms: [{ source: "传感器", target: "sensor" }],
          tm_list: [{ source: "你好", target: "hello" }]
        },
        vl_high_resolution_images: true,
        vl_enable_image_hw_output: true,
        enable_text_image_mixed: true,
        output_format: "model_summary_report",
        x_parameter: [1]
      }
    })
  })

  it("sends no field that was not given, or given as undefined", () => {
    assert.deepStrictEqual(
      sent({ model, messages: hello, prompt: "", history: [], temperature: undefined, searchOptions: {}, extra: {} }),
      {
        model,
        input: { messages: [{ role: "user", content: "Hello" }] },
        parameters: { result_format: "message", search_options: {} }
      }
    )
  })

  it("is refused for models that answer on the other path, and these can be told before", () => {
    for (const name of ["qwen3-vl-plus", "Qwen3.6-Plus", "qwen-omni-turbo", "qvq-max"]) {
      assert.isTrue(Generation.isMultimodalOnly(name), name)
      assert.isTrue(Either.isLeft(encode({ model: name, messages: hello })), name)
    }
    for (const name of [model, "qwen3-max", "deepseek-v3", "my-vl-model"]) {
      assert.isFalse(Generation.isMultimodalOnly(name), name)
    }
  })

  it("leaves the caller's values alone", () => {
    const params: GenerationParams = { model, messages: hello, prompt: "More", extra: { x: 1 }, stop: ["a"] }
    const before = JSON.stringify(params)
    encode(params)
    assert.strictEqual(JSON.stringify(params), before)
  })
})

describe("parameters that cannot be sent", () => {
  const tools = [weather]
  const named = (name: string) => [{ type: "function", function: { name } } as const]
  const rows: ReadonlyArray<readonly [field: string, params: GenerationParams]> = [
    ["model", { model: "", messages: hello }],
    ["model", { model: "  ", messages: hello }],
    // @ts-expect-error a model is required
    ["model", { messages: hello }],
    ["messages", { model }],
    ["messages", { model, messages: [], prompt: "", history: [] }],
    ["messages", { model, extraInput: {} }],
    ["history", { model, messages: hello, history: [{ user: "a", bot: "b" }] }],
    ["customizedModelId", { model: "bailian-v1", prompt: "Hello" }],
    ["temperature", { model, messages: hello, temperature: NaN }],
    ["topP", { model, messages: hello, topP: Infinity }],
    // @ts-expect-error texts and token ids do not mix
    ["stop", { model, messages: hello, stop: ["a", 1] }],
    // @ts-expect-error token ids and lists of them do not mix
    ["stop", { model, messages: hello, stop: [1, [2]] }],
    ["topLogprobs", { model, messages: hello, topLogprobs: 2 }],
    ["topLogprobs", { model, messages: hello, topLogprobs: 2, logprobs: false }],
    ["n", { model, messages: hello, tools, n: 2 }],
    ["resultFormat", { model, messages: hello, tools, resultFormat: "text" }],
    ["tools", { model, messages: hello, tools: named("") }],
    ["tools", { model, messages: hello, tools: named("x".repeat(65)) }],
    ["tools", { model, messages: hello, tools: named("search") }],
    ["resultFormat", { model, messages: hello, enableThinking: true, resultFormat: "text" }],
    ["toolChoice", { model, messages: hello, enableThinking: true, tools, toolChoice: "required" }],
    ["responseFormat", { model, messages: hello, enableThinking: true, responseFormat: { type: "json_object" } }],
    ["messages", { model, messages: hello, prompt: "More", translationOptions: { targetLang: "English" } }],
    ["messages", { model, messages: [Message.system("a")], translationOptions: { targetLang: "English" } }],
    // @ts-expect-error no such role
    ["messages", { model, messages: [{ role: "nobody", content: "a" }] }],
    // @ts-expect-error content is missing
    ["messages", { model, messages: [{ role: "user" }] }]
  ]

  it.each(rows)("%s: %j", (field, params) => {
    const error = Either.getOrThrow(Either.flip(encode(params)))
    assert.strictEqual(error._tag, "InputRequired")
    assert.strictEqual(error.field, field)
  })

  it("are not refused for what only the service can judge", () => {
    const rows: ReadonlyArray<GenerationParams> = [
      { model, messages: hello, temperature: 3, topP: 0, n: 9, presencePenalty: -5, seed: -1 },
      { model, messages: hello, tools, n: 1 },
      { model, messages: hello, tools: [], n: 2 },
      { model, messages: hello, topLogprobs: 0 },
      { model, messages: [Message.assistant("Spring", { partial: true })] },
      { model, messages: hello, toolChoice: "auto", enableThinking: true },
      { model, history: [{ user: "a", bot: "b" }] },
      { model, extraInput: { x_new_form: 1 } },
      { model, prompt: "你好", translationOptions: { targetLang: "English" } }
    ]
    for (const params of rows) assert.isTrue(Either.isRight(encode(params)), JSON.stringify(params))
  })
})

describe("plugins", () => {
  it("go into a header, escaped to ASCII", () => {
    const plugins = { search: { 名: "é😀" } }
    const headers = Either.getOrThrow(encodeHeaders({ model, prompt: "a", plugins }))
    const value = headers?.["x-dashscope-plugin"] ?? ""
    assert.match(value, /^[\x20-\x7e]+$/)
    assert.deepStrictEqual(JSON.parse(value), plugins)
    assert.deepStrictEqual(Either.getOrThrow(encodeHeaders({ model, prompt: "a", plugins: "{\"a\":{}}" })), {
      "x-dashscope-plugin": "{\"a\":{}}"
    })
    assert.isUndefined(Either.getOrThrow(encodeHeaders({ model, prompt: "a" })))
  })

  it("are any JSON", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.dictionary(FastCheck.string(), FastCheck.jsonValue()), (plugins) => {
        const headers = Either.getOrThrow(encodeHeaders({ model, prompt: "a", plugins }))
        const value = headers?.["x-dashscope-plugin"] ?? ""
        assert.match(value, /^[\x20-\x7e]+$/)
        assert.deepStrictEqual(JSON.parse(value), JSON.parse(JSON.stringify(plugins)))
      })
    )
  })
})
