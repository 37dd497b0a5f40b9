/**
 * What the core's span of a call holds, as of other providers. The client's own span is its child.
 *
 * They are the names that `Telemetry.addGenAIAnnotations` of the core makes, which it makes anew from each key for each call.
 */
import type { GenerationParams } from "effect-dashscope/GenerationParams"
import type { GenerationResult } from "effect-dashscope/GenerationResult"
import type { MultiModalParams } from "effect-dashscope/MultiModalParams"
import { attributes } from "effect-dashscope/Telemetry"
import type { Span } from "effect/Tracer"
import * as Finish from "./finish.js"
import { ofProvider } from "./marks.js"

const write = (span: Span, name: string, value: unknown): void => {
  if (value !== undefined && value !== null) span.attribute(name, value)
}

export const request = (span: Span | undefined, params: GenerationParams | MultiModalParams): void => {
  if (span === undefined) return
  span.attribute(ofProvider, "dashscope")
  span.attribute(attributes.operationName, "chat")
  write(span, attributes.requestModel, params.model)
  write(span, attributes.requestTemperature, params.temperature)
  write(span, attributes.requestTopK, params.topK)
  write(span, attributes.requestTopP, params.topP)
  write(span, attributes.requestMaxTokens, params.maxTokens)
  write(span, attributes.requestPresencePenalty, params.presencePenalty)
  write(span, attributes.requestSeed, params.seed)
}

export const end = (
  span: Span | undefined,
  { finishReason, requestId, usage }: Finish.End,
  model: string
): void => {
  if (span === undefined) return
  write(span, attributes.responseId, requestId)
  write(span, attributes.responseModel, model)
  write(span, attributes.responseFinishReasons, finishReason === undefined ? undefined : [finishReason])
  write(span, attributes.usageInputTokens, usage?.inputTokens)
  write(span, attributes.usageOutputTokens, usage?.outputTokens)
}

export const response = (span: Span | undefined, result: GenerationResult, model: string): void => {
  if (span !== undefined) end(span, Finish.endOf(result), result.output.modelName ?? model)
}
