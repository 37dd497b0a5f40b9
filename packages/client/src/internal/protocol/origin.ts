import * as Headers from "@effect/platform/Headers"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Endpoint from "../../Endpoint.js"
import * as ConfigErrors from "../core/configErrors.js"
import { fromEither } from "../effect/either.js"
import { withHeaders } from "../effect/platform.js"
import { isSensitive } from "./header.js"

/**
 * A variable of the environment; an empty one counts for none. Deno refuses the variables that a program was not given by
 * throwing, from within the `ConfigProvider`.
 *
 * @internal
 */
export const environment = (name: string): Effect.Effect<string | undefined, ConfigError.ConfigError> =>
  Effect.suspend(() =>
    Config.string(name).pipe(
      Config.map((value) => value.trim()),
      Config.withDefault(""),
      Config.map((value) => value === "" ? undefined : value)
    )
  ).pipe(
    Effect.catchAllDefect(() => Effect.fail(ConfigErrors.unreadable(name, refused(name))))
  )

const refused = (name: string): string => `may not be read; in Deno, run with --allow-env=${name}`

/** What the paths of the native API are appended to: of the option, else of the environment. @internal */
export const baseUrlOf = (
  endpoint: Endpoint.Endpoint | undefined
): Effect.Effect<string, ConfigError.ConfigError> =>
  Effect.gen(function*() {
    const variable = "DASHSCOPE_HTTP_BASE_URL"
    const found = endpoint ?? (yield* Effect.mapError(
      environment(variable),
      (error) =>
        ConfigErrors.isUnreadable(error)
          ? ConfigErrors.unreadable(variable, `${ConfigErrors.problemOf(error).problem}, or give the option endpoint`)
          : error
    ))
    return yield* fromEither(Either.mapLeft(
      Endpoint.toBaseUrl(found ?? Endpoint.defaultEndpoint),
      (problem) => ConfigErrors.invalid(endpoint === undefined ? variable : "endpoint", problem)
    ))
  })

const nativePath = /\/api\/v\d+$/

/** A base that stands beside the native one, or is said by a variable. */
interface Beside {
  readonly variable: string
  readonly example: string
  readonly protocols: RegExp
  /** Of a native base. */
  readonly of: (baseUrl: string) => string
  /** What of a variable's value is not the base. */
  readonly rest: RegExp
}

const compatible: Beside = {
  variable: "DASHSCOPE_COMPATIBLE_BASE_URL",
  example: "https://dashscope.aliyuncs.com/compatible-mode/v1",
  protocols: /^https?:$/,
  of: (baseUrl) => baseUrl.replace(nativePath, "/compatible-mode/v1"),
  rest: /\/+$/
}

const socket: Beside = {
  variable: "DASHSCOPE_WEBSOCKET_BASE_URL",
  example: "wss://dashscope.aliyuncs.com/api-ws/v1/inference",
  protocols: /^wss?:$/,
  of: (baseUrl) => baseUrl.replace(nativePath, "/api-ws/v1").replace(/^http/, "ws"),
  // The official SDKs have the path of one protocol in it.
  rest: /(?:\/inference)?\/*$/
}

/**
 * It stands beside the native API of an endpoint that is given; without one the environment may say another. Where that may
 * not be read, the base beside the native one holds: nobody has to allow what hardly anybody sets.
 */
const besideOf = (
  { example, of, protocols, rest, variable }: Beside,
  endpoint: Endpoint.Endpoint | undefined,
  baseUrl: string
): Effect.Effect<string | undefined, ConfigError.ConfigError> => {
  const beside = nativePath.test(baseUrl) ? of(baseUrl) : undefined
  if (endpoint !== undefined && beside !== undefined) return Effect.succeed(beside)
  const fromEnvironment = Effect.catchIf(
    environment(variable),
    ConfigErrors.isUnreadable,
    () => Effect.succeed(undefined)
  )
  return Effect.flatMap(fromEnvironment, (found) => {
    if (found === undefined) return Effect.succeed(beside)
    const url = URL.canParse(found) ? new URL(found) : undefined
    const isBase = url !== undefined && protocols.test(url.protocol) &&
      url.username === "" && url.password === "" && url.search === "" && url.hash === ""
    return isBase
      ? Effect.succeed(found.replace(rest, ""))
      : Effect.fail(ConfigErrors.invalid(variable, `must be a base URL, such as ${example}`))
  })
}

/**
 * What the paths of the OpenAI-compatible mode are appended to; nothing where that is not known.
 *
 * @internal
 */
export const compatibleUrlOf = (
  endpoint: Endpoint.Endpoint | undefined,
  baseUrl: string
): Effect.Effect<string | undefined, ConfigError.ConfigError> => besideOf(compatible, endpoint, baseUrl)

/**
 * What the paths of the WebSocket API are appended to; nothing where that is not known.
 *
 * @internal
 */
export const socketUrlOf = (
  endpoint: Endpoint.Endpoint | undefined,
  baseUrl: string
): Effect.Effect<string | undefined, ConfigError.ConfigError> => besideOf(socket, endpoint, baseUrl)

/** Sends what is a secret to the given origins only. @internal */
export const withoutSecretsElsewhere = (
  client: HttpClient.HttpClient,
  origins: ReadonlySet<string>
): HttpClient.HttpClient =>
  HttpClient.makeWith(
    (request) =>
      Effect.flatMap(
        request,
        (request) =>
          client.execute(
            URL.canParse(request.url) && origins.has(new URL(request.url).origin) ? request : withoutSecrets(request)
          )
      ),
    Effect.succeed<HttpClientRequest.HttpClientRequest>
  )

const withoutSecrets = (request: HttpClientRequest.HttpClientRequest): HttpClientRequest.HttpClientRequest => {
  const headers = Headers.fromInput(
    Object.entries(request.headers).filter(([name]) => !isSensitive(name))
  )
  return withHeaders(request, headers)
}
