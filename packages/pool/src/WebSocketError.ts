/**
 * How a WebSocket over the pool can fail, beyond what any request can: see `ConnectionError` for that.
 *
 * | tag                | when                                                                          |
 * | ------------------ | ----------------------------------------------------------------------------- |
 * | `HandshakeInvalid` | the handshake cannot be written: nothing was sent                             |
 * | `HandshakeRefused` | the server answered, and did not open a WebSocket                             |
 * | `WebSocketClosed`  | a close frame ended it, the peer's or our own                                 |
 * | `RequestTimeout`   | a deadline passed: acquire, connect (the handshake's answer included), write, read |
 * | `ConnectionError`  | the network or the pool's closing ended it, or the peer broke the protocol    |
 * | `PoolExhausted`    | `maximumPendingRequests` wait already                                         |
 *
 * Once a WebSocket is open, `responseStarted` of these errors says whether a message has come over this lease, and
 * `requestWritten` whether one was sent: the handshake itself does nothing.
 *
 * @since 0.1.0
 */
import * as Headers from "@effect/platform/Headers"
import * as Schema from "effect/Schema"
import type { PoolError } from "./ConnectionError.js"
import { isPoolError } from "./ConnectionError.js"

/**
 * What was asked for cannot be a handshake: the URL is not one of `ws:` or `wss:`, or a header, a subprotocol or a limit is
 * not valid. Nothing was sent.
 *
 * @since 0.1.0
 * @category errors
 */
export class HandshakeInvalid extends Schema.TaggedError<HandshakeInvalid>("effect-http-pool/HandshakeInvalid")(
  "HandshakeInvalid",
  { description: Schema.String }
) {
  readonly isRetryable = false

  override get message(): string {
    return `No WebSocket can be opened with this: ${this.description}`
  }
}

const passing: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504])

/**
 * The server answered the handshake, and did not open a WebSocket: with a status other than 101 (401, 403 and 429 are
 * usual), or with a 101 that is not valid. It carries what the answer to an HTTP request carries, so that a client can make
 * of it the error that HTTP would give.
 *
 * What the request's secret headers hold is replaced where the server repeats it.
 *
 * @since 0.1.0
 * @category errors
 */
export class HandshakeRefused extends Schema.TaggedError<HandshakeRefused>("effect-http-pool/HandshakeRefused")(
  "HandshakeRefused",
  {
    /** Scheme, host and port. */
    origin: Schema.String,
    status: Schema.Int,
    headers: Headers.schemaFromSelf,
    /** Its first 64 KiB, as UTF-8; less where it broke off, or did not end within `connectTimeout`. */
    body: Schema.String,
    description: Schema.String
  }
) {
  /** Whether time may cure it: 408, 425, 429, 500, 502, 503 and 504. */
  get isRetryable(): boolean {
    return passing.has(this.status)
  }

  override get message(): string {
    return `${this.origin} did not open a WebSocket: ${this.description}`
  }
}

/**
 * The WebSocket was closed by a close frame. It is not for the pool to say whether that was too early: a protocol above
 * knows what it still waits for.
 *
 * @since 0.1.0
 * @category errors
 */
export class WebSocketClosed extends Schema.TaggedError<WebSocketClosed>("effect-http-pool/WebSocketClosed")(
  "WebSocketClosed",
  {
    origin: Schema.String,
    /** 1000 is the normal one; 1005 stands for none. */
    code: Schema.Int,
    reason: Schema.String,
    /** Who began to close. */
    initiator: Schema.Literal("peer", "client"),
    /** Whether both sides said so; false where the peer did not answer our close frame. */
    isClean: Schema.Boolean
  }
) {
  /** What was asked may have been done; only the protocol above knows. */
  readonly isRetryable = false

  override get message(): string {
    const reason = this.reason === "" ? "" : `: ${this.reason}`
    return `The WebSocket to ${this.origin} was closed by ${
      this.initiator === "peer" ? "the peer" : "this client"
    } with code ${this.code}${reason}`
  }
}

/**
 * How an open WebSocket can end.
 *
 * @since 0.1.0
 * @category errors
 */
export type WebSocketError = PoolError | WebSocketClosed

/**
 * How the opening of a WebSocket can fail.
 *
 * @since 0.1.0
 * @category errors
 */
export type OpenError = WebSocketError | HandshakeInvalid | HandshakeRefused

/**
 * Tells whether a value is one of the errors of a WebSocket, those of the pool included.
 *
 * @since 0.1.0
 * @category guards
 */
export const isWebSocketError = (u: unknown): u is OpenError =>
  u instanceof WebSocketClosed || u instanceof HandshakeRefused || u instanceof HandshakeInvalid || isPoolError(u)
