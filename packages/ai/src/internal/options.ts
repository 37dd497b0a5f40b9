/** What this provider adds to the messages and parts of prompts and responses, under the key `dashscope`. */
import type { GenerationUsage } from "effect-dashscope/GenerationResult"
import type { CacheControl } from "effect-dashscope/Message"

/** Of every message and part that is sent. */
export type CacheOptions = {
  /**
   * Marks the end of a prefix that the service should cache (explicit context cache). On a message it goes with the last part.
   * At most four marks count per request.
   */
  readonly cacheControl?: CacheControl | undefined
}

export type AssistantOptions = CacheOptions & {
  /** On the last message: the model goes on from its text, and answers with what follows only. */
  readonly partial?: boolean | undefined
}

export type FileOptions = CacheOptions & {
  /** Smaller pictures or frames are enlarged to so many pixels. */
  readonly minPixels?: number | string | undefined
  /** Larger pictures or frames are reduced to so many pixels. */
  readonly maxPixels?: number | string | undefined
  /** Of all frames of a video together. */
  readonly totalPixels?: number | string | undefined
  /** Whether a picture that lies on its side is turned; for OCR. */
  readonly enableRotate?: boolean | undefined
  /** How many frames of a second of video are looked at. */
  readonly fps?: number | undefined
  /** How closely a picture is looked at on the text path: `low`, `high` or `auto`. */
  readonly detail?: string | undefined
  /** How a document is read: `auto`, or what the model's page says. */
  readonly fileParsingStrategy?: string | undefined
}

export type SourceMetadata = {
  /** The number that citations have. */
  readonly index?: number | undefined
  readonly siteName?: string | undefined
  /** The URL of the site's icon. */
  readonly icon?: string | undefined
}

export type FinishMetadata = {
  /** The service's own word. */
  readonly finishReason?: string | undefined
  /** All that the service counted: pictures, sound, searches, what the cache gave and took. */
  readonly usage?: GenerationUsage | undefined
  /** Quote this to Alibaba Cloud's support. */
  readonly requestId?: string | undefined
  /** True where the service hit its own time limit, and the answer is only what it had by then. */
  readonly isPartial?: boolean | undefined
  /** The code that the service ran, one text for each time (with the code interpreter). */
  readonly code?: ReadonlyArray<string> | undefined
}
