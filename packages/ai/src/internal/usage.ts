/** What an answer cost, in the core's words. */
import * as Response from "@effect/ai/Response"
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

/** The same in a part that the core has decoded. */
export const decoded = (usage: typeof Response.Usage.Encoded): Response.Usage =>
  // Without the check of what was counted by numbers.
  new Response.Usage(usage, true)

/** All that the service counted, as the metadata of a part may hold it. */
export const counted = (usage: GenerationUsage): GenerationUsage => usage
