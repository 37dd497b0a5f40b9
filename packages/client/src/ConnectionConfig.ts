/**
 * The knobs of the connection pool, which is `effect-http-pool`'s, and the official SDK's variables for them.
 *
 * @since 0.1.0
 */
import type { ConnectionConfig, Input } from "effect-http-pool/ConnectionConfig"
import { decodeEither } from "effect-http-pool/ConnectionConfig"
import * as Config from "effect/Config"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import * as ConfigErrors from "./internal/core/configErrors.js"

/**
 * @since 0.1.0
 */
export * from "effect-http-pool/ConnectionConfig"

const definedOf = (input: object): object => Record.filter({ ...input }, Predicate.isNotUndefined)

/** A variable, by its trimmed text. One that is set to nothing, as docker compose does, is not set. */
const variable = <A>(
  name: string,
  read: (text: string) => Either.Either<A, string>
): Config.Config<Option.Option<A>> =>
  Config.mapOrFail(Config.option(Config.string(name)), (found) => {
    const text = Option.getOrElse(found, () => "").trim()
    if (text === "") return Either.right(Option.none())
    return Either.mapBoth(read(text), {
      onLeft: (problem) => ConfigErrors.invalid(name, `${name}: ${problem}`),
      onRight: Option.some
    })
  })

const wholeNumber = (text: string, example: string): Either.Either<number, string> =>
  /^\d+$/.test(text) && Number(text) >= 1
    ? Either.right(Number(text))
    : Either.left(`write ${example}; found ${JSON.stringify(text)}`)

const seconds = (name: string) =>
  variable(name, (text) =>
    Either.map(
      wholeNumber(text, "a whole number of seconds, at least 1, without a unit"),
      (n) => Duration.seconds(n)
    ))

const count = (name: string) => variable(name, (text) => wholeNumber(text, "a whole number of at least 1"))

/** A host, or the URL of a proxy: its scheme is kept, its port wins over the other variable's. */
const proxyHost = (text: string): Either.Either<URL, string> => {
  const url = text.includes("://") ? text : `http://${text.includes(":") && isAddress6(text) ? `[${text}]` : text}`
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  const isProxy = parsed !== undefined && (parsed.protocol === "http:" || parsed.protocol === "https:") &&
    parsed.hostname !== "" && parsed.pathname === "/" && parsed.search === "" && parsed.hash === ""
  // It may hold a password, so it is not repeated.
  return isProxy ? Either.right(parsed) : Either.left("write the name or address of the proxy's host, without a path")
}

const isAddress6 = (text: string): boolean => /^[0-9a-f:.]+$/i.test(text) && text.split(":").length > 2

const proxyPort = (text: string): Either.Either<number, string> =>
  /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535
    ? Either.right(Number(text))
    : Either.left(`write a port from 1 to 65535; found ${JSON.stringify(text)}`)

/** The official Java SDK's variables, by our knob. Times are whole seconds. */
const environment = Config.all({
  connectTimeout: seconds("DASHSCOPE_CONNECTION_TIMEOUT"),
  readTimeout: seconds("DASHSCOPE_READ_TIMEOUT"),
  writeTimeout: seconds("DASHSCOPE_WRITE_TIMEOUT"),
  connectionIdleTimeout: seconds("DASHSCOPE_CONNECTION_IDLE_TIME"),
  connectionPoolSize: count("DASHSCOPE_CONNECTION_POOL_SIZE"),
  maximumAsyncRequests: count("DASHSCOPE_MAXIMUM_ASYNC_REQUESTS"),
  maximumAsyncRequestsPerHost: count("DASHSCOPE_MAXIMUM_ASYNC_REQUESTS_PER_HOST"),
  proxy: Config.zipWith(
    variable("DASHSCOPE_PROXY_HOST", proxyHost),
    variable("DASHSCOPE_PROXY_PORT", proxyPort),
    (host, port) =>
      Option.map(host, (url) => {
        if (url.port === "") url.port = String(Option.getOrElse(port, () => 443))
        return url.href
      })
  )
})

/**
 * Reads the variables of the official Java SDK, such as `DASHSCOPE_CONNECTION_POOL_SIZE` (the page of knobs lists them), below the
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
      (error) => ConfigErrors.invalid(undefined, ParseResult.TreeFormatter.formatErrorSync(error))
    ))
