/** What Effect 3's Metric has and Effect 4's does not, with the signatures of Effect 3. */
import * as Metric from "effect/Metric"

export const histogram = (
  name: string,
  boundaries: ReadonlyArray<number>,
  description?: string
): Metric.Histogram<number> => Metric.histogram(name, { boundaries, ...(description === undefined ? undefined : { description }) })

export const tagged = (key: string, value: string) => <In, State>(metric: Metric.Metric<In, State>): Metric.Metric<In, State> =>
  Metric.withAttributes(metric, { [key]: value })
