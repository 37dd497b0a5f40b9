/**
 * Pictures, videos and sounds as a program names them: by their URL, as bytes, or as a file.
 *
 * Only what is made by {@link file} is ever read from the disk. A text that happens to be the path of a file is sent as it
 * is, regardless of who chose it; the official SDKs upload such a file.
 *
 * @example
 * import { Media } from "effect-dashscope"
 *
 * export const photo = Media.file("./photo.jpg")
 * export const chart = (png: Uint8Array) => Media.bytes(png, "image/png")
 * export const page = Media.url("https://example.com/page.png")
 *
 * @since 0.1.0
 */
/**
 * @since 0.1.0
 * @category type id
 */
export const TypeId: unique symbol = Symbol.for("effect-dashscope/Media")

/**
 * @since 0.1.0
 * @category type id
 */
export type TypeId = typeof TypeId

/** Of Node: what `console.log` and `util.inspect` show instead of an object. */
const inspect: unique symbol = Symbol.for("nodejs.util.inspect.custom")

// Not `Inspectable.Class`: the types of this module go to programs without Effect too.
abstract class Base {
  readonly [TypeId]: TypeId = TypeId

  abstract toJSON(): unknown

  [inspect](): unknown {
    return this.toJSON()
  }

  toString(): string {
    return JSON.stringify(this.toJSON())
  }
}

/**
 * Something that the service fetches by itself, or has: `https://`, `oss://`, or a `data:` URL.
 *
 * @since 0.1.0
 * @category models
 */
export class MediaUrl extends Base {
  readonly _tag = "MediaUrl"

  constructor(readonly url: string) {
    super()
  }

  toJSON(): unknown {
    const { url } = this
    // A data URL is the picture itself.
    return { _tag: this._tag, url: url.startsWith("data:") ? `${url.slice(0, 32)}…` : url }
  }
}

/**
 * Bytes in memory.
 *
 * @since 0.1.0
 * @category models
 */
export class MediaBytes extends Base {
  readonly _tag = "MediaBytes"

  constructor(
    readonly bytes: Uint8Array,
    /** Such as `image/png`. */
    readonly mediaType: string
  ) {
    super()
  }

  toJSON(): unknown {
    return { _tag: this._tag, mediaType: this.mediaType, size: this.bytes.length }
  }
}

/**
 * A file that is read when it is sent, and not as a whole where it is large.
 *
 * @since 0.1.0
 * @category models
 */
export class MediaFile extends Base {
  readonly _tag = "MediaFile"

  constructor(
    readonly path: string,
    readonly mediaType: string
  ) {
    super()
  }

  toJSON(): unknown {
    return { _tag: this._tag, path: this.path, mediaType: this.mediaType }
  }
}

/**
 * @since 0.1.0
 * @category models
 */
export type Media = MediaUrl | MediaBytes | MediaFile

/**
 * @since 0.1.0
 * @category guards
 */
export const isMedia = (u: unknown): u is Media => typeof u === "object" && u !== null && TypeId in u

/**
 * What the service fetches by itself (`https://`), what was uploaded before (`oss://`), or a `data:` URL.
 *
 * @since 0.1.0
 * @category constructors
 */
export const url = (url: string): MediaUrl => new MediaUrl(url)

/**
 * Bytes in memory, with their media type.
 *
 * @since 0.1.0
 * @category constructors
 */
export const bytes = (bytes: Uint8Array, mediaType: string): MediaBytes => new MediaBytes(bytes, mediaType)

/**
 * A local file. Its media type follows from its name, unless it is given.
 *
 * @since 0.1.0
 * @category constructors
 */
export const file = (path: string, options: { readonly mediaType?: string | undefined } = {}): MediaFile =>
  new MediaFile(path, options.mediaType ?? typeOf(path) ?? "application/octet-stream")

/** What the pages on vision, audio and documents name. */
const types: ReadonlyMap<string, string> = new Map([
  ["bmp", "image/bmp"],
  ["gif", "image/gif"],
  ["heic", "image/heic"],
  ["jpe", "image/jpeg"],
  ["jpeg", "image/jpeg"],
  ["jpg", "image/jpeg"],
  ["png", "image/png"],
  ["tif", "image/tiff"],
  ["tiff", "image/tiff"],
  ["webp", "image/webp"],
  ["avi", "video/x-msvideo"],
  ["flv", "video/x-flv"],
  ["mkv", "video/x-matroska"],
  ["mov", "video/quicktime"],
  ["mp4", "video/mp4"],
  ["webm", "video/webm"],
  ["wmv", "video/x-ms-wmv"],
  ["aac", "audio/aac"],
  ["amr", "audio/amr"],
  ["flac", "audio/flac"],
  ["m4a", "audio/mp4"],
  ["mp3", "audio/mpeg"],
  ["ogg", "audio/ogg"],
  ["opus", "audio/opus"],
  ["wav", "audio/wav"],
  ["wma", "audio/x-ms-wma"],
  ["pdf", "application/pdf"],
  ["txt", "text/plain"]
])

/**
 * The media type that a file's name stands for, by its ending; nothing where it is not one of those that the service reads.
 *
 * @since 0.1.0
 * @category combinators
 */
export const typeOf = (name: string): string | undefined => types.get(/\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? "")
