/**
 * The list of models: `/models`, page by page, or one by its name.
 */
import type { JsonObject } from "../core/json.js"
import type { Kind } from "../core/models.js"
import { kindOf } from "../core/models.js"
import type { Answer } from "../server/answer.js"
import { whole } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import { pageOf, readPage } from "../server/page.js"
import type { Route } from "../server/route.js"

const names: ReadonlyArray<string> = [
  "cosyvoice-v3-flash",
  "cosyvoice-v3.5-plus",
  "fun-asr-flash",
  "fun-asr-realtime",
  "gte-rerank-v2",
  "gummy-realtime-v1",
  "opennlu-v1",
  "paraformer-realtime-v2",
  "qwen-deep-research",
  "qwen-doc-turbo",
  "qwen-flash",
  "qwen-image",
  "qwen-long",
  "qwen-max",
  "qwen-mt-plus",
  "qwen-plus",
  "qwen-turbo",
  "qwen-vl-max",
  "qwen-vl-ocr",
  "qwen-vl-plus",
  "qwen3-32b",
  "qwen3-asr-flash",
  "qwen3-asr-flash-realtime",
  "qwen3-coder-plus",
  "qwen3-max",
  "qwen3-omni-flash",
  "qwen3-omni-flash-realtime",
  "qwen3-rerank",
  "qwen3-tts-flash",
  "qwen3-tts-flash-realtime",
  "qwen3-vl-embedding",
  "qwen3-vl-plus",
  "qwen3.5-plus",
  "qwen3.6-plus",
  "qwen3.7-plus",
  "qwen3.8-max",
  "qwq-plus",
  "text-embedding-v3",
  "text-embedding-v4",
  "tongyi-embedding-vision-plus",
  "tongyi-lingma-v1",
  "wan2.6-t2i"
]

/**
 * The names of all models, or of those that the simulator was told of.
 *
 * @internal
 */
export const modelNames = ({ settings }: Incoming): ReadonlyArray<string> =>
  settings.models === undefined ? names : [...settings.models].sort()

const capabilities: { readonly [kind in Kind]: string } = {
  text: "text-generation",
  multimodal: "multimodal-generation",
  "text-embedding": "text-embedding",
  "batch-embedding": "text-embedding",
  "multimodal-embedding": "multimodal-embedding",
  rerank: "text-rerank",
  "speech-synthesis": "speech-synthesis",
  voices: "speech-synthesis",
  vocabulary: "speech-recognition",
  understanding: "nlu",
  code: "code-generation",
  image: "image-generation",
  "image-edit": "image-generation",
  "image-style": "image-generation",
  video: "video-generation",
  "image-to-video": "video-generation",
  transcription: "speech-recognition",
  recognition: "speech-recognition",
  realtime: "realtime"
}

const described = (model: string): JsonObject => ({
  model,
  name: model,
  description: `The simulated model ${model}.`,
  source: "system",
  provider: "qwen",
  opensource: /^qwen\d[\d.]*-\d+b/.test(model),
  capabilities: [capabilities[kindOf(model) ?? "text"]]
})

const list = (incoming: Incoming): Answer => {
  const page = readPage(incoming.query)
  const name = incoming.query.get("model")
  const wanted = modelNames(incoming).filter((one) => name === null || one === name)
  return whole({
    request_id: incoming.requestId,
    output: {
      models: pageOf(wanted, page).map(described),
      page_no: page.number,
      page_size: page.size,
      total: wanted.length
    }
  })
}

/** @internal */
export const modelListRoutes: ReadonlyArray<Route> = [{ method: "GET", pattern: "/api/v1/models", serve: list }]
