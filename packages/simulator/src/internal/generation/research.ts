/**
 * qwen-deep-research: asks back first; answered, it plans, searches and reports, in a stream of its own shape. The
 * misspelt keys are the service's.
 */
import { digest } from "../core/hash.js"
import type { JsonObject } from "../core/json.js"
import { asObject } from "../core/json.js"
import { countTokens, tokenize } from "../core/tokens.js"
import type { Answer, ApiRequest, Chunk } from "../server/answer.js"
import { invalid, isFailure } from "../server/answer.js"
import type { Message } from "./chat.js"
import { textContent } from "./content.js"
import { chinese, short } from "./phrases.js"
import { readMessages, readParameters } from "./request.js"

interface Event {
  readonly phase: "ResearchPlanning" | "WebResearch" | "KeepAlive" | "answer"
  readonly status: "typing" | "streamingQueries" | "streamingWebResult" | "WebResultFinished" | "finished"
  readonly content: string
  /** Of `extra.deep_research`. */
  readonly research: JsonObject
}

const nothing: JsonObject = {}

function* typed(phase: Event["phase"], text: string): Generator<Event> {
  const tokens = tokenize(text)
  for (let at = 0; at < tokens.length; at += 4) {
    yield { phase, status: "typing", content: tokens.slice(at, at + 4).join(""), research: nothing }
  }
}

const finished = (phase: Event["phase"], research: JsonObject = nothing): Event => ({
  phase,
  status: "finished",
  content: "",
  research
})

/** What was asked, and what was answered when the model asked back. */
const subjectOf = (messages: ReadonlyArray<Message>): string =>
  short(messages.filter(({ role }) => role === "user").map(({ content }) => content.text).join("；"), 120)

const askBack = (subject: string, isChinese: boolean): string =>
  isChinese
    ? `关于“${subject}”，请告诉我：最关心哪一方面？需要多详细的报告？`
    : `About "${subject}": which side of it matters most to you, and how detailed should the report be?`

const sitesFor = (subject: string, isChinese: boolean, from: number): ReadonlyArray<JsonObject> =>
  [from, from + 1].map((n) => ({
    title: isChinese ? `资料${n}：${short(subject, 30)}` : `Source ${n}: ${short(subject, 30)}`,
    description: isChinese ? `示例资料第${n}号的摘要。` : `What example source ${n} says.`,
    url: `https://example.com/research/${n}`,
    favicon: `https://example.com/favicon${n}.png`
  }))

const referencesFor = (sites: ReadonlyArray<JsonObject>): ReadonlyArray<JsonObject> =>
  sites.map(({ description, favicon, title, url }, i) => ({
    icon: favicon,
    index_number: i + 1,
    description,
    title,
    url
  }))

function* events(subject: string, isChinese: boolean, detailed: boolean, requestId: string): Generator<Event> {
  yield* typed(
    "ResearchPlanning",
    isChinese
      ? `本研究聚焦于“${subject}”。先查资料，再写报告。`
      : `This research is about "${subject}". First sources, then a report.`
  )
  yield finished("ResearchPlanning")
  const sites: Array<JsonObject> = []
  for (let round = 1; round <= (detailed ? 2 : 1); round++) {
    const id = digest(`${requestId}/research/${round}`).slice(0, 16)
    const researchGoal = isChinese ? `第${round}轮：找到可靠的资料` : `Round ${round}: find sources to rely on`
    const query = `${short(subject, 40)} ${round}`
    yield {
      phase: "WebResearch",
      status: "streamingQueries",
      content: "",
      research: { research: { id, researchGoal, query } }
    }
    const webSites = sitesFor(subject, isChinese, sites.length + 1)
    sites.push(...webSites)
    yield { phase: "WebResearch", status: "streamingWebResult", content: "", research: { research: { id, webSites } } }
    yield {
      phase: "WebResearch",
      status: "WebResultFinished",
      content: "",
      research: { research: { id, learningMap: {} } }
    }
    yield { phase: "KeepAlive", status: "typing", content: "", research: nothing }
  }
  yield finished("WebResearch")
  const cited = sites.map((_, i) => `[${i + 1}]`).join("")
  yield* typed(
    "answer",
    isChinese
      ? `# 研究报告\n\n关于“${subject}”，模拟服务查到了 ${sites.length} 份资料${cited}。` +
        (detailed ? "\n\n## 详细内容\n\n每份资料都是示例，同样的问题总会得到同样的报告。" : "")
      : `# Report\n\nOn "${subject}" the simulator found ${sites.length} sources${cited}.` +
        (detailed ? "\n\n## Details\n\nEach of them is an example; the same question always gets the same report." : "")
  )
  yield finished("answer", { references: referencesFor(sites) })
}

function* ask(subject: string, isChinese: boolean): Generator<Event> {
  yield* typed("answer", askBack(subject, isChinese))
  yield finished("answer")
}

/** @internal */
export const research = (request: ApiRequest): Answer => {
  const messages = readMessages(asObject(request.body.input) ?? {}, textContent)
  if (isFailure(messages)) {
    return messages
  }
  const parameters = readParameters("qwen-deep-research", request, { messagesOnly: true })
  if (isFailure(parameters)) {
    return parameters
  }
  if (!request.streamed) {
    return invalid("This model only supports stream mode, please enable the stream parameter to access the model.")
  }
  const format = asObject(request.body.parameters)?.output_format
  if (format !== undefined && format !== "model_detailed_report" && format !== "model_summary_report") {
    return invalid("The parameter output_format has to be model_detailed_report or model_summary_report.")
  }
  const subject = subjectOf(messages)
  const isChinese = chinese.test(subject)
  const inputTokens = messages.reduce((sum, { content }) => sum + countTokens(content.text), 0)
  const told = messages.some(({ role }) => role === "assistant")
    ? () => events(subject, isChinese, format !== "model_summary_report", request.requestId)
    : () => ask(subject, isChinese)
  return {
    _tag: "Success",
    whole: () => ({ request_id: request.requestId }),
    chunks: (pieces) => chunksOf(pieces === undefined ? told() : instead(pieces), inputTokens, request.requestId)
  }
}

function* instead(pieces: () => Iterable<string>): Generator<Event> {
  for (const content of pieces()) {
    yield { phase: "answer", status: "typing", content, research: nothing }
  }
  yield finished("answer")
}

function* chunksOf(told: Iterable<Event>, inputTokens: number, requestId: string): Generator<Chunk> {
  let outputTokens = 0
  for (const { content, phase, research, status } of told) {
    outputTokens += countTokens(content)
    yield {
      value: {
        output: {
          message: { phase, role: "assistant", content, extra: { deep_research: research }, status },
          fininshed: false,
          fininshed_reason: "null"
        },
        usage: { input_tokens: inputTokens, output_tokens: outputTokens },
        request_id: requestId
      },
      finishes: phase === "answer" && status === "finished"
    }
  }
}
