/**
 * The audio of a session's user: who speaks when, and what is said.
 */
import type { JsonObject } from "../core/json.js"
import { asNumber, asObject, asString } from "../core/json.js"
import type { HeardSentence } from "../core/sentence.js"
import { Hearing } from "../core/sentence.js"
import { chinese } from "../generation/phrases.js"
import type { Family } from "./settings.js"
import { detectionOf } from "./settings.js"
import type { Wire } from "./wire.js"

/** @internal */
export interface Turn {
  readonly itemId: string
  readonly text: string
  readonly millis: number
}

/** @internal */
export interface MicrophoneListener {
  /** Somebody begins to speak. */
  readonly onSpeech: () => void
  /** Somebody has spoken, and the transcript is told. */
  readonly onTurn: (turn: Turn) => void
}

/** @internal */
export class Microphone {
  private hearing: Hearing | undefined
  /** What waits for a commit. */
  private buffer: Array<Buffer> = []
  private item = ""
  private lastItem: string | undefined
  private hasHeard = false

  constructor(
    private readonly family: Family,
    private readonly wire: Wire,
    private readonly session: () => JsonObject,
    private readonly listener: MicrophoneListener
  ) {}

  /** Whether any audio came at all. */
  get isUsed(): boolean {
    return this.hasHeard
  }

  get isEmpty(): boolean {
    return this.buffer.length === 0
  }

  get detects(): boolean {
    return detectionOf(this.session()) !== undefined
  }

  append(bytes: Buffer): void {
    this.hasHeard = true
    if (this.detects) {
      this.hearing ??= this.listening()
      this.hearing.hear(bytes)
    } else {
      this.buffer.push(bytes)
    }
  }

  clear(): void {
    this.buffer = []
    this.hearing = undefined
  }

  /** Ends what is being said by now, or takes what is in the buffer. */
  commit(): void {
    const { hearing } = this
    if (this.detects) {
      hearing?.end()
      return
    }
    const audio = Buffer.concat(this.buffer)
    this.buffer = []
    const heard: Array<HeardSentence> = []
    const once = new Hearing(this.options(), { onPart: () => {}, onSentence: (sentence) => heard.push(sentence) })
    once.hear(audio)
    once.end()
    this.item = this.wire.id("item")
    const text = heard.map((sentence) => sentence.text).join("")
    this.committed()
    if (this.isTranscribed) {
      this.growing("", text)
    }
    this.completed({ itemId: this.item, text, millis: once.millis })
  }

  private options() {
    const session = this.session()
    const { input } = asObject(session.audio) ?? {}
    const nested = asObject(asObject(input)?.format)
    const detection = detectionOf(session)
    const format = asString(nested?.type) ?? asString(session.input_audio_format) ?? "pcm"
    return {
      format: format.startsWith("pcm") ? "pcm" : format,
      sampleRate: asNumber(nested?.sample_rate) ?? asNumber(session.sample_rate) ?? 16_000,
      language: asString(asObject(session.input_audio_transcription)?.language) ?? "zh",
      maxSilence: asNumber(detection?.silence_duration_ms) ?? 800,
      endsBySign: false
    }
  }

  private listening(): Hearing {
    return new Hearing(this.options(), {
      onBegin: (begin) => {
        this.item = this.wire.id("item")
        this.wire.tellFirst("input_audio_buffer.speech_started", { audio_start_ms: begin, ...this.named() })
        this.listener.onSpeech()
      },
      onPart: ({ text }) => {
        if (this.isTranscribed && !this.isTalking) {
          this.growing("", text)
        }
      },
      onSentence: (sentence) => this.spoken(sentence)
    })
  }

  private spoken({ begin, end, text }: HeardSentence): void {
    this.wire.tell("input_audio_buffer.speech_stopped", { audio_end_ms: end, ...this.named() })
    this.committed()
    if (this.isTranscribed && this.isTalking) {
      this.growing("", text)
    }
    this.completed({ itemId: this.item, text, millis: end - begin })
  }

  private get isTalking(): boolean {
    return this.family === "omni" || this.family === "audio"
  }

  /** Whether the user can be told what was heard. */
  private get isTranscribed(): boolean {
    const { input_audio_transcription } = this.session()
    return this.family === "asr" || (input_audio_transcription !== null &&
      !(this.family === "translate" && asObject(input_audio_transcription)?.model === null))
  }

  private named(): JsonObject {
    return this.family === "translate" ? {} : { item_id: this.item }
  }

  private previous(): JsonObject {
    return this.family === "omni" ? {} : { previous_item_id: this.lastItem ?? null }
  }

  private committed(): void {
    const { item, wire } = this
    wire.tell("input_audio_buffer.committed", { ...this.previous(), item_id: item })
    wire.tell("conversation.item.created", {
      ...this.previous(),
      item: {
        id: item,
        object: "realtime.item",
        type: "message",
        status: "in_progress",
        role: "user",
        content: [{ type: "input_audio", transcript: null }]
      }
    })
    this.lastItem = item
  }

  private about(text: string): JsonObject {
    const given = asString(asObject(this.session().input_audio_transcription)?.language)
    return {
      item_id: this.item,
      content_index: 0,
      language: given ?? (chinese.test(text) ? "zh" : "en"),
      emotion: "neutral"
    }
  }

  private growing(text: string, stash: string): void {
    const name = this.isTalking ? "delta" : "text"
    this.wire.tell(`conversation.item.input_audio_transcription.${name}`, { ...this.about(stash), text, stash })
  }

  private completed(turn: Turn): void {
    if (this.isTranscribed) {
      if (turn.text === "") {
        this.wire.tell("conversation.item.input_audio_transcription.failed", {
          item_id: turn.itemId,
          content_index: 0,
          error: this.family === "audio"
            ? { type: "transcription_error", code: "transcription_failed", message: "ASR transcription failed" }
            : { code: "audio_unintelligible", message: "The audio could not be transcribed.", param: null }
        })
      } else {
        this.wire.tell("conversation.item.input_audio_transcription.completed", {
          ...this.about(turn.text),
          transcript: turn.text
        })
      }
    }
    this.listener.onTurn(turn)
  }
}
