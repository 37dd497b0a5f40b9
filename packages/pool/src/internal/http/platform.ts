/** What the platform's HttpClient has in other shapes in Effect's major versions. */
import * as NodeStream from "@effect/platform-node/NodeStream"
import * as Error from "@effect/platform/HttpClientError"
import type * as ClientRequest from "@effect/platform/HttpClientRequest"
import * as ClientResponse from "@effect/platform/HttpClientResponse"
import * as IncomingMessage from "@effect/platform/HttpIncomingMessage"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Context from "effect/Context"
import * as Either from "effect/Either"
import type * as Fiber from "effect/Fiber"
import { globalValue } from "effect/GlobalValue"
import * as Inspectable from "effect/Inspectable"
import * as Option from "effect/Option"
import type * as Stream from "effect/Stream"
import type { Duplex } from "node:stream"

// ---------------------------------------------------------------------------------------------------------------------
// Errors
// ---------------------------------------------------------------------------------------------------------------------

/** There is no response. @internal */
export type RequestError = Error.RequestError

/** The response broke off, or is not what it should be. @internal */
export type ResponseError = Error.ResponseError

interface Reason {
  readonly cause?: unknown
  readonly description?: string
}

/** @internal */
export const invalidUrl = (request: ClientRequest.HttpClientRequest, reason: Reason): RequestError =>
  new Error.RequestError({ request, reason: "InvalidUrl", ...reason })

/** The request cannot be sent, now or later. @internal */
export const encodeError = (request: ClientRequest.HttpClientRequest, reason: Reason): RequestError =>
  new Error.RequestError({ request, reason: "Encode", ...reason })

/** @internal */
export const transportError = (request: ClientRequest.HttpClientRequest, reason: Reason): RequestError =>
  new Error.RequestError({ request, reason: "Transport", ...reason })

/** @internal */
export const decodeError = (response: ClientResponse.HttpClientResponse, reason: Reason): ResponseError =>
  new Error.ResponseError({ request: response.request, response, reason: "Decode", ...reason })

/** @internal */
export const isRequestError = (u: unknown): u is RequestError => u instanceof Error.RequestError

/** @internal */
export const isResponseError = (u: unknown): u is ResponseError => u instanceof Error.ResponseError

// ---------------------------------------------------------------------------------------------------------------------
// Requests
// ---------------------------------------------------------------------------------------------------------------------

/** Whether the request's URL is all that it asks for. @internal */
export const isPlain = ({ hash, urlParams }: ClientRequest.HttpClientRequest): boolean =>
  urlParams.length === 0 && hash._tag === "None"

/** @internal */
export const urlOf = (request: ClientRequest.HttpClientRequest): Either.Either<URL, RequestError> =>
  Either.mapLeft(
    UrlParams.makeUrl(request.url, request.urlParams, request.hash),
    (cause) => invalidUrl(request, { cause })
  )

/**
 * `HttpClient.withScope` leaves a request's AbortController here for `HttpClient.make` to find. There is no public way to
 * it, and without it a scope's closing would not end the request.
 */
const scopedRequests = globalValue(
  "@effect/platform/HttpClient/scopedRequests",
  () => new WeakMap<ClientRequest.HttpClientRequest, AbortController>()
)

/** Aborts when the scope closes that `HttpClient.withScope` has bound the request to. @internal */
export const scopeOf = (
  request: ClientRequest.HttpClientRequest,
  _fiber: Fiber.RuntimeFiber<unknown, unknown>
): AbortSignal | undefined => scopedRequests.get(request)?.signal

/** Binds a copy of the request to the same scope. @internal */
export const keepScope = (
  request: ClientRequest.HttpClientRequest,
  copy: ClientRequest.HttpClientRequest,
  _fiber: Fiber.RuntimeFiber<unknown, unknown>
): void => {
  const controller = scopedRequests.get(request)
  if (controller !== undefined) scopedRequests.set(copy, controller)
}

// ---------------------------------------------------------------------------------------------------------------------
// Responses
// ---------------------------------------------------------------------------------------------------------------------

/** What `JSON.parse` gives. @internal */
export type Json = unknown

/** What every response of the platform has, whatever is in it. @internal */
export abstract class AnyResponse extends Inspectable.Class {
  readonly [IncomingMessage.TypeId]: IncomingMessage.TypeId
  readonly [ClientResponse.TypeId]: ClientResponse.TypeId

  constructor(readonly request: ClientRequest.HttpClientRequest) {
    super()
    this[IncomingMessage.TypeId] = IncomingMessage.TypeId
    this[ClientResponse.TypeId] = ClientResponse.TypeId
  }
}

/** The largest body that this fiber reads as a whole, in bytes, where it was told. @internal */
export const maxBodySize = (fiber: Fiber.RuntimeFiber<unknown, unknown>): number | undefined =>
  Option.getOrUndefined(Option.map(Context.get(fiber.currentContext, IncomingMessage.MaxBodySize), Number))

/** Sends the stream through what Node makes of it. @internal */
export const through = <R>(
  stream: Stream.Stream<Uint8Array, ResponseError, R>,
  make: () => Duplex,
  onError: (cause: unknown) => ResponseError
): Stream.Stream<Uint8Array, ResponseError, R> => NodeStream.pipeThroughDuplex(stream, make, onError)
