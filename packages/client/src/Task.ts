/**
 * Asynchronous tasks: work that takes seconds to hours, such as images, videos, transcription and batch embeddings. A service
 * submits a task and gives it as data; whoever has that waits for it, in the same process or in another one, for 24 hours.
 *
 * A submission is sent again only where nothing of it can have arrived, so that nothing is paid for twice. An interruption
 * leaves a task running, and so does a process that dies. `ofError` has the task of an error, to go on with it.
 *
 * @example
 * import { DashScope, ImageSynthesis, Task } from "effect-dashscope"
 * import { Console, Effect, Stream } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const task = yield* ImageSynthesis.submit({ model: "wan2.2-t2i-flash", prompt: "一只奔跑的猫", n: 2 })
 *   yield* Task.watch(task).pipe(Stream.runForEach(({ output }) => Console.log(output.taskStatus)))
 *   const result = yield* ImageSynthesis.await(task)
 *   yield* Console.log(result.output.results)
 * })
 *
 * export const main = program.pipe(Effect.provide(DashScope.layer()))
 *
 * Source: "Asynchronous task management API".
 *
 * @since 0.1.0
 */
/* eslint-disable @typescript-eslint/no-empty-object-type -- An interface names the type of a Schema, as in Effect. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { CallOptions } from "./CallOptions.js"
import * as DashScopeClient from "./DashScopeClient.js"
import type { DashScopeError } from "./DashScopeError.js"
import { nullish, nullishFrom, preserve, requestId } from "./internal/core/fields.js"
import * as Endpoint from "./internal/operation/endpoint.js"
import * as Pages from "./internal/operation/pages.js"
import * as Verbs from "./internal/operation/task.js"
import type * as TaskState from "./TaskState.js"

export {
  /**
   * @since 0.1.0
   * @category errors
   */
  type AwaitError,
  /**
   * @since 0.1.0
   * @category models
   */
  type AwaitOptions,
  /**
   * @since 0.1.0
   * @category accessors
   */
  isEnded,
  /**
   * @since 0.1.0
   * @category guards
   */
  isTaskError,
  /**
   * @since 0.1.0
   * @category errors
   */
  SubmissionLost,
  /**
   * @since 0.1.0
   * @category errors
   */
  type SubmitError,
  /**
   * @since 0.1.0
   * @category schemas
   */
  Task,
  /**
   * @since 0.1.0
   * @category errors
   */
  TaskCanceled,
  /**
   * @since 0.1.0
   * @category errors
   */
  type TaskError,
  /**
   * @since 0.1.0
   * @category schemas
   */
  TaskMetrics,
  /**
   * @since 0.1.0
   * @category models
   */
  type TaskService,
  /**
   * @since 0.1.0
   * @category schemas
   */
  TaskState,
  /**
   * @since 0.1.0
   * @category models
   */
  type TaskStatus,
  /**
   * @since 0.1.0
   * @category errors
   */
  TaskUnknown,
  /**
   * @since 0.1.0
   * @category errors
   */
  TaskWaitTimeout
} from "./TaskState.js"

/**
 * Which tasks to list. Times are of the submission.
 *
 * @since 0.1.0
 * @category models
 */
export interface ListParams extends Pages.Page {
  readonly taskId?: string | undefined
  /** A Date, or `YYYYMMDDhhmmss`. The service takes a span of 24 hours at the most. */
  readonly startTime?: Date | string | undefined
  /** As `startTime`. */
  readonly endTime?: Date | string | undefined
  readonly modelName?: string | undefined
  readonly status?: TaskState.TaskStatus | undefined
  readonly region?: string | undefined
  readonly apiKeyId?: string | undefined
}

/**
 * A task as the list has it. Its times are milliseconds since 1970.
 *
 * @since 0.1.0
 * @category models
 */
export interface TaskRow extends Schema.Schema.Type<typeof TaskRow> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const TaskRow = Schema.Struct({
  taskId: Schema.String.pipe(Schema.propertySignature, Schema.fromKey("task_id")),
  status: nullish(Schema.String),
  modelName: nullishFrom("model_name", Schema.String),
  region: nullish(Schema.String),
  /** When it was submitted. */
  gmtCreate: nullishFrom("gmt_create", Schema.Number),
  startTime: nullishFrom("start_time", Schema.Number),
  endTime: nullishFrom("end_time", Schema.Number),
  /** Of the submission. */
  requestId,
  apiKeyId: nullishFrom("api_key_id", Schema.String),
  callerParentId: nullishFrom("caller_parent_id", Schema.String),
  callerUid: nullishFrom("caller_uid", Schema.String),
  userApiUniqueKey: nullishFrom("user_api_unique_key", Schema.String)
}).annotations({ identifier: "TaskRow", ...preserve })

/**
 * One page of the list.
 *
 * @since 0.1.0
 * @category models
 */
export interface TaskPage extends Schema.Schema.Type<typeof TaskPage> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const TaskPage = Schema.Struct({
  data: nullish(Schema.Array(TaskRow)),
  total: nullish(Schema.Number),
  totalPage: nullishFrom("total_page", Schema.Number),
  pageNo: nullishFrom("page_no", Schema.Number),
  pageSize: nullishFrom("page_size", Schema.Number),
  /** Quote this to Alibaba Cloud's support. */
  requestId
}).annotations({ identifier: "TaskPage", ...preserve })

/**
 * What the service answers when it has canceled a task.
 *
 * @since 0.1.0
 * @category models
 */
export interface CancelResult extends Schema.Schema.Type<typeof CancelResult> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const CancelResult = Verbs.CancelResult

const listEndpoint = Endpoint.resource("list_tasks", TaskPage, (params: ListParams) =>
  Either.right({
    method: "GET",
    path: "/tasks",
    urlParams: {
      task_id: params.taskId,
      start_time: Pages.timeOf(params.startTime),
      end_time: Pages.timeOf(params.endTime),
      model_name: params.modelName,
      status: params.status,
      region: params.region,
      api_key_id: params.apiKeyId,
      ...Pages.query(params)
    }
  }))

// -----------------------------------------------------------------------------
// service
// -----------------------------------------------------------------------------

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** What every task of this client has as its `baseUrl`. */
  readonly baseUrl: string
  /** See the accessor of the same name. */
  readonly fetch: (
    task: TaskState.Task,
    options?: CallOptions
  ) => Effect.Effect<TaskState.TaskState, DashScopeError>
  /** See the accessor of the same name. */
  readonly await: (
    task: TaskState.Task,
    options?: TaskState.AwaitOptions
  ) => Effect.Effect<TaskState.TaskState, TaskState.AwaitError>
  /** See the accessor of the same name. */
  readonly watch: (
    task: TaskState.Task,
    options?: TaskState.AwaitOptions
  ) => Stream.Stream<TaskState.TaskState, TaskState.AwaitError>
  /** See the accessor of the same name. */
  readonly cancel: (task: TaskState.Task, options?: CallOptions) => Effect.Effect<CancelResult, DashScopeError>
  /** See the accessor of the same name. */
  readonly listPage: (params?: ListParams, options?: CallOptions) => Effect.Effect<TaskPage, DashScopeError>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Tasks extends Context.Tag("effect-dashscope/Tasks")<Tasks, Service>() {}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, DashScopeClient.DashScopeClient> = Effect.map(
  DashScopeClient.DashScopeClient,
  (client): Service => ({
    baseUrl: client.baseUrl,
    fetch: Verbs.fetch(client),
    await: Verbs.awaitState(client),
    watch: Verbs.watch(client),
    cancel: Verbs.cancel(client),
    listPage: Endpoint.orAll(Endpoint.call(client, listEndpoint))
  })
)

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Tasks, never, DashScopeClient.DashScopeClient> = Layer.effect(Tasks, make)

/**
 * The task of an id that was kept without the rest, of the list for example.
 *
 * @example
 * import { Task } from "effect-dashscope"
 * import { Effect } from "effect"
 *
 * export const state = Effect.flatMap(Task.byId("your-task-id"), (task) => Task.fetch(task))
 *
 * @since 0.1.0
 * @category accessors
 */
export const byId = (
  id: string,
  { model = "", service = "", submittedAt }: {
    /** The module whose `await` is to read it. Default: any. */
    readonly service?: string | undefined
    readonly model?: string | undefined
    readonly submittedAt?: number | undefined
  } = {}
): Effect.Effect<TaskState.Task, never, Tasks> =>
  Effect.flatMap(
    Tasks,
    ({ baseUrl }) =>
      Effect.clockWith((clock) =>
        Effect.succeed({ id, service, model, baseUrl, submittedAt: submittedAt ?? clock.unsafeCurrentTimeMillis() })
      )
  )

/**
 * How a task is just now, whatever that is: one that failed is a state like the others here.
 *
 * Fails with `InputRequired` before anything is sent where the task is of another base URL, and with the other errors of
 * `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const fetch = (
  task: TaskState.Task,
  options?: CallOptions
): Effect.Effect<TaskState.TaskState, DashScopeError, Tasks> =>
  Effect.flatMap(Tasks, (service) => service.fetch(task, options))

const await_ = (
  task: TaskState.Task,
  options?: TaskState.AwaitOptions
): Effect.Effect<TaskState.TaskState, TaskState.AwaitError, Tasks> =>
  Effect.flatMap(Tasks, (service) => service.await(task, options))

export {
  /**
   * Waits for a task of any service, and gives its last state; the `await` of its own service gives its result with names.
   * Sub-tasks may have failed where the task succeeded: see `output.taskMetrics`.
   *
   * Questions that fail for a reason that may pass (a broken connection, a rate limit, 5xx) are asked again; the task goes on
   * meanwhile.
   *
   * Fails with `ApiError` and the task's own code where it failed, with `TaskCanceled`, with `TaskUnknown` where the service
   * does not know it (any more: it keeps tasks for 24 hours), with `TaskWaitTimeout` after `waitTimeout`, and with the other
   * errors of `DashScopeError` as they say.
   *
   * @since 0.1.0
   * @category accessors
   */
  await_ as await
}

/**
 * The states of a task, each once, from the one it is in to the last. A task that failed is a last state, and no error.
 *
 * @example
 * import { Task } from "effect-dashscope"
 * import { Console, Stream } from "effect"
 *
 * export const show = (task: Task.Task) =>
 *   Task.watch(task, { waitTimeout: "10 minutes" }).pipe(
 *     Stream.runForEach(({ output: { taskMetrics, taskStatus } }) =>
 *       Console.log(taskStatus, `${taskMetrics?.succeeded ?? 0} of ${taskMetrics?.total ?? "?"}`)
 *     )
 *   )
 *
 * @since 0.1.0
 * @category accessors
 */
export const watch = (
  task: TaskState.Task,
  options?: TaskState.AwaitOptions
): Stream.Stream<TaskState.TaskState, TaskState.AwaitError, Tasks> =>
  Stream.unwrap(Effect.map(Tasks, (service) => service.watch(task, options)))

/**
 * Cancels a task. The service does so while the task is `PENDING`; later it refuses, with `ApiError` of code
 * `UnsupportedOperation`. Any key of the same account may.
 *
 * @since 0.1.0
 * @category accessors
 */
export const cancel = (
  task: TaskState.Task,
  options?: CallOptions
): Effect.Effect<CancelResult, DashScopeError, Tasks> =>
  Effect.flatMap(Tasks, (service) => service.cancel(task, options))

/**
 * One page of the list of tasks; {@link list} has all of them.
 *
 * Fails with the errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const listPage = (
  params?: ListParams,
  options?: CallOptions
): Effect.Effect<TaskPage, DashScopeError, Tasks> =>
  Effect.flatMap(Tasks, (service) => service.listPage(params, options))

/**
 * All tasks of the last 24 hours that are asked for, one after another; a page is asked for once those before it were read.
 *
 * @example
 * import { Task } from "effect-dashscope"
 * import { Console, Stream } from "effect"
 *
 * // What a lost submission may have made.
 * export const lately = (lost: Task.SubmissionLost) =>
 *   Task.list({ modelName: lost.model, startTime: new Date(lost.submittedAt) }).pipe(
 *     Stream.runForEach(({ status, taskId }) => Console.log(taskId, status))
 *   )
 *
 * @since 0.1.0
 * @category accessors
 */
export const list = (
  { pageSize = 100, ...params }: Omit<ListParams, "pageNo"> = {},
  options?: CallOptions
): Stream.Stream<TaskRow, DashScopeError, Tasks> =>
  Pages.all(
    pageSize,
    (page) => listPage({ ...params, ...page }, options),
    ({ data, total }) => ({ items: data ?? [], total })
  )

/**
 * The task that an error is of: of every error of `await` and `watch`, and of `call` once the task had been submitted. It goes
 * on, unless the error says otherwise.
 *
 * @example
 * import { ImageSynthesis, Task } from "effect-dashscope"
 * import { Effect } from "effect"
 *
 * export const patient = ImageSynthesis.call({ model: "wan2.2-t2i-flash", prompt: "一只奔跑的猫" }).pipe(
 *   Effect.catchTag("ConnectionError", (error) => {
 *     const task = Task.ofError(error)
 *     return task === undefined ? Effect.fail(error) : ImageSynthesis.await(task)
 *   })
 * )
 *
 * @since 0.1.0
 * @category accessors
 */
export const ofError = (error: unknown): TaskState.Task | undefined => Verbs.ofError(error)
