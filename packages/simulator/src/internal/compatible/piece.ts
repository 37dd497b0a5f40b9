/**
 * What a native answer says, or one event of it, for those that say it in another form.
 */
import type { JsonObject } from "../core/json.js"
import { asArray, asNumber, asObject, asString } from "../core/json.js"
import { choicesOf, textOf } from "./chat.js"

/** @internal */
export interface CallPiece {
  readonly index: number
  /** Where the call opens. */
  readonly id: string
  readonly name: string
  readonly arguments: string
}

/** @internal */
export interface Tokens {
  readonly input: number
  readonly output: number
  readonly reasoning: number
}

/** @internal */
export interface Piece {
  readonly reasoning: string
  readonly text: string
  readonly calls: ReadonlyArray<CallPiece>
  /** `stop`, `length` or `tool_calls`, once it is known. */
  readonly reason: string | undefined
  readonly tokens: Tokens
}

const callOf = (value: unknown, place: number): CallPiece => {
  const call = asObject(value)
  const called = asObject(call?.function)
  return {
    index: asNumber(call?.index) ?? place,
    id: asString(call?.id) ?? "",
    name: asString(called?.name) ?? "",
    arguments: asString(called?.arguments) ?? ""
  }
}

/** @internal */
export const pieceOf = (value: JsonObject): Piece => {
  const choice = choicesOf(value)[0]
  const message = asObject(choice?.message)
  const usage = asObject(value.usage)
  const reason = asString(choice?.finish_reason)
  return {
    reasoning: asString(message?.reasoning_content) ?? "",
    text: textOf(message?.content),
    calls: (asArray(message?.tool_calls) ?? []).map(callOf),
    reason: reason === "null" ? undefined : reason,
    tokens: {
      input: asNumber(usage?.input_tokens) ?? 0,
      output: asNumber(usage?.output_tokens) ?? 0,
      reasoning: asNumber(asObject(usage?.output_tokens_details)?.reasoning_tokens) ?? 0
    }
  }
}
