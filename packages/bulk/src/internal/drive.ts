/**
 * A run of a job: inputs in, results out. What is durable is the engine's and the results'; this only counts.
 *
 * @internal
 */
import type { WorkflowEngine } from "@effect/workflow/WorkflowEngine"
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Stream from "effect/Stream"
import { InvalidInput, JobStopped, type ResultsError } from "../BulkError.js"
import type { Progress } from "../Progress.js"
import type { Results } from "../Results.js"
import type { Known, Sink } from "../Sink.js"
import type { Job } from "./job.js"
import type { Outcome } from "./outcome.js"

interface DriveOptions<RR> {
  readonly concurrency: number
  readonly results: Results<RR>
  readonly retryFailed: boolean
  readonly total: number | undefined
  readonly onProgress: (progress: Progress) => Effect.Effect<void>
}

/** An input that is to be run. */
interface Due<I> {
  readonly key: string
  readonly input: I
  readonly attempt: number
}

/** Inputs whose results are looked for together. */
const together = 256

/** What a database keeps as a key, with what the engine adds to it, in any dialect. */
const longestKey = 200

const settledInputs = Metric.counter("dashscope.bulk.inputs", {
  description: "Inputs of bulk jobs that got their result",
  incremental: true
})

class Counts {
  skipped = 0
  done = 0
  failed = 0
  duplicates = 0
  inFlight = 0
  tokens = 0

  constructor(readonly total: number | undefined, readonly startedAt: number) {}

  at(now: number): Progress {
    const { done, duplicates, failed, inFlight, skipped, startedAt, tokens, total } = this
    return { total, skipped, done, failed, duplicates, inFlight, tokens, elapsedMillis: now - startedAt }
  }
}

const wrongWith = (key: string): string | undefined => {
  if (key === "") return "its key is empty"
  return key.length <= longestKey ? undefined : `its key has ${key.length} characters; ${longestKey} is the most`
}

/** The attempt that is due for a key, or `undefined` where it has its result. */
const attemptOf = (known: Known | undefined, retryFailed: boolean): number | undefined => {
  if (known === undefined) return 0
  return retryFailed && known.failed ? known.attempt + 1 : undefined
}

type Settled<A, E> = Exclude<Outcome<A, E>, { readonly _tag: "Stopped" }>

/** Has the engine run an input, or tell what it came to before. */
const outcomeOf = <I, A, E, R>(
  job: Job<I, A, E, R>,
  { attempt, input, key }: Due<I>,
  pass: string
): Effect.Effect<{ readonly attempt: number; readonly outcome: Settled<A, E> }, JobStopped, WorkflowEngine> =>
  Effect.flatMap(job.kept.execute({ key, attempt, pass, input }), (outcome) => {
    if (outcome._tag !== "Stopped") return Effect.succeed({ attempt, outcome })
    return outcome.pass === pass
      ? new JobStopped({ job: job.name, key, error: outcome.error })
      // It stopped an earlier run: what was wrong then may be right now.
      : outcomeOf(job, { key, input, attempt: attempt + 1 }, pass)
  })

/** @internal */
export const drive = <I, A, E, R, EI, RI, RR>(
  job: Job<I, A, E, R>,
  inputs: Stream.Stream<I, EI, RI>,
  options: DriveOptions<RR>
): Effect.Effect<Progress, EI | JobStopped | InvalidInput | ResultsError, RI | RR | WorkflowEngine> =>
  Effect.scoped(Effect.gen(function*() {
    const sink = yield* options.results.open(job)
    const counts = new Counts(options.total, yield* Clock.currentTimeMillis)
    const pass = globalThis.crypto.randomUUID()
    const tell = Effect.flatMap(Clock.currentTimeMillis, (now) => options.onProgress(counts.at(now)))

    let index = 0
    const keyed = Stream.mapEffect(inputs, (input) => {
      const key = job.key(input)
      const description = wrongWith(key) ?? job.kept.wrongWithInput(input)
      index += 1
      return description === undefined
        ? Effect.succeed({ key, input })
        : new InvalidInput({ job: job.name, index: index - 1, description })
    })
    const due = keyed.pipe(
      Stream.grouped(together),
      Stream.mapEffect((group) => whatIsDue(sink, group)),
      Stream.tap((inputsDue) => Chunk.isEmpty(inputsDue) ? tell : Effect.void),
      Stream.flattenChunks
    )

    const whatIsDue = (sink: Sink, group: Chunk.Chunk<{ readonly key: string; readonly input: I }>) =>
      Effect.map(
        sink.known(Chunk.toReadonlyArray(group).map(({ key }) => key)),
        (known) =>
          Chunk.flatMap(group, ({ input, key }) => {
            const attempt = attemptOf(known.get(key), options.retryFailed)
            if (attempt !== undefined) return Chunk.of({ key, input, attempt })
            counts.skipped += 1
            return Chunk.empty<Due<I>>()
          })
      )

    const settle = (one: Due<I>) =>
      Effect.gen(function*() {
        const { attempt, outcome } = yield* outcomeOf(job, one, pass)
        const isNew = yield* record(job, sink, one, attempt, outcome)
        if (!isNew) counts.duplicates += 1
        else if (outcome._tag === "Done") {
          counts.done += 1
          counts.tokens += job.tokens?.(outcome.output) ?? 0
        } else counts.failed += 1
        if (isNew) yield* count(job.name, outcome._tag)
      }).pipe(
        Effect.ensuring(Effect.sync(() => counts.inFlight -= 1)),
        Effect.zipRight(tell)
      )

    yield* due.pipe(
      Stream.mapEffect(
        (one) =>
          Effect.suspend(() => {
            counts.inFlight += 1
            return settle(one)
          }),
        { concurrency: options.concurrency, unordered: true }
      ),
      Stream.runDrain
    )
    yield* sink.finish
    yield* tell
    return counts.at(yield* Clock.currentTimeMillis)
  })).pipe(
    Effect.withSpan("bulk_job", { attributes: { "dashscope.bulk.job": job.name }, captureStackTrace: false })
  )

const count = (job: string, tag: "Done" | "Failed" | "Died") =>
  Metric.increment(
    Metric.tagged(
      Metric.tagged(settledInputs, "dashscope.bulk.job", job),
      "dashscope.bulk.outcome",
      tag === "Done" ? "done" : "failed"
    )
  )

/** Writes a result whole, or not at all. */
const record = <I, A, E, R>(
  job: Job<I, A, E, R>,
  sink: Sink,
  { input, key }: Due<I>,
  attempt: number,
  outcome: Settled<A, E>
): Effect.Effect<boolean, ResultsError> =>
  Effect.uninterruptible(
    outcome._tag === "Done"
      ? sink.done({ key, attempt, output: job.kept.encodeOutput(outcome.output) })
      : sink.failed({
        key,
        attempt,
        input: job.kept.encodeInput(input),
        ...(outcome._tag === "Failed"
          ? { error: job.kept.encodeError(outcome.error), message: messageOf(outcome.error) }
          : { error: undefined, message: outcome.message })
      })
  )

const messageOf = (error: unknown): string =>
  error instanceof Error && error.message !== "" ? error.message : String(error)
