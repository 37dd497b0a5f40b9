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
import * as Beneath from "effect-http-pool/Beneath"
import type { DurationWithUnit } from "effect-http-pool/ConnectionConfig"
import * as Deadline from "effect-http-pool/Deadline"
import * as Channel from "effect/Channel"
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { CallOptions, Options, StreamOptions } from "./CallOptions.js"
import * as DashScopeError from "./DashScopeError.js"
import * as Endpoint from "./Endpoint.js"
import type { Envelope, Request, RequestBody, ServerEvent } from "./Envelope.js"
import { scrub } from "./internal/core/secrets.js"
import { retryAfter } from "./internal/protocol/classify.js"
import * as Credential from "./internal/protocol/credential.js"
import * as StreamDeadlines from "./internal/protocol/deadlines.js"
import * as Envelopes from "./internal/protocol/envelope.js"
import * as ErrorBody from "./internal/protocol/errorBody.js"
import { EventReader, type Outcome } from "./internal/protocol/eventReader.js"
import { headerProblem, idProblem, isSensitive, pathProblem, sensitiveNames } from "./internal/protocol/header.js"
import * as Retrying from "./internal/protocol/retry.js"
import * as TransportError from "./internal/protocol/transportError.js"
import { userAgent } from "./internal/protocol/userAgent.js"

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
}

/**
 * @since 0.1.0
 * @category tags
 */
export class DashScopeClient extends Context.Tag("effect-dashscope/DashScopeClient")<DashScopeClient, Service>() {}

const json = "application/json; charset=utf-8"

/** What makes the service answer in events. A request's own headers go above these. */
const streamHeaders = {
  "accept": "text/event-stream",
  "x-dashscope-sse": "enable",
  // Proxies of the nginx family would otherwise collect the events.
  "x-accel-buffering": "no"
}

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
  readonly waitTimeout?: DurationWithUnit | undefined
}): Either.Either<Overlay, DashScopeError.InputRequired> => {
  if (
    options.headers === undefined && options.workspace === undefined && options.dataInspection === undefined &&
    options.waitTimeout === undefined
  ) {
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
  if (options.waitTimeout !== undefined) {
    const wait = timeoutOf("waitTimeout", options)
    if (Either.isLeft(wait)) return Either.left(wait.left)
    if (wait.right === undefined) return inputRequired("waitTimeout", "the service does not wait for ever")
    headers["x-dashscope-wait-timeout"] = String(Math.ceil(Duration.toSeconds(wait.right)))
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

type TimeoutName = "timeout" | "firstContentTimeout" | "contentTimeout" | "waitTimeout"

type Timeouts = { readonly [name in TimeoutName]?: DurationWithUnit | undefined }

const timeoutOf = (
  name: TimeoutName,
  timeouts: Timeouts
): Either.Either<Duration.Duration | undefined, DashScopeError.InputRequired> => {
  // Callers without types may still give a number.
  const input: unknown = timeouts[name]
  if (input === undefined) return Either.right(undefined)
  if (typeof input === "number") {
    return inputRequired(name, `${input} has no unit: write "${input} seconds" or "${input} millis"`)
  }
  const duration = Duration.decodeUnknown(input)
  if (Option.isNone(duration)) {
    return inputRequired(name, "not a duration: write \"30 seconds\" or Duration.seconds(30)")
  }
  if (Duration.lessThanOrEqualTo(duration.value, Duration.zero)) {
    return inputRequired(name, "must be more than zero; for no limit write Duration.infinity")
  }
  return Either.right(Duration.isFinite(duration.value) ? duration.value : undefined)
}

const noDeadlines: StreamDeadlines.Deadlines = { total: undefined, firstContent: undefined, content: undefined }

/** The call's, and below them the layer's. `undefined` where all are off. */
const deadlinesOf = (
  call: Timeouts,
  below: StreamDeadlines.Deadlines | undefined
): Either.Either<StreamDeadlines.Deadlines | undefined, DashScopeError.InputRequired> => {
  if (
    call.timeout === undefined && call.firstContentTimeout === undefined && call.contentTimeout === undefined
  ) {
    return Either.right(below)
  }
  const { content, firstContent, total } = below ?? noDeadlines
  const deadlines = Either.all({
    total: call.timeout === undefined ? Either.right(total) : timeoutOf("timeout", call),
    firstContent: call.firstContentTimeout === undefined
      ? Either.right(firstContent)
      : timeoutOf("firstContentTimeout", call),
    content: call.contentTimeout === undefined ? Either.right(content) : timeoutOf("contentTimeout", call)
  })
  return Either.map(
    deadlines,
    (deadlines) =>
      deadlines.total === undefined && deadlines.firstContent === undefined && deadlines.content === undefined
        ? undefined
        : deadlines
  )
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

const withTimeout = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  phase: "total" | "firstContent",
  duration: Duration.Duration
): Effect.Effect<A, E | DashScopeError.RequestTimeout, R> =>
  Effect.timeoutFail(self, { duration, onTimeout: () => new DashScopeError.RequestTimeout({ phase, duration }) })

/** The deadline of a whole call: how long it is, and when it passes, in milliseconds since the epoch. */
interface Total {
  readonly duration: Duration.Duration
  readonly deadline: number
}

const limitOf = (
  phase: Deadline.Limit["phase"],
  duration: Duration.Duration,
  remaining = Duration.toMillis(duration)
): Deadline.Limit => ({ phase, duration, remaining })

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
      Effect.interruptible,
      Effect.disconnect,
      Effect.timeout(longestErrorRead),
      Effect.ignore,
      Effect.map(() => text + decoder.decode())
    )
  })

/** Sends what is a secret to the given origin only. */
const withoutSecretsElsewhere = (client: HttpClient.HttpClient, origin: () => string): HttpClient.HttpClient =>
  HttpClient.makeWith(
    (request) =>
      Effect.flatMap(
        request,
        (request) =>
          client.execute(
            URL.canParse(request.url) && new URL(request.url).origin === origin() ? request : withoutSecrets(request)
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
    const environmentClient = yield* HttpClient.HttpClient
    // Beneath the transformation, which may follow redirects: a key is for the endpoint and nobody else.
    const httpClient = options.transformClient === undefined
      ? environmentClient
      : options.transformClient(withoutSecretsElsewhere(environmentClient, () => origin))
    const pool = Beneath.of(environmentClient)
    /**
     * Whether the pool itself watches a call's deadlines: nothing stands between that could take its time, and time is the
     * same there.
     */
    const isCarried = (clock: Clock.Clock): boolean =>
      options.transformClient === undefined && pool !== undefined && pool.isTimedBy(clock)
    // The request of a stream is aborted with the stream's scope, wherever it is by then.
    const scopedClient = HttpClient.withScope(httpClient)
    const baseUrl = yield* baseUrlOf(options.endpoint)
    const origin = new URL(baseUrl).origin
    const layerDeadlines = yield* Either.mapLeft(deadlinesOf(options, undefined), invalidOption)
    if (options.userAgent !== undefined && headerProblem("user-agent", options.userAgent) !== undefined) {
      return yield* Effect.fail(ConfigError.InvalidData(["userAgent"], "must be text without line breaks"))
    }
    // The Python SDK's switch, in its own logic.
    const dataInspection = options.dataInspection ??
      ((yield* environment("DASHSCOPE_DISABLE_DATA_INSPECTION"))?.toLowerCase() === "false" ? true : undefined)
    const own = yield* Either.mapLeft(overlay({ ...options, dataInspection }), invalidOption)
    const agent = userAgent(globalThis, options.userAgent)
    const beneath: Retrying.Beneath | undefined = pool === undefined ? undefined : {
      closing: pool.closing,
      decided: ({ attempt, decision, delayMillis, error }) =>
        pool.emit((at) => {
          const delay = Duration.millis(delayMillis)
          return { _tag: "RetryDecided", at, origin, attempt, decision, delay, error }
        })
    }
    const layerRetrier = Retrying.make(options.retry ?? {}, beneath)
    const retrierOf = (call: CallOptions) =>
      call.retry === undefined ? layerRetrier : Retrying.make(call.retry, beneath)
    /** A time that the service spends waiting, as it was asked to, is not the call's. */
    const extend = (total: Duration.Duration | undefined, call: CallOptions) => {
      const wait = call.waitTimeout ?? options.waitTimeout
      return total === undefined || wait === undefined ? total : Duration.sum(total, Duration.decode(wait))
    }
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

    const prepare = (
      request: Request,
      call: CallOptions,
      below?: Readonly<Record<string, string>>
    ): Effect.Effect<Prepared, Refusal> => {
      const over = overlay(call)
      if (Either.isLeft(over)) return Effect.fail(over.left)
      const ofRequest = request.headers === undefined && below === undefined
        ? withoutOverlay
        : overlay({ headers: { ...below, ...request.headers } })
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
      const reading = Envelopes.read(text, prepared.secrets)
      return reading._tag === "Error"
        ? failWith(response.status, reading.error, response.headers, prepared)
        : Effect.succeed(Envelopes.make(response, reading.body))
    }

    const isGood = ({ status }: HttpClientResponse.HttpClientResponse): boolean => status >= 200 && status < 300

    /** The head of a good answer; any other fails, having been read. */
    const respond = <R>(
      client: HttpClient.HttpClient.With<HttpClientError.HttpClientError, R>,
      prepared: Prepared,
      startedAt: number
    ): Effect.Effect<HttpClientResponse.HttpClientResponse, DashScopeError.DashScopeError, R> => {
      const response = Effect.matchEffect(client.execute(prepared.request), {
        onFailure: (error) => failed(error, prepared, startedAt),
        onSuccess: (response) => isGood(response) ? Effect.succeed(response) : refused(response, prepared)
      })
      return prepared.hidesHeaders ? withHiddenHeaders(response) : response
    }

    const withHiddenHeaders = Effect.locallyWith(
      Headers.currentRedactedNames,
      (names: ReadonlyArray<string | RegExp>) => [...names, sensitiveNames]
    )

    const send = (
      prepared: Prepared,
      firstContent: Duration.Duration | undefined,
      total: Total | undefined
    ): Effect.Effect<Envelope, DashScopeError.DashScopeError> =>
      Effect.clockWith((clock) => {
        const startedAt = clock.unsafeCurrentTimeMillis()
        return Effect.flatMap(
          bound(respond(httpClient, prepared, startedAt), firstContent, total, clock, startedAt),
          (response) =>
            Effect.matchEffect(response.text, {
              onFailure: (error) =>
                error.reason === "EmptyBody" ? answerOf(response, "", prepared) : failed(error, prepared, startedAt),
              onSuccess: (text) => answerOf(response, text, prepared)
            })
        )
      })

    /** The head of an answer, in time; over a pool, the total bounds the rest of the answer too. */
    const bound = <A>(
      response: Effect.Effect<A, DashScopeError.DashScopeError>,
      firstContent: Duration.Duration | undefined,
      total: Total | undefined,
      clock: Clock.Clock,
      now: number
    ): Effect.Effect<A, DashScopeError.DashScopeError> => {
      if (firstContent === undefined && total === undefined) return response
      if (!isCarried(clock)) {
        return firstContent === undefined ? response : withTimeout(response, "firstContent", firstContent)
      }
      const head = firstContent === undefined ? undefined : limitOf("firstContent", firstContent)
      const whole = total === undefined ? undefined : limitOf("total", total.duration, total.deadline - now)
      if (whole !== undefined && whole.remaining <= 0) return Effect.fail(Deadline.timeoutOf(whole))
      const deadline = new Deadline.RequestDeadline(head, whole)
      return Effect.map(Effect.locally(response, Deadline.current, deadline), (response) => {
        deadline.responded()
        return response
      })
    }

    const execute: Service["execute"] = (request, call = {}) => {
      const deadlines = deadlinesOf(call, layerDeadlines)
      if (Either.isLeft(deadlines)) return Effect.fail(deadlines.left)
      const { firstContent, total } = deadlines.right ?? noDeadlines
      const duration = extend(total, call)
      const retrier = retrierOf(call)
      return Effect.clockWith((clock) => {
        const limit = duration === undefined
          ? undefined
          : { duration, deadline: clock.unsafeCurrentTimeMillis() + Duration.toMillis(duration) }
        const run = Effect.flatMap(
          prepare(request, call),
          (prepared) => retrier.retry(send(prepared, firstContent, limit), limit?.deadline ?? Infinity)
        )
        // Where each step heeds the deadline by itself, nobody has to watch them all.
        const isHeeded = isCarried(clock) && retrier.heedsDeadline && credential.isReady(call.apiKey)
        return duration === undefined || isHeeded ? run : withTimeout(run, "total", duration)
      })
    }

    /** What the bytes of a stream come to. */
    const readEvents = (
      response: HttpClientResponse.HttpClientResponse,
      prepared: Prepared,
      startedAt: number,
      watch: StreamDeadlines.Watch | undefined,
      { isContent, maxEventBytes }: StreamOptions
    ) => {
      const reader = new EventReader(response, { secrets: prepared.secrets, maxEventBytes })

      const conclude = (outcome: Outcome): Channel.Channel<never, unknown, DashScopeError.DashScopeError> => {
        switch (outcome._tag) {
          case "Done":
            return Channel.void
          case "Refused":
            return Channel.fromEffect(failWith(outcome.status, outcome.error, response.headers, prepared))
          case "Truncated":
            return Channel.fail(
              new DashScopeError.ConnectionError({
                reason: "Truncated",
                origin,
                responseStarted: true,
                description: outcome.description
              })
            )
        }
      }

      const handOut = (events: Array<ServerEvent>) => {
        if (watch !== undefined && (isContent === undefined ? events.length > 0 : events.some(isContent))) {
          watch.content()
        }
        const written = events.length === 0 ? Channel.void : Channel.write(Chunk.unsafeFromArray(events))
        const { outcome } = reader
        return outcome === undefined ? written : Channel.zipRight(written, conclude(outcome))
      }

      const end = () => handOut(reader.end())

      const read: Channel.Channel<
        Chunk.Chunk<ServerEvent>,
        Chunk.Chunk<Uint8Array>,
        DashScopeError.DashScopeError,
        HttpClientError.ResponseError | DashScopeError.RequestTimeout
      > = Channel.readWith({
        onInput: (chunks: Chunk.Chunk<Uint8Array>) => {
          const events = reader.feed(chunks)
          if (events.length === 0 && reader.outcome === undefined) return read
          const out = handOut(events)
          return reader.outcome === undefined ? Channel.flatMap(out, () => read) : out
        },
        onFailure: (error) => {
          if (error._tag === "RequestTimeout") return Channel.fail(error)
          return error.reason === "EmptyBody" ? end() : Channel.fromEffect(failed(error, prepared, startedAt))
        },
        onDone: end
      })
      return read
    }

    const open = (
      request: Request,
      options: StreamOptions,
      watch: StreamDeadlines.Watch | undefined
    ): Effect.Effect<
      Stream.Stream<ServerEvent, DashScopeError.DashScopeError>,
      DashScopeError.DashScopeError,
      Scope.Scope
    > =>
      Effect.flatMap(
        prepare(request, options, streamHeaders),
        (prepared) =>
          Effect.flatMap(Clock.currentTimeMillis, (startedAt) =>
            Effect.map(respond(scopedClient, prepared, startedAt), (response) => {
              const body = response.stream
              return Stream.pipeThroughChannel(
                watch === undefined ? body : watch.boundStream(body),
                readEvents(response, prepared, startedAt, watch, options)
              )
            }))
      )

    const stream: Service["stream"] = (request, options = {}) =>
      Stream.unwrapScoped(Effect.suspend(() => {
        const deadlines = deadlinesOf(options, layerDeadlines)
        if (Either.isLeft(deadlines)) return Effect.fail(deadlines.left)
        const retrier = retrierOf(options)
        const limits = deadlines.right
        if (limits === undefined) return retrier.retryStream(open(request, options, undefined), Infinity)
        return Effect.clockWith((clock) => {
          const total = extend(limits.total, options)
          const isWatched = isCarried(clock) && credential.isReady(options.apiKey)
          const watch = new StreamDeadlines.Watch(clock, { ...limits, total }, isWatched)
          const deadline = total === undefined ? Infinity : clock.unsafeCurrentTimeMillis() + Duration.toMillis(total)
          const opened = retrier.retryStream(watch.attempt(open(request, options, watch)), deadline)
          return total === undefined || retrier.heedsDeadline ? opened : withTimeout(opened, "total", total)
        })
      }))

    return { baseUrl, execute, stream }
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
