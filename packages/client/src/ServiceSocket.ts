/**
 * A WebSocket to the service: what it is opened with, and what it can do once it is open. `DashScopeClient.connect` opens
 * one; the services that talk over WebSockets (`SpeechSynthesizer`, `Recognition`, `Realtime` …) are built on it.
 *
 * It is a lease of the connection pool: it takes a permit and a connection, waits in the same queue, and counts in the same
 * limits, statistics, events and metrics as a request.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type { DashScopeError } from "./DashScopeError.js"

/**
 * A text message as a string, a binary one as bytes.
 *
 * @since 0.1.0
 * @category models
 */
export type SocketMessage = string | Uint8Array

/**
 * Which WebSocket of the service.
 *
 * @since 0.1.0
 * @category models
 */
export interface SocketRequest {
  /** What is appended to the base of the WebSocket API (`wss://host/api-ws/v1`): `/inference` or `/realtime`. */
  readonly path: string
  readonly urlParams?: Readonly<Record<string, string>> | undefined
  /**
   * Whether the connection may be one that an earlier lease with the same headers has left, and may be left to a later one
   * by {@link ServiceSocket.keep}. One that has been idle for 50 seconds is closed, before the service does that. Default:
   * false.
   */
  readonly reuse?: boolean | undefined
  /**
   * When the opening may be tried again, by retries: `always`, or only where nothing had been sent over the WebSocket
   * (`unsent`). Default: `always`.
   */
  readonly replay?: "always" | "unsent" | undefined
  /**
   * When the operation began that this WebSocket is a part of, by the Clock, in milliseconds since 1970: `timeout` runs from
   * then. Default: now.
   */
  readonly startedAt?: number | undefined
  /** What is asked over it, for the limits of `RateLimit`. */
  readonly model?: string | undefined
}

/**
 * An open WebSocket, for as long as its scope. Its permit and connection are given back when the scope closes, or when it
 * ends, whichever is first.
 *
 * @since 0.1.0
 * @category models
 */
export interface ServiceSocket {
  /** Scheme, host and port. */
  readonly origin: string
  /** Whether its connection has carried a lease before. */
  readonly isReused: boolean
  /**
   * Waits for messages, and takes all that have come, at least one, in order. Once the WebSocket has ended it fails, always:
   * with `ConnectionError` of reason `Truncated`, which says code and reason, where the service closed it.
   */
  readonly take: Effect.Effect<ReadonlyArray<SocketMessage>, DashScopeError>
  /** Sends a message, once the socket has taken what it was given before. */
  readonly send: (message: SocketMessage) => Effect.Effect<void, DashScopeError>
  /** Closes it with code 1000 and waits until it is, for a second if the service does not answer. */
  readonly close: Effect.Effect<void>
  /** Ends it at once: what waits for it fails. */
  readonly abort: Effect.Effect<void>
  /** The protocol is done and nothing is owed: with the scope, the connection goes back to the pool. Needs `reuse`. */
  readonly keep: Effect.Effect<void>
  /** Something was sent that the service is to answer: `firstContentTimeout` runs from the first time on. */
  readonly asked: () => void
  /** What was taken is content: it ends `firstContentTimeout`, and `contentTimeout` runs anew. */
  readonly answered: () => void
  /** All has been sent: from now on `contentTimeout` counts. While a program sends, its pauses are its own. */
  readonly sentAll: () => void
  /**
   * Of a protocol of turns: something was asked, and the service owes an answer. `firstContentTimeout` runs anew, and
   * `contentTimeout` from the first content on.
   */
  readonly turnBegan: () => void
  /** The answer is complete: nothing is owed, and none of the two runs until the next turn. */
  readonly turnEnded: () => void
  /** What the service says was used, under its wire names, for the limits of `RateLimit`. */
  readonly used?: ((usage: unknown) => void) | undefined
  /** A text of the service without the key and the other secrets that the handshake had, should it repeat them. */
  readonly scrub: (text: string) => string
}
