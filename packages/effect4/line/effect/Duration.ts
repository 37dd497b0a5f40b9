/** What Effect 3's Duration has and Effect 4's does not, with the signatures of Effect 3. */
import * as Duration from "effect/Duration"
import type * as Option from "effect/Option"

/** Of anything: what is no duration gives nothing. */
export const decodeUnknown = (u: unknown): Option.Option<Duration.Duration> =>
  Duration.fromInput(u as Duration.Input)
