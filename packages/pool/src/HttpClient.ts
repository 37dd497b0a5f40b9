/**
 * The `@effect/platform` `HttpClient` over a pool of connections.
 *
 * It can send any request and is used like any other `HttpClient`; what it adds are the pool's limits and deadlines, and
 * its typed errors: `RequestTimeout`, `ConnectionError` and `PoolExhausted` are the `cause` of the `RequestError` (no
 * response yet) or `ResponseError` (the body broke off).
 *
 * @since 0.1.0
 */
import * as PlatformHttpClient from "@effect/platform/HttpClient"
import type * as Error from "@effect/platform/HttpClientError"
import * as ClientRequest from "@effect/platform/HttpClientRequest"
import type * as ClientResponse from "@effect/platform/HttpClientResponse"
import * as TraceContext from "@effect/platform/HttpTraceContext"
import type * as Cause from "effect/Cause"
import type * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import type * as Tracer from "effect/Tracer"
import * as Beneath from "./Beneath.js"
import type { ConnectionConfig } from "./ConnectionConfig.js"
import type { PoolError } from "./ConnectionError.js"
import * as ConnectionPool from "./ConnectionPool.js"
import * as Deadline from "./Deadline.js"
import type { Destination } from "./internal/config/destination.js"
import { keepDestination, knownDestination, toDestination } from "./internal/config/destination.js"
import type { ExchangeListener } from "./internal/exchange/exchange.js"
import { Exchange } from "./internal/exchange/exchange.js"
import { callerOf, FiberOwner, PoolRequest, Unsendable } from "./internal/exchange/request.js"
import type { Shared } from "./internal/exchange/shared.js"
import { FiberEffect, makeSpan, type Status, useSpan, withFiber } from "./internal/fiber/fiber.js"
import { type Abortable, abortable } from "./internal/http/abortable.js"
import * as Platform from "./internal/http/platform.js"
import * as RequestBody from "./internal/http/requestBody.js"
import { PooledResponse } from "./internal/http/response.js"
import * as Span from "./internal/http/span.js"
import { causeOf, messageOf } from "./internal/sockets/foreign.js"
import * as Replay from "./Replay.js"
import { openWith } from "./WebSocket.js"

/**
 * Makes the `HttpClient` of a pool.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromPool = (pool: ConnectionPool.Service): PlatformHttpClient.HttpClient => {
  const shared = pool[ConnectionPool.TypeId]
  const client = PlatformHttpClient.makeWith(
    (request) => {
      // Still on the caller's stack here.
      const stack = shared.watch.findsLeaks ? callerOf(new globalThis.Error().stack) : undefined
      // Nothing stands before it mostly: then it is at hand, and a step less is kept while it waits.
      const known = atHand(request)
      return known === undefined
        ? Effect.flatMap(request, (request) => new Sending(shared, request, stack))
        : new Sending(shared, known, stack)
    },
    Effect.succeed<ClientRequest.HttpClientRequest>
  )
  Beneath.register(client, beneathOf(pool))
  return client
}

/** What an effect gives that has given it already. */
const atHand = <A extends object, E>(effect: Effect.Effect<A, E>): A | undefined =>
  // An effect that is an exit is the exit of itself.
  Exit.isExit(effect) && Exit.isSuccess(effect as Exit.Exit<A, E>) ? (effect as Exit.Success<A, E>).value : undefined

const beneathOf = (pool: ConnectionPool.Service): Beneath.Beneath => {
  const { ledger, observer, timers } = pool[ConnectionPool.TypeId]
  return {
    isTimedBy: timers.isOf,
    closing: Effect.async((resume) => {
      if (ledger.closed) return resume(Effect.void)
      const listener = () => resume(Effect.void)
      ledger.closeListeners.add(listener)
      return Effect.sync(() => ledger.closeListeners.delete(listener))
    }),
    emit: (event) => {
      if (observer.listening) observer.emit(event(observer.epochMillis()))
    },
    openWebSocket: (options) => openWith(pool, options)
  }
}

/**
 * The `HttpClient` over the pool in the environment.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerWithoutPool: Layer.Layer<
  PlatformHttpClient.HttpClient,
  never,
  ConnectionPool.ConnectionPool
> = Layer.effect(PlatformHttpClient.HttpClient, Effect.map(ConnectionPool.ConnectionPool, fromPool))

/**
 * The `HttpClient` of a pool that another part of the program owns and closes.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerPool = (
  pool: ConnectionPool.Service
): Layer.Layer<PlatformHttpClient.HttpClient | ConnectionPool.ConnectionPool> => Layer.succeedContext(contextOf(pool))

/** @internal */
export const contextOf = (
  pool: ConnectionPool.Service
): Context.Context<PlatformHttpClient.HttpClient | ConnectionPool.ConnectionPool> =>
  Context.add(Context.make(ConnectionPool.ConnectionPool, pool), PlatformHttpClient.HttpClient, fromPool(pool))

/**
 * A pool of its own and the `HttpClient` over it, for as long as the layer is in use.
 *
 * @example
 * import { HttpClient as PlatformHttpClient } from "@effect/platform"
 * import { ConnectionConfig, HttpClient } from "effect-http-pool"
 * import { Effect } from "effect"
 *
 * const program = PlatformHttpClient.get("https://example.com/").pipe(
 *   Effect.flatMap((response) => response.text),
 *   Effect.provide(HttpClient.layer(ConnectionConfig.make({ connectionPoolSize: 8 })))
 * )
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  config: ConnectionConfig
): Layer.Layer<PlatformHttpClient.HttpClient | ConnectionPool.ConnectionPool> =>
  // One layer, and not two with one over the other, which take three times as long to build.
  Layer.scopedContext(Effect.map(ConnectionPool.make(config), contextOf))

/**
 * The same from an Effect `Config`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  config: Config.Config<ConnectionConfig>
): Layer.Layer<PlatformHttpClient.HttpClient | ConnectionPool.ConnectionPool, ConfigError.ConfigError> =>
  Layer.scopedContext(Effect.map(Effect.flatMap(config, ConnectionPool.make), contextOf))

const destinationOf = (request: ClientRequest.HttpClientRequest): Destination | Platform.RequestError => {
  const plain = Platform.isPlain(request)
  const known = plain ? knownDestination(request.url) : undefined
  if (known !== undefined) return known
  const parsed = Platform.urlOf(request)
  if (Either.isLeft(parsed)) return parsed.left
  const { protocol } = parsed.right
  if (protocol !== "http:" && protocol !== "https:") {
    return Platform.invalidUrl(request, { description: `${protocol} is not http: or https:` })
  }
  const destination = toDestination(parsed.right)
  if (plain) keepDestination(request.url, destination)
  return destination
}

/** Sends a request, each time that it is run. */
class Sending extends FiberEffect<ClientResponse.HttpClientResponse, Error.HttpClientError> {
  constructor(
    private readonly shared: Shared,
    private readonly request: ClientRequest.HttpClientRequest,
    private readonly stack: string | undefined
  ) {
    super()
  }

  run(
    fiber: FiberOwner["fiber"],
    status: Status
  ): Effect.Effect<ClientResponse.HttpClientResponse, Error.HttpClientError> {
    const { request } = this
    const destination = destinationOf(request)
    if (Platform.isRequestError(destination)) return Effect.fail(destination)
    const call = new Call(this.shared, request, fiber, this.stack)
    return isTraced(request, call)
      ? traced(call, request, destination, status)
      : call.send(request, destination, status)
  }
}

type Outcome = Exit.Exit<ClientResponse.HttpClientResponse, Platform.RequestError>

type Resume = (outcome: Outcome) => void

const unasked: Resume = () => {}

/** One request of a fiber, and all that is kept here of it while it waits and is on its way. */
class Call extends FiberOwner
  implements Abortable<ClientResponse.HttpClientResponse, Platform.RequestError>, ExchangeListener
{
  private outgoing: PoolRequest | undefined = undefined
  /** Is told how it ends. */
  trace: Trace | undefined = undefined
  private exchange: Exchange | undefined = undefined
  private resume = unasked

  constructor(
    private readonly shared: Shared,
    private request: ClientRequest.HttpClientRequest,
    fiber: FiberOwner["fiber"],
    stack: string | undefined
  ) {
    super(fiber, stack, Deadline.watching(request), Replay.listening(request))
  }

  /** Sends the request, or one that says more. */
  send(
    request: ClientRequest.HttpClientRequest,
    destination: Destination,
    status: Status
  ): Effect.Effect<ClientResponse.HttpClientResponse, Platform.RequestError> {
    this.request = request
    const bytes = RequestBody.toBytes(request.body)
    if (bytes !== undefined) return this.dispatch(destination, status, bytes)
    return Effect.matchEffect(RequestBody.toStreaming(request.body), {
      onFailure: ({ cause }) => Effect.fail(unsendable(request, cause)),
      onSuccess: (streaming) => this.dispatch(destination, status, streaming)
    })
  }

  private dispatch(
    { origin, path, target }: Destination,
    status: Status,
    { body, contentType }: RequestBody.WritableBody
  ): Effect.Effect<ClientResponse.HttpClientResponse, Platform.RequestError> {
    const { request } = this
    this.outgoing = new PoolRequest(origin, target, request.method, path, headersOf(request, contentType), body)
    return abortable(status, this)
  }

  start(resume: Resume): void {
    this.resume = resume
    const exchange = new Exchange(this.shared, this.outgoing!, this, this)
    this.exchange = exchange
    const signal = Platform.scopeOf(this.request, this.fiber)
    if (signal !== undefined) {
      if (signal.aborted) return this.close()
      signal.addEventListener("abort", () => this.close(), { once: true })
    }
    exchange.start()
  }

  abort(cause: Cause.Cause<never>): void {
    this.exchange?.abort()
    this.trace?.end(Exit.failCause(cause))
  }

  onResponse(exchange: Exchange): void {
    this.end(Exit.succeed(new PooledResponse(this.request, exchange)))
  }

  onFailure(error: PoolError | Unsendable): void {
    const { request } = this
    this.end(Exit.fail(
      error instanceof Unsendable ? unsendable(request, error.cause) : transportError(request, error)
    ))
  }

  private close(): void {
    this.exchange?.abort()
    this.end(Exit.fail(Platform.transportError(this.request, { description: "the request's scope is closed" })))
  }

  private end(outcome: Outcome): void {
    this.resume(this.trace === undefined ? outcome : this.trace.end(outcome))
  }
}

/**
 * The span of a request. It ends in the callback that resumes the fiber: a region of the fiber that ends it would take a dozen
 * steps.
 */
class Trace {
  constructor(private readonly span: Tracer.Span, private readonly shown: Span.Shown) {}

  /** Gives what the fiber is resumed with. A tracer is anybody's: what it throws is the fiber's, as in a step of it. */
  end(outcome: Outcome): Outcome {
    const { shown, span } = this
    try {
      if (Exit.isSuccess(outcome)) Span.response(span, outcome.value, shown)
      Span.end(span, outcome, shown)
      return outcome
    } catch (defect) {
      return Exit.die(defect)
    }
  }
}

const headersOf = (
  request: ClientRequest.HttpClientRequest,
  contentType: string | undefined
): Readonly<Record<string, string>> => {
  const { headers } = request
  const addsType = contentType !== undefined && headers["content-type"] === undefined
  if (!addsType && headers["host"] === undefined) return headers
  // The host is the URL's: undici would take another one for a change of the TLS server name and reconnect.
  const { host: _, ...rest } = headers
  return addsType ? { ...rest, "content-type": contentType } : rest
}

const unsendable = (request: ClientRequest.HttpClientRequest, cause: unknown) =>
  Platform.encodeError(request, { cause: causeOf(cause), description: messageOf(cause) })

const transportError = (request: ClientRequest.HttpClientRequest, cause: PoolError) => {
  const reason = { cause, description: cause.message }
  // `retryTransient` takes every "Transport" for transient, and a closed pool stays closed.
  return cause._tag === "ConnectionError" && cause.reason === "Closed"
    ? Platform.encodeError(request, reason)
    : Platform.transportError(request, reason)
}

const isTraced = (request: ClientRequest.HttpClientRequest, { fiber }: FiberOwner): boolean =>
  Beneath.isTraced(fiber) && !fiber.getFiberRef(PlatformHttpClient.currentTracerDisabledWhen)(request)

/** The span that `HttpClient.make` makes, attribute for attribute. */
const traced = (
  call: Call,
  request: ClientRequest.HttpClientRequest,
  destination: Destination,
  status: Status
): Effect.Effect<ClientResponse.HttpClientResponse, Error.HttpClientError> => {
  const { fiber } = call
  const name = Context.get(fiber.currentContext, PlatformHttpClient.SpanNameGenerator)(request)
  const send = (span: Tracer.Span, status: Status) => {
    const shown = Span.shownBy(fiber)
    const { headers, method } = request
    Span.request(span, { method, headers, url: destination.url }, shown)
    const propagated = fiber.getFiberRef(PlatformHttpClient.currentTracerPropagation)
      ? ClientRequest.setHeaders(request, TraceContext.toHeaders(span))
      : request
    Platform.keepScope(request, propagated, fiber)
    call.trace = new Trace(span, shown)
    return call.send(propagated, destination, status)
  }
  // Who makes the body, or is asked where a leak came from, is within the span. Nobody else looks.
  const isSeen = call.stack !== undefined || RequestBody.toBytes(request.body) === undefined
  return isSeen
    ? useSpan(name, (span) => Effect.withParentSpan(withFiber((_, status) => send(span, status)), span))
    : Effect.flatMap(makeSpan(name), (span) => send(span, status))
}
