/** What Effect 3's Schema has and Effect 4's does not, with the signatures of Effect 3. */
import * as Schema from "effect/Schema"

export const NonNegativeInt = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
