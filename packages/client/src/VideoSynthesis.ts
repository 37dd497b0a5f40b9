/**
 * Videos from a prompt, from images, or from other videos. Each request is a task, which takes minutes; see `Task`.
 *
 * @example
 * import { DashScope, VideoSynthesis } from "effect-dashscope"
 * import { Console, Effect } from "effect"
 *
 * const program = VideoSynthesis.call(
 *   { model: "wan2.5-t2v-preview", prompt: "一只小猫在月光下奔跑", size: "1280*720", duration: 5 },
 *   { waitTimeout: "20 minutes" }
 * ).pipe(Effect.flatMap(({ output }) => Console.log(output.videoUrl)))
 *
 * export const main = program.pipe(Effect.provide(DashScope.layer()))
 *
 * The URL of the video is good for 24 hours. Fields of an answer that have no name here are kept, at their
 * place, under their wire names.
 *
 * Source: "Wan text-to-video", "Wan image-to-video", "Wan reference-to-video".
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
import { nullish, nullishFrom, preserve, requestId } from "./internal/core/fields.js"
import * as Params from "./internal/operation/params.js"
import * as TaskService from "./internal/operation/taskService.js"
import type { Media } from "./Media.js"
import * as TaskState from "./TaskState.js"
import * as Upload from "./Upload.js"

// -----------------------------------------------------------------------------
// parameters
// -----------------------------------------------------------------------------

/**
 * What a video is made from, for wan2.7 and newer.
 *
 * @since 0.1.0
 * @category models
 */
export interface MediaItem {
  readonly type:
    | "first_frame"
    | "last_frame"
    | "first_clip"
    | "driving_audio"
    | "reference_image"
    | "reference_video"
    | "reference_voice"
    | "reference_audio"
    | "video"
    | "file"
    | "link"
    | (string & {})
  /** A text is a URL; local files and bytes are a `Media`. */
  readonly url: string | Media
  readonly referenceVoice?: string | Media | undefined
  readonly referenceDescription?: string | undefined
}

/**
 * A parameter that is left out is the model's default. A text for a medium is its URL; local files and bytes are a `Media`.
 *
 * @since 0.1.0
 * @category models
 */
export interface VideoSynthesisParams {
  /** Such as `wan2.5-t2v-preview`, `wan2.7-i2v` or `wan2.2-kf2v-flash`. */
  readonly model: string
  readonly prompt?: string | undefined
  readonly negativePrompt?: string | undefined
  /** For wan2.7 and newer. */
  readonly media?: ReadonlyArray<MediaItem> | undefined
  /** The first frame, for i2v models up to wan2.6. */
  readonly imgUrl?: string | Media | undefined
  readonly audioUrl?: string | Media | undefined
  /** For kf2v models. */
  readonly firstFrameUrl?: string | Media | undefined
  /** For kf2v models. */
  readonly lastFrameUrl?: string | Media | undefined
  readonly headFrame?: string | Media | undefined
  readonly tailFrame?: string | Media | undefined
  readonly referenceVideoUrls?: ReadonlyArray<string | Media> | undefined
  readonly referenceUrls?: ReadonlyArray<string | Media> | undefined
  readonly referenceUrl?: string | Media | undefined
  readonly referenceVideoDescription?: ReadonlyArray<string> | undefined
  /** For vace: what to do. */
  readonly function?: string | undefined
  readonly maskImageUrl?: string | Media | undefined
  readonly refImagesUrl?: ReadonlyArray<string | Media> | undefined
  readonly videoUrl?: string | Media | undefined
  /** An effect by its name. */
  readonly template?: string | undefined
  readonly extendPrompt?: boolean | undefined
  /** Such as `1280*720`, up to wan2.6. */
  readonly size?: string | undefined
  readonly resolution?: "480P" | "720P" | "1080P" | (string & {}) | undefined
  readonly ratio?: string | undefined
  /** In seconds. */
  readonly duration?: number | undefined
  readonly seed?: number | undefined
  readonly promptExtend?: boolean | undefined
  readonly watermark?: boolean | undefined
  /** Whether the video has sound. */
  readonly audio?: boolean | undefined
  readonly withAudio?: boolean | undefined
  readonly shotType?: "multi" | "single" | "auto" | (string & {}) | undefined
  readonly audioSetting?: "auto" | "origin" | "no_audio" | (string & {}) | undefined
  readonly enableOverlays?: boolean | undefined
  readonly enableThinking?: boolean | undefined
  readonly steps?: number | undefined
  /** Parameters that have no name here, under their wire names. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined
  /** Fields of the input that have no name here, under their wire names. */
  readonly extraInput?: Readonly<Record<string, unknown>> | undefined
}

const itemOf = ({ referenceDescription, referenceVoice, ...rest }: MediaItem): unknown => ({
  ...rest,
  ...(referenceVoice === undefined ? undefined : { reference_voice: referenceVoice }),
  ...(referenceDescription === undefined ? undefined : { reference_description: referenceDescription })
})

const fields: Params.Fields<VideoSynthesisParams> = {
  model: Params.top("model"),
  prompt: Params.input("prompt"),
  negativePrompt: Params.input("negative_prompt"),
  media: Params.input("media", (media: ReadonlyArray<MediaItem>) => media.map(itemOf)),
  imgUrl: Params.input("img_url"),
  audioUrl: Params.input("audio_url"),
  firstFrameUrl: Params.input("first_frame_url"),
  lastFrameUrl: Params.input("last_frame_url"),
  headFrame: Params.input("head_frame"),
  tailFrame: Params.input("tail_frame"),
  referenceVideoUrls: Params.input("reference_video_urls"),
  referenceUrls: Params.input("reference_urls"),
  referenceUrl: Params.input("reference_url"),
  referenceVideoDescription: Params.input("reference_video_description"),
  function: Params.input("function"),
  maskImageUrl: Params.input("mask_image_url"),
  refImagesUrl: Params.input("ref_images_url"),
  videoUrl: Params.input("video_url"),
  template: Params.input("template"),
  extendPrompt: Params.input("extend_prompt"),
  size: Params.parameter("size"),
  resolution: Params.parameter("resolution"),
  ratio: Params.parameter("ratio"),
  duration: Params.parameter("duration"),
  seed: Params.parameter("seed"),
  promptExtend: Params.parameter("prompt_extend"),
  watermark: Params.parameter("watermark"),
  audio: Params.parameter("audio"),
  withAudio: Params.parameter("with_audio"),
  shotType: Params.parameter("shot_type"),
  audioSetting: Params.parameter("audio_setting"),
  enableOverlays: Params.parameter("enable_overlays"),
  enableThinking: Params.parameter("enable_thinking"),
  steps: Params.parameter("steps")
}

const hasMaterial = (params: VideoSynthesisParams): boolean =>
  [
    params.imgUrl,
    params.firstFrameUrl,
    params.headFrame,
    params.referenceUrl,
    params.videoUrl,
    params.template,
    params.extraInput
  ].some((value) => value !== undefined && value !== "") ||
  [params.media, params.referenceVideoUrls, params.referenceUrls, params.refImagesUrl].some((list) =>
    !Params.isEmpty(list)
  )

const problem = (params: VideoSynthesisParams): InputRequired | undefined => {
  const wrong = Params.modelRequired(params.model, "wan2.5-t2v-preview")
  if (wrong !== undefined) return wrong
  if (Params.isEmpty(params.prompt) && !hasMaterial(params)) {
    return Params.invalid("prompt", "nothing to film: give a prompt, an image or a video")
  }
  if (/^wan2\.7-i2v/.test(params.model) && Params.isEmpty(params.media) && params.extraInput === undefined) {
    return Params.invalid("media", "this model takes its images by media, such as { type: \"first_frame\", url }")
  }
  const bad = params.media?.findIndex(({ type, url }) => Params.isEmpty(type) || url === undefined || url === "") ?? -1
  return bad < 0 ? undefined : Params.invalid(`media[${bad}]`, "needs a type and a url")
}

// -----------------------------------------------------------------------------
// results
// -----------------------------------------------------------------------------

/**
 * @since 0.1.0
 * @category models
 */
export interface VideoSynthesisUsage extends Schema.Schema.Type<typeof VideoSynthesisUsage> {}

/**
 * What was made; times are in seconds.
 *
 * @since 0.1.0
 * @category schemas
 */
export const VideoSynthesisUsage = Schema.Struct({
  videoCount: nullishFrom("video_count", Schema.Number),
  videoDuration: nullishFrom("video_duration", Schema.Number),
  videoRatio: nullishFrom("video_ratio", Schema.String),
  duration: nullish(Schema.Number),
  inputVideoDuration: nullishFrom("input_video_duration", Schema.Number),
  outputVideoDuration: nullishFrom("output_video_duration", Schema.Number),
  size: nullish(Schema.String),
  resolution: nullishFrom("SR", Schema.Union(Schema.Number, Schema.String)),
  ratio: nullish(Schema.String),
  audio: nullish(Schema.Boolean),
  fps: nullish(Schema.Number),
  shotType: nullishFrom("shot_type", Schema.String),
  referenceType: nullishFrom("reference_type", Schema.String)
}).annotations({ identifier: "VideoSynthesisUsage", ...preserve })

/**
 * The video of a task.
 *
 * @since 0.1.0
 * @category models
 */
export interface VideoSynthesisResult extends Schema.Schema.Type<typeof VideoSynthesisResult> {}

/**
 * @since 0.1.0
 * @category schemas
 */
export const VideoSynthesisResult = Schema.Struct({
  output: Schema.Struct({
    ...TaskState.outputFields,
    /** Good for 24 hours. */
    videoUrl: nullishFrom("video_url", Schema.String),
    origPrompt: nullishFrom("orig_prompt", Schema.String),
    /** The prompt as the service wrote it anew. */
    actualPrompt: nullishFrom("actual_prompt", Schema.String),
    checkAudio: nullishFrom("check_audio", Schema.Unknown)
  }).annotations(preserve),
  usage: nullish(VideoSynthesisUsage),
  /** Of the last question. Quote this to Alibaba Cloud's support. */
  requestId
}).annotations({ identifier: "VideoSynthesisResult", ...preserve })

const endpoint = TaskService.endpoint({
  service: "VideoSynthesis",
  operation: "submit_video_synthesis",
  fields,
  problem,
  result: VideoSynthesisResult
})

// -----------------------------------------------------------------------------
// service
// -----------------------------------------------------------------------------

/**
 * @since 0.1.0
 * @category models
 */
export interface Service extends TaskState.TaskService<VideoSynthesisParams, VideoSynthesisResult> {}

/**
 * @example
 * import { VideoSynthesis } from "effect-dashscope"
 * import { Effect, Layer } from "effect"
 *
 * // For a test of code that films.
 * export const Mock = Layer.mock(VideoSynthesis.VideoSynthesis, {
 *   call: () => Effect.succeed({ output: { taskStatus: "SUCCEEDED", videoUrl: "https://example.com/cat.mp4" } })
 * })
 *
 * @since 0.1.0
 * @category tags
 */
export class VideoSynthesis extends Context.Tag("effect-dashscope/VideoSynthesis")<VideoSynthesis, Service>() {}

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
export const layer: Layer.Layer<VideoSynthesis, never, DashScopeClient.DashScopeClient | Upload.Upload> = Layer.effect(
  VideoSynthesis,
  make
)

/**
 * Submits a task, and gives it as data. Media that are files or bytes are uploaded first, where they are large.
 *
 * Fails with `InputRequired` before anything is sent where there is nothing to film or the model is served elsewhere, with
 * `SubmissionLost` where the answer was lost and the task may exist, and with the other errors of `DashScopeError` as they say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const submit: (
  params: VideoSynthesisParams,
  options?: CallOptions
) => Effect.Effect<TaskState.Task, TaskState.SubmitError, VideoSynthesis> = TaskService.submit(VideoSynthesis)

const await_: (
  task: TaskState.Task,
  options?: TaskState.AwaitOptions
) => Effect.Effect<VideoSynthesisResult, TaskState.AwaitError, VideoSynthesis> = TaskService.await(VideoSynthesis)

export {
  /**
   * Waits for a task that {@link submit} gave, here or in another process, and gives its video. Fails as `Task.await`.
   *
   * @since 0.1.0
   * @category accessors
   */
  await_ as await
}

/**
 * Submits a task and waits for its video. `Task.ofError` has the task of an error, once there is one.
 *
 * Fails as {@link submit} and `Task.await`.
 *
 * @since 0.1.0
 * @category accessors
 */
export const call: (
  params: VideoSynthesisParams,
  options?: TaskState.AwaitOptions
) => Effect.Effect<VideoSynthesisResult, DashScopeError | TaskState.TaskError, VideoSynthesis> = TaskService.call(
  VideoSynthesis
)
