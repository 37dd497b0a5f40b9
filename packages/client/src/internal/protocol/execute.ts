import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Deadline from "effect-http-pool/Deadline"
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import type { CallOptions } from "../../CallOptions.js"
import type { DashScopeError } from "../../DashScopeError.js"
import { RequestTimeout } from "../../DashScopeError.js"
import type { Envelope, Request } from "../../Envelope.js"
import * as AtHand from "../effect/atHand.js"
import { fromEither } from "../effect/either.js"
import { clockOf } from "../effect/fiber.js"
import { callProblem } from "./checks.js"
import { Watch } from "./deadlines.js"
import * as Envelopes from "./envelope.js"
import * as HttpError from "./httpError.js"
import * as Limited from "./limited.js"
import { deadlinesOf, noDeadlines } from "./options.js"
import { headersFor, prepare, type Prepared, replayOf } from "./request.js"
import { answerOf, failed, respond } from "./respond.js"
import { type Attempting, caught, type OnError } from "./retry.js"
import type { State } from "./state.js"

/** @internal */
export const withTimeout = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  phase: "total" | "firstContent",
  duration: Duration.Duration
): Effect.Effect<A, E | RequestTimeout, R> =>
  Effect.timeoutFail(self, { duration, onTimeout: () => new RequestTimeout({ phase, duration }) })

/** A time that the service spends waiting, as it was asked to, is not the call's. @internal */
export const extend = (
  state: State,
  total: Duration.Duration | undefined,
  call: CallOptions
): Duration.Duration | undefined => {
  const wait = call.waitTimeout ?? state.waitTimeout
  return total === undefined || wait === undefined ? total : Duration.sum(total, Duration.decode(wait))
}

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

/** What all attempts of a call have in common. */
interface Asked {
  readonly prepared: Prepared
  readonly accept: Request["accept"]
  readonly firstContent: Duration.Duration | undefined
  readonly total: Total | undefined
  readonly clock: Clock.Clock
}

/** Sends a request and reads its answer, in time: over a pool, the total bounds the rest of the answer too. */
const send = (
  state: State,
  { accept, clock, firstContent, prepared, total }: Asked,
  onError: OnError<Envelope>,
  onUnsent?: () => void
): Effect.Effect<Envelope, DashScopeError> => {
  const startedAt = clock.unsafeCurrentTimeMillis()
  let deadline: Deadline.RequestDeadline | undefined = undefined
  const onGood = (response: HttpClientResponse.HttpClientResponse) => {
    deadline?.responded()
    return read(state, response, prepared, accept, startedAt, total, clock)
  }
  if (state.isCarried(clock)) {
    const head = firstContent === undefined ? undefined : limitOf("firstContent", firstContent)
    const whole = total === undefined ? undefined : limitOf("total", total.duration, total.deadline - startedAt)
    if (whole !== undefined && whole.remaining <= 0) return onError(Deadline.timeoutOf(whole))
    if (head !== undefined || whole !== undefined) deadline = new Deadline.RequestDeadline(head, whole)
  } else if (firstContent !== undefined) {
    const head = respond(state, { client: state.httpClient, prepared, startedAt, onGood: Effect.succeed, onUnsent })
    return Effect.catchAll(Effect.flatMap(withTimeout(head, "firstContent", firstContent), onGood), onError)
  }
  return respond(state, { client: state.httpClient, prepared, startedAt, onGood, onError, deadline, onUnsent })
}

/** The body, as it was asked for. */
const read = (
  state: State,
  response: HttpClientResponse.HttpClientResponse,
  prepared: Prepared,
  accept: Request["accept"],
  startedAt: number,
  total: Total | undefined,
  clock: Clock.Clock
): Effect.Effect<Envelope, DashScopeError> => {
  const wrong = (error: HttpClientError.HttpClientError) => failed(state, error, prepared, startedAt)
  switch (accept) {
    case undefined:
    case "json":
      return AtHand.matchEffect(response.text, {
        onFailure: (error) => HttpError.isEmptyBody(error) ? answerOf(state, response, "", prepared) : wrong(error),
        onSuccess: (text) => answerOf(state, response, text, prepared)
      })
    case "text":
      return Effect.matchEffect(response.text, {
        onFailure: (error) =>
          HttpError.isEmptyBody(error) ? Effect.succeed(Envelopes.makeOther(response, "")) : wrong(error),
        onSuccess: (text) => Effect.succeed(Envelopes.makeOther(response, text))
      })
    case "bytes":
      return Effect.matchEffect(response.arrayBuffer, {
        onFailure: (error) =>
          HttpError.isEmptyBody(error)
            ? Effect.succeed(Envelopes.makeOther(response, new Uint8Array(0)))
            : wrong(error),
        onSuccess: (buffer) => Effect.succeed(Envelopes.makeOther(response, new Uint8Array(buffer)))
      })
    case "stream": {
      const body = Stream.catchAll(
        response.stream,
        (error): Stream.Stream<Uint8Array, DashScopeError> =>
          HttpError.isEmptyBody(error) ? Stream.empty : Stream.fromEffect(wrong(error))
      )
      if (total === undefined || state.isCarried(clock)) return Effect.succeed(Envelopes.makeOther(response, body))
      const left = Duration.millis(Math.max(0, total.deadline - clock.unsafeCurrentTimeMillis()))
      const watch = new Watch(clock, { ...noDeadlines, total: left }, false, undefined)
      return Effect.succeed(Envelopes.makeOther(response, watch.boundStream(body)))
    }
  }
}

/** Each of a call's attempts. Not within `execute`, of which it would keep the rest: the request as it was asked for, above all. */
const attempting = (state: State, asked: Asked): Attempting<Envelope> => (onError) => send(state, asked, onError)

/** Sends a request and reads its whole answer. @internal */
export const execute = (
  state: State,
  request: Request,
  call: CallOptions
): Effect.Effect<Envelope, DashScopeError> => {
  const problem = callProblem(call)
  if (problem !== undefined) return fromEither(problem)
  const deadlines = deadlinesOf(call, state.deadlines)
  if (Either.isLeft(deadlines)) return Effect.fail(deadlines.left)
  const { firstContent, total } = deadlines.right ?? noDeadlines
  const duration = extend(state, total, call)
  const retrier = call.retry === undefined ? state.retrier : state.retrierOf(call.retry)
  const replay = replayOf(request)
  // What clockWith gives, without the two steps that a waiting call would keep of it.
  return Effect.withFiberRuntime((fiber) => {
    const clock = clockOf(fiber)
    const limit = duration === undefined
      ? undefined
      : { duration, deadline: clock.unsafeCurrentTimeMillis() + Duration.toMillis(duration) }
    const deadline = limit?.deadline ?? Infinity
    const { limiter } = state
    const run = AtHand.flatMap(
      prepare(state, request, call, headersFor(request)),
      (prepared) => {
        const asked: Asked = { prepared, accept: request.accept, firstContent, total: limit, clock }
        return retrier.retry(
          limiter === undefined
            ? attempting(state, asked)
            : caught(Limited.execute(
              limiter,
              Limited.asking(state, request, call, deadline),
              call,
              (onUnsent) => send(state, asked, Effect.fail, onUnsent)
            )),
          deadline,
          replay
        )
      }
    )
    // Where each step respects the deadline by itself, nobody has to watch them all.
    const isRespected = state.isCarried(clock) && retrier.respectsDeadline && state.credential.isReady(call.apiKey)
    return duration === undefined || isRespected ? run : withTimeout(run, "total", duration)
  })
}
