import * as NodeStream from "@effect/platform-node/NodeStream"
import * as Cookies from "@effect/platform/Cookies"
import * as Headers from "@effect/platform/Headers"
import * as Error from "@effect/platform/HttpClientError"
import type * as ClientRequest from "@effect/platform/HttpClientRequest"
import * as ClientResponse from "@effect/platform/HttpClientResponse"
import * as IncomingMessage from "@effect/platform/HttpIncomingMessage"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Inspectable from "effect/Inspectable"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Duplex } from "node:stream"
import * as Zlib from "node:zlib"
import type { Exchange } from "./exchange.js"

/** Stops the requests of responses that were dropped before anybody began to read them. */
const dropped = new FinalizationRegistry<Exchange>((exchange) => exchange.abandon())

/** Flushing what is there, instead of waiting for a full block, keeps compressed event streams alive. */
const decompressors: Readonly<Record<string, () => Duplex>> = {
  gzip: () => Zlib.createGunzip({ flush: Zlib.constants.Z_SYNC_FLUSH }),
  "x-gzip": () => Zlib.createGunzip({ flush: Zlib.constants.Z_SYNC_FLUSH }),
  deflate: () => Zlib.createInflate({ flush: Zlib.constants.Z_SYNC_FLUSH }),
  br: () => Zlib.createBrotliDecompress({ flush: Zlib.constants.BROTLI_OPERATION_FLUSH })
}

/**
 * @internal A response whose body is read straight from its exchange. A body that is here already costs no fiber
 * anything; interrupting a reader aborts the request.
 */
export class PooledResponse extends Inspectable.Class implements ClientResponse.HttpClientResponse {
  readonly [IncomingMessage.TypeId]: IncomingMessage.TypeId
  readonly [ClientResponse.TypeId]: ClientResponse.TypeId
  private body: Uint8Array | undefined
  private parsedHeaders: Headers.Headers | undefined
  private setCookies: Array<string> = []

  constructor(
    readonly request: ClientRequest.HttpClientRequest,
    private readonly exchange: Exchange
  ) {
    super()
    this[IncomingMessage.TypeId] = IncomingMessage.TypeId
    this[ClientResponse.TypeId] = ClientResponse.TypeId
    if (!exchange.ended) dropped.register(this, exchange)
  }

  get status(): number {
    return this.exchange.statusCode
  }

  get headers(): Headers.Headers {
    if (this.parsedHeaders !== undefined) return this.parsedHeaders
    const { rawHeaders } = this.exchange
    const fields: Record<string, string> = {}
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
      const name = rawHeaders[i]!.toString("latin1").toLowerCase()
      const value = rawHeaders[i + 1]!.toString("utf8")
      if (name === "set-cookie") this.setCookies.push(value)
      fields[name] = name in fields ? `${fields[name]}, ${value}` : value
    }
    return this.parsedHeaders = Headers.unsafeFromRecord(fields)
  }

  get cookies(): Cookies.Cookies {
    return this.headers["set-cookie"] === undefined ? Cookies.empty : Cookies.fromSetCookie(this.setCookies)
  }

  get remoteAddress(): Option.Option<string> {
    return Option.none()
  }

  get stream(): Stream.Stream<Uint8Array, Error.ResponseError> {
    return this.decompress(Stream.suspend(() =>
      this.body === undefined
        ? Stream.fromPull(Effect.as(
          Effect.addFinalizer(() => Effect.sync(() => this.exchange.abort())),
          this.pull
        ))
        : Stream.succeed(this.body)
    ))
  }

  get arrayBuffer(): Effect.Effect<ArrayBuffer, Error.ResponseError> {
    return Effect.map(this.bytes, (bytes) => {
      const copy = new ArrayBuffer(bytes.byteLength)
      new Uint8Array(copy).set(bytes)
      return copy
    })
  }

  get text(): Effect.Effect<string, Error.ResponseError> {
    return Effect.map(this.bytes, decodeUtf8)
  }

  get json(): Effect.Effect<unknown, Error.ResponseError> {
    return Effect.flatMap(this.text, (text) =>
      Effect.try({
        try: (): unknown => text === "" ? null : JSON.parse(text),
        catch: (cause) => this.decodeError(cause, "the body is not JSON")
      }))
  }

  get urlParamsBody(): Effect.Effect<UrlParams.UrlParams, Error.ResponseError> {
    return Effect.map(this.text, (text) => UrlParams.fromInput(new URLSearchParams(text)))
  }

  get formData(): Effect.Effect<FormData, Error.ResponseError> {
    return Effect.flatMap(this.arrayBuffer, (body) =>
      Effect.tryPromise({
        try: () => new Response(body, { headers: { "content-type": this.headers["content-type"] ?? "" } }).formData(),
        catch: (cause) => this.decodeError(cause, "the body is not a form")
      }))
  }

  toJSON(): unknown {
    return IncomingMessage.inspect(this, {
      _id: "@effect/platform/HttpClientResponse",
      request: this.request.toJSON(),
      status: this.status
    })
  }

  /** The whole body, as it is without its content encoding. */
  private get bytes(): Effect.Effect<Uint8Array, Error.ResponseError> {
    if (this.isEncoded) {
      return Effect.map(Stream.runCollect(this.stream), (chunks) => concat(Chunk.toReadonlyArray(chunks)))
    }
    return Effect.suspend(() =>
      this.exchange.ended ? this.collect() : Effect.async<Uint8Array, Error.ResponseError>((resume) => {
        this.exchange.await("all", () => resume(this.collect()))
        return Effect.sync(() => this.exchange.abort())
      })
    )
  }

  private collect(): Effect.Effect<Uint8Array, Error.ResponseError> {
    if (this.body !== undefined) return Effect.succeed(this.body)
    const { error } = this.exchange
    if (error !== undefined) return Effect.fail(this.decodeError(error, error.message))
    return Effect.succeed(this.body = concat(this.exchange.take()))
  }

  private readonly pull: Effect.Effect<Chunk.Chunk<Uint8Array>, Option.Option<Error.ResponseError>> = Effect.suspend(
    () => {
      const { exchange } = this
      if (exchange.hasChunks) return Effect.succeed(Chunk.unsafeFromArray(exchange.take()))
      if (exchange.ended) {
        return Effect.fail(
          exchange.error === undefined
            ? Option.none()
            : Option.some(this.decodeError(exchange.error, exchange.error.message))
        )
      }
      return Effect.async((resume) => exchange.await("some", () => resume(this.pull)))
    }
  )

  private get isEncoded(): boolean {
    const encoding = this.headers["content-encoding"]
    return encoding !== undefined && encoding.trim().toLowerCase() in decompressors
  }

  private decompress(
    stream: Stream.Stream<Uint8Array, Error.ResponseError>
  ): Stream.Stream<Uint8Array, Error.ResponseError> {
    if (!this.isEncoded) return stream
    const decompressor = decompressors[this.headers["content-encoding"]!.trim().toLowerCase()]!
    return NodeStream.pipeThroughDuplex(
      stream,
      decompressor,
      (cause) => this.decodeError(cause, "the body is not what its content-encoding says")
    )
  }

  private decodeError(cause: unknown, description: string): Error.ResponseError {
    return new Error.ResponseError({ request: this.request, response: this, reason: "Decode", cause, description })
  }
}

const concat = (chunks: ReadonlyArray<Uint8Array>): Uint8Array =>
  chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)

const decodeUtf8 = (bytes: Uint8Array): string => {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8")
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}
