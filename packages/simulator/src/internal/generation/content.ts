/**
 * The content of a message: text, and what else there is to look at.
 */
import { asArray, asObject, asString } from "../core/json.js"
import type { Failure } from "../server/answer.js"
import { invalid } from "../server/answer.js"

/** @internal */
export interface Medium {
  readonly kind: "image" | "video" | "audio"
  /** The frames of a video; else one. */
  readonly urls: ReadonlyArray<string>
}

/** @internal */
export interface Content {
  readonly text: string
  readonly media: ReadonlyArray<Medium>
  /** URLs of documents to read. */
  readonly documents: ReadonlyArray<string>
}

/** @internal */
export const noContent: Content = { text: "", media: [], documents: [] }

/**
 * Content on the path of text generation: a string, or parts with a type.
 *
 * @internal
 */
export const textContent = (content: unknown): Content | Failure => {
  if (content === undefined || content === null) {
    return noContent
  }
  if (typeof content === "string") {
    return { text: content, media: [], documents: [] }
  }
  const parts = asArray(content)
  if (parts === undefined) {
    return invalid("input content must be a string.")
  }
  let text = ""
  const media: Array<Medium> = []
  const documents: Array<string> = []
  for (const one of parts) {
    const part = asObject(one)
    const url = asString(asObject(part?.image_url)?.url)
    if (typeof part?.text === "string") {
      text += part.text
    } else if (part?.doc_url !== undefined) {
      // A list beside its strategy, as recorded, or an object with both.
      const urls = asArray(part.doc_url) ?? asArray(asObject(part.doc_url)?.url) ?? [part.doc_url]
      documents.push(...urls.filter((url) => typeof url === "string"))
      if (urls.length === 0 || !urls.every((url) => typeof url === "string" && /^https?:\/\//.test(url))) {
        return invalid("The provided URL does not appear to be valid. Ensure it is correctly formatted.")
      }
    } else if (url !== undefined) {
      media.push({ kind: "image", urls: [url] })
    } else {
      return invalid("The item of content should be a message of a certain modal.")
    }
  }
  return { text, media, documents }
}
