/**
 * The messages of the realtime protocol: JSON with a `type`, in both directions, with audio and images in base64.
 *
 * @internal
 */
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import type * as Schema from "effect/Schema"
import { ApiError } from "../../DashScopeError.js"
import type { ErrorInfo, EventOf, KnownEvent, ServerEvent } from "../../RealtimeEvent.js"
import * as Events from "../../RealtimeEvent.js"
import { decoder } from "../core/codec.js"
import { lean } from "../core/lean.js"
import { isRecord } from "../core/record.js"
import { excerpt } from "../core/secrets.js"
import { classify, statusOf } from "../protocol/classify.js"
import { parseJson } from "../protocol/errorBody.js"

const newId = (): string => `event_${crypto.randomUUID().replaceAll("-", "")}`

/** A message to the service. @internal */
export interface Message {
  readonly id: string
  readonly text: string
}

/** @internal */
export const message = (type: string, body: Readonly<Record<string, unknown>> = {}): Message => {
  const { event_id: given, ...rest } = body
  const id = typeof given === "string" && given !== "" ? given : newId()
  return { id, text: JSON.stringify({ event_id: id, type, ...rest }) }
}

/** @internal */
export const base64 = (bytes: Uint8Array): string => Encoding.encodeBase64(bytes)

/**
 * The largest piece of audio in one message: two seconds at 16,000 Hz, far below the 15 MiB that the service takes. A message
 * that is larger would keep those behind it waiting. An even number, so that no sample is cut.
 */
const largestPiece = 65_536

/** Audio in pieces that the service takes, in order. @internal */
export const pieces = (audio: Uint8Array): ReadonlyArray<Uint8Array> => {
  const cut: Array<Uint8Array> = []
  for (let at = 0; at < audio.length; at += largestPiece) cut.push(audio.subarray(at, at + largestPiece))
  return cut
}

/** @internal */
export const unexpected = (description: string): ApiError =>
  lean(() => new ApiError({ reason: "UnexpectedResponse", statusCode: 200, code: "", description, isRetryable: false }))

const longest = 500

/**
 * An error of the service. The id of the session, where it is known, is what the service's support asks for.
 *
 * @internal
 */
export const apiError = (
  error: ErrorInfo,
  sessionId: string | undefined,
  scrub: (text: string) => string
): ApiError => {
  const code = excerpt(scrub(error.code ?? ""), longest) || excerpt(error.type ?? "", longest)
  const said = excerpt(scrub(error.message ?? ""), longest) || "the service gave no message"
  const description = error.param ? `${said} (${excerpt(scrub(error.param), longest)})` : said
  const status = error.type === "invalid_request_error" ? 400 : statusOf(code)
  return lean(() =>
    new ApiError({
      ...classify({ status, code, message: said }),
      statusCode: status,
      code,
      description,
      ...(sessionId === undefined ? undefined : { requestId: sessionId })
    })
  )
}

/** The service closes at once where it does not know the model. @internal */
export const modelNotFound = (description: string): ApiError =>
  lean(() =>
    new ApiError({
      reason: "NotFound",
      statusCode: 404,
      code: "ModelNotFound",
      description,
      isRetryable: false
    })
  )

type Decode = ReturnType<typeof decoder<KnownEvent, unknown>>

/** By `type`. */
const decoders: ReadonlyMap<string, Decode> = new Map(
  Events.KnownEvent.members.flatMap((schema) => {
    // Each member gives some of the events; what is decoded is unknown.
    const decode = decoder(schema as unknown as Schema.Schema<KnownEvent, unknown>)
    return schema.fields.type.literals.map((type): readonly [string, Decode] => [type, decode])
  })
)

/** What a message says, or the `ApiError` that it is not one of the protocol. @internal */
export const read = (data: string | Uint8Array): ServerEvent | ApiError => {
  if (typeof data !== "string") return unexpected("a binary message, where the protocol has only text")
  const json = parseJson(data)
  if (!isRecord(json) || typeof json["type"] !== "string") {
    return unexpected(`a message that is none of the protocol: ${excerpt(data, 200)}`)
  }
  const name = json["type"]
  const decode = decoders.get(name)
  if (decode === undefined) return { type: "unknown", name, event: json }
  return Either.getOrElse(
    decode(json),
    () =>
      unexpected(
        name === "response.audio.delta" ? "a piece of audio is not base64" : `an event ${name} that cannot be read`
      )
  )
}

/** Whether an event is content: what somebody said, or a sound. @internal */
export const isContent = (event: ServerEvent): boolean => {
  switch (event.type) {
    case "response.audio.delta":
      return event.audio.length > 0
    case "response.text.delta":
    case "response.audio_transcript.delta":
    case "response.function_call_arguments.delta":
      return Boolean(event.delta)
    case "response.text.text":
    case "response.audio_transcript.text":
    case "conversation.item.input_audio_transcription.text":
    case "conversation.item.input_audio_transcription.delta":
      return Boolean(event.text) || Boolean(event.stash)
    case "response.function_call_arguments.done":
    case "conversation.item.input_audio_transcription.completed":
      return true
    default:
      return false
  }
}

/** Whether the session has ended with it. @internal */
export const isFatal = (event: EventOf<"error">): boolean => event.error.type === "server_error"
