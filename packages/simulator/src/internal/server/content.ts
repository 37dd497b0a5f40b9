/**
 * What the body of an answer says, before it is known how it will travel.
 */
import type { Behavior, ErrorAnswer, StreamBehavior } from "../../Behavior.js"
import { asString } from "../core/json.js"
import type { Answer, Chunk, Dialect, Failure, Raw, Success } from "./answer.js"
import { failure } from "./answer.js"
import { errorBody, errorEvent, failureOf, inDialect, shapeOf } from "./errors.js"
import { commentText, doneText, frameText } from "./sse.js"
import type { Headers, Step } from "./step.js"
import { close, end, reset, stall, wait, write, writeText } from "./step.js"

/** @internal */
export interface Exchange {
  readonly answer: Answer
  readonly behavior: Behavior
  /** The request asked for an event stream; the answer may decide otherwise. */
  readonly streamed: boolean
  /** Default `native`. */
  readonly dialect?: Dialect | undefined
  readonly requestId: string
  /** Seconds, with a refusal by the rate limit. */
  readonly retryAfter?: number | undefined
  /** The headers that every answer has. Called when the head is sent. */
  readonly headers: () => Headers
}

/**
 * A body before it is known how it will travel.
 *
 * @internal
 */
export interface Body {
  readonly status: number
  readonly headers: Headers
  readonly content: { readonly text: string | Uint8Array } | { readonly steps: Iterable<Step> }
}

const eventStream: Headers = { "content-type": "text/event-stream;charset=UTF-8", "x-dashscope-finished": "false" }
const jsonHeaders: Headers = { "content-type": "application/json", "x-dashscope-finished": "true" }

/** @internal */
export const bodyFor = (exchange: Exchange): Body => {
  const { answer, behavior } = exchange
  const style = behavior.stream ?? {}
  const chunks = answer._tag === "Success" ? answer.chunks : undefined
  const streamed = answer._tag === "Success"
    ? chunks !== undefined && (answer.streamed ?? exchange.streamed)
    : answer._tag === "Failure" && exchange.streamed && (exchange.dialect ?? "native") === "native"
  const error = behavior.error
  if (error !== undefined && (!streamed || errorPosition(behavior) === undefined)) {
    const asked = failureOf(error)
    return errorBodyOf(error.code === undefined ? inDialect(asked, exchange.dialect) : asked, error, exchange)
  }
  if (answer._tag === "Failure") {
    return streamed && answer.status === 400 && answer.shape === undefined
      ? { status: 200, headers: eventStream, content: { steps: failedStream(answer, exchange, style) } }
      : errorBodyOf(inDialect(answer, exchange.dialect), {}, exchange)
  }
  if (answer._tag === "Raw") {
    const content = contentOf(answer)
    const { "content-length": _, ...others } = answer.headers
    return { status: answer.status, headers: behavior.gzip === true ? others : answer.headers, content }
  }
  return streamed && chunks !== undefined && style.jsonInsteadOfStream !== true
    ? { status: 200, headers: eventStream, content: { steps: streamSteps(chunks, exchange) } }
    : { status: 200, headers: jsonHeaders, content: { text: wholeText(answer, behavior.padAnswerTo) } }
}

const contentOf = ({ body, breaksBy }: Raw): Body["content"] =>
  typeof body === "string" || body instanceof Uint8Array ? { text: body } : { steps: pieceSteps(body, breaksBy) }

function* pieceSteps(pieces: Iterable<Uint8Array>, breaksBy: Raw["breaksBy"]): Generator<Step> {
  for (const piece of pieces) {
    yield write(piece)
  }
  yield breaksBy === "reset" ? reset : breaksBy === "close" ? close : end
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
  const { contentType: usual, text } = errorBody(
    how.shape ?? error.shape ?? shapeOf(exchange.dialect ?? "native"),
    error,
    exchange.requestId,
    how.padTo
  )
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

const errorText = (error: Failure, exchange: Exchange, id: number, style: StreamBehavior): string => {
  const { dialect = "native", requestId } = exchange
  const value = errorEvent(dialect, error, requestId, id - 1)
  return frameText({ id, event: "error", status: error.status, data: JSON.stringify(value) }, style, dialect)
}

function* failedStream(error: Failure, exchange: Exchange, style: StreamBehavior): Generator<Step> {
  yield writeText(errorText(error, exchange, 1, style))
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

function* streamSteps(chunksOf: NonNullable<Success["chunks"]>, exchange: Exchange): Generator<Step> {
  const { behavior, dialect } = exchange
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
  const chunks = shownChunks(chunksOf(piecesOf(style)), style)
  const isNamed = dialect === "responses" || dialect === "anthropic"
  const sentinel = style.doneSentinel ?? dialect === "openai"
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
      yield writeText(errorText(error, exchange, ++id, style))
      yield end
      return
    }
    if (sent === style.undecodableEventAfter) {
      yield writeText(frameText({ id: ++id, event: "result", status: 200, data: notJson }, style, dialect))
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
    const { value } = step.value
    const event = isNamed ? asString(value.type) ?? "result" : "result"
    const text = frameText({ id: ++id, event, status: 200, data: JSON.stringify(value) }, style, dialect)
    if (sent === style.halfFrame) {
      yield writeText(text.slice(0, text.length >> 1))
      yield end
      return
    }
    step = chunks.next()
    const unfinished = step.done === true && style.noFinalBlankLine === true && !sentinel
    yield writeText(unfinished ? text.slice(0, text.length - (style.lineEnd === "crlf" ? 2 : 1)) : text)
  }
  if (sentinel) {
    yield writeText(doneText(style, dialect))
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
