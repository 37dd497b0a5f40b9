import type * as Message from "../../Message.js"

/** The marks around a message, and its role. */
const perMessage = 4

/** An image or a document; what it really costs is the model's to say. */
const perAttachment = 1000

/** Han, kana and Hangul, with the punctuation that goes with them. */
const isCjk = (code: number): boolean =>
  (code >= 0x2e80 && code <= 0x9fff) || (code >= 0xac00 && code <= 0xd7af) || (code >= 0xf900 && code <= 0xfaff) ||
  (code >= 0xff00 && code <= 0xffef)

/** By UTF-16 units, so that an emoji counts as two. */
const ofText = (text: string): number => {
  let ascii = 0
  let cjk = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x80) ascii++
    else if (isCjk(code)) cjk++
  }
  return ascii / 3.5 + cjk * 0.75 + (text.length - ascii - cjk)
}

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
