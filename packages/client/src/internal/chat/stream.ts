import type * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { StreamOptions } from "../../CallOptions.js"
import type { DashScopeError } from "../../DashScopeError.js"
import { ConnectionError } from "../../DashScopeError.js"
import type { Envelope, ServerEvent } from "../../Envelope.js"
import { type GenerationResult, replacedChoices } from "../../GenerationResult.js"
import * as Head from "../core/head.js"
import { emptyArray } from "../core/plain.js"
import { isRecord } from "../core/record.js"
import * as Pull from "../effect/pull.js"
import type { Operation } from "../operation/observe.js"
import { longest } from "../operation/partial.js"
import { headOf } from "../protocol/envelope.js"
import { isFinish } from "./finishReason.js"
import * as Partial from "./partial.js"
import * as Total from "./total.js"
import type { ChatParams } from "./turns.js"

// ---------------------------------------------------------------------------------------------------------------------
// What is asked for
// ---------------------------------------------------------------------------------------------------------------------

/**
 * What the elements of a stream hold: what is new (`Increments`), or all so far, put together here (`Merged`) or by the
 * service (`Totals`).
 *
 * @internal
 */
export type Mode = "Increments" | "Merged" | "Totals"

/** They may give something else than text, or parts that have no order here: the service does it or nobody. */
const leftToService = /tts|omni|qwen-deep-research/i

/** The parameters as they go out, and what is to be done with what comes back. @internal */
export const plan = <P extends ChatParams>(params: P): { readonly params: P; readonly mode: Mode } => {
  // What is no parameters at all is for the call itself to refuse.
  if (typeof params?.model !== "string") return { params, mode: "Increments" }
  const wanted = params.incrementalOutput ?? true
  const isMerged = !wanted && !leftToService.test(params.model)
  // Under its wire name it is for those who know what the service then does.
  const given = params.extra?.["incremental_output"]
  if (typeof given === "boolean") {
    return { params, mode: !given ? "Totals" : wanted ? "Increments" : "Merged" }
  }
  const sent = wanted || isMerged
  return {
    params: params.incrementalOutput === sent ? params : { ...params, incrementalOutput: sent },
    mode: wanted ? "Increments" : isMerged ? "Merged" : "Totals"
  }
}

/** How many choices have to end. @internal */
export const choicesOf = (params: ChatParams): number => {
  const n = params?.extra?.["n"] ?? params?.n
  return typeof n === "number" && n > 1 ? n : 1
}

// ---------------------------------------------------------------------------------------------------------------------
// What is content
// ---------------------------------------------------------------------------------------------------------------------

const isSaid = (u: unknown): boolean =>
  typeof u === "string"
    ? u !== ""
    : Array.isArray(u) && u.some((part: unknown) => !isRecord(part) || part["text"] !== "")

/** qwen-deep-research has one message and no choices, and keeps its connection alive with events of a phase. */
const isResearch = (message: unknown): message is Readonly<Record<string, unknown>> =>
  isRecord(message) && message["phase"] !== "KeepAlive"

const isChoiceContent = (choice: unknown): boolean => {
  if (!isRecord(choice)) return false
  const message = isRecord(choice["message"]) ? choice["message"] : {}
  return isSaid(message["content"]) || isSaid(message["reasoning_content"]) || isSaid(message["tool_calls"]) ||
    isFinish(choice["finish_reason"])
}

/**
 * Whether an event brings the answer forward: with text, thinking, a tool call, sources, audio or an end.
 *
 * @internal
 */
export const isContent = ({ output }: ServerEvent): boolean => {
  if (!isRecord(output)) return false
  const { audio, choices, finish_reason: reason, message, search_info: search, text } = output
  return (Array.isArray(choices) && choices.some(isChoiceContent)) || isSaid(text) || isFinish(reason) ||
    isResearch(message) || (isRecord(search) && isSaid(search["search_results"])) ||
    (isRecord(audio) && isSaid(audio["data"]))
}

// ---------------------------------------------------------------------------------------------------------------------
// What comes back
// ---------------------------------------------------------------------------------------------------------------------

/** @internal */
export interface Options {
  readonly mode: Mode
  /** How many choices have to end. */
  readonly n: number
  readonly origin: string
  /** Is told what comes. */
  readonly operation: Operation<GenerationResult>
  /** Reads the answers that come most often; `decode` reads the others. */
  readonly fastDecode: (body: unknown) => GenerationResult | undefined
  /** What a call does with its answer. */
  readonly decode: (envelope: Envelope) => Either.Either<GenerationResult, DashScopeError>
}

/** One answer while it comes. */
class Answer {
  /** The service has said that it is at its end. */
  isComplete = false
  private readonly ended = new Set<number>()
  private total: Total.Total | undefined = new Total.Total()
  private head: Head.Head | undefined = undefined

  constructor(private readonly options: Options) {}

  /** Adds what an event holds. The elements it makes, or why it cannot be one. */
  add(event: ServerEvent, results: Array<GenerationResult>): DashScopeError | undefined {
    // Something else than an answer. What is named otherwise and holds one is taken for one.
    if (isOther(event)) return undefined
    let result = event.event === "result" ? this.options.fastDecode(event.body) : undefined
    if (result?.requestId === undefined) {
      const decoded = this.options.decode(event)
      if (Either.isLeft(decoded)) return decoded.left
      result = decoded.right
    }
    // The same for all events of a stream.
    Head.attach(result, this.head ??= headOf(event))
    const { mode, n } = this.options
    if (mode === "Totals") Total.markTotal(result)
    this.options.operation.received(result)
    this.total?.add(result)
    if (!this.isComplete) this.isComplete = this.isEnd(result)
    if (mode === "Merged") {
      const total = this.total?.totalOf(result, n)
      if (total !== undefined) results.push(total)
    } else {
      if (this.total !== undefined && this.total.size > longest) this.total = undefined
      results.push(result)
    }
    return undefined
  }

  /** The error, with what had arrived. */
  withPartial<E>(error: E): E {
    return this.total === undefined || this.total.isEmpty ? error : Partial.results.attach(error, this.total.get())
  }

  private isEnd({ isPartial, output }: GenerationResult): boolean {
    // The service's own time limit; there is no more to come.
    if (isPartial === true) return true
    const isText = replacedChoices(output.choices) !== undefined
    for (const { finishReason, index } of output.choices) {
      if (isFinish(finishReason)) this.ended.add(index ?? 0)
    }
    if (!isText) return this.ended.size >= this.options.n
    return this.ended.size > 0
  }
}

const isOther = ({ event, output }: ServerEvent): boolean =>
  event !== undefined && event !== "result" && (output === undefined || output === null)

const isOfConnection = (error: DashScopeError): boolean =>
  error._tag === "ConnectionError" || error._tag === "RequestTimeout"

/** Events in, results out, as many as come together. */
class ResultReader implements Pull.Reader<ServerEvent, GenerationResult, DashScopeError, DashScopeError> {
  ending: Effect.Effect<void, DashScopeError> | undefined = undefined

  constructor(private readonly answer: Answer, private readonly options: Options) {}

  chunk(events: Chunk.Chunk<ServerEvent>): Array<GenerationResult> {
    const { answer } = this
    this.options.operation.arrived(Chunk.size(events))
    const out = emptyArray<GenerationResult>()
    for (const event of Chunk.toReadonlyArray(events)) {
      const failure = answer.add(event, out)
      if (failure !== undefined) {
        this.ending = Effect.fail(answer.withPartial(failure))
        break
      }
    }
    return out
  }

  failed(error: DashScopeError, cause: Cause.Cause<DashScopeError>): Array<GenerationResult> {
    const { answer } = this
    // All has arrived; only the connection did not end as it should.
    const isGood = answer.isComplete && isOfConnection(error)
    if (!isGood) answer.withPartial(error)
    this.ending = isGood ? Effect.void : Effect.failCause(cause)
    return []
  }

  done(): Array<GenerationResult> {
    const { answer, options: { origin } } = this
    this.ending = answer.isComplete ? Effect.void : Effect.fail(answer.withPartial(
      new ConnectionError({
        reason: "Truncated",
        origin,
        responseStarted: true,
        description: "the stream ended without a finish reason; partialResult has what had arrived"
      })
    ))
    return []
  }
}

/** What the client of a stream has to know of what is streamed. @internal */
export type Reading = Pick<StreamOptions, "isContent" | "isComplete" | "onEndMark">

/**
 * The results of a stream of events. Fails where the stream ends before its answer does.
 *
 * @internal
 */
export const results = (
  options: Options,
  events: (reading: Reading) => Pull.Opening<ServerEvent, DashScopeError>
): Pull.Opening<GenerationResult, DashScopeError> =>
  Effect.suspend(() => {
    const answer = new Answer(options)
    const reading: Reading = {
      isContent,
      isComplete: () => answer.isComplete,
      // Behind gateways there are models whose last event has no reason, and this after it.
      onEndMark: () => {
        answer.isComplete = true
      }
    }
    return Effect.map(events(reading), (pull) => Pull.read(pull, new ResultReader(answer, options)))
  })
