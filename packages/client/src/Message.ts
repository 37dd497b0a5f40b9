/**
 * The messages of a conversation: Schemas (camelCase here, snake_case on the wire) and constructors.
 *
 * Fields that a Schema does not name are kept under their wire names in both directions, so a message of an answer can
 * go back into the next request whole, and {@link withFields} can send a field that this library does not know yet.
 *
 * Source: "Text generation", the `messages` of the input.
 *
 * @since 0.1.0
 */
/* eslint-disable @typescript-eslint/no-empty-object-type -- An interface names the type of a Schema, as in Effect. */
import * as Schema from "effect/Schema"
import { preserve } from "./internal/core/fields.js"

/**
 * Marks the end of a prefix that the service should cache (explicit context cache). At most four marks count per
 * request.
 *
 * @since 0.1.0
 * @category models
 */
export interface CacheControl extends Schema.Schema.Type<typeof CacheControl> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const CacheControl = Schema.Struct({
  type: Schema.Literal("ephemeral"),
  /** How long the entry lives. Default: the service's (5 minutes). */
  ttl: Schema.optional(Schema.String)
}).annotations({ identifier: "CacheControl", ...preserve })

/**
 * A piece of text in a message that has several parts.
 *
 * @since 0.1.0
 * @category models
 */
export interface TextPart extends Schema.Schema.Type<typeof TextPart> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const TextPart = Schema.Struct({
  type: Schema.Literal("text"),
  text: Schema.String,
  cacheControl: Schema.optional(CacheControl).pipe(Schema.fromKey("cache_control"))
}).annotations({ identifier: "TextPart", ...preserve })

/**
 * An image by its URL.
 *
 * @since 0.1.0
 * @category models
 */
export interface ImageUrlPart extends Schema.Schema.Type<typeof ImageUrlPart> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ImageUrlPart = Schema.Struct({
  type: Schema.Literal("image_url"),
  imageUrl: Schema.propertySignature(Schema.Struct({
    url: Schema.String,
    detail: Schema.optional(Schema.String)
  })).pipe(Schema.fromKey("image_url")),
  cacheControl: Schema.optional(CacheControl).pipe(Schema.fromKey("cache_control"))
}).annotations({ identifier: "ImageUrlPart", ...preserve })

/**
 * Documents by their URLs, for qwen-doc-turbo.
 *
 * @since 0.1.0
 * @category models
 */
export interface DocUrlPart extends Schema.Schema.Type<typeof DocUrlPart> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const DocUrlPart = Schema.Struct({
  type: Schema.Literal("doc_url"),
  docUrl: Schema.propertySignature(Schema.Array(Schema.String)).pipe(Schema.fromKey("doc_url")),
  /** How the documents are read: `auto`, or what the model's page says. Default: the service's. */
  fileParsingStrategy: Schema.optional(Schema.String).pipe(Schema.fromKey("file_parsing_strategy")),
  cacheControl: Schema.optional(CacheControl).pipe(Schema.fromKey("cache_control"))
}).annotations({ identifier: "DocUrlPart", ...preserve })

/**
 * A part of a type that this library does not name; {@link part} makes one.
 *
 * @since 0.1.0
 * @category models
 */
export interface OtherPart extends Schema.Schema.Type<typeof OtherPart> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const OtherPart = Schema.transform(
  Schema.Record({ key: Schema.String, value: Schema.Unknown }).pipe(
    Schema.filter(({ type }) => typeof type === "string" && !["text", "image_url", "doc_url"].includes(type), {
      message: () => "Expected a content part with a type that has no Schema of its own"
    })
  ),
  Schema.typeSchema(Schema.Struct({
    type: Schema.Literal("other"),
    /** The part as it is sent, with its own `type`. */
    part: Schema.Record({ key: Schema.String, value: Schema.Unknown })
  })),
  { strict: true, decode: (part) => ({ type: "other", part }) as const, encode: ({ part }) => part }
).annotations({ identifier: "OtherPart" })

/**
 * A part of a message's content, as the text-generation endpoint takes them. (The multimodal endpoint has other parts.)
 *
 * @since 0.1.0
 * @category models
 */
export type ContentPart = TextPart | ImageUrlPart | DocUrlPart | OtherPart

/**
 * @since 0.1.0
 * @category schemas
 */
export const ContentPart = Schema.Union(TextPart, ImageUrlPart, DocUrlPart, OtherPart)

/**
 * What a message says: text, or parts.
 *
 * @since 0.1.0
 * @category models
 */
export type Content = typeof Content.Type

/**
 * @since 0.1.0
 * @category schemas
 */
export const Content = Schema.Union(Schema.String, Schema.Array(ContentPart))

/**
 * A call that the model asks for. `function.arguments` is JSON text, and may be invalid JSON: decode it before use.
 *
 * @since 0.1.0
 * @category models
 */
export interface ToolCall extends Schema.Schema.Type<typeof ToolCall> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ToolCall = Schema.Struct({
  id: Schema.String,
  type: Schema.Literal("function"),
  index: Schema.optional(Schema.Number),
  function: Schema.Struct({ name: Schema.String, arguments: Schema.String })
}).annotations({ identifier: "ToolCall", ...preserve })

/**
 * Tells the model how to behave.
 *
 * @since 0.1.0
 * @category models
 */
export interface SystemMessage extends Schema.Schema.Type<typeof SystemMessage> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const SystemMessage = Schema.Struct({
  role: Schema.Literal("system"),
  content: Content
}).annotations({ identifier: "SystemMessage", ...preserve })

/**
 * What the user says.
 *
 * @since 0.1.0
 * @category models
 */
export interface UserMessage extends Schema.Schema.Type<typeof UserMessage> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const UserMessage = Schema.Struct({
  role: Schema.Literal("user"),
  content: Content,
  name: Schema.optional(Schema.String)
}).annotations({ identifier: "UserMessage", ...preserve })

/**
 * What the model said, or the beginning of what it is to say (`partial`).
 *
 * @since 0.1.0
 * @category models
 */
export interface AssistantMessage extends Schema.Schema.Type<typeof AssistantMessage> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const AssistantMessage = Schema.Struct({
  role: Schema.Literal("assistant"),
  /** May be empty where there are tool calls. */
  content: Schema.NullOr(Content),
  name: Schema.optional(Schema.String),
  /** The chain of thought. Usually left out of a history; see `preserveThinking`. */
  reasoningContent: Schema.optional(Schema.NullOr(Schema.String)).pipe(Schema.fromKey("reasoning_content")),
  toolCalls: Schema.optional(Schema.Array(ToolCall)).pipe(Schema.fromKey("tool_calls")),
  /** On the last message: the model goes on from `content`, and answers with what follows only. */
  partial: Schema.optional(Schema.Boolean)
}).annotations({ identifier: "AssistantMessage", ...preserve })

/**
 * The result of a tool call.
 *
 * @since 0.1.0
 * @category models
 */
export interface ToolMessage extends Schema.Schema.Type<typeof ToolMessage> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ToolMessage = Schema.Struct({
  role: Schema.Literal("tool"),
  content: Content,
  /** The `id` of the call that this answers. */
  toolCallId: Schema.optional(Schema.String).pipe(Schema.fromKey("tool_call_id")),
  /** The function's name. */
  name: Schema.optional(Schema.String)
}).annotations({ identifier: "ToolMessage", ...preserve })

/**
 * The roles that only some models and the older official SDKs use.
 *
 * @since 0.1.0
 * @category models
 */
export interface OtherMessage extends Schema.Schema.Type<typeof OtherMessage> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const OtherMessage = Schema.Struct({
  role: Schema.Literal("bot", "attachment", "function"),
  content: Content,
  name: Schema.optional(Schema.String)
}).annotations({ identifier: "OtherMessage", ...preserve })

/**
 * Any message of a conversation.
 *
 * @since 0.1.0
 * @category models
 */
export type Message = SystemMessage | UserMessage | AssistantMessage | ToolMessage | OtherMessage

/**
 * @since 0.1.0
 * @category schemas
 */
export const Message = Schema.Union(SystemMessage, UserMessage, AssistantMessage, ToolMessage, OtherMessage)

/**
 * @since 0.1.0
 * @category constructors
 */
export const system = (content: Content): SystemMessage => ({ role: "system", content })

/**
 * @since 0.1.0
 * @category constructors
 */
export const user = (content: Content, options?: {
  readonly name?: string | undefined
}): UserMessage => ({ role: "user", content, ...options })

/**
 * @example
 * import { Message } from "effect-dashscope"
 *
 * // The model continues the sentence.
 * export const messages = [Message.user("Write a poem."), Message.assistant("Spring has", { partial: true })]
 *
 * @since 0.1.0
 * @category constructors
 */
export const assistant = (content: Content | null, options?: {
  readonly name?: string | undefined
  readonly reasoningContent?: string | undefined
  readonly toolCalls?: ReadonlyArray<ToolCall> | undefined
  readonly partial?: boolean | undefined
}): AssistantMessage => ({ role: "assistant", content, ...options })

/**
 * @example
 * import { Message } from "effect-dashscope"
 *
 * export const answer = Message.tool("18 °C, cloudy", { toolCallId: "call_1", name: "get_current_weather" })
 *
 * @since 0.1.0
 * @category constructors
 */
export const tool = (content: Content, options?: {
  readonly toolCallId?: string | undefined
  readonly name?: string | undefined
}): ToolMessage => ({ role: "tool", content, ...options })

/**
 * A message of one of the rarer roles.
 *
 * @since 0.1.0
 * @category constructors
 */
export const other = (role: OtherMessage["role"], content: Content, options?: {
  readonly name?: string | undefined
}): OtherMessage => ({ role, content, ...options })

/**
 * @since 0.1.0
 * @category constructors
 */
export const text = (text: string, options?: {
  readonly cacheControl?: CacheControl | undefined
}): TextPart => ({ type: "text", text, ...options })

/**
 * @since 0.1.0
 * @category constructors
 */
export const imageUrl = (url: string, options?: {
  /** How closely the model looks: `low`, `high` or `auto`. */
  readonly detail?: string | undefined
  readonly cacheControl?: CacheControl | undefined
}): ImageUrlPart => ({
  type: "image_url",
  imageUrl: { url, ...(options?.detail === undefined ? undefined : { detail: options.detail }) },
  ...(options?.cacheControl === undefined ? undefined : { cacheControl: options.cacheControl })
})

/**
 * @since 0.1.0
 * @category constructors
 */
export const docUrl = (url: string | ReadonlyArray<string>, options?: {
  readonly fileParsingStrategy?: string | undefined
  readonly cacheControl?: CacheControl | undefined
}): DocUrlPart => ({
  type: "doc_url",
  docUrl: typeof url === "string" ? [url] : url,
  ...(options?.fileParsingStrategy === undefined ? undefined : { fileParsingStrategy: options.fileParsingStrategy }),
  ...(options?.cacheControl === undefined ? undefined : { cacheControl: options.cacheControl })
})

/**
 * A part of a type that this library does not name, as the service's page writes it.
 *
 * @example
 * import { Message } from "effect-dashscope"
 *
 * export const message = Message.user([
 *   Message.part({ type: "input_audio", input_audio: { data: "https://example.com/hello.wav" } }),
 *   Message.text("What is said?")
 * ])
 *
 * @since 0.1.0
 * @category constructors
 */
export const part = (part: { readonly type: string } & Readonly<Record<string, unknown>>): OtherPart => ({
  type: "other",
  part
})

/**
 * The mark of the explicit context cache, to pass as `cacheControl`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const ephemeral = { type: "ephemeral" } as const satisfies CacheControl

/**
 * A tool call, to echo in a history of your own making.
 *
 * @since 0.1.0
 * @category constructors
 */
export const toolCall = (options: {
  readonly id: string
  readonly name: string
  /** JSON text. */
  readonly arguments: string
  readonly index?: number | undefined
}): ToolCall => ({
  id: options.id,
  type: "function",
  ...(options.index === undefined ? undefined : { index: options.index }),
  function: { name: options.name, arguments: options.arguments }
})

/**
 * Adds fields that this library does not know, under their wire names.
 *
 * @since 0.1.0
 * @category combinators
 */
export const withFields = <M extends Message | ContentPart>(self: M, fields: Readonly<Record<string, unknown>>): M => ({
  ...self,
  ...fields
})
