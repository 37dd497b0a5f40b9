/**
 * The voices that were made on this simulator.
 */
import type { State } from "../server/state.js"
import { part } from "../server/state.js"

/** @internal */
export interface Voice {
  readonly id: string
  /** The only model that speaks with it. */
  readonly model: string
  readonly prefix: string
  readonly created: number
  readonly modified: number
  readonly url: string | undefined
  /** Further fields that a query tells. */
  readonly told: { readonly [name: string]: unknown }
}

/** @internal */
export const voices = part(() => new Map<string, Voice>())

/** @internal */
export const isVoiceOf = (state: State, id: string, model: string): boolean => voices(state).get(id)?.model === model
