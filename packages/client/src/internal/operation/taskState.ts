/**
 * What is decided about tasks, without waiting for any.
 *
 * @internal
 */
import * as Either from "effect/Either"
import type * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { ApiError, type DashScopeError, type InputRequired } from "../../DashScopeError.js"
import * as TaskState from "../../TaskState.js"
import * as Codec from "../core/codec.js"
import { lean } from "../core/lean.js"
import { classify, statusOf } from "../protocol/classify.js"
import { inputRequired } from "../protocol/invalid.js"
import * as Replay from "../protocol/replay.js"

/** @internal */
export const decode: (json: unknown) => Either.Either<TaskState.TaskState, ParseResult.ParseError> = Codec.decoder(
  TaskState.TaskState
)

const decodeSubmitted = Codec.decoder(Schema.Struct({ output: Schema.Struct({ task_id: Schema.NonEmptyString }) }))

/** The id in the answer to a submission. @internal */
export const submittedId = (json: unknown): Either.Either<string, ParseResult.ParseError> =>
  Either.map(decodeSubmitted(json), ({ output }) => output.task_id)

const longest = 5000

/** Milliseconds to wait after the n-th question, from 0: doubled with every third one, as the official SDKs. @internal */
export const pauseMillis = (n: number): number => Math.min(longest, 1000 * 2 ** Math.min(16, Math.floor((n + 1) / 3)))

/** Something of a task that failed by itself, such as one of its images. @internal */
export interface SubTask {
  readonly code?: string | null | undefined
  readonly message?: string | null | undefined
}

/** A code and a message in the place of a result, as the error that they would be of a call. */
const errorOf = (what: string, { code, message }: SubTask, requestId: string | null | undefined): ApiError => {
  const error = { code: code ?? "", message: message ?? "" }
  const statusCode = statusOf(error.code)
  const { isRetryable, reason } = classify({ status: statusCode, ...error })
  return lean(() =>
    new ApiError({
      reason,
      isRetryable,
      statusCode,
      code: error.code,
      description: `${what} failed: ${error.message === "" ? "the service gave no message" : error.message}`,
      ...(requestId === undefined || requestId === null ? undefined : { requestId })
    })
  )
}

/** Why a sub-task has no result; nothing where it has one. @internal */
export const subTaskError = (what: string, subTask: SubTask): ApiError | undefined =>
  subTask.code ? errorOf(what, subTask, undefined) : undefined

/** What ended a task without a result; nothing where it has one, or goes on. @internal */
export const failureOf = (
  task: TaskState.Task,
  state: TaskState.TaskState
): ApiError | TaskState.TaskCanceled | TaskState.TaskUnknown | undefined => {
  const { output, requestId } = state
  switch (output.taskStatus) {
    case "FAILED":
      return errorOf(`task ${task.id}`, output, requestId)
    case "CANCELED":
      return new TaskState.TaskCanceled({ task })
    case "UNKNOWN":
      return new TaskState.TaskUnknown({
        task,
        ...(requestId === undefined || requestId === null ? undefined : { requestId })
      })
    default:
      return undefined
  }
}

const metricsOf = ({ output: { taskMetrics } }: TaskState.TaskState): string =>
  `${taskMetrics?.total ?? ""}/${taskMetrics?.succeeded ?? ""}/${taskMetrics?.failed ?? ""}`

/** Whether nothing has happened between two questions. @internal */
export const isSame = (before: TaskState.TaskState | undefined, after: TaskState.TaskState): boolean =>
  before !== undefined && before.output.taskStatus === after.output.taskStatus && metricsOf(before) === metricsOf(after)

/**
 * Whether a submission that failed so may have made a task: something of it was written, or it is not known, and no answer of the
 * service says that it did not.
 *
 * @internal
 */
export const mayExist = (error: DashScopeError): boolean => {
  if (error._tag !== "ApiError") return !Replay.mayRepeat(error, "unsent")
  // Somebody in between answers: the service may have got it.
  const isOfGateway = error.code === "" && (error.statusCode === 502 || error.statusCode === 504)
  return isOfGateway || (error.reason === "UnexpectedResponse" && error.statusCode < 300)
}

/** Whether a question may be asked again: it changes nothing, so an answer that broke off may be too. @internal */
export const isTransient = (error: DashScopeError): boolean =>
  error.isRetryable || (error._tag === "ConnectionError" && (error.reason === "Truncated" || error.reason === "Reset"))

// What checks it is compiled when it is used first.
const isTask = (given: unknown): given is TaskState.Task => Schema.is(TaskState.Task)(given)

/** What is wrong with a task for this client and service. @internal */
export const problemOf = (
  task: TaskState.Task,
  baseUrl: string,
  service: string | undefined
): InputRequired | undefined => {
  // It may have come from a file.
  const given: unknown = task
  if (!isTask(given)) {
    return inputRequired("task", "not a task; give what submit gave, or what Task.Task decodes")
  }
  if (task.baseUrl !== baseUrl) {
    return inputRequired(
      "task",
      `it was submitted to ${task.baseUrl}, and this client asks ${baseUrl}: use a client of the task's own endpoint`
    )
  }
  return service === undefined || task.service === "" || task.service === service
    ? undefined
    : inputRequired("task", `it is one of ${task.service}: use ${task.service}.await`)
}
