/**
 * Speech recognition in one call: qwen3-asr-flash with native parts, qwen-audio-3.0-asr-flash and fun-asr-flash with typed
 * ones.
 */
import { fnv } from "../core/hash.js"
import type { JsonObject } from "../core/json.js"
import { asArray, asObject, asString } from "../core/json.js"
import type { Resolve } from "../core/media.js"
import { checkMedium } from "../core/media.js"
import type { Medium } from "../generation/content.js"
import { noContent } from "../generation/content.js"
import type { ChatEndpoint } from "../generation/conversation.js"
import { converse } from "../generation/conversation.js"
import type { ReadContent } from "../generation/request.js"
import type { Answer, ApiRequest } from "../server/answer.js"
import { invalid } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import { modelOf, parametersOf } from "../server/route.js"
import { resolver } from "../upload/service.js"
import { mediaOf, multiModalContent } from "./content.js"

const takesTypedParts = /^(?:qwen-audio-[\d.]+-asr|fun-asr)-flash/

/** Parts with a type, as in the OpenAI-compatible mode. */
const typedContent = (resolve: Resolve): ReadContent => (content) => {
  const media: Array<Medium> = []
  let text = ""
  for (const one of asArray(content) ?? []) {
    const part = asObject(one)
    const url = asString(asObject(part?.input_audio)?.data)
    if (part?.type === "input_audio" && url !== undefined) {
      const wrong = checkMedium("audio", url, resolve)
      if (wrong !== undefined) {
        return wrong
      }
      media.push({ kind: "audio", urls: [url] })
    } else if ((part?.type === "input_text" || part?.type === "text") && typeof part.text === "string") {
      text += part.text
    } else {
      return invalid("The item of content should be of the type input_audio, input_text or text.")
    }
  }
  return { ...noContent, text, media }
}

const transcript = (url: string, language: string): string => {
  const name = url.startsWith("data:") ? "" : url.replace(/[?#].*$/, "").split("/").pop() ?? ""
  return language === "en"
    ? `Welcome to Alibaba Cloud${name === "" ? "" : `, says ${name}`}.`
    : `欢迎使用阿里云${name === "" ? "" : `，${name} 这样说`}。`
}

const emotions = ["neutral", "happy", "surprised", "sad"] as const

/** @internal */
export const recognition = (request: ApiRequest, incoming: Incoming): Answer => {
  const model = modelOf(request)
  const options: JsonObject = asObject(parametersOf(request).asr_options) ?? {}
  const language = asString(options.language) ?? "zh"
  const resolve = resolver(incoming, model)
  const endpoint: ChatEndpoint = {
    messagesOnly: true,
    readContent: takesTypedParts.test(model) ? typedContent(resolve) : multiModalContent(resolve),
    wire: (messages) => {
      const url = mediaOf(messages)[0]?.urls[0] ?? ""
      return {
        content: (text) => text === "" ? [] : [{ text }],
        usage: (inputTokens, outputTokens) => ({
          input_tokens_details: { text_tokens: inputTokens },
          output_tokens_details: { text_tokens: outputTokens },
          seconds: 1 + fnv(url) % 20
        }),
        beside: {
          annotations: [{ language, type: "audio_info", emotion: emotions[fnv(url) % emotions.length] ?? "neutral" }]
        }
      }
    },
    text: (messages) => transcript(mediaOf(messages).at(-1)?.urls[0] ?? "", language)
  }
  const audios = audioParts(request)
  return audios === 1 ? converse(withoutEmptySystem(request), endpoint) : invalid(
    audios === 0 ? "The audio is empty" : "The model takes exactly one audio in a request."
  )
}

const audioParts = (request: ApiRequest): number =>
  (asArray(asObject(request.body.input)?.messages) ?? [])
    .flatMap((message) => asArray(asObject(message)?.content) ?? [])
    .filter((part) => asObject(part)?.audio !== undefined || asObject(part)?.input_audio !== undefined).length

/** Empty context is allowed here, as the service's own examples have it. */
const withoutEmptySystem = (request: ApiRequest): ApiRequest => {
  const input = asObject(request.body.input) ?? {}
  const messages = (asArray(input.messages) ?? []).filter((message) => {
    const { content, role } = asObject(message) ?? {}
    return !(role === "system" && (asArray(content) ?? []).every((part) => asObject(part)?.text === ""))
  })
  return { ...request, body: { ...request.body, input: { ...input, messages } } }
}
