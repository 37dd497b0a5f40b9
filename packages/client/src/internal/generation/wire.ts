import { nearest } from "effect-http-pool/Names"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type * as DashScopeError from "../../DashScopeError.js"
import type {
  GenerationParameters,
  GenerationParams,
  ResponseFormat,
  SearchOptions,
  TranslationOptions
} from "../../GenerationParams.js"
import * as Message from "../../Message.js"
import * as History from "../chat/history.js"
import * as Codec from "../core/codec.js"
import { inputRequired as invalid } from "../protocol/invalid.js"
import { multimodalOnly } from "./models.js"

/** What goes into the body, as JSON values under wire names. @internal */
export interface GenerationBody {
  readonly model: string
  readonly input: Readonly<Record<string, unknown>>
  readonly parameters: Readonly<Record<string, unknown>>
}

type Names<A> = { readonly [K in keyof A]-?: string }

const parameterNames: Names<GenerationParameters> = {
  resultFormat: "result_format",
  temperature: "temperature",
  topP: "top_p",
  topK: "top_k",
  seed: "seed",
  maxTokens: "max_tokens",
  maxCompletionTokens: "max_completion_tokens",
  maxLength: "max_length",
  stop: "stop",
  repetitionPenalty: "repetition_penalty",
  presencePenalty: "presence_penalty",
  n: "n",
  incrementalOutput: "incremental_output",
  enableThinking: "enable_thinking",
  thinkingBudget: "thinking_budget",
  preserveThinking: "preserve_thinking",
  reasoningEffort: "reasoning_effort",
  clearThinking: "clear_thinking",
  enableSearch: "enable_search",
  searchOptions: "search_options",
  tools: "tools",
  toolChoice: "tool_choice",
  parallelToolCalls: "parallel_tool_calls",
  toolStream: "tool_stream",
  responseFormat: "response_format",
  logprobs: "logprobs",
  topLogprobs: "top_logprobs",
  enableCodeInterpreter: "enable_code_interpreter",
  translationOptions: "translation_options",
  vlHighResolutionImages: "vl_high_resolution_images",
  vlEnableImageHwOutput: "vl_enable_image_hw_output",
  enableTextImageMixed: "enable_text_image_mixed",
  outputFormat: "output_format"
}

const searchNames: Names<SearchOptions> = {
  forcedSearch: "forced_search",
  searchStrategy: "search_strategy",
  enableSource: "enable_source",
  enableCitation: "enable_citation",
  citationFormat: "citation_format",
  prependSearchResult: "prepend_search_result",
  enableSearchExtension: "enable_search_extension",
  freshness: "freshness",
  assignedSiteList: "assigned_site_list",
  intentionOptions: "intention_options",
  promptIntervene: "prompt_intervene"
}

const translationNames: Names<TranslationOptions> = {
  sourceLang: "source_lang",
  targetLang: "target_lang",
  domains: "domains",
  terms: "terms",
  tmList: "tm_list"
}

const responseFormatNames = new Set(["type", "jsonSchema"])

const known = new Set([
  ...Object.keys(parameterNames),
  "model",
  "messages",
  "prompt",
  "history",
  "customizedModelId",
  "extraInput",
  "plugins",
  "extra"
])

/** Fields within parameters, which are renamed one by one. */
const knownWithin = {
  searchOptions: new Set(Object.keys(searchNames)),
  translationOptions: new Set(Object.keys(translationNames)),
  responseFormat: responseFormatNames
} as const

/** The named fields that are given, under their wire names. */
const rename = <A extends object>(self: A, names: Names<A>): Record<string, unknown> => {
  const out: Record<string, unknown> = {}
  for (const key in names) {
    const value: unknown = self[key]
    if (value !== undefined) out[names[key]] = value
  }
  return out
}

const responseFormat = (format: ResponseFormat): unknown =>
  format.type === "json_schema" ? { type: format.type, json_schema: format.jsonSchema } : format

const encodeMessages = Codec.encoder(Schema.Array(Message.Message))

const isEmpty = (u: { readonly length: number } | undefined): boolean => u === undefined || u.length === 0

const hasKeys = (u: object | undefined): boolean => u !== undefined && Object.keys(u).length > 0

const isObject = (u: unknown): u is object => typeof u === "object" && u !== null

const unknownIn = (fields: unknown, names: ReadonlySet<string>): string | undefined => {
  if (!isObject(fields)) return undefined
  for (const name in fields) {
    if (!names.has(name) && Reflect.get(fields, name) !== undefined) return name
  }
  return undefined
}

const noSuchField = (
  path: string,
  name: string,
  names: ReadonlySet<string>,
  extra: string
): DashScopeError.InputRequired => {
  if (path === "" && name === "stream") return invalid(name, "is no parameter; Generation.stream streams an answer")
  const meant = nearest(name, names)
  const hint = meant === undefined ? "" : `, did you mean ${meant}?`
  return invalid(`${path}${name}`, `is no parameter that this library knows${hint || "."} ${extra}`)
}

const ofExtra = "One that is newer goes into extra, under its wire name"

/** A name that would be left out without a word. */
const unknownName = (params: GenerationParams): DashScopeError.InputRequired | undefined => {
  const name = unknownIn(params, known)
  if (name !== undefined) return noSuchField("", name, known, ofExtra)
  for (const field of ["searchOptions", "translationOptions", "responseFormat"] as const) {
    const value = params[field]
    if (value === undefined) continue
    const inner = unknownIn(value, knownWithin[field])
    if (inner !== undefined) {
      return noSuchField(`${field}.`, inner, knownWithin[field], `${ofExtra}, with all its fields`)
    }
  }
  return undefined
}

/** JSON writes them as `null`, which means something else. */
const notFinite = (params: GenerationParams): string | undefined => {
  for (const [field, value] of Object.entries(params)) {
    if (typeof value === "number" && !Number.isFinite(value)) return field
  }
  return undefined
}

const isMixed = (stop: GenerationParams["stop"]): boolean =>
  Array.isArray(stop) && new Set(stop.map((item: unknown) => typeof item)).size > 1

const isNotText = (content: Message.Message["content"]): boolean =>
  content === "" || (Array.isArray(content) && content.length === 0)

/** The rules of the service for a history: each call has its answer, each answer its call, and nobody says nothing. */
const historyProblem = (
  messages: GenerationParams["messages"],
  hasPrompt: boolean
): DashScopeError.InputRequired | undefined => {
  if (messages === undefined) return undefined
  for (let i = 0; i < messages.length; i++) {
    const message = messages[i]
    if (!isObject(message)) return invalid(`messages.${i}`, "is no message")
    if ((message.role === "user" || message.role === "tool") && isNotText(message.content)) {
      return invalid(`messages.${i}.content`, "must not be empty")
    }
    if (message.role !== "tool") continue
    const before = messages[i - 1]
    const isAnswer = before?.role === "tool" ||
      (before?.role === "assistant" && !isEmpty(before.toolCalls ?? undefined))
    if (!isAnswer) {
      return invalid(`messages.${i}`, "answers a tool call, and no assistant's message with calls is before it")
    }
  }
  const missing = History.unanswered(messages)
  if (missing !== undefined) {
    const ids = missing.calls.map(({ function: called, id }) => id === "" ? called.name : id).join(", ")
    return invalid(
      `messages.${missing.place}.toolCalls`,
      `no answer to ${ids}: follow the message with a Message.tool for each call, or leave the calls out`
    )
  }
  const last = messages.at(-1)
  return !hasPrompt && last?.role === "system" && messages.every(({ role }) => role === "system") ?
    invalid("messages", "there is no message of the user") :
    undefined
}

const toolsProblem = (params: GenerationParams): DashScopeError.InputRequired | undefined => {
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

const thinkingProblem = (params: GenerationParams): DashScopeError.InputRequired | undefined => {
  if (params.enableThinking !== true) return undefined
  if (params.resultFormat === "text") return invalid("resultFormat", "thinking needs \"message\"")
  if (params.toolChoice !== undefined && params.toolChoice !== "auto" && params.toolChoice !== "none") {
    return invalid("toolChoice", "must be \"auto\" or \"none\" in thinking mode")
  }
  return params.responseFormat !== undefined && params.responseFormat.type !== "text" ?
    invalid("responseFormat", "JSON is not available in thinking mode") :
    undefined
}

const inputProblem = (params: GenerationParams): DashScopeError.InputRequired | undefined => {
  if (
    isEmpty(params.messages) && isEmpty(params.prompt) && isEmpty(params.history) && !hasKeys(params.extraInput)
  ) {
    return invalid("messages", "nothing to send: give messages or a prompt")
  }
  if (!isEmpty(params.messages) && !isEmpty(params.history)) {
    return invalid("history", "goes with a prompt; put earlier turns into messages")
  }
  const ofHistory = params.extraInput?.["messages"] === undefined ?
    historyProblem(params.messages, !isEmpty(params.prompt)) :
    undefined
  if (ofHistory !== undefined) return ofHistory
  if (params.translationOptions !== undefined) {
    const others = (params.messages ?? []).filter((message) => message.role !== "user").length
    const count = (params.messages?.length ?? 0) + (isEmpty(params.prompt) ? 0 : 1)
    if (others > 0 || count > 1) return invalid("messages", "a translation takes exactly one message, of the user")
  }
  return undefined
}

/**
 * What the service is certain to refuse, or what contradicts itself. Ranges of numbers, the order of roles and most
 * abilities of models are the service's to judge: they change with the model.
 */
const problem = (params: GenerationParams): DashScopeError.InputRequired | undefined => {
  if (!isObject(params)) return invalid("model", "give the parameters, with a model such as \"qwen-plus\"")
  const { model } = params
  if (typeof model !== "string" || model.trim() === "") {
    return invalid("model", "a model is required, such as \"qwen-plus\"")
  }
  const misnamed = unknownName(params)
  if (misnamed !== undefined) return misnamed
  if (multimodalOnly(model)) {
    return invalid("model", `${model} answers on the multimodal path only: use MultiModalConversation`)
  }
  const ofInput = inputProblem(params)
  if (ofInput !== undefined) return ofInput
  if (model.startsWith("bailian-") && isEmpty(params.customizedModelId)) {
    return invalid("customizedModelId", "models named bailian-… need one")
  }
  const infinite = notFinite(params)
  if (infinite !== undefined) return invalid(infinite, "must be a finite number")
  if (isMixed(params.stop)) return invalid("stop", "give texts or token ids, not both")
  if (params.topLogprobs !== undefined && params.topLogprobs > 0 && params.logprobs !== true) {
    return invalid("topLogprobs", "needs logprobs: true")
  }
  return toolsProblem(params) ?? thinkingProblem(params)
}

/** The prompt and messages rule of both official SDKs. */
const encodeInput = (
  params: GenerationParams
): Either.Either<Readonly<Record<string, unknown>>, DashScopeError.InputRequired> => {
  const input: Record<string, unknown> = {}
  if (params.messages !== undefined && params.messages.length > 0) {
    const encoded = encodeMessages(
      isEmpty(params.prompt) ? params.messages : [...params.messages, Message.user(params.prompt ?? "")]
    )
    if (Either.isLeft(encoded)) {
      const at = ParseResult.ArrayFormatter.formatErrorSync(encoded.left)[0]?.path.join(".") ?? ""
      return Either.left(invalid("messages", `not a message (at ${at || "its top"})`))
    }
    input["messages"] = encoded.right
  } else {
    if (!isEmpty(params.prompt)) input["prompt"] = params.prompt
    if (!isEmpty(params.history)) input["history"] = params.history
  }
  if (params.customizedModelId !== undefined) input["customized_model_id"] = params.customizedModelId
  return Either.right(params.extraInput === undefined ? input : { ...input, ...params.extraInput })
}

const encodeParameters = (params: GenerationParams): Readonly<Record<string, unknown>> => {
  const out = rename<GenerationParameters>(params, parameterNames)
  out["result_format"] ??= "message"
  // An empty list says nothing, and the service refuses it.
  for (const name of ["tools", "stop"]) {
    const list = out[name]
    if (Array.isArray(list) && list.length === 0) delete out[name]
  }
  if (params.searchOptions !== undefined) out["search_options"] = rename(params.searchOptions, searchNames)
  if (params.responseFormat !== undefined) out["response_format"] = responseFormat(params.responseFormat)
  if (params.translationOptions !== undefined) {
    out["translation_options"] = rename(params.translationOptions, translationNames)
  }
  return params.extra === undefined ? out : { ...out, ...params.extra }
}

/**
 * A call's parameters as the body of its request, or what is wrong with them.
 *
 * @internal
 */
export const encode = (params: GenerationParams): Either.Either<GenerationBody, DashScopeError.InputRequired> => {
  const wrong = problem(params)
  return wrong === undefined ?
    Either.map(encodeInput(params), (input) => ({ model: params.model, input, parameters: encodeParameters(params) })) :
    Either.left(wrong)
}

/**
 * The same for a call that does not stream. Increments are of streams only: the service refuses a call that asks for
 * them, so they are not asked for.
 *
 * @internal
 */
export const encodeCall = (params: GenerationParams): Either.Either<GenerationBody, DashScopeError.InputRequired> => {
  if (!isObject(params)) return encode(params)
  if (params.extra?.["incremental_output"] === true) {
    return Either.left(invalid("extra.incremental_output", "is for streams only; the service refuses it in a call"))
  }
  return encode(params.incrementalOutput === undefined ? params : { ...params, incrementalOutput: undefined })
}

/** Headers are Latin-1, JSON's escapes are ASCII. */
const escaped = (json: string): string =>
  json.replace(/[\x7f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`)

const noHeaders = Either.right(undefined)

/** The headers of a text generation, where it has any. @internal */
export const encodeHeaders = (
  { plugins }: GenerationParams
): Either.Either<Readonly<Record<string, string>> | undefined, DashScopeError.InputRequired> =>
  plugins === undefined ? noHeaders : Either.try({
    try: () => ({ "x-dashscope-plugin": escaped(typeof plugins === "string" ? plugins : JSON.stringify(plugins)) }),
    catch: () => invalid("plugins", "cannot be written as JSON")
  })
