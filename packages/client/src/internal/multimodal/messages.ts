/**
 * Messages as the multimodal path takes them: content is a list of parts with one key each.
 *
 * @internal
 */
import * as Either from "effect/Either"
import type { InputRequired } from "../../DashScopeError.js"
import * as Media from "../../Media.js"
import type { ChatMessage } from "../chat/turns.js"
import { messageNames, partNames, rename, Wrong } from "../chat/wireMessages.js"
import { isRecord } from "../core/record.js"
import { inputRequired } from "../protocol/invalid.js"

type Json = Record<string, unknown>

/** Characters of one inline item; the service refuses more. */
const mostInline = 10_485_760

const sourceProblem = (source: unknown, place: string): Wrong | undefined => {
  const url = source instanceof Media.MediaUrl ? source.url : source
  if (typeof url !== "string") {
    return Media.isMedia(source) ? undefined : new Wrong(place, "must be a Media, or a URL as a text")
  }
  if (url.trim() === "") return new Wrong(place, "the URL is empty")
  return url.startsWith("data:") && url.length > mostInline
    ? new Wrong(
      place,
      `a data URL has at most ${mostInline} characters; give larger media as Media.bytes or Media.file`
    )
    : undefined
}

const mediaProblem = (key: string, value: unknown): Wrong | undefined => {
  if (key !== "video" || !Array.isArray(value)) return sourceProblem(value, `.${key}`)
  if (value.length === 0) return new Wrong(".video", "a list of frames must not be empty")
  for (let i = 0; i < value.length; i++) {
    const wrong = sourceProblem(value[i], `.video.${i}`)
    if (wrong !== undefined) return wrong
  }
  return undefined
}

const media = ["image", "video", "audio"] as const

/** A part of `Message`, which text generation takes. */
const typedPart = (part: Json): Json | Wrong => {
  const { type, ...rest } = part
  switch (type) {
    case "text":
      return typeof rest["text"] === "string" ? rename(rest, partNames) : new Wrong(".text", "must be a text")
    case "image_url": {
      const { imageUrl, ...others } = rest
      const url = isRecord(imageUrl) ? imageUrl["url"] : undefined
      return sourceProblem(url, ".imageUrl.url") ?? { image: url, ...rename(others, partNames) }
    }
    case "other":
      return isRecord(rest["part"]) ? rest["part"] : new Wrong(".part", "must be an object")
    case "doc_url":
      return new Wrong("", "documents are for text generation: use Generation with qwen-doc-turbo")
    default:
      return new Wrong("", "is no part; one of a type that has no name here is made by MultiModalMessage.part")
  }
}

const encodePart = (part: unknown): Json | Wrong => {
  if (!isRecord(part)) return new Wrong("", "is no part of a message: an object with image, video, audio or text")
  if (part["type"] !== undefined) return typedPart(part)
  for (const key of media) {
    const wrong = part[key] === undefined ? undefined : mediaProblem(key, part[key])
    if (wrong !== undefined) return wrong
  }
  return typeof part["text"] === "string" || media.some((key) => part[key] !== undefined)
    ? rename(part, partNames)
    : new Wrong("", "is no part of a message: it needs one of image, video, audio and text")
}

const encodeContent = (content: unknown): ReadonlyArray<Json> | Wrong => {
  if (content === null || content === undefined || content === "") return []
  if (typeof content === "string") return [{ text: content }]
  if (!Array.isArray(content)) return new Wrong("", "must be a text or a list of parts")
  const out: Array<Json> = []
  for (let i = 0; i < content.length; i++) {
    const part = encodePart(content[i])
    if (part instanceof Wrong) return new Wrong(`.${i}${part.place}`, part.description)
    out.push(part)
  }
  return out
}

/** @internal */
export const encodeMessages = (
  messages: ReadonlyArray<ChatMessage>
): Either.Either<ReadonlyArray<Json>, InputRequired> => {
  const out: Array<Json> = []
  for (let i = 0; i < messages.length; i++) {
    const message: unknown = messages[i]
    if (!isRecord(message) || typeof message["role"] !== "string") {
      return Either.left(inputRequired(`messages.${i}`, "is no message: an object with role and content"))
    }
    const content = encodeContent(message["content"])
    if (content instanceof Wrong) {
      return Either.left(inputRequired(`messages.${i}.content${content.place}`, content.description))
    }
    out.push({ ...rename(message, messageNames), content })
  }
  return Either.right(out)
}
