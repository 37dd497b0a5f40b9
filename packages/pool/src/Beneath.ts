/**
 * For clients that are built on this package's `HttpClient` (effect-dashscope is one): what only the pool beneath them can
 * do well, or knows. A program that makes requests does not need it.
 *
 * Nothing here leads to a Node module, so that such a client can run over any other `HttpClient` too.
 *
 * @since 0.1.0
 */
import type * as Headers from "@effect/platform/Headers"
import type * as PlatformHttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import type * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import type * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import { globalValue } from "effect/GlobalValue"
import type * as Scope from "effect/Scope"
import type * as Tracer from "effect/Tracer"
import type { ConnectionEvent } from "./ConnectionEvent.js"
import * as Running from "./internal/fiber/fiber.js"
import type * as Pull from "./internal/fiber/pull.js"
import * as Time from "./internal/time/timers.js"
import type { OpenError } from "./WebSocketError.js"
import type * as WebSocketLease from "./WebSocketLease.js"

/**
 * The pool beneath an `HttpClient`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Beneath {
  /** Whether the pool counts its time by this clock, so that it can watch deadlines that were made with it. */
  readonly isTimedBy: (clock: Clock.Clock) => boolean
  /** Ends when the pool begins to close. */
  readonly closing: Effect.Effect<void>
  /** Adds an event to those of the pool. It is made only where somebody listens, with the pool's time. */
  readonly emit: (event: (at: number) => ConnectionEvent) => void
  /** Opens a WebSocket over the pool, as `WebSocket.openWith` does. */
  readonly openWebSocket: (
    options: WebSocketLease.Options
  ) => Effect.Effect<WebSocketLease.Lease, OpenError, Scope.Scope>
}

// A service of the context would show up in the type of every layer.
const pools = globalValue(
  "effect-http-pool/Beneath/pools",
  () => new WeakMap<PlatformHttpClient.HttpClient, Beneath>()
)

/**
 * The pool beneath a client that is this package's own, unchanged.
 *
 * @since 0.1.0
 * @category accessors
 */
export const of = (client: PlatformHttpClient.HttpClient): Beneath | undefined => pools.get(client)

/**
 * Says what pool is beneath a client: for one that wraps the pool's own and adds no waiting of its own.
 *
 * @since 0.1.0
 * @category constructors
 */
export const register = (client: PlatformHttpClient.HttpClient, beneath: Beneath): void => {
  pools.set(client, beneath)
}

/**
 * What becomes of a request that is sent with {@link Send}. All of it is called while no other code of the fiber runs.
 *
 * @since 0.1.0
 * @category models
 */
export interface Sent<A, E> {
  /** It is about to be sent: from now on it ends in one of the two below. Gives the parent of its span, where that is not the fiber's. */
  readonly begin: () => Tracer.Span | undefined
  /** What the fiber goes on with. It is resumed with that, so an exit takes no step of it. */
  readonly end: (
    outcome: Exit.Exit<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError>
  ) => Effect.Effect<A, E>
  /** Its fiber was interrupted, while it waited or in what `end` gave. */
  readonly abort: (cause: Cause.Cause<never>) => void
}

/**
 * Sends a request whose body is at hand as the client's `execute` does, in fewer steps: what is made of the outcome is made in the
 * callback that resumes the fiber.
 *
 * @since 0.1.0
 * @category models
 */
export type Send = <A, E>(request: HttpClientRequest.HttpClientRequest, sent: Sent<A, E>) => Effect.Effect<A, E>

// Not a part of `Beneath`, which a client that wraps another takes over from it.
const senders = globalValue(
  "effect-http-pool/Beneath/senders",
  () => new WeakMap<PlatformHttpClient.HttpClient, Send>()
)

/**
 * How this very client, which is a pool's own, can send in fewer steps.
 *
 * @since 0.1.0
 * @category accessors
 */
export const sendOf = (client: PlatformHttpClient.HttpClient): Send | undefined => senders.get(client)

/** @internal */
export const registerSend = (client: PlatformHttpClient.HttpClient, send: Send): void => {
  senders.set(client, send)
}

/**
 * A clock's milliseconds to measure durations with: monotonic and with fractions where it is the default clock.
 *
 * @since 0.1.0
 * @category accessors
 */
export const nowOf = (clock: Clock.Clock): number => Time.nowOf(clock)

/**
 * Whether a span made in this fiber can be seen by anybody. Without an exporter and without a span around it none can, and
 * none has to be made.
 *
 * @since 0.1.0
 * @category accessors
 */
export const isTraced = (fiber: Fiber.RuntimeFiber<unknown, unknown>): boolean => Running.isTraced(fiber)

/**
 * A span of what a client asks for, as `Effect.makeSpan` makes it, without the step. For a fiber that {@link isTraced}; whoever
 * makes it ends it.
 *
 * @since 0.1.0
 * @category constructors
 */
export const makeSpan = (
  fiber: Fiber.RuntimeFiber<unknown, unknown>,
  name: string,
  attributes: Readonly<Record<string, unknown>>
): Tracer.Span => Running.makeSpan(fiber, name, { attributes })

/**
 * The headers of a response, apart from it: it may be kept without the request and its body.
 *
 * @since 0.1.0
 * @category models
 */
export interface HeaderSource {
  readonly headers: Headers.Headers
  /** One header, by its name in lower case; the pool's responses find it without parsing the others. */
  readonly header: (name: string) => string | undefined
}

/** Where a response of the pool has its headers. */
export const headerSource = Symbol.for("effect-http-pool/Response/headerSource")

/**
 * The body of a response as it comes: what there is since it was asked last, and `None` at the end. It is what the response's
 * stream is made of, for a client that reads it without the steps of a `Stream`.
 *
 * @since 0.1.0
 * @category models
 */
export type BodyPull = Pull.Pull<Uint8Array, HttpClientError.HttpClientError>

/** Where a response of the pool gives its body. */
export const bodyPull = Symbol.for("effect-http-pool/Response/bodyPull")

interface WithBodyPull {
  readonly [bodyPull]?: () => BodyPull | undefined
}

/**
 * Begins to read the body of a response of the pool, whose request is aborted by whoever opened it. Nothing where the body is of
 * another `HttpClient`, is encoded, or has been read: its stream is for those.
 *
 * @since 0.1.0
 * @category accessors
 */
export const pullOf = (response: HttpClientResponse.HttpClientResponse & WithBodyPull): BodyPull | undefined =>
  response[bodyPull]?.()

interface WithHeaderSource {
  readonly [headerSource]?: HeaderSource
}

class ParsedHeaders implements HeaderSource {
  constructor(readonly headers: Headers.Headers) {}

  header(name: string): string | undefined {
    return this.headers[name]
  }
}

/**
 * The headers of a response, of the pool or of another `HttpClient`.
 *
 * @since 0.1.0
 * @category accessors
 */
export const headersOf = (response: HttpClientResponse.HttpClientResponse & WithHeaderSource): HeaderSource =>
  response[headerSource] ?? new ParsedHeaders(response.headers)
