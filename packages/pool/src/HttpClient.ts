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
import type { ResponseHead } from "./internal/exchange/responseHead.js"
import type { Shared } from "./internal/exchange/shared.js"
import { FiberEffect, makeSpan, type Status, useSpan, withFiber } from "./internal/fiber/fiber.js"
import { type Abortable, abortable, handOver } from "./internal/http/abortable.js"
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
  // Still on the caller's stack here.
  const stackOf = () => shared.watch.findsLeaks ? callerOf(new globalThis.Error().stack) : undefined
  const client = PlatformHttpClient.makeWith(
    (request) => {
      const stack = stackOf()
      // Nothing stands before it mostly: then it is at hand, and a step less is kept while it waits.
      const known = atHand(request)
      return known === undefined
        ? Effect.flatMap(request, (request) => new Sending(shared, request, stack, asItIs))
        : new Sending(shared, known, stack, asItIs)
    },
    Effect.succeed<ClientRequest.HttpClientRequest>
  )
  Beneath.registerSend(client, (request, sent) => new Sending(shared, request, stackOf(), sent))
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
class Sending<A, E> extends FiberEffect<A, E> {
  constructor(
    private readonly shared: Shared,
    private readonly request: ClientRequest.HttpClientRequest,
    private readonly stack: string | undefined,
    private readonly sent: Beneath.Sent<A, E>
  ) {
    super()
  }

  run(fiber: FiberOwner["fiber"], status: Status): Effect.Effect<A, E> {
    const { request, sent } = this
    const destination = destinationOf(request)
    if (!Platform.isRequestError(destination)) {
      return new Call(this.shared, request, destination, fiber, this.stack, sent).send(status)
    }
    sent.begin()
    return sent.end(Exit.fail(destination))
  }
}

type Outcome = Exit.Exit<ClientResponse.HttpClientResponse, Platform.RequestError>

/** The outcome is what the fiber goes on with. */
const asItIs: Beneath.Sent<ClientResponse.HttpClientResponse, Error.HttpClientError> = {
  begin: () => undefined,
  end: (outcome) => outcome,
  abort: () => {}
}

const unasked = () => {}

/** One request of a fiber, and all that is kept here of it while it waits and is on its way. */
class Call<A, E> extends FiberOwner implements Abortable<A, E>, ExchangeListener {
  private body: RequestBody.WritableBody | undefined = undefined
  /** Is told how it ends. */
  private trace: Trace | undefined = undefined
  private exchange: Exchange | undefined = undefined
  private resume: (result: Effect.Effect<A, E>) => void = unasked

  constructor(
    private readonly shared: Shared,
    private request: ClientRequest.HttpClientRequest,
    private readonly destination: Destination,
    fiber: FiberOwner["fiber"],
    stack: string | undefined,
    private readonly sent: Beneath.Sent<A, E>
  ) {
    super(fiber, stack, Deadline.watching(request), Replay.listening(request))
  }

  send(status: Status): Effect.Effect<A, E> {
    this.body = RequestBody.toBytes(this.request.body)
    if (this.body !== undefined) return abortable(status, this)
    // Who makes the body is within the span. Nobody else looks.
    return isTraced(this.request, this.fiber)
      ? useSpan(spanName(this.request, this.fiber), (span) => {
        this.traceWith(span)
        return Effect.withParentSpan(withFiber((_, status) => this.stream(status)), span)
      })
      : this.stream(status)
  }

  private stream(status: Status): Effect.Effect<A, E> {
    const { request, sent } = this
    return Effect.matchEffect(RequestBody.toStreaming(request.body), {
      onFailure: ({ cause }) => {
        sent.begin()
        return sent.end(Exit.fail(unsendable(request, cause)))
      },
      onSuccess: (streaming) => {
        this.body = streaming
        return abortable(status, this)
      }
    })
  }

  start(resume: (result: Effect.Effect<A, E>) => void): void {
    this.resume = resume
    const outgoing = this.outgoing()
    if (outgoing === undefined) return
    const exchange = new Exchange(this.shared, outgoing, this, this)
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
    this.traced(Exit.failCause(cause))
    this.sent.abort(cause)
  }

  onResponse(exchange: Exchange): void {
    this.end(Exit.succeed(new PooledResponse(this.request, exchange)), exchange.head)
  }

  onFailure(error: PoolError | Unsendable): void {
    const { request } = this
    this.end(Exit.fail(
      error instanceof Unsendable ? unsendable(request, error.cause) : transportError(request, error)
    ))
  }

  /** What is to be sent. A tracer is anybody's, and what it throws is the fiber's. */
  private outgoing(): PoolRequest | undefined {
    const { destination: { origin, path, target }, fiber, sent } = this
    const { body, contentType } = this.body!
    this.body = undefined
    try {
      this.span = sent.begin()
      if (this.trace === undefined && isTraced(this.request, fiber)) {
        this.traceWith(makeSpan(fiber, spanName(this.request, fiber), { parent: this.span }))
      }
    } catch (defect) {
      this.end(Exit.die(defect))
      return undefined
    }
    const { request } = this
    return new PoolRequest(origin, target, request.method, path, headersOf(request, contentType), body)
  }

  /** Attribute for attribute what `HttpClient.make` says. */
  private traceWith(span: Tracer.Span): void {
    const { fiber, request } = this
    const { headers, method } = request
    const shown = new Span.Shown(fiber)
    Span.request(span, { method, headers, url: this.destination.url }, shown)
    this.span = span
    this.trace = new Trace(span, shown)
    if (!fiber.getFiberRef(PlatformHttpClient.currentTracerPropagation)) return
    const propagating = TraceContext.toHeaders(span)
    // One by one, since V8 tenures what `setHeaders` makes of all of them.
    for (const name in propagating) this.request = ClientRequest.setHeader(this.request, name, propagating[name]!)
    Platform.keepScope(request, this.request, fiber)
  }

  private close(): void {
    this.exchange?.abort()
    this.end(Exit.fail(Platform.transportError(this.request, { description: "the request's scope is closed" })))
  }

  private end(outcome: Outcome, head?: ResponseHead): void {
    this.resume(handOver(this.result(this.traced(outcome, head))))
  }

  /** Ends the span, which ends once. */
  private traced(outcome: Outcome, head?: ResponseHead): Outcome {
    const { trace } = this
    this.trace = undefined
    return trace === undefined ? outcome : trace.end(outcome, head)
  }

  private result(outcome: Outcome): Effect.Effect<A, E> {
    try {
      return this.sent.end(outcome)
    } catch (defect) {
      return Exit.die(defect)
    }
  }
}

/**
 * The span of a request. It ends in the callback that resumes the fiber: a region of the fiber that ends it would take a dozen
 * steps.
 */
class Trace {
  constructor(private readonly span: Tracer.Span, private readonly shown: Span.Shown) {}

  /** Gives what the fiber is resumed with. A tracer is anybody's: what it throws is the fiber's, as in a step of it. */
  end(outcome: Outcome, head?: ResponseHead): Outcome {
    const { shown, span } = this
    try {
      if (head !== undefined) Span.response(span, head, shown)
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

const isTraced = (request: ClientRequest.HttpClientRequest, fiber: FiberOwner["fiber"]): boolean =>
  Beneath.isTraced(fiber) && !fiber.getFiberRef(PlatformHttpClient.currentTracerDisabledWhen)(request)

const spanName = (request: ClientRequest.HttpClientRequest, fiber: FiberOwner["fiber"]): string =>
  Context.get(fiber.currentContext, PlatformHttpClient.SpanNameGenerator)(request)
