/**
 * Language understanding (`opennlu-v1`): `/services/nlp/nlu/understanding`, which one of the official SDKs asks for without
 * `/services`.
 */
import { fnv } from "../core/hash.js"
import { asString } from "../core/json.js"
import { isServedAs } from "../core/models.js"
import { countTokens } from "../core/tokens.js"
import { likeness } from "../core/vector.js"
import type { Answer, ApiRequest } from "../server/answer.js"
import { invalid } from "../server/answer.js"
import { checkChoice, enveloped, inputOf, modelOf, modelRoute, urlError } from "../server/route.js"

/** @internal */
export const understanding = (request: ApiRequest): Answer => {
  if (!isServedAs(modelOf(request), "understanding")) {
    return urlError
  }
  const input = inputOf(request)
  const sentence = asString(input.sentence) ?? ""
  const labels = (asString(input.labels) ?? "").split(/[，,]/).map((label) => label.trim()).filter((label) =>
    label !== ""
  )
  const wrong = sentence === ""
    ? invalid("The sentence is missing: input.sentence")
    : labels.length === 0
    ? invalid("The labels are missing: input.labels")
    : checkChoice(input, "task", ["extraction", "classification"])
  if (wrong !== undefined) {
    return wrong
  }
  const text = input.task === "classification"
    ? `${classify(sentence, labels)};`
    : labels.map((label) => `${label}: ${extract(sentence, label)};`).join("")
  const input_tokens = countTokens(sentence) + labels.reduce((sum, label) => sum + countTokens(label), 0)
  const output_tokens = countTokens(text)
  return enveloped(
    { rt: Math.round(50 + fnv(sentence) % 50) / 1000, text },
    { total_tokens: input_tokens + output_tokens, output_tokens, input_tokens },
    request.requestId
  )
}

/** The label that has most in common with the sentence; of equals, one by chance of the sentence. */
const classify = (sentence: string, labels: ReadonlyArray<string>): string => {
  const scores = labels.map((label) => likeness(sentence, label))
  const best = Math.max(...scores)
  const equals = labels.filter((_, i) => scores[i] === best)
  return equals[fnv(sentence) % equals.length] ?? ""
}

/** Some words of the sentence. */
const extract = (sentence: string, label: string): string => {
  const words = sentence.match(/[\u3400-\u9fff]{1,4}|[\p{L}\p{N}]+/gu) ?? []
  return words[fnv(label) % Math.max(1, words.length)] ?? "None"
}

/** @internal */
export const understandingRoutes = [
  modelRoute("/api/v1/services/nlp/nlu/understanding", understanding),
  modelRoute("/api/v1/nlp/nlu/understanding", understanding)
]
