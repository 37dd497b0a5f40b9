/**
 * Batches, asked about until they end.
 *
 * @internal
 */
import * as Chunk from "effect/Chunk"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Batch, type BatchAwaitOptions, BatchNotCompleted, BatchWaitTimeout, isEnded } from "../../BatchState.js"
import type { CallOptions } from "../../CallOptions.js"
import type { DashScopeError, InputRequired } from "../../DashScopeError.js"
import { fromEither } from "../effect/either.js"
import * as Polling from "../operation/polling.js"
import { inputRequired } from "../protocol/invalid.js"

/** One question about a batch. @internal */
export type Ask = (batch: Batch, options: CallOptions) => Effect.Effect<Batch, DashScopeError>

// What checks it is compiled when it is used first.
const isBatch = (given: unknown): given is Batch => Schema.is(Batch)(given)

/** What is wrong with a batch for this client. @internal */
export const problemOf = (batch: Batch, baseUrl: string): InputRequired | undefined => {
  // It may have come from a file.
  const given: unknown = batch
  if (!isBatch(given)) {
    return inputRequired("batch", "not a batch; give what submit or fetch gave, or what Batch.Batch decodes")
  }
  return given.baseUrl === baseUrl
    ? undefined
    : inputRequired(
      "batch",
      `it is at ${given.baseUrl}, and this client asks ${baseUrl}: use a client of the batch's own endpoint`
    )
}

const longest = 60_000

/** Milliseconds to wait after the n-th question, from 0. @internal */
export const pauseMillis = (n: number): number => Math.min(longest, 5000 * 1.5 ** Math.min(n, 16))

const defaultPoll = Polling.pauses(pauseMillis)

/** @internal */
export const callOptionsOf = ({ poll: _, waitTimeout: __, ...options }: BatchAwaitOptions): CallOptions => options

const countsOf = ({ requestCounts }: Batch): string =>
  `${requestCounts?.total ?? ""}/${requestCounts?.completed ?? ""}/${requestCounts?.failed ?? ""}`

const isSame = (before: Batch | undefined, after: Batch): boolean =>
  before !== undefined && before.status === after.status && countsOf(before) === countsOf(after)

const questions = (ask: Ask, batch: Batch, options: BatchAwaitOptions, limit: Duration.Duration | undefined) =>
  Polling.questions({
    ask: ask(batch, callOptionsOf(options)),
    poll: options.poll ?? defaultPoll,
    stateOf: (batch) => batch,
    limit,
    timeout: (waited, last) => new BatchWaitTimeout({ batch: last ?? batch, waited })
  })

/** The last state of a batch, whatever it is. @internal */
export const untilEnd = (
  ask: Ask,
  batch: Batch,
  options: BatchAwaitOptions
): Effect.Effect<Batch, DashScopeError | BatchWaitTimeout> =>
  Effect.flatMap(
    fromEither(Polling.limitOf(options)),
    (limit) =>
      Effect.flatMap(
        questions(ask, batch, options, limit),
        (next) => Effect.repeat(next, { until: isEnded })
      )
  )

/** The same, where it did all that it was to do. @internal */
export const completed = (batch: Batch): Effect.Effect<Batch, BatchNotCompleted> =>
  batch.status === "completed" ? Effect.succeed(batch) : Effect.fail(new BatchNotCompleted({ batch }))

/** The states of a batch, each as it is first seen, up to the last. @internal */
export const states = (
  ask: Ask,
  batch: Batch,
  options: BatchAwaitOptions
): Stream.Stream<Batch, DashScopeError | BatchWaitTimeout> =>
  Stream.unwrap(
    Effect.flatMap(fromEither(Polling.limitOf(options)), (limit) =>
      Effect.map(questions(ask, batch, options, limit), (next) =>
        Stream.paginateChunkEffect<Batch | undefined, Batch, DashScopeError | BatchWaitTimeout, never>(
          undefined,
          (before) =>
            Effect.map(next, (state) =>
              [
                isSame(before, state) ? Chunk.empty<Batch>() : Chunk.of(state),
                isEnded(state) ? Option.none<Batch>() : Option.some<Batch | undefined>(state)
              ] as const)
        )))
  )
