/**
 * Sessions that speak what they are given.
 */
import { charactersOf } from "../core/characters.js"
import type { JsonObject } from "../core/json.js"
import { asNumber, asString } from "../core/json.js"
import { countTokens } from "../core/tokens.js"
import type { Item } from "../sockets/outbox.js"
import type { SocketIncoming } from "../sockets/route.js"
import { completeSentence } from "../speechSynthesizer/sentences.js"
import { millisOf, Sound } from "../speechSynthesizer/sound.js"
import type { Refusal } from "./refusal.js"
import { breakdown, refusal } from "./refusal.js"
import type { Role } from "./role.js"
import { speaksWith } from "./settings.js"
import type { Wire } from "./wire.js"

const formats = ["pcm", "wav", "mp3", "opus"] as const

/** Tokens for each second of audio. */
const tokensPerSecond = 50

/** One response, which may grow for as long as its session. */
class Speech {
  readonly id: string
  readonly itemId: string
  isOver = false
  isCancelled = false
  private readonly sound: Sound
  private text = ""
  private sentences = 0

  constructor(
    private readonly wire: Wire,
    private readonly session: JsonObject,
    private readonly incoming: SocketIncoming
  ) {
    this.id = wire.id("resp")
    this.itemId = wire.id("item")
    this.sound = new Sound(
      formats.find((one) => one === session.response_format) ?? "pcm",
      asNumber(session.sample_rate) ?? 24_000
    )
    wire.push(this.begin())
  }

  speak(sentence: string): void {
    this.wire.push(this.spoken(sentence))
  }

  end(): void {
    this.wire.push(this.done())
  }

  private get at(): JsonObject {
    return { response_id: this.id, item_id: this.itemId, output_index: 0, content_index: 0 }
  }

  private item(status: string, content: ReadonlyArray<JsonObject>): JsonObject {
    return { id: this.itemId, object: "realtime.item", type: "message", status, role: "assistant", content }
  }

  private response(status: string, output: ReadonlyArray<JsonObject>): JsonObject {
    return {
      id: this.id,
      object: "realtime.response",
      conversation_id: "",
      status,
      modalities: ["text", "audio"],
      voice: this.session.voice,
      output_audio_format: this.session.response_format,
      output
    }
  }

  private *begin(): Generator<Item> {
    const { wire } = this
    yield wire.event("response.created", { response: this.response("in_progress", []) })
    yield wire.event("response.output_item.added", {
      response_id: this.id,
      output_index: 0,
      item: this.item("in_progress", [])
    })
    yield wire.event("response.content_part.added", { ...this.at, part: { type: "audio", text: "" } })
  }

  private *spoken(sentence: string): Generator<Item> {
    if (this.isCancelled) {
      return
    }
    this.text += sentence
    for (const bytes of this.sound.framesOf(sentence, this.sentences++, this.incoming.behavior.socket ?? {})) {
      if (this.isCancelled) {
        return
      }
      yield this.wire.audio("response.audio.delta", this.at, bytes)
    }
  }

  private *done(): Generator<Item> {
    const { at, wire } = this
    const status = this.isCancelled ? "cancelled" : "completed"
    const done = this.item(this.isCancelled ? "incomplete" : "completed", [{ type: "audio", transcript: "" }])
    yield wire.event("response.audio.done", at)
    yield wire.event("response.content_part.done", { ...at, part: { type: "audio", text: "" } })
    yield wire.event("response.output_item.done", { response_id: this.id, output_index: 0, item: done })
    yield wire.event("response.done", { response: { ...this.response(status, [done]), usage: this.usage() } }, () => {
      this.isOver = true
    })
  }

  private usage(): JsonObject {
    if (!/^qwen-tts-/.test(asString(this.session.model) ?? "")) {
      return { characters: charactersOf(this.text) }
    }
    const input = countTokens(this.text)
    const output = Math.ceil(millisOf(this.text) * tokensPerSecond / 1000)
    return {
      total_tokens: input + output,
      input_tokens: input,
      output_tokens: output,
      input_tokens_details: { text_tokens: input },
      output_tokens_details: { text_tokens: 0, audio_tokens: output }
    }
  }
}

/** @internal */
export class Speaking implements Role {
  hasStarted = false
  /** What is not spoken yet. */
  private text = ""
  private speech: Speech | undefined

  constructor(
    private readonly wire: Wire,
    private readonly incoming: SocketIncoming,
    private readonly session: () => JsonObject
  ) {}

  private get commits(): boolean {
    return this.session().mode === "commit"
  }

  readonly finish = (): void => {
    if (this.commits) {
      return
    }
    this.speakAll()
    this.speech?.end()
    this.speech = undefined
  }

  readonly on = (type: string, message: JsonObject): Refusal | "unknown" | undefined => {
    switch (type) {
      case "input_text_buffer.append":
        return this.append(message.text)
      case "input_text_buffer.commit":
        return this.commit()
      case "input_text_buffer.clear":
        if (!this.commits) {
          return refusal("only client commit mode supports clear operation")
        }
        this.text = ""
        this.wire.tell("input_text_buffer.cleared")
        return undefined
      case "response.cancel":
        return this.cancel()
      default:
        return "unknown"
    }
  }

  private append(text: unknown): Refusal | undefined {
    if (typeof text !== "string") {
      return refusal("Invalid text: it has to be a string.", "text")
    }
    const session = this.session()
    const context = { model: asString(session.model) ?? "", state: this.incoming.state }
    if (!speaksWith(context, asString(session.voice) ?? "")) {
      return breakdown("CLIENT_ERROR", "[qwen-tts:]Engine return error code: 411")
    }
    this.hasStarted = true
    this.text += text
    if (this.commits) {
      return undefined
    }
    this.begin()
    for (let next = completeSentence(this.text); next !== undefined; next = completeSentence(this.text)) {
      this.text = this.text.slice(next.length)
      this.speech?.speak(next)
    }
    return undefined
  }

  private commit(): Refusal | undefined {
    if (this.commits && this.speech !== undefined && !this.speech.isOver) {
      return refusal("Cannot create response while another response is in progress.", "input_text_buffer.commit")
    }
    if (this.commits && this.text.trim() === "") {
      return refusal("Error committing input text buffer: the buffer is empty.")
    }
    this.wire.tell("input_text_buffer.committed", { item_id: "" })
    if (this.commits) {
      this.speech = new Speech(this.wire, this.session(), this.incoming)
      this.speakAll()
      this.speech.end()
    } else {
      this.speakAll()
    }
    return undefined
  }

  private cancel(): Refusal | undefined {
    const { speech } = this
    if (speech === undefined || speech.isOver) {
      return refusal("Cancellation failed: no active response found.", "response.cancel")
    }
    this.text = ""
    speech.isCancelled = true
    if (!this.commits) {
      speech.end()
      this.speech = undefined
    }
    return undefined
  }

  private begin(): void {
    if (this.speech === undefined || this.speech.isOver) {
      this.speech = new Speech(this.wire, this.session(), this.incoming)
    }
  }

  private speakAll(): void {
    const rest = this.text
    this.text = ""
    if (rest.trim() !== "") {
      this.begin()
      this.speech?.speak(rest)
    }
  }
}
