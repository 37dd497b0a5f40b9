/**
 * Models that answer with images: exactly one message of the user, with exactly one text.
 */
import { pngOf } from "../core/image.js"
import type { JsonObject } from "../core/json.js"
import { asArray, asNumber, asObject, asString } from "../core/json.js"
import type { Size } from "../core/size.js"
import { readSize, sizeText } from "../core/size.js"
import { countTokens } from "../core/tokens.js"
import { readMessages } from "../generation/request.js"
import { keepResult } from "../results/service.js"
import type { Answer, ApiRequest, Chunk, Failure } from "../server/answer.js"
import { invalid, isFailure } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import { enveloped, inputOf, modelOf, parametersOf } from "../server/route.js"
import { resolver } from "../upload/service.js"
import { multiModalContent } from "./content.js"

/** Text and images in turn. */
const isInterleaved = (model: string, parameters: JsonObject): boolean =>
  /^wan2\.6-image/.test(model) && parameters.enable_interleave === true

interface Rules {
  readonly images: readonly [least: number, most: number]
  readonly most: number
  readonly standard: number
  readonly size: Size
}

const rulesOf = (model: string, parameters: JsonObject): Rules => {
  if (isInterleaved(model, parameters)) {
    return { images: [0, 1], most: 1, standard: 1, size: [1280, 1280] }
  }
  if (/^wan2\.[7-9]/.test(model) && parameters.enable_sequential === true) {
    return { images: [0, 9], most: 12, standard: 12, size: [2048, 2048] }
  }
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

const named: { readonly [size: string]: Size } = {
  "1K": [1024, 1024],
  "2K": [2048, 2048],
  "4K": [4096, 4096]
}

const sizeOf = (value: unknown, rules: Rules): Size | undefined => {
  if (value === undefined || value === null) {
    return rules.size
  }
  const text = asString(value) ?? ""
  return Object.hasOwn(named, text) ? named[text] : readSize(text)
}

/**
 * A request for images, once it is checked.
 *
 * @internal
 */
export interface Wanted {
  readonly text: string
  readonly count: number
  readonly size: Size
  readonly isInterleaved: boolean
}

/** @internal */
export const readPictures = (request: ApiRequest, incoming: Incoming): Wanted | Failure => {
  const model = modelOf(request)
  const parameters = parametersOf(request)
  const rules = rulesOf(model, parameters)
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
  return { text: message.content.text, count, size, isInterleaved: isInterleaved(model, parameters) }
}

/** @internal */
export const pictures = (request: ApiRequest, incoming: Incoming): Answer => {
  const wanted = readPictures(request, incoming)
  if ("_tag" in wanted) {
    return wanted
  }
  const { count, size, text } = wanted
  if (wanted.isInterleaved && !request.streamed) {
    return invalid("enable_interleave only supports stream mode, please enable the stream parameter.")
  }
  const [width, height] = size
  const urls = Array.from(
    { length: wanted.isInterleaved ? interleaved : count },
    (_, i) =>
      keepResult(
        incoming,
        `${request.requestId}-${i + 1}.png`,
        "image/png",
        () => pngOf(`${request.requestId}/${i}`, width, height)
      )
  )
  return wanted.isInterleaved
    ? inTurn(urls, wanted, request)
    : modelOf(request).startsWith("wan")
    ? ofWan(urls, size, countTokens(text), request)
    : ofQwen(urls, size, request)
}

/** How many images an answer of text and images has. */
const interleaved = 2

/**
 * The parts of an answer of text and images.
 *
 * @internal
 */
export const partsInTurn = (urls: ReadonlyArray<string>, text: string): ReadonlyArray<JsonObject> =>
  urls.flatMap((image, i) => [
    { type: "text", text: `Step ${i + 1} of: ${text}` },
    { type: "image", image }
  ])

const inTurn = (urls: ReadonlyArray<string>, { size, text }: Wanted, { requestId }: ApiRequest): Answer => {
  const parts = partsInTurn(urls, text)
  const [inputTokens, outputTokens] = [countTokens(text), urls.length * countTokens(text)]
  const usageOf = (images: number) => ({
    image_count: images,
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    size: sizeText(size),
    total_tokens: inputTokens + outputTokens
  })
  const valueOf = (content: ReadonlyArray<JsonObject>, images: number, finished: boolean): JsonObject => ({
    output: {
      choices: [{ finish_reason: finished ? "stop" : "null", message: { content, role: "assistant" } }],
      finished
    },
    usage: usageOf(images),
    request_id: requestId
  })
  return {
    _tag: "Success",
    whole: () => valueOf(parts, urls.length, true),
    chunks: function*(): Generator<Chunk> {
      let images = 0
      for (const part of parts) {
        images += part.type === "image" ? 1 : 0
        yield { value: valueOf([part], images, false), finishes: false }
      }
      yield { value: valueOf([], images, true), finishes: true }
    }
  }
}

const textParts = (request: ApiRequest): number =>
  (asArray(asObject(asArray(inputOf(request).messages)?.[0])?.content) ?? [])
    .filter((part) => typeof asObject(part)?.text === "string").length

/**
 * One answer of an assistant.
 *
 * @internal
 */
export const choice = (content: ReadonlyArray<JsonObject>): JsonObject => ({
  finish_reason: "stop",
  message: { content, role: "assistant" }
})

const ofWan = (
  urls: ReadonlyArray<string>,
  size: Size,
  inputTokens: number,
  request: ApiRequest
): Answer =>
  enveloped(
    { choices: urls.map((image) => choice([{ image, type: "image" }])), finished: true },
    {
      image_count: urls.length,
      input_tokens: inputTokens,
      output_tokens: 2,
      size: sizeText(size),
      total_tokens: inputTokens + 2
    },
    request.requestId
  )

const ofQwen = (
  urls: ReadonlyArray<string>,
  [width, height]: Size,
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
