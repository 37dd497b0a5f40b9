/** What Effect's major versions do not have in common of a fiber: for Effect 4. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Effectable from "effect/Effectable"
import * as Fiber from "effect/Fiber"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import * as References from "effect/References"
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

/** What a span may be a child of: one that is not propagated gives way to its own parent. */
const propagated = (span: Tracer.AnySpan | undefined): Option.Option<Tracer.AnySpan> => {
  if (span === undefined) return Option.none()
  if (!Context.get(span.annotations, Tracer.DisablePropagation)) return Option.some(span)
  return span._tag === "Span" ? propagated(Option.getOrUndefined(span.parent)) : Option.none()
}

const isSampled = (fiber: Fiber.Fiber<unknown, unknown>, parent: Option.Option<Tracer.AnySpan>): boolean => {
  if (Option.isSome(parent) && !parent.value.sampled) return false
  const [least, level] = [fiber.getRef(Tracer.MinimumTraceLevel), fiber.getRef(Tracer.CurrentTraceLevel)]
  return !LogLevel.isGreaterThan(least, level)
}

/**
 * A span of what a client asks for, as `Effect.makeSpan` would make it in this fiber, where tracing is on. Whoever makes it ends
 * it. That effect takes a step, which a callback cannot.
 *
 * @internal
 */
export const makeSpan = (
  fiber: Fiber.Fiber<unknown, unknown>,
  name: string,
  { attributes, parent: given = fiber.cache.span }: {
    /** Default: that of the fiber. */
    readonly parent?: Tracer.AnySpan | undefined
    readonly attributes?: Readonly<Record<string, unknown>> | undefined
  } = {}
): Tracer.Span => {
  const parent = propagated(given)
  const span = (fiber.cache.tracer ?? Tracer.nativeTracer).span({
    name,
    parent,
    annotations: Context.empty(),
    links: [...fiber.getRef(References.TracerSpanLinks)],
    startTime: fiber.getRef(References.TracerTimingEnabled) ? fiber.getRef(Clock.Clock).currentTimeNanosUnsafe() : 0n,
    kind: "client",
    root: false,
    sampled: isSampled(fiber, parent)
  })
  const annotations = fiber.getRef(References.TracerSpanAnnotations)
  for (const key in annotations) span.attribute(key, annotations[key])
  for (const key in attributes) span.attribute(key, attributes[key])
  return span
}

/** A span around an effect. @internal */
export const useSpan = <A, E, R>(
  name: string,
  evaluate: (span: Tracer.Span) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> => Effect.useSpan(name, { kind: "client" }, evaluate)
