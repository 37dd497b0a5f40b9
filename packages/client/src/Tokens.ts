/**
 * Temporary keys: made of the permanent one, for a browser or a device that must not have that.
 *
 * @example
 * import { Tokens } from "effect-dashscope"
 * import { Effect, Redacted } from "effect"
 *
 * // What a server of yours hands to a page.
 * export const forPage = Tokens.create({ expireInSeconds: 300 }).pipe(
 *   Effect.map(({ token }) => ({ apiKey: Redacted.value(token) }))
 * )
 *
 * It can do all that the permanent key can, and cannot be revoked: keep its life short.
 *
 * Source: "Generate a temporary API key".
 *
 * @since 0.1.0
 */
/* eslint-disable @typescript-eslint/no-empty-object-type -- An interface names the type of a Schema, as in Effect. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type { CallOptions } from "./CallOptions.js"
import * as DashScopeClient from "./DashScopeClient.js"
import type { DashScopeError } from "./DashScopeError.js"
import { preserve, requestId } from "./internal/core/fields.js"
import * as Endpoint from "./internal/operation/endpoint.js"
import * as Params from "./internal/operation/params.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface CreateParams {
  /** From 1 to 1800. Default: 60. */
  readonly expireInSeconds?: number | undefined
}

/**
 * A temporary key.
 *
 * @since 0.1.0
 * @category models
 */
export interface TemporaryKey extends Schema.Schema.Type<typeof TemporaryKey> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const TemporaryKey = Schema.Struct({
  /** A key like any other; `Redacted`, so that it gets into no log. */
  token: Schema.Redacted(Schema.String),
  /** In seconds since 1970. */
  expiresAt: Schema.Number.pipe(Schema.propertySignature, Schema.fromKey("expires_at")),
  requestId
}).annotations({ identifier: "TemporaryKey", ...preserve })

const createEndpoint = Endpoint.resource(
  "create_token",
  TemporaryKey,
  ({ expireInSeconds }: CreateParams) =>
    expireInSeconds === undefined || (Number.isInteger(expireInSeconds) && expireInSeconds > 0)
      ? Either.right({ path: "/tokens", urlParams: { expire_in_seconds: expireInSeconds } })
      : Either.left(Params.invalid("expireInSeconds", "must be a whole number of at least 1"))
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
  readonly create: (params?: CreateParams, options?: CallOptions) => Effect.Effect<TemporaryKey, DashScopeError>
}

/**
 * @example
 * import { Tokens } from "effect-dashscope"
 * import { Effect, Layer, Redacted } from "effect"
 *
 * export const Mock = Layer.mock(Tokens.Tokens, {
 *   create: () => Effect.succeed({ token: Redacted.make("st-mock"), expiresAt: 1744080369 })
 * })
 *
 * @since 0.1.0
 * @category tags
 */
export class Tokens extends Context.Tag("effect-dashscope/Tokens")<Tokens, Service>() {}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, DashScopeClient.DashScopeClient> = Effect.map(
  DashScopeClient.DashScopeClient,
  (client): Service => ({
    create: Endpoint.orAll(Endpoint.call(client, createEndpoint))
  })
)

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Tokens, never, DashScopeClient.DashScopeClient> = Layer.effect(Tokens, make)

/**
 * Makes a temporary key.
 *
 * Fails with `InputRequired` for a life that is no number of seconds, and with the other errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const create = (
  params?: CreateParams,
  options?: CallOptions
): Effect.Effect<TemporaryKey, DashScopeError, Tokens> =>
  Effect.flatMap(Tokens, (service) => service.create(params, options))
