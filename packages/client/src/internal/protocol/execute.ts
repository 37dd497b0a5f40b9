import * as HttpBody from "@effect/platform/HttpBody"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import type * as Beneath from "effect-http-pool/Beneath"
import * as Deadline from "effect-http-pool/Deadline"
import type * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import type * as Tracer from "effect/Tracer"
import type { CallOptions } from "../../CallOptions.js"
import type { DashScopeError } from "../../DashScopeError.js"
import { RequestTimeout } from "../../DashScopeError.js"
import type { Envelope, Request } from "../../Envelope.js"
import * as AtHand from "../effect/atHand.js"
import { fromEither } from "../effect/either.js"
import { type AnyFiber, clockOf, FiberEffect } from "../effect/fiber.js"
import { callProblem } from "./checks.js"
import { Watch } from "./deadlines.js"
import * as Envelopes from "./envelope.js"
import * as HttpError from "./httpError.js"
import * as Limited from "./limited.js"
import { deadlinesOf, noDeadlines } from "./options.js"
import { headersFor, prepare, type Prepared, replayOf } from "./request.js"
import { answerOf, failed, onFailure, onResponse, respond } from "./respond.js"
import { type Attempting, caught, type OnError, type Retrier } from "./retry.js"
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

/** The deadline of a whole call. */
class Total {
  constructor(
    readonly duration: Duration.Duration,
    /** When it passes, in milliseconds since the epoch. */
    readonly deadline: number
  ) {}
}

class Limit implements Deadline.Limit {
  constructor(
    readonly phase: Deadline.Limit["phase"],
    readonly duration: Duration.Duration,
    readonly remaining = Duration.toMillis(duration)
  ) {}
}

/**
 * What all attempts of a call have in common. A class and no literal, as is all that a call leads to while it waits: V8 notes how
 * long the first objects of a literal live, and comes to put later ones in the old generation, where a dead one holds all that it
 * leads to until the next full collection.
 */
class Asked {
  constructor(
    readonly prepared: Prepared,
    readonly accept: Request["accept"],
    readonly firstContent: Duration.Duration | undefined,
    readonly total: Total | undefined,
    readonly clock: Clock.Clock
  ) {}
}

/** Reads a good answer, in time. */
const readGood = (
  state: State,
  { accept, clock, prepared, total }: Asked,
  startedAt: number,
  deadline: Deadline.RequestDeadline | undefined,
  response: HttpClientResponse.HttpClientResponse
): Effect.Effect<Envelope, DashScopeError> => {
  deadline?.responded()
  return read(state, response, prepared, accept, startedAt, total, clock)
}

/** What the pool watches over a request; an error where a deadline has passed already. */
const carriedDeadline = (
  { firstContent, total }: Asked,
  startedAt: number
): Deadline.RequestDeadline | RequestTimeout | undefined => {
  const head = firstContent === undefined ? undefined : new Limit("firstContent", firstContent)
  const whole = total === undefined ? undefined : new Limit("total", total.duration, total.deadline - startedAt)
  if (whole !== undefined && whole.remaining <= 0) return Deadline.timeoutOf(whole)
  return head === undefined && whole === undefined ? undefined : new Deadline.RequestDeadline(head, whole)
}

/** Sends a request and reads its answer, in time: over a pool, the total bounds the rest of the answer too. */
const send = (
  state: State,
  asked: Asked,
  onError: OnError<Envelope>,
  onUnsent?: () => void
): Effect.Effect<Envelope, DashScopeError> => {
  const { clock, firstContent, prepared } = asked
  const startedAt = clock.unsafeCurrentTimeMillis()
  if (!state.isCarried(clock) && firstContent !== undefined) {
    const head = respond(state, { client: state.httpClient, prepared, startedAt, onGood: Effect.succeed, onUnsent })
    const good = Effect.flatMap(
      withTimeout(head, "firstContent", firstContent),
      (response) => readGood(state, asked, startedAt, undefined, response)
    )
    return Effect.catchAll(good, onError)
  }
  const deadline = state.isCarried(clock) ? carriedDeadline(asked, startedAt) : undefined
  if (deadline instanceof RequestTimeout) return onError(deadline)
  const onGood = (response: HttpClientResponse.HttpClientResponse) =>
    readGood(state, asked, startedAt, deadline, response)
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

/** Who runs a call, and ends it. @internal */
export interface Ending<A> {
  /** The call is about to be made, and ends in one of the others. Gives its span. */
  readonly begin: () => Tracer.Span | undefined
  /** Its answer is here. */
  readonly end: (envelope: Envelope) => Effect.Effect<A, DashScopeError>
  /** What remains to be done until its answer is here. */
  readonly goOn: (rest: Effect.Effect<Envelope, DashScopeError>) => Effect.Effect<A, DashScopeError>
  /** Its fiber was interrupted. */
  readonly abort: (cause: Cause.Cause<never>) => void
}

/** One request of a call whose answer is read, mostly, in the callback that resumes the fiber. */
class Directly<A> implements Beneath.Sent<A, DashScopeError> {
  readonly prepared: Prepared

  constructor(
    private readonly ending: Ending<A>,
    private readonly state: State,
    private readonly asked: Asked,
    readonly startedAt: number,
    private readonly deadline: Deadline.RequestDeadline | undefined,
    readonly onError: OnError<Envelope>
  ) {
    this.prepared = asked.prepared
  }

  begin(): Tracer.Span | undefined {
    return this.ending.begin()
  }

  end(outcome: Outcome): Effect.Effect<A, DashScopeError> {
    const { ending, state } = this
    const envelope = Exit.isSuccess(outcome)
      ? onResponse(state, this, outcome.value)
      : onFailure(state, this, outcome.cause)
    return AtHand.isAtHand(envelope) ? ending.end(envelope.value) : ending.goOn(envelope)
  }

  abort(cause: Cause.Cause<never>): void {
    this.ending.abort(cause)
  }

  readonly onGood = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<Envelope, DashScopeError> =>
    readGood(this.state, this.asked, this.startedAt, this.deadline, response)
}

type Outcome = Exit.Exit<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError>

/** Sends a request and reads its whole answer. @internal */
export class Execution extends FiberEffect<Envelope, DashScopeError> {
  constructor(
    private readonly state: State,
    private readonly request: Request,
    private readonly call: CallOptions,
    private readonly firstContent: Duration.Duration | undefined,
    private readonly duration: Duration.Duration | undefined,
    private readonly retrier: Retrier
  ) {
    super()
  }

  run(fiber: AnyFiber): Effect.Effect<Envelope, DashScopeError> {
    const { call, duration, request, retrier, state } = this
    const clock = clockOf(fiber)
    const total = this.total(clock)
    const deadline = total?.deadline ?? Infinity
    const replay = replayOf(request)
    const { limiter } = state
    const run = AtHand.flatMap(
      prepare(state, request, call, headersFor(request)),
      (prepared) => {
        const asked = this.asked(prepared, total, clock)
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
  }

  /**
   * The same for who ends the call: where all is at hand and the pool straight beneath, its first request takes a few steps of the
   * fiber, and what waits for it is one record. Whatever else comes of it goes on as `run` does.
   */
  endedBy<A>(fiber: AnyFiber, ending: Ending<A>): Effect.Effect<A, DashScopeError> {
    const { request, retrier: { afterFirst }, state } = this
    const clock = clockOf(fiber)
    if (
      state.send === undefined || state.limiter !== undefined || afterFirst === undefined || !state.isCarried(clock) ||
      request.replay === "unsent" || typeof request.body === "function" || HttpBody.isHttpBody(request.body)
    ) return ending.goOn(this)
    const known = this.known()
    if (known === undefined || known.hidesHeaders) return ending.goOn(this)
    const total = this.total(clock)
    const asked = this.asked(known, total, clock)
    const startedAt = clock.unsafeCurrentTimeMillis()
    const onError = afterFirst(attempting(state, asked), total?.deadline ?? Infinity, "always")
    const deadline = carriedDeadline(asked, startedAt)
    if (deadline instanceof RequestTimeout) return ending.goOn(onError(deadline))
    if (deadline !== undefined) Deadline.watch(known.request, deadline)
    return state.send(known.request, new Directly(ending, state, asked, startedAt, deadline, onError))
  }

  /** The request, where it is at hand. */
  private known(): Prepared | undefined {
    const { call, request, state } = this
    try {
      const prepared = prepare(state, request, call, headersFor(request))
      return AtHand.isAtHand(prepared) ? prepared.value : undefined
    } catch {
      // It throws again where that is a defect of the call.
      return undefined
    }
  }

  private total(clock: Clock.Clock): Total | undefined {
    const { duration } = this
    return duration === undefined
      ? undefined
      : new Total(duration, clock.unsafeCurrentTimeMillis() + Duration.toMillis(duration))
  }

  private asked(prepared: Prepared, total: Total | undefined, clock: Clock.Clock): Asked {
    return new Asked(prepared, this.request.accept, this.firstContent, total, clock)
  }
}

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
  const retrier = call.retry === undefined ? state.retrier : state.retrierOf(call.retry)
  return new Execution(state, request, call, firstContent, extend(state, total, call), retrier)
}
