/** Texts that match a regular expression, of Effect 4's own arbitraries: it brings no fast-check. */
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/**
 * The same for the same expression, by a fixed seed. Throws where it has a construct for which no text can be made.
 *
 * @internal
 */
export const samples = (regex: RegExp): ReadonlyArray<string> =>
  Effect.runSync(Arbitrary.sampleEffect(Arbitrary.schema(Schema.String.check(Schema.isPattern(regex))), { seed: 1, count: 50 }))
