/**
 * Metrics with labels, which Effect 4 calls attributes.
 *
 * @internal
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"

/** A context that has the attributes: a metric keeps the key of those that it met last by their identity. @internal */
export type Labels = Context.Context<never>

/** @internal */
export const labelsOf = (labels: Readonly<Record<string, string>>): Labels =>
  Context.make(Metric.CurrentMetricAttributes, labels)

/** @internal */
export const update = <In, State>(metric: Metric.Metric<In, State>, value: In, labels: Labels): void =>
  metric.updateUnsafe(value, labels)

/** The same, with the attributes of the fiber too. @internal */
export const updateIn = <In, State>(metric: Metric.Metric<In, State>, value: In, labels: Labels): Effect.Effect<void> =>
  Metric.update(Metric.withAttributes(metric, Context.get(labels, Metric.CurrentMetricAttributes)), value)
