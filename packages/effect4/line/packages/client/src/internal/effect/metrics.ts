/**
 * Metrics with labels, which Effect 4 calls attributes.
 *
 * @internal
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import { forAttributes } from "./Metric.js"

type Attributes = Readonly<Record<string, string>>

/** Attributes, and the series of each metric under them. */
class LabelledSeries {
  /** `undefined` for metrics that are told the attributes. */
  private readonly known = new Map<object, Metric.Histogram<number> | undefined>()
  readonly context: Context.Context<never>

  constructor(readonly attributes: Attributes) {
    this.context = Context.make(Metric.CurrentMetricAttributes, attributes)
  }

  of(metric: object): Metric.Histogram<number> | undefined {
    if (this.known.has(metric)) return this.known.get(metric)
    const series = forAttributes(metric, this.attributes)
    this.known.set(metric, series)
    return series
  }
}

/** @internal */
export type Labels = LabelledSeries

/** @internal */
export const labelsOf = (labels: Attributes): Labels => new LabelledSeries(labels)

const everywhere = Context.empty()

/** @internal */
export const update = <State>(metric: Metric.Metric<number, State>, value: number, labels: Labels): void => {
  const series = labels.of(metric)
  if (series === undefined) metric.updateUnsafe(value, labels.context)
  else series.updateUnsafe(value, everywhere)
}

/** The same, with the attributes of the fiber too. @internal */
export const updateIn = <In, State>(metric: Metric.Metric<In, State>, value: In, labels: Labels): Effect.Effect<void> =>
  Metric.update(Metric.withAttributes(metric, labels.attributes), value)
