/** What Effect 3's Fiber has and Effect 4's does not, with the signatures of Effect 3. */
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"

export const getCurrentFiber = (): Option.Option<Fiber.Fiber<unknown, unknown>> =>
  Option.fromNullishOr(Fiber.getCurrent())
