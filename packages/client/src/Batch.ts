/**
 * Batches: many requests in one file, answered within a day for half the price.
 *
 * The requests are made from the parameters of `Generation`, `MultiModalConversation` and `TextEmbedding`, and sent in the form of the
 * OpenAI-compatible mode; the answers come back in the form of those services. What that mode cannot say is refused before anything
 * is sent. Files of any size are written and read as streams.
 *
 * A batch is data: whoever has it goes on with it, in the same process or in another one. An interruption leaves it running, and
 * so does a process that dies. Its creation is sent again only where nothing of it can have arrived, so that nothing is paid for
 * twice.
 *
 * @example
 * import { Batch, DashScope, Generation } from "effect-dashscope"
 * import { Console, Effect, Either, Stream } from "effect"
 *
 * const questions = ["你是谁？", "介绍一下杭州"]
 *
 * const program = Effect.gen(function*() {
 *   const batch = yield* Batch.submit(
 *     questions.map((prompt, i) => Batch.generation(`question-${i}`, { model: "qwen-plus", prompt })),
 *     { name: "questions" }
 *   )
 *   yield* Batch.watch(batch).pipe(Stream.runForEach(({ status }) => Console.log(status)))
 *   yield* Batch.results(batch).pipe(Stream.runForEach(({ answer, customId }) =>
 *     Console.log(customId, Either.match(answer, { onLeft: (error) => error.message, onRight: Generation.text }))
 *   ))
 * })
 *
 * export const main = program.pipe(Effect.provide(DashScope.layer()))
 *
 * Fields of an answer that have no name here are kept, at their place, under their wire names.
 *
 * Source: "OpenAI compatible - Batch".
 *
 * @since 0.1.0
 */
/* eslint-disable @typescript-eslint/no-empty-object-type -- An interface names the type of a Schema, as in Effect. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as BatchState from "./BatchState.js"
import type { CallOptions } from "./CallOptions.js"
import * as DashScopeClient from "./DashScopeClient.js"
import type { DashScopeError, InputRequired } from "./DashScopeError.js"
import type { GenerationParams } from "./GenerationParams.js"
import type { GenerationResult } from "./GenerationResult.js"
import * as ResultLines from "./internal/batch/resultLines.js"
import * as Results from "./internal/batch/results.js"
import * as Uploads from "./internal/batch/upload.js"
import * as Waiting from "./internal/batch/waiting.js"
import * as Codec from "./internal/core/codec.js"
import { nullish, nullishFrom, preserve, requestId } from "./internal/core/fields.js"
import { fromEither } from "./internal/effect/either.js"
import * as Endpoint from "./internal/operation/endpoint.js"
import * as Pages from "./internal/operation/pages.js"
import * as Params from "./internal/operation/params.js"
import { batchPaceOf } from "./internal/operation/taskPace.js"
import { mayExist } from "./internal/operation/taskState.js"
import type { MultiModalParams } from "./MultiModalParams.js"
import type { TextEmbeddingParams } from "./TextEmbeddingParams.js"
import type { TextEmbeddingResult } from "./TextEmbeddingResult.js"

export {
  /**
   * @since 0.1.0
   * @category schemas
   */
  Batch,
  /**
   * @since 0.1.0
   * @category models
   */
  type BatchAwaitOptions,
  /**
   * @since 0.1.0
   * @category models
   */
  type BatchEndpoint,
  /**
   * @since 0.1.0
   * @category errors
   */
  type BatchError,
  /**
   * @since 0.1.0
   * @category errors
   */
  BatchLost,
  /**
   * @since 0.1.0
   * @category errors
   */
  BatchNotCompleted,
  /**
   * @since 0.1.0
   * @category models
   */
  type BatchOptions,
  /**
   * @since 0.1.0
   * @category schemas
   */
  BatchProblem,
  /**
   * @since 0.1.0
   * @category models
   */
  type BatchRequest,
  /**
   * @since 0.1.0
   * @category models
   */
  type BatchResult,
  /**
   * @since 0.1.0
   * @category models
   */
  type BatchStatus,
  /**
   * @since 0.1.0
   * @category errors
   */
  BatchWaitTimeout,
  /**
   * @since 0.1.0
   * @category models
   */
  type ConversationRequest,
  /**
   * @since 0.1.0
   * @category models
   */
  type EmbeddingRequest,
  /**
   * @since 0.1.0
   * @category models
   */
  type GenerationRequest,
  /**
   * @since 0.1.0
   * @category schemas
   */
  InputFile,
  /**
   * @since 0.1.0
   * @category guards
   */
  isBatchError,
  /**
   * @since 0.1.0
   * @category accessors
   */
  isEnded
} from "./BatchState.js"

// -----------------------------------------------------------------------------
// requests
// -----------------------------------------------------------------------------

/**
 * A chat, as `Generation` takes it.
 *
 * @since 0.1.0
 * @category constructors
 */
export const generation = (customId: string, params: GenerationParams): BatchState.GenerationRequest => ({
  customId,
  generation: params
})

/**
 * A chat with a model that sees or hears, as `MultiModalConversation` takes it. Media are URLs that the service can read, or bytes,
 * which become part of the line; no file is read, and nothing uploaded.
 *
 * @since 0.1.0
 * @category constructors
 */
export const conversation = (customId: string, params: MultiModalParams): BatchState.ConversationRequest => ({
  customId,
  conversation: params
})

/**
 * Texts to embed, as `TextEmbedding` takes them.
 *
 * @since 0.1.0
 * @category constructors
 */
export const embedding = (customId: string, params: TextEmbeddingParams): BatchState.EmbeddingRequest => ({
  customId,
  embedding: params
})

/**
 * What a batch is made of: an array or another Iterable of requests, or a Stream of them.
 *
 * @since 0.1.0
 * @category models
 */
export type Requests<E = never, R = never> =
  | Iterable<BatchState.BatchRequest>
  | Stream.Stream<BatchState.BatchRequest, E, R>

/**
 * @since 0.1.0
 * @category models
 */
export interface UploadOptions extends CallOptions {
  /** Of the file at the service. Default: `batch.jsonl`. */
  readonly fileName?: string | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface SubmitOptions extends UploadOptions, BatchState.BatchOptions {}

/**
 * @since 0.1.0
 * @category models
 */
export interface CreateParams extends BatchState.BatchOptions {
  /** Of a file that was uploaded for batches. */
  readonly inputFileId: string
  /** That of the lines in the file. */
  readonly endpoint: BatchState.BatchEndpoint
}

/**
 * Which batches to list; the service keeps them for 30 days.
 *
 * @since 0.1.0
 * @category models
 */
export interface ListParams {
  /** The id of the batch after which the page begins. */
  readonly after?: string | undefined
  /** How many a page has. Default: the service's. */
  readonly limit?: number | undefined
  readonly status?: ReadonlyArray<BatchState.BatchStatus> | undefined
  readonly inputFileIds?: ReadonlyArray<string> | undefined
  readonly name?: string | undefined
  /** A Date, or `YYYYMMDDhhmmss`. */
  readonly createAfter?: Date | string | undefined
  /** As `createAfter`. */
  readonly createBefore?: Date | string | undefined
}

/**
 * One page of the list.
 *
 * @since 0.1.0
 * @category models
 */
export interface BatchPage extends Schema.Schema.Type<typeof BatchPage> {}

const pageFields = {
  object: nullish(Schema.String),
  firstId: nullishFrom("first_id", Schema.String),
  lastId: nullishFrom("last_id", Schema.String),
  hasMore: nullishFrom("has_more", Schema.Boolean),
  requestId
}

/**
 * @since 0.1.0
 * @category schemas
 */
export const BatchPage = Schema.Struct({ data: nullish(Schema.Array(BatchState.Batch)), ...pageFields })
  .annotations({ identifier: "BatchPage", ...preserve })

// -----------------------------------------------------------------------------
// errors
// -----------------------------------------------------------------------------

/**
 * What a creation can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type CreateError = DashScopeError | BatchState.BatchLost

/**
 * What watching a batch can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type WatchError = DashScopeError | BatchState.BatchWaitTimeout

/**
 * What waiting for a batch can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type AwaitError = WatchError | BatchState.BatchNotCompleted

// -----------------------------------------------------------------------------
// endpoints
// -----------------------------------------------------------------------------

const compatible = { base: "compatible" } as const

const windowOf = (window: BatchState.BatchOptions["completionWindow"]): Either.Either<string, InputRequired> => {
  const given: unknown = window
  if (given === undefined) return Either.right("24h")
  const hours = typeof given === "number" ? NaN : Option.match(Duration.decodeUnknown(given), {
    onNone: () => NaN,
    onSome: Duration.toHours
  })
  return Number.isInteger(hours) && hours > 0
    ? Either.right(`${hours}h`)
    : Either.left(Params.invalid("completionWindow", "must be whole hours, such as \"24 hours\""))
}

const metadataOf = ({ callbackUrl, description, metadata, name }: BatchState.BatchOptions) => {
  const all = {
    ...(name === undefined ? undefined : { ds_name: name }),
    ...(description === undefined ? undefined : { ds_description: description }),
    ...(callbackUrl === undefined ? undefined : { ds_batch_finish_callback: callbackUrl }),
    ...metadata
  }
  return Object.keys(all).length === 0 ? undefined : { metadata: all }
}

const listed = (values: ReadonlyArray<string> | undefined): string | undefined =>
  values === undefined || values.length === 0 ? undefined : values.join(",")

const Received = Schema.Struct(BatchState.batchFields).annotations(preserve)

const ReceivedPage = Schema.Struct({ data: nullish(Schema.Array(Received)), ...pageFields }).annotations(preserve)

const decodeReceived = Codec.decoder(Received)

const decodePage = Codec.decoder(ReceivedPage)

const endpointsAt = (baseUrl: string) => {
  /** Of one batch. */
  const about = <P>(
    operation: string,
    encode: Endpoint.Endpoint<P, BatchState.Batch>["encode"]
  ): Endpoint.Endpoint<P, BatchState.Batch> => ({
    operation,
    modelOf: () => undefined,
    usageOf: () => undefined,
    encode,
    decode: (json) => Either.map(decodeReceived(json), (batch) => ({ ...batch, baseUrl }))
  })
  const path = (id: string) => Either.map(Params.id("batch", id), (id) => `/batches/${id}`)
  return {
    // A batch that is created twice is paid for twice.
    create: about("create_batch", ({ completionWindow, endpoint, inputFileId, ...options }: CreateParams) => {
      if (Params.isEmpty(inputFileId)) return Either.left(Params.invalid("inputFileId", "is required"))
      if (Params.isEmpty(endpoint)) {
        return Either.left(Params.invalid("endpoint", "is required, such as \"/v1/chat/completions\""))
      }
      return Either.map(windowOf(completionWindow), (window) => ({
        ...compatible,
        path: "/batches",
        body: { input_file_id: inputFileId, endpoint, completion_window: window, ...metadataOf(options) },
        replay: "unsent"
      }))
    }),
    get: about(
      "get_batch",
      (id: string) => Either.map(path(id), (path) => ({ ...compatible, method: "GET", path }))
    ),
    cancel: about(
      "cancel_batch",
      (id: string) => Either.map(path(id), (path) => ({ ...compatible, path: `${path}/cancel` }))
    ),
    list: {
      operation: "list_batches",
      modelOf: () => undefined,
      usageOf: () => undefined,
      encode: (params: ListParams) =>
        Either.right({
          ...compatible,
          method: "GET",
          path: "/batches",
          urlParams: {
            after: params.after,
            limit: params.limit,
            status: listed(params.status),
            input_file_ids: listed(params.inputFileIds),
            ds_name: params.name,
            create_after: Pages.timeOf(params.createAfter),
            create_before: Pages.timeOf(params.createBefore)
          }
        }),
      decode: (json: unknown) =>
        Either.map(decodePage(json), ({ data, ...page }): BatchPage => ({
          ...page,
          ...(data === undefined ? undefined : { data: data?.map((batch) => ({ ...batch, baseUrl })) ?? null })
        }))
    } satisfies Endpoint.Endpoint<ListParams, BatchPage>
  }
}

// -----------------------------------------------------------------------------
// service
// -----------------------------------------------------------------------------

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** See the accessor of the same name. */
  readonly upload: <E = never, R = never>(
    requests: Requests<E, R>,
    options?: UploadOptions
  ) => Effect.Effect<BatchState.InputFile, E | DashScopeError, R>
  /** See the accessor of the same name. */
  readonly create: (params: CreateParams, options?: CallOptions) => Effect.Effect<BatchState.Batch, CreateError>
  /** See the accessor of the same name. */
  readonly submit: <E = never, R = never>(
    requests: Requests<E, R>,
    options?: SubmitOptions
  ) => Effect.Effect<BatchState.Batch, E | CreateError, R>
  /** See the accessor of the same name. */
  readonly fetch: (
    batch: BatchState.Batch | string,
    options?: CallOptions
  ) => Effect.Effect<BatchState.Batch, DashScopeError>
  /** See the accessor of the same name. */
  readonly watch: (
    batch: BatchState.Batch,
    options?: BatchState.BatchAwaitOptions
  ) => Stream.Stream<BatchState.Batch, WatchError>
  /** See the accessor of the same name. */
  readonly await: (
    batch: BatchState.Batch,
    options?: BatchState.BatchAwaitOptions
  ) => Effect.Effect<BatchState.Batch, AwaitError>
  /** See the accessor of the same name. */
  readonly cancel: (
    batch: BatchState.Batch,
    options?: CallOptions
  ) => Effect.Effect<BatchState.Batch, DashScopeError>
  /** See the accessor of the same name. */
  readonly listPage: (params?: ListParams, options?: CallOptions) => Effect.Effect<BatchPage, DashScopeError>
  /** See the accessor of the same name. */
  readonly results: (
    batch: BatchState.Batch,
    options?: BatchState.BatchAwaitOptions
  ) => Stream.Stream<BatchState.BatchResult<GenerationResult>, AwaitError>
  /** See the accessor of the same name. */
  readonly embeddings: (
    batch: BatchState.Batch,
    options?: BatchState.BatchAwaitOptions
  ) => Stream.Stream<BatchState.BatchResult<TextEmbeddingResult>, AwaitError>
}

/**
 * @example
 * import { Batch } from "effect-dashscope"
 * import { Effect, Layer } from "effect"
 *
 * // For a test of code that waits for batches.
 * export const Mock = Layer.mock(Batch.Batches, {
 *   await: (batch) => Effect.succeed({ ...batch, status: "completed" })
 * })
 *
 * @since 0.1.0
 * @category tags
 */
export class Batches extends Context.Tag("effect-dashscope/Batches")<Batches, Service>() {}

const isOfEmbeddings = (endpoint: string): boolean => /\/embeddings$/.test(endpoint)

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, DashScopeClient.DashScopeClient> = Effect.map(
  DashScopeClient.DashScopeClient,
  (client): Service => {
    const { baseUrl } = client
    const endpoints = endpointsAt(baseUrl)
    const upload = Uploads.make(client)
    const callCreate = Endpoint.call(client, endpoints.create)
    const get = Endpoint.call(client, endpoints.get)
    const cancel = Endpoint.call(client, endpoints.cancel)
    const pace = batchPaceOf(client)
    const ask = (id: string, options?: CallOptions) => Effect.zipRight(pace.wait, get(id, options))
    const askOf: Waiting.Ask = ({ id }, options) => ask(id, options)

    const checked = (batch: BatchState.Batch): Effect.Effect<BatchState.Batch, InputRequired> =>
      Effect.suspend(() => {
        const problem = Waiting.problemOf(batch, baseUrl)
        return problem === undefined ? Effect.succeed(batch) : Effect.fail(problem)
      })

    const create: Service["create"] = (params, options) =>
      Effect.flatMap(
        Clock.currentTimeMillis,
        (submittedAt) =>
          Effect.mapError(callCreate(params, options), (cause) =>
            mayExist(cause)
              ? new BatchState.BatchLost({
                inputFileId: params.inputFileId,
                endpoint: params.endpoint,
                submittedAt,
                cause
              })
              : cause)
      )

    const resultsOf = <A>(decode: ResultLines.Decode<A>, wanted: boolean, other: string) =>
    (
      batch: BatchState.Batch,
      options: BatchState.BatchAwaitOptions = {}
    ): Stream.Stream<BatchState.BatchResult<A>, AwaitError> =>
      Stream.unwrap(Effect.flatMap(checked(batch), (batch) => {
        if (isOfEmbeddings(batch.endpoint) !== wanted) {
          return Effect.fail(Params.invalid("batch", `it is for ${batch.endpoint}: use Batch.${other}`))
        }
        const ended: Effect.Effect<BatchState.Batch, WatchError> = BatchState.isEnded(batch)
          ? Effect.succeed(batch)
          : Waiting.untilEnd(askOf, batch, options)
        return Effect.map(ended, (batch) =>
          Stream.concat(
            Results.of(client, batch, Waiting.callOptionsOf(options), decode),
            // All that there is has been given by then.
            Stream.drain(Stream.fromEffect(Waiting.completed(batch)))
          ))
      }))

    return {
      upload: (requests, { fileName = defaultName, ...options } = {}) => upload(requests, { fileName }, options),
      create,
      submit: (
        requests,
        { callbackUrl, completionWindow, description, fileName = defaultName, metadata, name, ...options } = {}
      ) => {
        const batchOptions = { callbackUrl, completionWindow, description, metadata, name }
        return fromEither(windowOf(completionWindow)).pipe(
          Effect.zipRight(upload(requests, { fileName }, options)),
          Effect.flatMap(({ endpoint, id }) => create({ ...batchOptions, inputFileId: id, endpoint }, options))
        )
      },
      fetch: (batch, options) =>
        typeof batch === "string" ? ask(batch, options) : Effect.flatMap(checked(batch), ({ id }) => ask(id, options)),
      watch: (batch, options = {}) =>
        Stream.unwrap(Effect.map(checked(batch), (batch) => Waiting.states(askOf, batch, options))),
      await: (batch, options = {}) =>
        Effect.flatMap(
          checked(batch),
          (batch) => Effect.flatMap(Waiting.untilEnd(askOf, batch, options), Waiting.completed)
        ),
      cancel: (batch, options) => Effect.flatMap(checked(batch), ({ id }) => cancel(id, options)),
      listPage: Endpoint.orAll(Endpoint.call(client, endpoints.list)),
      results: resultsOf(ResultLines.generation, false, "embeddings"),
      embeddings: resultsOf(ResultLines.embedding, true, "results")
    }
  }
)

const defaultName = "batch.jsonl"

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Batches, never, DashScopeClient.DashScopeClient> = Layer.effect(Batches, make)

// -----------------------------------------------------------------------------
// accessors
// -----------------------------------------------------------------------------

/**
 * Writes requests into a file and uploads it, for {@link create}. Use it where a program that dies must know afterwards which file it
 * had uploaded; otherwise {@link submit} does both.
 *
 * What can be read again, such as an array, is checked as a whole before anything is sent. A generator or a Stream is checked while
 * it is sent, and a request that is wrong breaks the upload off; there is no file then. No more of them is held than what is given at
 * once: an element of a generator, a chunk of a Stream.
 *
 * Fails with `InputRequired` for a request that cannot be expressed, whose id is there twice, or that is one too many for the
 * service's limits (50,000 requests, 500 MB, 6 MB a line); the error names the request's id. Fails with the Stream's own
 * errors, and with the other errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const upload = <E = never, R = never>(
  requests: Requests<E, R>,
  options?: UploadOptions
): Effect.Effect<BatchState.InputFile, E | DashScopeError, R | Batches> =>
  Effect.flatMap(Batches, (service) => service.upload(requests, options))

/**
 * Creates a batch from a file that was uploaded for it.
 *
 * Fails with `BatchLost` where the answer is lost and the batch may exist: it is not created again, and `list` by the file shows
 * whether it is there. Fails with the other errors of `DashScopeError` as they say.
 *
 * @example
 * import { Batch } from "effect-dashscope"
 * import { Effect, Option, Stream } from "effect"
 *
 * // Created once, whatever happens to the answer.
 * export const once = (params: Batch.CreateParams) =>
 *   Batch.create(params).pipe(
 *     Effect.catchTag("BatchLost", (lost) =>
 *       Stream.runHead(Batch.list({ inputFileIds: [lost.inputFileId] })).pipe(
 *         Effect.flatMap(Option.match({ onNone: () => Batch.create(params), onSome: Effect.succeed }))
 *       ))
 *   )
 *
 * @since 0.1.0
 * @category accessors
 */
export const create = (
  params: CreateParams,
  options?: CallOptions
): Effect.Effect<BatchState.Batch, CreateError, Batches> =>
  Effect.flatMap(Batches, (service) => service.create(params, options))

/**
 * Writes requests into a file, uploads it ({@link upload}), and creates a batch from it ({@link create}).
 *
 * Fails as those two do. Where the creation fails, the file stays at the service.
 *
 * @example
 * import { Batch } from "effect-dashscope"
 * import { Stream } from "effect"
 *
 * export const batch = Batch.submit(
 *   Stream.range(1, 40_000).pipe(
 *     Stream.map((n) => Batch.generation(String(n), { model: "qwen-plus", prompt: `What is ${n} squared?` }))
 *   ),
 *   { name: "squares", completionWindow: "48 hours" }
 * )
 *
 * @since 0.1.0
 * @category accessors
 */
export const submit = <E = never, R = never>(
  requests: Requests<E, R>,
  options?: SubmitOptions
): Effect.Effect<BatchState.Batch, E | CreateError, R | Batches> =>
  Effect.flatMap(Batches, (service) => service.submit(requests, options))

/**
 * How a batch is just now, whatever that is; of one that is known by its id, the batch itself.
 *
 * Fails with `InputRequired` before anything is sent where the batch is of another base URL, and with the other errors of
 * `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const fetch = (
  batch: BatchState.Batch | string,
  options?: CallOptions
): Effect.Effect<BatchState.Batch, DashScopeError, Batches> =>
  Effect.flatMap(Batches, (service) => service.fetch(batch, options))

/**
 * The states of a batch, each once, from the one it is in to the last. A batch that failed is a last state, and no error.
 *
 * Fails with `BatchWaitTimeout` after `waitTimeout`, and with the errors of `DashScopeError` as they say; questions that fail for a
 * reason that may pass are asked again.
 *
 * @since 0.1.0
 * @category accessors
 */
export const watch = (
  batch: BatchState.Batch,
  options?: BatchState.BatchAwaitOptions
): Stream.Stream<BatchState.Batch, WatchError, Batches> =>
  Stream.unwrap(Effect.map(Batches, (service) => service.watch(batch, options)))

const await_ = (
  batch: BatchState.Batch,
  options?: BatchState.BatchAwaitOptions
): Effect.Effect<BatchState.Batch, AwaitError, Batches> =>
  Effect.flatMap(Batches, (service) => service.await(batch, options))

export {
  /**
   * Waits for a batch, and gives its last state. Some of its requests may have failed: see `requestCounts`.
   *
   * Fails with `BatchNotCompleted` where it failed, expired or was cancelled, with `BatchWaitTimeout` after `waitTimeout`, and with
   * the errors of `DashScopeError` as they say; questions that fail for a reason that may pass are asked again.
   *
   * @since 0.1.0
   * @category accessors
   */
  await_ as await
}

/**
 * Cancels a batch. It is `cancelling` for a while, and keeps the results that it has by then.
 *
 * Fails with the errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const cancel = (
  batch: BatchState.Batch,
  options?: CallOptions
): Effect.Effect<BatchState.Batch, DashScopeError, Batches> =>
  Effect.flatMap(Batches, (service) => service.cancel(batch, options))

/**
 * One page of the batches; {@link list} has all of them.
 *
 * Fails with the errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const listPage = (
  params?: ListParams,
  options?: CallOptions
): Effect.Effect<BatchPage, DashScopeError, Batches> =>
  Effect.flatMap(Batches, (service) => service.listPage(params, options))

/**
 * All batches of the last 30 days that are asked for, one after another; a page is asked for once those before it were read.
 *
 * @since 0.1.0
 * @category accessors
 */
export const list = (
  params: ListParams = {},
  options?: CallOptions
): Stream.Stream<BatchState.Batch, DashScopeError, Batches> =>
  Pages.after(
    (after) => listPage({ ...params, after }, options),
    ({ data, hasMore, lastId }) => ({
      items: data ?? [],
      next: hasMore === true ? lastId ?? data?.at(-1)?.id : undefined
    }),
    params.after
  )

/**
 * The results of a batch of chats, in no particular order: go by their `customId`. Where the batch has not ended, it is waited for
 * as by {@link watch}.
 *
 * They are read while they are asked for, from the file of answers and then from that of errors. A download that breaks off goes on
 * where it was. A request that failed, and a line that cannot be read, are errors of their own and lose none of the others.
 *
 * Of a batch that expired or was cancelled the results that there are come first, and `BatchNotCompleted` after them; it comes
 * alone where the batch failed. Fails with `BatchWaitTimeout` and with the errors of `DashScopeError` as they say.
 *
 * @example
 * import { Batch, Generation } from "effect-dashscope"
 * import { Console, Either, Stream } from "effect"
 *
 * export const print = (batch: Batch.Batch) =>
 *   Batch.results(batch).pipe(
 *     Stream.runForEach(({ answer, customId }) =>
 *       Either.match(answer, {
 *         onLeft: (error) => Console.error(customId, error.message),
 *         onRight: (result) => Console.log(customId, Generation.text(result))
 *       })
 *     )
 *   )
 *
 * @since 0.1.0
 * @category accessors
 */
export const results = (
  batch: BatchState.Batch,
  options?: BatchState.BatchAwaitOptions
): Stream.Stream<BatchState.BatchResult<GenerationResult>, AwaitError, Batches> =>
  Stream.unwrap(Effect.map(Batches, (service) => service.results(batch, options)))

/**
 * The same for a batch of embeddings.
 *
 * @since 0.1.0
 * @category accessors
 */
export const embeddings = (
  batch: BatchState.Batch,
  options?: BatchState.BatchAwaitOptions
): Stream.Stream<BatchState.BatchResult<TextEmbeddingResult>, AwaitError, Batches> =>
  Stream.unwrap(Effect.map(Batches, (service) => service.embeddings(batch, options)))
