/**
 * What the simulated model thinks and says: the same for the same request.
 */
import type { JsonObject } from "../core/json.js"
import { asObject, asString } from "../core/json.js"
import { jsonInstance } from "../core/jsonInstance.js"
import { tokenize } from "../core/tokens.js"
import type { Message, Parameters } from "./chat.js"
import type { Medium } from "./content.js"
import { noContent } from "./content.js"
import { chinese, endings, plainAnswer, reasoningAbout, short, sumIn, translate } from "./phrases.js"
import type { ToolCall } from "./tools.js"
import { numbersIn, subjectsOf } from "./tools.js"

/** @internal */
export interface Choice {
  readonly reasoning: ReadonlyArray<string>
  readonly content: ReadonlyArray<string>
  readonly toolCalls: ReadonlyArray<ToolCall>
  readonly finishReason: "stop" | "length" | "tool_calls"
}

const structured = (format: JsonObject, question: string, answer: string): string => {
  const schema = asObject(format.json_schema)?.schema
  const sum = sumIn(question)
  if (schema === undefined) {
    return JSON.stringify(sum === undefined ? { answer } : { answer, result: sum.value })
  }
  const numbers = [...(sum === undefined ? [] : [sum.value]), ...numbersIn(question)]
  return JSON.stringify(jsonInstance(schema, { strings: [answer, ...subjectsOf(question)], numbers, text: question }))
}

/** @internal */
export const sourcesFor = (question: string, isChinese: boolean): ReadonlyArray<JsonObject> =>
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

/**
 * The results of tools that the conversation ends with.
 *
 * @internal
 */
export const toolResults = (messages: ReadonlyArray<Message>): ReadonlyArray<string> => {
  const results: Array<string> = []
  for (let i = messages.length - 1; i >= 0; i--) {
    const message = messages[i]
    if (message?.role !== "tool" && message?.role !== "function") {
      break
    }
    results.unshift(message.content.text)
  }
  return results
}

/** @internal */
export const lastOf = (messages: ReadonlyArray<Message>, role: string): Message | undefined => {
  for (let i = messages.length - 1; i >= 0; i--) {
    if (messages[i]?.role === role) {
      return messages[i]
    }
  }
  return undefined
}

/** @internal */
export const answerText = (
  messages: ReadonlyArray<Message>,
  question: string,
  parameters: Parameters,
  variant: number
): string => {
  const last = messages[messages.length - 1]
  const isChinese = chinese.test(question)
  if (last?.partial === true) {
    return chinese.test(last.content.text)
      ? "……后面的话由模拟服务续写。"
      : " and so on, as a simulator goes on with it."
  }
  if (parameters.translation !== undefined) {
    return translate(question, parameters.translation)
  }
  const results = toolResults(messages)
  const plain = results.length > 0
    ? isChinese ? `工具给出的结果是：${results.join("；")}。` : `The tools say: ${results.join("; ")}.`
    : described(messages, question, isChinese)
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

/**
 * Thinks, and says a text or calls tools, within the limits of the request.
 *
 * @internal
 */
export const choiceOf = (
  text: string,
  question: string,
  parameters: Parameters,
  calls: ReadonlyArray<ToolCall>
): Choice => {
  const thoughts = parameters.thinking ? tokenize(reasoningAbout(question, chinese.test(question))) : []
  const reasoning = thoughts.slice(
    0,
    Math.min(parameters.thinkingBudget ?? Infinity, parameters.maxCompletionTokens ?? Infinity)
  )
  if (calls.length > 0) {
    return { reasoning, content: [], toolCalls: calls, finishReason: "tool_calls" }
  }
  const tokens = tokenize(cutAtStop(text, parameters.stop))
  const most = Math.min(
    parameters.maxTokens ?? Infinity,
    (parameters.maxCompletionTokens ?? Infinity) - reasoning.length
  )
  return tokens.length > most
    ? { reasoning, content: tokens.slice(0, most), toolCalls: [], finishReason: "length" }
    : { reasoning, content: tokens, toolCalls: [], finishReason: "stop" }
}

/** What is seen, heard and read, and then the usual answer. */
const described = (messages: ReadonlyArray<Message>, question: string, isChinese: boolean): string => {
  const { documents, media } = lastOf(messages, "user")?.content ?? noContent
  const things = [
    ...media.map(({ kind, urls }) => describe(kind, urls, isChinese)),
    ...documents.map((url) => isChinese ? `文档 ${nameOf(url)}` : `the document ${nameOf(url)}`)
  ]
  const seen = things.length === 0
    ? ""
    : isChinese
    ? `收到了${things.join("、")}。`
    : `I was given ${things.join(", ")}. `
  return question === "" ? seen.trimEnd() : seen + plainAnswer(question, isChinese)
}

const describe = (kind: Medium["kind"], urls: ReadonlyArray<string>, isChinese: boolean): string => {
  const [first = ""] = urls
  const name = nameOf(first)
  const frames = urls.length > 1 ? isChinese ? `（${urls.length} 帧）` : ` (${urls.length} frames)` : ""
  return isChinese
    ? `${{ image: "图片", video: "视频", audio: "音频" }[kind]} ${name}${frames}`
    : `the ${kind} ${name}${frames}`
}

/** The last bit of a URL's path; of inline data, its type. */
const nameOf = (url: string): string => {
  if (url.startsWith("data:")) {
    return url.slice(5, url.search(/[;,]/))
  }
  const path = url.replace(/[?#].*$/, "").replace(/\/+$/, "")
  return short(path.slice(path.lastIndexOf("/") + 1), 60)
}
