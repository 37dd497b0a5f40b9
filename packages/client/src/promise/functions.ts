/**
 * The functions of the services that send nothing.
 *
 * @since 0.1.0
 */
import * as Application_ from "../Application.js"
import * as Batch_ from "../Batch.js"
import * as CodeGeneration_ from "../CodeGeneration.js"
import * as Conversation_ from "../Conversation.js"
import * as Generation_ from "../Generation.js"
import * as ImageGeneration_ from "../ImageGeneration.js"
import * as ImageSynthesis_ from "../ImageSynthesis.js"
import * as Message_ from "../Message.js"
import * as MultiModalConversation_ from "../MultiModalConversation.js"
import * as MultiModalEmbedding_ from "../MultiModalEmbedding.js"
import * as MultiModalMessage_ from "../MultiModalMessage.js"
import * as Realtime_ from "../Realtime.js"
import * as Recognition_ from "../Recognition.js"
import * as SpeechSynthesizer_ from "../SpeechSynthesizer.js"
import * as Task_ from "../Task.js"
import * as TextEmbedding_ from "../TextEmbedding.js"
import * as Transcription_ from "../Transcription.js"
import * as TranslationRecognizer_ from "../TranslationRecognizer.js"
import { conversation } from "./sessions.js"
import type { ChatConversation } from "./sessionTypes.js"
import type * as Types from "./types.js"

/**
 * What an answer of an application says.
 *
 * @since 0.1.0
 * @category accessors
 */
export const Application: Types.ApplicationFunctions = {
  text: Application_.text,
  partialResult: Application_.partialResult
}

/**
 * The requests of a batch, one by one.
 *
 * @since 0.1.0
 * @category accessors
 */
export const Batch: Types.BatchFunctions = {
  isEnded: Batch_.isEnded,
  generation: Batch_.generation,
  conversation: Batch_.conversation,
  embedding: Batch_.embedding
}

/**
 * @since 0.1.0
 * @category models
 */
export type Batch = Types.Batch

/**
 * What an answer of the code model says.
 *
 * @since 0.1.0
 * @category accessors
 */
export const CodeGeneration: Types.CodeGenerationFunctions = {
  text: CodeGeneration_.text
}

/**
 * A conversation over many turns: its history, kept within a budget. It sends nothing itself.
 *
 * @example
 * import { Conversation, type DashScope, Generation } from "effect-dashscope/Promise"
 *
 * export const talk = async (client: DashScope) => {
 *   const conversation = Conversation.make({ system: "Answer in one sentence.", maxTokens: 8000 })
 *   const ask = async (question: string) =>
 *     Generation.text(
 *       await conversation.send(question, (messages) => client.generation.call({ model: "qwen-plus", messages }))
 *     )
 *   await ask("Who wrote Dream of the Red Chamber?")
 *   return await ask("When did he live?")
 * }
 *
 * @since 0.1.0
 * @category constructors
 */
export const Conversation: Types.ConversationFunctions & {
  /** A history that has the system message and the messages of the options. */
  readonly make: (options?: Types.ConversationOptions) => ChatConversation
} = {
  make: conversation,
  estimateTokens: Conversation_.estimateTokens
}

/**
 * @since 0.1.0
 * @category models
 */
export type Conversation = ChatConversation

/**
 * What an answer says, and what had arrived of one that failed.
 *
 * @since 0.1.0
 * @category accessors
 */
export const Generation: Types.GenerationFunctions = {
  assistantMessage: Generation_.assistantMessage,
  field: Generation_.field,
  reasoning: Generation_.reasoning,
  research: Generation_.research,
  text: Generation_.text,
  toolCalls: Generation_.toolCalls,
  header: Generation_.header,
  isMultimodalOnly: Generation_.isMultimodalOnly,
  merge: Generation_.merge,
  partialResult: Generation_.partialResult,
  partialRun: Generation_.partialRun
}

/**
 * What an answer shows.
 *
 * @since 0.1.0
 * @category accessors
 */
export const ImageGeneration: Types.ImageGenerationFunctions = {
  images: ImageGeneration_.images,
  partialResult: ImageGeneration_.partialResult
}

/**
 * Why an image is not there.
 *
 * @since 0.1.0
 * @category accessors
 */
export const ImageSynthesis: Types.ImageSynthesisFunctions = {
  errorOf: ImageSynthesis_.errorOf
}

/**
 * The messages of a conversation. Plain objects do as well: `{ role: "user", content: "你好" }`.
 *
 * @since 0.1.0
 * @category accessors
 */
export const Message: Types.MessageFunctions = {
  system: Message_.system,
  user: Message_.user,
  assistant: Message_.assistant,
  tool: Message_.tool,
  other: Message_.other,
  text: Message_.text,
  imageUrl: Message_.imageUrl,
  docUrl: Message_.docUrl,
  part: Message_.part,
  toolCall: Message_.toolCall
}

/**
 * @since 0.1.0
 * @category models
 */
export type Message = Types.Message

/**
 * What an answer says, shows or lets hear.
 *
 * @since 0.1.0
 * @category accessors
 */
export const MultiModalConversation: Types.MultiModalConversationFunctions = {
  assistantMessage: MultiModalConversation_.assistantMessage,
  field: MultiModalConversation_.field,
  reasoning: MultiModalConversation_.reasoning,
  text: MultiModalConversation_.text,
  toolCalls: MultiModalConversation_.toolCalls,
  annotations: MultiModalConversation_.annotations,
  audio: MultiModalConversation_.audio,
  images: MultiModalConversation_.images,
  ocrResult: MultiModalConversation_.ocrResult,
  header: MultiModalConversation_.header,
  merge: MultiModalConversation_.merge,
  partialResult: MultiModalConversation_.partialResult,
  partialRun: MultiModalConversation_.partialRun
}

/**
 * The vectors of an answer.
 *
 * @since 0.1.0
 * @category accessors
 */
export const MultiModalEmbedding: Types.MultiModalEmbeddingFunctions = {
  vectors: MultiModalEmbedding_.vectors
}

/**
 * Messages with pictures, videos and sounds.
 *
 * @since 0.1.0
 * @category accessors
 */
export const MultiModalMessage: Types.MultiModalMessageFunctions = {
  system: MultiModalMessage_.system,
  user: MultiModalMessage_.user,
  assistant: MultiModalMessage_.assistant,
  tool: MultiModalMessage_.tool,
  text: MultiModalMessage_.text,
  image: MultiModalMessage_.image,
  video: MultiModalMessage_.video,
  audio: MultiModalMessage_.audio,
  part: MultiModalMessage_.part
}

/**
 * @since 0.1.0
 * @category models
 */
export type MultiModalMessage = Types.MultiModalMessage

/**
 * Tasks as data.
 *
 * @since 0.1.0
 * @category accessors
 */
export const Task: Types.TaskFunctions = {
  isEnded: Task_.isEnded,
  ofError: Task_.ofError
}

/**
 * @since 0.1.0
 * @category models
 */
export type Task = Types.Task

/**
 * Vectors, and how alike they are.
 *
 * @since 0.1.0
 * @category accessors
 */
export const TextEmbedding: Types.TextEmbeddingFunctions = {
  partialResult: (error) => error instanceof TextEmbedding_.EmbedManyError ? TextEmbedding_.partialResult(error) : [],
  vector: TextEmbedding_.vector,
  similarity: TextEmbedding_.similarity
}

/**
 * Transcripts as texts and subtitles.
 *
 * @since 0.1.0
 * @category accessors
 */
export const Transcription: Types.TranscriptionFunctions = {
  recordings: Transcription_.recordings,
  errorOf: Transcription_.errorOf,
  toSrt: Transcription_.toSrt,
  toText: Transcription_.toText
}

/**
 * What goes into a conversation in realtime, and what the events of a session come to.
 *
 * @since 0.1.0
 * @category accessors
 */
export const Realtime: Types.RealtimeFunctions & {
  /** Has the model answer what was said, in a conversation where no turns are detected, or after `text`. */
  readonly endTurn: Types.RealtimeConversationInput
} = {
  responses: Realtime_.responses,
  transcripts: Realtime_.transcripts,
  transcriptOf: Realtime_.transcriptOf,
  image: Realtime_.image,
  text: Realtime_.text,
  endTurn: Realtime_.endTurn
}

/**
 * What was recognised, as subtitles, and what had been of a recognition that failed.
 *
 * @since 0.1.0
 * @category accessors
 */
export const Recognition: Types.RecognitionFunctions = {
  context: Recognition_.context,
  isFinal: Recognition_.isFinal,
  toSrt: Recognition_.toSrt,
  partialResult: Recognition_.partialResult
}

/**
 * What had come of a speech that failed.
 *
 * @since 0.1.0
 * @category accessors
 */
export const SpeechSynthesizer: Types.SpeechSynthesizerFunctions = {
  partialSpeech: SpeechSynthesizer_.partialSpeech
}

/**
 * What had been of a translation that failed.
 *
 * @since 0.1.0
 * @category accessors
 */
export const TranslationRecognizer: Types.TranslationRecognizerFunctions = {
  isFinal: TranslationRecognizer_.isFinal,
  partialResult: TranslationRecognizer_.partialResult
}
