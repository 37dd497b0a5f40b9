/**
 * How the simulator answers, where that differs from a healthy service: slowly, wrongly, partly or not at all. Every
 * field is optional, and what one does not set stays as the healthy service does it; `{}` is that service.
 *
 * A behaviour is set for a server (`Options.behavior`, `Service.setBehavior`), by a function of the request
 * (`Options.behaviorOf`), or by one request for itself (the header of {@link toHeaders}). The nearest to the request
 * applies, alone: they are not merged.
 *
 * @since 0.1.0
 */
import type * as Either from "effect/Either"
import type * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"

const Millis = Schema.NonNegative
const Count = Schema.NonNegativeInt

/**
 * Failures of the connection, by the point of the exchange at which they strike.
 *
 * - `CloseBeforeHeaders`, `ResetBeforeHeaders`, `StallBeforeHeaders`: the request was read; then a FIN, a RST, nothing.
 * - `ResetAfterHeaders`, `StallAfterHeaders`: the head of the answer is out, and no byte of its body.
 * - `ResetAfterBytes`, `StallAfterBytes`: so many bytes of the body are out.
 * - `NeverReadRequest`: the body of the request is not read, so that a large one (beyond the kernel's buffers, some
 *   megabytes on loopback) stalls in the writing. A socket that is not read does not tell of its end either: the
 *   connection counts as open until `resumeAfter` milliseconds have passed, when reading goes on.
 * - `HalfBody`: announces the whole length, sends half, closes cleanly. A stream ends without its last chunk.
 * - `OpenEndedBody`: the whole answer in chunks, but never the end of it.
 * - `ConnectionClose`: a good answer with `connection: close`.
 * - `Informational`: a `103 Early Hints` at once, the good answer after the latency.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Fault = Schema.Union(
  Schema.TaggedStruct("CloseBeforeHeaders", {}),
  Schema.TaggedStruct("ResetBeforeHeaders", {}),
  Schema.TaggedStruct("StallBeforeHeaders", {}),
  Schema.TaggedStruct("ResetAfterHeaders", {}),
  Schema.TaggedStruct("StallAfterHeaders", {}),
  Schema.TaggedStruct("ResetAfterBytes", { bytes: Count }),
  Schema.TaggedStruct("StallAfterBytes", { bytes: Count }),
  Schema.TaggedStruct("NeverReadRequest", { resumeAfter: Schema.optional(Millis) }),
  Schema.TaggedStruct("HalfBody", {}),
  Schema.TaggedStruct("OpenEndedBody", {}),
  Schema.TaggedStruct("ConnectionClose", {}),
  Schema.TaggedStruct("Informational", {})
)

/**
 * @since 0.1.0
 * @category models
 */
export type Fault = typeof Fault.Type

/**
 * The shapes in which error bodies come.
 *
 * - `native`: `code`, `message` and `request_id` side by side.
 * - `nested`: the same inside an `error` object, beside `requestId`.
 * - `openai`: an `error` object with a `type`, and no request id.
 * - `anthropic`: an object of the type `error`, with an `error` object that has a `type`.
 * - `numeric`: a number for a code, the text in `msg`.
 * - `sse`: a `data:` line with the native form, under a status that is not 200.
 * - `html`: a proxy's page. `empty`: no body at all.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ErrorShape = Schema.Literal("native", "nested", "openai", "anthropic", "numeric", "sse", "html", "empty")

/**
 * @since 0.1.0
 * @category models
 */
export type ErrorShape = typeof ErrorShape.Type

/**
 * An error answer to any request.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ErrorAnswer = Schema.Struct({
  /** HTTP status; default 500. */
  status: Schema.optional(Schema.Int.pipe(Schema.between(400, 599))),
  /** Default: the usual code of the status, such as `Throttling.RateQuota` of 429. */
  code: Schema.optional(Schema.String),
  message: Schema.optional(Schema.String),
  /** Default `native`. */
  shape: Schema.optional(ErrorShape),
  /** Instead of the shape's own content type; an empty string sends none. */
  contentType: Schema.optional(Schema.String),
  /** Lengthens the message until the body has this many bytes. */
  padTo: Schema.optional(Count),
  /** The body never ends: after the text it goes on dripping (`drip`), or stays silent and open (`open`). */
  endless: Schema.optional(Schema.Literal("drip", "open")),
  /** A `Retry-After` header: seconds, or any text as it is. */
  retryAfter: Schema.optional(Schema.Union(Schema.NonNegative, Schema.String)),
  /** In answer to a streaming request: `event:error` in a 200 stream, after so many events of the good answer. */
  asEvent: Schema.optional(Count)
})

/**
 * @since 0.1.0
 * @category models
 */
export type ErrorAnswer = typeof ErrorAnswer.Type

/**
 * What a streamed answer does. Times in milliseconds.
 *
 * @since 0.1.0
 * @category schemas
 */
export const StreamBehavior = Schema.Struct({
  /** The head of the answer, then silence. */
  stallBeforeFirstEvent: Schema.optional(Schema.Boolean),
  /** Silence after so many events. */
  stallAfterEvents: Schema.optional(Count),
  /** RST after so many events. */
  resetAfterEvents: Schema.optional(Count),
  /** `event:error` after so many events: the one of `Behavior.error`, or an internal error. */
  errorAfterEvents: Schema.optional(Count),
  /** After so many events, half of the next one and a clean end. */
  halfFrame: Schema.optional(Count),
  /** A clean end without the events that carry a finish reason. */
  closeWithoutFinish: Schema.optional(Schema.Boolean),
  /** Comments at this interval, for ever, and no event. */
  heartbeatsOnly: Schema.optional(Millis),
  /** A comment frame between every two events. */
  commentsBetween: Schema.optional(Schema.Boolean),
  /** Events without content at this interval, for ever. */
  emptyDeltas: Schema.optional(Millis),
  /** The text of the answer is one delta of this many bytes. */
  hugeEvent: Schema.optional(Count),
  /** The text of the answer is so many small deltas. */
  events: Schema.optional(Count),
  /** Bytes of content in each of `events`; default 4. */
  eventBytes: Schema.optional(Count),
  /** Time between events; default none. */
  eventInterval: Schema.optional(Millis),
  /**
   * Sends the byte stream in writes (HTTP chunks) of this many bytes, wherever that cuts or joins events; default one
   * write for each event.
   */
  chunking: Schema.optional(Schema.Int.pipe(Schema.positive())),
  /** Default `lf`. */
  lineEnd: Schema.optional(Schema.Literal("lf", "crlf", "cr")),
  /** `data: {…}` instead of `data:{…}`. */
  spaceAfterColon: Schema.optional(Schema.Boolean),
  /** Leaves the `event:` line out. */
  noEventLine: Schema.optional(Schema.Boolean),
  /** Leaves the `:HTTP_STATUS/…` comment out. */
  noStatusComment: Schema.optional(Schema.Boolean),
  /** The JSON of each event over several `data:` lines. */
  multiLineData: Schema.optional(Schema.Boolean),
  /** A byte order mark first. */
  byteOrderMark: Schema.optional(Schema.Boolean),
  /** The last event lacks its blank line. */
  noFinalBlankLine: Schema.optional(Schema.Boolean),
  /** `data:[DONE]` last. */
  doneSentinel: Schema.optional(Schema.Boolean),
  /** The whole answer as plain JSON, as an endpoint that does not stream would give it. */
  jsonInsteadOfStream: Schema.optional(Schema.Boolean),
  /** After so many events, one whose data is not JSON; the answer goes on after it. */
  undecodableEventAfter: Schema.optional(Count)
})

/**
 * @since 0.1.0
 * @category models
 */
export type StreamBehavior = typeof StreamBehavior.Type

/**
 * What becomes of the task that a request submits.
 *
 * @since 0.1.0
 * @category schemas
 */
export const TaskBehavior = Schema.Struct({
  /** Milliseconds in `PENDING`; default: that of the server. */
  pending: Schema.optional(Millis),
  /** Milliseconds in `RUNNING`; default: that of the server. */
  running: Schema.optional(Millis),
  /** How it ends; default: as what it works on. `UNKNOWN` is a task that is lost. */
  end: Schema.optional(Schema.Literal("SUCCEEDED", "FAILED", "CANCELED", "UNKNOWN")),
  /** So many of its sub-tasks, such as images, fail. */
  failures: Schema.optional(Count),
  /** Of what fails. Default: `InternalError.Algo` of a task, `DataInspectionFailed` of a sub-task. */
  code: Schema.optional(Schema.String),
  message: Schema.optional(Schema.String)
})

/**
 * @since 0.1.0
 * @category models
 */
export type TaskBehavior = typeof TaskBehavior.Type

/**
 * What a task over a WebSocket does, or a session of the realtime protocol. Times in milliseconds. An event is a text
 * message; the first of a task is `task-started`, that of a session is `session.created`. What strikes after so many events
 * strikes behind the audio that belongs to the last of them, and with 0 instead of the first.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SocketBehavior = Schema.Struct({
  /** `task-failed` after so many events, or `error` in a session, with what `Behavior.error` says; then the server closes. */
  failAfterEvents: Schema.optional(Count),
  /** A close frame after so many events. */
  closeAfterEvents: Schema.optional(Count),
  /** Of that close frame; default 1011. */
  closeCode: Schema.optional(Schema.Int.pipe(Schema.between(1000, 4999))),
  /** Of that close frame; default none. */
  closeReason: Schema.optional(Schema.String),
  /** A FIN without a close frame after so many events. */
  endAfterEvents: Schema.optional(Count),
  /** A RST after so many events. */
  resetAfterEvents: Schema.optional(Count),
  /** Silence after so many events: what arrives is read, and nothing is answered. */
  stallAfterEvents: Schema.optional(Count),
  /** Time between events; default none. */
  eventInterval: Schema.optional(Millis),
  /** After so many events, the next one is a binary message. */
  binaryInsteadOfText: Schema.optional(Count),
  /** After so many binary messages, the next one is a text message: its bytes as base64. */
  textInsteadOfBinary: Schema.optional(Count),
  /** After so many events, a text that is not JSON; the task goes on after it. */
  undecodableAfter: Schema.optional(Count),
  /** After the first event, another one of so many bytes, whose name nobody knows. */
  giantFrame: Schema.optional(Count),
  /** What happens right after `task-finished`, so that the WebSocket looks as if it could be used again. */
  closeInsteadOfReuse: Schema.optional(Schema.Literal("close", "end", "reset")),
  /** The audio of the first sentence has so many bytes. It is made only as fast as the client reads. */
  audioBytes: Schema.optional(Count),
  /** Bytes of audio in each message; default 8192. */
  frameBytes: Schema.optional(Schema.Int.pipe(Schema.positive())),
  /** Pings at this interval. */
  pingInterval: Schema.optional(Millis)
})

/**
 * @since 0.1.0
 * @category models
 */
export type SocketBehavior = typeof SocketBehavior.Type

/**
 * @since 0.1.0
 * @category schemas
 */
export const Behavior = Schema.Struct({
  /** Milliseconds between the end of the request and the head of the answer. */
  latency: Schema.optional(Millis),
  /** Milliseconds between the head of the answer and its body. */
  bodyLatency: Schema.optional(Millis),
  /** An error instead of the answer. */
  error: Schema.optional(ErrorAnswer),
  /** A failure of the connection. */
  fault: Schema.optional(Fault),
  /** Compresses the body, whether or not the client said that it can read that. */
  gzip: Schema.optional(Schema.Boolean),
  /** A `Keep-Alive: timeout=n` header, in seconds. It is only said, not done: see `Connections.closeIdleAfter`. */
  keepAliveHint: Schema.optional(Count),
  /** Lengthens the text of an answer that is not streamed until the body has this many bytes. */
  padAnswerTo: Schema.optional(Count),
  stream: Schema.optional(StreamBehavior),
  task: Schema.optional(TaskBehavior),
  /** Over WebSockets, `latency` is the wait before the answer to a handshake, and before `task-started`. */
  socket: Schema.optional(SocketBehavior)
})

/**
 * @since 0.1.0
 * @category models
 */
export type Behavior = typeof Behavior.Type

/**
 * The request header that sets the behaviour of its own request, as JSON.
 *
 * @since 0.1.0
 * @category constructors
 */
export const headerName = "x-simulator-behavior"

/**
 * The header by which one request asks for a behaviour.
 *
 * @example
 * import { Behavior } from "effect-dashscope-simulator"
 *
 * const headers = Behavior.toHeaders({ latency: 50, fault: { _tag: "ResetAfterHeaders" } })
 *
 * @since 0.1.0
 * @category constructors
 */
export const toHeaders = (behavior: Behavior): { readonly "x-simulator-behavior": string } => ({
  [headerName]: JSON.stringify(behavior).replace(notAscii, escapeUnit)
})

const notAscii = /[^\x20-\x7e]/g
const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`

const decodeText = Schema.decodeUnknownEither(Schema.parseJson(Behavior), { onExcessProperty: "error" })

/**
 * Reads a behaviour from JSON. An unknown field is an error, so that a misspelt one is noticed.
 *
 * @since 0.1.0
 * @category schemas
 */
export const fromJson = (text: string): Either.Either<Behavior, ParseResult.ParseError> => decodeText(text)

/**
 * The behaviour of a healthy service.
 *
 * @since 0.1.0
 * @category constructors
 */
export const healthy: Behavior = {}
