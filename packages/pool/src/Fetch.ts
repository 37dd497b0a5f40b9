/**
 * `fetch` over a pool of connections, for libraries that take one: `openai`, `@anthropic-ai/sdk`, the providers of Vercel's AI
 * SDK, LangChain. Their requests wait in the pool's queue, count in its limits, statistics, events and metrics, and run under
 * its deadlines, over its proxy and TLS.
 *
 * It is the fetch of the platform but for what follows.
 *
 * **Failures.** A request without an answer rejects with `TypeError("fetch failed")`, and a body that breaks off fails with
 * `TypeError("terminated")`. The `cause` is the `ConnectionError`, `RequestTimeout` or `PoolExhausted` of the pool, with the
 * `code` that Node or undici has for it, such as `ECONNRESET` or `UND_ERR_HEADERS_TIMEOUT`, which libraries look at. A status
 * is never a failure.
 *
 * **Cancellation.** A `signal` frees the place in the queue, the handshake or the socket at once, and the call or the reader of
 * its body gets the signal's reason. To cancel a body closes its connection.
 *
 * **Permits.** A response holds its permit and its connection until its last byte has come from the socket, which waits
 * while nobody reads. Read bodies, or cancel them. One that was dropped gives both back once it is garbage collected;
 * `leakDetectionThreshold` tells before, and where it was made.
 *
 * **Redirects** are followed for `GET` and `HEAD`, up to 20, and another origin gets no credentials. Of any other method the
 * redirect is the response, as with `redirect: "manual"`: nothing that was sent is sent to another address unseen, or becomes
 * a `GET`.
 *
 * **Retries**: none. Those of the library that calls do not multiply. What the pool does for all its requests, it does here too: one
 * that dies on a reused connection, before any answer, is sent once more (`resendOnStaleConnection`), unless `Replay.current`
 * says `unsent` where the fetch is made (`Replay.onlyUnsent(Fetch.make)`).
 *
 * **Spans.** Where the fetch is made under a tracer, or inside of a span, each call is a span of kind `client`, named and annotated as
 * those of `HttpClient` are, with its trace sent along in the request's headers: from the call to the head of its answer, redirects
 * included. Its parent is the span of the fiber that calls, where the library calls at once; else the span around {@link make}.
 * `currentTracerDisabledWhen`, `currentTracerPropagation` and `SpanNameGenerator` of the platform's `HttpClient`, and
 * `Headers.currentRedactedNames`, count as they are around {@link make}.
 *
 * **Content codings** are undone as by fetch, but not asked for: an event could wait in the compressor. There is no cache and
 * there are no cookies. Of `init`, `method`, `headers`, `body`, `duplex`, `signal` and `redirect` are respected.
 *
 * @since 0.1.0
 */
import * as Headers from "@effect/platform/Headers"
import * as PlatformHttpClient from "@effect/platform/HttpClient"
import * as ClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpMethod from "@effect/platform/HttpMethod"
import * as TraceContext from "@effect/platform/HttpTraceContext"
import * as Clock from "effect/Clock"
import type * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as FiberRef from "effect/FiberRef"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Beneath from "./Beneath.js"
import type { ConnectionConfig } from "./ConnectionConfig.js"
import * as ConnectionPool from "./ConnectionPool.js"
import { type BeginSpan, Calls } from "./internal/fetch/calls.js"
import { callingSpan, spanMaker } from "./internal/fiber/fiber.js"
import * as Span from "./internal/http/span.js"
import * as Replay from "./Replay.js"

/**
 * A function that can stand for `globalThis.fetch`. It never throws: what cannot be asked for rejects with a `TypeError`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  (input: string | URL | Request, init?: RequestInit): Promise<Response>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Fetch extends Context.Tag("effect-http-pool/Fetch")<Fetch, Service>() {}

/**
 * A `fetch` over a pool, for as long as the scope.
 *
 * When the scope closes, new and waiting calls reject with `TypeError("fetch failed")`, whose cause is a `ConnectionError` of
 * reason `Closed`; those in flight have the pool's `shutdownTimeout` to end, and are then aborted.
 *
 * @since 0.1.0
 * @category constructors
 */
export const makeWith = (pool: ConnectionPool.Service): Effect.Effect<Service, never, Scope.Scope> =>
  Effect.withFiberRuntime((fiber) =>
    Effect.map(
      Effect.acquireRelease(
        Effect.sync(() => new Calls(pool[ConnectionPool.TypeId], fiber.getFiberRef(Replay.current), spansOf(fiber))),
        (calls) => close(calls, Duration.toMillis(pool.config.shutdownTimeout))
      ),
      (calls) => calls.fetch
    )
  )

/** As the fiber sees them that makes the fetch; nothing where nobody sees them. */
const spansOf = (maker: Fiber.RuntimeFiber<unknown, unknown>): BeginSpan | undefined => {
  if (!Beneath.isTraced(maker)) return undefined
  const makeSpan = spanMaker(maker)
  const clock = Context.get(maker.currentDefaultServices, Clock.Clock)
  const isTimed = maker.getFiberRef(FiberRef.currentTracerTimingEnabled)
  const nanos = () => isTimed ? clock.unsafeCurrentTimeNanos() : 0n
  const nameOf = Context.get(maker.currentContext, PlatformHttpClient.SpanNameGenerator)
  const isDisabled = maker.getFiberRef(PlatformHttpClient.currentTracerDisabledWhen)
  const isPropagated = maker.getFiberRef(PlatformHttpClient.currentTracerPropagation)
  const shown = new Span.Shown(maker)
  return ({ destination: { url }, headers: given, method }) => {
    const headers = Headers.fromInput(given)
    // Of methods that the platform has no name for, it is a GET to those who look at it.
    const request = ClientRequest.setHeaders(
      ClientRequest.make(HttpMethod.isHttpMethod(method) ? method : "GET")(url),
      headers
    )
    if (isDisabled(request)) return undefined
    const span = makeSpan(nameOf(request), callingSpan())
    Span.request(span, { method, url, headers }, shown)
    return {
      headers: isPropagated ? TraceContext.toHeaders(span) : {},
      responded: ({ headers, status }) => {
        Span.response(span, { status, eachHeader: (f) => headers.forEach((value, name) => f(name, value)) }, shown)
        span.end(nanos(), Exit.void)
      },
      failed: (reason) => span.end(nanos(), Exit.fail(reason)),
      interrupted: () => span.end(nanos(), Exit.interrupt(FiberId.none))
    }
  }
}

const close = (calls: Calls, patienceMillis: number): Effect.Effect<void> =>
  Effect.async((resume) => {
    const { timers } = calls.shared
    const cancel = patienceMillis === Infinity ? undefined : timers.schedule(patienceMillis, () => calls.abort())
    calls.close(() => {
      cancel?.()
      resume(Effect.void)
    })
  })

/**
 * A `fetch` over the pool of the environment, for as long as the scope.
 *
 * @example
 * import { ConnectionConfig, ConnectionPool, Fetch } from "effect-http-pool"
 * import { Effect } from "effect"
 *
 * const program = Effect.scoped(Effect.gen(function*() {
 *   const fetch = yield* Fetch.make
 *   // new OpenAI({ fetch, … }), createOpenAICompatible({ fetch, … }), new Anthropic({ fetch, … })
 *   return yield* Effect.tryPromise(() => fetch("https://example.com/").then((response) => response.text()))
 * })).pipe(Effect.provide(ConnectionPool.layer(ConnectionConfig.make({ connectionPoolSize: 8 }))))
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, ConnectionPool.ConnectionPool | Scope.Scope> = Effect.flatMap(
  ConnectionPool.ConnectionPool,
  makeWith
)

/**
 * A `fetch` over the pool of the environment, for as long as the layer is in use.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerWithoutPool: Layer.Layer<Fetch, never, ConnectionPool.ConnectionPool> = Layer.scoped(Fetch, make)

/**
 * A pool of its own and the `fetch` over it, for as long as the layer is in use. A program without Effect takes it from a
 * `ManagedRuntime`.
 *
 * @example
 * import { ConnectionConfig, Fetch } from "effect-http-pool"
 * import { ManagedRuntime } from "effect"
 *
 * const runtime = ManagedRuntime.make(Fetch.layer(ConnectionConfig.make({ connectionPoolSize: 8 })))
 * const fetch = await runtime.runPromise(Fetch.Fetch)
 * const page = await (await fetch("https://example.com/")).text()
 * await runtime.dispose()
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (config: ConnectionConfig): Layer.Layer<Fetch | ConnectionPool.ConnectionPool> =>
  Layer.provideMerge(layerWithoutPool, ConnectionPool.layer(config))

/**
 * The same from an Effect `Config`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  config: Config.Config<ConnectionConfig>
): Layer.Layer<Fetch | ConnectionPool.ConnectionPool, ConfigError.ConfigError> =>
  Layer.provideMerge(layerWithoutPool, ConnectionPool.layerConfig(config))
