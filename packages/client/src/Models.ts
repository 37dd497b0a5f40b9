/**
 * The list of models that the account may use.
 *
 * @example
 * import { Models } from "effect-dashscope"
 * import { Stream } from "effect"
 *
 * export const names = Models.all().pipe(Stream.map(({ model }) => model), Stream.runCollect)
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
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { CallOptions } from "./CallOptions.js"
import * as DashScopeClient from "./DashScopeClient.js"
import type { DashScopeError } from "./DashScopeError.js"
import { nullish, nullishFrom, preserve, requestId } from "./internal/core/fields.js"
import * as Endpoint from "./internal/operation/endpoint.js"
import * as Pages from "./internal/operation/pages.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface ListParams {
  /** Counted from 1. Default: 1. */
  readonly pageNo?: number | undefined
  /** Default: 10. */
  readonly pageSize?: number | undefined
  /** Only the one of this name. */
  readonly model?: string | undefined
}

/**
 * A model, as the service describes it; which fields there are varies.
 *
 * @since 0.1.0
 * @category models
 */
export interface Model extends Schema.Schema.Type<typeof Model> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const Model = Schema.Struct({
  model: nullish(Schema.String),
  name: nullish(Schema.String),
  description: nullish(Schema.String),
  source: nullish(Schema.String),
  provider: nullish(Schema.String),
  opensource: nullish(Schema.Boolean)
}).annotations({ identifier: "Model", ...preserve })

/**
 * One page of the list.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModelPage extends Schema.Schema.Type<typeof ModelPage> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ModelPage = Schema.Struct({
  output: Schema.Struct({
    models: nullish(Schema.Array(Model)),
    pageNo: nullishFrom("page_no", Schema.Number),
    pageSize: nullishFrom("page_size", Schema.Number),
    total: nullish(Schema.Number)
  }).annotations(preserve),
  /** Quote this to Alibaba Cloud's support. */
  requestId
}).annotations({ identifier: "ModelPage", ...preserve })

const listEndpoint = Endpoint.resource(
  "list_models",
  ModelPage,
  (params: ListParams) =>
    Either.right({ method: "GET", path: "/models", urlParams: { model: params.model, ...Pages.query(params) } })
)

// -----------------------------------------------------------------------------
// service
// -----------------------------------------------------------------------------

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** See the accessor of the same name. */
  readonly list: (params?: ListParams, options?: CallOptions) => Effect.Effect<ModelPage, DashScopeError>
}

/**
 * @example
 * import { Models } from "effect-dashscope"
 * import { Effect, Layer } from "effect"
 *
 * export const Mock = Layer.mock(Models.Models, {
 *   list: () => Effect.succeed({ output: { models: [{ model: "qwen-plus" }], total: 1 } })
 * })
 *
 * @since 0.1.0
 * @category tags
 */
export class Models extends Context.Tag("effect-dashscope/Models")<Models, Service>() {}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, DashScopeClient.DashScopeClient> = Effect.map(
  DashScopeClient.DashScopeClient,
  (client): Service => ({
    list: Endpoint.orAll(Endpoint.call(client, listEndpoint))
  })
)

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Models, never, DashScopeClient.DashScopeClient> = Layer.effect(Models, make)

/**
 * One page of the list of models.
 *
 * Fails with the errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const list = (
  params?: ListParams,
  options?: CallOptions
): Effect.Effect<ModelPage, DashScopeError, Models> =>
  Effect.flatMap(Models, (service) => service.list(params, options))

/**
 * All models, one after another; a page is asked for once those before it were read.
 *
 * @since 0.1.0
 * @category accessors
 */
export const all = (
  { pageSize = 100 }: { readonly pageSize?: number | undefined } = {},
  options?: CallOptions
): Stream.Stream<Model, DashScopeError, Models> =>
  Pages.all(
    pageSize,
    (page) => list(page, options),
    ({ output }) => ({ items: output.models ?? [], total: output.total })
  )

/**
 * What the service says of one model; nothing where there is none of that name.
 *
 * @since 0.1.0
 * @category accessors
 */
export const get = (
  model: string,
  options?: CallOptions
): Effect.Effect<Option.Option<Model>, DashScopeError, Models> =>
  Effect.map(
    list({ model, pageNo: 1, pageSize: 1 }, options),
    ({ output }) => Option.fromNullable(output.models?.find((one) => one.model === model || one.name === model))
  )
