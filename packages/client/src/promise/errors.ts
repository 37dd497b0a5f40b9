/**
 * The errors, as classes for `instanceof`. They are those of the rest of the package, with the same fields; only their
 * types are written without Effect.
 *
 * @since 0.1.0
 */
import * as Batches from "../BatchState.js"
import * as Errors from "../DashScopeError.js"
import * as Downloads from "../DownloadState.js"
import * as Objects from "../StructuredOutput.js"
import * as Tasks from "../TaskState.js"
import * as Embeddings from "../TextEmbedding.js"
import * as Runs from "../ToolRun.js"
import type * as Types from "./types.js"

/**
 * A class of errors, for `instanceof`.
 *
 * @since 0.1.0
 * @category models
 */
export interface ErrorClass<out E extends Error> {
  // `unknown` would leave out the classes, whose arguments are not described here, and `never` is refused by test libraries.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  new(...args: Array<any>): E
  readonly prototype: E
}

/**
 * The service said no, or answered with what cannot be understood.
 *
 * @since 0.1.0
 * @category errors
 */
export const ApiError: ErrorClass<Types.ApiError> = Errors.ApiError

/**
 * @since 0.1.0
 * @category errors
 */
export type ApiError = Types.ApiError

/**
 * The network, or the closing of the client, ended the request.
 *
 * @since 0.1.0
 * @category errors
 */
export const ConnectionError: ErrorClass<Types.ConnectionError> = Errors.ConnectionError

/**
 * @since 0.1.0
 * @category errors
 */
export type ConnectionError = Types.ConnectionError

/**
 * The input is empty or contradicts itself, or an option cannot be used; nothing was sent.
 *
 * @since 0.1.0
 * @category errors
 */
export const InputRequired: ErrorClass<Types.InputRequired> = Errors.InputRequired

/**
 * @since 0.1.0
 * @category errors
 */
export type InputRequired = Types.InputRequired

/**
 * No key was found.
 *
 * @since 0.1.0
 * @category errors
 */
export const NoApiKey: ErrorClass<Types.NoApiKey> = Errors.NoApiKey

/**
 * @since 0.1.0
 * @category errors
 */
export type NoApiKey = Types.NoApiKey

/**
 * `maximumPendingRequests` requests are waiting for a connection already.
 *
 * @since 0.1.0
 * @category errors
 */
export const PoolExhausted: ErrorClass<Types.PoolExhausted> = Errors.PoolExhausted

/**
 * @since 0.1.0
 * @category errors
 */
export type PoolExhausted = Types.PoolExhausted

/**
 * A limit of the option `rateLimit` did not let the call through; nothing was sent.
 *
 * @since 0.1.0
 * @category errors
 */
export const RateLimitExceeded: ErrorClass<Types.RateLimitExceeded> = Errors.RateLimitExceeded

/**
 * @since 0.1.0
 * @category errors
 */
export type RateLimitExceeded = Types.RateLimitExceeded

/**
 * A deadline passed; `phase` says which.
 *
 * @since 0.1.0
 * @category errors
 */
export const RequestTimeout: ErrorClass<Types.RequestTimeout> = Errors.RequestTimeout

/**
 * @since 0.1.0
 * @category errors
 */
export type RequestTimeout = Types.RequestTimeout

/**
 * The answer to a submission was lost; the task may exist.
 *
 * @since 0.1.0
 * @category errors
 */
export const SubmissionLost: ErrorClass<Types.SubmissionLost> = Tasks.SubmissionLost

/**
 * @since 0.1.0
 * @category errors
 */
export type SubmissionLost = Types.SubmissionLost

/**
 * Somebody canceled the task.
 *
 * @since 0.1.0
 * @category errors
 */
export const TaskCanceled: ErrorClass<Types.TaskCanceled> = Tasks.TaskCanceled

/**
 * @since 0.1.0
 * @category errors
 */
export type TaskCanceled = Types.TaskCanceled

/**
 * The service does not know the task, or no more.
 *
 * @since 0.1.0
 * @category errors
 */
export const TaskUnknown: ErrorClass<Types.TaskUnknown> = Tasks.TaskUnknown

/**
 * @since 0.1.0
 * @category errors
 */
export type TaskUnknown = Types.TaskUnknown

/**
 * The task has not ended in the time that it was given. It goes on.
 *
 * @since 0.1.0
 * @category errors
 */
export const TaskWaitTimeout: ErrorClass<Types.TaskWaitTimeout> = Tasks.TaskWaitTimeout

/**
 * @since 0.1.0
 * @category errors
 */
export type TaskWaitTimeout = Types.TaskWaitTimeout

/**
 * The answer to the creation of a batch was lost; the batch may exist.
 *
 * @since 0.1.0
 * @category errors
 */
export const BatchLost: ErrorClass<Types.BatchLost> = Batches.BatchLost

/**
 * @since 0.1.0
 * @category errors
 */
export type BatchLost = Types.BatchLost

/**
 * The batch has ended without being completed.
 *
 * @since 0.1.0
 * @category errors
 */
export const BatchNotCompleted: ErrorClass<Types.BatchNotCompleted> = Batches.BatchNotCompleted

/**
 * @since 0.1.0
 * @category errors
 */
export type BatchNotCompleted = Types.BatchNotCompleted

/**
 * The batch has not ended in the time that it was given. It goes on.
 *
 * @since 0.1.0
 * @category errors
 */
export const BatchWaitTimeout: ErrorClass<Types.BatchWaitTimeout> = Batches.BatchWaitTimeout

/**
 * @since 0.1.0
 * @category errors
 */
export type BatchWaitTimeout = Types.BatchWaitTimeout

/**
 * The file was replaced while it was downloaded.
 *
 * @since 0.1.0
 * @category errors
 */
export const FileChanged: ErrorClass<Types.FileChanged> = Downloads.FileChanged

/**
 * @since 0.1.0
 * @category errors
 */
export type FileChanged = Types.FileChanged

/**
 * The file has more bytes than `maxBytes`.
 *
 * @since 0.1.0
 * @category errors
 */
export const FileTooLarge: ErrorClass<Types.FileTooLarge> = Downloads.FileTooLarge

/**
 * @since 0.1.0
 * @category errors
 */
export type FileTooLarge = Types.FileTooLarge

/**
 * The model's answer is not the object that was asked for.
 *
 * @since 0.1.0
 * @category errors
 */
export const InvalidObject: ErrorClass<Types.InvalidObject> = Objects.InvalidObject

/**
 * @since 0.1.0
 * @category errors
 */
export type InvalidObject = Types.InvalidObject

/**
 * The model called a tool in a way that cannot be followed.
 *
 * @since 0.1.0
 * @category errors
 */
export const ToolCallError: ErrorClass<Types.ToolCallError> = Runs.ToolCallError

/**
 * @since 0.1.0
 * @category errors
 */
export type ToolCallError = Types.ToolCallError

/**
 * The model still asks for tools after `maxRounds` rounds.
 *
 * @since 0.1.0
 * @category errors
 */
export const TooManyRounds: ErrorClass<Types.TooManyRounds> = Runs.TooManyRounds

/**
 * @since 0.1.0
 * @category errors
 */
export type TooManyRounds = Types.TooManyRounds

/**
 * One of several requests for vectors failed; `TextEmbedding.partialResult` has what the others gave.
 *
 * @since 0.1.0
 * @category errors
 */
export const EmbedManyError: ErrorClass<Types.EmbedManyError> = Embeddings.EmbedManyError

/**
 * @since 0.1.0
 * @category errors
 */
export type EmbedManyError = Types.EmbedManyError
