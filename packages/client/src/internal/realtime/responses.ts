/**
 * Events of a session put together: what each response came to.
 *
 * @internal
 */
import type { Item, ResponseInfo, ResponseUsage, ServerEvent } from "../../RealtimeEvent.js"
import type { FunctionCall, Response } from "../../RealtimeState.js"

/** A response while it comes. */
class Building {
  info: ResponseInfo | undefined = undefined
  status: string | undefined = undefined
  isDone = false
  readonly text = new Texts()
  readonly transcript = new Texts()
  readonly audio: Array<Uint8Array> = []
  /** By item, in the order in which they began. */
  readonly calls = new Map<string, { callId: string; name: string; arguments: string }>()

  constructor(readonly id: string) {}

  call(key: string) {
    let call = this.calls.get(key)
    if (call === undefined) {
      call = { callId: "", name: "", arguments: "" }
      this.calls.set(key, call)
    }
    return call
  }

  item(item: Item): void {
    if (item.type !== "function_call") return
    const call = this.call(item.id ?? item.callId ?? "")
    call.callId = item.callId || call.callId
    call.name = item.name || call.name
    call.arguments = item.arguments || call.arguments
  }
}

/** The texts of a response's parts. */
class Texts {
  private readonly parts = new Map<string, string>()

  append(key: string, delta: string | null | undefined): void {
    this.parts.set(key, (this.parts.get(key) ?? "") + (delta ?? ""))
  }

  /** The whole, where it is said; it wins over what it was put together of. */
  set(key: string, text: string | null | undefined): void {
    if (text) this.parts.set(key, text)
  }

  get(): string {
    return [...this.parts.values()].join("")
  }
}

interface Placed {
  readonly responseId?: string | null | undefined
  readonly itemId?: string | null | undefined
  readonly contentIndex?: number | null | undefined
}

const keyOf = ({ contentIndex, itemId }: Placed): string => `${itemId ?? ""}/${contentIndex ?? 0}`

/** @internal */
export interface ResponsesOptions {
  /** Whether audio is kept. Default: true. */
  readonly audio?: boolean | undefined
}

/** Puts responses together, of events given one by one. @internal */
export class Responses {
  private readonly building = new Map<string, Building>()
  /** The one that began last: where an event does not say of which it is. */
  private last: Building | undefined = undefined
  private readonly keepsAudio: boolean

  constructor({ audio = true }: ResponsesOptions = {}) {
    this.keepsAudio = audio
  }

  /** The response that an event is of, as it is after it; nothing where it is of none. */
  add(event: ServerEvent): string | undefined {
    switch (event.type) {
      case "response.created":
      case "response.done": {
        const one = this.of({ responseId: event.response.id })
        one.info = event.response
        one.status = event.response.status ?? one.status
        one.isDone = event.type === "response.done"
        for (const item of event.response.output ?? []) one.item(item)
        return one.id
      }
      case "response.output_item.added":
      case "response.output_item.done": {
        const one = this.of(event)
        if (event.item) one.item(event.item)
        return one.id
      }
      case "response.text.delta":
      case "response.audio_transcript.delta":
        return this.change(event, (one) => this.textsOf(one, event.type).append(keyOf(event), event.delta))
      case "response.text.text":
      case "response.text.done":
      case "response.audio_transcript.text":
        return this.change(event, (one) => this.textsOf(one, event.type).set(keyOf(event), event.text))
      case "response.audio_transcript.done":
        return this.change(event, (one) => one.transcript.set(keyOf(event), event.transcript))
      case "response.audio.delta":
        return this.change(event, (one) => {
          if (this.keepsAudio) one.audio.push(event.audio)
        })
      case "response.function_call_arguments.delta":
        return this.change(event, (one) => {
          const call = one.call(event.itemId ?? event.callId ?? "")
          call.callId = event.callId || call.callId
          call.arguments += event.delta ?? ""
        })
      case "response.function_call_arguments.done":
        return this.change(event, (one) => {
          const call = one.call(event.itemId ?? event.callId ?? "")
          call.callId = event.callId || call.callId
          call.name = event.name || call.name
          call.arguments = event.arguments || call.arguments
        })
      default:
        return undefined
    }
  }

  /** What a response has come to so far. */
  get(id: string): Response | undefined {
    const one = this.building.get(id)
    return one === undefined ? undefined : toResponse(one)
  }

  /** All, in the order in which they began. */
  all(): ReadonlyArray<Response> {
    return [...this.building.values()].map(toResponse)
  }

  /** Lets go of one. */
  forget(id: string): void {
    this.building.delete(id)
  }

  private textsOf(one: Building, type: string): Texts {
    return type.startsWith("response.text") ? one.text : one.transcript
  }

  private change(event: Placed, by: (one: Building) => void): string {
    const one = this.of(event)
    by(one)
    return one.id
  }

  private of({ responseId }: Placed): Building {
    if (!responseId && this.last !== undefined) return this.last
    const id = responseId ?? ""
    let one = this.building.get(id)
    if (one === undefined) {
      one = new Building(id)
      this.building.set(id, one)
    }
    this.last = one
    return one
  }
}

const toResponse = ({ audio, calls, id, info, isDone, status, text, transcript }: Building): Response => ({
  id,
  isDone,
  status,
  reason: info?.statusDetails?.reason ?? undefined,
  text: text.get(),
  transcript: transcript.get(),
  audio,
  functionCalls: [...calls.values()].map((call): FunctionCall => ({ ...call })),
  usage: info?.usage ?? undefined,
  info
})

/** Usage of several responses, summed: what a session cost. @internal */
export const addUsage = (
  sum: { readonly inputTokens: number; readonly outputTokens: number; readonly characters: number },
  usage: ResponseUsage | null | undefined
) => ({
  inputTokens: sum.inputTokens + (usage?.inputTokens ?? 0),
  outputTokens: sum.outputTokens + (usage?.outputTokens ?? 0),
  characters: sum.characters + (usage?.characters ?? 0)
})
