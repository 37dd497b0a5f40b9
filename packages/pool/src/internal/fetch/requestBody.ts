import type { StreamingBody } from "../exchange/request.js"
import { fromSource, isAsyncIterable } from "../http/source.js"
import { toMultipart } from "./form.js"

/** @internal */
export interface FetchBody {
  readonly content: Uint8Array | StreamingBody | undefined
  /** Where the request names none. */
  readonly contentType: string | undefined
  /** In bytes, where it is known. */
  readonly length: number | undefined
}

/** @internal */
export const noBody: FetchBody = { content: undefined, contentType: undefined, length: undefined }

/** By its name too: a polyfill's is not the global class. */
const isA = (name: string, value: unknown): boolean =>
  typeof value === "object" && value !== null && Reflect.get(value, Symbol.toStringTag) === name

const isBlob = (body: unknown): body is Blob => isA("Blob", body) || isA("File", body)
const isForm = (body: unknown): body is FormData => isA("FormData", body)
const isParams = (body: unknown): body is URLSearchParams => isA("URLSearchParams", body)

/** @internal */
export const wholeBody = (content: Uint8Array, contentType?: string): FetchBody => ({
  content,
  contentType,
  length: content.byteLength
})

const ofText = (text: string, contentType: string): FetchBody => wholeBody(Buffer.from(text, "utf8"), contentType)

const ofBlob = (blob: Blob): FetchBody => ({
  content: blob.size === 0 ? undefined : fromSource(blob.stream()),
  contentType: blob.type === "" ? undefined : blob.type,
  length: blob.size
})

/** A body that is read while it is sent. It can be sent once. @internal */
export const streamBody = (source: AsyncIterable<unknown>): FetchBody => ({
  content: fromSource(source),
  contentType: undefined,
  length: undefined
})

/**
 * The body that a fetch was given. Bytes are copied, since they are the caller's again once fetch has returned.
 *
 * @internal
 */
export const bodyOf = (body: unknown, duplex: unknown): FetchBody => {
  if (body === undefined || body === null) return noBody
  if (typeof body === "string") return ofText(body, "text/plain;charset=UTF-8")
  if (isParams(body)) return ofText(body.toString(), "application/x-www-form-urlencoded;charset=UTF-8")
  if (ArrayBuffer.isView(body)) {
    return wholeBody(new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice())
  }
  if (isA("ArrayBuffer", body) || isA("SharedArrayBuffer", body)) {
    return wholeBody(new Uint8Array(body as ArrayBuffer).slice())
  }
  if (isBlob(body)) return ofBlob(body)
  if (isForm(body)) return ofBlob(toMultipart(body))
  if (!isAsyncIterable(body)) {
    throw new TypeError("this cannot be the body of a request; an object is sent as JSON text")
  }
  if (duplex !== "half") throw new TypeError("a body that is a stream needs the option duplex: \"half\"")
  return streamBody(body)
}
