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

/** @internal A replaced service may end a stream without a word; the real one fails instead. */
export const nothingCame = (): ApiError =>
  new ApiError({
    reason: "UnexpectedResponse",
    statusCode: 200,
    code: "",
    description: "the stream ended without an answer",
    isRetryable: false
  })

const isJsonObject = (json: string): boolean =>
  Either.match(Json.parse(json), { onLeft: () => false, onRight: Predicate.isRecord })

/** The service refuses a history whose tool calls have anything but a JSON object for arguments. */
const sendable = (call: Message.ToolCall): Message.ToolCall =>
  isJsonObject(call.function.arguments) ? call : { ...call, function: { ...call.function, arguments: "{}" } }

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
