/**
 * One request to the DashScope API: endpoint, key, headers, envelope and errors. The services (`Generation` and the
 * others) are built on it; use it directly for a path of the API that has no service here yet.
 *
 * It works over any `HttpClient` of `@effect/platform`. The failures of this library's own pass through as they are,
 * those of others are mapped to `DashScopeError`.
 *
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { CallOptions, Options, StreamOptions } from "./CallOptions.js"
import type * as DashScopeError from "./DashScopeError.js"
import type { Envelope, Request, ServerEvent } from "./Envelope.js"
import * as Events from "./internal/protocol/events.js"
import * as Execute from "./internal/protocol/execute.js"
import * as Socket from "./internal/protocol/socket.js"
import * as State from "./internal/protocol/state.js"
import type { Limiter } from "./RateLimitState.js"
import type { ServiceSocket, SocketRequest } from "./ServiceSocket.js"

export type {
  /**
   * @since 0.1.0
   * @category models
   */
  CallOptions,
  /**
   * @since 0.1.0
   * @category models
   */
  Options,
  /**
   * @since 0.1.0
   * @category models
   */
  StreamOptions
} from "./CallOptions.js"

export type {
  /**
   * @since 0.1.0
   * @category models
   */
  Envelope,
  /**
   * @since 0.1.0
   * @category models
   */
  Request,
  /**
   * @since 0.1.0
   * @category models
   */
  RequestBody,
  /**
   * @since 0.1.0
   * @category models
   */
  ServerEvent
} from "./Envelope.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** What every path is appended to. */
  readonly baseUrl: string
  /** Sends a request and reads its whole answer. */
  readonly execute: (
    request: Request,
    options?: CallOptions
  ) => Effect.Effect<Envelope, DashScopeError.DashScopeError>
  /**
   * Sends a request and reads its answer event by event (`X-DashScope-SSE: enable`).
   *
   * Pulled: nothing is read from the connection that nobody asks for, beyond a small buffer. The permit and the
   * connection are held until the stream's scope closes, be it by the end, a failure, an interruption or `Stream.take`;
   * then the connection is closed at once, or kept if the answer was read to its end.
   *
   * Fails with `ApiError` for an error of the service, by status or in the midst of the stream, and for an event that
   * cannot be understood or is too large; with `ConnectionError` of reason `Truncated` where there was not one event;
   * and as `execute` does. A plain JSON answer, of a path that does not stream, is one event. Events of the type `done`
   * and the sentinel `[DONE]` are not handed out. Whether an answer is complete is for its service to know.
   */
  readonly stream: (
    request: Request,
    options?: StreamOptions
  ) => Stream.Stream<ServerEvent, DashScopeError.DashScopeError>
  /**
   * Opens a WebSocket to the service over the connection pool, for as long as the scope, and does what begins its protocol.
   *
   * `begin` is part of the attempt that retries repeat; until it has succeeded, nobody else uses the socket. Of the options,
   * `timeout` bounds all from the wait for a connection to the end; `firstContentTimeout` and `contentTimeout` count as
   * `ServiceSocket` says.
   *
   * A handshake that the service refuses is the `ApiError` that the answer to a request would be. Fails with `InputRequired`
   * where no pool of this library is beneath the client: other HTTP clients cannot open WebSockets.
   */
  readonly connect: <A>(
    request: SocketRequest,
    begin: (socket: ServiceSocket) => Effect.Effect<A, DashScopeError.DashScopeError>,
    options?: CallOptions
  ) => Effect.Effect<A, DashScopeError.DashScopeError, Scope.Scope>
  /**
   * The longest a whole call may take that is made with these options: their `timeout`, or the layer's. For operations that
   * open several WebSockets, and wait between them.
   */
  readonly timeoutOf: (
    options?: CallOptions
  ) => Either.Either<Duration.Duration | undefined, DashScopeError.InputRequired>
  /** What is asked before each attempt, where the option `rateLimit` was given. */
  readonly rateLimit?: Limiter | undefined
}

/**
 * @since 0.1.0
 * @category tags
 */
export class DashScopeClient extends Context.Tag("effect-dashscope/DashScopeClient")<DashScopeClient, Service>() {}

/**
 * A client over the `HttpClient` of the context. Options that cannot be sent (a malformed endpoint, a header with a
 * line break) or do not exist fail here, with a `ConfigError` that names the option or variable; a missing or malformed
 * key fails the calls.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Effect.Effect<Service, ConfigError.ConfigError, HttpClient.HttpClient> =>
  Effect.map(State.make(options), (state): Service => ({
    baseUrl: state.baseUrl,
    execute: (request, options = {}) => Execute.execute(state, request, options),
    stream: (request, options = {}) => Events.stream(state, request, options),
    connect: (request, begin, options = {}) => Socket.connect(state, request, begin, options),
    timeoutOf: (options = {}) => Socket.timeoutOf(state, options),
    rateLimit: state.limiter
  }))

/**
 * @example
 * import { FetchHttpClient } from "@effect/platform"
 * import { DashScopeClient, Generation } from "effect-dashscope"
 * import { Layer } from "effect"
 *
 * // Text generation over the runtime's fetch, without this library's connection pool.
 * export const Live = Generation.layer.pipe(
 *   Layer.provide(DashScopeClient.layer({ endpoint: "singapore" })),
 *   Layer.provide(FetchHttpClient.layer)
 * )
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options: Options = {}
): Layer.Layer<DashScopeClient, ConfigError.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(DashScopeClient, make(options))

/**
 * The same with options that are read from the configuration.
 *
 * @example
 * import { DashScopeClient } from "effect-dashscope"
 * import { Config } from "effect"
 *
 * export const Live = DashScopeClient.layerConfig({ apiKey: Config.redacted("QWEN_KEY") })
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Config.Config.Wrap<Options>
): Layer.Layer<DashScopeClient, ConfigError.ConfigError, HttpClient.HttpClient> =>
  Layer.effect(DashScopeClient, Effect.flatMap(Config.unwrap(options), make))
