/**
 * What is said in recordings, by tasks: with Paraformer and Fun-ASR up to a hundred recordings in one task, with
 * qwen3-asr-flash-filetrans one. See `Task`.
 *
 * @example
 * import { DashScope, Transcription } from "effect-dashscope"
 * import { Console, Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const result = yield* Transcription.call({
 *     model: "paraformer-v2",
 *     fileUrls: ["https://example.com/monday.wav", "https://example.com/tuesday.wav"],
 *     languageHints: ["zh", "en"]
 *   })
 *   for (const recording of Transcription.recordings(result)) {
 *     yield* Transcription.transcript(recording).pipe(
 *       Effect.flatMap((transcript) => Console.log(Transcription.toSrt(transcript))),
 *       // One that failed costs nothing of the others.
 *       Effect.catchTag("ApiError", (error) => Console.error(recording.fileUrl, error.message))
 *     )
 *   }
 * })
 *
 * export const main = program.pipe(Effect.provide(DashScope.layer()))
 *
 * The service fetches the recordings by their URLs; a `Media` that is a file or bytes is uploaded first. The texts are files too,
 * good for 24 hours: {@link transcript} reads one. Fields of an answer that have no name here are kept, at their place, under
 * their wire names. For a short recording in one call, see `MultiModalConversation` (qwen3-asr-flash).
 *
 * Source: "Paraformer recorded speech recognition", "Fun-ASR recorded speech recognition", "Qwen-ASR API reference".
 *
 * @since 0.1.0
 */
/* eslint-disable @typescript-eslint/no-empty-object-type -- An interface names the type of a Schema, as in Effect. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type { CallOptions } from "./CallOptions.js"
import * as DashScopeClient from "./DashScopeClient.js"
import type { ApiError, DashScopeError, InputRequired } from "./DashScopeError.js"
import type { DownloadError, DownloadOptions } from "./DownloadState.js"
import * as Codec from "./internal/core/codec.js"
import { nullish, nullishFrom, preserve, requestId } from "./internal/core/fields.js"
import * as Download from "./internal/operation/download.js"
import * as Params from "./internal/operation/params.js"
import * as TaskService from "./internal/operation/taskService.js"
import * as States from "./internal/operation/taskState.js"
import * as Subtitles from "./internal/speech/subtitles.js"
import type { Media } from "./Media.js"
import * as TaskState from "./TaskState.js"
import * as Upload from "./Upload.js"

// -----------------------------------------------------------------------------
// parameters
// -----------------------------------------------------------------------------

/**
 * A parameter that is left out is the model's default. A text for a recording is its URL; local files and bytes are a `Media`.
 *
 * @since 0.1.0
 * @category models
 */
export interface TranscriptionParams {
  /** Such as `paraformer-v2`, `fun-asr` or `qwen3-asr-flash-filetrans`. */
  readonly model: string
  /** The recordings: at most 100, of 2 GB and 12 hours each. For qwen3-asr-flash-filetrans it is {@link fileUrl}. */
  readonly fileUrls?: ReadonlyArray<string | Media> | undefined
  /** The recording, for qwen3-asr-flash-filetrans. */
  readonly fileUrl?: string | Media | undefined
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
  readonly specialWordFilter?: string | Readonly<Record<string, unknown>> | undefined
  /** Whether to tell laughter, music and the like, too. */
  readonly audioEventDetectionEnabled?: boolean | undefined
  /** See `Vocabulary`. */
  readonly vocabularyId?: string | undefined
  /** Words to listen for, and how much. */
  readonly vocabulary?: Readonly<Record<string, number>> | undefined
  /** Such as `["zh", "en"]`, for Paraformer and Fun-ASR. */
  readonly languageHints?: ReadonlyArray<string> | undefined
  /** Such as `zh`, for qwen3-asr-flash-filetrans. */
  readonly language?: string | undefined
  /** Whether numbers are written with digits, for qwen3-asr-flash-filetrans. Default: false. */
  readonly enableItn?: boolean | undefined
  /** Whether to tell the times of words, for qwen3-asr-flash-filetrans. Default: false. */
  readonly enableWords?: boolean | undefined
  /** Text that the recording is about, for qwen3-asr-flash-filetrans. */
  readonly corpus?: Readonly<Record<string, unknown>> | undefined
  /** Lists of phrases, by their ids, for older models. */
  readonly phraseIds?: ReadonlyArray<string> | undefined
  /** Parameters that have no name here, under their wire names. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: Readonly<Record<string, unknown>> | undefined
}

const fields: Params.Fields<TranscriptionParams> = {
  model: Params.top("model"),
  fileUrls: Params.input("file_urls"),
  fileUrl: Params.input("file_url"),
  context: Params.input("context"),
  channelId: Params.parameter("channel_id"),
  diarizationEnabled: Params.parameter("diarization_enabled"),
  speakerCount: Params.parameter("speaker_count"),
  disfluencyRemovalEnabled: Params.parameter("disfluency_removal_enabled"),
  timestampAlignmentEnabled: Params.parameter("timestamp_alignment_enabled"),
  specialWordFilter: Params.parameter(
    "special_word_filter",
    (filter: string | Readonly<Record<string, unknown>>) => typeof filter === "string" ? filter : JSON.stringify(filter)
  ),
  audioEventDetectionEnabled: Params.parameter("audio_event_detection_enabled"),
  vocabularyId: Params.parameter("vocabulary_id"),
  vocabulary: Params.parameter("vocabulary"),
  languageHints: Params.parameter("language_hints"),
  language: Params.parameter("language"),
  enableItn: Params.parameter("enable_itn"),
  enableWords: Params.parameter("enable_words"),
  corpus: Params.parameter("corpus"),
  phraseIds: Params.top(
    "resources",
    (ids: ReadonlyArray<string>) => ids.map((id) => ({ resource_id: id, resource_type: "asr_phrase" }))
  )
}

/** These take one recording, in a field of its own. */
const takesOne = (model: string): boolean => /^qwen\d*-asr-/.test(model)

const problem = ({ extraInput, fileUrl, fileUrls, model }: TranscriptionParams): InputRequired | undefined => {
  const wrong = Params.modelRequired(model, "paraformer-v2")
  if (wrong !== undefined || extraInput !== undefined) return wrong
  const nothing = "nothing to transcribe: give the URL of a recording"
  if (takesOne(model)) {
    return fileUrls !== undefined
      ? Params.invalid("fileUrls", `${model} takes one recording: use fileUrl`)
      : fileUrl === undefined || fileUrl === ""
      ? Params.invalid("fileUrl", nothing)
      : undefined
  }
  if (fileUrl !== undefined) return Params.invalid("fileUrl", `${model} takes a list of recordings: use fileUrls`)
  if (!Array.isArray(fileUrls) || fileUrls.length === 0) return Params.invalid("fileUrls", nothing)
  const bad = fileUrls.findIndex((url) => url === undefined || url === null || url === "")
  return bad < 0 ? undefined : Params.invalid(`fileUrls[${bad}]`, "must not be empty")
}

// -----------------------------------------------------------------------------
// results
// -----------------------------------------------------------------------------

/**
 * Where the text of a recording is, or why there is none ({@link errorOf}): some may fail where others are there.
 *
 * @since 0.1.0
 * @category models
 */
export interface Recording extends Schema.Schema.Type<typeof Recording> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const Recording = Schema.Struct({
  fileUrl: nullishFrom("file_url", Schema.String),
  /** Good for 24 hours; {@link transcript} reads it. */
  transcriptionUrl: nullishFrom("transcription_url", Schema.String),
  subtaskStatus: nullishFrom("subtask_status", Schema.String),
  /** Such as `InvalidFile.DownloadFailed`. */
  code: nullish(Schema.String),
  message: nullish(Schema.String)
}).annotations({ identifier: "Recording", ...preserve })

/**
 * @since 0.1.0
 * @category models
 */
export interface TranscriptionUsage extends Schema.Schema.Type<typeof TranscriptionUsage> {}

/**
 * Seconds that are paid for, in the one field or the other.
 *
 * @since 0.1.0
 * @category schemas
 */
export const TranscriptionUsage = Schema.Struct({
  duration: nullish(Schema.Number),
  /** Of qwen3-asr-flash-filetrans. */
  seconds: nullish(Schema.Number)
}).annotations({ identifier: "TranscriptionUsage", ...preserve })

/**
 * The recordings of a task; {@link recordings} has them, whichever form it is.
 *
 * @since 0.1.0
 * @category models
 */
export interface TranscriptionResult extends Schema.Schema.Type<typeof TranscriptionResult> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const TranscriptionResult = Schema.Struct({
  output: Schema.Struct({
    ...TaskState.outputFields,
    results: nullish(Schema.Array(Recording)),
    /** Of qwen3-asr-flash-filetrans. */
    result: nullish(Recording)
  }).annotations(preserve),
  usage: nullish(TranscriptionUsage),
  /** Of the last question. Quote this to Alibaba Cloud's support. */
  requestId
}).annotations({ identifier: "TranscriptionResult", ...preserve })

/**
 * A word and its times, in milliseconds from the beginning of the recording.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Word = Schema.Struct({
  beginTime: nullishFrom("begin_time", Schema.Number),
  endTime: nullishFrom("end_time", Schema.Number),
  text: nullish(Schema.String),
  /** What follows it. */
  punctuation: nullish(Schema.String)
}).annotations({ identifier: "Word", ...preserve })

/**
 * A sentence and its times, in milliseconds from the beginning of the recording.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Sentence = Schema.Struct({
  /** From 1; of qwen3-asr-flash-filetrans from 0. */
  sentenceId: nullishFrom("sentence_id", Schema.Number),
  beginTime: nullishFrom("begin_time", Schema.Number),
  endTime: nullishFrom("end_time", Schema.Number),
  text: nullish(Schema.String),
  /** With `diarizationEnabled`. */
  speakerId: nullishFrom("speaker_id", Schema.Number),
  /** Of qwen3-asr-flash-filetrans, such as `zh`. */
  language: nullish(Schema.String),
  /** Of qwen3-asr-flash-filetrans, such as `neutral`. */
  emotion: nullish(Schema.String),
  words: nullish(Schema.Array(Word))
}).annotations({ identifier: "Sentence", ...preserve })

/**
 * What is said on one channel.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Channel = Schema.Struct({
  channelId: nullishFrom("channel_id", Schema.Number),
  contentDurationInMilliseconds: nullishFrom("content_duration_in_milliseconds", Schema.Number),
  text: nullish(Schema.String),
  sentences: nullish(Schema.Array(Sentence))
}).annotations({ identifier: "Channel", ...preserve })

/**
 * What is said in one recording, and when.
 *
 * @since 0.1.0
 * @category models
 */
export interface Transcript extends Schema.Schema.Type<typeof Transcript> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const Transcript = Schema.Struct({
  fileUrl: nullishFrom("file_url", Schema.String),
  properties: nullish(
    Schema.Struct({
      audioFormat: nullishFrom("audio_format", Schema.String),
      channels: nullish(Schema.Array(Schema.Number)),
      originalSamplingRate: nullishFrom("original_sampling_rate", Schema.Number),
      originalDurationInMilliseconds: nullishFrom("original_duration_in_milliseconds", Schema.Number)
    }).annotations(preserve)
  ),
  /** Of qwen3-asr-flash-filetrans, in place of `properties`. */
  audioInfo: nullishFrom(
    "audio_info",
    Schema.Struct({ format: nullish(Schema.String), sampleRate: nullishFrom("sample_rate", Schema.Number) })
      .annotations(preserve)
  ),
  /** One for each channel. */
  transcripts: Schema.Array(Channel)
}).annotations({ identifier: "Transcript", ...preserve })

/**
 * The recordings of a result, whichever form it has.
 *
 * @since 0.1.0
 * @category accessors
 */
export const recordings = ({ output }: TranscriptionResult): ReadonlyArray<Recording> =>
  output.results ?? (output.result ? [output.result] : [])

/**
 * Why there is no text of a recording, by the same classes as all errors of the service; nothing where there is one.
 *
 * @since 0.1.0
 * @category accessors
 */
export const errorOf = (recording: Recording): ApiError | undefined =>
  States.subTaskError(`the transcription of ${recording.fileUrl ?? "a recording"}`, recording)

// -----------------------------------------------------------------------------
// texts
// -----------------------------------------------------------------------------

/**
 * How subtitles are written.
 *
 * @since 0.1.0
 * @category models
 */
export interface SrtOptions {
  /** The most characters of one subtitle; a longer sentence is cut between its words, where their times are there. Default: any. */
  readonly maxCharacters?: number | undefined
  /** Whether each begins with its speaker, as in `[1] Hello`. Default: false. */
  readonly speakers?: boolean | undefined
}

/**
 * A transcript as subtitles in the form of SubRip (`.srt`): one for each sentence, of all channels in the order of time. Empty
 * where nothing was said.
 *
 * @since 0.1.0
 * @category accessors
 */
export const toSrt = ({ transcripts }: Transcript, { maxCharacters, speakers = false }: SrtOptions = {}): string =>
  Subtitles.toSrt(Subtitles.cuesOf(transcripts, maxCharacters), speakers)

/**
 * A transcript as plain text: a line for each channel; with `speakers`, where they were told apart, a line for each turn, as in
 * `[1] Hello`.
 *
 * @since 0.1.0
 * @category accessors
 */
export const toText = (
  { transcripts }: Transcript,
  { speakers = false }: Pick<SrtOptions, "speakers"> = {}
): string => Subtitles.toText(transcripts, speakers)

// -----------------------------------------------------------------------------
// service
// -----------------------------------------------------------------------------

const endpoint = TaskService.endpoint({
  service: "Transcription",
  operation: "submit_transcription",
  fields,
  problem,
  result: TranscriptionResult
})

const decodeTranscript = Codec.decoder(Transcript)

/**
 * @since 0.1.0
 * @category models
 */
export interface Service extends TaskState.TaskService<TranscriptionParams, TranscriptionResult> {
  /** See the accessor of the same name. */
  readonly transcript: (
    recording: Recording | string,
    options?: DownloadOptions
  ) => Effect.Effect<Transcript, DownloadError>
}

/**
 * @example
 * import { Transcription } from "effect-dashscope"
 * import { Effect, Layer } from "effect"
 *
 * // For a test of code that transcribes.
 * export const Mock = Layer.mock(Transcription.Transcription, {
 *   call: () => Effect.succeed({ output: { taskStatus: "SUCCEEDED", results: [{ transcriptionUrl: "a.json" }] } }),
 *   transcript: () => Effect.succeed({ transcripts: [{ text: "Hello." }] })
 * })
 *
 * @since 0.1.0
 * @category tags
 */
export class Transcription extends Context.Tag("effect-dashscope/Transcription")<Transcription, Service>() {}

const transcriptBy = (http: HttpClient.HttpClient): Service["transcript"] => (recording, options) =>
  Effect.suspend((): Effect.Effect<Transcript, DownloadError> => {
    const row: Recording = typeof recording === "string" ? { transcriptionUrl: recording } : recording
    const error = errorOf(row)
    if (error !== undefined) return Effect.fail(error)
    return row.transcriptionUrl
      ? Download.json(http, row.transcriptionUrl, decodeTranscript, options)
      : Effect.fail(Params.invalid("recording", "has no transcriptionUrl, nor says why"))
  })

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<
  Service,
  never,
  DashScopeClient.DashScopeClient | Upload.Upload | HttpClient.HttpClient
> = Effect.gen(function*() {
  const client = yield* DashScopeClient.DashScopeClient
  const { resolve } = yield* Upload.Upload
  const http = yield* HttpClient.HttpClient
  return { ...TaskService.make(client, TaskService.stored(resolve), endpoint), transcript: transcriptBy(http) }
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<
  Transcription,
  never,
  DashScopeClient.DashScopeClient | Upload.Upload | HttpClient.HttpClient
> = Layer.effect(Transcription, make)

/**
 * Submits a task, and gives it as data. Recordings that are files or bytes are uploaded first.
 *
 * Fails with `InputRequired` before anything is sent where there is nothing to transcribe or the model is served elsewhere, with
 * `SubmissionLost` where the answer was lost and the task may exist, and with the other errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const submit: (
  params: TranscriptionParams,
  options?: CallOptions
) => Effect.Effect<TaskState.Task, TaskState.SubmitError, Transcription> = TaskService.submit(Transcription)

const await_: (
  task: TaskState.Task,
  options?: TaskState.AwaitOptions
) => Effect.Effect<TranscriptionResult, TaskState.AwaitError, Transcription> = TaskService.await(Transcription)

export {
  /**
   * Waits for a task that {@link submit} gave, here or in another process, and gives its recordings. Fails as `Task.await`; where
   * some recordings failed and others did not, the result has both.
   *
   * @since 0.1.0
   * @category accessors
   */
  await_ as await
}

/**
 * Submits a task and waits for its recordings. `Task.ofError` has the task of an error, once there is one.
 *
 * Fails as {@link submit} and `Task.await`.
 *
 * @since 0.1.0
 * @category accessors
 */
export const call: (
  params: TranscriptionParams,
  options?: TaskState.AwaitOptions
) => Effect.Effect<TranscriptionResult, DashScopeError | TaskState.TaskError, Transcription> = TaskService.call(
  Transcription
)

/**
 * The text of a recording, and when each word was said: fetches the file that the recording names, without the key, resumed
 * where it breaks off.
 *
 * Fails with the `ApiError` of a recording that failed ({@link errorOf}), with an `ApiError` of reason `UnexpectedResponse` for a
 * file that is no transcript, and as `Download.stream`: of status 403 once the URL has expired, after 24 hours.
 *
 * @since 0.1.0
 * @category accessors
 */
export const transcript = (
  recording: Recording | string,
  options?: DownloadOptions
): Effect.Effect<Transcript, DownloadError, Transcription> =>
  Effect.flatMap(Transcription, (service) => service.transcript(recording, options))
