import * as Headers from "@effect/platform/Headers"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Cause from "effect/Cause"
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Endpoint from "../../Endpoint.js"
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
    Effect.catchAllDefect(() => Effect.fail(ConfigError.SourceUnavailable([name], unreadable(name), Cause.empty)))
  )

const unreadable = (name: string): string => `may not be read; in Deno, run with --allow-env=${name}`

/** What the paths of the native API are appended to: of the option, else of the environment. @internal */
export const baseUrlOf = (
  endpoint: Endpoint.Endpoint | undefined
): Effect.Effect<string, ConfigError.ConfigError> =>
  Effect.gen(function*() {
    const variable = "DASHSCOPE_HTTP_BASE_URL"
    const found = endpoint ?? (yield* Effect.mapError(
      environment(variable),
      (error) =>
        ConfigError.isSourceUnavailable(error)
          ? ConfigError.SourceUnavailable(error.path, `${error.message}, or give the option endpoint`, error.cause)
          : error
    ))
    return yield* Either.mapLeft(
      Endpoint.toBaseUrl(found ?? Endpoint.defaultEndpoint),
      (problem) => ConfigError.InvalidData([endpoint === undefined ? variable : "endpoint"], problem)
    )
  })

/** Sends what is a secret to the given origin only. @internal */
export const withoutSecretsElsewhere = (client: HttpClient.HttpClient, origin: string): HttpClient.HttpClient =>
  HttpClient.makeWith(
    (request) =>
      Effect.flatMap(
        request,
        (request) =>
          client.execute(
            URL.canParse(request.url) && new URL(request.url).origin === origin ? request : withoutSecrets(request)
          )
      ),
    Effect.succeed<HttpClientRequest.HttpClientRequest>
  )

const withoutSecrets = (request: HttpClientRequest.HttpClientRequest): HttpClientRequest.HttpClientRequest => {
  const headers = Headers.fromInput(
    Object.entries(request.headers).filter(([name]) => !isSensitive(name))
  )
  return HttpClientRequest.make(request.method)(request.url, { headers }).pipe(
    HttpClientRequest.setUrlParams(request.urlParams),
    HttpClientRequest.setBody(request.body)
  )
}
