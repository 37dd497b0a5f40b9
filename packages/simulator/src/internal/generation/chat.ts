/**
 * A chat, as far as an answer depends on it.
 */
import type { JsonObject } from "../core/json.js"
import type { Content } from "./content.js"

/** @internal */
export interface Message {
  readonly role: string
  readonly content: Content
  /** The ids of the tool calls it asks for. */
  readonly calls: ReadonlyArray<string>
  /** The id of the call that it answers. */
  readonly callId: string | undefined
  readonly partial: boolean
}

/** @internal */
export interface Tool {
  readonly name: string
  readonly description: string
  readonly parameters: unknown
}

/** @internal */
export interface Parameters {
  readonly messageFormat: boolean
  readonly incremental: boolean
  readonly n: number
  readonly seed: number | undefined
  readonly maxTokens: number | undefined
  readonly maxCompletionTokens: number | undefined
  readonly stop: ReadonlyArray<string>
  readonly logprobs: boolean
  readonly topLogprobs: number
  readonly tools: ReadonlyArray<Tool>
  readonly toolChoice: "auto" | "none" | { readonly name: string }
  readonly parallelToolCalls: boolean
  readonly responseFormat: JsonObject | undefined
  readonly thinking: boolean
  readonly thinkingBudget: number | undefined
  readonly search: JsonObject | undefined
  readonly translation: JsonObject | undefined
  readonly codeInterpreter: boolean
}
