/**
 * The messages of the inference protocol: `run-task`, `continue-task`, `finish-task`, and the events that answer them.
 */
import { digest, uuid } from "../core/hash.js"
import type { JsonObject } from "../core/json.js"
import { asObject, asString, isObject } from "../core/json.js"
import type { Failure } from "../server/answer.js"
import { failure, invalid } from "../server/answer.js"

/**
 * What a `run-task` asks for.
 *
 * @internal
 */
export interface RunTask {
  readonly id: string
  readonly streaming: string
  readonly group: string
  readonly task: string
  readonly function: string
  readonly model: string
  readonly parameters: JsonObject
  readonly input: JsonObject
}

/** @internal */
export const started = (taskId: string, output?: JsonObject): JsonObject => ({
  header: { task_id: taskId, event: "task-started", attributes: {} },
  payload: output === undefined ? {} : { output }
})

/** @internal */
export const result = (taskId: string, payload: JsonObject): JsonObject => ({
  header: { task_id: taskId, event: "result-generated", attributes: { request_uuid: requestOf(taskId) } },
  payload
})

/** @internal */
export const finished = (taskId: string, payload: JsonObject): JsonObject => ({
  header: { task_id: taskId, event: "task-finished", attributes: { request_uuid: requestOf(taskId) } },
  payload
})

/** @internal */
export const failed = (taskId: string, { code, message }: Failure): JsonObject => ({
  header: { task_id: taskId, event: "task-failed", error_code: code, error_message: message, attributes: {} },
  payload: {}
})

/** The id under which the service itself knows a task. */
const requestOf = (taskId: string): string => uuid(digest(taskId))

/** @internal */
export const invalidAction = (action: string): Failure =>
  invalid(`Invalid action('${action}')! Please follow the protocol!`)

/** @internal */
export const taskMissing = invalid("task can not be null")

/** @internal */
export const timedOut = (millis: number): Failure =>
  failure(400, "CLIENT_ERROR", `request timeout after ${Math.round(millis / 1000)} seconds.`)

const streamings: ReadonlyArray<string> = ["none", "in", "out", "duplex"]

const missing = (name: string): Failure => invalid(`Missing required parameter '${name}'! Please follow the protocol!`)

/** @internal */
export const readRunTask = (header: JsonObject, payload: JsonObject | undefined): RunTask | Failure => {
  const id = asString(header.task_id) ?? ""
  if (id === "") {
    return missing("header.task_id")
  }
  const streaming = asString(header.streaming) ?? ""
  if (!streamings.includes(streaming)) {
    return missing("header.streaming")
  }
  if (payload === undefined || !isObject(payload.input)) {
    return taskMissing
  }
  for (const name of ["model", "task_group", "task", "function"]) {
    if (typeof payload[name] !== "string" || payload[name] === "") {
      return missing(`payload.${name}`)
    }
  }
  return {
    id,
    streaming,
    group: asString(payload.task_group) ?? "",
    task: asString(payload.task) ?? "",
    function: asString(payload.function) ?? "",
    model: asString(payload.model) ?? "",
    parameters: asObject(payload.parameters) ?? {},
    input: payload.input
  }
}
