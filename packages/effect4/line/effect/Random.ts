/** What Effect 3's Random has and Effect 4's does not, with the signatures of Effect 3. */
import type * as Array from "effect/Array"
import type * as Random from "effect/Random"

/** Answers with the numbers, again and again. */
export const fixed = (numbers: Array.NonEmptyReadonlyArray<number>): Random.Random => {
  let index = 0
  const next = () => numbers[index++ % numbers.length] ?? numbers[0]
  return { nextDoubleUnsafe: () => Math.max(0, Math.min(1, next())), nextIntUnsafe: () => Math.round(next()) }
}
