/**
 * Multimodal generation: `/services/aigc/multimodal-generation/generation`, for all the kinds of models that live there.
 */
import { isServedAs } from "../core/models.js"
import type { Answer, ApiRequest } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import { modelOf, modelRoute, synchronousOnly, urlError } from "../server/route.js"
import { conversation } from "./conversation.js"
import { pictures } from "./pictures.js"
import { recognition } from "./recognition.js"
import { speech } from "./speech.js"

/** The first that fits answers. */
const answers: ReadonlyArray<readonly [RegExp, (request: ApiRequest, incoming: Incoming) => Answer]> = [
  [/-tts(?:-|$)/, speech],
  [/-asr(?:-|$)/, recognition],
  [/^(?:qwen-image|wan2\.[6-9]|z-image)/, pictures]
]

/** @internal */
export const multiModalGeneration = (request: ApiRequest, incoming: Incoming): Answer => {
  const model = modelOf(request)
  if (!isServedAs(model, "multimodal")) {
    return urlError
  }
  const answer = answers.find(([name]) => name.test(model))?.[1] ?? conversation
  return synchronousOnly(incoming) ?? answer(request, incoming)
}

/** @internal */
export const multiModalRoutes = [
  modelRoute("/api/v1/services/aigc/multimodal-generation/generation", multiModalGeneration)
]
