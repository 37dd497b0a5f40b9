/**
 * What will be done to a connection in answer to a request, step by step. Planning is pure, so every behaviour can be
 * tested without a socket; `perform.ts` does what is planned. Plans are lazy and may be endless.
 */
import type { Behavior, ErrorAnswer, StreamBehavior } from "../Behavior.js"
import type { Answer, Chunk, Failure, Success } from "./answer.js"
import { failure } from "./answer.js"
import { errorBody, failureOf, nativeError } from "./errors.js"
import { gzip, GzipWriter } from "./gzip.js"
import { commentText, doneText, frameText } from "./sse.js"

/** @internal */
export type Headers = { readonly [name: string]: string }

/**
 * - `Reply`: head, body and end at once.
 * - `Stall`: nothing more, until the client or the simulator's scope ends the connection.
 * - `Close`: a FIN when all is sent, whatever was announced. `Reset`: the same with a RST.
 *
 * @internal
 */
export type Step =
  | { readonly _tag: "Wait"; readonly millis: number }
  | { readonly _tag: "Informational" }
  | { readonly _tag: "Head"; readonly status: number; readonly headers: Headers }
  | { readonly _tag: "Reply"; readonly status: number; readonly headers: Headers; readonly body: string | Uint8Array }
  | { readonly _tag: "Write"; readonly bytes: Uint8Array }
  | { readonly _tag: "End" }
  | { readonly _tag: "Stall" }
  | { readonly _tag: "Close" }
  | { readonly _tag: "Reset" }

const end: Step = { _tag: "End" }
const stall: Step = { _tag: "Stall" }
const close: Step = { _tag: "Close" }
const reset: Step = { _tag: "Reset" }
const wait = (millis: number): Step => ({ _tag: "Wait", millis })
const write = (bytes: Uint8Array): Step => ({ _tag: "Write", bytes })
const writeText = (text: string): Step => write(Buffer.from(text))

/** @internal */
export interface Exchange {
  readonly answer: Answer
  readonly behavior: Behavior
  readonly streamed: boolean
  readonly requestId: string
  /** Seconds, with a refusal by the rate limit. */
  readonly retryAfter?: number | undefined
  /** The headers that every answer has. Called when the head is sent. */
  readonly headers: () => Headers
}

/** A body before it is known how it will travel. */
interface Body {
  readonly status: number
  readonly headers: Headers
  readonly content: { readonly text: string } | { readonly steps: Iterable<Step> }
}

const eventStream: Headers = { "content-type": "text/event-stream;charset=UTF-8", "x-dashscope-finished": "false" }
const jsonHeaders: Headers = { "content-type": "application/json", "x-dashscope-finished": "true" }
const bare: Headers = {}

/** @internal */
export const plan = (exchange: Exchange): Iterable<Step> => {
  const { behavior } = exchange
  const body = bodyFor(exchange)
  const plain = "text" in body.content && behavior.fault === undefined && behavior.latency === undefined &&
    behavior.bodyLatency === undefined && behavior.gzip !== true
  return plain && "text" in body.content
    ? [{
      _tag: "Reply",
      status: body.status,
      headers: { ...exchange.headers(), ...body.headers, ...connectionHeaders(behavior) },
      body: body.content.text
    }]
    : steps(exchange, body)
}

const connectionHeaders = (behavior: Behavior): Headers =>
  behavior.fault?._tag === "ConnectionClose"
    ? { connection: "close" }
    : behavior.keepAliveHint === undefined
    ? bare
    : { connection: "keep-alive", "keep-alive": `timeout=${behavior.keepAliveHint}` }

function* steps(exchange: Exchange, body: Body): Generator<Step> {
  const { behavior } = exchange
  const { fault } = behavior
  if (fault?._tag === "Informational") {
    yield { _tag: "Informational" }
  }
  if (behavior.latency !== undefined) {
    yield wait(behavior.latency)
  }
  switch (fault?._tag) {
    case "CloseBeforeHeaders":
      yield close
      return
    case "ResetBeforeHeaders":
      yield reset
      return
    case "StallBeforeHeaders":
    // It is too late not to read the request; the client sees the same.
    case "NeverReadRequest":
      yield stall
      return
    default:
  }
  const travel = travelOf(body, behavior)
  yield {
    _tag: "Head",
    status: body.status,
    headers: { ...exchange.headers(), ...body.headers, ...travel.headers, ...connectionHeaders(behavior) }
  }
  switch (fault?._tag) {
    case "ResetAfterHeaders":
      yield reset
      return
    case "StallAfterHeaders":
      yield stall
      return
    default:
  }
  if (behavior.bodyLatency !== undefined) {
    yield wait(behavior.bodyLatency)
  }
  yield* travel.steps
}

// ---------------------------------------------------------------------------------------------------------------------
// What the body says

const bodyFor = (exchange: Exchange): Body => {
  const { answer, behavior, streamed } = exchange
  const style = behavior.stream ?? {}
  const error = behavior.error
  if (error !== undefined && (!streamed || errorPosition(behavior) === undefined)) {
    return errorBodyOf(failureOf(error), error, exchange)
  }
  if (answer._tag === "Failure") {
    return streamed && answer.status === 400
      ? { status: 200, headers: eventStream, content: { steps: failedStream(answer, exchange.requestId, style) } }
      : errorBodyOf(answer, {}, exchange)
  }
  return streamed && style.jsonInsteadOfStream !== true
    ? { status: 200, headers: eventStream, content: { steps: streamSteps(answer, exchange) } }
    : { status: 200, headers: jsonHeaders, content: { text: wholeText(answer, behavior.padAnswerTo) } }
}

const errorPosition = (behavior: Behavior): number | undefined =>
  behavior.stream?.errorAfterEvents ?? behavior.error?.asEvent

const paddingText = "and so on "

const padding = (length: number): string => paddingText.repeat(Math.ceil(length / paddingText.length)).slice(0, length)

const wholeText = (answer: Success, padTo: number | undefined): string => {
  const text = JSON.stringify(answer.whole())
  const missing = padTo === undefined ? 0 : padTo - Buffer.byteLength(text)
  return missing > 0 ? JSON.stringify(answer.whole(padding(missing))) : text
}

const errorBodyOf = (error: Failure, how: ErrorAnswer, exchange: Exchange): Body => {
  const { contentType: usual, text } = errorBody(how.shape ?? "native", error, exchange.requestId, how.padTo)
  const contentType = how.contentType ?? usual ?? ""
  const retryAfter = how.retryAfter ?? exchange.retryAfter
  return {
    status: error.status,
    headers: {
      ...(contentType === "" ? {} : { "content-type": contentType }),
      ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) })
    },
    content: how.endless === undefined ? { text } : { steps: endless(text, how.endless) }
  }
}

/** The size and the pace of what an endless body drips. */
const drop = { bytes: 1024, millis: 10 }

function* endless(text: string, how: "drip" | "open"): Generator<Step> {
  yield writeText(text)
  if (how === "open") {
    yield stall
    return
  }
  const more = writeText(padding(drop.bytes))
  while (true) {
    yield wait(drop.millis)
    yield more
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Streams

const errorText = (error: Failure, requestId: string, id: number, style: StreamBehavior): string =>
  frameText({ id, event: "error", status: error.status, data: JSON.stringify(nativeError(error, requestId)) }, style)

function* failedStream(error: Failure, requestId: string, style: StreamBehavior): Generator<Step> {
  yield writeText(errorText(error, requestId, 1, style))
  yield end
}

const piecesOf = (style: StreamBehavior): (() => Iterable<string>) | undefined => {
  if (style.emptyDeltas !== undefined) {
    return function*() {
      while (true) {
        yield ""
      }
    }
  }
  if (style.hugeEvent !== undefined) {
    const bytes = style.hugeEvent
    return () => [padding(bytes)]
  }
  if (style.events !== undefined) {
    const count = style.events
    const piece = padding(style.eventBytes ?? 4)
    return function*() {
      for (let i = 0; i < count; i++) {
        yield piece
      }
    }
  }
  return undefined
}

const notJson = "{\"output\":{\"choices\":[{\"message\":"

const serverError = failure(500, "InternalError", "Something broke while the answer was written.")

function* streamSteps(answer: Success, exchange: Exchange): Generator<Step> {
  const { behavior, requestId } = exchange
  const style = behavior.stream ?? {}
  if (style.byteOrderMark === true) {
    yield writeText("\ufeff")
  }
  if (style.stallBeforeFirstEvent === true) {
    yield stall
    return
  }
  if (style.heartbeatsOnly !== undefined) {
    const heartbeat = writeText(commentText("heartbeat", style))
    while (true) {
      yield heartbeat
      yield wait(style.heartbeatsOnly)
    }
  }
  const errorAt = errorPosition(behavior)
  const interval = style.emptyDeltas ?? style.eventInterval
  const comment = style.commentsBetween === true ? writeText(commentText("keep-alive", style)) : undefined
  const chunks = shownChunks(answer.chunks(piecesOf(style)), style)
  let id = 0
  let sent = 0
  for (let step = chunks.next();; sent++) {
    if (sent === style.stallAfterEvents) {
      yield stall
      return
    }
    if (sent === style.resetAfterEvents) {
      yield reset
      return
    }
    if (sent === errorAt) {
      const error = behavior.error === undefined ? serverError : failureOf(behavior.error)
      yield writeText(errorText(error, requestId, ++id, style))
      yield end
      return
    }
    if (sent === style.undecodableEventAfter) {
      yield writeText(frameText({ id: ++id, event: "result", status: 200, data: notJson }, style))
    }
    if (step.done === true) {
      break
    }
    if (sent > 0) {
      if (comment !== undefined) {
        yield comment
      }
      if (interval !== undefined) {
        yield wait(interval)
      }
    }
    const data = JSON.stringify(step.value.value)
    const text = frameText({ id: ++id, event: "result", status: 200, data }, style)
    if (sent === style.halfFrame) {
      yield writeText(text.slice(0, text.length >> 1))
      yield end
      return
    }
    step = chunks.next()
    const unfinished = step.done === true && style.noFinalBlankLine === true && style.doneSentinel !== true
    yield writeText(unfinished ? text.slice(0, text.length - (style.lineEnd === "crlf" ? 2 : 1)) : text)
  }
  if (style.doneSentinel === true) {
    yield writeText(doneText(style))
  }
  yield end
}

function* shownChunks(chunks: Iterable<Chunk>, style: StreamBehavior): Generator<Chunk, undefined> {
  for (const chunk of chunks) {
    if (!(chunk.finishes && style.closeWithoutFinish === true)) {
      yield chunk
    }
  }
  return undefined
}

// ---------------------------------------------------------------------------------------------------------------------
// How the body travels

interface Travel {
  readonly headers: Headers
  readonly steps: Iterable<Step>
}

const travelOf = (body: Body, behavior: Behavior): Travel => {
  const { fault } = behavior
  const zipped: Headers = behavior.gzip === true ? { "content-encoding": "gzip" } : bare
  if ("text" in body.content) {
    const text = Buffer.from(body.content.text)
    const bytes = behavior.gzip === true ? gzip(text) : text
    const headers = fault?._tag === "OpenEndedBody"
      ? zipped
      : { ...zipped, "content-length": String(bytes.length) }
    return { headers, steps: cut([write(bytes), end], behavior) }
  }
  const compressed = behavior.gzip === true ? gzipped(body.content.steps) : body.content.steps
  const size = behavior.stream?.chunking
  const faulty = cut(compressed, behavior)
  return { headers: zipped, steps: size === undefined ? faulty : rechunked(faulty, size) }
}

/** Applies the faults that strike inside a body. */
const cut = (body: Iterable<Step>, behavior: Behavior): Iterable<Step> => {
  const { fault } = behavior
  switch (fault?._tag) {
    case "ResetAfterBytes":
      return after(body, fault.bytes, reset)
    case "StallAfterBytes":
      return after(body, fault.bytes, stall)
    case "HalfBody":
      return halved(body)
    case "OpenEndedBody":
      return withoutEnd(body)
    default:
      return body
  }
}

function* after(body: Iterable<Step>, bytes: number, last: Step): Generator<Step> {
  let left = bytes
  for (const step of body) {
    if (step._tag === "End") {
      break
    }
    if (step._tag !== "Write") {
      yield step
    } else if (step.bytes.length < left) {
      left -= step.bytes.length
      yield step
    } else {
      yield write(step.bytes.subarray(0, left))
      break
    }
  }
  yield last
}

/** So that the half of an endless body can be told too. */
const mostSteps = 100_000

function* halved(body: Iterable<Step>): Generator<Step> {
  const parts: Array<Uint8Array> = []
  let taken = 0
  for (const step of body) {
    if (step._tag === "Write") {
      parts.push(step.bytes)
    } else if (step._tag !== "Wait") {
      break
    }
    if (++taken === mostSteps) {
      break
    }
  }
  const all = Buffer.concat(parts)
  yield write(all.subarray(0, all.length >> 1))
  yield close
}

function* withoutEnd(body: Iterable<Step>): Generator<Step> {
  for (const step of body) {
    yield step._tag === "End" ? stall : step
  }
}

function* gzipped(body: Iterable<Step>): Generator<Step> {
  const writer = new GzipWriter()
  for (const step of body) {
    if (step._tag === "Write") {
      yield write(writer.write(step.bytes))
    } else {
      if (step._tag === "End") {
        yield write(writer.end())
      }
      yield step
    }
  }
}

function* rechunked(body: Iterable<Step>, size: number): Generator<Step> {
  let held: Array<Uint8Array> = []
  let length = 0
  for (const step of body) {
    if (step._tag !== "Write") {
      if (length > 0) {
        yield write(Buffer.concat(held))
        held = []
        length = 0
      }
      yield step
      continue
    }
    held.push(step.bytes)
    length += step.bytes.length
    if (length >= size) {
      const bytes = Buffer.concat(held)
      let at = 0
      for (; at + size <= bytes.length; at += size) {
        yield write(bytes.subarray(at, at + size))
      }
      held = at < bytes.length ? [bytes.subarray(at)] : []
      length = bytes.length - at
    }
  }
}
