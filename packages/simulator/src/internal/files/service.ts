/**
 * Files: `/files`, in the native form.
 */
import type { JsonObject } from "../core/json.js"
import { parseObject } from "../core/json.js"
import type { Answer } from "../server/answer.js"
import { failure, whole } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import type { FormPart } from "../server/multipart.js"
import { field } from "../server/multipart.js"
import { pageOf, readPage } from "../server/page.js"
import type { Route } from "../server/route.js"
import type { StoredFile } from "./store.js"
import { addFile, deleteFile, findFile, listFiles, tooMany, urlOf } from "./store.js"

const purposes: ReadonlyArray<string> = ["file-extract", "fine-tune", "batch"]

/** Whether each line is a JSON object. */
const isJsonLines = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes).toString("utf8").split("\n").filter((line) => line.trim() !== "").every((line) =>
    parseObject(line) !== undefined
  )

const upload = (incoming: Incoming): Answer => {
  const { body: { form }, requestId } = incoming
  const given = (form?.parts ?? []).filter(({ fileName, name }) =>
    fileName !== undefined && (name === "files" || name === "file")
  )
  if (form === undefined || !form.complete || given.length === 0) {
    return failure(400, "InvalidParameter", "Required body invalid, please check the request body format.")
  }
  const purpose = field(form, "purpose") ?? "fine-tune"
  if (!purposes.includes(purpose)) {
    return {
      _tag: "Failure",
      status: 400,
      code: "",
      message: "'purpose' must be 'file-extract'",
      shape: "openai",
      param: "purpose"
    }
  }
  const descriptions = form.parts.filter(({ name }) => name === "descriptions")
  const uploaded_files: Array<JsonObject> = []
  const failed_uploads: Array<JsonObject> = []
  for (const [i, file] of given.entries()) {
    const name = file.fileName ?? ""
    const refused = (code: string, message: string) => failed_uploads.push({ name, code, message })
    if (purpose === "fine-tune" && name.endsWith(".jsonl") && !isJsonLines(file.bytes)) {
      refused("InvalidFile.Format", "The file is not a valid JSONL file.")
      continue
    }
    const stored = addFile(incoming, file, purpose, descriptionOf(descriptions[i]))
    if (stored === undefined) {
      refused("BadRequest.TooMany", tooMany)
    } else {
      uploaded_files.push({ name, file_id: stored.id })
    }
  }
  return whole({ data: { uploaded_files, failed_uploads }, request_id: requestId })
}

const descriptionOf = (part: FormPart | undefined): string =>
  part === undefined ? "" : Buffer.from(part.bytes).toString("utf8")

/** As `2025-11-30 18:42:45`. */
const timeOf = (millis: number): string => new Date(millis).toISOString().slice(0, 19).replace("T", " ")

const described = (file: StoredFile, incoming: Incoming): JsonObject => ({
  id: 193_306_000 + file.number,
  name: file.name,
  description: file.description,
  size: file.size,
  md5: Buffer.from(file.md5).toString("base64"),
  region: "cn-beijing",
  file_id: file.id,
  url: urlOf(incoming, file),
  user_id: "1000000000000001",
  api_key_id: "10001",
  gmt_create: timeOf(file.created)
})

const list = (incoming: Incoming): Answer => {
  const page = readPage(incoming.query)
  const all = listFiles(incoming.state)
  return whole({
    data: {
      total: all.length,
      files: pageOf(all, page).map((file) => described(file, incoming)),
      page_size: page.size,
      page_no: page.number
    },
    request_id: incoming.requestId
  })
}

const notFound = failure(404, "NotFound", "Not found!")

const get = (incoming: Incoming): Answer => {
  const file = findFile(incoming.state, incoming.params.id ?? "")
  return file === undefined ? notFound : whole({
    data: { ...described(file, incoming), purpose: file.purpose },
    request_id: incoming.requestId
  })
}

const remove = (incoming: Incoming): Answer =>
  deleteFile(incoming.state, incoming.params.id ?? "") ? whole({ request_id: incoming.requestId }) : notFound

/** @internal */
export const fileRoutes: ReadonlyArray<Route> = [
  { method: "POST", pattern: "/api/v1/files", serve: upload },
  { method: "GET", pattern: "/api/v1/files", serve: list },
  { method: "GET", pattern: "/api/v1/files/{id}", serve: get },
  { method: "DELETE", pattern: "/api/v1/files/{id}", serve: remove }
]
