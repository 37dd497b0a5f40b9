/**
 * A DashScope service on loopback. It speaks the wire of the native protocol, answers the same request always alike,
 * misbehaves as it is told ({@link Behavior.Behavior}, {@link Connections}) and counts what it sees ({@link Stats.Stats}).
 *
 * It lives in real time under any clock of the test around it, as a server in another process would.
 *
 * @since 0.1.0
 */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as HttpServerError from "@effect/platform/HttpServerError"
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { Behavior } from "./Behavior.js"
import { healthy } from "./Behavior.js"
import * as Certificates from "./Certificates.js"
import { generator } from "./internal/core/hash.js"
import { downloadsOf, publish } from "./internal/results/service.js"
import { router } from "./internal/routes.js"
import { portOf } from "./internal/server/address.js"
import { Gauges } from "./internal/server/gauges.js"
import type { Listener, TlsSettings } from "./internal/server/listener.js"
import { makeListener, stopListening } from "./internal/server/listener.js"
import { Quotas } from "./internal/server/quotas.js"
import { makeLimit } from "./internal/server/rateLimit.js"
import { Records } from "./internal/server/records.js"
import type { ConnectionFaults, Shared } from "./internal/server/shared.js"
import { State } from "./internal/server/state.js"
import { resetTaskStats, taskStatsOf } from "./internal/server/taskCounts.js"
import { socketRoutes } from "./internal/socketRoutes.js"
import { SocketCounts } from "./internal/sockets/counts.js"
import type { Timer } from "./internal/sockets/timer.js"
import { realTimer } from "./internal/sockets/timer.js"
import { submittedTasks } from "./internal/tasks/service.js"
import { uploadsOf } from "./internal/upload/service.js"
import type { Quota, QuotaStats } from "./Quota.js"
import type { RecordedMessage } from "./RecordedMessage.js"
import type { RecordedRequest } from "./RecordedRequest.js"
import type { Download, ResultFile } from "./ResultFile.js"
import type { SocketStats } from "./SocketStats.js"
import type { Counters, Stats } from "./Stats.js"
import type { SubmittedTask, TaskStats } from "./Task.js"
import type { Upload } from "./Upload.js"

/**
 * What the server does to connections, before and beside any request. Probabilities are from 0 (the default) to 1, and
 * drawn from a seeded generator in the order of events.
 *
 * @since 0.1.0
 * @category models
 */
export interface Connections {
  /** Nobody listens: new connections are refused, open ones stay. */
  readonly refuse?: boolean | undefined
  /** The probability that a new connection is reset at once. */
  readonly resetOnAccept?: number | undefined
  /** The probability that a new connection is accepted and never spoken to: no TLS handshake, no answer. */
  readonly stallHandshake?: number | undefined
  /** Closes connections that had no request in flight for this many milliseconds. Default: never. */
  readonly closeIdleAfter?: number | undefined
  /** The probability that a connection is closed right after an answer, without a word about it in that answer. */
  readonly closeIdleRandomly?: number | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface RateLimit {
  /** As many requests may arrive, over all ports, ... */
  readonly requests: number
  /** ... in any span of this many milliseconds. One more is answered 429 `Throttling.RateQuota`. */
  readonly perMillis: number
  /** Whether that answer has a `Retry-After` in whole seconds. Default false, as the service. */
  readonly retryAfter?: boolean | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface TlsOptions {
  /** Asks clients for a certificate, and refuses those without one that the authority has signed. */
  readonly requireClientCertificate?: boolean | undefined
  /** The authority of clients' certificates, as PEM. Default: the simulator's own. */
  readonly clientCa?: string | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface UploadOptions {
  /** Seconds in which a certificate is good. Default 300; with 0 it has expired when it arrives. */
  readonly expireInSeconds?: number | undefined
  /** The largest file, in MB. Default 1024. */
  readonly maxFileSizeMb?: number | undefined
}

/**
 * How tasks go on. Without times, a task is one state further each time it is asked for.
 *
 * @since 0.1.0
 * @category models
 */
export interface TaskOptions {
  /** Milliseconds in `PENDING`; default 0, where `running` is given. */
  readonly pending?: number | undefined
  /** Milliseconds in `RUNNING`; default 0, where `pending` is given. */
  readonly running?: number | undefined
  /** Milliseconds after its submission in which a task is known. Default: 24 hours. */
  readonly kept?: number | undefined
  /**
   * Questions in a second; lists and cancellations have as many of their own. One more is answered 429 `Throttling.RateQuota`.
   * Default 20, as the service; `Infinity` for no limit.
   */
  readonly perSecond?: number | undefined
}

/**
 * How batches are worked off. Times in milliseconds, from the creation on; without any, a batch is one state further each time
 * it is asked for.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchOptions {
  /** How long the file of requests is checked. */
  readonly validating?: number | undefined
  /** How long the requests are worked off. */
  readonly working?: number | undefined
  /** How long the results are written, and how long a cancellation takes. */
  readonly finalizing?: number | undefined
  /** A batch expires when so many of its requests are done. Default: never. */
  readonly expireAfter?: number | undefined
}

/**
 * WebSockets. Times in milliseconds, of `Options.clock`.
 *
 * @since 0.1.0
 * @category models
 */
export interface SocketOptions {
  /** How long a running task waits for its client, before it fails. Default 23,000, as the service. */
  readonly inputTimeout?: number | undefined
  /** How long a WebSocket without a task stays open. Default 60,000, as the service. */
  readonly idleTimeout?: number | undefined
  /** How long a recognition hears nothing but silence, before it fails. Default 60,000, as the service. */
  readonly silenceTimeout?: number | undefined
  /** The largest binary message that is taken, in bytes; one that is larger closes the WebSocket. Default 16,384. */
  readonly maxFrameBytes?: number | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Default 0: any free port. With several hosts, the first of as many ports in a row. */
  readonly port?: number | undefined
  /** How many ports to listen on, each a host of its own to a client. Default 1. */
  readonly hosts?: number | undefined
  /** HTTPS, with a certificate for 127.0.0.1, ::1 and localhost of the simulator's own authority. Default false. */
  readonly tls?: boolean | TlsOptions | undefined
  /** The keys that are let in. Default: any that is not empty. */
  readonly apiKeys?: ReadonlyArray<string> | undefined
  /** The models there are. Default: any whose name does not start with `unknown`. */
  readonly models?: ReadonlyArray<string> | undefined
  /** Of every request that has none of its own. Default: healthy. */
  readonly behavior?: Behavior | undefined
  /** The behaviour of a request, before `behavior`; `undefined` leaves it to that. */
  readonly behaviorOf?: ((request: RecordedRequest) => Behavior | undefined) | undefined
  readonly connections?: Connections | undefined
  readonly rateLimit?: RateLimit | undefined
  /** Quotas of requests and tokens, by model; all of them hold, by `clock`. Default: none. */
  readonly quotas?: ReadonlyArray<Quota> | undefined
  /** How many of the latest requests are kept for `Service.requests`. Default 1000; 0 keeps none, for benchmarks. */
  readonly record?: number | undefined
  /** Gives repeated requests ids of their own. Default false: the id depends on the body alone. */
  readonly uniqueRequestIds?: boolean | undefined
  /** Of everything random. Default 1. */
  readonly seed?: number | undefined
  /** Asynchronous tasks. */
  readonly tasks?: TaskOptions | undefined
  readonly sockets?: SocketOptions | undefined
  /**
   * What tells the time of tasks, of WebSockets and of what expires, for tests that move it. Default: the machine's. The waits of a behaviour
   * are real ones under any clock.
   */
  readonly clock?: Clock.Clock | undefined
  /** Upload certificates and the storage host that takes the files. */
  readonly uploads?: UploadOptions | undefined
  /** The batches of the OpenAI-compatible mode. */
  readonly batches?: BatchOptions | undefined
  /**
   * Answers what is asked outside of the simulator's own paths (`/api/v1`, `/compatible-mode/v1`,
   * `/compatible-api/v1`, `/api-ws/v1`, `/storage`), for tests that need other endpoints. Default: a 404.
   */
  readonly app?:
    | Effect.Effect<HttpServerResponse.HttpServerResponse, never, HttpServerRequest.HttpServerRequest>
    | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** The base URL of the API on the first port, such as `http://127.0.0.1:4711/api/v1`. */
  readonly url: string
  /** The base URLs of the API on all ports. */
  readonly urls: ReadonlyArray<string>
  /** The first port's URL without a path. */
  readonly origin: string
  readonly port: number
  readonly ports: ReadonlyArray<number>
  /** The authority to trust, as PEM; `undefined` without TLS. */
  readonly ca: string | undefined
  /** A certificate for a client, signed by the simulator's authority; dies without TLS. */
  readonly clientCertificate: (commonName?: string) => Effect.Effect<Certificates.KeyPair>
  /** The counters, once all that has arrived by now is counted. */
  readonly stats: Effect.Effect<Stats>
  /** Sets totals to zero and maxima to the current values. */
  readonly resetStats: Effect.Effect<void>
  /** Waits until the counters are as asked, and returns them. */
  readonly waitFor: (predicate: (stats: Stats) => boolean) => Effect.Effect<Stats>
  /** Waits until there is no connection and no request. */
  readonly awaitIdle: Effect.Effect<void>
  /** What was counted of WebSockets. */
  readonly socketStats: Effect.Effect<SocketStats>
  /** Waits until the counters of WebSockets are as asked, and returns them. */
  readonly waitForSockets: (predicate: (stats: SocketStats) => boolean) => Effect.Effect<SocketStats>
  /** The latest messages of clients over WebSockets, oldest first. */
  readonly messages: Effect.Effect<ReadonlyArray<RecordedMessage>>
  /**
   * The latest requests, oldest first: each once its body has arrived. The handshake of a WebSocket is one, with the method `GET`
   * and no body; so is each `run-task`, with the method `run-task`, the path and the headers of its handshake, and the message as
   * the body.
   */
  readonly requests: Effect.Effect<ReadonlyArray<RecordedRequest>>
  /** Forgets the requests and the messages. */
  readonly clearRequests: Effect.Effect<void>
  /** The latest files that came to the storage host, oldest first: taken or not. */
  readonly uploads: Effect.Effect<ReadonlyArray<Upload>>
  /** The latest tasks, oldest first. */
  readonly tasks: Effect.Effect<ReadonlyArray<SubmittedTask>>
  /** What was counted of tasks. */
  readonly taskStats: Effect.Effect<TaskStats>
  /** Puts a file to the storage host, and gives its URL. */
  readonly publish: (file: ResultFile) => Effect.Effect<string>
  /** The latest requests for files of the storage host, oldest first: results of tasks, and what was published. */
  readonly downloads: Effect.Effect<ReadonlyArray<Download>>
  /** What the quotas have counted, of each model that was asked. */
  readonly quotas: Effect.Effect<ReadonlyArray<QuotaStats>>
  /** Replaces the behaviour of requests that are still to come. */
  readonly setBehavior: (behavior: Behavior) => Effect.Effect<void>
  /** Replaces what is done to connections. `refuse: false` listens again on the same ports. */
  readonly setConnections: (connections: Connections) => Effect.Effect<void, HttpServerError.ServeError>
  /** Closes the connections without a request, a task or a session in flight, as a server does that is tired of waiting. */
  readonly closeIdleConnections: Effect.Effect<void>
  /** Closes every connection, also in the middle of an answer. */
  readonly closeConnections: Effect.Effect<void>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Simulator extends Context.Tag("effect-dashscope-simulator/Simulator")<Simulator, Service>() {}

const faultsOf = (connections: Connections): ConnectionFaults => ({
  resetOnAccept: connections.resetOnAccept ?? 0,
  stallHandshake: connections.stallHandshake ?? 0,
  closeIdleAfter: connections.closeIdleAfter,
  closeIdleRandomly: connections.closeIdleRandomly ?? 0
})

const maximaOf = ({ maxOpenConnections, maxRequestsInFlight }: Counters) => ({
  maxOpenConnections,
  maxRequestsInFlight
})

const withMaxima = (stats: Stats, later: Stats): Stats => ({
  ...stats,
  ...maximaOf(later),
  byPort: new Map([...stats.byPort].map(([port, counters]) => {
    const now = later.byPort.get(port)
    return [port, now === undefined ? counters : { ...counters, ...maximaOf(now) }]
  }))
})

const host = "127.0.0.1"
const base = "/api/v1"

/** A timer of a clock that is not the machine's. */
const timerOf = (clock: Clock.Clock): Timer => (millis, callback) => {
  const fiber = Effect.runFork(Effect.zipRight(clock.sleep(Duration.millis(millis)), Effect.sync(callback)))
  return () => fiber.unsafeInterruptAsFork(FiberId.none)
}

/** Polls, because bytes and messages move without an event of ours. */
const poll = <A>(
  snapshot: () => A,
  predicate: (now: A) => boolean,
  onChange: (check: () => void) => () => void
): Effect.Effect<A> =>
  Effect.async<A>((resume) => {
    const check = () => {
      const now = snapshot()
      if (predicate(now)) {
        stop()
        resume(Effect.succeed(now))
      }
    }
    const timer = setInterval(check, 5)
    const off = onChange(check)
    const stop = () => {
      clearInterval(timer)
      off()
    }
    check()
    return Effect.sync(stop)
  })

/** A port, and its end with all its connections. */
const listen = (shared: Shared, tls: TlsSettings | undefined, port: number) =>
  Effect.gen(function*() {
    const listener = makeListener(shared, tls)
    yield* NodeHttpServer.make(() => listener.server, { host, port })
    const known = portOf(listener.server)
    listener.opened(known)
    // Runs before the server's own finalizer, which would wait for clients to leave.
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        listener.destroyConnections(false)
        if (!listener.server.listening) {
          // It refuses connections; this only ends Node's own timers.
          listener.server.close()
        }
      })
    )
    return { listener, port: known }
  })

const listenAgain = (listener: Listener, port: number): Effect.Effect<void, HttpServerError.ServeError> =>
  Effect.async((resume) => {
    const { server } = listener
    const onError = (cause: Error) => resume(Effect.fail(new HttpServerError.ServeError({ cause })))
    server.once("error", onError)
    server.listen({ host, port }, () => {
      server.off("error", onError)
      resume(Effect.void)
    })
  })

/**
 * Starts a simulator that ends with its scope: sockets are destroyed, timers cleared, ports closed.
 *
 * Fails where the port is taken.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  options: Options = {}
): Effect.Effect<Service, HttpServerError.ServeError, Scope.Scope> =>
  Effect.gen(function*() {
    const authority = options.tls === undefined || options.tls === false ? undefined : yield* Certificates.make
    const tls = authority === undefined ? undefined : yield* tlsSettings(authority, options)
    const gauges = new Gauges()
    const counts = new SocketCounts()
    const records = new Records<RecordedRequest>(options.record ?? 1000)
    const messages = new Records<RecordedMessage>(options.record ?? 1000)
    const app = options.app === undefined ? undefined : yield* NodeHttpServer.makeHandler(options.app)
    const { clock } = options
    const now = clock === undefined ? Date.now : () => clock.unsafeCurrentTimeMillis()
    const { kept = 86_400_000, pending, perSecond = 20, running } = options.tasks ?? {}
    const tasks = { pending, running, kept, perSecond: Number.isFinite(perSecond) ? perSecond : undefined }
    const quotas = new Quotas(options.quotas ?? [], clock === undefined ? () => performance.now() : now)
    const shared: Shared = {
      gauges,
      site: {
        router,
        state: new State(),
        settings: {
          apiKeys: options.apiKeys === undefined ? undefined : new Set(options.apiKeys),
          models: options.models === undefined ? undefined : new Set(options.models),
          uploadSeconds: options.uploads?.expireInSeconds ?? 300,
          uploadMegabytes: options.uploads?.maxFileSizeMb ?? 1024,
          tasks,
          batches: options.batches ?? {}
        },
        origin: "",
        storage: ""
      },
      random: generator(options.seed ?? 1),
      uniqueRequestIds: options.uniqueRequestIds ?? false,
      behaviorOf: options.behaviorOf,
      limit: makeLimit(options.rateLimit),
      quotas,
      now,
      record: options.record === 0 ? undefined : (request) => records.add(request),
      app,
      sockets: {
        routes: socketRoutes,
        counts,
        settings: {
          inputTimeout: options.sockets?.inputTimeout ?? 23_000,
          idleTimeout: options.sockets?.idleTimeout ?? 60_000,
          silenceTimeout: options.sockets?.silenceTimeout ?? 60_000,
          maxFrameBytes: options.sockets?.maxFrameBytes ?? 16_384
        },
        timer: clock === undefined ? realTimer : timerOf(clock),
        record: options.record === 0 ? undefined : (message) => messages.add(message)
      },
      behavior: options.behavior ?? healthy,
      faults: faultsOf(options.connections ?? {}),
      connections: 0,
      requests: 0
    }
    const first = options.port ?? 0
    const listening = yield* Effect.forEach(
      Array.from({ length: options.hosts ?? 1 }, (_, i) => first === 0 ? 0 : first + i),
      (port) => listen(shared, tls, port)
    )
    const ports = listening.map(({ port }) => port)
    const origins = ports.map((port) => `${tls === undefined ? "http" : "https"}://${host}:${port}`)
    const origin = origins[0] ?? ""
    shared.site.origin = origin
    shared.site.storage = origins[origins.length - 1] ?? origin

    const snapshot = (): Stats => {
      const { all, byPort } = gauges.snapshot()
      return { ...all, byPort }
    }

    const settled = Effect.async<void>((resume) => gauges.whenSettled(() => resume(Effect.void)))

    const waitFor = (predicate: (stats: Stats) => boolean): Effect.Effect<Stats> =>
      Effect.flatMap(
        poll(snapshot, predicate, (check) => gauges.onChange(check)),
        // Maxima lag behind; the rest stays as the predicate saw it.
        (stats) => Effect.map(settled, () => withMaxima(stats, snapshot()))
      )

    const setConnections = (connections: Connections): Effect.Effect<void, HttpServerError.ServeError> =>
      Effect.suspend(() => {
        shared.faults = faultsOf(connections)
        return Effect.forEach(listening, ({ listener, port }) => {
          if (connections.refuse === true) {
            return Effect.sync(() => stopListening(listener.server))
          }
          return listener.server.listening ? Effect.void : listenAgain(listener, port)
        }, { discard: true })
      })

    if (options.connections?.refuse === true) {
      yield* setConnections(options.connections)
    }

    return {
      url: `${origin}${base}`,
      urls: origins.map((one) => `${one}${base}`),
      origin,
      port: ports[0] ?? 0,
      ports,
      ca: authority?.ca,
      clientCertificate: (commonName = "client") =>
        authority === undefined
          ? Effect.dieMessage("A simulator without TLS has no authority to sign certificates.")
          : authority.client(commonName),
      stats: Effect.map(settled, snapshot),
      resetStats: Effect.map(settled, () => {
        gauges.reset()
        resetTaskStats(shared.site.state)
        counts.reset()
      }),
      waitFor,
      awaitIdle: Effect.asVoid(waitFor((stats) => stats.openConnections === 0 && stats.requestsInFlight === 0)),
      requests: Effect.sync(() => records.latest()),
      clearRequests: Effect.sync(() => {
        records.clear()
        messages.clear()
      }),
      socketStats: Effect.map(settled, () => counts.stats()),
      waitForSockets: (predicate) => poll(() => counts.stats(), predicate, (check) => gauges.onChange(check)),
      messages: Effect.sync(() => messages.latest()),
      uploads: Effect.sync(() => uploadsOf(shared.site.state)),
      tasks: Effect.sync(() => submittedTasks(shared.site.state, now(), tasks.kept)),
      taskStats: Effect.map(settled, () => taskStatsOf(shared.site.state)),
      publish: (file) => Effect.sync(() => publish(shared.site, now(), file)),
      downloads: Effect.sync(() => downloadsOf(shared.site.state)),
      quotas: Effect.sync(() => quotas.stats),
      setBehavior: (behavior) =>
        Effect.sync(() => {
          shared.behavior = behavior
        }),
      setConnections,
      closeIdleConnections: Effect.sync(() => {
        for (const { listener } of listening) {
          listener.destroyConnections(true)
        }
      }),
      closeConnections: Effect.sync(() => {
        for (const { listener } of listening) {
          listener.destroyConnections(false)
        }
      })
    }
  })

const tlsSettings = (authority: Certificates.Authority, options: Options): Effect.Effect<TlsSettings> =>
  Effect.map(authority.server, (pair) => {
    const given = typeof options.tls === "object" ? options.tls : {}
    const required = given.requireClientCertificate === true || given.clientCa !== undefined
    return { ...pair, clientCa: required ? given.clientCa ?? authority.ca : undefined }
  })

/**
 * A simulator as a Layer.
 *
 * @example
 * import { Simulator } from "effect-dashscope-simulator"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const simulator = yield* Simulator.Simulator
 *   console.log(simulator.url, yield* simulator.stats)
 * })
 *
 * program.pipe(Effect.provide(Simulator.layer({ hosts: 2 })), Effect.runPromise)
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options: Options = {}): Layer.Layer<Simulator, HttpServerError.ServeError> =>
  Layer.scoped(Simulator, make(options))
