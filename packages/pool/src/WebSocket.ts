/**
 * WebSockets as leases of a connection pool.
 *
 * A lease takes a permit and a connection of the pool, as a request does: it waits in the same queue, counts in the same
 * limits, statistics, events and metrics, and is dialled with the same deadlines, proxy and TLS. It holds both until its
 * scope closes or the WebSocket ends, whichever is first. Then the connection is closed, at once, or goes back to the
 * pool for the next lease of the same kind, where it was opened with `reuse` and said {@link Lease.keep}.
 *
 * **Deadlines.** `acquireTimeout` bounds the wait for a permit and a connection; `connectTimeout` DNS, TCP, a proxy's
 * tunnel, TLS and the answer to the handshake together; `writeTimeout` how long the socket takes nothing of what it was
 * given; `readTimeout` the silence: how long nothing comes, counted from what came or was sent last. Pings and pongs, and
 * parts of a message, are signs of life. While the reader has enough for now, silence does not count.
 *
 * **Back pressure.** Messages that nobody takes are kept up to 256 KiB; then the socket is left to fill up, which stops the
 * peer. Meanwhile pings are not answered. `send` waits while the socket is full.
 *
 * **Pings** are answered by the pool, which sends none of its own: the system's TCP keep-alive looks after idle peers.
 *
 * Under `maximumAsyncRequestsPerHost`, in statistics and in metrics, `wss://example.com` is a host apart from
 * `https://example.com`.
 *
 * Of the events of {@link ConnectionEvent}, `RequestStarted` says that a lease has its connection, `ResponseStarted` (with
 * status 101) that the WebSocket is open, and `ResponseEnded` or `RequestFailed` that it is over.
 *
 * @since 0.1.0
 */
import type * as Headers from "@effect/platform/Headers"
import type * as PlatformSocket from "@effect/platform/Socket"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Inspectable from "effect/Inspectable"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { DurationWithUnit } from "./ConnectionConfig.js"
import * as ConnectionPool from "./ConnectionPool.js"
import { callerOf, FiberOwner, PoolRequest } from "./internal/exchange/request.js"
import * as Pull from "./internal/fiber/pull.js"
import type { SocketOptions } from "./internal/http/socket.js"
import * as Adapter from "./internal/http/socket.js"
import type { Library } from "./internal/websocket/handshake.js"
import type { LeaseRequest } from "./internal/websocket/lease.js"
import { headersOf, Lease as PoolLease } from "./internal/websocket/lease.js"
import * as Input from "./internal/websocket/options.js"
import { hide } from "./internal/websocket/secrets.js"
import type { OpenError, WebSocketError } from "./WebSocketError.js"
import { HandshakeInvalid } from "./WebSocketError.js"
import type { CloseCode, Lease, Message, Options } from "./WebSocketLease.js"

export type {
  /**
   * @since 0.1.0
   * @category models
   */
  CloseCode,
  /**
   * @since 0.1.0
   * @category models
   */
  Lease,
  /**
   * @since 0.1.0
   * @category models
   */
  Message,
  /**
   * @since 0.1.0
   * @category models
   */
  Options,
  /**
   * @since 0.1.0
   * @category models
   */
  Reuse
} from "./WebSocketLease.js"

const defaultMaxPayload = 16 * 1024 * 1024
const defaultLongestIdle = Duration.seconds(60)

/** A close frame has so many bytes for its reason. */
const longestReason = 123

let library: Library | undefined

/** Loaded with the first WebSocket: a program without one does not pay for it. */
const loadLibrary: Effect.Effect<Library> = Effect.suspend(() =>
  library === undefined
    ? Effect.map(Effect.promise(() => import("ws")), ({ WebSocket }) => library = WebSocket)
    : Effect.succeed(library)
)

class OpenWebSocket extends Inspectable.Class implements Lease {
  readonly isReused: boolean
  readonly protocol: string
  readonly take: Effect.Effect<ReadonlyArray<Message>, WebSocketError>
  readonly messages: Stream.Stream<Message, WebSocketError>
  readonly keep: Effect.Effect<void>
  readonly #lease: PoolLease
  readonly #origin: string
  #headers: Headers.Headers | undefined = undefined

  constructor(lease: PoolLease, origin: string) {
    super()
    this.#lease = lease
    this.#origin = origin
    this.isReused = lease.isReused
    this.protocol = lease.protocol
    this.take = takeOf(lease)
    this.messages = Stream.fromPull(Effect.succeed(Pull.endless(this.take)))
    this.keep = Effect.sync(() => lease.keep())
  }

  get headers(): Headers.Headers {
    return this.#headers ??= headersOf(this.#lease.headers, (text) => text)
  }

  send(message: Message): Effect.Effect<void, WebSocketError> {
    return Effect.suspend(() => sendOver(this.#lease, message))
  }

  close(code: CloseCode = 1000, reason = ""): Effect.Effect<void> {
    const lease = this.#lease
    return Effect.async<void>((resume) => {
      lease.close(fitCode(code), fitReason(reason))
      if (!lease.isOpen) return resume(Effect.void)
      return Effect.sync(lease.awaitEnd(() => resume(Effect.void)))
    })
  }

  toJSON(): unknown {
    return {
      _id: "effect-http-pool/WebSocket",
      origin: this.#origin,
      protocol: this.protocol,
      isReused: this.isReused,
      isOpen: this.#lease.isOpen
    }
  }
}

const takeOf = (lease: PoolLease): Effect.Effect<ReadonlyArray<Message>, WebSocketError> => {
  const take: Effect.Effect<ReadonlyArray<Message>, WebSocketError> = Effect.suspend(() => {
    if (lease.hasMessages) return Effect.succeed(lease.take())
    if (lease.error !== undefined) return Effect.fail(lease.error)
    return wait
  })
  const wait = Effect.async<ReadonlyArray<Message>, WebSocketError>((resume) =>
    Effect.sync(lease.awaitMessages(() => resume(take)))
  )
  return take
}

const sendOver = (lease: PoolLease, message: Message): Effect.Effect<void, WebSocketError> => {
  if (lease.error !== undefined) return Effect.fail(lease.error)
  const again = Effect.suspend(() => sendOver(lease, message))
  // What ends it says why nothing can be sent.
  if (lease.isClosing) return Effect.async((resume) => Effect.sync(lease.awaitEnd(() => resume(again))))
  if (lease.isFull) return Effect.async((resume) => Effect.sync(lease.awaitDrain(() => resume(again))))
  lease.send(message)
  return Effect.void
}

const fitCode = (code: number): number =>
  (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) || (code >= 3000 && code <= 4999)
    ? code
    : 1000

const fitReason = (reason: string): string => {
  const bytes = Buffer.from(reason)
  // Half a character at the end would not be UTF-8.
  return bytes.length <= longestReason ? reason : bytes.subarray(0, longestReason).toString().replace(/\ufffd$/, "")
}

interface Prepared {
  readonly request: PoolRequest
  readonly lease: Omit<LeaseRequest, "library">
}

const prepare = (
  options: Options,
  timeouts: { readonly readTimeout: number; readonly writeTimeout: number }
): Prepared | HandshakeInvalid => {
  const { maxPayload = defaultMaxPayload, protocols = [], readTimeout, reuse, writeTimeout } = options
  const invalid = (description: string) => new HandshakeInvalid({ description })
  const destination = Input.destinationOf(options.url)
  if (typeof destination === "string") return invalid(destination)
  const given = Input.headersOf(options.headers ?? {})
  if (typeof given === "string") return invalid(given)
  const unfit = Input.unfitProtocols(protocols)
  if (unfit !== undefined) return invalid(unfit)
  if (!Number.isInteger(maxPayload) || maxPayload < 1 || maxPayload > 2 ** 31 - 1) {
    return invalid(`maxPayload is to be a whole number of bytes from 1 to 2147483647, and not ${maxPayload}`)
  }
  const { headers, secrets } = given
  const { origin, path, target, url } = destination
  return {
    request: new PoolRequest(origin, target, "GET", path, headers, undefined),
    lease: {
      url,
      protocols,
      maxPayload,
      readTimeout: millisOr(readTimeout, timeouts.readTimeout),
      writeTimeout: millisOr(writeTimeout, timeouts.writeTimeout),
      reuse: reuse === undefined ? undefined : {
        key: Input.reuseKeyOf([
          path,
          protocols.join(),
          String(maxPayload),
          ...(reuse.key === undefined ? Object.entries(headers).sort().flat() : [keyOf(reuse.key)])
        ]),
        longestIdle: Duration.toMillis(reuse.longestIdle ?? defaultLongestIdle)
      },
      hide: hide(secrets)
    }
  }
}

const millisOr = (input: DurationWithUnit | undefined, otherwise: number): number =>
  input === undefined ? otherwise : Duration.toMillis(input)

const keyOf = (key: string | Redacted.Redacted): string => typeof key === "string" ? key : Redacted.value(key)

/**
 * Opens a WebSocket over a pool, for as long as the scope.
 *
 * Interrupting it frees its place in the queue, its half-open handshake or its socket at once.
 *
 * @since 0.1.0
 * @category constructors
 */
export const openWith = (
  pool: ConnectionPool.Service,
  options: Options
): Effect.Effect<Lease, OpenError, Scope.Scope> => {
  const shared = pool[ConnectionPool.TypeId]
  // Still on the caller's stack here.
  const stack = shared.watch.findsLeaks ? callerOf(new globalThis.Error().stack) : undefined
  return Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(restore(loadLibrary), (library) => {
      const prepared = prepare(options, shared)
      if (prepared instanceof HandshakeInvalid) return Effect.fail(prepared)
      const acquired = Effect.withFiberRuntime<PoolLease, OpenError>((fiber) =>
        Effect.async((resume) => {
          const lease = new PoolLease(
            shared,
            prepared.request,
            new FiberOwner(fiber, stack),
            { ...prepared.lease, library },
            {
              onOpen: (lease) => resume(Effect.succeed(lease)),
              onFailure: (error) => resume(Effect.fail(error))
            }
          )
          lease.start()
          return Effect.sync(() => lease.abort())
        })
      )
      return Effect.flatMap(restore(acquired), (lease) =>
        Effect.as(
          Effect.addFinalizer((exit) => Effect.sync(() => lease.release(Exit.isSuccess(exit)))),
          new OpenWebSocket(lease, prepared.request.origin)
        ))
    })
  )
}

/**
 * Opens a WebSocket over the pool of the environment, for as long as the scope.
 *
 * @example
 * import { ConnectionConfig, ConnectionPool, WebSocket } from "effect-http-pool"
 * import { Effect, Redacted, Stream } from "effect"
 *
 * const program = Effect.scoped(Effect.gen(function*() {
 *   const socket = yield* WebSocket.open({
 *     url: "wss://example.com/echo",
 *     headers: { authorization: Redacted.make("Bearer …") }
 *   })
 *   yield* socket.send("hello")
 *   return yield* Stream.runHead(socket.messages)
 * })).pipe(Effect.provide(ConnectionPool.layer(ConnectionConfig.make({ connectionPoolSize: 8 }))))
 *
 * @since 0.1.0
 * @category constructors
 */
export const open = (
  options: Options
): Effect.Effect<Lease, OpenError, Scope.Scope | ConnectionPool.ConnectionPool> =>
  Effect.flatMap(ConnectionPool.ConnectionPool, (pool) => openWith(pool, options))

/**
 * A lease as a `Socket` of `@effect/platform`, for what is written for that.
 *
 * It differs from the platform's own in that the handler of a message is run to its end before the next one, so that a slow
 * handler slows the peer, and that what is written before `run` is sent at once. A `CloseEvent` that is written closes the
 * lease.
 *
 * @since 0.1.0
 * @category combinators
 */
export const toSocket = (lease: Lease, options?: SocketOptions): PlatformSocket.Socket =>
  Adapter.toSocket(lease, options)

/**
 * Opens a WebSocket over the pool of the environment as a `Socket` of `@effect/platform`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const socket = (
  options: Options & SocketOptions
): Effect.Effect<PlatformSocket.Socket, OpenError, Scope.Scope | ConnectionPool.ConnectionPool> =>
  Effect.map(open(options), (lease) => toSocket(lease, options))
