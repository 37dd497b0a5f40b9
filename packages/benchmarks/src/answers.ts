/**
 * What every client sends and gets. The server and the workers both read it here, so that each answer can be checked.
 *
 * The text is the same in all shapes; what lies around it is what the protocol has around it, so bodies differ in size.
 */

export const model = "qwen-plus"

export const apiKey = "sk-0123456789abcdef0123456789abcdef"

export const system = "You are a helpful assistant. Answer briefly and in the language of the question."

export const question = "长城有多长？How long did it take to build, and which parts can a visitor walk today?"

/** The answer to a call without streaming. */
export const text =
  "明长城的人工墙体约为六千二百公里，连同壕堑和天然险要共约八千八百公里。Its parts were built over some two thousand " +
  "years; visitors mostly walk at Badaling, Mutianyu, Jinshanling and Jiayuguan."

const pieces = ["The ", "wall ", "长", "城", " was ", "built ", "over ", "two ", "thousand ", "years", "，", "分段 "]

const requestId = "5f2c9d7a-3b41-9e60-8c1d-7a90b4e2f613"
const usage = { input_tokens: 47, output_tokens: 61, total_tokens: 108 }

/** The text of a stream's event. */
export const piece = (index: number): string => pieces[index % pieces.length] ?? ""

/** How many characters a stream of so many events has in all. */
export const characters = (events: number): number => {
  let sum = 0
  for (let i = 0; i < events; i++) sum += piece(i).length
  return sum
}

/** The three protocols: DashScope's own, OpenAI's chat completions, OpenAI's responses. */
export type Shape = "native" | "chat" | "responses"

export const shapes: ReadonlyArray<Shape> = ["native", "chat", "responses"]

/** The path below the base URL that a client of that protocol asks for. */
export const paths: Readonly<Record<Shape, string>> = {
  native: "/services/aigc/text-generation/generation",
  chat: "/chat/completions",
  responses: "/responses"
}

const openAiUsage = { prompt_tokens: 47, completion_tokens: 61, total_tokens: 108 }

const response = (status: "in_progress" | "completed", output: ReadonlyArray<unknown>) => ({
  id: "resp_5f2c9d7a3b419e608c1d7a90b4e2f613",
  object: "response",
  created_at: 1760000000,
  status,
  error: null,
  incomplete_details: null,
  instructions: null,
  max_output_tokens: null,
  model,
  output,
  parallel_tool_calls: true,
  previous_response_id: null,
  store: true,
  temperature: 1,
  text: { format: { type: "text" } },
  tool_choice: "auto",
  tools: [],
  top_p: 1,
  truncation: "disabled",
  usage: status === "in_progress" ? null : {
    input_tokens: 47,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 61,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 108
  },
  metadata: {}
})

const message = (content: ReadonlyArray<unknown>, status: "in_progress" | "completed") => ({
  id: "msg_5f2c9d7a3b419e608c1d7a90b4e2f613",
  type: "message",
  status,
  role: "assistant",
  content
})

const answers: Readonly<Record<Shape, unknown>> = {
  native: {
    output: { choices: [{ finish_reason: "stop", message: { role: "assistant", content: text } }] },
    usage: { ...usage, prompt_tokens_details: { cached_tokens: 0 } },
    request_id: requestId
  },
  chat: {
    id: `chatcmpl-${requestId}`,
    object: "chat.completion",
    created: 1760000000,
    model,
    choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop", logprobs: null }],
    usage: { ...openAiUsage, prompt_tokens_details: { cached_tokens: 0 } },
    system_fingerprint: null
  },
  responses: response("completed", [
    message([{ type: "output_text", text, annotations: [], logprobs: [] }], "completed")
  ])
}

/** The body of the answer to a call without streaming. */
export const answerBody = (shape: Shape): string => JSON.stringify(answers[shape])

const event = (data: unknown, name?: string): string =>
  `${name === undefined ? "" : `event: ${name}\n`}data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`

const nativeEvent = (index: number, events: number): string =>
  `id:${index + 1}\nevent:result\n:HTTP_STATUS/200\ndata:${
    JSON.stringify({
      output: {
        choices: [{
          message: { content: piece(index), role: "assistant" },
          finish_reason: index === events - 1 ? "stop" : "null"
        }]
      },
      usage: { total_tokens: 48 + index, input_tokens: 47, output_tokens: index + 1 },
      request_id: requestId
    })
  }\n\n`

const chunk = (delta: unknown, finishReason: "stop" | null) => ({
  id: `chatcmpl-${requestId}`,
  object: "chat.completion.chunk",
  created: 1760000000,
  model,
  choices: [{ index: 0, delta, finish_reason: finishReason, logprobs: null }],
  usage: null,
  system_fingerprint: null
})

const responsesEvent = (type: string, sequence: number, more: object): string =>
  event({ type, sequence_number: sequence, ...more }, type)

/** The frames of a stream: one for each of its events, and those that the protocol adds before and after. */
export const frames = (shape: Shape, events: number): ReadonlyArray<string> => {
  const out: Array<string> = []
  switch (shape) {
    case "native": {
      for (let i = 0; i < events; i++) out.push(nativeEvent(i, events))
      return out
    }
    case "chat": {
      for (let i = 0; i < events; i++) out.push(event(chunk({ content: piece(i) }, null)))
      out.push(event(chunk({}, "stop")))
      out.push(event({ ...chunk({}, null), choices: [], usage: openAiUsage }), event("[DONE]"))
      return out
    }
    case "responses": {
      const empty = message([], "in_progress")
      out.push(responsesEvent("response.created", 0, { response: response("in_progress", []) }))
      out.push(responsesEvent("response.output_item.added", 1, { output_index: 0, item: empty }))
      for (let i = 0; i < events; i++) {
        out.push(responsesEvent("response.output_text.delta", i + 2, {
          item_id: empty.id,
          output_index: 0,
          content_index: 0,
          delta: piece(i),
          logprobs: []
        }))
      }
      out.push(responsesEvent("response.completed", events + 2, { response: response("completed", []) }))
      return out
    }
  }
}

/** The body that hand-written clients of the native protocol send. */
export const nativeRequest = (stream: boolean) => ({
  model,
  input: { messages: [{ role: "system", content: system }, { role: "user", content: question }] },
  parameters: stream ? { result_format: "message", incremental_output: true } : { result_format: "message" }
})
