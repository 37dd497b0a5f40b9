/**
 * A pool of connections as a resource: made in a `Scope`, bounded, timed, and given back with it.
 *
 * **Rules.** A request takes a permit, then a connection. Both are held until the response's body has ended, failed or
 * been abandoned, and then both go back, on success, failure, timeout and interruption alike. Those who wait are served
 * in the order in which they came; of the idle connections the most recently used is taken first. At the limit an idle
 * connection of another host is closed to make room. A connection whose response was not read to its end is closed, not
 * reused.
 *
 * **Closing.** When the scope closes, new and waiting requests fail with a `ConnectionError` of reason `Closed`; those in
 * flight have `shutdownTimeout` to end and are then aborted. Afterwards no socket, timer or fiber is left.
 *
 * @since 0.1.0
 */
import type * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Inspectable from "effect/Inspectable"
import * as Layer from "effect/Layer"
import * as Mailbox from "effect/Mailbox"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { ConnectionConfig } from "./ConnectionConfig.js"
import { PoolNumbers } from "./ConnectionError.js"
import type { ConnectionEvent } from "./ConnectionEvent.js"
import type { Histogram } from "./internal/books/histogram.js"
import { InFlight } from "./internal/books/inFlight.js"
import { Ledger } from "./internal/books/ledger.js"
import { originOf } from "./internal/config/origin.js"
import type { Pending, Shared } from "./internal/exchange/shared.js"
import { metricsOf } from "./internal/observe/hostMetrics.js"
import { LeakWatch } from "./internal/observe/leakWatch.js"
import { Observer } from "./internal/observe/observer.js"
import * as Connector from "./internal/sockets/connector.js"
import type { PooledConnection } from "./internal/sockets/pooledConnection.js"
import * as Undici from "./internal/sockets/undici.js"
import * as Timers from "./internal/time/timers.js"

/**
 * @since 0.1.0
 * @category type id
 */
export const TypeId: unique symbol = Symbol.for("effect-http-pool/ConnectionPool")

/**
 * @since 0.1.0
 * @category type id
 */
export type TypeId = typeof TypeId

const Count = Schema.NonNegativeInt

/**
 * One host's share of a pool.
 *
 * @since 0.1.0
 * @category models
 */
export class HostStats extends Schema.Class<HostStats>("effect-http-pool/ConnectionPool/HostStats")({
  /** Connections open: connecting, active, idle and closing. */
  open: Count,
  connecting: Count,
  active: Count,
  idle: Count,
  closing: Count,
  /** Requests in flight: those that hold a permit. */
  inFlight: Count,
  /** Requests that wait for a permit or a connection. */
  waiting: Count
}) {
  /** `open 3 (connecting 0, active 2, idle 1, closing 0), in flight 2, waiting 0`. */
  override toString(): string {
    return describe(this)
  }
}

const describe = (stats: HostStats | Stats): string =>
  `open ${stats.open} (connecting ${stats.connecting}, active ${stats.active}, idle ${stats.idle}, ` +
  `closing ${stats.closing}), in flight ${stats.inFlight}, waiting ${stats.waiting}`

/**
 * How many connections were closed, by `ConnectionEvent.CloseReason`.
 *
 * @since 0.1.0
 * @category models
 */
export const ClosedTotals = Schema.Struct({
  idle: Count,
  lifetime: Count,
  peer: Count,
  error: Count,
  aborted: Count,
  shutdown: Count,
  evicted: Count,
  ended: Count
})

/**
 * Of all values since the pool was made, to within about 9 %.
 *
 * @since 0.1.0
 * @category models
 */
export const Percentiles = Schema.Struct({
  p50: Schema.DurationFromSelf,
  p90: Schema.DurationFromSelf,
  p99: Schema.DurationFromSelf,
  max: Schema.DurationFromSelf
})

const percentilesOf = (histogram: Histogram): typeof Percentiles.Type => ({
  p50: Duration.millis(histogram.percentile(0.5)),
  p90: Duration.millis(histogram.percentile(0.9)),
  p99: Duration.millis(histogram.percentile(0.99)),
  max: Duration.millis(histogram.max)
})

/**
 * A pool's numbers: now, in all and per host (by origin), and since it was made.
 *
 * @since 0.1.0
 * @category models
 */
export class Stats extends HostStats.extend<Stats>("effect-http-pool/ConnectionPool/Stats")({
  hosts: Schema.Record({ key: Schema.String, value: HostStats }),
  /** Connections that were established. */
  opened: Count,
  /** Permits given out. */
  acquired: Count,
  /** Of those, requests sent over a connection that had carried one before. */
  reused: Count,
  /** Requests that had to wait before they were sent or given up. */
  waited: Count,
  /** Requests that waited longer than `acquireTimeout`. */
  timedOut: Count,
  /** Requests refused with `PoolExhausted`. */
  rejected: Count,
  /** Requests sent once more, since their reused connection was dead. */
  resent: Count,
  closed: ClosedTotals,
  /** How long requests waited for a permit and a connection. */
  wait: Percentiles,
  /** How long requests held their permit. */
  use: Percentiles
}) {
  /** The pool on one line, and a line for each host if there are several. */
  override toString(): string {
    const all = `${describe(this)}; since start: opened ${this.opened}, acquired ${this.acquired}, ` +
      `reused ${this.reused}, waited ${this.waited}, timed out ${this.timedOut}, rejected ${this.rejected}`
    const hosts = Object.entries(this.hosts)
    return hosts.length < 2
      ? all
      : [all, ...hosts.map(([origin, stats]) => `  ${origin}: ${stats.toString()}`)].join("\n")
  }
}

/**
 * A connection pool. `HttpClient.layerPool` sends requests through it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service extends Inspectable.Inspectable {
  /** Opaque: what the HTTP adapter needs. */
  readonly [TypeId]: Shared
  readonly config: ConnectionConfig
  /** The numbers of this moment. */
  readonly stats: Effect.Effect<Stats>
  /**
   * What happens in the pool from now on; see `ConnectionEvent` for the contract. A listener that is slower than the
   * pool loses events, and is told how many with `Missed`; it never slows the pool down. Ends once the pool is closed and
   * its last connection is too; of a closed pool it is empty.
   */
  readonly events: Stream.Stream<ConnectionEvent>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class ConnectionPool extends Context.Tag("effect-http-pool/ConnectionPool")<ConnectionPool, Service>() {}

class Pool extends Inspectable.Class implements Service {
  readonly [TypeId]: Shared
  readonly stats: Effect.Effect<Stats>
  readonly events: Stream.Stream<ConnectionEvent>

  constructor(readonly config: ConnectionConfig, shared: Shared) {
    super()
    this[TypeId] = shared
    this.stats = Effect.sync(() => statsOf(shared))
    this.events = eventsOf(shared.observer)
  }

  toJSON(): unknown {
    return { _id: "effect-http-pool/ConnectionPool", stats: statsOf(this[TypeId]) }
  }

  override toString(): string {
    return `ConnectionPool(${statsOf(this[TypeId]).toString()})`
  }
}

/** Events kept for a listener that is busy. */
const eventsKept = 4096

const eventsOf = (observer: Observer): Stream.Stream<ConnectionEvent> =>
  Stream.unwrapScoped(Effect.gen(function*() {
    const kept = yield* Mailbox.make<ConnectionEvent>({ capacity: eventsKept, strategy: "dropping" })
    let missed = 0
    const told = (): ConnectionEvent => ({ _tag: "Missed", at: observer.epochMillis(), count: missed })
    yield* Effect.acquireRelease(
      Effect.sync(() =>
        observer.listen((event) => {
          if (missed > 0) {
            if (!kept.unsafeOffer(told())) {
              missed++
              return
            }
            missed = 0
          }
          if (!kept.unsafeOffer(event)) missed++
        }, () => kept.unsafeDone(Exit.void))
      ),
      (stop) => Effect.sync(stop)
    )
    return Stream.concat(
      Mailbox.toStream(kept),
      Stream.suspend(() => missed > 0 ? Stream.succeed(told()) : Stream.empty)
    )
  }))

const statsOf = ({ ledger, observer }: Shared): Stats =>
  new Stats({
    ...ledger.totals,
    wait: percentilesOf(observer.wait),
    use: percentilesOf(observer.use),
    open: ledger.open,
    connecting: ledger.connecting,
    active: ledger.active,
    idle: ledger.idle,
    closing: ledger.closing,
    inFlight: ledger.permits,
    waiting: ledger.waiting,
    hosts: Object.fromEntries(
      Array.from(ledger.hosts.values(), (host) => [
        host.origin,
        new HostStats({
          open: host.open,
          connecting: host.connecting,
          active: host.active,
          idle: host.idle.length,
          closing: host.closing,
          inFlight: host.permits,
          waiting: host.waiting
        })
      ])
    )
  })

const millisOr = (duration: Duration.Duration | undefined, none: number) =>
  duration === undefined ? none : Duration.toMillis(duration)

/**
 * Makes a pool that lives as long as the scope. Nothing is connected before it is needed.
 *
 * This is your own session, as in the Python SDK's documentation: `Effect.scoped` is its `with`.
 *
 * @example
 * import { HttpClient as PlatformHttpClient } from "@effect/platform"
 * import { ConnectionConfig, ConnectionPool, HttpClient } from "effect-http-pool"
 * import { Effect } from "effect"
 *
 * const program = Effect.scoped(Effect.gen(function*() {
 *   const pool = yield* ConnectionPool.make(ConnectionConfig.make({ connectionPoolSize: 100 }))
 *   return yield* PlatformHttpClient.get("https://example.com/").pipe(
 *     Effect.flatMap((response) => response.text),
 *     Effect.provide(HttpClient.layerPool(pool))
 *   )
 * }))
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (config: ConnectionConfig): Effect.Effect<Service, never, Scope.Scope> =>
  Effect.gen(function*() {
    const unfit = Undici.unfit()
    if (unfit !== undefined) return yield* Effect.dieMessage(unfit)
    const clock = yield* Effect.clock
    const runtime = yield* Effect.runtime<never>()
    const timers = Timers.fromClock(clock, runtime)
    const observer = new Observer(() => clock.unsafeCurrentTimeMillis())
    const log = Runtime.runFork(runtime)
    const watch = new LeakWatch(
      timers,
      (message) => log(Effect.logWarning(message)),
      millisOr(config.leakDetectionThreshold, Infinity)
    )
    const { connectionPoolSize, maximumAsyncRequests, maximumAsyncRequestsPerHost } = config
    const connectionIdleTimeout = Duration.toMillis(config.connectionIdleTimeout)
    const ledger = new Ledger<PooledConnection>(
      {
        connectionPoolSize,
        maximumAsyncRequests,
        maximumAsyncRequestsPerHost,
        maximumPendingRequests: config.maximumPendingRequests ?? Infinity,
        acquireTimeout: millisOr(config.acquireTimeout, Infinity),
        connectionIdleTimeout
      },
      timers,
      (origin) => metricsOf(origin, () => originOf(new URL(origin)))
    )
    const shared: Shared = {
      ledger,
      connector: Connector.make(config, timers),
      timers,
      connectTimeout: Duration.toMillis(config.connectTimeout),
      readTimeout: Duration.toMillis(config.readTimeout),
      writeTimeout: Duration.toMillis(config.writeTimeout),
      connectionIdleTimeout,
      connectionMaxLifetime: millisOr(config.connectionMaxLifetime, Infinity),
      resendOnStaleConnection: config.resendOnStaleConnection,
      exchanges: new InFlight<Pending>(),
      numbers: () =>
        new PoolNumbers({
          open: ledger.open,
          connecting: ledger.connecting,
          active: ledger.active,
          idle: ledger.idle,
          closing: ledger.closing,
          waiting: ledger.waiting,
          connectionPoolSize,
          maximumAsyncRequests,
          maximumAsyncRequestsPerHost
        }),
      observer,
      watch
    }
    if (config.tls?.dangerouslyAcceptAnyCertificate === true) {
      yield* Effect.logWarning(
        "dangerouslyAcceptAnyCertificate is set: anybody between this process and the service can read its API key"
      )
    }
    return yield* Effect.acquireRelease(
      Effect.sync(() => new Pool(config, shared)),
      () => shutDown(shared, Duration.toMillis(config.shutdownTimeout))
    )
  })

const shutDown = ({ exchanges, ledger, observer, timers }: Shared, patienceMillis: number): Effect.Effect<void> =>
  Effect.async((resume) => {
    const cancel = patienceMillis === Infinity ? undefined : timers.schedule(patienceMillis, () => {
      // Those that wait are refused by the ledger, in slices.
      for (const exchange of [...exchanges]) if (exchange.heldSince !== undefined) exchange.shutDown()
    })
    ledger.onDrained = () => {
      cancel?.()
      observer.end()
      resume(Effect.void)
    }
    ledger.close()
  })

/**
 * A pool for as long as the layer is in use.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (config: ConnectionConfig): Layer.Layer<ConnectionPool> =>
  Layer.scoped(ConnectionPool, make(config))

/**
 * The same from an Effect `Config`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  config: Config.Config<ConnectionConfig>
): Layer.Layer<ConnectionPool, ConfigError.ConfigError> => Layer.scoped(ConnectionPool, Effect.flatMap(config, make))

/**
 * What happens in the pool of the environment.
 *
 * @since 0.1.0
 * @category accessors
 */
export const events: Stream.Stream<ConnectionEvent, never, ConnectionPool> = Stream.unwrap(
  Effect.map(ConnectionPool, (pool) => pool.events)
)

/**
 * The numbers of the pool in the environment.
 *
 * @since 0.1.0
 * @category accessors
 */
export const stats: Effect.Effect<Stats, never, ConnectionPool> = Effect.flatMap(ConnectionPool, (pool) => pool.stats)
