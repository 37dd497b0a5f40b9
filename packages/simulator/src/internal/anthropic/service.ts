/**
 * Messages in the form of Anthropic: `/apps/anthropic/v1/messages`.
 */
import { answerNatively } from "../compatible/chat.js"
import type { CallPiece, Piece, Tokens } from "../compatible/piece.js"
import { pieceOf } from "../compatible/piece.js"
import { nativeBody } from "../compatible/request.js"
import type { JsonObject } from "../core/json.js"
import { asString, parseObject } from "../core/json.js"
import type { Answer, Chunk } from "../server/answer.js"
import { isFailure } from "../server/answer.js"
import type { Incoming } from "../server/incoming.js"
import type { Route } from "../server/route.js"
import { checkModel, jsonOf, notJson } from "../server/route.js"
import { chatBody } from "./request.js"

interface Head {
  readonly id: string
  readonly model: string
}

const reasons: Readonly<Record<string, string>> = { stop: "end_turn", length: "max_tokens", tool_calls: "tool_use" }

const usageOf = ({ input, output }: Tokens): JsonObject => ({
  input_tokens: input,
  output_tokens: output,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0
})

const messageOf = (
  { id, model }: Head,
  content: ReadonlyArray<JsonObject>,
  reason: string | undefined,
  usage: JsonObject
): JsonObject => ({
  role: "assistant",
  id,
  model,
  type: "message",
  content,
  stop_reason: reason === undefined ? null : reasons[reason] ?? reason,
  stop_sequence: null,
  usage
})

const thinkingBlock = (thinking: string): JsonObject => ({ type: "thinking", thinking, signature: "" })
const textBlock = (text: string): JsonObject => ({ type: "text", text })
const callBlock = ({ id, name }: CallPiece, input: unknown): JsonObject => ({ type: "tool_use", id, name, input })

const wholeOf = (head: Head, native: JsonObject): JsonObject => {
  const { calls, reason, reasoning, text, tokens } = pieceOf(native)
  return messageOf(
    head,
    [
      ...(reasoning === "" ? [] : [thinkingBlock(reasoning)]),
      ...(text === "" && calls.length > 0 ? [] : [textBlock(text)]),
      ...calls.map((call) => callBlock(call, parseObject(call.arguments) ?? {}))
    ],
    reason,
    usageOf(tokens)
  )
}

// ---------------------------------------------------------------------------------------------------------------------
// Events

const event = (type: string, fields: JsonObject, finishes = false): Chunk => ({ value: { type, ...fields }, finishes })

class Blocks {
  private index = -1
  private kind: string | undefined;

  *add(piece: Piece): Generator<Chunk> {
    const { calls, reason, reasoning, text } = piece
    if (reasoning !== "") {
      yield* this.open("thinking", thinkingBlock(""))
      yield this.delta({ type: "thinking_delta", thinking: reasoning })
    }
    for (const call of calls) {
      yield* this.open(`call ${call.index}`, callBlock(call, {}))
      yield this.delta({ type: "input_json_delta", partial_json: call.arguments })
    }
    if (text !== "" || (reasoning === "" && calls.length === 0 && reason === undefined)) {
      yield* this.open("text", textBlock(""))
      yield this.delta({ type: "text_delta", text })
    }
  }

  *close(): Generator<Chunk> {
    if (this.kind !== undefined) {
      this.kind = undefined
      yield event("content_block_stop", { index: this.index })
    }
  }

  private *open(kind: string, block: JsonObject): Generator<Chunk> {
    if (this.kind === kind) {
      return
    }
    yield* this.close()
    this.kind = kind
    this.index++
    yield event("content_block_start", { index: this.index, content_block: block })
  }

  private delta(delta: JsonObject): Chunk {
    return event("content_block_delta", { index: this.index, delta })
  }
}

function* eventsOf(head: Head, native: Iterable<Chunk>): Generator<Chunk> {
  const blocks = new Blocks()
  let last: Piece | undefined
  for (const { value } of native) {
    const piece = pieceOf(value)
    if (last === undefined) {
      const message = messageOf(head, [], undefined, usageOf({ ...piece.tokens, output: 0 }))
      yield event("message_start", { message })
    }
    last = piece
    yield* blocks.add(piece)
  }
  yield* blocks.close()
  if (last === undefined) {
    return
  }
  const { stop_reason, stop_sequence, usage } = messageOf(head, [], last.reason, usageOf(last.tokens))
  yield event("message_delta", { delta: { stop_reason, stop_sequence }, usage }, true)
  yield event("message_stop", {})
}

// ---------------------------------------------------------------------------------------------------------------------

const create = (incoming: Incoming): Answer => {
  const body = jsonOf(incoming)
  if (body === undefined) {
    return notJson
  }
  const missing = checkModel(body.model, incoming.settings)
  if (missing !== undefined) {
    return missing
  }
  const chat = chatBody(body)
  if (isFailure(chat)) {
    return chat
  }
  const model = asString(body.model) ?? ""
  const streamed = body.stream === true
  const native = answerNatively(incoming, model, (inParts) => nativeBody(chat, inParts), streamed)
  if (native._tag !== "Success") {
    return native
  }
  const head: Head = { id: `msg_${incoming.requestId}`, model }
  const { chunks, whole } = native
  return {
    _tag: "Success",
    streamed,
    whole: (padding) => wholeOf(head, whole(padding)),
    chunks: chunks === undefined ? undefined : (pieces) => eventsOf(head, chunks(pieces))
  }
}

/** @internal */
export const anthropicRoutes: ReadonlyArray<Route> = [
  { method: "POST", pattern: "/apps/anthropic/v1/messages", serve: create }
]
