/**
 * What a call of a multimodal model may be told. `MultiModalConversation` has the calls.
 *
 * A parameter that is left out is not sent, so the service's default holds. Ranges are the service's documentation; it
 * checks them itself, since they change from model to model.
 *
 * Source: "DashScope API reference" (multimodal generation), "Visual understanding", "Text extraction (Qwen-OCR)",
 * "Non-real-time speech synthesis", "Audio file recognition".
 *
 * @since 0.1.0
 */
import type { GenerationInput, GenerationParameters } from "./GenerationParams.js"
import type * as MultiModalMessage from "./MultiModalMessage.js"

/**
 * What an OCR model is to read.
 *
 * @since 0.1.0
 * @category models
 */
export interface OcrOptions {
  /**
   * `key_information_extraction`, `text_recognition`, `table_parsing`, `document_parsing`, `formula_recognition`,
   * `multi_lan` or `advanced_recognition`.
   */
  readonly task?: string | undefined
  readonly taskConfig?: {
    /** For `key_information_extraction`: the fields, each with a description, or fields of its own. */
    readonly resultSchema?: Readonly<Record<string, unknown>> | undefined
  } | undefined
}

/**
 * How a model is to speak its answer.
 *
 * @since 0.1.0
 * @category models
 */
export interface AudioOptions {
  /** Such as `Cherry`, `Serena`, `Ethan` or `Chelsie`. */
  readonly voice?: string | undefined
  /** Such as `wav`. */
  readonly format?: string | undefined
}

/**
 * How a recording is to be recognised.
 *
 * @since 0.1.0
 * @category models
 */
export interface AsrOptions {
  /** Such as `zh`. Default: the service finds out. */
  readonly language?: string | undefined
  /** Whether numbers and dates are written as digits. Default: false. */
  readonly enableItn?: boolean | undefined
  /** Whether the answer names the language. Default: false. */
  readonly enableLid?: boolean | undefined
}

/**
 * What is said to the model: `messages`, or a `prompt`, or both; for speech synthesis a `text` instead.
 *
 * @since 0.1.0
 * @category models
 */
export interface MultiModalInput extends Pick<GenerationInput, "prompt" | "history" | "extraInput"> {
  /** The conversation, with messages of `MultiModalMessage` and of `Message`. */
  readonly messages?: ReadonlyArray<MultiModalMessage.MultiModalMessage> | undefined
  /** What a speech model (qwen-tts) is to speak. Not with messages. */
  readonly text?: string | undefined
  /** Who speaks `text`, such as `Cherry`. */
  readonly voice?: string | undefined
  /** The language of `text`, such as `Chinese` or `English`. Default: `Auto`. */
  readonly languageType?: string | undefined
  /** How `text` is to be spoken, in words; for the instruct models. */
  readonly instructions?: string | undefined
  /** Whether the service improves the `instructions`. Default: false. */
  readonly optimizeInstructions?: boolean | undefined
}

/**
 * How the model is to answer: what text generation takes too, and what is of pictures, sound and speech.
 *
 * @since 0.1.0
 * @category models
 */
export interface MultiModalParameters
  extends Omit<GenerationParameters, "maxLength" | "outputFormat" | "resultFormat" | "translationOptions">
{
  /** Answers have the message format here, whatever is said; sent where it is given. */
  readonly resultFormat?: "message" | undefined
  /** What an OCR model is to read. */
  readonly ocrOptions?: OcrOptions | undefined
  /** What the answer is made of, such as `["text", "audio"]`. Audio is for streams only. */
  readonly modalities?: ReadonlyArray<string> | undefined
  /** How an omni model speaks. */
  readonly audio?: AudioOptions | undefined
  /** How a recording is recognised (qwen3-asr-flash). */
  readonly asrOptions?: AsrOptions | undefined
  /** Of the recording (qwen-audio-3.0-asr-flash, fun-asr-flash): such as `wav`. */
  readonly format?: string | undefined
  /** Of the recording, in Hz (qwen-audio-3.0-asr-flash, fun-asr-flash). */
  readonly sampleRate?: number | string | undefined
  /** Words to be recognised well, with their weights (qwen-audio-3.0-asr-flash, fun-asr-flash). */
  readonly vocabulary?: Readonly<Record<string, number>> | undefined
  /** Of pictures that are made, in pixels, such as `1664*928`. */
  readonly size?: string | undefined
  /** What is not to be in a picture that is made. */
  readonly negativePrompt?: string | undefined
  /** Whether the service elaborates the prompt of a picture. Default: true. */
  readonly promptExtend?: boolean | undefined
  /** Whether a picture is marked as made by a model. Default: false. */
  readonly watermark?: boolean | undefined
}

/**
 * All of it.
 *
 * @since 0.1.0
 * @category models
 */
export interface MultiModalParams extends MultiModalInput, MultiModalParameters {
  /** Such as `qwen3-vl-plus`, `qwen3.6-plus` or `qwen3-tts-flash`. */
  readonly model: string
  /** Plugins, as the service's configuration of them; sent as the header `X-DashScope-Plugin`. */
  readonly plugins?: string | Readonly<Record<string, unknown>> | undefined
  /** Parameters that this library does not know, under their wire names. They win over the others. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined
}
