/**
 * Services for tests: in one line, for all of them or for one. What a test gives nothing for and the program calls all the same
 * ends the test with {@link Unmocked}, which names it.
 *
 * @example
 * import { Generation, Testing } from "effect-dashscope"
 * import { Effect } from "effect"
 *
 * const greet = Effect.map(Generation.call({ model: "qwen-plus", prompt: "Greet the reader." }), Generation.text)
 *
 * export const test = greet.pipe(
 *   Effect.provide(Testing.layer({
 *     generation: { call: () => Effect.succeed({ output: { choices: [{ message: { content: "Hello!" } }] } }) }
 *   }))
 * )
 *
 * To replay what the real service said once, see `Cassette`.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Application from "./Application.js"
import * as Batch from "./Batch.js"
import * as BatchTextEmbedding from "./BatchTextEmbedding.js"
import * as CodeGeneration from "./CodeGeneration.js"
import * as DashScopeClient from "./DashScopeClient.js"
import * as Deployments from "./Deployments.js"
import * as Download from "./Download.js"
import * as DuplexTask from "./DuplexTask.js"
import * as Files from "./Files.js"
import * as FineTunes from "./FineTunes.js"
import * as Generation from "./Generation.js"
import * as HttpSpeechSynthesizer from "./HttpSpeechSynthesizer.js"
import * as ImageGeneration from "./ImageGeneration.js"
import * as ImageSynthesis from "./ImageSynthesis.js"
import { dieEitherWay } from "./internal/effect/die.js"
import * as Models from "./Models.js"
import * as MultiModalConversation from "./MultiModalConversation.js"
import * as MultiModalEmbedding from "./MultiModalEmbedding.js"
import * as Realtime from "./Realtime.js"
import * as Recognition from "./Recognition.js"
import * as SpeechSynthesizer from "./SpeechSynthesizer.js"
import * as Task from "./Task.js"
import * as TextEmbedding from "./TextEmbedding.js"
import * as TextReRank from "./TextReRank.js"
import * as Tokenization from "./Tokenization.js"
import * as Tokens from "./Tokens.js"
import * as Transcription from "./Transcription.js"
import * as TranslationRecognizer from "./TranslationRecognizer.js"
import * as Understanding from "./Understanding.js"
import * as Upload from "./Upload.js"
import * as VideoSynthesis from "./VideoSynthesis.js"
import * as Vocabulary from "./Vocabulary.js"
import * as VoiceEnrollment from "./VoiceEnrollment.js"

/**
 * A program called what its test gave nothing for. It is a defect: no handler of errors hides it.
 *
 * @since 0.1.0
 * @category errors
 */
export class Unmocked extends Schema.TaggedError<Unmocked>("effect-dashscope/Unmocked")("Unmocked", {
  /** Such as `Generation`. */
  service: Schema.String,
  /** Such as `stream`. */
  method: Schema.String
}) {
  override get message(): string {
    return `${this.service}.${this.method} was called, and the test gives nothing for it: ` +
      `add ${this.method} to the mock of ${this.service}`
  }
}

const tags = {
  application: Application.Application,
  batches: Batch.Batches,
  batchTextEmbedding: BatchTextEmbedding.BatchTextEmbedding,
  client: DashScopeClient.DashScopeClient,
  codeGeneration: CodeGeneration.CodeGeneration,
  deployments: Deployments.Deployments,
  download: Download.Download,
  duplexTask: DuplexTask.DuplexTask,
  files: Files.Files,
  fineTunes: FineTunes.FineTunes,
  generation: Generation.Generation,
  httpSpeechSynthesizer: HttpSpeechSynthesizer.HttpSpeechSynthesizer,
  imageGeneration: ImageGeneration.ImageGeneration,
  imageSynthesis: ImageSynthesis.ImageSynthesis,
  models: Models.Models,
  multiModalConversation: MultiModalConversation.MultiModalConversation,
  multiModalEmbedding: MultiModalEmbedding.MultiModalEmbedding,
  realtime: Realtime.Realtime,
  recognition: Recognition.Recognition,
  speechSynthesizer: SpeechSynthesizer.SpeechSynthesizer,
  tasks: Task.Tasks,
  textEmbedding: TextEmbedding.TextEmbedding,
  textReRank: TextReRank.TextReRank,
  tokenization: Tokenization.Tokenization,
  tokens: Tokens.Tokens,
  transcription: Transcription.Transcription,
  translationRecognizer: TranslationRecognizer.TranslationRecognizer,
  understanding: Understanding.Understanding,
  upload: Upload.Upload,
  videoSynthesis: VideoSynthesis.VideoSynthesis,
  vocabulary: Vocabulary.Vocabulary,
  voiceEnrollment: VoiceEnrollment.VoiceEnrollment
}

type Tags = typeof tags

/**
 * For each service, what the test gives of it.
 *
 * @since 0.1.0
 * @category models
 */
export type Mocks = {
  readonly [Name in keyof Tags]?: Partial<Context.Tag.Service<Tags[Name]>> | undefined
}

/** Of services and of clients. */
const baseUrl = "https://mock.invalid/api/v1"

const mocked = <S extends object>(key: string, given: Partial<S>): S => {
  const service = key.slice(key.lastIndexOf("/") + 1)
  return new Proxy({ baseUrl, ...given } as Partial<S> as S, {
    get: (target, name) => {
      if (Reflect.has(target, name) || typeof name === "symbol") return Reflect.get(target, name) as unknown
      return () => dieEitherWay(new Unmocked({ service, method: name }))
    }
  })
}

/**
 * One service, with what the test gives of it.
 *
 * @example
 * import { Generation, Testing } from "effect-dashscope"
 * import { Stream } from "effect"
 *
 * export const Mock = Testing.mock(Generation.Generation, { stream: () => Stream.empty })
 *
 * @since 0.1.0
 * @category layers
 */
export const mock = <I, S extends object>(tag: Context.Tag<I, S>, given: Partial<S>): Layer.Layer<I> =>
  Layer.succeed(tag, mocked(tag.key, given))

/**
 * All services, each with what the test gives of it, by the names that a client of `effect-dashscope/Promise` has for them.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (mocks: Mocks = {}): Layer.Layer<Context.Tag.Identifier<Tags[keyof Tags]>> => {
  const services = Object.entries(tags).map(([name, tag]): readonly [string, unknown] => [
    tag.key,
    mocked<object>(tag.key, mocks[name as keyof Tags] ?? {})
  ])
  // Each is under the key of its own tag.
  return Layer.succeedContext(
    Context.unsafeMake<Context.Tag.Identifier<Tags[keyof Tags]>>(new Map(services))
  )
}
