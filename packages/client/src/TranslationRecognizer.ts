/**
 * Speech recognition and translation while it is spoken, over WebSockets, with Gummy: `gummy-realtime-v1` for talk of any length,
 * `gummy-chat-v1` for one sentence of at most a minute, at whose end it ends by itself.
 *
 * @example
 * import { DashScope, TranslationRecognizer } from "effect-dashscope"
 * import { Console, Effect, Stream } from "effect"
 *
 * // What a microphone hears, in English.
 * export const interpret = (microphone: Stream.Stream<Uint8Array>) =>
 *   TranslationRecognizer.sentences({
 *     model: "gummy-realtime-v1",
 *     format: "pcm",
 *     sampleRate: 16000,
 *     translationEnabled: true,
 *     translationTargetLanguages: ["en"]
 *   }, microphone).pipe(
 *     Stream.runForEach(({ transcription, translations }) =>
 *       Console.log(transcription?.text, translations.map(({ text }) => text))
 *     ),
 *     Effect.provide(DashScope.layer())
 *   )
 *
 * Audio is any stream of bytes; see `Recognition`. Fields of an answer that have no name here are kept, at their place, under
 * their wire names.
 *
 * Source: "Gummy real-time speech recognition and translation", "Gummy one-sentence WebSocket API".
 *
 * @since 0.1.0
 */
/* eslint-disable @typescript-eslint/no-empty-object-type -- An interface names the type of a Schema, as in Effect. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { AudioInput, AudioOptions } from "./AudioInput.js"
import * as DashScopeClient from "./DashScopeClient.js"
import type { DashScopeError } from "./DashScopeError.js"
import * as Codec from "./internal/core/codec.js"
import { listOf, nullish, nullishFrom, preserve, requestId } from "./internal/core/fields.js"
import { Operations } from "./internal/operation/observe.js"
import * as Params from "./internal/operation/params.js"
import * as Partial from "./internal/operation/partial.js"
import * as Audio from "./internal/speech/audio.js"
import { collect } from "./internal/speech/collect.js"
import * as Results from "./internal/speech/recognized.js"
import * as Subtitles from "./internal/speech/subtitles.js"
import * as Task from "./internal/speech/task.js"

// -----------------------------------------------------------------------------
// parameters
// -----------------------------------------------------------------------------

/**
 * A parameter that is left out is the model's default.
 *
 * @since 0.1.0
 * @category models
 */
export interface TranslationRecognizerParams {
  /** `gummy-realtime-v1` or `gummy-chat-v1`. */
  readonly model: string
  /** `pcm` (16 bits), `wav` (PCM), `mp3`, `opus` and `speex` (in Ogg), `aac`, or `amr`; of one channel. */
  readonly format: string
  /** In Hz, 16000 and more. */
  readonly sampleRate: number
  /** Such as `zh`. Default: `auto`. */
  readonly sourceLanguage?: string | undefined
  /** Whether what is said is written down. Default: true. */
  readonly transcriptionEnabled?: boolean | undefined
  /** Whether it is translated. Default: false. */
  readonly translationEnabled?: boolean | undefined
  /** One language, such as `["en"]`. */
  readonly translationTargetLanguages?: ReadonlyArray<string> | undefined
  /** See `Vocabulary`. */
  readonly vocabularyId?: string | undefined
  /** The pause that ends a sentence, in milliseconds, from 200 to 6000. Default: 700. */
  readonly maxEndSilence?: number | undefined
  /** Parameters that have no name here, under their wire names. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: Readonly<Record<string, unknown>> | undefined
}

const fields: Params.Fields<TranslationRecognizerParams> = {
  model: Params.top("model"),
  format: Params.parameter("format"),
  sampleRate: Params.parameter("sample_rate"),
  sourceLanguage: Params.parameter("source_language"),
  transcriptionEnabled: Params.parameter("transcription_enabled"),
  translationEnabled: Params.parameter("translation_enabled"),
  translationTargetLanguages: Params.parameter("translation_target_languages"),
  vocabularyId: Params.parameter("vocabulary_id"),
  maxEndSilence: Params.parameter("max_end_silence")
}

/**
 * What one recognition may have of its own.
 *
 * @since 0.1.0
 * @category models
 */
export interface TranslationRecognizerOptions extends AudioOptions {}

// -----------------------------------------------------------------------------
// results
// -----------------------------------------------------------------------------

/**
 * A word and its times, in milliseconds from the beginning of the audio.
 *
 * @since 0.1.0
 * @category models
 */
export interface Word extends Schema.Schema.Type<typeof Word> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const Word = Schema.Struct(Results.wordFields).annotations({ identifier: "TranslatedWord", ...preserve })

const halfFields = {
  ...Results.sentenceFields,
  /** What is known of the next sentence. */
  stash: nullish(Schema.Struct(Results.sentenceFields).annotations(preserve)),
  /** Whether a pause has ended the sentence before its time. */
  vadPreEnd: nullishFrom("vad_pre_end", Schema.Boolean),
  preEndFailed: nullishFrom("pre_end_failed", Schema.Boolean),
  /** In milliseconds from the beginning of the audio. */
  preEndStartTime: nullishFrom("pre_end_start_time", Schema.Number),
  /** In milliseconds from the beginning of the audio. */
  preEndEndTime: nullishFrom("pre_end_end_time", Schema.Number)
}

/**
 * What is said of a sentence so far, or a complete one ({@link isFinal}).
 *
 * @since 0.1.0
 * @category models
 */
export interface Transcription extends Schema.Schema.Type<typeof Transcription> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const Transcription = Schema.Struct(halfFields).annotations({ identifier: "GummyTranscription", ...preserve })

/**
 * The translation of a sentence so far, or of a complete one ({@link isFinal}).
 *
 * @since 0.1.0
 * @category models
 */
export interface Translation extends Schema.Schema.Type<typeof Translation> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const Translation = Schema.Struct({
  ...halfFields,
  /** Its language, such as `en`. */
  lang: nullish(Schema.String)
}).annotations({ identifier: "GummyTranslation", ...preserve })

/**
 * An element of a stream. Each half has all of its sentence so far, and replaces the one before it until the sentence is complete;
 * either may be missing.
 *
 * @since 0.1.0
 * @category models
 */
export interface TranslationResult extends Schema.Schema.Type<typeof TranslationResult> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const TranslationResult = Schema.Struct({
  output: Schema.Struct({
    transcription: nullish(Transcription),
    translations: nullish(listOf(Translation, {}))
  }).annotations(preserve),
  /** Seconds that are paid for, so far. */
  usage: nullish(Results.Usage),
  /** Quote this to Alibaba Cloud's support. */
  requestId
}).annotations({ identifier: "TranslationResult", ...preserve })

/**
 * Whether it is of a complete sentence, and does not change any more.
 *
 * @since 0.1.0
 * @category accessors
 */
export const isFinal: (half: Transcription | Translation) => boolean = Results.isFinal

/**
 * A sentence, as it was said and in other languages.
 *
 * @since 0.1.0
 * @category models
 */
export interface TranslatedSentence {
  readonly sentenceId: number | undefined
  readonly transcription: Transcription | undefined
  /** One for each language. */
  readonly translations: ReadonlyArray<Translation>
}

/** What is complete in a result. */
const completeIn = ({ output }: TranslationResult): TranslatedSentence | undefined => {
  const transcription = output.transcription && isFinal(output.transcription) ? output.transcription : undefined
  const translations = (output.translations ?? []).filter(isFinal)
  const half = transcription ?? translations[0]
  return half === undefined
    ? undefined
    : { sentenceId: half.sentenceId ?? undefined, transcription, translations }
}

/**
 * All that was recognised and translated.
 *
 * @since 0.1.0
 * @category models
 */
export interface Translated {
  /** What was said: the sentences, one after another. */
  readonly text: string
  /** The same in other languages, by language. */
  readonly translations: Readonly<Record<string, string>>
  /** In order. In a partial one ({@link partialResult}) the last may be incomplete. */
  readonly sentences: ReadonlyArray<TranslatedSentence>
  readonly usage: TranslationResult["usage"]
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId: string | undefined
}

class Total {
  private readonly sentences: Array<TranslatedSentence> = []
  /** Halves of a sentence that is not complete. */
  private transcription: Transcription | undefined = undefined
  private readonly translations = new Map<string, Translation>()
  private usage: TranslationResult["usage"] = undefined
  private requestId: string | undefined = undefined

  add(result: TranslationResult): void {
    const { output, requestId, usage } = result
    if (usage) this.usage = usage
    if (requestId) this.requestId = requestId
    const { transcription } = output
    if (transcription) this.transcription = isFinal(transcription) || !transcription.text ? undefined : transcription
    for (const translation of output.translations ?? []) {
      const lang = translation.lang ?? ""
      if (isFinal(translation)) this.translations.delete(lang)
      else if (translation.text) this.translations.set(lang, translation)
    }
    const complete = completeIn(result)
    if (complete !== undefined) this.complete(complete)
  }

  get(): Translated {
    const { requestId, transcription, usage } = this
    const translations = Array.from(this.translations.values())
    const half = transcription ?? translations[0]
    const sentences = half === undefined
      ? this.sentences
      : [...this.sentences, { sentenceId: half.sentenceId ?? undefined, transcription, translations }]
    const byLanguage: Record<string, string> = {}
    for (const { translations } of sentences) {
      for (const { lang, text } of translations) {
        byLanguage[lang ?? ""] = Subtitles.joined(byLanguage[lang ?? ""] ?? "", text ?? "")
      }
    }
    return {
      text: sentences.map(({ transcription }) => transcription?.text ?? "").reduce(Subtitles.joined, ""),
      translations: byLanguage,
      sentences,
      usage,
      requestId
    }
  }

  /** The halves of a sentence may be complete in different results. */
  private complete(more: TranslatedSentence): void {
    const last = this.sentences.at(-1)
    const isMore = last !== undefined && last.sentenceId !== undefined && last.sentenceId === more.sentenceId &&
      (last.transcription === undefined || more.transcription === undefined)
    if (!isMore) {
      this.sentences.push(more)
      return
    }
    this.sentences[this.sentences.length - 1] = {
      sentenceId: last.sentenceId,
      transcription: last.transcription ?? more.transcription,
      translations: [...last.translations, ...more.translations]
    }
  }
}

const partials = new Partial.Partials<Translated>()

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
    params: TranslationRecognizerParams,
    audio: AudioInput<E, R>,
    options?: TranslationRecognizerOptions
  ) => Stream.Stream<TranslationResult, DashScopeError | E, R>
}

/**
 * @example
 * import { TranslationRecognizer } from "effect-dashscope"
 * import { Layer, Stream } from "effect"
 *
 * export const Mock = Layer.mock(TranslationRecognizer.TranslationRecognizer, {
 *   stream: () => Stream.make({ output: { translations: [{ text: "Good.", lang: "en", sentenceEnd: true }] } })
 * })
 *
 * @since 0.1.0
 * @category tags
 */
export class TranslationRecognizer
  extends Context.Tag("effect-dashscope/TranslationRecognizer")<TranslationRecognizer, Service>()
{}

const read = Results.reader(Codec.decoder(TranslationResult))

const problem = (
  params: TranslationRecognizerParams,
  audio: AudioInput<unknown, unknown>,
  options?: TranslationRecognizerOptions
) => {
  const { model, transcriptionEnabled, translationEnabled, translationTargetLanguages } = params
  return Params.modelRequired(model, "gummy-realtime-v1") ?? Audio.problem(params, audio, options) ??
    (translationEnabled === true && Params.isEmpty(translationTargetLanguages)
      ? Params.invalid("translationTargetLanguages", "a translation needs a language, such as [\"en\"]")
      : transcriptionEnabled === false && translationEnabled !== true
      ? Params.invalid("transcriptionEnabled", "without a transcription and a translation nothing would come")
      : undefined)
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, DashScopeClient.DashScopeClient> = Effect.map(
  DashScopeClient.DashScopeClient,
  (client): Service => {
    const operations = new Operations<TranslationRecognizerParams, TranslationResult>(client.baseUrl, {
      operation: "translate_speech",
      modelOf: ({ model }) => model,
      // Seconds are no tokens.
      usageOf: () => undefined
    })
    return {
      stream: (params, audio, { gaps, pace, ...options } = {}) =>
        Stream.suspend(() => {
          const wrong = problem(params, audio, { gaps, pace })
          if (wrong !== undefined) return Stream.fail(wrong)
          const request = Results.requestOf(params, fields)
          if (Either.isLeft(request)) return Stream.fail(request.left)
          const feed = Audio.feedOf(audio, params, { gaps, pace })
          const running = { isContent: Results.isContent, feed, options }
          return Task.results(client, operations, params, request.right, running, read)
        })
    }
  }
)

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<TranslationRecognizer, never, DashScopeClient.DashScopeClient> = Layer.effect(
  TranslationRecognizer,
  make
)

/**
 * Recognises and translates audio while it is sent: sentences as they grow, and complete ones. A slow reader slows the service,
 * and a slow socket the audio.
 *
 * Fails with `InputRequired` before anything is sent where a parameter or the audio is missing, and in a pause of the audio
 * that nothing can be sent in ({@link TranslationRecognizerOptions}); with an `ApiError` where the service fails the task, as it
 * does without any speech; with a `ConnectionError` of reason `Truncated` where the service closes the WebSocket in mid-task;
 * and with what the audio fails with. Leaving the stream ends the recognition at once.
 *
 * @since 0.1.0
 * @category accessors
 */
export const stream = <E = never, R = never>(
  params: TranslationRecognizerParams,
  audio: AudioInput<E, R>,
  options?: TranslationRecognizerOptions
): Stream.Stream<TranslationResult, DashScopeError | E, TranslationRecognizer | R> =>
  Stream.unwrap(Effect.map(TranslationRecognizer, (service) => service.stream(params, audio, options)))

/**
 * The complete sentences alone. Where what was said and its translation are complete at different times, each comes in an element
 * of its own, with the same `sentenceId`. Otherwise as {@link stream}.
 *
 * @since 0.1.0
 * @category accessors
 */
export const sentences = <E = never, R = never>(
  params: TranslationRecognizerParams,
  audio: AudioInput<E, R>,
  options?: TranslationRecognizerOptions
): Stream.Stream<TranslatedSentence, DashScopeError | E, TranslationRecognizer | R> =>
  Stream.filterMap(stream(params, audio, options), (result) => Option.fromNullable(completeIn(result)))

/**
 * Recognises and translates all of the audio. Where it breaks off, {@link partialResult} of the error has what there was.
 * Otherwise as {@link stream}.
 *
 * @since 0.1.0
 * @category accessors
 */
export const recognize = <E = never, R = never>(
  params: TranslationRecognizerParams,
  audio: AudioInput<E, R>,
  options?: TranslationRecognizerOptions
): Effect.Effect<Translated, DashScopeError | E, TranslationRecognizer | R> =>
  collect(stream(params, audio, options), () => new Total(), partials)

/**
 * What {@link recognize} had when it failed with this error; nothing where that is nothing.
 *
 * @since 0.1.0
 * @category accessors
 */
export const partialResult = (error: unknown): Translated | undefined => partials.get(error)
