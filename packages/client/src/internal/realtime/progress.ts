/**
 * Where a session stands: which responses run, what is owed, what it cost, and how its socket's end is to be understood.
 *
 * @internal
 */
import { WebSocketClosed } from "effect-http-pool/WebSocketError"
import type { ApiError, DashScopeError } from "../../DashScopeError.js"
import type { EventOf, ServerEvent } from "../../RealtimeEvent.js"
import type { Traits } from "./families.js"
import * as Messages from "./messages.js"
import { addUsage } from "./responses.js"

/** What an event means for the deadlines. @internal */
export type Turn = "began" | "ended" | undefined

/** @internal */
export class Progress {
  private readonly running = new Set<string>()
  /** A response was asked for, and has not begun. */
  private isOwed = false
  /** An error that was the last event. */
  private said: EventOf<"error"> | undefined = undefined
  usage = { inputTokens: 0, outputTokens: 0, characters: 0 }
  /** Nothing more is sent. */
  isFinishing = false
  /** `session.finished` has come. */
  hasFinished = false

  constructor(
    private readonly traits: Traits,
    /** Whether a response follows what is said, where turns are detected. */
    private readonly answersSpeech: boolean
  ) {}

  /** Nothing was asked for that has not been answered. */
  get isIdle(): boolean {
    return this.running.size === 0 && !this.isOwed
  }

  /** All that is owed has come, as far as can be known. */
  get isDone(): boolean {
    return this.hasFinished || (this.isFinishing && this.traits.end === "unasked" && this.isIdle)
  }

  /** A response was asked for. */
  asked(): void {
    this.isOwed = true
  }

  came(event: ServerEvent): Turn {
    this.said = event.type === "error" ? event : undefined
    switch (event.type) {
      case "session.finished":
        this.hasFinished = true
        return "ended"
      case "error":
        // What was asked for may be what was refused.
        this.isOwed = false
        return this.isIdle ? "ended" : undefined
      case "input_audio_buffer.speech_stopped":
        return event.reason === "turn_invalid" || !this.answersSpeech ? undefined : "began"
      case "response.created":
        this.running.add(event.response.id ?? "")
        this.isOwed = false
        return undefined
      case "response.done":
        this.running.delete(event.response.id ?? "")
        this.isOwed = false
        this.usage = addUsage(this.usage, event.response.usage)
        return this.isIdle ? "ended" : undefined
      case "conversation.item.input_audio_transcription.completed":
      case "conversation.item.input_audio_transcription.failed":
        return this.traits.family === "asr" ? "ended" : undefined
      default:
        return undefined
    }
  }

  /**
   * Why the socket has ended: nothing, where the session was at its end; what the service had said was wrong; or the error that
   * the socket gave.
   */
  endOf(
    error: DashScopeError,
    sessionId: string | undefined,
    scrub: (text: string) => string
  ): DashScopeError | undefined {
    if (error._tag !== "ConnectionError" || error.reason !== "Truncated") return error
    const { cause } = error
    const closed = cause instanceof WebSocketClosed ? cause : undefined
    if (closed?.code === 1007 && /model not found/i.test(closed.reason)) {
      return Messages.modelNotFound(
        "the service knows no realtime model of this name, or the key may not use it (closed with 1007, Model not found)"
      )
    }
    if (this.said !== undefined) return this.errorOf(this.said, sessionId, scrub)
    return closed?.code === 1000 && this.isFinishing && this.traits.end !== "finished" && this.isIdle
      ? undefined
      : error
  }

  errorOf(event: EventOf<"error">, sessionId: string | undefined, scrub: (text: string) => string): ApiError {
    return Messages.apiError(event.error, sessionId, scrub)
  }
}
