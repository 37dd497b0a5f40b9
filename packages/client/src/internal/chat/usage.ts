/** Usages, added up. */
import type { GenerationUsage } from "../../GenerationResult.js"
import { last, type Nullish } from "./text.js"

const sum = (a: Nullish<number>, b: Nullish<number>): Nullish<number> =>
  typeof a === "number" && typeof b === "number" ? a + b : a ?? b

type Details = NonNullable<GenerationUsage["outputTokensDetails"]>

const addDetails = (a: Nullish<Details>, b: Nullish<Details>): Nullish<Details> => {
  if (!a || !b) return a ?? b
  const out: Record<string, unknown> = { ...a, ...b }
  for (const key of ["reasoningTokens", "textTokens"] as const) {
    const tokens = sum(a[key], b[key])
    if (tokens !== undefined) out[key] = tokens
  }
  return out
}

/** Each choice counts its own output, and the same input. @internal */
export const sumUsages = (usages: ReadonlyArray<GenerationUsage>): GenerationUsage | undefined =>
  usages.reduce<GenerationUsage | undefined>((total, usage) => {
    if (total === undefined) return usage
    const outputTokens = sum(total.outputTokens, usage.outputTokens)
    const inputTokens = last(total.inputTokens, usage.inputTokens)
    const details = addDetails(total.outputTokensDetails, usage.outputTokensDetails)
    return {
      ...total,
      ...usage,
      ...(inputTokens === undefined ? undefined : { inputTokens }),
      ...(outputTokens === undefined ? undefined : { outputTokens }),
      ...(typeof inputTokens === "number" && typeof outputTokens === "number" ?
        { totalTokens: inputTokens + outputTokens } :
        undefined),
      ...(details === undefined ? undefined : { outputTokensDetails: details })
    }
  }, undefined)
