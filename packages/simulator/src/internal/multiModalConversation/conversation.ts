/**
 * Chat about images, videos and audio, by the rooms of text generation.
 */
import type { JsonObject } from "../core/json.js"
import { asArray, asObject } from "../core/json.js"
import type { Message, Parameters } from "../generation/chat.js"
import type { ChatEndpoint } from "../generation/conversation.js"
import { converse } from "../generation/conversation.js"
import type { Wire } from "../generation/reply.js"
import type { Answer, ApiRequest } from "../server/answer.js"
import { invalid } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import { modelOf, parametersOf } from "../server/route.js"
import { resolver } from "../upload/service.js"
import { allOf, mediaTokens, multiModalContent, tokenFields } from "./content.js"
import { ocrText } from "./ocr.js"
import { spoken } from "./omni.js"

const content = (text: string): unknown => text === "" ? [] : [{ text }]

/** Models of the first generation, which count no total. */
const isOld = /^qwen-audio-/

const usageFor = (messages: ReadonlyArray<Message>, model: string): Wire["usage"] => {
  const tokens = mediaTokens(messages)
  const media = tokenFields(tokens)
  return (inputTokens, outputTokens, reasoningTokens, parameters): JsonObject =>
    isOld.test(model)
      ? { input_tokens: inputTokens, output_tokens: outputTokens, ...media }
      : {
        input_tokens_details: { ...media, text_tokens: inputTokens - allOf(tokens) },
        ...(parameters.thinking ? { prompt_tokens_details: {} } : {}),
        total_tokens: inputTokens + outputTokens,
        output_tokens: outputTokens,
        input_tokens: inputTokens,
        output_tokens_details: {
          ...(parameters.thinking ? { reasoning_tokens: reasoningTokens } : {}),
          text_tokens: outputTokens - reasoningTokens
        },
        ...media
      }
}

const wireFor = (model: string, messages: ReadonlyArray<Message>, ocr: JsonObject | undefined): Wire => ({
  content: ocr === undefined
    ? content
    : (text, place) => place === "piece" || text === "" ? content(text) : [{ ...ocr, text }],
  usage: usageFor(messages, model),
  endsWithText: true,
  unnumbered: true
})

const isOmni = /-omni/

/** @internal */
export const conversation = (request: ApiRequest, incoming: Incoming): Answer => {
  const model = modelOf(request)
  const parameters = parametersOf(request)
  const withAudio = asArray(parameters.modalities)?.includes("audio") === true
  if (withAudio && !request.streamed) {
    return invalid("'audio' output only support with stream=true")
  }
  if (isOmni.test(model) && !request.streamed) {
    return invalid("This model only supports stream mode, please enable the stream parameter to access the model.")
  }
  const ocr = ocrText(model, parameters)
  if (ocr !== undefined && "_tag" in ocr) {
    return ocr
  }
  const endpoint: ChatEndpoint = {
    messagesOnly: true,
    readContent: multiModalContent(resolver(incoming, model)),
    wire: (messages: ReadonlyArray<Message>, _: Parameters) => wireFor(model, messages, ocr?.result),
    text: ocr === undefined ? undefined : () => ocr.text,
    mediaTokens: (messages) => allOf(mediaTokens(messages))
  }
  const answer = converse(request, endpoint)
  return withAudio && answer._tag === "Success"
    ? spoken(answer, request, incoming, asObject(parameters.audio) ?? {})
    : answer
}
