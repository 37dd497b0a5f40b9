/** What the platform's HttpClient has in other shapes in Effect's major versions: for Effect 4. */
import * as NodeStream from "@effect/platform-node/NodeStream"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import { constTrue } from "effect/Function"
import * as HttpClient from "effect/http/HttpClient"
import * as Error from "effect/http/HttpClientError"
import type * as ClientRequest from "effect/http/HttpClientRequest"
import * as ClientResponse from "effect/http/HttpClientResponse"
import * as IncomingMessage from "effect/http/HttpIncomingMessage"
import * as Url from "effect/http/Url"
import * as Inspectable from "effect/Inspectable"
import * as Option from "effect/Option"
import * as Pipeable from "effect/Pipeable"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import type * as Socket from "effect/socket/Socket"
import * as Stream from "effect/Stream"
import type { Duplex } from "node:stream"

// ---------------------------------------------------------------------------------------------------------------------
// Errors
// ---------------------------------------------------------------------------------------------------------------------

/** There is no response. @internal */
export type RequestError = Error.HttpClientError

/** The response broke off, or is not what it should be. @internal */
export type ResponseError = Error.HttpClientError

interface Reason {
  readonly cause?: unknown
  readonly description?: string
}

/** @internal */
export const invalidUrl = (request: ClientRequest.HttpClientRequest, reason: Reason): RequestError =>
  new Error.HttpClientError({ reason: new Error.InvalidUrlError({ request, ...reason }) })

/** The request cannot be sent, now or later. @internal */
export const encodeError = (request: ClientRequest.HttpClientRequest, reason: Reason): RequestError =>
  new Error.HttpClientError({ reason: new Error.EncodeError({ request, ...reason }) })

/** @internal */
export const transportError = (request: ClientRequest.HttpClientRequest, reason: Reason): RequestError =>
  new Error.HttpClientError({ reason: new Error.TransportError({ request, ...reason }) })

/** @internal */
export const decodeError = (response: ClientResponse.HttpClientResponse, reason: Reason): ResponseError =>
  new Error.HttpClientError({ reason: new Error.DecodeError({ request: response.request, response, ...reason }) })

/** @internal */
export const isRequestError = Error.isHttpClientError

/** @internal */
export const isResponseError = Error.isHttpClientError

// ---------------------------------------------------------------------------------------------------------------------
// Requests
// ---------------------------------------------------------------------------------------------------------------------

/** Whether the request's URL is all that it asks for. @internal */
export const isPlain = ({ hash, urlParams }: ClientRequest.HttpClientRequest): boolean =>
  urlParams.params.length === 0 && Option.isNone(hash)

/** @internal */
export const urlOf = (request: ClientRequest.HttpClientRequest): Result.Result<URL, RequestError> =>
  Result.mapError(
    Url.make(request.url, request.urlParams, Option.getOrUndefined(request.hash)),
    (cause) => invalidUrl(request, { cause })
  )

/** Says by its failure what signal `HttpClient.make` has for a request: that of its scope, where `withScope` gave it one. */
const asked = HttpClient.make((_request, _url, signal) => Effect.fail(new Asked(signal) as never))

class Asked {
  constructor(readonly signal: AbortSignal) {}
}

/** The scopes of copies, which the platform does not know. */
const ofCopies = new WeakMap<ClientRequest.HttpClientRequest, AbortSignal>()

/**
 * Aborts when the scope closes that `HttpClient.withScope` has bound the request to. The platform keeps that to itself, and
 * tells only those that it makes a client of, which costs some microseconds: it is asked only where there is a scope at all.
 *
 * @internal
 */
export const scopeOf = (
  request: ClientRequest.HttpClientRequest,
  fiber: Fiber.Fiber<unknown, unknown>
): AbortSignal | undefined => {
  const known = ofCopies.get(request)
  if (known !== undefined || !fiber.context.mapUnsafe.has(Scope.Scope.key)) return known
  const exit = Effect.runSyncExit(Effect.provideService(asked.execute(request), HttpClient.TracerDisabledWhen, constTrue))
  const failure = Exit.isFailure(exit) ? exit.cause.reasons[0] : undefined
  const answer: unknown = failure?._tag === "Fail" ? failure.error : undefined
  return answer instanceof Asked ? answer.signal : undefined
}

/** Binds a copy of the request to the same scope. @internal */
export const keepScope = (
  request: ClientRequest.HttpClientRequest,
  copy: ClientRequest.HttpClientRequest,
  fiber: Fiber.Fiber<unknown, unknown>
): void => {
  const signal = scopeOf(request, fiber)
  if (signal !== undefined) ofCopies.set(copy, signal)
}

// ---------------------------------------------------------------------------------------------------------------------
// Responses
// ---------------------------------------------------------------------------------------------------------------------

/** What `JSON.parse` gives. @internal */
export type Json = Schema.Json

/** What every response of the platform has, whatever is in it. @internal */
export abstract class AnyResponse extends Inspectable.Class implements Pipeable.Pipeable {
  readonly [IncomingMessage.TypeId]: typeof IncomingMessage.TypeId = IncomingMessage.TypeId
  readonly [ClientResponse.TypeId]: typeof ClientResponse.TypeId = ClientResponse.TypeId
  abstract readonly status: number

  constructor(readonly request: ClientRequest.HttpClientRequest) {
    super()
  }

  get url(): string {
    const url = Result.getOrUndefined(urlOf(this.request))
    if (url === undefined) return ""
    url.hash = ""
    return url.href
  }

  /** A WebSocket over the pool is a lease: `WebSocket.open`. A request has no protocol to switch to. */
  get upgrade(): Effect.Effect<Socket.Socket, Error.HttpClientError> {
    return Effect.suspend(() =>
      Effect.fail(
        new Error.HttpClientError({
          reason: new Error.StatusCodeError({
            request: this.request,
            response: this as unknown as ClientResponse.HttpClientResponse,
            description: "a request over the pool cannot switch protocols; open a WebSocket instead"
          })
        })
      )
    )
  }

  pipe() {
    return Pipeable.pipeArguments(this, arguments)
  }
}

/** The largest body that this fiber reads as a whole, in bytes, where it was told. @internal */
export const maxBodySize = (fiber: Fiber.Fiber<unknown, unknown>): number | undefined => {
  const size = fiber.getRef(IncomingMessage.MaxBodySize)
  return size === undefined ? undefined : Number(size)
}

/**
 * Sends the stream through what Node makes of it. Where the stream fails, what is made of that which came before is handed out
 * first: the platform would forget it.
 *
 * @internal
 */
export const through = <R>(
  stream: Stream.Stream<Uint8Array, ResponseError, R>,
  make: () => Duplex,
  onError: (cause: unknown) => ResponseError
): Stream.Stream<Uint8Array, ResponseError, R> =>
  Stream.suspend(() => {
    let failure: ResponseError | undefined
    const whole = Stream.catch(stream, (error) => {
      failure = error
      return Stream.empty
    })
    return Stream.concat(
      NodeStream.pipeThroughDuplex(whole, { evaluate: make, onError }),
      Stream.suspend(() => failure === undefined ? Stream.empty : Stream.fail(failure))
    )
  })
