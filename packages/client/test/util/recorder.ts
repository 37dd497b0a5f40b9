import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Tracer from "effect/Tracer"
import { metrics } from "./platform.js"
import type { RecordedMetric } from "./recordedMetric.js"

export type { RecordedMetric }

/** A span as an exporter sees it. */
export interface RecordedSpan extends Tracer.Span {
  readonly attributes: Map<string, unknown>
  readonly events: Array<{ readonly name: string; readonly at: bigint; readonly attributes: Record<string, unknown> }>
  readonly startTime: bigint
  /** Every time it was ended; once is right. */
  readonly ends: Array<{ readonly at: bigint; readonly exit: Exit.Exit<unknown, unknown> }>
}

/** A tracer that remembers. */
export const recordSpans = () => {
  const spans: Array<RecordedSpan> = []
  const tracer = Tracer.make({
    context: (f) => f(),
    span: (name, parent, context, links, startTime, kind) => {
      const attributes = new Map<string, unknown>()
      const events: RecordedSpan["events"] = []
      const ends: RecordedSpan["ends"] = []
      const span: RecordedSpan = {
        _tag: "Span",
        name,
        spanId: `span-${spans.length}`,
        traceId: "trace",
        parent,
        context,
        links,
        kind,
        attributes,
        events,
        ends,
        startTime,
        sampled: true,
        status: { _tag: "Started", startTime },
        end: (at, exit) => {
          ends.push({ at, exit })
        },
        attribute: (key, value) => {
          attributes.set(key, value)
        },
        event: (name, at, attributes = {}) => {
          events.push({ name, at, attributes })
        },
        addLinks: () => {}
      }
      spans.push(span)
      return span
    }
  })
  return { spans, layer: Layer.setTracer(tracer) }
}

/** All metrics that have this label. */
export const metricsOf = (label: string, value: string): Effect.Effect<ReadonlyArray<RecordedMetric>> =>
  Effect.map(metrics, (all) => {
    const labelled = all.filter(({ labels }) => labels[label] === value)
    return labelled.sort((a, b) => key(a) < key(b) ? -1 : 1)
  })

const key = ({ labels, name }: RecordedMetric) => `${name} ${JSON.stringify(Object.entries(labels).sort())}`
