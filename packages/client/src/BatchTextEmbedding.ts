/**
 * Vectors of very many texts by one task: a file of texts, one in a line, becomes a compressed file of vectors. See `Task`; for texts
 * at hand that are wanted soon, see `TextEmbedding`.
 *
 * @example
 * import { BatchTextEmbedding, DashScope, Media } from "effect-dashscope"
 * import { Console, Effect, Either, Stream } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const result = yield* BatchTextEmbedding.call({
 *     model: "text-embedding-async-v2",
 *     url: Media.file("./texts.txt"),
 *     textType: "document"
 *   })
 *   yield* BatchTextEmbedding.vectors(result).pipe(
 *     Stream.runForEach(({ embedding, index }) =>
 *       Either.isRight(embedding)
 *         ? Console.log(index, embedding.right.length)
 *         : Console.error(index, embedding.left.message)
 *     )
 *   )
 * })
 *
 * export const main = program.pipe(Effect.provide(DashScope.layer()))
 *
 * A file has 100,000 lines at the most, of 2,048 tokens each. The service takes one submission in a second, and works at three
 * tasks of an account at once. The vectors have 1,536 numbers. Fields of an answer that have no name here are kept, at their
 * place, under their wire names.
 *
 * Source: "Batch text embedding".
 *
 * @since 0.1.0
 */
/* eslint-disable @typescript-eslint/no-empty-object-type -- An interface names the type of a Schema, as in Effect. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { CallOptions } from "./CallOptions.js"
import * as DashScopeClient from "./DashScopeClient.js"
import type { ApiError, DashScopeError, InputRequired } from "./DashScopeError.js"
import type { DownloadError, DownloadOptions } from "./DownloadState.js"
import { gunzip } from "./internal/batchTextEmbedding/gunzip.js"
import { rowOf } from "./internal/batchTextEmbedding/rows.js"
import { nullish, nullishFrom, preserve, requestId } from "./internal/core/fields.js"
import { fromEither } from "./internal/effect/either.js"
import * as Download from "./internal/operation/download.js"
import * as Params from "./internal/operation/params.js"
import * as TaskService from "./internal/operation/taskService.js"
import type { Media } from "./Media.js"
import * as TaskState from "./TaskState.js"
import * as Upload from "./Upload.js"

// -----------------------------------------------------------------------------
// parameters
// -----------------------------------------------------------------------------

/**
 * A parameter that is left out is the model's default.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchTextEmbeddingParams {
  /** `text-embedding-async-v2` or `text-embedding-async-v1`. */
  readonly model: string
  /** The file of texts, one in a line: its URL, which the service fetches, or a `Media`, which is uploaded. */
  readonly url: string | Media
  /** Default: `document`. */
  readonly textType?: "query" | "document" | undefined
  /** Parameters that have no name here, under their wire names. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: Readonly<Record<string, unknown>> | undefined
}

const fields: Params.Fields<BatchTextEmbeddingParams> = {
  model: Params.top("model"),
  url: Params.input("url"),
  textType: Params.parameter("text_type")
}

const isUrl = (url: unknown): boolean => typeof url !== "string" || /^(?:https?|oss):\/\/./.test(url)

const problem = ({ extraInput, model, url }: BatchTextEmbeddingParams): InputRequired | undefined =>
  Params.modelRequired(model, "text-embedding-async-v2") ??
    (extraInput === undefined && (url === undefined || !isUrl(url))
      ? Params.invalid("url", "the URL of a file of texts is required; for a file at hand write Media.file(path)")
      : undefined)

// -----------------------------------------------------------------------------
// results
// -----------------------------------------------------------------------------

/**
 * @since 0.1.0
 * @category models
 */
export interface BatchTextEmbeddingUsage extends Schema.Schema.Type<typeof BatchTextEmbeddingUsage> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const BatchTextEmbeddingUsage = Schema.Struct({
  totalTokens: nullishFrom("total_tokens", Schema.Number)
}).annotations({ identifier: "BatchTextEmbeddingUsage", ...preserve })

/**
 * Where the vectors of a task are.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchTextEmbeddingResult extends Schema.Schema.Type<typeof BatchTextEmbeddingResult> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const BatchTextEmbeddingResult = Schema.Struct({
  output: Schema.Struct({
    ...TaskState.outputFields,
    /** A compressed file, good for 24 hours; {@link vectors} reads it. */
    url: nullish(Schema.String)
  }).annotations(preserve),
  usage: nullish(BatchTextEmbeddingUsage),
  /** Of the last question. Quote this to Alibaba Cloud's support. */
  requestId
}).annotations({ identifier: "BatchTextEmbeddingResult", ...preserve })

/**
 * The vector of one text, or why there is none.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchVector {
  /** Which line of the file of texts it is of, from 0. */
  readonly index: number
  readonly embedding: Either.Either<ReadonlyArray<number>, ApiError>
  /** All that the file says of it, under its wire names. */
  readonly row: Readonly<Record<string, unknown>>
}

// -----------------------------------------------------------------------------
// service
// -----------------------------------------------------------------------------

const endpoint = TaskService.endpoint({
  service: "BatchTextEmbedding",
  operation: "submit_batch_text_embedding",
  fields,
  problem,
  result: BatchTextEmbeddingResult
})

/**
 * @since 0.1.0
 * @category models
 */
export interface Service extends TaskState.TaskService<BatchTextEmbeddingParams, BatchTextEmbeddingResult> {
  /** See the accessor of the same name. */
  readonly vectors: (
    result: BatchTextEmbeddingResult | string,
    options?: DownloadOptions
  ) => Stream.Stream<BatchVector, DownloadError>
}

/**
 * @example
 * import { BatchTextEmbedding } from "effect-dashscope"
 * import { Effect, Either, Layer, Stream } from "effect"
 *
 * // For a test of code that embeds a file.
 * export const Mock = Layer.mock(BatchTextEmbedding.BatchTextEmbedding, {
 *   call: () => Effect.succeed({ output: { taskStatus: "SUCCEEDED", url: "https://example.com/vectors.txt.gz" } }),
 *   vectors: () => Stream.make({ index: 0, embedding: Either.right([0.6, 0.8]), row: {} })
 * })
 *
 * @since 0.1.0
 * @category tags
 */
export class BatchTextEmbedding
  extends Context.Tag("effect-dashscope/BatchTextEmbedding")<BatchTextEmbedding, Service>()
{}

const damaged = () => Download.unreadable("the file of vectors is damaged, and cannot be decompressed")

const vectorsBy = (http: HttpClient.HttpClient): Service["vectors"] => (result, options) => {
  const url = typeof result === "string" ? result : result.output.url
  if (!url) return Stream.fail(Params.invalid("result", "has no URL of a file of vectors"))
  return gunzip(Download.stream(http, url, options), damaged).pipe(
    Stream.decodeText(),
    Stream.splitLines,
    Stream.filter((line) => line.trim() !== ""),
    Stream.zipWithIndex,
    Stream.mapEffect(([line, n]) => fromEither(rowOf(line, n)))
  )
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<
  Service,
  never,
  DashScopeClient.DashScopeClient | Upload.Upload | HttpClient.HttpClient
> = Effect.gen(function*() {
  const client = yield* DashScopeClient.DashScopeClient
  const { resolve } = yield* Upload.Upload
  const http = yield* HttpClient.HttpClient
  return { ...TaskService.make(client, TaskService.stored(resolve), endpoint), vectors: vectorsBy(http) }
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<
  BatchTextEmbedding,
  never,
  DashScopeClient.DashScopeClient | Upload.Upload | HttpClient.HttpClient
> = Layer.effect(BatchTextEmbedding, make)

/**
 * Submits a task, and gives it as data. A file at hand is uploaded first.
 *
 * Fails with `InputRequired` before anything is sent where there is no file or the model is served elsewhere, with
 * `SubmissionLost` where the answer was lost and the task may exist, and with the other errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const submit: (
  params: BatchTextEmbeddingParams,
  options?: CallOptions
) => Effect.Effect<TaskState.Task, TaskState.SubmitError, BatchTextEmbedding> = TaskService.submit(BatchTextEmbedding)

const await_: (
  task: TaskState.Task,
  options?: TaskState.AwaitOptions
) => Effect.Effect<BatchTextEmbeddingResult, TaskState.AwaitError, BatchTextEmbedding> = TaskService.await(
  BatchTextEmbedding
)

export {
  /**
   * Waits for a task that {@link submit} gave, here or in another process, and gives where its vectors are. Fails as `Task.await`.
   *
   * @since 0.1.0
   * @category accessors
   */
  await_ as await
}

/**
 * Submits a task and waits for where its vectors are. `Task.ofError` has the task of an error, once there is one.
 *
 * Fails as {@link submit} and `Task.await`.
 *
 * @since 0.1.0
 * @category accessors
 */
export const call: (
  params: BatchTextEmbeddingParams,
  options?: TaskState.AwaitOptions
) => Effect.Effect<BatchTextEmbeddingResult, DashScopeError | TaskState.TaskError, BatchTextEmbedding> = TaskService
  .call(BatchTextEmbedding)

/**
 * The vectors of a result, or of the URL of one, one after another as they come: the file is fetched without the key, resumed
 * where it breaks off, and decompressed on the way. A text that failed has its error in its place.
 *
 * Fails as `Download.stream`, and with an `ApiError` of reason `UnexpectedResponse` where the file is damaged.
 *
 * @since 0.1.0
 * @category accessors
 */
export const vectors = (
  result: BatchTextEmbeddingResult | string,
  options?: DownloadOptions
): Stream.Stream<BatchVector, DownloadError, BatchTextEmbedding> =>
  Stream.unwrap(Effect.map(BatchTextEmbedding, (service) => service.vectors(result, options)))
