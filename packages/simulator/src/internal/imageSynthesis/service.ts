/**
 * Images from a prompt, and edits of images: `/services/aigc/text2image/image-synthesis` and
 * `/services/aigc/image2image/image-synthesis`. Each request is a task, whose sub-tasks are its images.
 */
import { pngOf } from "../core/image.js"
import type { JsonObject } from "../core/json.js"
import { asArray, asNumber, asString } from "../core/json.js"
import { checkMedium } from "../core/media.js"
import type { Kind } from "../core/models.js"
import { isServedAs } from "../core/models.js"
import type { Size } from "../core/size.js"
import { readSize, sizeText } from "../core/size.js"
import { keepResult, taskResultEnds } from "../results/service.js"
import type { Answer, ApiRequest, Failure } from "../server/answer.js"
import { invalid } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import { checkChoice, inputOf, modelOf, modelRoute, parametersOf, urlError } from "../server/route.js"
import type { TaskFailure } from "../tasks/store.js"
import { asynchronousOnly, submitTask } from "../tasks/store.js"
import { resolver } from "../upload/service.js"

interface Rules {
  readonly most: number
  readonly standard: number
  readonly size: Size
  /** Characters of the prompt. */
  readonly prompt: number
  readonly isAllowed: (size: Size) => boolean
}

const within = (least: number, most: number) => ([width, height]: Size): boolean =>
  [width, height].every((side) => side >= least && side <= most)

const oneOf = (...texts: ReadonlyArray<string>) => (size: Size): boolean => texts.includes(sizeText(size))

const rulesOf = (model: string): Rules => {
  if (model.startsWith("qwen-image")) {
    const sizes = ["1664*928", "1472*1104", "1328*1328", "1104*1472", "928*1664"]
    return { most: 1, standard: 1, size: [1664, 928], prompt: 800, isAllowed: oneOf(...sizes) }
  }
  if (model.startsWith("qwen-mt-image")) {
    return { most: 1, standard: 1, size: [1024, 1024], prompt: 800, isAllowed: () => true }
  }
  if (model === "wanx-v1") {
    const sizes = ["1024*1024", "720*1280", "1280*720", "768*1152"]
    return { most: 4, standard: 4, size: [1024, 1024], prompt: 500, isAllowed: oneOf(...sizes) }
  }
  return /^wan2\.5/.test(model)
    ? {
      most: 4,
      standard: 4,
      size: [1280, 1280],
      prompt: 2000,
      isAllowed: ([width, height]) => width * height >= 589_824 && width * height <= 2_073_600
    }
    : { most: 4, standard: 4, size: [1024, 1024], prompt: 800, isAllowed: within(512, 1440) }
}

const functions: ReadonlyArray<string> = [
  "stylization_all",
  "stylization_local",
  "description_edit",
  "description_edit_with_mask",
  "remove_watermark",
  "remove_watermaker",
  "expand",
  "super_resolution",
  "colorization",
  "doodle",
  "control_cartoon_feature"
]

/** Fields of the input that are images. */
const imageFields = ["ref_img", "sketch_image_url", "base_image_url", "mask_image_url", "image_url"] as const

const mostImages = 3

const checkImages = (input: JsonObject, model: string, incoming: Incoming): Failure | undefined => {
  const images = input.images === undefined ? [] : asArray(input.images)
  if (images === undefined || images.length > mostImages) {
    return invalid(`The images should be a list of ${mostImages} at most.`)
  }
  const resolve = resolver(incoming, model)
  for (const url of [...images, ...imageFields.map((name) => input[name])]) {
    if (url !== undefined && url !== null) {
      const wrong = checkMedium("image", asString(url) ?? "", resolve)
      if (wrong !== undefined) {
        return wrong
      }
    }
  }
  return undefined
}

/** What an edit needs beside its prompt. */
const checkEdit = (input: JsonObject, model: string): Failure | undefined => {
  if (model.startsWith("qwen-mt-image")) {
    return asString(input.image_url) === undefined ? missing("image_url") : undefined
  }
  if (/-i2i/.test(model)) {
    return (asArray(input.images) ?? []).length === 0 ? missing("images") : undefined
  }
  return asString(input.function) === undefined
    ? missing("function")
    : checkChoice(input, "function", functions) ??
      (asString(input.base_image_url) === undefined
        ? missing("base_image_url")
        : input.function === "description_edit_with_mask" && asString(input.mask_image_url) === undefined
        ? missing("mask_image_url")
        : undefined)
}

const missing = (name: string): Failure => invalid(`The ${name} is missing: input.${name}`)

const checkPrompt = (input: JsonObject, model: string, rules: Rules): Failure | undefined => {
  if (model.startsWith("qwen-mt-image")) {
    return undefined
  }
  const prompt = asString(input.prompt) ?? ""
  return prompt === ""
    ? missing("prompt")
    : prompt.length > rules.prompt
    ? invalid(`The prompt is too long: at most ${rules.prompt} characters.`)
    : undefined
}

const seeds = { least: 0, most: 2_147_483_647 }

const checkNumbers = (parameters: JsonObject, rules: Rules): Failure | undefined => {
  const { n = null, seed = null } = parameters
  const isWhole = (value: unknown, least: number, most: number) =>
    value === null || (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most)
  return !isWhole(n, 1, rules.most)
    ? invalid(rules.most === 1 ? "num_images_per_prompt must be 1." : `Range of n should be [1, ${rules.most}]`)
    : isWhole(seed, seeds.least, seeds.most)
    ? undefined
    : invalid(`Range of seed should be [${seeds.least}, ${seeds.most}]`)
}

/** A size that is none is refused at once; one that the model does not have fails its task. */
const sizeOf = (value: unknown, rules: Rules): Size | Failure =>
  value === undefined || value === null
    ? rules.size
    : readSize(value) ?? invalid("The size should be width*height, such as 1024*1024.")

const wrongSize = (size: Size): TaskFailure => ({
  code: "InvalidParameter",
  message: `The size is not match ${sizeText(size)}`
})

const submit = (kind: Kind) => (request: ApiRequest, incoming: Incoming): Answer => {
  const model = modelOf(request)
  const isBoth = kind === "image" && /^qwen-image(?:-plus)?(?:-\d|$)/.test(model)
  if (!isServedAs(model, kind) && !isBoth) {
    return urlError
  }
  const [input, parameters, rules] = [inputOf(request), parametersOf(request), rulesOf(model)]
  const wrong = asynchronousOnly(incoming) ?? checkPrompt(input, model, rules) ??
    (kind === "image-edit" ? checkEdit(input, model) : undefined) ?? checkImages(input, model, incoming) ??
    checkNumbers(parameters, rules)
  if (wrong !== undefined) {
    return wrong
  }
  const size = sizeOf(parameters.size, rules)
  if ("_tag" in size) {
    return size
  }
  const count = asNumber(parameters.n) ?? rules.standard
  return submitTask(incoming, {
    model,
    subTasks: count,
    failure: rules.isAllowed(size) ? undefined : wrongSize(size),
    result: (failures) => {
      const images = failures.map((failure, i): JsonObject =>
        failure === undefined
          ? { ...prompts(input, parameters, model), url: imageUrl(incoming, i, size) }
          : { ...failure }
      )
      return {
        output: model.startsWith("qwen-mt-image") ? { image_url: images[0]?.url } : { results: images },
        usage: { image_count: failures.filter((failure) => failure === undefined).length }
      }
    }
  }, input)
}

/** Which the older models do not tell. */
const prompts = (input: JsonObject, parameters: JsonObject, model: string): JsonObject => {
  const prompt = asString(input.prompt) ?? ""
  return model === "wanx-v1"
    ? {}
    : {
      orig_prompt: prompt,
      ...(parameters.prompt_extend === false ? {} : { actual_prompt: `${prompt}, in soft light, with every detail` })
    }
}

/**
 * Keeps an image of a task.
 *
 * @internal
 */
export const imageUrl = (incoming: Incoming, index: number, [width, height]: Size): string => {
  const id = incoming.state.nextId("image")
  return keepResult(
    incoming,
    `${id}-${index + 1}.png`,
    "image/png",
    () => pngOf(id, width, height),
    taskResultEnds(incoming)
  )
}

/** @internal */
export const imageSynthesisRoutes = [
  modelRoute("/api/v1/services/aigc/text2image/image-synthesis", submit("image")),
  modelRoute("/api/v1/services/aigc/image2image/image-synthesis", submit("image-edit"))
]
