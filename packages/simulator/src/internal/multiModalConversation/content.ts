/**
 * The content of multimodal messages: parts with one key each, whose media are checked.
 */
import { fnv } from "../core/hash.js"
import type { JsonObject } from "../core/json.js"
import { asArray, asObject } from "../core/json.js"
import type { MediumKind, Resolve } from "../core/media.js"
import { checkMedium, imageSize } from "../core/media.js"
import type { Message } from "../generation/chat.js"
import type { Medium } from "../generation/content.js"
import { noContent } from "../generation/content.js"
import type { ReadContent } from "../generation/request.js"
import type { Failure } from "../server/answer.js"
import { invalid, isFailure } from "../server/answer.js"

const notModal = invalid("The item of content should be a message of a certain modal.")

const kinds: ReadonlyArray<MediumKind> = ["image", "video", "audio"]

const frames = { least: 4, most: 512 }

const readMedium = (kind: MediumKind, value: unknown, resolve: Resolve): Medium | Failure => {
  const list = kind === "video" ? asArray(value) : undefined
  const urls = list ?? [value]
  if (!urls.every((url) => typeof url === "string")) {
    return invalid(`The ${kind} of a message should be a URL${kind === "video" ? " or a list of frames" : ""}.`)
  }
  if (list !== undefined && (list.length < frames.least || list.length > frames.most)) {
    return invalid(
      "The video modality input does not meet the requirements because: " +
        `the number of frames should be in [${frames.least}, ${frames.most}].`
    )
  }
  for (const url of urls) {
    const wrong = checkMedium(list === undefined ? kind : "image", url, resolve)
    if (wrong !== undefined) {
      return wrong
    }
  }
  return { kind, urls }
}

const readPart = (value: unknown, resolve: Resolve): string | Medium | Failure => {
  const part = asObject(value)
  if (typeof part?.text === "string") {
    return part.text
  }
  const kind = kinds.find((one) => part?.[one] !== undefined)
  return part === undefined || kind === undefined ? notModal : readMedium(kind, part[kind], resolve)
}

/** @internal */
export const multiModalContent = (resolve: Resolve): ReadContent => (content) => {
  if (content === undefined || content === null) {
    return noContent
  }
  if (typeof content === "string") {
    return { ...noContent, text: content }
  }
  const parts = asArray(content)
  if (parts === undefined) {
    return invalid("input content must be a string or a list of parts.")
  }
  let text = ""
  const media: Array<Medium> = []
  for (const one of parts) {
    const part = readPart(one, resolve)
    if (isFailure(part)) {
      return part
    }
    if (typeof part === "string") {
      text += part
    } else {
      media.push(part)
    }
  }
  return { text, media, documents: [] }
}

/**
 * What of the input is counted by its kind.
 *
 * @internal
 */
export interface MediaTokens {
  readonly image: number
  readonly video: number
  readonly audio: number
}

const frameTokens = 360

/** As many as the picture's squares of 28 pixels; where its size is unknown, a number of its own for each URL. */
const imageTokens = (url: string): number => {
  const size = url.startsWith("data:") ? imageSize(Buffer.from(url.slice(url.indexOf(",") + 1), "base64")) : undefined
  return size === undefined
    ? 300 + fnv(url) % 1200
    : 2 + Math.ceil(size.width / 28) * Math.ceil(size.height / 28)
}

const tokensOf = ({ kind, urls }: Medium): number => {
  switch (kind) {
    case "image":
      return urls.reduce((sum, url) => sum + imageTokens(url), 0)
    case "video":
      return urls.length > 1 ? urls.length * frameTokens : 1000 + fnv(urls[0] ?? "") % 4000
    case "audio":
      return 100 + fnv(urls[0] ?? "") % 700
  }
}

/** @internal */
export const mediaOf = (messages: ReadonlyArray<Message>): ReadonlyArray<Medium> =>
  messages.flatMap(({ content }) => content.media)

/** @internal */
export const mediaTokens = (messages: ReadonlyArray<Message>): MediaTokens => {
  const sum = (wanted: MediumKind) =>
    mediaOf(messages).reduce((total, medium) => total + (medium.kind === wanted ? tokensOf(medium) : 0), 0)
  return { image: sum("image"), video: sum("video"), audio: sum("audio") }
}

/** @internal */
export const allOf = ({ audio, image, video }: MediaTokens): number => audio + image + video

/**
 * The counts that are not zero, each under its name in `usage`.
 *
 * @internal
 */
export const tokenFields = ({ audio, image, video }: MediaTokens): JsonObject => ({
  ...(image > 0 ? { image_tokens: image } : {}),
  ...(video > 0 ? { video_tokens: video } : {}),
  ...(audio > 0 ? { audio_tokens: audio } : {})
})
