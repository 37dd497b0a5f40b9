import { createHash } from "node:crypto"

/** @internal */
export const digest = (text: string): string => createHash("md5").update(text).digest("hex")

/**
 * A UUID out of 32 hexadecimal digits; the same digits give the same UUID.
 *
 * @internal
 */
export const uuid = (hex: string): string =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-9${hex.slice(13, 16)}-9${hex.slice(17, 20)}-${hex.slice(20, 32)}`

/**
 * A small number from any text, spread evenly enough to choose variants by (FNV-1a).
 *
 * @internal
 */
export const fnv = (text: string): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  }
  return hash >>> 0
}

/**
 * A seeded generator of numbers in [0, 1) (mulberry32). Not Effect's `Random`, because the connection handlers that
 * draw from it are plain callbacks.
 *
 * @internal
 */
export const generator = (seed: number): () => number => {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
