/** What Effect 3's Clock has and Effect 4's does not, with the signatures of Effect 3. */
import * as Clock from "effect/Clock"

const live = Clock.Clock.defaultValue()

/**
 * The clock of the machine. A clock that is made of it by `{ ...make(), currentTimeNanosUnsafe }` measures by its own time too,
 * which Effect 3's has no other time for.
 */
export const make = (): Clock.Clock =>
  Object.assign(Object.create(Object.getPrototypeOf(live) as object) as object, live, {
    monotonicTimeNanosUnsafe(this: Clock.Clock) {
      return this.currentTimeNanosUnsafe()
    }
  })
