/**
 * Voices of your own: copied from a recording, or designed from a description.
 *
 * @example
 * import { VoiceEnrollment } from "effect-dashscope"
 * import { Effect } from "effect"
 *
 * export const voice = VoiceEnrollment.create({
 *   targetModel: "cosyvoice-v3.5-plus",
 *   prefix: "myvoice",
 *   url: "https://example.com/recording.wav"
 * }).pipe(Effect.map((result) => result.output?.voiceId))
 *
 * CosyVoice and Qwen-Audio-TTS voices are made by {@link create}, those of Qwen-TTS by {@link clone} and {@link design}. A voice speaks
 * with its `targetModel` alone, and once its `status` is `OK`.
 *
 * Fields of an answer that have no name here are kept, at their place, under their wire names.
 *
 * Source: "Voice cloning", "Voice design".
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
  /** The model that will speak. */
  readonly targetModel: string
  /** The start of its id: letters and digits, at most 10. */
  readonly prefix: string
  /** Of the recording. */
  readonly url: string
  readonly languageHints?: ReadonlyArray<string> | undefined
  /** In seconds, from 3 to 30. Default: 10. */
  readonly maxPromptAudioLength?: number | undefined
  readonly enablePreprocess?: boolean | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: Readonly<Record<string, unknown>> | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface CloneParams {
  /** The model that will speak. */
  readonly targetModel: string
  /** Letters, digits and underscores; at most 16. */
  readonly preferredName: string
  /** A URL or a data URL; at most 10 MB. */
  readonly audio: string
  /** What is said in the recording. */
  readonly text?: string | undefined
  readonly language?: string | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: Readonly<Record<string, unknown>> | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface DesignParams {
  /** The model that will speak. */
  readonly targetModel: string
  /** What the voice is like, in words. */
  readonly voicePrompt: string
  /** What it says in the preview. */
  readonly previewText: string
  readonly preferredName?: string | undefined
  readonly language?: string | undefined
  /** Of the preview, in Hz. */
  readonly sampleRate?: number | undefined
  /** Of the preview, such as `wav`. */
  readonly responseFormat?: string | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: Readonly<Record<string, unknown>> | undefined
}

/**
 * Which kind of voices: those of {@link create}, {@link clone} and {@link design}, in this order.
 *
 * @since 0.1.0
 * @category models
 */
export type Maker = "voice-enrollment" | "qwen-voice-enrollment" | "qwen-voice-design"

/**
 * @since 0.1.0
 * @category models
 */
export interface ListParams {
  /** Default: `voice-enrollment`. */
  readonly maker?: Maker | undefined
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
export interface VoiceParams {
  /** Default: `voice-enrollment`. */
  readonly maker?: Maker | undefined
  readonly voiceId: string
}

/**
 * @since 0.1.0
 * @category models
 */
export interface UpdateParams {
  readonly voiceId: string
  /** Of another recording. */
  readonly url: string
}

const voiceFields = {
  voiceId: nullishFrom("voice_id", Schema.String),
  /** The id, of Qwen-TTS. */
  voice: nullish(Schema.String),
  targetModel: nullishFrom("target_model", Schema.String),
  gmtCreate: nullishFrom("gmt_create", Schema.String),
  gmtModified: nullishFrom("gmt_modified", Schema.String),
  /** `DEPLOYING`, then `OK` or `UNDEPLOYED`. */
  status: nullish(Schema.String)
}

/**
 * What the service says of voices; each operation fills its own fields.
 *
 * @since 0.1.0
 * @category models
 */
export interface VoiceResult extends Schema.Schema.Type<typeof VoiceResult> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const VoiceResult = Schema.Struct({
  output: nullish(
    Schema.Struct({
      ...voiceFields,
      /** Of {@link list}. */
      voiceList: nullishFrom("voice_list", Schema.Array(Schema.Struct(voiceFields).annotations(preserve))),
      /** The recording. */
      resourceLink: nullishFrom("resource_link", Schema.String),
      language: nullish(Schema.String),
      voicePrompt: nullishFrom("voice_prompt", Schema.String),
      previewText: nullishFrom("preview_text", Schema.String),
      /** Of {@link design}. */
      previewAudio: nullishFrom(
        "preview_audio",
        Schema.Struct({
          /** In base64. */
          data: nullish(Schema.String),
          sampleRate: nullishFrom("sample_rate", Schema.Number),
          responseFormat: nullishFrom("response_format", Schema.String)
        }).annotations(preserve)
      ),
      fallbackMode: nullishFrom("fallback_mode", Schema.Unknown),
      fallbackReason: nullishFrom("fallback_reason", Schema.String)
    }).annotations(preserve)
  ),
  usage: nullish(Schema.Struct({ count: nullish(Schema.Number) }).annotations(preserve)),
  /** Quote this to Alibaba Cloud's support. */
  requestId
}).annotations({ identifier: "VoiceResult", ...preserve })

/** All of them are one path, told apart by model and action. What makes a voice costs, so it is made again only where nothing was sent. */
const operation = Endpoint.actions("/services/audio/tts/customization", VoiceResult)

const isQwen = (maker: Maker): boolean => maker !== "voice-enrollment"

/** The Qwen makers have names of their own for the same. */
const byId = (action: "query" | "delete") => ({ maker = "voice-enrollment", voiceId }: VoiceParams) => ({
  model: maker,
  input: isQwen(maker) ? { action, voice: voiceId } : { action: `${action}_voice`, voice_id: voiceId }
})

const endpoints = {
  create: operation(
    "create_voice",
    ({ prefix, targetModel, url }: CreateParams) => ({ targetModel, prefix, url }),
    ({ enablePreprocess, extraInput, languageHints, maxPromptAudioLength, prefix, targetModel, url }) => ({
      model: "voice-enrollment",
      input: {
        action: "create_voice",
        target_model: targetModel,
        prefix,
        url,
        language_hints: languageHints,
        max_prompt_audio_length: maxPromptAudioLength,
        enable_preprocess: enablePreprocess,
        ...extraInput
      }
    }),
    "unsent"
  ),
  clone: operation(
    "clone_voice",
    ({ audio, preferredName, targetModel }: CloneParams) => ({ targetModel, preferredName, audio }),
    ({ audio, extraInput, language, preferredName, targetModel, text }) => ({
      model: "qwen-voice-enrollment",
      input: {
        action: "create",
        target_model: targetModel,
        preferred_name: preferredName,
        audio: { data: audio },
        text,
        language,
        ...extraInput
      }
    }),
    "unsent"
  ),
  design: operation(
    "design_voice",
    ({ previewText, targetModel, voicePrompt }: DesignParams) => ({ targetModel, voicePrompt, previewText }),
    ({ extraInput, language, preferredName, previewText, responseFormat, sampleRate, targetModel, voicePrompt }) => ({
      model: "qwen-voice-design",
      input: {
        action: "create",
        target_model: targetModel,
        voice_prompt: voicePrompt,
        preview_text: previewText,
        preferred_name: preferredName,
        language,
        ...extraInput
      },
      parameters: { sample_rate: sampleRate, response_format: responseFormat }
    }),
    "unsent"
  ),
  list: operation(
    "list_voice",
    () => ({}),
    ({ maker = "voice-enrollment", pageIndex = 0, pageSize = 10, prefix }: ListParams) => ({
      model: maker,
      input: { action: isQwen(maker) ? "list" : "list_voice", prefix, page_index: pageIndex, page_size: pageSize }
    })
  ),
  get: operation("query_voice", ({ voiceId }: VoiceParams) => ({ voiceId }), byId("query")),
  update: operation(
    "update_voice",
    ({ url, voiceId }: UpdateParams) => ({ voiceId, url }),
    ({ url, voiceId }) => ({ model: "voice-enrollment", input: { action: "update_voice", voice_id: voiceId, url } })
  ),
  remove: operation("delete_voice", ({ voiceId }: VoiceParams) => ({ voiceId }), byId("delete"))
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
  readonly create: (params: CreateParams, options?: CallOptions) => Effect.Effect<VoiceResult, DashScopeError>
  /** See the accessor of the same name. */
  readonly clone: (params: CloneParams, options?: CallOptions) => Effect.Effect<VoiceResult, DashScopeError>
  /** See the accessor of the same name. */
  readonly design: (params: DesignParams, options?: CallOptions) => Effect.Effect<VoiceResult, DashScopeError>
  /** See the accessor of the same name. */
  readonly list: (params?: ListParams, options?: CallOptions) => Effect.Effect<VoiceResult, DashScopeError>
  /** See the accessor of the same name. */
  readonly get: (params: VoiceParams, options?: CallOptions) => Effect.Effect<VoiceResult, DashScopeError>
  /** See the accessor of the same name. */
  readonly update: (params: UpdateParams, options?: CallOptions) => Effect.Effect<VoiceResult, DashScopeError>
  /** See the accessor of the same name. */
  readonly remove: (params: VoiceParams, options?: CallOptions) => Effect.Effect<VoiceResult, DashScopeError>
}

/**
 * @example
 * import { VoiceEnrollment } from "effect-dashscope"
 * import { Effect, Layer } from "effect"
 *
 * export const Mock = Layer.mock(VoiceEnrollment.VoiceEnrollment, {
 *   create: () => Effect.succeed({ output: { voiceId: "cosyvoice-v3.5-plus-myvoice-1" } })
 * })
 *
 * @since 0.1.0
 * @category tags
 */
export class VoiceEnrollment extends Context.Tag("effect-dashscope/VoiceEnrollment")<VoiceEnrollment, Service>() {}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, DashScopeClient.DashScopeClient> = Effect.map(
  DashScopeClient.DashScopeClient,
  (client): Service => ({
    create: Endpoint.call(client, endpoints.create),
    clone: Endpoint.call(client, endpoints.clone),
    design: Endpoint.call(client, endpoints.design),
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
export const layer: Layer.Layer<VoiceEnrollment, never, DashScopeClient.DashScopeClient> = Layer.effect(
  VoiceEnrollment,
  make
)

/**
 * Makes a voice from a recording, for CosyVoice and Qwen-Audio-TTS; its id is in `output.voiceId`.
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
): Effect.Effect<VoiceResult, DashScopeError, VoiceEnrollment> =>
  Effect.flatMap(VoiceEnrollment, (service) => service.create(params, options))

/**
 * Makes a voice from a recording, for Qwen-TTS; its id is in `output.voice`. Otherwise as {@link create}.
 *
 * @since 0.1.0
 * @category accessors
 */
export const clone = (
  params: CloneParams,
  options?: CallOptions
): Effect.Effect<VoiceResult, DashScopeError, VoiceEnrollment> =>
  Effect.flatMap(VoiceEnrollment, (service) => service.clone(params, options))

/**
 * Makes a voice from a description, for Qwen-TTS; its id is in `output.voice`, and how it sounds in `output.previewAudio`. Otherwise as
 * {@link create}.
 *
 * @since 0.1.0
 * @category accessors
 */
export const design = (
  params: DesignParams,
  options?: CallOptions
): Effect.Effect<VoiceResult, DashScopeError, VoiceEnrollment> =>
  Effect.flatMap(VoiceEnrollment, (service) => service.design(params, options))

/**
 * One page of the voices of a kind.
 *
 * Fails with the errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const list = (
  params?: ListParams,
  options?: CallOptions
): Effect.Effect<VoiceResult, DashScopeError, VoiceEnrollment> =>
  Effect.flatMap(VoiceEnrollment, (service) => service.list(params, options))

/**
 * What the service says of one voice: its `status` above all.
 *
 * Fails with the errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const get = (
  params: VoiceParams,
  options?: CallOptions
): Effect.Effect<VoiceResult, DashScopeError, VoiceEnrollment> =>
  Effect.flatMap(VoiceEnrollment, (service) => service.get(params, options))

/**
 * Gives a voice of {@link create} another recording.
 *
 * Fails with the errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const update = (
  params: UpdateParams,
  options?: CallOptions
): Effect.Effect<VoiceResult, DashScopeError, VoiceEnrollment> =>
  Effect.flatMap(VoiceEnrollment, (service) => service.update(params, options))

/**
 * Deletes a voice.
 *
 * Fails with the errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const remove = (
  params: VoiceParams,
  options?: CallOptions
): Effect.Effect<VoiceResult, DashScopeError, VoiceEnrollment> =>
  Effect.flatMap(VoiceEnrollment, (service) => service.remove(params, options))
