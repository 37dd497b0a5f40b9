/**
 * Asynchronous tasks: a request is taken, and its result is there later. The behaviour of the submission says how the task
 * goes on and ends, where that differs from a healthy one.
 */
import type { JsonObject } from "../core/json.js"
import type { Answer } from "../server/answer.js"
import { failure } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import { enveloped } from "../server/route.js"
import type { State } from "../server/state.js"
import { part } from "../server/state.js"
import { countsOf } from "../server/taskCounts.js"
import type { Life, Stage, TaskStatus } from "./life.js"
import { byLooks, onClock } from "./life.js"

/** @internal */
export interface TaskResult {
  /** Beside the state and the times of the task. */
  readonly output: JsonObject
  readonly usage?: JsonObject | undefined
}

/**
 * Why a task, or one of its sub-tasks, failed.
 *
 * @internal
 */
export interface TaskFailure {
  readonly code: string
  readonly message: string
}

/**
 * What a task is to do.
 *
 * @internal
 */
export interface Work {
  readonly model: string
  /** Of so many sub-tasks, such as images; where absent, of none. */
  readonly subTasks?: number | undefined
  /** Whether the service tells how many of them are done. Default true, where there are any. */
  readonly isCounted?: boolean | undefined
  /** Why a sub-task fails by what was submitted. */
  readonly failureOf?: ((index: number) => TaskFailure | undefined) | undefined
  /** Why the task fails by what was submitted. */
  readonly failure?: TaskFailure | undefined
  /** What it gives, with those of its sub-tasks that failed. */
  readonly result: (failures: ReadonlyArray<TaskFailure | undefined>) => TaskResult
}

/**
 * Sub-tasks, and those of them that fail.
 *
 * @internal
 */
export interface Metrics {
  readonly total: number
  readonly failed: number
}

/** @internal */
export interface Task {
  readonly id: string
  readonly model: string
  /** Of the submission. */
  readonly path: string
  readonly input: unknown
  readonly requestId: string
  /** Milliseconds since the epoch. */
  readonly submitted: number
  /** Where the service tells them. */
  readonly metrics: Metrics | undefined
  readonly result: TaskResult
  readonly life: Life
  canceledAt: number | undefined
}

const tasks = part(() => new Map<string, Task>())

const mostTasks = 10_000

/**
 * A task that is still known.
 *
 * @internal
 */
export const findTask = ({ now, settings, state }: Incoming, id: string): Task | undefined => {
  const task = tasks(state).get(id)
  return task === undefined || now >= task.submitted + settings.tasks.kept ? undefined : task
}

/**
 * The newest first.
 *
 * @internal
 */
export const listTasks = (state: State): ReadonlyArray<Task> => [...tasks(state).values()].reverse()

/** @internal */
export const stageOf = (task: Task, now: number, how: "peek" | "look" = "peek"): Stage =>
  task.canceledAt === undefined
    ? task.life[how](now)
    : { status: "CANCELED", done: 0, scheduledAt: undefined, endedAt: task.canceledAt }

/**
 * What a service says to a request that does not ask for a task, where it has nothing else.
 *
 * @internal
 */
export const asynchronousOnly = (incoming: Incoming) =>
  incoming.header("x-dashscope-async") === "enable"
    ? undefined
    : failure(403, "AccessDenied", "current user api does not support synchronous calls.")

const standard: TaskFailure = { code: "InternalError.Algo", message: "Something broke while the task was at work." }

const inspected: TaskFailure = {
  code: "DataInspectionFailed",
  message: "Output data may contain inappropriate content."
}

const lifeOf = (incoming: Incoming, end: TaskStatus, subTasks: number): Life => {
  const { behavior: { task = {} }, now, settings } = incoming
  const pending = task.pending ?? settings.tasks.pending
  const running = task.running ?? settings.tasks.running
  return pending === undefined && running === undefined
    ? byLooks(subTasks > 1 ? 2 : 1, end)
    : onClock(now, pending ?? 0, running ?? 0, end)
}

/**
 * Takes a task, and answers with its id.
 *
 * @internal
 */
export const submitTask = (incoming: Incoming, work: Work, input: unknown): Answer => {
  const { path, requestId, state } = incoming
  const asked = incoming.behavior.task ?? {}
  const count = work.subTasks ?? 0
  const failures = Array.from({ length: count }, (_, index) =>
    work.failureOf?.(index) ?? (index < (asked.failures ?? 0)
      ? { code: asked.code ?? inspected.code, message: asked.message ?? inspected.message }
      : undefined))
  const failed = failures.filter((one) => one !== undefined).length
  const all = count > 0 && failed === count ? failures[0] : undefined
  const failure = asked.end === "FAILED"
    ? { code: asked.code ?? standard.code, message: asked.message ?? standard.message }
    : work.failure ?? all
  const end = asked.end ?? (failure === undefined ? "SUCCEEDED" : "FAILED")
  const kept = tasks(state)
  const id = state.nextId("task")
  for (const oldest of kept.keys()) {
    if (kept.size < mostTasks) {
      break
    }
    kept.delete(oldest)
  }
  countsOf(state).made++
  kept.set(id, {
    id,
    model: work.model,
    path,
    input,
    requestId,
    submitted: incoming.now,
    metrics: work.subTasks === undefined || work.isCounted === false
      ? undefined
      : { total: count, failed: failure === undefined ? failed : count },
    result: failure === undefined ? work.result(failures) : { output: { ...failure } },
    life: lifeOf(incoming, end, count),
    canceledAt: undefined
  })
  return enveloped({ task_status: "PENDING", task_id: id }, undefined, requestId)
}
