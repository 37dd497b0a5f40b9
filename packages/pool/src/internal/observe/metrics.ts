/** Metrics that are told apart by labels, from outside of a fiber. Effect's major versions have them in other shapes. */
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import * as MetricLabel from "effect/MetricLabel"

/** @internal */
export type Counter = Metric.Metric.Counter<number>

/** @internal */
export type Histogram = Metric.Metric.Histogram<number>

/**
 * An update looks its counter up by the identity of the labels, so they are made once; tagging a metric instead would compare
 * and hash all labels at every update.
 *
 * @internal
 */
export type Labels = ReadonlyArray<MetricLabel.MetricLabel>

/** @internal */
export const counter = (name: string, description: string): Counter => Metric.counter(name, { description })

/** A counter that never goes back. @internal */
export const total = (name: string, description: string): Counter =>
  Metric.counter(name, { description, incremental: true })

/** @internal */
export const histogram = (name: string, description: string, boundaries: Iterable<number>): Histogram =>
  Metric.histogram(name, MetricBoundaries.fromIterable(boundaries), description)

/** @internal */
export const labelsOf = (attributes: Readonly<Record<string, string>>): Labels =>
  Object.entries(attributes).map(([key, value]) => MetricLabel.make(key, value))

/** @internal */
export const update = (metric: Counter | Histogram, value: number, labels: Labels): void =>
  metric.unsafeUpdate(value, labels)
