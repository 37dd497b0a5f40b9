import type { Request } from "../../Envelope.js"
import { isRecord } from "../core/record.js"

/** Without it, the service takes the URL of an upload for a bad one. */
const header = { "X-DashScope-OssResourceResolve": "enable" } as const

/** Whether the URL of an upload stands somewhere in a value. @internal */
export const namesUpload = (u: unknown): boolean =>
  typeof u === "string"
    ? u.startsWith("oss://")
    : Array.isArray(u)
    ? u.some(namesUpload)
    : isRecord(u) && Object.values(u).some(namesUpload)

/** The request, with the header that it needs where its input names an upload. @internal */
export const resolving = (request: Request): Request => {
  const { body } = request
  return isRecord(body) && namesUpload(body["input"])
    ? { ...request, headers: { ...request.headers, ...header } }
    : request
}
