/**
 * What the hot paths read of the fiber that runs them, without the steps that effects would take.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Effectable from "effect/Effectable"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as References from "effect/References"
import * as Tracer from "effect/Tracer"
import type { Endings } from "./endings.js"

/** @internal */
export type AnyFiber = Fiber.Fiber<unknown, unknown>

/** An effect of the fiber that runs it, as a record. @internal */
export abstract class FiberEffect<A, E> extends Effectable.Class<A, E> {
  abstract run(fiber: AnyFiber): Effect.Effect<A, E>

  asEffect(): Effect.Effect<A, E> {
    return Effect.withFiber((fiber) => this.run(fiber))
  }
}

/** @internal */
export const clockOf = (fiber: AnyFiber): Clock.Clock => fiber.getRef(Clock.Clock)

/** A service that has a default. @internal */
export const serviceOf = <A>(fiber: AnyFiber, tag: Context.Reference<A>): A => fiber.getRef(tag)

/** Whether the spans of a fiber have times. @internal */
export const isTimed = (fiber: AnyFiber): boolean => fiber.getRef(References.TracerTimingEnabled)

/** What was begun with {@link observe}. @internal */
export type Observation = () => void

/** Calls back when a fiber ends. @internal */
export const observe = (fiber: AnyFiber, f: () => void): Observation => fiber.addObserver(f)

/** @internal */
export const unobserve = (_: AnyFiber, __: () => void, observation: Observation): void => observation()

/** The end of an operation whose fiber has ended, or begins to. @internal */
export const interrupted: Exit.Exit<never> = Exit.interrupt()

/** Runs within a span, and goes on outside of it. @internal */
export const inSpan = <A, E, B, E2>(
  run: Effect.Effect<A, E>,
  span: Tracer.Span,
  _: AnyFiber,
  endings: Endings<A, E, B, E2>
): Effect.Effect<B, E2> => Effect.matchCauseEffect(Effect.provideService(run, Tracer.ParentSpan, span), endings)
