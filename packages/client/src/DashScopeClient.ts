/**
 * One request to the DashScope API: endpoint, key, headers, envelope and errors. The services (`Generation` and the
 * others) are built on it; use it directly for a path of the API that has no service here yet.
 *
 * It works over any `HttpClient` of `@effect/platform`. The failures of this library's own pass through as they are,
 * those of others are mapped to `DashScopeError`.
 *
 * @since 0.1.0
 */
import * as Headers from "@effect/platform/Headers"
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import type * as UrlParams from "@effect/platform/UrlParams"
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import type { DurationWithUnit } from "./ConnectionConfig.js"
import * as DashScopeError from "./DashScopeError.js"
import * as Endpoint from "./Endpoint.js"
import { retryAfter } from "./internal/classify.js"
import * as Credential from "./internal/credential.js"
import * as Envelopes from "./internal/envelope.js"
import * as ErrorBody from "./internal/errorBody.js"
import { headerProblem, idProblem, isSensitive, pathProblem, sensitiveNames } from "./internal/header.js"
import { scrub } from "./internal/secrets.js"
import * as TransportError from "./internal/transportError.js"
import { userAgent } from "./internal/userAgent.js"

/**
 * What one call may have of its own. Whatever is not given is the layer's.
 *
 * @since 0.1.0
 * @category models
 */
export interface CallOptions {
  /** The key of this call. A plain string is put into a `Redacted` at once. */
  readonly apiKey?: string | Redacted.Redacted | undefined
  /**
   * The longest the whole call may take, waiting for a connection included; then it is interrupted and fails with
   * `RequestTimeout` of phase `total`. `Duration.infinity` lifts the layer's. A bare number is refused: write a unit.
   */
  readonly timeout?: DurationWithUnit | undefined
  /**
   * Headers added to the request. They win over all others, but a `User-Agent` is appended to this library's. Those
   * that look like secrets (by name) are hidden from spans and taken out of error texts, as the key is.
   */
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined
  /** The id of a workspace (`X-DashScope-WorkSpace`). */
  readonly workspace?: string | undefined
  /** Whether the service inspects input and output (`X-DashScope-DataInspection`). */
  readonly dataInspection?: boolean | undefined
}

/**
 * What holds for every call of a client.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /**
   * The key. A plain string is put into a `Redacted` at once. Where there is none, each call looks in
   * `DASHSCOPE_API_KEY`, the key file, and `~/.dashscope/api_key` (first line), until a key is found; and again after
   * the service refused it. The variables are read through the `ConfigProvider` and the files through the `FileSystem`
   * that the layer was built with.
   */
  readonly apiKey?: string | Redacted.Redacted | undefined
  /** A file whose first line is the key. Default: `DASHSCOPE_API_KEY_FILE_PATH`. */
  readonly apiKeyFile?: string | undefined
  /** Default: `DASHSCOPE_HTTP_BASE_URL`, else `"beijing"`. */
  readonly endpoint?: Endpoint.Endpoint | undefined
  /** The longest a whole call may take. Default: no limit. See {@link CallOptions}. */
  readonly timeout?: DurationWithUnit | undefined
  /** Headers added to each request. See {@link CallOptions}. */
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined
  /** The id of a workspace (`X-DashScope-WorkSpace`). Default: that of the key. */
  readonly workspace?: string | undefined
  /**
   * Whether the service inspects input and output (`X-DashScope-DataInspection`). Default: true where
   * `DASHSCOPE_DISABLE_DATA_INSPECTION` is `false`, as in the Python SDK, else false.
   */
  readonly dataInspection?: boolean | undefined
  /** Appended to the `User-Agent`, as the name and version of your program. */
  readonly userAgent?: string | undefined
  /** Changes the HTTP client, to log or to count requests, say. */
  readonly transformClient?: ((client: HttpClient.HttpClient) => HttpClient.HttpClient) | undefined
}

/**
 * The body of a request.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestBody {
  readonly model?: string | undefined
  readonly input?: unknown
  readonly parameters?: unknown
  readonly resources?: unknown
}

/**
 * A request to the API.
 *
 * @since 0.1.0
 * @category models
 */
export interface Request {
  /** Default: `POST`. */
  readonly method?: "GET" | "POST" | "DELETE" | undefined
  /** What follows the base URL, such as `/services/aigc/text-generation/generation`. Encode the ids in it. */
  readonly path: string
  readonly urlParams?: UrlParams.Input | undefined
  /** Written as JSON. */
  readonly body?: RequestBody | undefined
  /** What this path of the API needs, such as `X-DashScope-Async`. */
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined
}

/**
 * An answer of the API. Everything that came is in `body`, under its wire names.
 *
 * @since 0.1.0
 * @category models
 */
export interface Envelope {
  readonly status: number
  readonly headers: Headers.Headers
  readonly body: Readonly<Record<string, unknown>>
  /** `body.output` */
  readonly output: unknown
  /** `body.usage` */
  readonly usage: unknown
  /** Of the body, or of the header `X-Request-Id`. */
  readonly requestId: string | undefined
}

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
}

/**
 * @since 0.1.0
 * @category tags
 */
export class DashScopeClient extends Context.Tag("effect-dashscope/DashScopeClient")<DashScopeClient, Service>() {}

const json = "application/json; charset=utf-8"

/** Enough for any error of the service; what is longer is somebody's web page. */
const longestErrorBody = 1024 * 1024
const longestErrorRead = Duration.seconds(5)

type Refusal = DashScopeError.NoApiKey | DashScopeError.InputRequired

const inputRequired = (field: string, description: string) =>
  Either.left(new DashScopeError.InputRequired({ field, description }))

/** By name in lower case; `undefined` takes a header away. */
type HeaderRecord = Readonly<Record<string, string | undefined>>

/** Headers on top of others, checked. */
interface Overlay {
  readonly headers: HeaderRecord
  readonly secrets: ReadonlyArray<string>
}

const noOverlay: Overlay = { headers: {}, secrets: [] }
const withoutOverlay = Either.right(noOverlay)

const overlay = (options: {
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined
  readonly workspace?: string | undefined
  readonly dataInspection?: boolean | undefined
}): Either.Either<Overlay, DashScopeError.InputRequired> => {
  if (options.headers === undefined && options.workspace === undefined && options.dataInspection === undefined) {
    return withoutOverlay
  }
  const headers: Record<string, string | undefined> = {}
  const secrets: Array<string> = []
  if (options.workspace !== undefined) {
    const problem = idProblem(options.workspace)
    if (problem !== undefined) return inputRequired("workspace", problem)
    headers["x-dashscope-workspace"] = options.workspace
  }
  if (options.dataInspection !== undefined) {
    headers["x-dashscope-datainspection"] = options.dataInspection ? "enable" : undefined
  }
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (value === undefined) continue
    const problem = headerProblem(name, value)
    if (problem !== undefined) return inputRequired("headers", `${JSON.stringify(name)}: ${problem}`)
    headers[name.toLowerCase()] = value
    // Without its scheme too: "Bearer <token>".
    if (isSensitive(name)) secrets.push(value, value.slice(value.indexOf(" ") + 1))
  }
  return Either.right({ headers, secrets })
}

/** The later headers win, except that a user agent adds to the one before. */
const merge = (headers: HeaderRecord, over: HeaderRecord): HeaderRecord => {
  const before = headers["user-agent"]
  const after = over["user-agent"]
  return before === undefined || after === undefined ?
    { ...headers, ...over } :
    { ...headers, ...over, "user-agent": `${before}; ${after}` }
}

const timeoutOf = (
  timeout: DurationWithUnit | undefined
): Either.Either<Duration.Duration | undefined, DashScopeError.InputRequired> => {
  if (timeout === undefined) return Either.right(undefined)
  // Callers without types may still give one.
  const input: unknown = timeout
  if (typeof input === "number") {
    return inputRequired("timeout", `${input} has no unit: write "${input} seconds" or "${input} millis"`)
  }
  const duration = Duration.decodeUnknown(input)
  if (Option.isNone(duration)) {
    return inputRequired("timeout", "not a duration: write \"30 seconds\" or Duration.seconds(30)")
  }
  if (Duration.lessThanOrEqualTo(duration.value, Duration.zero)) {
    return inputRequired("timeout", "must be more than zero; for no limit write Duration.infinity")
  }
  return Either.right(Duration.isFinite(duration.value) ? duration.value : undefined)
}

/** A request that may go out, and what its errors must know. */
interface Prepared {
  readonly request: HttpClientRequest.HttpClientRequest
  readonly key: Credential.Key
  readonly secrets: ReadonlyArray<string>
  /** Whether headers other than `Authorization` hold secrets. */
  readonly hidesHeaders: boolean
}

/** What all requests with one key have in common. */
interface Template {
  readonly key: Credential.Key
  /** Without those of the layer's options. */
  readonly defaults: HeaderRecord
  readonly headers: HeaderRecord
  readonly post: HttpClientRequest.HttpClientRequest
  readonly secrets: ReadonlyArray<string>
}

const readStart = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<string> =>
  Effect.suspend(() => {
    const decoder = new TextDecoder()
    let text = ""
    let size = 0
    return response.stream.pipe(
      Stream.runForEachWhile((chunk) =>
        Effect.sync(() => {
          text += decoder.decode(chunk.subarray(0, longestErrorBody - size), { stream: true })
          size += chunk.length
          return size < longestErrorBody
        })
      ),
      // A body that nobody ends must not hold the call, and neither must its closing.
      Effect.disconnect,
      Effect.timeout(longestErrorRead),
      Effect.ignore,
      Effect.map(() => text + decoder.decode())
    )
  })

const invalidOption = (error: DashScopeError.InputRequired) => ConfigError.InvalidData([error.field], error.description)

const environment = (name: string) =>
  Config.string(name).pipe(
    Config.map((value) => value.trim()),
    Config.withDefault(""),
    Config.map((value) => value === "" ? undefined : value)
  )

const baseUrlOf = (endpoint: Endpoint.Endpoint | undefined) =>
  Effect.gen(function*() {
    const variable = "DASHSCOPE_HTTP_BASE_URL"
    const found = endpoint ?? (yield* environment(variable))
    return yield* Either.mapLeft(
      Endpoint.toBaseUrl(found ?? Endpoint.defaultEndpoint),
      (problem) => ConfigError.InvalidData([endpoint === undefined ? variable : "endpoint"], problem)
    )
  })

/**
 * A client over the `HttpClient` of the context. Options that cannot be sent (a malformed endpoint, a header with a
 * line break) fail here, with a `ConfigError` that names the option or variable; a missing or malformed key fails the
 * calls.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Effect.Effect<Service, ConfigError.ConfigError, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    const plainClient = yield* HttpClient.HttpClient
    const httpClient = options.transformClient === undefined ? plainClient : options.transformClient(plainClient)
    const baseUrl = yield* baseUrlOf(options.endpoint)
    const origin = new URL(baseUrl).origin
    const layerTimeout = yield* Either.mapLeft(timeoutOf(options.timeout), invalidOption)
    if (options.userAgent !== undefined && headerProblem("user-agent", options.userAgent) !== undefined) {
      return yield* Effect.fail(ConfigError.InvalidData(["userAgent"], "must be text without line breaks"))
    }
    // The Python SDK's switch, in its own logic.
    const dataInspection = options.dataInspection ??
      ((yield* environment("DASHSCOPE_DISABLE_DATA_INSPECTION"))?.toLowerCase() === "false" ? true : undefined)
    const own = yield* Either.mapLeft(overlay({ ...options, dataInspection }), invalidOption)
    const agent = userAgent(globalThis, options.userAgent)
    const credential = yield* Credential.make({ apiKey: options.apiKey, apiKeyFile: options.apiKeyFile })

    const makeTemplate = (key: Credential.Key): Template => {
      const defaults = { authorization: key.authorization, accept: json, "user-agent": agent }
      const headers = merge(defaults, own.headers)
      return {
        key,
        defaults,
        headers,
        post: HttpClientRequest.post("", { headers }),
        secrets: [key.secret, ...own.secrets]
      }
    }
    let lastTemplate: Template | undefined
    const templateOf = (key: Credential.Key, isOfCall: boolean): Template => {
      if (lastTemplate?.key === key) return lastTemplate
      const template = makeTemplate(key)
      if (!isOfCall) lastTemplate = template
      return template
    }

    const bodyOf = (body: RequestBody, contentType: string) => {
      try {
        return Either.right(HttpBody.text(JSON.stringify(body), contentType))
      } catch {
        return inputRequired("body", "cannot be written as JSON: a BigInt, a cycle, or a toJSON that throws")
      }
    }

    const build = (
      template: Template,
      request: Request,
      over: Overlay,
      ofRequest: Overlay
    ): Either.Either<Prepared, DashScopeError.InputRequired> => {
      const problem = pathProblem(request.path)
      if (problem !== undefined) return inputRequired("path", problem)
      const method = request.method ?? "POST"
      const url = baseUrl + request.path
      const isPlain = over === noOverlay && ofRequest === noOverlay
      // What a path of the API needs goes below what the user asks for, here and in the layer.
      const headers = isPlain ?
        template.headers :
        merge(merge(merge(template.defaults, ofRequest.headers), own.headers), over.headers)
      let out = isPlain && method === "POST" ?
        HttpClientRequest.setUrl(template.post, url) :
        HttpClientRequest.make(method)(url, { headers })
      if (request.urlParams !== undefined) out = HttpClientRequest.setUrlParams(out, request.urlParams)
      if (request.body !== undefined) {
        const body = bodyOf(request.body, headers["content-type"] ?? json)
        if (Either.isLeft(body)) return Either.left(body.left)
        out = HttpClientRequest.setBody(out, body.right)
      }
      return Either.right({
        request: out,
        key: template.key,
        secrets: over.secrets.length === 0 ? template.secrets : [...template.secrets, ...over.secrets],
        hidesHeaders: own.secrets.length > 0 || over.secrets.length > 0
      })
    }

    const prepare = (request: Request, call: CallOptions): Effect.Effect<Prepared, Refusal> => {
      const over = overlay(call)
      if (Either.isLeft(over)) return Effect.fail(over.left)
      const ofRequest = request.headers === undefined ? withoutOverlay : overlay({ headers: request.headers })
      if (Either.isLeft(ofRequest)) return Effect.fail(ofRequest.left)
      return Effect.flatMap(
        call.apiKey === undefined ? credential.current : credential.ofCall(call.apiKey),
        (key) => build(templateOf(key, call.apiKey !== undefined), request, over.right, ofRequest.right)
      )
    }

    const failWith = (
      status: number,
      body: ErrorBody.ErrorBody,
      headers: Headers.Headers,
      prepared: Prepared
    ): Effect.Effect<never, DashScopeError.ApiError> =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        if (status === 401) credential.forget(prepared.key)
        const requestId = headers["x-request-id"]
        return Effect.fail(Envelopes.apiError(status, body, {
          requestId: requestId === undefined ? undefined : scrub(requestId, prepared.secrets),
          retryAfter: retryAfter(headers["retry-after"], now)
        }))
      })

    const refused = (response: HttpClientResponse.HttpClientResponse, prepared: Prepared) =>
      Effect.flatMap(
        readStart(response),
        (text) => failWith(response.status, ErrorBody.parse(text, prepared.secrets), response.headers, prepared)
      )

    const failed = (
      error: HttpClientError.HttpClientError,
      prepared: Prepared,
      startedAt: number
    ): Effect.Effect<never, DashScopeError.DashScopeError> => {
      // A client with `filterStatusOk`.
      if (error._tag === "ResponseError" && error.reason === "StatusCode") return refused(error.response, prepared)
      if (
        error._tag === "RequestError" && error.reason !== "Transport" && TransportError.findOwn(error) === undefined
      ) {
        const why = TransportError.describe(error.cause ?? error.description, prepared.secrets)
        return Effect.fail(
          new DashScopeError.InputRequired({
            field: error.reason === "InvalidUrl" ? "endpoint" : "body",
            description: `the HTTP client cannot send this${why === "" ? "" : `: ${why}`}`
          })
        )
      }
      return Effect.flatMap(
        Clock.currentTimeMillis,
        (now) =>
          Effect.fail(TransportError.fromForeign(error.cause ?? error.description, {
            origin,
            responseStarted: error._tag === "ResponseError",
            elapsed: Duration.millis(now - startedAt),
            secrets: prepared.secrets
          }))
      )
    }

    const answerOf = (
      response: HttpClientResponse.HttpClientResponse,
      text: string,
      prepared: Prepared
    ): Effect.Effect<Envelope, DashScopeError.ApiError> => {
      const { headers, status } = response
      const reading = Envelopes.read(text, prepared.secrets)
      if (reading._tag === "Error") return failWith(status, reading.error, headers, prepared)
      const { body } = reading
      return Effect.succeed({
        status,
        headers,
        body,
        output: body["output"],
        usage: body["usage"],
        requestId: Envelopes.requestIdOf(body, headers)
      })
    }

    const send = (prepared: Prepared): Effect.Effect<Envelope, DashScopeError.DashScopeError> =>
      Effect.flatMap(Clock.currentTimeMillis, (startedAt) => {
        const response = Effect.catchAll(
          httpClient.execute(prepared.request),
          (error) => failed(error, prepared, startedAt)
        )
        return Effect.flatMap(response, (response) => {
          if (response.status < 200 || response.status >= 300) return refused(response, prepared)
          const text = Effect.catchAll(
            response.text,
            (error) => error.reason === "EmptyBody" ? Effect.succeed("") : failed(error, prepared, startedAt)
          )
          return Effect.flatMap(text, (text) => answerOf(response, text, prepared))
        })
      })

    const withHiddenHeaders = Effect.locallyWith(
      Headers.currentRedactedNames,
      (names: ReadonlyArray<string | RegExp>) => [...names, sensitiveNames]
    )

    const execute: Service["execute"] = (request, call = {}) => {
      const run = Effect.flatMap(
        Effect.suspend(() => prepare(request, call)),
        (prepared) => prepared.hidesHeaders ? withHiddenHeaders(send(prepared)) : send(prepared)
      )
      const timeout = call.timeout === undefined ? Either.right(layerTimeout) : timeoutOf(call.timeout)
      if (Either.isLeft(timeout)) return Effect.fail(timeout.left)
      const duration = timeout.right
      return duration === undefined ? run : Effect.timeoutFail(run, {
        duration,
        onTimeout: () => new DashScopeError.RequestTimeout({ phase: "total", duration })
      })
    }

    return { baseUrl, execute }
  })

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
