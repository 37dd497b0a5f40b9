/**
 * The knobs of the connection pool, which is `effect-http-pool`'s, and the official SDK's variables for them.
 *
 * @since 0.1.0
 */
import type { ConnectionConfig, Input } from "effect-http-pool/ConnectionConfig"
import { decodeEither } from "effect-http-pool/ConnectionConfig"
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"

/**
 * @since 0.1.0
 */
export * from "effect-http-pool/ConnectionConfig"

const definedOf = (input: object): object => Record.filter({ ...input }, Predicate.isNotUndefined)

const seconds = (name: string) => Config.map(Config.integer(name), (n) => Duration.seconds(n))

/** The official Java SDK's variables, by our knob. Times are whole seconds. */
const environment = Config.all({
  connectTimeout: Config.option(seconds("DASHSCOPE_CONNECTION_TIMEOUT")),
  readTimeout: Config.option(seconds("DASHSCOPE_READ_TIMEOUT")),
  writeTimeout: Config.option(seconds("DASHSCOPE_WRITE_TIMEOUT")),
  connectionIdleTimeout: Config.option(seconds("DASHSCOPE_CONNECTION_IDLE_TIME")),
  connectionPoolSize: Config.option(Config.integer("DASHSCOPE_CONNECTION_POOL_SIZE")),
  maximumAsyncRequests: Config.option(Config.integer("DASHSCOPE_MAXIMUM_ASYNC_REQUESTS")),
  maximumAsyncRequestsPerHost: Config.option(Config.integer("DASHSCOPE_MAXIMUM_ASYNC_REQUESTS_PER_HOST")),
  proxy: Config.option(
    Config.zipWith(
      Config.nonEmptyString("DASHSCOPE_PROXY_HOST"),
      Config.withDefault(Config.port("DASHSCOPE_PROXY_PORT"), 443),
      (host, port) => `http://${host}:${port}`
    )
  )
})

/**
 * Reads the variables of the official Java SDK, such as `DASHSCOPE_CONNECTION_POOL_SIZE` (README lists them), below the
 * values given here. Unlike there, a variable that cannot be read is an error and not silently ignored.
 *
 * @example
 * import { ConnectionConfig, DashScope } from "effect-dashscope"
 *
 * const Live = DashScope.layerConfig({ connection: ConnectionConfig.fromEnv({ readTimeout: "2 minutes" }) })
 *
 * @since 0.1.0
 * @category config
 */
export const fromEnv = (explicit: Input = {}): Config.Config<ConnectionConfig> =>
  Config.mapOrFail(environment, (found) =>
    Either.mapLeft(
      decodeEither({ ...Record.getSomes<string, unknown>(found), ...definedOf(explicit) }),
      (error) => ConfigError.InvalidData([], ParseResult.TreeFormatter.formatErrorSync(error))
    ))
