/**
 * Which tools a question calls, and with what arguments.
 */
import { digest } from "../core/hash.js"
import { jsonInstance } from "../core/jsonInstance.js"
import type { Parameters, Tool } from "./chat.js"
import { short } from "./phrases.js"

/** @internal */
export interface ToolCall {
  readonly id: string
  readonly name: string
  readonly arguments: string
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

/**
 * The tools that a model would call for a question.
 *
 * @internal
 */
export const toolsFor = (question: string, parameters: Parameters): ReadonlyArray<Tool> => {
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

/**
 * What in a question could be an argument: what is quoted, names, else the first bit of it that is not small talk.
 *
 * @internal
 */
export const subjectsOf = (question: string): ReadonlyArray<string> => {
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

/** @internal */
export const numbersIn = (text: string): ReadonlyArray<number> => (text.match(/-?\d+(?:\.\d+)?/g) ?? []).map(Number)

/** @internal */
export const callsOf = (tools: ReadonlyArray<Tool>, question: string, requestId: string): ReadonlyArray<ToolCall> =>
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
