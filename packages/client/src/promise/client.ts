/**
 * What a client has: the functions of all services, by service.
 *
 * @since 0.1.0
 */
import type { Elements, ObjectFormat, ToolFunction } from "./chatTypes.js"
import type { DuplexTaskClient, RealtimeClient } from "./sessionTypes.js"
import type * as Types from "./types.js"

/**
 * A dialogue with an application that remembers it.
 *
 * @since 0.1.0
 * @category models
 */
export interface ApplicationSession {
  /** That of the last answer. */
  readonly id: string | undefined
  readonly call: (prompt: string, options?: Types.CallOptions & Types.Abortable) => Promise<Types.ApplicationResult>
  readonly stream: (
    prompt: string,
    options?: Types.CallOptions & Types.Abortable
  ) => AsyncIterable<Types.ApplicationResult>
}

/**
 * @since 0.1.0
 * @category services
 */
export interface ApplicationClient extends Types.ApplicationRequests {
  /** Puts the elements of a stream together, to the one answer that `call` would give. */
  readonly collect: (elements: Elements<Types.ApplicationResult>) => Promise<Types.ApplicationResult>
  /** A dialogue: each question goes on from the answer before it. */
  readonly session: (params: Omit<Types.ApplicationParams, "prompt" | "messages">) => ApplicationSession
}

/**
 * @since 0.1.0
 * @category services
 */
export interface BatchClient extends Types.BatchRequests {
  /** Uploads the requests as a file, for `create`. They are sent as they come. */
  readonly upload: (
    requests: Elements<Types.BatchRequest>,
    options?: Types.BatchUploadOptions & Types.Abortable
  ) => Promise<Types.InputFile>
  /** Uploads the requests, and creates a batch of them. */
  readonly submit: (
    requests: Elements<Types.BatchRequest>,
    options?: Types.SubmitOptions & Types.Abortable
  ) => Promise<Types.Batch>
}

/**
 * What the services that talk have beside their requests. `P` is their parameters, `M` their messages.
 *
 * @since 0.1.0
 * @category services
 */
export interface ChatClient<in P, out M> {
  /** Puts the elements of a stream together, to the one answer that `call` would give. */
  readonly collect: (elements: Elements<Types.GenerationResult>) => Promise<Types.GenerationResult>
  /**
   * Lets a model use tools: calls it, runs the functions of the tools it asks for, gives it their results, and so on until it
   * answers without asking. After `maxRounds` calls (default 8) it is rejected with `TooManyRounds`.
   */
  readonly runTools: (
    params: P,
    tools: ReadonlyArray<ToolFunction>,
    options?: Types.RunOptions & Types.Abortable
  ) => Promise<Types.RunResult<M>>
  /** The same as what happens: the increments of each answer, tool calls as they start and finish, and last `Finished`. */
  readonly runToolsStream: (
    params: P,
    tools: ReadonlyArray<ToolFunction>,
    options?: Types.RunOptions & Types.Abortable
  ) => AsyncIterable<Types.RunEvent<M>>
  /**
   * Asks for an answer that is an object, and checks it. An answer that does not fit is rejected with `InvalidObject`, after
   * `repair` attempts (default none) in which the model is shown what was wrong.
   */
  readonly callObject: <A = unknown>(
    params: P,
    format: ObjectFormat<A>,
    options?: Types.ObjectOptions & Types.Abortable
  ) => Promise<Types.ObjectResult<A>>
}

/**
 * @since 0.1.0
 * @category services
 */
export interface GenerationClient extends Types.GenerationRequests, ChatClient<Types.GenerationParams, Types.Message> {}

/**
 * @since 0.1.0
 * @category services
 */
export interface MultiModalConversationClient
  extends Types.MultiModalConversationRequests, ChatClient<Types.MultiModalParams, Types.MultiModalMessage>
{
  /** The audio of a stream, in pieces as they come. */
  readonly audioOf: (elements: Elements<Types.GenerationResult>) => AsyncIterable<Uint8Array>
  /** The audio of a stream as the bytes of a WAV file, in memory. */
  readonly collectAudio: (
    elements: Elements<Types.GenerationResult>,
    format?: Types.AudioFormat
  ) => Promise<Uint8Array>
  /** Writes the audio of a stream to a WAV file. */
  readonly saveAudio: (
    elements: Elements<Types.GenerationResult>,
    path: string,
    format?: Types.AudioFormat
  ) => Promise<Types.SavedAudio>
}

/**
 * @since 0.1.0
 * @category services
 */
export interface ImageGenerationClient extends Types.ImageGenerationRequests {
  /** Puts the elements of a stream together, to the one answer that `call` would give. */
  readonly collect: (elements: Elements<Types.ImageGenerationResult>) => Promise<Types.ImageGenerationResult>
}

/**
 * @since 0.1.0
 * @category services
 */
export interface ModelsClient extends Types.ModelsRequests {
  /** A model by its name; nothing where the list does not have it. */
  readonly get: (model: string, options?: Types.CallOptions & Types.Abortable) => Promise<Types.Model | undefined>
}

/**
 * @since 0.1.0
 * @category services
 */
export interface SpeechSynthesizerClient extends Types.SpeechSynthesizerRequests {
  /** Speaks texts as they come, and gives the speech as it is spoken: sentences, pieces of audio, and at last what it cost. */
  readonly stream: (
    params: Types.SpeechParams,
    texts: Elements<Types.SpeechInput>,
    options?: Types.AnswerOptions & Types.Abortable
  ) => AsyncIterable<Types.SpeechEvent>
  /** The audio alone, in pieces as they come. */
  readonly streamAudio: (
    params: Types.SpeechParams,
    texts: Elements<Types.SpeechInput>,
    options?: Types.AnswerOptions & Types.Abortable
  ) => AsyncIterable<Uint8Array>
}

/**
 * @since 0.1.0
 * @category services
 */
export interface RecognitionClient {
  /** Recognises audio while it is sent: sentences as they grow, and complete ones. */
  readonly stream: (
    params: Types.RecognitionParams,
    audio: Uint8Array | Elements<Uint8Array | Types.ContextUpdate>,
    options?: Types.RecognitionOptions & Types.Abortable
  ) => AsyncIterable<Types.RecognitionResult>
  /** The complete sentences alone. */
  readonly sentences: (
    params: Types.RecognitionParams,
    audio: Uint8Array | Elements<Uint8Array | Types.ContextUpdate>,
    options?: Types.RecognitionOptions & Types.Abortable
  ) => AsyncIterable<Types.Sentence>
  /** Recognises all of the audio. */
  readonly recognize: (
    params: Types.RecognitionParams,
    audio: Uint8Array | Elements<Uint8Array | Types.ContextUpdate>,
    options?: Types.RecognitionOptions & Types.Abortable
  ) => Promise<Types.Recognized>
}

/**
 * @since 0.1.0
 * @category services
 */
export interface TranslationRecognizerClient {
  /** Recognises and translates audio while it is sent: sentences as they grow, and complete ones. */
  readonly stream: (
    params: Types.TranslationRecognizerParams,
    audio: Uint8Array | Elements<Uint8Array>,
    options?: Types.TranslationRecognizerOptions & Types.Abortable
  ) => AsyncIterable<Types.TranslationResult>
  /** The complete sentences alone. */
  readonly sentences: (
    params: Types.TranslationRecognizerParams,
    audio: Uint8Array | Elements<Uint8Array>,
    options?: Types.TranslationRecognizerOptions & Types.Abortable
  ) => AsyncIterable<Types.TranslatedSentence>
  /** Recognises and translates all of the audio. */
  readonly recognize: (
    params: Types.TranslationRecognizerParams,
    audio: Uint8Array | Elements<Uint8Array>,
    options?: Types.TranslationRecognizerOptions & Types.Abortable
  ) => Promise<Types.Translated>
}

/**
 * A temporary key.
 *
 * @since 0.1.0
 * @category models
 */
export interface TemporaryKey {
  /** A key like any other. It is not enumerable, so that it gets into no log. */
  readonly token: string
  /** In seconds since 1970. */
  readonly expiresAt: number
  readonly requestId?: string | null | undefined
}

/**
 * @since 0.1.0
 * @category services
 */
export interface TokensClient {
  /** Makes a temporary key, for a browser or a device. */
  readonly create: (
    params?: Types.TokensCreateParams,
    options?: Types.CallOptions & Types.Abortable
  ) => Promise<TemporaryKey>
}

/**
 * All services of a client.
 *
 * @since 0.1.0
 * @category services
 */
export interface Services {
  /** Applications, agents and workflows of Model Studio. */
  readonly application: ApplicationClient
  /** Batches: many requests in a file, at half the price. */
  readonly batches: BatchClient
  /** Vectors of a whole file of texts. */
  readonly batchTextEmbedding: Types.BatchTextEmbeddingRequests
  /** Code from a description. */
  readonly codeGeneration: Types.CodeGenerationRequests
  /** Models of your own, deployed. */
  readonly deployments: Types.DeploymentsRequests
  /** Files of the results, resumed where the connection breaks. */
  readonly download: Types.DownloadRequests
  /** Tasks over WebSockets that have no service of their own here. */
  readonly duplexTask: DuplexTaskClient
  /** Files at the service. */
  readonly files: Types.FilesRequests
  /** Models of your own, trained. */
  readonly fineTunes: Types.FineTunesRequests
  /** Text generation. */
  readonly generation: GenerationClient
  /** Speech from text. */
  readonly httpSpeechSynthesizer: Types.HttpSpeechSynthesizerRequests
  /** Images from messages. */
  readonly imageGeneration: ImageGenerationClient
  /** Images from a prompt, and edits of images. */
  readonly imageSynthesis: Types.ImageSynthesisRequests
  /** The models that there are. */
  readonly models: ModelsClient
  /** Conversations with pictures, videos and sounds. */
  readonly multiModalConversation: MultiModalConversationClient
  /** Vectors of texts, pictures and videos. */
  readonly multiModalEmbedding: Types.MultiModalEmbeddingRequests
  /** Realtime sessions: models that hear, see, speak, write down and interpret. */
  readonly realtime: RealtimeClient
  /** Text from speech, while it is spoken. */
  readonly recognition: RecognitionClient
  /** Speech from text, while it is written. */
  readonly speechSynthesizer: SpeechSynthesizerClient
  /** Tasks of any service. */
  readonly tasks: Types.TaskRequests
  /** Vectors of texts. */
  readonly textEmbedding: Types.TextEmbeddingRequests
  /** Documents in the order of how well they answer a query. */
  readonly textReRank: Types.TextReRankRequests
  /** The tokens of a text. */
  readonly tokenization: Types.TokenizationRequests
  /** Temporary keys. */
  readonly tokens: TokensClient
  /** Text from recordings. */
  readonly transcription: Types.TranscriptionRequests
  /** Speech in other languages, while it is spoken. */
  readonly translationRecognizer: TranslationRecognizerClient
  /** Labels and information of a text. */
  readonly understanding: Types.UnderstandingRequests
  /** Files for a model, at the service's storage. */
  readonly upload: Types.UploadRequests
  /** Videos from a prompt or from images. */
  readonly videoSynthesis: Types.VideoSynthesisRequests
  /** Words that speech recognition is to know. */
  readonly vocabulary: Types.VocabularyRequests
  /** Voices of your own. */
  readonly voiceEnrollment: Types.VoiceEnrollmentRequests
}
