/**
 * Batches: `/compatible-mode/v1/batches`, in the form of OpenAI.
 */
import { refusal } from "../compatible/refusal.js"
import type { JsonObject } from "../core/json.js"
import { asObject, asString, parseObject } from "../core/json.js"
import { millisOf } from "../core/time.js"
import { findFile } from "../files/store.js"
import type { Answer } from "../server/answer.js"
import { whole } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import type { Route } from "../server/route.js"
import { endpoints, readInput } from "./input.js"
import type { Batch } from "./store.js"
import { addBatch, advance, cancelBatch, findBatch, listBatches, look } from "./store.js"

const path = "/compatible-mode/v1/batches"

const described = (batch: Batch): JsonObject => {
  const { input: { lines, problems }, status, times } = batch
  const hasFailed = status === "failed"
  return {
    id: batch.id,
    object: "batch",
    endpoint: batch.endpoint,
    errors: hasFailed ? { object: "list", data: problems } : null,
    input_file_id: batch.fileId,
    completion_window: batch.window,
    status,
    output_file_id: batch.outputId,
    error_file_id: batch.errorId,
    created_at: Math.floor(batch.created / 1000),
    in_progress_at: times.in_progress ?? null,
    expires_at: null,
    finalizing_at: times.finalizing ?? null,
    completed_at: times.completed ?? null,
    failed_at: times.failed ?? null,
    expired_at: times.expired ?? null,
    cancelling_at: times.cancelling ?? null,
    cancelled_at: times.cancelled ?? null,
    request_counts: {
      total: status === "validating" || hasFailed ? 0 : lines.length,
      completed: batch.done - batch.failed,
      failed: batch.failed
    },
    metadata: batch.metadata ?? null
  }
}

const wrong = (message: string, param: string): Answer => refusal(400, "invalid_parameter_error", message, param)

/** Hours of a window such as `24h` or `2d`. */
const hoursOf = (window: unknown): number => {
  const [, count = "", unit = ""] = /^(\d+)([hd])$/.exec(asString(window) ?? "") ?? []
  return count === "" ? NaN : Number(count) * (unit === "d" ? 24 : 1)
}

const create = (incoming: Incoming): Answer => {
  const body = parseObject(incoming.body.text)
  if (body === undefined) {
    return wrong("Required body invalid, please check the request body format.", "body")
  }
  const id = asString(body.input_file_id) ?? ""
  const file = findFile(incoming.state, id)
  if (file === undefined) {
    return wrong(`File [id:${id}] cannot be found.`, "input_file_id")
  }
  if (file.purpose !== "batch") {
    return wrong("The purpose of the input file has to be 'batch'.", "input_file_id")
  }
  const endpoint = asString(body.endpoint) ?? ""
  if (!endpoints.includes(endpoint)) {
    return wrong(`The endpoint has to be one of ${endpoints.join(", ")}.`, "endpoint")
  }
  const hours = hoursOf(body.completion_window)
  if (!(hours >= 24 && hours <= 336)) {
    return wrong("The completion_window has to be from 24h to 336h.", "completion_window")
  }
  if (body.metadata !== undefined && body.metadata !== null && asObject(body.metadata) === undefined) {
    return wrong("The metadata have to be an object.", "metadata")
  }
  return whole(described(addBatch(incoming, {
    fileId: id,
    endpoint,
    window: asString(body.completion_window) ?? "",
    metadata: body.metadata,
    input: readInput(file, endpoint)
  })))
}

const mostOnPage = 100

const list = (incoming: Incoming): Answer => {
  const { query, state } = incoming
  const valuesOf = (name: string) => query.get(name)?.split(",").map((one) => one.trim())
  const [statuses, files, name] = [valuesOf("status"), valuesOf("input_file_ids"), query.get("ds_name")]
  const [since, until] = [millisOf(query.get("create_after")), millisOf(query.get("create_before"))]
  const all = listBatches(state)
  for (const batch of all) {
    advance(batch, incoming)
  }
  const wanted = all.filter((batch) =>
    (statuses === undefined || statuses.includes(batch.status)) &&
    (files === undefined || files.includes(batch.fileId)) &&
    (name === null || asObject(batch.metadata)?.ds_name === name) &&
    (since === undefined || batch.created >= since) && (until === undefined || batch.created <= until)
  )
  const after = query.get("after")
  const start = after === null ? 0 : wanted.findIndex(({ id }) => id === after) + 1
  const limit = Math.min(mostOnPage, Number(query.get("limit") ?? "20") || 20)
  const page = wanted.slice(start, start + limit)
  return whole({
    object: "list",
    // The service says so where there is none.
    data: page.length === 0 ? null : page.map(described),
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
    has_more: wanted.length > start + limit
  })
}

const found = (incoming: Incoming, answer: (batch: Batch) => Answer): Answer => {
  const id = incoming.params.id ?? ""
  const batch = findBatch(incoming.state, id)
  return batch === undefined ? refusal(404, "not_found", `Batch [id:${id}] cannot be found.`) : answer(batch)
}

/** @internal */
export const batchRoutes: ReadonlyArray<Route> = [
  { method: "POST", pattern: path, serve: create },
  { method: "GET", pattern: path, serve: list },
  {
    method: "GET",
    pattern: `${path}/{id}`,
    serve: (incoming) => found(incoming, (batch) => whole(described(look(batch, incoming))))
  },
  {
    method: "POST",
    pattern: `${path}/{id}/cancel`,
    serve: (incoming) =>
      found(incoming, (batch) => {
        advance(batch, incoming)
        return cancelBatch(batch, incoming)
          ? whole(described(batch))
          : wrong(`Cannot cancel a batch with status '${batch.status}'.`, "batch_id")
      })
  }
]
