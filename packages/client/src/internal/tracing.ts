import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import type * as Fiber from "effect/Fiber"
import * as FiberRef from "effect/FiberRef"
import * as Tracer from "effect/Tracer"

const nativeTracer = Context.get(DefaultServices.liveServices, Tracer.Tracer)

/** @internal Without an exporter and without a span around it, nobody can ever see a span: it is not made. */
export const isTraced = (fiber: Fiber.RuntimeFiber<unknown, unknown>): boolean =>
  (fiber.currentSpan !== undefined || fiber.currentTracer !== nativeTracer) &&
  fiber.getFiberRef(FiberRef.currentTracerEnabled)
