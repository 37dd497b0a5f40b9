/**
 * Applications: `/apps/{app_id}/completion`. Agents with sessions and references, and workflows with their variables.
 */
import { digest } from "../core/hash.js"
import type { JsonObject } from "../core/json.js"
import { countTokens, tokenize } from "../core/tokens.js"
import { chinese, plainAnswer, reasoningAbout, short } from "../generation/phrases.js"
import type { Answer, Chunk } from "../server/answer.js"
import { isFailure } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import type { Route } from "../server/route.js"
import { jsonOf, notJson } from "../server/route.js"
import { part } from "../server/state.js"
import type { Asked, Told } from "./request.js"
import { readAsked } from "./request.js"
import { workflowEvents } from "./workflow.js"

/** What each session was asked last. */
const sessions = part(() => new Map<string, string>())

const mostSessions = 10_000

const sessionOf = (asked: Asked, incoming: Incoming): { readonly id: string; readonly before: string | undefined } => {
  const known = sessions(incoming.state)
  const id = asked.sessionId ?? incoming.state.nextId("session").replaceAll("-", "")
  const before = known.get(id)
  if (known.size >= mostSessions) {
    known.clear()
  }
  known.set(id, asked.prompt)
  return { id, before }
}

const referencesFor = (asked: Asked): ReadonlyArray<JsonObject> =>
  asked.pipelines.map((pipeline, i) => ({
    index_id: String(i + 1),
    doc_id: `file_${digest(pipeline)}_${i + 1}`,
    doc_name: `知识库 ${pipeline} 的文档`,
    title: short(asked.prompt, 40),
    text: `【文档名】:知识库 ${pipeline} 的文档\n【正文】:与“${short(asked.prompt, 60)}”有关的一段示例文字。\n`,
    images: []
  }))

const thoughtsFor = (asked: Asked, references: ReadonlyArray<JsonObject>): ReadonlyArray<JsonObject> => [
  ...(asked.thinking
    ? [{
      action_type: "reasoning",
      action_name: "思考过程",
      action: "reasoning",
      thought: reasoningAbout(asked.prompt, chinese.test(asked.prompt)),
      response: reasoningAbout(asked.prompt, chinese.test(asked.prompt))
    }]
    : []),
  ...(references.length > 0
    ? [{
      action_type: "agentRag",
      action_name: "知识检索",
      action: "rag",
      arguments: "{}",
      action_input_stream: "{}",
      observation: JSON.stringify(
        references.map(({ doc_id, doc_name, images, text }) => ({
          content: text,
          dataId: doc_id,
          dataName: doc_name,
          display: true,
          images
        }))
      )
    }]
    : [])
]

const textFor = (asked: Asked, before: string | undefined, references: ReadonlyArray<JsonObject>): string => {
  if (asked.isWorkflow) {
    const values = Object.values(asked.variables).filter((value) => typeof value === "string")
    return values.length > 0 ? values.join("\n") : plainAnswer(asked.prompt, chinese.test(asked.prompt))
  }
  const isChinese = chinese.test(asked.prompt)
  const reminded = before === undefined
    ? ""
    : isChinese
    ? `上次你说的是：“${short(before)}”。`
    : ` Before that you said: "${short(before)}".`
  const cited = asked.indexed ? references.map(({ index_id }) => `<ref>[${String(index_id)}]</ref>`).join("") : ""
  return plainAnswer(asked.prompt, isChinese) + reminded + cited
}

const usageOf = ({ asked, text }: Told, outputTokens = countTokens(text)): JsonObject =>
  asked.isWorkflow
    ? {}
    : {
      models: [{
        model_id: asked.model,
        input_tokens: countTokens(asked.prompt) + 20 + 300 * asked.pipelines.length,
        output_tokens: outputTokens
      }]
    }

const wholeOf = (told: Told, padding: string): JsonObject => ({
  output: {
    ...(told.thoughts.length > 0 ? { thoughts: told.thoughts } : {}),
    finish_reason: "stop",
    session_id: told.sessionId,
    text: told.text + padding,
    ...(told.references.length > 0 ? { doc_references: told.references } : {})
  },
  usage: usageOf(told),
  request_id: told.requestId
})

function* piecesOf(text: string): Generator<string> {
  const tokens = tokenize(text)
  for (let at = 0, size = 1; at < tokens.length; at += size, size = Math.min(4, size + 1)) {
    yield tokens.slice(at, at + size).join("")
  }
}

function* agentEvents(told: Told, pieces: (() => Iterable<string>) | undefined): Generator<Chunk> {
  const { asked } = told
  let said = ""
  const event = (more: JsonObject, finishes: boolean): Chunk => ({
    value: {
      output: { session_id: told.sessionId, finish_reason: finishes ? "stop" : "null", ...more },
      usage: usageOf(told, countTokens(said)),
      request_id: told.requestId
    },
    finishes
  })
  if (told.thoughts.length > 0) {
    yield event({ thoughts: told.thoughts, text: "" }, false)
  }
  for (const piece of pieces === undefined ? piecesOf(told.text) : pieces()) {
    said += piece
    yield event({ text: asked.incremental ? piece : said }, false)
  }
  yield event(
    {
      text: asked.incremental ? "" : said,
      ...(told.references.length > 0 ? { doc_references: told.references } : {})
    },
    true
  )
}

/** @internal */
export const complete = (incoming: Incoming): Answer => {
  const body = jsonOf(incoming)
  if (body === undefined) {
    return notJson
  }
  const asked = readAsked(incoming.params.id ?? "", body)
  if (isFailure(asked)) {
    return asked
  }
  const { before, id } = sessionOf(asked, incoming)
  const references = referencesFor(asked)
  const told: Told = {
    asked,
    sessionId: id,
    text: textFor(asked, before, references),
    references,
    thoughts: asked.thoughts || asked.thinking ? thoughtsFor(asked, references) : [],
    requestId: incoming.requestId
  }
  return {
    _tag: "Success",
    whole: (padding = "") => wholeOf(told, padding),
    chunks: (pieces) =>
      asked.isWorkflow && asked.flowMode !== "agent_format" ? workflowEvents(told, pieces) : agentEvents(told, pieces)
  }
}

/** @internal */
export const applicationRoutes: ReadonlyArray<Route> = [
  { method: "POST", pattern: "/api/v1/apps/{id}/completion", serve: complete }
]
