/**
 * Speech from text as it is written, over a WebSocket: with CosyVoice, Qwen-Audio-TTS and Sambert. What a model answers can be
 * heard before the answer is complete. `HttpSpeechSynthesizer` speaks a text that is complete over HTTP.
 *
 * @example
 * import { Generation, SpeechSynthesizer } from "effect-dashscope"
 *
 * // The audio of an answer, while the model writes it.
 * export const answer = (question: string) =>
 *   Generation.streamText({ model: "qwen-plus", prompt: question }).pipe(
 *     SpeechSynthesizer.sayAnswer({ model: "cosyvoice-v3-flash", voice: "longanyang", format: "mp3" })
 *   )
 *
 * A stream holds a permit and a connection of the pool from its first text to its last audio. The connection then serves the
 * next one of the same key, within the 60 seconds in which the service keeps it open. Where text comes over the same pool, as above,
 * that takes a second connection.
 *
 * Source: "Qwen-Audio-TTS/CosyVoice client events", "Sambert WebSocket API".
 *
 * @since 0.1.0
 */
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { CallOptions } from "./CallOptions.js"
import * as DashScopeClient from "./DashScopeClient.js"
import { ApiError, type DashScopeError, InputRequired } from "./DashScopeError.js"
import type { DuplexTaskRequest } from "./DuplexTaskState.js"
import { isRecord } from "./internal/core/record.js"
import { type Answer, Operations } from "./internal/operation/observe.js"
import * as Params from "./internal/operation/params.js"
import { longest, Partials } from "./internal/operation/partial.js"
import { Total } from "./internal/speechSynthesizer/read.js"
import * as Speak from "./internal/speechSynthesizer/speak.js"
import type { Flush, Speech, SpeechEvent, SpeechInput } from "./SpeechEvent.js"

export {
  /**
   * @since 0.1.0
   * @category models
   */
  type Flush,
  /**
   * @since 0.1.0
   * @category schemas
   */
  Phoneme,
  /**
   * @since 0.1.0
   * @category models
   */
  type SaidSentence,
  /**
   * @since 0.1.0
   * @category models
   */
  type SentenceEvent,
  /**
   * @since 0.1.0
   * @category models
   */
  type Speech,
  /**
   * @since 0.1.0
   * @category models
   */
  type SpeechEvent,
  /**
   * @since 0.1.0
   * @category models
   */
  type SpeechFinished,
  /**
   * @since 0.1.0
   * @category models
   */
  type SpeechInput,
  /**
   * @since 0.1.0
   * @category schemas
   */
  SpeechUsage,
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
 * How to speak. A parameter that is left out is the service's default.
 *
 * @since 0.1.0
 * @category models
 */
export interface SpeechParams {
  /** Such as `cosyvoice-v3-flash`, `qwen-audio-3.0-tts-flash` or `sambert-zhichu-v1`. */
  readonly model: string
  /** A voice of the model's. Required, except by Sambert, whose models are voices. */
  readonly voice?: string | undefined
  /** `mp3`, `wav`, `pcm` or `opus`. Default: `mp3`, of Sambert `pcm`. */
  readonly format?: string | undefined
  /** In Hz: 8000, 16000, 22050, 24000, 44100 or 48000. Default: 22050, of Sambert that of the model. */
  readonly sampleRate?: number | undefined
  /** From 0 to 100. Default: 50. */
  readonly volume?: number | undefined
  /** From 0.5 to 2. Default: 1. */
  readonly rate?: number | undefined
  /** From 0.5 to 2. Default: 1. */
  readonly pitch?: number | undefined
  /** Of opus, in kbit/s, from 6 to 510. Default: 32. */
  readonly bitRate?: number | undefined
  /**
   * Whether the text is SSML. The service then takes one text only, so that all of the stream is collected and spoken as one.
   * Default: false.
   */
  readonly enableSsml?: boolean | undefined
  /** Whether events tell when each word is spoken. Some voices cannot. Default: false. */
  readonly wordTimestampEnabled?: boolean | undefined
  /** Of Sambert: whether they tell when each sound is spoken. Default: false. */
  readonly phonemeTimestampEnabled?: boolean | undefined
  /** From 0 to 65535. Default: 0. */
  readonly seed?: number | undefined
  /** The service reads the first. */
  readonly languageHints?: ReadonlyArray<string> | undefined
  /** How to speak, in words. */
  readonly instruction?: string | undefined
  /** Whether the audio has a hidden mark that says that it was generated. Default: false. */
  readonly enableAigcTag?: boolean | undefined
  /** Who made it, in that mark. Default: the account. */
  readonly aigcPropagator?: string | undefined
  /** Which it is, in that mark. Default: the id of the request. */
  readonly aigcPropagateId?: string | undefined
  /** How words are to be said. */
  readonly hotFix?: HotFix | undefined
  /** Whether marks of Markdown are left out. Default: false. */
  readonly enableMarkdownFilter?: boolean | undefined
  /** Parameters that have no name here, under their wire names. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined
}

/**
 * How words are to be said: each record has a word and its pinyin, or what is said in its place.
 *
 * @since 0.1.0
 * @category models
 */
export interface HotFix {
  readonly pronunciation?: ReadonlyArray<Readonly<Record<string, string>>> | undefined
  readonly replace?: ReadonlyArray<Readonly<Record<string, string>>> | undefined
}

/**
 * A text, and how to speak it.
 *
 * @since 0.1.0
 * @category models
 */
export interface SynthesizeParams extends SpeechParams {
  readonly text: string
}

/**
 * What one stream may have of its own, beside what every call may have.
 *
 * `timeout` runs from the start of the stream, and covers the waits for text. `firstContentTimeout` is the longest wait for the first
 * audio once the first text of a task was sent (`firstAudioTimeout` of the Java SDK). `contentTimeout` is the longest wait between two pieces of
 * audio once all text was sent; while text is still to come, its pauses are not the service's.
 *
 * @since 0.1.0
 * @category models
 */
export interface SpeechOptions extends CallOptions {
  /**
   * What happens where no text comes for 20 seconds; the service fails a task that hears nothing for 23. `renew`: what was
   * given is spoken to its end, and the task is finished; the next text begins another, and no permit is held in between. The audio goes on
   * in the same file, in every format. `fail`: the stream fails with `InputRequired`.
   *
   * Default: `renew`. A model that thinks or calls a tool pauses for longer than that, and the listener has been hearing nothing
   * already.
   */
  readonly gaps?: "renew" | "fail" | undefined
}

/**
 * What an answer may have of its own.
 *
 * @since 0.1.0
 * @category models
 */
export interface AnswerOptions extends SpeechOptions {
  /**
   * How the text is cut before it is sent. `none`: it is sent as it comes; the service finds the sentences, and speaks each as soon
   * as it is complete. `sentences`: it is sent in whole sentences, which takes fewer messages and is heard no later. Default:
   * `none`.
   */
  readonly cut?: "none" | "sentences" | undefined
}

/**
 * In a stream of texts, has what was given so far spoken at once, though its last sentence is not complete.
 *
 * @example
 * import { SpeechSynthesizer } from "effect-dashscope"
 * import { Stream } from "effect"
 *
 * export const audio = SpeechSynthesizer.streamAudio(
 *   { model: "cosyvoice-v3-flash", voice: "longanyang" },
 *   Stream.make("One moment", SpeechSynthesizer.flush, "It is half past ten.")
 * )
 *
 * @since 0.1.0
 * @category constructors
 */
export const flush: Flush = { _tag: "Flush" }

const fields: Params.Fields<SpeechParams> = {
  model: Params.top("model"),
  voice: Params.parameter("voice"),
  format: Params.parameter("format"),
  sampleRate: Params.parameter("sample_rate"),
  volume: Params.parameter("volume"),
  rate: Params.parameter("rate"),
  pitch: Params.parameter("pitch"),
  bitRate: Params.parameter("bit_rate"),
  enableSsml: Params.parameter("enable_ssml"),
  wordTimestampEnabled: Params.parameter("word_timestamp_enabled"),
  phonemeTimestampEnabled: Params.parameter("phoneme_timestamp_enabled"),
  seed: Params.parameter("seed"),
  languageHints: Params.parameter("language_hints"),
  instruction: Params.parameter("instruction"),
  enableAigcTag: Params.parameter("enable_aigc_tag"),
  aigcPropagator: Params.parameter("aigc_propagator"),
  aigcPropagateId: Params.parameter("aigc_propagate_id"),
  hotFix: Params.struct(Params.parameter("hot_fix"), { pronunciation: "pronunciation", replace: "replace" }),
  enableMarkdownFilter: Params.parameter("enable_markdown_filter")
}

/** All of the text comes with the request. */
const isSambert = (model: string): boolean => model.startsWith("sambert-")

const problem = ({ extra, model, voice }: SpeechParams): InputRequired | undefined =>
  Params.modelRequired(model, "cosyvoice-v3-flash") ??
    (isSambert(model) || !Params.isEmpty(voice) || extra?.["voice"] !== undefined
      ? undefined
      : Params.invalid("voice", `a voice is required, such as "longanyang" of cosyvoice-v3-flash`))

const requestOf = (params: SpeechParams): Either.Either<DuplexTaskRequest, InputRequired> => {
  const wrong = problem(params)
  if (wrong !== undefined) return Either.left(wrong)
  return Either.map(Params.encode(params, fields), ({ parameters }): DuplexTaskRequest => ({
    model: params.model,
    taskGroup: "audio",
    task: "tts",
    function: "SpeechSynthesizer",
    parameters: { text_type: "PlainText", ...(isRecord(parameters) ? parameters : undefined) }
  }))
}

const isWav = ({ extra, format }: Pick<SpeechParams, "extra" | "format">): boolean =>
  (extra?.["format"] ?? format) === "wav"

const onceOf = ({ enableSsml, extra, model }: SpeechParams): Speak.Manner["once"] =>
  isSambert(model) ? "request" : (extra?.["enable_ssml"] ?? enableSsml) === true ? "message" : undefined

/** What had come of streams that failed. */
const partials = new Partials<Speech>()

// -----------------------------------------------------------------------------
// service
// -----------------------------------------------------------------------------

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** See the accessor of the same name. */
  readonly stream: <E = never, R = never>(
    params: SpeechParams,
    texts: Stream.Stream<SpeechInput, E, R>,
    options?: AnswerOptions
  ) => Stream.Stream<SpeechEvent, DashScopeError | E, R>
  /** See the accessor of the same name. */
  readonly synthesize: (params: SynthesizeParams, options?: SpeechOptions) => Effect.Effect<Speech, DashScopeError>
}

/**
 * @example
 * import { SpeechSynthesizer } from "effect-dashscope"
 * import { Layer, Stream } from "effect"
 *
 * export const Mock = Layer.mock(SpeechSynthesizer.SpeechSynthesizer, {
 *   stream: () => Stream.make({ _tag: "Audio", bytes: Uint8Array.of(1, 2, 3) } as const)
 * })
 *
 * @since 0.1.0
 * @category tags
 */
export class SpeechSynthesizer
  extends Context.Tag("effect-dashscope/SpeechSynthesizer")<SpeechSynthesizer, Service>()
{}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, DashScopeClient.DashScopeClient> = Effect.map(
  DashScopeClient.DashScopeClient,
  (client): Service => {
    const operations = new Operations<SpeechParams, Answer>(client.baseUrl, {
      operation: "synthesize_speech",
      modelOf: ({ model }) => model,
      // Characters are no tokens.
      usageOf: () => undefined
    })
    const stream: Service["stream"] = (params, texts, { cut, gaps = "renew", ...options } = {}) =>
      Stream.suspend(() => {
        const request = requestOf(params)
        if (Either.isLeft(request)) return Stream.fail(request.left)
        const manner: Speak.Manner = {
          request: request.right,
          isWav: isWav(params),
          once: onceOf(params),
          whole: cut === "sentences",
          gaps,
          options
        }
        return remembered(
          operations.stream(params, (operation) => Speak.speak(client, operation, texts, manner)),
          manner.isWav
        )
      })
    return {
      stream,
      synthesize: ({ text, ...params }, options) =>
        Effect.suspend(() => {
          if (Params.isEmpty(text)) {
            return Effect.fail(new InputRequired({ field: "text", description: "a text is required" }))
          }
          return collectAs(stream(params, Stream.make(text), options), isWav(params))
        })
    }
  }
)

/** Keeps what has come, for the error that may end it, as long as that is not too much. */
const remembered = <E, R>(
  events: Stream.Stream<SpeechEvent, E, R>,
  isWav: boolean
): Stream.Stream<SpeechEvent, E, R> => {
  let total: Total | undefined = new Total(isWav)
  return events.pipe(
    Stream.mapChunks((chunk) => {
      for (const event of chunk) total?.add(event)
      if (total !== undefined && total.size > longest) total = undefined
      return chunk
    }),
    Stream.mapError((error) => partials.attach(error, total?.get()))
  )
}

const nothingCame = () =>
  new ApiError({
    reason: "UnexpectedResponse",
    statusCode: 200,
    code: "",
    description: "the stream ended without an event",
    isRetryable: false
  })

const collectAs = <E, R>(
  events: Stream.Stream<SpeechEvent, E, R>,
  isWav: boolean
): Effect.Effect<Speech, E | ApiError, R> =>
  Effect.suspend(() => {
    const total = new Total(isWav)
    return Stream.runForEach(events, (event) => Effect.sync(() => total.add(event))).pipe(
      Effect.mapError((error) => partials.attach(error, total.get())),
      Effect.flatMap(() => {
        const speech = total.get()
        return speech === undefined ? Effect.fail(nothingCame()) : Effect.succeed(speech)
      })
    )
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<SpeechSynthesizer, never, DashScopeClient.DashScopeClient> = Layer.effect(
  SpeechSynthesizer,
  make
)

/**
 * Speaks texts as they come, in pieces of any size, and gives the speech as it is spoken: sentences as they begin and end, with
 * the times of their words where those are enabled, pieces of audio, and at last what it cost. Where there is no text, nothing is asked
 * for, and there is only that.
 *
 * The connection is asked for when the first text has come; meanwhile more is taken in. The service speaks each sentence when it is
 * complete, and what is left at the end, or at a {@link flush}. A text that is larger than a message may be is cut, at sentences where
 * that is possible. A slow reader slows the service.
 *
 * Fails with `InputRequired` before anything is sent where model or voice are missing; and before it is sent where a text is more
 * than a task may have (200,000 characters, a Chinese one counted twice; of Sambert 10,000). A task that the service fails is an
 * `ApiError` with its code; a service that closes the WebSocket in mid-task is a `ConnectionError` of reason `Truncated`. What had come
 * before is handed out first, and {@link partialSpeech} has it too. Where the texts fail, so does the stream. Leaving the stream
 * closes its connection at once.
 *
 * @since 0.1.0
 * @category accessors
 */
export const stream = <E = never, R = never>(
  params: SpeechParams,
  texts: Stream.Stream<SpeechInput, E, R>,
  options?: AnswerOptions
): Stream.Stream<SpeechEvent, DashScopeError | E, R | SpeechSynthesizer> =>
  Stream.unwrap(Effect.map(SpeechSynthesizer, (service) => service.stream(params, texts, options)))

const audioOf = (events: Chunk.Chunk<SpeechEvent>): Chunk.Chunk<Uint8Array> =>
  Chunk.filterMap(events, (event) => event._tag === "Audio" ? Option.some(event.bytes) : Option.none())

/**
 * The audio alone, in pieces; together they are the file. The head of a WAV file cannot say how long it will be. Otherwise as
 * {@link stream}.
 *
 * @since 0.1.0
 * @category accessors
 */
export const streamAudio = <E = never, R = never>(
  params: SpeechParams,
  texts: Stream.Stream<SpeechInput, E, R>,
  options?: AnswerOptions
): Stream.Stream<Uint8Array, DashScopeError | E, R | SpeechSynthesizer> =>
  Stream.mapChunks(stream(params, texts, options), audioOf)

/**
 * Speaks a text, and gives its audio as one file, with its sentences and what it cost. Fails as {@link stream} does, and with
 * `InputRequired` where there is no text.
 *
 * @example
 * import { SpeechSynthesizer } from "effect-dashscope"
 * import { Effect } from "effect"
 *
 * export const greeting = SpeechSynthesizer.synthesize({
 *   model: "cosyvoice-v3-flash",
 *   voice: "longanyang",
 *   text: "今天天气怎么样？",
 *   format: "wav",
 *   wordTimestampEnabled: true
 * }).pipe(Effect.map(({ audio, sentences, usage }) => ({ bytes: audio.length, sentences, usage })))
 *
 * @since 0.1.0
 * @category accessors
 */
export const synthesize = (
  params: SynthesizeParams,
  options?: SpeechOptions
): Effect.Effect<Speech, DashScopeError, SpeechSynthesizer> =>
  Effect.flatMap(SpeechSynthesizer, (service) => service.synthesize(params, options))

/**
 * Says an answer while it is written: of a stream of texts it makes one of audio, whose first sound comes when the first sentence
 * is complete. As {@link streamAudio}, to be piped to.
 *
 * @example
 * import { Generation, SpeechSynthesizer } from "effect-dashscope"
 * import { Effect, Stream } from "effect"
 *
 * // Shows the text, and gives the audio.
 * export const say = (question: string) =>
 *   Generation.streamText({ model: "qwen-plus", prompt: question }).pipe(
 *     Stream.tap((text) => Effect.sync(() => process.stdout.write(text))),
 *     SpeechSynthesizer.sayAnswer(
 *       { model: "cosyvoice-v3-flash", voice: "longanyang" },
 *       { firstContentTimeout: "5 seconds", cut: "sentences" }
 *     )
 *   )
 *
 * @since 0.1.0
 * @category combinators
 */
export const sayAnswer = (params: SpeechParams, options?: AnswerOptions) =>
<E, R>(
  texts: Stream.Stream<SpeechInput, E, R>
): Stream.Stream<Uint8Array, DashScopeError | E, R | SpeechSynthesizer> => streamAudio(params, texts, options)

/**
 * Puts the events of a stream together, to what {@link synthesize} would give. The head of a WAV file says how long it is.
 *
 * @example
 * import { SpeechSynthesizer } from "effect-dashscope"
 * import type { Stream } from "effect"
 *
 * const params: SpeechSynthesizer.SpeechParams = { model: "cosyvoice-v3-flash", voice: "longanyang", format: "wav" }
 *
 * export const record = (texts: Stream.Stream<string>) =>
 *   SpeechSynthesizer.stream(params, texts).pipe(SpeechSynthesizer.collect(params))
 *
 * @since 0.1.0
 * @category combinators
 */
export const collect =
  (params: Pick<SpeechParams, "extra" | "format">) =>
  <E, R>(self: Stream.Stream<SpeechEvent, E, R>): Effect.Effect<Speech, E | ApiError, R> =>
    collectAs(self, isWav(params))

/**
 * What had come of a speech when it failed with this error, put together as by {@link collect}; nothing where nothing had, or where
 * more had come than a stream remembers (8 MiB). It is kept beside the error and not in it.
 *
 * @since 0.1.0
 * @category accessors
 */
export const partialSpeech = (error: unknown): Speech | undefined => partials.get(error)
