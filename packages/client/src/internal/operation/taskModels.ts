/**
 * Which module serves a model whose work may be a task (it draws, films, transcribes or embeds), whether it answers there at once
 * or by a task, and at which path tasks are submitted. The one table of it.
 *
 * @internal
 */
import type { InputRequired } from "../../DashScopeError.js"
import { inputRequired } from "../protocol/invalid.js"

/** Services that have tasks. @internal */
export type TaskService =
  | "BatchTextEmbedding"
  | "ImageGeneration"
  | "ImageSynthesis"
  | "Transcription"
  | "VideoSynthesis"

/** @internal */
export type Service = TaskService | "MultiModalConversation" | "TextEmbedding"

/** By one answer (or a stream of it), or by a task. @internal */
export type Mode = "call" | "task"

/** A module, and how a model is asked there. */
interface Way {
  readonly service: Service
  readonly modes: ReadonlyArray<Mode>
  /** Of its tasks, where it is not the service's own. */
  readonly path?: string
}

/** Where tasks of models that nobody knows are submitted. @internal */
export const paths: { readonly [service in TaskService]: string } = {
  BatchTextEmbedding: "/services/embeddings/text-embedding/text-embedding",
  ImageGeneration: "/services/aigc/image-generation/generation",
  ImageSynthesis: "/services/aigc/text2image/image-synthesis",
  Transcription: "/services/audio/asr/transcription",
  VideoSynthesis: "/services/aigc/video-generation/video-synthesis"
}

const tasksOf = (service: TaskService, path?: string): Way => ({
  service,
  modes: ["task"],
  ...(path === undefined ? undefined : { path })
})
const callsOf = (service: Service): Way => ({ service, modes: ["call"] })

const synthesis = tasksOf("ImageSynthesis")
const images: Way = { service: "ImageGeneration", modes: ["call", "task"] }
const conversation = callsOf("MultiModalConversation")
const transcription = tasksOf("Transcription")

/** The first that fits decides; a model that none knows may be newer than this library, and is let through. */
const rows: ReadonlyArray<readonly [RegExp, ReadonlyArray<Way>]> = [
  [/^text-embedding-async-/, [tasksOf("BatchTextEmbedding")]],
  [/^text-embedding-v/, [callsOf("TextEmbedding")]],
  [/kf2v/, [tasksOf("VideoSynthesis", "/services/aigc/image2video/video-synthesis")]],
  [/^wanx?[\d.-][\w.-]*(?:t2v|i2v|r2v|vace|video)/, [tasksOf("VideoSynthesis")]],
  [/imageedit|wan2\.5-i2i|^qwen-mt-image/, [tasksOf("ImageSynthesis", "/services/aigc/image2image/image-synthesis")]],
  // Which of their forms there are depends on the region too.
  [/^wan2\.6-(?:t2i|image)|^wan2\.7-image/, [images, conversation]],
  [/^z-image|^qwen-image-(?:edit|max|2\.|3\.)/, [callsOf("ImageGeneration"), conversation]],
  [/^qwen-image(?:-plus)?(?:-\d|$)/, [synthesis, callsOf("ImageGeneration"), conversation]],
  [/^wanx?[\w.-]*t2i|^wanx-v1/, [synthesis]],
  [/-filetrans/, [transcription]],
  // Over WebSocket only.
  [/^(?:paraformer|fun-asr|qwen[\w.-]*-asr|sensevoice)[\w.-]*-(?:realtime|streaming)/, []],
  [/^(?:fun-asr-flash|qwen[\w.-]*-asr-flash)/, [conversation]],
  [/^(?:paraformer|fun-asr|sensevoice)/, [transcription]]
]

/** Each call asks, and programs use few models. */
const known = new Map<string, ReadonlyArray<Way> | undefined>()
const longestKnown = 256

const waysOf = (model: string): ReadonlyArray<Way> | undefined => {
  if (known.has(model)) return known.get(model)
  if (known.size >= longestKnown) known.clear()
  const ways = rows.find(([name]) => name.test(model))?.[1]
  known.set(model, ways)
  return ways
}

const verbsOf = ({ modes, service }: Way): ReadonlyArray<string> =>
  modes.includes("call")
    ? [`${service}.call`, ...(modes.includes("task") ? [`${service}.submit`] : [])]
    : [`${service}.submit (or .call, which waits)`]

/** That a model cannot be asked so, and how it is asked instead. @internal */
export const problemOf = (model: string, service: Service, mode: Mode): InputRequired | undefined => {
  const ways = waysOf(model)
  if (ways === undefined || ways.some((way) => way.service === service && way.modes.includes(mode))) return undefined
  const wrong = `${model} ${mode === "task" ? "has no tasks of" : "gives no answer at once by"} ${service}`
  return inputRequired(
    "model",
    ways.length === 0
      ? `${wrong}: the service has it over WebSocket only; for a recording use another model, such as "paraformer-v2"`
      : `${wrong}: use ${ways.flatMap(verbsOf).join(" or ")}`
  )
}

/** Where a model's tasks are submitted. @internal */
export const pathOf = (model: string, service: TaskService): string =>
  waysOf(model)?.find((way) => way.service === service)?.path ?? paths[service]
