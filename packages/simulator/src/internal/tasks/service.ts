/**
 * Tasks: `/tasks`, `/tasks/{id}`, `/tasks/{id}/cancel`.
 */
import type { SubmittedTask } from "../../Task.js"
import type { JsonObject } from "../core/json.js"
import { millisOf } from "../core/time.js"
import type { Answer, Failure } from "../server/answer.js"
import { failure, whole } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import { pageOf, readPage } from "../server/page.js"
import { makeLimit } from "../server/rateLimit.js"
import type { Route } from "../server/route.js"
import type { State } from "../server/state.js"
import { part } from "../server/state.js"
import { countsOf } from "../server/taskCounts.js"
import type { Stage } from "./life.js"
import { chinaTime } from "./life.js"
import type { Metrics, Task } from "./store.js"
import { findTask, listTasks, stageOf } from "./store.js"

// ---------------------------------------------------------------------------------------------------------------------
// Limits

type Kind = "queries" | "lists" | "cancels"

interface Limits {
  now: number
  readonly of: Map<Kind, () => unknown>
}

const limits = part((): Limits => ({ now: 0, of: new Map() }))

/** Counts a request, and refuses it where there are too many in a second. */
const limited = (kind: Kind, serve: (incoming: Incoming) => Answer) => (incoming: Incoming): Answer => {
  const { now, settings: { tasks: { perSecond } }, state } = incoming
  const counts = countsOf(state)
  counts[kind].add(now)
  const clock = limits(state)
  clock.now = now
  const limit = clock.of.get(kind) ?? makeLimit(
    perSecond === undefined ? undefined : { requests: perSecond, perMillis: 1000 },
    () => clock.now
  )
  clock.of.set(kind, limit)
  if (limit() === undefined) {
    return serve(incoming)
  }
  counts.throttled++
  return throttled
}

const throttled: Failure = failure(
  429,
  "Throttling.RateQuota",
  "Requests rate limit exceeded, please try again later."
)

// ---------------------------------------------------------------------------------------------------------------------

const metricsOf = ({ failed: all, total }: Metrics, { done, status }: Stage): JsonObject => {
  const over = status === "SUCCEEDED" || status === "FAILED"
  const failed = over ? all : Math.min(all, Math.floor(done * total))
  return { TOTAL: total, SUCCEEDED: over ? total - failed : Math.floor(done * total) - failed, FAILED: failed }
}

const described = (task: Task, stage: Stage): JsonObject => {
  const { endedAt, scheduledAt, status } = stage
  return {
    task_id: task.id,
    task_status: status,
    submit_time: chinaTime(task.submitted),
    ...(scheduledAt === undefined ? {} : { scheduled_time: chinaTime(scheduledAt) }),
    ...(endedAt === undefined ? {} : { end_time: chinaTime(endedAt) }),
    ...(status === "SUCCEEDED" || status === "FAILED" ? task.result.output : {}),
    ...(task.metrics === undefined || status === "PENDING" || status === "CANCELED"
      ? {}
      : { task_metrics: metricsOf(task.metrics, stage) })
  }
}

const get = (incoming: Incoming): Answer => {
  const { now, params, requestId } = incoming
  const id = params.id ?? ""
  const task = findTask(incoming, id)
  const stage = task === undefined ? undefined : stageOf(task, now, "look")
  if (task === undefined || stage === undefined || stage.status === "UNKNOWN") {
    return whole({ request_id: requestId, output: { task_id: id, task_status: "UNKNOWN" } })
  }
  return whole({
    request_id: requestId,
    output: described(task, stage),
    ...(stage.status === "SUCCEEDED" && task.result.usage !== undefined ? { usage: task.result.usage } : {})
  })
}

const cancel = (incoming: Incoming): Answer => {
  const { now, params, requestId } = incoming
  const task = findTask(incoming, params.id ?? "")
  if (task === undefined || stageOf(task, now).status !== "PENDING") {
    return failure(
      400,
      "UnsupportedOperation",
      "Failed to cancel the task, please confirm if the task is in PENDING status."
    )
  }
  task.canceledAt = now
  return whole({ request_id: requestId })
}

const rowOf = (task: Task, { endedAt, scheduledAt, status }: Stage): JsonObject => ({
  api_key_id: "10001",
  caller_parent_id: "1000000000000001",
  caller_uid: "1000000000000001",
  gmt_create: task.submitted,
  ...(scheduledAt === undefined ? {} : { start_time: scheduledAt }),
  ...(endedAt === undefined ? {} : { end_time: endedAt }),
  model_name: task.model,
  region: "cn-beijing",
  request_id: task.requestId,
  status,
  task_id: task.id,
  user_api_unique_key: `apikey:v1:${
    task.path.replace(/^.*\/services\//, "").replace(/\/$/, "").replaceAll("/", ":")
  }:${task.model}`
})

const list = (incoming: Incoming): Answer => {
  const { now, query, requestId, settings, state } = incoming
  const page = readPage(query)
  const [since, until] = [millisOf(query.get("start_time")), millisOf(query.get("end_time"))]
  const is = (name: string, value: string) => query.get(name) === null || query.get(name) === value
  const wanted = listTasks(state)
    .map((task) => ({ task, stage: stageOf(task, now) }))
    .filter(({ stage: { status }, task }) =>
      status !== "UNKNOWN" && now < task.submitted + settings.tasks.kept &&
      is("task_id", task.id) && is("model_name", task.model) && is("status", status) && is("region", "cn-beijing") &&
      (since === undefined || task.submitted >= since) && (until === undefined || task.submitted <= until)
    )
  return whole({
    total: wanted.length,
    data: pageOf(wanted, page).map(({ stage, task }) => rowOf(task, stage)),
    total_page: Math.ceil(wanted.length / page.size),
    page_no: page.number,
    request_id: requestId,
    page_size: page.size
  })
}

/**
 * All tasks, the oldest first.
 *
 * @internal
 */
export const submittedTasks = (state: State, now: number, kept: number): ReadonlyArray<SubmittedTask> =>
  listTasks(state).map((task) => ({
    id: task.id,
    requestId: task.requestId,
    model: task.model,
    path: task.path,
    input: task.input,
    status: now < task.submitted + kept ? stageOf(task, now).status : "UNKNOWN",
    submittedAt: task.submitted
  })).reverse()

/** @internal */
export const taskRoutes: ReadonlyArray<Route> = [
  { method: "GET", pattern: "/api/v1/tasks", serve: limited("lists", list) },
  { method: "GET", pattern: "/api/v1/tasks/{id}", serve: limited("queries", get) },
  { method: "POST", pattern: "/api/v1/tasks/{id}/cancel", serve: limited("cancels", cancel) }
]
