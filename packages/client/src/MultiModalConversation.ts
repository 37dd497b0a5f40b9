/**
 * Models that see, hear, speak or paint, and the newest chat models: all that answers on the multimodal path.
 *
 * - chat about pictures, videos and recordings: qwen-vl, qvq, qwen-audio, qwen-omni, and qwen3.5-plus and newer, which answer
 *   here also for plain text
 * - reading: qwen-vl-ocr, with {@link ocrResult}
 * - speech from text: qwen-tts; and speech beside text: qwen-omni. {@link audioOf} has the bytes, {@link saveAudio} a file
 * - text from speech: qwen3-asr-flash, fun-asr-flash, with {@link annotations}
 * - pictures: qwen-image, wan2.6 and newer, with {@link images}
 *
 * @example
 * import { DashScope, Media, MultiModalConversation, MultiModalMessage } from "effect-dashscope"
 * import { Console, Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const result = yield* MultiModalConversation.call({
 *     model: "qwen3-vl-plus",
 *     messages: [
 *       MultiModalMessage.user([
 *         MultiModalMessage.image(Media.file("./photo.jpg")),
 *         MultiModalMessage.text("What is in this picture?")
 *       ])
 *     ]
 *   })
 *   yield* Console.log(MultiModalConversation.text(result))
 * })
 *
 * export const main = program.pipe(Effect.provide(DashScope.layer()))
 *
 * Everything that `Generation` does with text works here alike, with the same parameters, results and errors: a program moves
 * here by changing that name. Messages of `Message` are taken too, and sent as parts.
 *
 * Media that are files or bytes become part of the request where they are small, and else a temporary upload (see `Upload`).
 * Only `Media.file` reads a file; a text is a URL and is sent as it is.
 *
 * Fields of an answer that have no name here are kept, at their place, under their wire names; {@link field} reads them.
 *
 * Source: "DashScope API reference" (multimodal generation).
 *
 * @since 0.1.0
 */
import type { PlatformError } from "@effect/platform/Error"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import type { CallOptions } from "./CallOptions.js"
import * as DashScopeClient from "./DashScopeClient.js"
import type { ApiError, DashScopeError } from "./DashScopeError.js"
import type { GenerationResult } from "./GenerationResult.js"
import * as Partial from "./internal/chat/partial.js"
import * as Reply from "./internal/chat/reply.js"
import * as Structured from "./internal/chat/structured.js"
import * as ToolLoop from "./internal/chat/toolLoop.js"
import * as Total from "./internal/chat/total.js"
import * as Verbs from "./internal/chat/verbs.js"
import { fromEither } from "./internal/effect/either.js"
import * as Pull from "./internal/effect/pull.js"
import * as Models from "./internal/multimodal/models.js"
import * as Wire from "./internal/multimodal/wire.js"
import * as Audio from "./internal/operation/audio.js"
import * as Saved from "./internal/operation/saved.js"
import * as Wav from "./internal/operation/wav.js"
import { resolved } from "./internal/upload/resolve.js"
import type * as MultiModalMessage from "./MultiModalMessage.js"
import type { MultiModalParams } from "./MultiModalParams.js"
import type * as ToolRun from "./ToolRun.js"
import * as Upload from "./Upload.js"

export {
  /**
   * @since 0.1.0
   * @category accessors
   */
  assistantMessage,
  /**
   * @since 0.1.0
   * @category accessors
   */
  field,
  /**
   * @since 0.1.0
   * @category schemas
   */
  GenerationResult as MultiModalConversationResult,
  /**
   * @since 0.1.0
   * @category accessors
   */
  reasoning,
  /**
   * @since 0.1.0
   * @category accessors
   */
  text,
  /**
   * @since 0.1.0
   * @category accessors
   */
  toolCalls
} from "./GenerationResult.js"

export {
  /**
   * @since 0.1.0
   * @category accessors
   */
  annotations,
  /**
   * @since 0.1.0
   * @category accessors
   */
  audio,
  /**
   * @since 0.1.0
   * @category accessors
   */
  images,
  /**
   * @since 0.1.0
   * @category schemas
   */
  OcrResult,
  /**
   * @since 0.1.0
   * @category accessors
   */
  ocrResult,
  /**
   * @since 0.1.0
   * @category schemas
   */
  OcrWords
} from "./MultiModalResult.js"

export type {
  /**
   * @since 0.1.0
   * @category models
   */
  MultiModalParams as MultiModalConversationParams
} from "./MultiModalParams.js"

// -----------------------------------------------------------------------------
// service
// -----------------------------------------------------------------------------

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** See the accessor of the same name. */
  readonly call: (params: MultiModalParams, options?: CallOptions) => Effect.Effect<GenerationResult, DashScopeError>
  /** See the accessor of the same name. */
  readonly stream: (params: MultiModalParams, options?: CallOptions) => Stream.Stream<GenerationResult, DashScopeError>
}

/**
 * @example
 * import { MultiModalConversation } from "effect-dashscope"
 * import { Effect, Layer } from "effect"
 *
 * // For a test of code that looks at pictures.
 * export const Mock = Layer.mock(MultiModalConversation.MultiModalConversation, {
 *   call: () => Effect.succeed({ output: { choices: [{ message: { role: "assistant", content: [{ text: "A beach." }] } }] } })
 * })
 *
 * @since 0.1.0
 * @category tags
 */
export class MultiModalConversation
  extends Context.Tag("effect-dashscope/MultiModalConversation")<MultiModalConversation, Service>()
{}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, DashScopeClient.DashScopeClient | Upload.Upload> = Effect.gen(
  function*() {
    const client = yield* DashScopeClient.DashScopeClient
    const { resolve } = yield* Upload.Upload
    return Verbs.make<MultiModalParams>(client, {
      path: "/services/aigc/multimodal-generation/generation",
      encodeCall: Wire.encodeCall,
      encodeStream: Wire.encode,
      plan: Models.plan,
      choicesOf: Models.choicesOf,
      prepare: ({ model }, prepared) => resolved(prepared, model, resolve)
    })
  }
)

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<MultiModalConversation, never, DashScopeClient.DashScopeClient | Upload.Upload> = Layer
  .effect(MultiModalConversation, make)

/**
 * Asks a model and waits for its whole answer. For a text that is to be spoken, the answer has the URL of the audio
 * (`output.audio.url`).
 *
 * Fails with `InputRequired` before anything is sent where the parameters contradict themselves or a file cannot be read, and
 * with the other errors of `DashScopeError` as they say. Uploads that the request needs are made first, within the call's
 * `timeout`.
 *
 * @example
 * import { MultiModalConversation, MultiModalMessage } from "effect-dashscope"
 * import { Effect } from "effect"
 *
 * export const describe = (url: string) =>
 *   MultiModalConversation.call({
 *     model: "qwen3-vl-plus",
 *     messages: [MultiModalMessage.user([{ image: url }, { text: "Describe this picture." }])]
 *   }).pipe(Effect.map(MultiModalConversation.text))
 *
 * @since 0.1.0
 * @category accessors
 */
export const call = (
  params: MultiModalParams,
  options?: CallOptions
): Effect.Effect<GenerationResult, DashScopeError, MultiModalConversation> =>
  Effect.flatMap(MultiModalConversation, (service) => service.call(params, options))

/**
 * A header of the answer that a result came with, by its name. Of a stream every element has those of the stream's answer,
 * and so has what {@link collect} makes of them. Nothing for a result that was made by hand or changed by a copy.
 *
 * @since 0.1.0
 * @category accessors
 */
export const header: (result: GenerationResult, name: string) => string | undefined = Verbs.header

/**
 * Asks a model and gives its answer as it comes, one element for each event of the service: what is new of its text, its
 * thinking, its tool calls, and pieces of its audio. {@link collect} puts them together.
 *
 * With `incrementalOutput: false` each element holds all so far instead; models named `…tts…` and `…omni…` are excepted, to
 * which the parameter is passed on. Audio comes in pieces all the same. The finish reason is the text `"null"` until the last
 * event. Otherwise as `Generation.stream`.
 *
 * Fails as {@link call} does, at any time. An answer that ends before its finish reason is a `ConnectionError` of reason
 * `Truncated`; {@link partialResult} has what had arrived, of any error.
 *
 * @since 0.1.0
 * @category accessors
 */
export const stream = (
  params: MultiModalParams,
  options?: CallOptions
): Stream.Stream<GenerationResult, DashScopeError, MultiModalConversation> =>
  Pull.unwrap(Effect.map(MultiModalConversation, (service) => service.stream(params, options)))

/**
 * The text of an answer as it is written, and nothing else: no thinking, no empty texts, of several choices the first.
 * Otherwise as {@link stream}.
 *
 * @example
 * import { Media, MultiModalConversation, MultiModalMessage } from "effect-dashscope"
 * import { Effect, Stream } from "effect"
 *
 * export const describe = MultiModalConversation.streamText({
 *   model: "qwen3-vl-plus",
 *   messages: [MultiModalMessage.user([{ video: Media.file("./film.mp4"), fps: 2 }, { text: "What happens?" }])]
 * }).pipe(Stream.runForEach((text) => Effect.sync(() => process.stdout.write(text))))
 *
 * @since 0.1.0
 * @category accessors
 */
export const streamText = (
  params: MultiModalParams,
  options?: CallOptions
): Stream.Stream<string, DashScopeError, MultiModalConversation> =>
  Stream.mapChunks(stream({ ...params, incrementalOutput: true }, options), Verbs.newText)

/**
 * Puts the elements of a stream together, to the one answer that {@link call} would give: of each choice the texts, tool calls
 * and log probabilities joined, parts place by place, audio as one; and for the rest what came last. Otherwise as
 * `Generation.collect`.
 *
 * @since 0.1.0
 * @category combinators
 */
export const collect: <E, R>(
  self: Stream.Stream<GenerationResult, E, R>
) => Effect.Effect<GenerationResult, E | ApiError, R> = Verbs.collect

/**
 * Puts elements of a stream together as {@link collect} does, where they are at hand: those so far, or all. Nothing where
 * there are none.
 *
 * @since 0.1.0
 * @category combinators
 */
export const merge: (elements: Iterable<GenerationResult>) => GenerationResult | undefined = Verbs.merge

/**
 * What had arrived of an answer when its stream failed with this error, put together as by {@link collect}; nothing where
 * nothing had, or where more had than a stream remembers (8 MiB).
 *
 * @since 0.1.0
 * @category accessors
 */
export const partialResult = (error: unknown): GenerationResult | undefined => Partial.results.get(error)

// -----------------------------------------------------------------------------
// tools and objects
// -----------------------------------------------------------------------------

/**
 * Lets a model use tools, as `Generation.runTools` does: calls it, runs the handlers of the tools it asks for, gives it their
 * results, and so on until it answers without asking. A file in the messages is uploaded for each round that needs it, unless
 * it is small; upload it yourself (`Upload.upload`) where it is large.
 *
 * @since 0.1.0
 * @category combinators
 */
export const runTools: ToolLoop.RunTools<MultiModalConversation, CallOptions, MultiModalParams> = ToolLoop.runTools(
  call
)

/**
 * The same as a stream of what happens, as `Generation.runToolsStream`.
 *
 * @since 0.1.0
 * @category combinators
 */
export const runToolsStream: ToolLoop.RunToolsStream<MultiModalConversation, CallOptions, MultiModalParams> = ToolLoop
  .runToolsStream(stream, () => new Total.Total())

/**
 * What {@link runTools} or {@link runToolsStream} had done when it failed with this error; nothing where that was in the
 * first round.
 *
 * @since 0.1.0
 * @category accessors
 */
export const partialRun = (
  error: unknown
): ToolRun.PartialRun<MultiModalMessage.MultiModalMessage> | undefined => Partial.runs.get(error)

/**
 * Asks for an answer that fits a Schema, and decodes it, as `Generation.callObject` does.
 *
 * @example
 * import { Media, MultiModalConversation, MultiModalMessage } from "effect-dashscope"
 * import { Effect, Schema } from "effect"
 *
 * const Sign = Schema.Struct({ text: Schema.String, color: Schema.String }).annotations({ identifier: "Sign" })
 *
 * export const sign = MultiModalConversation.callObject(
 *   {
 *     model: "qwen3-vl-plus",
 *     messages: [MultiModalMessage.user([{ image: Media.file("./sign.jpg") }, { text: "What does the sign say?" }])]
 *   },
 *   Sign,
 *   { format: "json_object" }
 * ).pipe(Effect.map(({ value }) => value.text))
 *
 * @since 0.1.0
 * @category combinators
 */
export const callObject: Structured.CallObject<MultiModalConversation, CallOptions, MultiModalParams> = Structured
  .callObject(call)

// -----------------------------------------------------------------------------
// audio
// -----------------------------------------------------------------------------

/**
 * The audio of a stream, in pieces as they come: samples (24 kHz, 16 bit, mono, where the model's page says nothing else). Of
 * some models the first piece begins with the head of a WAV file. {@link saveAudio} and {@link collectAudio} know both.
 *
 * @example
 * import { MultiModalConversation } from "effect-dashscope"
 * import { Effect, Stream } from "effect"
 *
 * export const speak = (text: string, play: (samples: Uint8Array) => void) =>
 *   MultiModalConversation.stream({ model: "qwen3-tts-flash", text, voice: "Cherry" }).pipe(
 *     MultiModalConversation.audioOf,
 *     Stream.runForEach((samples) => Effect.sync(() => play(samples)))
 *   )
 *
 * @since 0.1.0
 * @category combinators
 */
export const audioOf = <E, R>(
  self: Stream.Stream<GenerationResult, E, R>
): Stream.Stream<Uint8Array, E | ApiError, R> =>
  Stream.flattenChunks(
    Stream.mapEffect(self, ({ output, requestId }) => fromEither(Audio.bytesOf(output.audio?.data, requestId)))
  )

/**
 * What the samples of a stream are, where it has no head that says so.
 *
 * @since 0.1.0
 * @category models
 */
export interface AudioFormat {
  /** In Hz. Default: 24000. */
  readonly sampleRate?: number | undefined
  /** Default: 1. */
  readonly channels?: number | undefined
  /** Of a sample. Default: 16. */
  readonly bits?: number | undefined
}

/**
 * What was saved.
 *
 * @since 0.1.0
 * @category models
 */
export interface SavedAudio {
  readonly path: string
  /** How long it is. */
  readonly seconds: number
  /** How many bytes of samples there are. */
  readonly bytes: number
}

const formatOf = ({ bits, channels, sampleRate }: AudioFormat = {}): Wav.Format => ({
  ...Wav.usual,
  ...(bits === undefined ? undefined : { bits }),
  ...(channels === undefined ? undefined : { channels }),
  ...(sampleRate === undefined ? undefined : { sampleRate })
})

const isStream = (args: IArguments): boolean => Predicate.hasProperty(args[0], Stream.StreamTypeId)

/**
 * Writes the audio of a stream to a WAV file, while it comes. Where the stream fails, the file has what had come, and can be
 * played. A stream without audio makes no file, and fails with `ApiError`.
 *
 * @example
 * import { MultiModalConversation } from "effect-dashscope"
 * import { Console, Stream } from "effect"
 *
 * // Shows the text while it is written, and keeps the speech.
 * export const talk = MultiModalConversation.stream({
 *   model: "qwen3-omni-flash",
 *   prompt: "Tell me a joke.",
 *   modalities: ["text", "audio"],
 *   audio: { voice: "Cherry" }
 * }).pipe(
 *   Stream.tap((result) => Console.log(MultiModalConversation.text(result))),
 *   MultiModalConversation.saveAudio("joke.wav")
 * )
 *
 * @since 0.1.0
 * @category combinators
 */
export const saveAudio: {
  (path: string, format?: AudioFormat): <E, R>(
    self: Stream.Stream<GenerationResult, E, R>
  ) => Effect.Effect<SavedAudio, E | ApiError | PlatformError, R | FileSystem.FileSystem>
  <E, R>(
    self: Stream.Stream<GenerationResult, E, R>,
    path: string,
    format?: AudioFormat
  ): Effect.Effect<SavedAudio, E | ApiError | PlatformError, R | FileSystem.FileSystem>
} = dual(isStream, <E, R>(
  self: Stream.Stream<GenerationResult, E, R>,
  path: string,
  format?: AudioFormat
): Effect.Effect<SavedAudio, E | ApiError | PlatformError, R | FileSystem.FileSystem> =>
  Effect.flatMap(Saved.save(audioOf(self), path, formatOf(format)), ({ bytes, format }) =>
    bytes === 0
      ? Effect.fail(Reply.noAudio())
      : Effect.succeed({ path, bytes, seconds: Wav.secondsOf(bytes, format) })))

/**
 * The audio of a stream as the bytes of a WAV file, in memory. A stream without audio fails with `ApiError`.
 *
 * @since 0.1.0
 * @category combinators
 */
export const collectAudio: {
  (format?: AudioFormat): <E, R>(
    self: Stream.Stream<GenerationResult, E, R>
  ) => Effect.Effect<Uint8Array, E | ApiError, R>
  <E, R>(
    self: Stream.Stream<GenerationResult, E, R>,
    format?: AudioFormat
  ): Effect.Effect<Uint8Array, E | ApiError, R>
} = dual(isStream, <E, R>(
  self: Stream.Stream<GenerationResult, E, R>,
  format?: AudioFormat
): Effect.Effect<Uint8Array, E | ApiError, R> =>
  Effect.filterOrFail(
    Saved.whole(audioOf(self), formatOf(format)),
    (bytes) => bytes.length > 0,
    Reply.noAudio
  ))
