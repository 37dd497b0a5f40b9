/**
 * Which module serves a model that draws or films, how it answers there, and at which path. The one table of it.
 *
 * @internal
 */
import type { InputRequired } from "../../DashScopeError.js"
import { inputRequired } from "../protocol/invalid.js"

/** @internal */
export type Service = "ImageSynthesis" | "VideoSynthesis" | "MultiModalConversation"

/** By one answer, or by a task. */
type Mode = "call" | "task"

/** A module, and how a model is asked there. */
interface Way {
  readonly service: Service
  readonly mode: Mode
  /** Of its tasks. */
  readonly path?: string
}

/** The paths of models that nobody knows. @internal */
export const paths = {
  image: "/services/aigc/text2image/image-synthesis",
  video: "/services/aigc/video-generation/video-synthesis"
} as const

const synthesis: Way = { service: "ImageSynthesis", mode: "task" }
const edits: Way = { ...synthesis, path: "/services/aigc/image2image/image-synthesis" }
const film: Way = { service: "VideoSynthesis", mode: "task" }
const keyframes: Way = { ...film, path: "/services/aigc/image2video/video-synthesis" }
const conversation: Way = { service: "MultiModalConversation", mode: "call" }

/** The first that fits decides; a model that none knows may be newer than this library, and is let through. */
const rows: ReadonlyArray<readonly [RegExp, ReadonlyArray<Way>]> = [
  [/kf2v/, [keyframes]],
  [/^wanx?[\d.-][\w.-]*(?:t2v|i2v|r2v|vace|video)/, [film]],
  [/imageedit|wan2\.5-i2i|^qwen-mt-image/, [edits]],
  [/^wan2\.[67]-(?:t2i|image)|^z-image|^qwen-image-(?:edit|max|2\.|3\.)/, [conversation]],
  // These two have both forms.
  [/^qwen-image(?:-plus)?(?:-\d|$)/, [synthesis, conversation]],
  [/^wanx?[\w.-]*t2i|^wanx-v1/, [synthesis]]
]

const waysOf = (model: string): ReadonlyArray<Way> | undefined => rows.find(([name]) => name.test(model))?.[1]

/** That a model has no tasks of this kind, and how it is asked instead. @internal */
export const problemOf = (model: string, service: Service): InputRequired | undefined => {
  const ways = waysOf(model)
  if (ways === undefined || ways.some((way) => way.service === service)) return undefined
  return inputRequired(
    "model",
    `${model} has no tasks of ${service}: use ${
      ways.map((way) => `${way.service}.call${way.mode === "task" ? " or .submit" : ""}`).join(" or ")
    }`
  )
}

/** Where a model's tasks are submitted. @internal */
export const pathOf = (model: string, service: Service, standard: string): string =>
  waysOf(model)?.find((way) => way.service === service)?.path ?? standard
