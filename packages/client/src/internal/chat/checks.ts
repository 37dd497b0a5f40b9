/**
 * What a chat is certain to be refused for, or what contradicts itself. Ranges of numbers, the order of roles before the last
 * message and most abilities of models are the service's to judge: they change with the model.
 *
 * @internal
 */
import type { InputRequired } from "../../DashScopeError.js"
import { inputRequired as invalid } from "../protocol/invalid.js"
import * as History from "./history.js"
import { isObject } from "./parameters.js"
import type { ChatMessage, ChatParams } from "./turns.js"

/** @internal */
export const isEmpty = (u: { readonly length: number } | undefined): boolean => u === undefined || u.length === 0

/** @internal */
export const hasKeys = (u: object | undefined): boolean => u !== undefined && Object.keys(u).length > 0

/** That there are parameters, and a model. @internal */
export const modelProblem = (params: { readonly model: string }, example: string): InputRequired | undefined => {
  if (!isObject(params)) return invalid("model", `give the parameters, with a model such as "${example}"`)
  const { model } = params
  return typeof model !== "string" || model.trim() === ""
    ? invalid("model", `a model is required, such as "${example}"`)
    : undefined
}

const isEmptyPart = (part: unknown): boolean =>
  isObject(part) && Reflect.get(part, "text") === "" &&
  Object.keys(part).every((key) => key === "text" || key === "type")

/** Whether it says nothing. @internal */
export const isNotText = (content: ChatMessage["content"]): boolean =>
  content === null || content === "" || (Array.isArray(content) && content.every(isEmptyPart))

const hasCalls = (message: ChatMessage): boolean =>
  message.role === "assistant" && !isEmpty(message.toolCalls ?? undefined)

const isEmptyList = (u: unknown): boolean => Array.isArray(u) && u.length === 0

const lacksUrl = (content: ChatMessage["content"]): boolean =>
  Array.isArray(content) && content.some((part: unknown) => isObject(part) && isEmptyList(Reflect.get(part, "docUrl")))

/** What is wrong with a message by itself, and with its place after another. */
const messageProblem = (
  message: ChatMessage,
  place: string,
  before: ChatMessage | undefined
): InputRequired | undefined => {
  if (!isObject(message)) return invalid(place, "is no message")
  const { content, role } = message
  // An empty instruction is one: to some models, which recognize speech, it is given always.
  if (role !== "system" && !hasCalls(message) && isNotText(content)) {
    return invalid(`${place}.content`, "must not be empty")
  }
  if (lacksUrl(content)) return invalid(`${place}.content`, "a document needs its URL")
  return role !== "tool" || before?.role === "tool" || (before !== undefined && hasCalls(before))
    ? undefined
    : invalid(place, "answers a tool call, and no assistant's message with calls is before it")
}

/** The last message is what is to be answered, or gone on from. */
const lastProblem = (messages: ReadonlyArray<ChatMessage>): InputRequired | undefined => {
  const last = messages.at(-1)
  if (last?.role === "system") {
    return messages.every(({ role }) => role === "system")
      ? invalid("messages", "there is no message of the user")
      : invalid("messages", "the last message must be of the user, or a tool's answer; system messages come before")
  }
  return last?.role === "assistant" && last.partial !== true
    ? invalid(
      "messages",
      "the last message must be of the user, or a tool's answer, or an assistant's with partial: true"
    )
    : undefined
}

/**
 * The rules of the service for a history: each call has its answer, each answer its call, nobody says nothing, and the
 * model is not last.
 *
 * @internal
 */
export const historyProblem = (
  messages: ChatParams["messages"],
  hasPrompt: boolean
): InputRequired | undefined => {
  if (messages === undefined) return undefined
  for (const [i, message] of messages.entries()) {
    const problem = messageProblem(message, `messages.${i}`, messages[i - 1])
    if (problem !== undefined) return problem
  }
  const missing = History.unanswered(messages)
  if (missing !== undefined) {
    const ids = missing.calls.map(({ function: called, id }) => id === "" ? called.name : id).join(", ")
    return invalid(
      `messages.${missing.place}.toolCalls`,
      `no answer to ${ids}: follow the message with a Message.tool for each call, or leave the calls out`
    )
  }
  return hasPrompt ? undefined : lastProblem(messages)
}

/** Models that read text want their instructions to say something. @internal */
export const silentSystemProblem = (messages: ChatParams["messages"]): InputRequired | undefined => {
  const silent = messages?.findIndex(({ content, role }) => role === "system" && isNotText(content)) ?? -1
  return silent < 0 ? undefined : invalid(`messages.${silent}.content`, "must not be empty")
}

/** @internal */
export const translationProblem = (params: ChatParams): InputRequired | undefined => {
  if (params.translationOptions === undefined) return undefined
  const others = (params.messages ?? []).filter((message) => message.role !== "user").length
  const count = (params.messages?.length ?? 0) + (isEmpty(params.prompt) ? 0 : 1)
  return others > 0 || count > 1
    ? invalid("messages", "a translation takes exactly one message, of the user")
    : undefined
}

const withoutEmptyList = (message: ChatMessage): ChatMessage => {
  if (message.role !== "assistant") return message
  const { toolCalls, ...rest } = message
  const said = isEmptyList(toolCalls) ? rest : message
  return isEmptyList(said.content) ? { ...said, content: "" } : said
}

/** The messages without lists of nothing, which the service refuses. @internal */
export const withoutEmptyLists = <M extends ChatMessage>(messages: ReadonlyArray<M>): ReadonlyArray<M> =>
  // Of the same kind as they were.
  messages.map(withoutEmptyList) as ReadonlyArray<ChatMessage> as ReadonlyArray<M>

const toolsProblem = (params: ChatParams): InputRequired | undefined => {
  if (isEmpty(params.tools)) return undefined
  if (params.n !== undefined && params.n > 1) return invalid("n", "must be 1 with tools")
  if (params.resultFormat === "text") return invalid("resultFormat", "tools need \"message\"")
  for (const tool of params.tools ?? []) {
    const { name } = tool.function
    if (name === "") return invalid("tools", "each function needs a name")
    if (name.length > 64) return invalid("tools", "a function's name has at most 64 characters")
    if (name === "search") return invalid("tools", "the service reserves the function name \"search\"")
  }
  return undefined
}

const thinkingProblem = (params: ChatParams): InputRequired | undefined => {
  if (params.enableThinking !== true) return undefined
  if (params.resultFormat === "text") return invalid("resultFormat", "thinking needs \"message\"")
  if (params.toolChoice !== undefined && params.toolChoice !== "auto" && params.toolChoice !== "none") {
    return invalid("toolChoice", "must be \"auto\" or \"none\" in thinking mode")
  }
  return params.responseFormat !== undefined && params.responseFormat.type !== "text" ?
    invalid("responseFormat", "JSON is not available in thinking mode") :
    undefined
}

/** JSON writes them as `null`, which means something else. */
const notFinite = (params: object): string | undefined => {
  for (const [field, value] of Object.entries(params)) {
    if (typeof value === "number" && !Number.isFinite(value)) return field
  }
  return undefined
}

const isMixed = (stop: ChatParams["stop"]): boolean =>
  Array.isArray(stop) && new Set(stop.map((item: unknown) => typeof item)).size > 1

/** @internal */
export const parametersProblem = (params: ChatParams): InputRequired | undefined => {
  const infinite = notFinite(params)
  if (infinite !== undefined) return invalid(infinite, "must be a finite number")
  if (isMixed(params.stop)) return invalid("stop", "give texts or token ids, not both")
  if (params.topLogprobs !== undefined && params.topLogprobs > 0 && params.logprobs !== true) {
    return invalid("topLogprobs", "needs logprobs: true")
  }
  return toolsProblem(params) ?? thinkingProblem(params)
}

/**
 * What a call that does not stream is to say of increments: nothing. They are of streams only, and the service refuses a
 * call that asks for them.
 *
 * @internal
 */
export const withoutIncrements = <P extends ChatParams>(params: P): P =>
  params.incrementalOutput === undefined ? params : { ...params, incrementalOutput: undefined }

/** @internal */
export const incrementsProblem = (params: ChatParams): InputRequired | undefined =>
  params.extra?.["incremental_output"] === true
    ? invalid("extra.incremental_output", "is for streams only; the service refuses it in a call")
    : undefined
