/**
 * Vectors for texts: the same for the same text, near each other for texts that share words, of length 1.
 */
import { fnv, generator } from "./hash.js"
import { tokenize } from "./tokens.js"

/** Directions of words that were seen, by dimension and word. */
const directions = new Map<string, Float64Array>()
const mostDirections = 2000

const directionOf = (word: string, dimension: number): Float64Array => {
  const key = `${dimension}/${word}`
  const known = directions.get(key)
  if (known !== undefined) {
    return known
  }
  const random = generator(fnv(word))
  const direction = Float64Array.from({ length: dimension }, () => random() - 0.5)
  if (directions.size >= mostDirections) {
    directions.clear()
  }
  directions.set(key, direction)
  return direction
}

/**
 * What a text is compared by: its words without case, and pairs of neighbouring Chinese characters.
 *
 * @internal
 */
export const featuresOf = (text: string): ReadonlyArray<string> => {
  const tokens = tokenize(text.toLowerCase()).map((token) => token.trim()).filter((token) => token !== "")
  const pairs = [...text.matchAll(/(?=([\u3400-\u9fff]{2}))/g)].map(([, pair = ""]) => pair)
  return [...tokens, ...pairs]
}

/** @internal */
export const embed = (text: string, dimension: number): ReadonlyArray<number> => {
  const sum = new Float64Array(dimension)
  for (const feature of [...featuresOf(text), ""]) {
    const direction = directionOf(feature, dimension)
    for (let i = 0; i < dimension; i++) {
      sum[i] = (sum[i] ?? 0) + (direction[i] ?? 0)
    }
  }
  const length = Math.sqrt(sum.reduce((total, x) => total + x * x, 0))
  // Eight digits: single precision, and short enough to send.
  return Array.from(sum, (x) => Math.round((x / length) * 1e8) / 1e8)
}

/**
 * How much two texts have in common, from 0 to 1.
 *
 * @internal
 */
export const likeness = (one: string, other: string): number => {
  const [a, b] = [new Set(featuresOf(one)), new Set(featuresOf(other))]
  const shared = [...a].filter((feature) => b.has(feature)).length
  return a.size === 0 || b.size === 0 ? 0 : shared / Math.sqrt(a.size * b.size)
}
