import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Channel from "effect/Channel"
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { StreamOptions } from "../../CallOptions.js"
import type { DashScopeError, RequestTimeout } from "../../DashScopeError.js"
import { ConnectionError } from "../../DashScopeError.js"
import type { Request, ServerEvent } from "../../Envelope.js"
import { callProblem } from "./checks.js"
import { Watch } from "./deadlines.js"
import { EventReader, type Outcome } from "./eventReader.js"
import { extend, withTimeout } from "./execute.js"
import * as Limited from "./limited.js"
import { deadlinesOf, noDeadlines } from "./options.js"
import { prepare, type Prepared, replayOf, streamHeaders } from "./request.js"
import { failed, failWith, respond } from "./respond.js"
import type { State } from "./state.js"

/** What the bytes of a stream come to. */
const readEvents = (
  state: State,
  response: HttpClientResponse.HttpClientResponse,
  prepared: Prepared,
  startedAt: number,
  watch: Watch | undefined,
  { isContent, maxEventBytes, onEndMark }: StreamOptions
) => {
  const reader = new EventReader(response, { secrets: prepared.secrets, maxEventBytes })
  const closing = watch?.boundsPulls === false ? watch : undefined

  const conclude = (outcome: Outcome): Channel.Channel<never, unknown, DashScopeError> => {
    switch (outcome._tag) {
      case "Done":
        return Channel.void
      case "Refused":
        return Channel.fromEffect(failWith(state, outcome.status, outcome.error, response.headers, prepared))
      case "Truncated":
        return Channel.fail(
          new ConnectionError({
            reason: "Truncated",
            origin: state.origin,
            responseStarted: true,
            description: outcome.description
          })
        )
    }
  }

  const handOut = (events: Array<ServerEvent>) => {
    if (watch?.countsContent === true && (isContent === undefined ? events.length > 0 : events.some(isContent))) {
      watch.content()
    }
    const written = events.length === 0 ? Channel.void : Channel.write(Chunk.unsafeFromArray(events))
    const { outcome } = reader
    if (reader.hasEndMark) onEndMark?.()
    return outcome === undefined ? written : Channel.zipRight(written, conclude(outcome))
  }

  const end = () => handOut(reader.end())

  const next = () => {
    closing?.beginWait()
    return read
  }

  const read: Channel.Channel<
    Chunk.Chunk<ServerEvent>,
    Chunk.Chunk<Uint8Array>,
    DashScopeError,
    HttpClientError.ResponseError | RequestTimeout
  > = Channel.readWith({
    onInput: (chunks: Chunk.Chunk<Uint8Array>) => {
      closing?.endWait()
      const events = reader.feed(chunks)
      if (events.length === 0 && reader.outcome === undefined) return next()
      const out = handOut(events)
      return reader.outcome === undefined ? Channel.flatMap(out, next) : out
    },
    onFailure: (error) => {
      // All has come, and the service leaves the stream open.
      if (watch?.isOver === true) return Channel.void
      if (error._tag === "RequestTimeout") return Channel.fail(error)
      return error.reason === "EmptyBody" ? end() : Channel.fromEffect(failed(state, error, prepared, startedAt))
    },
    onDone: end
  })
  return read
}

type Opening = Effect.Effect<Stream.Stream<ServerEvent, DashScopeError>, DashScopeError, Scope.Scope>

const open = (
  state: State,
  request: Request,
  options: StreamOptions,
  watch: Watch | undefined,
  deadline = Infinity,
  onUnsent?: () => void
): Opening =>
  Effect.flatMap(
    inTime(state, prepare(state, request, options, streamHeaders), options, watch, deadline),
    (prepared) =>
      Effect.flatMap(Clock.currentTimeMillis, (startedAt) =>
        Effect.map(respond(state, state.scopedClient, prepared, startedAt, undefined, onUnsent), (response) => {
          const body = response.stream
          return Stream.pipeThroughChannel(
            watch?.boundsPulls === true ? watch.boundStream(body) : body,
            readEvents(state, response, prepared, startedAt, watch, options)
          )
        }))
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
  Stream.unwrapScoped(Effect.suspend(() => {
    const problem = callProblem(options)
    if (problem !== undefined) return problem
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
      return retrier.retryStream(
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
      const opened = retrier.retryStream(attempt, deadline, replay)
      if (total === undefined) return opened
      const timed = retrier.respectsDeadline ? opened : withTimeout(opened, "total", total)
      return isCarried ? timed : freed(timed, watch, total)
    })
  }))
