/**
 * What results of your own are written to: see `Results.Results`.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type { ResultsError } from "./BulkError.js"

/**
 * What is there for a key.
 *
 * @since 0.1.0
 * @category models
 */
export interface Known {
  /** Whether the input was set aside. */
  readonly failed: boolean
  /** Which attempt that was: 0, or more where it was asked again. */
  readonly attempt: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Done {
  readonly key: string
  readonly attempt: number
  /** As the job's Schema encodes it. */
  readonly output: unknown
}

/**
 * An input that was set aside.
 *
 * @since 0.1.0
 * @category models
 */
export interface Failed {
  readonly key: string
  readonly attempt: number
  /** As the job's Schema encodes it. */
  readonly input: unknown
  /** As the job's Schema encodes it; `undefined` where `run` died. */
  readonly error: unknown
  readonly message: string
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Sink {
  /** Which of these keys have a result. */
  readonly known: (keys: ReadonlyArray<string>) => Effect.Effect<ReadonlyMap<string, Known>, ResultsError>
  /** Writes a result, unless its key has one of this attempt or a later one, and tells whether it did. */
  readonly done: (result: Done) => Effect.Effect<boolean, ResultsError>
  /** The same for an input that is set aside. It replaces no answer. */
  readonly failed: (result: Failed) => Effect.Effect<boolean, ResultsError>
  /** Called after the last result. */
  readonly finish: Effect.Effect<void, ResultsError>
}
