/**
 * Vocabularies of hot words: names and terms that speech recognition should know.
 *
 * @example
 * import { Vocabulary } from "effect-dashscope"
 * import { Effect } from "effect"
 *
 * export const make = Vocabulary.create({
 *   targetModel: "paraformer-realtime-v2",
 *   prefix: "film",
 *   vocabulary: [{ text: "吴贻弓", weight: 4, lang: "zh" }]
 * }).pipe(Effect.map((result) => result.output?.vocabularyId))
 *
 * Fields of an answer that have no name here are kept, at their place, under their wire names.
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
import type { DashScopeError } from "./DashScopeError.js"
import { nullish, nullishFrom, preserve, requestId } from "./internal/core/fields.js"
import * as Endpoint from "./internal/operation/endpoint.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface CreateParams {
  /** The model of speech recognition, which has to be the one it is used with. */
  readonly targetModel: string
  /** The start of its id: small letters and digits, at most 9. */
  readonly prefix: string
  readonly vocabulary: ReadonlyArray<HotWord>
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: Readonly<Record<string, unknown>> | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface ListParams {
  readonly prefix?: string | undefined
  /** Counted from 0. Default: 0. */
  readonly pageIndex?: number | undefined
  /** Default: 10. */
  readonly pageSize?: number | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface UpdateParams {
  readonly vocabularyId: string
  /** Replaces the words that were there. */
  readonly vocabulary: ReadonlyArray<HotWord>
}

/**
 * A word or a phrase.
 *
 * @since 0.1.0
 * @category models
 */
export interface HotWord extends Schema.Schema.Type<typeof HotWord> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const HotWord = Schema.Struct({
  text: Schema.String,
  /** How much it counts, from 1 to 5. */
  weight: nullish(Schema.Number),
  lang: nullish(Schema.String)
}).annotations({ identifier: "HotWord", ...preserve })

/**
 * What the service says of vocabularies; each operation fills its own fields.
 *
 * @since 0.1.0
 * @category models
 */
export interface VocabularyResult extends Schema.Schema.Type<typeof VocabularyResult> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const VocabularyResult = Schema.Struct({
  output: nullish(
    Schema.Struct({
      /** Of {@link create}. */
      vocabularyId: nullishFrom("vocabulary_id", Schema.String),
      /** Of {@link list}. */
      vocabularyList: nullishFrom(
        "vocabulary_list",
        Schema.Array(
          Schema.Struct({
            vocabularyId: nullishFrom("vocabulary_id", Schema.String),
            gmtCreate: nullishFrom("gmt_create", Schema.String),
            gmtModified: nullishFrom("gmt_modified", Schema.String),
            status: nullish(Schema.String)
          }).annotations(preserve)
        )
      ),
      /** Of {@link get}. */
      vocabulary: nullish(Schema.Array(HotWord)),
      targetModel: nullishFrom("target_model", Schema.String),
      gmtCreate: nullishFrom("gmt_create", Schema.String),
      gmtModified: nullishFrom("gmt_modified", Schema.String),
      /** `OK` once it can be used. */
      status: nullish(Schema.String)
    }).annotations(preserve)
  ),
  usage: nullish(Schema.Struct({ count: nullish(Schema.Number) }).annotations(preserve)),
  /** Quote this to Alibaba Cloud's support. */
  requestId
}).annotations({ identifier: "VocabularyResult", ...preserve })

const action = Endpoint.actions("/services/audio/asr/customization", VocabularyResult)

/** All of them are one path, told apart by their action. */
const operation = <P>(
  name: string,
  needs: (params: P) => Readonly<Record<string, string | ReadonlyArray<unknown>>>,
  input: (params: P) => object,
  replay?: "unsent"
) =>
  action(
    `${name}_vocabulary`,
    needs,
    (params: P) => ({ model: "speech-biasing", input: { action: `${name}_vocabulary`, ...input(params) } }),
    replay
  )

const endpoints = {
  create: operation(
    "create",
    ({ prefix, targetModel, vocabulary }: CreateParams) => ({ targetModel, prefix, vocabulary }),
    ({ extraInput, prefix, targetModel, vocabulary }) => ({
      target_model: targetModel,
      prefix,
      vocabulary,
      ...extraInput
    }),
    // There may be ten, so none is made twice.
    "unsent"
  ),
  list: operation(
    "list",
    () => ({}),
    ({ pageIndex = 0, pageSize = 10, prefix }: ListParams) => ({ prefix, page_index: pageIndex, page_size: pageSize })
  ),
  get: operation("query", (vocabularyId: string) => ({ vocabularyId }), (id) => ({ vocabulary_id: id })),
  update: operation(
    "update",
    ({ vocabulary, vocabularyId }: UpdateParams) => ({ vocabularyId, vocabulary }),
    ({ vocabulary, vocabularyId }) => ({ vocabulary_id: vocabularyId, vocabulary })
  ),
  remove: operation("delete", (vocabularyId: string) => ({ vocabularyId }), (id) => ({ vocabulary_id: id }))
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
  readonly create: (params: CreateParams, options?: CallOptions) => Effect.Effect<VocabularyResult, DashScopeError>
  /** See the accessor of the same name. */
  readonly list: (params?: ListParams, options?: CallOptions) => Effect.Effect<VocabularyResult, DashScopeError>
  /** See the accessor of the same name. */
  readonly get: (vocabularyId: string, options?: CallOptions) => Effect.Effect<VocabularyResult, DashScopeError>
  /** See the accessor of the same name. */
  readonly update: (params: UpdateParams, options?: CallOptions) => Effect.Effect<VocabularyResult, DashScopeError>
  /** See the accessor of the same name. */
  readonly remove: (vocabularyId: string, options?: CallOptions) => Effect.Effect<VocabularyResult, DashScopeError>
}

/**
 * @example
 * import { Vocabulary } from "effect-dashscope"
 * import { Effect, Layer } from "effect"
 *
 * export const Mock = Layer.mock(Vocabulary.Vocabulary, {
 *   create: () => Effect.succeed({ output: { vocabularyId: "vocab-film-1" } })
 * })
 *
 * @since 0.1.0
 * @category tags
 */
export class Vocabulary extends Context.Tag("effect-dashscope/Vocabulary")<Vocabulary, Service>() {}

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
    update: Endpoint.call(client, endpoints.update),
    remove: Endpoint.call(client, endpoints.remove)
  })
)

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Vocabulary, never, DashScopeClient.DashScopeClient> = Layer.effect(Vocabulary, make)

/**
 * Makes a vocabulary; its id is in `output.vocabularyId`. An account has ten.
 *
 * Fails with `InputRequired` where something is missing, and with the other errors of `DashScopeError` as they say. It is made again only
 * where certainly nothing of the request was sent.
 *
 * @since 0.1.0
 * @category accessors
 */
export const create = (
  params: CreateParams,
  options?: CallOptions
): Effect.Effect<VocabularyResult, DashScopeError, Vocabulary> =>
  Effect.flatMap(Vocabulary, (service) => service.create(params, options))

/**
 * One page of the vocabularies.
 *
 * Fails with the errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const list = (
  params?: ListParams,
  options?: CallOptions
): Effect.Effect<VocabularyResult, DashScopeError, Vocabulary> =>
  Effect.flatMap(Vocabulary, (service) => service.list(params, options))

/**
 * The words of a vocabulary, and whether it can be used.
 *
 * Fails with the errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const get = (
  vocabularyId: string,
  options?: CallOptions
): Effect.Effect<VocabularyResult, DashScopeError, Vocabulary> =>
  Effect.flatMap(Vocabulary, (service) => service.get(vocabularyId, options))

/**
 * Replaces the words of a vocabulary.
 *
 * Fails with the errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const update = (
  params: UpdateParams,
  options?: CallOptions
): Effect.Effect<VocabularyResult, DashScopeError, Vocabulary> =>
  Effect.flatMap(Vocabulary, (service) => service.update(params, options))

/**
 * Deletes a vocabulary.
 *
 * Fails with the errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const remove = (
  vocabularyId: string,
  options?: CallOptions
): Effect.Effect<VocabularyResult, DashScopeError, Vocabulary> =>
  Effect.flatMap(Vocabulary, (service) => service.remove(vocabularyId, options))
