/**
 * What a realtime session may be told; `Realtime` exports all of it too.
 *
 * A parameter that is left out is not sent, so the service's default holds; `null` switches a feature off. Ranges are the
 * service's documentation: it checks them itself, since they change from model to model.
 *
 * Source: "Qwen-Omni client events", "Qwen-TTS-Realtime WebSocket API", "Qwen-ASR-Realtime WebSocket API", "LiveTranslate
 * client events".
 *
 * @since 0.1.0
 */
import type { Tool, ToolChoice } from "./GenerationParams.js"

/**
 * What kind of model it is, which decides what can be sent to it and how the session ends.
 *
 * - `omni`: hears, sees, and answers in speech and text.
 * - `asr`: writes down what it hears.
 * - `tts`: speaks texts.
 * - `translate`: interprets what it hears.
 * - `audio`: Qwen-Audio, which hears and answers, and whose sessions are not finished but closed.
 *
 * @since 0.1.0
 * @category models
 */
export type Family = "omni" | "asr" | "tts" | "translate" | "audio"

/**
 * @since 0.1.0
 * @category models
 */
export interface AudioFormat {
  /** `pcm`; for some models also `wav`, `opus` or `mp3`. Default: `pcm`. */
  readonly type?: string | undefined
  /** In Hz. Default: 16000 for input, 24000 for output. */
  readonly sampleRate?: number | undefined
}

/**
 * How the service tells that somebody has spoken.
 *
 * @since 0.1.0
 * @category models
 */
export interface TurnDetection {
  /** `server_vad`, `semantic_vad`, `smart_turn` or `speaker_detection`, by model. */
  readonly type: string
  /** From -1 to 1; higher takes louder voices. */
  readonly threshold?: number | undefined
  readonly prefixPaddingMs?: number | undefined
  /** How much silence ends a turn: from 200 to 6000. Default: 800. */
  readonly silenceDurationMs?: number | undefined
  /** Whether a response follows by itself. Default: true. */
  readonly createResponse?: boolean | undefined
  /** Whether speech ends the response that is running. Default: true. */
  readonly interruptResponse?: boolean | undefined
  /** After so much silence the model speaks first: from 5000 to 30000. */
  readonly idleTimeoutMs?: number | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface InputTranscription {
  /** Null for none. Of `asr` it is the model of the session. */
  readonly model?: string | null | undefined
  /** Such as `zh`. */
  readonly language?: string | undefined
  /** Of `asr`: a text with names and terms that may occur. */
  readonly corpus?: { readonly text: string } | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Translation {
  /** Such as `en`. */
  readonly language?: string | undefined
  /** How terms are to be translated. */
  readonly phrases?: Readonly<Record<string, string>> | undefined
  /** What is left out where the speech is in the target language already. */
  readonly sameLanguageSkip?: { readonly text?: boolean; readonly audio?: boolean } | undefined
}

/**
 * What a session may be told at its start, and again in its midst.
 *
 * @since 0.1.0
 * @category models
 */
export interface SessionParams {
  /** `["text", "audio"]`, or `["text"]` for a model that does not speak. */
  readonly modalities?: ReadonlyArray<string> | undefined
  /** Required by `tts`. */
  readonly voice?: string | undefined
  /** What the model is to be and to do; of `tts`, how it is to speak. */
  readonly instructions?: string | undefined
  /** What audio is sent. */
  readonly input?: AudioFormat | undefined
  /** What audio is received. */
  readonly output?: AudioFormat | undefined
  /** Null: manual, where `commit` ends a turn. */
  readonly turnDetection?: TurnDetection | null | undefined
  /** Null: what is heard is not written down. */
  readonly inputTranscription?: InputTranscription | null | undefined

  // Of omni and audio.
  readonly temperature?: number | undefined
  readonly topP?: number | undefined
  readonly topK?: number | undefined
  readonly presencePenalty?: number | undefined
  readonly repetitionPenalty?: number | undefined
  readonly maxTokens?: number | undefined
  readonly seed?: number | undefined
  readonly tools?: ReadonlyArray<Tool> | undefined
  readonly toolChoice?: ToolChoice | undefined
  readonly enableSearch?: boolean | undefined
  /** Under its wire names. */
  readonly searchOptions?: Readonly<Record<string, unknown>> | undefined
  readonly smoothOutput?: boolean | null | undefined

  // Of tts.
  /** `server_commit`: the service decides when to speak; `commit`: each `commitText` does. Default: `server_commit`. */
  readonly mode?: "server_commit" | "commit" | undefined
  /** `Auto`, `Chinese`, `English` … Default: `Auto`. */
  readonly languageType?: string | undefined
  /** From 0.5 to 2. */
  readonly speechRate?: number | undefined
  /** From 0.5 to 2. */
  readonly pitchRate?: number | undefined
  /** From 0 to 100. */
  readonly volume?: number | undefined
  /** Of opus, in kbit/s. */
  readonly bitRate?: number | undefined
  readonly optimizeInstructions?: boolean | undefined
  /** Whether numbers and signs are read as words. */
  readonly enableTextNormalization?: boolean | undefined

  // Of translate.
  readonly translation?: Translation | undefined
  readonly enableVoiceClone?: boolean | undefined
  /** When the voice is taken again: `never`, `once` or `always`. */
  readonly voiceCloneFrequency?: string | undefined

  /** Fields of the session that have no name here, under their wire names; they win over those that have one. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined
}

/**
 * A session and its model.
 *
 * @since 0.1.0
 * @category models
 */
export interface RealtimeParams extends SessionParams {
  /** Such as `qwen3.5-omni-flash-realtime` or `qwen3-tts-flash-realtime`. */
  readonly model: string
  /** Default: by the model's name. */
  readonly family?: Family | undefined
}
