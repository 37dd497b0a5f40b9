/**
 * Keys that were made of another key, and how long they are good.
 */
import type { State } from "./state.js"
import { part } from "./state.js"

/** Milliseconds since the epoch at which each ends. */
const ends = part(() => new Map<string, number>())

/** @internal */
export const addTemporaryKey = (state: State, key: string, end: number): void => {
  ends(state).set(key, end)
}

/**
 * Whether a key is good now; `undefined` where it is no temporary key of this simulator.
 *
 * @internal
 */
export const isTemporaryKey = (state: State, key: string, now: number): boolean | undefined => {
  const end = key.startsWith("st-") ? ends(state).get(key) : undefined
  return end === undefined ? undefined : now < end
}
