/**
 * Downloads as data: what one is told, how far it is, and what can go wrong with it. `Download` exports all of it too, and has
 * the verbs.
 *
 * @since 0.1.0
 */
import type { DurationWithUnit } from "effect-http-pool/ConnectionConfig"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { DashScopeError } from "./DashScopeError.js"

/**
 * How far a download is, in bytes. `total` is missing where the host does not tell it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Progress {
  readonly received: number
  readonly total: number | undefined
}

/**
 * What one download may have of its own.
 *
 * @since 0.1.0
 * @category models
 */
export interface DownloadOptions {
  /** Run for each piece that has come, before it is handed on. The download waits for it. */
  readonly onProgress?: ((progress: Progress) => Effect.Effect<void>) | undefined
  /** The most bytes to take; a longer file is {@link FileTooLarge}, before any of it where the host tells its length. Default: any. */
  readonly maxBytes?: number | undefined
  /**
   * How often in a row the connection may break without a byte in between; then the download fails with what broke it last.
   * Pauses in between grow from about 0.1 to 10 seconds. Default: 5.
   */
  readonly maxRetries?: number | undefined
  /** The longest the whole may take, breaks included; then `RequestTimeout` of phase `total`. Default: for ever. */
  readonly timeout?: DurationWithUnit | undefined
  /**
   * The longest wait for the next bytes, or for the head; then the connection counts as broken, and the download goes on over
   * another. Default: the pool's `readTimeout`, which does the same.
   */
  readonly contentTimeout?: DurationWithUnit | undefined
}

/**
 * A file that has been written.
 *
 * @since 0.1.0
 * @category models
 */
export interface DownloadedFile {
  readonly path: string
  /** In bytes. */
  readonly size: number
  /** As the host tells it, such as `image/png`. */
  readonly mediaType: string | undefined
}

/**
 * After a break the host has another file under the URL than before, or does not say enough to tell: what came is not joined with
 * what would follow. Download it again from the start.
 *
 * @since 0.1.0
 * @category errors
 */
export class FileChanged extends Schema.TaggedError<FileChanged>("effect-dashscope/FileChanged")("FileChanged", {
  /** Without its query, which holds a signature. */
  url: Schema.String,
  /** How many bytes had come, and are of no use now. */
  received: Schema.Number,
  description: Schema.String
}) {
  readonly isRetryable = false

  override get message(): string {
    return `The download of ${this.url} cannot go on after ${this.received} bytes: ${this.description}. ` +
      "Download it again from the start."
  }
}

/**
 * A file is longer than it may be.
 *
 * @since 0.1.0
 * @category errors
 */
export class FileTooLarge extends Schema.TaggedError<FileTooLarge>("effect-dashscope/FileTooLarge")("FileTooLarge", {
  /** Without its query, which holds a signature. */
  url: Schema.String,
  maxBytes: Schema.Number,
  /** As the host tells it. */
  size: Schema.optional(Schema.Number)
}) {
  readonly isRetryable = false

  override get message(): string {
    return `${this.url} has ${this.size ?? "more"} bytes, and may have ${this.maxBytes} (maxBytes)`
  }
}

/**
 * What a download can fail with. A URL that has expired is an `ApiError` of status 403 or 404; a connection that broke too often
 * is the error that broke it last.
 *
 * @since 0.1.0
 * @category errors
 */
export type DownloadError = DashScopeError | FileChanged | FileTooLarge
