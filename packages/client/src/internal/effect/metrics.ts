/**
 * Metrics with labels. One of the modules that each line of Effect has its own of.
 *
 * @internal
 */
import type * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as MetricLabel from "effect/MetricLabel"

/**
 * An update looks its metric up by the identity of the labels, so these are made once: tagging a metric instead would compare
 * and hash all labels at every update.
 *
 * @internal
 */
export type Labels = ReadonlyArray<MetricLabel.MetricLabel>

/** @internal */
export const labelsOf = (labels: Readonly<Record<string, string>>): Labels =>
  Object.entries(labels).map(([key, value]) => MetricLabel.make(key, value))

/** @internal */
export const update = <Type, In, Out>(metric: Metric.Metric<Type, In, Out>, value: In, labels: Labels): void =>
  metric.unsafeUpdate(value, labels)

/** The same, with the labels of the fiber too. @internal */
export const updateIn = <Type, In, Out>(
  metric: Metric.Metric<Type, In, Out>,
  value: In,
  labels: Labels
): Effect.Effect<void> => Metric.update(Metric.taggedWithLabels(metric, labels), value)
