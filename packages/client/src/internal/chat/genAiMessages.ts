/**
 * What is said, as the JSON that the GenAI conventions of OpenTelemetry have for it ("Input messages JSON schema",
 * "Output messages JSON schema"), within so many characters.
 *
 * @internal
 */
import type { GenerationResult } from "../../GenerationResult.js"
import * as Results from "../../GenerationResult.js"
import type * as Message from "../../Message.js"
import { cut } from "../core/schemaIssues.js"
import type { ChatMessage } from "./turns.js"

type Part = Readonly<Record<string, unknown>>

/** What may still be written. */
class Allowance {
  constructor(private remaining: number) {}

  get isSpent(): boolean {
    return this.remaining <= 0
  }

  take(text: string): string {
    const taken = cut(text, Math.max(0, this.remaining))
    this.remaining -= text.length
    return taken
  }
}

const textPart = (content: string): Part => ({ type: "text", content })

type SaidPart = Exclude<ChatMessage["content"], string | null>[number]

const isTyped = (part: SaidPart): part is Message.ContentPart => "type" in part

/** A URL; of what was given as bytes or as a file, what it is. */
const place = (source: unknown): string => typeof source === "string" ? source : JSON.stringify(source)

const mediaPart = (part: Exclude<SaidPart, Message.ContentPart>, allowance: Allowance): Part => {
  if ("text" in part) return textPart(allowance.take(part.text))
  if ("image" in part) return { type: "uri", modality: "image", uri: allowance.take(place(part.image)) }
  if ("video" in part) return { type: "uri", modality: "video", uri: allowance.take(place(part.video)) }
  return { type: "uri", modality: "audio", uri: allowance.take(place(part.audio)) }
}

const partOf = (part: SaidPart, allowance: Allowance): Part => {
  if (!isTyped(part)) return mediaPart(part, allowance)
  switch (part.type) {
    case "text":
      return textPart(allowance.take(part.text))
    case "image_url":
      return { type: "uri", modality: "image", uri: allowance.take(part.imageUrl.url) }
    case "doc_url":
      return { type: "uri", modality: "document", uri: allowance.take(part.docUrl.join(" ")) }
    case "other":
      return { type: String(part.part["type"]), content: allowance.take(JSON.stringify(part.part)) }
  }
}

const contentParts = (content: ChatMessage["content"], allowance: Allowance): Array<Part> => {
  if (content === null || content === "") return []
  if (typeof content === "string") return [textPart(allowance.take(content))]
  const parts: Array<Part> = []
  for (const part of content) {
    if (allowance.isSpent) break
    parts.push(partOf(part, allowance))
  }
  return parts
}

const callPart = ({ function: { arguments: args, name }, id }: Message.ToolCall, allowance: Allowance): Part => ({
  type: "tool_call",
  id,
  name,
  arguments: allowance.take(args)
})

const partsOf = (message: ChatMessage, allowance: Allowance): Array<Part> => {
  const parts = contentParts(message.content, allowance)
  switch (message.role) {
    case "tool":
      return [{
        type: "tool_call_response",
        id: message.toolCallId ?? "",
        response: parts.length === 1 ? parts[0]?.["content"] : parts
      }]
    case "assistant":
      return [...parts, ...(message.toolCalls ?? []).map((call) => callPart(call, allowance))]
    default:
      return parts
  }
}

/** To be looked at must not hurt a call, even where callers without types have put anything into it. */
const orNothing = (write: () => string): string | undefined => {
  try {
    return write()
  } catch {
    return undefined
  }
}

/** `gen_ai.input.messages`. The newest come first where not all have room: they are what is answered. @internal */
export const inputMessages = (messages: ReadonlyArray<ChatMessage>, limit: number): string | undefined =>
  orNothing(() => {
    const allowance = new Allowance(limit)
    const out: Array<unknown> = []
    for (const message of [...messages].reverse()) {
      if (allowance.isSpent) break
      out.push({ role: message.role, parts: partsOf(message, allowance) })
    }
    return JSON.stringify(out.reverse())
  })

/** `gen_ai.output.messages`: one for each choice. The reasons are known even where the text was cut. @internal */
export const outputMessages = (
  result: GenerationResult,
  limit: number,
  finishReasons?: ReadonlyMap<number, string>
): string | undefined =>
  orNothing(() => {
    const allowance = new Allowance(limit)
    return JSON.stringify(result.output.choices.map((choice) => {
      const { finishReason, index, message: { reasoningContent, role } } = choice
      const only: GenerationResult = { output: { choices: [choice] } }
      const text = Results.text(only)
      return {
        role: role ?? "assistant",
        parts: [
          ...(reasoningContent ? [{ type: "reasoning", content: allowance.take(reasoningContent) }] : []),
          ...(text === "" ? [] : [textPart(allowance.take(text))]),
          ...Results.toolCalls(only).map((call) => callPart(call, allowance))
        ],
        finish_reason: finishReasons?.get(index ?? 0) ?? finishReason ?? ""
      }
    }))
  })
