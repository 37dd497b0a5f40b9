/**
 * Videos: `/services/aigc/video-generation/video-synthesis` and `/services/aigc/image2video/video-synthesis`. Each request is a
 * task.
 */
import type { JsonObject } from "../core/json.js"
import { asArray, asNumber, asObject, asString } from "../core/json.js"
import type { MediumKind } from "../core/media.js"
import { checkMedium } from "../core/media.js"
import type { Kind } from "../core/models.js"
import { isServedAs } from "../core/models.js"
import type { Size } from "../core/size.js"
import { readSize, sizeText } from "../core/size.js"
import { mp4Of } from "../core/video.js"
import { keepResult, taskResultEnds } from "../results/service.js"
import type { Answer, ApiRequest, Failure } from "../server/answer.js"
import { invalid } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import { checkChoice, inputOf, modelOf, modelRoute, parametersOf, urlError } from "../server/route.js"
import { asynchronousOnly, submitTask } from "../tasks/store.js"
import { resolver } from "../upload/service.js"

const missing = (name: string): Failure => invalid(`The ${name} is missing: input.${name}`)

/** Fields of the input that are media. */
const fields: ReadonlyArray<readonly [name: string, kind: MediumKind]> = [
  ["img_url", "image"],
  ["audio_url", "audio"],
  ["first_frame_url", "image"],
  ["last_frame_url", "image"],
  ["head_frame", "image"],
  ["tail_frame", "image"],
  ["reference_url", "image"],
  ["mask_image_url", "image"],
  ["image_url", "image"],
  ["video_url", "video"]
]

const lists: ReadonlyArray<readonly [name: string, kind: MediumKind]> = [
  ["reference_urls", "image"],
  ["reference_video_urls", "video"],
  ["ref_images_url", "image"]
]

const kindOfItem: { readonly [type: string]: MediumKind } = {
  first_frame: "image",
  last_frame: "image",
  first_clip: "video",
  driving_audio: "audio",
  reference_image: "image",
  reference_video: "video",
  reference_voice: "audio",
  reference_audio: "audio",
  video: "video"
}

/** Which no medium of that type is looked at. */
const notLookedAt: ReadonlyArray<string> = ["file", "link"]

interface Medium {
  readonly kind: MediumKind
  readonly url: string
}

const mediaOf = (input: JsonObject): ReadonlyArray<Medium> | Failure => {
  const media: Array<Medium> = []
  for (const [name, kind] of fields) {
    if (input[name] !== undefined && input[name] !== null) {
      media.push({ kind, url: asString(input[name]) ?? "" })
    }
  }
  for (const [name, kind] of lists) {
    for (const url of asArray(input[name]) ?? []) {
      media.push({ kind, url: asString(url) ?? "" })
    }
  }
  const seen = new Set<string>()
  for (const one of asArray(input.media) ?? []) {
    const item = asObject(one) ?? {}
    const [type, url] = [asString(item.type) ?? "", asString(item.url) ?? ""]
    const kind = kindOfItem[type]
    if (kind === undefined && !notLookedAt.includes(type)) {
      return invalid(`The type of media is not supported: ${JSON.stringify(item.type)}`)
    }
    if (/^(?:first_|last_|driving_)/.test(type) && seen.has(type)) {
      return invalid(`The media should have one ${type} at the most.`)
    }
    seen.add(type)
    if (kind !== undefined) {
      media.push({ kind, url })
    }
  }
  return media
}

/** What a model cannot do without. */
const checkMaterial = (input: JsonObject, model: string): Failure | undefined => {
  const has = (name: string) => asString(input[name]) !== undefined || (asArray(input[name]) ?? []).length > 0
  if (/kf2v/.test(model)) {
    return has("first_frame_url") ? undefined : missing("first_frame_url")
  }
  if (/-t2v/.test(model)) {
    return has("prompt") ? undefined : missing("prompt")
  }
  if (/^wan(?:2\.[7-9]|[3-9])/.test(model)) {
    return has("media") || (has("prompt") && /video/.test(model)) ? undefined : missing("media")
  }
  if (/i2v/.test(model)) {
    return has("img_url") || has("template") ? undefined : missing("img_url")
  }
  return has("prompt") || has("media") || fields.some(([name]) => has(name)) || lists.some(([name]) => has(name))
    ? undefined
    : missing("prompt")
}

const checkText = (input: JsonObject, model: string): Failure | undefined => {
  const most = /^wan[3-9]/.test(model) ? 20_000 : /^wan2\.7/.test(model) ? 5000 : 1500
  return (asString(input.prompt) ?? "").length > most
    ? invalid(`The prompt is too long: at most ${most} characters.`)
    : undefined
}

const resolutions: { readonly [name: string]: Size } = {
  "480P": [832, 480],
  "720P": [1280, 720],
  "1080P": [1920, 1080]
}

const sizeOf = (parameters: JsonObject, model: string): Size | Failure => {
  if (parameters.size !== undefined && parameters.size !== null) {
    return readSize(parameters.size) ?? invalid("The size should be width*height, such as 1280*720.")
  }
  const named = asString(parameters.resolution) ?? (/^wan(?:2\.[7-9]|[3-9])/.test(model) ? "1080P" : "720P")
  return resolutions[named] ?? [1280, 720]
}

const checkDuration = (duration: unknown, model: string): Failure | undefined => {
  const [least, most] = /^wan[3-9]/.test(model) ? [2, 30] : [2, 15]
  return duration === undefined || duration === null || (duration === -1 && /^wan[3-9]/.test(model)) ||
      (typeof duration === "number" && Number.isInteger(duration) && duration >= least && duration <= most)
    ? undefined
    : invalid(`Range of duration should be [${least}, ${most}]`)
}

const standardSeconds = 5

const submit = (kind: Kind) => (request: ApiRequest, incoming: Incoming): Answer => {
  const model = modelOf(request)
  if (!isServedAs(model, kind)) {
    return urlError
  }
  const [input, parameters] = [inputOf(request), parametersOf(request)]
  const wrong = asynchronousOnly(incoming) ?? checkMaterial(input, model) ?? checkText(input, model) ??
    checkChoice(parameters, "resolution", Object.keys(resolutions)) ?? checkDuration(parameters.duration, model)
  if (wrong !== undefined) {
    return wrong
  }
  const media = mediaOf(input)
  if ("_tag" in media) {
    return media
  }
  const resolve = resolver(incoming, model)
  for (const { kind, url } of media) {
    const bad = checkMedium(kind, url, resolve)
    if (bad !== undefined) {
      return bad
    }
  }
  const size = sizeOf(parameters, model)
  if ("_tag" in size) {
    return size
  }
  const asked = asNumber(parameters.duration) ?? standardSeconds
  const seconds = asked < 0 ? standardSeconds : asked
  const prompt = asString(input.prompt)
  return submitTask(incoming, {
    model,
    result: () => ({
      output: {
        video_url: videoUrl(incoming, size, seconds),
        ...(prompt === undefined
          ? {}
          : {
            orig_prompt: prompt,
            ...(parameters.prompt_extend === false ? {} : { actual_prompt: `${prompt}, seen by a slow camera` })
          })
      },
      usage: usageOf(model, size, seconds)
    })
  }, input)
}

const usageOf = (model: string, size: Size, seconds: number): JsonObject =>
  /^wan(?:2\.[5-9]|[3-9])/.test(model)
    ? {
      duration: seconds,
      input_video_duration: 0,
      output_video_duration: seconds,
      video_count: 1,
      SR: Math.min(...size),
      size: sizeText(size)
    }
    : { video_count: 1, video_duration: seconds, video_ratio: sizeText(size) }

const videoUrl = (incoming: Incoming, [width, height]: Size, seconds: number): string => {
  const id = incoming.state.nextId("video")
  return keepResult(
    incoming,
    `${id}.mp4`,
    "video/mp4",
    () => mp4Of(id, width, height, seconds),
    taskResultEnds(incoming)
  )
}

/** @internal */
export const videoSynthesisRoutes = [
  modelRoute("/api/v1/services/aigc/video-generation/video-synthesis", submit("video")),
  modelRoute("/api/v1/services/aigc/image2video/video-synthesis", submit("image-to-video"))
]
