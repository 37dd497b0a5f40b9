/** What Effect 3's Tracer has in another shape in Effect 4, with the signatures of Effect 3. */
import type * as Context from "effect/Context"
import type * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"

interface Options {
  readonly context: <X>(run: () => X) => X
  readonly span: (
    name: string,
    parent: Option.Option<Tracer.AnySpan>,
    annotations: Context.Context<never>,
    links: ReadonlyArray<Tracer.SpanLink>,
    startTime: bigint,
    kind: Tracer.SpanKind
  ) => Tracer.Span
}

/** What runs in a fiber is not told: those who record spans want none of it. */
export const make = (options: Options): Tracer.Tracer =>
  Tracer.make({
    span: ({ annotations, kind, links, name, parent, startTime }) =>
      options.span(name, parent, annotations, links, startTime, kind)
  })
