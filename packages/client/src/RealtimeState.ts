/**
 * What the events of a realtime session come to: responses, and what was heard; `Realtime` exports all of it too.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type * as Message from "./Message.js"
import type { ErrorInfo, ResponseInfo, ResponseUsage, ServerEvent } from "./RealtimeEvent.js"
import type { RealtimeOptions, Session } from "./RealtimeSession.js"
import type { Handler, RunOptions } from "./Tool.js"

/**
 * A function that the model asks for.
 *
 * @since 0.1.0
 * @category models
 */
export interface FunctionCall {
  readonly callId: string
  readonly name: string
  /** JSON, as the model wrote it. */
  readonly arguments: string
}

/**
 * What a response has come to, or comes to so far.
 *
 * @since 0.1.0
 * @category models
 */
export interface Response {
  readonly id: string
  /** Whether its last event has come. */
  readonly isDone: boolean
  /** `in_progress`, `completed`, `cancelled`, `failed` or `incomplete`. */
  readonly status: string | undefined
  /** Why it was cancelled: `turn_detected` (somebody spoke) or `client_cancelled`. */
  readonly reason: string | undefined
  /** What it says in writing, where it does not speak. */
  readonly text: string
  /** What it says in speech, as text. */
  readonly transcript: string
  /** Pieces of the speech; together they are the whole. */
  readonly audio: ReadonlyArray<Uint8Array>
  readonly functionCalls: ReadonlyArray<FunctionCall>
  readonly usage: ResponseUsage | undefined
  /** The response as its first or last event told it. */
  readonly info: ResponseInfo | undefined
}

/**
 * What was heard of one item: a sentence, or what there is of it so far.
 *
 * @since 0.1.0
 * @category models
 */
export interface Transcript {
  /** Empty where the service gives none. */
  readonly itemId: string
  readonly contentIndex: number
  /** What is certain. */
  readonly text: string
  /** A draft of what follows; show it after `text`, and replace both with the next. */
  readonly stash: string
  /** Whether nothing follows. */
  readonly isFinal: boolean
  /** Such as `zh`. */
  readonly language: string | undefined
  /** `surprised`, `neutral`, `happy`, `sad`, `disgusted`, `angry` or `fearful`. */
  readonly emotion: string | undefined
  /** Whether it was said beside the conversation. */
  readonly isAmbient: boolean
  /** Why it could not be written down. */
  readonly error?: ErrorInfo | undefined
}

/**
 * What comes of an interpreter: what it heard, what that is in the other language, and how that sounds.
 *
 * @since 0.1.0
 * @category models
 */
export type Interpreted =
  | { readonly _tag: "Heard"; readonly transcript: Transcript }
  | {
    readonly _tag: "Translation"
    readonly responseId: string
    readonly itemId: string
    /** Of what it is the translation, where the service says it. */
    readonly sourceItemId: string | undefined
    /** What is certain. */
    readonly text: string
    /** A draft of what follows; show it after `text`, and replace both with the next. */
    readonly stash: string
    /** Whether nothing follows. */
    readonly isFinal: boolean
  }
  | { readonly _tag: "Audio"; readonly responseId: string; readonly audio: Uint8Array }

/**
 * What goes into a conversation: bytes are audio. Image: a picture in JPEG, which goes with the audio before it. Text: what the
 * user says in writing. EndTurn: the model is to answer, where no turns are detected.
 *
 * @since 0.1.0
 * @category models
 */
export type ConversationInput =
  | Uint8Array
  | { readonly _tag: "Image"; readonly jpeg: Uint8Array }
  | { readonly _tag: "Text"; readonly text: string }
  | { readonly _tag: "EndTurn" }

/**
 * What happens in a conversation, beside its audio.
 *
 * - `Heard`: more of what the user says is known.
 * - `Said`: more of what the model says is known: `delta` is new, `text` the whole so far.
 * - `ResponseDone`: a response is complete, or was ended; its audio is not kept.
 * - `Interrupted`: the user spoke, or `interrupt` was run. The audio of these responses that was not taken has been dropped:
 *   `droppedBytes`. Drop what a player still holds.
 * - `ToolCallStarted`, `ToolCallFinished`: a pair for each call. `content` is what the model is told, and `outcome` whether that
 *   is the result, the fault of the call, or the failure of the handler.
 * - `Server`: every other event of the service.
 *
 * @since 0.1.0
 * @category models
 */
export type ConversationEvent =
  | { readonly _tag: "Heard"; readonly transcript: Transcript }
  | {
    readonly _tag: "Said"
    readonly responseId: string
    readonly delta: string
    readonly text: string
    readonly isFinal: boolean
  }
  | { readonly _tag: "ResponseDone"; readonly response: Response }
  | { readonly _tag: "Interrupted"; readonly responseIds: ReadonlyArray<string>; readonly droppedBytes: number }
  | { readonly _tag: "ToolCallStarted"; readonly call: Message.ToolCall }
  | {
    readonly _tag: "ToolCallFinished"
    readonly call: Message.ToolCall
    readonly content: string
    readonly outcome: "Success" | "InvalidCall" | "HandlerFailure"
  }
  | { readonly _tag: "Server"; readonly event: ServerEvent }

/**
 * How a conversation goes about it.
 *
 * @since 0.1.0
 * @category models
 */
export interface ConversationOptions<E = unknown>
  extends RealtimeOptions, Pick<RunOptions<E>, "concurrency" | "maxRounds" | "onHandlerFailure" | "onInvalidCall">
{
  /**
   * The functions that the model may ask for. What it asks for is done while the conversation goes on; it is told the results,
   * and asked to go on. `maxRounds` counts how often it may ask without anything new from the user.
   */
  readonly handlers?: ReadonlyArray<Handler<unknown, unknown>> | undefined
  /**
   * What happens where the user begins to speak while the model does. `drop`: its audio that nobody has taken is dropped, and what
   * still comes of that response; the service ends the response by itself. `cancel`: the same, and the service is asked to end it
   * (`response.cancel`), for turn detection that does not. `ignore`: nothing. Default: `drop`, or `ignore` where
   * `turnDetection.interruptResponse` is false.
   */
  readonly bargeIn?: "drop" | "cancel" | "ignore" | undefined
  /**
   * How many bytes of audio may wait for their reader. Models speak faster than players play, and what waits here is what an
   * interruption can still drop. When it is full the socket is read no more, nor is it known who speaks. Default: 16 MiB, which
   * is nearly six minutes.
   */
  readonly audioBuffer?: number | undefined
}

/**
 * A conversation that runs, for as long as its scope.
 *
 * @since 0.1.0
 * @category models
 */
export interface Conversation<out E> {
  /** To say more than the input does. Its events are read by the conversation. */
  readonly session: Omit<Session, "events">
  /**
   * What the model says, to be played; to be read once. Without a reader, only the newest is kept. Ends with the session, and
   * fails with it.
   */
  readonly audio: Stream.Stream<Uint8Array, E>
  /** What happens; to be read once. Without a reader, the newest thousand are kept. Ends with the session, and fails with it. */
  readonly events: Stream.Stream<ConversationEvent, E>
  /** Drops the audio that nobody has taken, and ends the response that is running, if there is one. */
  readonly interrupt: Effect.Effect<void>
}
