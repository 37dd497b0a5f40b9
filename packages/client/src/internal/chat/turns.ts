import type { GenerationParams } from "../../GenerationParams.js"
import * as Message from "../../Message.js"

/**
 * Everything that the parameters say, as messages: those, else the turns of the older form, and then the prompt.
 *
 * @internal
 */
export const messagesOf = (params: GenerationParams): ReadonlyArray<Message.Message> => {
  // Callers without types may give none at all, which the call refuses.
  if (typeof params !== "object") return []
  const messages: Array<Message.Message> = [...params.messages ?? []]
  if (messages.length === 0) {
    for (const turn of params.history ?? []) messages.push(Message.user(turn.user), Message.assistant(turn.bot))
  }
  if (params.prompt !== undefined && params.prompt !== "") messages.push(Message.user(params.prompt))
  return messages
}

/** The parameters with these messages for all that they said. @internal */
export const withMessages = (
  params: GenerationParams,
  messages: ReadonlyArray<Message.Message>
): GenerationParams => {
  const { history: _, messages: __, prompt: ___, ...rest } = params
  return { ...rest, messages }
}
