/**
 * What the service refuses in the parameters of a chat model: wrong types, wrong ranges, what does not go together.
 */
import type { JsonObject } from "../core/json.js"
import { asObject } from "../core/json.js"
import type { Failure } from "../server/answer.js"
import { failure, invalid } from "../server/answer.js"
import type { Parameters } from "./chat.js"

const isBoolean = (value: unknown): boolean => typeof value === "boolean"
const isString = (value: unknown): boolean => typeof value === "string"
const isRecord = (value: unknown): boolean => asObject(value) !== undefined

const isStop = (value: unknown): boolean => {
  if (!Array.isArray(value)) {
    return typeof value === "string"
  }
  const items: ReadonlyArray<unknown> = value
  const isToken = (item: unknown) => typeof item === "number" && Number.isInteger(item)
  return items.every(isString) || items.every(isToken) ||
    items.every((item) => Array.isArray(item) && item.every(isToken))
}

const types: ReadonlyArray<readonly [string, (value: unknown) => boolean, string]> = [
  ...[
    "incremental_output",
    "enable_thinking",
    "preserve_thinking",
    "enable_search",
    "enable_code_interpreter",
    "parallel_tool_calls",
    "logprobs",
    "vl_high_resolution_images"
  ].map((name) => [name, isBoolean, "a boolean"] as const),
  ...["response_format", "search_options", "translation_options", "ocr_options", "asr_options"].map((name) =>
    [name, isRecord, "an object"] as const
  ),
  ["result_format", isString, "a string"],
  ["stop", isStop, "a string, or a list of strings, of token ids or of lists of token ids"],
  ["tools", (value) => Array.isArray(value) && value.every(isRecord), "a list of objects"],
  ["tool_choice", (value) => isString(value) || isRecord(value), "a string or an object"]
]

/** @internal */
export const checkTypes = (given: JsonObject): Failure | undefined => {
  for (const [name, fits, kind] of types) {
    const value = given[name]
    if (value !== undefined && value !== null && !fits(value)) {
      return invalid(`The parameter ${name} has to be ${kind}.`)
    }
  }
  return undefined
}

const inRange = (least: number, most: number, whole: boolean) => (n: number): boolean =>
  n >= least && n <= most && (!whole || Number.isInteger(n))

const ranges: ReadonlyArray<readonly [string, string, (n: number) => boolean]> = [
  ["temperature", "Temperature should be in [0.0, 2.0)", (n) => n >= 0 && n < 2],
  ["top_p", "Range of top_p should be (0.0, 1.0]", (n) => n > 0 && n <= 1],
  ["top_k", "Parameter top_k be greater than or equal to 0", inRange(0, Infinity, true)],
  ["seed", "Range of seed should be [0, 9223372036854775807]", inRange(0, 2 ** 63, true)],
  ["max_tokens", "Range of max_tokens should be [1, 131072]", inRange(1, 131_072, true)],
  ["max_completion_tokens", "Range of max_completion_tokens should be [1, 131072]", inRange(1, 131_072, true)],
  ["n", "Range of n should be [1, 4]", inRange(1, 4, true)],
  ["repetition_penalty", "Repetition_penalty should be greater than 0.0", (n) => n > 0],
  ["presence_penalty", "Presence_penalty should be in [-2.0, 2.0]", inRange(-2, 2, false)],
  ["top_logprobs", "Range of top_logprobs should be [0, 5]", inRange(0, 5, true)],
  ["thinking_budget", "The thinking_budget parameter must be a positive integer", inRange(1, Infinity, true)]
]

/** @internal */
export const checkRanges = (given: JsonObject): Failure | undefined => {
  for (const [name, message, fits] of ranges) {
    const value = given[name]
    if (value !== undefined && value !== null && (typeof value !== "number" || !fits(value))) {
      return invalid(message)
    }
  }
  return undefined
}

/** Open-source models of both kinds: they think unless told not to, and think only in streams. */
const thinksByDefault = /^qwen3-\d+(?:\.\d+)?b(?:-a\d+b)?$/

/** @internal */
export const checkCombinations = (
  model: string,
  given: JsonObject,
  format: string,
  parameters: Parameters,
  streamed: boolean
): Failure | undefined => {
  const { responseFormat, thinking, toolChoice, tools } = parameters
  if (format !== "text" && format !== "message") {
    return invalid("The parameter result_format has to be text or message.")
  }
  if (tools.length > 0 && !parameters.messageFormat) {
    return invalid("Tools need the result_format message.")
  }
  if (tools.length > 0 && parameters.n > 1) {
    return invalid("Range of n should be [1, 1]: the parameter n has to be 1 where tools are used.")
  }
  if (typeof given.tool_choice === "string" && given.tool_choice !== "auto" && given.tool_choice !== "none") {
    return invalid("The tool_choice parameter has to be auto, none or an object.")
  }
  if (typeof toolChoice === "object" && thinking) {
    return invalid("The tool_choice parameter does not support being set to required or object in thinking mode")
  }
  if (typeof toolChoice === "object" && !tools.some((tool) => tool.name === toolChoice.name)) {
    return invalid("The parameter tool_choice names a tool that is not among the tools.")
  }
  if (parameters.topLogprobs > 0 && !parameters.logprobs) {
    return invalid("The parameter top_logprobs needs logprobs.")
  }
  if (thinking && !parameters.messageFormat) {
    return invalid("Thinking needs the result_format message.")
  }
  if (!streamed && thinksByDefault.test(model) && given.enable_thinking !== false) {
    return invalid("parameter.enable_thinking must be set to false for non-streaming calls")
  }
  if (thinking && streamed && !parameters.incremental) {
    return invalid("The incremental_output parameter must be \"true\" when enable_thinking is true")
  }
  if (thinking && notThinking.test(model)) {
    return failure(
      400,
      "InvalidParameter.NotSupportEnableThinking",
      `The model ${model} does not support enable_thinking.`
    )
  }
  if (thinking && responseFormat !== undefined) {
    return invalid("Json mode response is not supported when enable_thinking is true")
  }
  if (responseFormat !== undefined && responseFormat.type !== "json_object" && responseFormat.type !== "json_schema") {
    return invalid("The type of response_format has to be text, json_object or json_schema.")
  }
  return undefined
}

const notThinking = /^qwen(?:2|2\.5)-|^qwen-(?:long|mt|math|coder|doc|audio)/
