/**
 * A response as the service writes it down, whole and in events.
 */
import type { CallPiece, Piece, Tokens } from "../compatible/piece.js"
import { pieceOf } from "../compatible/piece.js"
import { digest, uuid } from "../core/hash.js"
import type { JsonObject } from "../core/json.js"
import type { Chunk } from "../server/answer.js"

/**
 * What is known of a response before it is thought of.
 *
 * @internal
 */
export interface Head {
  readonly requestId: string
  readonly body: JsonObject
  /** Seconds since the epoch. */
  readonly created: number
  /** What is searched for, where the tool for it is there. */
  readonly query: string | undefined
}

const usageOf = ({ input, output, reasoning }: Tokens): JsonObject => {
  const counts = { input_tokens: input, output_tokens: output, total_tokens: input + output }
  const details = { output_tokens_details: { reasoning_tokens: reasoning } }
  return {
    ...counts,
    ...details,
    input_tokens_details: { cached_tokens: 0 },
    x_details: [{
      ...counts,
      ...details,
      prompt_tokens_details: { cached_tokens: 0 },
      x_billing_type: "response_api"
    }]
  }
}

/** @internal */
export const idOf = ({ requestId }: Head): string => `resp_${requestId}`

const responseOf = (head: Head, output: ReadonlyArray<JsonObject>, end: Piece | undefined): JsonObject => {
  const { body, created } = head
  const isCut = end?.reason === "length"
  return {
    id: idOf(head),
    created_at: created,
    error: null,
    incomplete_details: isCut ? { reason: "max_output_tokens" } : null,
    instructions: body.instructions ?? null,
    metadata: body.metadata ?? {},
    model: body.model,
    object: "response",
    output,
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    temperature: body.temperature ?? 1,
    tool_choice: body.tool_choice ?? "auto",
    tools: body.tools ?? [],
    top_p: body.top_p ?? 1,
    background: false,
    conversation: null,
    max_output_tokens: body.max_output_tokens ?? null,
    previous_response_id: body.previous_response_id ?? null,
    reasoning: body.reasoning ?? null,
    service_tier: "default",
    status: end === undefined ? "in_progress" : isCut ? "incomplete" : "completed",
    store: body.store ?? true,
    text: body.text ?? null,
    top_logprobs: 0,
    truncation: null,
    usage: end === undefined ? null : usageOf(end.tokens),
    user: null
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Items

const itemId = ({ requestId }: Head, place: number): string => `msg_${uuid(digest(`${requestId}/${place}`))}`

const searchItem = (id: string, query: string, status: string): JsonObject => ({
  id,
  type: "web_search_call",
  status,
  action: { type: "search", query }
})

const reasoningItem = (id: string, text: string): JsonObject => ({
  id,
  type: "reasoning",
  summary: text === "" ? [] : [{ type: "summary_text", text }],
  content: null,
  encrypted_content: null,
  status: null
})

const textPart = (text: string): JsonObject => ({ type: "output_text", text, annotations: [], logprobs: null })

const messageItem = (id: string, text: string | undefined, status: string): JsonObject => ({
  id,
  type: "message",
  role: "assistant",
  status,
  content: text === undefined ? [] : [textPart(text)]
})

const callItem = (id: string, call: CallPiece, status: string): JsonObject => ({
  id,
  type: "function_call",
  call_id: call.id,
  name: call.name,
  arguments: call.arguments,
  status
})

/**
 * The response in one piece.
 *
 * @internal
 */
export const wholeOf = (head: Head, native: JsonObject): JsonObject => {
  const piece = pieceOf(native)
  const output: Array<JsonObject> = []
  if (head.query !== undefined) {
    output.push(searchItem(itemId(head, output.length), head.query, "completed"))
  }
  if (piece.reasoning !== "") {
    output.push(reasoningItem(itemId(head, output.length), piece.reasoning))
  }
  if (piece.calls.length === 0) {
    const status = piece.reason === "length" ? "incomplete" : "completed"
    output.push(messageItem(itemId(head, output.length), piece.text, status))
  }
  for (const call of piece.calls) {
    output.push(callItem(itemId(head, output.length), call, "completed"))
  }
  return responseOf(head, output, piece)
}

// ---------------------------------------------------------------------------------------------------------------------
// Events

/** The item that is being written. */
type Open =
  | { readonly kind: "reasoning" | "message"; readonly id: string; readonly text: string }
  | { readonly kind: "call"; readonly id: string; readonly call: CallPiece }

class Events {
  private readonly output: Array<JsonObject> = []
  private open: Open | undefined
  private sent = 0

  constructor(private readonly head: Head) {}

  *begin(): Generator<Chunk> {
    const response = responseOf(this.head, [], undefined)
    yield this.event("response.created", { response })
    yield this.event("response.in_progress", { response })
    const { query } = this.head
    if (query === undefined) {
      return
    }
    const id = itemId(this.head, 0)
    yield this.event("response.output_item.added", { ...this.place, item: searchItem(id, query, "in_progress") })
    for (const state of ["in_progress", "searching", "completed"]) {
      yield this.event(`response.web_search_call.${state}`, { ...this.place, item_id: id })
    }
    yield* this.done(searchItem(id, query, "completed"))
  }

  *add(piece: Piece): Generator<Chunk> {
    if (piece.reasoning !== "") {
      yield* this.say("reasoning", piece.reasoning)
    }
    for (const call of piece.calls) {
      yield* this.call(call)
    }
    const isEmpty = piece.reasoning === "" && piece.calls.length === 0 && piece.reason === undefined
    if (piece.text !== "" || isEmpty) {
      yield* this.say("message", piece.text)
    }
  }

  *end(last: Piece): Generator<Chunk, JsonObject> {
    if (this.output.length === 0 && this.open === undefined) {
      yield* this.start((id) => ({ kind: "message", id, text: "" }))
    }
    yield* this.close(last.reason === "length" ? "incomplete" : "completed")
    const response = responseOf(this.head, this.output, last)
    yield this.event(`response.${String(response.status)}`, { response }, true)
    return response
  }

  private get place(): JsonObject {
    return { output_index: this.output.length }
  }

  private event(type: string, fields: JsonObject, finishes = false): Chunk {
    return { value: { sequence_number: this.sent++, type, ...fields }, finishes }
  }

  private *start(make: (id: string) => Open): Generator<Chunk> {
    yield* this.close("completed")
    // Its place is known now, and its id is made from that.
    const open = make(itemId(this.head, this.output.length))
    this.open = open
    const about = { ...this.place, item_id: open.id }
    const added = (item: JsonObject) => this.event("response.output_item.added", { ...this.place, item })
    switch (open.kind) {
      case "call":
        yield added(callItem(open.id, { ...open.call, arguments: "" }, "in_progress"))
        return
      case "reasoning":
        yield added(reasoningItem(open.id, ""))
        yield this.event("response.reasoning_summary_part.added", {
          ...about,
          summary_index: 0,
          part: { type: "summary_text", text: "" }
        })
        return
      case "message":
        yield added(messageItem(open.id, undefined, "in_progress"))
        yield this.event("response.content_part.added", { ...about, content_index: 0, part: textPart("") })
    }
  }

  private *say(kind: "reasoning" | "message", delta: string): Generator<Chunk> {
    if (this.open?.kind !== kind) {
      yield* this.start((id) => ({ kind, id, text: "" }))
    }
    if (this.open === undefined || this.open.kind === "call") {
      return
    }
    const { id, text } = this.open
    this.open = { kind, id, text: text + delta }
    const about = { ...this.place, item_id: id, delta }
    yield kind === "reasoning"
      ? this.event("response.reasoning_summary_text.delta", { ...about, summary_index: 0 })
      : this.event("response.output_text.delta", { ...about, content_index: 0, logprobs: [] })
  }

  private *call(piece: CallPiece): Generator<Chunk> {
    const { open } = this
    if (open?.kind !== "call" || open.call.index !== piece.index) {
      yield* this.start((id) => ({ kind: "call", id, call: { ...piece, arguments: "" } }))
    }
    if (this.open?.kind !== "call") {
      return
    }
    const { call, id } = this.open
    this.open = { kind: "call", id, call: { ...call, arguments: call.arguments + piece.arguments } }
    yield this.event("response.function_call_arguments.delta", {
      ...this.place,
      item_id: id,
      delta: piece.arguments
    })
  }

  private *close(status: string): Generator<Chunk> {
    const { open } = this
    if (open === undefined) {
      return
    }
    this.open = undefined
    const about = { ...this.place, item_id: open.id }
    switch (open.kind) {
      case "call": {
        const { call, id } = open
        yield this.event("response.function_call_arguments.done", {
          ...about,
          name: call.name,
          arguments: call.arguments
        })
        yield* this.done(callItem(id, call, "completed"))
        return
      }
      case "reasoning": {
        const part = { ...about, summary_index: 0 }
        yield this.event("response.reasoning_summary_text.done", { ...part, text: open.text })
        yield this.event("response.reasoning_summary_part.done", {
          ...part,
          part: { type: "summary_text", text: open.text }
        })
        yield* this.done(reasoningItem(open.id, open.text))
        return
      }
      case "message": {
        const part = { ...about, content_index: 0 }
        yield this.event("response.output_text.done", { ...part, text: open.text, logprobs: [] })
        yield this.event("response.content_part.done", { ...part, part: textPart(open.text) })
        yield* this.done(messageItem(open.id, open.text, status))
      }
    }
  }

  private *done(item: JsonObject): Generator<Chunk> {
    yield this.event("response.output_item.done", { ...this.place, item })
    this.output.push(item)
  }
}

/**
 * The response in events. It is told when it is whole.
 *
 * @internal
 */
export function* eventsOf(
  head: Head,
  native: Iterable<Chunk>,
  finished: (response: JsonObject) => void
): Generator<Chunk> {
  const events = new Events(head)
  yield* events.begin()
  let last: Piece | undefined
  for (const { value } of native) {
    last = pieceOf(value)
    yield* events.add(last)
  }
  if (last !== undefined) {
    finished(yield* events.end(last))
  }
}
