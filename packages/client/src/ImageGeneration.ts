/**
 * Images by models that take a message: wan2.6 and newer, qwen-image, z-image. At once, as a stream where text and images alternate,
 * or as a task (see `Task`). Which of these a model has is checked before anything is sent.
 *
 * @example
 * import { DashScope, Download, ImageGeneration } from "effect-dashscope"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const result = yield* ImageGeneration.call({ model: "wan2.6-t2i", prompt: "一间有精致窗户的花店", n: 1 })
 *   for (const url of ImageGeneration.images(result)) yield* Download.toFile(url, "shop.png")
 * })
 *
 * export const main = program.pipe(Effect.provide(DashScope.layer()))
 *
 * The URLs of the images are good for 24 hours. Fields of an answer that have no name here are kept, at their place, under their
 * wire names. Models that take a prompt are served by `ImageSynthesis`.
 *
 * Source: "Wan2.6 image generation", "Wan2.7 image generation and editing", "Qwen-Image", "Z-Image".
 *
 * @since 0.1.0
 */
/* eslint-disable @typescript-eslint/no-empty-object-type -- An interface names the type of a Schema, as in Effect. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { CallOptions } from "./CallOptions.js"
import * as DashScopeClient from "./DashScopeClient.js"
import type { ApiError, DashScopeError, InputRequired } from "./DashScopeError.js"
import type { ServerEvent } from "./Envelope.js"
import * as Codec from "./internal/core/codec.js"
import { nullish, nullishFrom, preserve, requestId } from "./internal/core/fields.js"
import { isRecord } from "./internal/core/record.js"
import * as Pull from "./internal/effect/pull.js"
import { ImageTotal } from "./internal/imageGeneration/total.js"
import * as Endpoint from "./internal/operation/endpoint.js"
import * as Params from "./internal/operation/params.js"
import { Partials } from "./internal/operation/partial.js"
import * as Streaming from "./internal/operation/stream.js"
import type * as Tasks from "./internal/operation/task.js"
import * as Models from "./internal/operation/taskModels.js"
import * as TaskService from "./internal/operation/taskService.js"
import { resolved } from "./internal/upload/resolve.js"
import type { Media } from "./Media.js"
import * as TaskState from "./TaskState.js"
import * as Upload from "./Upload.js"

// -----------------------------------------------------------------------------
// parameters
// -----------------------------------------------------------------------------

/**
 * A parameter that is left out is the model's default. A text for an image is its URL; local files and bytes are a `Media`.
 *
 * @since 0.1.0
 * @category models
 */
export interface ImageGenerationParams {
  /** Such as `wan2.6-t2i`, `wan2.7-image-pro`, `qwen-image-2.0` or `qwen-image-edit`. */
  readonly model: string
  /** What is to be seen, or done with the images. */
  readonly prompt: string
  /** Images to start from, numbered from 1 by the prompt: up to four for wan2.6-image, nine for wan2.7, three for qwen-image. */
  readonly images?: ReadonlyArray<string | Media> | undefined
  /** How many. Default: 4 for wan models (12 with `enableSequential`), which cost as much as they are; 1 for others. */
  readonly n?: number | undefined
  /** Such as `1280*1280`; for newer models also `1K`, `2K` or `4K`. */
  readonly size?: string | undefined
  /** What is not to be seen. */
  readonly negativePrompt?: string | undefined
  readonly seed?: number | undefined
  /** Whether the service writes the prompt anew, with more detail. Default: true. */
  readonly promptExtend?: boolean | undefined
  /** How it does so, for qwen-image-3.0. */
  readonly promptExtendMode?: "direct" | "agent" | (string & {}) | undefined
  /** Default: false. */
  readonly watermark?: boolean | undefined
  /** Whether text and images alternate, for wan2.6-image: by {@link stream} or {@link submit}. Default: false. */
  readonly enableInterleave?: boolean | undefined
  /** The most images beside text, from 1 to 5. Default: 5. */
  readonly maxImages?: number | undefined
  /** For wan2.7. Default: true. */
  readonly thinkingMode?: boolean | undefined
  /** Whether the images are a series, for wan2.7. Default: false. */
  readonly enableSequential?: boolean | undefined
  /** For each image up to two boxes, each `[left, top, right, bottom]`; for wan2.7. */
  readonly bboxList?: ReadonlyArray<ReadonlyArray<ReadonlyArray<number>>> | undefined
  /** From three to ten colors and their parts, such as `{ hex: "#C2D1E6", ratio: "25.00%" }`; for wan2.7. */
  readonly colorPalette?: ReadonlyArray<{ readonly hex: string; readonly ratio: string }> | undefined
  /** Parameters that have no name here, under their wire names. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: Readonly<Record<string, unknown>> | undefined
}

/** The prompt and the images become one message. */
type Sent = Omit<ImageGenerationParams, "images" | "prompt"> & {
  readonly messages?: ReadonlyArray<unknown> | undefined
  readonly stream?: boolean | undefined
}

const fields: Params.Fields<Sent> = {
  model: Params.top("model"),
  messages: Params.input("messages"),
  n: Params.parameter("n"),
  size: Params.parameter("size"),
  negativePrompt: Params.parameter("negative_prompt"),
  seed: Params.parameter("seed"),
  promptExtend: Params.parameter("prompt_extend"),
  promptExtendMode: Params.parameter("prompt_extend_mode"),
  watermark: Params.parameter("watermark"),
  enableInterleave: Params.parameter("enable_interleave"),
  maxImages: Params.parameter("max_images"),
  thinkingMode: Params.parameter("thinking_mode"),
  enableSequential: Params.parameter("enable_sequential"),
  bboxList: Params.parameter("bbox_list"),
  colorPalette: Params.parameter("color_palette"),
  stream: Params.parameter("stream")
}

const sentOf = ({ images = [], prompt, ...rest }: ImageGenerationParams): Sent =>
  Params.isEmpty(prompt)
    ? rest
    : { ...rest, messages: [{ role: "user", content: [...images.map((image) => ({ image })), { text: prompt }] }] }

const problem = ({ extraInput, images = [], model, prompt }: ImageGenerationParams): InputRequired | undefined => {
  const wrong = Params.modelRequired(model, "wan2.6-t2i")
  if (wrong !== undefined) return wrong
  if (Params.isEmpty(prompt) && extraInput === undefined) {
    return Params.invalid("prompt", "nothing to draw: give a prompt")
  }
  const bad = images.findIndex((image) => image === undefined || image === null || image === "")
  return bad < 0 ? undefined : Params.invalid(`images[${bad}]`, "must not be empty")
}

const post = {
  call: Endpoint.post("/services/aigc/multimodal-generation/generation", fields, () => undefined),
  task: Endpoint.post(Models.paths.ImageGeneration, fields, () => undefined)
}

const encode = (mode: Models.Mode, more?: Pick<Sent, "stream">) => (params: ImageGenerationParams) => {
  const wrong = problem(params) ?? Models.problemOf(params.model, "ImageGeneration", mode)
  return wrong === undefined ? post[mode]({ ...sentOf(params), ...more }) : Either.left(wrong)
}

const encodeCall = encode("call")

/** Text and images in turn do not come at once. */
const encodeWhole: typeof encodeCall = (params) =>
  params.enableInterleave === true
    ? Either.left(
      Params.invalid("enableInterleave", "text and images in turn come as a stream or by a task: use stream or submit")
    )
    : encodeCall(params)

// -----------------------------------------------------------------------------
// results
// -----------------------------------------------------------------------------

/**
 * An image, or a text between images.
 *
 * @since 0.1.0
 * @category models
 */
export interface ImagePart extends Schema.Schema.Type<typeof ImagePart> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ImagePart = Schema.Struct({
  /** `image` or `text`. */
  type: nullish(Schema.String),
  /** A URL, good for 24 hours. */
  image: nullish(Schema.String),
  text: nullish(Schema.String)
}).annotations({ identifier: "ImagePart", ...preserve })

/**
 * One answer of a model: an image, a series, or text and images in turn.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ImageChoice = Schema.Struct({
  /** The text `"null"` in a stream, until the last. */
  finishReason: nullishFrom("finish_reason", Schema.String),
  message: nullish(
    Schema.Struct({ role: nullish(Schema.String), content: nullish(Schema.Array(ImagePart)) }).annotations(preserve)
  )
}).annotations({ identifier: "ImageChoice", ...preserve })

/**
 * @since 0.1.0
 * @category models
 */
export interface ImageGenerationUsage extends Schema.Schema.Type<typeof ImageGenerationUsage> {}

/**
 * What was made; which fields there are depends on the model.
 *
 * @since 0.1.0
 * @category schemas
 */
export const ImageGenerationUsage = Schema.Struct({
  imageCount: nullishFrom("image_count", Schema.Number),
  /** Such as `1280*1280`. */
  size: nullish(Schema.String),
  inputTokens: nullishFrom("input_tokens", Schema.Number),
  outputTokens: nullishFrom("output_tokens", Schema.Number),
  totalTokens: nullishFrom("total_tokens", Schema.Number),
  // Of qwen-image 2.0 and older.
  width: nullish(Schema.Number),
  height: nullish(Schema.Number),
  // Of qwen-image-3.0.
  outputWidth: nullishFrom("output_width", Schema.Number),
  outputHeight: nullishFrom("output_height", Schema.Number),
  inputImageCount: nullishFrom("input_image_count", Schema.Number),
  inputImageType: nullishFrom("input_image_type", Schema.String),
  outputImageCount: nullishFrom("output_image_count", Schema.Number),
  outputImageType: nullishFrom("output_image_type", Schema.String)
}).annotations({ identifier: "ImageGenerationUsage", ...preserve })

const outputFields = {
  choices: nullish(Schema.Array(ImageChoice)),
  /** Whether this is all, in a stream. */
  finished: nullish(Schema.Boolean),
  /** Of qwen-image-3.0: what became of the prompt. */
  rewriteStatus: nullishFrom("rewrite_status", Schema.Unknown),
  /** Of qwen-image-max and -plus. */
  taskMetric: nullishFrom("task_metric", TaskState.TaskMetrics)
}

/**
 * An answer, or an element of a stream.
 *
 * @since 0.1.0
 * @category models
 */
export interface ImageGenerationResult extends Schema.Schema.Type<typeof ImageGenerationResult> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ImageGenerationResult = Schema.Struct({
  output: Schema.Struct(outputFields).annotations(preserve),
  usage: nullish(ImageGenerationUsage),
  /** Quote this to Alibaba Cloud's support. */
  requestId
}).annotations({ identifier: "ImageGenerationResult", ...preserve })

/**
 * The same of a task.
 *
 * @since 0.1.0
 * @category models
 */
export interface ImageGenerationTaskResult extends Schema.Schema.Type<typeof ImageGenerationTaskResult> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ImageGenerationTaskResult = Schema.Struct({
  output: Schema.Struct({ ...TaskState.outputFields, ...outputFields }).annotations(preserve),
  usage: nullish(ImageGenerationUsage),
  /** Of the last question. Quote this to Alibaba Cloud's support. */
  requestId
}).annotations({ identifier: "ImageGenerationTaskResult", ...preserve })

/**
 * The URLs of all images of an answer, an element of a stream, or a task.
 *
 * @since 0.1.0
 * @category accessors
 */
export const images = (
  { output }: { readonly output: Pick<ImageGenerationResult["output"], "choices"> }
): ReadonlyArray<string> =>
  (output.choices ?? []).flatMap(({ message }) => (message?.content ?? []).flatMap(({ image }) => image ? [image] : []))

// -----------------------------------------------------------------------------
// service
// -----------------------------------------------------------------------------

const modelOf = ({ model }: ImageGenerationParams): string => model

const endpoint: Endpoint.Endpoint<ImageGenerationParams, ImageGenerationResult> = {
  operation: "image_generation",
  modelOf,
  encode: encodeWhole,
  decode: Codec.decoder(ImageGenerationResult),
  usageOf: ({ usage }) => usage && { inputTokens: usage.inputTokens, outputTokens: usage.outputTokens }
}

const taskEndpoint: Tasks.TaskEndpoint<ImageGenerationParams, ImageGenerationTaskResult> = {
  service: "ImageGeneration",
  operation: "submit_image_generation",
  modelOf,
  encode: encode("task"),
  decode: Codec.decoder(ImageGenerationTaskResult)
}

const hasContent = ({ output }: ServerEvent): boolean =>
  isRecord(output) && Array.isArray(output["choices"]) && output["choices"].length > 0

const partials = new Partials<ImageGenerationResult>()

const makeTotal = () => new ImageTotal<ImageGenerationResult>()

const streaming: Streaming.Streaming<ImageGenerationResult> = {
  isContent: hasContent,
  isEnd: ({ output }) => output.finished === true,
  whole: { make: makeTotal, partials }
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service
  extends Pick<TaskState.TaskService<ImageGenerationParams, ImageGenerationTaskResult>, "submit" | "await">
{
  /** See the accessor of the same name. */
  readonly call: (
    params: ImageGenerationParams,
    options?: CallOptions
  ) => Effect.Effect<ImageGenerationResult, DashScopeError>
  /** See the accessor of the same name. */
  readonly stream: (
    params: ImageGenerationParams,
    options?: CallOptions
  ) => Stream.Stream<ImageGenerationResult, DashScopeError>
}

/**
 * @example
 * import { ImageGeneration } from "effect-dashscope"
 * import { Effect, Layer } from "effect"
 *
 * // For a test of code that draws.
 * export const Mock = Layer.mock(ImageGeneration.ImageGeneration, {
 *   call: () =>
 *     Effect.succeed({ output: { choices: [{ message: { content: [{ image: "https://example.com/cat.png" }] } }] } })
 * })
 *
 * @since 0.1.0
 * @category tags
 */
export class ImageGeneration extends Context.Tag("effect-dashscope/ImageGeneration")<ImageGeneration, Service>() {}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, DashScopeClient.DashScopeClient | Upload.Upload> = Effect.gen(
  function*() {
    const client = yield* DashScopeClient.DashScopeClient
    const { resolve } = yield* Upload.Upload
    const prepare: Endpoint.Prepare<ImageGenerationParams> = ({ model }, prepared) => resolved(prepared, model, resolve)
    const { await: await_, submit } = TaskService.make(client, resolve, taskEndpoint)
    return {
      call: Endpoint.call(client, endpoint, prepare),
      stream: Streaming.stream(client, { ...endpoint, encode: encode("call", { stream: true }) }, streaming, prepare),
      submit,
      await: await_
    }
  }
)

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<ImageGeneration, never, DashScopeClient.DashScopeClient | Upload.Upload> = Layer.effect(
  ImageGeneration,
  make
)

/**
 * Draws, and waits for the images, which takes up to a minute or two: mind the `readTimeout` of the connections. Media that are
 * files or bytes become part of the request, or are uploaded first where they are large.
 *
 * Fails with `InputRequired` before anything is sent where there is nothing to draw or the model is not asked so, and with the
 * other errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const call = (
  params: ImageGenerationParams,
  options?: CallOptions
): Effect.Effect<ImageGenerationResult, DashScopeError, ImageGeneration> =>
  Effect.flatMap(ImageGeneration, (service) => service.call(params, options))

/**
 * Text and images in turn as they are made, with `enableInterleave`; each element has what is new. {@link collect} puts them
 * together.
 *
 * Fails as {@link call}. A stream that ends before its answer did is a `ConnectionError` of reason `Truncated`;
 * {@link partialResult} has what had arrived, of any error.
 *
 * @example
 * import { ImageGeneration } from "effect-dashscope"
 * import { Console, Stream } from "effect"
 *
 * export const recipe = ImageGeneration.stream({
 *   model: "wan2.6-image",
 *   prompt: "How to make dumplings, step by step",
 *   enableInterleave: true
 * }).pipe(
 *   Stream.runForEach(({ output }) => Console.log(output.choices?.[0]?.message?.content))
 * )
 *
 * @since 0.1.0
 * @category accessors
 */
export const stream = (
  params: ImageGenerationParams,
  options?: CallOptions
): Stream.Stream<ImageGenerationResult, DashScopeError, ImageGeneration> =>
  Pull.unwrap(Effect.map(ImageGeneration, (service) => service.stream(params, options)))

/**
 * Puts the elements of a stream together: the parts of each choice in their order, text that goes on as one part, and for the
 * rest what came last.
 *
 * @since 0.1.0
 * @category combinators
 */
export const collect: <E, R>(
  self: Stream.Stream<ImageGenerationResult, E, R>
) => Effect.Effect<ImageGenerationResult, E | ApiError, R> = Streaming.collect(makeTotal, partials)

/**
 * What had arrived of an answer when its stream failed with this error, put together as by {@link collect}; nothing where nothing
 * had.
 *
 * @since 0.1.0
 * @category accessors
 */
export const partialResult = (error: unknown): ImageGenerationResult | undefined => partials.get(error)

/**
 * Submits a task, and gives it as data.
 *
 * Fails as {@link call}, and with `SubmissionLost` where the answer was lost and the task may exist.
 *
 * @since 0.1.0
 * @category accessors
 */
export const submit: (
  params: ImageGenerationParams,
  options?: CallOptions
) => Effect.Effect<TaskState.Task, TaskState.SubmitError, ImageGeneration> = TaskService.submit(ImageGeneration)

const await_: (
  task: TaskState.Task,
  options?: TaskState.AwaitOptions
) => Effect.Effect<ImageGenerationTaskResult, TaskState.AwaitError, ImageGeneration> = TaskService.await(
  ImageGeneration
)

export {
  /**
   * Waits for a task that {@link submit} gave, here or in another process, and gives its images. Fails as `Task.await`.
   *
   * @since 0.1.0
   * @category accessors
   */
  await_ as await
}
