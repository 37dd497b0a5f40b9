/**
 * The types of `effect-dashscope/Promise`: those of the services, with nothing of Effect in them.
 *
 * Written by `npm run promise-types` from the types of the services. Change those, and run it.
 *
 * @since 0.1.0
 */
/* eslint-disable */
import type * as Media from "../Media.js"

/** A span of time: `"30 seconds"`, `"500 millis"`, `"2 minutes"`. A bare number is refused: write a unit. */
export type Duration = `${number} ${"nano" | "micro" | "milli" | "second" | "minute" | "hour" | "day" | "week"}${"" | "s"}`

/** A span of time as errors hold it. `toMillis` reads it. */
export interface DurationValue {
  toJSON(): unknown
}

/** What came of one of many, or why nothing did: `const { value, error } = outcome`. */
export type Outcome<A, E> =
  | { readonly value: A; readonly error?: undefined }
  | { readonly value?: undefined; readonly error: E }

/** What every request may be given. */
export interface Abortable {
  /** Ends the request, and gives its connection back at once. The Promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** The requests of `Application`. */
export interface ApplicationRequests {
  /** Asks an application and waits for its whole answer. */
  readonly call: (params: ApplicationParams, options?: CallOptions & Abortable) => Promise<ApplicationResult>

  /** Asks an application and gives its answer as it is written, one element for each event of the service. */
  readonly stream: (params: ApplicationParams, options?: CallOptions & Abortable) => AsyncIterable<ApplicationResult>

  /** The text of an answer as it is written, and nothing else. Otherwise as `stream`. */
  readonly streamText: (params: ApplicationParams, options?: CallOptions & Abortable) => AsyncIterable<string>
}

/** What `Application` has that sends nothing. */
export interface ApplicationFunctions {
  /**
   * The text of an answer, or of an element of a stream: that of the application, or what a node of its workflow says. Empty where
   * there is none.
   */
  readonly text: (result: ApplicationResult) => string

  /**
   * What had arrived of an answer when its stream failed with this error, put together as by `collect`; nothing where
   * nothing had, or where more had than a stream remembers (8 MiB). It is kept beside the error and not in it, so that what
   * an application said does not get into logs.
   */
  readonly partialResult: (error: unknown) => ApplicationResult | undefined
}

/** The requests of `Batch`. */
export interface BatchRequests {
  /** Creates a batch from a file that was uploaded for it. */
  readonly create: (params: BatchCreateParams, options?: CallOptions & Abortable) => Promise<Batch>

  /** How a batch is just now, whatever that is; of one that is known by its id, the batch itself. */
  readonly fetch: (batch: string | Batch, options?: CallOptions & Abortable) => Promise<Batch>

  /** The states of a batch, each once, from the one it is in to the last. A batch that failed is a last state, and no error. */
  readonly watch: (batch: Batch, options?: BatchAwaitOptions & Abortable) => AsyncIterable<Batch>

  /** Waits for a batch, and gives its last state. Some of its requests may have failed: see `requestCounts`. */
  readonly await: (batch: Batch, options?: BatchAwaitOptions & Abortable) => Promise<Batch>

  /** Cancels a batch. It is `cancelling` for a while, and keeps the results that it has by then. */
  readonly cancel: (batch: Batch, options?: CallOptions & Abortable) => Promise<Batch>

  /** One page of the batches; `list` has all of them. */
  readonly listPage: (params?: BatchListParams, options?: CallOptions & Abortable) => Promise<BatchPage>

  /** All batches of the last 30 days that are asked for, one after another; a page is asked for once those before it were read. */
  readonly list: (params?: BatchListParams, options?: CallOptions & Abortable) => AsyncIterable<Batch>

  /**
   * The results of a batch of chats, in no particular order: go by their `customId`. Where the batch has not ended, it is waited for
   * as by `watch`.
   */
  readonly results: (batch: Batch, options?: BatchAwaitOptions & Abortable) => AsyncIterable<BatchResult<GenerationResult>>

  /** The same for a batch of embeddings. */
  readonly embeddings: (batch: Batch, options?: BatchAwaitOptions & Abortable) => AsyncIterable<BatchResult<TextEmbeddingResult>>
}

/** What `Batch` has that sends nothing. */
export interface BatchFunctions {
  /** Whether a batch has ended, well or not. */
  readonly isEnded: (result: Batch) => boolean

  /** A chat, as `Generation` takes it. */
  readonly generation: (customId: string, params: GenerationParams) => GenerationRequest

  /**
   * A chat with a model that sees or hears, as `MultiModalConversation` takes it. Media are URLs that the service can read, or bytes,
   * which become part of the line; no file is read, and nothing uploaded.
   */
  readonly conversation: (customId: string, params: MultiModalParams) => ConversationRequest

  /** Texts to embed, as `TextEmbedding` takes them. */
  readonly embedding: (customId: string, params: TextEmbeddingParams) => EmbeddingRequest
}

/** The requests of `BatchTextEmbedding`. */
export interface BatchTextEmbeddingRequests {
  /** Submits a task, and gives it as data. A file at hand is uploaded first. */
  readonly submit: (params: BatchTextEmbeddingParams, options?: CallOptions & Abortable) => Promise<Task>

  /** Waits for a task that `submit` gave, here or in another process, and gives where its vectors are. Fails as `Task.await`. */
  readonly await: (task: Task, options?: AwaitOptions & Abortable) => Promise<BatchTextEmbeddingResult>

  /** Submits a task and waits for where its vectors are. `Task.ofError` has the task of an error, once there is one. */
  readonly call: (params: BatchTextEmbeddingParams, options?: AwaitOptions & Abortable) => Promise<BatchTextEmbeddingResult>

  /**
   * The vectors of a result, or of the URL of one, one after another as they come: the file is fetched without the key, resumed
   * where it breaks off, and decompressed on the way. A text that failed has its error in its place.
   */
  readonly vectors: (result: string | BatchTextEmbeddingResult, options?: DownloadOptions & Abortable) => AsyncIterable<BatchVector>
}

/** The requests of `CodeGeneration`. */
export interface CodeGenerationRequests {
  /** Asks for code and waits for all of it. */
  readonly call: (params: CodeGenerationParams, options?: CallOptions & Abortable) => Promise<CodeGenerationResult>

  /** Asks for code and gives it as it is written: each element holds all so far, as the service sends it. */
  readonly stream: (params: CodeGenerationParams, options?: CallOptions & Abortable) => AsyncIterable<CodeGenerationResult>
}

/** What `CodeGeneration` has that sends nothing. */
export interface CodeGenerationFunctions {
  /** The code, of the first choice; empty where there is none. */
  readonly text: (result: CodeGenerationResult) => string
}

/** The requests of `Deployments`. */
export interface DeploymentsRequests {
  /** Deploys a model. */
  readonly create: (params: DeploymentsCreateParams, options?: CallOptions & Abortable) => Promise<DeploymentResult>

  /** One page of the deployments. */
  readonly list: (params?: DeploymentsListParams, options?: CallOptions & Abortable) => Promise<DeploymentPage>

  /** A deployment, and whether it runs. */
  readonly get: (deployedModel: string, options?: CallOptions & Abortable) => Promise<DeploymentResult>

  /** Changes how many instances a deployment has. */
  readonly scale: (params: ScaleParams, options?: CallOptions & Abortable) => Promise<DeploymentResult>

  /** Ends a deployment. */
  readonly remove: (deployedModel: string, options?: CallOptions & Abortable) => Promise<DeploymentResult>

  /** What happens to a deployment, as it happens, until the service ends the stream. */
  readonly events: (deployedModel: string, options?: CallOptions & Abortable) => AsyncIterable<DeploymentResult>
}

/** The requests of `Download`. */
export interface DownloadRequests {
  /**
   * The bytes as they come: for a hash, the answer of a server, or anything else that is not to be a file. What nobody asks for is
   * not read.
   */
  readonly stream: (url: string, options?: DownloadOptions & Abortable) => AsyncIterable<Uint8Array>

  /**
   * Writes the bytes to a file, and replaces one of that name. The file is there when it is whole: until then it is beside its
   * place, under a name that ends with `.part`, and is removed by an error or an interruption.
   */
  readonly toFile: (url: string, path: string, options?: DownloadOptions & Abortable) => Promise<DownloadedFile>
}

/** The requests of `Files`. */
export interface FilesRequests {
  /** Uploads files, in the native form. Some may be refused while others are kept: see `data.failedUploads`. */
  readonly upload: (params: UploadParams, options?: CallOptions & Abortable) => Promise<UploadResult>

  /** One page of the files, in the native form; `all` has all of them. */
  readonly list: (params?: FilesListParams, options?: CallOptions & Abortable) => Promise<FilePage>

  /** A file, in the native form. */
  readonly get: (fileId: string, options?: CallOptions & Abortable) => Promise<FileResult>

  /** Deletes a file, in the native form. */
  readonly remove: (fileId: string, options?: CallOptions & Abortable) => Promise<FileResult>

  /** Uploads a file, in the OpenAI-compatible form. */
  readonly create: (params: FilesCreateParams, options?: CallOptions & Abortable) => Promise<CompatibleFile>

  /** One page of the files, in the OpenAI-compatible form. */
  readonly listCompatible: (params?: ListCompatibleParams, options?: CallOptions & Abortable) => Promise<CompatibleFilePage>

  /** A file, in the OpenAI-compatible form. */
  readonly getCompatible: (fileId: string, options?: CallOptions & Abortable) => Promise<CompatibleFile>

  /** Deletes a file, in the OpenAI-compatible form. */
  readonly removeCompatible: (fileId: string, options?: CallOptions & Abortable) => Promise<CompatibleFile>

  /** The bytes of a file, in the OpenAI-compatible form: the results of a batch, say. The connection is held until they were read. */
  readonly content: (fileId: string, options?: CallOptions & Abortable) => AsyncIterable<Uint8Array>

  /** All files of the native form, one after another; a page is asked for once those before it were read. */
  readonly all: (params?: {
    readonly pageSize?: number | undefined
  }, options?: CallOptions & Abortable) => AsyncIterable<File>
}

/** The requests of `FineTunes`. */
export interface FineTunesRequests {
  /** Starts a job. */
  readonly create: (params: FineTunesCreateParams, options?: CallOptions & Abortable) => Promise<JobResult>

  /** One page of the jobs. */
  readonly list: (params?: FineTunesListParams, options?: CallOptions & Abortable) => Promise<JobPage>

  /** One page of the models that came of jobs. */
  readonly outputs: (params?: FineTunesListParams, options?: CallOptions & Abortable) => Promise<JobPage>

  /** A job, and how far it is. */
  readonly get: (jobId: string, options?: CallOptions & Abortable) => Promise<JobResult>

  /** Ends a job that is not over. */
  readonly cancel: (jobId: string, options?: CallOptions & Abortable) => Promise<JobResult>

  /** Deletes a job. */
  readonly remove: (jobId: string, options?: CallOptions & Abortable) => Promise<JobResult>

  /** Lines of a job's log. */
  readonly logs: (params: LogsParams, options?: CallOptions & Abortable) => Promise<LogsResult>

  /** What happens in a job, as it happens, until the service ends the stream. */
  readonly events: (jobId: string, options?: CallOptions & Abortable) => AsyncIterable<JobResult>
}

/** The requests of `Generation`. */
export interface GenerationRequests {
  /** Asks a model and waits for its whole answer. */
  readonly call: (params: GenerationParams, options?: CallOptions & Abortable) => Promise<GenerationResult>

  /** Asks a model and gives its answer as it is written, one element for each event of the service. */
  readonly stream: (params: GenerationParams, options?: CallOptions & Abortable) => AsyncIterable<GenerationResult>

  /**
   * The text of an answer as it is written, and nothing else: no thinking, no empty texts, of several choices the first.
   * `incrementalOutput` makes no difference. Otherwise as `stream`.
   */
  readonly streamText: (params: GenerationParams, options?: CallOptions & Abortable) => AsyncIterable<string>
}

/** What `Generation` has that sends nothing. */
export interface GenerationFunctions {
  /** The first answer as a message for the next request: its text and its tool calls, without its chain of thought. */
  readonly assistantMessage: (result: GenerationResult) => AssistantMessage

  /** A field that this library does not name, by its wire name. */
  readonly field: (part: unknown, wireName: string) => unknown

  /** The chain of thought of the first answer; empty where there is none. */
  readonly reasoning: (result: GenerationResult) => string

  /** What qwen-deep-research tells of its work; nothing for the answers of other models. */
  readonly research: (result: GenerationResult) => Research | undefined

  /**
   * The text of the first answer, in either format; empty where there is none. Of qwen-deep-research it is the report, or
   * the question back; `research` has what is said before it.
   */
  readonly text: (result: GenerationResult) => string

  /**
   * The calls that the first answer asks for. Go by these and not by the finish reason, which is `stop` on some models
   * all the same.
   */
  readonly toolCalls: (result: GenerationResult) => ReadonlyArray<ToolCall>

  /**
   * Whether a model is certain to answer on the multimodal path only, by its name: a call here is then `InputRequired`, and
   * `MultiModalConversation` has the model. False for names of which that is not certain.
   */
  readonly isMultimodalOnly: (model: string) => boolean

  /**
   * A header of the answer that a result came with, by its name. Of a stream every element has those of the stream's answer,
   * and so has what `collect` makes of them. Nothing for a result that was made by hand or changed by a copy.
   * `Envelope.header` does the same for the results of every service.
   */
  readonly header: (result: GenerationResult, name: string) => string | undefined

  /**
   * Puts elements of a stream together as `collect` does, where they are at hand: those so far, or all. Nothing where
   * there are none.
   */
  readonly merge: (elements: Iterable<GenerationResult>) => GenerationResult | undefined

  /**
   * What had arrived of an answer when its stream failed with this error, put together as by `collect`; nothing
   * where nothing had, or where more had than a stream remembers (8 MiB). It is kept beside the error and not in it, so
   * that what a model said does not get into logs.
   */
  readonly partialResult: (error: unknown) => GenerationResult | undefined

  /**
   * What `runTools` or `runToolsStream` had done when it failed with this error; nothing where that was in the
   * first round. Kept as `partialResult`, which has what had arrived of the answer that failed.
   */
  readonly partialRun: (error: unknown) => PartialRun<Message> | undefined
}

/** The requests of `HttpSpeechSynthesizer`. */
export interface HttpSpeechSynthesizerRequests {
  /** Speaks a text, and gives the URL of the audio file (`output.audio.url`). */
  readonly call: (params: HttpSpeechSynthesizerParams, options?: CallOptions & Abortable) => Promise<SpeechResult>

  /**
   * Speaks a text, and gives the audio while it is spoken: sentences as they begin and end, pieces of audio, and at last the URL of
   * the whole file. `streamAudio` has the audio alone.
   */
  readonly stream: (params: HttpSpeechSynthesizerParams, options?: CallOptions & Abortable) => AsyncIterable<SpeechResult>

  /** The audio as it is spoken, in pieces; together they are the file. Otherwise as `stream`. */
  readonly streamAudio: (params: HttpSpeechSynthesizerParams, options?: CallOptions & Abortable) => AsyncIterable<Uint8Array>

  /** The whole audio. Otherwise as `stream`. */
  readonly collectAudio: (params: HttpSpeechSynthesizerParams, options?: CallOptions & Abortable) => Promise<Uint8Array>
}

/** The requests of `ImageGeneration`. */
export interface ImageGenerationRequests {
  /**
   * Draws, and waits for the images, which takes up to a minute or two: mind the `readTimeout` of the connections. Media that are
   * files or bytes become part of the request, or are uploaded first where they are large.
   */
  readonly call: (params: ImageGenerationParams, options?: CallOptions & Abortable) => Promise<ImageGenerationResult>

  /**
   * Text and images in turn as they are made, with `enableInterleave`; each element has what is new. `collect` puts them
   * together.
   */
  readonly stream: (params: ImageGenerationParams, options?: CallOptions & Abortable) => AsyncIterable<ImageGenerationResult>

  /** Submits a task, and gives it as data. */
  readonly submit: (params: ImageGenerationParams, options?: CallOptions & Abortable) => Promise<Task>

  /** Waits for a task that `submit` gave, here or in another process, and gives its images. Fails as `Task.await`. */
  readonly await: (task: Task, options?: AwaitOptions & Abortable) => Promise<ImageGenerationTaskResult>
}

/** What `ImageGeneration` has that sends nothing. */
export interface ImageGenerationFunctions {
  /** The URLs of all images of an answer, an element of a stream, or a task. */
  readonly images: (options: {
    readonly output: {
      readonly choices?: ReadonlyArray<{
        /** The text `"null"` in a stream, until the last. */
        readonly finishReason?: string | null | undefined
        readonly message?: {
          readonly role?: string | null | undefined
          readonly content?: ReadonlyArray<ImageGenerationImagePart> | null | undefined
        } | null | undefined
      }> | null | undefined
    }
  }) => ReadonlyArray<string>

  /**
   * What had arrived of an answer when its stream failed with this error, put together as by `collect`; nothing where nothing
   * had.
   */
  readonly partialResult: (error: unknown) => ImageGenerationResult | undefined
}

/** The requests of `ImageSynthesis`. */
export interface ImageSynthesisRequests {
  /** Submits a task, and gives it as data. Media that are files or bytes are uploaded first, where they are large. */
  readonly submit: (params: ImageSynthesisParams, options?: CallOptions & Abortable) => Promise<Task>

  /** Waits for a task that `submit` gave, here or in another process, and gives its images. Fails as `Task.await`. */
  readonly await: (task: Task, options?: AwaitOptions & Abortable) => Promise<ImageSynthesisResult>

  /** Submits a task and waits for its images. `Task.ofError` has the task of an error, once there is one. */
  readonly call: (params: ImageSynthesisParams, options?: AwaitOptions & Abortable) => Promise<ImageSynthesisResult>
}

/** What `ImageSynthesis` has that sends nothing. */
export interface ImageSynthesisFunctions {
  /** Why an image is not there, by the same classes as all errors of the service; nothing where it is. */
  readonly errorOf: (image: ImageResult) => ApiError | undefined
}

/** The requests of `Models`. */
export interface ModelsRequests {
  /** One page of the list of models. */
  readonly list: (params?: ModelsListParams, options?: CallOptions & Abortable) => Promise<ModelPage>

  /** All models, one after another; a page is asked for once those before it were read. */
  readonly all: (params?: {
    readonly pageSize?: number | undefined
  }, options?: CallOptions & Abortable) => AsyncIterable<Model>
}

/** The requests of `MultiModalConversation`. */
export interface MultiModalConversationRequests {
  /**
   * Asks a model and waits for its whole answer. For a text that is to be spoken, the answer has the URL of the audio
   * (`output.audio.url`).
   */
  readonly call: (params: MultiModalParams, options?: CallOptions & Abortable) => Promise<GenerationResult>

  /**
   * Asks a model and gives its answer as it comes, one element for each event of the service: what is new of its text, its
   * thinking, its tool calls, and pieces of its audio. `collect` puts them together.
   */
  readonly stream: (params: MultiModalParams, options?: CallOptions & Abortable) => AsyncIterable<GenerationResult>

  /**
   * The text of an answer as it is written, and nothing else: no thinking, no empty texts, of several choices the first.
   * Otherwise as `stream`.
   */
  readonly streamText: (params: MultiModalParams, options?: CallOptions & Abortable) => AsyncIterable<string>
}

/** What `MultiModalConversation` has that sends nothing. */
export interface MultiModalConversationFunctions {
  /** The first answer as a message for the next request: its text and its tool calls, without its chain of thought. */
  readonly assistantMessage: (result: GenerationResult) => AssistantMessage

  /** A field that this library does not name, by its wire name. */
  readonly field: (part: unknown, wireName: string) => unknown

  /** The chain of thought of the first answer; empty where there is none. */
  readonly reasoning: (result: GenerationResult) => string

  /**
   * The text of the first answer, in either format; empty where there is none. Of qwen-deep-research it is the report, or
   * the question back; `research` has what is said before it.
   */
  readonly text: (result: GenerationResult) => string

  /**
   * The calls that the first answer asks for. Go by these and not by the finish reason, which is `stop` on some models
   * all the same.
   */
  readonly toolCalls: (result: GenerationResult) => ReadonlyArray<ToolCall>

  /** What a speech model noticed of a recording: its language, the emotion in it. */
  readonly annotations: (result: GenerationResult) => ReadonlyArray<Annotation>

  /**
   * The speech in an answer: a piece of it in a stream, and where the whole is. `MultiModalConversation.audioOf` has the bytes
   * of a stream.
   */
  readonly audio: (result: GenerationResult) => ResultAudio | undefined

  /** The URLs of the pictures that a model made, of all choices. They expire: fetch them soon. */
  readonly images: (result: GenerationResult) => ReadonlyArray<string>

  /** What an OCR model read, of the tasks whose answer is more than text; nothing for others. */
  readonly ocrResult: (result: GenerationResult) => OcrResult | undefined

  /**
   * A header of the answer that a result came with, by its name. Of a stream every element has those of the stream's answer,
   * and so has what `collect` makes of them. Nothing for a result that was made by hand or changed by a copy.
   */
  readonly header: (result: GenerationResult, name: string) => string | undefined

  /**
   * Puts elements of a stream together as `collect` does, where they are at hand: those so far, or all. Nothing where
   * there are none.
   */
  readonly merge: (elements: Iterable<GenerationResult>) => GenerationResult | undefined

  /**
   * What had arrived of an answer when its stream failed with this error, put together as by `collect`; nothing where
   * nothing had, or where more had than a stream remembers (8 MiB).
   */
  readonly partialResult: (error: unknown) => GenerationResult | undefined

  /**
   * What `runTools` or `runToolsStream` had done when it failed with this error; nothing where that was in the
   * first round.
   */
  readonly partialRun: (error: unknown) => PartialRun<MultiModalMessage> | undefined
}

/** The requests of `MultiModalEmbedding`. */
export interface MultiModalEmbeddingRequests {
  /** The vectors of a few contents, by one request. */
  readonly call: (params: MultiModalEmbeddingParams, options?: CallOptions & Abortable) => Promise<MultiModalEmbeddingResult>
}

/** What `MultiModalEmbedding` has that sends nothing. */
export interface MultiModalEmbeddingFunctions {
  /** The vectors, in the order of the contents, each in a quarter of the memory. Of the oldest model, its only one. */
  readonly vectors: (result: MultiModalEmbeddingResult) => ReadonlyArray<Float32Array>
}

/** What `Realtime` has that sends nothing. */
export interface RealtimeFunctions {
  /** The responses that events come to, in the order in which they began: text, transcript, audio, function calls, status, usage. */
  readonly responses: (events: Iterable<ServerEvent>) => ReadonlyArray<RealtimeResponse>

  /** What was heard, item by item, as the newest of the events tell it. */
  readonly transcripts: (events: Iterable<ServerEvent>) => ReadonlyArray<RealtimeTranscript>

  /** What one event says of what was heard; nothing where it says nothing of it. */
  readonly transcriptOf: (event: ServerEvent) => RealtimeTranscript | undefined

  /** A picture in JPEG, for a conversation: it goes with the audio before it. */
  readonly image: (jpeg: Uint8Array) => RealtimeConversationInput

  /** What the user says in writing, for a conversation; `endTurn` has the model answer. */
  readonly text: (text: string) => RealtimeConversationInput
}

/** What `Recognition` has that sends nothing. */
export interface RecognitionFunctions {
  /** Put among the pieces of audio, it tells the service what they are about from there on; for fun-asr-realtime and qwen-audio. */
  readonly context: (turns: ReadonlyArray<ContextTurn>) => ContextUpdate

  /** Whether a sentence is complete, and does not change any more. */
  readonly isFinal: (sentence: Sentence) => boolean

  /**
   * Complete sentences as subtitles in the form of SubRip (`.srt`). `maxCharacters` cuts longer ones between their words. Default:
   * any length.
   */
  readonly toSrt: (sentences: ReadonlyArray<Sentence>, options?: {
    readonly maxCharacters?: number | undefined
  }) => string

  /** What `recognize` had recognised when it failed with this error; nothing where that is nothing. */
  readonly partialResult: (error: unknown) => Recognized | undefined
}

/** The requests of `SpeechSynthesizer`. */
export interface SpeechSynthesizerRequests {
  /**
   * Speaks a text, and gives its audio as one file, with its sentences and what it cost. Fails as `stream` does, and with
   * `InputRequired` where there is no text.
   */
  readonly synthesize: (params: SynthesizeParams, options?: SpeechOptions & Abortable) => Promise<Speech>
}

/** What `SpeechSynthesizer` has that sends nothing. */
export interface SpeechSynthesizerFunctions {
  /**
   * What had come of a speech when it failed with this error, put together as by `collect`; nothing where nothing had, or where
   * more had come than a stream remembers (8 MiB). It is kept beside the error and not in it.
   */
  readonly partialSpeech: (error: unknown) => Speech | undefined
}

/** The requests of `Task`. */
export interface TaskRequests {
  /** The task of an id that was kept without the rest, of the list for example. */
  readonly byId: (id: string, options?: {
    /** The module whose `await` is to read it. Default: any. */
    readonly service?: string | undefined
    readonly model?: string | undefined
    readonly submittedAt?: number | undefined
  } & Abortable) => Promise<Task>

  /** How a task is just now, whatever that is: one that failed is a state like the others here. */
  readonly fetch: (task: Task, options?: CallOptions & Abortable) => Promise<TaskState>

  /**
   * Waits for a task of any service, and gives its last state; the `await` of its own service gives its result with names.
   * Sub-tasks may have failed where the task succeeded: see `output.taskMetrics`.
   */
  readonly await: (task: Task, options?: AwaitOptions & Abortable) => Promise<TaskState>

  /** The states of a task, each once, from the one it is in to the last. A task that failed is a last state, and no error. */
  readonly watch: (task: Task, options?: AwaitOptions & Abortable) => AsyncIterable<TaskState>

  /**
   * Cancels a task. The service does so while the task is `PENDING`; later it refuses, with `ApiError` of code
   * `UnsupportedOperation`. Any key of the same account may.
   */
  readonly cancel: (task: Task, options?: CallOptions & Abortable) => Promise<CancelResult>

  /** One page of the list of tasks; `list` has all of them. */
  readonly listPage: (params?: TaskListParams, options?: CallOptions & Abortable) => Promise<TaskPage>

  /** All tasks of the last 24 hours that are asked for, one after another; a page is asked for once those before it were read. */
  readonly list: (params?: {
    readonly taskId?: string | undefined
    /** A Date, or `YYYYMMDDhhmmss`. The service takes a span of 24 hours at the most. */
    readonly startTime?: string | Date | undefined
    /** As `startTime`. */
    readonly endTime?: string | Date | undefined
    readonly modelName?: string | undefined
    readonly status?: TaskStatus | undefined
    readonly pageSize?: number | undefined
    readonly region?: string | undefined
    readonly apiKeyId?: string | undefined
  }, options?: CallOptions & Abortable) => AsyncIterable<TaskRow>
}

/** What `Task` has that sends nothing. */
export interface TaskFunctions {
  /** Whether a task has ended, well or not. */
  readonly isEnded: (result: TaskState) => boolean

  /**
   * The task that an error is of: of every error of `await` and `watch`, and of `call` once the task had been submitted. It goes
   * on, unless the error says otherwise.
   */
  readonly ofError: (error: unknown) => Task | undefined
}

/** The requests of `TextEmbedding`. */
export interface TextEmbeddingRequests {
  /** The vectors of a few texts, by one request. */
  readonly call: (params: TextEmbeddingParams, options?: CallOptions & Abortable) => Promise<TextEmbeddingResult>

  /**
   * The vector of one text. Calls that come within a short time (`window`), and differ in their text alone, share
   * requests: as many texts in each as the model takes.
   */
  readonly embed: (params: EmbedParams, options?: EmbedOptions & Abortable) => Promise<Embedding>

  /**
   * The vectors of any number of texts: cut into the requests that the model takes, several of them at once, put back into order.
   * A text that is given twice is asked once. The service's answers are matched by their `text_index` and counted.
   */
  readonly embedMany: (params: TextEmbeddingParams, options?: EmbedManyOptions & Abortable) => Promise<EmbedManyResult>
}

/** What `TextEmbedding` has that sends nothing. */
export interface TextEmbeddingFunctions {
  /**
   * What had arrived when a request of `embedMany` failed, so that only the rest has to be asked again: `textIndex` is the
   * text's place in all texts. It is kept beside the error and not in it, so that it does not get into logs.
   */
  readonly partialResult: (error: EmbedManyError) => ReadonlyArray<Embedding>

  /** The dense vector of an embedding, in a quarter of the memory; empty where there is none. */
  readonly vector: (embedding: Embedding) => Float32Array

  /**
   * How near two vectors are: the cosine of the angle between them, from -1 to 1; 0 where one of them has no length. The
   * shorter one counts as far as it goes.
   */
  readonly similarity: (a: ArrayLike<number>, b: ArrayLike<number>) => number
}

/** The requests of `TextReRank`. */
export interface TextReRankRequests {
  /** Ranks documents, the best first. */
  readonly call: (params: TextReRankParams, options?: CallOptions & Abortable) => Promise<TextReRankResult>
}

/** The requests of `Tokenization`. */
export interface TokenizationRequests {
  /** The tokens of a prompt or of messages. */
  readonly call: (params: TokenizationParams, options?: CallOptions & Abortable) => Promise<TokenizationResult>
}

/** The requests of `Transcription`. */
export interface TranscriptionRequests {
  /** Submits a task, and gives it as data. Recordings that are files or bytes are uploaded first. */
  readonly submit: (params: TranscriptionParams, options?: CallOptions & Abortable) => Promise<Task>

  /**
   * Waits for a task that `submit` gave, here or in another process, and gives its recordings. Fails as `Task.await`; where
   * some recordings failed and others did not, the result has both.
   */
  readonly await: (task: Task, options?: AwaitOptions & Abortable) => Promise<TranscriptionResult>

  /** Submits a task and waits for its recordings. `Task.ofError` has the task of an error, once there is one. */
  readonly call: (params: TranscriptionParams, options?: AwaitOptions & Abortable) => Promise<TranscriptionResult>

  /**
   * The text of a recording, and when each word was said: fetches the file that the recording names, without the key, resumed
   * where it breaks off.
   */
  readonly transcript: (recording: string | Recording, options?: DownloadOptions & Abortable) => Promise<Transcript>
}

/** What `Transcription` has that sends nothing. */
export interface TranscriptionFunctions {
  /** The recordings of a result, whichever form it has. */
  readonly recordings: (result: TranscriptionResult) => ReadonlyArray<Recording>

  /** Why there is no text of a recording, by the same classes as all errors of the service; nothing where there is one. */
  readonly errorOf: (recording: Recording) => ApiError | undefined

  /**
   * A transcript as subtitles in the form of SubRip (`.srt`): one for each sentence, of all channels in the order of time. Empty
   * where nothing was said.
   */
  readonly toSrt: (result: Transcript, options?: SrtOptions) => string

  /**
   * A transcript as plain text: a line for each channel; with `speakers`, where they were told apart, a line for each turn, as in
   * `[1] Hello`.
   */
  readonly toText: (result: Transcript, options?: {
    /** Whether each begins with its speaker, as in `[1] Hello`. Default: false. */
    readonly speakers?: boolean | undefined
  }) => string
}

/** What `TranslationRecognizer` has that sends nothing. */
export interface TranslationRecognizerFunctions {
  /** Whether it is of a complete sentence, and does not change any more. */
  readonly isFinal: (half: TranslationRecognizerTranscription | TranslationRecognizerTranslation) => boolean

  /** What `recognize` had when it failed with this error; nothing where that is nothing. */
  readonly partialResult: (error: unknown) => Translated | undefined
}

/** The requests of `Understanding`. */
export interface UnderstandingRequests {
  /** Understands one sentence. */
  readonly call: (params: UnderstandingParams, options?: CallOptions & Abortable) => Promise<UnderstandingResult>
}

/** The requests of `Upload`. */
export interface UploadRequests {
  /**
   * Puts a file where the model can read it, and gives its `oss://` URL, which is good for 48 hours. A request that names it
   * must have the header `X-DashScope-OssResourceResolve: enable`; the services here set it by themselves.
   */
  readonly upload: (media: Media.MediaBytes | Media.MediaFile, options: UploadOptions & Abortable) => Promise<string>

  /** The URL that a request has for a piece of media: its own, a `data:` URL where it is small, or that of an upload. */
  readonly resolve: (media: Media.Media, options: ResolveOptions & Abortable) => Promise<string>
}

/** The requests of `VideoSynthesis`. */
export interface VideoSynthesisRequests {
  /** Submits a task, and gives it as data. Media that are files or bytes are uploaded first, where they are large. */
  readonly submit: (params: VideoSynthesisParams, options?: CallOptions & Abortable) => Promise<Task>

  /** Waits for a task that `submit` gave, here or in another process, and gives its video. Fails as `Task.await`. */
  readonly await: (task: Task, options?: AwaitOptions & Abortable) => Promise<VideoSynthesisResult>

  /** Submits a task and waits for its video. `Task.ofError` has the task of an error, once there is one. */
  readonly call: (params: VideoSynthesisParams, options?: AwaitOptions & Abortable) => Promise<VideoSynthesisResult>
}

/** The requests of `Vocabulary`. */
export interface VocabularyRequests {
  /** Makes a vocabulary; its id is in `output.vocabularyId`. An account has ten. */
  readonly create: (params: VocabularyCreateParams, options?: CallOptions & Abortable) => Promise<VocabularyResult>

  /** One page of the vocabularies. */
  readonly list: (params?: VocabularyListParams, options?: CallOptions & Abortable) => Promise<VocabularyResult>

  /** The words of a vocabulary, and whether it can be used. */
  readonly get: (vocabularyId: string, options?: CallOptions & Abortable) => Promise<VocabularyResult>

  /** Replaces the words of a vocabulary. */
  readonly update: (params: VocabularyUpdateParams, options?: CallOptions & Abortable) => Promise<VocabularyResult>

  /** Deletes a vocabulary. */
  readonly remove: (vocabularyId: string, options?: CallOptions & Abortable) => Promise<VocabularyResult>
}

/** The requests of `VoiceEnrollment`. */
export interface VoiceEnrollmentRequests {
  /** Makes a voice from a recording, for CosyVoice and Qwen-Audio-TTS; its id is in `output.voiceId`. */
  readonly create: (params: VoiceEnrollmentCreateParams, options?: CallOptions & Abortable) => Promise<VoiceResult>

  /** Makes a voice from a recording, for Qwen-TTS; its id is in `output.voice`. Otherwise as `create`. */
  readonly clone: (params: CloneParams, options?: CallOptions & Abortable) => Promise<VoiceResult>

  /**
   * Makes a voice from a description, for Qwen-TTS; its id is in `output.voice`, and how it sounds in `output.previewAudio`. Otherwise as
   * `create`.
   */
  readonly design: (params: DesignParams, options?: CallOptions & Abortable) => Promise<VoiceResult>

  /** One page of the voices of a kind. */
  readonly list: (params?: VoiceEnrollmentListParams, options?: CallOptions & Abortable) => Promise<VoiceResult>

  /** What the service says of one voice: its `status` above all. */
  readonly get: (params: VoiceParams, options?: CallOptions & Abortable) => Promise<VoiceResult>

  /** Gives a voice of `create` another recording. */
  readonly update: (params: VoiceEnrollmentUpdateParams, options?: CallOptions & Abortable) => Promise<VoiceResult>

  /** Deletes a voice. */
  readonly remove: (params: VoiceParams, options?: CallOptions & Abortable) => Promise<VoiceResult>
}

/** What `Conversation` has that sends nothing. */
export interface ConversationFunctions {
  /**
   * About how many tokens a message takes, rather too many than too few: one for three and a half Latin letters, three for
   * four Chinese characters, one for any other character, 1000 for an image or a document.
   */
  readonly estimateTokens: (message: Message) => number
}

/** What `Message` has that sends nothing. */
export interface MessageFunctions {
  readonly system: (content: Content) => SystemMessage

  readonly user: (content: Content, options?: {
    readonly name?: string | undefined
  }) => UserMessage

  readonly assistant: (content: string | ReadonlyArray<TextPart | ImageUrlPart | DocUrlPart | OtherPart> | null, options?: {
    readonly name?: string | undefined
    readonly reasoningContent?: string | undefined
    readonly toolCalls?: ReadonlyArray<ToolCall> | undefined
    readonly partial?: boolean | undefined
  }) => AssistantMessage

  readonly tool: (content: Content, options?: {
    readonly toolCallId?: string | undefined
    readonly name?: string | undefined
  }) => ToolMessage

  /** A message of one of the rarer roles. */
  readonly other: (role: "attachment" | "bot" | "function", content: Content, options?: {
    readonly name?: string | undefined
  }) => OtherMessage

  readonly text: (text: string, options?: {
    readonly cacheControl?: CacheControl | undefined
  }) => TextPart

  readonly imageUrl: (url: string, options?: {
    /** How closely the model looks: `low`, `high` or `auto`. */
    readonly detail?: string | undefined
    readonly cacheControl?: CacheControl | undefined
  }) => ImageUrlPart

  readonly docUrl: (url: string | ReadonlyArray<string>, options?: {
    readonly fileParsingStrategy?: string | undefined
    readonly cacheControl?: CacheControl | undefined
  }) => DocUrlPart

  /** A part of a type that this library does not name, as the service's page writes it. */
  readonly part: (part: {
    readonly type: string
    readonly [name: string]: unknown
  }) => OtherPart

  /** A tool call, to echo in a history of your own making. */
  readonly toolCall: (options: {
    readonly id: string
    readonly name: string
    /** JSON text. */
    readonly arguments: string
    readonly index?: number | undefined
  }) => ToolCall
}

/** What `MultiModalMessage` has that sends nothing. */
export interface MultiModalMessageFunctions {
  readonly system: (content: MultiModalContent) => MultiModalSystemMessage

  readonly user: (content: MultiModalContent, options?: {
    readonly name?: string | undefined
  }) => MultiModalUserMessage

  readonly assistant: (content: MultiModalContent | null, options?: {
    readonly name?: string | undefined
    readonly reasoningContent?: string | undefined
    readonly toolCalls?: ReadonlyArray<ToolCall> | undefined
    readonly partial?: boolean | undefined
  }) => MultiModalAssistantMessage

  readonly tool: (content: MultiModalContent, options?: {
    readonly toolCallId?: string | undefined
    readonly name?: string | undefined
  }) => MultiModalToolMessage

  readonly text: (text: string, options?: PartOptions) => MultiModalTextPart

  readonly image: (image: MultiModalSource, options?: ImageOptions) => MultiModalImagePart

  /** A video by its URL or file, or its frames in their order (most models take 4 to 512). */
  readonly video: (video: MultiModalSource | ReadonlyArray<MultiModalSource>, options?: VideoOptions) => VideoPart

  readonly audio: (audio: MultiModalSource, options?: PartOptions) => AudioPart

  /** A part of a kind that this library does not name, as the service's page writes it. A `Media` in it is resolved too. */
  readonly part: (part: {
    readonly [name: string]: unknown
  }) => OtherPart
}

/** What a speech model noticed of a recording. */
export interface Annotation {
  /** `audio_info`. */
  readonly type?: string | null | undefined
  /** Such as `zh`. */
  readonly language?: string | null | undefined
  /** Such as `neutral`. */
  readonly emotion?: string | null | undefined
}

/** What an answer may have of its own. */
export interface AnswerOptions extends SpeechOptions {
  /**
   * How the text is cut before it is sent. `none`: it is sent as it comes; the service finds the sentences, and speaks each as soon
   * as it is complete. `sentences`: it is sent in whole sentences, which takes fewer messages and is heard no later. Default:
   * `none`.
   */
  readonly cut?: "none" | "sentences" | undefined
}

/** The service said no: by HTTP status, by an `event:error` in a stream, or with a body that cannot be understood. */
export interface ApiError extends Error {
  readonly reason: "Authentication" | "ContentFiltered" | "InvalidRequest" | "NotFound" | "QuotaExhausted" | "RateLimited" | "Server" | "UnexpectedResponse"
  /** Of the response, or of the error event inside a 200 stream. */
  readonly statusCode: number
  /** The service's code, such as `InvalidApiKey` or `Throttling.RateQuota`; empty where it gave none. */
  readonly code: string
  /** The service's own words, or the start of a body that could not be understood. */
  readonly description: string
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | undefined
  /** How long the service asked to wait. */
  readonly retryAfter?: DurationValue | undefined
  /** Whether the same request may succeed if it is sent again later. */
  readonly isRetryable: boolean
  readonly _tag: "ApiError"
  readonly cause?: unknown
}

/** A parameter that is left out is the application's own setting. */
export interface ApplicationParams {
  readonly appId: string
  /** What is asked; with `messages` it is their last, of the user. */
  readonly prompt?: string | undefined
  /** The whole conversation, where the program carries it itself instead of by `sessionId`. */
  readonly messages?: ReadonlyArray<Message> | undefined
  /** Goes on with the conversation of an earlier answer: its `output.sessionId`. See `session`. */
  readonly sessionId?: string | undefined
  /** Long-term memory. */
  readonly memoryId?: string | undefined
  /** Variables of the workflow's start node, and what plugins are told. */
  readonly bizParams?: {
    readonly [name: string]: unknown
  } | undefined
  /** URLs. */
  readonly imageList?: ReadonlyArray<string> | undefined
  /** URLs. */
  readonly fileList?: ReadonlyArray<string> | undefined
  /** How the text refers to documents: `indexed` has marks in it. */
  readonly docReferenceType?: "indexed" | "simple" | undefined
  readonly docTagCodes?: ReadonlyArray<string> | undefined
  /** Whether the answer tells its steps. Default: false. */
  readonly hasThoughts?: boolean | undefined
  /** For streams: whether an element has what is new, or all so far (`false`), put together here. Default: true. */
  readonly incrementalOutput?: boolean | undefined
  readonly topP?: number | undefined
  readonly topK?: number | undefined
  readonly seed?: number | undefined
  readonly temperature?: number | undefined
  readonly ragOptions?: RagOptions | undefined
  /**
   * What a stream of a workflow tells: `full_thoughts` (every node, in `thoughts`), `agent_format` (text alone),
   * `message_format` or `message_format_plus` (in `workflowMessage`). Default: `full_thoughts`.
   */
  readonly flowStreamMode?: string | undefined
  readonly enableThinking?: boolean | undefined
  readonly enableWebSearch?: boolean | undefined
  readonly enableSystemTime?: boolean | undefined
  readonly enablePremium?: boolean | undefined
  readonly mcpServers?: ReadonlyArray<string> | undefined
  /** How many turns of the conversation are looked at. */
  readonly dialogRound?: number | undefined
  /** Another model than the application's. */
  readonly modelId?: string | undefined
  /** Which content is inspected. */
  readonly cipServiceCodes?: {
    readonly [name: string]: unknown
  } | undefined
  /** Parameters that have no name here, under their wire names. */
  readonly extra?: {
    readonly [name: string]: unknown
  } | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: {
    readonly [name: string]: unknown
  } | undefined
}

/** An answer. */
export interface ApplicationResult {
  readonly output: {
    readonly text?: string | null | undefined
    /** `stop`; the text `"null"` while the answer goes on (in streams). */
    readonly finishReason?: string | null | undefined
    /** Send it back to go on with the conversation. */
    readonly sessionId?: string | null | undefined
    readonly rejectStatus?: boolean | null | undefined
    readonly thoughts?: ReadonlyArray<Thought> | null | undefined
    readonly docReferences?: ReadonlyArray<DocReference> | null | undefined
    readonly workflowMessage?: WorkflowMessage | null | undefined
  }
  /** By model; workflows may tell none. */
  readonly usage?: {
    readonly models?: ReadonlyArray<ModelUsage> | null | undefined
  } | null | undefined
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | null | undefined
}

/** How a recording is to be recognised. */
export interface AsrOptions {
  /** Such as `zh`. Default: the service finds out. */
  readonly language?: string | undefined
  /** Whether numbers and dates are written as digits. Default: false. */
  readonly enableItn?: boolean | undefined
  /** Whether the answer names the language. Default: false. */
  readonly enableLid?: boolean | undefined
}

/** What the model said, or the beginning of what it is to say (`partial`). */
export interface AssistantMessage {
  readonly role: "assistant"
  /** May be empty where there are tool calls. */
  readonly content: string | ReadonlyArray<TextPart | ImageUrlPart | DocUrlPart | OtherPart> | null
  readonly name?: string | undefined
  /** The chain of thought. Usually left out of a history; see `preserveThinking`. */
  readonly reasoningContent?: string | null | undefined
  readonly toolCalls?: ReadonlyArray<ToolCall> | undefined
  /** On the last message: the model goes on from `content`, and answers with what follows only. */
  readonly partial?: boolean | undefined
}

/** What the samples of a stream are, where it has no head that says so. */
export interface AudioFormat {
  /** In Hz. Default: 24000. */
  readonly sampleRate?: number | undefined
  /** Default: 1. */
  readonly channels?: number | undefined
  /** Of a sample. Default: 16. */
  readonly bits?: number | undefined
}

/** What one recognition may have of its own. */
export interface AudioInputAudioOptions extends CallOptions {
  /**
   * How fast audio is sent. `none`: as it comes, and as fast as the socket takes it. `realtime`: no faster than it is spoken,
   * by the Clock; of compressed audio, whose length in time is not known, 4 KiB every 100 milliseconds.
   *
   * Default: `none`. Live audio has a pace of its own, and a file is recognised the sooner; the socket's back pressure
   * keeps what is under way small.
   */
  readonly pace?: "none" | "realtime" | undefined
  /**
   * What becomes of pauses in the input: the service ends a task to which nothing was sent for 23 seconds. `silence`: after 20
   * seconds without input a tenth of a second of silence is sent; the times of later sentences do not count the pause. It can be
   * put into `pcm`, and into `wav` whose head leaves its length open; in other formats a pause fails. `fail`: the pause is an
   * `InputRequired` of field `audio`.
   *
   * Default: `silence`. Where more than a minute may pass without speech, `heartbeat` is needed too.
   */
  readonly gaps?: "fail" | "silence" | undefined
}

/** How a model is to speak its answer. */
export interface AudioOptions {
  /** Such as `Cherry`, `Serena`, `Ethan` or `Chelsie`. */
  readonly voice?: string | undefined
  /** Such as `wav`. */
  readonly format?: string | undefined
}

/** A recording. */
export interface AudioPart extends PartOptions {
  readonly audio: MultiModalSource
}

/**
 * How a task is waited for, beside the options of each request. `timeout` and `retry` are of each request by itself;
 * `waitTimeout` of all of them. A question that fails for a while is asked again after the next pause, so that `retry` is
 * off for questions unless it is given here.
 */
export interface AwaitOptions extends Omit<CallOptions, "waitTimeout"> {
  /** The pause between questions. Default: 1, 1, 2, 2, 2, 4, 4, 4, 5, 5 … seconds, and longer ones for batches. */
  readonly poll?: Duration | undefined
  /**
   * How long to wait in all; then `TaskWaitTimeout`, and the task goes on. Default: for ever. (For calls that are no
   * tasks the option of this name is a header of the request; the layer's goes with each request here too.)
   */
  readonly waitTimeout?: Duration | undefined
  /**
   * Whether an interruption cancels the task, which the service does while it is `PENDING` and refuses afterwards. The
   * interruption waits for that; and, where it comes while `call` submits, for the answer to the submission. Default: false,
   * the task goes on.
   */
  readonly cancelOnInterrupt?: boolean | undefined
}

/**
 * A batch, as the service last told of it. It is plain data: write it as JSON, and another process can go on with it. It holds
 * no key, and only a client of the same base URL, with a key of the same account, can ask for it. Times are seconds since 1970.
 */
export interface Batch {
  readonly id: string
  readonly object?: string | null | undefined
  /** A `BatchEndpoint`. */
  readonly endpoint: string
  readonly errors?: {
    readonly object?: string | null | undefined
    readonly data?: ReadonlyArray<BatchProblem> | null | undefined
  } | null | undefined
  readonly inputFileId?: string | null | undefined
  /** Such as `24h`. */
  readonly completionWindow?: string | null | undefined
  /** A `BatchStatus`, or one that is newer than this library. */
  readonly status: string
  /** The file of the answers, once it has ended. */
  readonly outputFileId?: string | null | undefined
  /** The file of the requests that failed, once it has ended. */
  readonly errorFileId?: string | null | undefined
  readonly createdAt?: number | null | undefined
  readonly inProgressAt?: number | null | undefined
  readonly expiresAt?: number | null | undefined
  readonly finalizingAt?: number | null | undefined
  readonly completedAt?: number | null | undefined
  readonly failedAt?: number | null | undefined
  readonly expiredAt?: number | null | undefined
  readonly cancellingAt?: number | null | undefined
  readonly cancelledAt?: number | null | undefined
  readonly requestCounts?: {
    readonly total?: number | null | undefined
    readonly completed?: number | null | undefined
    readonly failed?: number | null | undefined
  } | null | undefined
  /** `ds_name` is its name, `ds_description` its description. */
  readonly metadata?: {
    readonly [name: string]: unknown
  } | null | undefined
  /** Of the last question. Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | null | undefined
  /** Of the client that asked, such as `https://dashscope.aliyuncs.com/api/v1`. */
  readonly baseUrl: string
}

/**
 * How a batch is waited for, beside the options of each request. `timeout` and `retry` are of each request by itself;
 * `waitTimeout` of all of them.
 */
export interface BatchAwaitOptions extends Omit<CallOptions, "waitTimeout"> {
  /** The pause between questions. Default: 1, 1, 2, 2, 2, 4, 4, 4, 5, 5 … seconds, and longer ones for batches. */
  readonly poll?: Duration | undefined
  /** How long to wait in all; then `BatchWaitTimeout`, and the batch goes on. Default: for ever. */
  readonly waitTimeout?: Duration | undefined
}

export interface BatchCreateParams extends BatchOptions {
  /** Of a file that was uploaded for batches. */
  readonly inputFileId: string
  /** That of the lines in the file. */
  readonly endpoint: BatchEndpoint
}

/**
 * What all requests of a batch are for: `/v1/chat/completions`, `/v1/embeddings`, or `/v1/chat/ds-test` of the model
 * `batch-test-model`, which costs nothing.
 */
export type BatchEndpoint = "/v1/chat/completions" | "/v1/chat/ds-test" | "/v1/embeddings" | (string & {})

/** What can go wrong with a batch beside its requests to the service. */
export type BatchError = BatchNotCompleted | BatchWaitTimeout | BatchLost

/** Which batches to list; the service keeps them for 30 days. */
export interface BatchListParams {
  /** The id of the batch after which the page begins. */
  readonly after?: string | undefined
  /** How many a page has. Default: the service's. */
  readonly limit?: number | undefined
  readonly status?: ReadonlyArray<BatchStatus> | undefined
  readonly inputFileIds?: ReadonlyArray<string> | undefined
  readonly name?: string | undefined
  /** A Date, or `YYYYMMDDhhmmss`. */
  readonly createAfter?: string | Date | undefined
  /** As `createAfter`. */
  readonly createBefore?: string | Date | undefined
}

/**
 * The creation of a batch has had no answer, or none that can be read, after it had been sent: the batch may exist, and will then
 * be paid for. It was not sent again. `Batch.list` finds it by its file.
 */
export interface BatchLost extends Error {
  /** The file of requests, which is there. */
  readonly inputFileId: string
  readonly endpoint: string
  /** When it was sent, in milliseconds since 1970, by this side's clock. */
  readonly submittedAt: number
  readonly isRetryable: false
  readonly _tag: "BatchLost"
  /** What happened to the answer. */
  readonly cause: NoApiKey | InputRequired | ApiError | RequestTimeout | ConnectionError | PoolExhausted | RateLimitExceeded
}

/**
 * A batch has ended without doing all of its requests: it `failed` (see the batch's `errors`), `expired`, or was `cancelled`. Of
 * the last two some requests may have results.
 */
export interface BatchNotCompleted extends Error {
  readonly batch: Batch
  readonly isRetryable: false
  readonly _tag: "BatchNotCompleted"
  readonly cause?: unknown
}

/** How a batch is created. */
export interface BatchOptions {
  /**
   * The longest that the service may take, in whole hours; what is not done by then is not done at all. The service takes 24
   * hours to 14 days. Default: 24 hours.
   */
  readonly completionWindow?: Duration | undefined
  /** A name to find it by, in `list` and in the console. */
  readonly name?: string | undefined
  readonly description?: string | undefined
  /** A URL that the service posts to when the batch has ended. */
  readonly callbackUrl?: string | undefined
  /** Further metadata, under their wire names. */
  readonly metadata?: {
    readonly [name: string]: string
  } | undefined
}

/** One page of the list. */
export interface BatchPage {
  readonly object?: string | null | undefined
  readonly firstId?: string | null | undefined
  readonly lastId?: string | null | undefined
  readonly hasMore?: boolean | null | undefined
  readonly requestId?: string | null | undefined
  readonly data?: ReadonlyArray<Batch> | null | undefined
}

/** What the service found wrong with the file of requests. */
export interface BatchProblem {
  /** Such as `mismatched_model` or `duplicate_custom_id`. */
  readonly code?: string | null | undefined
  readonly message?: string | null | undefined
  readonly param?: string | null | undefined
  /** Of the file, counted from 1. */
  readonly line?: number | null | undefined
}

/**
 * One request of a batch, made from the parameters that the service of its kind takes. All requests of a batch are of one
 * kind (chats, or embeddings) and for one model.
 */
export type BatchRequest = GenerationRequest | ConversationRequest | EmbeddingRequest

/** What became of one request. */
export interface BatchResult<A> {
  /** Of the request. Empty where the line could not be read so far. */
  readonly customId: string
  /**
   * The answer, or why there is none: the model's refusal, the service's, or a line that cannot be read (with the reason
   * `UnexpectedResponse`).
   */
  readonly answer: Outcome<A, ApiError>
  /** Which file it is from. */
  readonly file: "error" | "output"
  /** In that file, counted from 1. */
  readonly line: number
}

/**
 * - `validating`, `in_progress`, `finalizing`, `cancelling`: it goes on.
 * - `completed`: every request has an answer or an error.
 * - `expired`, `cancelled`: some may have; `BatchNotCompleted` says so.
 * - `failed`: the file of requests was refused, and nothing was done.
 */
export type BatchStatus = "cancelled" | "cancelling" | "completed" | "expired" | "failed" | "finalizing" | "in_progress" | "validating"

/** A parameter that is left out is the model's default. */
export interface BatchTextEmbeddingParams {
  /** `text-embedding-async-v2` or `text-embedding-async-v1`. */
  readonly model: string
  /** The file of texts, one in a line: its URL, which the service fetches, or a `Media`, which is uploaded. */
  readonly url: string | Media.Media
  /** Default: `document`. */
  readonly textType?: "document" | "query" | undefined
  /** Parameters that have no name here, under their wire names. */
  readonly extra?: {
    readonly [name: string]: unknown
  } | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: {
    readonly [name: string]: unknown
  } | undefined
}

/** Where the vectors of a task are. */
export interface BatchTextEmbeddingResult {
  readonly output: {
    readonly taskId?: string | null | undefined
    /** A `TaskStatus`, or one that is newer than this library. */
    readonly taskStatus: string
    readonly submitTime?: string | null | undefined
    readonly scheduledTime?: string | null | undefined
    readonly endTime?: string | null | undefined
    readonly taskMetrics?: TaskMetrics | null | undefined
    /** Why the task failed. */
    readonly code?: string | null | undefined
    readonly message?: string | null | undefined
    /** A compressed file, good for 24 hours; `vectors` reads it. */
    readonly url?: string | null | undefined
  }
  readonly usage?: BatchTextEmbeddingUsage | null | undefined
  /** Of the last question. Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | null | undefined
}

export interface BatchTextEmbeddingUsage {
  readonly totalTokens?: number | null | undefined
}

export interface BatchUploadOptions extends CallOptions {
  /** Of the file at the service. Default: `batch.jsonl`. */
  readonly fileName?: string | undefined
}

/** The vector of one text, or why there is none. */
export interface BatchVector {
  /** Which line of the file of texts it is of, from 0. */
  readonly index: number
  readonly embedding: Outcome<ReadonlyArray<number>, ApiError>
  /** All that the file says of it, under its wire names. */
  readonly row: {
    readonly [name: string]: unknown
  }
}

/** A batch has not ended in the time that it was given. It goes on: wait for it again. */
export interface BatchWaitTimeout extends Error {
  /** As it was seen last. */
  readonly batch: Batch
  /** How long it was waited for. */
  readonly waited: DurationValue
  readonly isRetryable: false
  readonly _tag: "BatchWaitTimeout"
  readonly cause?: unknown
}

/**
 * Marks the end of a prefix that the service should cache (explicit context cache). At most four marks count per
 * request.
 */
export interface CacheControl {
  readonly type: "ephemeral"
  /** How long the entry lives. Default: the service's (5 minutes). */
  readonly ttl?: string | undefined
}

/** What one call may have of its own. An option that is not given is the layer's. */
export interface CallOptions {
  /** The key of this call. */
  readonly apiKey?: string | undefined
  /**
   * The longest the whole call may take, waiting for a connection included; then it is interrupted and fails with
   * `RequestTimeout` of phase `total`. For a stream it runs from its start to its end, regardless of what your program does with
   * the elements meanwhile: a stream that is begun and not read gives its connection back when this has passed, which no
   * other deadline does. A bare number is refused: write a unit.
   */
  readonly timeout?: Duration | undefined
  /**
   * For a stream, the longest wait for the first content, waiting for a connection included; then `RequestTimeout` of
   * phase `firstContent`. Heartbeats, comments and events without content are none. For a call that is not streamed, the
   * longest wait for the head of its answer, which the service sends when it has done its work.
   */
  readonly firstContentTimeout?: Duration | undefined
  /**
   * For a stream, the longest wait between two events with content; then `RequestTimeout` of phase `content`. The time
   * that your program takes between elements does not count, here and in `firstContentTimeout`.
   */
  readonly contentTimeout?: Duration | undefined
  /**
   * The largest event of a stream, in bytes; a larger one ends it with an `ApiError`. It bounds what is held in memory.
   * Default: 16 MiB.
   */
  readonly maxEventBytes?: number | undefined
  /**
   * Headers added to the request. They win over all others, but a `User-Agent` is appended to this library's. Those
   * that look like secrets (by name) are hidden from spans and taken out of error texts, as the key is.
   */
  readonly headers?: {
    readonly [name: string]: string | undefined
  } | undefined
  /** The id of a workspace (`X-DashScope-WorkSpace`). */
  readonly workspace?: string | undefined
  /** Whether the service inspects input and output (`X-DashScope-DataInspection`). */
  readonly dataInspection?: boolean | undefined
  /** When the call is made again after an error; `false` for never. Default: the layer's. */
  readonly retry?: RetryPolicy | undefined
  /**
   * How long the service may keep the request waiting where calls come in bursts, instead of refusing it
   * (`X-DashScope-Wait-Timeout`, in whole seconds). It is added to `timeout`.
   */
  readonly waitTimeout?: Duration | undefined
  /** Who goes first where calls wait for a limit of `rateLimit`: those of `interactive`, but for every tenth turn. Default: `interactive`. */
  readonly priority?: Priority | undefined
}

/** What the service answers when it has canceled a task. */
export interface CancelResult {
  readonly requestId?: string | null | undefined
}

/** One answer. There is one, unless `n` asked for more. */
export interface Choice {
  /** Its number, with `n` above 1. */
  readonly index?: number | null | undefined
  /** `stop`, `length`, `tool_calls`; the text `"null"` while the answer goes on (in streams). */
  readonly finishReason?: string | null | undefined
  readonly message: ResultMessage
  readonly logprobs?: {
    readonly content?: ReadonlyArray<TokenLogprob> | null | undefined
  } | null | undefined
}

/** What holds for every call of a client. */
export interface ClientOptions {
  /**
   * The key. Where there is none, each call looks in
   * `DASHSCOPE_API_KEY`, the key file, and `~/.dashscope/api_key` (first line), until a key is found; and again after
   * the service refused it. The variables are read through the `ConfigProvider` and the files through the `FileSystem`
   * that the layer was built with.
   */
  readonly apiKey?: string | undefined
  /** A file whose first line is the key. Default: `DASHSCOPE_API_KEY_FILE_PATH`. */
  readonly apiKeyFile?: string | undefined
  /** Default: `DASHSCOPE_HTTP_BASE_URL`, else `"beijing"`. */
  readonly endpoint?: Endpoint | undefined
  /** The longest a whole call may take. Default: no limit. See `CallOptions`. */
  readonly timeout?: Duration | undefined
  /** The longest wait for the first content of an answer. Default: no limit. See `CallOptions`. */
  readonly firstContentTimeout?: Duration | undefined
  /** The longest pause in the content of a stream. Default: no limit. See `CallOptions`. */
  readonly contentTimeout?: Duration | undefined
  /** Headers added to each request. See `CallOptions`. */
  readonly headers?: {
    readonly [name: string]: string | undefined
  } | undefined
  /** The id of a workspace (`X-DashScope-WorkSpace`). Default: that of the key. */
  readonly workspace?: string | undefined
  /**
   * Whether the service inspects input and output (`X-DashScope-DataInspection`). Default: true where
   * `DASHSCOPE_DISABLE_DATA_INSPECTION` is `false`, as in the Python SDK, else false.
   */
  readonly dataInspection?: boolean | undefined
  /**
   * When calls are made again after an error: see `Retry`. A stream is made again only before its first event. Default:
   * up to two retries with backoff, within a budget that all calls of the client share.
   */
  readonly retry?: RetryPolicy | undefined
  /** How long the service may keep requests waiting. See `CallOptions`. */
  readonly waitTimeout?: Duration | undefined
  /** Keeps the calls within the service's quotas, before they wait for a connection. Default: nothing is limited. */
  readonly rateLimit?: RateLimitOptions | undefined
  /** Appended to the `User-Agent`, as the name and version of your program. */
  readonly userAgent?: string | undefined
}

export interface CloneParams {
  /** The model that will speak. */
  readonly targetModel: string
  /** Letters, digits and underscores; at most 16. */
  readonly preferredName: string
  /** A URL or a data URL; at most 10 MB. */
  readonly audio: string
  /** What is said in the recording. */
  readonly text?: string | undefined
  readonly language?: string | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: {
    readonly [name: string]: unknown
  } | undefined
}

/** What the model wrote. */
export interface CodeChoice {
  readonly index?: number | null | undefined
  readonly content?: string | null | undefined
  /** `stop` or `length`; the text `"null"` while the answer goes on (in streams). */
  readonly finishReason?: string | null | undefined
  /** In seconds since 1970. */
  readonly frameTimestamp?: number | null | undefined
  readonly frameId?: number | null | undefined
}

export interface CodeGenerationParams {
  /** Such as `tongyi-lingma-v1`. */
  readonly model: string
  /** `custom`, `nl2code`, `code2comment`, `code2explain`, `commit2msg`, `unittest`, `codeqa` or `nl2sql`. */
  readonly scene: string
  readonly message: ReadonlyArray<CodeMessage>
  /** How many answers; the service knows 1. Default: 1. */
  readonly n?: number | undefined
  /** Parameters that have no name here, under their wire names. */
  readonly extra?: {
    readonly [name: string]: unknown
  } | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: {
    readonly [name: string]: unknown
  } | undefined
}

/** An answer. */
export interface CodeGenerationResult {
  readonly output: {
    readonly choices: ReadonlyArray<CodeChoice>
  }
  readonly usage?: {
    readonly inputTokens?: number | null | undefined
    readonly outputTokens?: number | null | undefined
  } | null | undefined
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | null | undefined
}

/**
 * What is said, and what it is about. The keys of `meta` are the wire's: `language`, `code`, `diff_list`, `schema_infos` …, as the
 * scene needs them.
 */
export type CodeMessage = {
  readonly role: "assistant" | "system" | "user"
  readonly content: string
} | {
  readonly role: "attachment"
  readonly meta: {
    readonly [name: string]: unknown
  }
}

/** A file, in the OpenAI-compatible form. */
export interface CompatibleFile {
  readonly id: string
  readonly object?: string | null | undefined
  readonly bytes?: number | null | undefined
  readonly filename?: string | null | undefined
  readonly purpose?: string | null | undefined
  /** `processed` once it can be used. */
  readonly status?: string | null | undefined
  /** In seconds since 1970. */
  readonly createdAt?: number | null | undefined
  /** Of `removeCompatible`. */
  readonly deleted?: boolean | null | undefined
  readonly requestId?: string | null | undefined
}

/** One page of the list. */
export interface CompatibleFilePage {
  readonly object?: string | null | undefined
  readonly data?: ReadonlyArray<CompatibleFile> | null | undefined
  readonly hasMore?: boolean | null | undefined
  readonly requestId?: string | null | undefined
}

/** The connection could not be made, broke, or was closed with its pool. */
export interface ConnectionError extends Error {
  readonly reason: "Closed" | "Dns" | "Proxy" | "Refused" | "Reset" | "Tls" | "Truncated"
  /** Scheme, host and port. */
  readonly origin: string
  /** Whether any byte of a response had arrived: if so, the service has seen the request. */
  readonly responseStarted: boolean
  /**
   * Whether anything of the request had been written to a socket. While nothing was, the service cannot have seen it;
   * absent where it is not known, as with the `HttpClient` of others.
   */
  readonly requestWritten?: boolean | undefined
  readonly description: string
  /**
   * False where asking again meets the same answer (a closed pool, a certificate that is not trusted, a proxy that
   * refuses), and where an answer has begun: that one cannot be asked for again unseen.
   */
  readonly isRetryable: boolean
  readonly _tag: "ConnectionError"
  readonly cause?: unknown
}

/** What `make` takes: any of the knobs, durations with their unit. */
export interface ConnectionOptions {
  /** DNS, TCP and TLS of a new connection, and a WebSocket's handshake. Default: 120 seconds. */
  readonly connectTimeout?: Duration | undefined
  /** The longest silence while a response is awaited or read. Default: 300 seconds. */
  readonly readTimeout?: Duration | undefined
  /** The longest stall while a request is written to a peer that stops reading. Default: 60 seconds. */
  readonly writeTimeout?: Duration | undefined
  /** How long an unused connection is kept. Default: 300 seconds. */
  readonly connectionIdleTimeout?: Duration | undefined
  /** The most connections open at once, over all hosts, connecting and closing ones included. Default: 32. */
  readonly connectionPoolSize?: number | undefined
  /** The most requests in flight at once, over all hosts. Default: `connectionPoolSize`. */
  readonly maximumAsyncRequests?: number | undefined
  /** The most requests in flight at once to one host. Default: `maximumAsyncRequests`. */
  readonly maximumAsyncRequestsPerHost?: number | undefined
  /** The longest wait for a permit and a connection. Default: none. */
  readonly acquireTimeout?: Duration | undefined
  /** How many requests may wait; one more fails at once with `PoolExhausted`. Default: no limit. */
  readonly maximumPendingRequests?: number | undefined
  /** A connection is replaced after this time, less up to 10 % of jitter, never during a request. Default: none. */
  readonly connectionMaxLifetime?: Duration | undefined
  /** Initial delay of TCP keep-alive probes; `false` turns them off. Default: 15 seconds. */
  readonly tcpKeepAlive?: false | Duration | undefined
  /** How long closing the pool's scope waits for requests in flight before it aborts them. Default: 5 seconds. */
  readonly shutdownTimeout?: Duration | undefined
  /**
   * Whether a request that dies on a reused connection, before any byte of a response, is sent once more on a fresh
   * one. Default: true.
   */
  readonly resendOnStaleConnection?: boolean | undefined
  /** Logs a warning when a permit is held for longer, with who took it, and once more when it comes back. Default: none. */
  readonly leakDetectionThreshold?: Duration | undefined
  /** A proxy, or `"environment"` to follow `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. Default: none. */
  readonly proxy?: string | ProxyInput | undefined
  /** Certificate authorities, client certificate. Default: Node's. */
  readonly tls?: TlsInput | undefined
}

/** What a message says: text, or parts. */
export type Content = string | ReadonlyArray<TextPart | ImageUrlPart | DocUrlPart | OtherPart>

/** What was said before, or what the audio is about. */
export interface ContextTurn {
  readonly role: "assistant" | "user"
  readonly text: string
}

/** Among the audio: what it is about from here on. `context` makes one. */
export interface ContextUpdate {
  readonly _tag: "ContextUpdate"
  readonly turns: ReadonlyArray<ContextTurn>
}

/**
 * What a turn comes to: an answer, or what `Generation.runTools` or `Generation.callObject` gives. Of a run with tools,
 * its calls and their answers are kept too.
 */
export type ConversationAnswer = GenerationResult | {
  readonly result: GenerationResult
  readonly messages?: ReadonlyArray<Message> | undefined
}

/**
 * The most that a history may hold. When it holds more, the oldest goes:
 *
 * - System messages stay, and so does the last message of the user.
 * - First go whole turns: a message of the user with all that follows up to the next. When only the last turn is left,
 *   its steps go: an assistant's message, with the answers of the tools that it called.
 * - An answer of a tool never comes first, since the service would refuse it.
 *
 * What has to stay may still be over the budget.
 */
export interface ConversationBudget {
  /** Default: no limit. */
  readonly maxMessages?: number | undefined
  /** By the estimate. Leave room for the answer, and for the definitions of tools. Default: no limit. */
  readonly maxTokens?: number | undefined
}

/** What the user says: text, a message, or several (the answers of tools, say). */
export type ConversationInput = string | Message | ReadonlyArray<Message>

export interface ConversationOptions extends ConversationBudget {
  /** Goes in front, and stays. */
  readonly system?: string | ReadonlyArray<TextPart | ImageUrlPart | DocUrlPart | OtherPart> | undefined
  /** An earlier history, to go on from. */
  readonly messages?: ReadonlyArray<Message> | undefined
  /** How many tokens a message takes. Default: `estimateTokens`. */
  readonly estimate?: ((message: Message) => number) | undefined
  /**
   * Whether estimates are scaled by what the service counted last, which takes the definitions of tools and the model's
   * own tokenizer into account. They are at most halved and at most quadrupled. Default: false.
   */
  readonly calibrate?: boolean | undefined
  /** Whether the chain of thought is kept; see `preserveThinking`. Default: false. */
  readonly keepReasoning?: boolean | undefined
}

/** A chat with a model that sees or hears, with the parameters of `MultiModalConversation`. */
export interface ConversationRequest {
  /** As of `GenerationRequest`. */
  readonly customId: string
  readonly conversation: MultiModalParams
}

/** Every error that a call can fail with. */
export type DashScopeError = NoApiKey | InputRequired | ApiError | RequestTimeout | ConnectionError | PoolExhausted | RateLimitExceeded

/** The options of the client, and those of its connections. */
export interface DashScopeOptions extends ClientOptions {
  /** The knobs of the connection pool. Default: all their defaults. */
  readonly connection?: ConnectionOptions | undefined
}

/** A deployment. */
export interface Deployment {
  /** Its id, which is the model's name in calls. */
  readonly deployedModel?: string | null | undefined
  readonly modelName?: string | null | undefined
  readonly baseModel?: string | null | undefined
  /** `PENDING`, then `RUNNING` or `FAILED`. */
  readonly status?: string | null | undefined
  readonly capacity?: number | null | undefined
  readonly baseCapacity?: number | null | undefined
  readonly readyCapacity?: number | null | undefined
  readonly gmtCreate?: string | null | undefined
  readonly gmtModified?: string | null | undefined
  readonly workspaceId?: string | null | undefined
  readonly chargeType?: string | null | undefined
  readonly message?: string | null | undefined
}

/** One page of the list. */
export interface DeploymentPage {
  readonly output?: {
    readonly deployments?: ReadonlyArray<Deployment> | null | undefined
    readonly pageNo?: number | null | undefined
    readonly pageSize?: number | null | undefined
    readonly total?: number | null | undefined
  } | null | undefined
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | null | undefined
}

export interface DeploymentResult {
  readonly output?: Deployment | null | undefined
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | null | undefined
}

export interface DeploymentsCreateParams {
  readonly modelName: string
  /** How many instances. */
  readonly capacity: number
  /** The end of its id, to have more than one of a model. */
  readonly suffix?: string | undefined
  /** Fields that have no name here, under their wire names: `plan`, `template_id`, `deploy_spec` … */
  readonly extra?: {
    readonly [name: string]: unknown
  } | undefined
}

export interface DeploymentsListParams {
  /** Counted from 1. Default: 1. */
  readonly pageNo?: number | undefined
  /** Default: 10. */
  readonly pageSize?: number | undefined
}

export interface DesignParams {
  /** The model that will speak. */
  readonly targetModel: string
  /** What the voice is like, in words. */
  readonly voicePrompt: string
  /** What it says in the preview. */
  readonly previewText: string
  readonly preferredName?: string | undefined
  readonly language?: string | undefined
  /** Of the preview, in Hz. */
  readonly sampleRate?: number | undefined
  /** Of the preview, such as `wav`. */
  readonly responseFormat?: string | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: {
    readonly [name: string]: unknown
  } | undefined
}

/** A document that an answer rests on. */
export interface DocReference {
  /** The number that marks in the text have. */
  readonly indexId?: string | null | undefined
  readonly docId?: string | null | undefined
  readonly docName?: string | null | undefined
  readonly docUrl?: string | null | undefined
  readonly title?: string | null | undefined
  readonly text?: string | null | undefined
  readonly bizId?: string | null | undefined
  readonly images?: ReadonlyArray<string> | null | undefined
  readonly pageNumber?: ReadonlyArray<number> | null | undefined
}

/** Documents by their URLs, for qwen-doc-turbo. */
export interface DocUrlPart {
  readonly type: "doc_url"
  readonly docUrl: ReadonlyArray<string>
  /** How the documents are read: `auto`, or what the model's page says. Default: the service's. */
  readonly fileParsingStrategy?: string | undefined
  readonly cacheControl?: CacheControl | undefined
}

/**
 * What a download can fail with. A URL that has expired is an `ApiError` of status 403 or 404; a connection that broke too often
 * is the error that broke it last.
 */
export type DownloadError = DashScopeError | FileChanged | FileTooLarge

/** What one download may have of its own. */
export interface DownloadOptions {
  /** Run for each piece that has come, before it is handed on. The download waits for it. */
  readonly onProgress?: ((progress: Progress) => Promise<void> | void) | undefined
  /** The most bytes to take; a longer file is `FileTooLarge`, before any of it where the host tells its length. Default: any. */
  readonly maxBytes?: number | undefined
  /**
   * How often in a row the connection may break without a byte in between; then the download fails with what broke it last.
   * Pauses in between grow from about 0.1 to 10 seconds. Default: 5.
   */
  readonly maxRetries?: number | undefined
  /** The longest the whole may take, breaks included; then `RequestTimeout` of phase `total`. Default: for ever. */
  readonly timeout?: Duration | undefined
  /**
   * The longest wait for the next bytes, or for the head; then the connection counts as broken, and the download goes on over
   * another. Default: the pool's `readTimeout`, which does the same.
   */
  readonly contentTimeout?: Duration | undefined
}

/** A file that has been written. */
export interface DownloadedFile {
  readonly path: string
  /** In bytes. */
  readonly size: number
  /** As the host tells it, such as `image/png`. */
  readonly mediaType: string | undefined
}

/**
 * What comes of a task, in order. Started: the service takes input. Result: an event with what it says. Audio: a binary message,
 * which belongs to the result before it. Finished: the last.
 */
export type DuplexTaskEvent = {
  readonly _tag: "Started"
  readonly output: {
    readonly [name: string]: unknown
  } | undefined
} | {
  readonly _tag: "Result"
  readonly output: {
    readonly [name: string]: unknown
  } | undefined
  readonly usage: {
    readonly [name: string]: unknown
  } | undefined
  readonly requestId: string | undefined
} | {
  readonly _tag: "Audio"
  readonly bytes: Uint8Array
} | {
  readonly _tag: "Finished"
  readonly output: {
    readonly [name: string]: unknown
  } | undefined
  readonly usage: {
    readonly [name: string]: unknown
  } | undefined
  readonly requestId: string | undefined
}

/** What goes into a task: bytes are a binary message (audio), a record is the input of a `continue-task`. */
export type DuplexTaskInput = Uint8Array | {
  readonly [name: string]: unknown
}

/** What one task may have of its own. */
export interface DuplexTaskOptions extends CallOptions {
  /** The input of `finish-task`. Default: empty. */
  readonly finish?: {
    readonly [name: string]: unknown
  } | undefined
}

/** What a task is asked for. */
export interface DuplexTaskRequest {
  /** Such as `multimodal-dialog`. */
  readonly model: string
  /** Such as `audio` or `aigc`. */
  readonly taskGroup: string
  /** Such as `asr` or `multimodal-generation`. */
  readonly task: string
  /** Such as `recognition` or `generation`. */
  readonly function: string
  /** `duplex`: more input follows the request; `out`: the request has all of it. Default: `duplex`. */
  readonly streaming?: "duplex" | "out" | undefined
  /** Under their wire names. */
  readonly parameters?: {
    readonly [name: string]: unknown
  } | undefined
  /** The input of the request itself, under its wire names. */
  readonly input?: {
    readonly [name: string]: unknown
  } | undefined
  /** Lists of hot words of older models. */
  readonly resources?: ReadonlyArray<{
    readonly [name: string]: unknown
  }> | undefined
}

/** What to do with an image, for wanx2.1-imageedit. */
export type EditFunction = (string & {}) | "colorization" | "control_cartoon_feature" | "description_edit" | "description_edit_with_mask" | "doodle" | "expand" | "remove_watermark" | "stylization_all" | "stylization_local" | "super_resolution"

/** A request of `embedMany` failed: which texts it had, and why. */
export interface EmbedManyError extends Error {
  /** Why. */
  readonly error: NoApiKey | InputRequired | ApiError | RequestTimeout | ConnectionError | PoolExhausted | RateLimitExceeded
  /** The places of the request's texts in all texts, counted from 0. */
  readonly texts: ReadonlyArray<number>
  /** Whether the same request may succeed if it is sent again later. */
  readonly isRetryable: boolean
  readonly _tag: "EmbedManyError"
  readonly cause?: unknown
}

export interface EmbedManyOptions extends CallOptions {
  /** How many requests may be under way at once, within the limits of the connection pool. Default: 8. */
  readonly concurrency?: number | undefined
  /** How many texts go into one request. Default: as many as the model takes, 10 (25 for text-embedding-v1 and v2). */
  readonly batchSize?: number | undefined
}

export interface EmbedManyResult {
  /** One for each text, in their order; `textIndex` is the text's place in all texts. */
  readonly embeddings: ReadonlyArray<Embedding>
  /** The sum over all requests. */
  readonly usage: {
    readonly totalTokens: number
  }
  /** Of the requests, in the order of their texts. */
  readonly requestIds: ReadonlyArray<string>
}

export interface EmbedOptions extends CallOptions {
  /** How long others may come to share the request. Default: 2 milliseconds. */
  readonly window?: Duration | undefined
}

export interface EmbedParams extends TextEmbeddingParameters {
  /** Such as `text-embedding-v4`. */
  readonly model: string
  readonly text: string
}

/** The vector of one text, in either form or both. */
export interface Embedding {
  /** Which of the request's texts it is of. Go by this and not by the order of the answer. */
  readonly textIndex: number
  /** The dense vector. */
  readonly embedding?: ReadonlyArray<number> | null | undefined
  /** The sparse vector: the words that count, with `outputType: "sparse"` or `"dense&sparse"`. */
  readonly sparseEmbedding?: ReadonlyArray<SparseValue> | null | undefined
}

/** Texts to embed, with the parameters of `TextEmbedding`. */
export interface EmbeddingRequest {
  /** As of `GenerationRequest`. */
  readonly customId: string
  readonly embedding: TextEmbeddingParams
}

/**
 * A region, a workspace's host, or the URL of a gateway or simulator. A URL without a path gets `/api/v1`; one with a
 * path is taken as it is, less one trailing slash.
 */
export type Endpoint = (string & {}) | Region | WorkspaceEndpoint

/** What was wrong. */
export interface ErrorInfo {
  /** `invalid_request_error`: the session goes on. `server_error`: it has ended. */
  readonly type?: string | null | undefined
  readonly code?: string | null | undefined
  readonly message?: string | null | undefined
  /** Which field, such as `session.modalities`. */
  readonly param?: string | null | undefined
  /** Of the event of ours that was wrong. */
  readonly eventId?: string | null | undefined
}

/** A file, in the native form. */
export interface File {
  /** A number of the service's own; `fileId` is what other operations take. */
  readonly id?: number | null | undefined
  readonly fileId?: string | null | undefined
  readonly name?: string | null | undefined
  readonly description?: string | null | undefined
  readonly purpose?: string | null | undefined
  readonly size?: number | null | undefined
  readonly md5?: string | null | undefined
  readonly region?: string | null | undefined
  /** Where it can be fetched, for a while. */
  readonly url?: string | null | undefined
  readonly userId?: string | null | undefined
  readonly apiKeyId?: string | null | undefined
  readonly gmtCreate?: string | null | undefined
}

/**
 * After a break the host has another file under the URL than before, or does not say enough to tell: what came is not joined with
 * what would follow. Download it again from the start.
 */
export interface FileChanged extends Error {
  /** Without its query, which holds a signature. */
  readonly url: string
  /** How many bytes had come, and are of no use now. */
  readonly received: number
  readonly description: string
  readonly isRetryable: false
  readonly _tag: "FileChanged"
  readonly cause?: unknown
}

/** One page of the list. */
export interface FilePage {
  /** 0 for success. */
  readonly code?: number | null | undefined
  readonly msg?: string | null | undefined
  readonly success?: boolean | null | undefined
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | null | undefined
  readonly data?: {
    readonly files?: ReadonlyArray<File> | null | undefined
    readonly total?: number | null | undefined
    readonly pageNo?: number | null | undefined
    readonly pageSize?: number | null | undefined
  } | null | undefined
}

export interface FileResult {
  /** 0 for success. */
  readonly code?: number | null | undefined
  readonly msg?: string | null | undefined
  readonly success?: boolean | null | undefined
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | null | undefined
  readonly data?: File | null | undefined
}

/** A file is longer than it may be. */
export interface FileTooLarge extends Error {
  /** Without its query, which holds a signature. */
  readonly url: string
  readonly maxBytes: number
  /** As the host tells it. */
  readonly size?: number | undefined
  readonly isRetryable: false
  readonly _tag: "FileTooLarge"
  readonly cause?: unknown
}

export interface FilesCreateParams {
  readonly file: FilesSource
  /** `file-extract` (at most 150 MB) or `batch` (at most 500 MB). */
  readonly purpose: string
}

export interface FilesListParams {
  /** Counted from 1. Default: 1. */
  readonly pageNo?: number | undefined
  /** Default: 10. */
  readonly pageSize?: number | undefined
}

/** A file to upload. */
export interface FilesSource {
  readonly name: string
  readonly content: string | Uint8Array<ArrayBuffer> | Blob
  /** Of the native form. */
  readonly description?: string | undefined
}

export interface FineTunesCreateParams {
  /** The model to train, or the id of an earlier output. */
  readonly model: string
  /** Ids of files with purpose `fine-tune` (see `Files`). */
  readonly trainingFileIds: ReadonlyArray<string>
  readonly validationFileIds?: ReadonlyArray<string> | undefined
  /** Under their wire names, such as `n_epochs`. */
  readonly hyperParameters?: {
    readonly [name: string]: unknown
  } | undefined
  /** Such as `sft` or `efficient_sft`. */
  readonly trainingType?: string | undefined
  readonly jobName?: string | undefined
  /** What the output will be called. */
  readonly modelName?: string | undefined
  /** Fields that have no name here, under their wire names. */
  readonly extra?: {
    readonly [name: string]: unknown
  } | undefined
}

export interface FineTunesListParams {
  /** Counted from 1. Default: 1. */
  readonly pageNo?: number | undefined
  /** Default: 10. */
  readonly pageSize?: number | undefined
}

/** Has what was given so far spoken at once, though its last sentence is not complete. */
export interface Flush {
  readonly _tag: "Flush"
}

/** A function that the model asks for. */
export interface FunctionCall {
  readonly callId: string
  readonly name: string
  /** JSON, as the model wrote it. */
  readonly arguments: string
}

/** What is said to the model. One of `messages`, `prompt` and `history` must not be empty. */
export interface GenerationInput {
  /** The conversation. With a `prompt` as well, that is appended as the user's message. */
  readonly messages?: ReadonlyArray<Message> | undefined
  /** A question without a conversation. */
  readonly prompt?: string | undefined
  /** The turns before `prompt`, in the service's older form. Not with `messages`. */
  readonly history?: ReadonlyArray<{
    readonly user: string
    readonly bot: string
  }> | undefined
  /** Needed for models named `bailian-…`. */
  readonly customizedModelId?: string | undefined
  /** Fields of `input` that this library does not know, under their wire names. They win over the others. */
  readonly extraInput?: {
    readonly [name: string]: unknown
  } | undefined
}

/** What the service answers. */
export interface GenerationOutput {
  /** Of qwen-deep-research, which has no choices; `research` reads it. */
  readonly message?: ResearchMessage | null | undefined
  /** The service's own spelling, and of no meaning so far: `false` and `"null"` in the last event too. */
  readonly fininshed?: boolean | null | undefined
  readonly fininshedReason?: string | null | undefined
  /** The answer, with `resultFormat: "text"`. */
  readonly text?: string | null | undefined
  /** The same as of the choices, with `resultFormat: "text"`. */
  readonly finishReason?: string | null | undefined
  readonly searchInfo?: SearchInfo | null | undefined
  readonly modelName?: string | null | undefined
  readonly toolInfo?: ReadonlyArray<ToolInfo> | null | undefined
  /** Of models that speak. */
  readonly audio?: ResultAudio | null | undefined
  /**
   * The answers; never empty. Where the service sent none (`resultFormat: "text"`), the one here is made of `text` and
   * `finishReason`, so that code that reads choices works for either format.
   */
  readonly choices: readonly [Choice, ...Array<Choice>]
}

/** How the model is to answer. */
export interface GenerationParameters {
  /**
   * Whether the answer comes in `output.choices` or in `output.text`. Default: `message`, which is always sent, since
   * the service's own default differs from model to model, and tools, thinking and search results exist only there.
   */
  readonly resultFormat?: "message" | "text" | undefined
  /** Randomness, from 0 to below 2. Default: the model's. */
  readonly temperature?: number | undefined
  /** Nucleus sampling, above 0 to 1. Default: the model's, typically 0.8. */
  readonly topP?: number | undefined
  /** Candidates per token, from 0; `null` or more than 100 turns it off. Default: the model's, mostly 20. */
  readonly topK?: number | null | undefined
  /** A whole number from 0, for answers that repeat. */
  readonly seed?: number | undefined
  /** The most tokens of the answer, thinking not counted. Default: the model's maximum. */
  readonly maxTokens?: number | undefined
  /** The same on newer models, thinking counted. */
  readonly maxCompletionTokens?: number | undefined
  /** An old limit that only the Java SDK still has. */
  readonly maxLength?: number | undefined
  /** Where to stop: texts, or token ids (a list of numbers, or of lists of numbers), never both. */
  readonly stop?: string | ReadonlyArray<string> | ReadonlyArray<number> | ReadonlyArray<ReadonlyArray<number>> | undefined
  /** Above 0; 1 is off. Default: the model's. */
  readonly repetitionPenalty?: number | undefined
  /** From -2 to 2. Default: the model's. */
  readonly presencePenalty?: number | undefined
  /** How many answers, 1 to 4; only on some models, and not with tools. Default: 1. */
  readonly n?: number | undefined
  /** For streams: whether each element holds only what is new, or all so far. Default: true. */
  readonly incrementalOutput?: boolean | undefined
  /** Thinking of hybrid models. Default: the model's; some models want `false` said in a call without streaming. */
  readonly enableThinking?: boolean | undefined
  /** The most tokens of thinking. Default: the model's maximum. */
  readonly thinkingBudget?: number | undefined
  /** Keep earlier `reasoningContent` in the context. Default: false. */
  readonly preserveThinking?: boolean | undefined
  /** How much some models think: `high` or `max`. */
  readonly reasoningEffort?: string | undefined
  /** For GLM models. */
  readonly clearThinking?: boolean | undefined
  /** Whether the model may search the web. Default: false. */
  readonly enableSearch?: boolean | undefined
  readonly searchOptions?: SearchOptions | undefined
  readonly tools?: ReadonlyArray<Tool> | undefined
  /** Default: `auto`. */
  readonly toolChoice?: ToolChoice | undefined
  /** Whether the model may ask for several calls at once. Default: false. */
  readonly parallelToolCalls?: boolean | undefined
  /** For streams of some models: send the arguments of tool calls bit by bit. */
  readonly toolStream?: boolean | undefined
  /** Default: `{ type: "text" }`. */
  readonly responseFormat?: ResponseFormat | undefined
  /** Answer with the log probabilities of the tokens. Default: false. */
  readonly logprobs?: boolean | undefined
  /** With those of so many alternatives, 0 to 5; needs `logprobs`. Default: 0. */
  readonly topLogprobs?: number | undefined
  /** Let the model run code, on some models. Default: false. */
  readonly enableCodeInterpreter?: boolean | undefined
  readonly translationOptions?: TranslationOptions | undefined
  /** Default: false. */
  readonly vlHighResolutionImages?: boolean | undefined
  /** Default: false. */
  readonly vlEnableImageHwOutput?: boolean | undefined
  /** Mix images from the search into the text. Default: false. */
  readonly enableTextImageMixed?: boolean | undefined
  /** `model_detailed_report` or `model_summary_report`, for qwen-deep-research. */
  readonly outputFormat?: string | undefined
}

/** All of it. */
export interface GenerationParams extends GenerationInput, GenerationParameters {
  /** Such as `qwen-plus`. */
  readonly model: string
  /** Plugins, as the service's configuration of them; sent as the header `X-DashScope-Plugin`. */
  readonly plugins?: string | {
    readonly [name: string]: unknown
  } | undefined
  /** Parameters that this library does not know, under their wire names. They win over the others. */
  readonly extra?: {
    readonly [name: string]: unknown
  } | undefined
}

/** A chat, with the parameters of `Generation`. The model may be one that `Generation` sends elsewhere. */
export interface GenerationRequest {
  /** What its result will be found by; each of a batch has its own. */
  readonly customId: string
  readonly generation: GenerationParams
}

/** An answer. */
export interface GenerationResult {
  readonly usage?: GenerationUsage | null | undefined
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | null | undefined
  /** True where the service hit its own time limit, and the answer is only what it had by then. */
  readonly isPartial?: boolean | undefined
  readonly output: GenerationOutput
}

/** What the answer cost, in tokens. In a stream each event has the sum so far. */
export interface GenerationUsage {
  readonly inputTokens?: number | null | undefined
  readonly outputTokens?: number | null | undefined
  readonly totalTokens?: number | null | undefined
  readonly imageTokens?: number | null | undefined
  readonly videoTokens?: number | null | undefined
  readonly audioTokens?: number | null | undefined
  /** How many pictures were made, and their size in pixels. */
  readonly imageCount?: number | null | undefined
  readonly width?: number | null | undefined
  readonly height?: number | null | undefined
  /** Of a recording that was recognised. */
  readonly seconds?: number | null | undefined
  /** Of a text that was spoken. */
  readonly characters?: number | null | undefined
  /** Read from the context cache, where a model counts them here and not in `promptTokensDetails`. */
  readonly cachedTokens?: number | null | undefined
  readonly inputTokensDetails?: {
    readonly textTokens?: number | null | undefined
    readonly imageTokens?: number | null | undefined
    readonly videoTokens?: number | null | undefined
    readonly audioTokens?: number | null | undefined
  } | null | undefined
  readonly outputTokensDetails?: {
    /** Of the thinking. */
    readonly reasoningTokens?: number | null | undefined
    readonly textTokens?: number | null | undefined
    readonly audioTokens?: number | null | undefined
  } | null | undefined
  readonly promptTokensDetails?: {
    /** Read from the context cache. */
    readonly cachedTokens?: number | null | undefined
    readonly cacheCreationInputTokens?: number | null | undefined
    readonly cacheType?: string | null | undefined
    readonly cacheCreation?: {
      readonly ephemeral5mInputTokens?: number | null | undefined
      readonly ephemeral1hInputTokens?: number | null | undefined
    } | null | undefined
  } | null | undefined
  /** How often plugins ran. */
  readonly plugins?: {
    readonly search?: {
      readonly count?: number | null | undefined
      readonly strategy?: string | null | undefined
    } | null | undefined
    readonly codeInterpreter?: {
      readonly count?: number | null | undefined
    } | null | undefined
  } | null | undefined
}

/** One host's share of a pool. */
export interface HostStats {
  /** Connections open: connecting, active, idle and closing. */
  readonly open: number
  readonly connecting: number
  readonly active: number
  readonly idle: number
  readonly closing: number
  /** Requests in flight: those that hold a permit. */
  readonly inFlight: number
  /** Requests that wait for a permit or a connection. */
  readonly waiting: number
  /** `open 3 (connecting 0, active 2, idle 1, closing 0), in flight 2, waiting 0`. */
  readonly toString: () => string
}

/** How words are to be said: each record has a word and its pinyin, or what is said in its place. */
export interface HotFix {
  readonly pronunciation?: ReadonlyArray<{
    readonly [name: string]: string
  }> | undefined
  readonly replace?: ReadonlyArray<{
    readonly [name: string]: string
  }> | undefined
}

/** A word or a phrase. */
export interface HotWord {
  readonly text: string
  /** How much it counts, from 1 to 5. */
  readonly weight?: number | null | undefined
  readonly lang?: string | null | undefined
}

/** A parameter that is left out is the service's default. */
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
  readonly hotFix?: {
    readonly [name: string]: unknown
  } | undefined
  /** Parameters that have no name here, under their wire names. */
  readonly extra?: {
    readonly [name: string]: unknown
  } | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: {
    readonly [name: string]: unknown
  } | undefined
}

/** An image, or a text between images. */
export interface ImageGenerationImagePart {
  /** `image` or `text`. */
  readonly type?: string | null | undefined
  /** A URL, good for 24 hours. */
  readonly image?: string | null | undefined
  readonly text?: string | null | undefined
}

/** A parameter that is left out is the model's default. A text for an image is its URL; local files and bytes are a `Media`. */
export interface ImageGenerationParams {
  /** Such as `wan2.6-t2i`, `wan2.7-image-pro`, `qwen-image-2.0` or `qwen-image-edit`. */
  readonly model: string
  /** What is to be seen, or done with the images. */
  readonly prompt: string
  /** Images to start from, numbered from 1 by the prompt: up to four for wan2.6-image, nine for wan2.7, three for qwen-image. */
  readonly images?: ReadonlyArray<string | Media.Media> | undefined
  /** How many. Default: 4 for wan models (12 with `enableSequential`), which cost as much as they are; 1 for others. */
  readonly n?: number | undefined
  /** Such as `1280*1280`; for newer models also `1K`, `2K` or `4K`. */
  readonly size?: string | undefined
  /** What is not to be seen. */
  readonly negativePrompt?: string | undefined
  readonly seed?: number | undefined
  /** Whether the service writes the prompt anew, with more detail. Default: true. */
  readonly promptExtend?: boolean | undefined
  /** How it does so, for qwen-image-3.0. */
  readonly promptExtendMode?: (string & {}) | "agent" | "direct" | undefined
  /** Default: false. */
  readonly watermark?: boolean | undefined
  /** Whether text and images alternate, for wan2.6-image: by `stream` or `submit`. Default: false. */
  readonly enableInterleave?: boolean | undefined
  /** The most images beside text, from 1 to 5. Default: 5. */
  readonly maxImages?: number | undefined
  /** For wan2.7. Default: true. */
  readonly thinkingMode?: boolean | undefined
  /** Whether the images are a series, for wan2.7. Default: false. */
  readonly enableSequential?: boolean | undefined
  /** For each image up to two boxes, each `[left, top, right, bottom]`; for wan2.7. */
  readonly bboxList?: ReadonlyArray<ReadonlyArray<ReadonlyArray<number>>> | undefined
  /** From three to ten colors and their parts, such as `{ hex: "#C2D1E6", ratio: "25.00%" }`; for wan2.7. */
  readonly colorPalette?: ReadonlyArray<{
    readonly hex: string
    readonly ratio: string
  }> | undefined
  /** Parameters that have no name here, under their wire names. */
  readonly extra?: {
    readonly [name: string]: unknown
  } | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: {
    readonly [name: string]: unknown
  } | undefined
}

/** An answer, or an element of a stream. */
export interface ImageGenerationResult {
  readonly output: {
    readonly choices?: ReadonlyArray<{
      /** The text `"null"` in a stream, until the last. */
      readonly finishReason?: string | null | undefined
      readonly message?: {
        readonly role?: string | null | undefined
        readonly content?: ReadonlyArray<ImageGenerationImagePart> | null | undefined
      } | null | undefined
    }> | null | undefined
    /** Whether this is all, in a stream. */
    readonly finished?: boolean | null | undefined
    /** Of qwen-image-3.0: what became of the prompt. */
    readonly rewriteStatus?: unknown
    /** Of qwen-image-max and -plus. */
    readonly taskMetric?: TaskMetrics | null | undefined
  }
  readonly usage?: ImageGenerationUsage | null | undefined
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | null | undefined
}

/** The same of a task. */
export interface ImageGenerationTaskResult {
  readonly output: {
    readonly taskId?: string | null | undefined
    /** A `TaskStatus`, or one that is newer than this library. */
    readonly taskStatus: string
    readonly submitTime?: string | null | undefined
    readonly scheduledTime?: string | null | undefined
    readonly endTime?: string | null | undefined
    readonly taskMetrics?: TaskMetrics | null | undefined
    /** Why the task failed. */
    readonly code?: string | null | undefined
    readonly message?: string | null | undefined
    readonly choices?: ReadonlyArray<{
      /** The text `"null"` in a stream, until the last. */
      readonly finishReason?: string | null | undefined
      readonly message?: {
        readonly role?: string | null | undefined
        readonly content?: ReadonlyArray<ImageGenerationImagePart> | null | undefined
      } | null | undefined
    }> | null | undefined
    /** Whether this is all, in a stream. */
    readonly finished?: boolean | null | undefined
    /** Of qwen-image-3.0: what became of the prompt. */
    readonly rewriteStatus?: unknown
    /** Of qwen-image-max and -plus. */
    readonly taskMetric?: TaskMetrics | null | undefined
  }
  readonly usage?: ImageGenerationUsage | null | undefined
  /** Of the last question. Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | null | undefined
}

export interface ImageGenerationUsage {
  readonly imageCount?: number | null | undefined
  /** Such as `1280*1280`. */
  readonly size?: string | null | undefined
  readonly inputTokens?: number | null | undefined
  readonly outputTokens?: number | null | undefined
  readonly totalTokens?: number | null | undefined
  readonly width?: number | null | undefined
  readonly height?: number | null | undefined
  readonly outputWidth?: number | null | undefined
  readonly outputHeight?: number | null | undefined
  readonly inputImageCount?: number | null | undefined
  readonly inputImageType?: string | null | undefined
  readonly outputImageCount?: number | null | undefined
  readonly outputImageType?: string | null | undefined
}

export interface ImageOptions extends PartOptions {
  /** Smaller pictures are enlarged to so many pixels. */
  readonly minPixels?: string | number | undefined
  /** Larger pictures are reduced to so many pixels. */
  readonly maxPixels?: string | number | undefined
  /** Whether a picture that lies on its side is turned; for OCR. Default: false. */
  readonly enableRotate?: boolean | undefined
}

/** An image, or why there is none (`errorOf`): some may fail where others are there. */
export interface ImageResult {
  /** Good for 24 hours. */
  readonly url?: string | null | undefined
  readonly origPrompt?: string | null | undefined
  /** The prompt as the service wrote it anew. */
  readonly actualPrompt?: string | null | undefined
  /** Such as `DataInspectionFailed`. */
  readonly code?: string | null | undefined
  readonly message?: string | null | undefined
}

/** A parameter that is left out is the model's default. A text for an image is its URL; local files and bytes are a `Media`. */
export interface ImageSynthesisParams {
  /** Such as `wan2.2-t2i-flash`, `wanx2.1-imageedit`, `wan2.5-i2i-preview` or `qwen-image-plus`. */
  readonly model: string
  /** What is to be seen, or done with an image. */
  readonly prompt: string
  /** What is not to be seen. */
  readonly negativePrompt?: string | undefined
  /** For wan2.5-i2i, up to three. */
  readonly images?: ReadonlyArray<string | Media.Media> | undefined
  /** For edits. */
  readonly function?: EditFunction | undefined
  readonly baseImageUrl?: string | Media.Media | undefined
  /** White where the image is to be changed. */
  readonly maskImageUrl?: string | Media.Media | undefined
  /** An image whose style or content is followed, for wanx-v1. */
  readonly refImg?: string | Media.Media | undefined
  readonly sketchImageUrl?: string | Media.Media | undefined
  /** How many. Default: 4 for wan2 models, which cost as much as they are. */
  readonly n?: number | undefined
  /** Such as `1024*1024`. */
  readonly size?: string | undefined
  readonly seed?: number | undefined
  readonly steps?: number | undefined
  readonly scale?: number | undefined
  /** For wanx-v1, such as `<sketch>`. */
  readonly style?: string | undefined
  /** Whether the service writes the prompt anew, with more detail. Default: true. */
  readonly promptExtend?: boolean | undefined
  /** Default: false. */
  readonly watermark?: boolean | undefined
  readonly refStrength?: number | undefined
  readonly refMode?: (string & {}) | "refonly" | "repaint" | undefined
  readonly maskColor?: ReadonlyArray<ReadonlyArray<number>> | undefined
  /** How much an edit changes, from 0 to 1. */
  readonly strength?: number | undefined
  /** For `expand`, from 1 to 2. */
  readonly topScale?: number | undefined
  readonly bottomScale?: number | undefined
  readonly leftScale?: number | undefined
  readonly rightScale?: number | undefined
  /** For `super_resolution`, from 1 to 4. */
  readonly upscaleFactor?: number | undefined
  /** For `doodle`: whether the image is a sketch already. */
  readonly isSketch?: boolean | undefined
  /** Parameters that have no name here, under their wire names. */
  readonly extra?: {
    readonly [name: string]: unknown
  } | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: {
    readonly [name: string]: unknown
  } | undefined
}

/** The images of a task. */
export interface ImageSynthesisResult {
  readonly output: {
    readonly taskId?: string | null | undefined
    /** A `TaskStatus`, or one that is newer than this library. */
    readonly taskStatus: string
    readonly submitTime?: string | null | undefined
    readonly scheduledTime?: string | null | undefined
    readonly endTime?: string | null | undefined
    readonly taskMetrics?: TaskMetrics | null | undefined
    /** Why the task failed. */
    readonly code?: string | null | undefined
    readonly message?: string | null | undefined
    readonly results?: ReadonlyArray<ImageResult> | null | undefined
    readonly startTime?: string | null | undefined
    readonly styleIndex?: number | null | undefined
    /** 0 where all went well. */
    readonly errorCode?: number | null | undefined
    /** `Success` where all went well. */
    readonly errorMessage?: string | null | undefined
  }
  readonly usage?: ImageSynthesisUsage | null | undefined
  /** Of the last question. Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | null | undefined
}

export interface ImageSynthesisUsage {
  readonly imageCount?: number | null | undefined
  readonly size?: string | null | undefined
}

/** An image by its URL. */
export interface ImageUrlPart {
  readonly type: "image_url"
  readonly imageUrl: {
    readonly url: string
    readonly detail?: string | undefined
  }
  readonly cacheControl?: CacheControl | undefined
}

/** A file of requests, as it was uploaded. It is plain data, and any number of batches can be created from it. */
export interface InputFile {
  /** The service's id of the file. */
  readonly id: string
  readonly endpoint: string
  readonly model: string
  /** How many requests it has. */
  readonly requests: number
  /** Their size. */
  readonly bytes: number
  /** Of the upload. Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | null | undefined
}

/** The input is empty, not sendable, or contradicts itself. Checked before any I/O. */
export interface InputRequired extends Error {
  /** The field to fix, by the name the caller used. */
  readonly field: string
  readonly description: string
  readonly isRetryable: false
  readonly _tag: "InputRequired"
  readonly cause?: unknown
}

export interface InputTranscription {
  /** Null for none. Of `asr` it is the model of the session. */
  readonly model?: string | null | undefined
  /** Such as `zh`. */
  readonly language?: string | undefined
  /** Of `asr`: a text with names and terms that may occur. */
  readonly corpus?: {
    readonly text: string
  } | undefined
}

/** What comes of an interpreter: what it heard, what that is in the other language, and how that sounds. */
export type Interpreted = {
  readonly _tag: "Heard"
  readonly transcript: RealtimeTranscript
} | {
  readonly _tag: "Translation"
  readonly responseId: string
  readonly itemId: string
  /** Of what it is the translation, where the service says it. */
  readonly sourceItemId: string | undefined
  /** What is certain. */
  readonly text: string
  /** A draft of what follows; show it after `text`, and replace both with the next. */
  readonly stash: string
  /** Whether nothing follows. */
  readonly isFinal: boolean
} | {
  readonly _tag: "Audio"
  readonly responseId: string
  readonly audio: Uint8Array
}

/** The model answered, and not with the object that was asked for. */
export interface InvalidObject extends Error {
  readonly reason: "DoesNotFit" | "Empty" | "NotJson" | "Truncated"
  /** What does not fit, and where, with the values found there. Empty where nothing came. */
  readonly description: string
  /** Where, such as `stops[0].city`. */
  readonly paths: ReadonlyArray<string>
  /** The answer's text, cut after 4000 characters. */
  readonly text: string
  /** As the service gave it: `stop`, `length`. */
  readonly finishReason?: string | undefined
  /** How often the model was asked. */
  readonly attempts: number
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | undefined
  readonly isRetryable: false
  readonly _tag: "InvalidObject"
  readonly cause?: unknown
}

/** A part of an item: what was said, by either side. */
export interface ItemContent {
  /** `input_audio`, `input_text`, `audio` or `text`. */
  readonly type?: string | null | undefined
  readonly text?: string | null | undefined
  readonly transcript?: string | null | undefined
}

/** A job. */
export interface Job {
  readonly jobId?: string | null | undefined
  readonly jobName?: string | null | undefined
  /** `PENDING`, `RUNNING`, then `SUCCEEDED`, `FAILED` or `CANCELED`. */
  readonly status?: string | null | undefined
  /** The model that came of it. */
  readonly finetunedOutput?: string | null | undefined
  readonly model?: string | null | undefined
  readonly baseModel?: string | null | undefined
  readonly trainingFileIds?: ReadonlyArray<string> | null | undefined
  readonly validationFileIds?: ReadonlyArray<string> | null | undefined
  /** Under their wire names. */
  readonly hyperParameters?: unknown
  readonly trainingType?: string | null | undefined
  readonly createTime?: string | null | undefined
  readonly endTime?: string | null | undefined
  /** Why it failed. */
  readonly code?: string | null | undefined
  readonly message?: string | null | undefined
}

/** One page of a list. */
export interface JobPage {
  readonly output?: {
    readonly jobs?: ReadonlyArray<Job> | null | undefined
    /** Of `outputs`. */
    readonly finetunedOutputs?: ReadonlyArray<Job> | null | undefined
    readonly pageNo?: number | null | undefined
    readonly pageSize?: number | null | undefined
    readonly total?: number | null | undefined
  } | null | undefined
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | null | undefined
}

export interface JobResult {
  readonly output?: Job | null | undefined
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | null | undefined
}

export interface ListCompatibleParams {
  /** The id of the file after which the page begins. */
  readonly after?: string | undefined
  readonly limit?: number | undefined
  readonly purpose?: string | undefined
  /** As `YYYYMMDD` or `YYYYMMDDhhmmss`. */
  readonly createAfter?: string | undefined
  /** As `createAfter`. */
  readonly createBefore?: string | undefined
}

export interface LogsParams {
  readonly jobId: string
  /** The first line, counted from 1. Default: 1. */
  readonly offset?: number | undefined
  /** How many lines. Default: 1000. */
  readonly line?: number | undefined
}

export interface LogsResult {
  readonly output?: {
    readonly logs?: ReadonlyArray<string> | null | undefined
    readonly total?: number | null | undefined
  } | null | undefined
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | null | undefined
}

/** Which kind of voices: those of `create`, `clone` and `design`, in this order. */
export type Maker = "qwen-voice-design" | "qwen-voice-enrollment" | "voice-enrollment"

/** What a video is made from, for wan2.7 and newer. */
export interface MediaItem {
  readonly type: (string & {}) | "driving_audio" | "file" | "first_clip" | "first_frame" | "last_frame" | "link" | "reference_audio" | "reference_image" | "reference_video" | "reference_voice" | "video"
  /** A text is a URL; local files and bytes are a `Media`. */
  readonly url: string | Media.Media
  readonly referenceVoice?: string | Media.Media | undefined
  readonly referenceDescription?: string | undefined
}

/** Any message of a conversation. */
export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage | OtherMessage

/** A model, as the service describes it; which fields there are varies. */
export interface Model {
  readonly model?: string | null | undefined
  readonly name?: string | null | undefined
  readonly description?: string | null | undefined
  readonly source?: string | null | undefined
  readonly provider?: string | null | undefined
  readonly opensource?: boolean | null | undefined
}

/** One page of the list. */
export interface ModelPage {
  readonly output: {
    readonly models?: ReadonlyArray<Model> | null | undefined
    readonly pageNo?: number | null | undefined
    readonly pageSize?: number | null | undefined
    readonly total?: number | null | undefined
  }
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | null | undefined
}

/** What one of the models cost that an application asked. */
export interface ModelUsage {
  readonly modelId?: string | null | undefined
  readonly inputTokens?: number | null | undefined
  readonly outputTokens?: number | null | undefined
}

export interface ModelsListParams {
  /** Counted from 1. Default: 1. */
  readonly pageNo?: number | undefined
  /** Default: 10. */
  readonly pageSize?: number | undefined
  /** Only the one of this name. */
  readonly model?: string | undefined
}

/** What the model said, or the beginning of what it is to say (`partial`). */
export interface MultiModalAssistantMessage extends Omit<AssistantMessage, "content"> {
  readonly content: MultiModalContent | null
}

/** What a message says: text, or parts. Text and pictures of `Message` are sent as parts of this path. */
export type MultiModalContent = string | ReadonlyArray<TextPart | ImageUrlPart | DocUrlPart | OtherPart | MultiModalTextPart | MultiModalImagePart | VideoPart | AudioPart>

/**
 * What a vector is of. Several in one object make one vector of all of them, where the model can; in separate objects each has its
 * own.
 */
export interface MultiModalEmbeddingContent {
  readonly text?: string | undefined
  /** A URL, or a file or bytes. */
  readonly image?: string | Media.Media | undefined
  /** A URL, or a file or bytes. */
  readonly audio?: string | Media.Media | undefined
  /** A URL, or a file or bytes; some models take only URLs. */
  readonly video?: string | Media.Media | undefined
  /** Images that belong together; at most 8. */
  readonly multiImages?: ReadonlyArray<string | Media.Media> | undefined
  /** Its weight in a vector of several; for the oldest model. */
  readonly factor?: number | undefined
}

/** A parameter that is left out is the service's default. */
export interface MultiModalEmbeddingParams {
  /** Such as `tongyi-embedding-vision-plus` or `qwen3-vl-embedding`. */
  readonly model: string
  readonly contents: ReadonlyArray<MultiModalEmbeddingContent>
  /** The length of the vectors; which there are depends on the model. */
  readonly dimension?: number | undefined
  /** Default: `dense`. */
  readonly outputType?: string | undefined
  /** What the vectors are for, in English. */
  readonly instruct?: string | undefined
  /** Whether all contents together make one vector; for qwen3-vl-embedding. Default: false. */
  readonly enableFusion?: boolean | undefined
  /** How densely videos are sampled, from 0 to 1. */
  readonly fps?: number | undefined
  /** How finely images are seen, from 0 to 3. */
  readonly resLevel?: number | undefined
  /** At most 64. */
  readonly maxVideoFrames?: number | undefined
  /** Whether what is too long is cut; for the oldest model. */
  readonly autoTruncation?: boolean | undefined
  /** Parameters that have no name here, under their wire names. */
  readonly extra?: {
    readonly [name: string]: unknown
  } | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: {
    readonly [name: string]: unknown
  } | undefined
}

/** An answer. */
export interface MultiModalEmbeddingResult {
  readonly output: {
    readonly embeddings?: ReadonlyArray<MultiModalVector> | null | undefined
    /** The one vector of the oldest model (`multimodal-embedding-one-peace-v1`). */
    readonly embedding?: ReadonlyArray<number> | null | undefined
  }
  readonly usage?: MultiModalEmbeddingUsage | null | undefined
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | null | undefined
}

export interface MultiModalEmbeddingUsage {
  readonly inputTokens?: number | null | undefined
  readonly totalTokens?: number | null | undefined
  readonly imageTokens?: number | null | undefined
  readonly imageCount?: number | null | undefined
  /** Of videos and audio, in seconds. */
  readonly duration?: number | null | undefined
}

/** A picture. */
export interface MultiModalImagePart extends ImageOptions {
  readonly image: MultiModalSource
}

/** What is said to the model: `messages`, or a `prompt`, or both; for speech synthesis a `text` instead. */
export interface MultiModalInput {
  /** The conversation, with messages of `MultiModalMessage` and of `Message`. */
  readonly messages?: ReadonlyArray<MultiModalMessage> | undefined
  /** What a speech model (qwen-tts) is to speak. Not with messages. */
  readonly text?: string | undefined
  /** Who speaks `text`, such as `Cherry`. */
  readonly voice?: string | undefined
  /** The language of `text`, such as `Chinese` or `English`. Default: `Auto`. */
  readonly languageType?: string | undefined
  /** How `text` is to be spoken, in words; for the instruct models. */
  readonly instructions?: string | undefined
  /** Whether the service improves the `instructions`. Default: false. */
  readonly optimizeInstructions?: boolean | undefined
  /** A question without a conversation. */
  readonly prompt?: string | undefined
  /** The turns before `prompt`, in the service's older form. Not with `messages`. */
  readonly history?: ReadonlyArray<{
    readonly user: string
    readonly bot: string
  }> | undefined
  /** Fields of `input` that this library does not know, under their wire names. They win over the others. */
  readonly extraInput?: {
    readonly [name: string]: unknown
  } | undefined
}

/** Any message of a conversation, those of `Message` included. */
export type MultiModalMessage = MultiModalSystemMessage | MultiModalUserMessage | MultiModalAssistantMessage | MultiModalToolMessage | MultiModalOtherMessage

/** The roles that only some models and the older official SDKs use. */
export interface MultiModalOtherMessage extends Omit<OtherMessage, "content"> {
  readonly content: MultiModalContent
}

/** How the model is to answer: what text generation takes too, and what is of pictures, sound and speech. */
export interface MultiModalParameters extends Omit<GenerationParameters, "maxLength" | "outputFormat" | "resultFormat" | "translationOptions"> {
  /** Answers have the message format here, whatever is said; sent where it is given. */
  readonly resultFormat?: "message" | undefined
  /** What an OCR model is to read. */
  readonly ocrOptions?: OcrOptions | undefined
  /** What the answer is made of, such as `["text", "audio"]`. Audio is for streams only. */
  readonly modalities?: ReadonlyArray<string> | undefined
  /** How an omni model speaks. */
  readonly audio?: AudioOptions | undefined
  /** How a recording is recognised (qwen3-asr-flash). */
  readonly asrOptions?: AsrOptions | undefined
  /** Of the recording (qwen-audio-3.0-asr-flash, fun-asr-flash): such as `wav`. */
  readonly format?: string | undefined
  /** Of the recording, in Hz (qwen-audio-3.0-asr-flash, fun-asr-flash). */
  readonly sampleRate?: string | number | undefined
  /** Words to be recognised well, with their weights (qwen-audio-3.0-asr-flash, fun-asr-flash). */
  readonly vocabulary?: {
    readonly [name: string]: number
  } | undefined
  /** Of pictures that are made, in pixels, such as `1664*928`. */
  readonly size?: string | undefined
  /** What is not to be in a picture that is made. */
  readonly negativePrompt?: string | undefined
  /** Whether the service elaborates the prompt of a picture. Default: true. */
  readonly promptExtend?: boolean | undefined
  /** Whether a picture is marked as made by a model. Default: false. */
  readonly watermark?: boolean | undefined
}

/** All of it. */
export interface MultiModalParams extends MultiModalInput, MultiModalParameters {
  /** Such as `qwen3-vl-plus`, `qwen3.6-plus` or `qwen3-tts-flash`. */
  readonly model: string
  /** Plugins, as the service's configuration of them; sent as the header `X-DashScope-Plugin`. */
  readonly plugins?: string | {
    readonly [name: string]: unknown
  } | undefined
  /** Parameters that this library does not know, under their wire names. They win over the others. */
  readonly extra?: {
    readonly [name: string]: unknown
  } | undefined
}

/** A picture, a video or a sound: where it is, or itself. A text is a URL (`https://`, `oss://`, `data:`) and is sent as it is. */
export type MultiModalSource = string | Media.Media

/** Tells the model how to behave. For speech recognition, its text is the context of the recording. */
export interface MultiModalSystemMessage extends Omit<SystemMessage, "content"> {
  readonly content: MultiModalContent
}

/** A piece of text. */
export interface MultiModalTextPart extends PartOptions {
  readonly text: string
}

/** The result of a tool call. */
export interface MultiModalToolMessage extends Omit<ToolMessage, "content"> {
  readonly content: MultiModalContent
}

/** What the user says and shows. */
export interface MultiModalUserMessage extends Omit<UserMessage, "content"> {
  readonly content: MultiModalContent
}

/** The vector of one content. */
export interface MultiModalVector {
  /** Which of the contents it is of. */
  readonly index?: number | null | undefined
  readonly embedding: ReadonlyArray<number>
  /** Such as `text`, `image`, `video` or `fusion`. */
  readonly type?: string | null | undefined
}

/** No API key was found. Fails a call before anything is sent. */
export interface NoApiKey extends Error {
  readonly isRetryable: false
  readonly _tag: "NoApiKey"
  /** The places that were searched, in order, each with why it had none. */
  readonly lookedIn: ReadonlyArray<string>
  readonly cause?: unknown
}

/** How `Generation.callObject` goes about it, besides the options of each of its calls. */
export interface ObjectOptions extends CallOptions {
  /**
   * `json_schema` has the service keep to the JSON Schema. Many models have only `json_object`, for any JSON; the JSON
   * Schema is then written into the system message. Default: `json_schema`.
   */
  readonly format?: "json_object" | "json_schema" | undefined
  /** The object's name, of `A-Z a-z 0-9 _ -`. Default: `answer`. */
  readonly name?: string | undefined
  /** What the object is. Default: description. */
  readonly description?: string | undefined
  /**
   * Whether the system message is to show the JSON Schema. Default: with `json_object` only. Where this is false, and
   * no message has the word "json", which the service insists on, the system message asks for a JSON object and says
   * no more.
   */
  readonly describe?: boolean | undefined
  /**
   * How often the model may try again, shown its answer and what is wrong with it. An answer cut short is not tried
   * again, as it would be cut short again. Default: 0.
   */
  readonly repair?: number | undefined
}

/** The object, and where it came from. */
export interface ObjectResult<A> {
  readonly value: A
  /** The answer that the value is made of. */
  readonly result: GenerationResult
  /** How often the model was asked. */
  readonly attempts: number
  /** What all attempts cost; that of `result` is the last one's only. */
  readonly usage: Usage
}

/** What an OCR model is to read. */
export interface OcrOptions {
  /**
   * `key_information_extraction`, `text_recognition`, `table_parsing`, `document_parsing`, `formula_recognition`,
   * `multi_lan` or `advanced_recognition`.
   */
  readonly task?: string | undefined
  readonly taskConfig?: {
    /** For `key_information_extraction`: the fields, each with a description, or fields of its own. */
    readonly resultSchema?: {
      readonly [name: string]: unknown
    } | undefined
  } | undefined
}

/** What an OCR model read. */
export interface OcrResult {
  /** Of `key_information_extraction`: the fields that were asked for, with what was found. */
  readonly kvResult?: unknown
  /** Of `advanced_recognition`: the lines. */
  readonly wordsInfo?: ReadonlyArray<OcrWords> | null | undefined
}

/** A line that was read, and where it stands, in pixels. */
export interface OcrWords {
  readonly text?: string | null | undefined
  /** The corners: x and y of each, clockwise from the upper left. */
  readonly location?: ReadonlyArray<number> | null | undefined
  /** The same as a rectangle that is turned: x and y of its middle, width, height, angle in degrees. */
  readonly rotateRect?: ReadonlyArray<number> | null | undefined
}

/** The roles that only some models and the older official SDKs use. */
export interface OtherMessage {
  readonly role: "attachment" | "bot" | "function"
  readonly content: Content
  readonly name?: string | undefined
}

/** A part of a type that this library does not name; `part` makes one. */
export interface OtherPart {
  readonly type: "other"
  /** The part as it is sent, with its own `type`. */
  readonly part: {
    readonly [name: string]: unknown
  }
}

/** What every part may have beside what it is. */
export interface PartOptions {
  /** Marks the end of a prefix that the service should cache. */
  readonly cacheControl?: CacheControl | undefined
}

/** What a run had done when an error ended it: all rounds but the one that failed. */
export interface PartialRun<M = Message> {
  /**
   * The conversation up to the last question, with the results of all tools that were asked for before it: to go on from
   * without running them again.
   */
  readonly messages: ReadonlyArray<M>
  /** How many rounds are done. */
  readonly rounds: number
  /** What they cost. */
  readonly usage: Usage
}

/** A sound of a word. */
export interface Phoneme {
  readonly text?: string | null | undefined
  /** In milliseconds. */
  readonly beginTime?: number | null | undefined
  /** In milliseconds. */
  readonly endTime?: number | null | undefined
  readonly tone?: number | null | undefined
}

/** `maximumPendingRequests` requests are waiting already; this one was refused at once. */
export interface PoolExhausted extends Error {
  readonly maximumPendingRequests: number
  readonly pool: PoolNumbers
  readonly isRetryable: true
  readonly _tag: "PoolExhausted"
  readonly cause?: unknown
}

/** A pool's numbers at the moment of a failure. */
export interface PoolNumbers {
  /** Connections open in all: connecting, active, idle and closing. */
  readonly open: number
  readonly connecting: number
  readonly active: number
  readonly idle: number
  readonly closing: number
  /** Requests waiting for a permit or a connection. */
  readonly waiting: number
  readonly connectionPoolSize: number
  readonly maximumAsyncRequests: number
  readonly maximumAsyncRequestsPerHost: number
  /** `open 8/8 (connecting 0, active 8, idle 0, closing 0), waiting 12`. */
  readonly toString: () => string
}

/** A pool's numbers: now, in all and per host (by origin), and since it was made. */
export interface PoolStats {
  /** Connections open: connecting, active, idle and closing. */
  readonly open: number
  readonly connecting: number
  readonly active: number
  readonly idle: number
  readonly closing: number
  /** Requests in flight: those that hold a permit. */
  readonly inFlight: number
  /** Requests that wait for a permit or a connection. */
  readonly waiting: number
  readonly hosts: {
    readonly [name: string]: HostStats
  }
  /** Connections that were established. */
  readonly opened: number
  /** Permits given out. */
  readonly acquired: number
  /** Of those, requests sent over a connection that had carried one before. */
  readonly reused: number
  /** Requests that had to wait before they were sent or given up. */
  readonly waited: number
  /** Requests that waited longer than `acquireTimeout`. */
  readonly timedOut: number
  /** Requests refused with `PoolExhausted`. */
  readonly rejected: number
  /** Requests sent once more, since their reused connection was dead. */
  readonly resent: number
  readonly closed: {
    readonly idle: number
    readonly lifetime: number
    readonly peer: number
    readonly error: number
    readonly aborted: number
    readonly shutdown: number
    readonly evicted: number
    readonly ended: number
  }
  /** How long requests waited for a permit and a connection. */
  readonly wait: {
    readonly p50: DurationValue
    readonly p90: DurationValue
    readonly p99: DurationValue
    readonly max: DurationValue
  }
  /** How long requests held their permit. */
  readonly use: {
    readonly p50: DurationValue
    readonly p90: DurationValue
    readonly p99: DurationValue
    readonly max: DurationValue
  }
  /** The pool on one line, and a line for each host if there are several. */
  readonly toString: () => string
}

/**
 * - `interactive`: somebody waits for the answer.
 * - `batch`: it may be later. Where both wait in a process, one in ten turns is a batch's, so that it goes on.
 */
export type Priority = "batch" | "interactive"

/** How far a download is, in bytes. `total` is missing where the host does not tell it. */
export interface Progress {
  readonly received: number
  readonly total: number | undefined
}

/** What a proxy is given as, where a URL does not say all. */
export interface ProxyInput {
  /** `http://host:port` or `https://host:port`. Credentials in it are moved to `username` and `password`. */
  readonly url: string
  readonly username?: string | undefined
  readonly password?: string | undefined
  /**
   * Hosts to reach directly: `example.com` (and its subdomains), `10.0.0.1`, `10.0.0.0/8`, `[fd00::]/8`, each with a port
   * where only that is meant (`host:8080`), or `*`.
   */
  readonly noProxy?: ReadonlyArray<string> | undefined
}

/**
 * One quota. Each of its limits holds by itself; a call goes when all limits of all quotas that count it have room.
 *
 * A limit per minute is spent evenly: at once goes at most what flows in within `burst`, so that no minute holds more than the
 * limit, wherever it begins. The service does likewise: it counts by the second too.
 *
 * Source: "Rate limits" (by root account and model: all keys, workspaces and RAM users together).
 */
export interface Quota {
  /**
   * Which models it counts: names, or beginnings of names with a `*` behind. Default: all. What has no model (files, questions
   * about tasks, uploads) is never counted, unless `per` is a function.
   */
  readonly models?: string | ReadonlyArray<string> | undefined
  /** Which workspace it counts. Default: all. */
  readonly workspace?: string | undefined
  /**
   * What has a bucket of its own. `model`: each model, as the service counts. `workspace`: each workspace. `account`: all that
   * this quota counts together. A function names the bucket of a call, and gives `undefined` for one that is not counted.
   * Default: `model`.
   */
  readonly per?: "account" | "model" | "workspace" | ((call: RateLimitCall) => string | undefined) | undefined
  readonly requestsPerSecond?: number | undefined
  /** RPM. */
  readonly requestsPerMinute?: number | undefined
  readonly tokensPerSecond?: number | undefined
  /** TPM: input and output together. */
  readonly tokensPerMinute?: number | undefined
  /** How many calls may run at once. A stream runs until it ends. */
  readonly concurrency?: number | undefined
  /**
   * How much of a minute's limit may be spent at once, as a time: what is spent so is missing from the even flow. At most half a
   * minute. Of limits per second it is a sixtieth of a second, and one request at least. Default: 1 second.
   */
  readonly burst?: Duration | undefined
  /** The share of each limit that is not used: requests do not arrive as evenly as they are sent. From 0 to below 1. Default: 0.01. */
  readonly headroom?: number | undefined
}

/** Where an application looks for what it knows. */
export interface RagOptions {
  /** The knowledge bases. */
  readonly pipelineIds?: ReadonlyArray<string> | undefined
  readonly fileIds?: ReadonlyArray<string> | undefined
  readonly tags?: ReadonlyArray<string> | undefined
  readonly metadataFilter?: {
    readonly [name: string]: unknown
  } | undefined
  readonly structuredFilter?: {
    readonly [name: string]: unknown
  } | undefined
  /** Files of this session alone. */
  readonly sessionFileIds?: ReadonlyArray<string> | undefined
}

/** A document's score. */
export interface Ranked {
  /** Which of the request's documents. */
  readonly index: number
  /** From 0 to 1. */
  readonly relevanceScore: number
  /** With `returnDocuments`. */
  readonly document?: {
    readonly text?: string | null | undefined
    readonly image?: string | null | undefined
    readonly video?: string | null | undefined
  } | null | undefined
}

/** What a quota may look at to say which bucket a call belongs to. */
export interface RateLimitCall {
  /** Nothing for a request without a model: files, tasks that are asked for, and the like. */
  readonly model: string | undefined
  /** The call's, or else the layer's. */
  readonly workspace: string | undefined
  /** Such as `/services/aigc/text-generation/generation`. */
  readonly path: string
}

/**
 * A limit of `RateLimit` did not let the call through; nothing was sent. A refusal of the service itself is an `ApiError` of
 * reason `RateLimited`.
 */
export interface RateLimitExceeded extends Error {
  readonly reason: "Deadline" | "QueueFull" | "StoreUnavailable"
  /** The bucket, such as `qwen-plus`. */
  readonly key: string
  /** How many calls of this process wait for it. */
  readonly waiting: number
  /** For `Deadline`: how long the call would wait at least, and how long it may. */
  readonly wait?: DurationValue | undefined
  readonly mostWait?: DurationValue | undefined
  /** A queue gets shorter; what is too late stays too late. */
  readonly isRetryable: boolean
  readonly _tag: "RateLimitExceeded"
  readonly cause?: unknown
}

export interface RateLimitOptions {
  /** At least one. */
  readonly quotas: ReadonlyArray<Quota>
  /**
   * What shares the quotas: all limiters with the same name over the same store. It becomes the namespace of the store's keys.
   * Default: `default`.
   */
  readonly account?: string | undefined
  /** How many calls may wait for each bucket; one more fails at once with `RateLimitExceeded`. Default: 10,000. */
  readonly maxWaiting?: number | undefined
  /** The longest that a call waits, beside its own `timeout`. One that would wait longer fails at once. Default: no limit. */
  readonly maxWait?: Duration | undefined
  /**
   * How many tokens an answer is taken for until the model has given some, where the call has no `maxTokens`; then it is what
   * answers had so far, at most `maxTokens`. Default: 500.
   */
  readonly outputTokens?: number | undefined
  /** How long nothing is sent after a 429 that does not say; it doubles from one to the next, up to a minute. Default: 1 second. */
  readonly pause?: Duration | undefined
  /** The longest pause that a 429 can ask for. Default: 1 minute. */
  readonly maxPause?: Duration | undefined
  /**
   * How long the place of a call counts that runs at once with others, where its process is gone. While it lives, places are
   * renewed. Default: 1 minute.
   */
  readonly lease?: Duration | undefined
}

export interface RealtimeAudioFormat {
  /** `pcm`; for some models also `wav`, `opus` or `mp3`. Default: `pcm`. */
  readonly type?: string | undefined
  /** In Hz. Default: 16000 for input, 24000 for output. */
  readonly sampleRate?: number | undefined
}

/**
 * What happens in a conversation, beside its audio.
 *
 * - `Heard`: more of what the user says is known.
 * - `Said`: more of what the model says is known: `delta` is new, `text` the whole so far.
 * - `ResponseDone`: a response is complete, or was ended; its audio is not kept.
 * - `Interrupted`: the user spoke, or `interrupt` was run. The audio of these responses that was not taken has been dropped:
 *   `droppedBytes`. Drop what a player still holds.
 * - `ToolCallStarted`, `ToolCallFinished`: a pair for each call. `content` is what the model is told, and `outcome` whether that
 *   is the result, the fault of the call, or the failure of the handler.
 * - `Server`: every other event of the service.
 */
export type RealtimeConversationEvent = {
  readonly _tag: "Heard"
  readonly transcript: RealtimeTranscript
} | {
  readonly _tag: "Said"
  readonly responseId: string
  readonly delta: string
  readonly text: string
  readonly isFinal: boolean
} | {
  readonly _tag: "ResponseDone"
  readonly response: RealtimeResponse
} | {
  readonly _tag: "Interrupted"
  readonly responseIds: ReadonlyArray<string>
  readonly droppedBytes: number
} | {
  readonly _tag: "ToolCallStarted"
  readonly call: ToolCall
} | {
  readonly _tag: "ToolCallFinished"
  readonly call: ToolCall
  readonly content: string
  readonly outcome: "HandlerFailure" | "InvalidCall" | "Success"
} | {
  readonly _tag: "Server"
  readonly event: ServerEvent
}

/**
 * What goes into a conversation: bytes are audio. Image: a picture in JPEG, which goes with the audio before it. Text: what the
 * user says in writing. EndTurn: the model is to answer, where no turns are detected.
 */
export type RealtimeConversationInput = Uint8Array | {
  readonly _tag: "Image"
  readonly jpeg: Uint8Array
} | {
  readonly _tag: "Text"
  readonly text: string
} | {
  readonly _tag: "EndTurn"
}

/** How a conversation goes about it. */
export interface RealtimeConversationOptions<E = unknown> extends RealtimeOptions {
  /**
   * What happens where the user begins to speak while the model does. `drop`: its audio that nobody has taken is dropped, and what
   * still comes of that response; the service ends the response by itself. `cancel`: the same, and the service is asked to end it
   * (`response.cancel`), for turn detection that does not. `ignore`: nothing. Default: `drop`, or `ignore` where
   * `turnDetection.interruptResponse` is false.
   */
  readonly bargeIn?: "cancel" | "drop" | "ignore" | undefined
  /**
   * How many bytes of audio may wait for their reader. Models speak faster than players play, and what waits here is what an
   * interruption can still drop. When it is full the socket is read no more, nor is it known who speaks. Default: 16 MiB, which
   * is nearly six minutes.
   */
  readonly audioBuffer?: number | undefined
  /** How often the model may be asked at the most; then `TooManyRounds`. Default: 8. */
  readonly maxRounds?: number | undefined
  /**
   * How many of the calls that the model makes in one answer are worked on at once. Default: one, in the model's order.
   * It makes several only where `parallelToolCalls` lets it.
   */
  readonly concurrency?: number | "unbounded" | undefined
  /**
   * Whether the model is told of a call that cannot be followed (an unknown tool, arguments that do not fit) and goes
   * on, or the run fails with `ToolCallError`. Default: `"tell"`.
   */
  readonly onInvalidCall?: "fail" | "tell" | undefined
  /**
   * Whether a handler's failure fails the run, or the model is told its message and goes on; a function says what to
   * tell. Default: `"fail"`. Defects and interruption always end the run.
   */
  readonly onHandlerFailure?: "fail" | "tell" | ((error: E, call: ToolCall) => string) | undefined
}

/**
 * What kind of model it is, which decides what can be sent to it and how the session ends.
 *
 * - `omni`: hears, sees, and answers in speech and text.
 * - `asr`: writes down what it hears.
 * - `tts`: speaks texts.
 * - `translate`: interprets what it hears.
 * - `audio`: Qwen-Audio, which hears and answers, and whose sessions are not finished but closed.
 */
export type RealtimeFamily = "asr" | "audio" | "omni" | "translate" | "tts"

/** An item of the conversation: a message, or a call of a function. */
export interface RealtimeItem {
  readonly id?: string | null | undefined
  /** `message`, `function_call` or `function_call_output`. */
  readonly type?: string | null | undefined
  /** `in_progress`, `completed` or `incomplete`. */
  readonly status?: string | null | undefined
  readonly role?: string | null | undefined
  readonly content?: ReadonlyArray<ItemContent> | null | undefined
  /** Of a call of a function. */
  readonly callId?: string | null | undefined
  /** Of a call of a function. */
  readonly name?: string | null | undefined
  /** Of a call of a function: JSON. */
  readonly arguments?: string | null | undefined
}

/**
 * What one session may have of its own.
 *
 * - `timeout` bounds the whole session, from the wait for a connection to its end.
 * - `firstContentTimeout` bounds the opening, to `session.updated`; and in each turn the wait for the first content (text, sound,
 *   a call of a function, what was heard). A turn begins where something is asked: by `createResponse`, by a commit that is
 *   answered, by the first text, by `finish`; and where the service says that somebody has stopped speaking.
 * - `contentTimeout` bounds the pauses between contents, in each turn. Between turns neither counts, nor while the program does
 *   not read.
 */
export interface RealtimeOptions extends CallOptions {
  /**
   * After `finish`: how long the service may be silent before `session.finished`. Then the session ends with `RequestTimeout`
   * of phase `content`, or, where the model's family does not promise that event, without an error. Default: 20 seconds, as
   * in the official SDK.
   */
  readonly finishTimeout?: Duration | undefined
}

/** A session and its model. */
export interface RealtimeParams extends SessionParams {
  /** Such as `qwen3.5-omni-flash-realtime` or `qwen3-tts-flash-realtime`. */
  readonly model: string
  /** Default: by the model's name. */
  readonly family?: RealtimeFamily | undefined
}

/** What a response has come to, or comes to so far. */
export interface RealtimeResponse {
  readonly id: string
  /** Whether its last event has come. */
  readonly isDone: boolean
  /** `in_progress`, `completed`, `cancelled`, `failed` or `incomplete`. */
  readonly status: string | undefined
  /** Why it was cancelled: `turn_detected` (somebody spoke) or `client_cancelled`. */
  readonly reason: string | undefined
  /** What it says in writing, where it does not speak. */
  readonly text: string
  /** What it says in speech, as text. */
  readonly transcript: string
  /** Pieces of the speech; together they are the whole. */
  readonly audio: ReadonlyArray<Uint8Array>
  readonly functionCalls: ReadonlyArray<FunctionCall>
  readonly usage: ResponseUsage | undefined
  /** The response as its first or last event told it. */
  readonly info: ResponseInfo | undefined
}

/** What was heard of one item: a sentence, or what there is of it so far. */
export interface RealtimeTranscript {
  /** Empty where the service gives none. */
  readonly itemId: string
  readonly contentIndex: number
  /** What is certain. */
  readonly text: string
  /** A draft of what follows; show it after `text`, and replace both with the next. */
  readonly stash: string
  /** Whether nothing follows. */
  readonly isFinal: boolean
  /** Such as `zh`. */
  readonly language: string | undefined
  /** `surprised`, `neutral`, `happy`, `sad`, `disgusted`, `angry` or `fearful`. */
  readonly emotion: string | undefined
  /** Whether it was said beside the conversation. */
  readonly isAmbient: boolean
  /** Why it could not be written down. */
  readonly error?: ErrorInfo | undefined
}

export interface RealtimeTranslation {
  /** Such as `en`. */
  readonly language?: string | undefined
  /** How terms are to be translated. */
  readonly phrases?: {
    readonly [name: string]: string
  } | undefined
  /** What is left out where the speech is in the target language already. */
  readonly sameLanguageSkip?: {
    readonly text?: boolean
    readonly audio?: boolean
  } | undefined
}

/** What one recognition may have of its own. */
export interface RecognitionOptions extends AudioInputAudioOptions {
}

/** A parameter that is left out is the model's default. */
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
  readonly vocabulary?: {
    readonly [name: string]: number
  } | undefined
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
  readonly specialWordFilter?: {
    readonly [name: string]: unknown
  } | undefined
  /** At most 5 turns of each role, of 400 characters; `context` renews it while audio is sent. */
  readonly context?: ReadonlyArray<ContextTurn> | undefined
  /** Lists of hot words of older models, under the wire's names. */
  readonly resources?: ReadonlyArray<{
    readonly [name: string]: unknown
  }> | undefined
  /** Parameters that have no name here, under their wire names. */
  readonly extra?: {
    readonly [name: string]: unknown
  } | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: {
    readonly [name: string]: unknown
  } | undefined
}

/** An element of a stream. Each has all of its sentence so far, and replaces the one before it until the sentence is complete. */
export interface RecognitionResult {
  readonly output: {
    readonly sentence?: Sentence | null | undefined
  }
  /** Beside complete sentences: seconds that are paid for, so far. */
  readonly usage?: {
    readonly duration?: number | null | undefined
  } | null | undefined
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | null | undefined
}

/** All that was recognised. */
export interface Recognized {
  /** The sentences, one after another. */
  readonly text: string
  /** In order. In a partial one (`partialResult`) the last may be incomplete. */
  readonly sentences: ReadonlyArray<Sentence>
  readonly usage: {
    readonly duration?: number | null | undefined
  } | null | undefined
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId: string | undefined
}

/** Where the text of a recording is, or why there is none (`errorOf`): some may fail where others are there. */
export interface Recording {
  readonly fileUrl?: string | null | undefined
  /** Good for 24 hours; `transcript` reads it. */
  readonly transcriptionUrl?: string | null | undefined
  readonly subtaskStatus?: string | null | undefined
  /** Such as `InvalidFile.DownloadFailed`. */
  readonly code?: string | null | undefined
  readonly message?: string | null | undefined
}

/**
 * - `beijing`: `https://dashscope.aliyuncs.com` (the default of the official SDKs)
 * - `singapore`: `https://dashscope-intl.aliyuncs.com`
 * - `virginia`: `https://dashscope-us.aliyuncs.com`
 * - `hongkong`: `https://cn-hongkong.dashscope.aliyuncs.com`
 * - `finance`: `https://dashscope-finance.aliyuncs.com`
 */
export type Region = "beijing" | "finance" | "hongkong" | "singapore" | "virginia"

/** A deadline passed. The request's connection is closed and its permit given back. */
export interface RequestTimeout extends Error {
  readonly phase: "acquire" | "connect" | "content" | "firstContent" | "read" | "total" | "write"
  /** The deadline that passed. */
  readonly duration: DurationValue
  /** For the phase `acquire`: the pool at that moment. */
  readonly pool?: PoolNumbers | undefined
  /** Whether anything of the request had been written to a socket; absent where it is not known. */
  readonly requestWritten?: boolean | undefined
  /** Time may cure all but the caller's own budget for the whole call. */
  readonly isRetryable: boolean
  readonly _tag: "RequestTimeout"
  readonly cause?: unknown
}

/** Where a research stands, and what it has come to. */
export interface Research {
  /** `ResearchPlanning`, `WebResearch`, `answer` (the report, or a question back), `KeepAlive`. */
  readonly phase: string
  /** `typing`, `streamingQueries`, `streamingWebResult`, `WebResultFinished`, `finished` (the phase). */
  readonly status: string
  /** What is said in this phase: in a stream, what is new of it. */
  readonly content: string
  /** The sources of the report, which come at its end. */
  readonly references: ReadonlyArray<ResearchReference>
  /** Of the phase `WebResearch`, what the service tells of a search: its goal, its query, what it found. */
  readonly search: unknown
}

/** What qwen-deep-research says, which has this in place of choices; `research` reads it. */
export interface ResearchMessage {
  readonly role?: string | null | undefined
  /** `ResearchPlanning`, `WebResearch`, `answer` (the report, or a question back), `KeepAlive`. */
  readonly phase?: string | null | undefined
  /** `typing`, `streamingQueries`, `streamingWebResult`, `WebResultFinished`, `finished` (the phase). */
  readonly status?: string | null | undefined
  readonly content?: string | ReadonlyArray<unknown> | null | undefined
  readonly extra?: {
    readonly deepResearch?: {
      /** A search of the phase `WebResearch`, piece by piece: its goal, its query, what it found. */
      readonly research?: unknown
      readonly references?: ReadonlyArray<ResearchReference> | null | undefined
    } | null | undefined
  } | null | undefined
}

/** A source of a report of qwen-deep-research. */
export interface ResearchReference {
  /** The number that the report cites it by. */
  readonly indexNumber?: number | null | undefined
  readonly title?: string | null | undefined
  readonly description?: string | null | undefined
  readonly url?: string | null | undefined
  readonly icon?: string | null | undefined
}

/** What `resolve` may have of its own. */
export interface ResolveOptions extends UploadOptions {
  /** The most bytes that are sent within the request itself, as a `data:` URL. Default: 1 MiB. */
  readonly inlineBelow?: number | undefined
}

/** The form of the answer's text. The JSON formats want the word "json" somewhere in the prompt, and no thinking. */
export type ResponseFormat = {
  readonly type: "text"
} | {
  readonly type: "json_object"
} | {
  readonly type: "json_schema"
  readonly jsonSchema: {
    readonly name: string
    readonly description?: string | undefined
    readonly schema: {
      readonly [name: string]: unknown
    }
    readonly strict?: boolean | undefined
  }
}

/** A response, as its first or last event tells it. */
export interface ResponseInfo {
  readonly id?: string | null | undefined
  readonly conversationId?: string | null | undefined
  /** `in_progress`, `completed`, `cancelled`, `failed` or `incomplete`. */
  readonly status?: string | null | undefined
  readonly statusDetails?: {
    readonly type?: string | null | undefined
    /** Why it was cancelled: `turn_detected` or `client_cancelled`. */
    readonly reason?: string | null | undefined
    readonly error?: unknown
  } | null | undefined
  readonly modalities?: ReadonlyArray<string> | null | undefined
  readonly voice?: string | null | undefined
  readonly output?: ReadonlyArray<RealtimeItem> | null | undefined
  readonly usage?: ResponseUsage | null | undefined
}

/** A part of a response that is asked for. */
export interface ResponseOptions {
  readonly instructions?: string | undefined
  readonly modalities?: ReadonlyArray<string> | undefined
}

/** What a response cost: tokens, or characters for some models of text to speech. */
export interface ResponseUsage {
  readonly totalTokens?: number | null | undefined
  readonly inputTokens?: number | null | undefined
  readonly outputTokens?: number | null | undefined
  readonly inputTokensDetails?: {
    readonly textTokens?: number | null | undefined
    readonly audioTokens?: number | null | undefined
    readonly imageTokens?: number | null | undefined
  } | null | undefined
  readonly outputTokensDetails?: {
    readonly textTokens?: number | null | undefined
    readonly audioTokens?: number | null | undefined
    readonly imageTokens?: number | null | undefined
  } | null | undefined
  readonly characters?: number | null | undefined
}

/** Speech: a piece of it (in streams), or where the whole is. */
export interface ResultAudio {
  /** Base64; empty where there is none in this answer. Of a collected stream, all of it. */
  readonly data?: string | null | undefined
  /** Of the whole file; good until `expiresAt`. */
  readonly url?: string | null | undefined
  readonly id?: string | null | undefined
  /** In seconds since 1970. */
  readonly expiresAt?: number | null | undefined
}

/** What the model says. */
export interface ResultMessage {
  readonly role?: string | null | undefined
  /** Text; some models answer in parts. Empty where there are tool calls. */
  readonly content?: string | ReadonlyArray<unknown> | null | undefined
  /** The chain of thought. */
  readonly reasoningContent?: string | null | undefined
  readonly toolCalls?: ReadonlyArray<ResultToolCall> | null | undefined
  /** Of speech recognition: language and emotion. */
  readonly annotations?: ReadonlyArray<Annotation> | null | undefined
}

/** A call that the model asks for, as it came; `toolCalls` gives it without holes. */
export interface ResultToolCall {
  readonly id?: string | null | undefined
  readonly type?: string | null | undefined
  readonly index?: number | null | undefined
  readonly function?: {
    readonly name?: string | null | undefined
    /** JSON text, and possibly invalid JSON. */
    readonly arguments?: string | null | undefined
  } | null | undefined
}

export interface RetryOptions {
  /**
   * How often a call is made again at most. With 0 it is never made again, as with `false`. Default: 2, and after a rate
   * limit as often as `maxRateLimitWait` has time for.
   */
  readonly maxRetries?: number | undefined
  /** The longest wait before the first retry; it doubles for each further one. Default: 500 milliseconds. */
  readonly baseDelay?: Duration | undefined
  /** The longest wait that the doubling leads to. Default: 8 seconds. */
  readonly maxDelay?: Duration | undefined
  /**
   * The longest wait that the service may ask for. One that asks for more (`Retry-After` of days, on a used-up plan) fails
   * the call at once, as `QuotaExhausted`. Default: 60 seconds.
   */
  readonly maxRetryAfter?: Duration | undefined
  /**
   * How long a call waits, in all, for a rate limit to pass; a call's `timeout` bounds it too. The limits of the service
   * recover within seconds, those per minute within about a minute: a batch may want `"2 minutes"`. Zero has rate limits
   * retried as all other errors are. Default: 10 seconds, or zero where `maxRetries` is set.
   */
  readonly maxRateLimitWait?: Duration | undefined
  /**
   * The share of all calls that retries may add, over time: in an outage, 0.1 adds at most about 10 % to the load. A
   * reserve of ten retries lets a client with few calls retry too. Both are the client's: calls with a policy of their
   * own earn and spend the same retries. `Infinity` lifts the budget. Default: 0.1.
   */
  readonly budget?: number | undefined
}

/**
 * The options of the built-in policy (exponential backoff with full jitter), or `false` for no
 * retries.
 */
export type RetryPolicy = false | RetryOptions

/**
 * What happens in a run, as it happens. `round` counts from 1.
 *
 * - `Increment`: the model said more. `result` is an element of `Generation.stream`.
 * - `ToolCallStarted`, `ToolCallFinished`: a pair for each call. `content` is what the model is told, and `outcome`
 *   whether that is the result, the fault of the call, or the failure of the handler.
 * - `RoundEnded`: the model has said all, and what it asked for is done. `result` is the round's whole answer.
 * - `Finished`: the last event.
 */
export type RunEvent<M = Message> = {
  readonly _tag: "Increment"
  readonly round: number
  readonly result: GenerationResult
} | {
  readonly _tag: "ToolCallStarted"
  readonly round: number
  readonly call: ToolCall
} | {
  readonly _tag: "ToolCallFinished"
  readonly round: number
  readonly call: ToolCall
  readonly content: string
  readonly outcome: "HandlerFailure" | "InvalidCall" | "Success"
} | {
  readonly _tag: "RoundEnded"
  readonly round: number
  readonly result: GenerationResult
} | {
  readonly _tag: "Finished"
  /** The last answer, which asks for no tool. */
  readonly result: GenerationResult
  /**
   * The whole conversation, from what was given to the last answer, to go on from. An answer that says nothing is left
   * out, since the service refuses empty messages.
   */
  readonly messages: ReadonlyArray<M>
  /** How often the model was asked. */
  readonly rounds: number
  /** What all rounds cost; that of `result` is the last round's only. */
  readonly usage: Usage
}

/** How `Generation.runTools` goes about it, besides the options of each of its calls. */
export interface RunOptions<E = unknown> extends CallOptions {
  /** How often the model may be asked at the most; then `TooManyRounds`. Default: 8. */
  readonly maxRounds?: number | undefined
  /**
   * How many of the calls that the model makes in one answer are worked on at once. Default: one, in the model's order.
   * It makes several only where `parallelToolCalls` lets it.
   */
  readonly concurrency?: number | "unbounded" | undefined
  /**
   * Whether the model is told of a call that cannot be followed (an unknown tool, arguments that do not fit) and goes
   * on, or the run fails with `ToolCallError`. Default: `"tell"`.
   */
  readonly onInvalidCall?: "fail" | "tell" | undefined
  /**
   * Whether a handler's failure fails the run, or the model is told its message and goes on; a function says what to
   * tell. Default: `"fail"`. Defects and interruption always end the run.
   */
  readonly onHandlerFailure?: "fail" | "tell" | ((error: E, call: ToolCall) => string) | undefined
}

/** What came of a run. */
export interface RunResult<M = Message> {
  /** The last answer, which asks for no tool. */
  readonly result: GenerationResult
  /**
   * The whole conversation, from what was given to the last answer, to go on from. An answer that says nothing is left
   * out, since the service refuses empty messages.
   */
  readonly messages: ReadonlyArray<M>
  /** How often the model was asked. */
  readonly rounds: number
  /** What all rounds cost; that of `result` is the last round's only. */
  readonly usage: Usage
}

/** A sentence of a text that was spoken. */
export interface SaidSentence {
  readonly sentence: SpokenSentence
  /** The text that was given, as far as the service says it. */
  readonly text: string | undefined
  /**
   * Which task of the stream it is of, from 0. There is more than one where a pause of the text made another necessary; indexes
   * and times count anew in each.
   */
  readonly task: number
}

/** What was saved. */
export interface SavedAudio {
  readonly path: string
  /** How long it is. */
  readonly seconds: number
  /** How many bytes of samples there are. */
  readonly bytes: number
}

export interface ScaleParams {
  readonly deployedModel: string
  readonly capacity: number
}

/** What a search found (with `enableSource`). */
export interface SearchInfo {
  readonly searchResults?: ReadonlyArray<SearchResult> | null | undefined
  readonly extraToolInfo?: ReadonlyArray<unknown> | null | undefined
}

/** How the service searches the web (with `enableSearch`). */
export interface SearchOptions {
  /** Search for any question. Default: false. */
  readonly forcedSearch?: boolean | undefined
  /** `turbo`, `max`, `agent` or `agent_max`; older models: `standard` or `pro`. Default: `turbo`. */
  readonly searchStrategy?: string | undefined
  /** Answer with `output.searchInfo`. Default: false. */
  readonly enableSource?: boolean | undefined
  /** Mark the sources in the text; needs `enableSource`. Default: false. */
  readonly enableCitation?: boolean | undefined
  /** `[<number>]` or `[ref_<number>]`. Default: `[<number>]`. */
  readonly citationFormat?: string | undefined
  /** In a stream with `enableSource`, send the sources alone first. Default: false. */
  readonly prependSearchResult?: boolean | undefined
  /** Search special domains too. Default: false. */
  readonly enableSearchExtension?: boolean | undefined
  /** Only what is newer than so many days. */
  readonly freshness?: number | undefined
  /** Only these sites. */
  readonly assignedSiteList?: ReadonlyArray<string> | undefined
  /** Sent as it is; no official page describes it. */
  readonly intentionOptions?: {
    readonly [name: string]: unknown
  } | undefined
  /** Sent as it is; no official page describes it. */
  readonly promptIntervene?: string | undefined
}

/** A page that the model found. */
export interface SearchResult {
  readonly siteName?: string | null | undefined
  /** The URL of the site's icon. */
  readonly icon?: string | null | undefined
  /** The number that citations have. */
  readonly index?: number | null | undefined
  readonly title?: string | null | undefined
  readonly url?: string | null | undefined
}

/** A sentence as far as it is spoken, or a complete one (`isFinal`). */
export interface Sentence {
  readonly sentenceId?: number | null | undefined
  /** In milliseconds from the beginning of the audio. */
  readonly beginTime?: number | null | undefined
  /** In milliseconds from the beginning of the audio; null while it goes on. */
  readonly endTime?: number | null | undefined
  readonly text?: string | null | undefined
  readonly words?: ReadonlyArray<TranslationRecognizerWord> | null | undefined
  readonly heartbeat?: boolean | null | undefined
  /** Whether it does not change any more. */
  readonly sentenceEnd?: boolean | null | undefined
}

/** A sentence in a stream of events. */
export interface SentenceEvent<Tag> {
  readonly _tag: Tag
  readonly sentence: SpokenSentence
  /** The text that was given, as far as the service says it. */
  readonly text: string | undefined
  /**
   * Which task of the stream it is of, from 0. There is more than one where a pause of the text made another necessary; indexes
   * and times count anew in each.
   */
  readonly task: number
}

export type ServerEvent = {
  readonly type: "session.created" | "session.updated"
  readonly eventId?: string | null | undefined
  readonly session: SessionInfo
} | {
  readonly type: "session.finished"
  readonly eventId?: string | null | undefined
} | {
  readonly type: "error"
  readonly eventId?: string | null | undefined
  readonly error: ErrorInfo
} | {
  readonly type: "input_audio_buffer.speech_started"
  readonly eventId?: string | null | undefined
  /** In milliseconds from the start of the audio. */
  readonly audioStartMs?: number | null | undefined
  readonly itemId?: string | null | undefined
} | {
  readonly type: "input_audio_buffer.speech_stopped"
  readonly eventId?: string | null | undefined
  /** In milliseconds from the start of the audio. */
  readonly audioEndMs?: number | null | undefined
  readonly itemId?: string | null | undefined
  /** `turn_invalid`: it meant nothing, and no response follows. */
  readonly reason?: string | null | undefined
} | {
  readonly type: "input_audio_buffer.committed" | "input_text_buffer.committed"
  readonly eventId?: string | null | undefined
  readonly previousItemId?: string | null | undefined
  readonly itemId?: string | null | undefined
} | {
  readonly type: "input_audio_buffer.cleared" | "input_text_buffer.cleared"
  readonly eventId?: string | null | undefined
} | {
  readonly type: "conversation.item.created" | "conversation.item.retrieved"
  readonly eventId?: string | null | undefined
  readonly previousItemId?: string | null | undefined
  readonly item?: RealtimeItem | null | undefined
} | {
  readonly type: "conversation.item.deleted"
  readonly eventId?: string | null | undefined
  readonly itemId?: string | null | undefined
} | {
  readonly type: "conversation.item.ambient_audio_transcription.delta" | "conversation.item.input_audio_transcription.delta" | "conversation.item.input_audio_transcription.text"
  readonly eventId?: string | null | undefined
  readonly itemId?: string | null | undefined
  readonly contentIndex?: number | null | undefined
  /** Such as `zh`. */
  readonly language?: string | null | undefined
  /** `surprised`, `neutral`, `happy`, `sad`, `disgusted`, `angry` or `fearful`. */
  readonly emotion?: string | null | undefined
  /** The beginning, which is certain. */
  readonly text?: string | null | undefined
  /** A draft of what follows it. */
  readonly stash?: string | null | undefined
} | {
  readonly type: "conversation.item.ambient_audio_transcription.completed" | "conversation.item.input_audio_transcription.completed"
  readonly eventId?: string | null | undefined
  readonly itemId?: string | null | undefined
  readonly contentIndex?: number | null | undefined
  /** Such as `zh`. */
  readonly language?: string | null | undefined
  /** `surprised`, `neutral`, `happy`, `sad`, `disgusted`, `angry` or `fearful`. */
  readonly emotion?: string | null | undefined
  readonly transcript?: string | null | undefined
} | {
  readonly type: "conversation.item.input_audio_transcription.failed"
  readonly eventId?: string | null | undefined
  readonly itemId?: string | null | undefined
  readonly contentIndex?: number | null | undefined
  /** Such as `zh`. */
  readonly language?: string | null | undefined
  /** `surprised`, `neutral`, `happy`, `sad`, `disgusted`, `angry` or `fearful`. */
  readonly emotion?: string | null | undefined
  readonly error?: ErrorInfo | null | undefined
} | {
  readonly type: "response.created" | "response.done"
  readonly eventId?: string | null | undefined
  readonly response: ResponseInfo
} | {
  readonly type: "response.output_item.added" | "response.output_item.done"
  readonly eventId?: string | null | undefined
  readonly responseId?: string | null | undefined
  readonly outputIndex?: number | null | undefined
  readonly item?: RealtimeItem | null | undefined
} | {
  readonly type: "response.content_part.added" | "response.content_part.done"
  readonly eventId?: string | null | undefined
  readonly responseId?: string | null | undefined
  readonly itemId?: string | null | undefined
  readonly outputIndex?: number | null | undefined
  readonly contentIndex?: number | null | undefined
  readonly part?: {
    readonly type?: string | null | undefined
    readonly text?: string | null | undefined
  } | null | undefined
} | {
  readonly type: "response.text.delta"
  readonly eventId?: string | null | undefined
  readonly responseId?: string | null | undefined
  readonly itemId?: string | null | undefined
  readonly outputIndex?: number | null | undefined
  readonly contentIndex?: number | null | undefined
  readonly delta?: string | null | undefined
} | {
  readonly type: "response.text.done"
  readonly eventId?: string | null | undefined
  readonly responseId?: string | null | undefined
  readonly itemId?: string | null | undefined
  readonly outputIndex?: number | null | undefined
  readonly contentIndex?: number | null | undefined
  readonly text?: string | null | undefined
} | {
  readonly type: "response.audio_transcript.text" | "response.text.text"
  readonly eventId?: string | null | undefined
  readonly responseId?: string | null | undefined
  readonly itemId?: string | null | undefined
  readonly outputIndex?: number | null | undefined
  readonly contentIndex?: number | null | undefined
  readonly text?: string | null | undefined
  readonly stash?: string | null | undefined
} | {
  readonly type: "response.audio_transcript.delta"
  readonly eventId?: string | null | undefined
  readonly responseId?: string | null | undefined
  readonly itemId?: string | null | undefined
  readonly outputIndex?: number | null | undefined
  readonly contentIndex?: number | null | undefined
  readonly delta?: string | null | undefined
} | {
  readonly type: "response.audio_transcript.done"
  readonly eventId?: string | null | undefined
  readonly responseId?: string | null | undefined
  readonly itemId?: string | null | undefined
  readonly outputIndex?: number | null | undefined
  readonly contentIndex?: number | null | undefined
  readonly transcript?: string | null | undefined
} | {
  readonly type: "response.audio.delta"
  readonly eventId?: string | null | undefined
  readonly responseId?: string | null | undefined
  readonly itemId?: string | null | undefined
  readonly outputIndex?: number | null | undefined
  readonly contentIndex?: number | null | undefined
  /** A piece of the audio, decoded. */
  readonly audio: Uint8Array
} | {
  readonly type: "response.audio.done"
  readonly eventId?: string | null | undefined
  readonly responseId?: string | null | undefined
  readonly itemId?: string | null | undefined
  readonly outputIndex?: number | null | undefined
  readonly contentIndex?: number | null | undefined
} | {
  readonly type: "response.function_call_arguments.delta"
  readonly eventId?: string | null | undefined
  readonly responseId?: string | null | undefined
  readonly itemId?: string | null | undefined
  readonly outputIndex?: number | null | undefined
  readonly contentIndex?: number | null | undefined
  readonly callId?: string | null | undefined
  readonly delta?: string | null | undefined
} | {
  readonly type: "response.function_call_arguments.done"
  readonly eventId?: string | null | undefined
  readonly responseId?: string | null | undefined
  readonly itemId?: string | null | undefined
  readonly outputIndex?: number | null | undefined
  readonly contentIndex?: number | null | undefined
  readonly callId?: string | null | undefined
  readonly name?: string | null | undefined
  /** JSON. */
  readonly arguments?: string | null | undefined
} | UnknownServerEvent

/** The session as the service has it. */
export interface SessionInfo {
  readonly id?: string | null | undefined
  readonly model?: string | null | undefined
  readonly modalities?: ReadonlyArray<string> | null | undefined
  readonly voice?: string | null | undefined
  readonly instructions?: string | null | undefined
  readonly inputAudioFormat?: string | null | undefined
  readonly outputAudioFormat?: string | null | undefined
  /** Of text to speech. */
  readonly responseFormat?: string | null | undefined
  readonly sampleRate?: number | null | undefined
  /** Of text to speech: `server_commit` or `commit`. */
  readonly mode?: string | null | undefined
  /** Under its wire names; null where it is off. */
  readonly turnDetection?: unknown
  /** Under its wire names; null where it is off. */
  readonly inputAudioTranscription?: unknown
}

/** What a session may be told at its start, and again in its midst. */
export interface SessionParams {
  /** `["text", "audio"]`, or `["text"]` for a model that does not speak. */
  readonly modalities?: ReadonlyArray<string> | undefined
  /** Required by `tts`. */
  readonly voice?: string | undefined
  /** What the model is to be and to do; of `tts`, how it is to speak. */
  readonly instructions?: string | undefined
  /** What audio is sent. */
  readonly input?: RealtimeAudioFormat | undefined
  /** What audio is received. */
  readonly output?: RealtimeAudioFormat | undefined
  /** Null: manual, where `commit` ends a turn. */
  readonly turnDetection?: TurnDetection | null | undefined
  /** Null: what is heard is not written down. */
  readonly inputTranscription?: InputTranscription | null | undefined
  readonly temperature?: number | undefined
  readonly topP?: number | undefined
  readonly topK?: number | undefined
  readonly presencePenalty?: number | undefined
  readonly repetitionPenalty?: number | undefined
  readonly maxTokens?: number | undefined
  readonly seed?: number | undefined
  readonly tools?: ReadonlyArray<Tool> | undefined
  readonly toolChoice?: ToolChoice | undefined
  readonly enableSearch?: boolean | undefined
  /** Under its wire names. */
  readonly searchOptions?: {
    readonly [name: string]: unknown
  } | undefined
  readonly smoothOutput?: boolean | null | undefined
  /** `server_commit`: the service decides when to speak; `commit`: each `commitText` does. Default: `server_commit`. */
  readonly mode?: "commit" | "server_commit" | undefined
  /** `Auto`, `Chinese`, `English` … Default: `Auto`. */
  readonly languageType?: string | undefined
  /** From 0.5 to 2. */
  readonly speechRate?: number | undefined
  /** From 0.5 to 2. */
  readonly pitchRate?: number | undefined
  /** From 0 to 100. */
  readonly volume?: number | undefined
  /** Of opus, in kbit/s. */
  readonly bitRate?: number | undefined
  readonly optimizeInstructions?: boolean | undefined
  /** Whether numbers and signs are read as words. */
  readonly enableTextNormalization?: boolean | undefined
  readonly translation?: RealtimeTranslation | undefined
  readonly enableVoiceClone?: boolean | undefined
  /** When the voice is taken again: `never`, `once` or `always`. */
  readonly voiceCloneFrequency?: string | undefined
  /** Fields of the session that have no name here, under their wire names; they win over those that have one. */
  readonly extra?: {
    readonly [name: string]: unknown
  } | undefined
}

/** A word's weight in a sparse vector. */
export interface SparseValue {
  /** Of the word, in the model's vocabulary. */
  readonly index: number
  readonly value: number
  readonly token?: string | null | undefined
}

/** A text that was spoken: its audio as one file, its sentences, and what it cost. */
export interface Speech extends Omit<SpeechFinished, "_tag"> {
  /** In the format that was asked for. The head of a WAV file says how long it is, which that of the stream cannot. */
  readonly audio: Uint8Array
  readonly sentences: ReadonlyArray<SaidSentence>
}

export interface SpeechAudio {
  /** A piece of the audio in base64; empty where there is none. */
  readonly data?: string | null | undefined
  /** Of the whole file, for 24 hours. */
  readonly url?: string | null | undefined
  readonly id?: string | null | undefined
  /** In seconds since 1970. */
  readonly expiresAt?: number | null | undefined
}

/**
 * What comes while a text is spoken, in order. `Audio`: the next piece; all pieces together are the file. `SentenceBegin`:
 * the audio that follows is of this sentence. `SentenceTiming`: what is known of a sentence and its words, of services that do not say
 * where one ends; a later one of the same sentence replaces it. `SentenceEnd`: all is known of it. `Other`: what has no name here.
 * `Finished`: the last.
 */
export type SpeechEvent = {
  readonly _tag: "Audio"
  readonly bytes: Uint8Array
} | SentenceEvent<"SentenceBegin"> | SentenceEvent<"SentenceTiming"> | SentenceEvent<"SentenceEnd"> | {
  readonly _tag: "Other"
  readonly output: {
    readonly [name: string]: unknown
  }
} | SpeechFinished

/** All is spoken. */
export interface SpeechFinished {
  readonly _tag: "Finished"
  /** Of all tasks of the stream. */
  readonly usage: SpeechUsage | undefined
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId: string | undefined
  /** Of each task; none where there was nothing to say. */
  readonly taskIds: ReadonlyArray<string>
}

/** What goes into a stream of speech. */
export type SpeechInput = string | Flush

/**
 * What one stream may have of its own, beside what every call may have.
 *
 * `timeout` runs from the start of the stream, and covers the waits for text. `firstContentTimeout` is the longest wait for the first
 * audio once the first text of a task was sent (`firstAudioTimeout` of the Java SDK). `contentTimeout` is the longest wait between two pieces of
 * audio once all text was sent; while text is still to come, its pauses are not the service's.
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
  readonly gaps?: "fail" | "renew" | undefined
}

/** How to speak. A parameter that is left out is the service's default. */
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
  readonly extra?: {
    readonly [name: string]: unknown
  } | undefined
}

/** An answer, or an element of a stream. */
export interface SpeechResult {
  readonly output: {
    /** In streams: `sentence-begin`, `sentence-synthesis` or `sentence-end`. */
    readonly type?: string | null | undefined
    readonly originalText?: string | null | undefined
    readonly sentence?: SpokenSentence | null | undefined
    readonly audio?: SpeechAudio | null | undefined
    /** `stop`; the text `"null"` while it goes on (in streams). */
    readonly finishReason?: string | null | undefined
  }
  readonly usage?: {
    readonly characters?: number | null | undefined
  } | null | undefined
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | null | undefined
}

export interface SpeechUsage {
  /** What is charged: a Chinese character counts as two, any other as one. */
  readonly characters?: number | null | undefined
}

/** A sentence as the service cut it. */
export interface SpokenSentence {
  /** Counts from 0. Sambert has none. */
  readonly index?: number | null | undefined
  /** Empty unless the timestamps of words are enabled. */
  readonly words?: ReadonlyArray<SpokenWord> | null | undefined
  /** Of Sambert, in milliseconds. */
  readonly beginTime?: number | null | undefined
  /** Of Sambert, in milliseconds. */
  readonly endTime?: number | null | undefined
}

/** A word and when it is spoken. */
export interface SpokenWord {
  readonly text?: string | null | undefined
  /** Where it begins in the text of its sentence. */
  readonly beginIndex?: number | null | undefined
  readonly endIndex?: number | null | undefined
  /** In milliseconds. */
  readonly beginTime?: number | null | undefined
  /** In milliseconds. */
  readonly endTime?: number | null | undefined
  /** Of Sambert, with `phonemeTimestampEnabled`. */
  readonly phonemes?: ReadonlyArray<Phoneme> | null | undefined
}

/** How subtitles are written. */
export interface SrtOptions {
  /** The most characters of one subtitle; a longer sentence is cut between its words, where their times are there. Default: any. */
  readonly maxCharacters?: number | undefined
  /** Whether each begins with its speaker, as in `[1] Hello`. Default: false. */
  readonly speakers?: boolean | undefined
}

/**
 * A submission has had no answer, or none that can be read, after it had been sent: the task may exist, and may be paid for.
 * It was not sent again. `Task.list` finds it, by the model and the time.
 */
export interface SubmissionLost extends Error {
  readonly service: string
  readonly model: string
  /** When it was sent, in milliseconds since 1970, by this side's clock. */
  readonly submittedAt: number
  readonly isRetryable: false
  readonly _tag: "SubmissionLost"
  /** What happened to the answer. */
  readonly cause: NoApiKey | InputRequired | ApiError | RequestTimeout | ConnectionError | PoolExhausted | RateLimitExceeded
}

export interface SubmitOptions extends BatchUploadOptions, BatchOptions {
}

/** A text, and how to speak it. */
export interface SynthesizeParams extends SpeechParams {
  readonly text: string
}

/** Tells the model how to behave. */
export interface SystemMessage {
  readonly role: "system"
  readonly content: Content
}

/**
 * A task, as its submission gave it. It is plain data: write it as JSON, and another process can go on with it. It holds no
 * key, and only a client of the same base URL, with a key of the same account, can ask for it.
 */
export interface Task {
  /** The service's `task_id`. */
  readonly id: string
  /** The module that it was submitted with, such as `ImageSynthesis`. */
  readonly service: string
  readonly model: string
  /** Of the client that submitted it, such as `https://dashscope.aliyuncs.com/api/v1`. */
  readonly baseUrl: string
  /** Of the submission. Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | undefined
  /** In milliseconds since 1970, by this side's clock. */
  readonly submittedAt: number
}

/** Somebody canceled a task. */
export interface TaskCanceled extends Error {
  readonly isRetryable: false
  readonly _tag: "TaskCanceled"
  readonly task: Task
  readonly cause?: unknown
}

/** What can go wrong with a task beside its requests. A task that failed is an `ApiError` with the task's own code. */
export type TaskError = TaskWaitTimeout | TaskCanceled | TaskUnknown | SubmissionLost

/** Which tasks to list. Times are of the submission. */
export interface TaskListParams {
  readonly taskId?: string | undefined
  /** A Date, or `YYYYMMDDhhmmss`. The service takes a span of 24 hours at the most. */
  readonly startTime?: string | Date | undefined
  /** As `startTime`. */
  readonly endTime?: string | Date | undefined
  readonly modelName?: string | undefined
  readonly status?: TaskStatus | undefined
  readonly region?: string | undefined
  readonly apiKeyId?: string | undefined
  readonly pageNo?: number | undefined
  readonly pageSize?: number | undefined
}

/** How many sub-tasks there are, such as the images of one request. */
export interface TaskMetrics {
  readonly total?: number | null | undefined
  readonly succeeded?: number | null | undefined
  readonly failed?: number | null | undefined
}

/** One page of the list. */
export interface TaskPage {
  readonly data?: ReadonlyArray<TaskRow> | null | undefined
  readonly total?: number | null | undefined
  readonly totalPage?: number | null | undefined
  readonly pageNo?: number | null | undefined
  readonly pageSize?: number | null | undefined
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | null | undefined
}

/** A task as the list has it. Its times are milliseconds since 1970. */
export interface TaskRow {
  readonly taskId: string
  readonly status?: string | null | undefined
  readonly modelName?: string | null | undefined
  readonly region?: string | null | undefined
  /** When it was submitted. */
  readonly gmtCreate?: number | null | undefined
  readonly startTime?: number | null | undefined
  readonly endTime?: number | null | undefined
  /** Of the submission. */
  readonly requestId?: string | null | undefined
  readonly apiKeyId?: string | null | undefined
  readonly callerParentId?: string | null | undefined
  readonly callerUid?: string | null | undefined
  readonly userApiUniqueKey?: string | null | undefined
}

/**
 * What the service says of a task. The result, which depends on the service, is in `output` under its wire names; the
 * service's own module has names for it.
 */
export interface TaskState {
  readonly output: {
    readonly taskId?: string | null | undefined
    /** A `TaskStatus`, or one that is newer than this library. */
    readonly taskStatus: string
    readonly submitTime?: string | null | undefined
    readonly scheduledTime?: string | null | undefined
    readonly endTime?: string | null | undefined
    readonly taskMetrics?: TaskMetrics | null | undefined
    /** Why the task failed. */
    readonly code?: string | null | undefined
    readonly message?: string | null | undefined
  }
  /** What the task cost, under its wire names. */
  readonly usage?: {
    readonly [name: string]: unknown
  } | null | undefined
  /** Of this question, and not of the submission. */
  readonly requestId?: string | null | undefined
}

/**
 * - `PENDING`, `SUSPENDED`, `RUNNING`: it goes on.
 * - `SUCCEEDED`: at least one of its sub-tasks did.
 * - `FAILED`, `CANCELED`.
 * - `UNKNOWN`: it was never there, or is there no more: the service keeps a task for 24 hours.
 */
export type TaskStatus = "CANCELED" | "FAILED" | "PENDING" | "RUNNING" | "SUCCEEDED" | "SUSPENDED" | "UNKNOWN"

/** The service knows no such task: it was never there, is of another account, or has expired. */
export interface TaskUnknown extends Error {
  readonly task: Task
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | undefined
  readonly isRetryable: false
  readonly _tag: "TaskUnknown"
  readonly cause?: unknown
}

/** A task has not ended in the time that it was given. It goes on: wait for it again. */
export interface TaskWaitTimeout extends Error {
  readonly task: Task
  /** How long it was waited for. */
  readonly waited: DurationValue
  /** As it was seen last. */
  readonly status?: string | undefined
  readonly isRetryable: false
  readonly _tag: "TaskWaitTimeout"
  readonly cause?: unknown
}

/** How texts become vectors. What is left out is the service's default. */
export interface TextEmbeddingParameters {
  /** What the texts are for: a question to search with, or what is searched. Default: `document`. */
  readonly textType?: "document" | "query" | undefined
  /**
   * The length of the vectors. text-embedding-v4: 2048, 1536, 1024, 768, 512, 256, 128 or 64; v3: 1024 or less of these.
   * Default: 1024.
   */
  readonly dimension?: number | undefined
  /** Default: `dense`. */
  readonly outputType?: "dense" | "dense&sparse" | "sparse" | undefined
  /** What the search is for, in English; for questions, from text-embedding-v4 on. */
  readonly instruct?: string | undefined
  /** Parameters that have no name here, under their wire names. */
  readonly extra?: {
    readonly [name: string]: unknown
  } | undefined
}

export interface TextEmbeddingParams extends TextEmbeddingParameters {
  /** Such as `text-embedding-v4`. */
  readonly model: string
  /**
   * The texts; none of them empty. text-embedding-v3 and later take 10 in one request, v1 and v2 take 25; the service refuses
   * more.
   */
  readonly texts: ReadonlyArray<string>
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: {
    readonly [name: string]: unknown
  } | undefined
}

/** An answer. */
export interface TextEmbeddingResult {
  readonly output: {
    readonly embeddings: ReadonlyArray<Embedding>
  }
  readonly usage?: TextEmbeddingUsage | null | undefined
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | null | undefined
}

export interface TextEmbeddingUsage {
  readonly inputTokens?: number | null | undefined
  readonly totalTokens?: number | null | undefined
}

/** A piece of text in a message that has several parts. */
export interface TextPart {
  readonly type: "text"
  readonly text: string
  readonly cacheControl?: CacheControl | undefined
}

/** A text; for models that see (`qwen3-vl-rerank`) also an image or a video: a URL, or a file or bytes by `Media`. */
export type TextReRankContent = string | {
  readonly text?: string | undefined
  readonly image?: string | Media.Media | undefined
  readonly video?: string | Media.Media | undefined
}

/** A parameter that is left out is the service's default. */
export interface TextReRankParams {
  /** Such as `qwen3-rerank`. */
  readonly model: string
  readonly query: TextReRankContent
  /** At least one; qwen3-rerank takes 500. */
  readonly documents: ReadonlyArray<TextReRankContent>
  /** How many results to give, the best. Default: all. */
  readonly topN?: number | undefined
  /** Whether each result has its document. Default: false. */
  readonly returnDocuments?: boolean | undefined
  /** What the documents are to be ranked for, in English. */
  readonly instruct?: string | undefined
  /** Parameters that have no name here, under their wire names. */
  readonly extra?: {
    readonly [name: string]: unknown
  } | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: {
    readonly [name: string]: unknown
  } | undefined
}

/** An answer. */
export interface TextReRankResult {
  readonly output: {
    /** The best first. */
    readonly results: ReadonlyArray<Ranked>
  }
  readonly usage?: TextReRankUsage | null | undefined
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | null | undefined
}

export interface TextReRankUsage {
  readonly inputTokens?: number | null | undefined
  readonly totalTokens?: number | null | undefined
}

/** A step of an application. */
export interface Thought {
  readonly thought?: string | null | undefined
  /** Such as `agentRag`, `api` or `reasoning`. */
  readonly actionType?: string | null | undefined
  readonly actionName?: string | null | undefined
  readonly action?: string | null | undefined
  readonly arguments?: string | null | undefined
  readonly actionInput?: unknown
  readonly actionInputStream?: string | null | undefined
  readonly response?: string | null | undefined
  /** What came of it, often as JSON text. */
  readonly observation?: string | null | undefined
}

/** What TLS beyond the defaults of Node is given as. */
export interface TlsInput {
  /** The certificate authorities to trust, as PEM, in place of Node's. */
  readonly ca?: string | ReadonlyArray<string> | undefined
  /** The client certificate (chain), as PEM. */
  readonly cert?: string | undefined
  /** The client certificate's private key, as PEM. */
  readonly key?: string | undefined
  /** What the private key is encrypted with. */
  readonly passphrase?: string | undefined
  /** The name to ask for and to verify, where it differs from the host of the URL. */
  readonly servername?: string | undefined
  /**
   * Accepts any certificate, and with it anybody between you and the service, who can then read your key. A pool made
   * with it logs a warning.
   */
  readonly dangerouslyAcceptAnyCertificate?: boolean | undefined
}

/** A token with its log probability, and those of the tokens that might have stood in its place. */
export interface TokenLogprob {
  readonly token?: string | null | undefined
  /** The token's UTF-8 bytes. */
  readonly bytes?: ReadonlyArray<number> | null | undefined
  readonly logprob?: number | null | undefined
  readonly topLogprobs?: ReadonlyArray<{
    readonly token?: string | null | undefined
    /** The token's UTF-8 bytes. */
    readonly bytes?: ReadonlyArray<number> | null | undefined
    readonly logprob?: number | null | undefined
  }> | null | undefined
}

export interface TokenizationParams {
  /** Such as `qwen-plus`. */
  readonly model: string
  /** One text; with `messages` it is their last, of the user. */
  readonly prompt?: string | undefined
  readonly messages?: ReadonlyArray<Message> | undefined
  /** Parameters that have no name here, under their wire names. */
  readonly extra?: {
    readonly [name: string]: unknown
  } | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: {
    readonly [name: string]: unknown
  } | undefined
}

/** An answer. */
export interface TokenizationResult {
  readonly output: {
    readonly tokenIds?: ReadonlyArray<number> | null | undefined
    readonly tokens?: ReadonlyArray<string> | null | undefined
  }
  readonly usage?: {
    readonly inputTokens?: number | null | undefined
  } | null | undefined
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | null | undefined
}

export interface TokensCreateParams {
  /** From 1 to 1800. Default: 60. */
  readonly expireInSeconds?: number | undefined
}

/** The model still asks for tools after `maxRounds` rounds. What it asked for last was not done. */
export interface TooManyRounds extends Error {
  readonly maxRounds: number
  /** The conversation up to the last question, to go on from. */
  readonly messages: ReadonlyArray<SystemMessage | UserMessage | AssistantMessage | ToolMessage | OtherMessage>
  /** What the model asked for last. */
  readonly calls: ReadonlyArray<ToolCall>
  /** Of all rounds. */
  readonly usage: {
    readonly inputTokens: number
    readonly outputTokens: number
    readonly totalTokens: number
  }
  readonly isRetryable: false
  readonly _tag: "TooManyRounds"
  readonly cause?: unknown
}

/** A function that the model may ask to be called. */
export interface Tool {
  readonly type: "function"
  readonly function: {
    /** At most 64 characters; `search` is reserved by the service. */
    readonly name: string
    readonly description?: string | undefined
    /** A JSON Schema of the arguments. */
    readonly parameters?: {
      readonly [name: string]: unknown
    } | undefined
  }
}

/** A call that the model asks for. `function.arguments` is JSON text, and may be invalid JSON: decode it before use. */
export interface ToolCall {
  readonly id: string
  readonly type: "function"
  readonly index?: number | undefined
  readonly function: {
    readonly name: string
    readonly arguments: string
  }
}

/**
 * The model asked for a tool in a way that cannot be followed. It usually fixes that when it is told: answer the call
 * with `description`.
 */
export interface ToolCallError extends Error {
  readonly reason: "InvalidArguments" | "InvalidJson" | "UnknownTool"
  /** The name that the model called. */
  readonly tool: string
  /** The id of the call. */
  readonly callId: string
  /** Where in the arguments, such as `stops[0].city`. */
  readonly paths: ReadonlyArray<string>
  /** What the model is to be told: where, what was expected, and what it wrote (cut short). */
  readonly description: string
  readonly isRetryable: false
  readonly _tag: "ToolCallError"
  readonly cause?: unknown
}

/**
 * Which tool the model calls: as it likes, none, or this one. In thinking mode only `auto` and `none`. `required` is on
 * one page of the documentation only.
 */
export type ToolChoice = "auto" | "none" | "required" | {
  readonly type: "function"
  readonly function: {
    readonly name: string
  }
}

/** A tool that the service ran itself. */
export interface ToolInfo {
  readonly type?: string | null | undefined
  readonly codeInterpreter?: {
    readonly code?: string | null | undefined
  } | null | undefined
}

/** The result of a tool call. */
export interface ToolMessage {
  readonly role: "tool"
  readonly content: Content
  /** The `id` of the call that this answers. */
  readonly toolCallId?: string | undefined
  /** The function's name. */
  readonly name?: string | undefined
}

/** What is said in one recording, and when. */
export interface Transcript {
  readonly fileUrl?: string | null | undefined
  readonly properties?: {
    readonly audioFormat?: string | null | undefined
    readonly channels?: ReadonlyArray<number> | null | undefined
    readonly originalSamplingRate?: number | null | undefined
    readonly originalDurationInMilliseconds?: number | null | undefined
  } | null | undefined
  /** Of qwen3-asr-flash-filetrans, in place of `properties`. */
  readonly audioInfo?: {
    readonly format?: string | null | undefined
    readonly sampleRate?: number | null | undefined
  } | null | undefined
  /** One for each channel. */
  readonly transcripts: ReadonlyArray<{
    readonly channelId?: number | null | undefined
    readonly contentDurationInMilliseconds?: number | null | undefined
    readonly text?: string | null | undefined
    readonly sentences?: ReadonlyArray<{
      /** From 1; of qwen3-asr-flash-filetrans from 0. */
      readonly sentenceId?: number | null | undefined
      readonly beginTime?: number | null | undefined
      readonly endTime?: number | null | undefined
      readonly text?: string | null | undefined
      /** With `diarizationEnabled`. */
      readonly speakerId?: number | null | undefined
      /** Of qwen3-asr-flash-filetrans, such as `zh`. */
      readonly language?: string | null | undefined
      /** Of qwen3-asr-flash-filetrans, such as `neutral`. */
      readonly emotion?: string | null | undefined
      readonly words?: ReadonlyArray<{
        readonly beginTime?: number | null | undefined
        readonly endTime?: number | null | undefined
        readonly text?: string | null | undefined
        /** What follows it. */
        readonly punctuation?: string | null | undefined
      }> | null | undefined
    }> | null | undefined
  }>
}

/** A parameter that is left out is the model's default. A text for a recording is its URL; local files and bytes are a `Media`. */
export interface TranscriptionParams {
  /** Such as `paraformer-v2`, `fun-asr` or `qwen3-asr-flash-filetrans`. */
  readonly model: string
  /** The recordings: at most 100, of 2 GB and 12 hours each. For qwen3-asr-flash-filetrans it is `fileUrl`. */
  readonly fileUrls?: ReadonlyArray<string | Media.Media> | undefined
  /** The recording, for qwen3-asr-flash-filetrans. */
  readonly fileUrl?: string | Media.Media | undefined
  /** What the recording is about, for Fun-ASR and qwen-audio. */
  readonly context?: unknown
  /** Which channels, from 0; each is paid for. Default: the first. */
  readonly channelId?: ReadonlyArray<number> | undefined
  /** Whether to tell speakers apart, in recordings of one channel. Default: false. */
  readonly diarizationEnabled?: boolean | undefined
  /** How many speakers there are about, from 2 to 100. */
  readonly speakerCount?: number | undefined
  /** Whether to leave out "uh" and the like. Default: false. */
  readonly disfluencyRemovalEnabled?: boolean | undefined
  readonly timestampAlignmentEnabled?: boolean | undefined
  /** Words to leave out or to replace: as an object, or as the JSON text that the service takes. */
  readonly specialWordFilter?: string | {
    readonly [name: string]: unknown
  } | undefined
  /** Whether to tell laughter, music and the like, too. */
  readonly audioEventDetectionEnabled?: boolean | undefined
  /** See `Vocabulary`. */
  readonly vocabularyId?: string | undefined
  /** Words to listen for, and how much. */
  readonly vocabulary?: {
    readonly [name: string]: number
  } | undefined
  /** Such as `["zh", "en"]`, for Paraformer and Fun-ASR. */
  readonly languageHints?: ReadonlyArray<string> | undefined
  /** Such as `zh`, for qwen3-asr-flash-filetrans. */
  readonly language?: string | undefined
  /** Whether numbers are written with digits, for qwen3-asr-flash-filetrans. Default: false. */
  readonly enableItn?: boolean | undefined
  /** Whether to tell the times of words, for qwen3-asr-flash-filetrans. Default: false. */
  readonly enableWords?: boolean | undefined
  /** Text that the recording is about, for qwen3-asr-flash-filetrans. */
  readonly corpus?: {
    readonly [name: string]: unknown
  } | undefined
  /** Lists of phrases, by their ids, for older models. */
  readonly phraseIds?: ReadonlyArray<string> | undefined
  /** Parameters that have no name here, under their wire names. */
  readonly extra?: {
    readonly [name: string]: unknown
  } | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: {
    readonly [name: string]: unknown
  } | undefined
}

/** The recordings of a task; `recordings` has them, whichever form it is. */
export interface TranscriptionResult {
  readonly output: {
    readonly taskId?: string | null | undefined
    /** A `TaskStatus`, or one that is newer than this library. */
    readonly taskStatus: string
    readonly submitTime?: string | null | undefined
    readonly scheduledTime?: string | null | undefined
    readonly endTime?: string | null | undefined
    readonly taskMetrics?: TaskMetrics | null | undefined
    /** Why the task failed. */
    readonly code?: string | null | undefined
    readonly message?: string | null | undefined
    readonly results?: ReadonlyArray<Recording> | null | undefined
    /** Of qwen3-asr-flash-filetrans. */
    readonly result?: Recording | null | undefined
  }
  readonly usage?: TranscriptionUsage | null | undefined
  /** Of the last question. Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | null | undefined
}

export interface TranscriptionUsage {
  readonly duration?: number | null | undefined
  /** Of qwen3-asr-flash-filetrans. */
  readonly seconds?: number | null | undefined
}

/** All that was recognised and translated. */
export interface Translated {
  /** What was said: the sentences, one after another. */
  readonly text: string
  /** The same in other languages, by language. */
  readonly translations: {
    readonly [name: string]: string
  }
  /** In order. In a partial one (`partialResult`) the last may be incomplete. */
  readonly sentences: ReadonlyArray<TranslatedSentence>
  readonly usage: {
    readonly duration?: number | null | undefined
  } | null | undefined
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId: string | undefined
}

/** A sentence, as it was said and in other languages. */
export interface TranslatedSentence {
  readonly sentenceId: number | undefined
  readonly transcription: TranslationRecognizerTranscription | undefined
  /** One for each language. */
  readonly translations: ReadonlyArray<TranslationRecognizerTranslation>
}

/** For the translation models (Qwen-MT), which take exactly one message, of the user. */
export interface TranslationOptions {
  /** Such as `Chinese`, or `auto`. */
  readonly sourceLang?: string | undefined
  readonly targetLang?: string | undefined
  /** What the text is about, in English words. */
  readonly domains?: string | undefined
  /** Terms with their prescribed translations. */
  readonly terms?: ReadonlyArray<TranslationPair> | undefined
  /** Sentences translated before (a translation memory). */
  readonly tmList?: ReadonlyArray<TranslationPair> | undefined
}

/** A pair of a source text and its translation. */
export interface TranslationPair {
  readonly source: string
  readonly target: string
}

/** What one recognition may have of its own. */
export interface TranslationRecognizerOptions extends AudioInputAudioOptions {
}

/** A parameter that is left out is the model's default. */
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
  readonly extra?: {
    readonly [name: string]: unknown
  } | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: {
    readonly [name: string]: unknown
  } | undefined
}

/** What is said of a sentence so far, or a complete one (`isFinal`). */
export interface TranslationRecognizerTranscription {
  readonly sentenceId?: number | null | undefined
  /** In milliseconds from the beginning of the audio. */
  readonly beginTime?: number | null | undefined
  /** In milliseconds from the beginning of the audio; null while it goes on. */
  readonly endTime?: number | null | undefined
  readonly text?: string | null | undefined
  readonly words?: ReadonlyArray<TranslationRecognizerWord> | null | undefined
  /** What is known of the next sentence. */
  readonly stash?: {
    readonly sentenceId?: number | null | undefined
    /** In milliseconds from the beginning of the audio. */
    readonly beginTime?: number | null | undefined
    /** In milliseconds from the beginning of the audio; null while it goes on. */
    readonly endTime?: number | null | undefined
    readonly text?: string | null | undefined
    readonly words?: ReadonlyArray<TranslationRecognizerWord> | null | undefined
    /** Whether it does not change any more. */
    readonly sentenceEnd?: boolean | null | undefined
  } | null | undefined
  /** Whether it does not change any more. */
  readonly sentenceEnd?: boolean | null | undefined
  /** Whether a pause has ended the sentence before its time. */
  readonly vadPreEnd?: boolean | null | undefined
  readonly preEndFailed?: boolean | null | undefined
  /** In milliseconds from the beginning of the audio. */
  readonly preEndStartTime?: number | null | undefined
  /** In milliseconds from the beginning of the audio. */
  readonly preEndEndTime?: number | null | undefined
}

/** The translation of a sentence so far, or of a complete one (`isFinal`). */
export interface TranslationRecognizerTranslation {
  readonly sentenceId?: number | null | undefined
  /** In milliseconds from the beginning of the audio. */
  readonly beginTime?: number | null | undefined
  /** In milliseconds from the beginning of the audio; null while it goes on. */
  readonly endTime?: number | null | undefined
  readonly text?: string | null | undefined
  readonly words?: ReadonlyArray<TranslationRecognizerWord> | null | undefined
  /** What is known of the next sentence. */
  readonly stash?: {
    readonly sentenceId?: number | null | undefined
    /** In milliseconds from the beginning of the audio. */
    readonly beginTime?: number | null | undefined
    /** In milliseconds from the beginning of the audio; null while it goes on. */
    readonly endTime?: number | null | undefined
    readonly text?: string | null | undefined
    readonly words?: ReadonlyArray<TranslationRecognizerWord> | null | undefined
    /** Whether it does not change any more. */
    readonly sentenceEnd?: boolean | null | undefined
  } | null | undefined
  /** Whether it does not change any more. */
  readonly sentenceEnd?: boolean | null | undefined
  /** Whether a pause has ended the sentence before its time. */
  readonly vadPreEnd?: boolean | null | undefined
  readonly preEndFailed?: boolean | null | undefined
  /** In milliseconds from the beginning of the audio. */
  readonly preEndStartTime?: number | null | undefined
  /** In milliseconds from the beginning of the audio. */
  readonly preEndEndTime?: number | null | undefined
  /** Its language, such as `en`. */
  readonly lang?: string | null | undefined
}

/** A word and its times, in milliseconds from the beginning of the audio. */
export interface TranslationRecognizerWord {
  /** In milliseconds from the beginning of the audio. */
  readonly beginTime?: number | null | undefined
  /** In milliseconds from the beginning of the audio. */
  readonly endTime?: number | null | undefined
  readonly text?: string | null | undefined
  /** What follows it. */
  readonly punctuation?: string | null | undefined
  /** Whether it does not change any more. */
  readonly fixed?: boolean | null | undefined
  readonly speakerId?: number | null | undefined
}

/**
 * An element of a stream. Each half has all of its sentence so far, and replaces the one before it until the sentence is complete;
 * either may be missing.
 */
export interface TranslationResult {
  readonly output: {
    readonly transcription?: TranslationRecognizerTranscription | null | undefined
    readonly translations?: ReadonlyArray<TranslationRecognizerTranslation> | null | undefined
  }
  /** Seconds that are paid for, so far. */
  readonly usage?: {
    readonly duration?: number | null | undefined
  } | null | undefined
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | null | undefined
}

/** How the service tells that somebody has spoken. */
export interface TurnDetection {
  /** `server_vad`, `semantic_vad`, `smart_turn` or `speaker_detection`, by model. */
  readonly type: string
  /** From -1 to 1; higher takes louder voices. */
  readonly threshold?: number | undefined
  readonly prefixPaddingMs?: number | undefined
  /** How much silence ends a turn: from 200 to 6000. Default: 800. */
  readonly silenceDurationMs?: number | undefined
  /** Whether a response follows by itself. Default: true. */
  readonly createResponse?: boolean | undefined
  /** Whether speech ends the response that is running. Default: true. */
  readonly interruptResponse?: boolean | undefined
  /** After so much silence the model speaks first: from 5000 to 30000. */
  readonly idleTimeoutMs?: number | undefined
}

export interface UnderstandingParams {
  /** Such as `opennlu-v1`. */
  readonly model: string
  readonly sentence: string
  /** What to look for, or what to choose from; a text has them between Chinese commas. */
  readonly labels: string | ReadonlyArray<string>
  /** Default: `extraction`. */
  readonly task?: "classification" | "extraction" | undefined
  /** Parameters that have no name here, under their wire names. */
  readonly extra?: {
    readonly [name: string]: unknown
  } | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: {
    readonly [name: string]: unknown
  } | undefined
}

/** An answer. */
export interface UnderstandingResult {
  readonly output: {
    /** The labels or what was found, each followed by a semicolon. */
    readonly text?: string | null | undefined
    /** How long it took, in seconds. */
    readonly rt?: number | null | undefined
  }
  readonly usage?: {
    readonly inputTokens?: number | null | undefined
    readonly outputTokens?: number | null | undefined
    readonly totalTokens?: number | null | undefined
  } | null | undefined
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | null | undefined
}

/** An event that has no name here, as it came. */
export interface UnknownServerEvent {
  readonly type: "unknown"
  /** The `type` that it came with. */
  readonly name: string
  readonly event: {
    readonly [name: string]: unknown
  }
}

/**
 * What one upload may have of its own, besides the options of any call. `timeout` bounds all of it, the certificate
 * included; it is not made again after an error, regardless of `retry`, once the file has begun to be sent.
 */
export interface UploadOptions extends CallOptions {
  /** The model that is to read the file. No other can. */
  readonly model: string
  /** Run as pieces of the file are handed to the connection, at most once for each 64 KiB. */
  readonly onProgress?: ((progress: UploadProgress) => Promise<void> | void) | undefined
}

export interface UploadParams {
  readonly files: ReadonlyArray<FilesSource>
  /** Such as `fine-tune`. */
  readonly purpose?: string | undefined
}

/** How far an upload has come, in bytes of the file. */
export interface UploadProgress {
  readonly sent: number
  readonly size: number
}

export interface UploadResult {
  /** 0 for success. */
  readonly code?: number | null | undefined
  readonly msg?: string | null | undefined
  readonly success?: boolean | null | undefined
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | null | undefined
  readonly data?: {
    readonly uploadedFiles?: ReadonlyArray<{
      readonly name?: string | null | undefined
      readonly fileId?: string | null | undefined
    }> | null | undefined
    /** Those that the service refused, each with its reason: the others are there all the same. */
    readonly failedUploads?: ReadonlyArray<{
      readonly name?: string | null | undefined
      readonly code?: string | null | undefined
      readonly message?: string | null | undefined
    }> | null | undefined
  } | null | undefined
}

/** Tokens, summed over several calls. */
export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly totalTokens: number
}

/** What the user says. */
export interface UserMessage {
  readonly role: "user"
  readonly content: Content
  readonly name?: string | undefined
}

export interface VideoOptions extends PartOptions {
  /** Of a video, how many frames of a second are looked at; of a list of frames, how many a second has. */
  readonly fps?: number | undefined
  /** Of each frame. */
  readonly minPixels?: string | number | undefined
  /** Of each frame. */
  readonly maxPixels?: string | number | undefined
  /** Of all frames together. */
  readonly totalPixels?: string | number | undefined
}

/** A video, or its frames as pictures. */
export interface VideoPart extends VideoOptions {
  readonly video: MultiModalSource | ReadonlyArray<MultiModalSource>
}

/** A parameter that is left out is the model's default. A text for a medium is its URL; local files and bytes are a `Media`. */
export interface VideoSynthesisParams {
  /** Such as `wan2.5-t2v-preview`, `wan2.7-i2v` or `wan2.2-kf2v-flash`. */
  readonly model: string
  readonly prompt?: string | undefined
  readonly negativePrompt?: string | undefined
  /** For wan2.7 and newer. */
  readonly media?: ReadonlyArray<MediaItem> | undefined
  /** The first frame, for i2v models up to wan2.6. */
  readonly imgUrl?: string | Media.Media | undefined
  readonly audioUrl?: string | Media.Media | undefined
  /** For kf2v models. */
  readonly firstFrameUrl?: string | Media.Media | undefined
  /** For kf2v models. */
  readonly lastFrameUrl?: string | Media.Media | undefined
  readonly headFrame?: string | Media.Media | undefined
  readonly tailFrame?: string | Media.Media | undefined
  readonly referenceVideoUrls?: ReadonlyArray<string | Media.Media> | undefined
  readonly referenceUrls?: ReadonlyArray<string | Media.Media> | undefined
  readonly referenceUrl?: string | Media.Media | undefined
  readonly referenceVideoDescription?: ReadonlyArray<string> | undefined
  /** For vace: what to do. */
  readonly function?: string | undefined
  readonly maskImageUrl?: string | Media.Media | undefined
  readonly refImagesUrl?: ReadonlyArray<string | Media.Media> | undefined
  readonly videoUrl?: string | Media.Media | undefined
  /** An effect by its name. */
  readonly template?: string | undefined
  readonly extendPrompt?: boolean | undefined
  /** Such as `1280*720`, up to wan2.6. */
  readonly size?: string | undefined
  readonly resolution?: (string & {}) | "1080P" | "480P" | "720P" | undefined
  readonly ratio?: string | undefined
  /** In seconds. */
  readonly duration?: number | undefined
  readonly seed?: number | undefined
  readonly promptExtend?: boolean | undefined
  readonly watermark?: boolean | undefined
  /** Whether the video has sound. */
  readonly audio?: boolean | undefined
  readonly withAudio?: boolean | undefined
  readonly shotType?: (string & {}) | "auto" | "multi" | "single" | undefined
  readonly audioSetting?: (string & {}) | "auto" | "no_audio" | "origin" | undefined
  readonly enableOverlays?: boolean | undefined
  readonly enableThinking?: boolean | undefined
  readonly steps?: number | undefined
  /** Parameters that have no name here, under their wire names. */
  readonly extra?: {
    readonly [name: string]: unknown
  } | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: {
    readonly [name: string]: unknown
  } | undefined
}

/** The video of a task. */
export interface VideoSynthesisResult {
  readonly output: {
    readonly taskId?: string | null | undefined
    /** A `TaskStatus`, or one that is newer than this library. */
    readonly taskStatus: string
    readonly submitTime?: string | null | undefined
    readonly scheduledTime?: string | null | undefined
    readonly endTime?: string | null | undefined
    readonly taskMetrics?: TaskMetrics | null | undefined
    /** Why the task failed. */
    readonly code?: string | null | undefined
    readonly message?: string | null | undefined
    /** Good for 24 hours. */
    readonly videoUrl?: string | null | undefined
    readonly origPrompt?: string | null | undefined
    /** The prompt as the service wrote it anew. */
    readonly actualPrompt?: string | null | undefined
    readonly checkAudio?: unknown
  }
  readonly usage?: VideoSynthesisUsage | null | undefined
  /** Of the last question. Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | null | undefined
}

export interface VideoSynthesisUsage {
  readonly videoCount?: number | null | undefined
  readonly videoDuration?: number | null | undefined
  readonly videoRatio?: string | null | undefined
  readonly duration?: number | null | undefined
  readonly inputVideoDuration?: number | null | undefined
  readonly outputVideoDuration?: number | null | undefined
  readonly size?: string | null | undefined
  readonly resolution?: string | number | null | undefined
  readonly ratio?: string | null | undefined
  readonly audio?: boolean | null | undefined
  readonly fps?: number | null | undefined
  readonly shotType?: string | null | undefined
  readonly referenceType?: string | null | undefined
}

export interface VocabularyCreateParams {
  /** The model of speech recognition, which has to be the one it is used with. */
  readonly targetModel: string
  /** The start of its id: small letters and digits, at most 9. */
  readonly prefix: string
  readonly vocabulary: ReadonlyArray<HotWord>
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: {
    readonly [name: string]: unknown
  } | undefined
}

export interface VocabularyListParams {
  readonly prefix?: string | undefined
  /** Counted from 0. Default: 0. */
  readonly pageIndex?: number | undefined
  /** Default: 10. */
  readonly pageSize?: number | undefined
}

/** What the service says of vocabularies; each operation fills its own fields. */
export interface VocabularyResult {
  readonly output?: {
    /** Of `create`. */
    readonly vocabularyId?: string | null | undefined
    /** Of `list`. */
    readonly vocabularyList?: ReadonlyArray<{
      readonly vocabularyId?: string | null | undefined
      readonly gmtCreate?: string | null | undefined
      readonly gmtModified?: string | null | undefined
      readonly status?: string | null | undefined
    }> | null | undefined
    /** Of `get`. */
    readonly vocabulary?: ReadonlyArray<HotWord> | null | undefined
    readonly targetModel?: string | null | undefined
    readonly gmtCreate?: string | null | undefined
    readonly gmtModified?: string | null | undefined
    /** `OK` once it can be used. */
    readonly status?: string | null | undefined
  } | null | undefined
  readonly usage?: {
    readonly count?: number | null | undefined
  } | null | undefined
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | null | undefined
}

export interface VocabularyUpdateParams {
  readonly vocabularyId: string
  /** Replaces the words that were there. */
  readonly vocabulary: ReadonlyArray<HotWord>
}

export interface VoiceEnrollmentCreateParams {
  /** The model that will speak. */
  readonly targetModel: string
  /** The start of its id: letters and digits, at most 10. */
  readonly prefix: string
  /** Of the recording. */
  readonly url: string
  readonly languageHints?: ReadonlyArray<string> | undefined
  /** In seconds, from 3 to 30. Default: 10. */
  readonly maxPromptAudioLength?: number | undefined
  readonly enablePreprocess?: boolean | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: {
    readonly [name: string]: unknown
  } | undefined
}

export interface VoiceEnrollmentListParams {
  /** Default: `voice-enrollment`. */
  readonly maker?: Maker | undefined
  readonly prefix?: string | undefined
  /** Counted from 0. Default: 0. */
  readonly pageIndex?: number | undefined
  /** Default: 10. */
  readonly pageSize?: number | undefined
}

export interface VoiceEnrollmentUpdateParams {
  readonly voiceId: string
  /** Of another recording. */
  readonly url: string
}

export interface VoiceParams {
  /** Default: `voice-enrollment`. */
  readonly maker?: Maker | undefined
  readonly voiceId: string
}

/** What the service says of voices; each operation fills its own fields. */
export interface VoiceResult {
  readonly output?: {
    readonly voiceId?: string | null | undefined
    /** The id, of Qwen-TTS. */
    readonly voice?: string | null | undefined
    readonly targetModel?: string | null | undefined
    readonly gmtCreate?: string | null | undefined
    readonly gmtModified?: string | null | undefined
    /** `DEPLOYING`, then `OK` or `UNDEPLOYED`. */
    readonly status?: string | null | undefined
    /** Of `list`. */
    readonly voiceList?: ReadonlyArray<{
      readonly voiceId?: string | null | undefined
      /** The id, of Qwen-TTS. */
      readonly voice?: string | null | undefined
      readonly targetModel?: string | null | undefined
      readonly gmtCreate?: string | null | undefined
      readonly gmtModified?: string | null | undefined
      /** `DEPLOYING`, then `OK` or `UNDEPLOYED`. */
      readonly status?: string | null | undefined
    }> | null | undefined
    /** The recording. */
    readonly resourceLink?: string | null | undefined
    readonly language?: string | null | undefined
    readonly voicePrompt?: string | null | undefined
    readonly previewText?: string | null | undefined
    /** Of `design`. */
    readonly previewAudio?: {
      /** In base64. */
      readonly data?: string | null | undefined
      readonly sampleRate?: number | null | undefined
      readonly responseFormat?: string | null | undefined
    } | null | undefined
    readonly fallbackMode?: unknown
    readonly fallbackReason?: string | null | undefined
  } | null | undefined
  readonly usage?: {
    readonly count?: number | null | undefined
  } | null | undefined
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | null | undefined
}

/** What a node of a workflow says, bit by bit. */
export interface WorkflowMessage {
  readonly nodeId?: string | null | undefined
  readonly nodeName?: string | null | undefined
  readonly nodeType?: string | null | undefined
  /** Such as `executing` or `success`. */
  readonly nodeStatus?: string | null | undefined
  /** Counts the messages of a node from 0. */
  readonly nodeMsgSeqId?: number | null | undefined
  /** The service writes it in either way. */
  readonly nodeIsCompleted?: string | boolean | null | undefined
  readonly message?: {
    readonly role?: string | null | undefined
    readonly content?: string | null | undefined
  } | null | undefined
}

/**
 * A host of one workspace's own, which the service recommends for production:
 * `https://{workspaceId}.{region}.maas.aliyuncs.com`. The shared hosts of that kind have a name in the place of the id:
 * `trial`, `token-plan`.
 */
export interface WorkspaceEndpoint {
  /** A letter or digit, then up to 63 more, `-` and `_`, as in the official SDKs. */
  readonly workspaceId: string
  readonly region: WorkspaceRegion
}

/** Where a workspace's own host is. Frankfurt (`eu-central-1`) and Tokyo (`ap-northeast-1`) have no other. */
export type WorkspaceRegion = (string & {}) | "ap-northeast-1" | "ap-southeast-1" | "cn-beijing" | "cn-hongkong" | "eu-central-1" | "us-east-1"
