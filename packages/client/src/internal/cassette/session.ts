/**
 * What a cassette's file holds of a WebSocket, from its handshake to its end.
 *
 * @internal
 */
import * as Schema from "effect/Schema"
import { isRecord } from "../core/record.js"
import * as Format from "./format.js"

const Message = Schema.Union(
  Schema.Struct({ sent: Format.Body }),
  Schema.Struct({ received: Format.Body })
)

/** What was said, in the order of the recording. @internal */
export type Message = typeof Message.Type

/** @internal */
export const Session = Schema.Struct({
  /** With its query, without the host. */
  path: Schema.String,
  headers: Format.Headers,
  messages: Schema.Array(Message),
  /** How the service closed it; absent where the program was done first. */
  closed: Schema.optional(Schema.Struct({ code: Schema.Int, reason: Schema.String })),
  /** The answer to a handshake that opened none. */
  refused: Schema.optional(
    Schema.Struct({ status: Schema.Int, headers: Format.Headers, body: Schema.optional(Format.Body) })
  )
})

/** @internal */
export type Session = typeof Session.Type

/** @internal */
export const File = Schema.Struct({
  version: Schema.Literal(1),
  interactions: Schema.Array(Format.Interaction),
  sessions: Schema.optional(Schema.Array(Session))
})

/** @internal */
export type File = typeof File.Type

const idFields: ReadonlySet<string> = new Set(["task_id", "event_id"])

const idsIn = (value: unknown): ReadonlyArray<string> => {
  if (Array.isArray(value)) return value.flatMap(idsIn)
  if (!isRecord(value)) return []
  return Object.entries(value).flatMap(([name, field]) =>
    typeof field === "string" && field !== "" && idFields.has(name) ? [field] : idsIn(field)
  )
}

/**
 * The ids that this side gives to tasks and events. They are others each time, so that a file has names for them.
 *
 * @internal
 */
export class Ids {
  private readonly names = new Map<string, string>()

  /** A text that is sent, with names in the place of ids. */
  sent(text: string): string {
    for (const id of idsIn(Format.jsonOf(text)?.json)) {
      if (!this.names.has(id)) this.names.set(id, `<id ${this.names.size + 1}>`)
    }
    return this.received(text)
  }

  /** The same of one that has come. */
  received(text: string): string {
    let named = text
    for (const [id, name] of this.names) named = named.replaceAll(id, name)
    return named
  }

  /** A text of the file, with the ids of now. */
  restored(text: string): string {
    let restored = text
    for (const [id, name] of this.names) restored = restored.replaceAll(name, id)
    return restored
  }
}

/** What a message is in the file, once its ids have names. @internal */
export const bodyOf = (message: string | Uint8Array, redact: Format.Redact): Format.Body => {
  if (typeof message !== "string") return { base64: Format.toBase64(message) }
  const json = Format.jsonOf(message)
  return json === undefined ? { text: redact(message) } : { json: Format.redactJson(json.json, redact) }
}

/** What has come, from the file. @internal */
export const messageOf = (body: Format.Body, ids: Ids): string | Uint8Array => {
  const [bytes = new Uint8Array()] = Format.piecesOf(body)
  return "base64" in body ? bytes : ids.restored(new TextDecoder().decode(bytes))
}
