/**
 * Tasks: `/tasks`, `/tasks/{id}`, `/tasks/{id}/cancel`.
 */
import type { JsonObject } from "../core/json.js"
import type { Answer } from "../server/answer.js"
import { failure, whole } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import { pageOf, readPage } from "../server/page.js"
import type { Route } from "../server/route.js"
import type { Task, TaskStatus } from "./store.js"
import { findTask, listTasks } from "./store.js"

/** As `2024-11-25 13:55:46.536`. */
const timeOf = (millis: number): string => new Date(millis).toISOString().slice(0, 23).replace("T", " ")

/** Milliseconds that a task waits and works, as its times tell it. */
const spans = { waits: 20, works: 900 }

const described = (task: Task, status: TaskStatus): JsonObject => {
  const ended = status === "SUCCEEDED" || status === "FAILED"
  return {
    task_id: task.id,
    task_status: status,
    submit_time: timeOf(task.submitted),
    ...(status === "PENDING" || status === "CANCELED"
      ? {}
      : { scheduled_time: timeOf(task.submitted + spans.waits) }),
    ...(ended ? { end_time: timeOf(task.submitted + spans.works), ...task.result.output } : {})
  }
}

const get = (incoming: Incoming): Answer => {
  const id = incoming.params.id ?? ""
  const task = findTask(incoming.state, id)
  if (task === undefined) {
    return whole({ request_id: incoming.requestId, output: { task_id: id, task_status: "UNKNOWN" } })
  }
  const status = task.progress.look()
  return whole({
    request_id: incoming.requestId,
    output: described(task, status),
    ...(status === "SUCCEEDED" && task.result.usage !== undefined ? { usage: task.result.usage } : {})
  })
}

const cancel = (incoming: Incoming): Answer => {
  const task = findTask(incoming.state, incoming.params.id ?? "")
  if (task === undefined || task.progress.status !== "PENDING") {
    return failure(
      400,
      "UnsupportedOperation",
      "Failed to cancel the task, please confirm if the task is in PENDING status."
    )
  }
  task.progress.end("CANCELED")
  return whole({ request_id: incoming.requestId })
}

/** `YYYYMMDDhhmmss` as milliseconds since the epoch. */
const millisOf = (text: string | null): number | undefined => {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text ?? "") ?? []
  return year === undefined
    ? undefined
    : Date.parse(`${year}-${month ?? ""}-${day ?? ""}T${hour ?? ""}:${minute ?? ""}:${second ?? ""}Z`)
}

const list = (incoming: Incoming): Answer => {
  const { query, requestId, state } = incoming
  const page = readPage(query)
  const [since, until] = [millisOf(query.get("start_time")), millisOf(query.get("end_time"))]
  const is = (name: string, value: string) => query.get(name) === null || query.get(name) === value
  const wanted = listTasks(state).filter((task) =>
    is("task_id", task.id) && is("model_name", task.model) && is("status", task.progress.status) &&
    (since === undefined || task.submitted >= since) && (until === undefined || task.submitted <= until)
  )
  return whole({
    total: wanted.length,
    data: pageOf(wanted, page).map((task) => ({
      api_key_id: "10001",
      caller_parent_id: "1000000000000001",
      caller_uid: "1000000000000001",
      gmt_create: task.submitted,
      ...(task.progress.status === "PENDING" ? {} : { start_time: task.submitted + spans.waits }),
      ...(task.progress.isOver ? { end_time: task.submitted + spans.works } : {}),
      model_name: task.model,
      region: "cn-beijing",
      request_id: task.requestId,
      status: task.progress.status,
      task_id: task.id,
      user_api_unique_key: `apikey:v1:${task.service}:${task.model}`
    })),
    total_page: Math.ceil(wanted.length / page.size),
    page_no: page.number,
    request_id: requestId,
    page_size: page.size
  })
}

/** @internal */
export const taskRoutes: ReadonlyArray<Route> = [
  { method: "GET", pattern: "/api/v1/tasks", serve: list },
  { method: "GET", pattern: "/api/v1/tasks/{id}", serve: get },
  { method: "POST", pattern: "/api/v1/tasks/{id}/cancel", serve: cancel }
]
