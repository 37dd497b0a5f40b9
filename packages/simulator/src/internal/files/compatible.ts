/**
 * Files: `/compatible-mode/v1/files`, in the form of OpenAI.
 */
import { refusal } from "../compatible/refusal.js"
import type { JsonObject } from "../core/json.js"
import { millisOf } from "../core/time.js"
import { contentOf, send } from "../results/content.js"
import type { Answer } from "../server/answer.js"
import { whole } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import { field } from "../server/multipart.js"
import type { Route } from "../server/route.js"
import type { StoredFile } from "./store.js"
import { addFile, deleteFile, findFile, listFiles, tooMany } from "./store.js"

const megabytes: { readonly [purpose: string]: number } = { "file-extract": 150, batch: 500 }

const described = (file: StoredFile): JsonObject => ({
  id: file.id,
  object: "file",
  bytes: file.size,
  filename: file.name,
  purpose: file.purpose,
  status: "processed",
  created_at: Math.floor(file.created / 1000)
})

const upload = (incoming: Incoming): Answer => {
  const { form } = incoming.body
  const file = form?.parts.find(({ fileName, name }) => name === "file" && fileName !== undefined)
  if (form === undefined || !form.complete || file === undefined) {
    return refusal(400, "", "'file' is a required property", "file")
  }
  const purpose = field(form, "purpose") ?? ""
  const most = Object.hasOwn(megabytes, purpose) ? megabytes[purpose] : undefined
  if (most === undefined) {
    return refusal(400, "", "'purpose' must be 'file-extract' or 'batch'", "purpose")
  }
  if (file.size > most * 1024 * 1024) {
    return refusal(400, "invalid_parameter_error", `The file is larger than ${most} MB.`, "file")
  }
  const stored = addFile(incoming, file, purpose, "")
  return stored === undefined ? refusal(400, "", tooMany) : whole(described(stored))
}

const list = (incoming: Incoming): Answer => {
  const { query, state } = incoming
  const [since, until] = [millisOf(query.get("create_after")), millisOf(query.get("create_before"))]
  const purpose = query.get("purpose")
  const wanted = listFiles(state).filter((file) =>
    (purpose === null || file.purpose === purpose) && (since === undefined || file.created >= since) &&
    (until === undefined || file.created < until)
  )
  const after = query.get("after")
  const start = after === null ? 0 : wanted.findIndex(({ id }) => id === after) + 1
  const limit = Math.min(2000, Number(query.get("limit") ?? "2000") || 2000)
  return whole({
    object: "list",
    data: wanted.slice(start, start + limit).map(described),
    has_more: wanted.length > start + limit
  })
}

const found = (incoming: Incoming, answer: (file: StoredFile) => Answer): Answer => {
  const id = incoming.params.id ?? ""
  const file = findFile(incoming.state, id)
  return file === undefined ? refusal(404, "not_found", `File [id:${id}] cannot be found.`) : answer(file)
}

/** @internal */
export const compatibleFileRoutes: ReadonlyArray<Route> = [
  { method: "POST", pattern: "/compatible-mode/v1/files", serve: upload },
  { method: "GET", pattern: "/compatible-mode/v1/files", serve: list },
  {
    method: "GET",
    pattern: "/compatible-mode/v1/files/{id}",
    serve: (incoming) => found(incoming, (file) => whole(described(file)))
  },
  {
    method: "GET",
    pattern: "/compatible-mode/v1/files/{id}/content",
    serve: (incoming) => found(incoming, ({ bytes }) => send(contentOf("application/octet-stream", bytes), incoming))
  },
  {
    method: "DELETE",
    pattern: "/compatible-mode/v1/files/{id}",
    serve: (incoming) =>
      found(incoming, ({ id }) => {
        deleteFile(incoming.state, id)
        return whole({ id, object: "file", deleted: true })
      })
  }
]
