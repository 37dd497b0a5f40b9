/** An image, an audio or a document; what it really costs is the model's to say. @internal */
export const perAttachment = 1000

/** Han, kana and Hangul, with the punctuation that goes with them. */
const isCjk = (code: number): boolean =>
  (code >= 0x2e80 && code <= 0x9fff) || (code >= 0xac00 && code <= 0xd7af) || (code >= 0xf900 && code <= 0xfaff) ||
  (code >= 0xff00 && code <= 0xffef)

/**
 * About how many tokens a text takes, rather too many than too few: one for three and a half Latin letters, three for four
 * Chinese characters, one for any other character. By UTF-16 units, so that an emoji counts as two.
 *
 * @internal
 */
export const ofText = (text: string): number => {
  let ascii = 0
  let cjk = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x80) ascii++
    else if (isCjk(code)) cjk++
  }
  return ascii / 3.5 + cjk * 0.75 + (text.length - ascii - cjk)
}

/**
 * The same for all texts in a JSON value, wherever they are. Media that are written into it count as attachments, and so do
 * addresses of media.
 *
 * @internal
 */
export const within = (value: unknown): number => {
  if (typeof value === "string") return isMedia(value) ? perAttachment : ofText(value)
  if (typeof value !== "object" || value === null) return 0
  let sum = 0
  if (Array.isArray(value)) {
    for (const item of value) sum += within(item)
    return sum
  }
  for (const name in value) sum += within((value as Readonly<Record<string, unknown>>)[name])
  return sum
}

const isMedia = (text: string): boolean =>
  text.startsWith("data:") ||
  ((text.startsWith("http") || text.startsWith("oss:")) && /^(?:https?|oss):\/\/\S+$/.test(text))
