import type { PoolError } from "effect-http-pool/ConnectionError"
import * as Deadline from "effect-http-pool/Deadline"
import type { OpenError, WebSocketClosed, WebSocketError } from "effect-http-pool/WebSocketError"
import type * as WebSocketLease from "effect-http-pool/WebSocketLease"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { CallOptions } from "../../CallOptions.js"
import type { DashScopeError } from "../../DashScopeError.js"
import { ConnectionError, InputRequired, RequestTimeout } from "../../DashScopeError.js"
import type { ServiceSocket, SocketMessage, SocketRequest } from "../../ServiceSocket.js"
import { scrub } from "../core/secrets.js"
import { fromEither } from "../effect/either.js"
import { callProblem } from "./checks.js"
import * as ErrorBody from "./errorBody.js"
import { extend } from "./execute.js"
import { isSensitive } from "./header.js"
import { inputRequired } from "./invalid.js"
import * as Limited from "./limited.js"
import * as Misdirected from "./misdirected.js"
import { deadlinesOf, noDeadlines } from "./options.js"
import { prepare, type Prepared } from "./request.js"
import { failWith } from "./respond.js"
import { caught, inOwnScope } from "./retry.js"
import { SocketDeadline } from "./socketDeadline.js"
import type { State } from "./state.js"

/** The service closes what has been idle for 60 seconds. */
const longestIdle = Duration.seconds(50)

/** Of a request for a document; a handshake asks for none. */
const ofDocuments = new Set(["accept", "content-type"])

/** The service closed it before the protocol was done. */
const closedError = (
  { code, origin, reason }: WebSocketClosed,
  hasAnswered: boolean,
  cause: unknown
): ConnectionError =>
  new ConnectionError({
    reason: "Truncated",
    origin,
    responseStarted: hasAnswered,
    description: `the service closed the WebSocket with code ${code}${
      reason === "" ? "" : ` and reason ${JSON.stringify(reason)}`
    }, before all had come`,
    cause
  })

class OpenSocket implements ServiceSocket {
  readonly origin: string
  readonly isReused: boolean
  readonly take: Effect.Effect<ReadonlyArray<SocketMessage>, DashScopeError>
  readonly close: Effect.Effect<void>
  readonly abort: Effect.Effect<void>
  readonly keep: Effect.Effect<void>
  private hasAnswered = false

  constructor(
    origin: string,
    private readonly lease: WebSocketLease.Lease,
    private readonly deadline: SocketDeadline,
    private readonly secrets: ReadonlyArray<string>,
    readonly used: ((usage: unknown) => void) | undefined
  ) {
    this.origin = origin
    this.isReused = lease.isReused
    this.close = lease.close(1000)
    this.abort = Effect.sync(() => deadline.end(new RequestTimeout({ phase: "total", duration: Duration.zero })))
    this.keep = lease.keep
    const take = Effect.mapBoth(lease.take, {
      onFailure: (error) => this.errorOf(error),
      onSuccess: (messages) => {
        this.hasAnswered = true
        return messages
      }
    })
    this.take = deadline.countsWaits
      ? Effect.suspend(() => {
        deadline.beginWait()
        return Effect.onExit(take, () => Effect.sync(() => deadline.endWait()))
      })
      : take
  }

  send(message: SocketMessage): Effect.Effect<void, DashScopeError> {
    return Effect.mapError(this.lease.send(message), (error) => this.errorOf(error))
  }

  asked(): void {
    this.deadline.asked()
  }

  answered(): void {
    this.deadline.content()
  }

  sentAll(): void {
    this.deadline.sentAll()
  }

  turnBegan(): void {
    this.deadline.turnBegan()
  }

  turnEnded(): void {
    this.deadline.turnEnded()
  }

  scrub(text: string): string {
    return scrub(text, this.secrets)
  }

  private errorOf(error: WebSocketError): PoolError {
    return error._tag === "WebSocketClosed" ? closedError(error, this.hasAnswered, error) : error
  }
}

/** What becomes of a handshake that did not open a WebSocket: what HTTP would give. */
const openError = (
  state: State,
  error: OpenError,
  url: string,
  prepared: Prepared
): Effect.Effect<never, DashScopeError> => {
  switch (error._tag) {
    case "HandshakeInvalid":
      return Effect.fail(new InputRequired({ field: "endpoint", description: error.description }))
    case "HandshakeRefused": {
      const { body, headers, status } = error
      const { secrets } = prepared
      const said = status >= 300 && status < 400
        ? Misdirected.redirect(url, headers["location"], secrets)
        : ErrorBody.parse(body || error.description, secrets)
      return failWith(
        state,
        status,
        Misdirected.withAddress(said, status, { method: "GET", url }, secrets),
        headers,
        prepared
      )
    }
    case "WebSocketClosed":
      return Effect.fail(closedError(error, false, error))
    default:
      return Effect.fail(error)
  }
}

const urlOf = (socketUrl: string, { path, urlParams }: SocketRequest): string => {
  const url = new URL(socketUrl + path)
  for (const [name, value] of Object.entries(urlParams ?? {})) url.searchParams.set(name, value)
  return url.toString()
}

const headersOf = ({ key, request }: Prepared): Record<string, string | Redacted.Redacted> => {
  const headers: Record<string, string | Redacted.Redacted> = {}
  for (const [name, value] of Object.entries(request.headers)) {
    if (ofDocuments.has(name)) continue
    headers[name] = value === key.authorization || isSensitive(name) ? Redacted.make(value) : value
  }
  return headers
}

/** Whether a kept connection turned out to be closed: nothing has come over it. */
const isStale = (error: DashScopeError): boolean =>
  error._tag === "ConnectionError" && error.reason !== "Closed" && !error.responseStarted

/**
 * How long an operation may take that opens several WebSockets.
 *
 * @internal
 */
export const timeoutOf = (
  state: State,
  options: CallOptions
): Either.Either<Duration.Duration | undefined, InputRequired> =>
  Either.map(deadlinesOf(options, state.deadlines), (limits) => extend(state, limits?.total, options))

/**
 * Opens a WebSocket and begins what is done over it, for as long as the scope. Both together are an attempt, which the
 * client's policy may repeat; a connection that was kept and has been closed meanwhile is replaced by a new one at once.
 *
 * @internal
 */
export const connect = <A>(
  state: State,
  request: SocketRequest,
  begin: (socket: ServiceSocket) => Effect.Effect<A, DashScopeError>,
  options: CallOptions
): Effect.Effect<A, DashScopeError, Scope.Scope> =>
  Effect.suspend(() => {
    const { openWebSocket, socketUrl } = state
    const problem = callProblem(options)
    if (problem !== undefined) return fromEither(problem)
    if (openWebSocket === undefined) {
      return Effect.fail(inputRequired(
        "httpClient",
        "WebSockets need the connection pool beneath: build the client with DashScope.layer or DashScope.layerPool"
      ))
    }
    if (socketUrl === undefined) {
      return Effect.fail(inputRequired(
        "endpoint",
        "the WebSocket API stands beside an endpoint that ends in /api/v1; for another say it in DASHSCOPE_WEBSOCKET_BASE_URL"
      ))
    }
    const decoded = deadlinesOf(options, state.deadlines)
    if (Either.isLeft(decoded)) return Effect.fail(decoded.left)
    const limits = decoded.right ?? noDeadlines
    const total = extend(state, limits.total, options)
    const { startedAt } = request
    const retrier = options.retry === undefined ? state.retrier : state.retrierOf(options.retry)
    return Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const endsAt = total === undefined ? Infinity : (startedAt ?? now) + Duration.toMillis(total)

      const open = (prepared: Prepared, mayReuse: boolean, used?: (usage: unknown) => void) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => {
          const whole: Deadline.Limit | undefined = total === undefined
            ? undefined
            : { phase: "total", duration: total, remaining: endsAt - now }
          if (whole !== undefined && whole.remaining <= 0) return Effect.fail(Deadline.timeoutOf(whole))
          const deadline = new SocketDeadline(limits, whole)
          const url = urlOf(socketUrl, request)
          const lease = openWebSocket({
            url,
            headers: headersOf(prepared),
            ...(mayReuse ? { reuse: { longestIdle } } : undefined)
          })
          return Effect.locally(lease, Deadline.current, deadline).pipe(
            Effect.catchAll((error) => openError(state, error, url, prepared)),
            Effect.map((lease) => new OpenSocket(state.origin, lease, deadline, prepared.secrets, used))
          )
        })

      const attempt = (used?: (usage: unknown) => void, sent?: () => void) =>
        Effect.flatMap(
          Effect.suspend(() => prepare(state, { path: request.path, method: "GET" }, options, undefined)),
          (prepared) => {
            const once = (mayReuse: boolean, orElse: Effect.Effect<A, DashScopeError, Scope.Scope> | undefined) =>
              inOwnScope(Effect.flatMap(open(prepared, mayReuse, used), (socket) => {
                sent?.()
                return Effect.catchAll(begin(socket), (error) =>
                  orElse !== undefined && socket.isReused && isStale(error)
                    ? orElse
                    : Effect.fail(error))
              }))
            return once(request.reuse === true, once(false, undefined))
          }
        )
      const { limiter } = state
      const limited = limiter === undefined
        ? attempt()
        : Limited.socket(limiter, Limited.askingForSocket(state, request, options, endsAt), options, attempt)
      return retrier.retry(
        caught(limited),
        endsAt,
        request.replay ?? "always"
      )
    })
  })
