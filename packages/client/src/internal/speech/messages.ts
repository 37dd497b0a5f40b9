/**
 * The messages of the task protocol over WebSockets: one task at a time on a socket, told in JSON, its audio in binary
 * messages without an id. Source: "CosyVoice WebSocket API", "Fun-ASR real-time speech recognition WebSocket API".
 */
import { ApiError } from "../../DashScopeError.js"
import type { DuplexTaskEvent, DuplexTaskRequest, Fields } from "../../DuplexTaskState.js"
import { lean } from "../core/lean.js"
import { isRecord } from "../core/record.js"
import { excerpt } from "../core/secrets.js"
import { classify, statusOf } from "../protocol/classify.js"
import { parseJson } from "../protocol/errorBody.js"

/** @internal */
export const runTask = (id: string, request: DuplexTaskRequest): string => {
  const { function: name, input = {}, model, parameters = {}, resources, streaming = "duplex", task, taskGroup } =
    request
  return JSON.stringify({
    header: { action: "run-task", task_id: id, streaming },
    payload: { task_group: taskGroup, task, function: name, model, parameters, input, resources }
  })
}

/** @internal */
export const continueTask = (id: string, input: Fields): string =>
  JSON.stringify({ header: { action: "continue-task", task_id: id, streaming: "duplex" }, payload: { input } })

/** @internal */
export const finishTask = (id: string, input: Fields): string =>
  JSON.stringify({ header: { action: "finish-task", task_id: id, streaming: "duplex" }, payload: { input } })

const unexpected = (description: string): ApiError =>
  lean(() => new ApiError({ reason: "UnexpectedResponse", statusCode: 200, code: "", description, isRetryable: false }))

const recordOf = (u: unknown): Fields | undefined => isRecord(u) ? u : undefined

const textOf = (u: unknown): string => typeof u === "string" ? u : ""

const longest = 500

/** Says that a task failed. The id of the task is what the service's support asks for. */
const failureOf = (id: string, header: Fields, requestId: string | undefined): ApiError => {
  const code = excerpt(textOf(header["error_code"]), longest)
  const message = excerpt(textOf(header["error_message"]), longest) || "the service gave no message"
  const status = statusOf(code)
  return lean(() =>
    new ApiError({
      ...classify({ status, code, message }),
      statusCode: status,
      code,
      description: message,
      requestId: requestId ?? id
    })
  )
}

/**
 * What a message says of a task, `undefined` where that is nothing known: the service may have new events. An `ApiError` ends
 * the task.
 *
 * @internal
 */
export const readMessage = (message: string | Uint8Array, id: string): DuplexTaskEvent | ApiError | undefined => {
  if (typeof message !== "string") return { _tag: "Audio", bytes: message }
  const json = parseJson(message)
  const header = isRecord(json) ? recordOf(json["header"]) : undefined
  if (!isRecord(json) || header === undefined) {
    return unexpected(`a message that is none of the protocol: ${excerpt(message, 200)}`)
  }
  const owner = header["task_id"]
  if (typeof owner === "string" && owner !== "" && owner !== id) return unexpected("a message of another task")
  const payload = recordOf(json["payload"])
  const requestId = textOf(recordOf(header["attributes"])?.["request_uuid"]) || undefined
  const output = recordOf(payload?.["output"])
  const usage = recordOf(payload?.["usage"])
  switch (header["event"]) {
    case "task-started":
      return { _tag: "Started", output }
    case "result-generated":
      return { _tag: "Result", output, usage, requestId }
    case "task-finished":
      return { _tag: "Finished", output, usage, requestId }
    case "task-failed":
      return failureOf(id, header, requestId)
    default:
      return undefined
  }
}
