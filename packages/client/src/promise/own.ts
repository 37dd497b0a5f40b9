/**
 * What services have besides the functions that can be adapted: what takes Streams, tools, Schemas, or gives what has no form
 * without Effect.
 *
 * @internal
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Runtime from "effect/Runtime"
import * as Stream from "effect/Stream"
import * as Application from "../Application.js"
import * as Batch from "../Batch.js"
import * as BatchTextEmbedding from "../BatchTextEmbedding.js"
import * as Generation from "../Generation.js"
import * as ImageGeneration from "../ImageGeneration.js"
import * as Models from "../Models.js"
import * as MultiModalConversation from "../MultiModalConversation.js"
import type * as DashScope from "../neutral/DashScope.js"
import * as Recognition from "../Recognition.js"
import * as SpeechSynthesizer from "../SpeechSynthesizer.js"
import * as Tokens from "../Tokens.js"
import * as TranslationRecognizer from "../TranslationRecognizer.js"
import { handlersOf, schemaOf } from "./chat.js"
import type { Elements } from "./chatTypes.js"
import type * as Client from "./client.js"
import { adapt, given, iterable, promise, streamed, streamOf } from "./run.js"
import type * as Types from "./types.js"

/** What has everything that a function here needs. @internal */
export type Everything = Runtime.Runtime<DashScope.Services | FileSystem.FileSystem>

/** What a service has by hand. */
type Own<Service, Requests> = (runtime: Everything) => Omit<Service, keyof Requests>

/** A function with options at its end, and a signal among them. */
const withOptions = <O extends object, A>(
  runtime: Everything,
  options: (O & Types.Abortable) | undefined,
  make: (options: O | undefined) => Effect.Effect<A, unknown, DashScope.Services>
): Promise<A> => {
  const { options: own, problem, signal } = given<O | undefined>(options)
  return promise(runtime, problem === undefined ? make(own) : Effect.fail(problem), signal)
}

/** @internal */
export const applications: Own<Client.ApplicationClient, Types.ApplicationRequests> = (runtime) => ({
  collect: (elements) => promise(runtime, Application.collect(streamOf(elements))),
  session: (params) => {
    const session = Effect.runSync(Application.session(params))
    return {
      ...adapt(runtime, { call: session.call, stream: session.stream }),
      get id() {
        return Effect.runSync(session.id)
      }
    }
  }
})

/** @internal */
export const batches: Own<Client.BatchClient, Types.BatchRequests> = (runtime) => ({
  upload: (requests, options) => withOptions(runtime, options, (options) => Batch.upload(streamOf(requests), options)),
  submit: (requests, options) => withOptions(runtime, options, (options) => Batch.submit(streamOf(requests), options))
})

const outcome = <A, E>(either: Either.Either<A, E>): Types.Outcome<A, E> =>
  Either.isRight(either) ? { value: either.right } : { error: either.left }

/** @internal */
export const results = (...args: Parameters<typeof Batch.results>) =>
  Stream.map(Batch.results(...args), (result) => ({ ...result, answer: outcome(result.answer) }))

/** @internal */
export const embeddings = (...args: Parameters<typeof Batch.embeddings>) =>
  Stream.map(Batch.embeddings(...args), (result) => ({ ...result, answer: outcome(result.answer) }))

/** @internal */
export const vectors = (...args: Parameters<typeof BatchTextEmbedding.vectors>) =>
  Stream.map(BatchTextEmbedding.vectors(...args), (vector) => ({ ...vector, embedding: outcome(vector.embedding) }))

/** @internal */
export const generation: Own<Client.GenerationClient, Types.GenerationRequests> = (runtime) => ({
  collect: (elements) => promise(runtime, Generation.collect(streamOf(elements))),
  runTools: (params, tools, options) =>
    withOptions(
      runtime,
      options,
      (options) => Effect.suspend(() => Generation.runTools(params, handlersOf(tools), options))
    ),
  runToolsStream: (params, tools, options) =>
    streamed(
      runtime,
      options,
      (options) => Stream.suspend(() => Generation.runToolsStream(params, handlersOf(tools), options))
    ),
  callObject: (params, { jsonSchema, validate }, options) =>
    withOptions(runtime, options, (options) => Generation.callObject(params, schemaOf(jsonSchema, validate), options))
})

/** @internal */
export const conversations: Own<Client.MultiModalConversationClient, Types.MultiModalConversationRequests> = (
  runtime
) => ({
  collect: (elements) => promise(runtime, MultiModalConversation.collect(streamOf(elements))),
  runTools: (params, tools, options) =>
    withOptions(
      runtime,
      options,
      (options) => Effect.suspend(() => MultiModalConversation.runTools(params, handlersOf(tools), options))
    ),
  runToolsStream: (params, tools, options) =>
    streamed(
      runtime,
      options,
      (options) => Stream.suspend(() => MultiModalConversation.runToolsStream(params, handlersOf(tools), options))
    ),
  callObject: (params, { jsonSchema, validate }, options) =>
    withOptions(
      runtime,
      options,
      (options) => MultiModalConversation.callObject(params, schemaOf(jsonSchema, validate), options)
    ),
  audioOf: (elements) => iterable(runtime, MultiModalConversation.audioOf(streamOf(elements))),
  collectAudio: (elements, format) => promise(runtime, MultiModalConversation.collectAudio(streamOf(elements), format)),
  saveAudio: (elements, path, format) =>
    promise(runtime, MultiModalConversation.saveAudio(streamOf(elements), path, format))
})

/** @internal */
export const imageGeneration: Own<Client.ImageGenerationClient, Types.ImageGenerationRequests> = (runtime) => ({
  collect: (elements) => promise(runtime, ImageGeneration.collect(streamOf(elements)))
})

/** @internal */
export const models: Own<Client.ModelsClient, Types.ModelsRequests> = (runtime) => ({
  get: (model, options) =>
    withOptions(runtime, options, (options) => Effect.map(Models.get(model, options), Option.getOrUndefined))
})

/** @internal */
export const tokens: Own<Client.TokensClient, Record<never, never>> = (runtime) => ({
  create: (params, options) =>
    withOptions(
      runtime,
      options,
      (options) =>
        Effect.map(Tokens.create(params, options), ({ expiresAt, requestId, token }): Client.TemporaryKey => {
          const key = { expiresAt, requestId, token: "" }
          return Object.defineProperty(key, "token", { value: Redacted.value(token), enumerable: false })
        })
    )
})

/** @internal */
export const speech: Own<Client.SpeechSynthesizerClient, Types.SpeechSynthesizerRequests> = (runtime) => ({
  stream: (params, texts, options) =>
    streamed(runtime, options, (options) => SpeechSynthesizer.stream(params, streamOf(texts), options)),
  streamAudio: (params, texts, options) =>
    streamed(runtime, options, (options) => SpeechSynthesizer.streamAudio(params, streamOf(texts), options))
})

/** Bytes are all of the audio, and no elements. */
const audioOf = <A>(audio: Uint8Array | Elements<A>): Uint8Array | Stream.Stream<A, unknown> =>
  audio instanceof Uint8Array ? audio : streamOf(audio)

/** @internal */
export const recognition: Own<Client.RecognitionClient, Record<never, never>> = (runtime) => ({
  stream: (params, audio, options) =>
    streamed(runtime, options, (options) => Recognition.stream(params, audioOf(audio), options)),
  sentences: (params, audio, options) =>
    streamed(runtime, options, (options) => Recognition.sentences(params, audioOf(audio), options)),
  recognize: (params, audio, options) =>
    withOptions(runtime, options, (options) => Recognition.recognize(params, audioOf(audio), options))
})

/** @internal */
export const translations: Own<Client.TranslationRecognizerClient, Record<never, never>> = (runtime) => ({
  stream: (params, audio, options) =>
    streamed(runtime, options, (options) => TranslationRecognizer.stream(params, audioOf(audio), options)),
  sentences: (params, audio, options) =>
    streamed(runtime, options, (options) => TranslationRecognizer.sentences(params, audioOf(audio), options)),
  recognize: (params, audio, options) =>
    withOptions(runtime, options, (options) => TranslationRecognizer.recognize(params, audioOf(audio), options))
})
