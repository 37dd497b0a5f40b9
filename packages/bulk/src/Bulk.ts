/**
 * Bulk jobs: a Stream of inputs and an Effect for each, with exactly one result for every input, whatever dies in between.
 *
 * @example
 * import { Bulk, BulkEngine, Results } from "effect-dashscope-bulk"
 * import { DashScope, Generation } from "effect-dashscope"
 * import { Effect, Layer, Schema, Stream } from "effect"
 *
 * const Translate = Bulk.make({
 *   name: "translate",
 *   input: Schema.Struct({ id: Schema.String, text: Schema.String }),
 *   output: Schema.String,
 *   key: ({ id }) => id,
 *   run: ({ text }) =>
 *     Effect.map(Generation.call({ model: "qwen-mt-plus", prompt: text }), (result) => Generation.text(result))
 * })
 *
 * const inputs = Stream.make({ id: "1", text: "你好" }, { id: "2", text: "谢谢" })
 *
 * export const main = Bulk.run(Translate, inputs, { concurrency: 32, results: Results.sql("translated") }).pipe(
 *   Effect.provide(Bulk.layer(Translate).pipe(
 *     Layer.provideMerge(BulkEngine.layerEmbedded({ filename: "translate.db" })),
 *     Layer.provide(DashScope.layer())
 *   ))
 * )
 *
 * Each input is an execution of a workflow of `@effect/workflow`, under its key. An execution that was cut off is started again; one
 * that has ended is never run again. `run` may be made of several steps, each an `Activity` of that package: those that have ended
 * are not repeated either.
 *
 * @since 0.1.0
 */
import type { Execution } from "@effect/workflow/Workflow"
import * as Workflow from "@effect/workflow/Workflow"
import type { WorkflowEngine, WorkflowInstance } from "@effect/workflow/WorkflowEngine"
import * as DashScopeError from "effect-dashscope/DashScopeError"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import { type InvalidInput, type JobStopped, type ResultsError, SharedRunFailed } from "./BulkError.js"
import { drive } from "./internal/drive.js"
import type * as internal from "./internal/job.js"
import { kept, type Outcome } from "./internal/outcome.js"
import type { Progress } from "./Progress.js"
import type { Results } from "./Results.js"

// -----------------------------------------------------------------------------
// jobs
// -----------------------------------------------------------------------------

/**
 * What is done with each input. Made by {@link make}.
 *
 * @since 0.1.0
 * @category models
 */
export type Job<I, A, E, R> = internal.Job<I, A, E, R>

/**
 * Whether an error says that no other input will fare better now: no key or a bad one, a quota that is used up or a rate that the
 * retries did not outlast, a pool or a limit of this program that is too small for its `concurrency`, a host that cannot be reached. This
 * is the default of `stopWhen`.
 *
 * @since 0.1.0
 * @category guards
 */
export const isOutage = (error: unknown): boolean => {
  if (!DashScopeError.isDashScopeError(error)) return false
  switch (error._tag) {
    // What was not sent says nothing of the input.
    case "NoApiKey":
    case "PoolExhausted":
    case "RateLimitExceeded":
      return true
    case "RequestTimeout":
      return error.phase === "acquire" || error.phase === "connect"
    case "ApiError":
      return error.reason === "Authentication" || error.reason === "QuotaExhausted" || error.reason === "RateLimited"
    case "ConnectionError":
      return error.reason !== "Reset" && error.reason !== "Truncated"
    case "InputRequired":
      return false
  }
}

interface MakeOptions<I, IE, A, AE, E, R> {
  /** Names the job in its storage. A job with another name knows nothing of this one's results. At most 100 characters. */
  readonly name: string
  readonly input: Schema.Schema<I, IE>
  readonly output: Schema.Schema<A, AE>
  /**
   * What an input is known by: 1 to 200 characters. An input with the key of another one is that one: it is not asked, and shares
   * its result.
   */
  readonly key: (input: I) => string
  readonly run: (input: I) => Effect.Effect<A, E, R>
  /**
   * Whether an error is not the input's fault, and would meet all others too: the job fails with {@link JobStopped} then, and the
   * input is left for the next run. All other errors set their input aside. Default: {@link isOutage}.
   */
  readonly stopWhen?: ((error: E) => boolean) | undefined
  /** What an output cost, for the progress. */
  readonly tokens?: ((output: A) => number) | undefined
}

/**
 * A job, as data. Inputs, outputs and errors are kept as their Schemas encode them. Retries and quotas are the client's: `run` is
 * called once, unless its process dies.
 *
 * Without `error`, `run` fails with a `DashScopeError` or not at all.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: {
  /**
   * A job, as data. Inputs, outputs and errors are kept as their Schemas encode them. Retries and quotas are the client's: `run` is
   * called once, unless its process dies.
   *
   * Without `error`, `run` fails with a `DashScopeError` or not at all.
   *
   * @since 0.1.0
   * @category constructors
   */
  <I, IE, A, AE, E, EE, R>(
    options: MakeOptions<I, IE, A, AE, E, R> & { readonly error: Schema.Schema<E, EE> }
  ): Job<I, A, E, R>
  /**
   * A job, as data. Inputs, outputs and errors are kept as their Schemas encode them. Retries and quotas are the client's: `run` is
   * called once, unless its process dies.
   *
   * Without `error`, `run` fails with a `DashScopeError` or not at all.
   *
   * @since 0.1.0
   * @category constructors
   */
  <I, IE, A, AE, R>(
    options: MakeOptions<I, IE, A, AE, DashScopeError.DashScopeError, R> & { readonly error?: undefined }
  ): Job<I, A, DashScopeError.DashScopeError, R> & { readonly error?: undefined }
} = <I, IE, A, AE, E, EE, R>(
  options: MakeOptions<I, IE, A, AE, E, R> & { readonly error?: Schema.Schema<E, EE> | undefined }
): Job<I, A, E, R> => {
  return {
    name: options.name,
    key: options.key,
    run: options.run,
    stopWhen: options.stopWhen ?? isOutage,
    tokens: options.tokens,
    kept: kept(
      options.name,
      options.input,
      options.output,
      // Without one, the overload above says what the errors are.
      options.error ?? (DashScopeError.DashScopeError as unknown as Schema.Schema<E, EE>)
    )
  }
}

// -----------------------------------------------------------------------------
// the work
// -----------------------------------------------------------------------------

/** What became of one input. An output that its Schema does not take is a defect, and kept as one: asking again would not help. */
const outcomeOf = <I, A, E, R>(job: Job<I, A, E, R>, input: I, pass: string): Effect.Effect<Outcome<A, E>, never, R> =>
  Effect.exit(job.run(input)).pipe(
    Effect.map((exit): Outcome<A, E> => {
      if (Exit.isSuccess(exit)) return { _tag: "Done", output: exit.value }
      const failure = Cause.failureOption(exit.cause)
      if (failure._tag === "None") return { _tag: "Died", message: Cause.pretty(exit.cause) }
      return job.stopWhen(failure.value)
        ? { _tag: "Stopped", error: failure.value, pass }
        : { _tag: "Failed", error: failure.value }
    }),
    Effect.map(job.kept.checked)
  )

/**
 * The hands of a job: lets the engine run its inputs in this process. Belongs beside the engine, once for each job of the program.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = <I, A, E, R>(
  job: Job<I, A, E, R>
): Layer.Layer<
  never,
  never,
  WorkflowEngine | Exclude<R, WorkflowEngine | WorkflowInstance | Execution<string> | Scope.Scope>
> => job.kept.toLayer(({ input, pass }) => outcomeOf(job, input, pass))

/**
 * @since 0.1.0
 * @category models
 */
export interface RunOptions<R> {
  /** How many inputs are in flight at most, over all machines. Default: 16. */
  readonly concurrency?: number | undefined
  /** Where results go, and which inputs have theirs already. */
  readonly results: Results<R>
  /** Asks inputs again that were set aside with an error. Default: false. */
  readonly retryFailed?: boolean | undefined
  /** How many inputs there are, for the progress. */
  readonly total?: number | undefined
  /** Called with each result and each piece of inputs that is skipped. */
  readonly onProgress?: ((progress: Progress) => Effect.Effect<void>) | undefined
}

/**
 * Gives every input its result, and tells what came of it. Inputs that have theirs, in `results` or in the engine, are not run again:
 * a run that was interrupted or killed is gone on with by running it again, with the same inputs and perhaps some more.
 *
 * An interruption leaves what is in flight to the engine, which ends it within its `shutdownTimeout`, or else starts it anew next time.
 *
 * Memory holds the inputs in flight only, and the keys of the results where they go into a file.
 *
 * @since 0.1.0
 * @category running
 */
export const run = <I, A, E, R, EI, RI, RR>(
  job: Job<I, A, E, R>,
  inputs: Stream.Stream<I, EI, RI>,
  options: RunOptions<RR>
): Effect.Effect<Progress, EI | JobStopped | InvalidInput | ResultsError, RI | RR | WorkflowEngine> =>
  drive(job, inputs, {
    concurrency: options.concurrency ?? 16,
    results: options.results,
    retryFailed: options.retryFailed ?? false,
    total: options.total,
    onProgress: options.onProgress ?? (() => Effect.void)
  })

// -----------------------------------------------------------------------------
// several machines
// -----------------------------------------------------------------------------

/**
 * @since 0.1.0
 * @category models
 */
export interface SharedRun<R> {
  /** Belongs beside the engine. */
  readonly layer: Layer.Layer<never, never, WorkflowEngine | R>
  /** Waits until the run has ended, on whatever machine, and tells what came of it. */
  readonly run: Effect.Effect<Progress, SharedRunFailed, WorkflowEngine>
}

/** A database that is away for a moment is a defect of the engine's: a run goes on where it was. */
const again = Schedule.intersect(Schedule.spaced("1 second"), Schedule.recurs(60)).pipe(
  Schedule.whileInput((cause: Cause.Cause<unknown>) => Cause.isDie(cause) && !Cause.isFailure(cause))
)

const Counts = Schema.Struct({
  total: Schema.UndefinedOr(Schema.Number),
  skipped: Schema.Number,
  done: Schema.Number,
  failed: Schema.Number,
  duplicates: Schema.Number,
  inFlight: Schema.Number,
  tokens: Schema.Number,
  elapsedMillis: Schema.Number
})

/**
 * A run that one machine of a cluster leads, reading the inputs and writing the results. All of them run the same program and wait
 * for its end; when the one that leads dies, another takes its place.
 *
 * The engine knows the run by its `name` and keeps how it ended: another run of the same job takes another name, such as the day or the
 * number of the deployment. It goes on where earlier ones are.
 *
 * A run that dies, as of a database that is away, is begun again each second for a minute.
 *
 * @since 0.1.0
 * @category running
 */
export const shared = <E, R>(name: string, run: Effect.Effect<Progress, E, R>): SharedRun<R> => {
  const workflow = Workflow.make({
    name: "effect-dashscope-bulk/run",
    payload: { name: Schema.String },
    success: Counts,
    error: SharedRunFailed,
    idempotencyKey: (payload) => payload.name
  })
  const lead = (runtime: Runtime.Runtime<R>) =>
    // A fiber of its own: the executions of inputs would else be children of this one, each with messages to its parent.
    Effect.acquireUseRelease(
      Effect.sync(() => Runtime.runFork(runtime)(Effect.unsandbox(Effect.retry(Effect.sandbox(run), again)))),
      Fiber.join,
      Fiber.interrupt
    ).pipe(
      Effect.catchAllCause((cause) =>
        Cause.isInterruptedOnly(cause)
          ? Effect.interrupt
          : new SharedRunFailed({ name, description: Cause.pretty(cause) })
      )
    )
  return {
    layer: Layer.unwrapEffect(Effect.map(Effect.runtime<R>(), (runtime) => workflow.toLayer(() => lead(runtime)))),
    run: workflow.execute({ name })
  }
}
