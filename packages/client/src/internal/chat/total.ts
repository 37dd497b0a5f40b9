/**
 * Increments of an answer, put together: the rules by which both official SDKs make whole answers of a stream.
 *
 * Linear in what is added, and light on the garbage collector: see `Text`.
 *
 * @internal
 */
import {
  type Choice,
  choicesOf,
  type GenerationOutput,
  type GenerationResult,
  type GenerationUsage,
  replacedChoices,
  type ResultMessage,
  type ResultToolCall,
  type TokenLogprob
} from "../../GenerationResult.js"
import { isRecord } from "../core/record.js"
import * as Head from "../protocol/head.js"

type Nullish<A> = A | null | undefined

const isNullish = (u: unknown): u is null | undefined => u === undefined || u === null

/** Whether this is the reason for which an answer has ended: `"null"`, a text, says that it goes on. @internal */
export const isFinish = (reason: unknown): reason is string =>
  typeof reason === "string" && reason !== "" && reason !== "null"

/** What comes last holds, but nothing does not undo something. */
const last = <A>(before: A, after: A): A => isNullish(after) && before !== undefined ? before : after

/** So many bytes are held for a piece besides those of its text. */
const overhead = 16

/** Pieces that are kept apart before they are joined. */
const mostPieces = 256

/**
 * A text that grows. `+=` alone would be linear too, since engines keep its result as a tree of pieces until somebody
 * reads it; but such a tree, one node per event, costs the garbage collector more than all else that a stream does.
 */
class Text {
  private before: Nullish<string> = undefined
  private pieces: Array<string> = []

  add(text: Nullish<string>): number {
    if (typeof text !== "string") {
      if (this.pieces.length === 0) this.before = last(this.before, text)
      return 0
    }
    if (this.pieces.push(text) === mostPieces) this.join()
    return overhead + 2 * text.length
  }

  get(): Nullish<string> {
    if (this.pieces.length > 0) this.join()
    return this.before
  }

  private join(): void {
    const [first = ""] = this.pieces
    this.before = (this.before ?? "") + (this.pieces.length === 1 ? first : this.pieces.join(""))
    this.pieces = []
  }
}

const laterReason = (before: Nullish<string>, after: Nullish<string>): Nullish<string> =>
  isFinish(before) && !isFinish(after) ? before : last(before, after)

/** Fields that have no rule of their own: the last of each. */
class Rest {
  private fields: Map<string, unknown> | undefined

  add(name: string, value: unknown): void {
    this.fields ??= new Map()
    this.fields.set(name, last(this.fields.get(name), value))
  }

  /** As own properties, under any name. */
  get(): object | undefined {
    return this.fields === undefined ? undefined : Object.fromEntries(this.fields)
  }
}

/** Two parts that differ in their text only. */
const isContinued = (
  before: unknown,
  after: unknown
): before is { readonly text: string } => {
  if (!isRecord(before) || !isRecord(after)) return false
  if (typeof before["text"] !== "string" || typeof after["text"] !== "string") return false
  const keys = Object.keys(after)
  return keys.length === Object.keys(before).length &&
    keys.every((key) => key === "text" || (Object.hasOwn(before, key) && before[key] === after[key]))
}

/** A text, or parts as soon as there is one. */
class ContentTotal {
  private readonly text = new Text()
  private parts: Array<unknown> | undefined = undefined

  add(content: ResultMessage["content"]): number {
    if (typeof content === "string" || isNullish(content)) {
      if (this.parts === undefined) return this.text.add(content)
      return content ? this.addPart({ text: content }) : 0
    }
    if (this.parts === undefined) {
      const text = this.text.get()
      this.parts = text ? [{ text }] : []
    }
    return content.reduce((size: number, part) => size + this.addPart(part), 0)
  }

  get(): ResultMessage["content"] {
    return this.parts === undefined ? this.text.get() : this.parts.slice()
  }

  private addPart(part: unknown): number {
    const parts = this.parts ??= []
    const before = parts.at(-1)
    const text = isRecord(part) ? part["text"] : undefined
    if (typeof text === "string" && isContinued(before, part)) {
      parts[parts.length - 1] = { ...before, text: before.text + text }
    } else {
      parts.push(part)
    }
    return 32 * overhead + (typeof text === "string" ? 2 * text.length : 0)
  }
}

class CallTotal {
  private readonly rest = new Rest()
  private readonly functionRest = new Rest()
  private index: Nullish<number> = undefined
  private id: Nullish<string> = undefined
  private type: Nullish<string> = undefined
  private readonly name = new Text()
  private readonly arguments = new Text()
  private hasFunction: boolean | undefined = undefined

  /** The first fragment has id and name; in the others they are empty or missing. */
  add(call: ResultToolCall): number {
    let size = 0
    for (const key in call) {
      switch (key) {
        case "index":
          this.index = last(this.index, call.index)
          break
        case "id":
          this.id = call.id || isNullish(this.id) ? last(this.id, call.id) : this.id
          break
        case "type":
          this.type = call.type || isNullish(this.type) ? last(this.type, call.type) : this.type
          break
        case "function":
          size += this.addFunction(call.function)
          break
        default:
          this.rest.add(key, Reflect.get(call, key))
      }
    }
    return size
  }

  get(): ResultToolCall {
    const { hasFunction, id, index, type } = this
    const name = this.name.get()
    const args = this.arguments.get()
    return {
      ...this.rest.get(),
      ...(index === undefined ? undefined : { index }),
      ...(id === undefined ? undefined : { id }),
      ...(type === undefined ? undefined : { type }),
      ...(hasFunction === undefined ? undefined : {
        function: !hasFunction ? null : {
          ...this.functionRest.get(),
          ...(name === undefined ? undefined : { name }),
          ...(args === undefined ? undefined : { arguments: args })
        }
      })
    }
  }

  private addFunction(called: ResultToolCall["function"]): number {
    if (isNullish(called)) {
      if (called === null) this.hasFunction ??= false
      return 0
    }
    this.hasFunction = true
    let size = 0
    for (const key in called) {
      if (key === "name") size += this.name.add(called.name)
      else if (key === "arguments") size += this.arguments.add(called.arguments)
      else this.functionRest.add(key, Reflect.get(called, key))
    }
    return size
  }
}

/** By their index; one without has the place where it stands. */
class CallsTotal {
  private readonly calls = new Map<number, CallTotal>()

  add(calls: ReadonlyArray<ResultToolCall>): number {
    let size = 0
    calls.forEach((call, place) => {
      const index = call.index ?? place
      let total = this.calls.get(index)
      if (total === undefined) this.calls.set(index, total = new CallTotal())
      size += total.add(call)
    })
    return size
  }

  get(): ReadonlyArray<ResultToolCall> {
    return byIndex(this.calls).map((call) => call.get())
  }
}

const byIndex = <A>(self: ReadonlyMap<number, A>): Array<A> =>
  Array.from(self).sort(([a], [b]) => a - b).map(([, value]) => value)

class MessageTotal {
  private readonly rest = new Rest()
  private readonly content = new ContentTotal()
  private role: Nullish<string> = undefined
  private readonly reasoning = new Text()
  private calls: CallsTotal | null | undefined = undefined

  add(message: ResultMessage): number {
    let size = 0
    for (const key in message) {
      switch (key) {
        case "content":
          size += this.content.add(message.content)
          break
        case "role":
          this.role = message.role || isNullish(this.role) ? last(this.role, message.role) : this.role
          break
        case "reasoningContent":
          size += this.reasoning.add(message.reasoningContent)
          break
        case "toolCalls":
          if (message.toolCalls) size += (this.calls ??= new CallsTotal()).add(message.toolCalls)
          else if (message.toolCalls === null) this.calls ??= null
          break
        default:
          this.rest.add(key, Reflect.get(message, key))
      }
    }
    return size
  }

  get(): ResultMessage {
    const { calls, role } = this
    const content = this.content.get()
    const reasoning = this.reasoning.get()
    return {
      ...this.rest.get(),
      ...(role === undefined ? undefined : { role }),
      ...(content === undefined ? undefined : { content }),
      ...(reasoning === undefined ? undefined : { reasoningContent: reasoning }),
      ...(calls === undefined ? undefined : { toolCalls: calls === null ? null : calls.get() })
    }
  }
}

class LogprobsTotal {
  private readonly rest = new Rest()
  private tokens: Array<TokenLogprob> | null | undefined = undefined
  private isThere: boolean | undefined = undefined

  add(logprobs: Choice["logprobs"]): number {
    if (isNullish(logprobs)) {
      if (logprobs === null) this.isThere ??= false
      return 0
    }
    this.isThere = true
    for (const key in logprobs) {
      if (key !== "content") this.rest.add(key, Reflect.get(logprobs, key))
    }
    const { content } = logprobs
    if (!content) {
      if (content === null) this.tokens ??= null
      return 0
    }
    const tokens = this.tokens ??= []
    for (const token of content) tokens.push(token)
    return 64 * overhead * content.length
  }

  /** The tokens are copied: what was handed out must not grow. */
  get(): Choice["logprobs"] {
    if (this.isThere === undefined) return undefined
    const { tokens } = this
    return !this.isThere ? null : {
      ...this.rest.get(),
      ...(tokens === undefined ? undefined : { content: tokens === null ? null : tokens.slice() })
    }
  }
}

class ChoiceTotal {
  private readonly rest = new Rest()
  private readonly message = new MessageTotal()
  private logprobs: LogprobsTotal | undefined = undefined
  private index: Nullish<number> = undefined
  finishReason: Nullish<string> = undefined
  /** The last that came with this choice alone. */
  usage: GenerationUsage | undefined = undefined

  add(choice: Choice): number {
    let size = 0
    for (const key in choice) {
      switch (key) {
        case "message":
          size += this.message.add(choice.message)
          break
        case "finishReason":
          this.finishReason = laterReason(this.finishReason, choice.finishReason)
          break
        case "index":
          this.index = last(this.index, choice.index)
          break
        case "logprobs":
          size += (this.logprobs ??= new LogprobsTotal()).add(choice.logprobs)
          break
        default:
          this.rest.add(key, Reflect.get(choice, key))
      }
    }
    return size
  }

  get(finishReason: Nullish<string> = this.finishReason): Choice {
    const { index } = this
    const logprobs = this.logprobs?.get()
    return {
      ...this.rest.get(),
      ...(index === undefined ? undefined : { index }),
      ...(finishReason === undefined ? undefined : { finishReason }),
      message: this.message.get(),
      ...(logprobs === undefined ? undefined : { logprobs })
    }
  }
}

type ResearchMessage = NonNullable<GenerationOutput["message"]>

/** What qwen-deep-research says: each phase begins anew, and what is found stays. */
class ResearchTotal {
  private readonly rest = new Rest()
  private readonly extra = new Rest()
  private readonly found = new Rest()
  private content = new ContentTotal()
  private phase: Nullish<string> = undefined

  add(message: ResearchMessage): number {
    // Its events say that the service still works, and nothing of the phase that goes on.
    if (message.phase === "KeepAlive" && this.phase !== undefined) return 0
    if (!isNullish(message.phase) && message.phase !== this.phase) {
      this.phase = message.phase
      this.content = new ContentTotal()
    }
    for (const key in message) {
      if (key !== "content" && key !== "extra") this.rest.add(key, Reflect.get(message, key))
    }
    const { extra } = message
    for (const key in extra) {
      if (key !== "deepResearch") this.extra.add(key, Reflect.get(extra, key))
    }
    const deepResearch = extra?.deepResearch
    for (const key in deepResearch) this.found.add(key, Reflect.get(deepResearch, key))
    return this.content.add(message.content)
  }

  /** What comes next holds all that the phase has said. */
  forget(): void {
    this.content = new ContentTotal()
  }

  get(): ResearchMessage {
    const content = this.content.get()
    return {
      ...this.rest.get(),
      ...(content === undefined ? undefined : { content }),
      extra: { ...this.extra.get(), deepResearch: { ...this.found.get() } }
    }
  }
}

const isEmpty = (record: object): boolean => {
  for (const _ in record) return false
  return true
}

const sum = (a: Nullish<number>, b: Nullish<number>): Nullish<number> =>
  typeof a === "number" && typeof b === "number" ? a + b : a ?? b

type Details = NonNullable<GenerationUsage["outputTokensDetails"]>

const addDetails = (a: Nullish<Details>, b: Nullish<Details>): Nullish<Details> => {
  if (!a || !b) return a ?? b
  const out: Record<string, unknown> = { ...a, ...b }
  for (const key of ["reasoningTokens", "textTokens"] as const) {
    const tokens = sum(a[key], b[key])
    if (tokens !== undefined) out[key] = tokens
  }
  return out
}

/** Each choice counts its own output, and the same input. */
const sumUsages = (usages: ReadonlyArray<GenerationUsage>): GenerationUsage | undefined =>
  usages.reduce<GenerationUsage | undefined>((total, usage) => {
    if (total === undefined) return usage
    const outputTokens = sum(total.outputTokens, usage.outputTokens)
    const inputTokens = last(total.inputTokens, usage.inputTokens)
    const details = addDetails(total.outputTokensDetails, usage.outputTokensDetails)
    return {
      ...total,
      ...usage,
      ...(inputTokens === undefined ? undefined : { inputTokens }),
      ...(outputTokens === undefined ? undefined : { outputTokens }),
      ...(typeof inputTokens === "number" && typeof outputTokens === "number" ?
        { totalTokens: inputTokens + outputTokens } :
        undefined),
      ...(details === undefined ? undefined : { outputTokensDetails: details })
    }
  }, undefined)

/** Results that hold all that came before them. */
const totals = new WeakSet<GenerationResult>()

/**
 * Says of a result that it holds all that came before it: to add it to a {@link Total} replaces what is there.
 *
 * @internal
 */
export const markTotal = (result: GenerationResult): GenerationResult => {
  totals.add(result)
  return result
}

/**
 * What the increments of one answer come to.
 *
 * @internal
 */
export class Total {
  private readonly rest = new Rest()
  private readonly outputRest = new Rest()
  private readonly choices = new Map<number, ChoiceTotal>()
  private text = new Text()
  private research: ResearchTotal | undefined = undefined
  private finishReason: Nullish<string> = undefined
  /** Of the answer as a whole. */
  private usage: GenerationResult["usage"] = undefined
  private held = 0
  private count = 0
  private head: Head.Head | undefined = undefined

  /** Nothing was added yet. */
  get isEmpty(): boolean {
    return this.count === 0
  }

  /** About how many bytes all this takes. */
  get size(): number {
    return this.held
  }

  add(result: GenerationResult): void {
    this.count++
    this.head = Head.of(result) ?? this.head
    if (totals.has(result)) this.forget(result)
    this.addOutput(result.output)
    if (result.usage !== undefined) this.addUsage(result)
    for (const key in result) {
      if (key !== "output" && key !== "usage") this.rest.add(key, Reflect.get(result, key))
    }
  }

  /** All of it as one answer. */
  get(): GenerationResult {
    return this.result(byIndex(this.choices).map((choice) => choice.get()), this.wholeUsage())
  }

  /**
   * What the SDKs give for an increment where totals are asked for, once that is added: its choices, each with all that
   * it has said. Nothing for an event without choices.
   *
   * Of several choices (`n`), one that stops is said to go on until all have ended, and one that ends for another reason
   * (`length`) is given with it and with its own usage. What ends the last of them gives them all.
   */
  totalOf(increment: GenerationResult, n: number): GenerationResult | undefined {
    const { output } = increment
    const replaced = replacedChoices(output.choices)
    if (replaced !== undefined) {
      return typeof output.text !== "string" && Array.isArray(replaced.choices) ?
        undefined :
        markTotal(this.result([], increment.usage))
    }
    if (n > 1 && output.choices.some(({ finishReason }) => isFinish(finishReason)) && this.finished >= n) {
      return markTotal(this.get())
    }
    const choices: Array<Choice> = []
    for (const { finishReason, index } of output.choices) {
      const total = this.choices.get(index ?? 0)
      if (total !== undefined) choices.push(total.get(n > 1 && finishReason === "stop" ? "null" : finishReason))
    }
    return markTotal(this.result(choices, increment.usage ?? this.usage))
  }

  private get finished(): number {
    let count = 0
    for (const { finishReason } of this.choices.values()) {
      if (isFinish(finishReason)) count++
    }
    return count
  }

  private forget({ output }: GenerationResult): void {
    this.text = new Text()
    this.research?.forget()
    if (replacedChoices(output.choices) !== undefined) return
    for (const { index } of output.choices) this.choices.delete(index ?? 0)
  }

  private addOutput(output: GenerationOutput): void {
    for (const key in output) {
      switch (key) {
        case "choices":
          this.addChoices(output.choices)
          break
        case "text":
          this.held += this.text.add(output.text)
          break
        case "message":
          if (output.message) this.held += (this.research ??= new ResearchTotal()).add(output.message)
          break
        case "finishReason":
          this.finishReason = laterReason(this.finishReason, output.finishReason)
          break
        default:
          this.outputRest.add(key, Reflect.get(output, key))
      }
    }
  }

  private addChoices(choices: GenerationOutput["choices"]): void {
    if (replacedChoices(choices) !== undefined) return
    for (const choice of choices) {
      const index = choice.index ?? 0
      let total = this.choices.get(index)
      if (total === undefined) this.choices.set(index, total = new ChoiceTotal())
      this.held += total.add(choice)
    }
  }

  private addUsage({ output, usage }: GenerationResult): void {
    if (isNullish(usage) || isEmpty(usage)) {
      this.usage ??= usage
      return
    }
    this.usage = usage
    const [choice] = output.choices
    const isOfOne = output.choices.length === 1 && replacedChoices(output.choices) === undefined
    for (const [index, total] of this.choices) {
      if (!isOfOne) total.usage = undefined
      else if (index === (choice.index ?? 0)) total.usage = usage
    }
  }

  /** It is counted up by the service, except over choices that come on their own. */
  private wholeUsage(): GenerationResult["usage"] {
    if (this.choices.size < 2) return this.usage
    const usages = Array.from(this.choices.values(), ({ usage }) => usage).filter((usage) => usage !== undefined)
    return usages.length < 2 ? this.usage : sumUsages(usages)
  }

  private result(choices: ReadonlyArray<Choice>, usage: GenerationResult["usage"]): GenerationResult {
    const { finishReason } = this
    const text = this.text.get()
    const message = this.research?.get()
    return Head.attach<GenerationResult>({
      ...this.rest.get(),
      output: {
        ...this.outputRest.get(),
        ...(message === undefined ? undefined : { message }),
        ...(text === undefined ? undefined : { text }),
        ...(finishReason === undefined ? undefined : { finishReason }),
        choices: choicesOf({ choices: choices.length === 0 ? undefined : choices, finishReason, text, message })
      },
      ...(usage === undefined ? undefined : { usage })
    }, this.head)
  }
}

/**
 * The one answer that increments come to.
 *
 * @internal
 */
export const fold = (results: Iterable<GenerationResult>): GenerationResult => {
  const total = new Total()
  for (const result of results) total.add(result)
  return total.get()
}
