/**
 * A response of a session, event by event. It is made while it is sent, so that it can be cancelled in the middle.
 */
import type { SocketBehavior } from "../../Behavior.js"
import { pcmOf, wavHeader } from "../core/audio.js"
import { generatedBytes } from "../core/bytes.js"
import type { JsonObject } from "../core/json.js"
import { countTokens, tokenize } from "../core/tokens.js"
import type { ToolCall } from "../generation/tools.js"
import type { Item } from "../sockets/outbox.js"
import type { Wire } from "./wire.js"

/** @internal */
export interface ResponsePlan {
  readonly conversationId: string
  readonly modalities: ReadonlyArray<string>
  readonly voice: unknown
  readonly format: string
  readonly sampleRate: number
  readonly text: string
  readonly calls: ReadonlyArray<ToolCall>
  readonly inputTokens: { readonly text: number; readonly audio: number }
  /** Live translation tells the whole text so far each time, and where it comes from. */
  readonly translates: boolean
  readonly previousItem: string | undefined
  /** Whether the reason of an end is told. */
  readonly tellsReason: boolean
  readonly behavior: SocketBehavior
}

const usualPiece = 9600

/** Tokens of audio for each token of text. */
const audioTokens = 3

/** @internal */
export class Response {
  readonly id: string
  readonly itemId: string
  isOver = false
  /** What was said by now. */
  said = ""
  private reason: "turn_detected" | "client_cancelled" | undefined
  private hasHeader = false

  constructor(private readonly wire: Wire, private readonly plan: ResponsePlan) {
    this.id = wire.id("resp")
    this.itemId = wire.id("item")
  }

  cancel(reason: "turn_detected" | "client_cancelled"): void {
    this.reason ??= reason
  }

  *events(): Generator<Item> {
    const { calls } = this.plan
    yield this.wire.event("response.created", { response: this.response("in_progress", []) })
    const output = calls.length > 0 ? yield* this.called() : yield* this.spoken()
    const status = this.reason === undefined ? "completed" : "cancelled"
    const details = this.reason === undefined || !this.plan.tellsReason
      ? {}
      : { status_details: { type: "cancelled", reason: this.reason } }
    yield this.wire.event("response.done", {
      response: { ...this.response(status, output), ...details, usage: this.usage() }
    }, () => {
      this.isOver = true
    })
  }

  private response(status: string, output: ReadonlyArray<JsonObject>): JsonObject {
    const { conversationId, format, modalities, voice } = this.plan
    return {
      id: this.id,
      object: "realtime.response",
      conversation_id: conversationId,
      status,
      modalities,
      voice,
      output_audio_format: format,
      output
    }
  }

  private usage(): JsonObject {
    const { calls, inputTokens, modalities } = this.plan
    const text = countTokens(this.said) + calls.reduce((sum, call) => sum + countTokens(call.arguments), 0)
    const audio = modalities.includes("audio") ? countTokens(this.said) * audioTokens : 0
    const input = inputTokens.text + inputTokens.audio
    return {
      total_tokens: input + text + audio,
      input_tokens: input,
      output_tokens: text + audio,
      input_tokens_details: { text_tokens: inputTokens.text, audio_tokens: inputTokens.audio },
      output_tokens_details: { text_tokens: text, audio_tokens: audio }
    }
  }

  private *spoken(): Generator<Item, ReadonlyArray<JsonObject>> {
    const { modalities, previousItem, translates } = this.plan
    const isSpoken = modalities.includes("audio")
    const at = { response_id: this.id, item_id: this.itemId, output_index: 0, content_index: 0 }
    const kind = isSpoken ? "audio" : "text"
    const item = (status: string, content: ReadonlyArray<JsonObject>): JsonObject => ({
      id: this.itemId,
      object: "realtime.item",
      type: "message",
      status,
      role: "assistant",
      content
    })
    const { wire } = this
    yield wire.event("response.output_item.added", {
      response_id: this.id,
      output_index: 0,
      item: item("in_progress", [])
    })
    yield wire.event("conversation.item.created", {
      ...(previousItem === undefined ? {} : { previous_item_id: previousItem }),
      item: item("in_progress", [])
    })
    yield wire.event("response.content_part.added", { ...at, part: { type: kind, text: "" } })
    const name = isSpoken ? "response.audio_transcript" : "response.text"
    for (const token of tokenize(this.plan.text)) {
      if (this.reason !== undefined) {
        break
      }
      this.said += token
      yield translates
        ? wire.event(`${name}.text`, { ...at, text: this.said, stash: "" })
        : wire.event(`${name}.delta`, { ...at, delta: token })
      if (isSpoken) {
        yield* this.audioOf(token, at)
      }
    }
    const { said } = this
    yield isSpoken
      ? wire.event("response.audio_transcript.done", { ...at, transcript: said })
      : wire.event("response.text.done", { ...at, text: said })
    if (isSpoken) {
      yield wire.event("response.audio.done", at)
    }
    yield wire.event("response.content_part.done", { ...at, part: { type: kind, text: said } })
    const content = isSpoken ? { type: "audio", transcript: said } : { type: "text", text: said }
    const done = item(this.reason === undefined ? "completed" : "incomplete", [content])
    yield wire.event("response.output_item.done", { response_id: this.id, output_index: 0, item: done })
    return [done]
  }

  private *audioOf(token: string, at: JsonObject): Generator<Item> {
    const { behavior: { audioBytes, frameBytes = usualPiece }, format, sampleRate } = this.plan
    const isFirst = !this.hasHeader
    this.hasHeader = true
    if (audioBytes !== undefined) {
      for (let from = 0; isFirst && from < audioBytes && this.reason === undefined; from += frameBytes) {
        const piece = Buffer.concat([...generatedBytes(from, Math.min(audioBytes, from + frameBytes), 1)])
        yield this.wire.audio("response.audio.delta", at, piece)
      }
      return
    }
    const pcm = pcmOf(token, sampleRate)
    const bytes = isFirst && format === "wav" ? Buffer.concat([wavHeader(0x7fff_ffff - 36, sampleRate), pcm]) : pcm
    for (let from = 0; from < bytes.length && this.reason === undefined; from += frameBytes) {
      yield this.wire.audio("response.audio.delta", at, bytes.subarray(from, from + frameBytes))
    }
  }

  private *called(): Generator<Item, ReadonlyArray<JsonObject>> {
    const output: Array<JsonObject> = []
    for (const [output_index, call] of this.plan.calls.entries()) {
      const id = output_index === 0 ? this.itemId : this.wire.id("item")
      const at = { response_id: this.id, item_id: id, output_index, call_id: call.id }
      const item = (status: string, args: string): JsonObject => ({
        id,
        object: "realtime.item",
        type: "function_call",
        status,
        call_id: call.id,
        name: call.name,
        arguments: args
      })
      const added = item("in_progress", "")
      yield this.wire.event("response.output_item.added", { response_id: this.id, output_index, item: added })
      yield this.wire.event("conversation.item.created", { item: added })
      const half = Math.ceil(call.arguments.length / 2)
      for (const delta of [call.arguments.slice(0, half), call.arguments.slice(half)]) {
        yield this.wire.event("response.function_call_arguments.delta", { ...at, delta })
      }
      yield this.wire.event("response.function_call_arguments.done", {
        ...at,
        name: call.name,
        arguments: call.arguments
      })
      const done = item("completed", call.arguments)
      yield this.wire.event("response.output_item.done", { response_id: this.id, output_index, item: done })
      output.push(done)
    }
    return output
  }
}
