/**
 * Text generation: `/services/aigc/text-generation/generation`.
 */
import { isServedAs } from "../core/models.js"
import type { Answer, ApiRequest, Model } from "../server/answer.js"
import { modelOf, modelRoute, urlError } from "../server/route.js"
import { textContent } from "./content.js"
import type { ChatEndpoint } from "./conversation.js"
import { converse, reasoningDetails } from "./conversation.js"
import type { Wire } from "./reply.js"
import { research } from "./research.js"

const content = (text: string): string => text

const usual: Wire = {
  content,
  usage: (inputTokens, outputTokens, reasoningTokens, parameters) => ({
    total_tokens: inputTokens + outputTokens,
    output_tokens: outputTokens,
    input_tokens: inputTokens,
    ...reasoningDetails(parameters, reasoningTokens),
    prompt_tokens_details: { cached_tokens: 0 }
  })
}

/** Models that read documents tell of the cache without details. */
const ofDocuments: Wire = {
  content,
  usage: (inputTokens, outputTokens) => ({
    total_tokens: inputTokens + outputTokens,
    output_tokens: outputTokens,
    input_tokens: inputTokens,
    cached_tokens: 0
  })
}

const endpoint = (wire: Wire): ChatEndpoint => ({
  messagesOnly: false,
  readContent: textContent,
  wire: () => wire,
  mediaTokens: (messages) =>
    messages.reduce((sum, { content }) => sum + 900 * content.documents.length + 600 * content.media.length, 0)
})

const usualEndpoint = endpoint(usual)
const documentEndpoint = endpoint(ofDocuments)

/** @internal */
export const generation: Model = (request: ApiRequest): Answer => {
  const model = modelOf(request)
  if (!isServedAs(model, "text")) {
    return urlError
  }
  if (model.startsWith("qwen-deep-research")) {
    return research(request)
  }
  return converse(request, model.startsWith("qwen-doc") ? documentEndpoint : usualEndpoint)
}

/** @internal */
export const generationRoutes = [modelRoute("/api/v1/services/aigc/text-generation/generation", generation)]
