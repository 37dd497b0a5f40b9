/** What Effect 3's Fiber has and Effect 4's does not, with the signatures of Effect 3. */
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"

export const getCurrentFiber = (): Option.Option<Fiber.Fiber<unknown, unknown>> =>
  Option.fromNullishOr(Fiber.getCurrent())

export const poll = <A, E>(fiber: Fiber.Fiber<A, E>): Effect.Effect<Option.Option<Exit.Exit<A, E>>> =>
  Effect.sync(() => Option.fromNullishOr(fiber.pollUnsafe()))
