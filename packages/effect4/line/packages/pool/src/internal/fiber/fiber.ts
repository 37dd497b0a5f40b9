/** What Effect's major versions do not have in common of a fiber: for Effect 4. */
import * as Effect from "effect/Effect"
import * as Effectable from "effect/Effectable"
import * as Fiber from "effect/Fiber"
import * as Tracer from "effect/Tracer"

/** Effect 4 knows by itself whether a fiber can be interrupted at a place. @internal */
export type Status = undefined

/** An effect of the fiber that runs it. @internal */
export const withFiber = <A, E = never, R = never>(
  make: (fiber: Fiber.Fiber<unknown, unknown>, status: Status) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> => Effect.withFiber((fiber) => make(fiber, undefined))

/** The same as a record. @internal */
export abstract class FiberEffect<A, E> extends Effectable.Class<A, E> {
  abstract run(fiber: Fiber.Fiber<unknown, unknown>, status: Status): Effect.Effect<A, E>

  asEffect(): Effect.Effect<A, E> {
    return withFiber((fiber, status) => this.run(fiber, status))
  }
}

/** Whether a span made in this fiber can be seen by anybody. @internal */
export const isTraced = ({ cache }: Fiber.Fiber<unknown, unknown>): boolean =>
  (cache.span !== undefined || (cache.tracer !== undefined && cache.tracer !== Tracer.nativeTracer)) &&
  cache.tracerEnabled

/** The span of the fiber that runs while this is called. @internal */
export const callingSpan = (): Tracer.AnySpan | undefined => Fiber.getCurrent()?.cache.span

/** Makes spans as this fiber would, outside of it; without a parent they are children of its own. @internal */
export const spanMaker = (
  { context }: Fiber.Fiber<unknown, unknown>
): (name: string, parent: Tracer.AnySpan | undefined) => Tracer.Span => {
  const run = Effect.runSyncWith(context)
  return (name, parent) =>
    run(Effect.makeSpan(name, { kind: "client", ...(parent === undefined ? undefined : { parent }) }))
}

/** A span of what a client asks for. Whoever makes it ends it. @internal */
export const makeSpan = (name: string): Effect.Effect<Tracer.Span> => Effect.makeSpan(name, { kind: "client" })

/** The same around an effect. @internal */
export const useSpan = <A, E, R>(
  name: string,
  evaluate: (span: Tracer.Span) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> => Effect.useSpan(name, { kind: "client" }, evaluate)
