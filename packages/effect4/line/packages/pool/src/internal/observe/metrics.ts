/** Metrics that are told apart by labels, from outside of a fiber: for Effect 4. */
import * as Context from "effect/Context"
import * as Metric from "effect/Metric"

type Series = Metric.Metric<number, unknown>

/** Makes the series of a metric under these attributes. */
type Kind = (attributes: Readonly<Record<string, string>>) => Series

/** @internal */
export type Counter = Kind

/** @internal */
export type Histogram = Kind

/** The series of each metric under the same attributes. To attribute an update instead would put its key together anew. */
class LabelledSeries {
  private readonly known = new Map<Kind, Series>()

  constructor(private readonly attributes: Readonly<Record<string, string>>) {}

  of(kind: Kind): Series {
    let series = this.known.get(kind)
    if (series === undefined) this.known.set(kind, series = kind(this.attributes))
    return series
  }
}

/** @internal */
export type Labels = LabelledSeries

/** @internal */
export const counter = (name: string, description: string): Counter => (attributes) =>
  Metric.counter(name, { description, attributes })

/** A counter that never goes back. @internal */
export const total = (name: string, description: string): Counter => (attributes) =>
  Metric.counter(name, { description, attributes, incremental: true })

/** @internal */
export const histogram =
  (name: string, description: string, boundaries: Iterable<number>): Histogram => (attributes) =>
    Metric.histogram(name, { description, attributes, boundaries: Metric.boundariesFromIterable(boundaries) })

/** @internal */
export const labelsOf = (attributes: Readonly<Record<string, string>>): Labels => new LabelledSeries(attributes)

const everywhere = Context.empty()

/** @internal */
export const update = (metric: Counter | Histogram, value: number, labels: Labels): void =>
  labels.of(metric).updateUnsafe(value, everywhere)
