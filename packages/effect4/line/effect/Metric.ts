/** What Effect 3's Metric has and Effect 4's does not, with the signatures of Effect 3. */
import * as Metric from "effect/Metric"

export const histogram = (
  name: string,
  boundaries: ReadonlyArray<number>,
  description?: string
): Metric.Histogram<number> => Metric.histogram(name, { boundaries, ...(description === undefined ? undefined : { description }) })
