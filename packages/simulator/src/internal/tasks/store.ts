/**
 * Asynchronous tasks: a request is taken, and its result is there later. A task is one state further each time it is asked
 * for.
 */
import type { JsonObject } from "../core/json.js"
import type { Answer } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import { Progress } from "../server/progress.js"
import { enveloped } from "../server/route.js"
import type { State } from "../server/state.js"
import { part } from "../server/state.js"

/** @internal */
export type TaskStatus = "PENDING" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELED"

/** @internal */
export interface TaskResult {
  /** Beside the state and the times of the task. */
  readonly output: JsonObject
  readonly usage?: JsonObject | undefined
}

/** @internal */
export interface Task {
  readonly id: string
  readonly model: string
  /** The path of the service below `/services/`, with colons. */
  readonly service: string
  readonly requestId: string
  /** Milliseconds since the epoch. */
  readonly submitted: number
  readonly progress: Progress<TaskStatus>
  readonly result: TaskResult
}

const tasks = part(() => new Map<string, Task>())

const mostTasks = 10_000

/** @internal */
export const findTask = (state: State, id: string): Task | undefined => tasks(state).get(id)

/**
 * The newest first.
 *
 * @internal
 */
export const listTasks = (state: State): ReadonlyArray<Task> => [...tasks(state).values()].reverse()

/**
 * Takes a task, and answers with its id.
 *
 * @internal
 */
export const submitTask = (
  incoming: Incoming,
  model: string,
  end: "SUCCEEDED" | "FAILED",
  result: TaskResult
): Answer => {
  const all = tasks(incoming.state)
  const id = incoming.state.nextId("task")
  for (const oldest of all.keys()) {
    if (all.size < mostTasks) {
      break
    }
    all.delete(oldest)
  }
  all.set(id, {
    id,
    model,
    service: incoming.path.replace(/^.*\/services\//, "").replaceAll("/", ":"),
    requestId: incoming.requestId,
    submitted: incoming.now,
    progress: new Progress<TaskStatus>(["PENDING", "RUNNING", end]),
    result
  })
  return enveloped({ task_status: "PENDING", task_id: id }, undefined, incoming.requestId)
}
