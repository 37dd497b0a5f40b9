/**
 * The same requests twice: as a user of this library writes them, and as a user of the official SDKs does. Both are
 * written out, so that neither is derived from the other.
 */
import type { DashScopeClient, Generation } from "effect-dashscope"
import { Message } from "effect-dashscope"

type Json = string | number | boolean | null | ReadonlyArray<Json> | { readonly [key: string]: Json }

export interface Case {
  /** Goes into the key, so it has no spaces. */
  readonly name: string
  readonly stream: boolean
  readonly params: Generation.GenerationParams
  readonly options?: DashScopeClient.CallOptions
  /** What follows the simulator's base URL in the option `endpoint`. */
  readonly endpoint?: string
  /** The arguments of the Python SDK's `Generation.call`; the program in Java has its builders for them. */
  readonly official: { readonly [name: string]: Json }
}

const model = "qwen-plus"
const system = "You are a helpful assistant."
const question = "What is 1+1?"

const ours = [Message.system(system), Message.user(question)]
const theirs = [{ role: "system", content: system }, { role: "user", content: question }]

/** The one that the documentation of connection reuse shows. */
const chat = { params: { model, messages: ours }, official: { model, messages: theirs, result_format: "message" } }

const schema = {
  type: "object",
  properties: { location: { type: "string", description: "A city." } },
  required: ["location"]
} as const

const tool = {
  type: "function",
  function: { name: "get_current_weather", description: "The weather of a city.", parameters: schema }
} as const

const weather = "What is the weather in Hangzhou?"

const call = {
  id: "call_1",
  type: "function",
  index: 0,
  function: { name: "get_current_weather", arguments: "{\"location\":\"Hangzhou\"}" }
} as const

const calls: ReadonlyArray<Omit<Case, "stream">> = [
  { name: "chat", ...chat },
  { name: "nothing-but-messages", params: { model, messages: ours }, official: { model, messages: theirs } },
  {
    name: "prompt",
    params: { model, prompt: question, resultFormat: "text" },
    official: { model, prompt: question, result_format: "text" }
  },
  {
    name: "prompt-and-messages",
    params: { model, messages: ours, prompt: "And 2+2?" },
    official: { model, messages: theirs, prompt: "And 2+2?", result_format: "message" }
  },
  {
    name: "history",
    params: { model, prompt: "And 2+2?", history: [{ user: question, bot: "2" }], resultFormat: "text" },
    official: { model, prompt: "And 2+2?", history: [{ user: question, bot: "2" }], result_format: "text" }
  },
  {
    name: "other-scripts",
    params: { model, messages: [Message.user("你好，世界 🌏 “é” \u2028 \\ \" \n \u0007")] },
    official: {
      model,
      messages: [{ role: "user", content: "你好，世界 🌏 “é” \u2028 \\ \" \n \u0007" }],
      result_format: "message"
    }
  },
  {
    name: "sampling",
    params: {
      model,
      messages: ours,
      temperature: 0.7,
      topP: 0.8,
      topK: 50,
      seed: 1234,
      maxTokens: 100,
      repetitionPenalty: 1.5,
      presencePenalty: 0.5,
      stop: ["END", "。"]
    },
    official: {
      model,
      messages: theirs,
      result_format: "message",
      temperature: 0.7,
      top_p: 0.8,
      top_k: 50,
      seed: 1234,
      max_tokens: 100,
      repetition_penalty: 1.5,
      presence_penalty: 0.5,
      stop: ["END", "。"]
    }
  },
  {
    name: "tools",
    params: { model, messages: [Message.user(weather)], tools: [tool], toolChoice: "auto", parallelToolCalls: true },
    official: {
      model,
      messages: [{ role: "user", content: weather }],
      result_format: "message",
      tools: [tool],
      tool_choice: "auto",
      parallel_tool_calls: true
    }
  },
  {
    name: "one-tool",
    params: {
      model,
      messages: [Message.user(weather)],
      tools: [tool],
      toolChoice: { type: "function", function: { name: "get_current_weather" } }
    },
    official: {
      model,
      messages: [{ role: "user", content: weather }],
      result_format: "message",
      tools: [tool],
      tool_choice: { type: "function", function: { name: "get_current_weather" } }
    }
  },
  {
    name: "tool-results",
    params: {
      model,
      messages: [
        Message.user(weather),
        Message.assistant("", { toolCalls: [call] }),
        Message.tool("24 degrees", { toolCallId: "call_1", name: "get_current_weather" })
      ],
      tools: [tool]
    },
    official: {
      model,
      messages: [
        { role: "user", content: weather },
        { role: "assistant", content: "", tool_calls: [call] },
        { role: "tool", content: "24 degrees", tool_call_id: "call_1", name: "get_current_weather" }
      ],
      result_format: "message",
      tools: [tool]
    }
  },
  {
    name: "no-tool",
    params: { model, messages: ours, tools: [tool], toolChoice: "none" },
    official: { model, messages: theirs, result_format: "message", tools: [tool], tool_choice: "none" }
  },
  {
    name: "parts",
    params: {
      model,
      messages: [
        Message.user([
          Message.text("A long text.", { cacheControl: Message.ephemeral }),
          Message.text(question),
          Message.imageUrl("https://example.com/a.png")
        ])
      ]
    },
    official: {
      model,
      messages: [{
        role: "user",
        content: [
          { type: "text", text: "A long text.", cache_control: { type: "ephemeral" } },
          { type: "text", text: question },
          { type: "image_url", image_url: { url: "https://example.com/a.png" } }
        ]
      }],
      result_format: "message"
    }
  },
  {
    name: "earlier-thoughts",
    params: {
      model,
      messages: [
        Message.user(question),
        Message.assistant("2", { reasoningContent: "One and one." }),
        Message.user("And 2+2?")
      ]
    },
    official: {
      model,
      messages: [
        { role: "user", content: question },
        { role: "assistant", content: "2", reasoning_content: "One and one." },
        { role: "user", content: "And 2+2?" }
      ],
      result_format: "message"
    }
  },
  {
    name: "thinking",
    params: { model, messages: ours, enableThinking: true, thinkingBudget: 50 },
    official: { model, messages: theirs, result_format: "message", enable_thinking: true, thinking_budget: 50 }
  },
  {
    name: "search",
    params: {
      model,
      messages: ours,
      enableSearch: true,
      searchOptions: {
        forcedSearch: true,
        searchStrategy: "max",
        enableSource: true,
        enableCitation: true,
        citationFormat: "[ref_<number>]"
      }
    },
    official: {
      model,
      messages: theirs,
      result_format: "message",
      enable_search: true,
      search_options: {
        forced_search: true,
        search_strategy: "max",
        enable_source: true,
        enable_citation: true,
        citation_format: "[ref_<number>]"
      }
    }
  },
  {
    name: "json",
    params: {
      model,
      messages: [Message.user("Say hello in JSON.")],
      responseFormat: { type: "json_object" }
    },
    official: {
      model,
      messages: [{ role: "user", content: "Say hello in JSON." }],
      result_format: "message",
      response_format: { type: "json_object" }
    }
  },
  {
    name: "logprobs",
    params: { model, messages: ours, n: 2, logprobs: true, topLogprobs: 2 },
    official: { model, messages: theirs, result_format: "message", n: 2, logprobs: true, top_logprobs: 2 }
  },
  {
    name: "translation",
    params: {
      model: "qwen-mt-plus",
      messages: [Message.user("我看到这个视频后没有笑")],
      translationOptions: {
        sourceLang: "Chinese",
        targetLang: "English",
        domains: "Subtitles of videos.",
        terms: [{ source: "视频", target: "clip" }]
      }
    },
    official: {
      model: "qwen-mt-plus",
      messages: [{ role: "user", content: "我看到这个视频后没有笑" }],
      result_format: "message",
      translation_options: {
        source_lang: "Chinese",
        target_lang: "English",
        domains: "Subtitles of videos.",
        terms: [{ source: "视频", target: "clip" }]
      }
    }
  },
  {
    name: "partial",
    params: { model, messages: [...ours, Message.assistant("1+1 equals", { partial: true })] },
    official: {
      model,
      messages: [...theirs, { role: "assistant", content: "1+1 equals", partial: true }],
      result_format: "message"
    }
  },
  {
    name: "unknown-parameters",
    params: { model, messages: ours, extra: { some_new_switch: true, some_new_object: { inside: ["a", "b"] } } },
    official: {
      model,
      messages: theirs,
      result_format: "message",
      some_new_switch: true,
      some_new_object: { inside: ["a", "b"] }
    }
  },
  {
    name: "headers",
    params: { model, messages: ours },
    options: { workspace: "ws-1", headers: { "X-Of-Mine": "yes", "user-agent": "mine/1" } },
    official: {
      model,
      messages: theirs,
      result_format: "message",
      workspace: "ws-1",
      headers: { "X-Of-Mine": "yes", "user-agent": "mine/1" }
    }
  },
  {
    name: "plugins",
    params: { model, messages: ours, plugins: { code_interpreter: {} } },
    official: { model, messages: theirs, result_format: "message", plugins: { code_interpreter: {} } }
  },
  { name: "trailing-slash", ...chat, endpoint: "/", official: { ...chat.official, base_address: "/" } }
]

const streams: ReadonlyArray<Omit<Case, "stream">> = [
  { name: "stream", ...chat },
  {
    name: "stream-increments",
    params: { ...chat.params, incrementalOutput: true },
    official: { ...chat.official, incremental_output: true }
  },
  {
    name: "stream-totals",
    params: { ...chat.params, incrementalOutput: false },
    official: { ...chat.official, incremental_output: false }
  },
  {
    name: "stream-totals-qwen3",
    params: { ...chat.params, model: "qwen3-max", incrementalOutput: false },
    official: { ...chat.official, model: "qwen3-max", incremental_output: false }
  },
  {
    name: "stream-tools",
    params: { model, messages: [Message.user(weather)], tools: [tool], incrementalOutput: true },
    official: {
      model,
      messages: [{ role: "user", content: weather }],
      result_format: "message",
      tools: [tool],
      incremental_output: true
    }
  },
  {
    name: "stream-thinking",
    params: { ...chat.params, enableThinking: true, incrementalOutput: true },
    official: { ...chat.official, enable_thinking: true, incremental_output: true }
  }
]

export const cases: ReadonlyArray<Case> = [
  ...calls.map((one) => ({ ...one, stream: false })),
  ...streams.map((one) => ({ ...one, stream: true }))
]

/** The cases as the programs in other languages read them. */
export const casesJson: string = JSON.stringify(
  cases.map(({ name, official, stream }) => ({ name, stream, arguments: official }))
)
