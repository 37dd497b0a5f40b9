import * as Cookies from "@effect/platform/Cookies"
import type * as Headers from "@effect/platform/Headers"
import type * as ClientRequest from "@effect/platform/HttpClientRequest"
import type * as ClientResponse from "@effect/platform/HttpClientResponse"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Effect from "effect/Effect"
import * as Inspectable from "effect/Inspectable"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { bodyPull, headerSource } from "../../Beneath.js"
import type { RequestTimeout } from "../../ConnectionError.js"
import type { Exchange } from "../exchange/exchange.js"
import type { ResponseHead } from "../exchange/responseHead.js"
import { type Status, withFiber } from "../fiber/fiber.js"
import * as Pull from "../fiber/pull.js"
import { abortable } from "./abortable.js"
import { type Coding, codingsOf, decode, mostCodings, TooLarge } from "./codings.js"
import * as Platform from "./platform.js"

/**
 * Stops the requests of responses that were dropped before anybody began to read them. One that is not in flight any
 * more must not be held: the stack of its error may lead back to the response, which then would never be dropped.
 */
const dropped = new FinalizationRegistry<WeakRef<Exchange>>((exchange) => exchange.deref()?.abandon())

/** The most of a body that is read as a whole, in bytes, where `MaxBodySize` says nothing. */
const largestBody = 256 * 1024 * 1024

/**
 * A response whose body is read straight from its exchange. A body that is here already costs no fiber
 * anything; interrupting a reader aborts the request.
 *
 * @internal
 */
export class PooledResponse extends Platform.AnyResponse implements ClientResponse.HttpClientResponse {
  private body: Uint8Array | undefined
  /** With its content encoding. */
  private raw: Uint8Array | undefined
  private isStreamed = false
  private readonly head: ResponseHead

  constructor(request: ClientRequest.HttpClientRequest, private readonly exchange: Exchange) {
    super(request)
    this.head = exchange.head
    if (!exchange.ended) dropped.register(this, new WeakRef(exchange))
  }

  get [headerSource](): ResponseHead {
    return this.head
  }

  get status(): number {
    return this.head.status
  }

  get headers(): Headers.Headers {
    return this.head.headers
  }

  get cookies(): Cookies.Cookies {
    const { setCookies } = this.head
    return setCookies.length === 0 ? Cookies.empty : Cookies.fromSetCookie(setCookies)
  }

  get remoteAddress(): Option.Option<string> {
    return Option.none()
  }

  get stream(): Stream.Stream<Uint8Array, Platform.ResponseError> {
    return Stream.suspend(() => {
      if (this.body !== undefined) return Stream.succeed(this.body)
      if (this.isStreamed) return Stream.fail(this.alreadyRead())
      this.isStreamed = true
      const raw = Pull.stream(this.pull, Effect.sync(() => this.exchange.abort()))
      const { codings } = this
      if (codings === undefined) return Stream.fail(this.refuseCodings())
      return codings.length === 0 ? raw : this.decodedStream(raw, codings)
    })
  }

  /** The same without the steps of a stream, where nothing has to be decoded. */
  [bodyPull](): Pull.Pull<Uint8Array, Platform.ResponseError> | undefined {
    if (this.body !== undefined || this.isStreamed || this.codings?.length !== 0) return undefined
    this.isStreamed = true
    return this.pull
  }

  private decodedStream(
    raw: Stream.Stream<Uint8Array, Platform.ResponseError>,
    codings: ReadonlyArray<Coding>
  ): Stream.Stream<Uint8Array, Platform.ResponseError> {
    const { exchange } = this
    let late: RequestTimeout | undefined
    exchange.decoding((error) => late = error)
    const decoded = codings.reduce(
      (stream, coding) =>
        Platform.through(
          stream,
          coding.stream,
          (cause) => Platform.isResponseError(cause) ? cause : this.notEncoded(cause)
        ),
      raw
    )
    return decoded.pipe(
      // The answer to HEAD names the coding of a body that it does not have.
      Stream.catchAll((error) => exchange.isEmpty ? Stream.empty : Stream.fail(error)),
      // Once all is here no piece has to be waited for, so looking at each is in time.
      Stream.mapChunksEffect((pieces) =>
        late === undefined ? Effect.succeed(pieces) : Effect.fail(this.decodeError(late, late.message))
      ),
      Stream.ensuring(Effect.sync(() => exchange.decoded()))
    )
  }

  get arrayBuffer(): Effect.Effect<ArrayBuffer, Platform.ResponseError> {
    return Effect.map(this.bytes, (bytes) => {
      const copy = new ArrayBuffer(bytes.byteLength)
      new Uint8Array(copy).set(bytes)
      return copy
    })
  }

  get text(): Effect.Effect<string, Platform.ResponseError> {
    // Most bodies are here already, and are not encoded: then the text is at hand, for whoever looks.
    if (!this.isStreamed && this.exchange.ended && this.codings?.length === 0) this.collect()
    return this.body === undefined ? Effect.map(this.bytes, decodeUtf8) : Effect.succeed(decodeUtf8(this.body))
  }

  get json(): Effect.Effect<Platform.Json, Platform.ResponseError> {
    return Effect.flatMap(this.text, (text) =>
      Effect.try({
        try: () => text === "" ? null : JSON.parse(text) as Platform.Json,
        catch: (cause) => this.decodeError(cause, "the body is not JSON")
      }))
  }

  get urlParamsBody(): Effect.Effect<UrlParams.UrlParams, Platform.ResponseError> {
    return Effect.map(this.text, (text) => UrlParams.fromInput(new URLSearchParams(text)))
  }

  get formData(): Effect.Effect<FormData, Platform.ResponseError> {
    return Effect.flatMap(this.arrayBuffer, (body) =>
      Effect.tryPromise({
        try: () => new Response(body, { headers: { "content-type": this.headers["content-type"] ?? "" } }).formData(),
        catch: (cause) => this.decodeError(cause, "the body is not a form")
      }))
  }

  toJSON(): unknown {
    // Without the body: to show it would be to read it.
    return {
      _id: "@effect/platform/HttpClientResponse",
      request: this.request.toJSON(),
      status: this.status,
      headers: Inspectable.redact(this.headers)
    }
  }

  /** The whole body, as it is without its content encoding. */
  private get bytes(): Effect.Effect<Uint8Array, Platform.ResponseError> {
    return withFiber((fiber, status) => {
      if (this.body !== undefined) return Effect.succeed(this.body)
      if (this.isStreamed) return Effect.fail(this.alreadyRead())
      const { codings } = this
      if (codings === undefined) return Effect.fail(this.refuseCodings())
      const most = Platform.maxBodySize(fiber) ?? largestBody
      const raw = this.exchange.ended ?
        this.collect() :
        abortable<Uint8Array, Platform.ResponseError>(status, {
          start: (resume) => this.exchange.awaitAll(most, () => resume(this.collect())),
          abort: () => this.exchange.abort()
        })
      return codings.length === 0 ? raw : Effect.flatMap(raw, (encoded) => this.decode(encoded, codings, most, status))
    })
  }

  private collect(): Effect.Effect<Uint8Array, Platform.ResponseError> {
    if (this.raw !== undefined) return Effect.succeed(this.raw)
    const { error } = this.exchange
    if (error !== undefined) return Effect.fail(this.decodeError(error, error.message))
    this.raw = this.exchange.takeWhole()
    if (this.codings?.length === 0) this.body = this.raw
    return Effect.succeed(this.raw)
  }

  /** Within the deadline of the call, and no longer than its fiber wants it. */
  private decode(
    encoded: Uint8Array,
    codings: ReadonlyArray<Coding>,
    most: number,
    status: Status
  ): Effect.Effect<Uint8Array, Platform.ResponseError> {
    const { exchange } = this
    let stop: () => void = () => {}
    return abortable<Uint8Array, Platform.ResponseError>(status, {
      start: (resume) => {
        stop = decode(encoded, codings, most, (error, bytes) => {
          exchange.decoded()
          if (error === undefined) this.body = bytes
          resume(error === undefined ? Effect.succeed(bytes) : Effect.fail(this.notEncoded(error)))
        })
        exchange.decoding((error: RequestTimeout) => {
          stop()
          exchange.decoded()
          resume(Effect.fail(this.decodeError(error, error.message)))
        })
      },
      abort: () => {
        stop()
        exchange.decoded()
      }
    })
  }

  /** Made for those who pull: most answers are here as a whole. */
  private get pull(): Pull.Pull<Uint8Array, Platform.ResponseError> {
    const { exchange } = this
    const pull: Pull.Pull<Uint8Array, Platform.ResponseError> = Effect.suspend(() => {
      if (exchange.hasMore) return Pull.next(exchange.take())
      if (exchange.ended) {
        const { error } = exchange
        return error === undefined ? Pull.end : Pull.fail(this.decodeError(error, error.message))
      }
      return Effect.async((resume) => exchange.awaitSome(() => resume(pull)))
    })
    return pull
  }

  private get codings(): ReadonlyArray<Coding> | undefined {
    return codingsOf(this.head.header("content-encoding"))
  }

  private refuseCodings(): Platform.ResponseError {
    this.exchange.abort()
    return this.decodeError(undefined, `the answer names more than ${mostCodings} content codings`)
  }

  private alreadyRead(): Platform.ResponseError {
    return this.decodeError(undefined, "the body has been read as a stream already")
  }

  private notEncoded(cause: unknown): Platform.ResponseError {
    // What was cut off cannot be decompressed, and why it was cut off is what matters.
    const { error } = this.exchange
    return error === undefined
      ? this.decodeError(
        cause,
        cause instanceof TooLarge ? cause.message : "the body is not what its content-encoding says"
      )
      : this.decodeError(error, error.message)
  }

  private decodeError(cause: unknown, description: string): Platform.ResponseError {
    return Platform.decodeError(this, { cause, description })
  }
}

const decodeUtf8 = (bytes: Uint8Array): string => {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8")
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}
