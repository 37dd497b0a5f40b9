/** Of a few values, those that a table shows. */
export interface Summary {
  readonly median: number
  readonly min: number
  readonly max: number
  readonly count: number
}

/** The middle value, or the mean of the two in the middle. */
export const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle]
  const lower = sorted.length % 2 === 1 ? upper : sorted[middle - 1]
  return upper === undefined || lower === undefined ? Number.NaN : lower + (upper - lower) / 2
}

/** Undefined where there are no values. */
export const summarize = (values: ReadonlyArray<number>): Summary | undefined =>
  values.length === 0 ? undefined : {
    median: median(values),
    min: Math.min(...values),
    max: Math.max(...values),
    count: values.length
  }

/** Both by round. What the machine did to one round it did to both values of it, so it drops out of their ratio. */
export const ratios = (
  values: ReadonlyMap<number, number>,
  baseline: ReadonlyMap<number, number>
): ReadonlyArray<number> => {
  const out: Array<number> = []
  for (const [round, value] of values) {
    const of = baseline.get(round)
    if (of !== undefined && of > 0) out.push(value / of)
  }
  return out
}

/** Everybody goes first in some round. */
export const rotate = <A>(items: ReadonlyArray<A>, by: number): ReadonlyArray<A> => {
  if (items.length === 0) return items
  const start = by % items.length
  return [...items.slice(start), ...items.slice(0, start)]
}
