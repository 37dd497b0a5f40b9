/** What Effect 3's Layer has and Effect 4's does not, with the signatures of Effect 3. */
import * as Layer from "effect/Layer"
import * as Tracer from "effect/Tracer"

export const setTracer = (tracer: Tracer.Tracer): Layer.Layer<never> => Layer.succeed(Tracer.Tracer, tracer)
