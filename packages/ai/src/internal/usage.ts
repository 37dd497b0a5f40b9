/** What an answer cost, in the core's words. */
import type * as Response from "@effect/ai/Response"
import type { GenerationUsage } from "effect-dashscope/GenerationResult"

export const usageOf = (usage: GenerationUsage | undefined): typeof Response.Usage.Encoded => {
  const inputTokens = usage?.inputTokens ?? undefined
  const outputTokens = usage?.outputTokens ?? undefined
  const sum = inputTokens === undefined && outputTokens === undefined
    ? undefined
    : (inputTokens ?? 0) + (outputTokens ?? 0)
  return {
    inputTokens,
    outputTokens,
    totalTokens: usage?.totalTokens ?? sum,
    reasoningTokens: usage?.outputTokensDetails?.reasoningTokens ?? undefined,
    cachedInputTokens: usage?.promptTokensDetails?.cachedTokens ?? usage?.cachedTokens ?? undefined
  }
}

/** All that the service counted, as the metadata of a part may hold it. */
export const counted = (usage: GenerationUsage): GenerationUsage => usage
