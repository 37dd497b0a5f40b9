import type * as Message from "../../Message.js"
import { ofText, perAttachment } from "../core/textTokens.js"

/** The marks around a message, and its role. */
const perMessage = 4

const ofContent = (content: Message.Content | null): number => {
  if (content === null) return 0
  if (typeof content === "string") return ofText(content)
  return content.reduce((sum, part) => sum + (part.type === "text" ? ofText(part.text) : perAttachment), 0)
}

/**
 * About how many tokens a message takes, rather too many than too few: one for three and a half Latin letters, three for
 * four Chinese characters, one for any other character.
 *
 * @internal
 */
export const estimate = (message: Message.Message): number => {
  let sum = perMessage + ofContent(message.content)
  if (message.role === "assistant") {
    sum += ofText(message.reasoningContent ?? "")
    for (const call of message.toolCalls ?? []) {
      sum += perMessage + ofText(call.function.name) + ofText(call.function.arguments)
    }
  }
  return Math.ceil(sum)
}
