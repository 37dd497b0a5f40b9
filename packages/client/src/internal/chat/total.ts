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
  replacedChoices,
  type ResultMessage
} from "../../GenerationResult.js"
import * as Head from "../core/head.js"
import { AudioTotal } from "./audioTotal.js"
import { ChoiceTotal } from "./choiceTotal.js"
import { isFinish, laterReason } from "./finishReason.js"
import { ResearchTotal } from "./researchTotal.js"
import { isNullish, type Nullish, Rest, Text } from "./text.js"
import { sumUsages } from "./usage.js"

const isEmpty = (record: object): boolean => {
  for (const _ in record) return false
  return true
}

const byIndex = <A>(self: ReadonlyMap<number, A>): Array<A> =>
  Array.from(self).sort(([a], [b]) => a - b).map(([, value]) => value)

/** An event of something else, such as audio, or of the end: what was said before it stays. */
const isSilent = ({ content, reasoningContent, toolCalls }: ResultMessage): boolean =>
  typeof content === "object" && content?.length === 0 && !reasoningContent && !toolCalls?.length

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
  private audio: AudioTotal | undefined = undefined
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
    for (const { index, message } of output.choices) {
      if (!isSilent(message)) this.choices.delete(index ?? 0)
    }
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
        case "audio":
          if (output.audio) this.held += (this.audio ??= new AudioTotal()).add(output.audio)
          else this.outputRest.add(key, output.audio)
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
    const audio = this.audio?.get()
    return Head.attach<GenerationResult>({
      ...this.rest.get(),
      output: {
        ...this.outputRest.get(),
        ...(message === undefined ? undefined : { message }),
        ...(audio === undefined ? undefined : { audio }),
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
