import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Beneath from "effect-http-pool/Beneath"
import type { DurationWithUnit } from "effect-http-pool/ConnectionConfig"
import type * as Clock from "effect/Clock"
import type * as ConfigError from "effect/ConfigError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Scope from "effect/Scope"
import type { Options } from "../../CallOptions.js"
import type { InputRequired } from "../../DashScopeError.js"
import type { Request } from "../../Envelope.js"
import type { Limiter } from "../../RateLimitState.js"
import type * as Retry from "../../Retry.js"
import * as ConfigErrors from "../core/configErrors.js"
import { fromEither } from "../effect/either.js"
import * as Limiters from "../limiter/limiter.js"
import { layerProblem } from "./checks.js"
import * as Credential from "./credential.js"
import type { Deadlines } from "./deadlines.js"
import { headerProblem } from "./header.js"
import { deadlinesOf, type HeaderRecord, type Overlay, overlay } from "./options.js"
import { baseUrlOf, compatibleUrlOf, environment, socketUrlOf, withoutSecretsElsewhere } from "./origin.js"
import * as Retrying from "./retry.js"
import { userAgent } from "./userAgent.js"

/** What all requests with one key have in common. @internal */
export interface Template {
  readonly key: Credential.Key
  /** Without those of the layer's options. */
  readonly defaults: HeaderRecord
  readonly headers: HeaderRecord
  readonly post: HttpClientRequest.HttpClientRequest
  readonly secrets: ReadonlyArray<string>
}

/** All that a client has: its options, checked once, and what its calls share. @internal */
export interface State {
  readonly httpClient: HttpClient.HttpClient
  /** The request of a stream is aborted with the stream's scope, wherever it is by then. */
  readonly scopedClient: HttpClient.HttpClient.With<HttpClientError.HttpClientError, Scope.Scope>
  readonly baseUrl: string
  /** That of the OpenAI-compatible mode, where it is known. */
  readonly compatibleUrl: string | undefined
  /** That of the WebSocket API, where it is known. */
  readonly socketUrl: string | undefined
  readonly origin: string
  readonly userAgent: string
  /** The headers of the layer's options. */
  readonly own: Overlay
  readonly deadlines: Deadlines | undefined
  readonly waitTimeout: DurationWithUnit | undefined
  readonly workspace: string | undefined
  /** Asked before each attempt. */
  readonly limiter: Limiter | undefined
  readonly credential: Credential.Credential
  /** Makes the calls without a policy of their own again. */
  readonly retrier: Retrying.Retrier
  readonly retrierOf: (policy: Retry.Policy) => Retrying.Retrier
  /**
   * Whether the pool itself watches a call's deadlines: nothing stands between that could take its time, and time is the
   * same there.
   */
  readonly isCarried: (clock: Clock.Clock) => boolean
  /** Of the pool, where nothing stands between. */
  readonly send: Beneath.Send | undefined
  /** Of the pool, where one is beneath. */
  readonly openWebSocket: Beneath.Beneath["openWebSocket"] | undefined
  /** Nearly all requests of a client have the same key. */
  lastTemplate: Template | undefined
  lastUrl: Pick<Request, "base" | "path"> & { readonly url: string } | undefined
}

/** Where it may not be read, the service's default holds: nobody has to allow what hardly anybody sets. */
const dataInspectionVariable = Effect.catchIf(
  environment("DASHSCOPE_DISABLE_DATA_INSPECTION"),
  ConfigErrors.isUnreadable,
  () => Effect.succeed(undefined)
)

const invalidOption = (error: InputRequired) => ConfigErrors.invalid(error.field, error.description)

/** @internal */
export const make = (
  options: Options
): Effect.Effect<State, ConfigError.ConfigError, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    const problem = layerProblem(options)
    if (problem !== undefined) return yield* fromEither(Either.mapLeft(problem, invalidOption))
    const given = yield* HttpClient.HttpClient
    const baseUrl = yield* baseUrlOf(options.endpoint)
    const origin = new URL(baseUrl).origin
    const compatibleUrl = yield* compatibleUrlOf(options.endpoint, baseUrl)
    const origins = new Set([origin, new URL(compatibleUrl ?? baseUrl).origin])
    // Beneath the transformation, which may follow redirects: a key is for the endpoint and nobody else.
    const httpClient = options.transformClient === undefined
      ? given
      : options.transformClient(withoutSecretsElsewhere(given, origins))
    if (options.userAgent !== undefined && headerProblem("user-agent", options.userAgent) !== undefined) {
      return yield* Effect.fail(ConfigErrors.invalid("userAgent", "must be text without line breaks"))
    }
    // The Python SDK's switch, in its own logic.
    const dataInspection = options.dataInspection ??
      ((yield* dataInspectionVariable)?.toLowerCase() === "false" ? true : undefined)
    const pool = Beneath.of(given)
    const beneath = pool === undefined ? undefined : retriesOver(pool, origin)
    const budget = new Retrying.Budget()
    return {
      httpClient,
      scopedClient: HttpClient.withScope(httpClient),
      baseUrl,
      compatibleUrl,
      socketUrl: yield* socketUrlOf(options.endpoint, baseUrl),
      origin,
      userAgent: userAgent(globalThis, options.userAgent),
      own: yield* fromEither(Either.mapLeft(overlay({ ...options, dataInspection }), invalidOption)),
      deadlines: yield* fromEither(Either.mapLeft(deadlinesOf(options, undefined), invalidOption)),
      waitTimeout: options.waitTimeout,
      workspace: options.workspace,
      limiter: yield* limiterOf(options.rateLimit),
      credential: yield* Credential.make({ apiKey: options.apiKey, apiKeyFile: options.apiKeyFile }),
      retrier: Retrying.make(options.retry ?? {}, budget, beneath),
      retrierOf: (policy) => Retrying.make(policy, budget, beneath),
      isCarried: (clock) => options.transformClient === undefined && pool !== undefined && pool.isTimedBy(clock),
      send: options.transformClient === undefined ? Beneath.sendOf(given) : undefined,
      openWebSocket: pool?.openWebSocket,
      lastTemplate: undefined,
      lastUrl: undefined
    }
  })

const limiterOf = (
  given: Options["rateLimit"]
): Effect.Effect<Limiter | undefined, ConfigError.ConfigError> =>
  given === undefined || Limiters.isLimiter(given) ? Effect.succeed(given) : Limiters.make(given)

const retriesOver = (pool: Beneath.Beneath, origin: string): Retrying.Beneath => ({
  closing: pool.closing,
  decided: ({ attempt, decision, delayMillis, error }) =>
    pool.emit((at) => {
      const delay = Duration.millis(delayMillis)
      return { _tag: "RetryDecided", at, origin, attempt, decision, delay, error }
    })
})
