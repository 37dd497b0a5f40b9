/**
 * The verbs of services whose answers are tasks: submit, wait, and both.
 *
 * @internal
 */
import { isTraced } from "effect-http-pool/Beneath"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import type * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type * as Tracer from "effect/Tracer"
import type { CallOptions } from "../../CallOptions.js"
import type { InputRequired } from "../../DashScopeError.js"
import { type DashScopeError } from "../../DashScopeError.js"
import type { Envelope, Request } from "../../Envelope.js"
import {
  type AwaitError,
  type AwaitOptions,
  isEnded,
  SubmissionLost,
  type SubmitError,
  type Task,
  type TaskService,
  type TaskState,
  TaskWaitTimeout
} from "../../TaskState.js"
import * as Telemetry from "../../Telemetry.js"
import { preserve, requestId } from "../core/fields.js"
import { fromEither } from "../effect/either.js"
import { labelsOf, updateIn } from "../effect/metrics.js"
import { unexpectedShape } from "../protocol/envelope.js"
import type { Prepared } from "../upload/resolve.js"
import { answerOf, type Call, call, type Client, type Endpoint, resource } from "./endpoint.js"
import { type Answer, type Observed, Operations } from "./observe.js"
import * as Polling from "./polling.js"
import { paceOf } from "./taskPace.js"
import * as States from "./taskState.js"

const attributes = Telemetry.attributes

/** A kind of task that the service can be asked for. @internal */
export interface TaskEndpoint<P, A extends Answer> extends Pick<Observed<P, Task>, "operation" | "requestAttributes"> {
  /** The module that has it. */
  readonly service: string
  readonly modelOf: (params: P) => string
  /** The request, without what makes it a submission; or what is wrong with the parameters. */
  readonly encode: (params: P) => Either.Either<Request, InputRequired>
  /** The whole of the last answer. */
  readonly decode: (json: unknown) => Either.Either<A, ParseResult.ParseError>
  /** What is done before the request is sent, such as uploads. */
  readonly prepare?: ((params: P, prepared: Prepared) => Effect.Effect<Prepared, DashScopeError>) | undefined
}

// -----------------------------------------------------------------------------
// errors
// -----------------------------------------------------------------------------

const tasks = new WeakMap<object, Task>()

const isObject = (u: unknown): u is object => typeof u === "object" && u !== null

const attach = <E>(error: E, task: Task): E => {
  // Inside a span, Effect hands out proxies of errors.
  const original = Cause.originalError(error)
  if (isObject(original)) tasks.set(original, task)
  return error
}

/** The task that an error is of, where there is one. @internal */
export const ofError = (error: unknown): Task | undefined => {
  const original = Cause.originalError(error)
  return isObject(original) ? tasks.get(original) : undefined
}

// -----------------------------------------------------------------------------
// options
// -----------------------------------------------------------------------------

const callOptionsOf = ({ cancelOnInterrupt: _, poll: __, waitTimeout: ___, ...options }: AwaitOptions): CallOptions =>
  options

const defaultPoll = Polling.pauses(States.pauseMillis)

// -----------------------------------------------------------------------------
// requests about tasks
// -----------------------------------------------------------------------------

const pathOf = ({ id }: Task): string => `/tasks/${encodeURIComponent(id)}`

/** An answer to a question, read as that of any task. */
interface Polled extends Answer {
  readonly state: TaskState
  readonly envelope: Envelope
}

type Ask = (task: Task, options: CallOptions) => Effect.Effect<Polled, DashScopeError>

const asker = (client: Client): Ask => {
  const operations = new Operations<Task, Polled>(client.baseUrl, {
    operation: "get_task",
    modelOf: () => undefined,
    usageOf: () => undefined
  })
  const pace = paceOf(client)
  return (task, options) =>
    Effect.zipRight(
      pace.wait,
      operations.call(
        task,
        client.execute({ method: "GET", path: pathOf(task) }, options),
        (envelope) =>
          Either.mapBoth(States.decode(envelope.body), {
            onLeft: (error) => unexpectedShape(error, envelope),
            onRight: (state): Polled => ({ state, envelope, requestId: envelope.requestId })
          })
      )
    )
}

/** What there is to do with a task, after checks. */
const checked = <A, E>(
  client: Client,
  service: string | undefined,
  task: Task,
  run: () => Effect.Effect<A, E>
): Effect.Effect<A, E | InputRequired> =>
  Effect.suspend((): Effect.Effect<A, E | InputRequired> => {
    const problem = States.problemOf(task, client.baseUrl, service)
    return problem === undefined ? run() : Effect.fail(problem)
  })

/** One question about a task. @internal */
export const fetch = (client: Client): Call<Task, TaskState> => {
  const ask = call<Task, TaskState>(client, {
    operation: "get_task",
    modelOf: () => undefined,
    usageOf: () => undefined,
    encode: (task) => Either.right({ method: "GET", path: pathOf(task) }),
    decode: States.decode
  })
  const pace = paceOf(client)
  return (task, options) => checked(client, undefined, task, () => Effect.zipRight(pace.wait, ask(task, options)))
}

/** What `cancel` answers. @internal */
export const CancelResult = Schema.Struct({ requestId }).annotations({ identifier: "CancelResult", ...preserve })

/** @internal */
export const cancel = (client: Client): Call<Task, typeof CancelResult.Type> => {
  const ask = call(
    client,
    resource("cancel_task", CancelResult, (task: Task) => Either.right({ path: `${pathOf(task)}/cancel` }))
  )
  return (task, options) => checked(client, undefined, task, () => ask(task, options))
}

/** An interruption is not held up for longer. */
const longestCancel = "10 seconds"

const canceling = (client: Client, task: Task, options: CallOptions): Effect.Effect<void> =>
  Effect.ignore(cancel(client)(task, { ...options, timeout: longestCancel }))

// -----------------------------------------------------------------------------
// waiting
// -----------------------------------------------------------------------------

/** Asks until a task has ended; each run is one question that was answered, the first at once. */
const questions = (
  ask: Ask,
  task: Task,
  options: AwaitOptions,
  limit: Duration.Duration | undefined
): Effect.Effect<Effect.Effect<Polled, AwaitError>> =>
  Polling.questions({
    // What failed is asked again here, in its turn: retries of the client's would be questions beyond the pace.
    ask: ask(task, { retry: false, ...callOptionsOf(options) }),
    poll: options.poll ?? defaultPoll,
    stateOf: ({ state }: Polled): TaskState => state,
    limit,
    timeout: (waited, last) =>
      new TaskWaitTimeout({ task, waited, ...(last === undefined ? undefined : { status: last.output.taskStatus }) })
  })

/** That a task was seen to end. */
const counted = (task: Task, { output: { taskStatus } }: TaskState): Effect.Effect<void> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) =>
    updateIn(
      Telemetry.taskDuration,
      (now - task.submittedAt) / 1000,
      labelsOf({
        unit: "s",
        [attributes.requestModel]: task.model,
        [attributes.taskService]: task.service,
        [attributes.taskStatus]: taskStatus
      })
    ))

/** The last answer about a task, whatever it says. */
const untilEnd = (
  task: Task,
  next: Effect.Effect<Polled, AwaitError>,
  span: Tracer.Span | undefined
): Effect.Effect<Polled, AwaitError> => {
  const from = (before: TaskState | undefined): Effect.Effect<Polled, AwaitError> =>
    Effect.flatMap(next, (polled) => {
      const { state } = polled
      const seen = span === undefined || States.isSame(before, state) ? Effect.void : said(span, state)
      const after = isEnded(state) ? Effect.as(counted(task, state), polled) : Effect.suspend(() => from(state))
      return Effect.zipRight(seen, after)
    })
  return from(undefined)
}

const said = (span: Tracer.Span, { output: { taskMetrics, taskStatus } }: TaskState): Effect.Effect<void> =>
  Effect.map(Clock.currentTimeNanos, (now) => {
    span.attribute(attributes.taskStatus, taskStatus)
    span.event("dashscope.task.state", now, {
      [attributes.taskStatus]: taskStatus,
      ...(typeof taskMetrics?.total === "number" ? { [attributes.taskTotal]: taskMetrics.total } : undefined),
      ...(typeof taskMetrics?.succeeded === "number"
        ? { [attributes.taskSucceeded]: taskMetrics.succeeded }
        : undefined),
      ...(typeof taskMetrics?.failed === "number" ? { [attributes.taskFailed]: taskMetrics.failed } : undefined)
    })
  })

/** Within a span of its own, where there is anybody to see it. */
const spanned = <A, E>(
  task: Task,
  run: (span: Tracer.Span | undefined) => Effect.Effect<A, E>
): Effect.Effect<A, E> =>
  Effect.withFiberRuntime((fiber) =>
    isTraced(fiber)
      ? Effect.useSpan(`await_task ${task.model}`, {
        captureStackTrace: false,
        attributes: {
          [attributes.operationName]: "await_task",
          [attributes.providerName]: "dashscope",
          [attributes.requestModel]: task.model,
          [attributes.taskId]: task.id,
          [attributes.taskService]: task.service
        }
      }, (span) => Effect.withParentSpan(run(span), span))
      : run(undefined)
  )

type Restore = <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** Waits for a task that has a result. */
const awaiting = (
  client: Client,
  ask: Ask,
  task: Task,
  options: AwaitOptions,
  limit: Duration.Duration | undefined,
  restore: Restore
): Effect.Effect<Polled, AwaitError> => {
  const run = spanned(
    task,
    (span) =>
      Effect.flatMap(
        questions(ask, task, options, limit),
        (next) =>
          Effect.flatMap(untilEnd(task, next, span), (polled): Effect.Effect<Polled, AwaitError> => {
            const failure = States.failureOf(task, polled.state)
            return failure === undefined ? Effect.succeed(polled) : Effect.fail(failure)
          })
      )
  )
  const attached = Effect.mapError(restore(run), (error) => attach(error, task))
  return options.cancelOnInterrupt === true
    ? Effect.onInterrupt(attached, () => canceling(client, task, callOptionsOf(options)))
    : attached
}

/** The last state of a task that has a result; what ended it otherwise is an error. @internal */
export const awaitState = (
  client: Client
): (task: Task, options?: AwaitOptions) => Effect.Effect<TaskState, AwaitError> => {
  const ask = asker(client)
  return (task, options = {}) =>
    checked(
      client,
      undefined,
      task,
      () =>
        Effect.flatMap(
          fromEither(Polling.limitOf(options)),
          (limit) => Effect.map(awaiting(client, ask, task, options, limit, identity), ({ state }) => state)
        )
    )
}

/** The states of a task, each as it is first seen, up to the last. @internal */
export const watch = (
  client: Client
): (task: Task, options?: AwaitOptions) => Stream.Stream<TaskState, AwaitError> => {
  const ask = asker(client)
  return (task, options = {}) => {
    const states = Effect.flatMap(
      fromEither(Polling.limitOf(options)),
      (limit) =>
        Effect.map(
          questions(ask, task, options, limit),
          (next) =>
            Stream.paginateChunkEffect<TaskState | undefined, TaskState, AwaitError, never>(undefined, (before) =>
              Effect.flatMap(next, ({ state }) => {
                const chunk = States.isSame(before, state) ? Chunk.empty<TaskState>() : Chunk.of(state)
                return isEnded(state)
                  ? Effect.as(counted(task, state), [chunk, Option.none<TaskState>()] as const)
                  : Effect.succeed([chunk, Option.some<TaskState | undefined>(state)] as const)
              }))
        )
    )
    const attached = Stream.mapError(
      Stream.unwrap(checked(client, undefined, task, () => states)),
      (error) => error._tag === "InputRequired" ? error : attach(error, task)
    )
    return options.cancelOnInterrupt === true
      ? Stream.ensuringWith(attached, (exit) =>
        exit._tag === "Failure" && Cause.isInterrupted(exit.cause)
          ? canceling(client, task, callOptionsOf(options))
          : Effect.void)
      : attached
  }
}

// -----------------------------------------------------------------------------
// submitting
// -----------------------------------------------------------------------------

/** A submission costs money each time: it is made again only where nothing of it can have arrived. */
const submission = (request: Request): Request => ({
  ...request,
  replay: "unsent",
  headers: { ...request.headers, "X-DashScope-Async": "enable" }
})

const submitter = <P, A extends Answer>(client: Client, endpoint: TaskEndpoint<P, A>): TaskService<P, A>["submit"] => {
  const operations = new Operations<P, Task>(client.baseUrl, { ...endpoint, usageOf: () => undefined })
  const { prepare, service } = endpoint
  return (params, options) =>
    Effect.flatMap(
      fromEither(endpoint.encode(params)),
      (encoded) =>
        Effect.flatMap(Clock.currentTimeMillis, (submittedAt) => {
          const model = endpoint.modelOf(params)
          let isAsked = false
          const prepared: Prepared = { request: submission(encoded), options }
          const asked = Effect.flatMap(
            prepare === undefined ? Effect.succeed(prepared) : prepare(params, prepared),
            ({ options, request }) => {
              isAsked = true
              return client.execute(request, options)
            }
          )
          const read = (envelope: Envelope) =>
            Either.mapBoth(States.submittedId(envelope.body), {
              onLeft: (error) => unexpectedShape(error, envelope),
              onRight: (id): Task => ({
                id,
                service,
                model,
                baseUrl: client.baseUrl,
                ...(envelope.requestId === undefined ? undefined : { requestId: envelope.requestId }),
                submittedAt
              })
            })
          return Effect.mapError(operations.call(params, asked, read), (error): SubmitError =>
            isAsked && States.mayExist(error)
              ? new SubmissionLost({ service, model, submittedAt, cause: Cause.originalError(error) })
              : error)
        })
    )
}

/** The verbs of a kind of task. @internal */
export const make = <P, A extends Answer>(client: Client, endpoint: TaskEndpoint<P, A>): TaskService<P, A> => {
  const submit = submitter(client, endpoint)
  const ask = asker(client)
  // Only its decoder is asked.
  const last: Endpoint<P, A> = { ...endpoint, requestAttributes: undefined, usageOf: () => undefined }
  const resultOf = (
    task: Task,
    options: AwaitOptions,
    limit: Duration.Duration | undefined,
    restore: Restore
  ): Effect.Effect<A, AwaitError> =>
    Effect.flatMap(
      awaiting(client, ask, task, options, limit, restore),
      ({ envelope }) => fromEither(Either.mapLeft(answerOf(last, envelope), (error) => attach(error, task)))
    )
  return {
    submit,
    await: (task, options = {}) =>
      checked(
        client,
        endpoint.service,
        task,
        () => Effect.flatMap(fromEither(Polling.limitOf(options)), (limit) => resultOf(task, options, limit, identity))
      ),
    call: (params, options = {}) =>
      Effect.flatMap(fromEither(Polling.limitOf(options)), (limit) => {
        const submitted = submit(params, callOptionsOf(options))
        return options.cancelOnInterrupt === true
          // Whose id is not known cannot be canceled.
          ? Effect.uninterruptibleMask((restore) =>
            Effect.flatMap(submitted, (task) => resultOf(task, options, limit, restore))
          )
          : Effect.flatMap(submitted, (task) => resultOf(task, options, limit, identity))
      })
  }
}
