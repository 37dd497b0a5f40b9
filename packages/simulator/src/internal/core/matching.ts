/** Texts that match a regular expression. */
import * as FastCheck from "effect/FastCheck"

/**
 * The same for the same expression, by a fixed seed. Throws where it has a construct for which no text can be made.
 *
 * @internal
 */
export const samples = (regex: RegExp): ReadonlyArray<string> =>
  FastCheck.sample(FastCheck.stringMatching(regex), { seed: 1, numRuns: 50 })
