/**
 * Server-Sent Events, as DashScope and the gateways before it send them: bytes in, events out, chunk by chunk.
 *
 * Works on bytes, since a line end can never be part of a longer UTF-8 sequence: lines are split first and only whole
 * lines are decoded, so a character may be cut anywhere. Each byte is looked at when it arrives, once for each kind of
 * line end; the bytes of an unfinished line wait in a buffer that doubles, so the work is linear for any size of the
 * chunks.
 *
 * @internal
 */
import { emptyArray } from "../core/plain.js"

/**
 * One event. DashScope writes the status of an event as a comment, `:HTTP_STATUS/400`; it is kept here. Unlike in a
 * browser, `id` is that of this very event and not of the last one that had one, an event cut off by the end of the
 * stream is handed out (by `end`) instead of dropped, and so is an event of the type `error` that has no data. As in a
 * browser, any other event without data, or with an empty one, is none.
 *
 * @internal
 */
export interface SseEvent {
  readonly _tag: "SseEvent"
  readonly id: string | undefined
  /** The `event:` field; `undefined` where it is missing or empty. */
  readonly event: string | undefined
  /** Of the `:HTTP_STATUS/n` comment among the lines of this event. */
  readonly status: number | undefined
  /** The `data:` lines, joined by line feeds. */
  readonly data: string
}

/**
 * An event, or a comment line, grew past the cap. It is the last item: the decoder ignores what follows.
 *
 * @internal
 */
export interface SseOverflow {
  readonly _tag: "SseOverflow"
  readonly maxEventBytes: number
}

/** @internal */
export type SseItem = SseEvent | SseOverflow

/** @internal */
export const defaultMaxEventBytes = 16 * 1024 * 1024

/**
 * Whether this is the sentinel with which OpenAI-compatible and assistant streams end.
 *
 * @internal
 */
export const isDone = (event: SseEvent): boolean => event.data.trim() === "[DONE]"

const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const COLON = 0x3a

// A larger buffer is given up after its line, so that one large event does not weigh on the rest of the stream.
const keptBufferBytes = 64 * 1024

// A byte order mark is removed by the decoder below, at the start of the stream only. Left on, TextDecoder would remove
// one from every line.
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })

/** Where the chunks are Node's, so is the decoder: it takes a part of a buffer as it is, at a third of the cost. */
const decode = (bytes: Uint8Array, from: number, to: number): string =>
  typeof Buffer === "function" && bytes instanceof Buffer
    ? bytes.toString("utf8", from, to)
    : utf8.decode(bytes.subarray(from, to))

/** Text of a few ASCII characters, such as ids, comes cheaper one by one than from the decoder. */
const shortText = (bytes: Uint8Array, from: number, to: number): string => {
  let text = ""
  for (let at = from; at < to; at++) {
    const byte = bytes[at]
    if (byte === undefined || byte > 0x7f || at - from === 16) return decode(bytes, from, to)
    text += String.fromCharCode(byte)
  }
  return text
}

const startsWith = (bytes: Uint8Array, from: number, to: number, text: string): boolean => {
  if (to - from < text.length) return false
  for (let i = 0; i < text.length; i++) {
    if (bytes[from + i] !== text.charCodeAt(i)) return false
  }
  return true
}

/** Where the value of the field `name` starts in a line; -1 if the line is another field's. */
const valueStart = (bytes: Uint8Array, from: number, to: number, name: string): number => {
  if (!startsWith(bytes, from, to, name)) return -1
  const colon = from + name.length
  if (colon === to) return to
  if (bytes[colon] !== COLON) return -1
  const value = colon + 1
  return value < to && bytes[value] === SPACE ? value + 1 : value
}

const digit = (byte: number | undefined): number =>
  byte !== undefined && byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : Number.NaN

/** The status in a comment's text, `HTTP_STATUS/` and three digits. */
const statusOf = (bytes: Uint8Array, from: number, to: number): number | undefined => {
  const start = bytes[from] === SPACE ? from + 1 : from
  if (to - start !== 15 || !startsWith(bytes, start, to, "HTTP_STATUS/")) return undefined
  const status = 100 * digit(bytes[start + 12]) + 10 * digit(bytes[start + 13]) + digit(bytes[start + 14])
  return Number.isNaN(status) ? undefined : status
}

/**
 * The decoder of one stream.
 *
 * An event's size is the bytes of its lines without line ends, comments left out; a single line, be it a comment, is
 * held to the same cap. So `maxEventBytes` (default 16 MiB) also bounds what is buffered.
 *
 * @internal
 */
export class SseDecoder {
  private readonly maxEventBytes: number

  // The line that has begun but not ended.
  private buffer = new Uint8Array(0)
  private buffered = 0

  // The event that has begun but not ended.
  private size = 0
  private id: string | undefined = undefined
  private event: string | undefined = undefined
  private status: number | undefined = undefined
  private data: string | undefined = undefined
  private moreData: Array<string> = []

  private commentLines = 0
  private atStart = true
  private afterCr = false
  private overflowed = false
  // Nearly all events of a stream have the same type: it is compared instead of decoded.
  private lastType = ""

  constructor(options?: { readonly maxEventBytes?: number | undefined }) {
    this.maxEventBytes = options?.maxEventBytes ?? defaultMaxEventBytes
  }

  /**
   * How many comment lines have arrived so far, `:HTTP_STATUS` ones aside. When `feed` gives nothing, a change here
   * tells that heartbeats were what came.
   */
  get comments(): number {
    return this.commentLines
  }

  /** The items that this chunk completes. The chunk is not kept: its memory may be used again. */
  feed(chunk: Uint8Array): ReadonlyArray<SseItem> {
    const items = emptyArray<SseItem>()
    const length = chunk.length
    if (this.overflowed || length === 0) return items
    let from = this.afterCr && chunk[0] === LF ? 1 : 0
    this.afterCr = false
    let nextLf = -2
    let nextCr = -2
    for (;;) {
      // Each is searched for again only once it has been passed: one that does not occur costs one search a chunk.
      if (nextLf !== -1 && nextLf < from) nextLf = chunk.indexOf(LF, from)
      if (nextCr !== -1 && nextCr < from) nextCr = chunk.indexOf(CR, from)
      const isCr = nextCr !== -1 && (nextLf === -1 || nextCr < nextLf)
      let at = isCr ? nextCr : nextLf
      if (at === -1) break
      const item = this.buffered === 0 ? this.line(chunk, from, at) : this.bufferedLine(chunk, from, at)
      if (item !== undefined) {
        items.push(item)
        if (this.overflowed) return items
      }
      if (isCr) {
        if (at + 1 === length) this.afterCr = true
        else if (chunk[at + 1] === LF) at++
      }
      from = at + 1
    }
    if (from < length) {
      const overflow = this.keep(chunk, from, length)
      if (overflow !== undefined) items.push(overflow)
    }
    return items
  }

  /**
   * The stream has ended: the event that was not closed by a blank line, if it has data or is an error. Nothing may be
   * fed afterwards.
   */
  end(): ReadonlyArray<SseItem> {
    const overflow = this.buffered === 0 ? undefined : this.line(this.buffer, 0, this.buffered)
    this.buffered = 0
    const item = overflow ?? this.dispatch()
    return item === undefined ? [] : [item]
  }

  private line(bytes: Uint8Array, lineStart: number, to: number): SseItem | undefined {
    let from = lineStart
    if (this.size + to - from > this.maxEventBytes) return this.overflow()
    if (this.atStart) {
      this.atStart = false
      if (to - from >= 3 && bytes[from] === 0xef && bytes[from + 1] === 0xbb && bytes[from + 2] === 0xbf) from += 3
    }
    if (from === to) return this.dispatch()
    if (bytes[from] === COLON) {
      const status = statusOf(bytes, from + 1, to)
      if (status === undefined) this.commentLines++
      else this.status = status
      return undefined
    }
    this.size += to - from
    let value = valueStart(bytes, from, to, "data")
    if (value >= 0) {
      const text = decode(bytes, value, to)
      if (this.data === undefined) this.data = text
      else this.moreData.push(text)
      return undefined
    }
    value = valueStart(bytes, from, to, "event")
    if (value >= 0) {
      this.event = this.eventType(bytes, value, to)
      return undefined
    }
    value = valueStart(bytes, from, to, "id")
    if (value >= 0) this.id = shortText(bytes, value, to)
    return undefined
  }

  private eventType(bytes: Uint8Array, from: number, to: number): string | undefined {
    if (from === to) return undefined
    if (to - from === this.lastType.length && startsWith(bytes, from, to, this.lastType)) return this.lastType
    const text = decode(bytes, from, to)
    // Only ASCII has as many characters as bytes and can be compared byte by byte.
    if (text.length === to - from) this.lastType = text
    return text
  }

  private dispatch(): SseEvent | undefined {
    const { data, event, id, moreData, status } = this
    this.size = 0
    this.id = undefined
    this.event = undefined
    this.status = undefined
    if (data === undefined) {
      // It says that the answer failed, if not why.
      return event === "error" ? { _tag: "SseEvent", id, event, status, data: "" } : undefined
    }
    this.data = undefined
    if (moreData.length === 0) {
      // An empty data line and nothing else: the standard has such an event not dispatched. Gateways send it as heartbeat.
      return data === "" && event !== "error" ? undefined : { _tag: "SseEvent", id, event, status, data }
    }
    this.moreData = []
    return { _tag: "SseEvent", id, event, status, data: `${data}\n${moreData.join("\n")}` }
  }

  private bufferedLine(chunk: Uint8Array, from: number, to: number): SseItem | undefined {
    const overflow = this.keep(chunk, from, to)
    if (overflow !== undefined) return overflow
    const item = this.line(this.buffer, 0, this.buffered)
    this.buffered = 0
    if (this.buffer.length > keptBufferBytes) this.buffer = new Uint8Array(0)
    return item
  }

  private keep(chunk: Uint8Array, from: number, to: number): SseOverflow | undefined {
    const needed = this.buffered + to - from
    if (this.size + needed > this.maxEventBytes) return this.overflow()
    if (needed > this.buffer.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.buffer.length, 1024))
      larger.set(this.buffer.subarray(0, this.buffered))
      this.buffer = larger
    }
    this.buffer.set(chunk.subarray(from, to), this.buffered)
    this.buffered = needed
    return undefined
  }

  private overflow(): SseOverflow {
    this.overflowed = true
    this.buffered = 0
    this.buffer = new Uint8Array(0)
    this.event = undefined
    this.data = undefined
    this.moreData = []
    return { _tag: "SseOverflow", maxEventBytes: this.maxEventBytes }
  }
}
