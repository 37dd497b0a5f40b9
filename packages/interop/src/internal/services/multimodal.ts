/** Conversations with models that see, hear and speak. */
import { Message, MultiModalConversation, MultiModalMessage } from "effect-dashscope"
import * as Stream from "effect/Stream"
import type { Json, ServiceCase } from "./case.js"
import { key } from "./case.js"

const model = "qwen3-vl-plus"
const image = "https://example.com/cat.png"
const audio = "https://example.com/hello.wav"
const video = "https://example.com/film.mp4"
const frames = [1, 2, 3, 4].map((number) => `https://example.com/frame-${number}.png`)
const question = "What is in this picture?"
const speech = { model: "qwen3-tts-flash", text: "你好，我是千问。", voice: "Cherry" }

const { user } = MultiModalMessage

const said = ["output.choices.0.message.content.0.text", "output.choices.0.finish_reason", "usage.input_tokens"]
const streamed = ["output.choices.0.message.content.0.text", "usage.output_tokens"]
/** The client of Python 2 gives parts as they are, and a text as a text. */
const ofClient = ["choices.0.message.content", "choices.0.finish_reason", "usage.input_tokens"]

const tool = {
  type: "function",
  function: {
    name: "find_breed",
    description: "Finds the breed of an animal.",
    parameters: { type: "object", properties: { animal: { type: "string" } }, required: ["animal"] }
  }
} as const

const toolCall = {
  id: "call_1",
  type: "function",
  index: 0,
  function: { name: "find_breed", arguments: "{\"animal\":\"cat\"}" }
} as const

const toolMessages = [
  { role: "user", content: [{ image }, { text: "Which breed is it?" }] },
  { role: "assistant", content: [{ text: "I look." }], tool_calls: [toolCall] },
  { role: "tool", content: [{ text: "Maine Coon" }], tool_call_id: "call_1", name: "find_breed" }
]

const ask = (...content: ReadonlyArray<{ readonly [name: string]: Json }>) => [{ role: "user", content }]

const python = (fields: { readonly [name: string]: Json }) => ({
  python: { call: "MultiModalConversation.call", arguments: fields },
  pythonAsync: "AioMultiModalConversation.call"
})

const java = (fields: object, method = "call") => ({
  call: `aigc.multimodalconversation.MultiModalConversation.${method}`,
  arguments: [{ $: "aigc.multimodalconversation.MultiModalConversationParam", apiKey: key, ...fields }]
})

const javaMessages = (messages: ReadonlyArray<{ readonly [name: string]: Json }>) =>
  messages.map((message) => ({ $: "common.MultiModalMessage", ...message }))

const javaTool = {
  $: "tools.ToolFunction",
  function: { $: "tools.FunctionDefinition", ...tool.function }
}

const seen = ask({ image }, { text: question })

export const multimodal: ReadonlyArray<ServiceCase> = [
  {
    name: "see",
    ours: (options) =>
      MultiModalConversation.call({
        model,
        messages: [user([MultiModalMessage.image(image), MultiModalMessage.text(question)])]
      }, options),
    gives: said,
    ...python({ model, messages: seen }),
    client: { call: "multimodal.chat.create", arguments: { model, messages: seen }, gives: ofClient },
    java: java({ model, messages: javaMessages(seen) }),
    callbacks: true
  },
  {
    name: "see-text-alone",
    ours: (options) =>
      MultiModalConversation.call({
        model: "qwen3.6-plus",
        messages: [Message.system("You are a helpful assistant."), Message.user("What is 1+1?")]
      }, options),
    gives: said,
    ...python({
      model: "qwen3.6-plus",
      messages: [
        { role: "system", content: [{ text: "You are a helpful assistant." }] },
        { role: "user", content: [{ text: "What is 1+1?" }] }
      ]
    }),
    client: {
      call: "multimodal.chat.create",
      arguments: {
        model: "qwen3.6-plus",
        messages: [
          { role: "system", content: [{ text: "You are a helpful assistant." }] },
          { role: "user", content: [{ text: "What is 1+1?" }] }
        ]
      },
      gives: ofClient
    },
    java: java({
      model: "qwen3.6-plus",
      messages: javaMessages([
        { role: "system", content: [{ text: "You are a helpful assistant." }] },
        { role: "user", content: [{ text: "What is 1+1?" }] }
      ])
    })
  },
  {
    name: "see-parameters",
    ours: (options) =>
      MultiModalConversation.call({
        model,
        messages: [user([
          MultiModalMessage.image(image, { minPixels: 3136, maxPixels: 1_003_520 }),
          MultiModalMessage.text(question)
        ])],
        temperature: 0.5,
        topP: 0.75,
        topK: 20,
        seed: 7,
        maxTokens: 50,
        presencePenalty: 0.25,
        enableThinking: true,
        thinkingBudget: 20
      }, options),
    gives: [...said, "output.choices.0.message.reasoning_content"],
    ...python({
      model,
      messages: ask({ image, min_pixels: 3136, max_pixels: 1_003_520 }, { text: question }),
      temperature: 0.5,
      top_p: 0.75,
      top_k: 20,
      seed: 7,
      max_tokens: 50,
      presence_penalty: 0.25,
      enable_thinking: true,
      thinking_budget: 20
    }),
    client: {
      call: "multimodal.chat.create",
      arguments: {
        model,
        messages: ask({ image, min_pixels: 3136, max_pixels: 1_003_520 }, { text: question }),
        temperature: 0.5,
        top_p: 0.75,
        top_k: 20,
        seed: 7,
        max_tokens: 50,
        presence_penalty: 0.25,
        enable_thinking: true,
        thinking_budget: 20
      },
      gives: [...ofClient, "choices.0.message.reasoning_content"]
    },
    java: java({
      model,
      messages: javaMessages(ask({ image, min_pixels: 3136, max_pixels: 1_003_520 }, { text: question })),
      temperature: 0.5,
      topP: 0.75,
      topK: 20,
      seed: 7,
      maxTokens: 50,
      presencePenalty: 0.25,
      enableThinking: true,
      thinkingBudget: 20
    })
  },
  {
    name: "watch",
    ours: (options) =>
      MultiModalConversation.call({
        model,
        messages: [
          user([MultiModalMessage.video(video, { fps: 2 }), MultiModalMessage.text("What happens?")]),
          MultiModalMessage.assistant([MultiModalMessage.text("A cat walks.")]),
          user([MultiModalMessage.video(frames, { fps: 1 }), MultiModalMessage.text("And here?")])
        ]
      }, options),
    gives: said,
    ...python({
      model,
      messages: [
        { role: "user", content: [{ video, fps: 2 }, { text: "What happens?" }] },
        { role: "assistant", content: [{ text: "A cat walks." }] },
        { role: "user", content: [{ video: frames, fps: 1 }, { text: "And here?" }] }
      ]
    }),
    client: {
      call: "multimodal.chat.create",
      arguments: {
        model,
        messages: [
          { role: "user", content: [{ video, fps: 2 }, { text: "What happens?" }] },
          { role: "assistant", content: [{ text: "A cat walks." }] },
          { role: "user", content: [{ video: frames, fps: 1 }, { text: "And here?" }] }
        ]
      },
      gives: ofClient
    },
    java: java({
      model,
      messages: javaMessages([
        { role: "user", content: [{ video, fps: 2 }, { text: "What happens?" }] },
        { role: "assistant", content: [{ text: "A cat walks." }] },
        { role: "user", content: [{ video: frames, fps: 1 }, { text: "And here?" }] }
      ])
    })
  },
  {
    name: "see-with-tools",
    ours: (options) =>
      MultiModalConversation.call({
        model,
        messages: [user([MultiModalMessage.image(image), MultiModalMessage.text("Which breed is it?")])],
        tools: [tool],
        toolChoice: "auto",
        parallelToolCalls: true
      }, options),
    gives: ["output.choices.0.message.tool_calls.0.function.name"],
    ...python({
      model,
      messages: ask({ image }, { text: "Which breed is it?" }),
      tools: [tool],
      tool_choice: "auto",
      parallel_tool_calls: true
    }),
    client: {
      call: "multimodal.chat.create",
      arguments: {
        model,
        messages: ask({ image }, { text: "Which breed is it?" }),
        tools: [tool],
        tool_choice: "auto",
        parallel_tool_calls: true
      },
      gives: ["choices.0.message.tool_calls.0.function.name"]
    },
    java: java({
      model,
      messages: javaMessages(ask({ image }, { text: "Which breed is it?" })),
      tools: [javaTool],
      toolChoice: "auto",
      parallelToolCalls: true
    })
  },
  {
    name: "see-tool-results",
    ours: (options) =>
      MultiModalConversation.call({
        model,
        messages: [
          user([MultiModalMessage.image(image), MultiModalMessage.text("Which breed is it?")]),
          MultiModalMessage.assistant([MultiModalMessage.text("I look.")], { toolCalls: [toolCall] }),
          MultiModalMessage.tool([MultiModalMessage.text("Maine Coon")], { toolCallId: "call_1", name: "find_breed" })
        ],
        tools: [tool]
      }, options),
    gives: said,
    ...python({ model, messages: toolMessages, tools: [tool] }),
    client: {
      call: "multimodal.chat.create",
      arguments: { model, messages: toolMessages, tools: [tool] },
      gives: ofClient
    },
    java: java({
      model,
      messages: javaMessages([
        { role: "user", content: [{ image }, { text: "Which breed is it?" }] },
        { role: "assistant", content: [{ text: "I look." }], toolCalls: [toolCall] },
        { role: "tool", content: [{ text: "Maine Coon" }], toolCallId: "call_1", name: "find_breed" }
      ]),
      tools: [javaTool]
    })
  },
  {
    name: "read",
    ours: (options) =>
      MultiModalConversation.call({
        model: "qwen-vl-ocr",
        messages: [user([
          MultiModalMessage.image(image, { minPixels: 3136, maxPixels: 6_422_528, enableRotate: true })
        ])],
        ocrOptions: {
          task: "key_information_extraction",
          taskConfig: { resultSchema: { number: "The number of the invoice" } }
        }
      }, options),
    gives: ["output.choices.0.message.content.0.ocr_result.kv_result"],
    ...python({
      model: "qwen-vl-ocr",
      messages: ask({ image, min_pixels: 3136, max_pixels: 6_422_528, enable_rotate: true }),
      ocr_options: {
        task: "key_information_extraction",
        task_config: { result_schema: { number: "The number of the invoice" } }
      }
    }),
    java: java({
      model: "qwen-vl-ocr",
      messages: javaMessages(ask({ image, min_pixels: 3136, max_pixels: 6_422_528, enable_rotate: true })),
      ocrOptions: {
        $: "aigc.multimodalconversation.OcrOptions",
        task: "KEY_INFORMATION_EXTRACTION",
        taskConfig: {
          $: "aigc.multimodalconversation.OcrOptions$TaskConfig",
          resultSchema: { number: "The number of the invoice" }
        }
      }
    })
  },
  {
    name: "hear",
    ours: (options) =>
      MultiModalConversation.call({
        model: "qwen3-asr-flash",
        messages: [
          MultiModalMessage.system([MultiModalMessage.text("")]),
          user([MultiModalMessage.audio(audio)])
        ],
        asrOptions: { language: "zh", enableItn: true }
      }, options),
    gives: ["output.choices.0.message.content.0.text", "output.choices.0.message.annotations.0.language"],
    ...python({
      model: "qwen3-asr-flash",
      messages: [{ role: "system", content: [{ text: "" }] }, ...ask({ audio })],
      asr_options: { language: "zh", enable_itn: true }
    }),
    java: java({
      model: "qwen3-asr-flash",
      messages: javaMessages([{ role: "system", content: [{ text: "" }] }, ...ask({ audio })]),
      parameters: { asr_options: { language: "zh", enable_itn: true } }
    })
  },
  {
    name: "paint",
    ours: (options) =>
      MultiModalConversation.call({
        model: "qwen-image",
        messages: [user([MultiModalMessage.text("A cat on a mat")])],
        size: "1328*1328",
        negativePrompt: "people",
        promptExtend: true,
        watermark: false
      }, options),
    gives: ["output.choices.0.message.content.0.image", "usage.image_count"],
    ...python({
      model: "qwen-image",
      messages: ask({ text: "A cat on a mat" }),
      size: "1328*1328",
      negative_prompt: "people",
      prompt_extend: true,
      watermark: false
    }),
    java: java({
      model: "qwen-image",
      messages: javaMessages(ask({ text: "A cat on a mat" })),
      size: "1328*1328",
      negativePrompt: "people",
      promptExtend: true,
      watermark: false
    })
  },
  {
    name: "speak",
    ours: (options) => MultiModalConversation.call({ ...speech, languageType: "Chinese" }, options),
    gives: ["output.audio.url", "output.audio.id"],
    python: { call: "audio.qwen_tts.SpeechSynthesizer.call", arguments: { ...speech, language_type: "Chinese" } },
    client: {
      call: "audio.tts.http.synthesize",
      arguments: { ...speech, language_type: "Chinese" },
      gives: ["audio_url", "audio_id"]
    },
    asyncClient: false,
    java: java({ model: speech.model, text: speech.text, voice: "CHERRY", languageType: "Chinese" })
  },
  {
    name: "speak-in-conversation",
    ours: (options) => MultiModalConversation.call({ ...speech, languageType: "Chinese" }, options),
    gives: ["output.audio.url", "output.audio.id"],
    ...python({ ...speech, language_type: "Chinese" })
  },
  {
    name: "see-stream",
    stream: true,
    ours: (options) =>
      Stream.runDrain(
        MultiModalConversation.stream({
          model,
          messages: [user([MultiModalMessage.image(image), MultiModalMessage.text(question)])]
        }, options)
      ),
    gives: streamed,
    ...python({ model, messages: seen, stream: true }),
    client: {
      call: "multimodal.chat.create",
      arguments: { model, messages: seen, stream: true },
      gives: ["choices.0.delta.content"]
    },
    java: java({ model, messages: javaMessages(seen) }, "streamCall"),
    callbacks: true
  },
  {
    name: "see-stream-increments",
    stream: true,
    ours: (options) =>
      Stream.runDrain(
        MultiModalConversation.stream({
          model,
          messages: [user([MultiModalMessage.image(image), MultiModalMessage.text(question)])],
          incrementalOutput: true
        }, options)
      ),
    gives: streamed,
    ...python({ model, messages: seen, stream: true, incremental_output: true }),
    java: java({ model, messages: javaMessages(seen), incrementalOutput: true }, "streamCall")
  },
  {
    name: "see-stream-totals",
    stream: true,
    ours: (options) =>
      Stream.runDrain(
        MultiModalConversation.stream({
          model: "qwen-vl-plus",
          messages: [user([MultiModalMessage.image(image), MultiModalMessage.text(question)])],
          incrementalOutput: false
        }, options)
      ),
    gives: streamed,
    ...python({ model: "qwen-vl-plus", messages: seen, stream: true, incremental_output: false }),
    java: java({ model: "qwen-vl-plus", messages: javaMessages(seen), incrementalOutput: false }, "streamCall")
  },
  {
    name: "talk-stream",
    stream: true,
    ours: (options) =>
      Stream.runDrain(
        MultiModalConversation.stream({
          model: "qwen3-omni-flash",
          messages: [user([MultiModalMessage.audio(audio), MultiModalMessage.text("Answer me.")])],
          modalities: ["text", "audio"],
          audio: { voice: "Cherry", format: "wav" },
          incrementalOutput: true
        }, options)
      ),
    gives: ["output.choices.0.message.content.0.text", "output.audio.data"],
    ...python({
      model: "qwen3-omni-flash",
      messages: ask({ audio }, { text: "Answer me." }),
      modalities: ["text", "audio"],
      audio: { voice: "Cherry", format: "wav" },
      stream: true,
      incremental_output: true
    }),
    java: java({
      model: "qwen3-omni-flash",
      messages: javaMessages(ask({ audio }, { text: "Answer me." })),
      modalities: ["text", "audio"],
      audio: { $: "aigc.multimodalconversation.AudioParameters", voice: "CHERRY" },
      parameters: { audio: { voice: "Cherry", format: "wav" } },
      incrementalOutput: true
    }, "streamCall")
  },
  {
    name: "speak-stream",
    stream: true,
    ours: (options) => Stream.runDrain(MultiModalConversation.stream({ ...speech, languageType: "Chinese" }, options)),
    gives: ["output.audio.data", "output.audio.url"],
    python: {
      call: "audio.qwen_tts.SpeechSynthesizer.call",
      arguments: { ...speech, language_type: "Chinese", stream: true }
    },
    client: {
      call: "audio.tts.http.stream",
      arguments: { ...speech, language_type: "Chinese" },
      gives: ["audio", "audio_url"]
    },
    asyncClient: false,
    java: java({ model: speech.model, text: speech.text, voice: "CHERRY", languageType: "Chinese" }, "streamCall")
  }
]
