/** What Effect 3's Clock has and Effect 4's does not, with the signatures of Effect 3. */
import * as Clock from "effect/Clock"

export const make = (): Clock.Clock => Clock.Clock.defaultValue()
