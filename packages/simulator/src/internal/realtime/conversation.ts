/**
 * Sessions that hear: omni and Qwen-Audio, which answer; ASR, which writes down; live translation, which says it again.
 */
import type { JsonObject } from "../core/json.js"
import { asArray, asNumber, asObject, asString } from "../core/json.js"
import { translate } from "../generation/phrases.js"
import type { SocketIncoming } from "../sockets/route.js"
import { Memory } from "./memory.js"
import { Microphone } from "./microphone.js"
import type { Turn } from "./microphone.js"
import type { Refusal } from "./refusal.js"
import { refusal } from "./refusal.js"
import type { ResponsePlan } from "./response.js"
import { Response } from "./response.js"
import type { Role } from "./role.js"
import type { Family } from "./settings.js"
import { detectionOf, modalitiesOf, voiceOf } from "./settings.js"
import type { Wire } from "./wire.js"

const mostAudio = 15 * 1024 * 1024
const mostImage = 256 * 1024
const mostTranslatedImage = 500 * 1024

const base64 = /^[A-Za-z0-9+/]*={0,2}$/

/** Tokens for each second of audio. */
const tokensPerSecond = 25

const inProgress = refusal("Cannot create response while another response is in progress.", "response.create")

/** @internal */
export class Conversation implements Role {
  private readonly microphone: Microphone
  private readonly memory = new Memory()
  private readonly conversationId: string
  private readonly items = new Map<string, JsonObject>()
  private response: Response | undefined
  private images = 0
  private millis = 0

  constructor(
    private readonly family: Exclude<Family, "tts">,
    private readonly wire: Wire,
    private readonly incoming: SocketIncoming,
    private readonly session: () => JsonObject
  ) {
    this.conversationId = wire.id("conv")
    this.microphone = new Microphone(family, wire, session, {
      onSpeech: () => this.interrupt(),
      onTurn: (turn) => this.onTurn(turn)
    })
  }

  get hasStarted(): boolean {
    return this.microphone.isUsed
  }

  readonly finish = (): void => {
    // What is still being said counts; what waits for a commit does not.
    if (this.microphone.detects) {
      this.microphone.commit()
    }
  }

  readonly on = (type: string, message: JsonObject): Refusal | "unknown" | undefined => {
    switch (type) {
      case "input_audio_buffer.append":
        return this.append(message.audio)
      case "input_audio_buffer.commit":
        return this.commit()
      case "input_audio_buffer.clear":
        this.microphone.clear()
        this.wire.tell("input_audio_buffer.cleared")
        return undefined
      case "input_image_buffer.append":
        return this.family === "asr" ? "unknown" : this.image(message.image)
      default:
        return this.family === "omni" || this.family === "audio" ? this.onTalk(type, message) : "unknown"
    }
  }

  private onTalk(type: string, message: JsonObject): Refusal | "unknown" | undefined {
    switch (type) {
      case "response.create":
        if (this.isResponding) {
          return inProgress
        }
        this.respond(asObject(message.response) ?? {})
        return undefined
      case "response.cancel":
        if (!this.isResponding) {
          return refusal("Cancellation failed: no active response found.", "response.cancel")
        }
        this.response?.cancel("client_cancelled")
        return undefined
      case "conversation.item.create":
        return this.create(asObject(message.item) ?? {}, message.previous_item_id)
      case "conversation.item.retrieve":
      case "conversation.item.delete":
        return this.family === "audio" ? this.look(type, message.item_id) : "unknown"
      default:
        return "unknown"
    }
  }

  private get isResponding(): boolean {
    return this.response !== undefined && !this.response.isOver
  }

  private append(audio: unknown): Refusal | undefined {
    if (typeof audio !== "string" || !base64.test(audio)) {
      return refusal("Invalid audio: it has to be base64.", "audio")
    }
    if (audio.length > mostAudio) {
      return refusal(`Invalid audio: it has more than ${mostAudio} bytes.`, "audio")
    }
    const bytes = Buffer.from(audio, "base64")
    this.incoming.counts.numbers.audioBytesReceived += bytes.length
    this.microphone.append(bytes)
    return undefined
  }

  private commit(): Refusal | undefined {
    const { detects, isEmpty } = this.microphone
    if (detects && (this.family === "asr" || this.family === "translate")) {
      return refusal("input_audio_buffer.commit is not allowed while turn detection is on.")
    }
    if (!detects && isEmpty) {
      return refusal(
        "Error committing input audio buffer: the buffer is empty.",
        null,
        "input_audio_buffer_commit_empty"
      )
    }
    this.microphone.commit()
    return undefined
  }

  private image(image: unknown): Refusal | undefined {
    const most = this.family === "translate" ? Math.ceil(mostTranslatedImage * 4 / 3) : mostImage
    if (!this.microphone.isUsed) {
      return refusal("An image can be appended only after audio.", "image")
    }
    if (typeof image !== "string" || !base64.test(image) || image.length > most) {
      return refusal(`Invalid image: it has to be base64 of at most ${most} bytes.`, "image")
    }
    const bytes = Buffer.from(image, "base64")
    if (bytes[0] !== 0xff || bytes[1] !== 0xd8) {
      return refusal("Invalid image: it has to be a JPEG.", "image")
    }
    this.images++
    return undefined
  }

  /** Somebody begins to speak: who speaks already stops, if the session wants that. */
  private interrupt(): void {
    const { interrupt_response } = detectionOf(this.session()) ?? {}
    if (this.isResponding && interrupt_response !== false && this.family !== "translate") {
      this.response?.cancel("turn_detected")
    }
  }

  private onTurn(turn: Turn): void {
    this.millis += turn.millis
    switch (this.family) {
      case "asr":
        return
      case "translate":
        if (turn.text !== "") {
          this.say(this.translated(turn))
        }
        return
      case "omni":
      case "audio": {
        this.memory.user(turn.text === "" ? "…" : turn.text)
        this.keep({ id: turn.itemId, type: "message", role: "user" })
        const detection = detectionOf(this.session())
        if (detection !== undefined && detection.create_response !== false) {
          this.respond({})
        }
      }
    }
  }

  private respond(given: JsonObject): void {
    const session = { ...this.session(), ...withoutNulls(given) }
    const thought = this.memory.next(session, this.wire.id("thought"), this.images)
    this.images = 0
    const response = this.say({
      ...this.usualPlan(session),
      text: thought.text,
      calls: thought.calls,
      inputTokens: { text: thought.inputTokens, audio: this.heard() }
    })
    if (thought.calls.length > 0) {
      this.memory.called(thought.calls)
    } else {
      this.memory.assistant(thought.text)
    }
    this.keep({ id: response.itemId, type: "message", role: "assistant" })
  }

  private heard(): number {
    const tokens = Math.ceil(this.millis * tokensPerSecond / 1000)
    this.millis = 0
    return tokens
  }

  private translated({ itemId, text }: Turn): ResponsePlan {
    const session = this.session()
    const source_lang = asString(asObject(session.input_audio_transcription)?.language) ?? "auto"
    const translation = asObject(session.translation)
    const terms = Object.entries(asObject(asObject(translation?.corpus)?.phrases) ?? {})
      .map(([source, target]) => ({ source, target }))
    return {
      ...this.usualPlan(session),
      text: translate(text, { source_lang, target_lang: translation?.language, terms }),
      inputTokens: { text: 0, audio: this.heard() },
      translates: true,
      previousItem: itemId
    }
  }

  private usualPlan(session: JsonObject): ResponsePlan {
    const nested = asObject(asObject(asObject(session.audio)?.output)?.format)
    return {
      conversationId: this.conversationId,
      modalities: modalitiesOf(session),
      voice: voiceOf(session),
      format: asString(nested?.type) ?? asString(session.output_audio_format) ?? "pcm",
      sampleRate: asNumber(nested?.sample_rate) ?? 24_000,
      text: "",
      calls: [],
      inputTokens: { text: 0, audio: 0 },
      translates: false,
      previousItem: undefined,
      tellsReason: this.family === "audio",
      behavior: this.incoming.behavior.socket ?? {}
    }
  }

  private say(plan: ResponsePlan): Response {
    const response = new Response(this.wire, plan)
    this.response = response
    this.wire.push(response.events())
    return response
  }

  private keep(item: JsonObject & { readonly id: string }): void {
    this.items.set(item.id, { object: "realtime.item", status: "completed", ...item })
  }

  private create(item: JsonObject, previous_item_id: unknown): Refusal | undefined {
    if (item.type === "function_call_output") {
      if (!this.memory.result(item.call_id, item.output)) {
        return refusal(`There is no call with the call_id '${String(item.call_id)}'.`, "item.call_id")
      }
    } else if (item.type === "message") {
      const text = (asArray(item.content) ?? []).map((part) => asString(asObject(part)?.text) ?? "").join("")
      if (text === "" || (item.role !== "user" && item.role !== "assistant" && item.role !== "system")) {
        return refusal("A message needs a role, and content of the type input_text.", "item.content")
      }
      if (item.role === "user") {
        this.memory.user(text)
      } else if (item.role === "assistant") {
        this.memory.assistant(text)
      }
    } else {
      return refusal(`Invalid value: '${String(item.type)}'. Supported values are: 'message', 'function_call_output'.`)
    }
    const id = asString(item.id) ?? this.wire.id("item")
    const made = { ...item, id }
    this.keep(made)
    this.wire.tell("conversation.item.created", {
      ...(previous_item_id === undefined ? {} : { previous_item_id }),
      item: { object: "realtime.item", status: "completed", ...made }
    })
    return undefined
  }

  private look(type: string, id: unknown): Refusal | undefined {
    const item = typeof id === "string" ? this.items.get(id) : undefined
    if (item === undefined) {
      return refusal(`There is no item with the id '${String(id)}'.`, "item_id")
    }
    if (type.endsWith("retrieve")) {
      this.wire.tell("conversation.item.retrieved", { item })
    } else {
      this.items.delete(String(id))
      this.wire.tell("conversation.item.deleted", { item_id: id })
    }
    return undefined
  }
}

const withoutNulls = (given: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null && value !== undefined))
