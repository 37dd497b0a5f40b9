import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as MetricKeyType from "effect/MetricKeyType"
import * as MetricState from "effect/MetricState"
import * as Tracer from "effect/Tracer"

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

/** A metric as an exporter sees it, under one set of labels. */
export interface RecordedMetric {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly kind: "counter" | "histogram" | "other"
  /** Of a counter, its value; of a histogram, how many were recorded. */
  readonly count: number
  readonly sum: number
  readonly boundaries: ReadonlyArray<number>
}

/** All metrics that have this label. */
export const metricsOf = (label: string, value: string): Effect.Effect<ReadonlyArray<RecordedMetric>> =>
  Effect.map(Metric.snapshot, (pairs) =>
    pairs.flatMap(({ metricKey, metricState }): Array<RecordedMetric> => {
      const labels = Object.fromEntries(metricKey.tags.map(({ key, value }) => [key, value]))
      if (labels[label] !== value) return []
      const { name } = metricKey
      if (MetricState.isHistogramState(metricState)) {
        const boundaries = MetricKeyType.isHistogramKey(metricKey.keyType) ? metricKey.keyType.boundaries.values : []
        return [{ name, labels, kind: "histogram", count: metricState.count, sum: metricState.sum, boundaries }]
      }
      if (MetricState.isCounterState(metricState)) {
        const count = Number(metricState.count)
        return [{ name, labels, kind: "counter", count, sum: count, boundaries: [] }]
      }
      return [{ name, labels, kind: "other", count: 0, sum: 0, boundaries: [] }]
    })).pipe(Effect.map((metrics) => metrics.sort((a, b) => key(a) < key(b) ? -1 : 1)))

const key = ({ labels, name }: RecordedMetric) => `${name} ${JSON.stringify(Object.entries(labels).sort())}`
