import * as Headers from "@effect/platform/Headers"
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Deadline from "effect-http-pool/Deadline"
import * as PoolReplay from "effect-http-pool/Replay"
import type * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import type { ApiError, DashScopeError } from "../../DashScopeError.js"
import { InputRequired } from "../../DashScopeError.js"
import type { Envelope } from "../../Envelope.js"
import { scrub } from "../core/secrets.js"
import { isAtHand } from "../effect/atHand.js"
import { retryAfter } from "./classify.js"
import * as Envelopes from "./envelope.js"
import * as ErrorBody from "./errorBody.js"
import { sensitiveNames } from "./header.js"
import * as HttpError from "./httpError.js"
import * as Misdirected from "./misdirected.js"
import * as Replay from "./replay.js"
import { type Prepared, withBody } from "./request.js"
import type { State } from "./state.js"
import * as TransportError from "./transportError.js"

/** Enough for any error of the service; what is longer is somebody's web page. */
const longestErrorBody = 1024 * 1024
const longestErrorRead = Duration.seconds(5)

/** The beginning of a body whose end nobody needs, as text; the rest is given up. @internal */
export const readStart = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<string> =>
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

/** An error of the service. @internal */
export const failWith = (
  state: State,
  status: number,
  body: ErrorBody.ErrorBody,
  headers: Headers.Headers,
  prepared: Prepared
): Effect.Effect<never, ApiError> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => {
    if (status === 401) state.credential.forget(prepared.key)
    const requestId = headers["x-request-id"]
    return Effect.fail(Envelopes.apiError(status, body, {
      requestId: requestId === undefined ? undefined : scrub(requestId, prepared.secrets),
      retryAfter: retryAfter(headers["retry-after"], now)
    }))
  })

const refused = (
  state: State,
  response: HttpClientResponse.HttpClientResponse,
  prepared: Prepared
): Effect.Effect<never, ApiError> => {
  const { headers, status } = response
  const { request, secrets } = prepared
  return Effect.flatMap(readStart(response), (text) => {
    const error = status >= 300 && status < 400
      ? Misdirected.redirect(request.url, headers["location"], secrets)
      : ErrorBody.parse(text, secrets)
    return failWith(state, status, Misdirected.withAddress(error, status, request, secrets), headers, prepared)
  })
}

/** What a failure of the HTTP client means. @internal */
export const failed = (
  state: State,
  error: HttpClientError.HttpClientError,
  prepared: Prepared,
  startedAt: number
): Effect.Effect<never, DashScopeError> => {
  // A client with `filterStatusOk`.
  const response = HttpError.refused(error)
  if (response !== undefined) return refused(state, response, prepared)
  const unsendable = HttpError.unsendable(error)
  const cause = HttpError.causeOf(error)
  if (unsendable !== undefined && TransportError.findOwn(error) === undefined) {
    const why = TransportError.describe(cause, prepared.secrets)
    return Effect.fail(
      new InputRequired({
        field: unsendable === "url" ? "endpoint" : "body",
        description: `the HTTP client cannot send this${why === "" ? "" : `: ${why}`}`
      })
    )
  }
  return Effect.flatMap(
    Clock.currentTimeMillis,
    (now) =>
      Effect.fail(TransportError.fromForeign(cause, {
        origin: state.origin,
        responseStarted: HttpError.hasResponse(error),
        elapsed: Duration.millis(now - startedAt),
        secrets: prepared.secrets
      }))
  )
}

/** @internal */
export const answerOf = (
  state: State,
  response: HttpClientResponse.HttpClientResponse,
  text: string,
  prepared: Prepared
): Effect.Effect<Envelope, ApiError> => {
  const reading = Envelopes.read(text, prepared.secrets)
  return reading._tag === "Error"
    ? failWith(state, response.status, reading.error, response.headers, prepared)
    : Effect.succeed(Envelopes.make(response, reading.body))
}

const isGood = ({ status }: HttpClientResponse.HttpClientResponse): boolean => status >= 200 && status < 300

const withHiddenHeaders = Effect.locallyWith(
  Headers.currentRedactedNames,
  (names: ReadonlyArray<string | RegExp>) => [...names, sensitiveNames]
)

/** What is sent, and what becomes of it. @internal */
export interface Sent<A, R> {
  readonly client: HttpClient.HttpClient.With<HttpClientError.HttpClientError, R>
  readonly prepared: Prepared
  readonly startedAt: number
  /** Reads a good answer, whose head is there. */
  readonly onGood: (response: HttpClientResponse.HttpClientResponse) => Effect.Effect<A, DashScopeError>
  /** Is given whatever goes wrong, in reading too. Default: it fails with that. */
  readonly onError?: (error: DashScopeError) => Effect.Effect<A, DashScopeError>
  /** Watches over the request, where a pool is straight beneath. */
  readonly deadline?: Deadline.Deadline | undefined
  /** Called where the request is given up unsent. */
  readonly onUnsent?: (() => void) | undefined
}

/** What has succeeded already is spared the step. */
const orElse = <A>(
  outcome: Effect.Effect<A, DashScopeError>,
  onError: Sent<A, never>["onError"]
): Effect.Effect<A, DashScopeError> =>
  onError === undefined || isAtHand(outcome) ? outcome : Effect.catchAll(outcome, onError)

/** What becomes of a request that could not be sent, or whose answer did not come. @internal */
export const onFailure = <A>(
  state: State,
  { onError, prepared, startedAt }: Pick<Sent<A, never>, "onError" | "prepared" | "startedAt">,
  cause: Cause.Cause<HttpClientError.HttpClientError>
): Effect.Effect<A, DashScopeError> =>
  orElse(
    Effect.catchAll(Effect.failCause(cause), (error) => failed(state, error, prepared, startedAt)),
    onError
  )

/** What becomes of an answer. One that is not good is an error, and is read. @internal */
export const onResponse = <A>(
  state: State,
  { onError, onGood, prepared }: Pick<Sent<A, never>, "onError" | "onGood" | "prepared">,
  response: HttpClientResponse.HttpClientResponse
): Effect.Effect<A, DashScopeError> =>
  orElse(isGood(response) ? onGood(response) : refused(state, response, prepared), onError)

/** Sends a request. @internal */
export const respond = <A, R>(state: State, sent: Sent<A, R>): Effect.Effect<A, DashScopeError, R> => {
  const { client, deadline, onUnsent, prepared } = sent
  const { makeBody } = prepared
  let { request } = prepared
  if (makeBody !== undefined) {
    const made = withBody(request, makeBody)
    if (Either.isLeft(made)) return orElse(Effect.fail(made.left), sent.onError)
    request = made.right
  }
  if (deadline !== undefined) Deadline.watch(request, deadline)
  if (onUnsent !== undefined) PoolReplay.whenUnsent(request, onUnsent)
  const asked = Replay.locally(client.execute(request), prepared.replay)
  // One step for all that may come of it: each is kept by every call that waits.
  return Effect.matchCauseEffect(prepared.hidesHeaders ? withHiddenHeaders(asked) : asked, {
    onFailure: (cause) => onFailure(state, sent, cause),
    onSuccess: (response) => onResponse(state, sent, response)
  })
}
