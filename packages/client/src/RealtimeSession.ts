/**
 * An open realtime session: what can be said in it, and what is heard; `Realtime` exports all of it too.
 *
 * @since 0.1.0
 */
import type { DurationWithUnit } from "effect-http-pool/ConnectionConfig"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { CallOptions } from "./CallOptions.js"
import type { DashScopeError } from "./DashScopeError.js"
import type { ServerEvent, SessionInfo } from "./RealtimeEvent.js"
import type { Family, SessionParams } from "./RealtimeParams.js"

/**
 * What one session may have of its own.
 *
 * - `timeout` bounds the whole session, from the wait for a connection to its end.
 * - `firstContentTimeout` bounds the opening, to `session.updated`; and in each turn the wait for the first content (text, sound,
 *   a call of a function, what was heard). A turn begins where something is asked: by `createResponse`, by a commit that is
 *   answered, by the first text, by `finish`; and where the service says that somebody has stopped speaking.
 * - `contentTimeout` bounds the pauses between contents, in each turn. Between turns neither counts, nor while the program does
 *   not read.
 *
 * @since 0.1.0
 * @category models
 */
export interface RealtimeOptions extends CallOptions {
  /**
   * After `finish`: how long the service may be silent before `session.finished`. Then the session ends with `RequestTimeout`
   * of phase `content`, or, where the model's family does not promise that event, without an error. Default: 20 seconds, as
   * in the official SDK.
   */
  readonly finishTimeout?: DurationWithUnit | undefined
}

/**
 * A part of a response that is asked for.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResponseOptions {
  readonly instructions?: string | undefined
  readonly modalities?: ReadonlyArray<string> | undefined
}

/**
 * A session that the service has opened, for as long as its scope. What it is sent is an event with an id of its own, which
 * `error` events repeat (`error.eventId`); the effects that send one event give it.
 *
 * Each of them fails with `InputRequired`, before anything is sent, where the model's family does not take it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Session {
  /** The id that the service gave; empty where it gave none. */
  readonly id: string
  readonly family: Family
  /** What the service has made of the parameters. */
  readonly info: SessionInfo
  /**
   * What the service says, to the session's end; to be read once. Reading it slowly slows the service.
   *
   * An `error` event of type `invalid_request_error` is an element, and the session goes on; one of type `server_error` ends the
   * stream with `ApiError`. Where the service closes before the session is finished, it is a `ConnectionError` of reason
   * `Truncated`, or the error that it had told before. What had come is handed out first.
   */
  readonly events: Stream.Stream<ServerEvent, DashScopeError>
  /** Changes parameters; answered by `session.updated`, or an `error`. */
  readonly update: (params: SessionParams) => Effect.Effect<string, DashScopeError>
  /** Sends audio, once the socket has taken what it was given before. Long pieces are cut. */
  readonly appendAudio: (audio: Uint8Array) => Effect.Effect<void, DashScopeError>
  /** Ends a turn of audio, where no turns are detected. */
  readonly commit: Effect.Effect<string, DashScopeError>
  /** Drops the audio that was not committed. */
  readonly clear: Effect.Effect<string, DashScopeError>
  /**
   * Sends an image in JPEG, which goes with the audio: some must have been sent before. At most 256 KB in base64 and one a
   * second; of `translate` 500 KB and two a second.
   */
  readonly appendImage: (jpeg: Uint8Array) => Effect.Effect<string, DashScopeError>
  /** Sends a piece of text that is to be spoken. */
  readonly appendText: (text: string) => Effect.Effect<void, DashScopeError>
  /** Has the text spoken that was sent. */
  readonly commitText: Effect.Effect<string, DashScopeError>
  /** Drops the text that was not committed. Only in the mode `commit`. */
  readonly clearText: Effect.Effect<string, DashScopeError>
  /** Asks for a response. An error where one is running already. */
  readonly createResponse: (options?: ResponseOptions) => Effect.Effect<string, DashScopeError>
  /** Ends the response that is running. An error where there is none. */
  readonly cancelResponse: Effect.Effect<string, DashScopeError>
  /** Adds an item to the conversation: a text that the user says, or an item under its wire names. */
  readonly createItem: (
    item: string | Readonly<Record<string, unknown>>,
    previousItemId?: string
  ) => Effect.Effect<string, DashScopeError>
  /** Answers a function that the model asked for; `createResponse` has it go on. */
  readonly functionOutput: (callId: string, output: string) => Effect.Effect<string, DashScopeError>
  readonly retrieveItem: (itemId: string) => Effect.Effect<string, DashScopeError>
  readonly deleteItem: (itemId: string) => Effect.Effect<string, DashScopeError>
  /** Sends an event that has no name here, under its wire names; it gets an `event_id` where it has none. */
  readonly sendRaw: (
    event: Readonly<Record<string, unknown>> & { readonly type: string }
  ) => Effect.Effect<string, DashScopeError>
  /**
   * Says that nothing follows. The events go on to what is still owed, and end then: after `session.finished`, or, for a family
   * without it, after the last response. How long that may take says `finishTimeout`. A second time it does nothing.
   */
  readonly finish: Effect.Effect<void, DashScopeError>
}
