import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { CallOptions } from "../../CallOptions.js"
import { ApiError, type DashScopeError } from "../../DashScopeError.js"
import type { DuplexTaskEvent, DuplexTaskInput, DuplexTaskRequest, Fields } from "../../DuplexTaskState.js"
import type { ServiceSocket, SocketRequest } from "../../ServiceSocket.js"
import * as Pull from "../effect/pull.js"
import type { Answer, Operations } from "../operation/observe.js"
import * as Messages from "./messages.js"

/** What tasks need of the client. @internal */
export interface Client {
  readonly baseUrl: string
  readonly connect: <A>(
    request: SocketRequest,
    begin: (socket: ServiceSocket) => Effect.Effect<A, DashScopeError>,
    options?: CallOptions
  ) => Effect.Effect<A, DashScopeError, Scope.Scope>
}

/** A task that the service has started. @internal */
export interface OpenTask {
  readonly id: string
  /** The output of `task-started`. */
  readonly started: Fields | undefined
  readonly send: (feed: DuplexTaskInput) => Effect.Effect<void, DashScopeError>
  /** Says that nothing follows. */
  readonly finish: (input?: Fields) => Effect.Effect<void, DashScopeError>
  /** Ends it at once; `take` fails. */
  readonly abort: Effect.Effect<void>
  /**
   * Waits for what comes of the task, and takes all that has come; fails with nothing after the last. The socket goes back to the
   * pool then, if the task was told that nothing follows.
   */
  readonly take: Pull.Take<DuplexTaskEvent, DashScopeError>
}

/** How a task is watched. @internal */
export interface Watching {
  /** Which events count for the deadlines of content. */
  readonly isContent: (event: DuplexTaskEvent) => boolean
  /** As of `SocketRequest`. */
  readonly startedAt?: number | undefined
}

const newId = (): string => crypto.randomUUID().replaceAll("-", "")

const tooEarly = (id: string): ApiError =>
  new ApiError({
    reason: "UnexpectedResponse",
    statusCode: 200,
    code: "",
    description: "the service went on with a task that it had not started",
    requestId: id,
    isRetryable: false
  })

class Task implements OpenTask {
  started: Fields | undefined = undefined
  private hasFinished = false
  /** Something came after the last event: whose it is, nobody knows. */
  private isUnclean = false
  private hasSentAll: boolean
  private failure: ApiError | undefined = undefined
  /** Came together with what was waited for before. */
  private pending: ReadonlyArray<DuplexTaskEvent> = []
  readonly abort: Effect.Effect<void>
  readonly take: Pull.Take<DuplexTaskEvent, DashScopeError>

  constructor(
    readonly id: string,
    private readonly socket: ServiceSocket,
    private readonly request: DuplexTaskRequest,
    private readonly isContent: Watching["isContent"]
  ) {
    this.hasSentAll = request.streaming === "out"
    this.abort = socket.abort
    this.take = Effect.suspend(() => {
      if (this.hasFinished) return Pull.end
      const { pending } = this
      if (pending.length > 0) {
        this.pending = []
        return this.handOut(pending)
      }
      return Effect.matchEffect(this.next, {
        onFailure: Pull.fail,
        onSuccess: (events) => this.handOut(events)
      })
    })
  }

  /** Asks for it, and waits until the service has started it. */
  get start(): Effect.Effect<void, DashScopeError> {
    const awaitStart: Effect.Effect<void, DashScopeError> = Effect.flatMap(this.next, (events) => {
      const [first, ...others] = events
      if (first === undefined) return awaitStart
      if (first._tag !== "Started") return Effect.fail(tooEarly(this.id))
      this.started = first.output
      this.pending = others
      return Effect.void
    })
    return Effect.zipRight(this.socket.send(Messages.runTask(this.id, this.request)), awaitStart)
  }

  send(feed: DuplexTaskInput): Effect.Effect<void, DashScopeError> {
    return Effect.suspend(() => {
      this.socket.asked()
      return this.socket.send(feed instanceof Uint8Array ? feed : Messages.continueTask(this.id, feed))
    })
  }

  finish(input: Fields = {}): Effect.Effect<void, DashScopeError> {
    return Effect.suspend(() => {
      this.hasSentAll = true
      this.socket.sentAll()
      return this.socket.send(Messages.finishTask(this.id, input))
    })
  }

  /** What has come, but for what is not known. What came before a failure is handed out first. */
  private get next(): Effect.Effect<ReadonlyArray<DuplexTaskEvent>, DashScopeError> {
    if (this.failure !== undefined) return Effect.fail(this.failure)
    return Effect.flatMap(this.socket.take, (messages) => {
      const events: Array<DuplexTaskEvent> = []
      for (const [index, message] of messages.entries()) {
        const event = Messages.readMessage(message, this.id)
        if (event === undefined) continue
        if (event._tag === "Result" || event._tag === "Finished") this.socket.used?.(event.usage)
        if (event._tag === "Finished") {
          this.isUnclean = index < messages.length - 1
          events.push(event)
          break
        }
        if (event instanceof ApiError) {
          this.failure = event
          return events.length === 0 ? Effect.fail(event) : Effect.succeed(events)
        }
        events.push(event)
      }
      return Effect.succeed(events)
    })
  }

  private handOut(
    events: ReadonlyArray<DuplexTaskEvent>
  ): Effect.Effect<ReadonlyArray<DuplexTaskEvent>> {
    if (events.some(this.isContent)) this.socket.answered()
    const last = events[events.length - 1]
    if (last?._tag !== "Finished") return Effect.succeed(events)
    this.hasFinished = true
    // One that ended by itself may still be sent to.
    return this.hasSentAll && !this.isUnclean ? Effect.as(this.socket.keep, events) : Effect.succeed(events)
  }
}

/**
 * Opens a task over a kept or a new connection, for as long as the scope. A task that is not finished by then is ended with its
 * connection.
 *
 * @internal
 */
export const open = (
  client: Client,
  request: DuplexTaskRequest,
  { isContent, startedAt }: Watching,
  options?: CallOptions
): Effect.Effect<OpenTask, DashScopeError, Scope.Scope> =>
  client.connect(
    {
      path: "/inference",
      reuse: true,
      replay: request.streaming === "out" ? "unsent" : "always",
      startedAt,
      model: request.model
    },
    (socket) => {
      const task = new Task(newId(), socket, request, isContent)
      if (request.streaming === "out") {
        socket.asked()
        socket.sentAll()
      }
      return Effect.as(task.start, task)
    },
    options
  )

/** What comes of an open task, as a stream. @internal */
export const events = (task: OpenTask): Stream.Stream<DuplexTaskEvent, DashScopeError> => Pull.takeToStream(task.take)

/** Sending failed: who reads learns why, after what had come before. @internal */
export class Unsent {
  readonly _tag = "Unsent"
}

const unsent = new Unsent()

/** Sends one piece of input, once the socket has taken the one before. @internal */
export type Send = (piece: DuplexTaskInput) => Effect.Effect<void, Unsent>

/** What goes into a task: pieces as they come, or what sends them itself and ends with the last. @internal */
export type Feed<E, R> =
  | Stream.Stream<DuplexTaskInput, E, R>
  | ((send: Send) => Effect.Effect<void, E | Unsent, R>)

/** Takes what has come of a task; fails with nothing after the last. */
type Taking<E> = Pull.Take<DuplexTaskEvent, DashScopeError | E>

/** Feeds an open task, side by side with its reader, and finishes it. Where the feed fails, so does what is taken. */
const feeding = <E, R>(
  task: OpenTask,
  feed: Feed<E, R>,
  finish?: Fields
): Effect.Effect<Taking<E>, never, R | Scope.Scope> =>
  Effect.suspend(() => {
    let failed: Cause.Cause<E> | undefined
    const sendPiece: Send = (piece) => Effect.mapError(task.send(piece), () => unsent)
    const send = (typeof feed === "function" ? feed(sendPiece) : Stream.runForEach(feed, sendPiece)).pipe(
      Effect.zipRight(Effect.mapError(task.finish(finish), () => unsent)),
      Effect.catchIf((error): error is Unsent => error === unsent, () => Effect.void)
    )
    const feeder = Effect.forkScoped(Effect.onExit(send, (exit) => {
      if (Exit.isSuccess(exit) || Cause.isInterruptedOnly(exit.cause)) return Effect.void
      failed = exit.cause
      return task.abort
    }))
    const pull = Effect.catchAll(
      task.take,
      (ended): Taking<E> => failed === undefined || Pull.isEnd(ended) ? Effect.fail(ended) : Pull.failCause(failed)
    )
    return Effect.as(feeder, pull)
  })

/**
 * Feeds an open task, side by side with its reader, and finishes it. Where the feed fails, so does the stream.
 *
 * @internal
 */
export const fed = <E, R>(
  task: OpenTask,
  feed: Feed<E, R>,
  finish?: Fields
): Stream.Stream<DuplexTaskEvent, DashScopeError | E, R> =>
  Stream.unwrapScoped(Effect.map(feeding(task, feed, finish), Pull.takeToStream))

/** What a task is run with. @internal */
export interface Running<E, R> extends Watching {
  /** Nothing for a task whose request has all. */
  readonly feed?: Feed<E, R> | undefined
  /** The input of `finish-task`. */
  readonly finish?: Fields | undefined
  readonly options?: CallOptions | undefined
}

/** Opens a task and feeds it. What comes of it passes through as few hands as can be: each costs more than a frame does. */
const opened = <E, R>(
  client: Client,
  request: DuplexTaskRequest,
  { feed, finish, options, ...watching }: Running<E, R>
): Effect.Effect<Taking<E>, DashScopeError, R | Scope.Scope> =>
  Effect.flatMap(
    open(client, request, watching, options),
    (task): Effect.Effect<Taking<E>, never, R | Scope.Scope> =>
      feed === undefined ? Effect.succeed(task.take) : feeding(task, feed, finish)
  )

const countOf = (events: ReadonlyArray<DuplexTaskEvent>, isContent: Watching["isContent"]): number => {
  let count = 0
  for (const event of events) if (isContent(event)) count++
  return count
}

/** Opens a task, feeds it, and gives what comes of it, as an operation that is seen and counted. @internal */
export const run = <P, E = never, R = never>(
  client: Client,
  operations: Operations<P, Answer>,
  params: P,
  request: DuplexTaskRequest,
  running: Running<E, R>
): Stream.Stream<DuplexTaskEvent, DashScopeError | E, R> =>
  operations.stream(
    params,
    (operation) =>
      Stream.unwrapScoped(Effect.map(opened(client, request, running), (pull) =>
        Pull.toStream(Effect.map(pull, (events) => {
          const count = countOf(events, running.isContent)
          if (count > 0) {
            operation.arrived(count)
          }
          for (const event of events) if (event._tag === "Finished") operation.received(event)
          return Chunk.unsafeFromArray(events)
        }))))
  )

/** The same, with what comes of it as a service reads it; what it reads as nothing is left out. @internal */
export const results = <P, A extends Answer, E = never, R = never>(
  client: Client,
  operations: Operations<P, A>,
  params: P,
  request: DuplexTaskRequest,
  running: Running<E, R>,
  read: (event: DuplexTaskEvent) => Either.Either<A | undefined, ApiError>
): Stream.Stream<A, DashScopeError | E, R> =>
  operations.stream(
    params,
    (operation) =>
      Stream.unwrapScoped(Effect.map(opened(client, request, running), (pull) =>
        Pull.toStream(Effect.flatMap(pull, (events) => {
          const count = countOf(events, running.isContent)
          if (count > 0) {
            operation.arrived(count)
          }
          const answers: Array<A> = []
          for (const event of events) {
            const answer = read(event)
            if (Either.isLeft(answer)) {
              return Pull.fail(answer.left)
            }
            if (answer.right === undefined) {
              continue
            }
            operation.received(answer.right)
            answers.push(answer.right)
          }
          return Effect.succeed(Chunk.unsafeFromArray(answers))
        }))))
  )
