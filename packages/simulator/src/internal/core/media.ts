/**
 * What the service checks of images, videos and audio: where they are, how large they are, whether they are what they say.
 */
import type { Failure } from "../server/answer.js"
import { failure, invalid } from "../server/answer.js"

/** @internal */
export type MediumKind = "image" | "video" | "audio"

/** Characters of one inline item. */
const mostInline = 10_485_760

/** @internal */
export const badUrl = invalid("The provided URL does not appear to be valid. Ensure it is correctly formatted.")

/** @internal */
export const notDownloaded = failure(
  400,
  "InvalidParameter",
  "Failed to download multimodal content."
)

/**
 * What is stored under an `oss://` URL, or why it cannot be had.
 *
 * @internal
 */
export type Resolve = (url: string) => Uint8Array | Failure

/**
 * Checks one URL of a medium: `http`, `data` or `oss`. A host that ends in `.invalid` cannot be reached.
 *
 * @internal
 */
export const checkMedium = (kind: MediumKind, url: string, resolve: Resolve): Failure | undefined => {
  if (url.startsWith("data:")) {
    return checkInline(kind, url)
  }
  if (url.startsWith("oss://")) {
    const bytes = resolve(url)
    return "_tag" in bytes ? bytes : checkBytes(kind, bytes)
  }
  if (!/^https?:\/\/./.test(url) || !URL.canParse(url)) {
    return badUrl
  }
  return new URL(url).hostname.endsWith(".invalid") ? notDownloaded : undefined
}

const inline = /^data:([\w.+-]+)\/([\w.+-]+)(?:;[\w-]+=[^;,]*)*;base64,([A-Za-z0-9+/]*={0,2})$/

const checkInline = (kind: MediumKind, url: string): Failure | undefined => {
  if (url.length > mostInline) {
    return invalid(`Exceeded limit on max bytes per data-uri item : ${mostInline}`)
  }
  const [, type, , content = ""] = inline.exec(url) ?? []
  return type !== kind && !(type === "application" && kind !== "image")
    ? badUrl
    : checkBytes(kind, Buffer.from(content, "base64"))
}

const leastSide = 10
const mostRatio = 200

const checkBytes = (kind: MediumKind, bytes: Uint8Array): Failure | undefined => {
  if (bytes.length === 0) {
    return invalid(kind === "audio" ? "The audio is empty" : `The ${kind} is empty.`)
  }
  if (kind !== "image") {
    return undefined
  }
  const size = imageSize(bytes)
  if (size === undefined) {
    return looksLikeText(bytes)
      ? failure(400, "InvalidParameter", "The media format is not supported or incorrect.")
      : undefined
  }
  const [short, long] = size.width < size.height ? [size.width, size.height] : [size.height, size.width]
  return short < leastSide || long / short > mostRatio
    ? invalid("The image length and width do not meet the model restrictions.")
    : undefined
}

const looksLikeText = (bytes: Uint8Array): boolean => bytes.subarray(0, 64).every((byte) => byte >= 0x09 && byte < 0x7f)

/**
 * The size of a PNG, a GIF or a JPEG.
 *
 * @internal
 */
export const imageSize = (given: Uint8Array): { readonly width: number; readonly height: number } | undefined => {
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength)
  if (bytes.length >= 24 && bytes.readUInt32BE(0) === 0x89504e47) {
    return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
  }
  if (bytes.length >= 10 && bytes.toString("latin1", 0, 3) === "GIF") {
    return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) }
  }
  if (bytes.length >= 4 && bytes.readUInt16BE(0) === 0xffd8) {
    return jpegSize(bytes)
  }
  return undefined
}

const jpegSize = (bytes: Buffer): { readonly width: number; readonly height: number } | undefined => {
  let at = 2
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) }
    }
    at += 2 + bytes.readUInt16BE(at + 2)
  }
  return undefined
}
