/** Applications. */
import { Application, Message } from "effect-dashscope"
import * as Stream from "effect/Stream"
import type { ServiceCase } from "./case.js"
import { key } from "./case.js"

const appId = "an-agent"
const prompt = "你好，我叫小明"
const app_id = appId
const output = ["output.text", "output.finish_reason", "output.session_id", "usage.models.0.input_tokens"]
const streamed = ["output.text", "output.session_id", "usage.models.0.output_tokens"]

/** The first that a simulator gives. */
const sessionId = "4aa9123d4c419b20982bd136d558a942"

const messages = [
  { role: "system", content: "You are a helpful assistant." },
  { role: "user", content: "What is 1+1?" }
]

const java = (fields: object, method = "call") => ({
  call: `app.Application.${method}`,
  arguments: [{ $: "app.ApplicationParam", apiKey: key, appId, ...fields }]
})

export const applications: ReadonlyArray<ServiceCase> = [
  {
    name: "application",
    ours: (options) => Application.call({ appId, prompt }, options),
    gives: output,
    python: { call: "Application.call", arguments: { app_id, prompt } },
    client: "apps.completions.create",
    java: java({ prompt })
  },
  {
    name: "application-session",
    ours: (options) => Application.call({ appId, prompt: "我叫什么名字？", sessionId }, options),
    gives: output,
    python: {
      call: "Application.call",
      arguments: { app_id, prompt: "我叫什么名字？", session_id: sessionId }
    },
    client: "apps.completions.create",
    java: java({ prompt: "我叫什么名字？", sessionId })
  },
  {
    name: "application-messages",
    ours: (options) =>
      Application.call({
        appId,
        messages: [Message.system("You are a helpful assistant."), Message.user("What is 1+1?")]
      }, options),
    gives: output,
    python: { call: "Application.call", arguments: { app_id, messages } },
    client: "apps.completions.create",
    java: java({
      messages: messages.map((message) => ({ $: "common.Message", ...message }))
    })
  },
  {
    name: "application-parameters",
    ours: (options) =>
      Application.call({
        appId,
        prompt,
        memoryId: "memory-1",
        imageList: ["https://example.com/a.png"],
        hasThoughts: true,
        topP: 0.5,
        topK: 10,
        seed: 7,
        temperature: 0.25,
        enableThinking: true,
        ragOptions: {
          pipelineIds: ["kb-1"],
          fileIds: ["file-1"],
          tags: ["tag-1"],
          metadataFilter: { name: "a" },
          structuredFilter: { name: "b" },
          sessionFileIds: ["file-2"]
        }
      }, options),
    gives: [...output, "output.thoughts.0.action_type", "output.doc_references.0.title"],
    python: {
      call: "Application.call",
      arguments: {
        app_id,
        prompt,
        memory_id: "memory-1",
        image_list: ["https://example.com/a.png"],
        has_thoughts: true,
        top_p: 0.5,
        top_k: 10,
        seed: 7,
        temperature: 0.25,
        enable_thinking: true,
        rag_options: {
          pipeline_ids: ["kb-1"],
          file_ids: ["file-1"],
          tags: ["tag-1"],
          metadata_filter: { name: "a" },
          structured_filter: { name: "b" },
          session_file_ids: ["file-2"]
        }
      }
    },
    client: {
      call: "apps.completions.create",
      arguments: {
        app_id,
        prompt,
        memory_id: "memory-1",
        image_list: ["https://example.com/a.png"],
        has_thoughts: true,
        top_p: 0.5,
        top_k: 10,
        seed: 7,
        temperature: 0.25,
        rag_options: {
          pipeline_ids: ["kb-1"],
          file_ids: ["file-1"],
          tags: ["tag-1"],
          metadata_filter: { name: "a" },
          structured_filter: { name: "b" },
          session_file_ids: ["file-2"]
        },
        parameters: { enable_thinking: true }
      }
    },
    java: java({
      prompt,
      memoryId: "memory-1",
      images: ["https://example.com/a.png"],
      hasThoughts: true,
      topP: 0.5,
      topK: 10,
      seed: 7,
      temperature: 0.25,
      enableThinking: true,
      ragOptions: {
        $: "app.RagOptions",
        pipelineIds: ["kb-1"],
        fileIds: ["file-1"],
        tags: ["tag-1"],
        metadataFilter: { name: "a" },
        structuredFilter: { name: "b" },
        sessionFileIds: ["file-2"]
      }
    })
  },
  {
    name: "application-variables",
    ours: (options) =>
      Application.call({
        appId: "a-workflow",
        prompt: "Write the report",
        bizParams: { city: "杭州" },
        fileList: ["https://example.com/a.pdf"],
        docReferenceType: "indexed",
        docTagCodes: ["tag-1"]
      }, options),
    gives: ["output.text", "output.finish_reason", "output.session_id"],
    python: {
      call: "Application.call",
      arguments: {
        app_id: "a-workflow",
        prompt: "Write the report",
        biz_params: { city: "杭州" },
        file_list: ["https://example.com/a.pdf"],
        doc_reference_type: "indexed",
        doc_tag_codes: ["tag-1"]
      }
    },
    client: "apps.completions.create"
  },
  {
    name: "application-stream",
    stream: true,
    ours: (options) => Stream.runDrain(Application.stream({ appId, prompt }, options)),
    gives: streamed,
    python: { call: "Application.call", arguments: { app_id, prompt, stream: true } },
    client: "apps.completions.create",
    java: java({ prompt }, "streamCall")
  },
  {
    name: "application-stream-increments",
    stream: true,
    ours: (options) => Stream.runDrain(Application.stream({ appId, prompt, incrementalOutput: true }, options)),
    gives: streamed,
    python: { call: "Application.call", arguments: { app_id, prompt, stream: true, incremental_output: true } },
    client: "apps.completions.create",
    java: java({ prompt, incrementalOutput: true }, "streamCall")
  },
  {
    name: "application-stream-totals",
    stream: true,
    ours: (options) => Stream.runDrain(Application.stream({ appId, prompt, incrementalOutput: false }, options)),
    gives: streamed,
    python: { call: "Application.call", arguments: { app_id, prompt, stream: true, incremental_output: false } },
    client: "apps.completions.create",
    java: java({ prompt, incrementalOutput: false }, "streamCall")
  },
  {
    name: "application-workflow-stream",
    stream: true,
    ours: (options) =>
      Stream.runDrain(
        Application.stream({
          appId: "a-workflow",
          prompt: "Write the report",
          bizParams: { city: "杭州" },
          incrementalOutput: true,
          flowStreamMode: "message_format"
        }, options)
      ),
    gives: ["output.workflow_message.message.content", "output.workflow_message.node_status", "output.session_id"],
    python: {
      call: "Application.call",
      arguments: {
        app_id: "a-workflow",
        prompt: "Write the report",
        biz_params: { city: "杭州" },
        stream: true,
        incremental_output: true,
        flow_stream_mode: "message_format"
      }
    },
    client: {
      call: "apps.completions.create",
      arguments: {
        app_id: "a-workflow",
        prompt: "Write the report",
        biz_params: { city: "杭州" },
        stream: true,
        incremental_output: true,
        parameters: { flow_stream_mode: "message_format" }
      }
    },
    java: java({
      appId: "a-workflow",
      prompt: "Write the report",
      bizParams: { city: "杭州" },
      incrementalOutput: true,
      flowStreamMode: "MESSAGE_FORMAT"
    }, "streamCall")
  }
]
