import type { GenerationParams } from "../../GenerationParams.js"
import * as Message from "../../Message.js"
import type * as MultiModalMessage from "../../MultiModalMessage.js"

/** A message of any chat: those of text generation are among them. @internal */
export type ChatMessage = MultiModalMessage.MultiModalMessage

/** What the rooms here know of the parameters of any chat. @internal */
export interface ChatParams extends Omit<GenerationParams, "messages"> {
  readonly messages?: ReadonlyArray<ChatMessage> | undefined
}

/** The messages that the parameters of a chat have. @internal */
export type MessageOf<P extends ChatParams> = P extends { readonly messages?: ReadonlyArray<infer M> | undefined } ? M
  : never

/**
 * Everything that the parameters say, as messages: those, else the turns of the older form, and then the prompt.
 *
 * @internal
 */
export const messagesOf = (params: ChatParams): ReadonlyArray<ChatMessage> => {
  // Callers without types may give none at all, which the call refuses.
  if (typeof params !== "object") return []
  const messages: Array<ChatMessage> = [...params.messages ?? []]
  if (messages.length === 0) {
    for (const turn of params.history ?? []) messages.push(Message.user(turn.user), Message.assistant(turn.bot))
  }
  if (params.prompt !== undefined && params.prompt !== "") messages.push(Message.user(params.prompt))
  return messages
}

/** The parameters with these messages for all that they said. @internal */
export const withMessages = <P extends ChatParams>(params: P, messages: ReadonlyArray<ChatMessage>): P => {
  const { history: _, messages: __, prompt: ___, ...rest } = params
  // The messages are those of the parameters themselves, and of `Message`, which every chat takes.
  return { ...rest, messages } as unknown as P
}

/** The text in a content. @internal */
export const textOf = (content: ChatMessage["content"], separator: string): string =>
  typeof content === "string"
    ? content
    : (content ?? []).map((part) => "text" in part ? part.text : "").join(separator)
