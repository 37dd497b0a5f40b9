/** Smaller services of language: tokens, understanding, code. */
import { CodeGeneration, Message, Tokenization, Understanding } from "effect-dashscope"
import * as Stream from "effect/Stream"
import type { ServiceCase } from "./case.js"
import { key } from "./case.js"

const counted = ["output.token_ids.0", "output.tokens.0", "usage.input_tokens"]

const nlu = { model: "opennlu-v1", sentence: "老师今天表扬我了", labels: "积极，消极" }

const code = {
  model: "tongyi-lingma-v1",
  scene: "nl2code",
  message: [{ role: "user", content: "计算给定路径下所有文件的总大小" }, {
    role: "attachment",
    meta: { language: "java" }
  }]
} as const

const written = ["output.choices.0.content", "output.choices.0.finish_reason", "usage.output_tokens"]

const pythonCode = {
  ...code,
  message: [
    { $: "aigc.code_generation.UserRoleMessageParam", content: code.message[0].content },
    { $: "aigc.code_generation.AttachmentRoleMessageParam", meta: { language: "java" } }
  ]
}

const javaCode = (method: string) => ({
  call: `aigc.codegeneration.CodeGeneration.${method}`,
  arguments: [{
    $: "aigc.codegeneration.CodeGenerationParam",
    apiKey: key,
    model: code.model,
    scene: code.scene,
    message: [
      { $: "aigc.codegeneration.models.UserRoleMessageParam", content: code.message[0].content },
      { $: "aigc.codegeneration.models.AttachmentRoleMessageParam", meta: { language: "java" } }
    ]
  }]
})

const javaUnderstanding = (fields: object) => ({
  call: "nlp.understanding.Understanding.call",
  arguments: [{ $: "nlp.understanding.UnderstandingParam", apiKey: key, ...nlu, ...fields }]
})

const javaTokenization = (fields: object) => ({
  call: "tokenizers.Tokenization.call",
  arguments: [{ $: "aigc.generation.GenerationParam", apiKey: key, model: "qwen-plus", ...fields }]
})

export const language: ReadonlyArray<ServiceCase> = [
  {
    name: "tokens-of-prompt",
    ours: (options) => Tokenization.call({ model: "qwen-plus", prompt: "如何做土豆炖猪脚？" }, options),
    gives: counted,
    python: { call: "Tokenization.call", arguments: { model: "qwen-plus", prompt: "如何做土豆炖猪脚？" } },
    client: "tokenization.count",
    java: javaTokenization({ prompt: "如何做土豆炖猪脚？" }),
    callbacks: true
  },
  {
    name: "tokens-of-messages",
    ours: (options) => Tokenization.call({ model: "qwen-plus", messages: [Message.user("How are you?")] }, options),
    gives: counted,
    python: {
      call: "Tokenization.call",
      arguments: { model: "qwen-plus", messages: [{ role: "user", content: "How are you?" }] }
    },
    client: "tokenization.count",
    java: javaTokenization({ messages: [{ $: "common.Message", role: "user", content: "How are you?" }] })
  },
  {
    name: "understanding",
    ours: (options) => Understanding.call(nlu, options),
    gives: ["output.text", "usage.total_tokens"],
    python: { call: "Understanding.call", arguments: nlu },
    java: javaUnderstanding({}),
    callbacks: true
  },
  {
    name: "understanding-classification",
    ours: (options) => Understanding.call({ ...nlu, task: "classification" }, options),
    gives: ["output.text", "output.rt"],
    python: { call: "Understanding.call", arguments: { ...nlu, task: "classification" } },
    java: javaUnderstanding({ task: "classification" })
  },
  {
    name: "code",
    ours: (options) => CodeGeneration.call(code, options),
    gives: written,
    python: { call: "CodeGeneration.call", arguments: pythonCode },
    java: javaCode("call"),
    callbacks: true
  },
  {
    name: "code-stream",
    stream: true,
    ours: (options) => Stream.runDrain(CodeGeneration.stream(code, options)),
    gives: written,
    python: { call: "CodeGeneration.call", arguments: { ...pythonCode, stream: true } },
    java: javaCode("streamCall")
  }
]
