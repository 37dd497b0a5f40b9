/**
 * What of `DashScope` runs everywhere: all services, over any `HttpClient`.
 *
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Application from "../Application.js"
import * as Batch from "../Batch.js"
import * as BatchTextEmbedding from "../BatchTextEmbedding.js"
import * as CodeGeneration from "../CodeGeneration.js"
import * as DashScopeClient from "../DashScopeClient.js"
import * as Deployments from "../Deployments.js"
import * as Download from "../Download.js"
import * as DuplexTask from "../DuplexTask.js"
import * as Files from "../Files.js"
import * as FineTunes from "../FineTunes.js"
import * as Generation from "../Generation.js"
import * as HttpSpeechSynthesizer from "../HttpSpeechSynthesizer.js"
import * as ImageGeneration from "../ImageGeneration.js"
import * as ImageSynthesis from "../ImageSynthesis.js"
import * as Models from "../Models.js"
import * as MultiModalConversation from "../MultiModalConversation.js"
import * as MultiModalEmbedding from "../MultiModalEmbedding.js"
import * as Realtime from "../Realtime.js"
import * as Recognition from "../Recognition.js"
import * as SpeechSynthesizer from "../SpeechSynthesizer.js"
import * as Task from "../Task.js"
import * as TextEmbedding from "../TextEmbedding.js"
import * as TextReRank from "../TextReRank.js"
import * as Tokenization from "../Tokenization.js"
import * as Tokens from "../Tokens.js"
import * as Transcription from "../Transcription.js"
import * as TranslationRecognizer from "../TranslationRecognizer.js"
import * as Understanding from "../Understanding.js"
import * as Upload from "../Upload.js"
import * as VideoSynthesis from "../VideoSynthesis.js"
import * as Vocabulary from "../Vocabulary.js"
import * as VoiceEnrollment from "../VoiceEnrollment.js"

/**
 * The services that this library offers, and the client they share.
 *
 * @since 0.1.0
 * @category models
 */
export type Services =
  | DashScopeClient.DashScopeClient
  | Application.Application
  | Batch.Batches
  | BatchTextEmbedding.BatchTextEmbedding
  | CodeGeneration.CodeGeneration
  | Deployments.Deployments
  | Download.Download
  | DuplexTask.DuplexTask
  | Files.Files
  | FineTunes.FineTunes
  | Generation.Generation
  | HttpSpeechSynthesizer.HttpSpeechSynthesizer
  | ImageGeneration.ImageGeneration
  | ImageSynthesis.ImageSynthesis
  | Models.Models
  | MultiModalConversation.MultiModalConversation
  | MultiModalEmbedding.MultiModalEmbedding
  | Realtime.Realtime
  | Recognition.Recognition
  | SpeechSynthesizer.SpeechSynthesizer
  | Task.Tasks
  | TextEmbedding.TextEmbedding
  | TextReRank.TextReRank
  | Tokenization.Tokenization
  | Tokens.Tokens
  | Transcription.Transcription
  | TranslationRecognizer.TranslationRecognizer
  | Understanding.Understanding
  | Upload.Upload
  | VideoSynthesis.VideoSynthesis
  | Vocabulary.Vocabulary
  | VoiceEnrollment.VoiceEnrollment

const made = <I, S, R>(tag: Context.Tag<I, S>, make: Effect.Effect<S, never, R>) =>
  Effect.map(make, (service) => Context.make(tag, service))

const overClient = Effect.map(
  Effect.all([
    made(Application.Application, Application.make),
    made(Batch.Batches, Batch.make),
    made(BatchTextEmbedding.BatchTextEmbedding, BatchTextEmbedding.make),
    made(CodeGeneration.CodeGeneration, CodeGeneration.make),
    made(Deployments.Deployments, Deployments.make),
    made(Download.Download, Download.make),
    made(DuplexTask.DuplexTask, DuplexTask.make),
    made(Files.Files, Files.make),
    made(FineTunes.FineTunes, FineTunes.make),
    made(Generation.Generation, Generation.make),
    made(HttpSpeechSynthesizer.HttpSpeechSynthesizer, HttpSpeechSynthesizer.make),
    made(ImageGeneration.ImageGeneration, ImageGeneration.make),
    made(ImageSynthesis.ImageSynthesis, ImageSynthesis.make),
    made(Models.Models, Models.make),
    made(MultiModalConversation.MultiModalConversation, MultiModalConversation.make),
    made(MultiModalEmbedding.MultiModalEmbedding, MultiModalEmbedding.make),
    made(Realtime.Realtime, Realtime.make),
    made(Recognition.Recognition, Recognition.make),
    made(SpeechSynthesizer.SpeechSynthesizer, SpeechSynthesizer.make),
    made(Task.Tasks, Task.make),
    made(TextEmbedding.TextEmbedding, TextEmbedding.make),
    made(TextReRank.TextReRank, TextReRank.make),
    made(Tokenization.Tokenization, Tokenization.make),
    made(Tokens.Tokens, Tokens.make),
    made(Transcription.Transcription, Transcription.make),
    made(TranslationRecognizer.TranslationRecognizer, TranslationRecognizer.make),
    made(Understanding.Understanding, Understanding.make),
    made(VideoSynthesis.VideoSynthesis, VideoSynthesis.make),
    made(Vocabulary.Vocabulary, Vocabulary.make),
    made(VoiceEnrollment.VoiceEnrollment, VoiceEnrollment.make)
  ]),
  (contexts) => Context.mergeAll(...contexts)
)

const all = (options: DashScopeClient.Options) =>
  Effect.gen(function*() {
    const client = yield* DashScopeClient.make(options)
    const upload = yield* Effect.provideService(Upload.make, DashScopeClient.DashScopeClient, client)
    // Services that send media stand on the uploads.
    const beneath = Context.add(Context.make(DashScopeClient.DashScopeClient, client), Upload.Upload, upload)
    return Context.merge(beneath, yield* Effect.provide(overClient, beneath))
  })

/**
 * All services over the `HttpClient` of the environment: that of another runtime, or a mock.
 *
 * The key file is read through the `FileSystem` of the environment, if there is one.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerWithoutHttpClient = (
  options: DashScopeClient.Options = {}
): Layer.Layer<Services, ConfigError.ConfigError, HttpClient.HttpClient> =>
  // One layer, and not one of each service merged: that takes several fibers for each of them, and thirty times as long. And
  // a layer that is no value of the module is not shared by two clients that are built together.
  Layer.effectContext(all(options))
