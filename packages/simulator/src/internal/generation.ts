/**
 * Text generation: a pure function from a request to its answer, in one piece and in events.
 */
import type { Answer, ApiRequest, Chunk, Failure, JsonObject, Route } from "./answer.js"
import { asArray, asNumber, asObject, asString, failure } from "./answer.js"
import { digest, fnv } from "./hash.js"
import { jsonInstance } from "./jsonInstance.js"
import { countTokens, tokenize } from "./tokens.js"

interface Message {
  readonly role: string
  readonly text: string
  readonly hasToolCalls: boolean
  readonly partial: boolean
}

interface Tool {
  readonly name: string
  readonly description: string
  readonly parameters: unknown
}

interface Parameters {
  readonly messageFormat: boolean
  readonly incremental: boolean
  readonly n: number
  readonly seed: number | undefined
  readonly maxTokens: number | undefined
  readonly maxCompletionTokens: number | undefined
  readonly stop: ReadonlyArray<string>
  readonly logprobs: boolean
  readonly topLogprobs: number
  readonly tools: ReadonlyArray<Tool>
  readonly toolChoice: "auto" | "none" | { readonly name: string }
  readonly parallelToolCalls: boolean
  readonly responseFormat: JsonObject | undefined
  readonly thinking: boolean
  readonly thinkingBudget: number | undefined
  readonly search: JsonObject | undefined
  readonly translation: JsonObject | undefined
}

interface ToolCall {
  readonly id: string
  readonly name: string
  readonly arguments: string
}

interface Choice {
  readonly reasoning: ReadonlyArray<string>
  readonly content: ReadonlyArray<string>
  readonly toolCalls: ReadonlyArray<ToolCall>
  readonly finishReason: "stop" | "length" | "tool_calls"
}

// ---------------------------------------------------------------------------------------------------------------------
// Reading the request

const invalid = (message: string): Failure => failure(400, "InvalidParameter", message)

const isFailure = (value: object): value is Failure => "_tag" in value && value._tag === "Failure"

const textOf = (content: unknown): string => {
  if (typeof content === "string") {
    return content
  }
  return (asArray(content) ?? []).map((part) => asString(asObject(part)?.text) ?? "").join("")
}

const readMessage = (value: unknown): Message => {
  const message = asObject(value) ?? {}
  return {
    role: asString(message.role) ?? "",
    text: textOf(message.content),
    hasToolCalls: (asArray(message.tool_calls)?.length ?? 0) > 0,
    partial: message.partial === true
  }
}

const spoken = (role: string, text: string): Message => ({ role, text, hasToolCalls: false, partial: false })

const readMessages = (input: JsonObject): ReadonlyArray<Message> | Failure => {
  const prompt = asString(input.prompt) ?? ""
  const given = asArray(input.messages)
  if (given !== undefined && given.length === 0) {
    return invalid("The list of messages is empty.")
  }
  const messages = (given ?? []).map(readMessage)
  for (const turn of given === undefined ? asArray(input.history) ?? [] : []) {
    const { bot, user } = asObject(turn) ?? {}
    messages.push(spoken("user", textOf(user)), spoken("assistant", textOf(bot)))
  }
  if (prompt !== "") {
    messages.push(spoken("user", prompt))
  }
  return messages.length === 0 ? invalid("Neither messages nor a prompt were given.") : checkMessages(messages)
}

const roles: ReadonlySet<string> = new Set(["system", "user", "assistant", "tool", "function", "bot", "attachment"])

const checkMessages = (messages: ReadonlyArray<Message>): ReadonlyArray<Message> | Failure => {
  let asked = false
  for (const message of messages) {
    if (!roles.has(message.role)) {
      return invalid(`There is no role ${JSON.stringify(message.role)}.`)
    }
    if (message.role === "tool" && !asked) {
      return invalid("A tool message has to follow an assistant message with tool calls.")
    }
    if (message.text === "" && !message.hasToolCalls && message.role !== "tool") {
      return invalid(`The content of a message of role ${message.role} is empty.`)
    }
    asked = message.hasToolCalls || (asked && message.role === "tool")
  }
  const last = messages[messages.length - 1]
  const mayEnd = last !== undefined &&
    (last.role === "user" || last.role === "tool" || last.role === "function" ||
      (last.role === "assistant" && last.partial))
  return mayEnd ? messages : invalid("The last message has to be of the role user or tool.")
}

/** The models whose result format is `message` unless told otherwise. */
const messageByDefault = /^(qwen3-|qwq)/

const readParameters = (model: string, request: ApiRequest): Parameters | Failure => {
  const given = asObject(request.body.parameters) ?? {}
  const tools = readTools(given.tools)
  if ("_tag" in tools) {
    return tools
  }
  const choice = asString(asObject(asObject(given.tool_choice)?.function)?.name)
  const format = asString(given.result_format) ?? (messageByDefault.test(model) ? "message" : "text")
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
    thinking: given.enable_thinking === true,
    thinkingBudget: asNumber(given.thinking_budget),
    search: given.enable_search === true ? asObject(given.search_options) ?? {} : undefined,
    translation: asObject(given.translation_options)
  }
  return checkRanges(given) ?? checkCombinations(given, format, parameters, request.streamed) ?? parameters
}

const readTools = (value: unknown): ReadonlyArray<Tool> | Failure => {
  const tools: Array<Tool> = []
  for (const one of asArray(value) ?? []) {
    const definition = asObject(asObject(one)?.function)
    const name = asString(definition?.name) ?? ""
    if (name === "" || name.length > 64 || name === "search") {
      return invalid(`${JSON.stringify(name)} cannot be the name of a tool.`)
    }
    tools.push({ name, description: asString(definition?.description) ?? "", parameters: definition?.parameters })
  }
  return tools
}

const inRange = (least: number, most: number, whole: boolean) => (n: number): boolean =>
  n >= least && n <= most && (!whole || Number.isInteger(n))

const ranges: ReadonlyArray<readonly [string, string, (n: number) => boolean]> = [
  ["temperature", "[0, 2)", (n) => n >= 0 && n < 2],
  ["top_p", "(0, 1]", (n) => n > 0 && n <= 1],
  ["top_k", "integers from 0", inRange(0, Infinity, true)],
  ["seed", "integers from 0", inRange(0, 2 ** 63, true)],
  ["max_tokens", "integers from 1", inRange(1, Infinity, true)],
  ["max_completion_tokens", "integers from 1", inRange(1, Infinity, true)],
  ["n", "integers from 1 to 4", inRange(1, 4, true)],
  ["repetition_penalty", "numbers above 0", (n) => n > 0],
  ["presence_penalty", "[-2, 2]", inRange(-2, 2, false)],
  ["top_logprobs", "integers from 0 to 5", inRange(0, 5, true)],
  ["thinking_budget", "integers from 1", inRange(1, Infinity, true)]
]

const checkRanges = (given: JsonObject): Failure | undefined => {
  for (const [name, range, fits] of ranges) {
    const value = given[name]
    if (value !== undefined && value !== null && (typeof value !== "number" || !fits(value))) {
      return invalid(`The parameter ${name} has to be in ${range}.`)
    }
  }
  return undefined
}

const checkCombinations = (
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
    return invalid("The parameter n has to be 1 where tools are used.")
  }
  if (typeof given.tool_choice === "string" && given.tool_choice !== "auto" && given.tool_choice !== "none") {
    return invalid("The parameter tool_choice has to be auto, none or an object.")
  }
  if (typeof toolChoice === "object" && thinking) {
    return invalid("A thinking model takes only auto or none for tool_choice.")
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
  if (thinking && streamed && !parameters.incremental) {
    return invalid("A thinking model streams only with incremental_output true.")
  }
  if (thinking && responseFormat !== undefined) {
    return invalid("Structured output is not available while thinking.")
  }
  if (responseFormat !== undefined && responseFormat.type !== "json_object" && responseFormat.type !== "json_schema") {
    return invalid("The type of response_format has to be text, json_object or json_schema.")
  }
  return undefined
}

// ---------------------------------------------------------------------------------------------------------------------
// Thinking of an answer

interface Sum {
  readonly text: string
  readonly value: number
}

const sumPattern = /(?<![\d.\-])(-?\d+(?:\.\d+)?)\s*([+＋\-−*×/÷])\s*(-?\d+(?:\.\d+)?)(?![\d.]|-\d)/

const sumIn = (question: string): Sum | undefined => {
  const found = sumPattern.exec(question)
  if (found === null) {
    return undefined
  }
  const [, left = "", operator = "", right = ""] = found
  const value = calculate(Number(left), operator, Number(right))
  return { text: `${left}${operator}${right}`, value: Number(value.toPrecision(12)) }
}

const calculate = (left: number, operator: string, right: number): number => {
  switch (operator) {
    case "+":
    case "＋":
      return left + right
    case "-":
    case "−":
      return left - right
    case "*":
    case "×":
      return left * right
    default:
      return left / right
  }
}

const chinese = /[\u3400-\u9fff]/
const whoAreYou = /你是(谁|什么|哪)|介绍.{0,4}你自己|who are you|what are you/i

const short = (text: string, most = 160): string => {
  if (text.length <= most) {
    return text
  }
  // Not between the halves of a surrogate pair.
  const end = (text.codePointAt(most - 1) ?? 0) > 0xffff ? most - 1 : most
  return `${text.slice(0, end)}…`
}

const endings = {
  zh: ["", "还有别的问题吗？", "需要细节的话，请接着问。", "希望这对你有用。", "我们可以继续聊这个话题。"],
  en: [
    "",
    " Is there anything else?",
    " Ask on if you need details.",
    " I hope this is of use.",
    " We can go on with this."
  ]
} as const

const plainAnswer = (question: string, isChinese: boolean): string => {
  const sum = sumIn(question)
  if (whoAreYou.test(question)) {
    return isChinese
      ? "我是通义千问，由阿里云开发的大语言模型。不过现在替我说话的是一个模拟服务，它只会说几句固定的话。"
      : "I am Qwen, a large language model made by Alibaba Cloud. Right now a simulator speaks for me, and it knows only a few sentences."
  }
  if (sum !== undefined) {
    const value = Number.isFinite(sum.value) ? String(sum.value) : undefined
    return isChinese
      ? value === undefined ? `${sum.text} 没有结果。` : `${sum.text} 等于 ${value}。`
      : value === undefined
      ? `${sum.text} has no result.`
      : `${sum.text} equals ${value}.`
  }
  return isChinese
    ? `你说的是：“${short(question)}”。这句话由模拟服务回答，同样的话总会得到同样的回答。`
    : `You said: "${short(question)}". A simulator answers this, and the same words always get the same answer.`
}

const reasoningAbout = (question: string, isChinese: boolean): string =>
  isChinese
    ? `用户说的是“${short(question, 60)}”。先弄清楚问的是什么，再想一个简短的回答。可以了。`
    : `The user says "${short(question, 60)}". First I make sure what is asked, then I think of a short answer. Good.`

const translate = (text: string, options: JsonObject): string => {
  for (const entry of asArray(options.tm_list) ?? []) {
    const pair = asObject(entry)
    if (pair?.source === text && typeof pair.target === "string") {
      return pair.target
    }
  }
  let translated = text
  for (const entry of asArray(options.terms) ?? []) {
    const { source, target } = asObject(entry) ?? {}
    if (typeof source === "string" && source !== "" && typeof target === "string") {
      translated = translated.replaceAll(source, target)
    }
  }
  return `[${asString(options.source_lang) ?? "auto"} → ${asString(options.target_lang) ?? "English"}] ${translated}`
}

/** Words that say nothing about what a tool is for. */
const emptyWords: ReadonlySet<string> = new Set([
  "a",
  "an",
  "and",
  "any",
  "are",
  "call",
  "can",
  "current",
  "fetch",
  "find",
  "for",
  "from",
  "function",
  "get",
  "given",
  "has",
  "in",
  "is",
  "it",
  "its",
  "list",
  "now",
  "of",
  "on",
  "or",
  "return",
  "returns",
  "set",
  "that",
  "the",
  "this",
  "to",
  "tool",
  "use",
  "what",
  "when",
  "which",
  "with",
  "you",
  "your"
])

const wordsOf = (text: string): ReadonlySet<string> => {
  const words = new Set<string>()
  for (const [run] of text.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase().matchAll(/[a-z]{2,}/g)) {
    if (!emptyWords.has(run)) {
      // So that "cities" does not have to be said for "city", nor "flights" for "flight".
      words.add(run.replace(/(?:ies|s|y)$/, ""))
    }
  }
  for (const [run] of text.matchAll(/[\u3400-\u9fff]{2,}/g)) {
    for (let i = 0; i + 2 <= run.length; i++) {
      const pair = run.slice(i, i + 2)
      if (!emptyPairs.test(pair)) {
        words.add(pair)
      }
    }
  }
  return words
}

/** Pairs of characters that make no noun: with a particle in them, or a word of asking. */
const emptyPairs =
  /[的了吗呢是在有和与请问你我他它这那么要可以]|现在|当前|获取|查询|得到|返回|如何|怎样|多少|什么|今天|明天/

const toolsFor = (question: string, parameters: Parameters): ReadonlyArray<Tool> => {
  const { toolChoice, tools } = parameters
  if (typeof toolChoice === "object") {
    return tools.filter((tool) => tool.name === toolChoice.name)
  }
  if (toolChoice === "none" || tools.length === 0) {
    return []
  }
  const asked = wordsOf(question)
  const matching = tools.filter((tool) => {
    for (const word of wordsOf(`${tool.name} ${tool.description}`)) {
      if (asked.has(word)) {
        return true
      }
    }
    return false
  })
  return parameters.parallelToolCalls ? matching : matching.slice(0, 1)
}

/** What in a question could be an argument: what is quoted, names, else the first bit of it that is not small talk. */
const subjectsOf = (question: string): ReadonlyArray<string> => {
  const quoted = [...question.matchAll(/[“"「『']([^”"」』']+)[”"」』']/g)].map(([, inner = ""]) => inner)
  const names = [...question.matchAll(/(?<=[a-z,] )[A-Z][\p{L}]+(?: [A-Z][\p{L}]+)*/gu)].map(([name]) => name)
  const bits = (question.match(/[\u3400-\u9fff]+/g) ?? [])
    .flatMap((run) => run.split(smallTalk))
    .filter((bit) => bit.length > 1)
  const subjects = [...quoted, ...names, ...bits]
  return subjects.length > 0 ? subjects : [short(question, 60)]
}

const smallTalk =
  /请问|查询|查一下|告诉我|帮我|现在|今天|明天|昨天|天气|气温|时间|如何|怎么样|怎样|多少|什么|是|的|有|和|与|在|吗|呢|几|去|到|从/

const numbersIn = (text: string): ReadonlyArray<number> => (text.match(/-?\d+(?:\.\d+)?/g) ?? []).map(Number)

const callsOf = (tools: ReadonlyArray<Tool>, question: string, requestId: string): ReadonlyArray<ToolCall> =>
  tools.map((tool, i) => ({
    id: `call_${digest(`${requestId}/${i}`).slice(0, 22)}`,
    name: tool.name,
    arguments: JSON.stringify(
      jsonInstance(tool.parameters ?? { type: "object" }, {
        strings: subjectsOf(question),
        numbers: numbersIn(question),
        text: question
      })
    )
  }))

const structured = (format: JsonObject, question: string, answer: string): string => {
  const schema = asObject(format.json_schema)?.schema
  const sum = sumIn(question)
  if (schema === undefined) {
    return JSON.stringify(sum === undefined ? { answer } : { answer, result: sum.value })
  }
  const numbers = [...(sum === undefined ? [] : [sum.value]), ...numbersIn(question)]
  return JSON.stringify(jsonInstance(schema, { strings: [answer, ...subjectsOf(question)], numbers, text: question }))
}

const sourcesFor = (question: string, isChinese: boolean): ReadonlyArray<JsonObject> =>
  [1, 2].map((index) => ({
    site_name: isChinese ? `示例站点${index}` : `Example site ${index}`,
    icon: `https://example.com/icon${index}.png`,
    index,
    title: isChinese ? `关于“${short(question, 40)}”（${index}）` : `About "${short(question, 40)}" (${index})`,
    url: `https://example.com/source/${index}`
  }))

const cite = (text: string, search: JsonObject): string => {
  const format = asString(search.citation_format) ?? "[<number>]"
  return search.enable_source === true && search.enable_citation === true
    ? `${text}${format.replace("<number>", "1")}${format.replace("<number>", "2")}`
    : text
}

const toolResults = (messages: ReadonlyArray<Message>): ReadonlyArray<string> => {
  const results: Array<string> = []
  for (let i = messages.length - 1; i >= 0; i--) {
    const message = messages[i]
    if (message?.role !== "tool" && message?.role !== "function") {
      break
    }
    results.unshift(message.text)
  }
  return results
}

const lastOf = (messages: ReadonlyArray<Message>, role: string): Message | undefined => {
  for (let i = messages.length - 1; i >= 0; i--) {
    if (messages[i]?.role === role) {
      return messages[i]
    }
  }
  return undefined
}

const answerText = (
  messages: ReadonlyArray<Message>,
  question: string,
  parameters: Parameters,
  variant: number
): string => {
  const last = messages[messages.length - 1]
  const isChinese = chinese.test(question)
  if (last?.partial === true) {
    return chinese.test(last.text) ? "……后面的话由模拟服务续写。" : " and so on, as a simulator goes on with it."
  }
  if (parameters.translation !== undefined) {
    return translate(question, parameters.translation)
  }
  const results = toolResults(messages)
  const plain = results.length > 0
    ? isChinese ? `工具给出的结果是：${results.join("；")}。` : `The tools say: ${results.join("; ")}.`
    : plainAnswer(question, isChinese)
  if (parameters.responseFormat !== undefined) {
    return structured(parameters.responseFormat, question, plain)
  }
  const choices = isChinese ? endings.zh : endings.en
  const ended = plain + (choices[variant % choices.length] ?? "")
  return parameters.search === undefined ? ended : cite(ended, parameters.search)
}

const cutAtStop = (text: string, stop: ReadonlyArray<string>): string => {
  let end = text.length
  for (const one of stop) {
    const at = text.indexOf(one)
    if (at >= 0 && at < end) {
      end = at
    }
  }
  return text.slice(0, end)
}

const makeChoice = (
  messages: ReadonlyArray<Message>,
  question: string,
  parameters: Parameters,
  calls: ReadonlyArray<ToolCall>,
  variant: number
): Choice => {
  const thoughts = parameters.thinking ? tokenize(reasoningAbout(question, chinese.test(question))) : []
  const reasoning = thoughts.slice(
    0,
    Math.min(parameters.thinkingBudget ?? Infinity, parameters.maxCompletionTokens ?? Infinity)
  )
  if (calls.length > 0) {
    return { reasoning, content: [], toolCalls: calls, finishReason: "tool_calls" }
  }
  const tokens = tokenize(cutAtStop(answerText(messages, question, parameters, variant), parameters.stop))
  const most = Math.min(
    parameters.maxTokens ?? Infinity,
    (parameters.maxCompletionTokens ?? Infinity) - reasoning.length
  )
  return tokens.length > most
    ? { reasoning, content: tokens.slice(0, most), toolCalls: [], finishReason: "length" }
    : { reasoning, content: tokens, toolCalls: [], finishReason: "stop" }
}

// ---------------------------------------------------------------------------------------------------------------------
// Writing it down

interface Reply {
  readonly request: ApiRequest
  readonly parameters: Parameters
  readonly choices: ReadonlyArray<Choice>
  readonly inputTokens: number
  readonly sources: ReadonlyArray<JsonObject> | undefined
}

const usageOf = (reply: Reply, outputTokens: number, reasoningTokens: number): JsonObject => ({
  total_tokens: reply.inputTokens + outputTokens,
  output_tokens: outputTokens,
  input_tokens: reply.inputTokens,
  ...(reply.parameters.thinking ? { output_tokens_details: { reasoning_tokens: reasoningTokens } } : {}),
  ...(reply.parameters.search === undefined
    ? {}
    : { plugins: { search: { count: 1, strategy: asString(reply.parameters.search.search_strategy) ?? "turbo" } } }),
  prompt_tokens_details: { cached_tokens: 0 }
})

const logprobsOf = (tokens: ReadonlyArray<string>, top: number): ReadonlyArray<JsonObject> =>
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

const callObject = (call: ToolCall, index: number): JsonObject => ({
  index,
  id: call.id,
  type: "function",
  function: { name: call.name, arguments: call.arguments }
})

const callTokens = (call: ToolCall): number => countTokens(call.name) + countTokens(call.arguments)

const outputTokensOf = (choice: Choice): number =>
  choice.reasoning.length + choice.content.length + choice.toolCalls.reduce((sum, call) => sum + callTokens(call), 0)

const searchInfo = (reply: Reply): JsonObject =>
  reply.sources === undefined ? {} : { search_info: { search_results: reply.sources } }

const wholeReply = (reply: Reply, padding: string): JsonObject => {
  const { choices, parameters } = reply
  const [first] = choices
  const outputTokens = choices.reduce((sum, choice) => sum + outputTokensOf(choice), 0)
  const reasoningTokens = choices.reduce((sum, choice) => sum + choice.reasoning.length, 0)
  const output = parameters.messageFormat
    ? {
      choices: choices.map((choice, index) => wholeChoice(reply, choice, index, index === 0 ? padding : "")),
      ...searchInfo(reply)
    }
    : { finish_reason: first?.finishReason ?? "stop", text: (first?.content.join("") ?? "") + padding }
  return {
    output,
    usage: usageOf(reply, outputTokens, reasoningTokens),
    request_id: reply.request.requestId
  }
}

const wholeChoice = (reply: Reply, choice: Choice, index: number, padding: string): JsonObject => {
  const { parameters } = reply
  return {
    finish_reason: choice.finishReason,
    ...(reply.choices.length > 1 ? { index } : {}),
    message: {
      role: "assistant",
      content: choice.content.join("") + padding,
      ...(parameters.thinking ? { reasoning_content: choice.reasoning.join("") } : {}),
      ...(choice.toolCalls.length > 0 ? { tool_calls: choice.toolCalls.map(callObject) } : {})
    },
    ...(parameters.logprobs && choice.content.length > 0
      ? { logprobs: { content: logprobsOf(choice.content, parameters.topLogprobs) } }
      : {})
  }
}

/** What one event adds to one choice. */
interface Delta {
  readonly content: string
  readonly reasoning: string
  readonly calls: ReadonlyArray<CallDelta>
  readonly logprobs: ReadonlyArray<JsonObject>
  readonly finishReason: Choice["finishReason"] | "null"
  /** Of this choice, up to and with this event. */
  readonly outputTokens: number
  readonly reasoningTokens: number
}

interface CallDelta {
  readonly index: number
  /** Present where the call opens. */
  readonly opens: ToolCall | undefined
  readonly arguments: string
}

/** Events grow from a token to four, as the service's do. */
function* groups(tokens: ReadonlyArray<string>): Generator<ReadonlyArray<string>> {
  let size = 1
  for (let at = 0; at < tokens.length;) {
    yield tokens.slice(at, at + size)
    at += size
    size = at < 2 ? 1 : at < 4 ? 2 : 4
  }
}

/** Cuts arguments anywhere, inside strings too, but not inside a character. */
const fragments = (text: string): ReadonlyArray<string> => {
  const characters = [...text]
  const pieces: Array<string> = []
  for (let at = 0, size = 7; at < characters.length; at += size, size = size === 7 ? 4 : 7) {
    pieces.push(characters.slice(at, at + size).join(""))
  }
  return pieces
}

/**
 * A call opens with its name and the first bit of its arguments. The second opens in the event that closes the first;
 * later ones open in an event of their own. The last bit of all comes with the finish reason.
 */
const callEvents = (calls: ReadonlyArray<ToolCall>): ReadonlyArray<ReadonlyArray<CallDelta>> => {
  const events: Array<Array<CallDelta>> = []
  calls.forEach((call, index) => {
    const [head = "", ...rest] = fragments(call.arguments)
    const opening: CallDelta = { index, opens: call, arguments: head }
    const before = events[events.length - 1]
    if (index === 1 && before !== undefined) {
      before.push(opening)
    } else {
      events.push([opening])
    }
    for (const piece of rest) {
      events.push([{ index, opens: undefined, arguments: piece }])
    }
  })
  return events
}

function* deltas(
  choice: Choice,
  parameters: Parameters,
  pieces: (() => Iterable<string>) | undefined
): Generator<Delta> {
  let outputTokens = 0
  let reasoningTokens = 0
  const delta = (part: Partial<Delta>): Delta => ({
    content: "",
    reasoning: "",
    calls: [],
    logprobs: [],
    finishReason: "null",
    outputTokens,
    reasoningTokens,
    ...part
  })
  for (const group of groups(choice.reasoning)) {
    outputTokens += group.length
    reasoningTokens += group.length
    yield delta({ reasoning: group.join("") })
  }
  if (pieces !== undefined) {
    for (const content of pieces()) {
      outputTokens += content === "" ? 0 : 1
      yield delta({ content })
    }
    yield delta({ finishReason: "stop" })
    return
  }
  if (choice.toolCalls.length > 0) {
    const events = callEvents(choice.toolCalls)
    const written = choice.toolCalls.map((call) => ({ ...call, arguments: "" }))
    const before = outputTokens
    for (const [i, calls] of events.entries()) {
      for (const { arguments: more, index } of calls) {
        const call = written[index]
        if (call !== undefined) {
          written[index] = { ...call, arguments: call.arguments + more }
        }
      }
      const opened = written.filter((call) => call.arguments !== "")
      outputTokens = before + opened.reduce((sum, call) => sum + callTokens(call), 0)
      yield delta({ calls, finishReason: i === events.length - 1 ? "tool_calls" : "null" })
    }
    return
  }
  for (const group of groups(choice.content)) {
    outputTokens += group.length
    yield delta({
      content: group.join(""),
      logprobs: parameters.logprobs ? logprobsOf(group, parameters.topLogprobs) : []
    })
  }
  yield delta({ finishReason: choice.finishReason })
}

const incrementalCalls = (calls: ReadonlyArray<CallDelta>): ReadonlyArray<JsonObject> =>
  calls.map((call) => ({
    index: call.index,
    id: call.opens?.id ?? "",
    type: "function",
    function: {
      ...(call.opens === undefined ? {} : { name: call.opens.name }),
      arguments: call.arguments
    }
  }))

/** What a choice has said so far; only kept where each event repeats it. */
class Total {
  private content = ""
  private reasoning = ""
  private readonly calls: Array<ToolCall> = []
  private readonly logprobs: Array<JsonObject> = []

  add(delta: Delta): Delta & { readonly wholeCalls: ReadonlyArray<ToolCall> } {
    this.content += delta.content
    this.reasoning += delta.reasoning
    this.logprobs.push(...delta.logprobs)
    for (const { arguments: more, index, opens } of delta.calls) {
      const before = this.calls[index] ?? { id: opens?.id ?? "", name: opens?.name ?? "", arguments: "" }
      this.calls[index] = { ...before, arguments: before.arguments + more }
    }
    return {
      ...delta,
      content: this.content,
      reasoning: this.reasoning,
      logprobs: [...this.logprobs],
      wholeCalls: [...this.calls]
    }
  }
}

const chunkOf = (reply: Reply, index: number, delta: Delta, total: Total | undefined, sources: boolean): Chunk => {
  const { parameters } = reply
  const summed = total?.add(delta)
  const shown = summed ?? delta
  const calls = summed === undefined ? incrementalCalls(delta.calls) : summed.wholeCalls.map(callObject)
  const output = parameters.messageFormat
    ? {
      choices: [{
        message: {
          content: shown.content,
          ...(parameters.thinking ? { reasoning_content: shown.reasoning } : {}),
          ...(calls.length > 0 ? { tool_calls: calls } : {}),
          role: "assistant"
        },
        ...(reply.choices.length > 1 || calls.length > 0 ? { index } : {}),
        ...(shown.logprobs.length > 0 ? { logprobs: { content: shown.logprobs } } : {}),
        finish_reason: delta.finishReason
      }],
      ...(sources ? searchInfo(reply) : {})
    }
    : { finish_reason: delta.finishReason, text: shown.content }
  return {
    value: {
      output,
      usage: usageOf(reply, delta.outputTokens, delta.reasoningTokens),
      request_id: reply.request.requestId
    },
    finishes: delta.finishReason !== "null"
  }
}

function* chunksOf(reply: Reply, pieces: (() => Iterable<string>) | undefined): Generator<Chunk> {
  const { parameters } = reply
  const prepend = parameters.search?.prepend_search_result === true && reply.sources !== undefined
  if (prepend) {
    yield {
      value: {
        output: {
          choices: [{ message: { content: "", role: "assistant" }, finish_reason: "null" }],
          ...searchInfo(reply)
        },
        usage: {},
        request_id: reply.request.requestId
      },
      finishes: false
    }
  }
  // One event of each choice in turn, as long as they have any.
  let running = reply.choices.map((choice, index) => ({
    index,
    deltas: deltas(choice, parameters, pieces),
    total: parameters.incremental ? undefined : new Total(),
    sources: !prepend
  }))
  while (running.length > 0) {
    const next: typeof running = []
    for (const one of running) {
      const step = one.deltas.next()
      if (step.done !== true) {
        yield chunkOf(reply, one.index, step.value, one.total, one.sources)
        // With increments the sources come once.
        one.sources = one.sources && !parameters.incremental
        next.push(one)
      }
    }
    running = next
  }
}

// ---------------------------------------------------------------------------------------------------------------------

const mentionsJson = (messages: ReadonlyArray<Message>): boolean => messages.some(({ text }) => /json/i.test(text))

const inputTokensOf = (messages: ReadonlyArray<Message>, request: ApiRequest): number => {
  const tools = asArray(asObject(request.body.parameters)?.tools)
  return messages.reduce((sum, message) => sum + countTokens(message.text), 0) +
    (tools === undefined || tools.length === 0 ? 0 : countTokens(JSON.stringify(tools)))
}

/** @internal */
export const generation: Route = (request): Answer => {
  const model = asString(request.body.model) ?? ""
  const messages = readMessages(asObject(request.body.input) ?? {})
  if (isFailure(messages)) {
    return messages
  }
  const parameters = readParameters(model, request)
  if (isFailure(parameters)) {
    return parameters
  }
  if (parameters.responseFormat?.type === "json_object" && !mentionsJson(messages)) {
    return invalid("The word json has to be in the messages where response_format is json_object.")
  }
  if (parameters.translation !== undefined && (messages.length !== 1 || messages[0]?.role !== "user")) {
    return invalid("A translation takes exactly one message, of the role user.")
  }
  const question = lastOf(messages, "user")?.text ?? ""
  const calls = toolResults(messages).length > 0
    ? []
    : callsOf(toolsFor(question, parameters), question, request.requestId)
  const start = parameters.seed === undefined ? 0 : fnv(String(parameters.seed))
  const choices = Array.from(
    { length: parameters.messageFormat ? parameters.n : 1 },
    (_, i) => makeChoice(messages, question, parameters, calls, start + i)
  )
  const reply: Reply = {
    request,
    parameters,
    choices,
    inputTokens: inputTokensOf(messages, request),
    sources: parameters.search?.enable_source === true && parameters.messageFormat
      ? sourcesFor(question, chinese.test(question))
      : undefined
  }
  return {
    _tag: "Success",
    whole: (padding = "") => wholeReply(reply, padding),
    chunks: (pieces) => chunksOf(reply, pieces)
  }
}
