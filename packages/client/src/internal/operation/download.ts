/**
 * The bytes behind the URL of a result: without the key, and resumed where they break off.
 *
 * @internal
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as ParseResult from "effect/ParseResult"
import * as Random from "effect/Random"
import * as Stream from "effect/Stream"
import {
  ApiError,
  ConnectionError,
  type DashScopeError,
  type InputRequired,
  RequestTimeout
} from "../../DashScopeError.js"
import {
  type DownloadError,
  type DownloadOptions,
  FileChanged,
  FileTooLarge,
  type Progress
} from "../../DownloadState.js"
import { scrub } from "../core/secrets.js"
import { fromEither } from "../effect/either.js"
import * as Pull from "../effect/pull.js"
import { retryAfter } from "../protocol/classify.js"
import { apiError, unexpectedShape } from "../protocol/envelope.js"
import * as ErrorBody from "../protocol/errorBody.js"
import * as HttpError from "../protocol/httpError.js"
import { inputRequired } from "../protocol/invalid.js"
import * as Misdirected from "../protocol/misdirected.js"
import { durationOf } from "../protocol/options.js"
import { readStart } from "../protocol/respond.js"
import * as TransportError from "../protocol/transportError.js"
import { errorOf } from "../upload/form.js"
import * as Resume from "./resume.js"
import { isTransient } from "./taskState.js"

const defaultMaxRetries = 5

/** What was asked for, checked. */
interface Plan {
  readonly url: URL
  /** Without what only its owner may know: that is in the query. */
  readonly shown: string
  readonly secrets: ReadonlyArray<string>
  readonly maxBytes: number
  readonly maxRetries: number
  readonly timeout: Duration.Duration | undefined
  readonly contentTimeout: Duration.Duration | undefined
  readonly onProgress: ((progress: Progress) => Effect.Effect<void>) | undefined
}

const isCount = (u: unknown): boolean => typeof u === "number" && u >= 0

/** What is wrong is said before anything is sent. @internal */
export const planOf = (url: string, options: DownloadOptions = {}): Either.Either<Plan, InputRequired> => {
  const given: unknown = url
  const parsed = typeof given === "string" && URL.canParse(given) ? new URL(given) : undefined
  if (parsed === undefined || (parsed.protocol !== "https:" && parsed.protocol !== "http:")) {
    return Either.left(inputRequired("url", "must be an http:// or https:// URL, as results have"))
  }
  const { maxBytes = Infinity, maxRetries = defaultMaxRetries, onProgress } = options
  if (!isCount(maxBytes)) return Either.left(inputRequired("maxBytes", "must be a number of bytes"))
  if (!isCount(maxRetries)) return Either.left(inputRequired("maxRetries", "must be a number from 0"))
  return Either.map(
    Either.all({
      timeout: durationOf("timeout", options.timeout),
      contentTimeout: durationOf("contentTimeout", options.contentTimeout)
    }),
    (timeouts) => ({
      url: parsed,
      shown: `${parsed.origin}${parsed.pathname}`,
      secrets: [parsed.search.slice(1), parsed.password, ...parsed.searchParams.values()],
      maxBytes,
      maxRetries,
      onProgress,
      ...timeouts
    })
  )
}

/** How far it is. */
class State {
  known: Resume.Known | undefined = undefined
  received = 0
  /** Breaks in a row, without a byte in between. */
  breaks = 0
  /** The last bytes, where they are to be compared. */
  tail: Uint8Array = new Uint8Array(0)
}

const failed = (
  plan: Plan,
  error: unknown,
  responseStarted: boolean
): Effect.Effect<never, DashScopeError> =>
  Effect.fail(TransportError.fromForeign(error, {
    origin: plan.url.origin,
    responseStarted,
    elapsed: Duration.zero,
    secrets: plan.secrets
  }))

const refused = (
  { secrets, shown }: Plan,
  response: HttpClientResponse.HttpClientResponse
): Effect.Effect<never, DashScopeError> =>
  Effect.flatMap(readStart(response), (text) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const { headers, status } = response
      const ofStorage = errorOf(scrub(text, secrets))
      const said = status >= 300 && status < 400
        ? Misdirected.redirect(shown, headers["location"], secrets)
        : ofStorage.code !== "" || ofStorage.message !== ""
        ? ofStorage
        : ErrorBody.parse(text, secrets)
      const message = status === 403 || status === 404
        ? `${said.message} (the URL of a result is good for 24 hours)`
        : said.message
      return Effect.fail(
        apiError(status, { ...said, message }, {
          requestId: headers["x-oss-request-id"],
          retryAfter: retryAfter(headers["retry-after"], now)
        })
      )
    }))

/** Third parties get no trace ids, and traces no signed URLs. */
const unseen = Effect.locally(HttpClient.currentTracerDisabledWhen, () => true)

const withinContent = <A, E>(
  self: Effect.Effect<A, E>,
  { contentTimeout }: Plan
): Effect.Effect<A, E | RequestTimeout> =>
  contentTimeout === undefined
    ? self
    : Effect.timeoutFail(self, { duration: contentTimeout, onTimeout: () => contentPassed(contentTimeout) })

const contentPassed = (duration: Duration.Duration) => new RequestTimeout({ phase: "content", duration })

/** One answer, from where the bytes are to go on. */
const open = (
  http: HttpClient.HttpClient,
  plan: Plan,
  state: State
): Effect.Effect<Stream.Stream<Uint8Array, DownloadError>, DownloadError> => {
  const { shown, url } = plan
  const { received } = state
  const request = HttpClientRequest.get(url.href, { headers: Resume.headersOf(state.known, received) })
  const changed = (description: string) => new FileChanged({ url: shown, received, description })
  return Effect.matchEffect(withinContent(unseen(http.execute(request)), plan), {
    onFailure: (error) =>
      error._tag === "RequestTimeout"
        ? Effect.fail(error)
        : failed(plan, error.cause ?? error, HttpError.hasResponse(error)),
    onSuccess: (response): Effect.Effect<Stream.Stream<Uint8Array, DownloadError>, DownloadError> => {
      const { headers, status } = response
      const isPart = status === 206 || (status === 416 && received > 0)
      if (status !== 200 && !isPart) return refused(plan, response)
      const verdict = Resume.judge(state.known, received, status, headers)
      if (verdict._tag === "Body") {
        const { known, skip } = verdict
        if (known.total !== undefined && known.total > plan.maxBytes) {
          return Effect.zipRight(discard(response), Effect.fail(tooLarge(plan, known.total)))
        }
        state.known = known
        return Effect.succeed(bodyOf(plan, state, response, skip))
      }
      return Effect.zipRight(
        discard(response),
        verdict._tag === "Complete" ? Effect.succeed(Stream.empty) : Effect.fail(changed(verdict.description))
      )
    }
  })
}

const tooLarge = ({ maxBytes, shown }: Plan, size?: number) =>
  new FileTooLarge({ url: shown, maxBytes, ...(size === undefined ? undefined : { size }) })

/** A body that nobody wants keeps no connection. */
const discard = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<void> =>
  response.stream.pipe(
    Stream.runForEachWhile(() => Effect.succeed(false)),
    Effect.interruptible,
    Effect.disconnect,
    Effect.timeout("1 second"),
    Effect.ignore
  )

const bodyOf = (
  plan: Plan,
  state: State,
  response: HttpClientResponse.HttpClientResponse,
  skip: number
): Stream.Stream<Uint8Array, DownloadError> => {
  const skipped = new Resume.Skip(skip, state.tail)
  const isCompared = state.known !== undefined && Resume.isCompared(state.known)
  /** Whether it is of the same file. */
  const take = (piece: Uint8Array, fresh: Array<Uint8Array>): boolean => {
    const rest = skipped.rest(piece)
    if (rest === undefined) return false
    if (rest.length > 0) {
      state.received += rest.length
      state.breaks = 0
      if (isCompared) state.tail = Resume.tailOf(state.tail, rest)
      fresh.push(rest)
    }
    return true
  }
  const body = Stream.catchAll(
    response.stream,
    (error) => HttpError.isEmptyBody(error) ? Stream.empty : Stream.fromEffect(failed(plan, error.cause ?? error, true))
  )
  const { contentTimeout } = plan
  const timed = contentTimeout === undefined
    ? body
    : Stream.timeoutFail(body, () => contentPassed(contentTimeout), contentTimeout)
  return timed.pipe(
    Stream.mapChunksEffect((pieces): Effect.Effect<Chunk.Chunk<Uint8Array>, FileChanged | FileTooLarge> => {
      const { received } = state
      const fresh: Array<Uint8Array> = []
      for (const piece of pieces) {
        if (!take(piece, fresh)) {
          const description = "the file has changed (its bytes before the break are others)"
          return Effect.fail(new FileChanged({ url: plan.shown, received, description }))
        }
      }
      return state.received > plan.maxBytes ? Effect.fail(tooLarge(plan)) : Effect.succeed(Chunk.unsafeFromArray(fresh))
    }),
    Stream.concat(Stream.suspend(() => lengthProblem(plan, state)))
  )
}

/** That the end has come where it should not have. */
const lengthProblem = (
  { shown, url }: Plan,
  { known, received }: State
): Stream.Stream<never, ConnectionError | FileChanged> => {
  const total = known?.total
  if (total === undefined || received === total) return Stream.empty
  return Stream.fail(
    received > total
      ? new FileChanged({ url: shown, received, description: `the host said that the file has ${total} bytes` })
      : new ConnectionError({
        reason: "Truncated",
        origin: url.origin,
        responseStarted: true,
        description: `the file ended after ${received} of ${total} bytes`
      })
  )
}

const longestRetryAfter = Duration.seconds(60)

/** What the host asks for, or more each time. */
const pauseOf = (error: DownloadError, breaks: number): Effect.Effect<Duration.Duration> =>
  error._tag === "ApiError" && error.retryAfter !== undefined
    ? Effect.succeed(Duration.min(error.retryAfter, longestRetryAfter))
    : Effect.map(Random.next, (random) => Duration.millis(Resume.pauseMillis(breaks, random)))

const mayGoOn = ({ maxRetries }: Plan, { breaks, known, received }: State, error: DownloadError): boolean =>
  error._tag !== "FileChanged" && error._tag !== "FileTooLarge" && isTransient(error) && breaks < maxRetries &&
  Resume.isResumable(known, received)

const attempts = (http: HttpClient.HttpClient, plan: Plan, state: State): Stream.Stream<Uint8Array, DownloadError> =>
  Stream.catchAll(Stream.unwrap(open(http, plan, state)), (error) => {
    if (!mayGoOn(plan, state, error)) return Stream.fail(error)
    const { received } = state
    return pauseOf(error, state.breaks++).pipe(
      Effect.tap(() => said("dashscope.download.resume", { "dashscope.download.received": received })),
      Effect.flatMap(Effect.sleep),
      Effect.as(Stream.suspend(() => attempts(http, plan, state))),
      Stream.unwrap
    )
  })

const said = (name: string, attributes: Record<string, unknown>): Effect.Effect<void> =>
  Effect.ignore(
    Effect.flatMap(Effect.currentSpan, (span) =>
      Effect.map(Clock.currentTimeNanos, (now) => span.event(name, now, attributes)))
  )

/** The whole, within its time; a pull that waits longer is given up. */
const within = (
  self: Stream.Stream<Uint8Array, DownloadError>,
  duration: Duration.Duration
): Stream.Stream<Uint8Array, DownloadError> =>
  Stream.unwrap(Effect.map(Clock.currentTimeMillis, (startedAt) =>
    Pull.transform(
      self,
      (pull): Pull.Pull<Uint8Array, DownloadError> =>
        Effect.flatMap(Clock.currentTimeMillis, (now) =>
          Effect.timeoutFail(pull, {
            duration: Duration.subtract(duration, Duration.millis(now - startedAt)),
            onTimeout: () => Pull.ended(new RequestTimeout({ phase: "total", duration }))
          }))
    )))

const told = (
  self: Stream.Stream<Uint8Array, DownloadError>,
  state: State,
  onProgress: NonNullable<DownloadOptions["onProgress"]>
): Stream.Stream<Uint8Array, DownloadError> => {
  let received = 0
  return Stream.tap(self, (piece) => {
    received += piece.length
    return onProgress({ received, total: state.known?.total })
  })
}

/** A download, and what it knows of the file once the first bytes are here. @internal */
export interface Running {
  readonly bytes: Stream.Stream<Uint8Array, DownloadError>
  readonly mediaType: () => string | undefined
}

/** @internal */
export const run = (
  http: HttpClient.HttpClient,
  url: string,
  options: DownloadOptions | undefined
): Either.Either<Running, InputRequired> =>
  Either.map(planOf(url, options), (plan) => {
    const state = new State()
    const { onProgress, shown, timeout } = plan
    const whole = attempts(http, plan, state)
    const bounded = timeout === undefined ? whole : within(whole, timeout)
    return {
      bytes: Stream.withSpan(
        onProgress === undefined ? bounded : told(bounded, state, onProgress),
        "dashscope.download",
        { captureStackTrace: false, attributes: { "url.full": shown, "server.address": plan.url.hostname } }
      ),
      mediaType: () => state.known?.mediaType
    }
  })

/** Each run is a download of its own. @internal */
export const stream = (
  http: HttpClient.HttpClient,
  url: string,
  options?: DownloadOptions
): Stream.Stream<Uint8Array, DownloadError> =>
  Stream.unwrap(Effect.suspend(() => fromEither(Either.map(run(http, url, options), ({ bytes }) => bytes))))

/** A file that is not what it should be. @internal */
export const unreadable = (description: string): ApiError =>
  new ApiError({ reason: "UnexpectedResponse", isRetryable: false, statusCode: 200, code: "", description })

/** What a result holds that is read as a whole, at the most: far more than any has. */
const longestJson = 256 * 1024 * 1024

/** The whole of it, which is JSON. @internal */
export const json = <A>(
  http: HttpClient.HttpClient,
  url: string,
  decode: (json: unknown) => Either.Either<A, ParseResult.ParseError>,
  options?: DownloadOptions
): Effect.Effect<A, DownloadError> =>
  Effect.suspend(() => {
    const decoder = new TextDecoder()
    return Effect.flatMap(
      Stream.runFold(
        stream(http, url, { maxBytes: longestJson, ...options }),
        "",
        (text, piece) => text + decoder.decode(piece, { stream: true })
      ),
      (text): Effect.Effect<A, ApiError> => {
        const json = ErrorBody.parseJson(text + decoder.decode())
        return json === undefined
          ? Effect.fail(unreadable("the file is not JSON"))
          : fromEither(
            Either.mapLeft(decode(json), (error) => unexpectedShape(error, { status: 200, requestId: undefined }))
          )
      }
    )
  })
