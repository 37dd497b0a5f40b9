/**
 * Models that answer with images: exactly one message of the user, with exactly one text.
 */
import { pngOf } from "../core/image.js"
import type { JsonObject } from "../core/json.js"
import { asArray, asNumber, asObject, asString } from "../core/json.js"
import { countTokens } from "../core/tokens.js"
import { readMessages } from "../generation/request.js"
import { keepResult } from "../results/service.js"
import type { Answer, ApiRequest } from "../server/answer.js"
import { invalid, isFailure } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import { enveloped, inputOf, modelOf, parametersOf } from "../server/route.js"
import { resolver } from "../upload/service.js"
import { multiModalContent } from "./content.js"

interface Rules {
  readonly images: readonly [least: number, most: number]
  readonly most: number
  readonly standard: number
  readonly size: readonly [width: number, height: number]
}

const rulesOf = (model: string): Rules => {
  if (model.startsWith("wan")) {
    const images: Rules["images"] = /-t2i/.test(model) ? [0, 0] : /^wan2\.6/.test(model) ? [1, 4] : [0, 9]
    return { images, most: 4, standard: 4, size: [1280, 1280] }
  }
  if (model.startsWith("z-image")) {
    return { images: [0, 0], most: 1, standard: 1, size: [1024, 1536] }
  }
  const edits = /-edit/.test(model)
  const many = /-(?:2\.0|3\.0|edit-plus|edit-max)/.test(model)
  return {
    images: edits ? [1, 3] : many ? [0, 3] : [0, 0],
    most: many ? 6 : 1,
    standard: 1,
    size: many ? [2048, 2048] : [1664, 928]
  }
}

const named: { readonly [size: string]: readonly [number, number] } = {
  "1K": [1024, 1024],
  "2K": [2048, 2048],
  "4K": [4096, 4096]
}

const sizeOf = (value: unknown, rules: Rules): readonly [number, number] | undefined => {
  if (value === undefined || value === null) {
    return rules.size
  }
  const text = asString(value) ?? ""
  const [, width, height] = /^(\d{2,4})\*(\d{2,4})$/.exec(text) ?? []
  return Object.hasOwn(named, text) ? named[text] : width === undefined ? undefined : [Number(width), Number(height)]
}

/** @internal */
export const pictures = (request: ApiRequest, incoming: Incoming): Answer => {
  const model = modelOf(request)
  const rules = rulesOf(model)
  const parameters = parametersOf(request)
  const messages = readMessages(inputOf(request), multiModalContent(resolver(incoming, model)))
  if (isFailure(messages)) {
    return messages
  }
  const [message] = messages
  if (messages.length !== 1 || message?.role !== "user") {
    return invalid("messages length only supports 1")
  }
  const texts = textParts(request)
  const [least, most] = rules.images
  const images = message.content.media.length
  if (texts !== 1 || message.content.text === "" || images < least) {
    return invalid("lack of image or text")
  }
  if (images > most || message.content.media.some(({ kind }) => kind !== "image")) {
    return invalid(`content length only supports ${most + 1}`)
  }
  const count = parameters.n === undefined || parameters.n === null ? rules.standard : asNumber(parameters.n)
  if (count === undefined || !Number.isInteger(count) || count < 1 || count > rules.most) {
    return invalid(rules.most === 1 ? "num_images_per_prompt must be 1." : `Range of n should be [1, ${rules.most}]`)
  }
  const size = sizeOf(parameters.size, rules)
  if (size === undefined) {
    return invalid("The parameter size should be width*height, such as 1024*1024, or 1K, 2K or 4K.")
  }
  const [width, height] = size
  const urls = Array.from(
    { length: count },
    (_, i) =>
      keepResult(
        incoming,
        `${request.requestId}-${i + 1}.png`,
        "image/png",
        () => pngOf(`${request.requestId}/${i}`, width, height)
      )
  )
  return model.startsWith("wan")
    ? ofWan(urls, size, countTokens(message.content.text), request)
    : ofQwen(urls, size, request)
}

const textParts = (request: ApiRequest): number =>
  (asArray(asObject(asArray(inputOf(request).messages)?.[0])?.content) ?? [])
    .filter((part) => typeof asObject(part)?.text === "string").length

const choice = (content: ReadonlyArray<JsonObject>): JsonObject => ({
  finish_reason: "stop",
  message: { content, role: "assistant" }
})

const ofWan = (
  urls: ReadonlyArray<string>,
  [width, height]: readonly [number, number],
  inputTokens: number,
  request: ApiRequest
): Answer =>
  enveloped(
    { choices: urls.map((image) => choice([{ image, type: "image" }])), finished: true },
    {
      image_count: urls.length,
      input_tokens: inputTokens,
      output_tokens: 2,
      size: `${width}*${height}`,
      total_tokens: inputTokens + 2
    },
    request.requestId
  )

const ofQwen = (
  urls: ReadonlyArray<string>,
  [width, height]: readonly [number, number],
  request: ApiRequest
): Answer =>
  enveloped(
    {
      choices: [choice(urls.map((image) => ({ image })))],
      task_metric: { FAILED: 0, SUCCEEDED: urls.length, TOTAL: urls.length }
    },
    { height, image_count: urls.length, width },
    request.requestId
  )
