/**
 * Streams of workflows: what their nodes do, as messages of the end node or as thoughts about every node.
 */
import type { JsonObject } from "../core/json.js"
import { tokenize } from "../core/tokens.js"
import type { Chunk } from "../server/answer.js"
import type { Told } from "./request.js"

interface Node {
  readonly id: string
  readonly name: string
  readonly type: "Start" | "LLM" | "End"
}

const nodes: ReadonlyArray<Node> = [
  { id: "Start_simulator", name: "开始", type: "Start" },
  { id: "LLM_simulator", name: "大模型", type: "LLM" },
  { id: "End_simulator", name: "结束", type: "End" }
]

function* groups(text: string): Generator<string> {
  const tokens = tokenize(text)
  for (let at = 0; at < tokens.length; at += 3) {
    yield tokens.slice(at, at + 3).join("")
  }
}

/** @internal */
export function* workflowEvents(told: Told, pieces: (() => Iterable<string>) | undefined): Generator<Chunk> {
  const said = pieces === undefined ? groups(told.text) : pieces()
  const event = (output: JsonObject, finishes = false): Chunk => ({
    value: {
      output: { ...output, session_id: told.sessionId, finish_reason: finishes ? "stop" : "null" },
      usage: {},
      request_id: told.requestId
    },
    finishes
  })
  yield* told.asked.flowMode === "full_thoughts" ? thoughts(told, said, event) : messages(told, said, event)
}

type MakeEvent = (output: JsonObject, finishes?: boolean) => Chunk

function* messages(told: Told, said: Iterable<string>, event: MakeEvent): Generator<Chunk> {
  const shown = told.asked.flowMode === "message_format_plus" ? nodes.slice(1) : nodes.slice(-1)
  const message = (node: Node, seq: number, content: string, completed: boolean): JsonObject => ({
    workflow_message: {
      node_status: completed ? "success" : "executing",
      node_type: node.type,
      node_id: node.id,
      node_name: node.name,
      node_msg_seq_id: seq,
      // As a text: so says the newest of the official SDKs, which takes nothing else.
      node_is_completed: String(completed),
      message: { role: "assistant", content }
    }
  })
  for (const node of shown.slice(0, -1)) {
    yield event(message(node, 0, JSON.stringify({ result: told.text }), true))
  }
  const [end] = shown.slice(-1)
  if (end !== undefined) {
    let seq = 0
    for (const piece of said) {
      yield event(message(end, seq++, piece, false))
    }
    yield event(message(end, seq, "", true), true)
  }
}

function* thoughts(told: Told, said: Iterable<string>, event: MakeEvent): Generator<Chunk> {
  const done: Array<JsonObject> = []
  for (const { id, name, type } of nodes) {
    done.push({
      action_type: "api",
      action_name: name,
      action: id,
      response: JSON.stringify({
        nodeName: name,
        nodeType: type,
        nodeStatus: "success",
        nodeId: id,
        nodeResult: type === "Start" ? JSON.stringify(told.asked.variables) : JSON.stringify({ result: told.text })
      })
    })
    yield event({ thoughts: [...done] })
  }
  let text = ""
  for (const piece of said) {
    text += piece
    yield event({ text: told.asked.incremental ? piece : text, thoughts: [...done] })
  }
  yield event({ text: told.asked.incremental ? "" : text, thoughts: [...done] }, true)
}
