/**
 * Reading answers, apart from `Generation`, which the modules here must not import.
 *
 * @internal
 */
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import { ApiError } from "../../DashScopeError.js"
import { type GenerationResult, text } from "../../GenerationResult.js"
import * as Message from "../../Message.js"
import type { Usage } from "../../ToolRun.js"
import * as Json from "../core/json.js"
import { readArguments } from "../core/writtenJson.js"

const unexpected = (description: string, requestId?: string | null): ApiError =>
  new ApiError({
    reason: "UnexpectedResponse",
    statusCode: 200,
    code: "",
    description,
    ...(requestId ? { requestId } : undefined),
    isRetryable: false
  })

/** @internal A replaced service may end a stream without a word; the real one fails instead. */
export const nothingCame = (): ApiError => unexpected("the stream ended without an answer")

/** @internal A stream that was to be heard. */
export const noAudio = (): ApiError => unexpected("the answer has no audio")

/**
 * Why an answer cannot be acted on: it ended in the midst of its tool calls, or it has none and says nothing although it
 * ended for their sake. Nothing where it can be.
 *
 * @internal
 */
export const unfollowable = (
  result: GenerationResult,
  calls: ReadonlyArray<Message.ToolCall>
): ApiError | undefined => {
  const { finishReason } = result.output.choices[0]
  if (calls.length === 0) {
    return finishReason === "tool_calls" && text(result).trim() === "" ?
      unexpected("the model ended its answer to call tools (tool_calls), and called none", result.requestId) :
      undefined
  }
  if (finishReason === "length") {
    return unexpected(
      "the answer reached its limit of tokens (length) in the midst of its tool calls, so none was run; raise maxTokens",
      result.requestId
    )
  }
  return result.isPartial === true ?
    unexpected(
      "the service's limit of time cut the answer in the midst of its tool calls, so none was run",
      result.requestId
    ) :
    undefined
}

const isJsonObject = (json: string): boolean =>
  Either.match(Json.parse(json), { onLeft: () => false, onRight: Predicate.isRecord })

/** The service refuses a history whose tool calls have anything but a JSON object for arguments. */
const sendable = (call: Message.ToolCall): Message.ToolCall =>
  isJsonObject(call.function.arguments) ? call : {
    ...call,
    function: {
      ...call.function,
      arguments: Either.match(readArguments(call.function.arguments), {
        onLeft: () => "{}",
        onRight: (args) => JSON.stringify(args)
      })
    }
  }

/**
 * The first answer as a message for the next request; nothing where it says nothing, since the service refuses empty
 * messages. Arguments that the service would refuse there are sent as `{}`.
 *
 * @internal
 */
export const toMessage = (result: GenerationResult, options: {
  readonly calls: ReadonlyArray<Message.ToolCall>
  readonly reasoning: boolean
}): Message.AssistantMessage | undefined => {
  const content = text(result)
  if (options.calls.length === 0 && content.trim() === "") return undefined
  const reasoningContent = options.reasoning ? result.output.choices[0].message.reasoningContent : undefined
  return Message.assistant(content, {
    ...(reasoningContent ? { reasoningContent } : undefined),
    ...(options.calls.length === 0 ? undefined : { toolCalls: options.calls.map(sendable) })
  })
}

/** @internal */
export const noUsage: Usage = { inputTokens: 0, outputTokens: 0, totalTokens: 0 }

/** @internal The sum with what an answer cost. */
export const addUsage = (self: Usage, { usage }: GenerationResult): Usage => {
  const input = usage?.inputTokens ?? 0
  const output = usage?.outputTokens ?? 0
  return {
    inputTokens: self.inputTokens + input,
    outputTokens: self.outputTokens + output,
    totalTokens: self.totalTokens + (usage?.totalTokens ?? input + output)
  }
}
