import * as Effect from "effect/Effect"
import * as Effectable from "effect/Effectable"

/** An effect that is run once, and forgets by then what it ran. */
class Once<A, E, R> extends Effectable.Class<A, E, R> {
  constructor(private self: Effect.Effect<A, E, R>) {
    super()
  }

  asEffect(): Effect.Effect<A, E, R> {
    const { self } = this
    this.self = ran
    return self
  }
}

const ran = Effect.die(new Error("an effect that runs once was run again"))

/**
 * For the effect of a step that is made anew each time. Effect's run loop keeps each step until it is over, and the step keeps the
 * effect that it began with, though nothing will run that again: for a call that waits, it would be the whole request as it was asked for.
 *
 * @internal
 */
export const once = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => new Once(self)
