import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Beneath from "effect-http-pool/Beneath"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { StreamOptions } from "../../CallOptions.js"
import type { DashScopeError, RequestTimeout } from "../../DashScopeError.js"
import { ConnectionError } from "../../DashScopeError.js"
import type { Request, ServerEvent } from "../../Envelope.js"
import { fromEither } from "../effect/either.js"
import * as Pull from "../effect/pull.js"
import { callProblem } from "./checks.js"
import { Watch } from "./deadlines.js"
import { EventReader, type Outcome } from "./eventReader.js"
import { extend, withTimeout } from "./execute.js"
import * as HttpError from "./httpError.js"
import * as Limited from "./limited.js"
import { deadlinesOf, noDeadlines } from "./options.js"
import { prepare, type Prepared, replayOf, streamHeaders } from "./request.js"
import { failed, failWith, respond } from "./respond.js"
import type { State } from "./state.js"

type ReadError = HttpClientError.HttpClientError | RequestTimeout

/** What the bytes of a stream come to. */
class BodyReader implements Pull.Reader<Uint8Array, ServerEvent, ReadError, DashScopeError> {
  ending: Effect.Effect<void, DashScopeError> | undefined = undefined
  private readonly events: EventReader
  /** Told of each wait. */
  private readonly waiting: Watch | undefined

  constructor(
    private readonly state: State,
    private readonly response: HttpClientResponse.HttpClientResponse,
    private readonly prepared: Prepared,
    private readonly startedAt: number,
    private readonly watch: Watch | undefined,
    private readonly options: StreamOptions
  ) {
    this.events = new EventReader(response, { secrets: prepared.secrets, maxEventBytes: options.maxEventBytes })
    this.waiting = watch?.isCarried === true ? watch : undefined
  }

  chunk(chunk: Iterable<Uint8Array>): Array<ServerEvent> {
    this.waiting?.endWait()
    const events = this.events.feed(chunk)
    return events.length === 0 && this.events.outcome === undefined ? events : this.handOut(events)
  }

  done(): Array<ServerEvent> {
    return this.handOut(this.events.end())
  }

  failed(error: ReadError): Array<ServerEvent> {
    // All has come, and the service leaves the stream open.
    if (this.watch?.isOver === true) this.ending = Effect.void
    else if (error._tag === "RequestTimeout") this.ending = Effect.fail(error)
    else if (HttpError.isEmptyBody(error)) return this.done()
    else this.ending = failed(this.state, error, this.prepared, this.startedAt)
    return []
  }

  waits(): void {
    const late = this.waiting?.beginWait()
    if (late !== undefined) this.failed(late)
  }

  private handOut(events: Array<ServerEvent>): Array<ServerEvent> {
    const { events: { hasEndMark, outcome }, options: { isContent, onEndMark }, watch } = this
    if (watch?.countsContent === true && (isContent === undefined ? events.length > 0 : events.some(isContent))) {
      watch.content()
    }
    if (hasEndMark) onEndMark?.()
    if (outcome !== undefined) this.ending = this.conclude(outcome)
    return events
  }

  private conclude(outcome: Outcome): Effect.Effect<void, DashScopeError> {
    const { prepared, response, state } = this
    switch (outcome._tag) {
      case "Done":
        return Effect.void
      case "Refused":
        return failWith(state, outcome.status, outcome.error, response.headers, prepared)
      case "Truncated":
        return Effect.fail(
          new ConnectionError({
            reason: "Truncated",
            origin: state.origin,
            responseStarted: true,
            description: outcome.description
          })
        )
    }
  }
}

/** The body as it comes. */
const bytesOf = (
  response: HttpClientResponse.HttpClientResponse,
  watch: Watch | undefined
): Effect.Effect<Pull.Pull<Uint8Array, ReadError>, never, Scope.Scope> => {
  if (watch !== undefined && !watch.isCarried) {
    return Effect.map(Pull.open(response.stream), (pull) => watch.boundPull(pull))
  }
  const pull = Beneath.pullOf(response)
  return pull === undefined ? Pull.open(response.stream) : Effect.succeed(pull)
}

type Opening = Pull.Opening<ServerEvent, DashScopeError>

const open = (
  state: State,
  request: Request,
  options: StreamOptions,
  watch: Watch | undefined,
  deadline = Infinity,
  onUnsent?: () => void
): Opening =>
  Effect.flatMap(
    Effect.suspend(() => inTime(state, prepare(state, request, options, streamHeaders), options, watch, deadline)),
    (prepared) =>
      Effect.flatMap(Clock.currentTimeMillis, (startedAt) =>
        Effect.flatMap(
          respond(state, {
            client: state.scopedClient,
            prepared,
            startedAt,
            onGood: Effect.succeed,
            deadline: watch?.isCarried === true ? watch : undefined,
            onUnsent
          }),
          (response) =>
            Effect.map(
              bytesOf(response, watch),
              (pull) => Pull.read(pull, new BodyReader(state, response, prepared, startedAt, watch, options))
            )
        ))
  )

/** The key of a file may take its time, which no pool watches. */
const inTime = <A, E>(
  state: State,
  prepared: Effect.Effect<A, E>,
  options: StreamOptions,
  watch: Watch | undefined,
  deadline: number
): Effect.Effect<A, E | RequestTimeout> =>
  watch === undefined || deadline === Infinity || state.credential.isReady(options.apiKey)
    ? prepared
    : watch.inTotal(prepared)

/** The one that waits then fails by its own deadline, and ends the stream itself. */
const grace = Duration.seconds(1)

/**
 * Has a stream that nobody reads give its connection back when its time is over. The pool does that by itself; over other
 * HTTP clients, or where something stands before the pool, it takes a fiber.
 */
const freed = <A, E, R>(
  opened: Effect.Effect<A, E, R | Scope.Scope>,
  watch: Watch,
  total: Duration.Duration
): Effect.Effect<A, E, R | Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      const outer = yield* Effect.scope
      const inner = yield* Scope.fork(outer, ExecutionStrategy.sequential)
      const expire = Effect.sleep(total).pipe(
        Effect.zipRight(Effect.suspend(() => watch.isWaiting ? Effect.sleep(grace) : Effect.void)),
        Effect.zipRight(Scope.close(inner, Exit.void))
      )
      yield* Effect.forkIn(Effect.interruptible(expire), outer)
      return yield* restore(Scope.extend(opened, inner))
    })
  )

/** Sends a request and reads its answer event by event. @internal */
export const stream = (
  state: State,
  request: Request,
  options: StreamOptions
): Stream.Stream<ServerEvent, DashScopeError> =>
  Pull.stream(Effect.suspend(() => {
    const problem = callProblem(options)
    if (problem !== undefined) return fromEither(problem)
    const deadlines = deadlinesOf(options, state.deadlines)
    if (Either.isLeft(deadlines)) return Effect.fail(deadlines.left)
    const retrier = options.retry === undefined ? state.retrier : state.retrierOf(options.retry)
    const replay = replayOf(request)
    const limits = deadlines.right ?? noDeadlines
    const { limiter } = state
    const limited = (attempt: (onUnsent?: () => void) => Opening, deadline: number): Opening =>
      limiter === undefined
        ? attempt()
        : Limited.stream(limiter, Limited.asking(state, request, options, deadline), options, attempt)
    if (limits === noDeadlines && options.isComplete === undefined) {
      return retrier.retryPull(
        limited(
          (onUnsent) => open(state, request, options, undefined, Infinity, onUnsent),
          Infinity
        ),
        Infinity,
        replay
      )
    }
    return Effect.clockWith((clock) => {
      const total = extend(state, limits.total, options)
      const isCarried = state.isCarried(clock)
      const watch = new Watch(clock, { ...limits, total }, isCarried, options.isComplete)
      const deadline = total === undefined ? Infinity : clock.unsafeCurrentTimeMillis() + Duration.toMillis(total)
      const attempt = limited(
        (onUnsent) => watch.attempt(open(state, request, options, watch, deadline, onUnsent)),
        deadline
      )
      const opened = retrier.retryPull(attempt, deadline, replay)
      if (total === undefined) return opened
      const timed = retrier.respectsDeadline ? opened : withTimeout(opened, "total", total)
      return isCarried ? timed : freed(timed, watch, total)
    })
  }))
