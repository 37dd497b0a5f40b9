/**
 * Messages as the compatible mode takes them: content is a text, or a list of parts with a type each.
 *
 * @internal
 */
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import type { InputRequired } from "../../DashScopeError.js"
import * as Media from "../../Media.js"
import type { ChatMessage } from "../chat/turns.js"
import { messageNames, partNames, rename, Wrong } from "../chat/wireMessages.js"
import { isRecord } from "../core/record.js"
import { inputRequired } from "../protocol/invalid.js"

type Json = Readonly<Record<string, unknown>>

const noUpload =
  "a temporary upload (oss://) needs a header that a line of a batch has not got; use a storage of your own"

const noFile = "a batch reads no file from the disk; give a URL that the service can read, or Media.bytes"

/** A piece of media as a URL. Nothing is read or sent for it here. */
const urlOf = (source: unknown, place: string): string | Wrong => {
  if (Media.isMedia(source)) {
    switch (source._tag) {
      case "MediaUrl":
        return urlOf(source.url, place)
      case "MediaBytes":
        return source.bytes.length === 0
          ? new Wrong(place, "it is empty")
          : `data:${source.mediaType};base64,${Encoding.encodeBase64(source.bytes)}`
      case "MediaFile":
        return new Wrong(place, noFile)
    }
  }
  if (typeof source !== "string") return new Wrong(place, "must be a Media, or a URL as a text")
  if (source.trim() === "") return new Wrong(place, "the URL is empty")
  return source.startsWith("oss://") ? new Wrong(place, noUpload) : source
}

/** A value of the wire, with URLs for the media in it. */
const withUrls = (value: unknown, place: string): unknown => {
  if (Media.isMedia(value)) return urlOf(value, place)
  if (typeof value === "string" && value.startsWith("oss://")) return new Wrong(place, noUpload)
  if (Array.isArray(value)) {
    const items = value.map((item: unknown, i) => withUrls(item, `${place}.${i}`))
    return items.find((item) => item instanceof Wrong) ?? items
  }
  if (!isRecord(value)) return value
  const entries = Object.entries(value).map(([key, inner]) => [key, withUrls(inner, `${place}.${key}`)] as const)
  return entries.find(([, inner]) => inner instanceof Wrong)?.[1] ?? Object.fromEntries(entries)
}

/** The format of a recording, as the compatible mode names it. */
const audioFormat = (url: string): string | undefined => {
  const type = url.startsWith("data:")
    ? /^data:audio\/([\w.-]+)/.exec(url)?.[1]
    : Media.typeOf(url.replace(/[?#].*$/, ""))?.replace(/^audio\//, "")
  return type === "mpeg" ? "mp3" : type === "x-wav" ? "wav" : type?.includes("/") === true ? undefined : type
}

const isWrong = (u: unknown): u is Wrong => u instanceof Wrong

/** A part of `Message`, which has a type. */
const typedPart = (part: Json): Json | Wrong => {
  const { type, ...rest } = part
  switch (type) {
    case "text":
      return typeof rest["text"] === "string" ? rename(part, partNames) : new Wrong(".text", "must be a text")
    case "image_url": {
      const { imageUrl, ...others } = rest
      const given = isRecord(imageUrl) ? imageUrl : {}
      const url = urlOf(given["url"], ".imageUrl.url")
      return isWrong(url) ? url : { type, image_url: { ...given, url }, ...rename(others, partNames) }
    }
    case "other": {
      const made = withUrls(rest["part"], ".part")
      return isWrong(made) ? made : isRecord(made) ? made : new Wrong(".part", "must be an object")
    }
    case "doc_url":
      return new Wrong("", "the compatible mode takes no documents by their URLs")
    default:
      return new Wrong("", "is no part; one of a type that has no name here is made by Message.part")
  }
}

const videoPart = (video: unknown, options: Json): Json | Wrong => {
  if (!Array.isArray(video)) {
    const url = urlOf(video, ".video")
    return isWrong(url) ? url : { type: "video_url", video_url: { url }, ...options }
  }
  if (video.length === 0) return new Wrong(".video", "a list of frames must not be empty")
  const frames = video.map((frame: unknown, i) => urlOf(frame, `.video.${i}`))
  return frames.find(isWrong) ?? { type: "video", video: frames, ...options }
}

/** A part of `MultiModalMessage`, which is told by its key. */
const keyedPart = (part: Json): Json | Wrong => {
  const { audio, enableRotate, image, text, video, ...beside } = part
  if (enableRotate !== undefined) return new Wrong(".enableRotate", "the compatible mode does not turn pictures")
  const options = rename(beside, partNames)
  if (image !== undefined) {
    const url = urlOf(image, ".image")
    return isWrong(url) ? url : { type: "image_url", image_url: { url }, ...options }
  }
  if (video !== undefined) return videoPart(video, options)
  if (audio !== undefined) {
    const url = urlOf(audio, ".audio")
    if (isWrong(url)) return url
    const format = audioFormat(url)
    return {
      type: "input_audio",
      input_audio: { data: url, ...(format === undefined ? undefined : { format }) },
      ...options
    }
  }
  return typeof text === "string"
    ? { type: "text", text, ...options }
    : new Wrong("", "is no part of a message: it needs one of image, video, audio and text")
}

const encodeContent = (content: unknown): unknown => {
  if (content === null || content === undefined || typeof content === "string") return content
  if (!Array.isArray(content)) return new Wrong("", "must be a text or a list of parts")
  const out: Array<Json> = []
  for (let i = 0; i < content.length; i++) {
    const part: unknown = content[i]
    if (!isRecord(part)) return new Wrong(`.${i}`, "is no part of a message")
    const made = part["type"] === undefined ? keyedPart(part) : typedPart(part)
    if (isWrong(made)) return new Wrong(`.${i}${made.place}`, made.description)
    out.push(made)
  }
  return out
}

const roles: ReadonlySet<unknown> = new Set(["system", "user", "assistant", "tool"])

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
    const { role } = message
    if (!roles.has(role)) {
      return Either.left(inputRequired(`messages.${i}.role`, `the compatible mode has no role ${JSON.stringify(role)}`))
    }
    const content = encodeContent(message["content"])
    if (isWrong(content)) {
      return Either.left(inputRequired(`messages.${i}.content${content.place}`, content.description))
    }
    out.push({ ...rename(message, messageNames), content })
  }
  return Either.right(out)
}
