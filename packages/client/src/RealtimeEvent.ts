/**
 * What the service says in a realtime session, event by event; `Realtime` exports all of it too.
 *
 * `type` tells the events apart, under the names of the wire. Fields that have no name here are kept, at their place, under
 * their wire names; so is an event that is not known here, as {@link Unknown}.
 *
 * Source: "Qwen-Omni server events", "Qwen-TTS server events", "Qwen-ASR-Realtime server events", "LiveTranslate server
 * events", "Qwen-Audio-Realtime server events".
 *
 * @since 0.1.0
 */
/* eslint-disable @typescript-eslint/no-empty-object-type -- An interface names the type of a Schema, as in Effect. */
import * as Schema from "effect/Schema"
import { listOf, nullish, nullishFrom, preserve } from "./internal/core/fields.js"

const text = nullish(Schema.String)
const number = nullish(Schema.Number)
const textFrom = <const Key extends string>(key: Key) => nullishFrom(key, Schema.String)
const numberFrom = <const Key extends string>(key: Key) => nullishFrom(key, Schema.Number)

// -----------------------------------------------------------------------------
// what events consist of
// -----------------------------------------------------------------------------

/**
 * The session as the service has it.
 *
 * @since 0.1.0
 * @category models
 */
export interface SessionInfo extends Schema.Schema.Type<typeof SessionInfo> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const SessionInfo = Schema.Struct({
  id: text,
  model: text,
  modalities: nullish(Schema.Array(Schema.String)),
  voice: text,
  instructions: text,
  inputAudioFormat: textFrom("input_audio_format"),
  outputAudioFormat: textFrom("output_audio_format"),
  /** Of text to speech. */
  responseFormat: textFrom("response_format"),
  sampleRate: numberFrom("sample_rate"),
  /** Of text to speech: `server_commit` or `commit`. */
  mode: text,
  /** Under its wire names; null where it is off. */
  turnDetection: nullishFrom("turn_detection", Schema.Unknown),
  /** Under its wire names; null where it is off. */
  inputAudioTranscription: nullishFrom("input_audio_transcription", Schema.Unknown)
}).annotations({ identifier: "SessionInfo", ...preserve })

/**
 * A part of an item: what was said, by either side.
 *
 * @since 0.1.0
 * @category models
 */
export interface ItemContent extends Schema.Schema.Type<typeof ItemContent> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ItemContent = Schema.Struct({
  /** `input_audio`, `input_text`, `audio` or `text`. */
  type: text,
  text,
  transcript: text
}).annotations({ identifier: "ItemContent", ...preserve })

/**
 * An item of the conversation: a message, or a call of a function.
 *
 * @since 0.1.0
 * @category models
 */
export interface Item extends Schema.Schema.Type<typeof Item> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const Item = Schema.Struct({
  id: text,
  /** `message`, `function_call` or `function_call_output`. */
  type: text,
  /** `in_progress`, `completed` or `incomplete`. */
  status: text,
  role: text,
  content: nullish(listOf(ItemContent, {})),
  /** Of a call of a function. */
  callId: textFrom("call_id"),
  /** Of a call of a function. */
  name: text,
  /** Of a call of a function: JSON. */
  arguments: text
}).annotations({ identifier: "Item", ...preserve })

const TokenDetails = Schema.Struct({
  textTokens: numberFrom("text_tokens"),
  audioTokens: numberFrom("audio_tokens"),
  imageTokens: numberFrom("image_tokens")
}).annotations(preserve)

/**
 * What a response cost: tokens, or characters for some models of text to speech.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResponseUsage extends Schema.Schema.Type<typeof ResponseUsage> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ResponseUsage = Schema.Struct({
  totalTokens: numberFrom("total_tokens"),
  inputTokens: numberFrom("input_tokens"),
  outputTokens: numberFrom("output_tokens"),
  inputTokensDetails: nullishFrom("input_tokens_details", TokenDetails),
  outputTokensDetails: nullishFrom("output_tokens_details", TokenDetails),
  characters: number
}).annotations({ identifier: "ResponseUsage", ...preserve })

/**
 * A response, as its first or last event tells it.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResponseInfo extends Schema.Schema.Type<typeof ResponseInfo> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ResponseInfo = Schema.Struct({
  id: text,
  conversationId: textFrom("conversation_id"),
  /** `in_progress`, `completed`, `cancelled`, `failed` or `incomplete`. */
  status: text,
  statusDetails: nullishFrom(
    "status_details",
    Schema.Struct({
      type: text,
      /** Why it was cancelled: `turn_detected` or `client_cancelled`. */
      reason: text,
      error: nullish(Schema.Unknown)
    }).annotations(preserve)
  ),
  modalities: nullish(Schema.Array(Schema.String)),
  voice: text,
  output: nullish(listOf(Item, {})),
  usage: nullish(ResponseUsage)
}).annotations({ identifier: "ResponseInfo", ...preserve })

/**
 * What was wrong.
 *
 * @since 0.1.0
 * @category models
 */
export interface ErrorInfo extends Schema.Schema.Type<typeof ErrorInfo> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ErrorInfo = Schema.Struct({
  /** `invalid_request_error`: the session goes on. `server_error`: it has ended. */
  type: text,
  code: text,
  message: text,
  /** Which field, such as `session.modalities`. */
  param: text,
  /** Of the event of ours that was wrong. */
  eventId: textFrom("event_id")
}).annotations({ identifier: "ErrorInfo", ...preserve })

// -----------------------------------------------------------------------------
// events
// -----------------------------------------------------------------------------

const eventId = textFrom("event_id")

const event = <
  const Types extends readonly [string, ...Array<string>],
  const Fields extends Schema.Struct.Fields
>(types: Types, fields: Fields) =>
  Schema.Struct({ type: Schema.Literal(...types), eventId, ...fields }).annotations(preserve)

/** Which piece of a response it is of. */
const place = {
  responseId: textFrom("response_id"),
  itemId: textFrom("item_id"),
  outputIndex: numberFrom("output_index"),
  contentIndex: numberFrom("content_index")
}

const ofInput = {
  itemId: textFrom("item_id"),
  contentIndex: numberFrom("content_index"),
  /** Such as `zh`. */
  language: text,
  /** `surprised`, `neutral`, `happy`, `sad`, `disgusted`, `angry` or `fearful`. */
  emotion: text
}

const Part = Schema.Struct({ type: text, text }).annotations(preserve)

/** Every event with a name here. */
const events = [
  event(["session.created", "session.updated"], { session: SessionInfo }),
  event(["session.finished"], {}),
  event(["error"], { error: ErrorInfo }),
  event(["input_audio_buffer.speech_started"], {
    /** In milliseconds from the start of the audio. */
    audioStartMs: numberFrom("audio_start_ms"),
    itemId: textFrom("item_id")
  }),
  event(["input_audio_buffer.speech_stopped"], {
    /** In milliseconds from the start of the audio. */
    audioEndMs: numberFrom("audio_end_ms"),
    itemId: textFrom("item_id"),
    /** `turn_invalid`: it meant nothing, and no response follows. */
    reason: text
  }),
  event(["input_audio_buffer.committed", "input_text_buffer.committed"], {
    previousItemId: textFrom("previous_item_id"),
    itemId: textFrom("item_id")
  }),
  event(["input_audio_buffer.cleared", "input_text_buffer.cleared"], {}),
  event(["conversation.item.created", "conversation.item.retrieved"], {
    previousItemId: textFrom("previous_item_id"),
    item: nullish(Item)
  }),
  event(["conversation.item.deleted"], { itemId: textFrom("item_id") }),
  // ASR and LiveTranslate say `.text` where Omni and Qwen-Audio say `.delta`. No increment, whatever it is called.
  event([
    "conversation.item.input_audio_transcription.text",
    "conversation.item.input_audio_transcription.delta",
    "conversation.item.ambient_audio_transcription.delta"
  ], {
    ...ofInput,
    /** The beginning, which is certain. */
    text,
    /** A draft of what follows it. */
    stash: text
  }),
  event([
    "conversation.item.input_audio_transcription.completed",
    "conversation.item.ambient_audio_transcription.completed"
  ], { ...ofInput, transcript: text }),
  event(["conversation.item.input_audio_transcription.failed"], { ...ofInput, error: nullish(ErrorInfo) }),
  event(["response.created", "response.done"], { response: ResponseInfo }),
  event(["response.output_item.added", "response.output_item.done"], {
    responseId: textFrom("response_id"),
    outputIndex: numberFrom("output_index"),
    item: nullish(Item)
  }),
  event(["response.content_part.added", "response.content_part.done"], { ...place, part: nullish(Part) }),
  event(["response.text.delta"], { ...place, delta: text }),
  event(["response.text.done"], { ...place, text }),
  // Of LiveTranslate: the whole so far, and a draft.
  event(["response.text.text", "response.audio_transcript.text"], { ...place, text, stash: text }),
  event(["response.audio_transcript.delta"], { ...place, delta: text }),
  event(["response.audio_transcript.done"], { ...place, transcript: text }),
  event(["response.audio.delta"], {
    ...place,
    /** A piece of the audio, decoded. */
    audio: Schema.propertySignature(Schema.Uint8ArrayFromBase64).pipe(Schema.fromKey("delta"))
  }),
  event(["response.audio.done"], place),
  event(["response.function_call_arguments.delta"], {
    ...place,
    callId: textFrom("call_id"),
    delta: text
  }),
  event(["response.function_call_arguments.done"], {
    ...place,
    callId: textFrom("call_id"),
    name: text,
    /** JSON. */
    arguments: text
  })
] as const

/**
 * Every event with a name here, as a Schema.
 *
 * @since 0.1.0
 * @category schemas
 */
export const KnownEvent = Schema.Union(...events)

/**
 * @since 0.1.0
 * @category models
 */
export type KnownEvent = typeof KnownEvent.Type

/**
 * An event that has no name here, as it came.
 *
 * @since 0.1.0
 * @category models
 */
export interface Unknown {
  readonly type: "unknown"
  /** The `type` that it came with. */
  readonly name: string
  readonly event: Readonly<Record<string, unknown>>
}

/**
 * @since 0.1.0
 * @category models
 */
export type ServerEvent = KnownEvent | Unknown

/**
 * The events of a type.
 *
 * @since 0.1.0
 * @category models
 */
export type EventOf<Type extends ServerEvent["type"]> = Extract<ServerEvent, { readonly type: Type }>
