/**
 * Whether the tool calls of a history are answered, which the service insists on.
 *
 * @internal
 */
import * as Message from "../../Message.js"
import type { ChatMessage } from "./turns.js"

/** Messages of the role function, which is older, answer no call by the service's rules. */
const isAnswer = (message: ChatMessage): message is Message.ToolMessage => message.role === "tool"

const callsOf = (message: ChatMessage): ReadonlyArray<Message.ToolCall> =>
  message.role === "assistant" ? message.toolCalls ?? [] : []

const noCalls: ReadonlyArray<Message.ToolCall> = []

/** The calls of the message at this place that no message right after it answers. */
const unansweredAt = (
  messages: ReadonlyArray<ChatMessage>,
  place: number
): { readonly calls: ReadonlyArray<Message.ToolCall>; readonly end: number } => {
  const message = messages[place]
  const left = message === undefined ? [] : [...callsOf(message)]
  let end = place + 1
  for (; left.length > 0; end++) {
    const next = messages[end]
    if (next === undefined || !isAnswer(next)) break
    const id = next.toolCallId
    const answered = id === undefined ? 0 : left.findIndex((call) => call.id === id)
    if (answered >= 0) left.splice(answered, 1)
  }
  return { calls: left.length === 0 ? noCalls : left, end }
}

const isCalling = (message: ChatMessage): boolean => callsOf(message).length > 0

/** @internal The first calls that are not answered, and where they stand; nothing where all are. */
export const unanswered = (
  messages: ReadonlyArray<ChatMessage>
): { readonly place: number; readonly calls: ReadonlyArray<Message.ToolCall> } | undefined => {
  for (let place = 0; place < messages.length; place++) {
    const message = messages[place]
    if (message === undefined || !isCalling(message)) continue
    const { calls } = unansweredAt(messages, place)
    if (calls.length > 0) return { place, calls }
  }
  return undefined
}

const notRun = (call: Message.ToolCall): Message.ToolMessage =>
  Message.tool("The call was not carried out.", { toolCallId: call.id, name: call.function.name })

/**
 * A history in which each call has an answer: those that nobody carried out are answered with that. The same array where
 * nothing is missing.
 *
 * @internal
 */
export const answered = (messages: ReadonlyArray<Message.Message>): ReadonlyArray<Message.Message> => {
  if (unanswered(messages) === undefined) return messages
  const out: Array<Message.Message> = []
  for (let place = 0; place < messages.length; place++) {
    const message = messages[place]
    if (message === undefined) continue
    out.push(message)
    if (!isCalling(message)) continue
    const { calls, end } = unansweredAt(messages, place)
    if (calls.length === 0) continue
    out.push(...messages.slice(place + 1, end), ...calls.map(notRun))
    place = end - 1
  }
  return out
}
