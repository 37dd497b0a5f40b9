/**
 * What was said in a session, and what there is to say next: as the chat of the same simulator would.
 */
import type { JsonObject } from "../core/json.js"
import { asArray, asObject, asString } from "../core/json.js"
import { countTokens } from "../core/tokens.js"
import { chinese } from "../generation/phrases.js"
import { generation } from "../generation/service.js"
import type { ToolCall } from "../generation/tools.js"
import { functionOf } from "./settings.js"

/** @internal */
export interface Thought {
  readonly text: string
  readonly calls: ReadonlyArray<ToolCall>
  readonly inputTokens: number
}

/** @internal */
export class Memory {
  private messages: Array<JsonObject> = []

  user(text: string): void {
    this.messages.push({ role: "user", content: text })
  }

  assistant(text: string): void {
    if (text !== "") {
      this.messages.push({ role: "assistant", content: text })
    }
  }

  called(calls: ReadonlyArray<ToolCall>): void {
    this.messages.push({
      role: "assistant",
      content: "",
      tool_calls: calls.map((call) => ({
        id: call.id,
        type: "function",
        function: { name: call.name, arguments: call.arguments }
      }))
    })
  }

  /** The result of a call; whether there was such a call. */
  result(callId: unknown, output: unknown): boolean {
    const isKnown = this.messages.some((message) =>
      (asArray(message.tool_calls) ?? []).some((call) => asObject(call)?.id === callId)
    )
    if (isKnown) {
      this.messages.push({ role: "tool", tool_call_id: callId, content: asString(output) ?? JSON.stringify(output) })
    }
    return isKnown
  }

  /** What is said next. */
  next(session: JsonObject, id: string, images: number): Thought {
    const tools = (asArray(session.tools) ?? []).map((tool) => ({ type: "function", function: functionOf(tool) }))
    const instructions = asString(session.instructions) ?? ""
    const system = instructions === "" ? [] : [{ role: "system", content: instructions }]
    const messages = [...system, ...this.messages.length === 0 ? [{ role: "user", content: "?" }] : this.messages]
    const answer = generation({
      body: {
        model: "qwen-plus",
        input: { messages },
        parameters: {
          result_format: "message",
          parallel_tool_calls: true,
          ...(tools.length === 0 ? {} : { tools }),
          ...(session.tool_choice === "none" || asObject(session.tool_choice) !== undefined
            ? { tool_choice: session.tool_choice }
            : {})
        }
      },
      streamed: false,
      requestId: id
    })
    const inputTokens = messages.reduce((sum, { content }) => sum + countTokens(asString(content) ?? ""), 0)
    if (answer._tag !== "Success") {
      const text = answer._tag === "Failure" ? answer.message : ""
      return { text, calls: [], inputTokens }
    }
    const output = asObject(answer.whole().output)
    const message = asObject(asObject(asArray(output?.choices)?.[0])?.message)
    const text = asString(message?.content) ?? ""
    return {
      text: images === 0 ? text : seen(images, text),
      calls: (asArray(message?.tool_calls) ?? []).map(callOf),
      inputTokens
    }
  }
}

const seen = (images: number, text: string): string =>
  chinese.test(text) ? `收到了 ${images} 张图片。${text}` : `I was given ${images} images. ${text}`

const callOf = (value: unknown): ToolCall => {
  const call = asObject(value)
  const called = asObject(call?.function)
  return {
    id: asString(call?.id) ?? "",
    name: asString(called?.name) ?? "",
    arguments: asString(called?.arguments) ?? "{}"
  }
}
