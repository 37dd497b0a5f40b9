/**
 * What a WebSocket over the pool is opened with, and what it can do once it is open: see `WebSocket`.
 *
 * Nothing here leads to a Node module, so that a client that runs anywhere can speak of it.
 *
 * @since 0.1.0
 */
import type * as Headers from "@effect/platform/Headers"
import type * as Effect from "effect/Effect"
import type * as Inspectable from "effect/Inspectable"
import type * as Redacted from "effect/Redacted"
import type * as Stream from "effect/Stream"
import type { DurationWithUnit } from "./ConnectionConfig.js"
import type { WebSocketError } from "./WebSocketError.js"

/**
 * A text message as a string, a binary one as bytes.
 *
 * @since 0.1.0
 * @category models
 */
export type Message = string | Uint8Array

/**
 * Which connections a lease may take over, and leave behind.
 *
 * @since 0.1.0
 * @category models
 */
export interface Reuse {
  /**
   * Leases share a connection only where URL, subprotocols, `maxPayload` and this are the same. It may be a secret: the pool
   * keeps a digest. *Default*: the headers of the handshake.
   */
  readonly key?: string | Redacted.Redacted | undefined
  /** How long a connection is kept for the next lease; `connectionIdleTimeout` holds too. *Default*: 60 seconds. */
  readonly longestIdle?: DurationWithUnit | undefined
}

/**
 * What a WebSocket is opened with.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Of `ws:` or `wss:`. */
  readonly url: string | URL
  /** What a key is in should be redacted: then the pool also takes it out of what the peer repeats. */
  readonly headers?: Readonly<Record<string, string | Redacted.Redacted | undefined>> | undefined
  /** Subprotocols, in the order of preference; the peer has to take one of them. *Default*: none. */
  readonly protocols?: ReadonlyArray<string> | undefined
  /** The largest message that is taken, in bytes: a larger one ends the WebSocket. *Default*: 16 MiB. */
  readonly maxPayload?: number | undefined
  /** The longest silence. *Default*: the pool's `readTimeout`. */
  readonly readTimeout?: DurationWithUnit | undefined
  /** *Default*: the pool's `writeTimeout`. */
  readonly writeTimeout?: DurationWithUnit | undefined
  /** *Default*: the connection is new, and closed at the end. */
  readonly reuse?: Reuse | undefined
}

/**
 * An open WebSocket, for as long as its scope.
 *
 * @since 0.1.0
 * @category models
 */
export interface Lease extends Inspectable.Inspectable {
  /** Whether its connection has carried a lease before. The peer may just have closed it: then its first use fails. */
  readonly isReused: boolean
  /** The subprotocol that the peer has chosen; empty for none. */
  readonly protocol: string
  /** Of the answer to the handshake. */
  readonly headers: Headers.Headers
  /**
   * Waits for messages, and takes all that have come, at least one, in order. What had come before the WebSocket ended is
   * taken first; then it fails, always: with `WebSocketClosed` also where the peer closed it properly.
   */
  readonly take: Effect.Effect<ReadonlyArray<Message>, WebSocketError>
  /** The same as a stream. It ends with an error only; `Stream.takeUntil` ends it before. */
  readonly messages: Stream.Stream<Message, WebSocketError>
  /**
   * Gives a message to the socket, once that has taken what it was given before. Interrupted while it waits, nothing is sent.
   * A message larger than the socket's buffer has to be taken within `writeTimeout` as a whole.
   */
  readonly send: (message: Message) => Effect.Effect<void, WebSocketError>
  /**
   * Closes the WebSocket and waits until it is, for a second if the peer does not answer. Messages that come after that are
   * dropped. *Default*: code 1000. A reason takes 123 bytes at the most, and is cut off there.
   */
  readonly close: (code?: CloseCode, reason?: string) => Effect.Effect<void>
  /**
   * Says that the protocol above is done and the peer owes nothing: when the scope closes, the connection goes back to the
   * pool. It is closed all the same where a message was not taken, or something is still to be sent. Without `reuse` it
   * changes nothing.
   */
  readonly keep: Effect.Effect<void>
}

/**
 * What a client may close with: 1000 (done), 1001 (going away) … 1014, or 3000 to 4999.
 *
 * @since 0.1.0
 * @category models
 */
export type CloseCode = number
