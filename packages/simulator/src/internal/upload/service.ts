/**
 * Temporary uploads: a certificate from the API, a form to the storage host, and `oss://` URLs that models read.
 */
import type { Upload } from "../../Upload.js"
import { digest } from "../core/hash.js"
import type { Resolve } from "../core/media.js"
import { badUrl, notDownloaded } from "../core/media.js"
import { xmlError } from "../results/xml.js"
import type { Answer } from "../server/answer.js"
import { invalid, raw, whole } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import type { FormPart } from "../server/multipart.js"
import type { Route } from "../server/route.js"
import { checkModel } from "../server/route.js"
import type { State } from "../server/state.js"
import { part } from "../server/state.js"

interface Certificate {
  readonly policy: string
  readonly signature: string
  readonly directory: string
  readonly model: string
  /** Milliseconds since the epoch. */
  readonly end: number
  /** In bytes. */
  readonly largest: number
}

interface Stored {
  readonly bytes: Uint8Array
  readonly model: string
}

class Storage {
  readonly certificates = new Map<string, Certificate>()
  readonly objects = new Map<string, Stored>()
  readonly uploads: Array<Upload> = []
}

const storage = part(() => new Storage())

const mostKept = 1000

/** @internal */
export const uploadsOf = (state: State): ReadonlyArray<Upload> => [...storage(state).uploads]

const accessKey = "LTAI-simulator"
const acl = "private"

const signatureOf = (policy: string): string => Buffer.from(digest(`${accessKey}/${policy}`), "hex").toString("base64")

const certify = (incoming: Incoming): Answer => {
  const { now, query, requestId, settings, state } = incoming
  if (query.get("action") !== "getPolicy") {
    return invalid("The parameter action should be getPolicy.")
  }
  const model = query.get("model")
  const missing = checkModel(model, settings)
  if (missing !== undefined || model === null) {
    return missing ?? invalid("The model is missing.")
  }
  const end = now + settings.uploadSeconds * 1000
  const day = new Date(now).toISOString().slice(0, 10)
  const directory = `dashscope-instant/${digest(incoming.apiKey)}/${day}/${state.nextId("upload")}`
  const largest = settings.uploadMegabytes * 1024 * 1024
  const policy = Buffer.from(JSON.stringify({
    expiration: new Date(end).toISOString(),
    conditions: [
      ["content-length-range", 0, largest],
      ["starts-with", "$key", directory],
      { bucket: "dashscope-simulator" },
      { "x-oss-object-acl": acl },
      { "x-oss-forbid-overwrite": "true" }
    ]
  })).toString("base64")
  const signature = signatureOf(policy)
  storage(state).certificates.set(policy, { policy, signature, directory, model, end, largest })
  return whole({
    data: {
      policy,
      signature,
      upload_dir: directory,
      upload_host: `${incoming.storage}/storage`,
      expire_in_seconds: settings.uploadSeconds,
      max_file_size_mb: settings.uploadMegabytes,
      capacity_limit_mb: 999_999_999,
      oss_access_key_id: accessKey,
      x_oss_object_acl: acl,
      x_oss_forbid_overwrite: "true"
    },
    request_id: requestId
  })
}

/** Fields count only before the file, as the real host reads them. */
const fieldsBefore = (parts: ReadonlyArray<FormPart>): ReadonlyMap<string, string> => {
  const fields = new Map<string, string>()
  for (const { bytes, name } of parts) {
    if (name === "file") {
      break
    }
    fields.set(name.toLowerCase(), Buffer.from(bytes).toString("utf8"))
  }
  return fields
}

interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
}

const refusal = (status: number, code: string, message: string): Refusal => ({ status, code, message })

const againstPolicy = (what: string): Refusal => refusal(403, "AccessDenied", `Invalid according to Policy: ${what}`)

const check = (
  fields: ReadonlyMap<string, string>,
  file: FormPart,
  certificate: Certificate | undefined,
  incoming: Incoming
): Refusal | undefined => {
  const key = fields.get("key") ?? ""
  if (incoming.header("authorization") !== undefined) {
    return refusal(400, "InvalidArgument", "Only one auth mechanism allowed.")
  }
  if (fields.get("ossaccesskeyid") === undefined || fields.get("signature") === undefined) {
    return refusal(403, "AccessDenied", "You have no right to access this object because of bucket acl.")
  }
  if (fields.get("ossaccesskeyid") !== accessKey) {
    return refusal(403, "InvalidAccessKeyId", "The OSS Access Key Id you provided does not exist in our records.")
  }
  if (certificate === undefined || fields.get("signature") !== certificate.signature) {
    return refusal(
      403,
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided. Check your key and signing method."
    )
  }
  if (incoming.now >= certificate.end) {
    return againstPolicy("Policy expired.")
  }
  if (!key.startsWith(`${certificate.directory}/`)) {
    return againstPolicy(`Policy Condition failed: ["starts-with", "$key", "${certificate.directory}"]`)
  }
  if (fields.get("x-oss-object-acl") !== acl) {
    return againstPolicy(`Policy Condition failed: ["eq", "$x-oss-object-acl", "${acl}"]`)
  }
  if (fields.get("x-oss-forbid-overwrite") !== "true") {
    return againstPolicy("Policy Condition failed: [\"eq\", \"$x-oss-forbid-overwrite\", \"true\"]")
  }
  if (file.size > certificate.largest) {
    return refusal(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
  }
  return storage(incoming.state).objects.has(key)
    ? refusal(409, "FileAlreadyExists", "The object you specified already exists and can not be overwritten.")
    : undefined
}

const store = (incoming: Incoming): Answer => {
  const { body: { form }, requestId, state } = incoming
  const file = form?.parts.find(({ name }) => name === "file")
  if (form === undefined || !form.complete || file === undefined) {
    return xmlError(
      400,
      "MalformedPOSTRequest",
      "The body of your POST request is not well-formed multipart/form-data.",
      requestId
    )
  }
  const { certificates, objects, uploads } = storage(state)
  const fields = fieldsBefore(form.parts)
  const certificate = certificates.get(fields.get("policy") ?? "")
  const refused = check(fields, file, certificate, incoming)
  const status = refused?.status ?? (fields.get("success_action_status") === "200" ? 200 : 204)
  const key = fields.get("key") ?? ""
  uploads.push({
    url: `oss://${key}`,
    model: certificate?.model,
    fileName: file.fileName,
    contentType: fields.get("x-oss-content-type") ?? file.contentType,
    size: file.size,
    md5: Buffer.from(file.md5).toString("hex"),
    authorization: incoming.header("authorization") !== undefined,
    status
  })
  if (uploads.length > mostKept) {
    uploads.shift()
  }
  if (refused !== undefined) {
    return xmlError(status, refused.code, refused.message, requestId)
  }
  objects.set(key, { bytes: file.bytes, model: certificate?.model ?? "" })
  return raw(status, "", "", { etag: `"${Buffer.from(file.md5).toString("hex").toUpperCase()}"` })
}

/**
 * Reads `oss://` URLs for a request to a model: only if it asks for that, and only what was uploaded for that model.
 *
 * @internal
 */
export const resolver = (incoming: Incoming, model: string): Resolve => (url) => {
  if (incoming.header("x-dashscope-ossresourceresolve") !== "enable") {
    return badUrl
  }
  const stored = storage(incoming.state).objects.get(url.slice("oss://".length))
  return stored === undefined || stored.model !== model ? notDownloaded : stored.bytes
}

/** @internal */
export const uploadRoutes: ReadonlyArray<Route> = [
  { method: "GET", pattern: "/api/v1/uploads", serve: certify },
  { method: "POST", pattern: "/storage", open: true, serve: store }
]
