/**
 * The tokenizer: `/tokenizer`.
 */
import { fnv } from "../core/hash.js"
import { tokenize } from "../core/tokens.js"
import { textContent } from "../generation/content.js"
import { readMessages } from "../generation/request.js"
import type { Answer, ApiRequest } from "../server/answer.js"
import { isFailure } from "../server/answer.js"
import { enveloped, inputOf, modelRoute } from "../server/route.js"

/** Ids of the vocabulary. */
const vocabulary = 151_643

/** @internal */
export const tokenizer = (request: ApiRequest): Answer => {
  const messages = readMessages(inputOf(request), textContent)
  if (isFailure(messages)) {
    return messages
  }
  const tokens = messages.flatMap(({ content }) => tokenize(content.text))
  return enveloped(
    { token_ids: tokens.map((token) => fnv(token) % vocabulary), tokens },
    { input_tokens: tokens.length },
    request.requestId
  )
}

/** @internal */
export const tokenizerRoutes = [modelRoute("/api/v1/tokenizer", tokenizer)]
