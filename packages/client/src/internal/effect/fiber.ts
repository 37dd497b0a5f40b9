/**
 * What the hot paths read of the fiber that runs them, without the steps that effects would take. One of the modules that each
 * line of Effect has its own of.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Effectable from "effect/Effectable"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as FiberRef from "effect/FiberRef"
import * as Tracer from "effect/Tracer"
import type { Endings } from "./endings.js"

/** @internal */
export type AnyFiber = Fiber.RuntimeFiber<unknown, unknown>

/** An effect of the fiber that runs it, as a record. @internal */
export abstract class FiberEffect<A, E> extends Effectable.Class<A, E> {
  abstract run(fiber: AnyFiber): Effect.Effect<A, E>

  commit(): Effect.Effect<A, E> {
    return Effect.withFiberRuntime((fiber) => this.run(fiber))
  }
}

/** @internal */
export const clockOf = (fiber: AnyFiber): Clock.Clock => Context.get(fiber.currentDefaultServices, Clock.Clock)

/** A service that has a default. @internal */
export const serviceOf = <I, A>(fiber: AnyFiber, tag: Context.Reference<I, A>): A =>
  Context.get(fiber.currentContext, tag)

/** Whether the spans of a fiber have times. @internal */
export const isTimed = (fiber: AnyFiber): boolean => fiber.getFiberRef(FiberRef.currentTracerTimingEnabled)

/** What was begun with {@link observe}. @internal */
export type Observation = void

/** Calls back when a fiber ends. @internal */
export const observe = (fiber: AnyFiber, f: () => void): Observation => fiber.addObserver(f)

/** @internal */
export const unobserve = (fiber: AnyFiber, f: () => void, _: Observation): void => fiber.removeObserver(f)

/** The end of an operation whose fiber has ended, or begins to. @internal */
export const interrupted = Exit.interrupt(FiberId.none)

/**
 * Runs within a span, and goes on outside of it, in a region that cannot be interrupted and may open itself: so the way out is
 * always taken, and a region of its own, as `Effect.withParentSpan` makes one, is not needed.
 *
 * @internal
 */
export const inSpan = <A, E, B, E2>(
  run: Effect.Effect<A, E>,
  span: Tracer.Span,
  fiber: AnyFiber,
  { onFailure, onSuccess }: Endings<A, E, B, E2>
): Effect.Effect<B, E2> => {
  const outer = fiber.getFiberRef(FiberRef.currentContext)
  const leave = FiberRef.set(FiberRef.currentContext, outer)
  return Effect.zipRight(
    FiberRef.set(FiberRef.currentContext, Context.add(outer, Tracer.ParentSpan, span) as Context.Context<never>),
    Effect.matchCauseEffect(run, {
      onFailure: (cause) => Effect.flatMap(leave, () => onFailure(cause)),
      onSuccess: (value) => Effect.flatMap(leave, () => onSuccess(value))
    })
  )
}
