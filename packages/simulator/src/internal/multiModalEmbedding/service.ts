/**
 * Multimodal embedding: `/services/embeddings/multimodal-embedding/multimodal-embedding`.
 */
import { fnv } from "../core/hash.js"
import type { JsonObject } from "../core/json.js"
import { asArray, asNumber, asObject, asString } from "../core/json.js"
import type { MediumKind, Resolve } from "../core/media.js"
import { checkMedium, notDownloaded } from "../core/media.js"
import { isServedAs } from "../core/models.js"
import { countTokens } from "../core/tokens.js"
import { embed } from "../core/vector.js"
import type { Answer, ApiRequest, Failure } from "../server/answer.js"
import { failure, invalid, isFailure } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import {
  checkChoice,
  enveloped,
  inputOf,
  modelOf,
  modelRoute,
  parametersOf,
  synchronousOnly,
  urlError
} from "../server/route.js"
import { resolver } from "../upload/service.js"

interface Item {
  /** What the vector is of: a kind, or several together. */
  readonly type: string
  /** Text and URLs, which the vector depends on. */
  readonly said: ReadonlyArray<string>
  readonly texts: ReadonlyArray<string>
  readonly images: number
  readonly videos: number
}

const mostImages = 8

/** The first is the default. */
const dimensionsOf = (model: string): ReadonlyArray<number> =>
  /vision-flash/.test(model)
    ? [768, 512, 256, 128, 64]
    : /vision-plus/.test(model)
    ? [1152, 1024, 512, 256, 128, 64]
    : /^qwen3-vl/.test(model)
    ? [2560, 2048, 1536, 1024, 768, 512, 256]
    : /^qwen2\.5-vl/.test(model)
    ? [1024, 2048, 768, 512]
    : /one-peace/.test(model)
    ? [1536]
    : [1024]

const checkUrl = (kind: MediumKind, value: unknown, resolve: Resolve): Failure | undefined => {
  const wrong = typeof value === "string" ? checkMedium(kind, value, resolve) : invalid(`The ${kind} should be a URL.`)
  return wrong === notDownloaded
    ? failure(500, "InternalError.Algo", `Embedding_pipeline_Error: ${wrong.message}`)
    : wrong
}

const keys: ReadonlyArray<readonly [key: string, kind: MediumKind | undefined]> = [
  ["text", undefined],
  ["image", "image"],
  ["audio", "audio"],
  ["video", "video"],
  ["multi_images", "image"]
]

const readItem = (value: unknown, resolve: Resolve): Item | Failure => {
  const item = asObject(value)
  const said: Array<string> = []
  const texts: Array<string> = []
  const types: Array<string> = []
  let images = 0
  let videos = 0
  for (const [key, kind] of keys) {
    const given = item?.[key]
    if (given === undefined || given === null) {
      continue
    }
    if (kind === undefined) {
      if (typeof given !== "string" || given === "") {
        return invalid("The text of a content should not be empty.")
      }
      texts.push(given)
      said.push(given)
    } else {
      const urls = key === "multi_images" ? asArray(given) ?? [] : [given]
      if (urls.length === 0 || urls.length > mostImages) {
        return invalid(`Range of multi_images should be [1, ${mostImages}]`)
      }
      for (const url of urls) {
        const wrong = checkUrl(kind, url, resolve)
        if (wrong !== undefined) {
          return wrong
        }
        said.push(asString(url) ?? "")
      }
      images += kind === "image" ? urls.length : 0
      videos += kind === "video" ? 1 : 0
    }
    types.push(key)
  }
  const [first] = types
  return first === undefined
    ? invalid("Each of the contents should have a text, an image, an audio, a video or multi_images.")
    : { type: types.length > 1 ? "fusion" : first, said, texts, images, videos }
}

const fused = (items: ReadonlyArray<Item>): Item => ({
  type: "fusion",
  said: items.flatMap(({ said }) => said),
  texts: items.flatMap(({ texts }) => texts),
  images: items.reduce((sum, { images }) => sum + images, 0),
  videos: items.reduce((sum, { videos }) => sum + videos, 0)
})

const checkParameters = (parameters: JsonObject, dimensions: ReadonlyArray<number>): Failure | undefined => {
  const between = (name: string, least: number, most: number) => {
    const value = parameters[name]
    return value === undefined || value === null || (typeof value === "number" && value >= least && value <= most)
      ? undefined
      : invalid(`Range of ${name} should be [${least}, ${most}]`)
  }
  return checkChoice(parameters, "dimension", dimensions) ??
    checkChoice(parameters, "output_type", ["dense"]) ??
    between("fps", 0, 1) ?? between("res_level", 0, 3) ?? between("max_video_frames", 1, 64)
}

const usageOf = ({ images, said, texts, videos }: Item): JsonObject => ({
  input_tokens: texts.reduce((sum, text) => sum + countTokens(text), 0),
  image_tokens: images * 896,
  image_count: images,
  duration: videos === 0 ? 0 : videos * (5 + fnv(said.join("\n")) % 20)
})

/** @internal */
export const multiModalEmbedding = (request: ApiRequest, incoming: Incoming): Answer => {
  const model = modelOf(request)
  if (!isServedAs(model, "multimodal-embedding")) {
    return urlError
  }
  const parameters = parametersOf(request)
  const dimensions = dimensionsOf(model)
  const wrong = checkParameters(parameters, dimensions)
  if (wrong !== undefined) {
    return wrong
  }
  const contents = asArray(inputOf(request).contents) ?? []
  if (contents.length === 0) {
    return invalid("The contents are missing: input.contents should be a list that is not empty.")
  }
  const read: Array<Item> = []
  for (const content of contents) {
    const item = readItem(content, resolver(incoming, model))
    if (isFailure(item)) {
      return item
    }
    read.push(item)
  }
  const items = parameters.enable_fusion === true && read.length > 1 ? [fused(read)] : read
  const size = asNumber(parameters.dimension) ?? dimensions[0] ?? 1024
  const vectors = items.map(({ said }) => embed(said.join("\n"), size))
  const usage = usageOf(fused(read))
  // The oldest model has one vector for all.
  return /one-peace/.test(model)
    ? enveloped({ embedding: embed(fused(read).said.join("\n"), size) }, usage, request.requestId)
    : enveloped(
      { embeddings: items.map(({ type }, index) => ({ index, embedding: vectors[index], type })) },
      usage,
      request.requestId
    )
}

/** @internal */
export const multiModalEmbeddingRoutes = [
  modelRoute(
    "/api/v1/services/embeddings/multimodal-embedding/multimodal-embedding",
    (request, incoming) => synchronousOnly(incoming) ?? multiModalEmbedding(request, incoming)
  )
]
