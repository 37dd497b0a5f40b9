/**
 * Language understanding (`opennlu-v1`): which label a sentence has, or what of it the labels are.
 *
 * @example
 * import { Understanding } from "effect-dashscope"
 * import { Effect } from "effect"
 *
 * export const mood = (sentence: string) =>
 *   Understanding.call({ model: "opennlu-v1", sentence, labels: ["积极", "消极"], task: "classification" }).pipe(
 *     Effect.map((result) => result.output.text)
 *   )
 *
 * @since 0.1.0
 */
/* eslint-disable @typescript-eslint/no-empty-object-type -- An interface names the type of a Schema, as in Effect. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type { CallOptions } from "./CallOptions.js"
import * as DashScopeClient from "./DashScopeClient.js"
import type { DashScopeError, InputRequired } from "./DashScopeError.js"
import * as Codec from "./internal/core/codec.js"
import { nullish, nullishFrom, preserve, requestId } from "./internal/core/fields.js"
import * as Endpoint from "./internal/operation/endpoint.js"
import * as Params from "./internal/operation/params.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface UnderstandingParams {
  /** Such as `opennlu-v1`. */
  readonly model: string
  readonly sentence: string
  /** What to look for, or what to choose from; a text has them between Chinese commas. */
  readonly labels: string | ReadonlyArray<string>
  /** Default: `extraction`. */
  readonly task?: "extraction" | "classification" | undefined
  /** Parameters that have no name here, under their wire names. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: Readonly<Record<string, unknown>> | undefined
}

const fields: Params.Fields<UnderstandingParams> = {
  model: Params.top("model"),
  sentence: Params.input("sentence"),
  labels: Params.input(
    "labels",
    (labels: string | ReadonlyArray<string>) => typeof labels === "string" ? labels : labels.join("，")
  ),
  task: Params.input("task")
}

const problem = ({ labels, model, sentence }: UnderstandingParams): InputRequired | undefined =>
  Params.modelRequired(model, "opennlu-v1") ??
    (Params.isEmpty(sentence) ? Params.invalid("sentence", "a sentence is required") : undefined) ??
    (Params.isEmpty(labels) ? Params.invalid("labels", "at least one label is required") : undefined)

/**
 * An answer.
 *
 * @since 0.1.0
 * @category models
 */
export interface UnderstandingResult extends Schema.Schema.Type<typeof UnderstandingResult> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const UnderstandingResult = Schema.Struct({
  output: Schema.Struct({
    /** The labels or what was found, each followed by a semicolon. */
    text: nullish(Schema.String),
    /** How long it took, in seconds. */
    rt: nullish(Schema.Number)
  }).annotations(preserve),
  usage: nullish(
    Schema.Struct({
      inputTokens: nullishFrom("input_tokens", Schema.Number),
      outputTokens: nullishFrom("output_tokens", Schema.Number),
      totalTokens: nullishFrom("total_tokens", Schema.Number)
    }).annotations(preserve)
  ),
  /** Quote this to Alibaba Cloud's support. */
  requestId
}).annotations({ identifier: "UnderstandingResult", ...preserve })

const post = Endpoint.post("/services/nlp/nlu/understanding", fields, problem)

const endpoint: Endpoint.Endpoint<UnderstandingParams, UnderstandingResult> = {
  operation: "understand",
  modelOf: ({ model }) => model,
  encode: (params) => post({ extra: {}, ...params }),
  decode: Codec.decoder(UnderstandingResult),
  usageOf: ({ usage }) => usage
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
  readonly call: (
    params: UnderstandingParams,
    options?: CallOptions
  ) => Effect.Effect<UnderstandingResult, DashScopeError>
}

/**
 * @example
 * import { Understanding } from "effect-dashscope"
 * import { Effect, Layer } from "effect"
 *
 * export const Mock = Layer.mock(Understanding.Understanding, {
 *   call: () => Effect.succeed({ output: { text: "积极;" } })
 * })
 *
 * @since 0.1.0
 * @category tags
 */
export class Understanding extends Context.Tag("effect-dashscope/Understanding")<Understanding, Service>() {}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, DashScopeClient.DashScopeClient> = Effect.map(
  DashScopeClient.DashScopeClient,
  (client): Service => ({ call: Endpoint.call(client, endpoint) })
)

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Understanding, never, DashScopeClient.DashScopeClient> = Layer.effect(
  Understanding,
  make
)

/**
 * Understands one sentence.
 *
 * Fails with `InputRequired` before anything is sent where the sentence or the labels are missing, and with the other errors of
 * `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const call = (
  params: UnderstandingParams,
  options?: CallOptions
): Effect.Effect<UnderstandingResult, DashScopeError, Understanding> =>
  Effect.flatMap(Understanding, (service) => service.call(params, options))
