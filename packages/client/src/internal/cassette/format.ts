/**
 * What a cassette's file holds, and how requests and answers become that: readable, and without secrets.
 *
 * @internal
 */
import * as Schema from "effect/Schema"
import { isRecord } from "../core/record.js"
import { scrub } from "../core/secrets.js"

/**
 * A body: JSON as it is, a stream of events as the lines of each, other texts as they are, and bytes in Base64. Of a form or
 * a stream of bytes nothing is kept.
 *
 * @internal
 */
export const Body = Schema.Union(
  Schema.Struct({
    events: Schema.Array(Schema.Array(Schema.String)),
    /** What came after the last whole event. */
    rest: Schema.optional(Schema.String)
  }),
  Schema.Struct({ text: Schema.String }),
  Schema.Struct({ base64: Schema.String }),
  Schema.Struct({ left: Schema.Literal("form", "stream") }),
  // Last: anything that is absent is unknown too.
  Schema.Struct({ json: Schema.Unknown })
)

/** @internal */
export type Body = typeof Body.Type

/** @internal */
export const Headers = Schema.Record({ key: Schema.String, value: Schema.String })

/** @internal */
export const Interaction = Schema.Struct({
  request: Schema.Struct({
    method: Schema.String,
    /** With its query, without the host. */
    path: Schema.String,
    headers: Headers,
    body: Schema.optional(Body)
  }),
  response: Schema.Struct({
    status: Schema.Int,
    headers: Headers,
    body: Schema.optional(Body)
  })
})

/** @internal */
export type Interaction = typeof Interaction.Type

// ---------------------------------------------------------------------------------------------------------------------
// secrets
// ---------------------------------------------------------------------------------------------------------------------

const redacted = "<redacted>"

/** Only these get into a file: all others may hold a key, or say who recorded. */
const kept: ReadonlySet<string> = new Set([
  "accept",
  "accept-ranges",
  "content-encoding",
  "content-range",
  "content-type",
  "etag",
  "last-modified",
  "range",
  "req-cost-time",
  "retry-after",
  "x-dashscope-async",
  "x-dashscope-finished",
  "x-dashscope-ossresourceresolve",
  "x-dashscope-sse",
  "x-dashscope-timeout",
  "x-request-id"
])

/** A body is kept decompressed. */
const ofTransfer: ReadonlySet<string> = new Set(["content-encoding"])

const secretField = /^(?:.*_)?(?:token|signature|policy|password|secret|api_?key|access_?key(?:_?id)?)$/i

const secretParameter =
  /([?&](?:Signature|OSSAccessKeyId|security-token|x-oss-(?:signature|credential|security-token)))=[^&"\s\\]*/gi

/** What takes secrets out of a text. @internal */
export type Redact = (text: string) => string

/** @internal */
export const redactText = (secrets: ReadonlyArray<string>, own: Redact | undefined): Redact => (text) => {
  const scrubbed = scrub(text, secrets).replaceAll(secretParameter, `$1=${redacted}`)
  return own === undefined ? scrubbed : own(scrubbed)
}

/** @internal */
export const redactJson = (value: unknown, redact: Redact): unknown => {
  if (typeof value === "string") return redact(value)
  if (Array.isArray(value)) return value.map((item: unknown) => redactJson(item, redact))
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      typeof field === "string" && secretField.test(name) ? redacted : redactJson(field, redact)
    ])
  )
}

/** @internal */
export const keptHeaders = (
  headers: Readonly<Record<string, string | undefined>>,
  more: ReadonlyArray<string>,
  redact: Redact
): Readonly<Record<string, string>> => {
  const names = new Set([...kept, ...more.map((name) => name.toLowerCase())])
  return Object.fromEntries(
    Object.entries(headers)
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .filter(([name, value]) => value !== undefined && names.has(name) && !ofTransfer.has(name))
      .map(([name, value]) => [name, redact(value ?? "")] as const)
      .sort(([a], [b]) => a < b ? -1 : 1)
  )
}

// ---------------------------------------------------------------------------------------------------------------------
// bodies
// ---------------------------------------------------------------------------------------------------------------------

/** @internal */
export const jsonOf = (text: string): { readonly json: unknown } | undefined => {
  try {
    return { json: JSON.parse(text) }
  } catch {
    return undefined
  }
}

/** Line ends are those of the standard's choice, all alike. */
const eventsOf = (text: string, redact: Redact): Body => {
  const frames = text.replaceAll(/\r\n?/g, "\n").split("\n\n")
  const rest = frames.pop() ?? ""
  return {
    events: frames.map((frame) => frame.split("\n").map((line) => redactLine(line, redact))),
    ...(rest === "" ? undefined : { rest: redact(rest) })
  }
}

/** Fields of JSON within the data of an event, too. */
const redactLine = (line: string, redact: Redact): string => {
  const [, name = "", data = ""] = /^(data: ?)(.*)$/.exec(line) ?? []
  const json = name === "" ? undefined : jsonOf(data)
  if (json === undefined) return redact(line)
  const clean = JSON.stringify(redactJson(json.json, redact))
  // Written by others: only what had a secret is written anew.
  return clean === JSON.stringify(json.json) ? line : name + clean
}

const isText = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** @internal */
export const toBase64 = (bytes: Uint8Array): string => {
  let binary = ""
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** @internal */
export const bodyOf = (bytes: Uint8Array, contentType: string | undefined, redact: Redact): Body | undefined => {
  if (bytes.length === 0) return undefined
  const text = isText(bytes)
  if (text === undefined) return { base64: toBase64(bytes) }
  if (contentType?.startsWith("text/event-stream") === true) return eventsOf(text, redact)
  const json = jsonOf(text)
  return json === undefined ? { text: redact(text) } : { json: redactJson(json.json, redact) }
}

/** The pieces that a body is sent in: each event is one. @internal */
export const piecesOf = (body: Body | undefined): ReadonlyArray<Uint8Array> => {
  const encoder = new TextEncoder()
  if (body === undefined || "left" in body) return []
  if ("json" in body) return [encoder.encode(JSON.stringify(body.json))]
  if ("text" in body) return [encoder.encode(body.text)]
  if ("base64" in body) return [Uint8Array.from(atob(body.base64), (character) => character.charCodeAt(0))]
  const events = body.events.map((lines) => `${lines.join("\n")}\n\n`)
  return [...events, ...(body.rest === undefined ? [] : [body.rest])].map((text) => encoder.encode(text))
}

// ---------------------------------------------------------------------------------------------------------------------
// which request is which
// ---------------------------------------------------------------------------------------------------------------------

/** JSON with the fields of each object in the order of their names. @internal */
export const normal = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(normal).join(",")}]`
  if (!isRecord(value)) return JSON.stringify(value) ?? "null"
  const fields = Object.keys(value).sort().flatMap((name) =>
    value[name] === undefined ? [] : [`${JSON.stringify(name)}:${normal(value[name])}`]
  )
  return `{${fields.join(",")}}`
}

/** The path and the query of a URL, its parameters in the order of their names. @internal */
export const pathOf = (url: URL, redact: Redact): string => {
  const parameters = [...url.searchParams].sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0)
  const query = parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&")
  return redact(query === "" ? url.pathname : `${url.pathname}?${query}`)
}

/** Requests with the same key are the same. @internal */
export const keyOf = ({ body, method, path }: Interaction["request"]): string =>
  `${method} ${path} ${body === undefined ? "" : normal(body)}`
