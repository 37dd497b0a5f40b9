/**
 * The messages of a conversation with models that see, hear or speak: text and media, part by part.
 *
 * A part is an object with one key that says what it is (`image`, `video`, `audio`, `text`), and options beside it. Media are
 * `Media` (a URL, bytes, a file), or URLs as texts. A text is sent as it is: no file is read because a text happens to be its
 * path, as the official SDKs do. Only `Media.file` names a file.
 *
 * Messages of `Message`, which text generation takes, are messages here too.
 *
 * @example
 * import { Media, Message, MultiModalMessage } from "effect-dashscope"
 *
 * export const messages = [
 *   Message.system("You are a helpful assistant."),
 *   MultiModalMessage.user([
 *     MultiModalMessage.image(Media.file("./photo.jpg"), { maxPixels: 1_003_520 }),
 *     MultiModalMessage.image("https://example.com/cat.png"),
 *     MultiModalMessage.text("What do the two have in common?")
 *   ])
 * ]
 *
 * Source: "DashScope API reference" (multimodal generation), the `messages` of the input.
 *
 * @since 0.1.0
 */
import type * as Media from "./Media.js"
import type * as Message from "./Message.js"

/**
 * A picture, a video or a sound: where it is, or itself. A text is a URL (`https://`, `oss://`, `data:`) and is sent as it is.
 *
 * @since 0.1.0
 * @category models
 */
export type Source = Media.Media | string

/**
 * What every part may have beside what it is.
 *
 * @since 0.1.0
 * @category models
 */
export interface PartOptions {
  /** Marks the end of a prefix that the service should cache. */
  readonly cacheControl?: Message.CacheControl | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface ImageOptions extends PartOptions {
  /** Smaller pictures are enlarged to so many pixels. */
  readonly minPixels?: number | string | undefined
  /** Larger pictures are reduced to so many pixels. */
  readonly maxPixels?: number | string | undefined
  /** Whether a picture that lies on its side is turned; for OCR. Default: false. */
  readonly enableRotate?: boolean | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface VideoOptions extends PartOptions {
  /** Of a video, how many frames of a second are looked at; of a list of frames, how many a second has. */
  readonly fps?: number | undefined
  /** Of each frame. */
  readonly minPixels?: number | string | undefined
  /** Of each frame. */
  readonly maxPixels?: number | string | undefined
  /** Of all frames together. */
  readonly totalPixels?: number | string | undefined
}

/**
 * A piece of text.
 *
 * @since 0.1.0
 * @category models
 */
export interface TextPart extends PartOptions {
  readonly text: string
}

/**
 * A picture.
 *
 * @since 0.1.0
 * @category models
 */
export interface ImagePart extends ImageOptions {
  readonly image: Source
}

/**
 * A video, or its frames as pictures.
 *
 * @since 0.1.0
 * @category models
 */
export interface VideoPart extends VideoOptions {
  readonly video: Source | ReadonlyArray<Source>
}

/**
 * A recording.
 *
 * @since 0.1.0
 * @category models
 */
export interface AudioPart extends PartOptions {
  readonly audio: Source
}

/**
 * A part of a kind that this library does not name, as the service's page writes it; {@link part} makes one.
 *
 * @since 0.1.0
 * @category models
 */
export type OtherPart = Message.OtherPart

/**
 * A part of a message. Options that have no name here go beside the others under their wire names.
 *
 * @since 0.1.0
 * @category models
 */
export type Part = TextPart | ImagePart | VideoPart | AudioPart | OtherPart

/**
 * What a message says: text, or parts. Text and pictures of `Message` are sent as parts of this path.
 *
 * @since 0.1.0
 * @category models
 */
export type Content = string | ReadonlyArray<Part | Message.ContentPart>

/**
 * Tells the model how to behave. For speech recognition, its text is the context of the recording.
 *
 * @since 0.1.0
 * @category models
 */
export interface SystemMessage extends Omit<Message.SystemMessage, "content"> {
  readonly content: Content
}

/**
 * What the user says and shows.
 *
 * @since 0.1.0
 * @category models
 */
export interface UserMessage extends Omit<Message.UserMessage, "content"> {
  readonly content: Content
}

/**
 * What the model said, or the beginning of what it is to say (`partial`).
 *
 * @since 0.1.0
 * @category models
 */
export interface AssistantMessage extends Omit<Message.AssistantMessage, "content"> {
  readonly content: Content | null
}

/**
 * The result of a tool call.
 *
 * @since 0.1.0
 * @category models
 */
export interface ToolMessage extends Omit<Message.ToolMessage, "content"> {
  readonly content: Content
}

/**
 * The roles that only some models and the older official SDKs use.
 *
 * @since 0.1.0
 * @category models
 */
export interface OtherMessage extends Omit<Message.OtherMessage, "content"> {
  readonly content: Content
}

/**
 * Any message of a conversation, those of `Message` included.
 *
 * @since 0.1.0
 * @category models
 */
export type MultiModalMessage = SystemMessage | UserMessage | AssistantMessage | ToolMessage | OtherMessage

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
 * @since 0.1.0
 * @category constructors
 */
export const assistant = (content: Content | null, options?: {
  readonly name?: string | undefined
  readonly reasoningContent?: string | undefined
  readonly toolCalls?: ReadonlyArray<Message.ToolCall> | undefined
  readonly partial?: boolean | undefined
}): AssistantMessage => ({ role: "assistant", content, ...options })

/**
 * @since 0.1.0
 * @category constructors
 */
export const tool = (content: Content, options?: {
  readonly toolCallId?: string | undefined
  readonly name?: string | undefined
}): ToolMessage => ({ role: "tool", content, ...options })

/**
 * @since 0.1.0
 * @category constructors
 */
export const text = (text: string, options?: PartOptions): TextPart => ({ text, ...options })

/**
 * @since 0.1.0
 * @category constructors
 */
export const image = (image: Source, options?: ImageOptions): ImagePart => ({ image, ...options })

/**
 * A video by its URL or file, or its frames in their order (most models take 4 to 512).
 *
 * @since 0.1.0
 * @category constructors
 */
export const video = (video: Source | ReadonlyArray<Source>, options?: VideoOptions): VideoPart => ({
  video,
  ...options
})

/**
 * @since 0.1.0
 * @category constructors
 */
export const audio = (audio: Source, options?: PartOptions): AudioPart => ({ audio, ...options })

/**
 * A part of a kind that this library does not name, as the service's page writes it. A `Media` in it is resolved too.
 *
 * @example
 * import { MultiModalMessage } from "effect-dashscope"
 *
 * // As qwen-audio-3.0-asr-flash takes a recording.
 * export const message = MultiModalMessage.user([
 *   MultiModalMessage.part({ type: "input_audio", input_audio: { data: "https://example.com/hello.wav" } })
 * ])
 *
 * @since 0.1.0
 * @category constructors
 */
export const part = (part: Readonly<Record<string, unknown>>): OtherPart => ({ type: "other", part })

/**
 * Adds fields that this library does not know, under their wire names.
 *
 * @since 0.1.0
 * @category combinators
 */
export const withFields = <M extends MultiModalMessage | Part>(
  self: M,
  fields: Readonly<Record<string, unknown>>
): M => ({ ...self, ...fields })
