/**
 * Images from a prompt, and edits of images, with the models that take a prompt: wanx, wan2.1 to 2.5, qwen-image. Each request is a task; see `Task`.
 *
 * @example
 * import { DashScope, ImageSynthesis } from "effect-dashscope"
 * import { Console, Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const { output } = yield* ImageSynthesis.call({ model: "wan2.2-t2i-flash", prompt: "一只奔跑的猫", n: 2 })
 *   for (const { message, url } of output.results ?? []) yield* Console.log(url ?? message)
 * })
 *
 * export const main = program.pipe(Effect.provide(DashScope.layer()))
 *
 * The URLs of the results are good for 24 hours. Fields of an answer that have no name here are kept, at their
 * place, under their wire names.
 *
 * Source: "Wan text-to-image", "Wan general image editing", "Qwen-Image".
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
import type { ApiError, DashScopeError, InputRequired } from "./DashScopeError.js"
import { nullish, nullishFrom, preserve, requestId } from "./internal/core/fields.js"
import * as Params from "./internal/operation/params.js"
import * as TaskService from "./internal/operation/taskService.js"
import * as States from "./internal/operation/taskState.js"
import type { Media } from "./Media.js"
import * as TaskState from "./TaskState.js"
import * as Upload from "./Upload.js"

// -----------------------------------------------------------------------------
// parameters
// -----------------------------------------------------------------------------

/**
 * What to do with an image, for wanx2.1-imageedit.
 *
 * @since 0.1.0
 * @category models
 */
export type EditFunction =
  | "stylization_all"
  | "stylization_local"
  | "description_edit"
  | "description_edit_with_mask"
  | "remove_watermark"
  | "expand"
  | "super_resolution"
  | "colorization"
  | "doodle"
  | "control_cartoon_feature"
  | (string & {})

/**
 * A parameter that is left out is the model's default. A text for an image is its URL; local files and bytes are a `Media`.
 *
 * @since 0.1.0
 * @category models
 */
export interface ImageSynthesisParams {
  /** Such as `wan2.2-t2i-flash`, `wanx2.1-imageedit`, `wan2.5-i2i-preview` or `qwen-image-plus`. */
  readonly model: string
  /** What is to be seen, or done with an image. */
  readonly prompt: string
  /** What is not to be seen. */
  readonly negativePrompt?: string | undefined
  /** For wan2.5-i2i, up to three. */
  readonly images?: ReadonlyArray<string | Media> | undefined
  /** For edits. */
  readonly function?: EditFunction | undefined
  readonly baseImageUrl?: string | Media | undefined
  /** White where the image is to be changed. */
  readonly maskImageUrl?: string | Media | undefined
  /** An image whose style or content is followed, for wanx-v1. */
  readonly refImg?: string | Media | undefined
  readonly sketchImageUrl?: string | Media | undefined
  /** How many. Default: 4 for wan2 models, which cost as much as they are. */
  readonly n?: number | undefined
  /** Such as `1024*1024`. */
  readonly size?: string | undefined
  readonly seed?: number | undefined
  readonly steps?: number | undefined
  readonly scale?: number | undefined
  /** For wanx-v1, such as `<sketch>`. */
  readonly style?: string | undefined
  /** Whether the service writes the prompt anew, with more detail. Default: true. */
  readonly promptExtend?: boolean | undefined
  /** Default: false. */
  readonly watermark?: boolean | undefined
  readonly refStrength?: number | undefined
  readonly refMode?: "repaint" | "refonly" | (string & {}) | undefined
  readonly maskColor?: ReadonlyArray<ReadonlyArray<number>> | undefined
  /** How much an edit changes, from 0 to 1. */
  readonly strength?: number | undefined
  /** For `expand`, from 1 to 2. */
  readonly topScale?: number | undefined
  readonly bottomScale?: number | undefined
  readonly leftScale?: number | undefined
  readonly rightScale?: number | undefined
  /** For `super_resolution`, from 1 to 4. */
  readonly upscaleFactor?: number | undefined
  /** For `doodle`: whether the image is a sketch already. */
  readonly isSketch?: boolean | undefined
  /** Parameters that have no name here, under their wire names. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: Readonly<Record<string, unknown>> | undefined
}

const fields: Params.Fields<ImageSynthesisParams> = {
  model: Params.top("model"),
  prompt: Params.input("prompt"),
  negativePrompt: Params.input("negative_prompt"),
  images: Params.input("images"),
  function: Params.input("function"),
  baseImageUrl: Params.input("base_image_url"),
  maskImageUrl: Params.input("mask_image_url"),
  refImg: Params.input("ref_img"),
  sketchImageUrl: Params.input("sketch_image_url"),
  n: Params.parameter("n"),
  size: Params.parameter("size"),
  seed: Params.parameter("seed"),
  steps: Params.parameter("steps"),
  scale: Params.parameter("scale"),
  style: Params.parameter("style"),
  promptExtend: Params.parameter("prompt_extend"),
  watermark: Params.parameter("watermark"),
  refStrength: Params.parameter("ref_strength"),
  refMode: Params.parameter("ref_mode"),
  maskColor: Params.parameter("mask_color"),
  strength: Params.parameter("strength"),
  topScale: Params.parameter("top_scale"),
  bottomScale: Params.parameter("bottom_scale"),
  leftScale: Params.parameter("left_scale"),
  rightScale: Params.parameter("right_scale"),
  upscaleFactor: Params.parameter("upscale_factor"),
  isSketch: Params.parameter("is_sketch")
}

const problem = ({ extraInput, model, prompt }: ImageSynthesisParams): InputRequired | undefined =>
  Params.modelRequired(model, "wan2.2-t2i-flash") ??
    (Params.isEmpty(prompt) && extraInput === undefined
      ? Params.invalid("prompt", "nothing to draw: give a prompt")
      : undefined)

// -----------------------------------------------------------------------------
// results
// -----------------------------------------------------------------------------

/**
 * An image, or why there is none ({@link errorOf}): some may fail where others are there.
 *
 * @since 0.1.0
 * @category models
 */
export interface ImageResult extends Schema.Schema.Type<typeof ImageResult> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ImageResult = Schema.Struct({
  /** Good for 24 hours. */
  url: nullish(Schema.String),
  origPrompt: nullishFrom("orig_prompt", Schema.String),
  /** The prompt as the service wrote it anew. */
  actualPrompt: nullishFrom("actual_prompt", Schema.String),
  /** Such as `DataInspectionFailed`. */
  code: nullish(Schema.String),
  message: nullish(Schema.String)
}).annotations({ identifier: "ImageResult", ...preserve })

/**
 * @since 0.1.0
 * @category models
 */
export interface ImageSynthesisUsage extends Schema.Schema.Type<typeof ImageSynthesisUsage> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ImageSynthesisUsage = Schema.Struct({
  imageCount: nullishFrom("image_count", Schema.Number),
  size: nullish(Schema.String)
}).annotations({ identifier: "ImageSynthesisUsage", ...preserve })

/**
 * The images of a task.
 *
 * @since 0.1.0
 * @category models
 */
export interface ImageSynthesisResult extends Schema.Schema.Type<typeof ImageSynthesisResult> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ImageSynthesisResult = Schema.Struct({
  output: Schema.Struct({
    ...TaskState.outputFields,
    results: nullish(Schema.Array(ImageResult)),
    // Of the older models for styles.
    startTime: nullishFrom("start_time", Schema.String),
    styleIndex: nullishFrom("style_index", Schema.Number),
    /** 0 where all went well. */
    errorCode: nullishFrom("error_code", Schema.Number),
    /** `Success` where all went well. */
    errorMessage: nullishFrom("error_message", Schema.String)
  }).annotations(preserve),
  usage: nullish(ImageSynthesisUsage),
  /** Of the last question. Quote this to Alibaba Cloud's support. */
  requestId
}).annotations({ identifier: "ImageSynthesisResult", ...preserve })

/**
 * Why an image is not there, by the same classes as all errors of the service; nothing where it is.
 *
 * @since 0.1.0
 * @category accessors
 */
export const errorOf = (image: ImageResult): ApiError | undefined => States.subTaskError("an image", image)

const endpoint = TaskService.endpoint({
  service: "ImageSynthesis",
  operation: "submit_image_synthesis",
  fields,
  problem,
  result: ImageSynthesisResult
})

// -----------------------------------------------------------------------------
// service
// -----------------------------------------------------------------------------

/**
 * @since 0.1.0
 * @category models
 */
export interface Service extends TaskState.TaskService<ImageSynthesisParams, ImageSynthesisResult> {}

/**
 * @example
 * import { ImageSynthesis } from "effect-dashscope"
 * import { Effect, Layer } from "effect"
 *
 * // For a test of code that draws.
 * export const Mock = Layer.mock(ImageSynthesis.ImageSynthesis, {
 *   call: () =>
 *     Effect.succeed({ output: { taskStatus: "SUCCEEDED", results: [{ url: "https://example.com/cat.png" }] } })
 * })
 *
 * @since 0.1.0
 * @category tags
 */
export class ImageSynthesis extends Context.Tag("effect-dashscope/ImageSynthesis")<ImageSynthesis, Service>() {}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, DashScopeClient.DashScopeClient | Upload.Upload> = Effect.zipWith(
  DashScopeClient.DashScopeClient,
  Upload.Upload,
  (client, { resolve }): Service => TaskService.make(client, resolve, endpoint)
)

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<ImageSynthesis, never, DashScopeClient.DashScopeClient | Upload.Upload> = Layer.effect(
  ImageSynthesis,
  make
)

/**
 * Submits a task, and gives it as data. Media that are files or bytes are uploaded first, where they are large.
 *
 * Fails with `InputRequired` before anything is sent where there is nothing to draw or the model is served elsewhere, with
 * `SubmissionLost` where the answer was lost and the task may exist, and with the other errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const submit: (
  params: ImageSynthesisParams,
  options?: CallOptions
) => Effect.Effect<TaskState.Task, TaskState.SubmitError, ImageSynthesis> = TaskService.submit(ImageSynthesis)

const await_: (
  task: TaskState.Task,
  options?: TaskState.AwaitOptions
) => Effect.Effect<ImageSynthesisResult, TaskState.AwaitError, ImageSynthesis> = TaskService.await(ImageSynthesis)

export {
  /**
   * Waits for a task that {@link submit} gave, here or in another process, and gives its images. Fails as `Task.await`.
   *
   * @since 0.1.0
   * @category accessors
   */
  await_ as await
}

/**
 * Submits a task and waits for its images. `Task.ofError` has the task of an error, once there is one.
 *
 * Fails as {@link submit} and `Task.await`.
 *
 * @since 0.1.0
 * @category accessors
 */
export const call: (
  params: ImageSynthesisParams,
  options?: TaskState.AwaitOptions
) => Effect.Effect<ImageSynthesisResult, DashScopeError | TaskState.TaskError, ImageSynthesis> = TaskService.call(
  ImageSynthesis
)
