/**
 * Answers with a file, or with a part of it.
 */
import { digest } from "../core/hash.js"
import type { Answer } from "../server/answer.js"
import { raw } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import { xmlError } from "./xml.js"

/** @internal */
export interface Content {
  readonly type: string
  readonly size: number
  /** `undefined` where the host says none. */
  readonly etag: string | undefined
  /** From one position up to another. */
  readonly read: (from: number, to: number) => Uint8Array | Iterable<Uint8Array>
}

/** @internal */
export interface Sending {
  /** Whether parts are given. Default true. */
  readonly parts?: boolean | undefined
  /** Whether `If-Range` and `If-Match` are looked at. Default true. */
  readonly conditions?: boolean | undefined
  /** Whether the length is said. Default true. */
  readonly measured?: boolean | undefined
  /** Breaks off after so many bytes. */
  readonly breakAfter?: number | undefined
  readonly breakBy?: "reset" | "close" | undefined
}

/** @internal */
export const contentOf = (type: string, bytes: Uint8Array): Content => ({
  type,
  size: bytes.length,
  etag: `"${digest(Buffer.from(bytes).toString("latin1")).toUpperCase()}"`,
  read: (from, to) => bytes.subarray(from, to)
})

interface Range {
  readonly from: number
  readonly to: number
}

const rangePattern = /^bytes=(\d*)-(\d*)$/

/** The part that was asked for; `undefined` for everything. */
const rangeOf = (content: Content, incoming: Incoming, { conditions, parts }: Sending): Range | undefined => {
  const ifRange = incoming.header("if-range")
  const ignored = parts === false || (conditions !== false && ifRange !== undefined && ifRange !== content.etag)
  const [, from = "", to = ""] = ignored ? [] : rangePattern.exec(incoming.header("range") ?? "") ?? []
  if (from === "" && to === "") {
    return undefined
  }
  return from === ""
    ? { from: Math.max(0, content.size - Number(to)), to: content.size }
    : { from: Number(from), to: to === "" ? content.size : Math.min(content.size, Number(to) + 1) }
}

function* upTo(pieces: Iterable<Uint8Array>, bytes: number): Generator<Uint8Array> {
  let left = bytes
  for (const piece of pieces) {
    if (piece.length >= left) {
      yield piece.subarray(0, left)
      return
    }
    left -= piece.length
    yield piece
  }
}

/** @internal */
export const send = (content: Content, incoming: Incoming, sending: Sending = {}): Answer => {
  const { etag, size, type } = content
  const ifMatch = incoming.header("if-match")
  if (sending.conditions !== false && ifMatch !== undefined && ifMatch !== etag) {
    return xmlError(
      412,
      "PreconditionFailed",
      "At least one of the pre-conditions you specified did not hold.",
      incoming.requestId
    )
  }
  const range = rangeOf(content, incoming, sending)
  if (range !== undefined && range.from >= range.to) {
    return xmlError(416, "InvalidRange", "The requested range cannot be satisfied", incoming.requestId, {
      "accept-ranges": "bytes",
      "content-range": `bytes */${size}`
    })
  }
  const { from, to } = range ?? { from: 0, to: size }
  const headers = {
    ...(sending.parts === false ? {} : { "accept-ranges": "bytes" }),
    ...(etag === undefined ? {} : { etag }),
    ...(range === undefined ? {} : { "content-range": `bytes ${from}-${to - 1}/${size}` }),
    ...(sending.measured === false ? {} : { "content-length": String(to - from) })
  }
  const status = range === undefined ? 200 : 206
  if (incoming.method === "HEAD") {
    return raw(status, type, [], headers)
  }
  const body = content.read(from, to)
  const pieces = body instanceof Uint8Array ? [body] : body
  const { breakAfter } = sending
  return breakAfter === undefined || breakAfter >= to - from
    ? raw(status, type, pieces, headers)
    : { ...raw(status, type, upTo(pieces, breakAfter), headers), breaksBy: sending.breakBy ?? "reset" }
}
