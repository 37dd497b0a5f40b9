/**
 * What a program gives as a prompt, as the core makes it a `Prompt`.
 *
 * The core decodes messages by their Schema, which costs a tenth of a whole call. Messages of plain text have one form only, which is
 * made here; all others go to the core. `Prompt.makeMessage` and
 * `Prompt.makePart` would make them too, at several times the cost.
 */
import * as Prompt from "@effect/ai/Prompt"
import * as Predicate from "effect/Predicate"
import { ofMessage, ofPromptPart } from "./marks.js"

const textPart = (text: string): Prompt.TextPart => ({ type: "text", text, options: {}, [ofPromptPart]: ofPromptPart })

/** Programs without types may give anything. */
const isPlain = (given: unknown): given is Readonly<Record<string, unknown>> =>
  Predicate.isRecord(given) && given["options"] === undefined

const plainParts = (content: unknown): Array<Prompt.TextPart> | undefined => {
  if (typeof content === "string") return [textPart(content)]
  if (!Array.isArray(content)) return undefined
  const parts: Array<Prompt.TextPart> = []
  for (const part of content) {
    if (!isPlain(part) || part["type"] !== "text" || typeof part["text"] !== "string") return undefined
    parts.push(textPart(part["text"]))
  }
  return parts
}

const plainMessage = (message: unknown): Prompt.Message | undefined => {
  if (!isPlain(message)) return undefined
  const { content, role } = message
  if (role === "system") {
    return typeof content === "string" ? { role, content, options: {}, [ofMessage]: ofMessage } : undefined
  }
  if (role !== "user" && role !== "assistant") return undefined
  const parts = plainParts(content)
  return parts === undefined ? undefined : { role, content: parts, options: {}, [ofMessage]: ofMessage }
}

const plainMessages = (messages: ReadonlyArray<unknown>): Array<Prompt.Message> | undefined => {
  const made: Array<Prompt.Message> = []
  for (const message of messages) {
    const one = plainMessage(message)
    if (one === undefined) return undefined
    made.push(one)
  }
  return made
}

/** As `Prompt.make`, which throws where the input is no prompt. */
export const make = (input: Prompt.RawInput): Prompt.Prompt => {
  const plain = Array.isArray(input) ? plainMessages(input) : undefined
  return plain === undefined ? Prompt.make(input) : Prompt.fromMessages(plain)
}
