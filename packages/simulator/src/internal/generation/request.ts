/**
 * What a request to a chat model asks for, or why the service refuses it.
 */
import type { JsonObject } from "../core/json.js"
import { asArray, asNumber, asObject, asString } from "../core/json.js"
import type { ApiRequest, Failure } from "../server/answer.js"
import { invalid, isFailure } from "../server/answer.js"
import type { Message, Parameters, Tool } from "./chat.js"
import { checkCombinations, checkRanges, checkTypes } from "./checks.js"
import type { Content } from "./content.js"

/**
 * Reads the content of a message, by the rules of its endpoint.
 *
 * @internal
 */
export type ReadContent = (content: unknown, role: string) => Content | Failure

const readMessage = (value: unknown, readContent: ReadContent): Message | Failure => {
  const message = asObject(value)
  if (message === undefined) {
    return invalid("Each of the messages has to be an object.")
  }
  const role = asString(message.role) ?? ""
  const content = readContent(message.content, role)
  if (isFailure(content)) {
    return content
  }
  const calls = message.tool_calls ?? []
  if (!Array.isArray(calls) || calls.some((call) => asObject(asObject(call)?.function) === undefined)) {
    return invalid("The tool_calls of a message have to be a list of function calls.")
  }
  return {
    role,
    content,
    calls: calls.map((call) => asString(asObject(call)?.id) ?? ""),
    callId: asString(message.tool_call_id),
    partial: message.partial === true
  }
}

const spoken = (role: string, text: string): Message => ({
  role,
  content: { text, media: [], documents: [] },
  calls: [],
  callId: undefined,
  partial: false
})

/** @internal */
export const readMessages = (input: JsonObject, readContent: ReadContent): ReadonlyArray<Message> | Failure => {
  const wrong = checkInput(input)
  if (wrong !== undefined) {
    return wrong
  }
  const prompt = asString(input.prompt) ?? ""
  const given = asArray(input.messages)
  if (given !== undefined && given.length === 0) {
    return invalid("Role must be user or assistant and Content length must be greater than 0")
  }
  const messages: Array<Message> = []
  for (const one of given ?? []) {
    const message = readMessage(one, readContent)
    if (isFailure(message)) {
      return message
    }
    messages.push(message)
  }
  for (const turn of given === undefined ? asArray(input.history) ?? [] : []) {
    const { bot, user } = asObject(turn) ?? {}
    messages.push(spoken("user", asString(user) ?? ""), spoken("assistant", asString(bot) ?? ""))
  }
  if (prompt !== "") {
    messages.push(spoken("user", prompt))
  }
  return messages.length === 0
    ? invalid("Either \"prompt\" or \"messages\" must exist and cannot both be none")
    : checkMessages(messages)
}

const checkInput = ({ history, messages, prompt }: JsonObject): Failure | undefined => {
  const isList = (value: unknown) => value === undefined || value === null || Array.isArray(value)
  if (!isList(messages)) {
    return invalid("The messages have to be a list.")
  }
  if (!isList(history)) {
    return invalid("The history has to be a list.")
  }
  return prompt === undefined || prompt === null || typeof prompt === "string"
    ? undefined
    : invalid("The prompt has to be a string.")
}

const roles: ReadonlySet<string> = new Set(["system", "user", "assistant", "tool", "function", "bot", "attachment"])

const checkMessages = (messages: ReadonlyArray<Message>): ReadonlyArray<Message> | Failure => {
  let asked = false
  const open = new Set<string>()
  for (const message of messages) {
    const { calls, content, role } = message
    if (!roles.has(role)) {
      return invalid(`Role must be in [user, assistant, system, tool], and not ${JSON.stringify(role)}.`)
    }
    if (role === "tool" && !asked) {
      return invalid("messages with role \"tool\" must be a response to a preceding message with \"tool_calls\"")
    }
    if (role !== "tool" && open.size > 0) {
      return unanswered
    }
    if (isEmpty(content) && calls.length === 0 && role !== "tool") {
      return invalid("The content field is a required field.")
    }
    if (role === "tool" && message.callId !== undefined) {
      open.delete(message.callId)
    }
    for (const id of calls) {
      if (id !== "") {
        open.add(id)
      }
    }
    asked = calls.length > 0 || (asked && role === "tool")
  }
  const last = messages[messages.length - 1]
  // Results without an id answer by their order; nobody can say which is missing.
  const byOrder = messages.some(({ callId, role }) => role === "tool" && callId === undefined)
  if (open.size > 0 && !byOrder) {
    return unanswered
  }
  const mayEnd = last !== undefined &&
    (last.role === "user" || last.role === "tool" || last.role === "function" ||
      (last.role === "assistant" && last.partial))
  return mayEnd ? messages : invalid("The last message has to be of the role user, tool or function.")
}

const unanswered = invalid(
  "An assistant message with \"tool_calls\" must be followed by tool messages responding to each \"tool_call_id\""
)

const isEmpty = ({ documents, media, text }: Content): boolean =>
  text === "" && media.length === 0 && documents.length === 0

/** The models whose result format is `message` unless told otherwise. */
const messageByDefault = /^(qwen3-|qwq)/

/** @internal */
export interface Endpoint {
  /** The endpoint has no other format than `message`. */
  readonly messagesOnly: boolean
}

/** @internal */
export const readParameters = (model: string, request: ApiRequest, endpoint: Endpoint): Parameters | Failure => {
  const given = asObject(request.body.parameters) ?? {}
  const wrong = checkTypes(given) ?? checkRanges(given)
  if (wrong !== undefined) {
    return wrong
  }
  const tools = readTools(given.tools)
  if (isFailure(tools)) {
    return tools
  }
  const choice = asString(asObject(asObject(given.tool_choice)?.function)?.name)
  const thinking = given.enable_thinking === true
  const format = endpoint.messagesOnly
    ? "message"
    : asString(given.result_format) ?? (messageByDefault.test(model) || thinking ? "message" : "text")
  const responseFormat = asObject(given.response_format)
  const parameters: Parameters = {
    messageFormat: format === "message",
    incremental: given.incremental_output === true,
    n: asNumber(given.n) ?? 1,
    seed: asNumber(given.seed),
    maxTokens: asNumber(given.max_tokens) ?? asNumber(given.max_length),
    maxCompletionTokens: asNumber(given.max_completion_tokens),
    stop: (typeof given.stop === "string" ? [given.stop] : asArray(given.stop) ?? [])
      .filter((one): one is string => typeof one === "string" && one !== ""),
    logprobs: given.logprobs === true,
    topLogprobs: asNumber(given.top_logprobs) ?? 0,
    tools,
    toolChoice: choice !== undefined ? { name: choice } : given.tool_choice === "none" ? "none" : "auto",
    parallelToolCalls: given.parallel_tool_calls === true,
    responseFormat: responseFormat?.type === "text" ? undefined : responseFormat,
    thinking,
    thinkingBudget: asNumber(given.thinking_budget),
    search: given.enable_search === true ? asObject(given.search_options) ?? {} : undefined,
    translation: asObject(given.translation_options),
    codeInterpreter: given.enable_code_interpreter === true
  }
  return checkCombinations(model, given, format, parameters, request.streamed) ?? parameters
}

const readTools = (value: unknown): ReadonlyArray<Tool> | Failure => {
  const tools: Array<Tool> = []
  for (const one of asArray(value) ?? []) {
    const definition = asObject(asObject(one)?.function)
    const name = asString(definition?.name) ?? ""
    if (name === "" || name.length > 64 || name === "search") {
      return invalid(`${JSON.stringify(name)} cannot be the name of a tool.`)
    }
    const parameters = definition?.parameters
    if (parameters !== undefined && parameters !== null && asObject(parameters) === undefined) {
      return invalid(`The parameters of the tool ${name} have to be a JSON Schema.`)
    }
    tools.push({ name, description: asString(definition?.description) ?? "", parameters })
  }
  return tools
}
