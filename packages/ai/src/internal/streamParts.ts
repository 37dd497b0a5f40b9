/**
 * The elements of a stream as the parts of a response.
 *
 * Calls come when the stream has ended, and the end in a step of its own: the core runs the handler of a call when it sees it, and
 * reads nothing meanwhile. In the midst of the stream that would hold its connection, and the results would follow the end.
 */
import type * as Response from "@effect/ai/Response"
import * as Generation from "effect-dashscope/Generation"
import type { GenerationResult, GenerationUsage, ResultToolCall } from "effect-dashscope/GenerationResult"
import type * as Message from "effect-dashscope/Message"
import * as Either from "effect/Either"
import * as Finish from "./finish.js"
import type { Problem } from "./original.js"
import * as Parts from "./response.js"

type Part = Response.StreamPartEncoded

/** A call as far as it has come. */
interface Begun {
  /** The service's. */
  wireId: string
  /** Its own in the response, when its beginning was told. */
  id: string
  name: string
  /** Whether its beginning was told. */
  isTold: boolean
  /** What came before it could be. */
  waiting: string
}

export class StreamParts {
  private isBegun = false
  private open: { readonly kind: "reasoning" | "text"; readonly id: string } | undefined
  private opened = 0
  private readonly ids: Parts.CallIds
  private readonly begun: Array<Begun> = []
  private readonly byWireId = new Map<string, Begun>()
  /** The last one at each index. */
  private readonly lasts = new Map<number, Begun>()
  /** The elements with pieces of calls, which are put together at the end as the client does it. */
  private readonly called: Array<GenerationResult> = []
  private finishReason: string | undefined
  private usage: GenerationUsage | undefined
  private requestId: string | undefined
  private isPartial = false
  private code: ReadonlyArray<string> = []
  private sources: ReadonlyArray<Part> = []
  private hasCalls = false

  constructor(private readonly asked: Parts.Asked) {
    this.ids = new Parts.CallIds(asked.id)
  }

  /** What an element says. */
  next(result: GenerationResult): Array<Part> {
    const out: Array<Part> = []
    if (!this.isBegun) {
      this.isBegun = true
      out.push(Parts.metadataPart(result, this.asked))
    }
    this.keep(result)
    this.say("reasoning", Generation.reasoning(result), out)
    this.say("text", Generation.text(result), out)
    const calls = result.output.choices[0].message.toolCalls
    if (calls && calls.length > 0) {
      this.called.push(result)
      for (const [place, call] of calls.entries()) this.call(call, place, out)
    }
    return out
  }

  /** What is still to be said when the stream has ended, all but the end itself; or why the answer cannot be used. */
  rest(): Either.Either<Array<Part>, Problem> {
    const out: Array<Part> = []
    this.close(out)
    for (const { id, isTold } of this.begun) {
      if (isTold) out.push({ type: "tool-params-end", id })
    }
    const merged = Generation.merge(this.called)
    const calls = merged === undefined ? [] : Generation.toolCalls(merged)
    this.hasCalls = calls.length > 0
    return Either.map(
      Parts.callParts(calls, (call, place) => this.idOf(call, place), this.end),
      (toolCalls) => [...out, ...Parts.codeParts(this.code, this.asked), ...this.sources, ...toolCalls]
    )
  }

  finish(): Part {
    return Finish.finishPart(this.end, this.hasCalls)
  }

  get end(): Finish.End {
    const { code, finishReason, isPartial, requestId, usage } = this
    return { code, finishReason, isPartial, requestId, usage }
  }

  /** Each element has what is known by then. */
  private keep(result: GenerationResult): void {
    const end = Finish.endOf(result)
    this.finishReason = end.finishReason ?? this.finishReason
    this.usage = end.usage ?? this.usage
    this.requestId = end.requestId ?? this.requestId
    this.isPartial ||= end.isPartial
    if (end.code.length > 0) this.code = end.code
    const sources = Parts.sourceParts(result, this.asked)
    if (sources.length > 0) this.sources = sources
  }

  private say(kind: "reasoning" | "text", delta: string, out: Array<Part>): void {
    if (delta === "") return
    if (this.open?.kind !== kind) {
      this.close(out)
      this.open = { kind, id: String(this.opened++) }
      out.push({ type: `${kind}-start`, id: this.open.id })
    }
    out.push({ type: `${kind}-delta`, id: this.open.id, delta })
  }

  /** What is not ended is lost from a Chat's history. */
  private close(out: Array<Part>): void {
    if (this.open === undefined) return
    out.push({ type: `${this.open.kind}-end`, id: this.open.id })
    this.open = undefined
  }

  private call(piece: ResultToolCall, place: number, out: Array<Part>): void {
    const wireId = piece.id ?? ""
    const index = piece.index ?? place
    // Not all services have an id for each of the calls that they number.
    const key = `${piece.index ?? ""} ${wireId}`
    const call = this.find(wireId, key, piece.function?.name ?? "", index)
    if (call.wireId === "" && wireId !== "") {
      call.wireId = wireId
      this.byWireId.set(key, call)
    }
    if (call.name === "") call.name = piece.function?.name ?? ""
    const delta = piece.function?.arguments ?? ""
    if (!call.isTold && call.name !== "") {
      this.close(out)
      call.isTold = true
      call.id = this.ids.of(call.wireId, this.begun.indexOf(call))
      out.push({ type: "tool-params-start", id: call.id, name: call.name })
      if (call.waiting !== "") out.push({ type: "tool-params-delta", id: call.id, delta: call.waiting })
    }
    if (delta === "") return
    if (call.isTold) out.push({ type: "tool-params-delta", id: call.id, delta })
    else call.waiting += delta
  }

  /** A piece is of the call with its id, else of the last one at its index; a name with an id that is new begins another. */
  private find(wireId: string, key: string, name: string, index: number): Begun {
    const last = this.byWireId.get(key) ?? this.lasts.get(index)
    if (last !== undefined && (wireId === "" || last.wireId === wireId || last.wireId === "" || name === "")) {
      return last
    }
    const call: Begun = { wireId: "", id: "", name: "", isTold: false, waiting: "" }
    this.begun.push(call)
    this.lasts.set(index, call)
    return call
  }

  /** The id by which a call's beginning was told; one of its own where it was not. */
  private idOf(call: Message.ToolCall, place: number): string {
    const told = this.begun.find((begun) =>
      begun.isTold && begun.name === call.function.name && (call.id === "" || begun.wireId === call.id)
    )
    if (told === undefined) return this.ids.of(call.id, place)
    this.begun.splice(this.begun.indexOf(told), 1)
    return told.id
  }
}
