/**
 * Batches as data: the requests that go into one, the batch that its creation gives, its results, and what can go wrong with
 * it. `Batch` exports all of it too, and has the verbs.
 *
 * Source: "OpenAI compatible - Batch".
 *
 * @since 0.1.0
 */
/* eslint-disable @typescript-eslint/no-empty-object-type -- An interface names the type of a Schema, as in Effect. */
import type { DurationWithUnit } from "effect-http-pool/ConnectionConfig"
import * as Duration from "effect/Duration"
import type * as Either from "effect/Either"
import type * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type { CallOptions } from "./CallOptions.js"
import { type ApiError, DashScopeError } from "./DashScopeError.js"
import type { GenerationParams } from "./GenerationParams.js"
import { listOf, nullish, nullishFrom, preserve, requestId } from "./internal/core/fields.js"
import type { MultiModalParams } from "./MultiModalParams.js"
import type { TextEmbeddingParams } from "./TextEmbeddingParams.js"

// -----------------------------------------------------------------------------
// requests
// -----------------------------------------------------------------------------

/**
 * One request of a batch, made from the parameters that the service of its kind takes. All requests of a batch are of one
 * kind (chats, or embeddings) and for one model.
 *
 * @since 0.1.0
 * @category models
 */
export type BatchRequest = GenerationRequest | ConversationRequest | EmbeddingRequest

/**
 * A chat, with the parameters of `Generation`. The model may be one that `Generation` sends elsewhere.
 *
 * @since 0.1.0
 * @category models
 */
export interface GenerationRequest {
  /** What its result will be found by; each of a batch has its own. */
  readonly customId: string
  readonly generation: GenerationParams
}

/**
 * A chat with a model that sees or hears, with the parameters of `MultiModalConversation`.
 *
 * @since 0.1.0
 * @category models
 */
export interface ConversationRequest {
  /** As of {@link GenerationRequest}. */
  readonly customId: string
  readonly conversation: MultiModalParams
}

/**
 * Texts to embed, with the parameters of `TextEmbedding`.
 *
 * @since 0.1.0
 * @category models
 */
export interface EmbeddingRequest {
  /** As of {@link GenerationRequest}. */
  readonly customId: string
  readonly embedding: TextEmbeddingParams
}

/**
 * What all requests of a batch are for: `/v1/chat/completions`, `/v1/embeddings`, or `/v1/chat/ds-test` of the model
 * `batch-test-model`, which costs nothing.
 *
 * @since 0.1.0
 * @category models
 */
export type BatchEndpoint = "/v1/chat/completions" | "/v1/embeddings" | "/v1/chat/ds-test" | (string & {})

/**
 * A file of requests, as it was uploaded. It is plain data, and any number of batches can be created from it.
 *
 * @since 0.1.0
 * @category models
 */
export interface InputFile extends Schema.Schema.Type<typeof InputFile> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const InputFile = Schema.Struct({
  /** The service's id of the file. */
  id: Schema.NonEmptyString,
  endpoint: Schema.String,
  model: Schema.String,
  /** How many requests it has. */
  requests: Schema.Number,
  /** Their size. */
  bytes: Schema.Number,
  /** Of the upload. Quote this to Alibaba Cloud's support. */
  requestId: Schema.optional(Schema.NullOr(Schema.String))
}).annotations({ identifier: "InputFile" })

// -----------------------------------------------------------------------------
// batches
// -----------------------------------------------------------------------------

/**
 * - `validating`, `in_progress`, `finalizing`, `cancelling`: it goes on.
 * - `completed`: every request has an answer or an error.
 * - `expired`, `cancelled`: some may have; {@link BatchNotCompleted} says so.
 * - `failed`: the file of requests was refused, and nothing was done.
 *
 * @since 0.1.0
 * @category models
 */
export type BatchStatus =
  | "validating"
  | "in_progress"
  | "finalizing"
  | "cancelling"
  | "completed"
  | "expired"
  | "cancelled"
  | "failed"

/**
 * What the service found wrong with the file of requests.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchProblem extends Schema.Schema.Type<typeof BatchProblem> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const BatchProblem = Schema.Struct({
  /** Such as `mismatched_model` or `duplicate_custom_id`. */
  code: nullish(Schema.String),
  message: nullish(Schema.String),
  param: nullish(Schema.String),
  /** Of the file, counted from 1. */
  line: nullish(Schema.Number)
}).annotations({ identifier: "BatchProblem", ...preserve })

/** @internal What the service says of a batch. Times are seconds since 1970. */
export const batchFields = {
  id: Schema.NonEmptyString,
  object: nullish(Schema.String),
  /** A {@link BatchEndpoint}. */
  endpoint: Schema.String,
  errors: nullish(Schema.Struct({
    object: nullish(Schema.String),
    data: nullish(listOf(BatchProblem, {}))
  })),
  inputFileId: nullishFrom("input_file_id", Schema.String),
  /** Such as `24h`. */
  completionWindow: nullishFrom("completion_window", Schema.String),
  /** A {@link BatchStatus}, or one that is newer than this library. */
  status: Schema.String,
  /** The file of the answers, once it has ended. */
  outputFileId: nullishFrom("output_file_id", Schema.String),
  /** The file of the requests that failed, once it has ended. */
  errorFileId: nullishFrom("error_file_id", Schema.String),
  createdAt: nullishFrom("created_at", Schema.Number),
  inProgressAt: nullishFrom("in_progress_at", Schema.Number),
  expiresAt: nullishFrom("expires_at", Schema.Number),
  finalizingAt: nullishFrom("finalizing_at", Schema.Number),
  completedAt: nullishFrom("completed_at", Schema.Number),
  failedAt: nullishFrom("failed_at", Schema.Number),
  expiredAt: nullishFrom("expired_at", Schema.Number),
  cancellingAt: nullishFrom("cancelling_at", Schema.Number),
  cancelledAt: nullishFrom("cancelled_at", Schema.Number),
  requestCounts: nullishFrom(
    "request_counts",
    Schema.Struct({
      total: nullish(Schema.Number),
      completed: nullish(Schema.Number),
      failed: nullish(Schema.Number)
    })
  ),
  /** `ds_name` is its name, `ds_description` its description. */
  metadata: nullish(Schema.Record({ key: Schema.String, value: Schema.Unknown })),
  /** Of the last question. Quote this to Alibaba Cloud's support. */
  requestId
}

/**
 * A batch, as the service last told of it. It is plain data: write it as JSON, and another process can go on with it. It holds
 * no key, and only a client of the same base URL, with a key of the same account, can ask for it. Times are seconds since 1970.
 *
 * @since 0.1.0
 * @category models
 */
export interface Batch extends Schema.Schema.Type<typeof Batch> {}

/**
 * @example
 * import { Batch } from "effect-dashscope"
 * import { Schema } from "effect"
 *
 * const Saved = Schema.parseJson(Batch.Batch)
 *
 * export const save = Schema.encode(Saved)
 * export const load = Schema.decode(Saved)
 *
 * @since 0.1.0
 * @category schemas
 */
export const Batch = Schema.Struct({
  ...batchFields,
  /** Of the client that asked, such as `https://dashscope.aliyuncs.com/api/v1`. */
  baseUrl: Schema.String
}).annotations({ identifier: "Batch", ...preserve })

const ended: ReadonlySet<string> = new Set<BatchStatus>(["completed", "failed", "expired", "cancelled"])

/**
 * Whether a batch has ended, well or not.
 *
 * @since 0.1.0
 * @category accessors
 */
export const isEnded = ({ status }: Batch): boolean => ended.has(status)

// -----------------------------------------------------------------------------
// results
// -----------------------------------------------------------------------------

/**
 * What became of one request.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchResult<out A> {
  /** Of the request. Empty where the line could not be read so far. */
  readonly customId: string
  /**
   * The answer, or why there is none: the model's refusal, the service's, or a line that cannot be read (with the reason
   * `UnexpectedResponse`).
   */
  readonly answer: Either.Either<A, ApiError>
  /** Which file it is from. */
  readonly file: "output" | "error"
  /** In that file, counted from 1. */
  readonly line: number
}

// -----------------------------------------------------------------------------
// options
// -----------------------------------------------------------------------------

/**
 * How a batch is created.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchOptions {
  /**
   * The longest that the service may take, in whole hours; what is not done by then is not done at all. The service takes 24
   * hours to 14 days. Default: 24 hours.
   */
  readonly completionWindow?: DurationWithUnit | undefined
  /** A name to find it by, in `list` and in the console. */
  readonly name?: string | undefined
  readonly description?: string | undefined
  /** A URL that the service posts to when the batch has ended. */
  readonly callbackUrl?: string | undefined
  /** Further metadata, under their wire names. */
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

/**
 * How a batch is waited for, beside the options of each request. `timeout` and `retry` are of each request by itself;
 * {@link waitTimeout} of all of them.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchAwaitOptions extends Omit<CallOptions, "waitTimeout"> {
  /**
   * The pauses between questions; it is given the batch as it was seen last. The first question is asked at once. All questions of a
   * client share a pace of 1000 in a minute, which the service allows. Where the schedule ends, so does the waiting, with
   * {@link BatchWaitTimeout}. Default: 5 seconds, half as much again each time, up to a minute.
   */
  readonly poll?: Schedule.Schedule<unknown, Batch | undefined> | undefined
  /** How long to wait in all; then {@link BatchWaitTimeout}, and the batch goes on. Default: for ever. */
  readonly waitTimeout?: DurationWithUnit | undefined
}

// -----------------------------------------------------------------------------
// errors
// -----------------------------------------------------------------------------

/**
 * A batch has ended without doing all of its requests: it `failed` (see the batch's `errors`), `expired`, or was `cancelled`. Of
 * the last two some requests may have results.
 *
 * @since 0.1.0
 * @category errors
 */
export class BatchNotCompleted
  extends Schema.TaggedError<BatchNotCompleted>("effect-dashscope/BatchNotCompleted")("BatchNotCompleted", {
    batch: Batch
  })
{
  readonly isRetryable = false

  override get message(): string {
    const { errors, id, requestCounts, status } = this.batch
    const problems = (errors?.data ?? []).map(({ code, line, message }) =>
      `${typeof line === "number" ? `line ${line}: ` : ""}${[code, message].filter((text) => text).join(": ")}`
    )
    const why = problems.length === 0
      ? ""
      : `: ${problems.slice(0, 3).join("; ")}${problems.length > 3 ? `; and ${problems.length - 3} more` : ""}`
    const done = status === "failed" || typeof requestCounts?.total !== "number"
      ? ""
      : ` with ${requestCounts.completed ?? 0} of ${requestCounts.total} requests done; Batch.results gives those`
    return `Batch ${id} ${status === "cancelled" ? "was cancelled" : status}${why}${done}.`
  }
}

/**
 * A batch has not ended in the time that it was given. It goes on: wait for it again.
 *
 * @since 0.1.0
 * @category errors
 */
export class BatchWaitTimeout
  extends Schema.TaggedError<BatchWaitTimeout>("effect-dashscope/BatchWaitTimeout")("BatchWaitTimeout", {
    /** As it was seen last. */
    batch: Batch,
    /** How long it was waited for. */
    waited: Schema.DurationFromMillis
  })
{
  readonly isRetryable = false

  override get message(): string {
    const { batch, waited } = this
    return `Batch ${batch.id} has not ended after ${Duration.format(waited)} (last seen ${batch.status}). ` +
      "It goes on; wait for it again with this error's batch."
  }
}

/**
 * The creation of a batch has had no answer, or none that can be read, after it had been sent: the batch may exist, and will then
 * be paid for. It was not sent again. `Batch.list` finds it by its file.
 *
 * @since 0.1.0
 * @category errors
 */
export class BatchLost extends Schema.TaggedError<BatchLost>("effect-dashscope/BatchLost")("BatchLost", {
  /** The file of requests, which is there. */
  inputFileId: Schema.String,
  endpoint: Schema.String,
  /** When it was sent, in milliseconds since 1970, by this side's clock. */
  submittedAt: Schema.Number,
  /** What happened to the answer. */
  cause: DashScopeError
}) {
  readonly isRetryable = false

  override get message(): string {
    return `The answer to the creation of a batch was lost: ${this.cause.message} ` +
      `The batch may exist. It was not created again, as it might be paid for twice; ` +
      `Batch.list({ inputFileIds: [${JSON.stringify(this.inputFileId)}] }) shows whether it is there.`
  }
}

/**
 * What can go wrong with a batch beside its requests to the service.
 *
 * @since 0.1.0
 * @category errors
 */
export type BatchError = BatchNotCompleted | BatchWaitTimeout | BatchLost

const classes = [BatchNotCompleted, BatchWaitTimeout, BatchLost]

/**
 * Tells whether a value is one of these errors.
 *
 * @since 0.1.0
 * @category guards
 */
export const isBatchError = (u: unknown): u is BatchError => classes.some((error) => u instanceof error)
