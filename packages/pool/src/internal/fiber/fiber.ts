/** What Effect's major versions do not have in common of a fiber. */
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import * as Effectable from "effect/Effectable"
import * as Fiber from "effect/Fiber"
import * as FiberRef from "effect/FiberRef"
import type * as FiberStatus from "effect/FiberStatus"
import * as HashMap from "effect/HashMap"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import * as Tracer from "effect/Tracer"

/** What a fiber says of the place where it is. @internal */
export type Status = FiberStatus.Running

/** An effect of the fiber that runs it, and of its status there. @internal */
export const withFiber: <A, E = never, R = never>(
  make: (fiber: Fiber.RuntimeFiber<unknown, unknown>, status: Status) => Effect.Effect<A, E, R>
) => Effect.Effect<A, E, R> = Effect.withFiberRuntime

/** The same as a record: what waits for it keeps its fields, and no closures. @internal */
export abstract class FiberEffect<A, E> extends Effectable.Class<A, E> {
  abstract run(fiber: Fiber.RuntimeFiber<unknown, unknown>, status: Status): Effect.Effect<A, E>

  commit(): Effect.Effect<A, E> {
    return withFiber((fiber, status) => this.run(fiber, status))
  }
}

const nativeTracer = Context.get(DefaultServices.liveServices, Tracer.Tracer)

/** Whether a span made in this fiber can be seen by anybody. @internal */
export const isTraced = (fiber: Fiber.RuntimeFiber<unknown, unknown>): boolean =>
  (fiber.currentSpan !== undefined || fiber.currentTracer !== nativeTracer) &&
  fiber.getFiberRef(FiberRef.currentTracerEnabled)

/** The span of the fiber that runs while this is called. @internal */
export const callingSpan = (): Tracer.AnySpan | undefined => Option.getOrUndefined(Fiber.getCurrentFiber())?.currentSpan

/** Makes spans as this fiber would, outside of it; without a parent they are children of its own. @internal */
export const spanMaker = (
  fiber: Fiber.RuntimeFiber<unknown, unknown>
): (name: string, parent: Tracer.AnySpan | undefined) => Tracer.Span => {
  const run = Runtime.runSync(Runtime.make({
    context: fiber.currentContext,
    fiberRefs: fiber.getFiberRefs(),
    runtimeFlags: Runtime.defaultRuntimeFlags
  }))
  return (name, parent) =>
    run(Effect.makeSpan(name, {
      kind: "client",
      captureStackTrace: false,
      ...(parent === undefined ? undefined : { parent })
    }))
}

const ofClient = { kind: "client", captureStackTrace: false } as const

/** What a span may be a child of: one that is not propagated gives way to its own parent. */
const propagated = (span: Tracer.AnySpan | undefined): Option.Option<Tracer.AnySpan> => {
  if (span === undefined) return Option.none()
  if (!Context.get(span.context, Tracer.DisablePropagation)) return Option.some(span)
  return span._tag === "Span" ? propagated(Option.getOrUndefined(span.parent)) : Option.none()
}

/**
 * A span of what a client asks for, as `Effect.makeSpan` would make it in this fiber, where tracing is on. Whoever makes it ends
 * it. That effect asks for all references of the fiber, which copies their table.
 *
 * @internal
 */
export const makeSpan = (
  fiber: Fiber.RuntimeFiber<unknown, unknown>,
  name: string,
  { attributes, parent = fiber.currentSpan }: {
    /** Default: that of the fiber. */
    readonly parent?: Tracer.AnySpan | undefined
    readonly attributes?: Readonly<Record<string, unknown>> | undefined
  } = {}
): Tracer.Span => {
  const isTimed = fiber.getFiberRef(FiberRef.currentTracerTimingEnabled)
  const span = fiber.currentTracer.span(
    name,
    propagated(parent),
    Context.empty(),
    Chunk.toReadonlyArray(fiber.getFiberRef(FiberRef.currentTracerSpanLinks)),
    isTimed ? Context.get(fiber.currentDefaultServices, Clock.Clock).unsafeCurrentTimeNanos() : 0n,
    "client",
    ofClient
  )
  HashMap.forEach(fiber.getFiberRef(FiberRef.currentTracerSpanAnnotations), (value, key) => span.attribute(key, value))
  for (const key in attributes) span.attribute(key, attributes[key])
  return span
}

/** A span around an effect. @internal */
export const useSpan = <A, E, R>(
  name: string,
  evaluate: (span: Tracer.Span) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> => Effect.useSpan(name, ofClient, evaluate)
