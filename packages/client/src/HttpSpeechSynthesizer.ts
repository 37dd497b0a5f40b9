/**
 * Speech from text over HTTP: with CosyVoice and Qwen-Audio-TTS, as a file or in pieces as they are spoken.
 *
 * @example
 * import { HttpSpeechSynthesizer } from "effect-dashscope"
 * import { Effect } from "effect"
 *
 * // The bytes of a WAV file.
 * export const greeting = HttpSpeechSynthesizer.collectAudio({
 *   model: "cosyvoice-v3-flash",
 *   voice: "longanyang",
 *   text: "我家的后面有一个很大的花园。",
 *   format: "wav",
 *   sampleRate: 24000
 * }).pipe(Effect.map((audio) => audio.length))
 *
 * Fields of an answer that have no name here are kept, at their place, under their wire names.
 *
 * Source: "Qwen-Audio-TTS/CosyVoice HTTP API".
 *
 * @since 0.1.0
 */
/* eslint-disable @typescript-eslint/no-empty-object-type -- An interface names the type of a Schema, as in Effect. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { CallOptions } from "./CallOptions.js"
import * as DashScopeClient from "./DashScopeClient.js"
import type { DashScopeError, InputRequired } from "./DashScopeError.js"
import type { ServerEvent } from "./Envelope.js"
import { isFinish } from "./internal/chat/finishReason.js"
import * as Codec from "./internal/core/codec.js"
import { nullish, nullishFrom, preserve, requestId } from "./internal/core/fields.js"
import { isRecord } from "./internal/core/record.js"
import { fromEither } from "./internal/effect/either.js"
import * as Pull from "./internal/effect/pull.js"
import * as Audio from "./internal/operation/audio.js"
import * as Endpoint from "./internal/operation/endpoint.js"
import * as Params from "./internal/operation/params.js"
import * as Streaming from "./internal/operation/stream.js"
import { SpokenSentence } from "./SpeechEvent.js"

export {
  /**
   * @since 0.1.0
   * @category schemas
   */
  SpokenSentence,
  /**
   * @since 0.1.0
   * @category schemas
   */
  SpokenWord
} from "./SpeechEvent.js"

/**
 * A parameter that is left out is the service's default.
 *
 * @since 0.1.0
 * @category models
 */
export interface HttpSpeechSynthesizerParams {
  /** Such as `cosyvoice-v3-flash` or `qwen-audio-3.0-tts-flash`. */
  readonly model: string
  readonly text: string
  /** A voice of the model's. */
  readonly voice?: string | undefined
  /** `mp3`, `wav`, `pcm` or `opus`. Default: `mp3`. */
  readonly format?: string | undefined
  /** In Hz. Default: 22050. */
  readonly sampleRate?: number | undefined
  /** From 0 to 100. Default: 50. */
  readonly volume?: number | undefined
  /** From 0.5 to 2. Default: 1. */
  readonly rate?: number | undefined
  /** From 0.5 to 2. Default: 1. */
  readonly pitch?: number | undefined
  /** Of opus, in kbit/s. Default: 32. */
  readonly bitRate?: number | undefined
  readonly enableSsml?: boolean | undefined
  /** Whether a stream tells when each word is spoken. Default: false. */
  readonly wordTimestampEnabled?: boolean | undefined
  readonly seed?: number | undefined
  readonly languageHints?: ReadonlyArray<string> | undefined
  /** How to speak, in words. */
  readonly instruction?: string | undefined
  readonly enableAigcTag?: boolean | undefined
  readonly enableMarkdownFilter?: boolean | undefined
  /** How words are to be said. */
  readonly hotFix?: Readonly<Record<string, unknown>> | undefined
  /** Parameters that have no name here, under their wire names. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: Readonly<Record<string, unknown>> | undefined
}

const fields: Params.Fields<HttpSpeechSynthesizerParams> = {
  model: Params.top("model"),
  text: Params.input("text"),
  voice: Params.input("voice"),
  format: Params.input("format"),
  sampleRate: Params.input("sample_rate"),
  volume: Params.input("volume"),
  rate: Params.input("rate"),
  pitch: Params.input("pitch"),
  bitRate: Params.input("bit_rate"),
  enableSsml: Params.input("enable_ssml"),
  wordTimestampEnabled: Params.input("word_timestamp_enabled"),
  seed: Params.input("seed"),
  languageHints: Params.input("language_hints"),
  instruction: Params.input("instruction"),
  enableAigcTag: Params.input("enable_aigc_tag"),
  enableMarkdownFilter: Params.input("enable_markdown_filter"),
  hotFix: Params.input("hot_fix")
}

const problem = ({ model, text }: HttpSpeechSynthesizerParams): InputRequired | undefined =>
  Params.modelRequired(model, "cosyvoice-v3-flash") ??
    (Params.isEmpty(text) ? Params.invalid("text", "a text is required") : undefined)

/**
 * @since 0.1.0
 * @category models
 */
export interface SpeechAudio extends Schema.Schema.Type<typeof SpeechAudio> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const SpeechAudio = Schema.Struct({
  /** A piece of the audio in base64; empty where there is none. */
  data: nullish(Schema.String),
  /** Of the whole file, for 24 hours. */
  url: nullish(Schema.String),
  id: nullish(Schema.String),
  /** In seconds since 1970. */
  expiresAt: nullishFrom("expires_at", Schema.Number)
}).annotations({ identifier: "SpeechAudio", ...preserve })

/**
 * An answer, or an element of a stream.
 *
 * @since 0.1.0
 * @category models
 */
export interface SpeechResult extends Schema.Schema.Type<typeof SpeechResult> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const SpeechResult = Schema.Struct({
  output: Schema.Struct({
    /** In streams: `sentence-begin`, `sentence-synthesis` or `sentence-end`. */
    type: nullish(Schema.String),
    originalText: nullishFrom("original_text", Schema.String),
    sentence: nullish(SpokenSentence),
    audio: nullish(SpeechAudio),
    /** `stop`; the text `"null"` while it goes on (in streams). */
    finishReason: nullishFrom("finish_reason", Schema.String)
  }).annotations(preserve),
  usage: nullish(Schema.Struct({ characters: nullish(Schema.Number) }).annotations(preserve)),
  /** Quote this to Alibaba Cloud's support. */
  requestId
}).annotations({ identifier: "SpeechResult", ...preserve })

const endpoint: Endpoint.Endpoint<HttpSpeechSynthesizerParams, SpeechResult> = {
  operation: "synthesize_speech",
  modelOf: ({ model }) => model,
  encode: Endpoint.post("/services/audio/tts/SpeechSynthesizer", fields, problem),
  decode: Codec.decoder(SpeechResult),
  // Characters are no tokens.
  usageOf: () => undefined
}

const isContent = ({ output }: ServerEvent): boolean => {
  if (!isRecord(output)) return false
  const { audio, finish_reason: reason } = output
  return (isRecord(audio) && typeof audio["data"] === "string" && audio["data"] !== "") || reason === "stop"
}

const isEnd = ({ output }: SpeechResult): boolean => isFinish(output.finishReason)

// -----------------------------------------------------------------------------
// service
// -----------------------------------------------------------------------------

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** See the accessor of the same name. */
  readonly call: (
    params: HttpSpeechSynthesizerParams,
    options?: CallOptions
  ) => Effect.Effect<SpeechResult, DashScopeError>
  /** See the accessor of the same name. */
  readonly stream: (
    params: HttpSpeechSynthesizerParams,
    options?: CallOptions
  ) => Stream.Stream<SpeechResult, DashScopeError>
}

/**
 * @example
 * import { HttpSpeechSynthesizer } from "effect-dashscope"
 * import { Effect, Layer } from "effect"
 *
 * export const Mock = Layer.mock(HttpSpeechSynthesizer.HttpSpeechSynthesizer, {
 *   call: () => Effect.succeed({ output: { audio: { url: "https://example.com/greeting.wav" } } })
 * })
 *
 * @since 0.1.0
 * @category tags
 */
export class HttpSpeechSynthesizer
  extends Context.Tag("effect-dashscope/HttpSpeechSynthesizer")<HttpSpeechSynthesizer, Service>()
{}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, DashScopeClient.DashScopeClient> = Effect.map(
  DashScopeClient.DashScopeClient,
  (client): Service => ({
    call: Endpoint.call(client, endpoint),
    stream: Streaming.stream(client, endpoint, { isContent, isEnd })
  })
)

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<HttpSpeechSynthesizer, never, DashScopeClient.DashScopeClient> = Layer.effect(
  HttpSpeechSynthesizer,
  make
)

/**
 * Speaks a text, and gives the URL of the audio file (`output.audio.url`).
 *
 * Fails with `InputRequired` before anything is sent where there is no text, and with the other errors of `DashScopeError` as they
 * say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const call = (
  params: HttpSpeechSynthesizerParams,
  options?: CallOptions
): Effect.Effect<SpeechResult, DashScopeError, HttpSpeechSynthesizer> =>
  Effect.flatMap(HttpSpeechSynthesizer, (service) => service.call(params, options))

/**
 * Speaks a text, and gives the audio while it is spoken: sentences as they begin and end, pieces of audio, and at last the URL of
 * the whole file. {@link streamAudio} has the audio alone.
 *
 * Fails as {@link call} does. A stream that ends before its audio did is a `ConnectionError` of reason `Truncated`.
 *
 * @since 0.1.0
 * @category accessors
 */
export const stream = (
  params: HttpSpeechSynthesizerParams,
  options?: CallOptions
): Stream.Stream<SpeechResult, DashScopeError, HttpSpeechSynthesizer> =>
  Pull.unwrap(Effect.map(HttpSpeechSynthesizer, (service) => service.stream(params, options)))

const bytesOf = ({ output, requestId }: SpeechResult) => fromEither(Audio.bytesOf(output.audio?.data, requestId))

/**
 * The audio as it is spoken, in pieces; together they are the file. Otherwise as {@link stream}.
 *
 * @since 0.1.0
 * @category accessors
 */
export const streamAudio = (
  params: HttpSpeechSynthesizerParams,
  options?: CallOptions
): Stream.Stream<Uint8Array, DashScopeError, HttpSpeechSynthesizer> =>
  Stream.flattenChunks(Stream.mapEffect(stream(params, options), bytesOf))

/**
 * The whole audio. Otherwise as {@link stream}.
 *
 * @since 0.1.0
 * @category accessors
 */
export const collectAudio = (
  params: HttpSpeechSynthesizerParams,
  options?: CallOptions
): Effect.Effect<Uint8Array, DashScopeError, HttpSpeechSynthesizer> =>
  Effect.map(Stream.runCollect(streamAudio(params, options)), Audio.joined)
