/**
 * What results point to: images, videos, audio and files under URLs that are good for a day. A download is streamed through the
 * connection pool and never held as a whole. The API key and the headers of the service do not go with it, since the storage host
 * is another one.
 *
 * @example
 * import { DashScope, Download, VideoSynthesis } from "effect-dashscope"
 * import { Console, Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const { output } = yield* VideoSynthesis.call({ model: "wan2.5-t2v-preview", prompt: "一只小猫在月光下奔跑" })
 *   if (!output.videoUrl) return
 *   const { size } = yield* Download.toFile(output.videoUrl, "cat.mp4", {
 *     onProgress: ({ received, total }) => Console.log(received, total)
 *   })
 *   yield* Console.log(`${size} bytes`)
 * })
 *
 * export const main = program.pipe(Effect.provide(DashScope.layer()))
 *
 * A download that breaks off goes on where it was, by `Range`. It fails with {@link FileChanged} rather than join the bytes of
 * two files: ETag, or the time of change, and the length must be what they were; where there is no ETag, the last bytes before
 * the break are asked for again, and compared. What comes is as long as the host said, or an error. It holds one of the pool's permits while it runs, and none between two attempts.
 *
 * @since 0.1.0
 */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import type * as Sink from "effect/Sink"
import * as Stream from "effect/Stream"
import type { DownloadedFile, DownloadError, DownloadOptions } from "./DownloadState.js"
import { fromEither } from "./internal/effect/either.js"
import * as Internal from "./internal/operation/download.js"
import { inputRequired } from "./internal/protocol/invalid.js"

export {
  /**
   * @since 0.1.0
   * @category models
   */
  type DownloadedFile,
  /**
   * @since 0.1.0
   * @category errors
   */
  type DownloadError,
  /**
   * @since 0.1.0
   * @category models
   */
  type DownloadOptions,
  /**
   * @since 0.1.0
   * @category errors
   */
  FileChanged,
  /**
   * @since 0.1.0
   * @category errors
   */
  FileTooLarge,
  /**
   * @since 0.1.0
   * @category models
   */
  type Progress
} from "./DownloadState.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** See the accessor of the same name. */
  readonly stream: (url: string, options?: DownloadOptions) => Stream.Stream<Uint8Array, DownloadError>
  /** See the accessor of the same name. */
  readonly toFile: (
    url: string,
    path: string,
    options?: DownloadOptions
  ) => Effect.Effect<DownloadedFile, DownloadError | PlatformError>
}

/**
 * @example
 * import { Download } from "effect-dashscope"
 * import { Effect, Layer } from "effect"
 *
 * // For a test of code that saves what it gets.
 * export const Mock = Layer.mock(Download.Download, {
 *   toFile: (_, path) => Effect.succeed({ path, size: 3, mediaType: "image/png" })
 * })
 *
 * @since 0.1.0
 * @category tags
 */
export class Download extends Context.Tag("effect-dashscope/Download")<Download, Service>() {}

/** Written beside its place, and moved there when it is whole. */
const writeTo = (
  files: FileSystem.FileSystem,
  path: string,
  { bytes, mediaType }: Internal.Running
): Effect.Effect<DownloadedFile, DownloadError | PlatformError> =>
  Effect.scoped(Effect.gen(function*() {
    const part = `${path}.${yield* Random.nextIntBetween(0, 2 ** 31)}.part`
    let isThere = false
    yield* Effect.addFinalizer(() => isThere ? Effect.ignore(files.remove(part, { force: true })) : Effect.void)
    let size = 0
    yield* Effect.scoped(Effect.gen(function*() {
      const file = yield* Effect.tap(files.open(part, { flag: "wx" }), () =>
        Effect.sync(() => {
          isThere = true
        })).pipe(Effect.uninterruptible)
      yield* Stream.runForEach(bytes, (piece) => {
        size += piece.length
        return file.writeAll(piece)
      })
      yield* file.sync
    }))
    yield* Effect.uninterruptible(Effect.tap(files.rename(part, path), () =>
      Effect.sync(() => {
        isThere = false
      })))
    return { path, size, mediaType: mediaType() }
  }))

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, HttpClient.HttpClient> = Effect.gen(function*() {
  const http = yield* HttpClient.HttpClient
  const fileSystem = yield* Effect.serviceOption(FileSystem.FileSystem)
  return {
    stream: (url, options) => Internal.stream(http, url, options),
    toFile: (url, path, options) =>
      Effect.suspend(() =>
        Option.match(fileSystem, {
          onNone: () =>
            Effect.fail(
              inputRequired("path", "files need a FileSystem where the layer is built; DashScope.layer brings Node's")
            ),
          onSome: (files) =>
            Effect.flatMap(fromEither(Internal.run(http, url, options)), (running) => writeTo(files, path, running))
        })
      )
  }
})

/**
 * Files are written by the `FileSystem` of the environment, where there is one.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Download, never, HttpClient.HttpClient> = Layer.effect(Download, make)

/**
 * The bytes as they come: for a hash, the answer of a server, or anything else that is not to be a file. What nobody asks for is
 * not read.
 *
 * Fails with `InputRequired` before anything is sent for what is no URL; with `ApiError` where the host refuses, as with a URL
 * that has expired; with `ConnectionError`, `RequestTimeout` or `PoolExhausted` where it breaks off too often or the time is up;
 * and with {@link FileChanged} or {@link FileTooLarge}.
 *
 * @since 0.1.0
 * @category accessors
 */
export const stream = (url: string, options?: DownloadOptions): Stream.Stream<Uint8Array, DownloadError, Download> =>
  Stream.unwrap(Effect.map(Download, (service) => service.stream(url, options)))

/**
 * Runs the bytes into a Sink, and gives what that makes of them. Fails as {@link stream}.
 *
 * @example
 * import { Download } from "effect-dashscope"
 * import { Sink } from "effect"
 *
 * export const sizeOf = (url: string) =>
 *   Download.toSink(url, Sink.mapInput(Sink.sum, (piece: Uint8Array) => piece.length))
 *
 * @since 0.1.0
 * @category accessors
 */
export const toSink = <A, L, E, R>(
  url: string,
  sink: Sink.Sink<A, Uint8Array, L, E, R>,
  options?: DownloadOptions
): Effect.Effect<A, DownloadError | E, Download | R> => Stream.run(stream(url, options), sink)

/**
 * Writes the bytes to a file, and replaces one of that name. The file is there when it is whole: until then it is beside its
 * place, under a name that ends with `.part`, and is removed by an error or an interruption.
 *
 * Fails as {@link stream}, and with the `PlatformError` of the file system where the file cannot be written.
 *
 * @since 0.1.0
 * @category accessors
 */
export const toFile = (
  url: string,
  path: string,
  options?: DownloadOptions
): Effect.Effect<DownloadedFile, DownloadError | PlatformError, Download> =>
  Effect.flatMap(Download, (service) => service.toFile(url, path, options))
