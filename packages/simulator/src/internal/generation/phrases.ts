/**
 * The sentences that the simulated model knows.
 */
import type { JsonObject } from "../core/json.js"
import { asArray, asObject, asString } from "../core/json.js"

/** @internal */
export interface Sum {
  readonly text: string
  readonly value: number
}

const sumPattern = /(?<![\d.\-])(-?\d+(?:\.\d+)?)\s*([+＋\-−*×/÷])\s*(-?\d+(?:\.\d+)?)(?![\d.]|-\d)/

/** @internal */
export const sumIn = (question: string): Sum | undefined => {
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

const powerPattern = /(\d{1,6})\s*(?:的\s*(\d{1,3})\s*次方|\*\*\s*(\d{1,3})|\^\s*(\d{1,3}))/

/** A power, which is exact however large it is. */
const powerIn = (question: string): { readonly text: string; readonly value: bigint } | undefined => {
  const found = powerPattern.exec(question)
  const [, base, inWords, starred, raised] = found ?? []
  const exponent = inWords ?? starred ?? raised
  return base === undefined || exponent === undefined
    ? undefined
    : { text: `${base}^${exponent}`, value: BigInt(base) ** BigInt(exponent) }
}

/** @internal */
export const chinese = /[\u3400-\u9fff]/
const whoAreYou = /你是(谁|什么|哪)|介绍.{0,4}你自己|who are you|what are you/i

/** @internal */
export const short = (text: string, most = 160): string => {
  if (text.length <= most) {
    return text
  }
  // Not between the halves of a surrogate pair.
  const end = (text.codePointAt(most - 1) ?? 0) > 0xffff ? most - 1 : most
  return `${text.slice(0, end)}…`
}

/** @internal */
export const endings = {
  zh: ["", "还有别的问题吗？", "需要细节的话，请接着问。", "希望这对你有用。", "我们可以继续聊这个话题。"],
  en: [
    "",
    " Is there anything else?",
    " Ask on if you need details.",
    " I hope this is of use.",
    " We can go on with this."
  ]
} as const

/** @internal */
export const plainAnswer = (question: string, isChinese: boolean): string => {
  const sum = powerIn(question) ?? sumIn(question)
  if (whoAreYou.test(question)) {
    return isChinese
      ? "我是通义千问，由阿里云开发的大语言模型。不过现在替我说话的是一个模拟服务，它只会说几句固定的话。"
      : "I am Qwen, a large language model made by Alibaba Cloud. Right now a simulator speaks for me, and it knows only a few sentences."
  }
  if (sum !== undefined) {
    const value = typeof sum.value === "bigint" || Number.isFinite(sum.value) ? String(sum.value) : undefined
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

/** @internal */
export const reasoningAbout = (question: string, isChinese: boolean): string =>
  isChinese
    ? `用户说的是“${short(question, 60)}”。先弄清楚问的是什么，再想一个简短的回答。可以了。`
    : `The user says "${short(question, 60)}". First I make sure what is asked, then I think of a short answer. Good.`

/** @internal */
export const translate = (text: string, options: JsonObject): string => {
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

/**
 * What a code interpreter would run for a question; `undefined` where there is nothing to compute.
 *
 * @internal
 */
export const codeFor = (question: string): string | undefined => {
  const power = powerIn(question)
  return power === undefined
    ? sumIn(question)?.text.replace("×", "*").replace("÷", "/").replace("＋", "+").replace("−", "-")
    : power.text.replace("^", "**")
}
