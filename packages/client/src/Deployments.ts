/**
 * Deployments: models, fine-tuned ones above all, on capacity of their own.
 *
 * @example
 * import { Deployments } from "effect-dashscope"
 *
 * export const deploy = Deployments.create({ modelName: "qwen-turbo-ft-2023", capacity: 2, suffix: "1" })
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
  readonly modelName: string
  /** How many instances. */
  readonly capacity: number
  /** The end of its id, to have more than one of a model. */
  readonly suffix?: string | undefined
  /** Fields that have no name here, under their wire names: `plan`, `template_id`, `deploy_spec` … */
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
export interface ScaleParams {
  readonly deployedModel: string
  readonly capacity: number
}

/**
 * A deployment.
 *
 * @since 0.1.0
 * @category models
 */
export interface Deployment extends Schema.Schema.Type<typeof Deployment> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const Deployment = Schema.Struct({
  /** Its id, which is the model's name in calls. */
  deployedModel: nullishFrom("deployed_model", Schema.String),
  modelName: nullishFrom("model_name", Schema.String),
  baseModel: nullishFrom("base_model", Schema.String),
  /** `PENDING`, then `RUNNING` or `FAILED`. */
  status: nullish(Schema.String),
  capacity: nullish(Schema.Number),
  baseCapacity: nullishFrom("base_capacity", Schema.Number),
  readyCapacity: nullishFrom("ready_capacity", Schema.Number),
  gmtCreate: nullishFrom("gmt_create", Schema.String),
  gmtModified: nullishFrom("gmt_modified", Schema.String),
  workspaceId: nullishFrom("workspace_id", Schema.String),
  chargeType: nullishFrom("charge_type", Schema.String),
  message: nullish(Schema.String)
}).annotations({ identifier: "Deployment", ...preserve })

/**
 * @since 0.1.0
 * @category models
 */
export interface DeploymentResult extends Schema.Schema.Type<typeof DeploymentResult> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const DeploymentResult = Schema.Struct({
  output: nullish(Deployment),
  /** Quote this to Alibaba Cloud's support. */
  requestId
}).annotations({ identifier: "DeploymentResult", ...preserve })

/**
 * One page of the list.
 *
 * @since 0.1.0
 * @category models
 */
export interface DeploymentPage extends Schema.Schema.Type<typeof DeploymentPage> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const DeploymentPage = Schema.Struct({
  output: nullish(
    Schema.Struct({
      deployments: nullish(Schema.Array(Deployment)),
      pageNo: nullishFrom("page_no", Schema.Number),
      pageSize: nullishFrom("page_size", Schema.Number),
      total: nullish(Schema.Number)
    }).annotations(preserve)
  ),
  /** Quote this to Alibaba Cloud's support. */
  requestId
}).annotations({ identifier: "DeploymentPage", ...preserve })

const pathOf = (deployedModel: string, more = "") =>
  Either.map(Params.id("deployedModel", deployedModel), (id) => `/deployments/${id}${more}`)

const isCapacity = (capacity: number): boolean => Number.isInteger(capacity) && capacity > 0

const noCapacity = () => Either.left(Params.invalid("capacity", "must be a whole number of at least 1"))

const endpoints = {
  // A deployment costs money, so it is made again only where certainly nothing of the request was sent.
  create: Endpoint.resource(
    "create_deployment",
    DeploymentResult,
    ({ capacity, extra, modelName, suffix }: CreateParams) =>
      Params.isEmpty(modelName)
        ? Either.left(Params.invalid("modelName", "is required"))
        : !isCapacity(capacity)
        ? noCapacity()
        : Either.right({
          path: "/deployments",
          replay: "unsent",
          body: { model_name: modelName, capacity, suffix, ...extra }
        })
  ),
  list: Endpoint.resource(
    "list_deployments",
    DeploymentPage,
    (params: ListParams) => Either.right({ method: "GET", path: "/deployments", urlParams: Pages.query(params) })
  ),
  get: Endpoint.resource(
    "get_deployment",
    DeploymentResult,
    (deployedModel: string) => Either.map(pathOf(deployedModel), (path) => ({ method: "GET", path }))
  ),
  scale: Endpoint.resource(
    "scale_deployment",
    DeploymentResult,
    ({ capacity, deployedModel }: ScaleParams) =>
      !isCapacity(capacity) ? noCapacity() : Either.map(pathOf(deployedModel, "/scale"), (path) => ({
        method: "PUT",
        path,
        body: { deployed_model: deployedModel, capacity }
      }))
  ),
  remove: Endpoint.resource(
    "delete_deployment",
    DeploymentResult,
    (deployedModel: string) => Either.map(pathOf(deployedModel), (path) => ({ method: "DELETE", path }))
  ),
  events: Endpoint.resource(
    "stream_deployment",
    DeploymentResult,
    (deployedModel: string) => Either.map(pathOf(deployedModel, "/stream"), (path) => ({ method: "GET", path }))
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
  readonly create: (params: CreateParams, options?: CallOptions) => Effect.Effect<DeploymentResult, DashScopeError>
  /** See the accessor of the same name. */
  readonly list: (params?: ListParams, options?: CallOptions) => Effect.Effect<DeploymentPage, DashScopeError>
  /** See the accessor of the same name. */
  readonly get: (deployedModel: string, options?: CallOptions) => Effect.Effect<DeploymentResult, DashScopeError>
  /** See the accessor of the same name. */
  readonly scale: (params: ScaleParams, options?: CallOptions) => Effect.Effect<DeploymentResult, DashScopeError>
  /** See the accessor of the same name. */
  readonly remove: (deployedModel: string, options?: CallOptions) => Effect.Effect<DeploymentResult, DashScopeError>
  /** See the accessor of the same name. */
  readonly events: (deployedModel: string, options?: CallOptions) => Stream.Stream<DeploymentResult, DashScopeError>
}

/**
 * @example
 * import { Deployments } from "effect-dashscope"
 * import { Effect, Layer } from "effect"
 *
 * export const Mock = Layer.mock(Deployments.Deployments, {
 *   get: (deployedModel) => Effect.succeed({ output: { deployedModel, status: "RUNNING" } })
 * })
 *
 * @since 0.1.0
 * @category tags
 */
export class Deployments extends Context.Tag("effect-dashscope/Deployments")<Deployments, Service>() {}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, DashScopeClient.DashScopeClient> = Effect.map(
  DashScopeClient.DashScopeClient,
  (client): Service => ({
    create: Endpoint.call(client, endpoints.create),
    list: Endpoint.orAll(Endpoint.call(client, endpoints.list)),
    get: Endpoint.call(client, endpoints.get),
    scale: Endpoint.call(client, endpoints.scale),
    remove: Endpoint.call(client, endpoints.remove),
    events: Streaming.stream(client, endpoints.events, { isContent: () => true })
  })
)

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Deployments, never, DashScopeClient.DashScopeClient> = Layer.effect(Deployments, make)

/**
 * Deploys a model.
 *
 * Fails with `InputRequired` where something is missing, and with the other errors of `DashScopeError` as they say: a second one of a
 * model without a suffix is an `ApiError` of status 409. It is made again only where certainly nothing of the request was sent.
 *
 * @since 0.1.0
 * @category accessors
 */
export const create = (
  params: CreateParams,
  options?: CallOptions
): Effect.Effect<DeploymentResult, DashScopeError, Deployments> =>
  Effect.flatMap(Deployments, (service) => service.create(params, options))

/**
 * One page of the deployments.
 *
 * Fails with the errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const list = (
  params?: ListParams,
  options?: CallOptions
): Effect.Effect<DeploymentPage, DashScopeError, Deployments> =>
  Effect.flatMap(Deployments, (service) => service.list(params, options))

/**
 * A deployment, and whether it runs.
 *
 * Fails with the errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const get = (
  deployedModel: string,
  options?: CallOptions
): Effect.Effect<DeploymentResult, DashScopeError, Deployments> =>
  Effect.flatMap(Deployments, (service) => service.get(deployedModel, options))

/**
 * Changes how many instances a deployment has.
 *
 * Fails with the errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const scale = (
  params: ScaleParams,
  options?: CallOptions
): Effect.Effect<DeploymentResult, DashScopeError, Deployments> =>
  Effect.flatMap(Deployments, (service) => service.scale(params, options))

/**
 * Ends a deployment.
 *
 * Fails with the errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const remove = (
  deployedModel: string,
  options?: CallOptions
): Effect.Effect<DeploymentResult, DashScopeError, Deployments> =>
  Effect.flatMap(Deployments, (service) => service.remove(deployedModel, options))

/**
 * What happens to a deployment, as it happens, until the service ends the stream.
 *
 * Fails with the errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const events = (
  deployedModel: string,
  options?: CallOptions
): Stream.Stream<DeploymentResult, DashScopeError, Deployments> =>
  Stream.unwrap(Effect.map(Deployments, (service) => service.events(deployedModel, options)))
