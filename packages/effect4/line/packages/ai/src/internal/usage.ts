/** What an answer cost, in the core's words. */
import * as Response from "effect/ai/Response"
import type { GenerationUsage } from "effect-dashscope/GenerationResult"
import { type Json, json } from "./json.js"

/** How many are left of them; nothing where nothing is known of all. */
const rest = (total: number | undefined, ...parts: ReadonlyArray<number | undefined>): number | undefined =>
  total === undefined ? undefined : Math.max(0, parts.reduce<number>((left, part) => left - (part ?? 0), total))

export const usageOf = (usage: GenerationUsage | undefined): typeof Response.Usage.Encoded => {
  const input = usage?.inputTokens ?? undefined
  const output = usage?.outputTokens ?? undefined
  const cacheRead = usage?.promptTokensDetails?.cachedTokens ?? usage?.cachedTokens ?? undefined
  const cacheWrite = usage?.promptTokensDetails?.cacheCreationInputTokens ?? undefined
  const reasoning = usage?.outputTokensDetails?.reasoningTokens ?? undefined
  return {
    inputTokens: { total: input, cacheRead, cacheWrite, uncached: rest(input, cacheRead, cacheWrite) },
    outputTokens: {
      total: output,
      reasoning,
      text: usage?.outputTokensDetails?.textTokens ?? rest(output, reasoning)
    }
  }
}

/** The same in a part that the core has decoded. */
export const decoded = (usage: typeof Response.Usage.Encoded): Response.Usage =>
  // Without the check of what was counted by numbers.
  new Response.Usage(usage, { disableChecks: true })

/** All that the service counted, as the metadata of a part may hold it. */
export const counted = (usage: GenerationUsage): Json<GenerationUsage> => json(usage)
