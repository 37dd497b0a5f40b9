/**
 * Temporary uploads: files that models are to see or hear, and that are too large to be sent in a request.
 *
 * The service gives a certificate, the file goes to a storage host, and its `oss://` URL stands in the request. It is good
 * for 48 hours, for the same account and the model that was named. The page calls it a means for tests; for production it
 * recommends a storage of your own.
 *
 * The API key goes to the service only, never to the storage host. A file of any size is streamed. Certificates are
 * reused while they are good.
 *
 * Source: "Upload local files to get temporary URLs".
 *
 * @since 0.1.0
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Replay from "effect-http-pool/Replay"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import type { CallOptions } from "./CallOptions.js"
import * as DashScopeClient from "./DashScopeClient.js"
import { ApiError, type DashScopeError, type InputRequired, RequestTimeout } from "./DashScopeError.js"
import { excerpt, scrub } from "./internal/core/secrets.js"
import { classify } from "./internal/protocol/classify.js"
import { unexpectedShape } from "./internal/protocol/envelope.js"
import * as HttpError from "./internal/protocol/httpError.js"
import { inputRequired } from "./internal/protocol/invalid.js"
import * as TransportError from "./internal/protocol/transportError.js"
import * as Certificates from "./internal/upload/certificate.js"
import * as Form from "./internal/upload/form.js"
import type * as Media from "./Media.js"

/**
 * How far an upload has come, in bytes of the file.
 *
 * @since 0.1.0
 * @category models
 */
export interface Progress {
  readonly sent: number
  readonly size: number
}

/**
 * What one upload may have of its own, besides the options of any call. `timeout` bounds all of it, the certificate
 * included; it is not made again after an error, regardless of `retry`, once the file has begun to be sent.
 *
 * @since 0.1.0
 * @category models
 */
export interface UploadOptions extends CallOptions {
  /** The model that is to read the file. No other can. */
  readonly model: string
  /** Run as pieces of the file are handed to the connection, at most once for each 64 KiB. */
  readonly onProgress?: ((progress: Progress) => Effect.Effect<void>) | undefined
}

/**
 * What {@link resolve} may have of its own.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResolveOptions extends UploadOptions {
  /** The most bytes that are sent within the request itself, as a `data:` URL. Default: 1 MiB. */
  readonly inlineBelow?: number | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** See the accessor of the same name. */
  readonly upload: (
    media: Media.MediaBytes | Media.MediaFile,
    options: UploadOptions
  ) => Effect.Effect<string, DashScopeError>
  /** See the accessor of the same name. */
  readonly resolve: (media: Media.Media, options: ResolveOptions) => Effect.Effect<string, DashScopeError>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Upload extends Context.Tag("effect-dashscope/Upload")<Upload, Service>() {}

const inlineBelowDefault = 1024 * 1024

/** A certificate that ends while the file is on its way would have been for nothing. */
const margin = 0.2

interface Kept {
  readonly certificate: Certificates.Certificate
  readonly goodUntil: number
}

/** Where the bytes are, and how many. */
interface Source {
  readonly name: string
  readonly size: number
  readonly mediaType: string
  readonly stream: Stream.Stream<Uint8Array, unknown>
  readonly whole: Effect.Effect<Uint8Array, InputRequired>
}

const invalid = (description: string) => inputRequired("media", description)

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, DashScopeClient.DashScopeClient | HttpClient.HttpClient> = Effect.gen(
  function*() {
    const client = yield* DashScopeClient.DashScopeClient
    const httpClient = yield* HttpClient.HttpClient
    const fileSystem = yield* Effect.serviceOption(FileSystem.FileSystem)
    // One at a time, so that files that are sent together ask for one certificate together.
    const asking = yield* Effect.makeSemaphore(1)
    const kept = new Map<string, Kept>()
    let lastFile = 0

    const sourceOf = (media: Media.MediaBytes | Media.MediaFile): Effect.Effect<Source, InputRequired> => {
      if (media._tag === "MediaBytes") {
        const { bytes, mediaType } = media
        return Effect.succeed({
          name: `bytes.${mediaType.split("/")[1]?.replace(/\W.*/, "") ?? "bin"}`,
          size: bytes.length,
          mediaType,
          stream: Stream.make(bytes),
          whole: Effect.succeed(bytes)
        })
      }
      if (Option.isNone(fileSystem)) {
        return Effect.fail(invalid("files need a FileSystem where the layer is built; DashScope.layer brings Node's"))
      }
      const { mediaType, path } = media
      const files = fileSystem.value
      const unreadable = (error: { readonly message: string }) => invalid(`the file cannot be read: ${error.message}`)
      return Effect.flatMap(Effect.mapError(files.stat(path), unreadable), ({ size, type }) =>
        type !== "File"
          ? Effect.fail(invalid(`${JSON.stringify(path)} is not a file`))
          : Effect.succeed({
            name: path,
            size: Number(size),
            mediaType,
            stream: files.stream(path),
            whole: Effect.mapError(files.readFile(path), unreadable)
          }))
    }

    const ask = (key: string, options: UploadOptions): Effect.Effect<Kept, DashScopeError> =>
      Effect.flatMap(
        client.execute(
          { method: "GET", path: "/uploads", urlParams: { action: "getPolicy", model: options.model } },
          callOptionsOf(options)
        ),
        (envelope) =>
          Effect.flatMap(Clock.currentTimeMillis, (now) => {
            const certificate = Certificates.decode(envelope.body)
            if (Either.isLeft(certificate)) return Effect.fail(unexpectedShape(certificate.left, envelope))
            const found: Kept = {
              certificate: certificate.right,
              goodUntil: now + certificate.right.lifeMillis * (1 - margin)
            }
            kept.set(key, found)
            return Effect.succeed(found)
          })
      )

    const certificateFor = (key: string, options: UploadOptions): Effect.Effect<Kept, DashScopeError> =>
      asking.withPermits(1)(Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const known = kept.get(key)
        return known !== undefined && now < known.goodUntil ? Effect.succeed(known) : ask(key, options)
      }))

    const put = (
      source: Source,
      { certificate }: Kept,
      options: UploadOptions
    ): Effect.Effect<string, DashScopeError> =>
      Effect.gen(function*() {
        if (source.size > certificate.largest) {
          return yield* invalid(
            `${source.size} bytes; a temporary upload takes ${certificate.largest} at the most. Use a storage of your own`
          )
        }
        const { mediaType, size } = source
        const objectKey = `${certificate.directory}/${++lastFile}-${Form.nameOf(source.name)}`
        const boundary = `effect-dashscope-${yield* Random.nextIntBetween(0, 2 ** 31)}-${lastFile}`
        const form = Form.make(certificate, objectKey, mediaType, boundary)
        const { onProgress } = options
        let sent = 0
        const content = onProgress === undefined
          ? source.stream
          : Stream.tap(source.stream, (piece) => {
            sent += piece.length
            return onProgress({ sent, size })
          })
        const body = Stream.make(form.head).pipe(Stream.concat(content), Stream.concat(Stream.make(form.tail)))
        const startedAt = yield* Clock.currentTimeMillis
        const failed = (error: unknown) =>
          Effect.flatMap(Clock.currentTimeMillis, (now) =>
            Effect.fail(TransportError.fromForeign(error, {
              origin: originOf(certificate.host),
              responseStarted: false,
              elapsed: Duration.millis(now - startedAt),
              secrets: certificate.secrets
            })))
        const request = HttpClientRequest.post(certificate.host).pipe(
          HttpClientRequest.setBody(
            HttpBody.stream(body, form.contentType, form.head.length + size + form.tail.length)
          )
        )
        const [status, text] = yield* httpClient.execute(request).pipe(
          Effect.flatMap((response) => Effect.map(response.text, (text) => [response.status, text] as const)),
          Effect.catchAll((error) =>
            HttpError.unsendable(error) === "body" && TransportError.findOwn(error) === undefined
              ? Effect.fail(invalid(`the file could not be sent: ${error.message}`))
              : failed(error.cause ?? error)
          ),
          Effect.scoped,
          Replay.onlyUnsent
        )
        return status >= 200 && status < 300
          ? `oss://${objectKey}`
          : yield* refusal(status, text, certificate.secrets)
      })

    const upload: Service["upload"] = (media, options) =>
      bounded(
        Effect.flatMap(sourceOf(media), (source) => {
          if (source.size === 0) return Effect.fail(invalid("it is empty"))
          const key = keyOf(options)
          const once = Effect.flatMap(certificateFor(key, options), (kept) => put(source, kept, options))
          return Effect.catchIf(once, isExpired, () => {
            // The clock of the service is not ours. Nothing was stored.
            kept.delete(key)
            return once
          })
        }),
        options
      )

    const resolve: Service["resolve"] = (media, options) => {
      if (media._tag === "MediaUrl") return Effect.succeed(media.url)
      const { inlineBelow = inlineBelowDefault } = options
      return Effect.flatMap(sourceOf(media), ({ mediaType, size, whole }) =>
        size > inlineBelow
          ? upload(media, options)
          : size === 0
          ? Effect.fail(invalid("it is empty"))
          : Effect.map(whole, (bytes) => `data:${mediaType};base64,${Encoding.encodeBase64(bytes)}`))
    }

    return { upload, resolve }
  }
)

/** Without those that are the upload's own. */
const callOptionsOf = (
  { inlineBelow: _, model: __, onProgress: ___, ...options }: Partial<ResolveOptions>
): CallOptions => options

/** A certificate belongs to an account and a model. */
const keyOf = ({ apiKey, model, workspace }: UploadOptions): string =>
  JSON.stringify([
    model,
    workspace,
    apiKey === undefined || typeof apiKey === "string" ? apiKey : Redacted.value(apiKey)
  ])

const originOf = (url: string): string => URL.canParse(url) ? new URL(url).origin : "the storage host"

const refusal = (status: number, xml: string, secrets: ReadonlyArray<string>): ApiError => {
  const { code, message, requestId } = Form.errorOf(xml)
  const { isRetryable, reason } = classify({ status, code, message })
  return new ApiError({
    statusCode: status,
    code: scrub(code, secrets),
    reason,
    isRetryable,
    description: scrub(message, secrets) || excerpt(scrub(xml, secrets), 200) || "the storage host gave no reason",
    ...(requestId === undefined ? undefined : { requestId })
  })
}

const isExpired = (error: DashScopeError): boolean =>
  error._tag === "ApiError" && error.statusCode === 403 && /policy expired/i.test(error.description)

/** The whole of it, within the call's own time. */
const bounded = <A>(
  self: Effect.Effect<A, DashScopeError>,
  { timeout }: UploadOptions
): Effect.Effect<A, DashScopeError> =>
  Option.match(Option.filter(Duration.decodeUnknown(timeout), Duration.isFinite), {
    onNone: () => self,
    onSome: (duration) =>
      Effect.timeoutFail(self, { duration, onTimeout: () => new RequestTimeout({ phase: "total", duration }) })
  })

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Upload, never, DashScopeClient.DashScopeClient | HttpClient.HttpClient> = Layer.effect(
  Upload,
  make
)

/**
 * Puts a file where the model can read it, and gives its `oss://` URL, which is good for 48 hours. A request that names it
 * must have the header `X-DashScope-OssResourceResolve: enable`; the services here set it by themselves.
 *
 * Fails with `InputRequired` for what cannot be read, is empty or too large, with `ApiError` where the service or the
 * storage host refuse, and as every call does. A connection that breaks is a `ConnectionError`; nothing is resumed or sent
 * again.
 *
 * @example
 * import { Media, Upload } from "effect-dashscope"
 * import { Console, Effect } from "effect"
 *
 * export const film = Upload.upload(Media.file("./film.mp4"), {
 *   model: "qwen-vl-max",
 *   onProgress: ({ sent, size }) => Console.log(`${Math.round(100 * sent / size)} %`)
 * })
 *
 * @since 0.1.0
 * @category accessors
 */
export const upload = (
  media: Media.MediaBytes | Media.MediaFile,
  options: UploadOptions
): Effect.Effect<string, DashScopeError, Upload> => Effect.flatMap(Upload, (service) => service.upload(media, options))

/**
 * The URL that a request has for a piece of media: its own, a `data:` URL where it is small, or that of an upload.
 *
 * @since 0.1.0
 * @category accessors
 */
export const resolve = (
  media: Media.Media,
  options: ResolveOptions
): Effect.Effect<string, DashScopeError, Upload> => Effect.flatMap(Upload, (service) => service.resolve(media, options))
