import { isDeep } from "../core/json.js"
import { isRecord } from "../core/record.js"
import { excerpt, scrub } from "../core/secrets.js"

/** What an error body of any shape says. @internal */
export interface ErrorBody {
  /** Empty where the body gives none. */
  readonly code: string
  readonly message: string
  readonly requestId: string | undefined
}

const longestMessage = 500

/** Codes may be numbers; 0 means success. */
const codeOf = (u: unknown): string => {
  if (typeof u === "string") return u.trim()
  return typeof u === "number" && u !== 0 ? String(u) : ""
}

const textOf = (u: unknown): string => typeof u === "string" ? u : ""

const firstText = (...candidates: ReadonlyArray<unknown>): string =>
  candidates.map(textOf).find((text) => text !== "") ?? ""

/**
 * An error object of the native form, of the file endpoints (`msg`), nested in `error`, or in OpenAI's style. Nothing
 * for an object that is none of these.
 *
 * @internal
 */
export const fromJson = (json: unknown): ErrorBody | undefined => {
  if (!isRecord(json)) return undefined
  const requestId = firstText(json["request_id"], json["requestId"]) || undefined
  const code = codeOf(json["code"])
  const message = firstText(json["msg"], json["message"])
  if (code !== "") return { code, message, requestId }
  const nested = json["error"]
  if (isRecord(nested)) {
    return {
      code: codeOf(nested["code"]) || codeOf(nested["type"]),
      message: message || firstText(nested["message"], nested["msg"]),
      requestId: requestId ?? (firstText(nested["request_id"], nested["requestId"]) || undefined)
    }
  }
  const text = message || textOf(nested)
  return text === "" ? undefined : { code, message: text, requestId }
}

/** `undefined` for what is no JSON. @internal */
export const parseJson = (text: string): unknown => {
  try {
    return isDeep(text) ? undefined : JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

const dataLine = /^data:(.*)$/m

/**
 * An error answer, read by its content not by its content type: JSON; else the first `data:` line of an event
 * stream; else the start of the text.
 *
 * @internal
 */
export const parse = (body: string, secrets: ReadonlyArray<string>): ErrorBody => {
  const text = body.startsWith("\ufeff") ? body.slice(1) : body
  const data = dataLine.exec(text)?.[1]
  const found = fromJson(parseJson(text)) ?? (data === undefined ? undefined : fromJson(parseJson(data)))
  const clean = (s: string): string => excerpt(scrub(s, secrets), longestMessage)
  if (found === undefined) {
    return { code: "", message: clean(text) || "the answer has no body", requestId: undefined }
  }
  return {
    code: clean(found.code),
    message: clean(found.message) || "the service gave no message",
    requestId: found.requestId === undefined ? undefined : clean(found.requestId)
  }
}
