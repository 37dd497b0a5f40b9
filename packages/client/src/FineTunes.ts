/**
 * Fine-tuning jobs: models trained further on files of your own.
 *
 * @example
 * import { FineTunes } from "effect-dashscope"
 * import { Console, Effect, Stream } from "effect"
 *
 * export const train = Effect.gen(function*() {
 *   const { output } = yield* FineTunes.create({
 *     model: "qwen-turbo",
 *     trainingFileIds: ["file-1"],
 *     trainingType: "efficient_sft",
 *     hyperParameters: { n_epochs: 10 }
 *   })
 *   yield* Stream.runForEach(FineTunes.events(output?.jobId ?? ""), ({ output }) => Console.log(output?.message))
 * })
 *
 * Fields of an answer that have no name here are kept, at their place, under their wire names.
 *
 * @since 0.1.0
 */
/* eslint-disable @typescript-eslint/no-empty-object-type -- An interface names the type of a Schema, as in Effect. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { CallOptions } from "./CallOptions.js"
import * as DashScopeClient from "./DashScopeClient.js"
import type { DashScopeError } from "./DashScopeError.js"
import { nullish, nullishFrom, preserve, requestId } from "./internal/core/fields.js"
import * as Endpoint from "./internal/operation/endpoint.js"
import * as Pages from "./internal/operation/pages.js"
import * as Params from "./internal/operation/params.js"
import * as Streaming from "./internal/operation/stream.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface CreateParams {
  /** The model to train, or the id of an earlier output. */
  readonly model: string
  /** Ids of files with purpose `fine-tune` (see `Files`). */
  readonly trainingFileIds: ReadonlyArray<string>
  readonly validationFileIds?: ReadonlyArray<string> | undefined
  /** Under their wire names, such as `n_epochs`. */
  readonly hyperParameters?: Readonly<Record<string, unknown>> | undefined
  /** Such as `sft` or `efficient_sft`. */
  readonly trainingType?: string | undefined
  readonly jobName?: string | undefined
  /** What the output will be called. */
  readonly modelName?: string | undefined
  /** Fields that have no name here, under their wire names. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface ListParams {
  /** Counted from 1. Default: 1. */
  readonly pageNo?: number | undefined
  /** Default: 10. */
  readonly pageSize?: number | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface LogsParams {
  readonly jobId: string
  /** The first line, counted from 1. Default: 1. */
  readonly offset?: number | undefined
  /** How many lines. Default: 1000. */
  readonly line?: number | undefined
}

/**
 * A job.
 *
 * @since 0.1.0
 * @category models
 */
export interface Job extends Schema.Schema.Type<typeof Job> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const Job = Schema.Struct({
  jobId: nullishFrom("job_id", Schema.String),
  jobName: nullishFrom("job_name", Schema.String),
  /** `PENDING`, `RUNNING`, then `SUCCEEDED`, `FAILED` or `CANCELED`. */
  status: nullish(Schema.String),
  /** The model that came of it. */
  finetunedOutput: nullishFrom("finetuned_output", Schema.String),
  model: nullish(Schema.String),
  baseModel: nullishFrom("base_model", Schema.String),
  trainingFileIds: nullishFrom("training_file_ids", Schema.Array(Schema.String)),
  validationFileIds: nullishFrom("validation_file_ids", Schema.Array(Schema.String)),
  /** Under their wire names. */
  hyperParameters: nullishFrom("hyper_parameters", Schema.Unknown),
  trainingType: nullishFrom("training_type", Schema.String),
  createTime: nullishFrom("create_time", Schema.String),
  endTime: nullishFrom("end_time", Schema.String),
  /** Why it failed. */
  code: nullish(Schema.String),
  message: nullish(Schema.String)
}).annotations({ identifier: "Job", ...preserve })

/**
 * @since 0.1.0
 * @category models
 */
export interface JobResult extends Schema.Schema.Type<typeof JobResult> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const JobResult = Schema.Struct({
  output: nullish(Job),
  /** Quote this to Alibaba Cloud's support. */
  requestId
}).annotations({ identifier: "JobResult", ...preserve })

/**
 * One page of a list.
 *
 * @since 0.1.0
 * @category models
 */
export interface JobPage extends Schema.Schema.Type<typeof JobPage> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const JobPage = Schema.Struct({
  output: nullish(
    Schema.Struct({
      jobs: nullish(Schema.Array(Job)),
      /** Of {@link outputs}. */
      finetunedOutputs: nullishFrom("finetuned_outputs", Schema.Array(Job)),
      pageNo: nullishFrom("page_no", Schema.Number),
      pageSize: nullishFrom("page_size", Schema.Number),
      total: nullish(Schema.Number)
    }).annotations(preserve)
  ),
  /** Quote this to Alibaba Cloud's support. */
  requestId
}).annotations({ identifier: "JobPage", ...preserve })

/**
 * @since 0.1.0
 * @category models
 */
export interface LogsResult extends Schema.Schema.Type<typeof LogsResult> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const LogsResult = Schema.Struct({
  output: nullish(
    Schema.Struct({ logs: nullish(Schema.Array(Schema.String)), total: nullish(Schema.Number) }).annotations(preserve)
  ),
  /** Quote this to Alibaba Cloud's support. */
  requestId
}).annotations({ identifier: "LogsResult", ...preserve })

const pathOf = (jobId: string, more = "") => Either.map(Params.id("jobId", jobId), (id) => `/fine-tunes/${id}${more}`)

const endpoints = {
  // A job costs money, so it is made again only where certainly nothing of the request was sent.
  create: Endpoint.resource("create_fine_tune", JobResult, (params: CreateParams) => {
    const { extra, hyperParameters = {}, jobName, model, modelName, trainingFileIds, trainingType } = params
    const wrong = Params.modelRequired(model, "qwen-turbo") ??
      (trainingFileIds === undefined ? Params.invalid("trainingFileIds", "is required") : undefined)
    return wrong !== undefined ? Either.left(wrong) : Either.right({
      path: "/fine-tunes",
      replay: "unsent",
      body: {
        model,
        training_file_ids: trainingFileIds,
        validation_file_ids: params.validationFileIds ?? [],
        hyper_parameters: hyperParameters,
        training_type: trainingType,
        job_name: jobName,
        model_name: modelName,
        ...extra
      }
    })
  }),
  list: Endpoint.resource(
    "list_fine_tunes",
    JobPage,
    (params: ListParams) => Either.right({ method: "GET", path: "/fine-tunes", urlParams: Pages.query(params) })
  ),
  outputs: Endpoint.resource(
    "list_fine_tune_outputs",
    JobPage,
    (params: ListParams) => Either.right({ method: "GET", path: "/fine-tunes/outputs", urlParams: Pages.query(params) })
  ),
  get: Endpoint.resource(
    "get_fine_tune",
    JobResult,
    (jobId: string) => Either.map(pathOf(jobId), (path) => ({ method: "GET", path }))
  ),
  cancel: Endpoint.resource(
    "cancel_fine_tune",
    JobResult,
    (jobId: string) => Either.map(pathOf(jobId, "/cancel"), (path) => ({ path }))
  ),
  remove: Endpoint.resource(
    "delete_fine_tune",
    JobResult,
    (jobId: string) => Either.map(pathOf(jobId), (path) => ({ method: "DELETE", path }))
  ),
  logs: Endpoint.resource(
    "get_fine_tune_logs",
    LogsResult,
    ({ jobId, line, offset }: LogsParams) =>
      Either.map(pathOf(jobId, "/logs"), (path) => ({ method: "GET", path, urlParams: { offset, line } }))
  ),
  events: Endpoint.resource(
    "stream_fine_tune",
    JobResult,
    (jobId: string) => Either.map(pathOf(jobId, "/stream"), (path) => ({ method: "GET", path }))
  )
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
  readonly create: (params: CreateParams, options?: CallOptions) => Effect.Effect<JobResult, DashScopeError>
  /** See the accessor of the same name. */
  readonly list: (params?: ListParams, options?: CallOptions) => Effect.Effect<JobPage, DashScopeError>
  /** See the accessor of the same name. */
  readonly outputs: (params?: ListParams, options?: CallOptions) => Effect.Effect<JobPage, DashScopeError>
  /** See the accessor of the same name. */
  readonly get: (jobId: string, options?: CallOptions) => Effect.Effect<JobResult, DashScopeError>
  /** See the accessor of the same name. */
  readonly cancel: (jobId: string, options?: CallOptions) => Effect.Effect<JobResult, DashScopeError>
  /** See the accessor of the same name. */
  readonly remove: (jobId: string, options?: CallOptions) => Effect.Effect<JobResult, DashScopeError>
  /** See the accessor of the same name. */
  readonly logs: (params: LogsParams, options?: CallOptions) => Effect.Effect<LogsResult, DashScopeError>
  /** See the accessor of the same name. */
  readonly events: (jobId: string, options?: CallOptions) => Stream.Stream<JobResult, DashScopeError>
}

/**
 * @example
 * import { FineTunes } from "effect-dashscope"
 * import { Effect, Layer } from "effect"
 *
 * export const Mock = Layer.mock(FineTunes.FineTunes, {
 *   get: (jobId) => Effect.succeed({ output: { jobId, status: "SUCCEEDED" } })
 * })
 *
 * @since 0.1.0
 * @category tags
 */
export class FineTunes extends Context.Tag("effect-dashscope/FineTunes")<FineTunes, Service>() {}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, DashScopeClient.DashScopeClient> = Effect.map(
  DashScopeClient.DashScopeClient,
  (client): Service => ({
    create: Endpoint.call(client, endpoints.create),
    list: Endpoint.orAll(Endpoint.call(client, endpoints.list)),
    outputs: Endpoint.orAll(Endpoint.call(client, endpoints.outputs)),
    get: Endpoint.call(client, endpoints.get),
    cancel: Endpoint.call(client, endpoints.cancel),
    remove: Endpoint.call(client, endpoints.remove),
    logs: Endpoint.call(client, endpoints.logs),
    events: Streaming.stream(client, endpoints.events, { isContent: () => true })
  })
)

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<FineTunes, never, DashScopeClient.DashScopeClient> = Layer.effect(FineTunes, make)

/**
 * Starts a job.
 *
 * Fails with `InputRequired` where something is missing, and with the other errors of `DashScopeError` as they say. It is started again
 * only where certainly nothing of the request was sent.
 *
 * @since 0.1.0
 * @category accessors
 */
export const create = (
  params: CreateParams,
  options?: CallOptions
): Effect.Effect<JobResult, DashScopeError, FineTunes> =>
  Effect.flatMap(FineTunes, (service) => service.create(params, options))

/**
 * One page of the jobs.
 *
 * Fails with the errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const list = (
  params?: ListParams,
  options?: CallOptions
): Effect.Effect<JobPage, DashScopeError, FineTunes> =>
  Effect.flatMap(FineTunes, (service) => service.list(params, options))

/**
 * One page of the models that came of jobs.
 *
 * Fails with the errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const outputs = (
  params?: ListParams,
  options?: CallOptions
): Effect.Effect<JobPage, DashScopeError, FineTunes> =>
  Effect.flatMap(FineTunes, (service) => service.outputs(params, options))

/**
 * A job, and how far it is.
 *
 * Fails with the errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const get = (
  jobId: string,
  options?: CallOptions
): Effect.Effect<JobResult, DashScopeError, FineTunes> =>
  Effect.flatMap(FineTunes, (service) => service.get(jobId, options))

/**
 * Ends a job that is not over.
 *
 * Fails with the errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const cancel = (
  jobId: string,
  options?: CallOptions
): Effect.Effect<JobResult, DashScopeError, FineTunes> =>
  Effect.flatMap(FineTunes, (service) => service.cancel(jobId, options))

/**
 * Deletes a job.
 *
 * Fails with the errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const remove = (
  jobId: string,
  options?: CallOptions
): Effect.Effect<JobResult, DashScopeError, FineTunes> =>
  Effect.flatMap(FineTunes, (service) => service.remove(jobId, options))

/**
 * Lines of a job's log.
 *
 * Fails with the errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const logs = (
  params: LogsParams,
  options?: CallOptions
): Effect.Effect<LogsResult, DashScopeError, FineTunes> =>
  Effect.flatMap(FineTunes, (service) => service.logs(params, options))

/**
 * What happens in a job, as it happens, until the service ends the stream.
 *
 * Fails with the errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const events = (
  jobId: string,
  options?: CallOptions
): Stream.Stream<JobResult, DashScopeError, FineTunes> =>
  Stream.unwrap(Effect.map(FineTunes, (service) => service.events(jobId, options)))
