/**
 * Multimodal embedding: texts, images, audio and videos as vectors in one space.
 *
 * @example
 * import { DashScope, Media, MultiModalEmbedding } from "effect-dashscope"
 * import { Effect } from "effect"
 *
 * const program = MultiModalEmbedding.call({
 *   model: "tongyi-embedding-vision-plus",
 *   contents: [{ text: "A cat on a mat" }, { image: "https://example.com/cat.png" }, { image: Media.file("./cat.jpg") }]
 * })
 *
 * export const main = program.pipe(Effect.provide(DashScope.layer()))
 *
 * Media are URLs, which the service fetches, or `Media`: a file or bytes become part of the request where they are small, and
 * else a temporary upload. A text is a URL and is sent as it is. Fields of an answer that have no name here are kept, at their
 * place, under their wire names.
 *
 * Source: "DashScope multimodal embedding".
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
import { resolved } from "./internal/upload/resolve.js"
import type * as Media from "./Media.js"
import { attributes } from "./Telemetry.js"
import * as Upload from "./Upload.js"

/**
 * What a vector is of. Several in one object make one vector of all of them, where the model can; in separate objects each has its
 * own.
 *
 * @since 0.1.0
 * @category models
 */
export interface Content {
  readonly text?: string | undefined
  /** A URL, or a file or bytes. */
  readonly image?: string | Media.Media | undefined
  /** A URL, or a file or bytes. */
  readonly audio?: string | Media.Media | undefined
  /** A URL, or a file or bytes; some models take only URLs. */
  readonly video?: string | Media.Media | undefined
  /** Images that belong together; at most 8. */
  readonly multiImages?: ReadonlyArray<string | Media.Media> | undefined
  /** Its weight in a vector of several; for the oldest model. */
  readonly factor?: number | undefined
}

/**
 * A parameter that is left out is the service's default.
 *
 * @since 0.1.0
 * @category models
 */
export interface MultiModalEmbeddingParams {
  /** Such as `tongyi-embedding-vision-plus` or `qwen3-vl-embedding`. */
  readonly model: string
  readonly contents: ReadonlyArray<Content>
  /** The length of the vectors; which there are depends on the model. */
  readonly dimension?: number | undefined
  /** Default: `dense`. */
  readonly outputType?: string | undefined
  /** What the vectors are for, in English. */
  readonly instruct?: string | undefined
  /** Whether all contents together make one vector; for qwen3-vl-embedding. Default: false. */
  readonly enableFusion?: boolean | undefined
  /** How densely videos are sampled, from 0 to 1. */
  readonly fps?: number | undefined
  /** How finely images are seen, from 0 to 3. */
  readonly resLevel?: number | undefined
  /** At most 64. */
  readonly maxVideoFrames?: number | undefined
  /** Whether what is too long is cut; for the oldest model. */
  readonly autoTruncation?: boolean | undefined
  /** Parameters that have no name here, under their wire names. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: Readonly<Record<string, unknown>> | undefined
}

const contentOf = ({ multiImages, ...rest }: Content): unknown =>
  multiImages === undefined ? rest : { ...rest, multi_images: multiImages }

const fields: Params.Fields<MultiModalEmbeddingParams> = {
  model: Params.top("model"),
  contents: Params.input("contents", (contents: ReadonlyArray<Content>) => contents.map(contentOf)),
  dimension: Params.parameter("dimension"),
  outputType: Params.parameter("output_type"),
  instruct: Params.parameter("instruct"),
  enableFusion: Params.parameter("enable_fusion"),
  fps: Params.parameter("fps"),
  resLevel: Params.parameter("res_level"),
  maxVideoFrames: Params.parameter("max_video_frames"),
  autoTruncation: Params.parameter("auto_truncation")
}

const isBlank = (content: unknown): boolean =>
  typeof content !== "object" || content === null ||
  Object.values(content).every((value) =>
    value === undefined || value === "" || (Array.isArray(value) && value.length === 0)
  )

const problem = ({ contents, extraInput, model }: MultiModalEmbeddingParams): InputRequired | undefined => {
  const noModel = Params.modelRequired(model, "tongyi-embedding-vision-plus")
  if (noModel !== undefined || (contents === undefined && extraInput !== undefined)) return noModel
  if (!Array.isArray(contents) || contents.length === 0) {
    return Params.invalid("contents", "nothing to send: give at least one content")
  }
  const bad = contents.findIndex(isBlank)
  return bad < 0
    ? undefined
    : Params.invalid(`contents[${bad}]`, "needs a text, an image, an audio, a video or multiImages")
}

/**
 * The vector of one content.
 *
 * @since 0.1.0
 * @category models
 */
export interface MultiModalVector extends Schema.Schema.Type<typeof MultiModalVector> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const MultiModalVector = Schema.Struct({
  /** Which of the contents it is of. */
  index: nullish(Schema.Number),
  embedding: Schema.Array(Schema.Number),
  /** Such as `text`, `image`, `video` or `fusion`. */
  type: nullish(Schema.String)
}).annotations({ identifier: "MultiModalVector", ...preserve })

/**
 * @since 0.1.0
 * @category models
 */
export interface MultiModalEmbeddingUsage extends Schema.Schema.Type<typeof MultiModalEmbeddingUsage> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const MultiModalEmbeddingUsage = Schema.Struct({
  inputTokens: nullishFrom("input_tokens", Schema.Number),
  totalTokens: nullishFrom("total_tokens", Schema.Number),
  imageTokens: nullishFrom("image_tokens", Schema.Number),
  imageCount: nullishFrom("image_count", Schema.Number),
  /** Of videos and audio, in seconds. */
  duration: nullish(Schema.Number)
}).annotations({ identifier: "MultiModalEmbeddingUsage", ...preserve })

/**
 * An answer.
 *
 * @since 0.1.0
 * @category models
 */
export interface MultiModalEmbeddingResult extends Schema.Schema.Type<typeof MultiModalEmbeddingResult> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const MultiModalEmbeddingResult = Schema.Struct({
  output: Schema.Struct({
    embeddings: nullish(Schema.Array(MultiModalVector)),
    /** The one vector of the oldest model (`multimodal-embedding-one-peace-v1`). */
    embedding: nullish(Schema.Array(Schema.Number))
  }).annotations(preserve),
  usage: nullish(MultiModalEmbeddingUsage),
  /** Quote this to Alibaba Cloud's support. */
  requestId
}).annotations({ identifier: "MultiModalEmbeddingResult", ...preserve })

const endpoint: Endpoint.Endpoint<MultiModalEmbeddingParams, MultiModalEmbeddingResult> = {
  operation: "embeddings",
  modelOf: ({ model }) => model,
  encode: Endpoint.post("/services/embeddings/multimodal-embedding/multimodal-embedding", fields, problem),
  decode: Codec.decoder(MultiModalEmbeddingResult),
  usageOf: ({ usage }) => usage && { inputTokens: usage.inputTokens ?? usage.totalTokens },
  requestAttributes: ({ dimension }) => ({ [attributes.embeddingsDimensionCount]: dimension })
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
    params: MultiModalEmbeddingParams,
    options?: CallOptions
  ) => Effect.Effect<MultiModalEmbeddingResult, DashScopeError>
}

/**
 * @example
 * import { MultiModalEmbedding } from "effect-dashscope"
 * import { Effect, Layer } from "effect"
 *
 * // For a test of code that embeds pictures.
 * export const Mock = Layer.mock(MultiModalEmbedding.MultiModalEmbedding, {
 *   call: ({ contents }) => Effect.succeed({ output: { embeddings: contents.map((_, index) => ({ index, embedding: [1] })) } })
 * })
 *
 * @since 0.1.0
 * @category tags
 */
export class MultiModalEmbedding
  extends Context.Tag("effect-dashscope/MultiModalEmbedding")<MultiModalEmbedding, Service>()
{}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, DashScopeClient.DashScopeClient | Upload.Upload> = Effect.map(
  Effect.all([DashScopeClient.DashScopeClient, Upload.Upload]),
  ([client, { resolve }]): Service => ({
    call: Endpoint.call(client, endpoint, ({ model }, prepared) => resolved(prepared, model, resolve))
  })
)

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<MultiModalEmbedding, never, DashScopeClient.DashScopeClient | Upload.Upload> = Layer
  .effect(MultiModalEmbedding, make)

/**
 * The vectors of a few contents, by one request.
 *
 * Fails with `InputRequired` before anything is sent where there is nothing to embed, and with the other errors of `DashScopeError`
 * as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const call = (
  params: MultiModalEmbeddingParams,
  options?: CallOptions
): Effect.Effect<MultiModalEmbeddingResult, DashScopeError, MultiModalEmbedding> =>
  Effect.flatMap(MultiModalEmbedding, (service) => service.call(params, options))

/**
 * The vectors, in the order of the contents, each in a quarter of the memory. Of the oldest model, its only one.
 *
 * @since 0.1.0
 * @category accessors
 */
export const vectors = ({ output }: MultiModalEmbeddingResult): ReadonlyArray<Float32Array> =>
  output.embeddings
    ? [...output.embeddings]
      .sort((a, b) => (a.index ?? 0) - (b.index ?? 0))
      .map(({ embedding }) => Float32Array.from(embedding))
    : output.embedding
    ? [Float32Array.from(output.embedding)]
    : []
