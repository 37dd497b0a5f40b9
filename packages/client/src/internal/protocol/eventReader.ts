import type { Envelope, ServerEvent } from "../../Envelope.js"
import { emptyArray } from "../core/plain.js"
import { isRecord } from "../core/record.js"
import { excerpt, scrub } from "../core/secrets.js"
import { statusOf } from "./classify.js"
import * as Envelopes from "./envelope.js"
import * as ErrorBody from "./errorBody.js"
import { SimilarJson } from "./similarJson.js"
import { isDone, SseDecoder, type SseEvent, type SseItem } from "./sse.js"

/**
 * How a stream has ended, for all that its bytes say.
 *
 * - `Done`: it said so.
 * - `Refused`: an error of the service, or something that cannot be understood.
 * - `Truncated`: it broke off.
 *
 * @internal
 */
export type Outcome =
  | { readonly _tag: "Done" }
  | { readonly _tag: "Refused"; readonly status: number; readonly error: ErrorBody.ErrorBody }
  | { readonly _tag: "Truncated"; readonly description: string }

/** The first bytes of what is no event stream: JSON, or a page. */
const wholeStarts = new Set(Array.from("{[\"<", (c) => c.charCodeAt(0)))
/** The first bytes of the lines of an event stream: data, event, id, retry, and comments. */
const eventStarts = new Set(Array.from("deir:", (c) => c.charCodeAt(0)))

/** White space and the bytes of a byte order mark, which may come before either. */
const isBlank = (byte: number): boolean => byte <= 0x20 || byte === 0xef || byte === 0xbb || byte === 0xbf

const firstByte = (bytes: Uint8Array): number | undefined => bytes.find((byte) => !isBlank(byte))

/**
 * Whether an event is not the service's own: what a gateway calls `ping`, say, may hold anything. Without a name, or with
 * the standard's name for none, it is taken for the service's.
 */
const isForeign = ({ event }: SseEvent): boolean => event !== undefined && event !== "result" && event !== "message"

const isEmpty = (json: object): boolean => {
  for (const _ in json) return false
  return true
}

/** White space, or a null without a name: heartbeats of gateways. */
const saysNothing = ({ data, event }: SseEvent, json: unknown): boolean =>
  data.trim() === "" || (json === null && event === undefined)

const isRefusal = ({ status }: SseEvent): boolean => status !== undefined && status >= 400

/** Enough to find an error in. */
const longestOpening = 4096
const longestExcerpt = 200

const unexpected = (message: string): Extract<Outcome, { _tag: "Refused" }> => ({
  _tag: "Refused",
  status: 200,
  error: { code: "", message, requestId: undefined }
})

class Event implements ServerEvent {
  constructor(
    readonly event: string | undefined,
    readonly id: string | undefined,
    readonly status: number,
    readonly headers: Envelope["headers"],
    readonly body: Envelope["body"],
    readonly output: unknown,
    readonly usage: unknown,
    readonly requestId: string | undefined
  ) {}

  header(name: string): string | undefined {
    return this.headers[name]
  }
}

/**
 * Reads the answer to a streaming request: bytes in, events out, as many as a chunk completes. It goes by what the body
 * is and not by what its content type says, as far as it can: a JSON answer is one event.
 *
 * Once there is an `outcome`, nothing more will come.
 *
 * @internal
 */
export class EventReader {
  outcome: Outcome | undefined = undefined
  /** The stream has said by itself that it is at its end. */
  hasEndMark = false

  private readonly decoder: SseDecoder
  private readonly isLabelled: boolean
  private readonly hasLabel: boolean
  /** Not known while there was nothing but white space. */
  private isWhole: boolean | undefined = undefined
  private count = 0
  /** Of a whole body, all of it; of an event stream without the label, its start as long as there is no event. */
  private text = ""
  private readonly utf8 = new TextDecoder()
  private readonly json = new SimilarJson()

  constructor(
    private readonly head: Pick<Envelope, "status" | "headers">,
    private readonly options: {
      readonly secrets: ReadonlyArray<string>
      readonly maxEventBytes?: number | undefined
    }
  ) {
    this.decoder = new SseDecoder(options)
    const type = head.headers["content-type"]?.trim().toLowerCase() ?? ""
    this.hasLabel = type !== ""
    this.isLabelled = type.startsWith("text/event-stream")
  }

  feed(chunks: Iterable<Uint8Array>): Array<ServerEvent> {
    const events = emptyArray<ServerEvent>()
    for (const chunk of chunks) {
      if (this.outcome !== undefined) break
      if (this.isWhole === undefined) this.look(chunk)
      if (this.isWhole !== false) this.text += this.utf8.decode(chunk, { stream: true })
      else this.keepOpening(chunk)
      if (this.isWhole !== true) this.readAll(this.decoder.feed(chunk), events, false)
    }
    return events
  }

  /** The body has ended. */
  end(): Array<ServerEvent> {
    const events = emptyArray<ServerEvent>()
    if (this.outcome !== undefined) return events
    if (this.isWhole === true) {
      this.text += this.utf8.decode()
      this.readWhole(events)
    } else {
      this.readAll(this.decoder.end(), events, true)
      if (this.outcome === undefined && this.count === 0) {
        this.outcome = this.text.trim() === ""
          ? { _tag: "Truncated", description: "the event stream ended before its first event" }
          : { _tag: "Refused", status: this.head.status, error: ErrorBody.parse(this.text, this.options.secrets) }
      }
    }
    this.outcome ??= { _tag: "Done" }
    return events
  }

  private look(chunk: Uint8Array): void {
    const first = firstByte(chunk)
    if (first === undefined) return
    this.isWhole = wholeStarts.has(first) || (this.hasLabel && !this.isLabelled && !eventStarts.has(first))
  }

  private keepOpening(chunk: Uint8Array): void {
    if (this.isLabelled || this.count > 0 || this.text.length >= longestOpening) return
    this.text += this.utf8.decode(chunk.subarray(0, longestOpening), { stream: true })
  }

  private readWhole(events: Array<ServerEvent>): void {
    const reading = Envelopes.read(this.text, this.options.secrets)
    if (reading._tag === "Error") {
      this.outcome = { _tag: "Refused", status: this.head.status, error: reading.error }
    } else {
      events.push(this.toEvent(reading.body, undefined, undefined, undefined))
    }
  }

  private readAll(items: ReadonlyArray<SseItem>, events: Array<ServerEvent>, isEnd: boolean): void {
    for (const item of items) {
      if (item._tag === "SseOverflow") {
        const most = `${Math.floor(item.maxEventBytes / 1024)} KiB (maxEventBytes)`
        this.outcome = unexpected(`an event of the stream is larger than ${most}; raise that if such events are real`)
        return
      }
      this.read(item, events, isEnd)
      if (this.outcome !== undefined) return
    }
  }

  private read(item: SseEvent, events: Array<ServerEvent>, isEnd: boolean): void {
    if (item.event === "error") return this.refuse(item)
    const json = this.json.parse(item.data)
    if (!isRecord(json)) {
      if (isDone(item)) this.finish()
      else if (isRefusal(item)) this.refuse(item)
      else if (isForeign(item) || saysNothing(item, json)) return
      else this.outcome = isEnd ? this.cutOff() : this.undecodable(item.data, json)
      return
    }
    if (item.event === "done") {
      this.hasEndMark = this.count > 0
      return
    }
    const { output } = json
    if (output === undefined || output === null) {
      if (Envelopes.isError(json) || isRefusal(item)) return this.refuse(item)
      // A heartbeat in the form of JSON.
      if (isEmpty(json)) return
    }
    this.count++
    events.push(this.toEvent(json, item.event, item.id, item.status))
  }

  private finish(): void {
    if (this.count === 0) return
    this.hasEndMark = true
    this.outcome = { _tag: "Done" }
  }

  private toEvent(
    body: Readonly<Record<string, unknown>>,
    event: string | undefined,
    id: string | undefined,
    status: number | undefined
  ): ServerEvent {
    const { headers } = this.head
    return new Event(
      event,
      id,
      status ?? this.head.status,
      headers,
      body,
      body["output"],
      body["usage"],
      Envelopes.requestIdOf(body, (name) => headers[name])
    )
  }

  private refuse({ data, status }: SseEvent): void {
    const error = data === ""
      ? { code: "", message: "the service gave no message", requestId: undefined }
      : ErrorBody.parse(data, this.options.secrets)
    this.outcome = {
      _tag: "Refused",
      status: status !== undefined && status >= 400 ? status : statusOf(error.code),
      error
    }
  }

  private cutOff(): Outcome {
    return { _tag: "Truncated", description: "the event stream ended in the middle of an event" }
  }

  private undecodable(data: string, json: unknown): Outcome {
    // A secret that starts in the excerpt ends in what is looked through.
    const start = excerpt(scrub(data.slice(0, 8 * longestExcerpt), this.options.secrets), longestExcerpt)
    const what = json === undefined ? "not JSON" : "not a JSON object"
    return unexpected(`the data of an event is ${what}: ${start || "nothing"}`)
  }
}
