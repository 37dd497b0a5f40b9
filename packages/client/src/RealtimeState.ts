/**
 * What the events of a realtime session come to: responses, and what was heard; `Realtime` exports all of it too.
 *
 * @since 0.1.0
 */
import type { ErrorInfo, ResponseInfo, ResponseUsage } from "./RealtimeEvent.js"

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
