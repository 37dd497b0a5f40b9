/** What Effect 3's Metric has and Effect 4's does not, with the signatures of Effect 3. */
import * as Metric from "effect/Metric"

type Attributes = Readonly<Record<string, string>>

type Maker = (attributes: Attributes | undefined) => Metric.Histogram<number>

const makers = new WeakMap<object, Maker>()

export const histogram = (
  name: string,
  boundaries: ReadonlyArray<number>,
  description?: string
): Metric.Histogram<number> => {
  const make: Maker = (attributes) =>
    Metric.histogram(name, {
      boundaries,
      ...(description === undefined ? undefined : { description }),
      ...(attributes === undefined ? undefined : { attributes })
    })
  const made = make(undefined)
  makers.set(made, make)
  return made
}

/**
 * Made again for these attributes alone, if it is a histogram: its updates go to the same series. A metric remembers the key of the
 * attributes that it met last, and puts it together anew for all others.
 */
export const forAttributes = (metric: object, attributes: Attributes): Metric.Histogram<number> | undefined =>
  makers.get(metric)?.(attributes)

export const tagged = (key: string, value: string) => <In, State>(metric: Metric.Metric<In, State>): Metric.Metric<In, State> =>
  Metric.withAttributes(metric, { [key]: value })
