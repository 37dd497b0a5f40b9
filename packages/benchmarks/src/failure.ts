import * as Schema from "effect/Schema"

/** Something that a run cannot go on without. */
export class BenchmarkFailed extends Schema.TaggedError<BenchmarkFailed>()("BenchmarkFailed", {
  message: Schema.String
}) {}

/** One worker that measured nothing. The others go on. */
export class WorkerFailed extends Schema.TaggedError<WorkerFailed>()("WorkerFailed", {
  message: Schema.String
}) {}

export const messageOf = (cause: unknown): string => cause instanceof Error ? cause.message : String(cause)
