/**
 * Everything in one Layer: the connection pool, the HTTP client over it, and all services.
 *
 * @since 0.1.0
 */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import type * as PlatformHttpClient from "@effect/platform/HttpClient"
import * as ConnectionConfig from "effect-http-pool/ConnectionConfig"
import * as ConnectionPool from "effect-http-pool/ConnectionPool"
import * as HttpClient from "effect-http-pool/HttpClient"
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as ParseResult from "effect/ParseResult"
import type * as DashScopeClient from "./DashScopeClient.js"
import * as ConfigErrors from "./internal/core/configErrors.js"
import { fromEither } from "./internal/effect/either.js"
import { layerWithoutHttpClient, type Services } from "./neutral/DashScope.js"

/**
 * The options of the client, and those of its connections.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends DashScopeClient.Options {
  /** The knobs of the connection pool, made by `ConnectionConfig.make` or as a plain record. Default: all their defaults. */
  readonly connection?: ConnectionConfig.ConnectionConfig | ConnectionConfig.Input | undefined
}

/**
 * The same where each may be read from the configuration, the connections' knobs as one (`ConnectionConfig.fromEnv`).
 *
 * @since 0.1.0
 * @category models
 */
export interface ConfigOptions extends DashScopeClient.Options {
  readonly connection?: ConnectionConfig.ConnectionConfig | undefined
}

export {
  /**
   * @since 0.1.0
   * @category layers
   */
  layerWithoutHttpClient,
  /**
   * @since 0.1.0
   * @category models
   */
  type Services
} from "./neutral/DashScope.js"

/**
 * All services over a pool that somebody else owns and closes.
 *
 * @example
 * import { ConnectionConfig, ConnectionPool, DashScope, Generation } from "effect-dashscope"
 * import { Effect } from "effect"
 *
 * const session = Effect.scoped(Effect.gen(function*() {
 *   const pool = yield* ConnectionPool.make(ConnectionConfig.make({ connectionPoolSize: 100 }))
 *   const ask = (prompt: string) => Generation.call({ model: "qwen-plus", prompt })
 *   return yield* Effect.all([ask("你好"), ask("介绍一下你自己")]).pipe(Effect.provide(DashScope.layerPool(pool)))
 * }))
 *
 * @since 0.1.0
 * @category layers
 */
export const layerPool = (
  pool: ConnectionPool.Service,
  options: DashScopeClient.Options = {}
): Layer.Layer<
  Services | PlatformHttpClient.HttpClient | ConnectionPool.ConnectionPool,
  ConfigError.ConfigError
> => over(HttpClient.layerPool(pool), options)

/**
 * All services over a pool of their own, which lives as long as the layer.
 *
 * Fails with a `ConfigError` where an option or a variable of the environment cannot be used; a missing key fails the
 * calls, with `NoApiKey`.
 *
 * @example
 * import { ConnectionConfig, DashScope, Generation, Message } from "effect-dashscope"
 * import { Console, Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const result = yield* Generation.call({ model: "qwen-plus", messages: [Message.user("你是谁？")] })
 *   yield* Console.log(Generation.text(result))
 * })
 *
 * const Live = DashScope.layer({ connection: ConnectionConfig.make({ connectionPoolSize: 256 }) })
 *
 * program.pipe(Effect.provide(Live), Effect.runPromise)
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  { connection, ...options }: Options = {}
): Layer.Layer<
  Services | PlatformHttpClient.HttpClient | ConnectionPool.ConnectionPool,
  ConfigError.ConfigError
> =>
  over(
    Layer.scopedContext(
      Effect.map(Effect.flatMap(fromEither(checked(connection)), ConnectionPool.make), HttpClient.contextOf)
    ),
    options
  )

/** A plain record is checked when the layer is built. */
const checked = (
  connection: Options["connection"]
): Either.Either<ConnectionConfig.ConnectionConfig, ConfigError.ConfigError> =>
  connection instanceof ConnectionConfig.ConnectionConfig
    ? Either.right(connection)
    : Either.mapLeft(
      ConnectionConfig.decodeEither(connection ?? {}),
      (error) => ConfigErrors.invalid("connection", ParseResult.TreeFormatter.formatErrorSync(error))
    )

/**
 * The same with options that are read from the configuration.
 *
 * @example
 * import { ConnectionConfig, DashScope } from "effect-dashscope"
 * import { Config } from "effect"
 *
 * const Live = DashScope.layerConfig({
 *   apiKey: Config.redacted("QWEN_KEY"),
 *   connection: ConnectionConfig.fromEnv()
 * })
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options: Config.Config.Wrap<ConfigOptions>
): Layer.Layer<
  Services | PlatformHttpClient.HttpClient | ConnectionPool.ConnectionPool,
  ConfigError.ConfigError
> => Layer.unwrapEffect(Effect.map(Config.unwrap(options), layer))

const over = <Out>(
  httpClient: Layer.Layer<Out | PlatformHttpClient.HttpClient, ConfigError.ConfigError>,
  options: DashScopeClient.Options
): Layer.Layer<Services | Out | PlatformHttpClient.HttpClient, ConfigError.ConfigError> =>
  Layer.provideMerge(
    Layer.provide(layerWithoutHttpClient(options), NodeFileSystem.layer),
    httpClient
  )
