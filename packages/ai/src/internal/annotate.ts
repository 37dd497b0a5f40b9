/** What the core's span of a call holds, as of other providers. The client's own span is its child. */
import * as Telemetry from "@effect/ai/Telemetry"
import type { GenerationParams } from "effect-dashscope/GenerationParams"
import type { GenerationResult } from "effect-dashscope/GenerationResult"
import type { MultiModalParams } from "effect-dashscope/MultiModalParams"
import type { Span } from "effect/Tracer"
import * as Finish from "./finish.js"

export const request = (span: Span, params: GenerationParams | MultiModalParams): void => {
  const { maxTokens, model, presencePenalty, seed, temperature, topK, topP } = params
  Telemetry.addGenAIAnnotations(span, {
    system: "dashscope",
    operation: { name: "chat" },
    request: { model, temperature, topK, topP, maxTokens, presencePenalty, seed }
  })
}

export const end = (span: Span, { finishReason, requestId, usage }: Finish.End, model: string): void => {
  Telemetry.addGenAIAnnotations(span, {
    response: { id: requestId, model, finishReasons: finishReason === undefined ? undefined : [finishReason] },
    usage: { inputTokens: usage?.inputTokens, outputTokens: usage?.outputTokens }
  })
}

export const response = (span: Span, result: GenerationResult, model: string): void =>
  end(span, Finish.endOf(result), result.output.modelName ?? model)
