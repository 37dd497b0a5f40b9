import type { GenerationResult } from "../../GenerationResult.js"
import * as Telemetry from "../../Telemetry.js"
import type { Observed, Watcher } from "../operation/observe.js"
import { isFinish } from "./finishReason.js"
import * as GenAiMessages from "./genAiMessages.js"
import * as Total from "./total.js"
import * as Turns from "./turns.js"

const attributes = Telemetry.attributes

const stopSequences = (stop: Turns.ChatParams["stop"]): ReadonlyArray<string> | undefined => {
  if (typeof stop === "string") return [stop]
  const texts = (stop ?? []).filter((entry) => typeof entry === "string")
  return texts.length === 0 ? undefined : texts
}

const outputType = (format: Turns.ChatParams["responseFormat"]) =>
  format === undefined ? undefined : format.type === "text" ? "text" : "json"

/** What a span says of the parameters. @internal */
export const requestAttributes = (params: Turns.ChatParams, contentLimit: number): Record<string, unknown> => ({
  [attributes.requestChoiceCount]: params.n === 1 ? undefined : params.n,
  [attributes.requestMaxTokens]: params.maxCompletionTokens ?? params.maxTokens,
  [attributes.requestPresencePenalty]: params.presencePenalty,
  [attributes.requestSeed]: params.seed,
  [attributes.requestStopSequences]: stopSequences(params.stop),
  [attributes.requestTemperature]: params.temperature,
  [attributes.requestTopK]: params.topK,
  [attributes.requestTopP]: params.topP,
  [attributes.requestRepetitionPenalty]: params.repetitionPenalty,
  [attributes.requestEnableSearch]: params.enableSearch,
  [attributes.requestEnableThinking]: params.enableThinking,
  [attributes.outputType]: outputType(params.responseFormat),
  [attributes.inputMessages]: contentLimit > 0
    ? GenAiMessages.inputMessages(Turns.messagesOf(params), contentLimit)
    : undefined
})

class ChatWatcher implements Watcher<GenerationResult> {
  private model: string | undefined
  private usage: GenerationResult["usage"] = undefined
  /** By choice. */
  private readonly finishReasons = new Map<number, string>()
  private readonly total: Total.Total | undefined

  constructor(private readonly contentLimit: number) {
    this.total = contentLimit > 0 ? new Total.Total() : undefined
  }

  received(result: GenerationResult): void {
    const { output, usage } = result
    if (usage) this.usage = usage
    if (output.modelName) this.model = output.modelName
    for (const { finishReason, index } of output.choices) {
      if (isFinish(finishReason)) this.finishReasons.set(index ?? 0, finishReason)
    }
    if (this.total !== undefined && this.total.size <= 2 * this.contentLimit) this.total.add(result)
  }

  attributes(): Record<string, unknown> {
    const { finishReasons, total, usage } = this
    return {
      [attributes.responseModel]: this.model,
      [attributes.responseFinishReasons]: finishReasons.size === 0
        ? undefined
        : [...finishReasons].sort(([a], [b]) => a - b).map(([, reason]) => reason),
      [attributes.usageCacheReadInputTokens]: usage?.promptTokensDetails?.cachedTokens,
      [attributes.usageCacheCreationInputTokens]: usage?.promptTokensDetails?.cacheCreationInputTokens,
      [attributes.usageImageInputTokens]: usage?.imageTokens ?? usage?.inputTokensDetails?.imageTokens,
      [attributes.usageReasoningOutputTokens]: usage?.outputTokensDetails?.reasoningTokens,
      [attributes.outputMessages]: total === undefined || total.isEmpty
        ? undefined
        : GenAiMessages.outputMessages(total.get(), this.contentLimit, finishReasons)
    }
  }
}

/** What a chat says of its calls and streams. @internal */
export const observed: Observed<Turns.ChatParams, GenerationResult> = {
  operation: "chat",
  modelOf: (params) => params.model,
  usageOf: (result) => result.usage,
  requestAttributes,
  watch: (contentLimit) => new ChatWatcher(contentLimit)
}
