/**
 * What a job fails with. Errors of single inputs are none of these: they are results of their own.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * An input failed in a way that all others would fail in too, as told by `stopWhen` of the job. It has no result: the next run
 * asks it again.
 *
 * @since 0.1.0
 * @category errors
 */
export class JobStopped extends Schema.TaggedError<JobStopped>("effect-dashscope-bulk/JobStopped")("JobStopped", {
  job: Schema.String,
  /** The key of the input. */
  key: Schema.String,
  /** The error of the input, as its Schema decodes it. */
  error: Schema.Unknown
}) {
  override get message(): string {
    return `The job "${this.job}" has stopped at the input "${this.key}", since others would fail too: ${
      said(this.error)
    }. ` +
      "Run it again when that is put right: it goes on where it is."
  }
}

/**
 * Results cannot be read or written.
 *
 * @since 0.1.0
 * @category errors
 */
export class ResultsError extends Schema.TaggedError<ResultsError>("effect-dashscope-bulk/ResultsError")(
  "ResultsError",
  {
    /** The file or the table. */
    where: Schema.String,
    description: Schema.String,
    cause: Schema.optional(Schema.Defect)
  }
) {
  override get message(): string {
    return `${this.where}: ${this.description}`
  }
}

/**
 * An input that its job cannot take: one that its Schema does not encode, or without a key that can name it.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidInput
  extends Schema.TaggedError<InvalidInput>("effect-dashscope-bulk/InvalidInput")("InvalidInput", {
    job: Schema.String,
    /** How many inputs came before it. */
    index: Schema.Int,
    description: Schema.String
  })
{
  override get message(): string {
    return `The job "${this.job}" cannot take its input ${this.index}: ${this.description}`
  }
}

/**
 * The machine that led a shared run ended it with an error. It is kept under the run's name, for all machines.
 *
 * @since 0.1.0
 * @category errors
 */
export class SharedRunFailed extends Schema.TaggedError<SharedRunFailed>("effect-dashscope-bulk/SharedRunFailed")(
  "SharedRunFailed",
  {
    name: Schema.String,
    description: Schema.String
  }
) {
  override get message(): string {
    return `The shared run "${this.name}" has failed: ${this.description}. Start one with another name: it goes on where this one is.`
  }
}

const said = (error: unknown): string => error instanceof Error && error.message !== "" ? error.message : String(error)
