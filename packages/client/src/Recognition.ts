/**
 * Speech recognition while it is spoken, over WebSockets: with Paraformer, Fun-ASR and Qwen-Audio-ASR.
 *
 * @example
 * import { DashScope, Recognition } from "effect-dashscope"
 * import { NodeContext } from "@effect/platform-node"
 * import { FileSystem } from "@effect/platform"
 * import { Console, Effect, Stream } from "effect"
 *
 * // Each sentence, as soon as it is complete.
 * const program = Effect.gen(function*() {
 *   const fs = yield* FileSystem.FileSystem
 *   yield* Recognition.sentences(
 *     { model: "fun-asr-realtime", format: "wav", sampleRate: 16000 },
 *     fs.stream("meeting.wav")
 *   ).pipe(Stream.runForEach(({ beginTime, text }) => Console.log(beginTime, text)))
 * })
 *
 * export const main = program.pipe(Effect.provide([DashScope.layer(), NodeContext.layer]))
 *
 * Audio is any stream of bytes: a microphone, a file, a call. It is cut anew into what the service takes, and its pauses are filled
 * ({@link RecognitionOptions}). A recognition holds a permit and a connection of the pool from its start to its end; the
 * connection then serves the next one of the same key. For recordings that the service fetches by their URLs, see `Transcription`.
 *
 * Fields of an answer that have no name here are kept, at their place, under their wire names.
 *
 * Source: "Fun-ASR real-time speech recognition WebSocket API", "Paraformer client events".
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
import type { AudioOptions } from "./AudioInput.js"
import * as DashScopeClient from "./DashScopeClient.js"
import type { DashScopeError } from "./DashScopeError.js"
import * as Codec from "./internal/core/codec.js"
import { nullish, preserve, requestId } from "./internal/core/fields.js"
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
 * What was said before, or what the audio is about.
 *
 * @since 0.1.0
 * @category models
 */
export interface ContextTurn {
  readonly role: "user" | "assistant"
  readonly text: string
}

/**
 * A parameter that is left out is the model's default.
 *
 * @since 0.1.0
 * @category models
 */
export interface RecognitionParams {
  /** Such as `fun-asr-realtime`, `paraformer-realtime-v2` or `qwen-audio-3.0-asr-flash-streaming`. */
  readonly model: string
  /** `pcm` (16 bits), `wav` (PCM), `mp3`, `opus` and `speex` (in Ogg), `aac`, or `amr`; of one channel. */
  readonly format: string
  /** In Hz: 16000; of 8k models 8000, of paraformer-realtime-v2 and later any. */
  readonly sampleRate: number
  /** See `Vocabulary`. */
  readonly vocabularyId?: string | undefined
  /** Words to listen for, and how much (1 to 5, or 50), for qwen-audio. */
  readonly vocabulary?: Readonly<Record<string, number>> | undefined
  /** Such as `["zh", "en"]`. Default: found out. */
  readonly languageHints?: ReadonlyArray<string> | undefined
  /** Whether sentences are cut by what they mean, and not by pauses. Default: false. */
  readonly semanticPunctuationEnabled?: boolean | undefined
  /** The pause that ends a sentence, in milliseconds, from 200 to 6000. Default: 1300. */
  readonly maxSentenceSilence?: number | undefined
  /** Whether long sentences without pauses are cut too. Default: false. */
  readonly multiThresholdModeEnabled?: boolean | undefined
  /** Default: true. */
  readonly punctuationPredictionEnabled?: boolean | undefined
  /** Whether numbers are written with digits. Default: true. */
  readonly inverseTextNormalizationEnabled?: boolean | undefined
  /** Whether to leave out "uh" and the like. Default: false. */
  readonly disfluencyRemovalEnabled?: boolean | undefined
  /** Whether the service bears more than a minute without speech. Default: false. */
  readonly heartbeat?: boolean | undefined
  /** From -1 (more counts as speech) to 1 (more counts as noise), for Fun-ASR. */
  readonly speechNoiseThreshold?: number | undefined
  /** Words to leave out or to replace, under the wire's names. */
  readonly specialWordFilter?: Readonly<Record<string, unknown>> | undefined
  /** At most 5 turns of each role, of 400 characters; {@link context} renews it while audio is sent. */
  readonly context?: ReadonlyArray<ContextTurn> | undefined
  /** Lists of hot words of older models, under the wire's names. */
  readonly resources?: ReadonlyArray<Readonly<Record<string, unknown>>> | undefined
  /** Parameters that have no name here, under their wire names. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: Readonly<Record<string, unknown>> | undefined
}

const writtenContext = (turns: ReadonlyArray<ContextTurn>) =>
  turns.map(({ role, text }) => ({ role, content: [{ type: role === "user" ? "input_text" : "text", text }] }))

const fields: Params.Fields<RecognitionParams> = {
  model: Params.top("model"),
  format: Params.parameter("format"),
  sampleRate: Params.parameter("sample_rate"),
  vocabularyId: Params.parameter("vocabulary_id"),
  vocabulary: Params.parameter("vocabulary"),
  languageHints: Params.parameter("language_hints"),
  semanticPunctuationEnabled: Params.parameter("semantic_punctuation_enabled"),
  maxSentenceSilence: Params.parameter("max_sentence_silence"),
  multiThresholdModeEnabled: Params.parameter("multi_threshold_mode_enabled"),
  punctuationPredictionEnabled: Params.parameter("punctuation_prediction_enabled"),
  inverseTextNormalizationEnabled: Params.parameter("inverse_text_normalization_enabled"),
  disfluencyRemovalEnabled: Params.parameter("disfluency_removal_enabled"),
  heartbeat: Params.parameter("heartbeat"),
  speechNoiseThreshold: Params.parameter("speech_noise_threshold"),
  specialWordFilter: Params.parameter("special_word_filter"),
  context: Params.input("context", writtenContext),
  resources: Params.top("resources")
}

/**
 * What one recognition may have of its own.
 *
 * @since 0.1.0
 * @category models
 */
export interface RecognitionOptions extends AudioOptions {}

/**
 * Among the audio: what it is about from here on. {@link context} makes one.
 *
 * @since 0.1.0
 * @category models
 */
export interface ContextUpdate {
  readonly _tag: "ContextUpdate"
  readonly turns: ReadonlyArray<ContextTurn>
}

/**
 * Put among the pieces of audio, it tells the service what they are about from there on; for fun-asr-realtime and qwen-audio.
 *
 * @example
 * import { Recognition } from "effect-dashscope"
 * import { Stream } from "effect"
 *
 * export const withAgenda = (greeting: Stream.Stream<Uint8Array>, talk: Stream.Stream<Uint8Array>) =>
 *   Recognition.sentences(
 *     { model: "fun-asr-realtime", format: "pcm", sampleRate: 16000 },
 *     greeting.pipe(
 *       Stream.concat(Stream.make(Recognition.context([{ role: "user", text: "Connection pools of HTTP clients" }]))),
 *       Stream.concat(talk)
 *     )
 *   )
 *
 * @since 0.1.0
 * @category constructors
 */
export const context = (turns: ReadonlyArray<ContextTurn>): ContextUpdate => ({ _tag: "ContextUpdate", turns })

/**
 * All of the audio, or its pieces as they come, of any size.
 *
 * @since 0.1.0
 * @category models
 */
export type Input<E = never, R = never> = Uint8Array | Stream.Stream<Uint8Array | ContextUpdate, E, R>

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
export const Word = Schema.Struct(Results.wordFields).annotations({ identifier: "RecognizedWord", ...preserve })

/**
 * A sentence as far as it is spoken, or a complete one ({@link isFinal}).
 *
 * @since 0.1.0
 * @category models
 */
export interface Sentence extends Schema.Schema.Type<typeof Sentence> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const Sentence = Schema.Struct({
  ...Results.sentenceFields,
  heartbeat: nullish(Schema.Boolean)
}).annotations({ identifier: "RecognizedSentence", ...preserve })

/**
 * An element of a stream. Each has all of its sentence so far, and replaces the one before it until the sentence is complete.
 *
 * @since 0.1.0
 * @category models
 */
export interface RecognitionResult extends Schema.Schema.Type<typeof RecognitionResult> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const RecognitionResult = Schema.Struct({
  output: Schema.Struct({ sentence: nullish(Sentence) }).annotations(preserve),
  /** Beside complete sentences: seconds that are paid for, so far. */
  usage: nullish(Results.Usage),
  /** Quote this to Alibaba Cloud's support. */
  requestId
}).annotations({ identifier: "RecognitionResult", ...preserve })

/**
 * Whether a sentence is complete, and does not change any more.
 *
 * @since 0.1.0
 * @category accessors
 */
export const isFinal: (sentence: Sentence) => boolean = Results.isFinal

/**
 * All that was recognised.
 *
 * @since 0.1.0
 * @category models
 */
export interface Recognized {
  /** The sentences, one after another. */
  readonly text: string
  /** In order. In a partial one ({@link partialResult}) the last may be incomplete. */
  readonly sentences: ReadonlyArray<Sentence>
  readonly usage: RecognitionResult["usage"]
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId: string | undefined
}

class Total {
  private readonly sentences: Array<Sentence> = []
  private open: Sentence | undefined = undefined
  private usage: RecognitionResult["usage"] = undefined
  private requestId: string | undefined = undefined

  add({ output: { sentence }, requestId, usage }: RecognitionResult): void {
    if (usage) this.usage = usage
    if (requestId) this.requestId = requestId
    if (!sentence) return
    if (isFinal(sentence)) {
      this.sentences.push(sentence)
      this.open = undefined
    } else {
      this.open = sentence.text ? sentence : undefined
    }
  }

  get(): Recognized {
    const { open, requestId, usage } = this
    const sentences = open === undefined ? this.sentences : [...this.sentences, open]
    return { text: sentences.map(({ text }) => text ?? "").reduce(Subtitles.joined, ""), sentences, usage, requestId }
  }
}

const partials = new Partial.Partials<Recognized>()

/**
 * Complete sentences as subtitles in the form of SubRip (`.srt`). `maxCharacters` cuts longer ones between their words. Default:
 * any length.
 *
 * @since 0.1.0
 * @category accessors
 */
export const toSrt = (
  sentences: ReadonlyArray<Sentence>,
  { maxCharacters }: { readonly maxCharacters?: number | undefined } = {}
): string => Subtitles.toSrt(Subtitles.cuesOf([{ sentences }], maxCharacters), false)

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
    params: RecognitionParams,
    audio: Input<E, R>,
    options?: RecognitionOptions
  ) => Stream.Stream<RecognitionResult, DashScopeError | E, R>
}

/**
 * @example
 * import { Recognition } from "effect-dashscope"
 * import { Layer, Stream } from "effect"
 *
 * export const Mock = Layer.mock(Recognition.Recognition, {
 *   stream: () => Stream.make({ output: { sentence: { text: "好。", sentenceEnd: true } } })
 * })
 *
 * @since 0.1.0
 * @category tags
 */
export class Recognition extends Context.Tag("effect-dashscope/Recognition")<Recognition, Service>() {}

const read = Results.reader(Codec.decoder(RecognitionResult))

const problem = (params: RecognitionParams, audio: Input<unknown, unknown>, options?: RecognitionOptions) =>
  Params.modelRequired(params.model, "fun-asr-realtime") ?? Audio.problem(params, audio, options)

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, DashScopeClient.DashScopeClient> = Effect.map(
  DashScopeClient.DashScopeClient,
  (client): Service => {
    const operations = new Operations<RecognitionParams, RecognitionResult>(client.baseUrl, {
      operation: "recognize_speech",
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
          const feed = Audio.feed(audio, params, { gaps, pace }, ({ turns }: ContextUpdate) => ({
            context: writtenContext(turns)
          }))
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
export const layer: Layer.Layer<Recognition, never, DashScopeClient.DashScopeClient> = Layer.effect(Recognition, make)

/**
 * Recognises audio while it is sent: sentences as they grow, and complete ones. A slow reader slows the service, and a slow socket
 * the audio.
 *
 * Fails with `InputRequired` before anything is sent where a parameter or the audio is missing, and in a pause of the audio
 * that nothing can be sent in ({@link RecognitionOptions}); with an `ApiError` where the service fails the task, as it does
 * without any speech; with a `ConnectionError` of reason `Truncated` where the service closes the WebSocket in mid-task; and with
 * what the audio fails with. Leaving the stream ends the recognition at once.
 *
 * @since 0.1.0
 * @category accessors
 */
export const stream = <E = never, R = never>(
  params: RecognitionParams,
  audio: Input<E, R>,
  options?: RecognitionOptions
): Stream.Stream<RecognitionResult, DashScopeError | E, Recognition | R> =>
  Stream.unwrap(Effect.map(Recognition, (service) => service.stream(params, audio, options)))

/**
 * The complete sentences alone. Otherwise as {@link stream}.
 *
 * @since 0.1.0
 * @category accessors
 */
export const sentences = <E = never, R = never>(
  params: RecognitionParams,
  audio: Input<E, R>,
  options?: RecognitionOptions
): Stream.Stream<Sentence, DashScopeError | E, Recognition | R> =>
  Stream.filterMap(
    stream(params, audio, options),
    ({ output: { sentence } }) => sentence && isFinal(sentence) ? Option.some(sentence) : Option.none()
  )

/**
 * Recognises all of the audio. Where it breaks off, {@link partialResult} of the error has what was recognised. Otherwise as
 * {@link stream}.
 *
 * @since 0.1.0
 * @category accessors
 */
export const recognize = <E = never, R = never>(
  params: RecognitionParams,
  audio: Input<E, R>,
  options?: RecognitionOptions
): Effect.Effect<Recognized, DashScopeError | E, Recognition | R> =>
  collect(stream(params, audio, options), () => new Total(), partials)

/**
 * What {@link recognize} had recognised when it failed with this error; nothing where that is nothing.
 *
 * @since 0.1.0
 * @category accessors
 */
export const partialResult = (error: unknown): Recognized | undefined => partials.get(error)
