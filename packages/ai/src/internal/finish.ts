/** How an answer ended, and what it cost. */
import type * as Response from "@effect/ai/Response"
import type { GenerationResult, GenerationUsage } from "effect-dashscope/GenerationResult"
import * as Usage from "./usage.js"

const reasons: Readonly<Record<string, Response.FinishReason>> = {
  stop: "stop",
  length: "length",
  tool_calls: "tool-calls",
  content_filter: "content-filter"
}

/** Answers with calls end for their sake, whatever the service says. */
export const reasonOf = (wire: string | undefined, hasCalls: boolean): Response.FinishReason => {
  if (hasCalls) return "tool-calls"
  if (wire === undefined) return "unknown"
  // Without calls there is nothing to do.
  return wire === "tool_calls" ? "stop" : (Object.hasOwn(reasons, wire) ? reasons[wire] : undefined) ?? "other"
}

/** The service writes the text `"null"` while an answer goes on. */
export const wireReason = (result: GenerationResult): string | undefined => {
  const { finishReason } = result.output.choices[0]
  return finishReason === "null" ? undefined : finishReason ?? undefined
}

/** What is known of an answer at its end. */
export interface End {
  readonly finishReason: string | undefined
  readonly usage: GenerationUsage | undefined
  readonly requestId: string | undefined
  readonly isPartial: boolean
  readonly code: ReadonlyArray<string>
}

const noCode: ReadonlyArray<string> = []

export const codeOf = ({ output: { toolInfo } }: GenerationResult): ReadonlyArray<string> =>
  toolInfo
    ? toolInfo.flatMap(({ codeInterpreter }) => typeof codeInterpreter?.code === "string" ? [codeInterpreter.code] : [])
    : noCode

export const endOf = (result: GenerationResult): End => ({
  finishReason: wireReason(result),
  usage: result.usage ?? undefined,
  requestId: result.requestId ?? undefined,
  isPartial: result.isPartial === true,
  code: codeOf(result)
})

export const finishPart = (end: End, hasCalls: boolean): Response.FinishPartEncoded => {
  const dashscope: Response.FinishPartMetadata["dashscope"] = {
    ...(end.finishReason === undefined ? undefined : { finishReason: end.finishReason }),
    ...(end.usage === undefined ? undefined : { usage: Usage.counted(end.usage) }),
    ...(end.requestId === undefined ? undefined : { requestId: end.requestId }),
    ...(end.isPartial ? { isPartial: true } : undefined),
    ...(end.code.length === 0 ? undefined : { code: end.code })
  }
  return {
    type: "finish",
    reason: reasonOf(end.finishReason, hasCalls),
    usage: Usage.usageOf(end.usage),
    metadata: { dashscope }
  }
}
