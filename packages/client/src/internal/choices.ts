import * as Arr from "effect/Array"
import type { Choice, GenerationOutput } from "../Generation.js"

type Choices = GenerationOutput["choices"]

/** @internal What the service has where we have `choices`. */
export type ReceivedChoices = ReadonlyArray<Choice> | null | undefined

/** For choices that were made here, what the service had in their place. */
const received = new WeakMap<object, { readonly choices: ReceivedChoices }>()

/** @internal What choices are made of where the service sent none. */
export interface Source {
  readonly text?: string | null | undefined
  readonly finishReason?: string | null | undefined
  readonly choices?: ReceivedChoices
}

/**
 * The choices of an answer, never empty: made of its text where the service sent none.
 *
 * @internal
 */
export const of = ({ choices, finishReason, text }: Source): Choices => {
  if (choices && Arr.isNonEmptyReadonlyArray(choices)) return choices
  const made: Choices = [{
    ...(finishReason === undefined ? undefined : { finishReason }),
    message: { role: "assistant", ...(text === undefined ? undefined : { content: text }) }
  }]
  received.set(made, { choices })
  return made
}

/** @internal What the service had in place of choices that were made here; nothing for its own. */
export const replaced = (choices: Choices): { readonly choices: ReceivedChoices } | undefined => received.get(choices)
