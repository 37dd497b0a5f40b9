import type {
  Choice,
  GenerationOutput,
  GenerationResult,
  GenerationUsage,
  ResultMessage
} from "../../GenerationResult.js"
import { constructorOf } from "../core/plain.js"
import { isRecord } from "../core/record.js"

type Mutable<A> = { -readonly [K in keyof A]: A[K] }

type OutputDetails = Mutable<NonNullable<GenerationUsage["outputTokensDetails"]>>
type PromptDetails = Mutable<NonNullable<GenerationUsage["promptTokensDetails"]>>

// Not literals; see constructorOf.
const OutputDetailsOf = constructorOf<OutputDetails>()
const PromptDetailsOf = constructorOf<PromptDetails>()
const UsageOf = constructorOf<Mutable<GenerationUsage>>()
const MessageOf = constructorOf<Mutable<ResultMessage>>()
const ChoiceOf = constructorOf<Mutable<Choice>>()
const OutputOf = constructorOf<Mutable<GenerationOutput>>()
const ResultOf = constructorOf<Mutable<GenerationResult>>()

const outputDetails = (json: unknown): GenerationUsage["outputTokensDetails"] => {
  if (!isRecord(json)) return undefined
  const out = new OutputDetailsOf()
  for (const key in json) {
    const value = json[key]
    if (typeof value !== "number") return undefined
    if (key === "reasoning_tokens") out.reasoningTokens = value
    else if (key === "text_tokens") out.textTokens = value
    else return undefined
  }
  return out
}

const promptDetails = (json: unknown): GenerationUsage["promptTokensDetails"] => {
  if (!isRecord(json)) return undefined
  const out = new PromptDetailsOf()
  for (const key in json) {
    const value = json[key]
    if (typeof value !== "number" || key !== "cached_tokens") return undefined
    out.cachedTokens = value
  }
  return out
}

const usageOf = (json: unknown): GenerationUsage | undefined => {
  if (!isRecord(json)) return undefined
  const out = new UsageOf()
  for (const key in json) {
    const value = json[key]
    switch (key) {
      case "input_tokens":
        if (typeof value !== "number") return undefined
        out.inputTokens = value
        break
      case "output_tokens":
        if (typeof value !== "number") return undefined
        out.outputTokens = value
        break
      case "total_tokens":
        if (typeof value !== "number") return undefined
        out.totalTokens = value
        break
      case "cached_tokens":
        if (typeof value !== "number") return undefined
        out.cachedTokens = value
        break
      case "output_tokens_details": {
        const details = outputDetails(value)
        if (details === undefined) return undefined
        out.outputTokensDetails = details
        break
      }
      case "prompt_tokens_details": {
        const details = promptDetails(value)
        if (details === undefined) return undefined
        out.promptTokensDetails = details
        break
      }
      default:
        return undefined
    }
  }
  return out
}

const messageOf = (json: unknown): ResultMessage | undefined => {
  if (!isRecord(json)) return undefined
  const out = new MessageOf()
  for (const key in json) {
    const value = json[key]
    if (typeof value !== "string") return undefined
    if (key === "content") out.content = value
    else if (key === "role") out.role = value
    else if (key === "reasoning_content") out.reasoningContent = value
    else return undefined
  }
  return out
}

const isPlace = (u: unknown): u is number => Number.isSafeInteger(u) && Number(u) >= 0

const choiceOf = (json: unknown): Choice | undefined => {
  if (!isRecord(json)) return undefined
  const message = messageOf(json["message"])
  if (message === undefined) return undefined
  const out = new ChoiceOf()
  out.message = message
  for (const key in json) {
    const value = json[key]
    if (key === "finish_reason" && typeof value === "string") out.finishReason = value
    else if (key === "index" && isPlace(value)) out.index = value
    else if (key !== "message") return undefined
  }
  return out
}

const outputOf = (json: unknown): GenerationOutput | undefined => {
  if (!isRecord(json)) return undefined
  for (const key in json) {
    if (key !== "choices") return undefined
  }
  const choices = json["choices"]
  if (!Array.isArray(choices) || choices.length !== 1) return undefined
  const choice = choiceOf(choices[0])
  if (choice === undefined) return undefined
  const out = new OutputOf()
  // A copy, which no literal makes either. It has one element, as was seen above.
  const own: Array<unknown> = choices.slice()
  own[0] = choice
  out.choices = own as unknown as [Choice]
  return out
}

/**
 * Reads by hand what nearly every event of a stream is: one choice with text or thinking, and counts of tokens. It costs
 * a tenth of what the compiled Schema takes for that. Nothing for all else, a field too many included: that is for the
 * Schema, and so is saying what is wrong.
 *
 * @internal
 */
export const decode = (json: unknown): GenerationResult | undefined => {
  if (!isRecord(json)) return undefined
  const output = outputOf(json["output"])
  if (output === undefined) return undefined
  const out = new ResultOf()
  out.output = output
  for (const key in json) {
    const value = json[key]
    if (key === "usage") {
      const usage = usageOf(value)
      if (usage === undefined) return undefined
      out.usage = usage
    } else if (key === "request_id" && typeof value === "string") out.requestId = value
    else if (key !== "output") return undefined
  }
  return out
}
