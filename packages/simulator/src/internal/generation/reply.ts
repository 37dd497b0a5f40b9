/**
 * An answer as the service writes it down, in one piece.
 */
import { fnv } from "../core/hash.js"
import type { JsonObject } from "../core/json.js"
import { asString } from "../core/json.js"
import { countTokens } from "../core/tokens.js"
import type { Parameters } from "./chat.js"
import type { Choice } from "./mind.js"
import type { ToolCall } from "./tools.js"

/**
 * How one endpoint writes what all chat endpoints say.
 *
 * @internal
 */
export interface Wire {
  /** The content of a message: of the whole answer, of a piece of a stream, or of a stream's last event. */
  readonly content: (text: string, place: "whole" | "piece" | "end") => unknown
  readonly usage: (
    inputTokens: number,
    outputTokens: number,
    reasoningTokens: number,
    parameters: Parameters
  ) => JsonObject
  /** Further fields of each message. */
  readonly beside?: JsonObject | undefined
  /** A stream's last text comes with the reason to finish. Default: an event without text follows. */
  readonly endsWithText?: boolean | undefined
  /** Leaves out the index of an only choice. Default: it is there where there are tools. */
  readonly unnumbered?: boolean | undefined
}

/** @internal */
export interface Reply {
  readonly requestId: string
  readonly parameters: Parameters
  readonly choices: ReadonlyArray<Choice>
  readonly inputTokens: number
  readonly sources: ReadonlyArray<JsonObject> | undefined
  /** What the code interpreter ran. */
  readonly code: string | undefined
  readonly wire: Wire
}

/** @internal */
export const usageOf = (
  reply: Reply,
  outputTokens: number,
  reasoningTokens: number,
  withCode = reply.code !== undefined
): JsonObject => {
  const { parameters } = reply
  const search = parameters.search === undefined
    ? {}
    : { search: { count: 1, strategy: asString(parameters.search.search_strategy) ?? "turbo" } }
  const plugins = { ...search, ...(withCode ? { code_interpreter: { count: 1 } } : {}) }
  return {
    ...reply.wire.usage(reply.inputTokens, outputTokens, reasoningTokens, parameters),
    ...(Object.keys(plugins).length === 0 ? {} : { plugins })
  }
}

/** @internal */
export const toolInfo = (reply: Reply): JsonObject =>
  reply.code === undefined
    ? {}
    : { tool_info: [{ type: "code_interpreter", code_interpreter: { code: reply.code } }] }

/** @internal */
export const logprobsOf = (tokens: ReadonlyArray<string>, top: number): ReadonlyArray<JsonObject> =>
  tokens.map((token) => {
    const own = probability(token, -(fnv(token) % 1000) / 1000)
    const others = ["。", " a", "1", "the", "好"].filter((other) => other !== token).slice(0, Math.max(0, top - 1))
    return {
      ...own,
      top_logprobs: top === 0 ? [] : [own, ...others.map((other, i) => probability(other, -2 - i))]
    }
  })

const probability = (token: string, logprob: number): JsonObject => ({
  token,
  bytes: [...Buffer.from(token)],
  logprob
})

/** @internal */
export const callObject = (call: ToolCall, index: number): JsonObject => ({
  index,
  id: call.id,
  type: "function",
  function: { name: call.name, arguments: call.arguments }
})

/** @internal */
export const callTokens = (call: ToolCall): number => countTokens(call.name) + countTokens(call.arguments)

const outputTokensOf = (choice: Choice): number =>
  choice.reasoning.length + choice.content.length + choice.toolCalls.reduce((sum, call) => sum + callTokens(call), 0)

/** @internal */
export const searchInfo = (reply: Reply): JsonObject =>
  reply.sources === undefined ? {} : { search_info: { search_results: reply.sources } }

/**
 * The answer in one piece; its text is lengthened by `padding`.
 *
 * @internal
 */
export const wholeReply = (reply: Reply, padding: string): JsonObject => {
  const { choices, parameters } = reply
  const [first] = choices
  const outputTokens = choices.reduce((sum, choice) => sum + outputTokensOf(choice), 0)
  const reasoningTokens = choices.reduce((sum, choice) => sum + choice.reasoning.length, 0)
  const output = parameters.messageFormat
    ? {
      choices: choices.map((choice, index) => wholeChoice(reply, choice, index, index === 0 ? padding : "")),
      ...searchInfo(reply),
      ...toolInfo(reply)
    }
    : { finish_reason: first?.finishReason ?? "stop", text: (first?.content.join("") ?? "") + padding }
  return {
    output,
    usage: usageOf(reply, outputTokens, reasoningTokens),
    request_id: reply.requestId
  }
}

const wholeChoice = (reply: Reply, choice: Choice, index: number, padding: string): JsonObject => {
  const { parameters } = reply
  return {
    finish_reason: choice.finishReason,
    ...(reply.choices.length > 1 ? { index } : {}),
    message: {
      role: "assistant",
      ...reply.wire.beside,
      content: reply.wire.content(choice.content.join("") + padding, "whole"),
      ...(parameters.thinking ? { reasoning_content: choice.reasoning.join("") } : {}),
      ...(choice.toolCalls.length > 0 ? { tool_calls: choice.toolCalls.map(callObject) } : {})
    },
    ...(parameters.logprobs && choice.content.length > 0
      ? { logprobs: { content: logprobsOf(choice.content, parameters.topLogprobs) } }
      : {})
  }
}
