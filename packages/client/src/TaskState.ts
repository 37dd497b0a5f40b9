/**
 * Asynchronous tasks as data: the task that a submission gives, its states, and what can go wrong with it. `Task` exports all
 * of it too, and has the verbs.
 *
 * Source: "Asynchronous task management API".
 *
 * @since 0.1.0
 */
/* eslint-disable @typescript-eslint/no-empty-object-type -- An interface names the type of a Schema, as in Effect. */
import type { DurationWithUnit } from "effect-http-pool/ConnectionConfig"
import * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type { CallOptions } from "./CallOptions.js"
import { DashScopeError } from "./DashScopeError.js"
import { nullish, nullishFrom, preserve, requestId } from "./internal/core/fields.js"

// -----------------------------------------------------------------------------
// models
// -----------------------------------------------------------------------------

/**
 * A task, as its submission gave it. It is plain data: write it as JSON, and another process can go on with it. It holds no
 * key, and only a client of the same base URL, with a key of the same account, can ask for it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Task extends Schema.Schema.Type<typeof Task> {}

/**
 * @example
 * import { Task } from "effect-dashscope"
 * import { Schema } from "effect"
 *
 * const Saved = Schema.parseJson(Task.Task)
 *
 * export const save = Schema.encode(Saved)
 * export const load = Schema.decode(Saved)
 *
 * @since 0.1.0
 * @category schemas
 */
export const Task = Schema.Struct({
  /** The service's `task_id`. */
  id: Schema.NonEmptyString,
  /** The module that it was submitted with, such as `ImageSynthesis`. */
  service: Schema.String,
  model: Schema.String,
  /** Of the client that submitted it, such as `https://dashscope.aliyuncs.com/api/v1`. */
  baseUrl: Schema.String,
  /** Of the submission. Quote this to Alibaba Cloud's support. */
  requestId: Schema.optional(Schema.String),
  /** In milliseconds since 1970, by this side's clock. */
  submittedAt: Schema.Number
}).annotations({ identifier: "Task" })

/**
 * - `PENDING`, `SUSPENDED`, `RUNNING`: it goes on.
 * - `SUCCEEDED`: at least one of its sub-tasks did.
 * - `FAILED`, `CANCELED`.
 * - `UNKNOWN`: it was never there, or is there no more: the service keeps a task for 24 hours.
 *
 * @since 0.1.0
 * @category models
 */
export type TaskStatus = "PENDING" | "SUSPENDED" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELED" | "UNKNOWN"

/**
 * How many sub-tasks there are, such as the images of one request.
 *
 * @since 0.1.0
 * @category models
 */
export interface TaskMetrics extends Schema.Schema.Type<typeof TaskMetrics> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const TaskMetrics = Schema.Struct({
  total: nullishFrom("TOTAL", Schema.Number),
  succeeded: nullishFrom("SUCCEEDED", Schema.Number),
  failed: nullishFrom("FAILED", Schema.Number)
}).annotations({ identifier: "TaskMetrics", ...preserve })

/** One page of the documentation has two Ls. */
const Status = Schema.transform(Schema.String, Schema.String, {
  strict: true,
  decode: (status) => status === "CANCELLED" ? "CANCELED" : status,
  encode: (status) => status
})

/**
 * What the output of every task may have. The times are the service's own texts, such as `2024-07-24 11:02:14.751`.
 *
 * @since 0.1.0
 * @category schemas
 */
export const outputFields = {
  taskId: nullishFrom("task_id", Schema.String),
  /** A {@link TaskStatus}, or one that is newer than this library. */
  taskStatus: Status.pipe(Schema.propertySignature, Schema.fromKey("task_status")),
  submitTime: nullishFrom("submit_time", Schema.String),
  scheduledTime: nullishFrom("scheduled_time", Schema.String),
  endTime: nullishFrom("end_time", Schema.String),
  taskMetrics: nullishFrom("task_metrics", TaskMetrics),
  /** Why the task failed. */
  code: nullish(Schema.String),
  message: nullish(Schema.String)
}

/**
 * What the service says of a task. The result, which depends on the service, is in `output` under its wire names; the
 * service's own module has names for it.
 *
 * @since 0.1.0
 * @category models
 */
export interface TaskState extends Schema.Schema.Type<typeof TaskState> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const TaskState = Schema.Struct({
  output: Schema.Struct(outputFields).annotations(preserve),
  /** What the task cost, under its wire names. */
  usage: nullish(Schema.Record({ key: Schema.String, value: Schema.Unknown })),
  /** Of this question, and not of the submission. */
  requestId
}).annotations({ identifier: "TaskState", ...preserve })

/**
 * How a task is waited for, beside the options of each request. `timeout` and `retry` are of each request by itself;
 * {@link waitTimeout} of all of them. A question that fails for a while is asked again after the next pause, so that `retry` is
 * off for questions unless it is given here.
 *
 * @since 0.1.0
 * @category models
 */
export interface AwaitOptions extends Omit<CallOptions, "waitTimeout"> {
  /**
   * The pauses between questions; it is given the state that was seen last. The first question is asked at once. All
   * questions of a client share a pace of 20 in a second, which the service allows. Where the schedule ends, so does the
   * waiting, with {@link TaskWaitTimeout}. Default: 1, 1, 2, 2, 2, 4, 4, 4, 5, 5 … seconds, as the official SDKs.
   */
  readonly poll?: Schedule.Schedule<unknown, TaskState | undefined> | undefined
  /**
   * How long to wait in all; then {@link TaskWaitTimeout}, and the task goes on. Default: for ever. (For calls that are no
   * tasks the option of this name is a header of the request; the layer's goes with each request here too.)
   */
  readonly waitTimeout?: DurationWithUnit | undefined
  /**
   * Whether an interruption cancels the task, which the service does while it is `PENDING` and refuses afterwards. The
   * interruption waits for that; and, where it comes while `call` submits, for the answer to the submission. Default: false,
   * the task goes on.
   */
  readonly cancelOnInterrupt?: boolean | undefined
}

// -----------------------------------------------------------------------------
// errors
// -----------------------------------------------------------------------------

const describeTask = ({ id, model, service }: Task): string => {
  const of = [service, model].filter((name) => name !== "").join(", ")
  return of === "" ? id : `${id} (${of})`
}

/**
 * A task has not ended in the time that it was given. It goes on: wait for it again.
 *
 * @since 0.1.0
 * @category errors
 */
export class TaskWaitTimeout
  extends Schema.TaggedError<TaskWaitTimeout>("effect-dashscope/TaskWaitTimeout")("TaskWaitTimeout", {
    task: Task,
    /** How long it was waited for. */
    waited: Schema.DurationFromMillis,
    /** As it was seen last. */
    status: Schema.optional(Schema.String)
  })
{
  readonly isRetryable = false

  override get message(): string {
    const status = this.status === undefined ? "" : ` (last seen ${this.status})`
    return `Task ${describeTask(this.task)} has not ended after ${Duration.format(this.waited)}${status}. ` +
      "It goes on; wait for it again with this error's task."
  }
}

/**
 * Somebody canceled a task.
 *
 * @since 0.1.0
 * @category errors
 */
export class TaskCanceled extends Schema.TaggedError<TaskCanceled>("effect-dashscope/TaskCanceled")("TaskCanceled", {
  task: Task
}) {
  readonly isRetryable = false

  override get message(): string {
    return `Task ${describeTask(this.task)} was canceled.`
  }
}

/**
 * The service knows no such task: it was never there, is of another account, or has expired.
 *
 * @since 0.1.0
 * @category errors
 */
export class TaskUnknown extends Schema.TaggedError<TaskUnknown>("effect-dashscope/TaskUnknown")("TaskUnknown", {
  task: Task,
  /** Quote this to Alibaba Cloud's support. */
  requestId: Schema.optional(Schema.String)
}) {
  readonly isRetryable = false

  override get message(): string {
    return `The service does not know task ${describeTask(this.task)}: it was never there, is of another account or ` +
      "region, or has expired. Tasks and their results are kept for 24 hours."
  }
}

/**
 * A submission has had no answer, or none that can be read, after it had been sent: the task may exist, and may be paid for.
 * It was not sent again. `Task.list` finds it, by the model and the time.
 *
 * @since 0.1.0
 * @category errors
 */
export class SubmissionLost
  extends Schema.TaggedError<SubmissionLost>("effect-dashscope/SubmissionLost")("SubmissionLost", {
    service: Schema.String,
    model: Schema.String,
    /** When it was sent, in milliseconds since 1970, by this side's clock. */
    submittedAt: Schema.Number,
    /** What happened to the answer. */
    cause: DashScopeError
  })
{
  readonly isRetryable = false

  override get message(): string {
    return `The answer to a submission (${this.service}, ${this.model}) was lost: ${this.cause.message} ` +
      "The task may exist. It was not submitted again, as it might be paid for twice; " +
      "Task.list({ modelName, startTime }) shows whether it is there."
  }
}

/**
 * What can go wrong with a task beside its requests. A task that failed is an `ApiError` with the task's own code.
 *
 * @since 0.1.0
 * @category errors
 */
export type TaskError = TaskWaitTimeout | TaskCanceled | TaskUnknown | SubmissionLost

const classes = [TaskWaitTimeout, TaskCanceled, TaskUnknown, SubmissionLost]

/**
 * Tells whether a value is one of these errors.
 *
 * @since 0.1.0
 * @category guards
 */
export const isTaskError = (u: unknown): u is TaskError => classes.some((error) => u instanceof error)

/**
 * What a submission can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type SubmitError = DashScopeError | SubmissionLost

/**
 * What waiting for a task can fail with. A task that failed is an `ApiError` with the task's own code.
 *
 * @since 0.1.0
 * @category errors
 */
export type AwaitError = DashScopeError | TaskWaitTimeout | TaskCanceled | TaskUnknown

// -----------------------------------------------------------------------------
// services
// -----------------------------------------------------------------------------

/**
 * What every service has whose requests are tasks: `ImageSynthesis`, `VideoSynthesis` and others. `P` is its parameters, `A` its
 * results.
 *
 * @since 0.1.0
 * @category models
 */
export interface TaskService<in P, out A> {
  /** See the accessor of the same name. */
  readonly submit: (params: P, options?: CallOptions) => Effect.Effect<Task, SubmitError>
  /** See the accessor of the same name. */
  readonly await: (task: Task, options?: AwaitOptions) => Effect.Effect<A, AwaitError>
  /** See the accessor of the same name. */
  readonly call: (params: P, options?: AwaitOptions) => Effect.Effect<A, DashScopeError | TaskError>
}

const ended: ReadonlySet<string> = new Set<TaskStatus>(["SUCCEEDED", "FAILED", "CANCELED", "UNKNOWN"])

/**
 * Whether a task has ended, well or not.
 *
 * @since 0.1.0
 * @category accessors
 */
export const isEnded = ({ output }: TaskState): boolean => ended.has(output.taskStatus)
